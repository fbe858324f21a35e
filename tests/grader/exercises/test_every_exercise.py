"""What holds for every exercise of every chapter: it accepts what is right, and names what is wrong."""

import math
import re

import numpy as np
import pytest

from grader.chapters import chapters
from grader.check import check, forget
from grader.exercise import Exercise, exercises

EVERY = [task for chapter in chapters() for task in exercises(chapter).values()]
MISTAKES = [(task, name) for task in EVERY for name in task.mistakes]
VARIANTS = [(task, variant) for task in EVERY for variant in task.variants]


def label(value: object) -> str:
    return value.id if isinstance(value, Exercise) else getattr(value, "__name__", str(value)).replace(" ", "-")


@pytest.fixture(autouse=True)
def fresh_session():
    forget()
    yield
    forget()


def handed_in(task: Exercise, answer: object) -> object:
    """Return *answer* as it is after a student's cell with its source has run, with only np and math around."""
    names: dict[str, object] = {"np": np, "math": math}
    exec(task.solution(answer), names)
    return names[task.name]


@pytest.mark.parametrize("task", EVERY, ids=label)
def test_the_reference_earns_full_marks(task):
    verdict = check(task.id, task.reference)

    assert (verdict.status, verdict.points) == ("passed", task.points), verdict.text()


@pytest.mark.parametrize(("task", "variant"), VARIANTS, ids=label)
def test_an_accepted_variant_earns_full_marks(task, variant):
    verdict = check(task.id, handed_in(task, variant))

    assert (verdict.status, verdict.points) == ("passed", task.points), verdict.text()


@pytest.mark.parametrize(("task", "name"), MISTAKES, ids=label)
def test_a_known_mistake_is_rejected_by_its_name_and_message_on_a_short_input(task, name):
    mistake = task.mistakes[name]

    verdict = check(task.id, handed_in(task, mistake.wrong))

    assert verdict.points == 0
    assert (verdict.mistake, verdict.message) == (name, mistake.message), verdict.text()
    assert verdict.call is None or len(verdict.call) <= 80


@pytest.mark.parametrize("task", EVERY, ids=label)
def test_the_first_hint_comes_with_the_second_failure_and_the_second_with_the_third(task):
    wrong = handed_in(task, next(iter(task.mistakes.values())).wrong)

    hints = [check(task.id, wrong).hint for _ in range(3)]

    assert hints == [None, task.hints[0], " ".join(task.hints[:2])]


@pytest.mark.parametrize("task", EVERY, ids=label)
def test_an_empty_function_is_kindly_told_that_nothing_is_written_yet(task):
    def untouched(*_args):
        raise NotImplementedError

    verdict = check(task.id, untouched if task.is_function else None)

    assert verdict.status == "missing"
    assert "Nothing is written yet" in verdict.message


@pytest.mark.parametrize("task", EVERY, ids=label)
def test_an_exercise_knows_three_mistakes_three_variants_and_two_hints(task):
    assert len(task.mistakes) >= 3
    assert len(task.variants) >= 3
    assert len(task.hints) >= 2


@pytest.mark.parametrize("task", EVERY, ids=label)
def test_messages_are_one_or_two_sentences_each_and_all_different(task):
    messages = [mistake.message for mistake in task.mistakes.values()]

    assert len(set(messages)) == len(messages)
    for message in messages:
        assert message[-1] in ".?", message
        assert len(re.findall(r"[.?!](?:\s|$)", message)) <= 2, message
