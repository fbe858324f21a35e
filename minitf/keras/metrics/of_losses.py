"""The losses as metrics: their means over all samples, so that they can be watched without being trained for."""

from __future__ import annotations

from typing import Any

import minitf as tf
from minitf import Tensor
from minitf.keras.losses import crossentropies, hinges, regression
from minitf.keras.losses.loss import same_rank
from minitf.keras.metrics.mean import Mean, OfFunction

__all__ = [
    "BinaryCrossentropy", "CategoricalCrossentropy", "CategoricalHinge", "CosineSimilarity", "Hinge", "KLDivergence",
    "LogCoshError", "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredError",
    "MeanSquaredLogarithmicError", "Poisson", "RootMeanSquaredError", "SparseCategoricalCrossentropy", "SquaredHinge",
]  # fmt: skip


# --- of numbers -------------------------------------------------------------------------------------------------------


class MeanSquaredError(OfFunction):
    """The mean of squared errors.

    >>> print(tf.keras.metrics.MeanSquaredError()([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, 0.0]]))
    tf.Tensor(0.25, shape=(), dtype=float32)
    """

    fn = staticmethod(regression.mean_squared_error)


class MeanAbsoluteError(OfFunction):
    """The mean of the errors' absolute values.

    >>> print(tf.keras.metrics.MeanAbsoluteError()([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [3.0, 0.0]]).numpy().round(4))
    1.0
    """

    fn = staticmethod(regression.mean_absolute_error)


class MeanAbsolutePercentageError(OfFunction):
    """The mean of the errors' absolute values in percent of the labels.

    >>> print(tf.keras.metrics.MeanAbsolutePercentageError()([[2.0, 4.0]], [[1.0, 4.0]]).numpy().round(4))
    25.0
    """

    fn = staticmethod(regression.mean_absolute_percentage_error)


class MeanSquaredLogarithmicError(OfFunction):
    """The mean of the squared differences of logarithms, each of the number plus 1.

    >>> print(tf.keras.metrics.MeanSquaredLogarithmicError()([[1.0, 1.0]], [[3.0, 1.0]]).numpy().round(4))
    0.2402
    """

    fn = staticmethod(regression.mean_squared_logarithmic_error)


class LogCoshError(OfFunction):
    """The mean of log(cosh(error)): squares of small errors, large ones as they are.

    >>> print(tf.keras.metrics.LogCoshError()([[0.0, 0.0]], [[0.0, 100.0]]).numpy().round(4))
    49.6534
    """

    fn = staticmethod(regression.log_cosh)

    def __init__(self, name: str = "logcosh", dtype: Any = None) -> None:
        """Take a name and a dtype."""
        super().__init__(name, dtype)


class Poisson(OfFunction):
    """The mean of prediction - label · log(prediction), for counts.

    >>> print(tf.keras.metrics.Poisson()([[2.0, 0.0]], [[1.0, 2.0]]).numpy().round(4))
    1.5
    """

    fn = staticmethod(regression.poisson)


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


