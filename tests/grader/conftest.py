"""The generated class, graded once for all tests and all parallel workers, and copies of it to change."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader import course as courses
from grader.chapters import Chapter
from grader.sample_class import class_of, write_class
from grader.specimens import Specimen

CHAPTER = "01-perceptron"


class SampleCourse:
    """A course with the generated class of chapter 1 in it."""

    def __init__(self, root: Path) -> None:
        self.course = courses.open_course(root)
        self.root = self.course.root
        self.chapter: Chapter = self.course.chapter(CHAPTER)
        self.specimens: list[Specimen] = class_of(self.course, self.chapter)

    def of(self, why: str) -> Specimen:
        """The specimen that is there for this reason."""
        return next(each for each in self.specimens if each.why == why)

    def keep(self, *whys: str) -> list[Specimen]:
        """Take everybody's submission out but those of these specimens."""
        kept = [self.of(why) for why in whys]
        for each in self.specimens:
            if each not in kept:
                shutil.rmtree(self.root / "submitted" / each.student)
        (self.root / "students.csv").unlink()
        return kept

    def submitted(self, specimen: Specimen) -> Path:
        """The file a specimen handed in."""
        return self.root / "submitted" / specimen.student / CHAPTER / self.chapter.path.name

    def grade(self, student: str | None = None, *, force: bool = False) -> dict[str, courses.Graded]:
        """Grade and return what became of each student's submission."""
        tasks = courses.submissions(self.course, [self.chapter], student)
        return {each.student: each for each in courses.grade(self.course, tasks, force=force, jobs=2)}

    def results(self) -> courses.ClassResults:
        """What the gradebook and the records say now."""
        return courses.class_results(self.course, self.chapter)


@contextmanager
def only_one_worker(folder: Path) -> Iterator[None]:
    """Let one of the parallel test processes in at a time."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all parallel workers of this test run see."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "sample-class"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def released(shared: Path) -> Path:
    """A released course with the generated class handed in and nothing graded; not to be changed."""
    root = shared / "released"
    with only_one_worker(shared):
        if not (shared / "released.done").exists():
            courses.init_course(root, [CHAPTER])
            course = courses.open_course(root)
            chapter = course.chapter(CHAPTER)
            assert [each.problem for each in courses.release(course, [chapter])] == [None]
            write_class(course, chapter, class_of(course, chapter))
            (shared / "released.done").touch()
    return root


@pytest.fixture(scope="session")
def graded(shared: Path, released: Path) -> SampleCourse:
    """The same course, graded and with its feedback written; not to be changed."""
    root = shared / "graded"
    with only_one_worker(shared):
        if not (shared / "graded.done").exists():
            shutil.copytree(released, root)
            sample = SampleCourse(root)
            sample.grade()
            tasks = courses.submissions(sample.course, [sample.chapter])
            assert not [page for page in courses.feedback(sample.course, tasks, jobs=2) if page.problem]
            (shared / "graded.done").touch()
    return SampleCourse(root)


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[Path], SampleCourse]:
    """Copies a course folder to where a test may change it: a course has no address and works wherever it lies."""

    def copied(root: Path) -> SampleCourse:
        return SampleCourse(Path(shutil.copytree(root, tmp_path / "moved" / "course")))

    return copied
