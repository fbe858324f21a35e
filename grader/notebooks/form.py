"""The canonical form of a notebook, and reading and writing it.

Two people who save the same notebook get the same bytes: nbformat 4.5, readable cell ids, no editor's private metadata,
no timings.  What a cell computed is never touched.  This module knows nbformat and nothing of nbgrader.
"""

from __future__ import annotations

import ast
import copy
import json
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.validator import iter_validate

from grader.errors import DamagedNotebook
from grader.notebooks.files import write_whole

Notebook: TypeAlias = Any  # a NotebookNode; nbformat publishes no types
Cell: TypeAlias = Any

FORMAT = (4, 5)
LONGEST_ID = 64

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}
NOTEBOOK_METADATA = ("authors", "title")
CELL_METADATA = ("deletable", "editable", "jupyter", "name", "nbgrader", "tags")
CELL_FIELDS = {
    "code": ("cell_type", "execution_count", "id", "metadata", "outputs", "source"),
    "markdown": ("attachments", "cell_type", "id", "metadata", "source"),
    "raw": ("attachments", "cell_type", "id", "metadata", "source"),
}

UNTOUCHED = "nbval-skip"  # cells with this tag are run neither by this tool nor by nbval
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

READABLE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
DRAWN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=\D*\d)[0-9a-f]{8,}")


