"""What the gradebook holds for a class: read in one go, and joined with the records into plain results.

This is the only place that writes queries of its own against nbgrader's tables. It reads, but for names of students;
scores are written by nbgrader's own steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import select

from grader import records
from grader.chapters import Chapter
from grader.conversion import own_commands
from grader.exercise import exercises
from grader.extract import marker
from grader.folder import Course
from grader.notebooks.form import read_notebook
from grader.results import MANUAL, UNGRADED, ClassResults, ExerciseColumn, ExerciseResult, StudentResult
from grader.steps.judge import exercise_id, is_test
from grader.submission import content_of, digest, find


@dataclass(frozen=True)
class Score:
    """One student's score for one graded cell; None where nobody and nothing has given one."""

    auto: float | None
    manual: float | None
    extra: float | None

    @property
    def points(self) -> float | None:
        """Points that count: the instructor's before the judge's."""
        given = self.auto if self.manual is None else self.manual
        return None if given is None else given + (self.extra or 0.0)


@dataclass(frozen=True)
class Entry:
    """What the gradebook holds on one submission: its scores by grade id, and when it was handed in."""

    scores: Mapping[str, Score]
    submitted: datetime | None


@contextmanager
def opened(course: Course) -> Iterator[Gradebook]:
    """The course's gradebook, made if it is not there yet, and closed at the end."""
    with own_commands(), Gradebook(course.db_url) as gradebook:
        yield gradebook


def is_released(course: Course, chapter: Chapter) -> bool:
    """Whether the gradebook knows *chapter* and its student version is there."""
    if not course.released(chapter).is_file():
        return False
    with opened(course) as gradebook:
        try:
            gradebook.find_notebook(chapter.path.stem, chapter.name)
        except MissingEntry:
            return False
    return True


