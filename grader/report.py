"""The class report: one HTML page that shows a teacher how a class did in a chapter, and what to do about it.

It turns `ClassResults` into what a page can show - reasons ranked by how many share them, a histogram, coloured
tiles - and leaves the look to `templates/`.  It knows nothing of gradebooks, notebooks or the judge.
"""

from __future__ import annotations

import itertools
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor
from pathlib import Path
from statistics import median

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from grader.errors import GraderError
from grader.results import MANUAL, UNGRADED, ClassResults, ExerciseColumn, ExerciseResult, StudentResult

#: How a result looks -> what the legend says.  The order is that of bars and legends.
LOOKS = {
    "passed": "passed",
    "partial": "partly right",
    "wrong": "wrong",
    "error": "stopped by an error",
    "timeout": "timed out",
    "crashed": "crashed",
    "forbidden": "used what is not allowed",
    "missing": "missing",
    "graded": "graded by hand",
    "waiting": "to be graded by hand",
    "ungraded": "not graded yet",
}
#: What to call a failure that no known mistake explains.
UNNAMED = {
    "wrong": "Unrecognised mistake",
    "error": "Stopped by an error",
    "timeout": "Did not come to an end",
    "crashed": "Ended its process",
    "forbidden": "Used what is not allowed here",
    "missing": "Nothing written",
}
LARGE_CLASS = 60  # from here on rows are low, dots become bars, and long lists of names fold away
MOST_BINS = 31
DOT_ROWS = 12  # more dots than this on one another are shown as a bar
TOPICS = 3
LONGEST_VALUE = 400  # characters of a call or value that a page can take


@dataclass(frozen=True)
class Example:
    """The smallest failing input of some student, without the student."""

    call: str | None
    expected: str | None
    got: str | None


@dataclass(frozen=True)
class Reason:
    """Why some students got no full marks for an exercise: a known mistake, or the way it failed."""

    exercise: ExerciseColumn
    look: str
    name: str
    known: bool  # a mistake the exercise knows by name
    count: int
    message: str
    example: Example | None


@dataclass(frozen=True)
class ExerciseSummary:
    """One exercise over everybody whose work is graded."""

    number: int
    column: ExerciseColumn
    looks: dict[str, int]  # look -> students, in the order of LOOKS, without zeros
    reasons: tuple[Reason, ...]  # the most frequent first

    @property
    def passed(self) -> int:
        """Students with full marks from the judge."""
        return self.looks.get("passed", 0)

    @property
    def explained(self) -> bool:
        """Whether there is more to say than that nothing was written."""
        return any(reason.look != "missing" for reason in self.reasons)

    @property
    def segments(self) -> list[tuple[str, float, float]]:
        """Return the bar of this exercise as (look, left, width), both in percent."""
        total = sum(self.looks.values())
        bar, left = [], 0.0
        for look, count in self.looks.items():
            width = 100 * count / total
            bar.append((look, left, width))
            left += width
        return bar


@dataclass(frozen=True)
class Tile:
    """One cell of the class table."""

    look: str
    points: float | None
    hover: str


@dataclass(frozen=True)
class Row:
    """One student in the class table."""

    student: StudentResult
    note: int | None  # number of the student's entry among the problems
    handed_in: bool
    tiles: tuple[Tile, ...]

    @property
    def share(self) -> float:
        """Points earned, in percent of what there is."""
        return 100 * self.student.total / self.student.max_points if self.student.max_points else 0.0


@dataclass(frozen=True)
class Bin:
    """Students whose totals are nearest to one value of the score axis."""

    value: float
    x: float  # percent of the picture's width
    students: tuple[StudentResult, ...]


@dataclass(frozen=True)
class Histogram:
    """Where the totals of a class lie; positions across are percentages, heights are pixels."""

    bins: tuple[Bin, ...]
    width: float  # of a bin, in percent
    ticks: tuple[tuple[float, float], ...]  # value, x
    median_x: float
    dots: bool

    @property
    def tallest(self) -> int:
        """Students in the fullest bin."""
        return max((len(bin.students) for bin in self.bins), default=0)


def look(result: ExerciseResult) -> str:
    """Return how *result* is shown: a key of LOOKS.

    >>> look(ExerciseResult("01-perceptron/goal", points=None, max_points=3, status="manual"))
    'waiting'
    """
    if result.status == UNGRADED:
        return "ungraded"
    if result.points is None:
        return "waiting"
    if result.status == MANUAL or (result.status != "passed" and result.points >= result.max_points > 0):
        return "graded"  # also where the instructor gave full marks for what the judge did not accept
    return "partial" if result.status == "wrong" and result.points > 0 else result.status


