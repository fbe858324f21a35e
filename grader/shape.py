"""Bring whatever JSON a student's tool wrote into the sound form of an nbformat 4.5 notebook.

`sound_notebook` takes any parsed JSON, keeps what is recognisable as cells and drops what could break a tool or run in
the page of whoever looks at it. It knows nothing of exercises, nbgrader or files; `grader.submission` reads the files
and `grader.repair` brings the cells back to what was released.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from typing import Any

from nbformat import NotebookNode

_CELL_ID = re.compile(r"^[A-Za-z0-9_-]{1,64}$")
_MAX_TEXT = 20_000  # characters of one output that are kept: a flood of prints helps nobody
_MAX_OUTPUTS = 50  # outputs of one cell
_MAX_IMAGE = 4_000_000  # base64 characters of one picture
# What nbformat or a tool gives a meaning to: how a cell is folded, tagged, named; of no use here, and often malformed.
_CELL_KEYS = {"id", "collapsed", "scrolled", "name", "tags", "jupyter", "execution", "format", "slideshow", "trusted"}
_NOTEBOOK_KEYS = {"kernelspec", "language_info", "orig_nbformat", "title", "authors"}
_IMAGES = ("image/png", "image/jpeg")


def sound_notebook(content: Mapping[str, Any]) -> NotebookNode:
    """Return a valid 4.5 notebook with the cells found in *content*, ids and metadata as they came.

    A cell id is taken from the cell, else from `metadata.id`, where Colab puts it; a cell without a usable id gets ""
    (`grader.repair` gives those an id). Outputs are kept where they are plain text or pictures.

    >>> nb = sound_notebook({"cells": [{"cell_type": "code", "source": ["x = ", "1"]}, "no cell"]})
    >>> [(cell.cell_type, cell.source, cell.id) for cell in nb.cells]
    [('code', 'x = 1', '')]
    """
    cells = content.get("cells")
    return NotebookNode(
        nbformat=4,
        nbformat_minor=5,
        metadata=_notebook_metadata(_plain(content.get("metadata"))),
        cells=[_cell(cell) for cell in cells if isinstance(cell, Mapping)] if isinstance(cells, list) else [],
    )


def _notebook_metadata(metadata: dict[str, Any]) -> NotebookNode:
    """Metadata of a notebook, without entries that nbformat knows and finds malformed."""
    kept = NotebookNode({key: value for key, value in metadata.items() if key not in _NOTEBOOK_KEYS})
    for key, needed in (("kernelspec", ("name", "display_name")), ("language_info", ("name",))):
        texts = {name: text for name, text in _plain(metadata.get(key)).items() if isinstance(text, str)}
        if all(name in texts for name in needed):
            kept[key] = NotebookNode(texts)
    return kept


def _cell(raw: Mapping[str, Any]) -> NotebookNode:
    """One sound cell from a JSON object."""
    metadata = _plain(raw.get("metadata"))
    cell_id = _cell_id(raw.get("id")) or _cell_id(metadata.get("id"))
    kept = NotebookNode({key: value for key, value in metadata.items() if key not in _CELL_KEYS})
    kind = raw.get("cell_type") if raw.get("cell_type") in ("code", "markdown") else "raw"
    cell = NotebookNode(id=cell_id, cell_type=kind, metadata=kept, source=_text(raw.get("source")))
    if kind == "code":
        cell.outputs, cell.execution_count = safe_outputs(raw.get("outputs")), None
    elif attachments := _attachments(raw.get("attachments")):
        cell.attachments = attachments
    return cell


def _cell_id(value: Any) -> str:
    return value if isinstance(value, str) and _CELL_ID.match(value) else ""


def _plain(metadata: Any) -> dict[str, Any]:
    """Metadata as a dict with writable keys and values, whatever came."""
    cleaned = _writable(metadata)
    return cleaned if isinstance(cleaned, dict) else {}


def _writable(value: Any, depth: int = 0) -> Any:
    """The JSON value with every text encodable as UTF-8 and nesting bounded, so that it can be written again."""
    if depth > 20:
        return None
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return NotebookNode({_text(key): _writable(item, depth + 1) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return [_writable(item, depth + 1) for item in value]
    return value


def _text(value: Any) -> str:
    """Text from a string or a list of strings, with unpaired surrogates replaced."""
    if isinstance(value, list | tuple):
        value = "".join(part for part in value if isinstance(part, str))
    if not isinstance(value, str):
        return ""
    return value.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n")


def safe_outputs(outputs: Any) -> list[NotebookNode]:
    """Outputs that can do no harm in anybody's page: streams, errors, plain text and PNG or JPEG pictures.

    >>> [dict(o.data) for o in safe_outputs([{"output_type": "display_data",
    ...     "data": {"text/html": "<script>", "text/plain": "a table"}}])]
    [{'text/plain': 'a table'}]
    """
    if not isinstance(outputs, list):
        return []
    kept = (_output(output) for output in outputs[:_MAX_OUTPUTS] if isinstance(output, Mapping))
    return [output for output in kept if output is not None]


def _output(raw: Mapping[str, Any]) -> NotebookNode | None:
    kind = raw.get("output_type")
    if kind == "stream":
        name = "stderr" if raw.get("name") == "stderr" else "stdout"
        return NotebookNode(output_type="stream", name=name, text=_short(raw.get("text")))
    if kind == "error":
        trace = raw.get("traceback")
        lines = [_short(line) for line in trace[-100:]] if isinstance(trace, list) else []
        told = {name: _short(raw.get(name)) for name in ("ename", "evalue")}
        return NotebookNode(output_type="error", traceback=lines, **told)
    if kind in ("execute_result", "display_data"):
        data = _safe_data(raw.get("data"))
        return NotebookNode(output_type="display_data", data=data, metadata=NotebookNode()) if data else None
    return None


def _safe_data(data: Any) -> NotebookNode:
    """The plain text and pictures of a MIME bundle."""
    if not isinstance(data, Mapping):
        return NotebookNode()
    safe = NotebookNode()
    for kind in _IMAGES:
        picture = _picture(data.get(kind))
        if picture:
            safe[kind] = picture
    if "text/plain" in data:
        safe["text/plain"] = _short(data["text/plain"])
    return safe


def _picture(value: Any) -> str:
    """A base64 picture, or "" when it is too large or not base64."""
    text = "".join(_text(value).split())
    if not text or len(text) > _MAX_IMAGE:
        return ""
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return text


def _attachments(value: Any) -> NotebookNode:
    """Pictures attached to a text cell, by file name."""
    if not isinstance(value, Mapping):
        return NotebookNode()
    found = NotebookNode()
    for name, data in value.items():
        pictures = _safe_data(data)
        pictures.pop("text/plain", None)
        if pictures:
            found[_text(name)] = pictures
    return found


def _short(value: Any) -> str:
    text = _text(value)
    return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "\n… (cut here: this output was longer)"


def give_ids(cells: Iterable[NotebookNode], taken: Iterable[str]) -> int:
    """Give every cell whose id is empty or *taken* an id of its own; return how many had the id of another cell."""
    used, doubled = set(taken), 0
    for number, cell in enumerate(cells, 1):
        doubled += bool(cell.id) and cell.id in used
        if not cell.id or cell.id in used:
            cell.id = next(name for name in _names(number) if name not in used)
        used.add(cell.id)
    return doubled


def _names(number: int) -> Iterable[str]:
    yield f"cell-{number}"
    suffix = 1
    while True:
        suffix += 1
        yield f"cell-{number}-{suffix}"
