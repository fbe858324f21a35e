"""R2Score: which share of the labels' variance the predictions explain."""

from __future__ import annotations

from typing import Any

import minitf as tf
from minitf import Tensor
from minitf.keras.losses.loss import same_rank
from minitf.keras.metrics.metric import Metric, columns

__all__ = ["R2Score"]

_SUMS = ("squared_sum", "sum", "residual", "count")
_AGGREGATIONS = (None, "uniform_average", "variance_weighted_average")


class R2Score(Metric):
    """The coefficient of determination: 1 for perfect predictions, 0 for those as good as the labels' mean.

    Labels and predictions have shape (batch, outputs).

    >>> print(tf.keras.metrics.R2Score()([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]]).numpy().round(4))
    0.5714
    """

    _direction = "up"
    _names = ("class_aggregation", "num_regressors")

    def __init__(
        self, class_aggregation: str | None = "uniform_average", num_regressors: int = 0,
        name: str | None = "r2_score", dtype: Any = None,
    ) -> None:  # fmt: skip
        """Take how outputs are averaged, and how many numbers the predictions come from, to adjust for them.

        There is a score for each output without `class_aggregation`; the mean can have the variances as weights.
        ValueError for other words, and for a negative number.
        """
        super().__init__(dtype, name)
        if class_aggregation not in _AGGREGATIONS:
            asked = f"Invalid value for argument `class_aggregation`. Expected one of {_AGGREGATIONS}."
            raise ValueError(f"{asked} Received: class_aggregation={class_aggregation}")
        if num_regressors < 0:
            asked = "Invalid value for argument `num_regressors`. Expected a value >= 0."
            raise ValueError(f"{asked} Received: num_regressors={num_regressors}")
        self.class_aggregation, self.num_regressors = class_aggregation, num_regressors
        self.num_samples = self.add_variable(name="num_samples")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch into account; ValueError if the shapes are not (batch, outputs)."""
        y_true, y_pred = same_rank(tf.cast(y_true, self.dtype), tf.cast(y_pred, self.dtype))
        if not self._gathered:
            self._gather(_SUMS, (columns("R2Score", y_true, y_pred),))
        weight = tf.cast(1.0 if sample_weight is None else sample_weight, self.dtype)
        weight = tf.expand_dims(weight, 1) if len(weight.shape) == 1 else weight
        weight = tf.broadcast_to(weight, tf.shape(y_true))
        weighted = y_true * weight
        parts = (y_true * weighted, weighted, tf.math.squared_difference(y_true, y_pred) * weight, weight)
        for variable, part in zip(self._gathered.values(), parts, strict=True):
            variable.assign_add(tf.reduce_sum(part, 0))
        self.num_samples.assign_add(tf.size(y_true, self.num_samples.dtype))

    def result(self) -> Tensor:
        """Return the score, or one for each output without `class_aggregation`."""
        squares, total, residual, count = self._values()
        variance = squares - total * (total / count)
        score: Tensor = 1.0 - residual / variance
        score = tf.where(tf.math.is_inf(score), 0.0, score)
        if self.class_aggregation == "uniform_average":
            score = tf.reduce_mean(score)
        elif self.class_aggregation == "variance_weighted_average":
            score = tf.reduce_sum(variance * score) / tf.reduce_sum(variance)
        if not self.num_regressors:
            return score
        free = self.num_samples - 1.0 - self.num_regressors  # with no number to spare, nothing can be adjusted
        return tf.where(free > 0.0, 1.0 - (1.0 - score) * (self.num_samples - 1.0) / free, score)
