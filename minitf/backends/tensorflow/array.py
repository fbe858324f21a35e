"""Kernels that make, shape, join, repeat and turn arrays, on TensorFlow's runtime.

Shapes and what is computed from them stay on the host: inside of a program that is being compiled they are constants.
"""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import DTypeLike

from minitf.backends.numpy import array as of_numpy
from minitf.backends.tensorflow.arrays import NUMBERS, Array, asarray, wrapped
from minitf.backends.tensorflow.making import eagerly, in_programs, kernel, launched, number, numbers

__all__ = [
    "assigned", "broadcast_to", "cast", "concat", "ensure_shape", "expand_dims", "fill", "identity", "one_hot", "pad",
    "places", "range", "reshape", "reverse", "roll", "shape_of", "split", "squeeze", "stack", "sum_to", "tile",
    "transpose", "unstack", "where", "zeros_like",
]  # fmt: skip

Sizes = tuple[int, ...]
Tensor = Any  # TensorFlow's

_broadcast = launched("BroadcastTo")
_cast = launched("Cast")
_concat = launched("ConcatV2")
_count = launched("Range")
_expand = launched("ExpandDims")
_fill = launched("Fill")
_multiply = launched("Mul")
_add = launched("AddV2")
_one_hot = launched("OneHot")
_pack = launched("Pack")
_pad = launched("PadV2")
_reshape = launched("Reshape")
_reverse = launched("ReverseV2")
_roll = launched("Roll")
_select = launched("SelectV2")
_shape = launched("Shape")
_split = launched("SplitV")
_split_evenly = launched("Split")
_squeeze = launched("Squeeze", lambda x, squeeze_dims: tf.squeeze(x, squeeze_dims))
_sum = launched("Sum")
_tile = launched("Tile")
_transpose = launched("Transpose")
_unpack = launched("Unpack")
_where = launched("Where")
_zeros = launched("ZerosLike")


def identity(x: Array) -> Array:
    """Give the same entries."""
    return x


def assigned(x: Array, *, variable: int) -> Array:
    """Give what a variable, named by its place in a program, has been assigned."""
    return x


@kernel
def cast(x: Tensor, *, dtype: DTypeLike) -> Tensor:
    """Convert the entries; floats to integers by cutting off the fraction."""
    return _cast(x, DstT=NUMBERS[np.dtype(dtype)])


@kernel
def fill(value: Tensor, *, shape: Sizes) -> Tensor:
    """Repeat one value."""
    return _fill(numbers(*shape), value)


@kernel
def zeros_like(x: Tensor) -> Tensor:
    """Zeros in the same shape and dtype."""
    return _zeros(x)


@in_programs
def range(start: Tensor, limit: Tensor, delta: Tensor, *, size: int) -> Tensor:
    """Count from start in steps of delta; floats are computed in 64 bits and rounded once."""
    dtype = start.dtype
    exact = NUMBERS[np.dtype(np.float64)] if dtype.is_floating else dtype.as_datatype_enum
    counts = _cast(_count(number(0), number(size), number(1)), DstT=exact)
    counted = _add(_cast(start, DstT=exact), _multiply(counts, _cast(delta, DstT=exact)))
    return _cast(counted, DstT=dtype.as_datatype_enum)


@kernel
def one_hot(indices: Tensor, on: Tensor, off: Tensor, *, depth: int, axis: int) -> Tensor:
    """Put `on` at the position that each index names along a new axis, and `off` elsewhere."""
    return _one_hot(indices, number(depth), on, off, axis=axis)


def shape_of(x: Array, *, dtype: DTypeLike) -> Array:
    """The sizes of the axes."""
    shape = x.shape
    if None in shape:
        return wrapped(_shape(x.tensor, out_type=NUMBERS[np.dtype(dtype)]))
    return asarray(np.array(shape, dtype))


