"""The kernel of tf.print: text with arrays in it as TensorFlow's runtime prints them, with their edges only."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["print_values"]

Array = NDArray[Any]


def print_values(*arrays: Array, pieces: tuple[str, ...], summarize: int, stream: str) -> None:
    """Write the arrays, each between two pieces of text, to "stdout", "stderr" or "file://" and a path."""
    first, *rest = pieces
    text = first + "".join(_summary(array, summarize) + piece for array, piece in zip(arrays, rest, strict=True))
    if stream.startswith("file://"):
        with open(stream.removeprefix("file://"), "a", encoding="utf-8") as file:
            file.write(text)
    else:
        getattr(sys, stream).write(text)


def _summary(array: Array, summarize: int) -> str:
    return _axis(array, min(array.size, summarize) if summarize >= 0 else array.size, 0)


def _axis(array: Array, ends: int, depth: int) -> str:
    """Print an array that lies `depth` axes deep, with that many entries at each end."""
    if not array.ndim:
        return _entry(array)
    gap = " " if array.ndim == 1 else "\n" * (array.ndim - 1) + " " * (depth + 1)
    size = len(array)
    text = gap.join(_axis(array[i], ends, depth + 1) for i in range(min(ends, size)))
    if size > 2 * ends:
        text += gap + "..."
    for i in range(max(ends, size - ends), size):
        text += gap + _axis(array[i], ends, depth + 1)
    return f"[{text}]"


def _entry(array: Array) -> str:
    """Print one number; a float with 6 or 15 digits, or with 9 or 17 where it would not read back the same."""
    if array.dtype.kind != "f":
        return str(int(array))
    number = array.astype(np.float32) if array.dtype.itemsize == 2 else array
    value = float(number) * (not 0 < abs(number) < np.finfo(number.dtype).tiny)  # TensorFlow flushes subnormals
    few, many = (15, 17) if number.dtype.itemsize == 8 else (6, 9)
    text = f"{value:.{few}g}"
    return text if number.dtype.type(text) == value or value != value else f"{value:.{many}g}"
