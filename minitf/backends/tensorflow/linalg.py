"""Kernels of linear algebra, on TensorFlow's runtime.

A matrix without an inverse is an error where ops run one by one; a compiled program gives inf or nan.
"""

from __future__ import annotations

import functools
from typing import Any

import tensorflow as tf

from minitf.backends.tensorflow.arrays import EagerTensor
from minitf.backends.tensorflow.making import constant, kernel, launched, number, numbers

__all__ = [
    "band_part", "cross", "det", "diag", "diag_part", "einsum", "inv", "matmul", "matmul_nt", "matmul_tn", "slogdet",
    "solve",
]  # fmt: skip

Tensor = Any  # TensorFlow's

_band = launched("MatrixBandPart")
_broadcast = launched("BroadcastTo")
_cross = launched("Cross")
_determinant = launched("MatrixDeterminant")
_diag = launched("MatrixDiagV3")
_diag_part = launched("MatrixDiagPartV3")
_einsum = launched("Einsum")
_inverse = launched("MatrixInverse")
_logarithm = launched("LogMatrixDeterminant")
_matmul = launched("MatMul")
_matmul_batches = launched("BatchMatMulV2")
_solve = launched("MatrixSolve")


@kernel
def matmul(a: Tensor, b: Tensor) -> Tensor:
    """Matrix product over the last two axes, in the dtype of the inputs; ValueError unless both have them."""
    return _matmul(a, b) if a._rank() == b._rank() == 2 else _matmul_batches(a, b)


@kernel
def matmul_nt(a: Tensor, b: Tensor) -> Tensor:
    """Matrix product of a and the transpose of b."""
    if a._rank() == b._rank() == 2:
        return _matmul(a, b, transpose_b=True)
    return _matmul_batches(a, b, adj_y=True)


@kernel
def matmul_tn(a: Tensor, b: Tensor) -> Tensor:
    """Matrix product of the transpose of a and b."""
    if a._rank() == b._rank() == 2:
        return _matmul(a, b, transpose_a=True)
    return _matmul_batches(a, b, adj_x=True)


@kernel
def einsum(*operands: Tensor, equation: str) -> Tensor:
    """Sum of products over the labels that the right side of the equation leaves out."""
    stretched = _stretched(equation, *[operand._shape_tuple() for operand in operands])
    if stretched:
        operands = tuple([_broadcast(x, numbers(*shape)) for x, shape in zip(operands, stretched, strict=True)])
    return _einsum(operands, equation=equation) if len(operands) < 3 else tf.einsum(equation, *operands)


@functools.lru_cache(maxsize=1024)
def _stretched(equation: str, *shapes: tuple[int, ...]) -> list[tuple[int, ...]] | None:
    """Return the shapes in which a label has one size everywhere; None if these are such."""
    terms = equation.split("->")[0].split(",")
    sizes: dict[str, int] = {}
    for term, shape in zip(terms, shapes, strict=True):
        sizes.update({label: size for label, size in zip(term, shape, strict=True) if sizes.get(label, 1) == 1})
    full = [tuple([sizes[label] for label in term]) for term in terms]
    return None if full == [*shapes] else full


@kernel
def diag(x: Tensor, *, k: int, rows: int, columns: int, padding: float) -> Tensor:
    """Matrices with x on their k-th diagonals and padding elsewhere."""
    return _diag(x, number(k), number(rows), number(columns), constant(padding, x))


@kernel
def diag_part(x: Tensor, *, k: int) -> Tensor:
    """The k-th diagonals of matrices."""
    return _diag_part(x, number(k), constant(0, x))


@kernel
def band_part(x: Tensor, *, lower: int, upper: int) -> Tensor:
    """Matrices with 0 outside a band around their diagonals; a negative width is no bound."""
    if type(x) is not EagerTensor and any(
        size is not None and wide > size for wide, size in zip((lower, upper), x._shape_tuple()[-2:], strict=True)
    ):
        raise ValueError("a band that is wider than the matrix")  # XLA would take it
    return _band(x, number(lower), number(upper))


@kernel
def inv(x: Tensor, *, adjoint: bool) -> Tensor:
    """Inverses of matrices; LinAlgError where there is none."""
    return _inverse(x, adjoint=adjoint)


@kernel
def solve(a: Tensor, b: Tensor, *, adjoint: bool) -> Tensor:
    """Solutions x of a @ x = b; LinAlgError where there is none."""
    return _solve(a, b, adjoint=adjoint)


@kernel
def cross(a: Tensor, b: Tensor) -> Tensor:
    """Cross products over the last axis."""
    return _cross(a, b)


@kernel
def det(x: Tensor) -> Tensor:
    """Determinants of matrices."""
    if type(x) is EagerTensor:
        return _determinant(x)
    sign, pivots = _eliminated(x)
    return sign * tf.reduce_prod(pivots, -1)


@kernel
def slogdet(x: Tensor) -> tuple[Tensor, Tensor]:
    """Signs of determinants, and logarithms of their sizes."""
    if type(x) is EagerTensor:
        return tuple(_logarithm(x))
    sign, pivots = _eliminated(x)
    return sign * tf.reduce_prod(tf.sign(pivots), -1), tf.reduce_sum(tf.math.log(tf.abs(pivots)), -1)


def _eliminated(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the pivots of matrices, of which XLA has no determinants, and the signs that exchanged rows give."""
    if not x.shape[-1]:
        return tf.ones(x.shape[:-2], x.dtype), tf.linalg.diag_part(x)
    rows = tf.range(x.shape[-1])

    def eliminate(i: Tensor, x: Tensor, sign: Tensor) -> Any:
        column = tf.abs(tf.gather(x, i, axis=-1))
        best = tf.argmax(tf.where(rows < i, -tf.ones_like(column), column), -1, tf.int32)
        first, second = tf.gather(x, i, axis=-2), tf.gather(x, best, axis=-2, batch_dims=best.shape.rank)
        here, there = (rows == i)[:, None], (rows == best[..., None])[..., None]
        x = tf.where(here, second[..., None, :], tf.where(there, first[..., None, :], x))
        factors = tf.math.divide_no_nan(tf.gather(x, i, axis=-1), tf.gather(second, i, axis=-1)[..., None])
        x -= tf.where(rows > i, factors, tf.zeros_like(factors))[..., None] * second[..., None, :]
        return i + 1, x, tf.where(best == i, sign, -sign)

    start = (tf.constant(0), x, tf.ones(x.shape[:-2], x.dtype))
    _, x, sign = tf.while_loop(lambda i, *_: i < x.shape[-1], eliminate, start)
    return sign, tf.linalg.diag_part(x)
