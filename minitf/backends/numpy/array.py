"""Kernels that make, shape, join, repeat and turn arrays.

Arguments are checked when they arrive here; a kernel only computes on raw arrays and returns an array (or NumPy scalar,
or a tuple of arrays) of the dtype TensorFlow would give. Results may share memory with what went in.
"""

from __future__ import annotations

import builtins
import functools
import itertools
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from minitf.backends.numpy.matrices import sum_columns
from minitf.errors import invalid_argument

Array = NDArray[Any]
Sizes = tuple[int, ...]


def identity(x: Array) -> Array:
    """Give the same entries."""
    return x


def cast(x: Array, *, dtype: DTypeLike) -> Array:
    """Convert the entries; floats to integers by cutting off the fraction."""
    return x.astype(dtype)


def fill(value: Array, *, shape: Sizes) -> Array:
    """Repeat one value."""
    return np.full(shape, value)


def zeros_like(x: Array) -> Array:
    """Zeros in the same shape and dtype."""
    return np.zeros(x.shape, x.dtype)


def range(start: Array, limit: Array, delta: Array, *, size: int) -> Array:
    """Count from start in steps of delta; floats are computed in 64 bits and rounded once."""
    if start.dtype.kind == "f":
        return (np.float64(start) + np.arange(size) * np.float64(delta)).astype(start.dtype)
    counted: Array = start + np.arange(size, dtype=start.dtype) * delta
    return counted


def one_hot(indices: Array, on: Array, off: Array, *, depth: int, axis: int) -> Array:
    """Put `on` at the position that each index names along a new axis, and `off` elsewhere."""
    counts = np.arange(depth).reshape(depth, *[1] * (indices.ndim - axis))
    return np.where(np.expand_dims(indices, axis) == counts, on, off)


def shape_of(x: Array, *, dtype: DTypeLike) -> Array:
    """The sizes of the axes."""
    return np.array(x.shape, dtype)


def ensure_shape(x: Array, *, shape: tuple[int | None, ...]) -> Array:
    """Give the same entries; InvalidArgumentError for another shape, where None is any size."""
    if len(shape) != x.ndim or any(n not in (None, m) for n, m in zip(shape, x.shape, strict=True)):
        wanted = str(shape)
        raise invalid_argument(
            "EnsureShape",
            f"Shape of tensor input [{','.join(map(str, x.shape))}] is not compatible with expected shape {wanted}.",
            got=f"a tensor of shape {x.shape}",
            expected="that shape",
            do="print the shapes on the way to see where it changed, or use tf.reshape",
        )
    return x


def reshape(x: Array, *, shape: Sizes) -> Array:
    """Read the same entries in another shape."""
    return x.reshape(shape)


def transpose(x: Array, *, perm: Sizes | None) -> Array:
    """Reorder the axes."""
    return x.transpose(perm)


def expand_dims(x: Array, *, axis: int) -> Array:
    """Insert an axis of size 1."""
    return x.reshape(*x.shape[:axis], 1, *x.shape[axis:])


def squeeze(x: Array, *, axis: Sizes) -> Array:
    """Drop axes of size 1."""
    return x.squeeze(axis)


def broadcast_to(x: Array, *, shape: Sizes) -> Array:
    """Repeat along new axes and along axes of size 1."""
    y = np.empty(shape, x.dtype)
    y[...] = x
    return y


def sum_to(x: Array, *, shape: Sizes) -> Array:
    """Sum over the axes that a broadcast from that shape added or stretched."""
    if x.ndim == len(shape) + 1 and 1 not in shape:
        return sum_columns(x)  # by far the most frequent case: the gradient of a bias
    summed: Array = np.add.reduce(x, _stretched(x.shape, shape), x.dtype)
    return summed if summed.ndim == len(shape) else summed.reshape(shape)


@functools.lru_cache(maxsize=1024)
def _stretched(large: Sizes, small: Sizes) -> Sizes | int:
    added = len(large) - len(small)
    axes = (*builtins.range(added), *(i + added for i, n in enumerate(small) if n == 1 != large[i + added]))
    return axes[0] if len(axes) == 1 else axes  # NumPy is quicker with a number


def stack(*values: Array, axis: int) -> Array:
    """Put arrays of equal shape side by side along a new axis."""
    return np.stack(values, axis=axis)


def unstack(x: Array, *, axis: int) -> tuple[Array, ...]:
    """Take an array apart along an axis, which disappears."""
    first = x if axis == 0 else np.moveaxis(x, axis, 0)
    return tuple(first) if x.ndim > 1 else tuple([first[i, ...] for i in builtins.range(len(first))])


def concat(*values: Array, axis: int) -> Array:
    """Put arrays behind one another along an axis they have."""
    return np.concatenate(values, axis=axis)


def split(x: Array, *, sizes: Sizes, axis: int) -> tuple[Array, ...]:
    """Cut an array into pieces of those sizes along an axis."""
    if int(sum(sizes)) != x.shape[axis] or min(map(int, sizes)) < 0:
        raise ValueError(f"Sizes {sizes} do not add up to {x.shape[axis]}, the size of axis {axis}.")
    before = (slice(None),) * axis
    return tuple([x[(*before, slice(end - n, end))] for n, end in zip(sizes, itertools.accumulate(sizes), strict=True)])


def where(condition: Array, x: Array, y: Array) -> Array:
    """Choose from x where the condition holds and from y elsewhere."""
    return np.where(condition, x, y)


def places(condition: Array) -> Array:
    """List the positions of the entries that are not 0."""
    return np.argwhere(condition).astype(np.int64)


def tile(x: Array, *, multiples: Sizes) -> Array:
    """Repeat the whole array along each axis."""
    return np.tile(x, multiples)


def pad(x: Array, value: Array, *, paddings: tuple[tuple[int, int], ...]) -> Array:
    """Put a number of entries of that value before and after, along each axis."""
    y = np.full([left + n + right for n, (left, right) in zip(x.shape, paddings, strict=True)], value, x.dtype)
    y[tuple([slice(left, left + n) for n, (left, _) in zip(x.shape, paddings, strict=True)])] = x
    return y


def reverse(x: Array, *, axis: Sizes) -> Array:
    """Turn the order round along some axes."""
    return np.flip(x, axis)


def roll(x: Array, *, shift: Sizes, axis: Sizes) -> Array:
    """Move the entries along some axes; those that fall off the end come back at the start."""
    return np.roll(x, shift, axis)
