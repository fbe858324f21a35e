"""`check` in the notebook: try the student's answer here and now, and show the verdict.

The same judging as in grading, with the function called directly.  It keeps the session's verdicts for `progress` and
counts failures, so that hints come one at a time.
"""

from __future__ import annotations

import io
import os
import signal
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace
from types import CodeType, FrameType, ModuleType
from typing import Any

from grader.errors import GraderError
from grader.exercise import Exercise, exercise
from grader.judge import judge, judge_value
from grader.sandbox import wire
from grader.sandbox.process import Limits, Outcome, plain_outcome
from grader.sandbox.worker import WITHHELD
from grader.verdict import Verdict

_verdicts: dict[str, Verdict] = {}
_failures: dict[str, int] = {}


def check(name: str, answer: Any) -> Verdict:
    """Try *answer*, a function or a value, as the exercise *name* and return the verdict.

    name is "chapter/exercise", or the exercise alone.  After the second failure the verdict holds a hint, and one more
    with each further failure.  Raises `UnknownExercise` and `UnknownChapter`; and `NotPassed` instead of a verdict that
    is not passed, when nbgrader's own Validate runs the notebook.
    """
    task = exercise(name)
    start = time.monotonic()
    verdict = _judged(task, answer)
    if verdict.status not in ("passed", "missing"):
        _failures[task.id] = _failures.get(task.id, 0) + 1
        shown = min(_failures[task.id] - 1, len(task.hints))
        verdict = replace(verdict, hint=" ".join(task.hints[:shown]) or None)
    _verdicts[task.id] = verdict = replace(verdict, seconds=time.monotonic() - start)
    if os.environ.get("NBGRADER_EXECUTION") and not verdict.passed:
        raise NotPassed(verdict.text())
    return verdict


class NotPassed(GraderError):
    """Raised instead of a verdict where nbgrader itself runs the notebook: it takes a cell without error for passed."""


def verdicts() -> dict[str, Verdict]:
    """Return this session's latest verdict on each exercise that was checked, by id."""
    return dict(_verdicts)


def forget() -> None:
    """Forget this session's verdicts and failures: the next failure is a first one again."""
    _verdicts.clear()
    _failures.clear()


def _judged(task: Exercise, answer: Any) -> Verdict:
    if not task.is_function:
        return judge_value(task, plain_outcome(answer))
    if answer is None or answer is Ellipsis or not callable(answer):
        empty = Verdict(task.id, task.title, 0.0, task.points, "wrong", "")
        return replace(empty, message=f"{task.name} is a {type(answer).__name__}, where a function is expected.")
    withheld = withheld_use(answer, tuple(task.allows))
    if withheld is not None:
        refusal = Outcome("withheld", error=f"{withheld} may not be used in this exercise")
        return judge(task, lambda _: refusal)
    return judge(task, lambda args: _called(answer, args))


def _called(function: Callable[..., Any], args: tuple[Any, ...]) -> Outcome:
    """Call *function* here, bounded in time, its printing kept apart, whatever it raises turned into an Outcome."""
    seconds = Limits().call_seconds
    printed, warned = io.StringIO(), io.StringIO()
    with redirect_stdout(printed), redirect_stderr(warned), warnings.catch_warnings():
        warnings.simplefilter("default")
        try:
            with _time_limit(seconds):
                before = wire.encode(list(args))
                value = function(*args)
                outcome = replace(plain_outcome(value), changed=wire.altered(before, list(args)))
        except _TimeUp:
            outcome = Outcome("timeout", error=f"it was still running after {seconds:g} seconds")
        except (Exception, SystemExit) as error:  # a student's code may raise anything
            line, where = _place(error, function)
            outcome = Outcome("error", error_type=type(error).__name__, error=str(error), line=line, function=where)
    return replace(outcome, printed=printed.getvalue(), warned=warned.getvalue())


class _TimeUp(BaseException):
    """Raised by the timer inside a student's code; no Exception, so that ``except Exception`` does not hold it."""


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Bound the time of a block where the system can (a timer signal in the main thread), elsewhere not."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise _TimeUp

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _place(error: BaseException, function: Callable[..., Any]) -> tuple[str, str]:
    """Return the student's line in which *error* arose, and the function it stands in where that is another one.

    A notebook's cells are files of their own to Python: the student's are those whose functions share the globals of
    *function*.
    """
    own = getattr(function, "__globals__", None)
    line, where, trace = "", "", error.__traceback__
    while trace is not None:
        if own is not None and trace.tb_frame.f_globals is own:
            frame = traceback.extract_tb(trace, limit=1)[0]
            itself = trace.tb_frame.f_code is getattr(function, "__code__", None)
            line, where = (frame.line or "").strip(), "" if itself else frame.name
        trace = trace.tb_next
    return line, where


def withheld_use(function: Callable[..., Any], allows: tuple[str, ...] = ()) -> str | None:
    """Return the withheld module that *function* uses or imports, or None; grading withholds the same modules."""
    code = getattr(function, "__code__", None)
    names = getattr(function, "__globals__", {})
    codes = [code] if isinstance(code, CodeType) else []
    while codes:
        current = codes.pop()
        codes += [constant for constant in current.co_consts if isinstance(constant, CodeType)]
        for name in current.co_names:
            module = names.get(name)
            root = (module.__name__ if isinstance(module, ModuleType) else name).partition(".")[0]
            used = isinstance(module, ModuleType) or (name in WITHHELD and name not in names)
            if used and root in WITHHELD and root not in allows:
                return root
    return None
