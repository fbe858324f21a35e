"""The losses as metrics: their means over all samples, so that they can be watched without being trained for."""

from __future__ import annotations

from typing import Any, ClassVar

import minitf as tf
from minitf import Tensor
from minitf.keras.losses import crossentropies, hinges, regression
from minitf.keras.losses.loss import same_rank
from minitf.keras.metrics.mean import Mean, NamedMean

__all__ = [
    "BinaryCrossentropy", "CategoricalCrossentropy", "CategoricalHinge", "CosineSimilarity", "Hinge", "KLDivergence",
    "LogCoshError", "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredError",
    "MeanSquaredLogarithmicError", "Poisson", "RootMeanSquaredError", "SparseCategoricalCrossentropy", "SquaredHinge",
]  # fmt: skip


# --- of numbers -------------------------------------------------------------------------------------------------------


class MeanSquaredError(NamedMean, of=regression.mean_squared_error):
    """The mean of squared errors.

    >>> print(tf.keras.metrics.MeanSquaredError()([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, 0.0]]))
    tf.Tensor(0.25, shape=(), dtype=float32)
    """


class MeanAbsoluteError(NamedMean, of=regression.mean_absolute_error):
    """The mean of the errors' absolute values.

    >>> print(tf.keras.metrics.MeanAbsoluteError()([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [3.0, 0.0]]).numpy().round(4))
    1.0
    """


class MeanAbsolutePercentageError(NamedMean, of=regression.mean_absolute_percentage_error):
    """The mean of the errors' absolute values in percent of the labels.

    >>> print(tf.keras.metrics.MeanAbsolutePercentageError()([[2.0, 4.0]], [[1.0, 4.0]]).numpy().round(4))
    25.0
    """


class MeanSquaredLogarithmicError(NamedMean, of=regression.mean_squared_logarithmic_error):
    """The mean of the squared differences of logarithms, each of the number plus 1.

    >>> print(tf.keras.metrics.MeanSquaredLogarithmicError()([[1.0, 1.0]], [[3.0, 1.0]]).numpy().round(4))
    0.2402
    """


class LogCoshError(NamedMean, of=regression.log_cosh):
    """The mean of log(cosh(error)): squares of small errors, large ones as they are.

    >>> print(tf.keras.metrics.LogCoshError()([[0.0, 0.0]], [[0.0, 100.0]]).numpy().round(4))
    49.6534
    """

    def __init__(self, name: str = "logcosh", dtype: Any = None) -> None:
        """Take a name and a dtype."""
        super().__init__(name, dtype)


class Poisson(NamedMean, of=regression.poisson):
    """The mean of prediction - label · log(prediction), for counts.

    >>> print(tf.keras.metrics.Poisson()([[2.0, 0.0]], [[1.0, 2.0]]).numpy().round(4))
    1.5
    """


class RootMeanSquaredError(Mean):
    """The root of the mean of squared errors.

    >>> print(tf.keras.metrics.RootMeanSquaredError()([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, 0.0]]))
    tf.Tensor(0.5, shape=(), dtype=float32)
    """

    _direction = "down"

    def __init__(self, name: str | None = "root_mean_squared_error", dtype: Any = None) -> None:
        """Take a name and a dtype."""
        super().__init__(name, dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take a batch into account."""
        y_true, y_pred = same_rank(tf.cast(y_true, self.dtype), tf.cast(y_pred, self.dtype))
        super().update_state(tf.math.squared_difference(y_pred, y_true), sample_weight)

    def result(self) -> Tensor:
        """Return the root of the mean, 0 without values."""
        return tf.sqrt(super().result())


def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """Return the cosine of the angle between vectors along an axis; the loss is minus this."""
    return tf.negative(regression.cosine_similarity(y_true, y_pred, axis))


class CosineSimilarity(NamedMean, of=cosine_similarity):
    """The mean cosine of the angle between labels and predictions, along an axis.

    >>> print(tf.keras.metrics.CosineSimilarity()([[0.0, 1.0], [1.0, 0.0]], [[0.0, 2.0], [0.0, 3.0]]))
    tf.Tensor(0.5, shape=(), dtype=float32)
    """

    _direction = "up"
    usual: ClassVar[dict[str, Any]] = {"axis": -1}


# --- of probabilities -------------------------------------------------------------------------------------------------


class BinaryCrossentropy(NamedMean, of=crossentropies.binary_crossentropy, without=("axis",)):
    """The mean cross-entropy between labels, 0 or 1, and probabilities.

    >>> metric = tf.keras.metrics.BinaryCrossentropy()
    >>> print(metric([[0.0, 1.0], [0.0, 0.0]], [[0.6, 0.4], [0.4, 0.6]]).numpy().round(4))
    0.8149
    """


class CategoricalCrossentropy(NamedMean, of=crossentropies.categorical_crossentropy):
    """The mean cross-entropy between one-hot labels and probabilities of classes.

    >>> print(tf.keras.metrics.CategoricalCrossentropy()([[0, 1, 0]], [[0.05, 0.95, 0.0]]).numpy().round(4))
    0.0513
    """


class SparseCategoricalCrossentropy(NamedMean, of=crossentropies.sparse_categorical_crossentropy):
    """The mean cross-entropy between the numbers of classes and probabilities of classes.

    >>> metric = tf.keras.metrics.SparseCategoricalCrossentropy()
    >>> print(metric([1, 2], [[0.05, 0.95, 0.0], [0.1, 0.8, 0.1]]).numpy().round(4))
    1.1769
    """

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take a batch into account; labels that are `ignore_class` count as 0, or not at all if there are weights."""
        ignored = self._fn_kwargs["ignore_class"]
        if ignored is not None and sample_weight is not None:
            valid = tf.cast(tf.not_equal(y_true, ignored), self.dtype)
            sample_weight = tf.multiply(*same_rank(valid, tf.cast(sample_weight, self.dtype)))
        super().update_state(y_true, y_pred, sample_weight)


class KLDivergence(NamedMean, of=crossentropies.kl_divergence):
    """The mean divergence of Kullback and Leibler, of the predicted probabilities from the labels.

    >>> print(tf.keras.metrics.KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]]).numpy().round(4))
    0.1438
    """


# --- of margins -------------------------------------------------------------------------------------------------------


class Hinge(NamedMean, of=hinges.hinge):
    """The mean of max(1 - label · prediction, 0); labels are -1 and 1, or 0 and 1.

    >>> print(tf.keras.metrics.Hinge()([[0.0, 1.0]], [[-2.0, 0.5]]).numpy().round(4))
    0.25
    """


class SquaredHinge(NamedMean, of=hinges.squared_hinge):
    """The mean of max(1 - label · prediction, 0) squared; labels are -1 and 1, or 0 and 1.

    >>> print(tf.keras.metrics.SquaredHinge()([[0.0, 1.0]], [[-2.0, 0.5]]).numpy().round(4))
    0.125
    """


class CategoricalHinge(NamedMean, of=hinges.categorical_hinge):
    """The mean of how far the best wrong class comes within 1 of the right one.

    >>> print(tf.keras.metrics.CategoricalHinge()([[0.0, 1.0, 0.0]], [[0.25, 0.5, 0.0]]).numpy().round(4))
    0.75
    """
