"""Archives: NumPy arrays and a description of them in one file, which is there as a whole or not at all.

An archive is a zip file, as `np.savez` writes it, so `np.load` opens it. Every file of minitf is written beside its
place, flushed to the disk, and only then renamed: whoever is killed in between leaves the old file.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from minitf.errors import AbortedError, DataLossError, NotFoundError, explain

__all__ = ["GRAPH", "MODEL", "Archive", "removed", "replaced", "write"]

GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"  # the entry that describes the others, under TensorFlow's name
MODEL = "saved_model.npz"  # in the folder of a saved model
_FORMAT = "minitf archive 1"
_PART = ".part"
_writing = threading.Lock()


def write(path: str, graph: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], family: str | None = None) -> None:
    """Write an archive; what killed writers of the same family of files left behind is removed."""
    described = {name: [array.dtype.name, array.shape] for name, array in arrays.items()}

    def fill(file: IO[bytes]) -> None:
        with zipfile.ZipFile(file, "w") as archive:
            text = json.dumps({"format": _FORMAT, "arrays": described, **graph})
            archive.writestr(_entry(GRAPH), text)
            for name, array in arrays.items():
                with archive.open(_entry(f"{name}.npy"), "w", force_zip64=True) as entry:
                    np.lib.format.write_array(entry, array, allow_pickle=False)

    replaced(path, fill, family)


def _entry(name: str) -> zipfile.ZipInfo:
    """Make an entry that everybody may read; it says that it is of 1980, so that equal values make equal files."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr = 0o644 << 16
    return entry


def replaced(path: str, fill: Callable[[IO[bytes]], None], family: str | None = None) -> None:
    """Put a file in the place of another, if there is one, in one step; `fill` writes what is in it.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "notes.txt"
    >>> replaced(str(path), lambda file: file.write(b"all of it"))
    >>> path.read_text()
    'all of it'
    """
    place = Path(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(f".{place.name}.{os.urandom(4).hex()}{_PART}")
    with _writing:
        for other in place.parent.iterdir():
            if other.name.startswith(f".{family or place.name + '.'}") and other.name.endswith(_PART):
                removed(other)
        try:
            with open(part, "xb") as file:
                fill(file)
                file.flush()
                os.fsync(file.fileno())
            _rename(part, place)
        except BaseException:
            removed(part)
            raise
        _flush(place.parent)


def _rename(part: Path, place: Path) -> None:
    try:
        os.replace(part, place)
    except FileNotFoundError:
        asked = f"{place} was not written, because another process saved there at the same time"
        raise AbortedError(None, None, f"{asked}; give each process a path of its own.") from None


def removed(path: str | Path) -> None:
    """Remove a file, unless it is gone or, as some systems have it, open."""
    with contextlib.suppress(FileNotFoundError, PermissionError):
        os.unlink(path)


def _flush(folder: Path) -> None:
    """Have the disk remember the names in a folder, where a system can be asked for it."""
    if hasattr(os, "O_DIRECTORY"):
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            with contextlib.suppress(OSError):  # some network drives refuse
                os.fsync(opened)
        finally:
            os.close(opened)


class Archive:
    """An archive opened for reading; NotFoundError if there is no file, DataLossError if it is damaged or foreign."""

    def __init__(self, path: str, missing: str) -> None:
        """Read the description; `missing` says what is missing, if the file is."""
        self.path = path
        with self._reading(missing) as file:
            self.graph: dict[str, Any] = json.loads(file.read(GRAPH))
            if self.graph["format"] != _FORMAT:
                raise ValueError(f"its format is {self.graph['format']!r}, not {_FORMAT!r}")
            self.shapes: dict[str, tuple[str, list[int]]] = self.graph["arrays"]

    def read(self, names: list[str]) -> dict[str, NDArray[Any]]:
        """Read arrays."""
        arrays = {}
        with self._reading(f"{self.path} was removed while it was read") as file:
            for name in names:
                with file.open(f"{name}.npy") as entry:
                    arrays[name] = np.lib.format.read_array(entry, allow_pickle=False)
                    dtype, shape = self.shapes[name]
                    if entry.read(1) or arrays[name].dtype.name != dtype or list(arrays[name].shape) != shape:
                        raise ValueError(f"{name} is not what the description says")
        return arrays

    @contextlib.contextmanager
    def _reading(self, missing: str) -> Iterator[zipfile.ZipFile]:
        try:
            with zipfile.ZipFile(self.path) as file:
                yield file
        except FileNotFoundError:
            raise NotFoundError(None, None, missing) from None
        except Exception as error:  # whatever a damaged file makes its readers say
            if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno != errno.EINVAL):
                raise
            raise _damaged(self.path, error) from error


def _damaged(path: str, error: Exception) -> DataLossError:
    got, expected = f"{type(error).__name__}: {error}", "a file that this minitf wrote, whole"
    asked, do = f"Unable to read {path}: the file is damaged, or not minitf's", "take a copy of it, or write it again"
    return DataLossError(None, None, explain(asked, got=got, expected=expected, do=do))
