"""A course folder: what makes a folder one, where its parts are, and how a new one is made.

`Course` answers questions about paths and names from the folder's own nbgrader configuration. Nothing here grades,
reads submissions or opens the gradebook.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from grader import records
from grader.chapters import Chapter, chapter, chapters
from grader.conversion import CONFIG, course_directory
from grader.errors import GraderError, NotACourse, UnknownStudent
from grader.notebooks.files import write_whole

STUDENTS = "students.csv"
_TEMPLATES = Path(__file__).parent / "course_folder"
_MARK = "grader.steps"  # what tells our configuration from anybody's


@dataclass(frozen=True)
class Course:
    """A course folder that `grader init` has made."""

    root: Path

    def __reduce__(self) -> tuple[type[Course], tuple[Path]]:
        """Travel to other processes as the path alone: nbgrader's objects stay here."""
        return Course, (self.root,)

    @cached_property
    def directory(self) -> Any:
        """The folder as nbgrader sees it through the course's configuration."""
        return course_directory(self.root)

    @property
    def name(self) -> str:
        """What the course calls itself, for the pages people read."""
        return str(self.directory.course_id) or self.root.name

    @property
    def db_url(self) -> str:
        """Address of the gradebook."""
        return str(self.directory.db_url)

    def folder(self, step: str, chapter: str, student: str = ".") -> Path:
        """The folder of one submission in a step: "source", "release", "submitted", "autograded" or "feedback"."""
        name = getattr(self.directory, f"{step}_directory")
        return Path(self.directory.format_path(name, student, chapter))

    def chapters(self) -> dict[str, Chapter]:
        """The chapters in `source/`, by name."""
        return chapters(self.folder("source", "."))

    def chapter(self, name: str) -> Chapter:
        """The chapter called *name* (or its number, or its name without the number); raises `UnknownChapter`."""
        return chapter(name, self.folder("source", "."))

    def released(self, chapter: Chapter) -> Path:
        """The chapter's notebook as students get it; it may not be there yet."""
        return self.folder("release", chapter.name) / chapter.path.name

    def students(self, chapter: Chapter) -> list[str]:
        """Ids of the students who have a folder for *chapter* in `submitted/`."""
        return sorted(
            path.parent.name
            for path in self.folder("submitted", chapter.name, "*").parent.parent.glob(f"*/{chapter.name}")
            if path.is_dir() and not path.parent.name.startswith(".")
        )

    def submitters(self, chapter: Chapter, student: str | None) -> list[str]:
        """The one *student* asked for, or all who handed *chapter* in; raises `UnknownStudent`."""
        everybody = self.students(chapter)
        if student is None:
            return everybody
        if student not in everybody:
            known = ", ".join(everybody[:6]) + (", ..." if len(everybody) > 6 else "") if everybody else "nobody"
            raise UnknownStudent(
                f"student {student!r} was asked for, but {chapter.name} was handed in by {known}: name one of those"
            )
        return [student]

    def record_path(self, chapter: Chapter, student: str) -> Path:
        """Where the record of a graded submission is kept."""
        return records.path_of(self.root, chapter.name, student)

    def names(self) -> dict[str, dict[str, str]]:
        """What `students.csv` says about each student id: first_name, last_name, email, as far as given."""
        path = self.root / STUDENTS
        if not path.is_file():
            return {}
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = [row for row in csv.DictReader(file) if row.get("id")]
        except (UnicodeDecodeError, csv.Error) as error:
            raise GraderError(f"{STUDENTS} was to be read, but it is no CSV ({error}): save it as UTF-8 CSV") from error
        fields = ("first_name", "last_name", "email")
        return {row["id"].strip(): {name: row[name].strip() for name in fields if row.get(name)} for row in rows}


def open_course(folder: Path | None = None) -> Course:
    """The course in *folder*, or the one that the current folder belongs to; raises `NotACourse`."""
    if folder is not None:
        if not is_course(folder):
            what = "no course" if folder.is_dir() else "no folder"
            raise NotACourse(
                f'the course "{folder}" was asked for, which is {what}: make one with `grader init FOLDER`'
            )
        return Course(folder.resolve())
    here = Path.cwd()
    for candidate in (here, *here.parents):
        if is_course(candidate):
            return Course(candidate)
    raise NotACourse("a course was asked for, but this folder is in none: give --course FOLDER or run `grader init`")


def is_course(folder: Path) -> bool:
    """Whether `grader init` has made *folder* a course."""
    config = folder / CONFIG
    try:
        return config.is_file() and _MARK in config.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def init_course(folder: Path, names: Sequence[str] = ()) -> list[Path]:
    """Make *folder* a course with the chapters *names* (default: all); return what was added, relative to it.

    What is there already is left as it is. Raises `NotACourse` for a folder with other things in it, `UnknownChapter`.
    """
    wanted = [chapter(name) for name in names] if names else list(chapters().values())
    if not wanted:
        raise GraderError("a course was to be made, but this installation has no chapters: install minitf again")
    if folder.exists() and not folder.is_dir():
        raise NotACourse(f'a course was to be made in "{folder}", but that is a file: name a new folder')
    if folder.is_dir() and any(folder.iterdir()) and not is_course(folder):
        raise NotACourse(f'a course was to be made in "{folder}", but other files are in it: name an empty folder')
    try:
        return list(_added(folder, wanted))
    except OSError as error:
        raise GraderError(
            f'a course was to be made in "{folder}", but that failed ({error.strerror}): name a folder you may write to'
        ) from error


def _added(folder: Path, wanted: Sequence[Chapter]) -> Iterator[Path]:
    """Add what is missing; the configuration first, so that the next run completes what a killed one began."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, template in ((CONFIG, "nbgrader_config.txt"), ("README.md", "README.txt"), (STUDENTS, "students.csv")):
        if not (folder / name).exists():
            text = (_TEMPLATES / template).read_text(encoding="utf-8").replace("{course_id}", _course_id(folder))
            write_whole(folder / name, text.encode("utf-8"))
            yield Path(name)
    if not (folder / "submitted").is_dir():
        (folder / "submitted").mkdir()
        yield Path("submitted")
    for each in wanted:
        yield from _copied(each.path.parent, folder / "source" / each.name, folder)


def _course_id(folder: Path) -> str:
    """The folder's name with what could break out of a quoted string taken out."""
    name = folder.resolve().name
    return "".join(letter for letter in name if letter.isalnum() or letter in " ._-").strip() or "course"


def _copied(source: Path, target: Path, root: Path) -> Iterator[Path]:
    """Copy the files of one chapter that are not there yet."""
    for path in sorted(source.rglob("*")):
        inside = path.relative_to(source)
        hidden = any(part.startswith(".") or part == "__pycache__" for part in inside.parts)
        goal = target / inside
        if path.is_file() and not hidden and not goal.exists():
            write_whole(goal, path.read_bytes())
            yield goal.relative_to(root)