def read_notebook(path: Path | str) -> Notebook:
    """Return the notebook in the file *path*, as it stands there; raises `DamagedNotebook` if that cannot be done."""
    path = Path(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DamagedNotebook(f"notebook {path} was asked for, but there is no such file: check its name") from error
    except OSError as error:
        raise DamagedNotebook(
            f"notebook {path} was asked for, but it cannot be opened ({error.strerror or error}): "
            "name a notebook file that may be read"
        ) from error
    except (ValueError, RecursionError) as error:
        raise DamagedNotebook(
            f"notebook {path} was asked for, but its content is not JSON ({error}): restore it or save it again"
        ) from error
    complaint = _shape_complaint(content)
    if complaint:
        raise DamagedNotebook(
            f"notebook {path} was asked for, but {complaint}: open it in JupyterLab and save it again, or restore it"
        )
    return nbformat.v4.to_notebook(content)


def write_notebook(notebook: Notebook, path: Path | str) -> None:
    """Write *notebook* to *path*, whole or not at all; raises `DamagedNotebook` where nbformat 4.5 forbids it."""
    path = Path(path)
    for complaint in complaints(notebook):
        raise DamagedNotebook(f"{path} was to be written, but {complaint}: mend the notebook first")
    write_whole(path, text_of(notebook).encode("utf-8"))


def text_of(notebook: Notebook) -> str:
    """Return the file's content: JSON with sorted keys, one line of source per line, a newline at the end."""
    return str(nbformat.v4.writes(notebook)) + "\n"


def complaints(notebook: Notebook) -> Iterator[str]:
    """Yield what nbformat 4.5 forbids in *notebook*, each as half a sentence that names the cell."""
    version = (notebook.get("nbformat"), notebook.get("nbformat_minor"))
    if version != FORMAT:
        yield f"its format is {version[0]}.{version[1]} and not 4.5"
        return
    major, minor = FORMAT
    shell = NotebookNode({**notebook, "cells": []})
    for error in iter_validate(shell, version=major, version_minor=minor):
        yield f"its {_place(error)} is not valid ({error.message})"
    for number, cell in enumerate(notebook.cells, 1):
        kind = f"{cell.get('cell_type')}_cell"
        for error in iter_validate(cell, ref=kind, version=major, version_minor=minor):
            yield f"the {_place(error)} of cell {cell.get('id', number)} is not valid ({error.message})"


def is_readable(identity: str) -> bool:
    """Tell whether a cell id is made of words, and not drawn at random by an editor.

    >>> is_readable("weighted-sum"), is_readable("c5a51f3e"), is_readable("Weighted_Sum")
    (True, False, False)
    """
    return len(identity) <= LONGEST_ID and bool(READABLE.fullmatch(identity)) and not DRAWN.fullmatch(identity)


def normalised(notebook: Notebook) -> Notebook:
    """Return *notebook* in canonical form; the argument is left alone, and so is every output's content."""
    tidy = copy.deepcopy(notebook)
    tidy.nbformat, tidy.nbformat_minor = FORMAT
    kept = {key: tidy.metadata[key] for key in NOTEBOOK_METADATA if key in tidy.metadata}
    tidy.metadata = NotebookNode({**kept, "kernelspec": dict(KERNELSPEC), "language_info": copy.deepcopy(LANGUAGE)})
    tidy.cells = [_tidy_cell(cell) for cell in tidy.cells]
    for cell, identity in zip(tidy.cells, _identities(tidy.cells), strict=True):
        cell.id = identity
    _count_executions(tidy.cells)
    return tidy


def _tidy_cell(cell: Cell) -> Cell:
    kept = {key: value for key, value in cell.items() if key in CELL_FIELDS[cell.cell_type]}
    metadata = {key: value for key, value in cell.metadata.items() if key in CELL_METADATA}
    folded = metadata.pop("jupyter", None)
    if isinstance(folded, dict) and folded.get("source_hidden"):
        metadata["jupyter"] = {"source_hidden": True}
    if not metadata.get("tags", True):
        del metadata["tags"]
    trim = _trimmed_code if cell.cell_type == "code" else _trimmed_text
    return NotebookNode({**kept, "metadata": NotebookNode(metadata), "source": trim(cell.source)})


def _trimmed_code(source: str) -> str:
    """Take blanks off the ends of lines, unless they are part of a string that the program uses."""
    lines = _lines(source)
    trimmed = "\n".join(line.rstrip() for line in lines).strip("\n")
    same = _program("\n".join(lines)) == _program(trimmed)
    return trimmed if same else "\n".join(lines).strip("\n")


def _program(source: str) -> str | None:
    try:
        return ast.dump(ast.parse(source))
    except (SyntaxError, ValueError):  # a magic, or code that is broken on purpose
        return None


def _trimmed_text(source: str) -> str:
    """Take blanks off the ends of lines, except the two that break a line in Markdown."""
    lines = [line.rstrip() + ("  " if line.strip() and line.endswith("  ") else "") for line in _lines(source)]
    return "\n".join(lines).strip("\n").rstrip()


def _lines(source: str) -> list[str]:
    return source.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _identities(cells: list[Cell]) -> list[str]:
    """Return an id for each cell: its own where that is readable and new, else one made of its first words."""
    kept: dict[int, str] = {}
    for position, cell in enumerate(cells):
        own = cell.get("id", "")
        if is_readable(own) and own not in kept.values():
            kept[position] = own
    for position, cell in enumerate(cells):
        if position not in kept:
            slug = _slug(cell)
            names = (f"{slug}-{number}" if number > 1 else slug for number in count(1))
            kept[position] = next(name for name in names if name not in kept.values())
    return [kept[position] for position in range(len(cells))]


def _slug(cell: Cell) -> str:
    """Make an id of a cell's grade id, or of the first words of its source."""
    grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
    words = re.findall(r"[a-z0-9]+", str(grade_id or cell.source[:400]).lower())
    slug = "-".join(words[:5])[: LONGEST_ID - 8].strip("-")
    return slug if is_readable(slug) else f"{cell.cell_type}-{slug}".strip("-")


def _count_executions(cells: list[Cell]) -> None:
    """Number the cells that have run 1, 2, 3, ...; a cell that has neither number nor outputs has not run."""
    order = 0
    for cell in cells:
        if cell.cell_type != "code":
            continue
        has_run = bool(cell.outputs) or cell.get("execution_count") is not None
        order += has_run
        cell.execution_count = order if has_run else None
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = cell.execution_count


def _place(error: Any) -> str:
    return ".".join(str(step) for step in error.relative_path) or "structure"


def _shape_complaint(content: Any) -> str | None:
    """Return why *content* is no notebook that this tool can work with, or None."""
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        return "it holds JSON and no list of cells, so it is not a notebook of format 4"
    if content.get("nbformat") != FORMAT[0]:
        return f"its format is {content.get('nbformat')!r} and not 4"
    if not isinstance(content.setdefault("metadata", {}), dict):
        return "its metadata are not a table of names and values"
    for number, cell in enumerate(content["cells"], 1):
        complaint = _cell_complaint(cell)
        if complaint:
            return f"cell {number} {complaint}"
    try:
        json.dumps(content, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return "it holds half a character (a lone surrogate), which no file can store"
    return None


def _cell_complaint(cell: Any) -> str | None:
    if not isinstance(cell, dict) or cell.get("cell_type") not in CELL_FIELDS:
        return "is neither code nor text"
    if not isinstance(cell.setdefault("metadata", {}), dict):
        return "has metadata that are not a table of names and values"
    if not isinstance(cell["metadata"].get("nbgrader", {}), dict):
        return "has nbgrader metadata that are not a table of names and values"
    if not _is_text(cell.get("source")):
        return "has a source that is not text"
    if not isinstance(cell.get("id", ""), str):
        return "has an id that is not text"
    attachments = cell.get("attachments", {})
    if not isinstance(attachments, dict) or not all(isinstance(each, dict) for each in attachments.values()):
        return "has attachments that are not files by name"
    if cell["cell_type"] != "code":
        return None
    if not isinstance(cell.setdefault("outputs", []), list) or not all(map(_is_output, cell["outputs"])):
        return "has outputs that are not what a kernel sends"
    return None


def _is_output(output: Any) -> bool:
    """Tell whether an output has the fields of its kind."""
    if not isinstance(output, dict):
        return False
    kind = output.get("output_type")
    if kind == "stream":
        return _is_text(output.get("text"))
    if kind == "error":
        return isinstance(output.get("ename"), str) and isinstance(output.get("evalue"), str)
    return kind in ("display_data", "execute_result") and isinstance(output.get("data"), dict)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(line, str) for line in value))
