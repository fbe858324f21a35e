"""Archives: NumPy arrays and a description of them in one file, which is there as a whole or not at all.

An archive is a zip file, as `np.savez` writes it, so `np.load` opens it. Every file of minitf is written beside its
place, flushed to the disk, and only then renamed: whoever is killed in between leaves the old file.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from minitf.dtypes import as_dtype
from minitf.errors import DataLossError, NotFoundError, explain

try:
    import fcntl
except ImportError:  # Windows, where nobody removes or renames a file that is open
    fcntl = None  # type: ignore[assignment]

__all__ = ["GRAPH", "MODEL", "PROTO", "Archive", "removed", "replacing", "replacing_folder", "write"]

GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"  # the entry that describes the others, under TensorFlow's name
MODEL = "saved_model.npz"  # in the folder of a saved model
PROTO = "saved_model.pb"  # TensorFlow's own, there or not
_OWN = {MODEL, PROTO, "assets", "fingerprint.pb", "variables"}  # all that is in such a folder
_TWO_BYTES = np.dtype("V2").name  # what a file says of a bfloat16
_FORMAT = "minitf archive 1"
_PART = ".part"
# Linux can let two folders exchange their names (renameat2(2)); elsewhere, it takes two steps.
_rename = getattr(ctypes.CDLL(None), "renameat2", None) if os.name == "posix" else None
_HERE, _EXCHANGE = -100, 2  # names are relative to where the process is; the flag


def write(
    path: str | Path, graph: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], family: str | None = None
) -> None:
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
    _remove_parts(place.parent, f".{family or place.name + '.'}")
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


@contextlib.contextmanager
def replacing_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Make a folder for a saved model, which takes the place of another, if there is one, when all is written.

    It does so in one step. Where other files are in that folder, they stay there, and it takes one step for each part.
    """
    place = Path(os.path.realpath(path))
    place.parent.mkdir(parents=True, exist_ok=True)
    others = place.is_dir() and any(entry.name not in _OWN for entry in place.iterdir())
    inside = others or (place.is_dir() and not os.access(place.parent, os.W_OK))
    beside = place / MODEL if inside else place
    _remove_parts(beside.parent, f".{beside.name}.")
    part = _part(beside)
    part.mkdir()
    if place.is_dir():
        shutil.copymode(place, part)
    with _locked(part):
        try:
            yield part
            for written in part.rglob("*"):
                _flush(written)
            names = {entry.name for entry in part.iterdir()}
            if inside:
                for name in sorted(names):
                    _take_place(part / name, place / name)
                for name in _OWN - names:
                    removed(place / name)
            else:
                _take_place(part, place)
        finally:
            removed(part)
    _flush(beside.parent)


def _take_place(new: Path, old: Path) -> None:
    """Give a file or a folder the name of another, which gets the new one's if it is a folder with something in it."""
    try:
        os.replace(new, old)
    except OSError:
        if _rename is not None and _rename(_HERE, os.fsencode(new), _HERE, os.fsencode(old), _EXCHANGE) == 0:
            return
        aside = _part(old)
        os.rename(old, aside)
        os.rename(new, old)
        removed(aside)


def _begun(place: Path) -> tuple[Path, IO[bytes]]:
    """Open a file beside a place, with a lock that says that somebody writes it."""
    part = _part(place)
    file = open(part, "xb")
    if fcntl is not None:
        with contextlib.suppress(OSError):  # some network drives have no locks
            fcntl.flock(file, fcntl.LOCK_EX)
        if not part.exists():  # somebody took it for abandoned before it was locked
            file.close()
            return _begun(place)
    return part, file


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Lock a folder, so that nobody takes it for abandoned."""
    if fcntl is None:
        yield
        return
    with _opened(folder) as opened:
        with contextlib.suppress(OSError):
            fcntl.flock(opened, fcntl.LOCK_EX)
        yield


def _part(place: Path) -> Path:
    """Return a name for what is written beside a place."""
    return place.with_name(f".{place.name}.{os.urandom(4).hex()}{_PART}")


def _remove_parts(folder: Path, begin: str) -> None:
    """Remove what killed processes left; what is still written is locked or, on Windows, cannot be removed."""
    for part in [other for other in folder.iterdir() if other.name.startswith(begin) and other.name.endswith(_PART)]:
        if fcntl is None:
            removed(part)
            continue
        with contextlib.suppress(OSError), _opened(part) as opened:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            removed(part)


def removed(path: str | Path) -> None:
    """Remove a file or a folder, unless it is gone or, as some systems have it, open."""
    with contextlib.suppress(FileNotFoundError, PermissionError):
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        else:
            os.unlink(path)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    """Open a file or a folder, not to read it."""
    opened = os.open(path, os.O_RDONLY)
    try:
        yield opened
    finally:
        os.close(opened)


def _flush(path: Path) -> None:
    """Have the disk remember a file, or the names in a folder, where a system can be asked for it."""
    if hasattr(os, "O_DIRECTORY"):
        with _opened(path) as opened, contextlib.suppress(OSError):  # some network drives refuse
            os.fsync(opened)


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
        """Read arrays; TypeError for a bfloat16 where the backend has none."""
        arrays: dict[str, NDArray[Any]] = {}
        with self._reading(f"{self.path} was removed while it was read") as file:
            for name in names:
                with file.open(f"{name}.npy") as entry:
                    arrays[name] = np.lib.format.read_array(entry, allow_pickle=False)
                    dtype, shape = self.shapes[name]
                    kept = _TWO_BYTES if dtype == "bfloat16" else dtype
                    if entry.read(1) or arrays[name].dtype.name != kept or list(arrays[name].shape) != shape:
                        raise ValueError(f"{name} is not what the description says")
        return {name: array.view(as_dtype(self.shapes[name][0]).numpy) for name, array in arrays.items()}

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
