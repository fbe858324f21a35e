"""Indexing of tensors: `t[0]`, `t[1:, ::-1]`, `t[..., tf.newaxis]`, `t[mask]`.

Indices are read as TensorFlow reads them, which is stricter than NumPy: no lists of positions, no floats.
"""

from __future__ import annotations

from typing import Any, SupportsIndex, cast

import numpy as np

from minitf.errors import InvalidArgumentError, explain, invalid_argument
from minitf.op import Op, bracketed
from minitf.ops.array import boolean_mask
from minitf.tensor import Tensor, table

_strided_slice = Op("strided_slice", "StridedSlice")


def getitem(x: Tensor, key: object) -> Tensor:
    """Take part of a tensor; InvalidArgumentError beyond its ends, TypeError for what is no index.

    >>> import minitf as tf
    >>> tf.constant([[1, 2], [3, 4]])[:, -1].numpy().tolist()
    [2, 4]
    """
    if isinstance(key, (Tensor, np.ndarray)) and _dtype_kind(key) == "b":
        return _masked(x, key if isinstance(key, Tensor) else Tensor(np.array(key)))
    parts = tuple(key) if isinstance(key, (list, tuple)) else (key,)
    index = tuple(_part(part) for part in parts)
    _check(index, x)
    return _strided_slice(x, index=index)


def _part(part: object) -> Any:
    if part is None or part is Ellipsis:
        return part
    if isinstance(part, slice):
        return slice(*(None if end is None else _whole(end) for end in (part.start, part.stop, part.step)))
    if isinstance(part, (bool, np.bool_)):
        raise ValueError(f"mask cannot be scalar. Got {part!r} as an index; use 0 or 1, or a mask with an axis.")
    return _whole(part)


def _whole(value: object) -> int:
    scalar = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if scalar or (isinstance(value, (Tensor, np.ndarray)) and value.ndim == 0 and _dtype_kind(value) == "i"):
        return int(cast(SupportsIndex, value))
    raise TypeError(
        explain(
            "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar tf.int32/tf.int64 tensors "
            f"are valid indices, got {value!r}",
            got=type(value).__name__,
            expected="a whole number, or a mask of booleans",
            do="take one entry at a time and put them together with tf.stack",
        )
    )


def _dtype_kind(value: Any) -> str:
    return str(value.array.dtype.kind if isinstance(value, Tensor) else value.dtype.kind)


def _check(index: tuple[Any, ...], x: Tensor) -> None:
    if sum(part is Ellipsis for part in index) > 1:
        raise _out_of_range("Multiple ellipses in slice spec not allowed", index, x)
    if x.ndim == 0 and any(part is not None and part is not Ellipsis for part in index):
        raise _out_of_range("Attempting to slice scalar input.", index, x)
    used = sum(part is not None and part is not Ellipsis for part in index)
    if used > x.ndim:
        raise _out_of_range(f"Index out of range using input dim {x.ndim}; input has only {x.ndim} dims", index, x)
    axis = 0
    for part in index:
        if part is Ellipsis:
            axis += x.ndim - used
        elif isinstance(part, slice):
            if part.step == 0:
                raise _out_of_range(f"strides[{axis}] must be non-zero", index, x)
            axis += 1
        elif part is not None:
            size = x.array.shape[axis]
            if not -size <= part < size:
                beyond = part if part >= 0 else part + size
                raise _out_of_range(f"slice index {beyond} of dimension {axis} out of bounds.", index, x)
            axis += 1


def _out_of_range(asked: str, index: tuple[Any, ...], x: Tensor) -> InvalidArgumentError:
    written = ", ".join("..." if part is Ellipsis else repr(part) for part in index)
    return invalid_argument(
        "StridedSlice",
        asked,
        got=f"t[{written}] of a tensor of shape {x.shape}",
        expected="at most one index for each axis, from -size to size - 1",
        do="compare the index with t.shape",
    )


def _masked(x: Tensor, mask: Tensor) -> Tensor:
    if mask.ndim == 0:
        raise ValueError("mask cannot be scalar. Got a mask of shape (); give it one entry for each row.")
    if x.array.shape[: mask.ndim] != mask.array.shape:
        raise ValueError(
            explain(
                f"Shapes {x.shape} and {mask.shape} are incompatible",
                got=f"a mask of shape {bracketed(mask.shape)} for a tensor of shape {bracketed(x.shape)}",
                expected="a mask with the sizes of the tensor's first axes",
                do="compute the mask from the tensor itself, for example t[t > 0]",
            )
        )
    return boolean_mask(mask, x)


table["getitem"] = getitem
