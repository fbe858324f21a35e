"""Small notebooks, made in the test that reads them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest

from grader.exercise import Exercise
from grader.notebooks.form import normalised, text_of

CHAPTER = "90-sample"
SOLUTION = "# graded: 90-sample/double\ndef double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
CHECK = 'check("90-sample/double", double)'
MANUAL = "<!-- graded: 90-sample/choose_one -->\n### BEGIN SOLUTION\nThe first, as it is short.\n### END SOLUTION"
MISSPELT = "the"[::2] + "h"  # not spelled out, so that the spelling of this file itself can be checked
SETUP = 'def check(name, value):\n    print(f"{name}: {value(2)}")'


def text(identity: str, source: str, **metadata: Any) -> Any:
    return nbformat.v4.new_markdown_cell(source, id=identity, metadata=metadata)


def code(identity: str, source: str, outputs: list[Any] | None = None, count: int | None = 1, **metadata: Any) -> Any:
    return nbformat.v4.new_code_cell(
        source, id=identity, outputs=outputs or [], execution_count=count, metadata=metadata
    )


def stream(content: str, name: str = "stdout") -> Any:
    return nbformat.v4.new_output("stream", name=name, text=content)


def shown(metadata: dict[str, Any] | None = None, **data: Any) -> Any:
    """A displayed output; image_png="..." stands for the kind image/png."""
    kinds = {kind.replace("_", "/", 1): value for kind, value in data.items()}
    return nbformat.v4.new_output("display_data", data=kinds, metadata=metadata or {})


def grading(
    identity: str, *, grade: bool = False, solution: bool = False, locked: bool = False, **more: Any
) -> dict[str, Any]:
    flags = {"schema_version": 3, "grade": grade, "solution": solution, "locked": locked, "task": False}
    return flags | {"grade_id": identity} | more


def solution(identity: str = "double", source: str = SOLUTION, **more: Any) -> Any:
    return code(identity, source, nbgrader=grading(identity, solution=True) | more)


def check(identity: str = "double-check", source: str = CHECK, points: float = 2, **more: Any) -> Any:
    metadata = grading(identity, grade=True, locked=True, points=points) | more
    return code(identity, source, [stream("90-sample/double: 4\n")], nbgrader=metadata)


def manual(identity: str = "choose-one", source: str = MANUAL, points: float = 1, **more: Any) -> Any:
    return text(identity, source, nbgrader=grading(identity, grade=True, solution=True, points=points) | more)


def notebook(*cells: Any) -> Any:
    made = nbformat.v4.new_notebook()
    made.cells = [*cells]  # set afterwards, since new_notebook mends ids that occur twice
    return made


def good() -> Any:
    """A source notebook with nothing to put right."""
    return normalised(
        notebook(
            text("title", "# Sample\n\nTwice is enough."),
            code("setup", SETUP, nbgrader=grading("setup", locked=True)),
            text("doubling", "## Doubling\n\nWrite a function that doubles."),
            solution(),
            check(),
            text("choosing", "## Choosing\n\nWhich of the two would you take?"),
            manual(),
        )
    )


@pytest.fixture
def make() -> SimpleNamespace:
    """The parts of small notebooks, and a good whole one."""
    parts = (text, code, stream, shown, grading, solution, check, manual, notebook, good)
    return SimpleNamespace(**{part.__name__: part for part in parts}, chapter=CHAPTER, misspelt=MISSPELT)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one good source notebook, a picture beside it, and the exercise that the notebook asks for."""
    folder = tmp_path / "notebooks" / CHAPTER
    folder.mkdir(parents=True)
    (folder / "sample.ipynb").write_text(text_of(good()), encoding="utf-8")
    (folder / "step.png").write_bytes(b"\x89PNG a step")
    known = {"double": Exercise(points=2, reference=abs)}
    monkeypatch.setattr("grader.notebooks.lint.exercises", lambda chapter: known)
    return tmp_path


@pytest.fixture
def run(tree: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Run the command line in the tree, from its root."""
    from typer.testing import CliRunner

    from grader.notebooks.cli import app

    monkeypatch.chdir(tree)
    monkeypatch.setenv("COLUMNS", "100")
    return lambda *arguments: CliRunner().invoke(app, [*arguments, "--root", str(tree)])
