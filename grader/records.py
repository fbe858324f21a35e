"""What is remembered about each graded submission: which bytes were judged, by which version, with what verdicts.

One small JSON file per student and chapter under `.grading/` in the course folder, written whole as the last act of
grading. A submission without its record has not been graded, whatever else lies about; so a killed run is completed
by the next one. Scores live in nbgrader's gradebook; the copy here only shows whether somebody restored an old one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import minitf
from grader.notebooks.files import write_whole

FOLDER = ".grading"
_JUDGING = ("cases", "compare", "exercise", "extract", "judge", "repair", "shape", "submission", "verdict")


@dataclass(frozen=True)
class Record:
    """One graded submission.

    `submission` is the SHA-256 of the file, `judged_by` of all that decides a verdict, `graded` an ISO time that the
    graded notebook carries too. `verdicts` and `scores` are by nbgrader's grade id; a score is None while it waits for
    the instructor. `problems` are sentences.
    """

    submission: str
    judged_by: str
    graded: str
    seconds: float = 0.0
    problems: tuple[str, ...] = ()
    verdicts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    scores: Mapping[str, float | None] = field(default_factory=dict)


def path_of(root: Path, chapter: str, student: str) -> Path:
    """Where the record of a student's submission of *chapter* is kept in the course folder *root*."""
    return root / FOLDER / chapter / f"{student}.json"


def read(path: Path) -> Record | None:
    """The record at *path*; None when there is none, or one that was damaged."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Record(**data | {"problems": tuple(data["problems"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write(path: Path, record: Record) -> None:
    """Write *record* in one step; raises `GraderError` when the folder cannot be written to."""
    text = json.dumps(asdict(record), ensure_ascii=False, indent=1)
    write_whole(path, text.encode("utf-8", "replace"))


def judging_version(released: Path) -> str:
    """A hash of all that decides a verdict beside the submission: judge, exercises, minitf, the released notebook.

    Another version means that earlier verdicts may no longer hold, and that the class is graded anew.
    """
    version = hashlib.sha256(_package_version().encode())
    version.update(released.read_bytes() if released.is_file() else b"")
    return version.hexdigest()


@cache
def _package_version() -> str:
    here = Path(__file__).parent
    files = [here / f"{name}.py" for name in _JUDGING]
    for folder in (here / "sandbox", here / "steps", here / "exercises", Path(minitf.__path__[0])):
        files += sorted(folder.rglob("*.py"))
    version = hashlib.sha256()
    for file in files:
        version.update(file.name.encode())
        version.update(file.read_bytes())
    return version.hexdigest()
