"""What the ops that make, shape and sort arrays, take entries out and put them in, are in ONNX; see `translations`."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minitf.export.graph import Graph, Value

__all__ = ["ARRAYS", "transposed", "turned"]

Index = tuple[Any, ...]  # as in the kernel `strided_slice`
_FIRST, _LAST = np.iinfo(np.int64).min, np.iinfo(np.int64).max  # beyond either end of any axis


# --- making and shaping -----------------------------------------------------------------------------------------------


def _range(g: Graph, start: Value, limit: Value, delta: Value, size: int) -> Any:
    kind = np.float64 if start.is_float else start.dtype
    return g.cast(start, kind) + g.cast(g.count(size), kind) * g.cast(delta, kind)


def _one_hot(g: Graph, indices: Value, on: Value, off: Value, depth: int, axis: int) -> Any:
    numbers = g.Reshape(g.count(depth), [-1, *[1] * (indices.rank - axis)])
    return g.Where(g.Equal(g.Unsqueeze(g.cast(indices, np.int64), [axis]), numbers), on, off)


def _squeeze(g: Graph, x: Value, axis: Sequence[int]) -> Any:
    return g.Squeeze(x, list(axis)) if axis else x


def transposed(g: Graph, x: Value, perm: Sequence[int] | None = None) -> Any:
    """Reorder the axes; nothing is added where they stay."""
    order = list(reversed(range(x.rank)) if perm is None else perm)
    return x if order == sorted(order) else g.Transpose(x, perm=order)


def turned(g: Graph, x: Value) -> Any:
    """Swap the last two axes."""
    return g.Transpose(x, perm=[*range(x.rank - 2), x.rank - 1, x.rank - 2])


def _unstack(g: Graph, x: Value, axis: int) -> Any:
    count = g.sizes(x)[axis]
    return tuple(g.Squeeze(part, [axis]) for part in g.Split(x, [1] * count, axis=axis, outputs=count))


def _pad(g: Graph, x: Value, value: Value, paddings: Sequence[tuple[int, int]]) -> Any:
    return g.Pad(x, [before for before, _ in paddings] + [after for _, after in paddings], value) if paddings else x


def _reverse(g: Graph, x: Value, axis: Sequence[int]) -> Any:
    backwards = [-1] * len(axis)
    return g.Slice(x, backwards, [_FIRST] * len(axis), list(axis), backwards) if axis else x


def _roll(g: Graph, x: Value, shift: Sequence[int], axis: Sequence[int]) -> Any:
    sizes, moved = g.sizes(x), x
    for steps, i in zip(shift, axis, strict=True):
        moved = g.Gather(moved, (g.count(sizes[i]) - g.constant(steps)) % g.constant(sizes[i]), axis=i)
    return moved


# --- taking entries out and putting them in ---------------------------------------------------------------------------


def _strided_slice(g: Graph, x: Value, index: Index) -> Any:
    rank = x.rank
    left = rank - sum(part is not None and part != "..." for part in index)
    axis = place = 0
    slices, gone, added = [], [], []
    for part in index if "..." in index else (*index, "..."):
        if part is None:
            added.append(place)
            place += 1
        elif part == "...":
            axis, place = axis + left, place + left
        elif type(part) is tuple:
            start, stop, step = part
            ahead = step is None or step > 0
            ends = (
                (0 if ahead else _LAST) if start is None else start,
                (_LAST if ahead else _FIRST) if stop is None else stop,
            )
            slices.append((*ends, axis, 1 if step is None else step))
            axis, place = axis + 1, place + 1
        else:
            slices.append((part, _LAST if type(part) is int and part == -1 else part + 1, axis, 1))
            gone.append(axis)
            axis += 1
    if slices:
        x = g.Slice(x, *map(list, zip(*slices, strict=True)))
    x = _squeeze(g, x, gone)
    return g.Unsqueeze(x, added) if added else x


def _places(g: Graph, index: Index, shape: Sequence[int]) -> Any:
    """Number all entries of a shape, and take the numbers of those at an index."""
    numbers = g.Reshape(g.count(_product(g, shape)), list(shape))
    numbers.shape = tuple(shape)
    return _strided_slice(g, numbers, index)


def _product(g: Graph, sizes: Sequence[Any]) -> Any:
    if all(type(size) is int for size in sizes):
        return math.prod(sizes)
    return g.ReduceProd(g.constant(list(sizes)), keepdims=0)


def _strided_slice_grad(g: Graph, dy: Value, index: Index, shape: Sequence[int]) -> Any:
    places = g.Reshape(_places(g, index, shape), [-1])
    zeros = _zeros(g, dy, [_product(g, shape)])
    return g.Reshape(g.ScatterElements(zeros, places, g.Reshape(dy, [-1])), list(shape))


def _gather_grad(g: Graph, dy: Value, indices: Value, axis: int, size: int) -> Any:
    inner = range(axis, axis + indices.rank)
    outer = [i for i in range(dy.rank) if i not in inner]
    moved = transposed(g, dy, [*inner, *outer])
    sizes = g.sizes(dy)
    zeros = _zeros(g, dy, [size, *(sizes[i] for i in outer)])
    added = _scatter(g, zeros, g.Unsqueeze(indices, [-1]), moved)
    return transposed(g, added, [*range(1, axis + 1), 0, *range(axis + 1, len(outer) + 1)])


def _zeros(g: Graph, like: Value, shape: Any) -> Any:
    """Make zeros of the dtype of a value."""
    return g.Expand(g.cast(0, like.dtype), shape)


def _scatter(g: Graph, x: Value, indices: Value, updates: Value, how: str = "add") -> Any:
    return g.ScatterND(x, g.cast(indices, np.int64), updates, reduction=how)


def _batched_rows(g: Graph, indices: Value, batch: int) -> Any:
    sizes, parts = g.sizes(indices), []
    for axis in range(batch):
        numbers = g.Reshape(g.count(sizes[axis]), [-1, *[1] * (indices.rank - 1 - axis)])
        parts.append(g.Expand(numbers, [*sizes[:-1], 1]))
    return g.Concat(*parts, g.cast(indices, np.int64), axis=-1)


def _sorted(g: Graph, x: Value, k: Any, axis: int, largest: bool) -> Any:
    """Name the places of the entries in order; of equal ones, the first comes first."""
    return g.TopK(x, [k], axis=axis, largest=int(largest), outputs=2)[1]


# --- matrices ---------------------------------------------------------------------------------------------------------


def _offsets(g: Graph, rows: Any, columns: Any) -> Any:
    """Say for each place of a matrix on which diagonal it lies."""
    return g.count(columns) - g.Unsqueeze(g.count(rows), [1])


def _diag(g: Graph, x: Value, k: int, rows: int, columns: int, padding: float) -> Any:
    last = g.constant(g.sizes(x)[-1]) - 1
    places = g.Min(g.Max(g.count(rows) - max(-k, 0), 0), last)
    on = g.Equal(_offsets(g, rows, columns), k)
    return g.Where(on, g.Unsqueeze(g.Gather(x, places, axis=-1), [-1]), padding)


def _diag_part(g: Graph, x: Value, k: int) -> Any:
    *outer, rows, columns = g.sizes(x)
    width = g.constant(columns)
    length = g.Min(g.constant(rows) - max(-k, 0), width - max(k, 0))
    places = g.count(length) * (width + 1) + (width * max(-k, 0) + max(k, 0))
    return g.Gather(g.Reshape(x, [*outer, _product(g, [rows, columns])]), places, axis=-1)


def _band_part(g: Graph, x: Value, lower: int, upper: int) -> Any:
    offsets = _offsets(g, *g.sizes(x)[-2:])
    zero = g.cast(0, x.dtype)
    below = x if type(lower) is int and lower < 0 else g.Where(offsets < -g.constant(lower), zero, x)
    return below if type(upper) is int and upper < 0 else g.Where(offsets > g.constant(upper), zero, below)


ARRAYS: dict[str, str | Callable[..., Any]] = {
    "argsort": lambda g, x, axis, descending: _sorted(g, x, g.sizes(x)[axis], axis, descending),
    "band_part": _band_part,
    "batched_rows": _batched_rows,
    "broadcast_to": lambda g, x, shape: g.Expand(x, shape),
    "concat": "Concat",
    "diag": _diag,
    "diag_part": _diag_part,
    "einsum": "Einsum",
    "expand_dims": lambda g, x, axis: g.Unsqueeze(x, [axis]),
    "fill": lambda g, value, shape: g.Expand(value, shape),
    "gather": lambda g, x, indices, axis: g.Gather(x, g.cast(indices, np.int64), axis=axis),
    "gather_grad": _gather_grad,
    "gather_nd": lambda g, x, indices: g.GatherND(x, g.cast(indices, np.int64)),
    "pick": lambda g, x, index, axis: g.Gather(x, g.cast(index, np.int64), axis=axis),
    "one_hot": _one_hot,
    "pad": _pad,
    "places": lambda g, condition: g.Transpose(g.NonZero(condition), perm=[1, 0]),
    "range": _range,
    "reshape": lambda g, x, shape: g.Reshape(x, shape, allowzero=1),
    "reverse": _reverse,
    "roll": _roll,
    "scatter_nd": lambda g, indices, updates, shape: _scatter(g, _zeros(g, updates, shape), indices, updates),
    "shape_of": lambda g, x, dtype: g.Shape(x),
    "split": lambda g, x, sizes, axis: g.Split(x, sizes, axis=axis, outputs=len(sizes)),
    "squeeze": _squeeze,
    "stack": lambda g, *values, axis: g.Concat(*(g.Unsqueeze(x, [axis]) for x in values), axis=axis),
    "strided_slice": _strided_slice,
    "strided_slice_grad": _strided_slice_grad,
    "tensor_scatter_add": _scatter,
    "tensor_scatter_max": functools.partial(_scatter, how="max"),
    "tensor_scatter_min": functools.partial(_scatter, how="min"),
    "tensor_scatter_sub": lambda g, x, indices, updates: _scatter(g, x, indices, -updates),
    "tensor_scatter_update": functools.partial(_scatter, how="none"),
    "tile": lambda g, x, multiples: g.Tile(x, multiples),
    "top_k": lambda g, x, k, dtype: _sorted(g, x, k, -1, True),
    "transpose": transposed,
    "unstack": _unstack,
    "where": "Where",
    "zeros_like": lambda g, x: _zeros(g, x, g.Shape(x)),
}
