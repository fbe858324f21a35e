"""Kernels that reduce axes.

Arguments are checked when they arrive here; a kernel only computes on raw arrays and returns an array (or NumPy scalar)
of the dtype TensorFlow would give.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

Axes = tuple[int, ...] | None


def _reduce(ufunc: np.ufunc, x: Array, axis: Axes, keepdims: bool, **options: Any) -> Array:
    result: Array = ufunc.reduce(x, axis=axis, keepdims=keepdims, **options)
    return result


def reduce_sum(x: Array, *, axis: Axes, keepdims: bool) -> Array:
    """Sum in the dtype of x, so that integers wrap around."""
    return _reduce(np.add, x, axis, keepdims, dtype=x.dtype)


def reduce_mean(x: Array, *, axis: Axes, keepdims: bool) -> Array:
    """Mean in the dtype of x: integers are truncated towards zero, and the mean of none is 0 (int) or nan (float)."""
    total = reduce_sum(x, axis=axis, keepdims=keepdims)
    count = x.size if axis is None else int(np.prod([x.shape[i] for i in axis], dtype=np.int64))
    mean: Array
    if x.dtype.kind == "f":
        mean = np.divide(total, x.dtype.type(count))
    elif count == 0:
        mean = total
    else:
        quotient, rest = np.divmod(total, x.dtype.type(count))
        mean = (quotient + ((rest != 0) & (total < 0))).astype(x.dtype)
    return mean


def reduce_max(x: Array, *, axis: Axes, keepdims: bool) -> Array:
    """Largest entry; of none, the smallest number there is."""
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    return _reduce(np.maximum, x, axis, keepdims, initial=lowest)


def reduce_min(x: Array, *, axis: Axes, keepdims: bool) -> Array:
    """Smallest entry; of none, the largest number there is."""
    highest = np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).max
    return _reduce(np.minimum, x, axis, keepdims, initial=highest)


def reduce_any(x: Array, *, axis: Axes, keepdims: bool) -> Array:
    """Say whether one entry is True."""
    return _reduce(np.logical_or, x, axis, keepdims)


def reduce_all(x: Array, *, axis: Axes, keepdims: bool) -> Array:
    """Say whether all entries are True."""
    return _reduce(np.logical_and, x, axis, keepdims)