def handed_in(student: StudentResult) -> bool:
    """Whether there is any work of this student to speak of."""
    return student.submitted is not None or any(result.status != "missing" for result in student.results.values())


def graded(student: StudentResult) -> bool:
    """Whether this student's work counts in the figures of the class: handed in, and judged at least in part."""
    return handed_in(student) and any(result.status != UNGRADED for result in student.results.values())


def reasons(column: ExerciseColumn, results: Sequence[ExerciseResult]) -> tuple[Reason, ...]:
    """Return why *results* of one exercise are not right, in groups: known mistakes first, nothing written last."""
    groups: dict[tuple[bool, str], list[ExerciseResult]] = {}
    for result in results:
        if look(result) not in ("passed", "graded", "waiting", "ungraded"):
            groups.setdefault((bool(result.mistake), result.mistake or result.status), []).append(result)
    found = [_reason(column, known, key, group) for (known, key), group in groups.items()]
    found.sort(key=lambda reason: (not reason.known, reason.look == "missing", -reason.count, reason.name))
    return tuple(found)


def _reason(column: ExerciseColumn, known: bool, key: str, group: Sequence[ExerciseResult]) -> Reason:
    smallest = smallest_failure(group)
    # A known mistake has one message; elsewhere the message has to be the one that belongs to the example.
    explained = group if known or smallest is None else (smallest,)
    return Reason(
        exercise=column,
        look=Counter(result.status for result in group).most_common(1)[0][0],
        name=key if known else UNNAMED[key],
        known=known,
        count=len(group),
        message="" if key == "missing" else Counter(result.message for result in explained).most_common(1)[0][0],
        example=Example(*map(_short, (smallest.call, smallest.expected, smallest.got))) if smallest else None,
    )


def smallest_failure(results: Sequence[ExerciseResult]) -> ExerciseResult | None:
    """Return the one of *results* with the shortest failing call, or None where no call failed."""
    failed = [result for result in results if result.call]
    return min(failed, key=lambda result: (len(result.call or ""), result.call, result.got or ""), default=None)


def summaries(results: ClassResults) -> tuple[ExerciseSummary, ...]:
    """Return every exercise of the chapter, seen over all whose work is graded."""
    present = [student for student in results.students if graded(student)]
    found = []
    for number, column in enumerate(results.exercises, start=1):
        answers = [student.results[column.id] for student in present]
        counts = Counter(look(answer) for answer in answers)
        looks = {key: counts[key] for key in LOOKS if counts[key]}
        found.append(ExerciseSummary(number, column, looks, reasons(column, answers)))
    return tuple(found)


def topics(exercises: Sequence[ExerciseSummary]) -> tuple[Reason, ...]:
    """Return what to talk about in the next lecture: the most frequent known mistakes, then other common failures."""
    every = [reason for exercise in exercises for reason in exercise.reasons]
    return tuple(sorted(every, key=lambda reason: (not reason.known, -reason.count))[:TOPICS])


def rows(results: ClassResults) -> tuple[Row, ...]:
    """Return the class table, best total first, then what is not graded or not handed in; notes count downwards."""

    def rank(student: StudentResult) -> tuple[bool, bool, float, str]:
        return not handed_in(student), not graded(student), -student.total, student.name.casefold()

    ranked = sorted(results.students, key=rank)
    table, notes = [], 0
    for student in ranked:
        tiles = tuple(
            Tile(look(result), result.points, result.mistake or result.message)
            for result in (student.results[column.id] for column in results.exercises)
        )
        notes += bool(student.problems)
        table.append(Row(student, notes if student.problems else None, handed_in(student), tiles))
    return tuple(table)


def histogram(students: Sequence[StudentResult], max_points: float) -> Histogram | None:
    """Return where the totals of *students* lie between 0 and *max_points*, or None where there is nothing to show."""
    if not students or max_points <= 0:
        return None
    step = _round_step(max_points / (MOST_BINS - 1))
    last = floor(max_points / step + 0.5)
    span = (last + 1) * step

    def x(value: float) -> float:
        return 100 * (value + step / 2) / span

    heaps: dict[int, list[StudentResult]] = {}
    for student in sorted(students, key=lambda student: student.total):
        heaps.setdefault(min(last, max(0, floor(student.total / step + 0.5))), []).append(student)
    bins = tuple(Bin(index * step, x(index * step), tuple(heaps[index])) for index in sorted(heaps))
    apart = _round_step(last * step / 6, of=step)
    ticks = tuple((index * apart, x(index * apart)) for index in range(floor(last * step / apart + 1e-9) + 1))
    dots = len(students) < LARGE_CLASS and max(len(heap) for heap in heaps.values()) <= DOT_ROWS
    return Histogram(bins, 100 * step / span, ticks, x(median(student.total for student in students)), dots)


