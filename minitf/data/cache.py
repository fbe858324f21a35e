"""What a cached dataset keeps of its first full pass: its items in memory, or its elements in a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import IO, Any

import numpy as np

from minitf import nest
from minitf.data.pipeline import Stream
from minitf.errors import DataLossError, explain
from minitf.saving.archive import replacing
from minitf.spec import TensorSpec
from minitf.tensor import Tensor

__all__ = ["InFile", "InMemory"]


class InMemory:
    """The items of a stream, once somebody has gone through all of it."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.items: list[Any] | None = None

    def stream(self, source: Callable[[], Stream]) -> Stream:
        """Go through what is kept, or through the source, in order to keep it."""
        return self._kept(source()) if self.items is None else iter(self.items)

    def _kept(self, stream: Stream) -> Stream:
        items = []
        for item in stream:
            items.append(item)
            yield item
        self.items = items


class InFile:
    """The elements of a stream in a file: their arrays in order, each in NumPy's own format."""

    def __init__(self, path: str, spec: Callable[[], Any]) -> None:
        """Take the path, which gets an ending; `spec` gives the structure of the elements."""
        self.path, self.spec = f"{os.fsdecode(path)}.cache", spec

    def stream(self, source: Callable[[], Stream]) -> Stream:
        """Go through what the file has, or through the source, in order to write it."""
        return self._read() if os.path.exists(self.path) else self._written(source())

    def _written(self, stream: Stream) -> Stream:
        """Write beside the file and rename at the end, so that there is the whole file or none."""
        with replacing(self.path) as file:
            for element in stream:
                for tensor in nest.flatten(element):
                    np.save(file, tensor.array)
                yield element

    def _read(self) -> Stream:
        form = self.spec()
        with open(self.path, "rb") as file:
            while file.peek(1):
                yield nest.map_structure(lambda spec: self._next(file, spec), form)

    def _next(self, file: IO[bytes], spec: TensorSpec) -> Tensor:
        """Read a tensor; DataLossError if the file is damaged, or has other elements."""
        try:
            tensor = Tensor(np.load(file))
            if tensor.dtype != spec.dtype or not spec.shape.is_compatible_with(tensor.shape):
                raise ValueError(f"{tensor.dtype.name} of shape {tensor.shape}")
        except (EOFError, ValueError) as error:
            asked = f"Unable to read {self.path}: it is damaged, or the cache of another dataset"
            message = explain(asked, got=str(error), expected=str(spec), do="remove the file, or cache in another")
            raise DataLossError(None, None, message) from error
        return tensor
