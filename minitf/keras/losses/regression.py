"""Losses of numbers: how far each predicted number is from the true one.

Truth and prediction have shape (..., n), and the result has shape (...). It is computed in the dtype of the prediction,
in floatx() if that is integers.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import minitf as tf
from minitf import Tensor, abs, maximum, minimum, nn, reduce_sum, square
from minitf.keras.backend import epsilon
from minitf.keras.losses.loss import NamedLoss, averaged, pair, same_rank

__all__ = [
    "CosineSimilarity", "Huber", "LogCosh", "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredError",
    "MeanSquaredLogarithmicError", "Poisson", "cosine_similarity", "huber", "log_cosh", "mean_absolute_error",
    "mean_absolute_percentage_error", "mean_squared_error", "mean_squared_logarithmic_error", "poisson",
]  # fmt: skip


# --- functions --------------------------------------------------------------------------------------------------------


@averaged
def mean_squared_error(y_true: Any, y_pred: Any) -> Tensor:
    """Mean of (y_pred - y_true)² along the last axis.

    >>> print(mean_squared_error([[0.0, 1.0]], [[2.0, 1.0]]))
    tf.Tensor([2.], shape=(1,), dtype=float32)
    """
    return square(y_pred - y_true)


@averaged
def mean_absolute_error(y_true: Any, y_pred: Any) -> Tensor:
    """Mean of |y_pred - y_true| along the last axis.

    >>> print(mean_absolute_error([[0.0, 1.0]], [[2.0, 1.0]]))
    tf.Tensor([1.], shape=(1,), dtype=float32)
    """
    return abs(y_pred - y_true)


@averaged
def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Tensor:
    """Mean of 100 |y_true - y_pred| / |y_true| along the last axis; |y_true| counts as epsilon() at least.

    >>> print(mean_absolute_percentage_error([[2.0, 4.0]], [[1.0, 4.0]]))
    tf.Tensor([25.], shape=(1,), dtype=float32)
    """
    return tf.multiply(100.0, abs((y_true - y_pred) / maximum(abs(y_true), epsilon())))


@averaged
def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Tensor:
    """Mean of (log(y_pred + 1) - log(y_true + 1))² along the last axis, of numbers that count as epsilon() at least.

    >>> print(mean_squared_logarithmic_error([[1.0, 1.0]], [[3.0, 1.0]]).numpy().round(4))
    [0.2402]
    """
    logarithms = [tf.math.log(maximum(y, epsilon()) + 1.0) for y in (y_pred, y_true)]
    return square(logarithms[0] - logarithms[1])


@averaged
def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Tensor:
    """Mean along the last axis of e²/2 for errors e up to delta, and of delta (|e| - delta/2) beyond (Huber, 1964).

    >>> print(huber([[0.0, 0.0]], [[0.5, 3.0]]))
    tf.Tensor([1.3125], shape=(1,), dtype=float32)
    """
    error = abs(y_pred - y_true)
    near = minimum(error, delta)
    return tf.multiply(near, error - 0.5 * near)


@averaged
def log_cosh(y_true: Any, y_pred: Any) -> Tensor:
    """Mean of log(cosh(y_pred - y_true)) along the last axis: squares of small errors, large ones as they are.

    >>> print(log_cosh([[0.0, 0.0]], [[0.0, 100.0]]).numpy().round(3))
    [49.653]
    """
    error = y_pred - y_true
    return tf.subtract(error + nn.softplus(-2.0 * error), math.log(2.0))


@averaged
def poisson(y_true: Any, y_pred: Any) -> Tensor:
    """Mean of y_pred - y_true log(y_pred + epsilon()) along the last axis, for counts.

    >>> print(poisson([[2.0, 0.0]], [[1.0, 1.0]]).numpy().round(4))
    [1.]
    """
    return tf.subtract(y_pred, y_true * tf.math.log(y_pred + epsilon()))


def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """Minus the cosine of the angle between two vectors along an axis: -1 for the same direction.

    >>> print(cosine_similarity([[0.0, 1.0], [1.0, 1.0]], [[0.0, 3.0], [1.0, -1.0]]).numpy().round(4))
    [-1. -0.]
    """
    true, predicted = same_rank(*pair(y_true, y_pred))
    return tf.negative(reduce_sum(_unit(true, axis) * _unit(predicted, axis), axis))


def _unit(x: Tensor, axis: int) -> Tensor:
    return nn.l2_normalize(x, axis, epsilon() ** 2)


# --- classes ----------------------------------------------------------------------------------------------------------


class MeanSquaredError(NamedLoss, of=mean_squared_error):
    """The loss of `mean_squared_error`.

    >>> print(MeanSquaredError()([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [1.0, 0.0]]))
    tf.Tensor(0.5, shape=(), dtype=float32)
    """


class MeanAbsoluteError(NamedLoss, of=mean_absolute_error):
    """The loss of `mean_absolute_error`."""


class MeanAbsolutePercentageError(NamedLoss, of=mean_absolute_percentage_error):
    """The loss of `mean_absolute_percentage_error`."""


class MeanSquaredLogarithmicError(NamedLoss, of=mean_squared_logarithmic_error):
    """The loss of `mean_squared_logarithmic_error`."""


class LogCosh(NamedLoss, of=log_cosh):
    """The loss of `log_cosh`."""


class Poisson(NamedLoss, of=poisson):
    """The loss of `poisson`."""


class Huber(NamedLoss, of=huber):
    """The loss of `huber`."""

    usual: ClassVar[dict[str, Any]] = {"delta": 1.0}

    def __init__(
        self, delta: float = 1.0, reduction: str | None = "sum_over_batch_size", name: str | None = "huber_loss",
        dtype: Any = None,
    ) -> None:  # fmt: skip
        """Take the error up to which it grows like a square."""
        super().__init__(reduction, name, dtype, delta=delta)


class CosineSimilarity(NamedLoss, of=cosine_similarity):
    """The loss of `cosine_similarity`."""

    usual: ClassVar[dict[str, Any]] = {"axis": -1}
