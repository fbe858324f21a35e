"""The notebook tool: one canonical form, a linter, the student versions, and stored outputs that are true.

`form` reads, normalises and writes notebooks; `lint` with `rules`, `release` and `refresh` build on it, and `cli` is
``python -m grader.notebooks``.  Nothing here knows about submissions, scores or the gradebook.
"""

from grader.notebooks.form import normalised, read_notebook, write_notebook

__all__ = ["normalised", "read_notebook", "write_notebook"]
