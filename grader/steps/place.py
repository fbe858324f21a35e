"""Where a step is: which course, which student, which notebook.

nbgrader gives a step the names in `resources["nbgrader"]` and, through its parents, the course directory. This module
is the one place that knows how.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbgrader.api import Gradebook, MissingEntry

from grader.errors import GraderError


@dataclass(frozen=True)
class Here:
    """The submission a step is working on."""

    root: Path  # the course folder
    released: Path  # the notebook as students got it
    chapter: str
    notebook: str  # name without ".ipynb"
    student: str
    db_url: str

    @contextmanager
    def submitted_notebook(self) -> Iterator[tuple[Gradebook, Any]]:
        """The open gradebook and this submission's entry in it, or None where there is none yet."""
        with Gradebook(self.db_url) as gradebook:
            try:
                entry = gradebook.find_submission_notebook(self.notebook, self.chapter, self.student)
            except MissingEntry:
                entry = None
            yield gradebook, entry


def here(step: Preprocessor, resources: dict[str, Any]) -> Here:
    """Where *step* is; raises `GraderError` when it is not run by one of nbgrader's converters."""
    names = resources.get("nbgrader", {})
    coursedir = getattr(getattr(step.parent, "parent", None), "coursedir", None)
    if coursedir is None or "assignment" not in names:
        raise GraderError(
            f"the step {type(step).__name__} was run outside a course: name it in the lists of nbgrader_config.py"
        )
    folder = coursedir.format_path(coursedir.release_directory, ".", names["assignment"])
    return Here(
        root=Path(coursedir.root),
        released=Path(folder) / f"{names['notebook']}.ipynb",
        chapter=names["assignment"],
        notebook=names["notebook"],
        student=names["student"],
        db_url=names["db_url"],
    )
