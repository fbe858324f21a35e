"""Kernels that make, shape and join arrays.

Arguments are checked when they arrive here; a kernel only computes on raw arrays and returns an array (or NumPy scalar)
of the dtype TensorFlow would give.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]


def cast(x: Array, *, dtype: DTypeLike) -> Array:
    """Convert the entries; floats to integers by cutting off the fraction."""
    return x.astype(dtype)


def fill(value: Array, *, shape: tuple[int, ...]) -> Array:
    """Repeat one value."""
    return np.full(shape, value)


def range(start: Array, limit: Array, delta: Array, *, size: int) -> Array:
    """Count from start in steps of delta; floats are computed in 64 bits and rounded once."""
    if start.dtype.kind == "f":
        return (np.float64(start) + np.arange(size) * np.float64(delta)).astype(start.dtype)
    counted: Array = start + np.arange(size, dtype=start.dtype) * delta
    return counted


def linspace(start: Array, stop: Array, *, num: int, axis: int) -> Array:
    """Go from start to stop in num equal steps along a new axis; the last entry is stop itself."""
    step = (stop - start) / start.dtype.type(max(num - 1, 1))
    counts = np.arange(num, dtype=start.dtype).reshape(num, *[1] * start.ndim)
    result: Array = start + step * counts
    result[num - 1 if num > 1 else num :] = stop
    return np.moveaxis(result, 0, axis)


def reshape(x: Array, *, shape: tuple[int, ...]) -> Array:
    """Read the same entries in another shape."""
    return np.reshape(x, shape)


def transpose(x: Array, *, perm: tuple[int, ...] | None) -> Array:
    """Reorder the axes."""
    return np.transpose(x, perm)


def expand_dims(x: Array, *, axis: int) -> Array:
    """Insert an axis of size 1."""
    return np.expand_dims(x, axis)


def stack(*values: Array, axis: int) -> Array:
    """Put arrays of equal shape side by side along a new axis."""
    return np.stack(values, axis=axis)


def concat(*values: Array, axis: int) -> Array:
    """Put arrays behind one another along an axis they have."""
    return np.concatenate(values, axis=axis)


def where(condition: Array, x: Array, y: Array) -> Array:
    """Choose from x where the condition holds and from y elsewhere."""
    return np.where(condition, x, y)
