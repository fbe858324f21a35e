"""How good are the checks of a chapter? Their own mistakes, variants and mutants say it.

Every known mistake must hear its own message, every variant must earn full marks, and mutants of the model solution
must be noticed. A mutant that computes the same is *equivalent*: its exercise lists it, with the reason. Nothing is
printed here.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from grader import crew
from grader.exercise import Exercise, exercise, exercises
from grader.judge import fails, grade, judge, run
from grader.mutants import Mutant, mutants
from grader.sandbox import Limits, walls

KILLED = 0.95  # so many of the mutants that are not equivalent must be noticed
CHECK_SECONDS = 0.5  # a check in the notebook takes no longer
_SECONDS = 900.0  # one exercise's audit may not take longer
_LIMITS = Limits(call_seconds=1.0, total_seconds=20.0)
_PRELOAD = ("grader.audit", "grader.exercises", "hypothesis.extra.numpy")


@dataclass(frozen=True)
class Audited:
    """What the audit of one exercise found.

    `survived` and `equivalent` hold mutants, the latter with the reasons that the exercise gives; `complaints` say what
    else is wrong: a mistake without its message, a variant refused, a reason without a mutant. `seconds` is a check's.
    """

    name: str
    mutants: int = 0
    killed: int = 0
    survived: tuple[Mutant, ...] = ()
    equivalent: tuple[tuple[Mutant, str], ...] = ()
    mistakes: tuple[int, int] = (0, 0)  # named, of all
    variants: tuple[int, int] = (0, 0)  # accepted, of all
    seconds: float = 0.0
    complaints: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """The share of mutants killed among those that are not equivalent; 1 if there are none."""
        counted = self.killed + len(self.survived)
        return self.killed / counted if counted else 1.0


def audit(chapter: str, names: Sequence[str] = (), *, jobs: int | None = None) -> Iterator[Audited]:
    """Audit the exercises of a chapter, or those named, and yield what was found for each as it is done.

    Raises `UnknownChapter` and `UnknownExercise`.
    """
    wanted = [exercise(f"{chapter}/{name}") for name in names] if names else list(exercises(chapter).values())
    found = crew.run(_audited, [each.id for each in wanted], jobs=jobs or crew.default_jobs(), seconds=_SECONDS,
                     preload=_PRELOAD)  # fmt: skip
    for id, result in found:
        yield result if isinstance(result, Audited) else _lost(id, result)


def good(audited: Sequence[Audited]) -> bool:
    """Say whether a chapter's exercises are as they should be: enough mutants killed in all, and no complaint."""
    killed, survived = sum(each.killed for each in audited), sum(len(each.survived) for each in audited)
    enough = killed >= KILLED * (killed + survived)
    return enough and not any(each.complaints or each.seconds > CHECK_SECONDS for each in audited)


def _lost(id: str, result: object) -> Audited:
    reason = result.reason if isinstance(result, crew.Lost) else str(result)
    return Audited(id.rpartition("/")[2], complaints=(f"it could not be audited: {reason}",))


def _audited(id: str) -> Audited:
    """Audit one exercise in this process."""
    task = exercise(id)
    sandbox = walls.NONE if walls.problem() else walls.BUBBLEWRAP
    complaints: list[str] = []
    named = [name for name in task.mistakes if _is_named(task, name, sandbox, complaints)]
    accepted = [variant for variant in task.variants if _is_accepted(task, variant, sandbox, complaints)]
    made = [] if task.guess else mutants(task.solution(task.reference))  # nothing is wrong with a guess
    survived, equivalent = [], []
    for mutant in made:
        if _survives(task, mutant, sandbox):
            reason = task.equivalent.get(mutant.change)
            if reason is None:
                survived.append(mutant)
            else:
                equivalent.append((mutant, reason))
    listed = {mutant.change for mutant, _ in equivalent}
    stale = sorted(task.equivalent.keys() - listed)
    complaints += [f"no surviving mutant is {change!r}: take it out of `equivalent`" for change in stale]
    return Audited(
        name=task.name,
        mutants=len(made),
        killed=len(made) - len(survived) - len(equivalent),
        survived=tuple(survived),
        equivalent=tuple(equivalent),
        mistakes=(len(named), len(task.mistakes)),
        variants=(len(accepted), len(task.variants)),
        seconds=_seconds(task),
        complaints=tuple(complaints),
    )


def _cell(task: Exercise, answer: Any) -> list[str]:
    """Return the cells of a notebook in which somebody gave an answer."""
    source = answer if isinstance(answer, str) else task.solution(answer)
    return [f"# graded: {task.id}\n{source}"]


def _is_named(task: Exercise, name: str, sandbox: str, complaints: list[str]) -> bool:
    verdict = grade(_cell(task, task.mistakes[name].wrong), task, sandbox=sandbox)
    if verdict.points == 0 and verdict.mistake == name:
        return True
    heard = f"hears of {verdict.mistake!r}" if verdict.mistake else f"is {verdict.status}: {verdict.message}"
    complaints.append(f"the mistake {name!r} {heard}")
    return False


def _is_accepted(task: Exercise, variant: Any, sandbox: str, complaints: list[str]) -> bool:
    verdict = grade(_cell(task, variant), task, sandbox=sandbox)
    if verdict.points == task.points:
        return True
    complaints.append(f"the variant {getattr(variant, '__name__', variant)} is {verdict.status}: {verdict.message}")
    return False


def _survives(task: Exercise, mutant: Mutant, sandbox: str) -> bool:
    return not fails(_cell(task, mutant.source), task, limits=_LIMITS, sandbox=sandbox)


def _seconds(task: Exercise) -> float:
    """How long it takes to check the model solution, as `check` does it in a notebook."""
    if not task.is_function:
        return 0.0
    times = []
    for _ in range(3):
        began = time.perf_counter()
        judge(task, lambda args: run(task.reference, args))
        times.append(time.perf_counter() - began)
    return median(times)
