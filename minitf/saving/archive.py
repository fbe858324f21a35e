"""Archives: NumPy arrays and a description of them in one file, which is there as a whole or not at all.

An archive is a zip file, as `np.savez` writes it, so `np.load` opens it. Every file of minitf is written beside its
place, flushed to the disk, and only then renamed: whoever is killed in between leaves the old file.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from minitf.errors import DataLossError, NotFoundError, explain

try:
    import fcntl
except ImportError:  # Windows, where nobody removes or renames a file that is open
    fcntl = None  # type: ignore[assignment]

__all__ = ["GRAPH", "MODEL", "Archive", "removed", "replacing", "write"]

GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"  # the entry that describes the others, under TensorFlow's name
MODEL = "saved_model.npz"  # in the folder of a saved model
_FORMAT = "minitf archive 1"
_PART = ".part"


def write(path: str, graph: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], family: str | None = None) -> None:
    """Write an archive; what killed writers of the same family of files left behind is removed."""
    described = {name: [array.dtype.name, array.shape] for name, array in arrays.items()}
    with replacing(path, family) as file, zipfile.ZipFile(file, "w") as archive:
        archive.writestr(_entry(GRAPH), json.dumps({"format": _FORMAT, "arrays": described, **graph}))
        for name, array in arrays.items():
            with archive.open(_entry(f"{name}.npy"), "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)


def _entry(name: str) -> zipfile.ZipInfo:
    """Make an entry that everybody may read; it says that it is of 1980, so that equal values make equal files."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr = 0o644 << 16
    return entry


@contextlib.contextmanager
def replacing(path: str | Path, family: str | None = None) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of another, if there is one, in one step when all is written.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "notes.txt"
    >>> with replacing(path) as file:
    ...     size, there = file.write(b"all of it"), path.exists()
    >>> there, path.read_text()
    (False, 'all of it')
    """
    place = Path(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    for other in list(place.parent.iterdir()):
        if other.name.startswith(f".{family or place.name + '.'}") and other.name.endswith(_PART):
            _remove_abandoned(other)
    part, file = _begun(place)
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            if fcntl is None:
                file.close()
            os.replace(part, place)
    except BaseException:
        removed(part)
        raise
    _flush(place.parent)


def _begun(place: Path) -> tuple[Path, IO[bytes]]:
    """Open a file beside a place, with a lock that says that somebody writes it."""
    part = place.with_name(f".{place.name}.{os.urandom(4).hex()}{_PART}")
    file = open(part, "xb")
    if fcntl is not None:
        with contextlib.suppress(OSError):  # some network drives have no locks
            fcntl.flock(file, fcntl.LOCK_EX)
        if not part.exists():  # somebody took it for abandoned before it was locked
            file.close()
            return _begun(place)
    return part, file


def _remove_abandoned(part: Path) -> None:
    """Remove what a killed process left; a file that is still written is locked or, on Windows, cannot be removed."""
    if fcntl is None:
        removed(part)
        return
    with contextlib.suppress(OSError), open(part, "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(part)


def removed(path: str | Path) -> None:
    """Remove a file, unless it is gone or, as some systems have it, open."""
    with contextlib.suppress(FileNotFoundError, PermissionError):
        os.unlink(path)


def _flush(folder: Path) -> None:
    """Have the disk remember the names in a folder, where a system can be asked for it."""
    if hasattr(os, "O_DIRECTORY"):
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        with contextlib.suppress(OSError):  # some network drives refuse
            os.fsync(opened)
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
            asked = f"Unable to read {self.path}: the file is damaged, or not minitf's"
            got, expected = f"{type(error).__name__}: {error}", "a file that this minitf wrote, whole"
            message = explain(asked, got=got, expected=expected, do="take a copy of it, or write it again")
            raise DataLossError(None, None, message) from error
