"""Indexing of tensors: `t[0]`, `t[1:, ::-1]`, `t[..., tf.newaxis]`, `t[mask]`; tf.slice and tf.strided_slice.

Indices are read as TensorFlow reads them, which is stricter than NumPy: no lists of positions, no floats.
"""

from __future__ import annotations

import builtins
from typing import Any, SupportsIndex, cast

import numpy as np

from minitf.dtypes import int32, int64
from minitf.errors import InvalidArgumentError, explain
from minitf.op import Unary, bracketed
from minitf.operators import Operators, table
from minitf.ops.axes import certain, integers
from minitf.ops.index import boolean_mask, pick
from minitf.ops.making import ones_like
from minitf.ops.refusal import refuse
from minitf.recording import entries, thread
from minitf.size import Size, Unknowable, other
from minitf.tensor import Tensor, convert_to_tensor

__all__ = ["slice", "strided_slice"]

_strided_slice = Unary(
    "strided_slice",
    "StridedSlice",
    lambda dy, y, x, index: _strided_slice_grad(dy, index=index, shape=x.sizes),
)
_strided_slice_grad: Unary = Unary(
    "strided_slice_grad", "StridedSliceGrad", lambda ddx, dx, dy, index, shape: _strided_slice(ddx, index=index)
)


def getitem(x: Any, key: Any) -> Tensor:
    """Take part of a tensor; InvalidArgumentError beyond its ends, TypeError for what is no index.

    >>> tf.constant([[1, 2], [3, 4]])[:, -1].numpy().tolist()
    [2, 4]
    """
    if isinstance(key, (Tensor, np.ndarray)) and _dtype_kind(key) == "b":
        return boolean_mask(x, key)
    if thread.capture is not None:
        parts = list(key) if isinstance(key, (tuple, list)) else [key]
        moving = [n for n, part in enumerate(parts) if isinstance(part, Operators) and _moves(convert_to_tensor(part))]
        if moving:
            return _gathered(x, parts, moving)
    return _taken(x, index_of(key))


def _moves(index: Tensor) -> bool:
    """Say whether an index is another one in each call of the function that is captured."""
    whole = not index.ndim and index.dtype in (int32, int64)
    return whole and thread.capture is not None and thread.capture.symbol(index) is not None


def _gathered(x: Any, parts: list[Any], moving: list[int]) -> Tensor:
    """Take whole axes first in the place of indices that are tensors, and gather from those axes then."""
    whole = [builtins.slice(None) if n in moving else part for n, part in enumerate(parts)]
    y = _taken(x, index_of(whole))
    for n in reversed(moving):
        before, after = (sum(part is None or isinstance(part, builtins.slice) for part in side)
                         for side in (whole[:n], whole[n + 1 :]))  # fmt: skip
        axis = -1 - after if any(part is Ellipsis for part in whole[:n]) else before
        at = convert_to_tensor(parts[n])
        y = pick(y, at, axis % y.ndim)
        whole[n] = 0
    return y


def index_of(key: Any) -> tuple[Any, ...]:
    """Read what stands in the brackets of `t[...]`: numbers, None, "..." and (start, stop, step) for each slice.

    >>> index_of((0, builtins.slice(None, 2), Ellipsis))
    (0, (None, 2, None), '...')
    """
    kind = type(key)
    if kind is int:
        return (key,)
    if kind is tuple or kind is list:
        return tuple([part if type(part) is int else _part(part) for part in key])
    return (_part(key),)


def _taken(x: Tensor, index: tuple[Any, ...]) -> Tensor:
    if thread.capture is not None:
        _check_ends(index, convert_to_tensor(x).sizes)
    try:
        return _strided_slice(x, index=index)
    except (InvalidArgumentError, ValueError):
        _explain(index, convert_to_tensor(x))
        raise


def _check_ends(index: tuple[Any, ...], sizes: tuple[int, ...]) -> None:
    """Unknowable if a slice has so many entries only where the axis, whose size may be another one, is long enough."""
    used = sum(part is not None and part != "..." for part in index)
    axis = 0
    for part in index:
        if part == "...":
            axis += len(sizes) - used
        elif isinstance(part, tuple) and axis < len(sizes) and type(sizes[axis]) is Size and part[2] != 0:
            counts = {len(range(*builtins.slice(*other(part)).indices(other(sizes[axis]))))}
            counts.add(len(range(*builtins.slice(*part).indices(int(sizes[axis])))))
            if len(counts) == 1 and counts != {1}:
                raise Unknowable("whether a slice ends before its axis does")
        axis += part is not None and part != "..."


def _part(part: Any) -> Any:
    if type(part) is builtins.slice:
        start, stop, step = part.start, part.stop, part.step
        return (
            start if start is None or type(start) is int else _whole(start),
            stop if stop is None or type(stop) is int else _whole(stop),
            step if step is None or type(step) is int else _whole(step),
        )
    if part is None:
        return None
    if part is Ellipsis:
        return "..."
    if isinstance(part, bool):
        raise ValueError(f"mask cannot be scalar. Got {part!r} as an index; use 0 or 1, or a mask with an axis.")
    return _whole(part)


