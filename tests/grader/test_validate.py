"""nbgrader's own Validate, which runs the notebook in a kernel, agrees with the verdicts."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat import v4
from nbgrader.validator import Validator

RIGHT = "def weighted_sum(inputs, weights):\n    return sum(x * w for x, w in zip(inputs, weights))"
WRONG = "def weighted_sum(inputs, weights):\n    return sum(weights)"


def handed_in(folder: Path, answer: str) -> Path:
    """A notebook with one exercise: setup, answer and test cell."""
    grading = {"schema_version": 3, "grade": True, "solution": False, "locked": True, "task": False, "points": 1}
    notebook = v4.new_notebook(
        cells=[
            v4.new_code_cell("from grader import check"),
            v4.new_code_cell(answer),
            v4.new_code_cell(
                'check("01-perceptron/weighted_sum", weighted_sum)',
                metadata={"nbgrader": grading | {"grade_id": "weighted-sum-check"}},
            ),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    path = folder / "answer.ipynb"
    nbformat.write(notebook, path)
    return path


@pytest.mark.parametrize(("answer", "failed"), [(RIGHT, 0), (WRONG, 1)], ids=["right", "wrong"])
def test_validate_finds_just_the_answers_that_are_not_passed(tmp_path: Path, answer: str, failed: int) -> None:
    found = Validator(ignore_checksums=True).validate(str(handed_in(tmp_path, answer))).get("failed", [])
    assert len(found) == failed
    assert all("An input of 0 should silence its weight" in cell["error"] for cell in found)
