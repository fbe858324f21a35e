"""From a student's cells to a verdict."""

import pytest

from grader import cases
from grader.exercise import Close, Exercise, Mistake
from grader.judge import grade, run
from grader.sandbox import Limits

QUICK = Limits(call_seconds=0.5, total_seconds=8)


def decide_reference(inputs, weights, threshold):
    return int(sum(x * w for x, w in zip(inputs, weights, strict=True)) >= threshold)


def strictly_greater(inputs, weights, threshold):
    return int(sum(x * w for x, w in zip(inputs, weights, strict=True)) > threshold)


def no_weights(inputs, weights, threshold):
    return int(sum(inputs) >= threshold)


ARGUMENTS = cases.pairs_of_vectors(cases.one_of([0, 1]), cases.grid(-1, 1)).flatmap(
    lambda pair: cases.arguments(cases.one_of([pair[0]]), cases.one_of([pair[1]]), cases.grid(-2, 2))
)
DECIDE = Exercise(
    points=2,
    reference=decide_reference,
    cases=ARGUMENTS,
    examples=[((1, 0), (0.5, 0.5), 0.75)],
    mistakes={
        "strictly greater": Mistake(strictly_greater, "Reaching the threshold is enough."),
        "weights forgotten": Mistake(no_weights, "Each input counts as much as its weight."),
    },
    hints=["Compare the sum with the threshold.", "Use >=."],
    name="decide",
    chapter="01-perceptron",
)
QUIZ = Exercise(
    points=3,
    reference={"task": "T", "score": "P"},
    mistakes={"swapped": Mistake({"task": "P"}, "A task is what is to be done.")},
    name="quiz",
    chapter="01-perceptron",
)


def graded(body, exercise=DECIDE, **keywords):
    lead = f"# graded: {exercise.id}\n"
    if exercise.is_function:
        lead += "def decide(inputs, weights, threshold):\n    "
    return grade([lead + body], exercise, limits=QUICK, **keywords)


def test_a_right_answer_earns_all_points():
    verdict = graded("return sum(x * w for x, w in zip(inputs, weights)) >= threshold")
    assert (verdict.status, verdict.points, verdict.hint) == ("passed", 2, None)
    assert verdict.tried >= 80


def test_a_wrong_answer_is_shown_the_smallest_input_on_which_it_fails():
    verdict = graded("return 1")
    assert (verdict.status, verdict.points) == ("wrong", 0)
    inputs, weights, threshold = eval(verdict.call.removeprefix("decide"))
    assert len(inputs) == 1 and weights == (0.0,) and 0 < threshold <= 1
    assert (verdict.expected, verdict.got) == ("0", "1")


def test_a_known_mistake_is_named_and_answered_with_its_own_message():
    verdict = graded("return 1 if sum(x * w for x, w in zip(inputs, weights)) > threshold else 0")
    assert (verdict.mistake, verdict.message) == ("strictly greater", "Reaching the threshold is enough.")
    assert verdict.call == "decide((0,), (0.0,), 0.0)"
    assert graded("return int(sum(inputs) >= threshold)").mistake == "weights forgotten"


def test_a_mistake_that_nobody_listed_gets_the_comparison_s_sentence():
    verdict = graded("return sum(inputs)")
    assert verdict.mistake is None
    assert verdict.message.startswith("The result is")


STATUSES = [
    ("raise NotImplementedError()", "missing", "Nothing is written yet"),
    ("return inputs[99]", "error", "decide stopped with IndexError"),
    ("return (", "error", "no Python yet"),
    ("while True: pass", "timeout", "did not come to an end"),
    ("import os; os._exit(1)", "crashed", "ended the whole process"),
    ("import minitf", "forbidden", "minitf may not be used in this exercise"),
    ("return lambda: 1", "wrong", "a function or class (<lambda>) where a value was expected"),
    ("return None", "wrong", "does the function end in a return?"),
]


@pytest.mark.parametrize(("body", "status", "said"), STATUSES, ids=[body for body, _, _ in STATUSES])
def test_whatever_a_student_writes_becomes_a_verdict(body, status, said):
    verdict = graded(body)
    assert (verdict.status, verdict.points) == (status, 0)
    assert said in verdict.message


def test_an_error_while_the_cell_itself_runs_is_told_with_its_line():
    verdict = grade(["# graded: 01-perceptron/decide\nlimit = 1 / 0\ndef decide(i, w, t):\n    return 1"], DECIDE)
    assert (verdict.status, verdict.mistake) == ("error", None)
    assert "The cell of decide stopped with ZeroDivisionError" in verdict.message
    assert "in the line `limit = 1 / 0`" in verdict.message


def test_a_value_where_a_function_is_asked_for_is_told():
    assert "where a function is expected" in grade(["# graded: 01-perceptron/decide\ndecide = 5"], DECIDE).message


