"""Student versions: what nbgrader makes of a source notebook, without a course or a database around it.

The steps are nbgrader's own, in the order of ``nbgrader generate_assignment``.  The folder `release/` holds their
results and is compared with them; how a course hands notebooks out is the business of `grader.course`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from nbgrader.nbgraderformat import ValidationError
from nbgrader.nbgraderformat.common import SchemaMismatchError
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)

from grader.chapters import Chapter
from grader.errors import DamagedNotebook, GraderError
from grader.notebooks.files import write_whole
from grader.notebooks.form import Notebook, complaints, normalised, read_notebook, text_of

# generate_assignment's list without headers and footers, generated tests and the gradebook, none of which we use.
STEPS = (
    LockCells,
    ClearSolutions,
    ClearOutput,
    CheckCellMetadata,
    ComputeChecksums,
    ClearHiddenTests,
    ClearMarkScheme,
    ComputeChecksums,
    CheckCellMetadata,
)
DIFF_LINES = 12
TEXTS = (".ipynb", ".py", ".md", ".txt", ".csv", ".json", ".svg")

# The steps log a page of source before they raise; what they raise becomes one sentence here.
_log = logging.getLogger("grader.notebooks.release")
_log.addHandler(logging.NullHandler())
_log.propagate = False


@dataclass(frozen=True)
class Drift:
    """A file of `release/` that is not what the sources say: "missing", "different" or "stale"; with a short diff."""

    path: Path
    kind: str
    diff: tuple[str, ...] = ()


def released(notebook: Notebook) -> Notebook:
    """Return the student version of a source *notebook*; raises `DamagedNotebook` with nbgrader's reason."""
    student = normalised(notebook)
    resources: dict[str, object] = {}
    try:
        for step in STEPS:
            student, resources = step(log=_log)(student, resources)
    except (RuntimeError, ValidationError, SchemaMismatchError, KeyError) as error:
        reason = " ".join(str(error).split()).rstrip(".")
        raise DamagedNotebook(
            f"a student version was asked for, but nbgrader refuses the notebook ({reason}): run lint and mend it"
        ) from error
    return student


def release_of(chapters: list[Chapter], fresh: Mapping[Path, Notebook] | None = None) -> dict[Path, bytes]:
    """Return the files of `release/` for these *chapters*: path inside that folder → content.

    fresh: notebooks to use in place of what their files hold.  Raises `DamagedNotebook`.
    """
    files: dict[Path, bytes] = {}
    for chapter in chapters:
        source = (fresh or {}).get(chapter.path) or read_notebook(chapter.path)
        for path in accompanying_files(chapter.path.parent):
            files[Path(chapter.name) / path.relative_to(chapter.path.parent)] = _content(path)
        try:
            student = released(source)
            for complaint in complaints(student):
                raise DamagedNotebook(f"a student version was asked for, but {complaint}: run normalise")
        except DamagedNotebook as error:
            raise DamagedNotebook(f"{chapter.path}: {error}") from error
        files[Path(chapter.name) / chapter.path.name] = text_of(student).encode("utf-8")
    return files


def accompanying_files(folder: Path) -> Iterator[Path]:
    """Yield the files beside a notebook, such as pictures; nothing hidden, nothing from a cache, no other notebook."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
        if path.is_file() and not hidden and path.suffix != ".ipynb":
            yield path


def drift(folder: Path, files: Mapping[Path, bytes]) -> list[Drift]:
    """Return how *folder* differs from the *files* it should hold; an empty list means that it does not."""
    found = []
    for path, content in sorted(files.items()):
        there = folder / path
        if not there.is_file():
            found.append(Drift(there, "missing"))
        elif (present := _content(there)) != content:
            found.append(Drift(there, "different", short_diff(present, content, path)))
    return found + [Drift(path, "stale") for path in _stale(folder, files)]


def write_release(folder: Path, files: Mapping[Path, bytes]) -> list[Drift]:
    """Make *folder* hold the *files* and nothing else, and return what was changed; raises `GraderError`."""
    changes = drift(folder, files)
    for change in changes:
        if change.kind != "stale":
            write_whole(change.path, files[change.path.relative_to(folder)])
            continue
        try:
            change.path.unlink()
            if not any(change.path.parent.iterdir()):
                change.path.parent.rmdir()
        except OSError as error:
            raise GraderError(
                f"{change.path} has no source and was to be removed, but that failed ({error.strerror}): remove it"
            ) from error
    return changes


def short_diff(before: bytes, after: bytes, path: Path, lines: int = DIFF_LINES) -> tuple[str, ...]:
    """Return the first *lines* of a unified diff of two texts; of other files, their sizes."""
    if path.suffix not in TEXTS:
        return (f"{len(before)} bytes, should be {len(after)}",)
    old, new = (text.decode("utf-8", "replace").splitlines() for text in (before, after))
    rows = [row[:160] for row in unified_diff(old, new, "present", "expected", lineterm="", n=1)]
    return tuple(rows[:lines] + ([f"... and {len(rows) - lines} more lines"] if len(rows) > lines else []))


def _stale(folder: Path, files: Mapping[Path, bytes]) -> list[Path]:
    """Return the files in *folder* that no source has; hidden files, such as JupyterLab's copies, are not ours."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.relative_to(folder) not in files
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise GraderError(f"{path} was to be read, but that failed ({error.strerror}): make it readable") from error
