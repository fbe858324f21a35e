"""Kernels of neural networks: activations, softmax and cross-entropies, with the gradients that are ops of their own.

Arguments are checked when they arrive here; a kernel only computes on raw arrays and returns an array (or NumPy scalar)
of the dtype TensorFlow would give.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minitf.backends.numpy.index import _inside
from minitf.backends.numpy.matrices import SHORT, max_rows, sum_columns, sum_rows

Array = NDArray[Any]

# The reductions of ufuncs, called with arguments in order: axis, dtype, out, keepdims, initial.
_largest: Any = np.maximum.reduce
_sum: Any = np.add.reduce

# SELU's two constants, which keep mean 0 and variance 1 through layers (Klambauer et al., 2017).
SCALE = 1.0507009873554805
SCALE_ALPHA = 1.7580993408473768


_WIDE = 64

# Zeros that NumPy need not convert first, which would take it as long again as a small array.
_ZERO: dict[np.dtype[Any], Any] = {np.dtype(kind): np.dtype(kind).type(0) for kind in "bhilqBefd"}


@functools.lru_cache(maxsize=128)
def _zeros(count: int, dtype: np.dtype[Any]) -> Array:
    return np.zeros(count, dtype)


def relu(x: Array) -> Array:
    """Keep what is positive."""
    # NumPy compares with a row of zeros four times as fast as with one zero.
    wide = x.ndim > 1 and _WIDE <= x.shape[-1] <= 64 * _WIDE
    result: Array = np.maximum(x, _zeros(x.shape[-1], x.dtype) if wide else _ZERO[x.dtype])
    return result


def relu6(x: Array) -> Array:
    """Keep what lies between 0 and 6."""
    return np.minimum(np.maximum(x, 0), 6)


def leaky_relu(x: Array, *, alpha: float) -> Array:
    """Keep what is positive, scale the rest."""
    return np.where(x > 0, x, x * alpha)


def gate(dy: Array, x: Array, *, high: float | None = None, slope: float = 0.0) -> Array:
    """Let dy through where 0 < x < high, and `slope` times dy elsewhere."""
    passing = x > _ZERO[x.dtype]
    if high is not None:
        passing &= x < high
    return np.where(passing, dy, dy * slope) if slope else dy * passing.astype(dy.dtype)


def elu(x: Array) -> Array:
    """Keep what is positive, exp(x) - 1 elsewhere."""
    return np.where(x < 0, np.expm1(x), x)


def selu(x: Array) -> Array:
    """Scaled elu."""
    return np.where(x < 0, SCALE_ALPHA * np.expm1(x), SCALE * x)


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)): where exp overflows, the quotient is 0, as it should be."""
    small = np.exp(-x)
    small += 1
    return np.reciprocal(small)


def softplus(x: Array) -> Array:
    """log(1 + exp(x)), with an exponent that is never positive."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def softsign(x: Array) -> Array:
    """X / (1 + |x|)."""
    result: Array = x / (1 + np.abs(x))
    return result


def _peak(x: Array, axis: int) -> Array:
    """Largest entry along an axis, kept."""
    peak: Array = max_rows(x) if axis in (-1, x.ndim - 1) else _largest(x, axis, None, None, True, -np.inf)
    return peak


def _total(x: Array, axis: int) -> Array:
    """Sum along an axis, kept."""
    total: Array = sum_rows(x) if axis in (-1, x.ndim - 1) else _sum(x, axis, None, None, True)
    return total


def _short(x: Array, axis: int) -> bool:
    """Say whether the rows are so short that they are quicker side by side, as columns of a transposed matrix."""
    return x.ndim == 2 and axis in (-1, 1) and 0 < x.shape[1] <= SHORT


def softmax(x: Array, *, axis: int) -> Array:
    """exp(x) over its sum; the largest entry is subtracted first, so that nothing overflows."""
    if _short(x, axis):
        columns = x.T.copy()
        columns -= _largest(columns, 0)
        np.exp(columns, out=columns)
        columns /= sum_columns(columns)
        return columns.T.copy()
    y: Array = np.exp(x - _peak(x, axis))
    y /= _total(y, axis)
    return y


def log_softmax(x: Array, *, axis: int) -> Array:
    """Logarithm of softmax."""
    if _short(x, axis):
        columns = x.T.copy()
        columns -= _largest(columns, 0)
        columns -= np.log(sum_columns(np.exp(columns)))
        return columns.T.copy()
    y: Array = x - _peak(x, axis)
    y -= np.log(_total(np.exp(y), axis))
    return y


def l2_loss(x: Array) -> Array:
    """Half the sum of squares."""
    result: Array = _sum(np.square(x), None) * x.dtype.type(0.5)
    return result


# --- cross-entropies; `log_p` are the logarithms of the probabilities that the logits stand for -----------------------


def cross_entropy(labels: Array, logits: Array, log_p: Array) -> Array:
    """Minus the sum of labels * log_p over the last axis."""
    result: Array = -np.vecdot(labels, log_p)
    return result


def cross_entropy_gradient(dy: Array, labels: Array, log_p: Array) -> Array:
    """Gradient of cross_entropy by the logits."""
    dx = np.exp(log_p)
    dx -= labels
    dx *= dy[..., None]
    return dx


def sparse_cross_entropy(labels: Array, logits: Array, log_p: Array) -> Array:
    """Minus log_p at the classes that the labels number; ValueError for labels that are no class."""
    if labels.ndim != 1:
        return sparse_cross_entropy(labels.reshape(-1), logits, log_p.reshape(-1, log_p.shape[-1])).reshape(
            labels.shape
        )
    if len(labels) != len(log_p) or not log_p.shape[1] or not _inside(labels, log_p.shape[1]):
        raise ValueError
    result: Array = -log_p[np.arange(len(labels)), labels]
    return result


def sparse_cross_entropy_gradient(dy: Array, labels: Array, log_p: Array) -> Array:
    """Gradient of sparse_cross_entropy by the logits."""
    if labels.ndim != 1:
        rows = log_p.reshape(-1, log_p.shape[-1])
        return sparse_cross_entropy_gradient(dy.reshape(-1), labels.reshape(-1), rows).reshape(log_p.shape)
    dx = np.exp(log_p)
    dx[np.arange(len(labels)), labels] -= 1
    dx *= dy[:, None]
    return dx


def sigmoid_cross_entropy(labels: Array, x: Array) -> Array:
    """-log(sigmoid(x)) * labels - log(1 - sigmoid(x)) * (1 - labels), written so that nothing overflows."""
    result: Array = np.maximum(x, 0) - x * labels + np.log1p(np.exp(-np.abs(x)))
    return result


# --- the largest ------------------------------------------------------------------------------------------------------


def top_k(x: Array, *, k: int, dtype: np.dtype[Any]) -> Array:
    """Positions of the k largest entries along the last axis, from the largest on; of equal ones the first."""
    if k > x.shape[-1]:
        raise ValueError(f"input must have at least k columns. Had {x.shape[-1]}, needed {int(k)}")
    order = np.argsort(-x if x.dtype.kind == "f" else ~x, axis=-1, kind="stable")
    return order[..., :k].astype(dtype)


def in_top_k(targets: Array, predictions: Array, *, k: int) -> Array:
    """Say for each row whether fewer than k predictions are above the target's; never in a row with inf or nan."""
    classes = predictions.shape[1]
    known = (targets >= 0) & (targets < classes)
    own = np.take_along_axis(predictions, np.where(known, targets, 0)[:, None], 1) if classes else predictions
    larger = _sum(predictions > own, 1)
    result: Array = known & np.isfinite(predictions).all(1) & (larger < k)
    return result
