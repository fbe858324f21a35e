"""Kernels on NumPy arrays, one per op and of the same name.

Arguments are checked and of equal dtype when they arrive here; a kernel only computes, and returns an array or a NumPy
scalar of the dtype TensorFlow would give. It knows nothing about tensors.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]
Axes = tuple[int, ...] | None

# --- arithmetic and comparison: NumPy's own -------------------------------------------------------------------------

add = np.add
subtract = np.subtract
multiply = np.multiply
divide = np.divide
negative = np.negative
abs = np.abs
sign = np.sign
square = np.square
sqrt = np.sqrt
exp = np.exp
log = np.log
pow = np.power
maximum = np.maximum
minimum = np.minimum
equal = np.equal
not_equal = np.not_equal
less = np.less
less_equal = np.less_equal
greater = np.greater
greater_equal = np.greater_equal
logical_and = np.logical_and
logical_or = np.logical_or
logical_xor = np.logical_xor
logical_not = np.logical_not


def floordiv(x: Array, y: Array) -> Array:
    """Divide and round down; for floats that is the floor of the quotient, unlike Python's `//`."""
    result: Array = np.floor(np.divide(x, y)) if x.dtype.kind == "f" else np.floor_divide(x, y)
    return result


def floormod(x: Array, y: Array) -> Array:
    """Remainder with the sign of y; a remainder of zero keeps the sign of x, unlike Python's `%`."""
    rest: Array = np.fmod(x, y)
    return np.where((rest != 0) & ((rest < 0) != (y < 0)), rest + y, rest)


# --- neural network -------------------------------------------------------------------------------------------------


def relu(x: Array) -> Array:
    """Keep what is positive."""
    result: Array = np.maximum(x, x.dtype.type(0))
    return result


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), with an exponent that is never positive, so that nothing overflows."""
    small = np.exp(-np.abs(x))
    result: Array = np.where(x >= 0, x.dtype.type(1), small) / (1 + small)
    return result


# --- reductions -----------------------------------------------------------------------------------------------------


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


# --- making and shaping ---------------------------------------------------------------------------------------------


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


def strided_slice(x: Array, *, index: tuple[Any, ...]) -> Array:
    """Take entries by integers, slices, an ellipsis and new axes."""
    result: Array = x[index]
    return result


def boolean_mask(mask: Array, x: Array) -> Array:
    """Take the entries where the mask is True."""
    result: Array = x[mask]
    return result


# --- linear algebra -------------------------------------------------------------------------------------------------


def matmul(a: Array, b: Array, *, transpose_a: bool, transpose_b: bool) -> Array:
    """Matrix product over the last two axes, in the dtype of the inputs."""
    result: Array = np.matmul(a.swapaxes(-1, -2) if transpose_a else a, b.swapaxes(-1, -2) if transpose_b else b)
    return result


def tensordot(a: Array, b: Array, *, axes: tuple[tuple[int, ...], tuple[int, ...]]) -> Array:
    """Sum of products over pairs of axes."""
    return np.tensordot(a, b, axes=axes)
