"""What is wrong with the notebooks of a course: form, rules and student versions, looked at together.

A `Tree` is a folder with `notebooks/` and `release/` in it.  This module reads; the command line prints and writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.chapters import Chapter, chapter, chapters
from grader.errors import DamagedNotebook, GraderError
from grader.notebooks.form import normalised, read_notebook, text_of
from grader.notebooks.lint import Finding, can_spell, exercise_points, lint, misspellings
from grader.notebooks.release import Drift, drift, release_of, short_diff


@dataclass(frozen=True)
class Tree:
    """The folder that holds `notebooks/` and `release/`."""

    root: Path

    @property
    def release(self) -> Path:
        """Where the student versions stand."""
        return self.root / "release"

    def chapters(self, names: list[str] | None = None) -> list[Chapter]:
        """Return the chapters named, or all; raises `GraderError` where there are none, `UnknownChapter` for others."""
        folder = self.root / "notebooks"
        known = chapters(folder)
        if not known:
            raise GraderError(
                f"source notebooks were looked for in {folder}, but there are none: "
                "put one at notebooks/<chapter>/<name>.ipynb, or give --root"
            )
        named = [chapter(name, folder) for name in names or []]
        return list(dict.fromkeys(named)) or list(known.values())


@dataclass(frozen=True)
class Review:
    """What was found for one chapter: the diff to its canonical form, the linter's findings, the release's drift.

    refused: why there is no student version, or "".
    """

    chapter: Chapter
    cells: int
    form: tuple[str, ...]
    findings: list[Finding]
    drift: list[Drift]
    refused: str = ""

    @property
    def errors(self) -> list[Finding]:
        """The findings that are more than warnings."""
        return [finding for finding in self.findings if not finding.is_warning]

    @property
    def passes(self) -> bool:
        """Whether the chapter can be released as it stands."""
        return not (self.form or self.errors or self.drift or self.refused)


def form_diff(path: Path) -> tuple[str, ...]:
    """Return a short diff from the file at *path* to its canonical form; empty where it has that form."""
    notebook = read_notebook(path)
    expected = text_of(normalised(notebook)).encode("utf-8")
    present = path.read_bytes()
    return () if present == expected else short_diff(present, expected, path)


def review(tree: Tree, spelling: bool = True) -> tuple[list[Review], list[Drift]]:
    """Return a review of each chapter, and the files in `release/` that belong to none.

    Raises `GraderError` where there are no notebooks or one cannot be read.
    """
    reviews = []
    kept = {}
    for each in tree.chapters():
        notebook = read_notebook(each.path)
        findings = lint(notebook, each.name, exercise_points(each.name))
        if spelling and can_spell():
            findings += misspellings(notebook)
        refused, files = "", {}
        try:
            files = release_of([each])
        except DamagedNotebook as error:
            refused = str(error)
        kept.update(files)
        changes = [change for change in drift(tree.release / each.name, _inside(files, each.name)) if not refused]
        reviews.append(Review(each, len(notebook.cells), form_diff(each.path), findings, changes, refused))
    owned = {each.chapter.name for each in reviews}
    strays = [
        change for change in drift(tree.release, kept) if change.path.relative_to(tree.release).parts[0] not in owned
    ]
    return reviews, strays


def _inside(files: dict[Path, bytes], chapter: str) -> dict[Path, bytes]:
    return {path.relative_to(chapter): content for path, content in files.items()}