class CosineSimilarity(OfFunction):
    """The mean cosine of the angle between labels and predictions, along an axis.

    >>> print(tf.keras.metrics.CosineSimilarity()([[0.0, 1.0], [1.0, 0.0]], [[0.0, 2.0], [0.0, 3.0]]))
    tf.Tensor(0.5, shape=(), dtype=float32)
    """

    fn = staticmethod(cosine_similarity)
    _direction = "up"

    def __init__(self, name: str | None = None, dtype: Any = None, axis: int = -1) -> None:
        """Take a name, a dtype and the axis of the vectors."""
        super().__init__(name, dtype, axis=axis)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make such a metric; Keras leaves out the axis, so the usual one is left out."""
        config = super().get_config()
        return config if config["axis"] != -1 else {"name": self.name, "dtype": self.dtype}


# --- of probabilities -------------------------------------------------------------------------------------------------


class BinaryCrossentropy(OfFunction):
    """The mean cross-entropy between labels, 0 or 1, and probabilities.

    >>> metric = tf.keras.metrics.BinaryCrossentropy()
    >>> print(metric([[0.0, 1.0], [0.0, 0.0]], [[0.6, 0.4], [0.4, 0.6]]).numpy().round(4))
    0.8149
    """

    fn = staticmethod(crossentropies.binary_crossentropy)

    def __init__(
        self, name: str | None = None, dtype: Any = None, from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:  # fmt: skip
        """Take a name, a dtype, whether predictions are logits, and how far labels are moved towards 1/2."""
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing}
        super().__init__(name, dtype, **options)


class CategoricalCrossentropy(OfFunction):
    """The mean cross-entropy between one-hot labels and probabilities of classes.

    >>> print(tf.keras.metrics.CategoricalCrossentropy()([[0, 1, 0]], [[0.05, 0.95, 0.0]]).numpy().round(4))
    0.0513
    """

    fn = staticmethod(crossentropies.categorical_crossentropy)

    def __init__(
        self, name: str | None = None, dtype: Any = None, from_logits: bool = False,
        label_smoothing: float = 0, axis: int = -1,
    ) -> None:  # fmt: skip
        """Take a name, a dtype, whether predictions are logits, how far labels are smoothed, and the classes' axis."""
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(name, dtype, **options)


class SparseCategoricalCrossentropy(OfFunction):
    """The mean cross-entropy between the numbers of classes and probabilities of classes.

    >>> metric = tf.keras.metrics.SparseCategoricalCrossentropy()
    >>> print(metric([1, 2], [[0.05, 0.95, 0.0], [0.1, 0.8, 0.1]]).numpy().round(4))
    1.1769
    """

    fn = staticmethod(crossentropies.sparse_categorical_crossentropy)

    def __init__(
        self, name: str | None = None, dtype: Any = None, from_logits: bool = False,
        ignore_class: int | None = None, axis: int = -1,
    ) -> None:  # fmt: skip
        """Take a name, a dtype, whether predictions are logits, a class that does not count, and the classes' axis."""
        options = {"from_logits": from_logits, "ignore_class": ignore_class, "axis": axis}
        super().__init__(name, dtype, **options)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take a batch into account; labels that are `ignore_class` count as 0, or not at all if there are weights."""
        ignored = self._fn_kwargs["ignore_class"]
        if ignored is not None and sample_weight is not None:
            valid = tf.cast(tf.not_equal(y_true, ignored), self.dtype)
            sample_weight = tf.multiply(*same_rank(valid, tf.cast(sample_weight, self.dtype)))
        super().update_state(y_true, y_pred, sample_weight)


class KLDivergence(OfFunction):
    """The mean divergence of Kullback and Leibler, of the predicted probabilities from the labels.

    >>> print(tf.keras.metrics.KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]]).numpy().round(4))
    0.1438
    """

    fn = staticmethod(crossentropies.kl_divergence)


# --- of margins -------------------------------------------------------------------------------------------------------


class Hinge(OfFunction):
    """The mean of max(1 - label · prediction, 0); labels are -1 and 1, or 0 and 1.

    >>> print(tf.keras.metrics.Hinge()([[0.0, 1.0]], [[-2.0, 0.5]]).numpy().round(4))
    0.25
    """

    fn = staticmethod(hinges.hinge)


class SquaredHinge(OfFunction):
    """The mean of max(1 - label · prediction, 0) squared; labels are -1 and 1, or 0 and 1.

    >>> print(tf.keras.metrics.SquaredHinge()([[0.0, 1.0]], [[-2.0, 0.5]]).numpy().round(4))
    0.125
    """

    fn = staticmethod(hinges.squared_hinge)


class CategoricalHinge(OfFunction):
    """The mean of how far the best wrong class comes within 1 of the right one.

    >>> print(tf.keras.metrics.CategoricalHinge()([[0.0, 1.0, 0.0]], [[0.25, 0.5, 0.0]]).numpy().round(4))
    0.75
    """

    fn = staticmethod(hinges.categorical_hinge)
