"""What a cached dataset keeps of its first full pass: its items in memory, or its elements in a file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np

from minitf import nest
from minitf.data.pipeline import Stream
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
        self.path, self.spec = f"{path}.cache", spec

    def stream(self, source: Callable[[], Stream]) -> Stream:
        """Go through what the file has, or through the source, in order to write it."""
        return self._read() if os.path.exists(self.path) else self._written(source())

    def _written(self, stream: Stream) -> Stream:
        """Write beside the file and rename at the end, so that there is the whole file or none."""
        with tempfile.TemporaryDirectory(dir=os.path.dirname(self.path) or ".") as folder:
            partial = os.path.join(folder, "elements")
            with open(partial, "wb") as file:
                for element in stream:
                    for tensor in nest.flatten(element):
                        np.save(file, tensor.array)
                    yield element
            os.replace(partial, self.path)

    def _read(self) -> Stream:
        form = self.spec()
        size = len(nest.flatten(form))
        with open(self.path, "rb") as file:
            while file.peek(1):
                yield nest.pack_sequence_as(form, [Tensor(np.load(file)) for _ in range(size)])