def entries(course: Course, chapter: Chapter, student: str | None = None) -> dict[str, Entry]:
    """The gradebook's entries for *chapter*, by student; one *student* only if named."""
    query = (
        select(
            Student.id,
            SubmittedAssignment.timestamp,
            BaseCell.name,
            Grade.auto_score,
            Grade.manual_score,
            Grade.extra_credit,
        )
        .join(SubmittedAssignment, SubmittedAssignment.student_id == Student.id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .where(Assignment.name == chapter.name)
    )
    if student is not None:
        query = query.where(Student.id == student)
    found: dict[str, tuple[dict[str, Score], datetime | None]] = {}
    with opened(course) as gradebook:
        for name, timestamp, cell, auto, manual, extra in gradebook.db.execute(query):
            found.setdefault(name, ({}, timestamp))[0][cell] = Score(auto, manual, extra)
    return {name: Entry(scores, timestamp) for name, (scores, timestamp) in found.items()}


def enter_names(course: Course) -> None:
    """Give the gradebook the names in `students.csv`; raises `GraderError` for a file that is no table."""
    names = course.names()
    if names:
        with opened(course) as gradebook:
            for student, fields in names.items():
                gradebook.update_or_create_student(student, **fields)


def student_names(course: Course) -> dict[str, str]:
    """The students the gradebook knows: id → name, or the id again where it has none."""
    with opened(course) as gradebook:
        query = select(Student.id, Student.first_name, Student.last_name)
        return {name: " ".join(filter(None, rest)) or name for name, *rest in gradebook.db.execute(query)}


def standing(course: Course, chapter: Chapter, student: str, entry: Entry | None) -> records.Record | None:
    """The record of a submission that is graded and needs no grading again; None when it does.

    It stands when the file, the judge and the gradebook's automatic scores are those of the record, and the graded
    notebook was written to the end.
    """
    record = records.read(course.record_path(chapter, student))
    if record is None or entry is None:
        return None
    handed_in = digest(content_of(find(course.folder("submitted", chapter.name, student), chapter.path.name).path))
    stands = (
        record.submission == handed_in
        and record.judged_by == records.judging_version(course.released(chapter))
        and dict(record.scores) == {name: score.auto for name, score in entry.scores.items()}
        and record.graded.encode() in content_of(course.folder("autograded", chapter.name, student) / chapter.path.name)
    )
    return record if stands else None


def class_results(course: Course, chapter: Chapter) -> ClassResults:
    """How the class did in *chapter*, from the gradebook and the records; raises `DamagedNotebook` without a release.

    Students of `students.csv` and the gradebook who handed in nothing are listed too.
    """
    columns = exercise_columns(read_notebook(course.released(chapter)), chapter.name)
    graded = entries(course, chapter)
    names = student_names(course)
    everybody = sorted({*course.students(chapter), *graded, *names}, key=lambda name: (names.get(name, name), name))
    return ClassResults(
        chapter=chapter.name,
        title=chapter.title,
        generated=datetime.now(UTC),
        exercises=tuple(columns.values()),
        students=tuple(
            _student(course, chapter, name, names.get(name, name), columns, graded.get(name)) for name in everybody
        ),
        course=course.name,
    )


def exercise_columns(released: NotebookNode, chapter: str) -> dict[str, ExerciseColumn]:
    """The graded cells of a released notebook, by grade id."""
    known = exercises(chapter)
    columns = {}
    for cell in released.cells:
        grading = cell.metadata.get("nbgrader", {})
        if not grading.get("grade"):
            continue
        name = exercise_id(cell) if is_test(cell) else marker(cell.source) or f"{chapter}/{grading.grade_id}"
        short = name.rpartition("/")[2]
        title = known[short].title if short in known else short.replace("_", " ").replace("-", " ").capitalize()
        columns[grading.grade_id] = ExerciseColumn(name, title, float(grading.points), manual=not is_test(cell))
    return columns


def _student(
    course: Course,
    chapter: Chapter,
    student: str,
    name: str,
    columns: Mapping[str, ExerciseColumn],
    entry: Entry | None,
) -> StudentResult:
    """One row of the class table."""
    handed_in = course.folder("submitted", chapter.name, student).is_dir()
    record = records.read(course.record_path(chapter, student))
    problems = record.problems if record is not None else ()
    if handed_in and (record is None or entry is None):
        problems = ("This submission has not been graded yet: run `grader grade`.",)
    elif handed_in and standing(course, chapter, student, entry) is None:
        problems += ("The file, the exercises or the gradebook changed after grading: run `grader grade`.",)
    results = {column.id: _result(column, grade_id, record, entry, handed_in) for grade_id, column in columns.items()}
    return StudentResult(
        id=student,
        name=name,
        results=results,
        submitted=_when(course, chapter, student, entry) if handed_in else None,
        problems=problems,
        seconds=record.seconds if record is not None else 0.0,
    )


def _result(
    column: ExerciseColumn, grade_id: str, record: records.Record | None, entry: Entry | None, handed_in: bool
) -> ExerciseResult:
    """One cell of the class table."""
    score = entry.scores.get(grade_id) if entry is not None else None
    if not handed_in and score is None:
        return ExerciseResult(column.id, 0.0, column.max_points, "missing", "Nothing was handed in.")
    if record is None or score is None:
        return ExerciseResult(column.id, None, column.max_points, UNGRADED, "Not graded yet.")
    if column.manual:
        if score.auto == 0 and score.manual is None:
            return ExerciseResult(column.id, 0.0, column.max_points, "missing", "Nothing is written yet.")
        message = "Waits for your points." if score.points is None else "Graded by hand."
        return ExerciseResult(column.id, score.points, column.max_points, MANUAL, message)
    verdict: Mapping[str, Any] = record.verdicts.get(grade_id, {})
    texts = {key: verdict.get(key) for key in ("mistake", "call", "expected", "got", "hint")}
    return ExerciseResult(
        exercise=column.id,
        points=score.points,
        max_points=column.max_points,
        status=verdict.get("status", UNGRADED),
        message=verdict.get("message", ""),
        tried=verdict.get("tried", 0),
        seconds=verdict.get("seconds", 0.0),
        **texts,
    )


def _when(course: Course, chapter: Chapter, student: str, entry: Entry | None) -> datetime | None:
    """When the work was handed in: the gradebook's time stamp, else the time of the file."""
    if entry is not None and entry.submitted is not None:
        return entry.submitted.replace(tzinfo=UTC)
    folder = course.folder("submitted", chapter.name, student)
    path = find(folder, chapter.path.name).path
    return datetime.fromtimestamp(path.stat().st_mtime, UTC) if path is not None else None
