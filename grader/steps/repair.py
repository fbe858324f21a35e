"""The first step on a submission: repair it, and forget what an earlier file earned.

It calls the pure `grader.repair` with the released notebook, writes what was changed into the notebook's metadata, and
clears the submission's old scores, so that no score outlives the work that earned it. It judges nothing.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from traitlets import Bool

from grader import records
from grader.errors import GraderError
from grader.notebooks.form import read_notebook
from grader.repair import blank, repair
from grader.steps.place import Here, here
from grader.steps.submission import RESOURCE


class Repair(Preprocessor):
    """Brings a submission back to its released shape; the sentences go to `metadata.minitf.repairs`."""

    enabled = Bool(True, help="Whether to repair submissions.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the repaired notebook; raises `GraderError` when the chapter has not been released."""
        place = here(self, resources)
        began = time.time()
        released = _released(place.released)
        came = resources[RESOURCE]
        forget_scores(place, came["submission"])
        repairs = list(came["problems"])
        if came["notebook"] is not None:
            repaired = repair(came["notebook"], released)
            nb = repaired.notebook
            repairs += repaired.changes
        else:
            nb = blank(released)
        nb.metadata["minitf"] = NotebookNode(submission=came["submission"], repairs=repairs, began=began)
        return nb, resources


def _released(path: Path) -> NotebookNode:
    if not path.is_file():
        raise GraderError(f"a submission was to be graded, but {path.name} has not been released: run `grader release`")
    notebook: NotebookNode = read_notebook(path)
    return notebook


def forget_scores(place: Here, submission: str) -> None:
    """Clear the automatic scores of a submission, and manual ones too if they were given to another file than this."""
    path = records.path_of(place.root, place.chapter, place.student)
    earlier = records.read(path)
    another = earlier is not None and earlier.submission != submission
    with place.submitted_notebook() as (gradebook, entry):
        for grade in entry.grades if entry is not None else ():
            grade.auto_score = None
            grade.needs_manual_grade = True
            if another:
                grade.manual_score = None
                grade.extra_credit = None
        gradebook.db.commit()
    path.unlink(missing_ok=True)
