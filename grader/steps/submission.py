"""How nbgrader reads a submission: any file at all becomes a notebook.

Stock nbgrader gives up on a file it cannot parse; this exporter hands the repair step an empty notebook and the reason
instead. It stands where nbgrader has its NotebookExporter and decides nothing.
"""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbformat.v4 import new_notebook
from traitlets import List, Unicode

from grader.shape import give_ids
from grader.submission import content_of, digest, read

RESOURCE = "minitf"


class SubmissionExporter(NotebookExporter):
    """Reads a submitted file whatever its state; what was odd travels to the steps as `resources["minitf"]`."""

    notes = List(Unicode(), help="Sentences known about a submission before its file is read.").tag(config=True)

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Convert the file *filename*, an empty notebook standing in for one that cannot be read."""
        content = content_of(Path(filename))
        submission = read(content)
        resources = ResourcesDict() if resources is None else resources
        resources["metadata"] = ResourcesDict(name=Path(filename).stem, path=str(Path(filename).parent))
        resources[RESOURCE] = {
            "submission": digest(content),
            "notebook": submission.notebook,  # as it came: nbconvert gives new ids to cells that have none or another's
            "problems": [*self.notes, *(submission.problems if content or not self.notes else ())],
        }
        notebook = new_notebook() if submission.notebook is None else deepcopy(submission.notebook)
        give_ids(notebook.cells, ())
        convert: Any = self.from_notebook_node  # nbconvert's methods carry no types
        converted: tuple[NotebookNode, dict[str, Any]] = convert(notebook, resources=resources, **kw)
        return converted
