"""Release a chapter, grade a class, write its feedback: nbgrader's converters, one process per submission.

Each submission is copied aside under its proper name, graded there by nbgrader with the course's own configuration,
and recorded. What is already graded is passed over, and what a killed run left half done is done again. Judging itself
happens in `grader.steps`.
"""

from __future__ import annotations

import fcntl
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nbgrader.utils import parse_utc
from traitlets.config import Config

from grader import crew, records
from grader.chapters import Chapter
from grader.conversion import convert, load_config
from grader.errors import GraderError
from grader.exercise import exercises
from grader.folder import Course
from grader.gradebook import Entry, enter_names, entries, exercise_columns, is_released, standing
from grader.notebooks.files import write_whole
from grader.notebooks.form import read_notebook
from grader.sandbox import walls
from grader.steps.judge import exercise_id, is_test
from grader.submission import content_of, find

SECONDS = 600.0  # one submission may not take longer, whatever it is
PRELOAD = ("grader.grading", "grader.steps", "nbgrader.preprocessors", "hypothesis.extra.numpy")
_ASIDE = f"{records.FOLDER}/staged"
_RELEASING = f"{records.FOLDER}/releasing"


@dataclass(frozen=True)
class Submission:
    """One student's work on one chapter, to be graded or to get feedback."""

    course: Course
    chapter: Chapter
    student: str


@dataclass(frozen=True)
class Graded:
    """What became of one submission.

    `status` is "graded", "unchanged" (graded before, nothing has changed since) or "failed" (not graded; `problems`
    says why). `waiting` counts the exercises that wait for the instructor.
    """

    student: str
    chapter: str
    status: str
    score: float = 0.0
    max_score: float = 0.0
    waiting: int = 0
    seconds: float = 0.0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Written:
    """A file or folder that was written for one submission or chapter, or the reason why not."""

    name: str  # student or chapter
    path: Path
    problem: str | None = None


# ---------------------------------------------------------------- release


def release(course: Course, chapters: Sequence[Chapter], jobs: int = 1) -> Iterator[Written]:
    """Make the student versions of *chapters* and enter them into the gradebook; yield each as it is done.

    A release that fails leaves the earlier one in place. Raises `GraderError` where a test cell and its exercise do
    not fit together.
    """
    for each in chapters:
        _compare_with_exercises(each)
    tasks = [Submission(course, each, ".") for each in chapters]
    for task, problem in crew.run(_release, tasks, jobs=min(jobs, 1), seconds=SECONDS, preload=PRELOAD):
        yield Written(task.chapter.name, course.released(task.chapter), _said(problem))


def _compare_with_exercises(chapter: Chapter) -> None:
    """See that every test cell checks an exercise that is there, for as many points as the exercise gives."""
    known = exercises(chapter.name)
    for cell in read_notebook(chapter.path).cells:
        if is_test(cell):
            name = exercise_id(cell)
            task = known.get(name.rpartition("/")[2])
            if task is None or name not in (task.id, task.name):
                raise GraderError(
                    f"{chapter.name} was to be released, but a cell checks {name}, which is no exercise: mend the cell"
                )
            if float(cell.metadata.nbgrader.points) != float(task.points):
                raise GraderError(
                    f"{chapter.name} was to be released, but {name} gives {task.points:g} points and its test cell "
                    f"{cell.metadata.nbgrader.points:g}: make them equal"
                )


def _release(task: Submission) -> str | None:
    """Let nbgrader generate the assignment aside, then put it in place."""
    overrides = Config()
    overrides.CourseDirectory.release_directory = _RELEASING
    problem = convert("generate_assignment", task.course.root, task.chapter.name, overrides=overrides)
    aside = task.course.root / _RELEASING / task.chapter.name
    if problem is None:
        place = task.course.released(task.chapter).parent
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        aside.replace(place)
    shutil.rmtree(task.course.root / _RELEASING, ignore_errors=True)
    return problem


# ---------------------------------------------------------------- grade


def submissions(course: Course, chapters: Sequence[Chapter], student: str | None = None) -> list[Submission]:
    """What has been handed in of *chapters*, by one *student* or by all.

    Raises `UnknownStudent`, and `GraderError` when a chapter is not released or nothing was handed in.
    """
    found = []
    for chapter in chapters:
        if not is_released(course, chapter):
            raise GraderError(
                f"{chapter.name} was to be graded, but it is not released yet: run `grader release` first"
            )
        found += [Submission(course, chapter, name) for name in course.submitters(chapter, student)]
    if not found:
        names = ", ".join(chapter.name for chapter in chapters)
        raise GraderError(
            f"{names} was to be graded, but nobody has handed it in: put notebooks into submitted/STUDENT/CHAPTER/"
        )
    return found


def grade(
    course: Course,
    tasks: Sequence[Submission],
    *,
    force: bool = False,
    jobs: int | None = None,
    sandbox: str | None = None,
) -> Iterator[Graded]:
    """Grade *tasks* and yield each as it is done; those graded before and unchanged since are passed over.

    force: grade them all the same. jobs: processes at a time (default: as many as there are cores). sandbox: another
    one than the course's configuration says. Raises `NoSandbox` where it cannot be had.
    """
    chosen = sandbox or load_config(course.root).get("Judge", {}).get("sandbox", walls.BUBBLEWRAP)
    if chosen == walls.BUBBLEWRAP:
        walls.must_be_there()
    return _grading(course, tasks, force, jobs, chosen)


