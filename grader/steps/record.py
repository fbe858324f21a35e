"""The last step of grading: write down what was graded, so that the next run knows it is done.

It runs after nbgrader has saved the scores, reads them back from the gradebook, and writes the submission's record.
"""

from __future__ import annotations

import time
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from traitlets import Bool

from grader import records
from grader.steps.judge import is_test
from grader.steps.place import here
from grader.verdict import MIME


class KeepRecord(Preprocessor):
    """Writes the record of a graded submission into the course folder."""

    enabled = Bool(True, help="Whether to keep records of graded submissions.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Write the record; the notebook is left as it is, but for the time its grading began."""
        place = here(self, resources)
        notes = nb.metadata["minitf"]
        with place.submitted_notebook() as (_, entry):
            scores = {grade.name: grade.auto_score for grade in entry.grades} if entry is not None else {}
        record = records.Record(
            submission=notes["submission"],
            judged_by=records.judging_version(place.released),
            graded=notes["graded"],
            seconds=round(time.time() - notes.pop("began"), 2),
            problems=tuple(notes["repairs"]),
            verdicts={
                cell.metadata.nbgrader.grade_id: cell.outputs[0].data[MIME] for cell in nb.cells if is_test(cell)
            },
            scores=scores,
        )
        records.write(records.path_of(place.root, place.chapter, place.student), record)
        return nb, resources
