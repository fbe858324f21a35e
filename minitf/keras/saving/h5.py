"""HDF5 files of weights, as Keras has them: a group for each object, with its variables in `vars` under 0, 1, 2, ...

h5py is optional, so it is imported where a file is opened. Files may come from anywhere: nothing in them is followed to
another file, and no array is read that takes much more memory than the file has for it.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import numpy as np

__all__ = ["Group", "dataset", "h5py", "reading", "subgroup", "writing"]

_BIG, _EXPANSION = 1 << 32, 1000  # bytes; how often more than is stored


def h5py() -> Any:
    """Return the package; ImportError that says how to get it."""
    try:
        import h5py as package
    except ImportError as error:
        asked = "h5py must be installed in order to save or load the files of Keras"
        raise ImportError(f"{asked}: `pip install minitf[keras]`.") from error
    return package


@contextmanager
def writing() -> Iterator[tuple[Any, io.BytesIO]]:
    """Begin a file in memory; its bytes are there after the block."""
    content = io.BytesIO()
    with h5py().File(content, "w") as file:
        yield file, content


@contextmanager
def reading(source: Any) -> Iterator[Any]:
    """Open a file or its bytes; FileNotFoundError if it is not there, OSError if it is damaged or no HDF5 file."""
    package = h5py()
    try:
        file = package.File(io.BytesIO(source) if isinstance(source, bytes) else source, "r")
    except FileNotFoundError:
        raise FileNotFoundError(f"No such file: {source}; check the path.") from None
    except OSError as error:
        what = "model.weights.h5 in it" if isinstance(source, bytes) else source
        asked = f"Unable to read {what}: it is damaged, or no HDF5 file"
        raise OSError(f"{asked} ({error}); take a copy of it, or write it again.") from error
    with file:
        yield file


class Group(MutableMapping[str, Any]):
    """The variables of one object, by their numbers as texts."""

    def __init__(self, file: Any, path: str, name: str | None = None, write: bool = False) -> None:
        """Find the group of a path, or make it: at once for an object with a name, else with the first variable."""
        self._file, self._path = file, f"{path}/vars" if path else "vars"
        self._group: Any = None
        if write and name:
            self._made().attrs["name"] = name
        elif not write:
            self._group = subgroup(file, self._path)

    def _made(self) -> Any:
        if self._group is None:
            self._group = self._file.create_group(self._path)
        return self._group

    def __getitem__(self, key: str) -> Any:
        """Read a variable; KeyError if there is none."""
        if self._group is None:
            raise KeyError(key)
        return dataset(self._group, key)

    def __setitem__(self, key: str, value: Any) -> None:
        """Write a variable, tensor or array."""
        array = np.asarray(value.numpy() if hasattr(value, "numpy") else value)
        written = self._made().create_dataset(key, data=array)
        if array.dtype.name == "bfloat16":  # two bytes that mean nothing to HDF5
            written.attrs["dtype"] = "bfloat16"

    def __delitem__(self, key: str) -> None:
        """Take a variable out of the file."""
        del self._made()[key]

    def __iter__(self) -> Iterator[str]:
        """Go through the numbers."""
        return iter(() if self._group is None else self._group)

    def __len__(self) -> int:
        """Count the variables."""
        return 0 if self._group is None else len(self._group)


def subgroup(parent: Any, path: str) -> Any:
    """Return a group of a file, None if it is not there; ValueError for a link to elsewhere."""
    for name in path.split("/"):
        if name not in parent:
            return None
        parent = _own(parent, name, h5py().Group)
    return parent


def dataset(group: Any, name: str) -> Any:
    """Read an array; KeyError if it is not there, ValueError for one that is kept elsewhere or is absurdly large."""
    package = h5py()
    *path, name = name.split("/")
    group = subgroup(group, "/".join(path)) if path else group
    if group is None or name not in group:
        raise KeyError(name)
    found = _own(group, name, package.Dataset)
    if found.external or found.is_virtual:
        raise ValueError(f"Not allowed: H5 file with {'external' if found.external else 'virtual'} Dataset: {name}.")
    declared, stored = math.prod(found.shape) * found.dtype.itemsize, found.id.get_storage_size()
    if declared > max(_BIG, _EXPANSION * stored):
        raise ValueError(f"Not allowed: H5 dataset '{name}' declares {declared} bytes, but only {stored} are stored.")
    array = np.array(found)
    if found.attrs.get("dtype") == "bfloat16":  # the first half of a float32
        array = (array.view(np.uint16).astype(np.uint32) << 16).view(np.float32)
    return array


def _own(group: Any, name: str, kind: Any) -> Any:
    link = group.get(name, getclass=True, getlink=True)
    if link is not h5py().HardLink:
        raise ValueError(f"Not allowed: H5 file with {link.__name__}: {name} stands elsewhere.")
    found = group[name]
    if not isinstance(found, kind):
        raise ValueError(f"Invalid H5 file, expected {kind.__name__} but received {type(found).__name__}: {name}.")
    return found
