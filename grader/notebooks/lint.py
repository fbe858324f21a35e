"""The linter: every rule over a source notebook, and codespell over its words.

`rules` says what is wrong; this module puts a name to each finding and knows which exercises a chapter has.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec

from grader.errors import GraderError, UnknownChapter
from grader.exercise import exercises
from grader.notebooks.form import Notebook
from grader.notebooks.rules import RULES, WARNINGS, Page


@dataclass(frozen=True)
class Finding:
    """One thing to put right: its *cell* ("" for the whole notebook), the *rule*, and a sentence of *advice*."""

    cell: str
    rule: str
    advice: str

    @property
    def is_warning(self) -> bool:
        """Whether a notebook may be released with it."""
        return self.rule in WARNINGS

    def __str__(self) -> str:
        place = f"cell {self.cell}" if self.cell else "notebook"
        return f"{place}: {self.rule}: {self.advice}{' (a warning)' if self.is_warning else ''}"


def lint(notebook: Notebook, chapter: str, known: Mapping[str, float] | None = None) -> list[Finding]:
    """Return what the rules find in a source *notebook* of *chapter*, in the order of the rules.

    known: the points of the chapter's exercises by name; None leaves out the comparison with them.
    """
    page = Page(notebook, chapter, known)
    return [Finding(cell, name, advice) for name, rule in RULES.items() for cell, advice in rule(page)]


def exercise_points(chapter: str) -> dict[str, float]:
    """Return the points of each exercise of *chapter* by name; empty where `grader.exercises` has no such chapter."""
    try:
        return {name: exercise.points for name, exercise in exercises(chapter).items()}
    except UnknownChapter:
        return {}


def can_spell() -> bool:
    """Tell whether codespell is installed."""
    return find_spec("codespell_lib") is not None


def misspellings(notebook: Notebook) -> list[Finding]:
    """Return what codespell finds in texts and code, outputs aside; raises `GraderError` if it cannot be run."""
    lines: list[str] = []
    owners: list[str] = []
    for cell in notebook.cells:
        source = cell.source.split("\n")
        lines += source
        owners += [cell.get("id", "")] * len(source)
    command = [sys.executable, "-m", "codespell_lib", "--disable-colors", "-"]
    run = subprocess.run(command, input="\n".join(lines) + "\n", capture_output=True, text=True, encoding="utf-8")
    if run.returncode not in (0, 65):  # 65: words were found
        raise GraderError(f"spelling was to be checked, but codespell failed ({run.stderr.strip()}): mend its setup")
    found = []
    place = ""
    for row in run.stdout.splitlines():
        if row.startswith("\t"):
            wrong, _, right = row.strip().partition(" ==> ")
            found.append(Finding(place, "spelling", f"{wrong!r} is spelled {right!r}: mend it"))
        elif row.partition(":")[0].isdecimal():
            place = owners[int(row.partition(":")[0]) - 1]
    return found