def _whole(value: Any) -> int:
    if isinstance(value, Operators):
        value = value.__tf_tensor__()
    scalar = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if type(value) is Size:
        return value
    if scalar or (isinstance(value, (Tensor, np.ndarray)) and value.ndim == 0 and _dtype_kind(value) == "i"):
        return entries(value) if isinstance(value, Tensor) else int(cast(SupportsIndex, value))
    raise TypeError(
        explain(
            "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar tf.int32/tf.int64 tensors "
            f"are valid indices, got {value!r}",
            got=type(value).__name__,
            expected="a whole number, or a mask of booleans",
            do="take one entry at a time and put them together with tf.stack, or use tf.gather",
        )
    )


def _dtype_kind(value: Any) -> str:
    return str(value.array.dtype.kind if isinstance(value, Tensor) else value.dtype.kind)


def _explain(index: tuple[Any, ...], x: Tensor) -> None:
    """Raise the error that says what is wrong with an index, if there is something."""
    if index.count("...") > 1:
        raise _out_of_range("Multiple ellipses in slice spec not allowed", index, x)
    used = sum(part is not None and part != "..." for part in index)
    if used and not x.ndim:
        raise _out_of_range("Attempting to slice scalar input.", index, x)
    if used > x.ndim:
        raise _out_of_range(f"Index out of range using input dim {x.ndim}; input has only {x.ndim} dims", index, x)
    axis = 0
    for part in index:
        if part == "...":
            axis += x.ndim - used
        elif isinstance(part, tuple):
            if part[2] == 0:
                raise _out_of_range(f"strides[{axis}] must be non-zero", index, x)
            axis += 1
        elif part is not None:
            size = x.array.shape[axis]
            if not -size <= part < size:
                beyond = part if part >= 0 else part + size
                raise _out_of_range(f"slice index {beyond} of dimension {axis} out of bounds.", index, x)
            axis += 1


def _out_of_range(asked: str, index: tuple[Any, ...], x: Tensor) -> InvalidArgumentError:
    return refuse("StridedSlice", asked, f"t[{', '.join(map(_written, index))}]", x)


def _written(part: Any) -> str:
    if not isinstance(part, tuple):
        return "tf.newaxis" if part is None else str(part)
    start, stop, step = ("" if end is None else str(end) for end in part)
    return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"


def slice(input_: object, begin: object, size: object, name: str | None = None) -> Tensor:
    """Take `size` entries from `begin` on along each axis; a size of -1 takes all that are left.

    >>> slice([[1, 2, 3], [4, 5, 6]], [0, 1], [2, -1]).numpy().tolist()
    [[2, 3], [5, 6]]
    """
    x = convert_to_tensor(input_)
    given = [integers(convert_to_tensor(numbers), "Slice", "begin and size") for numbers in (begin, size)]
    shapes = [numbers.array.shape for numbers in given]
    if not shapes[0] == shapes[1] == (x.ndim,):
        asked = f"Expected begin and size arguments to be 1-D tensors of size {x.ndim}, but got shapes "
        raise refuse("Slice", f"{asked}{bracketed(shapes[0])} and {bracketed(shapes[1])} instead.", x, begin, size)
    index = []
    for axis, (start, wanted, length) in enumerate(zip(*map(entries, given), x.sizes, strict=True)):
        if start != 0 or wanted != -1:
            certain(length, "whether a slice stays inside")
        if not 0 <= start <= length:
            raise refuse("Slice", f"Expected begin[{axis}] in [0, {length}], but got {start}", x, begin, size)
        if not -1 <= wanted <= length - start:
            raise refuse("Slice", f"Expected size[{axis}] in [0, {length - start}], but got {wanted}", x, begin, size)
        index.append((start, None if wanted == -1 else start + wanted, None))
    return _taken(x, tuple(index))


def strided_slice(
    input_: object, begin: object, end: object, strides: object = None, begin_mask: int = 0, end_mask: int = 0,
    ellipsis_mask: int = 0, new_axis_mask: int = 0, shrink_axis_mask: int = 0, var: object = None,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """Take `t[begin:end:strides]`, with one number of each for each axis; bit i of a mask changes what part i means.

    >>> print(strided_slice([1, 2, 3, 4], [0], [4], [2]))
    tf.Tensor([1 3], shape=(2,), dtype=int32)
    """
    x = convert_to_tensor(input_)
    given = [integers(convert_to_tensor(ends), "StridedSlice", "an end") for ends in (begin, end)]
    given.append(ones_like(given[0]) if strides is None else integers(strides, "StridedSlice", "strides"))
    shapes = [ends.array.shape for ends in given]
    if not shapes[0] == shapes[1] == shapes[2] or len(shapes[0]) != 1:
        written = ", ".join(map(bracketed, shapes))
        asked = f"Expected begin, end, and strides to be 1D equal size tensors, but got shapes {written} instead."
        raise refuse("Slice", asked, x, begin, end)
    index: list[Any] = []
    for position, (start, stop, step) in enumerate(zip(*map(entries, given), strict=True)):
        bit = 1 << position
        if ellipsis_mask & bit:
            index.append("...")
        elif new_axis_mask & bit:
            index.append(None)
        elif shrink_axis_mask & bit:
            index.append(start)
        else:
            index.append((None if begin_mask & bit else start, None if end_mask & bit else stop, step))
    return _taken(x, tuple(index))


table["getitem"] = getitem
