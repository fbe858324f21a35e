"""The trusted side of grading: try a solution on examples and generated inputs, compare, and name the mistake.

`judge` works through a *call* it is given, so the notebook's `check` and the grading of a class come to one verdict:
there the function is called directly, here by way of a worker process.  The student's interpreter never decides.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.errors import NoSuchExample

from grader.compare import difference, shown
from grader.exercise import Exercise, Mistake
from grader.extract import extract
from grader.sandbox import walls
from grader.sandbox.process import Limits, Outcome, Worker, plain_copy, plain_outcome
from grader.verdict import Verdict

Call = Callable[[tuple[Any, ...]], Outcome]

# Hypothesis keeps what it read of the sources beside the notebook; a student's folder is no place for that.
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", os.path.join(tempfile.gettempdir(), "grader-hypothesis"))

GENERATED = 80  # inputs drawn for one exercise
SEARCH_SECONDS = 6.0  # after this the search for a smaller failing input ends
_FATAL = {"timeout", "crashed", "withheld"}
#: From what a call came to, to what the verdict says.
_STATUSES = {
    "value": "wrong",
    "refused": "wrong",
    "error": "error",
    "timeout": "timeout",
    "crashed": "crashed",
    "withheld": "forbidden",
}


@dataclass(frozen=True)
class Trial:
    """One input, what came, and what is wrong with it (None when it is right)."""

    args: tuple[Any, ...]
    expected: Outcome
    got: Outcome
    complaint: str | None


class _Enough(BaseException):
    """Ends the search; no Exception, so that Hypothesis does not take it for a failing input."""


def judge(exercise: Exercise, call: Call, seed: int = 0) -> Verdict:
    """Return the verdict on a function that *call* reaches: the smallest failing input, the mistake if it is known."""
    trials: list[Trial] = []
    until = time.monotonic() + SEARCH_SECONDS

    def fails(drawn: Any) -> bool:
        trial = attempt(exercise, call, drawn if isinstance(drawn, tuple) else (drawn,))
        trials.append(trial)
        if trial.got.status in _FATAL or time.monotonic() > until:
            raise _Enough
        return trial.complaint is not None

    try:
        for example in exercise.examples:
            if fails(example) and trials[-1].got.error_type == "NotImplementedError":
                return _missing(exercise, trials[-1].got.function)
        if exercise.cases is not None:
            # First a fair sample, from which a known mistake is told; then, if any failed, the smallest failing input.
            _draw(exercise.cases, lambda drawn: fails(drawn) and False, seed)
            if any(trial.complaint is not None for trial in trials):
                _draw(exercise.cases, fails, seed)
    except _Enough:
        pass  # what was tried so far decides
    return _verdict(exercise, trials)


def fails(
    sources: Sequence[str], exercise: Exercise, *, seed: int = 0, limits: Limits, sandbox: str = walls.BUBBLEWRAP
) -> bool:
    """Say whether the check notices anything wrong with a notebook's code cells; one failing input is enough."""
    tried: list[Trial] = []

    def stop_at(drawn: Any, call: Call) -> bool:
        tried.append(attempt(exercise, call, drawn if isinstance(drawn, tuple) else (drawn,)))
        if tried[-1].complaint is not None:
            raise _Enough
        return False

    def tell(exercise: Exercise, call: Call, seed: int) -> Verdict:
        try:
            for example in exercise.examples:
                stop_at(example, call)
            if exercise.cases is not None:
                _draw(exercise.cases, lambda drawn: stop_at(drawn, call), seed)
        except _Enough:
            pass  # what follows would only look for a smaller one
        return _verdict(exercise, tried)

    return _graded(sources, exercise, seed, limits, sandbox, tell).status != "passed"


def _draw(cases: Any, condition: Callable[[Any], bool], seed: int) -> None:
    """Draw GENERATED inputs, or fewer when *condition* holds for one: then ever smaller ones."""
    try:
        find(cases, condition, settings=_search(), random=Random(seed))
    except NoSuchExample:
        pass  # the condition held for none of them


def _search() -> settings:
    return settings(
        max_examples=GENERATED,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )


def attempt(exercise: Exercise, call: Call, args: tuple[Any, ...]) -> Trial:
    """Run the reference and the solution on copies of *args* and compare what came."""
    expected = run(exercise.reference, args)
    got = call(plain_copy(args))
    return Trial(args, expected, got, _complaint(exercise, args, expected, got))


