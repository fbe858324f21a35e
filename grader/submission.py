"""Find and read what a student handed in, whatever state it is in.

`find` looks for the notebook in a student's folder, `read` turns its bytes into a sound notebook; what was odd about
either comes back as sentences. Nothing here raises for a bad file, knows the gradebook, or writes anything.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat.reader
from nbformat import NotebookNode, ValidationError
from nbformat.reader import NotJSONError

from grader.shape import sound_notebook

MAX_BYTES = 50_000_000
_ENCODINGS = (("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("cp1252", "Windows-1252"), ("latin-1", "Latin-1"))


@dataclass(frozen=True)
class Found:
    """The file that counts as a student's submission (None if there is none), and what to say about the choice."""

    path: Path | None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Read:
    """A submission's cells; `notebook` is None when nothing in the file could be used. `problems` are sentences."""

    notebook: NotebookNode | None
    problems: tuple[str, ...] = ()


def find(folder: Path, name: str) -> Found:
    """The notebook called *name* (with ".ipynb") in *folder*; under another name if it is the only one there."""
    wanted = folder / name
    if wanted.is_file():
        return Found(wanted)
    others = sorted(path for path in folder.rglob("*.ipynb") if path.is_file() and not _hidden(path, folder))
    if len(others) == 1:
        return Found(others[0], (f'The notebook was handed in as "{others[0].name}"; it has been taken for "{name}".',))
    if not others:
        return Found(None, (f'No notebook was handed in: the folder has no "{name}"; every exercise counts 0.',))
    names = ", ".join(f'"{path.name}"' for path in others)
    return Found(
        None, (f'No notebook is called "{name}" and there are several others ({names}): rename the right one.',)
    )


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def content_of(path: Path | None) -> bytes:
    """The submitted bytes; empty when there is no file, or none that can be read within MAX_BYTES."""
    if path is None:
        return b""
    try:
        if path.stat().st_size > MAX_BYTES:
            return b""
        return path.read_bytes()
    except OSError:
        return b""


def digest(content: bytes) -> str:
    """The SHA-256 of a submission's bytes: two submissions are the same when this is."""
    return hashlib.sha256(content).hexdigest()


def read(content: bytes) -> Read:
    """The notebook in *content*, converted to format 4.5 and made sound.

    >>> read(b"{").problems
    ('The file is no notebook: its JSON is damaged in line 1; hand it in again, every exercise counts 0.',)
    """
    if not content.strip():
        return Read(
            None, ("The file is empty, unreadable or far too large; hand it in again, every exercise counts 0.",)
        )
    text, encoding = _decoded(content)
    problems = (
        () if encoding == "UTF-8" else (f"The file was written as {encoding}, not UTF-8; it has been converted.",)
    )
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"its JSON is damaged in line {error.lineno}"
        return Read(None, (f"The file is no notebook: {where}; hand it in again, every exercise counts 0.",))
    except RecursionError:
        data = None
    return _converted(data, problems)


def _decoded(content: bytes) -> tuple[str, str]:
    """The text of *content* and the name of the encoding it was in."""
    for codec, name in _ENCODINGS:
        if codec == "utf-16" and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue  # without its mark, almost any bytes would pass for UTF-16
        try:
            return content.decode(codec), name
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1"), "Latin-1"


def _converted(data: Any, problems: tuple[str, ...]) -> Read:
    """Parsed JSON as a sound notebook of format 4.5."""
    if isinstance(data, Mapping) and isinstance(data.get("cells"), list):
        version = data.get("nbformat")
        if version not in (4, None):
            problems += (f"The file says it is of notebook format {version}; it has been read as format 4.",)
        return Read(sound_notebook(data), problems)
    if isinstance(data, dict) and isinstance(data.get("worksheets"), list):
        try:
            upgraded = nbformat.convert(nbformat.reader.reads(json.dumps(data)), 4)
        except (AttributeError, KeyError, TypeError, ValueError, IndexError, ValidationError, NotJSONError):
            upgraded = None
        if upgraded is not None:
            problems += (f"The file was of notebook format {data.get('nbformat')}; it has been converted to format 4.",)
            notebook = sound_notebook(upgraded)
            for cell in notebook.cells:
                cell.id = ""  # the conversion makes ids up, another one each time
            return Read(notebook, problems)
    return Read(None, (*problems, "The file is JSON but no notebook; hand it in again, every exercise counts 0."))