def _grading(
    course: Course, tasks: Sequence[Submission], force: bool, jobs: int | None, sandbox: str
) -> Iterator[Graded]:
    enter_names(course)
    known = {chapter.name: entries(course, chapter) for chapter in {task.chapter for task in tasks}}
    to_do = []
    for task in tasks:
        entry = known[task.chapter.name].get(task.student)
        record = None if force else standing(course, task.chapter, task.student, entry)
        if record is None or entry is None:
            to_do.append(_Task(task, force, sandbox))
        else:
            yield _graded(task, "unchanged", record, entry)
    for each, result in crew.run(_grade, to_do, jobs=jobs or crew.default_jobs(), seconds=SECONDS, preload=PRELOAD):
        yield result if isinstance(result, Graded) else _failed(each.submission, _said(result) or "no reason was given")


@dataclass(frozen=True)
class _Task:
    submission: Submission
    force: bool
    sandbox: str


def _grade(task: _Task) -> Graded:
    """Grade one submission in this process; wait for another process that is at it already."""
    course, chapter, student = task.submission.course, task.submission.chapter, task.submission.student
    began = time.monotonic()
    with _alone(course, chapter, student):
        if not task.force:
            entry = entries(course, chapter, student).get(student)
            record = standing(course, chapter, student, entry)
            if record is not None and entry is not None:
                return _graded(task.submission, "graded", record, entry)
        with _aside(course, chapter, student) as (folder, notes):
            overrides = Config()
            overrides.CourseDirectory.submitted_directory = folder
            overrides.SubmissionExporter.notes = list(notes)
            overrides.Judge.sandbox = task.sandbox
            problem = convert("autograde", course.root, chapter.name, student, overrides)
        record = records.read(course.record_path(chapter, student))
        entry = entries(course, chapter, student).get(student)
    if problem is not None or record is None or entry is None:
        return _failed(task.submission, problem or "nbgrader gave no reason", time.monotonic() - began)
    return _graded(task.submission, "graded", record, entry)


@contextmanager
def _alone(course: Course, chapter: Chapter, student: str) -> Iterator[None]:
    """Hold the lock on one submission; the system lets go of it when the process ends, however it ends."""
    path = course.record_path(chapter, student).with_suffix(".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _aside(course: Course, chapter: Chapter, student: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Copy what was handed in to where nbgrader finds it under its proper name; yield that folder and what was odd."""
    handed_in = course.folder("submitted", chapter.name, student)
    found = find(handed_in, chapter.path.name)
    notes = found.problems
    folder = course.root / _ASIDE / student / chapter.name
    shutil.rmtree(folder, ignore_errors=True)
    write_whole(folder / chapter.path.name, content_of(found.path))
    stamp = handed_in / "timestamp.txt"
    if stamp.is_file():
        try:
            text = stamp.read_text(encoding="utf-8").strip()
            parse_utc(text)
            (folder / "timestamp.txt").write_text(text, encoding="utf-8")
        except (OSError, ValueError, OverflowError):
            notes += ("timestamp.txt holds no time; the submission counts as handed in on time.",)
    try:
        yield _ASIDE, notes
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _graded(task: Submission, status: str, record: records.Record, entry: Entry) -> Graded:
    points = [score.points for score in entry.scores.values()]
    columns = exercise_columns(read_notebook(task.course.released(task.chapter)), task.chapter.name)
    return Graded(
        student=task.student,
        chapter=task.chapter.name,
        status=status,
        score=sum(number for number in points if number is not None),
        max_score=sum(column.max_points for column in columns.values()),
        waiting=points.count(None),
        seconds=record.seconds,
        problems=record.problems,
    )


def _failed(task: Submission, reason: str, seconds: float = 0.0) -> Graded:
    problem = f"This submission could not be graded: {reason}."
    return Graded(task.student, task.chapter.name, "failed", seconds=seconds, problems=(problem.replace("..", "."),))


def _said(result: object) -> str | None:
    """The reason in a process's result, if it was none."""
    if isinstance(result, crew.Lost):
        return result.reason
    return None if result is None else str(result)


# ---------------------------------------------------------------- feedback


def feedback(course: Course, tasks: Sequence[Submission], *, jobs: int | None = None) -> Iterator[Written]:
    """Write the feedback page of each graded submission among *tasks* and yield it as it is done."""
    ready = [task for task in tasks if course.record_path(task.chapter, task.student).is_file()]
    for task in tasks:
        if task not in ready:
            yield Written(task.student, _page(task), "it has not been graded yet; run `grader grade`")
    for task, problem in crew.run(_feedback, ready, jobs=jobs or crew.default_jobs(), seconds=SECONDS, preload=PRELOAD):
        yield Written(task.student, _page(task), _said(problem))


def _feedback(task: Submission) -> str | None:
    return convert("generate_feedback", task.course.root, task.chapter.name, task.student)


def _page(task: Submission) -> Path:
    return task.course.folder("feedback", task.chapter.name, task.student) / f"{task.chapter.path.stem}.html"