def run(function: Callable[..., Any], args: tuple[Any, ...]) -> Outcome:
    """Call a trusted *function* in this process and return what it came to."""
    try:
        return plain_outcome(function(*plain_copy(args)))
    except Exception as error:  # an exercise may ask for any exception class; its type is what is compared
        return Outcome("error", error_type=type(error).__name__, error=str(error))


def _complaint(exercise: Exercise, args: tuple[Any, ...], expected: Outcome, got: Outcome) -> str | None:
    if got.status == "error" and expected.status == "error" and expected.error_type == got.error_type:
        return None
    if got.status != "value":
        return _stopping(exercise.name, got)
    if exercise.equal is not None:
        return exercise.equal(got.value, args)
    if expected.status == "error":
        return f"{exercise.name} gave back {shown(got.value)}, where {expected.error_type} should be raised."
    return difference(expected.value, got.value, exercise.close)


def _stopping(what: str, outcome: Outcome) -> str:
    """Return the sentence on an outcome that is no value; *what* is the exercise or its cell."""
    if outcome.status == "error":
        where = f" in the line `{outcome.line}`" if outcome.line else ""
        return f"{what} stopped with {_error_text(outcome)}{where}."
    return {
        "refused": f"{what} gave back {outcome.error}; give back numbers, text, lists, dicts or arrays.",
        "withheld": f"{what}: {outcome.error}; write this part yourself, with Python and NumPy.",
        "timeout": f"{what} did not come to an end: {outcome.error}; does a loop of it ever end?",
        "crashed": f"{what} ended the whole process: {outcome.error}.",
    }[outcome.status]


def _verdict(exercise: Exercise, trials: Sequence[Trial]) -> Verdict:
    base = Verdict(
        exercise.id, exercise.title, 0.0, exercise.points, "passed", "", notes=_notes(trials), tried=len(trials)
    )
    failures = [trial for trial in trials if trial.complaint is not None]
    if not failures:
        if exercise.guess:
            return _noted(base, trials[0].got.value)
        message = exercise.right or f"Right on all {len(trials)} inputs tried."
        return replace(base, points=exercise.points, message=message)
    smallest = min(failures, key=lambda trial: _size(trial.args))
    if all(trial.got.error_type == "NotImplementedError" for trial in failures) and len(failures) == len(trials):
        return _missing(exercise, smallest.got.function)
    got = smallest.got
    name, mistake = _known_mistake(exercise, trials)
    return replace(
        base,
        status="wrong" if mistake else _STATUSES[smallest.got.status],
        said="not readable yet" if exercise.guess and got.status == "value" else "",
        message=mistake.message if mistake else str(smallest.complaint),
        mistake=name,
        call=call_text(exercise.name, smallest.args),
        expected=_outcome_text(smallest.expected) if exercise.equal is None else None,
        got=_outcome_text(got) if got.status in ("value", "error") else None,
    )


def _known_mistake(exercise: Exercise, trials: Sequence[Trial]) -> tuple[str | None, Mistake | None]:
    """Return the known mistake that explains every trial, the right ones and the wrong ones."""
    for name, mistake in exercise.mistakes.items():
        if all(_same(run(mistake.wrong, trial.args), trial.got, exercise) for trial in trials):
            return name, mistake
    return None, None


def _same(one: Outcome, other: Outcome, exercise: Exercise) -> bool:
    if one.status != other.status:
        return False
    if one.status == "error":
        return one.error_type == other.error_type
    return one.status == "value" and difference(one.value, other.value, exercise.close) is None


def judge_value(exercise: Exercise, got: Outcome) -> Verdict:
    """Return the verdict on a value: an answer, a prediction, a dict of answers."""
    base = Verdict(exercise.id, exercise.title, 0.0, exercise.points, "wrong", "", tried=1)
    if got.status != "value":
        return replace(base, message=f"{exercise.name} is {got.error}; write down numbers, text, lists or dicts.")
    if got.value is None or got.value is Ellipsis:
        return _missing(exercise)
    if exercise.equal is not None:
        complaint = exercise.equal(got.value, ())
    else:
        complaint = difference(plain_outcome(exercise.reference).value, got.value, exercise.close)
    if complaint is None and exercise.guess:
        return _noted(replace(base, status="passed"), got.value)
    if complaint is None:
        return replace(base, status="passed", points=exercise.points, message=exercise.right or "Right.")
    for name, mistake in exercise.mistakes.items():
        if _is_mistaken(mistake.wrong, got.value, exercise):
            return replace(base, mistake=name, message=mistake.message, got=shown(got.value))
    return replace(base, message=complaint, got=shown(got.value))


