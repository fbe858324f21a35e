"""The step that stands where stock nbgrader executes the notebook: it judges the answers and writes the scores.

For each test cell the student's code is judged in worker processes by `grader.judge`; the test cell's outputs become
the points, as the number nbgrader reads, and the verdict to look at. No kernel is started, nothing a student printed
or raised reaches the score, and the answers to manual exercises keep their own outputs.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_output
from traitlets import Bool, Enum

from grader.errors import GraderError
from grader.exercise import exercise
from grader.judge import grade
from grader.sandbox import walls
from grader.verdict import MIME, Verdict


class Judge(Preprocessor):
    """Judges every test cell's exercise and writes score and verdict as the cell's output."""

    enabled = Bool(True, help="Whether to judge submissions.").tag(config=True)
    sandbox = Enum(
        walls.KINDS,
        walls.BUBBLEWRAP,
        help='Where submissions run: behind the walls of "bubblewrap", or with your own rights ("none").',
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook with a verdict in every test cell.

        Raises `GraderError` for a test without a check, and where the sandbox cannot be had.
        """
        if self.sandbox == walls.BUBBLEWRAP:
            walls.must_be_there()
        written = [cell.source for cell in nb.cells if cell.cell_type == "code" and not is_test(cell)]
        for cell in nb.cells:
            if is_test(cell):
                cell.outputs = [_output(judged(cell, written, self.sandbox))]
                cell.execution_count = None
        nb.metadata.setdefault("minitf", NotebookNode())["graded"] = datetime.now(UTC).isoformat()
        return nb, resources


def is_test(cell: NotebookNode) -> bool:
    """Whether *cell* is a code cell whose score the judge gives."""
    grading = cell.metadata.get("nbgrader", {})
    return cell.cell_type == "code" and bool(grading.get("grade")) and not grading.get("solution")


def judged(cell: NotebookNode, written: list[str], sandbox: str = walls.BUBBLEWRAP) -> Verdict:
    """The verdict for a test cell over the student's code cells, in the points that nbgrader gives for the cell."""
    verdict = grade(written, exercise(exercise_id(cell)), sandbox=sandbox)
    points = float(cell.metadata.nbgrader.points)
    share = verdict.points / verdict.max_points if verdict.max_points else 0.0
    return replace(verdict, points=round(share * points, 6), max_points=points)


def exercise_id(cell: NotebookNode) -> str:
    """The exercise that a test cell checks: the first argument of its `check(...)`; raises `GraderError` if none."""
    for node in ast.walk(ast.parse(cell.source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "check" and node.args:
            name = node.args[0]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                return name.value
    raise GraderError(
        f'the test cell "{cell.metadata.nbgrader.grade_id}" was to be judged, but it has no check("chapter/exercise", '
        "...): write one, or give the points by hand in a manual cell"
    )


def _output(verdict: Verdict) -> NotebookNode:
    data = {"text/plain": repr(verdict.points), "text/html": verdict.html(), MIME: verdict.to_dict()}
    output: NotebookNode = new_output("execute_result", data=data, execution_count=None)
    return output
