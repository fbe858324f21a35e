"""Kernels of neural networks: activations, softmax, cross-entropies, the largest entries, on TensorFlow's runtime."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import DTypeLike

from minitf.backends.tensorflow.arrays import NUMBERS, EagerTensor
from minitf.backends.tensorflow.making import constant, kernel, launched, native, number, numbers, sizes

__all__ = [
    "cross_entropy", "cross_entropy_gradient", "elu", "gate", "in_top_k", "l2_loss", "leaky_relu", "log_softmax",
    "relu", "relu6", "selu", "sigmoid", "sigmoid_cross_entropy", "softmax", "softplus", "softsign",
    "sparse_cross_entropy", "sparse_cross_entropy_gradient", "top_k",
]  # fmt: skip

Tensor = Any  # TensorFlow's

_all = launched("All")
_and = launched("LogicalAnd")
_equal = launched("Equal")
_exp = launched("Exp")
_expand = launched("ExpandDims")
_greater = launched("Greater")
_in_top_k = launched("InTopKV2")
_is_finite = launched("IsFinite")
_leaky_relu = launched("LeakyRelu")
_leaky_relu_grad = launched("LeakyReluGrad")
_less = launched("Less")
_log_softmax = launched("LogSoftmax")
_multiply = launched("Mul")
_negative = launched("Neg")
_one_hot = launched("OneHot")
_relu_grad = launched("ReluGrad")
_reshape = launched("Reshape")
_select = launched("SelectV2")
_softmax = launched("Softmax")
_softplus = launched("Softplus")
_sparse = launched("SparseSoftmaxCrossEntropyWithLogits")
_subtract = launched("Sub")
_sum = launched("Sum")
_top_k = launched("TopKV2")
_transpose = launched("Transpose")

relu = native("Relu", 1, "relu")
relu6 = native("Relu6", 1, "relu6")
elu = native("Elu", 1, "elu")
selu = native("Selu", 1, "selu")
sigmoid = native("Sigmoid", 1, "sigmoid")
softplus = native("Softplus", 1, "softplus")
softsign = native("Softsign", 1, "softsign")
l2_loss = native("L2Loss", 1, "l2_loss")


@kernel
def leaky_relu(x: Tensor, *, alpha: float) -> Tensor:
    """Keep what is positive, scale the rest."""
    return _leaky_relu(x, alpha=alpha)


@kernel
def gate(dy: Tensor, x: Tensor, *, high: float | None = None, slope: float = 0.0) -> Tensor:
    """Let dy through where 0 < x < high, and `slope` times dy elsewhere."""
    if high is not None:
        between = _and(_greater(x, constant(0, x)), _less(x, constant(high, x)))
        return _select(between, dy, _multiply(dy, constant(slope, dy)))
    return _leaky_relu_grad(dy, x, alpha=slope) if slope else _relu_grad(dy, x)


@kernel
def softmax(x: Tensor, *, axis: int) -> Tensor:
    """exp(x) over its sum; the largest entry is subtracted first, so that nothing overflows."""
    return _along(_softmax, x, axis)


@kernel
def log_softmax(x: Tensor, *, axis: int) -> Tensor:
    """Logarithm of softmax."""
    return _along(_log_softmax, x, axis)


def _along(function: Any, x: Tensor, axis: int) -> Tensor:
    """Compute along an axis what TensorFlow computes along the last one only."""
    rank = x._rank()
    if axis in (-1, rank - 1):
        return function(x)
    order = [*range(rank)]
    order[axis], order[-1] = order[-1], order[axis]
    return _transpose(function(_transpose(x, numbers(*order))), numbers(*order))


# --- cross-entropies; `log_p` are the logarithms of the probabilities that the logits stand for -----------------------


@kernel
def cross_entropy(labels: Tensor, logits: Tensor, log_p: Tensor) -> Tensor:
    """Minus the sum of labels * log_p over the last axis."""
    return _negative(_sum(_multiply(labels, log_p), number(-1)))


@kernel
def cross_entropy_gradient(dy: Tensor, labels: Tensor, log_p: Tensor) -> Tensor:
    """Gradient of cross_entropy by the logits."""
    return _multiply(_subtract(_exp(log_p), labels), _expand(dy, number(-1)))


@kernel
def sparse_cross_entropy(labels: Tensor, logits: Tensor, log_p: Tensor) -> Tensor:
    """Minus log_p at the classes that the labels number; in a program, nan for labels that are no class."""
    if type(logits) is EagerTensor is type(labels):  # then TensorFlow's op refuses such labels
        rows, at = _rows(logits, labels)
        losses, _ = _sparse(rows, at)
        return losses if rows is logits else _reshape(losses, numbers(*labels._shape_tuple()))
    if log_p._shape_tuple()[-1] == 0:
        raise ValueError("no classes")
    one, zero = constant(1, log_p), constant(0, log_p)
    chosen = _equal(_classes(labels, log_p, one, zero), one)
    return _or_nan(labels, log_p, _negative(_sum(_select(chosen, log_p, zero), number(-1))))


@kernel
def sparse_cross_entropy_gradient(dy: Tensor, labels: Tensor, log_p: Tensor) -> Tensor:
    """Gradient of sparse_cross_entropy by the logits."""
    slopes = _subtract(_exp(log_p), _classes(labels, log_p, constant(1, log_p), constant(0, log_p)))
    if type(labels) is not EagerTensor:
        dy = _or_nan(labels, log_p, dy)
    return _multiply(slopes, _expand(dy, number(-1)))


def _rows(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return both as a matrix and a vector."""
    if logits._rank() == 2:
        return logits, labels
    return _reshape(logits, numbers(-1, logits._shape_tuple()[-1])), _reshape(labels, numbers(-1))


def _classes(labels: Tensor, log_p: Tensor, on: Tensor, off: Tensor) -> Tensor:
    return _one_hot(labels, number(log_p._shape_tuple()[-1]), on, off, axis=-1)


def _or_nan(labels: Tensor, log_p: Tensor, values: Tensor) -> Tensor:
    """Put nan where a label is no class."""
    classes = constant(log_p._shape_tuple()[-1], labels)
    known = _and(_less(labels, classes), _greater(labels, constant(-1, labels)))
    return _select(known, values, constant(np.nan, values))


@kernel
def sigmoid_cross_entropy(labels: Tensor, x: Tensor) -> Tensor:
    """-log(sigmoid(x)) * labels - log(1 - sigmoid(x)) * (1 - labels), written so that nothing overflows."""
    return _subtract(_softplus(x), _multiply(x, labels))


# --- the largest ------------------------------------------------------------------------------------------------------


@kernel
def top_k(x: Tensor, *, k: int, dtype: DTypeLike) -> Tensor:
    """Positions of the k largest entries along the last axis, from the largest on; of equal ones the first."""
    return _top_k(x, number(k), index_type=NUMBERS[np.dtype(dtype)])[1]


@kernel
def in_top_k(targets: Tensor, predictions: Tensor, *, k: int) -> Tensor:
    """Say for each row whether fewer than k predictions are above the target's; never in a row with inf or nan."""
    found = _in_top_k(predictions, targets, constant(k, targets))
    if type(found) is EagerTensor:
        return found
    known = (targets >= 0) & (targets < tf.cast(sizes(predictions)[1], targets.dtype))
    return _and(found, known & _all(_is_finite(predictions), number(1)))  # which XLA does not look at
