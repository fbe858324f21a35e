"""Kernels that take entries out of arrays, put them in, and sort them, on TensorFlow's runtime.

A position outside of an array is an error on a CPU. A GPU, and a compiled program, takes the nearest entry or a 0 in
its place, and drops what should be written there, as TensorFlow does.
"""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import DTypeLike

from minitf.backends.numpy import index as of_numpy
from minitf.backends.tensorflow.arrays import NUMBERS, EagerTensor, asarray
from minitf.backends.tensorflow.making import constant, in_programs, kernel, launched, number, numbers, sizes

__all__ = [
    "argsort", "batched_rows", "gather", "gather_grad", "gather_nd", "pick", "scatter_nd", "scatter_rows",
    "searchsorted", "strided_slice", "strided_slice_assign", "strided_slice_grad", "tensor_scatter_add",
    "tensor_scatter_max", "tensor_scatter_min", "tensor_scatter_sub", "tensor_scatter_update",
]  # fmt: skip

Sizes = tuple[int, ...]
Index = tuple[Any, ...]  # of ints, (start, stop, step), None for a new axis, and at most one "..."
Tensor = Any  # TensorFlow's

_add = launched("AddV2")
_broadcast = launched("BroadcastTo")
_cast = launched("Cast")
_concat = launched("ConcatV2")
_divide = launched("RealDiv")
_expand = launched("ExpandDims")
_fill = launched("Fill")
_gather = launched("GatherV2")
_gather_nd = launched("GatherNd")
_less = launched("Less")
_lower = launched("LowerBound")
_multiply = launched("Mul")
_products = launched("UnsortedSegmentProd")
_reshape = launched("Reshape")
_scatter = launched("ScatterNd")
_scatter_add = launched("TensorScatterAdd")
_scatter_max = launched("TensorScatterMax")
_scatter_min = launched("TensorScatterMin")
_scatter_sub = launched("TensorScatterSub")
_scatter_update = launched("TensorScatterUpdate")
_select = launched("SelectV2")
_slice = launched("StridedSlice")
_slice_assign = launched("TensorStridedSliceUpdate")
_slice_grad = launched("StridedSliceGrad")
_sums = launched("UnsortedSegmentSum")
_transpose = launched("Transpose")
_upper = launched("UpperBound")
_SCATTERED = {
    "add": _scatter_add, "sub": _scatter_sub, "min": _scatter_min, "max": _scatter_max, "update": _scatter_update,
}  # fmt: skip


# --- slices -----------------------------------------------------------------------------------------------------------


class _Selection(NamedTuple):
    """An index as TensorFlow's ops take it."""

    ends: tuple[Any, Any, Any]  # of begins, ends and strides
    masks: dict[str, int]  # bits that say which of these do not count


@functools.lru_cache(maxsize=4096)
def _selection(index: Index) -> _Selection:
    begins, ends, strides = [], [], []
    masks = dict.fromkeys(("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"), 0)
    for place, part in enumerate(index):
        begin, end, stride, bit = 0, 0, 1, 1 << place
        if part is None:
            masks["new_axis_mask"] |= bit
        elif part == "...":
            masks["ellipsis_mask"] |= bit
        elif type(part) is tuple:
            begin, end, stride = (
                plain if given is None else given for given, plain in zip(part, (0, 0, 1), strict=True)
            )
            masks["begin_mask"] |= bit * (part[0] is None)
            masks["end_mask"] |= bit * (part[1] is None)
        else:
            begin, end = part, part + 1
            masks["shrink_axis_mask"] |= bit
        begins.append(begin)
        ends.append(end)
        strides.append(stride)
    return _Selection((numbers(*begins), numbers(*ends), numbers(*strides)), masks)


@kernel
def strided_slice(x: Tensor, *, index: Index) -> Tensor:
    """Take entries by integers, slices, an ellipsis and new axes."""
    (begins, ends, strides), masks = _selection(index)
    return _slice(x, begins, ends, strides, **masks)


@kernel
def strided_slice_grad(dy: Tensor, *, index: Index, shape: Sizes) -> Tensor:
    """Put entries where `strided_slice` would take them, into zeros of that shape."""
    (begins, ends, strides), masks = _selection(index)
    if 0 in dy._shape_tuple():  # XLA gives another shape then
        return _fill(numbers(*shape), constant(0, dy))
    return _slice_grad(numbers(*shape), begins, ends, strides, dy, **masks)


@kernel
def strided_slice_assign(x: Tensor, value: Tensor, *, index: Index) -> Tensor:
    """Put a value, which may broadcast, where `strided_slice` would take entries."""
    (begins, ends, strides), masks = _selection(index)
    shape, selection = x._shape_tuple(), of_numpy._selection(index)
    part = np.broadcast_to(np.False_, shape)[selection].shape
    if 0 in part:
        return x
    values = _broadcast(value, numbers(*part))
    if all(type(each) is not tuple or each[2] in (None, 1, -1) for each in index):
        return _slice_assign(x, begins, ends, strides, values, **masks)
    # XLA knows no other strides.
    rows = np.arange(math.prod(shape), dtype=np.int32).reshape(shape)[selection].reshape(-1, 1)
    flat = _scatter_update(_reshape(x, numbers(-1)), asarray(rows).tensor, _reshape(values, numbers(-1)))
    return _reshape(flat, numbers(*shape))


# --- positions --------------------------------------------------------------------------------------------------------


@kernel
def gather(x: Tensor, indices: Tensor, *, axis: int) -> Tensor:
    """Take the slices along an axis that the indices name."""
    return _gather(x, indices, number(axis))