def render(results: ClassResults) -> str:
    """Return the report of a class in one chapter as a complete HTML page that needs nothing else.

    >>> from datetime import datetime
    >>> page = render(ClassResults("01-perceptron", "Perceptron", datetime(2026, 11, 20, 12, 0), (), ()))
    >>> page.startswith("<!doctype html>"), "Nobody has handed in anything yet" in page
    (True, True)
    """
    counted = [student for student in results.students if graded(student)]
    exercises = summaries(results)
    table = rows(results)
    totals = [student.total for student in counted]
    page = _pages().get_template("report.html")
    return page.render(
        results=results,
        present=sum(row.handed_in for row in table),
        graded=counted,
        median=median(totals) if totals else None,
        totals=totals,
        exercises=exercises,
        right=_share_right(exercises),
        topics=topics(exercises),
        rows=table,
        histogram=histogram(counted, results.max_points),
        waiting=[
            (exercise, [row.student for row in table if row.tiles[exercise.number - 1].look == "waiting"])
            for exercise in exercises
            if "waiting" in exercise.looks
        ],
        slowest=sorted(counted, key=lambda student: -student.seconds)[:5],
        seconds=sum(student.seconds for student in results.students),
        typical_seconds=median(student.seconds for student in counted) if counted else 0.0,
        large=len(results.students) >= LARGE_CLASS,
        looks={
            key: said for key, said in LOOKS.items() if any(tile.look == key for row in table for tile in row.tiles)
        },
        said=LOOKS,
    )


def write(results: ClassResults, path: str | os.PathLike[str]) -> Path:
    """Write the report to *path*, whole or not at all, and return where it is.

    Raises `GraderError` if the file cannot be written.
    """
    target = Path(path)
    page = render(results).encode()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(page)
            os.chmod(draft, 0o644)
            os.replace(draft, target)
        except BaseException:
            os.unlink(draft)
            raise
    except OSError as error:
        raise GraderError(
            f"the class report was to be written to {target}, but {error.strerror or error}: "
            "name a file in a folder you can write to"
        ) from error
    return target


def _share_right(exercises: Sequence[ExerciseSummary]) -> float | None:
    """Return how many of the answers that the judge saw earned full marks, in percent."""
    judged = [exercise for exercise in exercises if not exercise.column.manual]
    answers = sum(sum(exercise.looks.values()) for exercise in judged)
    return 100 * sum(exercise.passed for exercise in judged) / answers if answers else None


def _pages() -> Environment:
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters |= {"points": _points, "of": _of, "seconds": _seconds, "pc": _percent}
    return pages


def _points(number: float) -> str:
    """Return points without needless zeros.

    >>> _points(2.0), _points(1.25), _points(1 / 3)
    ('2', '1.25', '0.33')
    """
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _of(count: int, noun: str) -> str:
    """Return a counted noun.

    >>> _of(1, "student"), _of(3, "student")
    ('1 student', '3 students')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _seconds(number: float) -> str:
    """Return a duration as people say it.

    >>> _seconds(0.04), _seconds(3.14), _seconds(75)
    ('0.04 s', '3.1 s', '1 min 15 s')
    """
    if number >= 60:
        return f"{floor(number / 60)} min {floor(number % 60)} s"
    return f"{number:.2f} s" if number < 1 else f"{number:.1f} s"


def _percent(number: float) -> str:
    """Return a position or width for SVG, e.g. 33.33%."""
    return f"{round(number, 2):g}%"


def _short(text: str | None) -> str | None:
    return text if text is None or len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]} …"


def _round_step(least: float, of: float = 0.5) -> float:
    """Return the smallest of 0.5, 1, 2, 5, 10, 20, 50, ... that is at least *least* and a multiple of *of*.

    >>> _round_step(0.1), _round_step(1.2), _round_step(12), _round_step(4.5, of=2.0)
    (0.5, 2.0, 20.0, 10.0)
    """
    return next(step for step in _round_steps() if step >= least and step % of == 0)


def _round_steps() -> Iterator[float]:
    yield 0.5
    for power in itertools.count():
        yield from (1.0 * 10**power, 2.0 * 10**power, 5.0 * 10**power)