def _is_mistaken(wrong: Any, got: Any, exercise: Exercise) -> bool:
    if isinstance(wrong, dict) and isinstance(got, dict):
        return all(key in got and difference(wrong[key], got[key], exercise.close) is None for key in wrong)
    return difference(wrong, got, exercise.close) is None


def grade(
    sources: Sequence[str],
    exercise: Exercise,
    *,
    seed: int = 0,
    limits: Limits | None = None,
    sandbox: str = walls.BUBBLEWRAP,
) -> Verdict:
    """Return the verdict on a notebook's code cells for one exercise, judged in a worker process in a *sandbox*.

    *sources* are the code cells in notebook order, locked test cells left out.  Never raises for what a student wrote;
    `NoSandbox` where the sandbox cannot be had.
    """
    start = time.monotonic()
    verdict = _graded(sources, exercise, seed, limits or Limits(), sandbox)
    if verdict.status != "passed" and verdict.status != "missing" and exercise.hints:
        verdict = replace(verdict, hint=exercise.hints[0])
    return replace(verdict, seconds=round(time.monotonic() - start, 3))


def _graded(
    sources: Sequence[str],
    exercise: Exercise,
    seed: int,
    limits: Limits,
    sandbox: str,
    tell: Callable[[Exercise, Call, int], Verdict] = judge,
) -> Verdict:
    base = Verdict(exercise.id, exercise.title, 0.0, exercise.points, "error", "")
    extracted = extract(sources, exercise.id)
    if extracted.missing:
        return replace(_missing(exercise), message=extracted.problem)
    if extracted.problem:
        return replace(base, message=extracted.problem)
    with Worker(limits, tuple(exercise.allows), sandbox) as worker:
        defined = worker.define(extracted.source)
        if defined.error_type == "NotImplementedError":
            return _missing(exercise)
        kind = worker.kind(exercise.name) if defined.status == "value" else defined
        if kind.status != "value":
            return replace(base, status=_STATUSES[kind.status], message=_stopping(f"The cell of {exercise.name}", kind))
        if kind.value == "absent":
            return replace(_missing(exercise), message=f"No cell defines {exercise.name}.")
        if not exercise.is_function:
            return judge_value(exercise, worker.value(exercise.name))
        if kind.value != "callable":
            return replace(base, status="wrong", message=f"{exercise.name} is a value, where a function is expected.")
        return tell(exercise, lambda args: worker.call(exercise.name, args), seed)


def _noted(base: Verdict, guess: Any) -> Verdict:
    """Return the verdict on a guess: it is neither right nor wrong, and it is what the student compares with."""
    message = f"Your guess: {shown(guess)}. Run on and compare."
    return replace(base, points=base.max_points, message=message, said="noted")


def _missing(exercise: Exercise, where: str = "") -> Verdict:
    """Return the verdict on what is not written; *where* is the function in which nothing is written yet."""
    what = "Write your code in the cell above" if exercise.is_function else "Write your answer in the cell above"
    message = f"Nothing is written yet. {what}, run it, then run this cell again."
    if where not in ("", exercise.name, "<module>"):
        message = f"Your code calls {where}, where nothing is written yet. Write that first, then run this cell again."
    return Verdict(exercise.id, exercise.title, 0.0, exercise.points, "missing", message)


def call_text(name: str, args: tuple[Any, ...]) -> str:
    """Return a call as a student would write it.

    >>> call_text("decide", ((1, 0), 0.5))
    'decide((1, 0), 0.5)'
    """
    return f"{name}({', '.join(shown(value) for value in args)})"


def _outcome_text(outcome: Outcome) -> str:
    return shown(outcome.value) if outcome.status == "value" else _error_text(outcome)


def _error_text(outcome: Outcome) -> str:
    return f"{outcome.error_type}: {outcome.error}" if outcome.error else outcome.error_type


def _size(args: tuple[Any, ...]) -> tuple[int, str]:
    text = call_text("", args)
    return len(text), text


def _notes(trials: Sequence[Trial]) -> tuple[str, ...]:
    notes = []
    warned = next((trial.got.warned.strip() for trial in trials if trial.got.warned.strip()), "")
    if warned:
        notes.append(f"it wrote on stderr, which costs no points: {warned.splitlines()[0]}")
    if any(trial.got.changed for trial in trials):
        notes.append(
            "it changed the arguments it was given, which costs no points here but surprises whoever calls it."
        )
    return tuple(notes)
