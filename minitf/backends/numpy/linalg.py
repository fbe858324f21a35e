"""Kernels of linear algebra.

Arguments are checked when they arrive here; a kernel only computes on raw arrays and returns an array (or NumPy scalar)
of the dtype TensorFlow would give.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from minitf.errors import invalid_argument

Array = NDArray[Any]


def matmul(a: Array, b: Array) -> Array:
    """Matrix product over the last two axes, in the dtype of the inputs; ValueError unless both have them."""
    result: Array
    if a.ndim == b.ndim == 2:
        # dot is quicker for two matrices, but says 0 for 0 * inf where one of them has a single entry.
        result = a.dot(b) if a.size != 1 != b.size else np.matmul(a, b)
    elif a.ndim < 2 or b.ndim < 2:
        raise ValueError
    else:
        result = np.matmul(a, b)
    return result


def matmul_nt(a: Array, b: Array) -> Array:
    """Matrix product of a and the transpose of b."""
    return matmul(a, b.T if b.ndim <= 2 else b.swapaxes(-1, -2))


def matmul_tn(a: Array, b: Array) -> Array:
    """Matrix product of the transpose of a and b."""
    return matmul(a.T if a.ndim <= 2 else a.swapaxes(-1, -2), b)


def einsum(*operands: Array, equation: str) -> Array:
    """Sum of products over the labels that the right side of the equation leaves out."""
    large = len(operands) > 2 or max(operand.size for operand in operands) > 1000
    result: Array = np.einsum(equation, *operands, optimize=large and len(operands) > 1)
    return result


def diag(x: Array, *, k: int, rows: int, columns: int, padding: float) -> Array:
    """Matrices with x on their k-th diagonals and padding elsewhere."""
    y = np.full((*x.shape[:-1], rows, columns), padding, x.dtype)
    at = np.arange(x.shape[-1])
    y[..., at + max(-k, 0), at + max(k, 0)] = x
    return y


def diag_part(x: Array, *, k: int) -> Array:
    """The k-th diagonals of matrices."""
    rows, columns = x.shape[-2:]
    if k and not -rows < k < columns:
        asked = f"lower_diag_index is out of bound: {k}. It must be between {-rows} and {columns}"
        got, expected = f"k={k}, matrices of shape {(rows, columns)}", f"between {1 - rows} and {columns - 1}"
        raise invalid_argument("MatrixDiagPartV3", asked, got=got, expected=expected, do="pass k=0 for the main one")
    return np.diagonal(x, k, -2, -1)


def band_part(x: Array, *, lower: int, upper: int) -> Array:
    """Matrices with 0 outside a band around their diagonals; a negative width is no bound."""
    rows, columns = x.shape[-2:]
    for word, side, number, size in (("lower", "rows", lower, rows), ("upper", "columns", upper, columns)):
        if number > size:
            asked = f"num_{word} must be negative or less or equal to number of {side} ({size}) got: {number}"
            got, do = f"a band {number} wide, matrices of shape {(rows, columns)}", "pass -1 to keep all on that side"
            raise invalid_argument("MatrixBandPart", asked, got=got, expected=f"at most {size}", do=do)
    offset = np.arange(columns) - np.arange(rows)[:, None]
    inside = (offset >= -lower if lower >= 0 else True) & (offset <= upper if upper >= 0 else True)
    return np.where(inside, x, x.dtype.type(0))


def inv(x: Array, *, adjoint: bool) -> Array:
    """Inverses of matrices; LinAlgError where there is none."""
    return _known(np.linalg.inv(x.swapaxes(-1, -2) if adjoint else x))


def solve(a: Array, b: Array, *, adjoint: bool) -> Array:
    """Solutions x of a @ x = b; LinAlgError where there is none."""
    return _known(np.linalg.solve(a.swapaxes(-1, -2) if adjoint else a, b))


def _known(x: Array) -> Array:
    if np.isnan(x).any():
        raise np.linalg.LinAlgError
    return x


def det(x: Array) -> Array:
    """Determinants of matrices."""
    result: Array = np.linalg.det(x)
    return result


def slogdet(x: Array) -> tuple[Array, Array]:
    """Signs of determinants, and logarithms of their sizes."""
    sign, logarithm = np.linalg.slogdet(x)
    return sign, logarithm


def cross(a: Array, b: Array) -> Array:
    """Cross products over the last axis."""
    return np.cross(a, b)
