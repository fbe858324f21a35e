"""Kernels that take entries out of arrays, put them in, and sort them.

Arguments are checked when they arrive here, all but positions, which are values: they are checked by each kernel. A
kernel only computes on raw arrays and returns an array (or NumPy scalar, or a tuple of arrays) of the dtype TensorFlow
would give.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from minitf.errors import InvalidArgumentError, invalid_argument

Array = NDArray[Any]
Sizes = tuple[int, ...]
Index = tuple[Any, ...]  # of ints, (start, stop, step), None for a new axis, and at most one "..."


def strided_slice(x: Array, *, index: Index) -> Array:
    """Take entries by integers, slices, an ellipsis and new axes."""
    try:
        result: Array = x[_selection(index)]
    except IndexError as error:
        came, do = f"t[{index}] of shape {x.shape}", "compare the index with t.shape"
        raise invalid_argument("StridedSlice", str(error), got=came, expected="an index inside", do=do) from None
    return result


def strided_slice_grad(dy: Array, *, index: Index, shape: Sizes) -> Array:
    """Put entries where `strided_slice` would take them, into zeros of that shape."""
    z = np.zeros(shape, dy.dtype)
    z[_selection(index)] = dy
    return z


@functools.lru_cache(maxsize=1024)
def _selection(index: Index) -> Index:
    parts = tuple(slice(*part) if type(part) is tuple else Ellipsis if part == "..." else part for part in index)
    return parts if Ellipsis in parts else (*parts, Ellipsis)  # so that even one entry comes as an array


def gather(x: Array, indices: Array, *, axis: int) -> Array:
    """Take the slices along an axis that the indices name."""
    size = x.shape[axis]
    if not _inside(indices, size):
        place = np.argwhere((indices < 0) | (indices >= size))[0].tolist()
        raise _stray("GatherV2", indices[tuple(place)].item(), place, f"is not in [0, {size})")
    return x.take(indices, axis)


def pick(x: Array, index: Array, *, axis: int) -> Array:
    """Take one slice along an axis, at a position that a tensor tells; a negative one counts from the end."""
    size = x.shape[axis]
    if not -size <= index < size:
        asked = f"slice index {index} of dimension {axis} out of bounds."
        got, expected = f"the index {index}", f"an index from -{size} to {size - 1}"
        raise invalid_argument("StridedSlice", asked, got=got, expected=expected, do="compare it with the shape")
    return x.take(index, axis)


def gather_grad(dy: Array, indices: Array, *, axis: int, size: int) -> Array:
    """Add up along an axis of that size the slices that `gather` took from the same place."""
    moved = np.moveaxis(dy, range(axis, axis + indices.ndim), range(indices.ndim))
    z = np.zeros((size, *moved.shape[indices.ndim :]), dy.dtype)
    _accumulate(np.add, z, indices, moved)
    return np.moveaxis(z, 0, axis)


def gather_nd(x: Array, indices: Array) -> Array:
    """Take what the rows of indices name, one number for each of the first axes."""
    rows, inner = _rows("GatherNd", indices, x.shape, "param ")
    return x.reshape(math.prod(x.shape[: indices.shape[-1]]), *inner).take(rows, 0)


def batched_rows(indices: Array, *, batch: int) -> Array:
    """Put before each row of indices its own place in the first `batch` axes."""
    own = np.moveaxis(np.indices(indices.shape[:batch], indices.dtype), 0, -1)
    own = own.reshape(*indices.shape[:batch], *[1] * (indices.ndim - 1 - batch), batch)
    return np.concatenate([np.broadcast_to(own, (*indices.shape[:-1], batch)), indices], -1)


def repeated_places(counts: Array, *, size: int) -> Array:
    """Name each place from 0 to size - 1 as often as its count says; ValueError for negative counts."""
    return np.repeat(np.arange(size), counts)


def scatter_nd(indices: Array, updates: Array, *, shape: Sizes) -> Array:
    """Add updates at the places that the rows of indices name, into zeros."""
    return _scattered(np.add, "ScatterNd", np.zeros(shape, updates.dtype), indices, updates)


def tensor_scatter_add(x: Array, indices: Array, updates: Array) -> Array:
    """Add updates."""
    return _scattered(np.add, "TensorScatterAdd", x.copy(), indices, updates)


def tensor_scatter_sub(x: Array, indices: Array, updates: Array) -> Array:
    """Subtract updates."""
    return _scattered(np.subtract, "TensorScatterSub", x.copy(), indices, updates)


def tensor_scatter_max(x: Array, indices: Array, updates: Array) -> Array:
    """Keep the larger of entry and update."""
    return _scattered(np.maximum, "TensorScatterMax", x.copy(), indices, updates)


def tensor_scatter_min(x: Array, indices: Array, updates: Array) -> Array:
    """Keep the smaller of entry and update."""
    return _scattered(np.minimum, "TensorScatterMin", x.copy(), indices, updates)


def tensor_scatter_update(x: Array, indices: Array, updates: Array) -> Array:
    """Replace entries."""
    return _scattered(None, "TensorScatterUpdate", x.copy(), indices, updates)


def _scattered(ufunc: np.ufunc | None, native: str, z: Array, indices: Array, updates: Array) -> Array:
    rows, inner = _rows(native, indices, z.shape, "")
    flat = z.reshape(math.prod(z.shape[: indices.shape[-1]]), *inner)
    if ufunc is None:
        flat[rows] = updates
    else:
        _accumulate(ufunc, flat, rows, updates)
    return z


def _accumulate(ufunc: np.ufunc, z: Array, rows: Array, values: Array) -> None:
    """Combine rows of z with values, one after the other where a row is named twice; quickest on flat arrays."""
    width = math.prod(z.shape[1:])
    places = rows.reshape(-1, 1) * np.int64(width) + np.arange(width)
    ufunc.at(z.reshape(-1), places.reshape(-1), np.ravel(values))


def _rows(native: str, indices: Array, shape: Sizes, what: str) -> tuple[Array, Sizes]:
    """Number the places that the rows of indices name, and return the shape of what is at each."""
    depth = indices.shape[-1]
    sizes = np.array(shape[:depth], np.int64)
    if not ((indices >= 0) & (indices < sizes)).all():
        place = np.argwhere((indices < 0) | (indices >= sizes))[0].tolist()[:-1]
        written = ",".join(map(str, shape))
        raise _stray(native, indices[tuple(place)].tolist(), place, f"does not index into {what}shape [{written}]")
    strides = np.array([math.prod(shape[i + 1 : depth]) for i in range(depth)], np.int64)
    return indices @ strides, shape[depth:]


def _inside(indices: Array, size: int) -> bool:
    # Read without their signs, negative numbers are the largest.
    return not indices.size or bool(np.maximum.reduce(indices.view(f"u{indices.itemsize}"), axis=None) < size)


def _stray(native: str, index: object, place: list[int], asked: str) -> InvalidArgumentError:
    where = f"indices[{','.join(map(str, place))}]" if place else "indices"
    return invalid_argument(
        native,
        f"{where} = {index} {asked}",
        got=f"the index {index}",
        expected="indices from 0 to size - 1; none is negative here",
        do="compare the indices with the shape",
    )


def argsort(x: Array, *, axis: int, descending: bool) -> Array:
    """Name the places of the entries in rising or falling order, equal entries in the order they come."""
    if descending:
        last = x.shape[axis] - 1
        order: Array = np.flip(last - np.argsort(np.flip(x, axis), axis, kind="stable"), axis)
    else:
        order = np.argsort(x, axis, kind="stable")
    return order.astype(np.int32)


def unique(x: Array, *, dtype: DTypeLike) -> tuple[Array, Array, Array]:
    """Return the different entries in the order they come, which of them each entry is, and how often each is there."""
    values, first, inverse, counts = np.unique(x, True, True, True, equal_nan=False)
    order = np.argsort(first)
    return values[order], np.argsort(order)[inverse].astype(dtype), counts[order].astype(dtype)


def searchsorted(x: Array, values: Array, *, side: Any, dtype: DTypeLike) -> Array:
    """Say where each value belongs in its row of sorted numbers."""
    rows = [np.searchsorted(*pair, side=side) for pair in zip(_matrix(x), _matrix(values), strict=True)]
    return np.array(rows, dtype).reshape(values.shape)


def _matrix(x: Array) -> Array:
    flat: Array = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
    return flat