def test_warnings_on_stderr_cost_nothing_and_are_noted():
    right = "return sum(x * w for x, w in zip(inputs, weights)) >= threshold"
    verdict = graded(f"import sys; sys.stderr.write('careful\\n')\n    {right}")
    assert verdict.passed and verdict.notes == ("it wrote on stderr, which costs no points: careful",)


def test_an_answer_that_is_a_value_is_compared_as_one():
    assert graded("quiz = {'task': 'T', 'score': 'P'}", QUIZ).points == 3
    swapped = graded("quiz = {'task': 'P', 'score': 'T'}", QUIZ)
    assert (swapped.mistake, swapped.message) == ("swapped", "A task is what is to be done.")
    assert "has no entry 'score'" in graded("quiz = {'task': 'T'}", QUIZ).message
    assert graded("quiz = None", QUIZ).status == "missing"
    assert graded("raise NotImplementedError()", QUIZ).status == "missing"


def test_an_open_answer_is_judged_by_its_property():
    def grows(got, args):
        return None if got > args[0] else f"{got} is not greater than {args[0]}."

    larger = Exercise(1, lambda x: x + 1, cases=cases.grid(-5, 5), equal=grows, name="larger", chapter="c")
    cell = "# graded: c/larger\ndef larger(x):\n    return "
    assert grade([cell + "x + 7"], larger).passed
    failed = grade([cell + "abs(x)"], larger)
    assert (failed.call, failed.message, failed.expected) == ("larger(0.0)", "0.0 is not greater than 0.0.", None)


def test_an_exception_that_is_asked_for_has_to_be_raised():
    def strict_length(x):
        if len(x) != 2:
            raise ValueError("two")
        return 1

    task = Exercise(1, strict_length, cases=cases.bits(max_count=3).map(lambda x: (x,)), name="f", chapter="c")
    assert grade(["# graded: c/f\ndef f(x):\n    a, b = x\n    return 1"], task).passed
    failed = grade(["# graded: c/f\ndef f(x):\n    return 1"], task)
    assert failed.message == "f gave back 1, where ValueError should be raised."
    assert failed.expected == "ValueError: two"


def test_inputs_are_copies_so_that_changing_them_changes_no_comparison():
    def total(x):
        return sum(x)

    task = Exercise(1, total, cases=cases.vectors(cases.grid(0, 4)).map(lambda x: (list(x),)), name="f", chapter="c")
    assert grade(["# graded: c/f\ndef f(x):\n    t = sum(x)\n    x.clear()\n    return t"], task).passed


def test_the_same_seed_gives_the_same_verdict_and_the_verdict_travels_as_plain_data():
    one, two = graded("return 1", seed=7), graded("return 1", seed=7)
    assert one.text() == two.text()
    assert type(one).from_dict(one.to_dict()) == one


def test_a_reference_s_own_outcome_is_plain_data_or_an_error():
    assert run(lambda x: (x, 1), (2,)).value == (2, 1)
    assert run(lambda x: 1 / x, (0,)).error_type == "ZeroDivisionError"


def test_tolerances_belong_to_the_exercise():
    task = Exercise(1, lambda x: x / 3, cases=cases.grid(0, 5), close=Close(rtol=0.1), name="f", chapter="c")
    assert grade(["# graded: c/f\ndef f(x):\n    return x * 0.34"], task).passed


def test_a_guess_is_noted_and_neither_right_nor_wrong():
    def a_number(got, args):
        return None if isinstance(got, int) else f"Your guess should be a whole number, but it is {got!r}."

    task = Exercise(1, lambda: 10, examples=[()], equal=a_number, guess=True, name="g", chapter="c")
    noted = grade(["# graded: c/g\ndef g():\n    return 3"], task)
    assert (noted.points, noted.in_words, noted.message) == (1, "noted", "Your guess: 3. Run on and compare.")
    unreadable = grade(["# graded: c/g\ndef g():\n    return 'many'"], task)
    assert (unreadable.points, unreadable.in_words) == (0, "not readable yet")
    value = Exercise(1, 10, equal=a_number, guess=True, name="g", chapter="c")
    assert grade(["# graded: c/g\ng = 4"], value).message == "Your guess: 4. Run on and compare."


def test_an_unwritten_function_that_the_answer_calls_is_named():
    unwritten = "def total(i, w):\n    raise NotImplementedError()"
    verdict = grade([unwritten, "# graded: 01-perceptron/decide\ndef decide(i, w, t):\n    return total(i, w)"], DECIDE)
    assert verdict.status == "missing"
    assert verdict.message.startswith("Your code calls total, where nothing is written yet.")


def test_changing_the_arguments_is_noted_and_costs_nothing():
    task = Exercise(1, sum, examples=[([1, 2],)], name="f", chapter="c")
    verdict = grade(["# graded: c/f\ndef f(x):\n    t = sum(x)\n    x.clear()\n    return t"], task)
    assert verdict.passed and "changed the arguments" in verdict.notes[0]
    assert grade(["# graded: c/f\ndef f(x):\n    return sum(x)"], task).notes == ()
