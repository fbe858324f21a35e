"""Products of matrices and of tensors.

Shapes are checked here, with TensorFlow's words. `name` is taken for TensorFlow's sake and not used.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minitf.dtypes import FLOATS, int32, int64
from minitf.errors import InvalidArgumentError, explain, invalid_argument
from minitf.op import Op, alone, bracketed, broadcastable, led_by_first
from minitf.operators import table
from minitf.tensor import Tensor, convert_to_tensor

__all__ = ["matmul", "tensordot"]

_MATRIX = (*FLOATS, int32, int64)
_matmul = Op("matmul", "MatMul", dtypes=_MATRIX, match=led_by_first)
_tensordot = Op("tensordot", "MatMul", dtypes=_MATRIX, match=alone)


def matmul(
    a: object, b: object, transpose_a: bool = False, transpose_b: bool = False, name: str | None = None
) -> Tensor:
    """Matrix product over the last two axes; leading axes broadcast. Both need at least two axes; `a @ b` for tensors.

    >>> print(matmul([[1, 2]], [[3], [4]]))
    tf.Tensor([[11]], shape=(1, 1), dtype=int32)
    """
    left, right = led_by_first((a, b))
    _matmul.check((left, right))
    _check_matrices(left, right, transpose_a, transpose_b)
    return _matmul(left, right, transpose_a=transpose_a, transpose_b=transpose_b)


def _check_matrices(a: Tensor, b: Tensor, transpose_a: bool, transpose_b: bool) -> None:
    shapes = (a.array.shape, b.array.shape)
    written = f"In[0]: {bracketed(shapes[0])}, In[1]: {bracketed(shapes[1])}"
    if min(a.ndim, b.ndim) < 2:
        raise _bad_product(_too_few_axes(a, b), shapes, "give a vector a second axis, or use tf.tensordot(a, b, 1)")
    inner = (a.array.shape[-2 if transpose_a else -1], b.array.shape[-1 if transpose_b else -2])
    if inner[0] != inner[1]:
        do = "transpose one (transpose_a, transpose_b), or reshape it"
        raise _bad_product(f"Matrix size-incompatible: {written}", shapes, do)
    if not broadcastable(shapes[0][:-2], shapes[1][:-2]):
        asked = f"In[0] and In[1] must have compatible batch dimensions: {written}"
        raise _bad_product(asked, shapes, "make the sizes before the last two equal, or 1")


def _too_few_axes(a: Tensor, b: Tensor) -> str:
    if max(a.ndim, b.ndim) > 2:
        position = 0 if a.ndim < b.ndim else 1
        return f"In[{position}] ndims must be >= 2: {min(a.ndim, b.ndim)}"
    if a.ndim != b.ndim:
        return f"In[0] and In[1] has different ndims: {bracketed(a.shape)} vs. {bracketed(b.shape)}"
    return f"In[0] and In[1] ndims must be == 2: {a.ndim}"


def _bad_product(asked: str, shapes: Sequence[tuple[int, ...]], do: str) -> InvalidArgumentError:
    return invalid_argument(
        _matmul.native,
        asked,
        got=f"matmul of shapes {shapes[0]} @ {shapes[1]}",
        expected="(..., n, k) @ (..., k, m)",
        do=do,
    )


def tensordot(a: object, b: object, axes: object, name: str | None = None) -> Tensor:
    """Sum of products over pairs of axes: the last `axes` of a with the first of b, or the two lists given.

    >>> print(tensordot([1, 2], [3, 4], 1))
    tf.Tensor(11, shape=(), dtype=int32)
    """
    left, right = alone((a, b))
    pairs = _axis_pairs(left, right, axes)
    _tensordot.check((left, right))
    summed = [[tensor.array.shape[axis] for axis in axes] for tensor, axes in zip((left, right), pairs, strict=True)]
    if summed[0] != summed[1]:
        raise invalid_argument(
            _tensordot.native,
            f"Matrix size-incompatible: In[0]: {bracketed(left.shape)}, In[1]: {bracketed(right.shape)}",
            got=f"tensordot that pairs axes of sizes {summed[0]} with {summed[1]}",
            expected="equal sizes in each pair",
            do="choose other axes, or reshape",
        )
    return _tensordot(left, right, axes=pairs)


def _axis_pairs(a: Tensor, b: Tensor, axes: object) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if isinstance(axes, int):
        return _outermost(a, b, axes)
    given = axes if isinstance(axes, (list, tuple)) else np.asarray(convert_to_tensor(axes, dtype=int32)).tolist()
    if not isinstance(given, (list, tuple)) or len(given) != 2:
        raise ValueError(
            f"`axes` must be an integer or have length 2. Received {axes}: give a number, or a list for each side."
        )
    pair = [[int(axis)] if isinstance(axis, int) else [int(number) for number in axis] for axis in given]
    if len(pair[0]) != len(pair[1]):
        raise ValueError(
            explain(
                f"Different number of contraction axes `a` and `b`, {len(pair[0])} != {len(pair[1])}.",
                got=f"axes {axes!r}",
                expected="two lists of equal length",
                do="pair every axis of a with one of b",
            )
        )
    for tensor, numbers in zip((a, b), pair, strict=True):
        for number in numbers:
            if not -tensor.ndim <= number < tensor.ndim:
                raise IndexError(
                    f"axis {number} asked of a tensor with {tensor.ndim} axes; count them from 0, or from -1."
                )
    return (
        tuple(number % a.ndim for number in pair[0]),
        tuple(number % b.ndim for number in pair[1]),
    )


def _outermost(a: Tensor, b: Tensor, count: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if count < 0:
        raise ValueError(f"`axes` must be at least 0. Received: {count}; it counts the axes to sum over.")
    for tensor, error in ((a, ValueError), (b, IndexError)):  # TensorFlow's classes
        if count > tensor.ndim:
            raise error(
                explain(
                    f"`axes` must not be larger than the number of dimensions of tensor. Received {count}, "
                    f"vs tensor dimensions {tensor.ndim}.",
                    got=f"tensors with {a.ndim} and {b.ndim} axes",
                    expected=f"axes up to {min(a.ndim, b.ndim)}",
                    do="sum over fewer axes",
                )
            )
    return tuple(range(a.ndim - count, a.ndim)), tuple(range(count))


table["matmul"] = matmul
