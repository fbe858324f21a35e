"""Kernels that reduce axes or go along one.

Arguments are checked when they arrive here; a kernel only computes on raw arrays and returns an array (or NumPy scalar)
of the dtype TensorFlow would give.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]

Axes = tuple[int, ...] | None
_Reduce = Callable[..., Array]

# Bound once and called by position, which is quickest: array, axis, dtype, out, keepdims, initial.
_sum: _Reduce = np.add.reduce
_product: _Reduce = np.multiply.reduce
_largest: _Reduce = np.maximum.reduce
_smallest: _Reduce = np.minimum.reduce
_or: _Reduce = np.logical_or.reduce
_and: _Reduce = np.logical_and.reduce


def reduce_sum(x: Array, *, axis: Axes, keepdims: bool) -> Array:
    """Sum in the dtype of x, so that integers wrap around."""
    return _sum(x, axis, x.dtype, None, keepdims)


def reduce_prod(x: Array, *, axis: Axes, keepdims: bool) -> Array:
    """Product in the dtype of x."""
    return _product(x, axis, x.dtype, None, keepdims)


def reduce_mean(x: Array, *, axis: Axes, keepdims: bool) -> Any:
    """Mean in the dtype of x: integers are truncated towards zero, and the mean of none is 0 (int) or nan (float)."""
    count = x.size if axis is None else math.prod([x.shape[i] for i in axis])
    if x.dtype.kind == "f":
        return _sum(x, axis, x.dtype, None, keepdims) / x.dtype.type(count)
    total = _sum(x, axis, np.int64, None, keepdims)  # all small integers have room there
    quotient, rest = np.divmod(total, max(count, 1))
    return np.add(quotient, (rest != 0) & (total < 0)).astype(x.dtype)


def shares(x: Array, *, count: int, shape: tuple[int, ...]) -> Array:
    """Divide by a number, and repeat until the shape is reached."""
    y = np.empty(shape, x.dtype)
    if x.ndim:
        y[...] = x / x.dtype.type(count)
    elif count:
        y.fill(x.item() / count)  # rounded to 64 bits first, which does not change the quotient's last digit
    return y


def reduce_max(x: Array, *, axis: Axes, keepdims: bool) -> Array:
    """Largest entry; of none, the smallest number there is."""
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    return _largest(x, axis, None, None, keepdims, lowest)


def reduce_min(x: Array, *, axis: Axes, keepdims: bool) -> Array:
    """Smallest entry; of none, the largest number there is."""
    highest = np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).max
    return _smallest(x, axis, None, None, keepdims, highest)


def finite_max(x: Array, *, axis: Axes) -> Array:
    """Largest entry, the axes kept; 0 where that is not finite."""
    result = reduce_max(x, axis=axis, keepdims=True)
    return np.where(np.isfinite(result), result, result.dtype.type(0))


def reduce_any(x: Array, *, axis: Axes, keepdims: bool) -> Array:
    """Say whether one entry is True."""
    return _or(x, axis, None, None, keepdims)


def reduce_all(x: Array, *, axis: Axes, keepdims: bool) -> Array:
    """Say whether all entries are True."""
    return _and(x, axis, None, None, keepdims)


def argmax(x: Array, *, axis: int, dtype: DTypeLike) -> Array:
    """Position of the first largest entry, nan left out."""
    return np.asarray(np.argmax(_without_nan(x, -np.inf), axis)).astype(dtype)


def argmin(x: Array, *, axis: int, dtype: DTypeLike) -> Array:
    """Position of the first smallest entry, nan left out."""
    return np.asarray(np.argmin(_without_nan(x, np.inf), axis)).astype(dtype)


def _without_nan(x: Array, instead: float) -> Array:
    return np.where(strange, instead, x) if x.dtype.kind == "f" and (strange := np.isnan(x)).any() else x


def cumsum(x: Array, *, axis: int, exclusive: bool, reverse: bool) -> Array:
    """Sums of the entries so far."""
    return _accumulate(np.add, x, axis, exclusive, reverse)


def cumprod(x: Array, *, axis: int, exclusive: bool, reverse: bool) -> Array:
    """Products of the entries so far."""
    return _accumulate(np.multiply, x, axis, exclusive, reverse)


def _accumulate(ufunc: np.ufunc, x: Array, axis: int, exclusive: bool, reverse: bool) -> Array:
    ahead = np.flip(x, axis) if reverse else x
    if exclusive:
        start = np.full_like(np.take(ahead, [0] if x.shape[axis] else [], axis), ufunc.identity)
        ahead = np.concatenate([start, np.delete(ahead, -1, axis) if x.shape[axis] else ahead], axis)
    result = ufunc.accumulate(ahead, axis, x.dtype)
    return np.flip(result, axis) if reverse else result
