"""Products of matrices and of tensors, and what belongs to square matrices: diagonals, inverses, determinants, norms.

Matrices stand in the last two axes; the axes before are a batch. Shapes are checked here, with TensorFlow's words.
`name` is taken for TensorFlow's sake and not used.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from minitf.dtypes import FLOATS, NUMBERS, float32, float64, int32, int64
from minitf.errors import FailedPreconditionError, InvalidArgumentError
from minitf.op import Binary, Op, Unary, bracketed, broadcastable, led_by_first
from minitf.operators import table
from minitf.ops.array import cast, expand_dims, reshape, squeeze, transpose
from minitf.ops.axes import certain, whole_number
from minitf.ops.elementary import abs, negative, sqrt
from minitf.ops.math import pow
from minitf.ops.reduction import reduce_max, reduce_sum
from minitf.ops.refusal import refuse
from minitf.recording import entries
from minitf.tensor import Tensor, convert_to_tensor

__all__ = [
    "adjoint", "band_part", "cross", "det", "diag", "diag_part", "inv", "matmul", "matrix_transpose", "matvec", "norm",
    "slogdet", "solve", "tensordot", "trace",
]  # fmt: skip

_MATRIX = (*FLOATS, int32, int64)
_REAL = (float32, float64)


class _Product(Binary):
    """The op of matrix products, whose shapes fit in a way of their own."""

    __slots__ = ()

    def incompatible(self, inputs: Sequence[Tensor]) -> InvalidArgumentError:
        """Build the error for shapes that do not fit."""
        a, b = inputs
        written = f"In[0]: {bracketed(a.shape)}, In[1]: {bracketed(b.shape)}"
        if min(a.ndim, b.ndim) < 2:
            asked = _too_few_axes(a, b)
        elif broadcastable(a.array.shape[:-2], b.array.shape[:-2]):
            asked = f"Matrix size-incompatible: {written}"
        else:
            asked = f"In[0] and In[1] must have compatible batch dimensions: {written}"
        return refuse(self.native, asked, a, b)


def _too_few_axes(a: Tensor, b: Tensor) -> str:
    if max(a.ndim, b.ndim) > 2:
        position = 0 if a.ndim < b.ndim else 1
        return f"In[{position}] ndims must be >= 2: {min(a.ndim, b.ndim)}"
    if a.ndim == b.ndim:
        return f"In[0] and In[1] ndims must be == 2: {a.ndim}"
    return f"In[0] and In[1] has different ndims: {bracketed(a.shape)} vs. {bracketed(b.shape)}"


class _Invertible(Op):
    """An op whose kernel refuses singular matrices."""

    __slots__ = ()

    def incompatible(self, inputs: Sequence[Tensor]) -> InvalidArgumentError:
        """Build the error for a singular matrix."""
        asked = "Input is not invertible." if len(inputs) == 1 else "Input matrix is not invertible."
        return refuse(self.native, asked, *inputs)


_band_part: Unary = Unary("band_part", "MatrixBandPart", lambda dy, y, x, **band: _band_part(dy, **band))
_cross = Binary(
    "cross", "Cross", lambda dy, y, a, b: cross(b, dy), lambda dy, y, a, b: cross(dy, a), dtypes=NUMBERS
)  # fmt: skip
_det = Unary("det", "MatrixDeterminant", lambda dy, y, x: _column(dy * y) * inv(x, adjoint=True), dtypes=_REAL)
_diag: Unary = Unary("diag", "MatrixDiagV3", lambda dy, y, x, k, **_: _diag_part(dy, k=k))
_diag_part: Unary = Unary("diag_part", "MatrixDiagPartV3", lambda dy, y, x, k: _on_diagonal(dy, x, k))
_inv: Op = _Invertible(
    "inv", "MatrixInverse",
    lambda dy, y, x, adjoint: -matmul(y, matmul(dy, y, adjoint, not adjoint), not adjoint),
    dtypes=_REAL,
)  # fmt: skip
# A product a @ b, and those with a transposed matrix, a @ bT and aT @ b: each rule of one of them is one of them again.
_matmul: Binary = _Product(
    "matmul", "MatMul",
    lambda dy, y, a, b: _matmul_nt(dy, b),
    lambda dy, y, a, b: _matmul_tn(a, dy),
    dtypes=_MATRIX, match=led_by_first,
)  # fmt: skip
_matmul_nt: Binary = _Product(
    "matmul_nt", "MatMul",
    lambda dy, y, a, b: _matmul(dy, b),
    lambda dy, y, a, b: _matmul_tn(dy, a),
    dtypes=_MATRIX, match=led_by_first,
)  # fmt: skip
_matmul_tn: Binary = _Product(
    "matmul_tn", "MatMul",
    lambda dy, y, a, b: _matmul_nt(b, dy),
    lambda dy, y, a, b: _matmul(a, dy),
    dtypes=_MATRIX, match=led_by_first,
)  # fmt: skip
_slogdet = Op("slogdet", "LogMatrixDeterminant", lambda dy, y, x: _column(dy[1]) * inv(x, adjoint=True), dtypes=_REAL)
_solve: Op = _Invertible(
    "solve", "MatrixSolve",
    lambda dy, y, a, b, adjoint: _by_matrix(_solve(a, dy, adjoint=not adjoint), y, adjoint),
    lambda dy, y, a, b, adjoint: _solve(a, dy, adjoint=not adjoint),
    dtypes=_REAL,
)  # fmt: skip


def _column(x: Tensor) -> Tensor:
    return expand_dims(expand_dims(x, -1), -1)


def _on_diagonal(dy: Tensor, x: Tensor, k: int) -> Tensor:
    rows, columns = x.sizes[-2:]
    return _diag(dy, k=k, rows=rows, columns=columns, padding=0)


def _by_matrix(db: Tensor, y: Tensor, adjoint: bool) -> Tensor:
    return negative(matmul(y, db, False, True) if adjoint else matmul(db, y, False, True))


# --- products ---------------------------------------------------------------------------------------------------------


def matmul(
    a: object, b: object, transpose_a: bool = False, transpose_b: bool = False, adjoint_a: bool = False,
    adjoint_b: bool = False, a_is_sparse: bool = False, b_is_sparse: bool = False, output_type: object = None,
    grad_a: bool = False, grad_b: bool = False, name: str | None = None,
) -> Tensor:  # fmt: skip
    """Matrix product over the last two axes; leading axes broadcast. Both need at least two axes; `a @ b` for tensors.

    `adjoint` is the same as `transpose` here; the arguments after output_type change nothing.

    >>> print(matmul([[1, 2]], [[3], [4]]))
    tf.Tensor([[11]], shape=(1, 1), dtype=int32)
    """
    if (transpose_a and adjoint_a) or (transpose_b and adjoint_b):
        raise ValueError("Only one of `transpose_a` and `adjoint_a` (or `_b`) can be True; they are the same here.")
    if output_type is not None:
        a, b = (cast(value, output_type) for value in led_by_first((a, b)))
    if transpose_a or adjoint_a:
        if transpose_b or adjoint_b:
            return _matmul_nt(matrix_transpose(a), b)
        return _matmul_tn(a, b)
    return _matmul_nt(a, b) if transpose_b or adjoint_b else _matmul(a, b)


def matvec(
    a: object, b: object, transpose_a: bool = False, adjoint_a: bool = False, a_is_sparse: bool = False,
    b_is_sparse: bool = False, name: str | None = None,
) -> Tensor:  # fmt: skip
    """Matrix times vector: over the last two axes of a and the last of b.

    >>> print(matvec([[1, 2], [3, 4]], [1, 1]))
    tf.Tensor([3 7], shape=(2,), dtype=int32)
    """
    return squeeze(matmul(a, expand_dims(b, -1), transpose_a, adjoint_a=adjoint_a), -1)


def tensordot(a: object, b: object, axes: object, name: str | None = None) -> Tensor:
    """Sum of products over pairs of axes: the last `axes` of a with the first of b, or the two lists given.

    >>> print(tensordot([1, 2], [3, 4], 1))
    tf.Tensor(11, shape=(), dtype=int32)
    """
    left, right = convert_to_tensor(a), convert_to_tensor(b)
    first, second = _axis_pairs(left, right, axes)
    rows = [axis for axis in range(left.ndim) if axis not in first]
    columns = [axis for axis in range(right.ndim) if axis not in second]
    return reshape(
        matmul(_matrix(left, rows, first), _matrix(right, second, columns)),
        [left.sizes[axis] for axis in rows] + [right.sizes[axis] for axis in columns],
    )


def _matrix(x: Tensor, rows: Sequence[int], columns: Sequence[int]) -> Tensor:
    """Make a matrix of a tensor, with some of its axes as rows and the others as columns."""
    order, sizes = [*rows, *columns], x.sizes
    if order != [*range(x.ndim)]:
        x = transpose(x, order)
    return reshape(x, [math.prod([sizes[axis] for axis in axes]) for axes in (rows, columns)])


def _axis_pairs(a: Tensor, b: Tensor, axes: Any) -> tuple[list[int], list[int]]:
    """Read which axes of a go with which of b."""
    if isinstance(axes, int):
        if axes < 0:
            raise ValueError(f"`axes` must be at least 0. Received: {axes}; it counts the axes to sum over.")
        if axes > a.ndim:
            asked = "`axes` must not be larger than the number of dimensions of tensor."
            raise ValueError(f"{asked} Received {axes}, vs tensor dimensions {a.ndim}; sum over fewer axes.")
        axes = range(a.ndim - axes, a.ndim), range(axes)
    elif not isinstance(axes, (list, tuple)):
        axes = entries(convert_to_tensor(axes, dtype=int32))
    if not isinstance(axes, (list, tuple)) or len(axes) != 2:
        raise ValueError(
            f"`axes` must be an integer or have length 2. Received {axes}: give a number, or a list for each side."
        )
    first, second = ([int(n) for n in ([side] if isinstance(side, int) else side)] for side in axes)
    if len(first) != len(second):
        asked = f"Different number of contraction axes `a` and `b`, {len(first)} != {len(second)}."
        raise ValueError(f"{asked} Pair every axis of a with one of b.")
    for tensor, side in ((a, first), (b, second)):
        for number in side:
            if not -tensor.ndim <= number < tensor.ndim:
                raise IndexError(
                    f"axis {number} asked of a tensor with {tensor.ndim} axes; count them from 0, or from -1."
                )
    return [number % a.ndim for number in first], [number % b.ndim for number in second]


def cross(a: object, b: object, name: str | None = None) -> Tensor:
    """Cross product over the last axis, which has size 3.

    >>> print(cross([1, 0, 0], [0, 1, 0]))
    tf.Tensor([0 0 1], shape=(3,), dtype=int32)
    """
    left, right = _cross.match((a, b))
    shapes = (left.array.shape, right.array.shape)
    if shapes[0] != shapes[1]:
        asked = f"Both inputs must be of same shape: {bracketed(shapes[0])} vs. {bracketed(shapes[1])}"
        raise refuse("Cross", asked, left, right)
    if not shapes[0]:
        raise refuse("Cross", "Input must be at least 1D[]", left, right)
    if shapes[0][-1] != 3:
        error = refuse("Cross", "Cross-products are only defined for 3-element vectors.", left, right)
        raise FailedPreconditionError(None, None, error.message)
    return _cross(left, right)


# --- transposing and diagonals ----------------------------------------------------------------------------------------


def matrix_transpose(a: object, name: str | None = "matrix_transpose", conjugate: bool = False) -> Tensor:
    """Exchange the last two axes; ValueError for fewer than two.

    >>> matrix_transpose([[[1, 2, 3]]]).shape
    TensorShape([1, 3, 1])
    """
    x = convert_to_tensor(a)
    if x.ndim < 2:
        raise ValueError(
            f"Argument `a` should be a (batch) matrix with rank >= 2. Received `a` = {a} with shape: {x.shape}; "
            "give it a second axis with tf.expand_dims."
        )
    return transpose(x, [*range(x.ndim - 2), x.ndim - 1, x.ndim - 2])


def adjoint(matrix: object, name: str | None = None) -> Tensor:
    """Exchange the last two axes, as there are no complex numbers.

    >>> print(adjoint([[1, 2]]).numpy().tolist())
    [[1], [2]]
    """
    return matrix_transpose(matrix)


def _at_least(x: Tensor, axes: int, native: str, asked: str) -> None:
    if x.ndim < axes:
        raise refuse(native, f"{asked}{bracketed(x.shape)}", x)


def diag(
    diagonal: object, name: str | None = "diag", k: object = 0, num_rows: int = -1, num_cols: int = -1,
    padding_value: float = 0, align: str = "RIGHT_LEFT",
) -> Tensor:  # fmt: skip
    """Matrices with the last axis on their diagonal, or on the k-th above it; square unless sizes are given.

    >>> print(diag([1, 2]))
    tf.Tensor(
    [[1 0]
     [0 2]], shape=(2, 2), dtype=int32)
    """
    x = convert_to_tensor(diagonal)
    _at_least(x, 1, _diag.native, "diagonal must be at least 1-dim, received shape: ")
    offset, least = whole_number(k, _diag.native), x.sizes[-1]
    rows, columns = least + max(-offset, 0), least + max(offset, 0)
    if num_rows == num_cols == -1:
        rows = columns = max(rows, columns)
    rows, columns = max(rows, num_rows), max(columns, num_cols)
    padding = x.array.dtype.type(padding_value).item()
    return _diag(x, k=offset, rows=rows, columns=columns, padding=padding)


def diag_part(
    input: object, name: str | None = "diag_part", k: object = 0, padding_value: float = 0, align: str = "RIGHT_LEFT"
) -> Tensor:
    """Diagonals of matrices, or their k-th diagonals above; `align` is for several at once, which are not here.

    >>> print(diag_part([[1, 2], [3, 4]]))
    tf.Tensor([1 4], shape=(2,), dtype=int32)
    """
    x = convert_to_tensor(input)
    return _diag_part(x, k=_offset(x, k, _diag_part.native))


def _offset(x: Tensor, k: object, native: str) -> int:
    """Read which diagonal of a matrix is meant."""
    _at_least(x, 2, native, "input must be at least 2-dim, received shape: ")
    offset, (rows, columns) = whole_number(k, native), x.sizes[-2:]
    if rows != columns:
        certain(rows, "which is smaller, the number of rows or that of columns")
        certain(columns, "which is smaller, the number of rows or that of columns")
    if offset and not -rows < offset < columns:
        asked = f"lower_diag_index is out of bound: {offset}. It must be between {-rows} and {columns}"
        raise refuse(native, asked, x)
    return offset


def band_part(input: object, num_lower: object, num_upper: object, name: str | None = None) -> Tensor:
    """Keep so many diagonals below and above the main one and put 0 elsewhere; negative keeps all on that side.

    >>> print(band_part([[1, 2], [3, 4]], 0, -1))
    tf.Tensor(
    [[1 2]
     [0 4]], shape=(2, 2), dtype=int32)
    """
    x = convert_to_tensor(input)
    _at_least(x, 2, _band_part.native, "input must be at least 2-dim, received shape: ")
    band = [whole_number(number, _band_part.native) for number in (num_lower, num_upper)]
    return _band_part(x, lower=band[0], upper=band[1])


def trace(x: object, name: str | None = None) -> Tensor:
    """Sum of the diagonal.

    >>> print(trace([[1, 2], [3, 4]]))
    tf.Tensor(5, shape=(), dtype=int32)
    """
    return reduce_sum(diag_part(x), -1)


# --- square matrices --------------------------------------------------------------------------------------------------


def _square(op: Op, x: Tensor, asked: str = "Input matrix must be square.") -> None:
    op.check((x,))
    _at_least(x, 2, op.native, f"Input tensor 0 must have rank >= 2, got {x.ndim}, shape ")
    if x.array.shape[-1] != x.array.shape[-2]:
        raise refuse(op.native, asked, x)


def inv(input: object, adjoint: bool = False, name: str | None = None) -> Tensor:
    """Inverse matrix, transposed with `adjoint`; InvalidArgumentError for a matrix that has none.

    >>> print(inv([[2.0, 0.0], [0.0, 4.0]]))
    tf.Tensor(
    [[0.5  0.  ]
     [0.   0.25]], shape=(2, 2), dtype=float32)
    """
    x = convert_to_tensor(input)
    _square(_inv, x)
    return _inv(x, adjoint=adjoint)


def solve(matrix: object, rhs: object, adjoint: bool = False, name: str | None = None) -> Tensor:
    """Solution x of matrix @ x = rhs, or with `adjoint` of the transposed matrix; both have the same leading axes.

    >>> print(solve([[2.0, 0.0], [0.0, 4.0]], [[2.0], [2.0]]))
    tf.Tensor(
    [[1. ]
     [0.5]], shape=(2, 1), dtype=float32)
    """
    a, b = _solve.match((matrix, rhs))
    _solve.check((a, b))
    _square(_solve, a, "First input (lhs) must be a square matrix.")
    if a.ndim != b.ndim:
        raise refuse(_solve.native, "All input tensors must have the same rank.", a, b)
    if a.array.shape[:-1] != b.array.shape[:-1]:
        raise refuse(_solve.native, "Input matrix and rhs are incompatible.", a, b)
    return _solve(a, b, adjoint=adjoint)


def det(input: object, name: str | None = None) -> Tensor:
    """Determinant.

    >>> print(det([[2.0, 0.0], [0.0, 4.0]]))
    tf.Tensor(8.0, shape=(), dtype=float32)
    """
    x = convert_to_tensor(input)
    _square(_det, x)
    return _det(x)


class LogMatrixDeterminant(NamedTuple):
    """Sign of a determinant, and the logarithm of its size."""

    sign: Tensor
    log_abs_determinant: Tensor


def slogdet(input: object, name: str | None = None) -> LogMatrixDeterminant:
    """Sign of the determinant and logarithm of its size, which do not overflow.

    >>> print(slogdet([[-1.0]]).sign)
    tf.Tensor(-1.0, shape=(), dtype=float32)
    """
    x = convert_to_tensor(input)
    _square(_slogdet, x)
    return LogMatrixDeterminant(*_slogdet.several(x))


# --- norms ------------------------------------------------------------------------------------------------------------

_MATRIX_NORMS: dict[object, Callable[..., Tensor]] = {
    1: lambda x, rows, columns: reduce_max(reduce_sum(abs(x), rows, keepdims=True), columns, keepdims=True),
    np.inf: lambda x, rows, columns: reduce_max(reduce_sum(abs(x), columns, keepdims=True), rows, keepdims=True),
}


def norm(
    tensor: object, ord: Any = "euclidean", axis: Any = None, keepdims: bool | None = None, name: str | None = None
) -> Tensor:
    """Norm of all entries, of vectors along one axis, or of matrices in two axes.

    `ord` is 'euclidean', 1, 2, np.inf or any positive number for vectors; 'euclidean', 'fro', 1 or np.inf for matrices.

    >>> print(norm([3.0, -4.0]), norm([3.0, -4.0], ord=1))
    tf.Tensor(5.0, shape=(), dtype=float32) tf.Tensor(7.0, shape=(), dtype=float32)
    """
    pair = isinstance(axis, (list, tuple)) and len(axis) == 2
    if pair and not (all(isinstance(number, int) for number in axis) and axis[0] != axis[1]):
        raise ValueError(f"'axis' must be None, an integer, or a tuple of 2 unique integers, got {tuple(axis)}")
    if not pair and not (axis is None or isinstance(axis, int)):
        raise ValueError(f"'axis' must be None, an integer, or a tuple of 2 unique integers, got {axis}")
    number = isinstance(ord, (int, float)) and ord > 0
    if pair and ord not in ("euclidean", "fro", 1, np.inf):
        raise ValueError(f"'ord' must be a supported matrix norm in ['euclidean', 'fro', 1, inf], got {ord}")
    if not pair and not number and ord != "euclidean":
        raise ValueError(f"'ord' must be a supported vector norm, got {ord}: 'euclidean' or a positive number")
    x = convert_to_tensor(tensor)
    if ord in ("euclidean", "fro", 2):
        y = sqrt(reduce_sum(x * x, axis, keepdims=True))
    elif pair:
        y = _MATRIX_NORMS[ord](x, *axis)
    elif ord == np.inf:
        y = reduce_max(abs(x), axis, keepdims=True)
    elif ord == 1:
        y = reduce_sum(abs(x), axis, keepdims=True)
    else:
        y = pow(reduce_sum(pow(abs(x), ord), axis, keepdims=True), 1.0 / ord)
    return y if keepdims else squeeze(y, axis)


table["matmul"] = matmul
