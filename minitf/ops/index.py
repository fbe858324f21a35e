"""Taking entries out of tensors by tensors of positions, and putting them in.

Shapes and dtypes are checked here and the positions themselves by the kernels, with TensorFlow's words; on TensorFlow's
CPU too, a position outside is an error. `name` is taken for TensorFlow's sake and not used.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from minitf.dtypes import NUMBERS, int16, int32
from minitf.op import Mixed, Op, bracketed, matching
from minitf.operators import Operators
from minitf.ops.array import cast, expand_dims, reshape, shape, squeeze, transpose, where
from minitf.ops.axes import certain, index_dtype, integers, numbers, sizes_of
from minitf.ops.making import zeros_like
from minitf.ops.refusal import refuse
from minitf.shape import TensorShape
from minitf.tensor import Tensor, convert_to_tensor

__all__ = [
    "boolean_mask", "gather", "gather_nd", "scatter_nd", "searchsorted", "tensor_scatter_nd_add",
    "tensor_scatter_nd_max", "tensor_scatter_nd_min", "tensor_scatter_nd_sub", "tensor_scatter_nd_update", "unique",
    "unique_with_counts",
]  # fmt: skip

_batched_rows = Mixed("batched_rows", "GatherNd")
_gather = Mixed(
    "gather", "GatherV2",
    lambda dy, y, x, indices, axis: _gather_grad(dy, indices, axis=axis, size=x.sizes[axis]),
)  # fmt: skip
_gather_grad: Mixed = Mixed(
    "gather_grad", "UnsortedSegmentSum", lambda ddx, dx, dy, indices, axis, size: _gather(ddx, indices, axis=axis)
)
_pick = Mixed(
    "pick",
    "StridedSlice",
    lambda dy, y, x, at, axis: _gather_grad(dy, at % shape(x, at.dtype)[axis], axis=axis, size=x.sizes[axis]),
)
_gather_nd = Mixed("gather_nd", "GatherNd", lambda dy, y, x, indices: _scatter_nd(indices, dy, shape=x.sizes))
_scatter_nd: Mixed = Mixed(
    "scatter_nd", "ScatterNd", None, lambda dy, y, indices, updates, shape: _gather_nd(dy, indices)
)
_searchsorted = Op("searchsorted", "LowerBound", dtypes=NUMBERS)
_unique = Op("unique", "UniqueWithCounts")


# --- gather ----------------------------------------------------------------------------------------------------------


def gather(
    params: object, indices: object, validate_indices: object = None, axis: object = None, batch_dims: int = 0,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """Take the slices that the indices name along an axis, the first unless told otherwise.

    The first `batch_dims` axes of both go together: each row of indices takes from its own row of params.

    >>> print(gather([10, 20, 30], [2, 0, 2]))
    tf.Tensor([30 10 30], shape=(3,), dtype=int32)
    """
    x, at = convert_to_tensor(params), _positions(indices, "GatherV2")
    if not x.ndim:
        raise refuse("GatherV2", "params must be at least 1 dimensional", x, at)
    number = numbers(batch_dims if axis is None else axis, "GatherV2", "the axis")
    if not isinstance(number, int):
        raise refuse("GatherV2", "axis must be scalar", x, at)
    if not -x.ndim <= number < x.ndim:
        least = number + 1 if number >= 0 else -number
        raise refuse("GatherV2", f"Shape must be at least rank {least} but is rank {x.ndim}", x, at)
    batch = batch_dims + at.ndim if batch_dims < 0 else batch_dims
    if not batch or (axis is not None and number == 0):  # batch_dims does not count for axis=0, as in TensorFlow
        return _gather(x, at, axis=number % x.ndim)
    number %= x.ndim
    if not 0 < batch <= min(at.ndim, number):
        raise refuse("GatherV2", f"batch_dims ({batch}) must be less than or equal to axis ({number})", x, at)
    return _batched(x, at, number, batch)


def _batched(x: Tensor, at: Tensor, axis: int, batch: int) -> Tensor:
    """Move the axis behind the batch, take from it there, and move the new axes where it was."""
    if axis == batch:
        return gather_nd(x, expand_dims(at, -1), batch)
    first, between, after = range(batch), range(batch, axis), range(axis + 1, x.ndim)
    taken = gather_nd(transpose(x, [*first, axis, *between, *after]), expand_dims(at, -1), batch)
    new = range(batch, at.ndim)
    moved = range(at.ndim, at.ndim + len(between))
    return transpose(taken, [*first, *moved, *new, *range(at.ndim + len(between), taken.ndim)])


def pick(x: Tensor, at: Tensor, axis: int) -> Tensor:
    """Take one slice along an axis, as `x[at]` does with a position that a function finds in each call anew.

    >>> print(pick(tf.constant([[1, 2], [3, 4]]), tf.constant(-1), 0))
    tf.Tensor([3 4], shape=(2,), dtype=int32)
    """
    return _pick(x, at, axis=axis)


def gather_nd(
    params: object, indices: object, batch_dims: int = 0, name: str | None = None, bad_indices_policy: str = ""
) -> Tensor:
    """Take what the rows of indices name: each row has one number for each of the first axes of params.

    >>> print(gather_nd([[1, 2], [3, 4]], [[0, 1], [1, 0]]))
    tf.Tensor([2 3], shape=(2,), dtype=int32)
    """
    if batch_dims < 0:
        raise ValueError("tf.gather_nd does not allow negative batch_dims.")
    x, at = convert_to_tensor(params), _positions(indices, "GatherNd")
    for tensor, word in ((x, "params"), (at, "indices")):
        if not tensor.ndim:
            raise refuse("GatherNd", f"{word} must be at least a vector", x, at)
        if batch_dims >= tensor.ndim:
            raise ValueError(
                f"Argument `batch_dims` = {batch_dims} must be less than rank(`{word}`) = {tensor.ndim}; "
                "it counts the axes that both share."
            )
    if batch_dims:
        if at.array.shape[:batch_dims] != x.array.shape[:batch_dims]:
            raise refuse("GatherNd", "params and indices must have the same batch dimensions", x, at)
        at = _batched_rows(at, batch=batch_dims)
    if at.array.shape[-1] > x.ndim:
        asked = f"index innermost dimension length must be <= params rank; saw: {at.array.shape[-1]} vs. {x.ndim}"
        raise refuse("GatherNd", asked, x, at)
    if not x.array.size and math.prod(at.array.shape[:-1]):
        asked = f"Requested more than 0 entries, but params is empty.  Params shape: {x.shape}"
        raise refuse("GatherV2", asked, x, at, "GatherNd")
    return _gather_nd(x, at)


def _positions(indices: object, native: str) -> Tensor:
    at = convert_to_tensor(indices)
    return at if at.dtype is int16 else integers(at, native, "the indices")


def boolean_mask(tensor: object, mask: object, axis: object = None, name: str | None = "boolean_mask") -> Tensor:
    """Take the entries where the mask is True; the mask covers the first axes, or those from `axis` on.

    >>> print(boolean_mask([1, 2, 3], [True, False, True]))
    tf.Tensor([1 3], shape=(2,), dtype=int32)
    """
    x, chosen = convert_to_tensor(tensor), convert_to_tensor(mask)
    start = 0 if axis is None else numbers(axis, "GatherV2", "the axis")
    if not chosen.ndim:
        raise ValueError("mask cannot be scalar. Got a mask of shape (); give it one entry for each row.")
    covered = x.sizes[start : start + chosen.ndim]
    if covered != chosen.sizes:
        raise ValueError(
            f"Shapes {TensorShape(covered)} and {chosen.shape} are incompatible: a mask has the sizes of the axes "
            "that it covers; compute it from the tensor itself, for example t[t > 0]."
        )
    if chosen.ndim > 1:
        x = reshape(x, (*x.sizes[:start], math.prod(covered), *x.sizes[start + chosen.ndim :]))
    return _gather(x, squeeze(where(reshape(chosen, [-1])), 1), axis=start)


# --- scatter ---------------------------------------------------------------------------------------------------------


def scatter_nd(
    indices: object, updates: object, shape: object, bad_indices_policy: str = "", name: str | None = None
) -> Tensor:
    """Make a tensor of zeros and add each update at the place that its row of indices names.

    >>> print(scatter_nd([[1], [3], [1]], [10, 20, 30], [4]))
    tf.Tensor([ 0 40  0 20], shape=(4,), dtype=int32)
    """
    native = _scatter_nd.native
    at, values = _positions(indices, native), convert_to_tensor(updates)
    if isinstance(shape, Operators) and convert_to_tensor(shape).dtype is not at.dtype:
        raise _scatter_nd.expected(2, convert_to_tensor(shape).dtype, at.dtype)
    if isinstance(shape, int):
        raise refuse(native, "Shape must be a vector", at, values, ())
    sizes = sizes_of(shape, native)
    _check_scatter(native, at, values, sizes)
    return _scatter_nd(at, values, shape=sizes)


def _check_scatter(native: str, at: Tensor, updates: Tensor, shape: tuple[int, ...]) -> None:
    for tensor, word in ((at, "Indices"), (updates, "Updates")):
        if not tensor.ndim:
            raise refuse(native, f"{word} shape must have rank at least one. Found:[]", at, updates, shape)
    if not math.prod(shape, start=len(shape)) and (at.array.size or updates.array.size):
        raise refuse(native, "Indices and updates specified for empty output shape", at, updates, shape)
    outer, depth = at.sizes[:-1], certain(at.sizes[-1], "how many axes the indices are for")
    if not depth:
        raise refuse(native, "Only indices.shape[-1] values of at least 1 are supported.", at, updates, shape)
    found = updates.sizes
    if found != (*outer, *shape[depth:]) or depth > len(shape):
        count = len(outer)
        asked = (
            "Outer dimensions of indices and update must match. "
            f"Indices shape: {bracketed(at.shape)}, updates shape:{bracketed(found)}"
        )
        if found[:count] == outer:
            asked = (
                "Inner dimensions of output shape must match inner dimensions of updates shape. "
                f"Output: {bracketed(shape)} updates: {bracketed(found)}"
            )
        elif native == _scatter_nd.native:
            asked = (
                f"Dimensions [0,{count}) of indices[shape={bracketed(at.shape)}] must match "
                f"dimensions [0,{count}) of updates[shape={bracketed(found)}]"
            )
        raise refuse(native, asked, at, updates, shape)


def _shares(dy: Tensor, y: Tensor, x: Tensor, at: Tensor, updates: Tensor) -> tuple[Tensor, Tensor]:
    """Split a gradient evenly among an entry and its updates, as far as they are the result."""
    kept = cast(x == y, dy.dtype)
    won = cast(updates == gather_nd(y, at), dy.dtype)
    each = dy / (kept + scatter_nd(at, won, x.sizes))
    return each * kept, gather_nd(each, at) * won


def _extreme(name: str, native: str) -> Mixed:
    return Mixed(name, native, lambda *args: _shares(*args)[0], None, lambda *args: _shares(*args)[1])


_add = Mixed(
    "tensor_scatter_add", "TensorScatterAdd", lambda dy, *_: dy, None, lambda dy, y, x, at, updates: gather_nd(dy, at)
)
_sub = Mixed(
    "tensor_scatter_sub", "TensorScatterSub", lambda dy, *_: dy, None, lambda dy, y, x, at, updates: -gather_nd(dy, at)
)
_max = _extreme("tensor_scatter_max", "TensorScatterMax")
_min = _extreme("tensor_scatter_min", "TensorScatterMin")
_update: Mixed = Mixed(
    "tensor_scatter_update", "TensorScatterUpdate",
    lambda dy, y, x, at, updates: _update(dy, at, zeros_like(updates)),
    None,
    lambda dy, y, x, at, updates: gather_nd(dy, at),
)  # fmt: skip


def _scattered(op: Mixed, tensor: object, indices: object, updates: object) -> Tensor:
    x, values = matching((tensor, updates))
    at = _positions(indices, op.native)
    if values.dtype is not x.dtype:
        raise op.expected(2, values.dtype, x.dtype)
    _check_scatter(op.native, at, values, x.sizes)
    return op(x, at, values)


def tensor_scatter_nd_add(
    tensor: object, indices: object, updates: object, bad_indices_policy: str = "", name: str | None = None
) -> Tensor:
    """Add each update to the entry that its row of indices names.

    >>> print(tensor_scatter_nd_add([1, 2, 3], [[0], [0]], [10, 20]))
    tf.Tensor([31  2  3], shape=(3,), dtype=int32)
    """
    return _scattered(_add, tensor, indices, updates)


def tensor_scatter_nd_sub(
    tensor: object, indices: object, updates: object, bad_indices_policy: str = "", name: str | None = None
) -> Tensor:
    """Subtract each update from the entry that its row of indices names.

    >>> print(tensor_scatter_nd_sub([1, 2, 3], [[0], [0]], [10, 20]))
    tf.Tensor([-29   2   3], shape=(3,), dtype=int32)
    """
    return _scattered(_sub, tensor, indices, updates)


def tensor_scatter_nd_max(
    tensor: object, indices: object, updates: object, bad_indices_policy: str = "", name: str | None = None
) -> Tensor:
    """Keep the larger of each update and the entry that its row of indices names; ties share the gradient.

    >>> print(tensor_scatter_nd_max([1, 2, 3], [[0], [1]], [10, 0]))
    tf.Tensor([10  2  3], shape=(3,), dtype=int32)
    """
    return _scattered(_max, tensor, indices, updates)


def tensor_scatter_nd_min(
    tensor: object, indices: object, updates: object, bad_indices_policy: str = "", name: str | None = None
) -> Tensor:
    """Keep the smaller of each update and the entry that its row of indices names; ties share the gradient.

    >>> print(tensor_scatter_nd_min([1, 2, 3], [[0], [1]], [10, 0]))
    tf.Tensor([1 0 3], shape=(3,), dtype=int32)
    """
    return _scattered(_min, tensor, indices, updates)


def tensor_scatter_nd_update(tensor: object, indices: object, updates: object, name: str | None = None) -> Tensor:
    """Put each update in the place of the entry that its row of indices names; the last of several stays.

    >>> print(tensor_scatter_nd_update([1, 2, 3], [[0], [2]], [10, 20]))
    tf.Tensor([10  2 20], shape=(3,), dtype=int32)
    """
    return _scattered(_update, tensor, indices, updates)


# --- finding ---------------------------------------------------------------------------------------------------------


class Unique(NamedTuple):
    """What `tf.unique` returns."""

    y: Tensor
    idx: Tensor


class UniqueWithCounts(NamedTuple):
    """What `tf.unique_with_counts` returns."""

    y: Tensor
    idx: Tensor
    count: Tensor  # type: ignore[assignment]  # hides the method of tuples, as in TensorFlow


def unique_with_counts(x: object, out_idx: object = int32, name: str | None = None) -> UniqueWithCounts:
    """Find the different entries of a vector, which of them each entry is, and how often each is there.

    >>> unique_with_counts([7, 5, 7]).count.numpy().tolist()
    [2, 1]
    """
    vector, dtype = convert_to_tensor(x), index_dtype(out_idx, "Unique")
    if vector.ndim != 1:
        raise refuse("Unique", "unique expects a 1D vector.", vector)
    return UniqueWithCounts(*_unique.several(vector, dtype=dtype.numpy))


def unique(x: object, out_idx: object = int32, name: str | None = None) -> Unique:
    """Find the different entries of a vector, in the order they come, and which of them each entry is.

    >>> y, idx = unique([7, 5, 7])
    >>> print(y.numpy(), idx.numpy())
    [7 5] [0 1 0]
    """
    return Unique(*unique_with_counts(x, out_idx)[:2])


def searchsorted(
    sorted_sequence: object, values: object, side: str = "left", out_type: object = int32, name: str | None = None
) -> Tensor:
    """Say where each value belongs in rows of sorted numbers: before its equals, or behind them with side="right".

    >>> print(searchsorted([1, 3, 5], [0, 3, 6]))
    tf.Tensor([0 1 3], shape=(3,), dtype=int32)
    """
    if side not in ("left", "right"):
        raise ValueError(f"Argument `side` must be either 'right' or 'left'. Received: `side` = '{side}'.")
    rows, wanted = convert_to_tensor(sorted_sequence), convert_to_tensor(values)
    _searchsorted.check((rows, wanted))
    if not (rows.ndim and wanted.ndim and math.prod(rows.sizes[:-1]) == math.prod(wanted.sizes[:-1])):
        raise refuse(_searchsorted.native, "Leading dim_size of both tensors must match.", rows, wanted)
    return _searchsorted(rows, wanted, side=side, dtype=index_dtype(out_type, _searchsorted.native).numpy)