@kernel
def pick(x: Tensor, index: Tensor, *, axis: int) -> Tensor:
    """Take one slice along an axis, at a position that a tensor tells; a negative one counts from the end."""
    dtype = index.dtype.as_datatype_enum
    from_end = _add(index, _cast(number(sizes(x)[axis]), DstT=dtype))
    return _gather(x, _select(_less(index, _cast(number(0), DstT=dtype)), from_end, index), number(axis))


@kernel
def gather_grad(dy: Tensor, indices: Tensor, *, axis: int, size: int) -> Tensor:
    """Add up along an axis of that size the slices that `gather` took from the same place."""
    if axis == 0:
        return _sums(dy, indices, number(size))
    rank, count = dy._rank(), indices._rank()
    first = [*range(axis, axis + count), *range(axis), *range(axis + count, rank)]
    summed = _sums(_transpose(dy, numbers(*first)), indices, number(size))
    return _transpose(summed, numbers(*range(1, axis + 1), 0, *range(axis + 1, rank - count + 1)))


@kernel
def gather_nd(x: Tensor, indices: Tensor) -> Tensor:
    """Take what the rows of indices name, one number for each of the first axes."""
    return _gather_nd(x, indices)


@kernel
def batched_rows(indices: Tensor, *, batch: int) -> Tensor:
    """Put before each row of indices its own place in the first `batch` axes."""
    shape = indices._shape_tuple()
    dtype = indices.dtype.as_numpy_dtype
    own = np.arange(shape[0], dtype=dtype) if batch == 1 else np.moveaxis(np.indices(shape[:batch], dtype), 0, -1)
    places = asarray(own.reshape(*shape[:batch], *[1] * (len(shape) - 1 - batch), batch)).tensor
    return _concat([_broadcast(places, numbers(*shape[:-1], batch)), indices], number(len(shape) - 1))


@kernel
def scatter_nd(indices: Tensor, updates: Tensor, *, shape: Sizes) -> Tensor:
    """Add updates at the places that the rows of indices name, into zeros."""
    return _scatter(indices, updates, _cast(numbers(*shape), DstT=indices.dtype.as_datatype_enum))


@kernel
def tensor_scatter_add(x: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
    """Add updates."""
    return _scatter_add(x, indices, updates)


@kernel
def tensor_scatter_sub(x: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
    """Subtract updates."""
    return _scatter_sub(x, indices, updates)


@kernel
def tensor_scatter_max(x: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
    """Keep the larger of entry and update."""
    return _scatter_max(x, indices, updates)


@kernel
def tensor_scatter_min(x: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
    """Keep the smaller of entry and update."""
    return _scatter_min(x, indices, updates)


@kernel
def tensor_scatter_update(x: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
    """Replace entries."""
    return _scatter_update(x, indices, updates)


@kernel
def scatter_rows(x: Tensor, indices: Tensor, updates: Tensor, *, how: str) -> Tensor:
    """Combine the rows that the indices name with updates, one after the other, or replace them (`how="update"`).

    Factors and divisors of one row are multiplied first.
    """
    if 0 in indices._shape_tuple():
        return x
    size, *row = x._shape_tuple()
    updates = _broadcast(updates, numbers(*sizes(indices), *row))
    if how in _SCATTERED:
        return _SCATTERED[how](x, _expand(indices, number(-1)), updates)
    if type(indices) is EagerTensor and not ((rows := indices.numpy()) == rows.clip(0, size - 1)).all():
        raise ValueError("A row is not there.")  # products leave it out
    whole = how == "div" and x.dtype.is_integer
    if whole and type(updates) is EagerTensor and not updates.numpy().all():
        raise ValueError("A divisor is 0.")
    # The quotient of whole numbers is cut off, once for all divisors.
    dtype = tf.float64.as_datatype_enum if whole else x.dtype.as_datatype_enum
    products = _products(_cast(updates, DstT=dtype), indices, number(size))
    combine = _multiply if how == "mul" else _divide
    return _cast(combine(_cast(x, DstT=dtype), products), DstT=x.dtype.as_datatype_enum)


# --- order ------------------------------------------------------------------------------------------------------------


@in_programs
def argsort(x: Tensor, *, axis: int, descending: bool) -> Tensor:
    """Name the places of the entries in rising or falling order, equal entries in the order they come."""
    last = [*range(x.shape.rank)]
    last[axis], last[-1] = last[-1], last[axis]
    ranks = tf.transpose(_ranks(x), last)
    # The largest come first; of equal ones, those that came first.
    places = tf.math.top_k(ranks if descending else tf.bitwise.invert(ranks), k=sizes(x)[axis]).indices
    return tf.transpose(places, last)


def _ranks(x: Tensor) -> Tensor:
    """Return whole numbers in the order of x, in which nan is the largest."""
    if not x.dtype.is_floating:
        return tf.cast(x, tf.int64)
    x = tf.cast(x, tf.float64)
    x = tf.where(x == 0, tf.zeros_like(x), tf.where(tf.math.is_nan(x), tf.constant(np.nan, tf.float64), x))
    bits = tf.bitcast(x, tf.int64)
    return tf.where(bits < 0, bits ^ (2**63 - 1), bits)


@kernel
def searchsorted(x: Tensor, values: Tensor, *, side: str, dtype: DTypeLike) -> Tensor:
    """Say where each value belongs in its row of sorted numbers."""
    shape = sizes(values)
    rows = numbers(math.prod(shape[:-1]), sizes(x)[-1])
    matrix = numbers(math.prod(shape[:-1]), shape[-1])
    search = _lower if side == "left" else _upper
    places = search(_reshape(x, rows), _reshape(values, matrix), out_type=NUMBERS[np.dtype(dtype)])
    return _reshape(places, numbers(*shape))