def ensure_shape(x: Array, *, shape: tuple[int | None, ...]) -> Array:
    """Give the same entries; InvalidArgumentError for another shape, where None is any size."""
    checked: Any = of_numpy.ensure_shape
    result: Array = checked(x, shape=shape)
    return result


@kernel
def reshape(x: Tensor, *, shape: Sizes) -> Tensor:
    """Read the same entries in another shape."""
    return _reshape(x, numbers(*shape))


@kernel
def transpose(x: Tensor, *, perm: Sizes | None) -> Tensor:
    """Reorder the axes."""
    return _transpose(x, numbers(*(builtins.range(x._rank())[::-1] if perm is None else perm)))


@kernel
def expand_dims(x: Tensor, *, axis: int) -> Tensor:
    """Insert an axis of size 1."""
    return _expand(x, number(axis))


@kernel
def squeeze(x: Tensor, *, axis: Sizes) -> Tensor:
    """Drop axes of size 1."""
    return _squeeze(x, squeeze_dims=list(axis)) if axis else x


@kernel
def broadcast_to(x: Tensor, *, shape: Sizes) -> Tensor:
    """Repeat along new axes and along axes of size 1."""
    return _broadcast(x, numbers(*shape))


@kernel
def sum_to(x: Tensor, *, shape: Sizes) -> Tensor:
    """Sum over the axes that a broadcast from that shape added or stretched."""
    large = x._shape_tuple()
    stretched = of_numpy._stretched(large, tuple(shape))
    axes = stretched if isinstance(stretched, tuple) else (stretched,)
    summed = _sum(x, numbers(*axes))
    return summed if len(large) - len(axes) == len(shape) else _reshape(summed, numbers(*shape))


@kernel
def stack(*values: Tensor, axis: int) -> Tensor:
    """Put arrays of equal shape side by side along a new axis."""
    return _pack(values, axis=axis)


@kernel
def unstack(x: Tensor, *, axis: int) -> Tensor:
    """Take an array apart along an axis, which disappears."""
    return _unpack(x, num=x._shape_tuple()[axis], axis=axis)


@kernel
def concat(*values: Tensor, axis: int) -> Tensor:
    """Put arrays behind one another along an axis they have."""
    return _concat(values, number(axis)) if len(values) > 1 else values[0]


@kernel
def split(x: Tensor, *, sizes: Sizes, axis: int) -> Tensor:
    """Cut an array into pieces of those sizes along an axis."""
    if sum(sizes) != x._shape_tuple()[axis] or min(sizes) < 0:
        raise ValueError(f"Sizes {sizes} do not add up to {x._shape_tuple()[axis]}, the size of axis {axis}.")
    if sizes.count(sizes[0]) == len(sizes):
        return _split_evenly(number(axis), x, num_split=len(sizes))
    return _split(x, numbers(*sizes), number(axis), num_split=len(sizes))


@kernel
def where(condition: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Choose from x where the condition holds and from y elsewhere."""
    return _select(condition, x, y)


@eagerly
def places(condition: Tensor) -> Tensor:
    """List the positions of the entries that are not 0."""
    return _where(condition)


@kernel
def tile(x: Tensor, *, multiples: Sizes) -> Tensor:
    """Repeat the whole array along each axis."""
    return _tile(x, numbers(*multiples))


@kernel
def pad(x: Tensor, value: Tensor, *, paddings: tuple[tuple[int, int], ...]) -> Tensor:
    """Put a number of entries of that value before and after, along each axis."""
    sides = _reshape(numbers(*[size for sides in paddings for size in sides]), numbers(len(paddings), 2))
    return _pad(x, sides, value)


@kernel
def reverse(x: Tensor, *, axis: Sizes) -> Tensor:
    """Turn the order round along some axes."""
    return _reverse(x, numbers(*axis))


@kernel
def roll(x: Tensor, *, shift: Sizes, axis: Sizes) -> Tensor:
    """Move the entries along some axes; those that fall off the end come back at the start."""
    return _roll(x, numbers(*shift), numbers(*axis))
