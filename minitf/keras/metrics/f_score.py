"""F-scores: precision and recall in one number."""

from __future__ import annotations

import math
from typing import Any

import minitf as tf
from minitf import Tensor
from minitf.keras.backend import epsilon
from minitf.keras.metrics.metric import Metric, columns

__all__ = ["F1Score", "FBetaScore"]

_AVERAGES = (None, "micro", "macro", "weighted")
_COUNTS = ("true_positives", "false_positives", "false_negatives", "intermediate_weights")


class FBetaScore(Metric):
    """The harmonic mean of precision and recall, where recall counts beta times as much.

    Labels are one-hot or several 0s and 1s, predictions are probabilities; both have shape (batch, classes).

    >>> metric = tf.keras.metrics.FBetaScore(beta=2.0, threshold=0.5)
    >>> y_true = [[1, 1, 1], [1, 0, 0], [1, 1, 0]]
    >>> y_pred = [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0.0]]
    >>> print(metric(y_true, y_pred).numpy().round(4))
    [0.3846 0.9091 0.8333]
    """

    _direction = "up"
    _names: tuple[str, ...] = ("average", "beta", "threshold")

    def __init__(
        self, average: str | None = None, beta: float = 1.0, threshold: float | None = None,
        name: str | None = "fbeta_score", dtype: Any = None,
    ) -> None:  # fmt: skip
        """Take how classes are averaged, beta, and the threshold; without one, the largest prediction is positive.

        There is a score for each class without `average`; with "micro", classes are counted together; with "macro", the
        scores' mean is taken; with "weighted", one with weights by how frequent classes are. ValueError for other
        words, and for numbers that are no floats or too small or large.
        """
        super().__init__(dtype, name)
        if average not in _AVERAGES:
            asked = "Invalid `average` argument value. Expected one of: {None, 'micro', 'macro', 'weighted'}."
            raise ValueError(f"{asked} Received: average={average}")
        _check_float("beta", beta, math.inf, "be > 0")
        if threshold is not None:
            _check_float("threshold", threshold, 1.0, "verify 0 < threshold <= 1")
        self.average, self.beta, self.threshold = average, beta, threshold
        self._axis = None if average == "micro" else 0

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count a batch; ValueError if the shapes are not (batch, classes)."""
        y_true, y_pred = tf.cast(y_true, self.dtype), tf.cast(y_pred, self.dtype)
        if not self._gathered:
            classes = columns("FBetaScore", y_true, y_pred)
            self._gather(_COUNTS, () if self.average == "micro" else (classes,))
        if self.threshold is None:
            largest = tf.reduce_max(y_pred, -1, keepdims=True)
            chosen = tf.logical_and(y_pred >= largest, tf.abs(y_pred) > 1e-9)  # nothing is chosen where all are 0
        else:
            chosen = y_pred > self.threshold
        positive = tf.cast(chosen, self.dtype)
        right = positive * y_true
        parts = [right, positive - right, y_true - right, y_true]
        if sample_weight is not None:
            weight = tf.expand_dims(tf.cast(sample_weight, self.dtype), 1)
            parts = [part * weight for part in parts]
        for variable, part in zip(self._gathered.values(), parts, strict=True):
            variable.assign_add(tf.reduce_sum(part, self._axis))

    def result(self) -> Tensor:
        """Return the score, or one for each class without `average`."""
        right, wrong, missed, frequency = self._values()
        precision = right / (right + wrong + epsilon())
        recall = right / (right + missed + epsilon())
        square = self.beta**2
        score = precision * recall / (square * precision + recall + epsilon()) * (1 + square)
        if self.average == "weighted":
            return tf.reduce_sum(score * (frequency / (tf.reduce_sum(frequency) + epsilon())))
        return score if self.average is None else tf.reduce_mean(score)


def _check_float(name: str, value: Any, most: float, wanted: str) -> None:
    asked = f"Invalid `{name}` argument value. It should"
    if not isinstance(value, float):
        raise ValueError(f"{asked} be a Python float. Received: {name}={value} of type '{type(value)}'")
    if not 0 < value <= most:
        raise ValueError(f"{asked} {wanted}. Received: {name}={value}")


class F1Score(FBetaScore):
    """The harmonic mean of precision and recall.

    >>> metric = tf.keras.metrics.F1Score(average="macro", threshold=0.5)
    >>> y_true = [[1, 1, 1], [1, 0, 0], [1, 1, 0]]
    >>> y_pred = [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0.0]]
    >>> print(metric(y_true, y_pred).numpy().round(4))
    0.6556
    """

    _names = ("average", "threshold")

    def __init__(
        self, average: str | None = None, threshold: float | None = None, name: str | None = "f1_score",
        dtype: Any = None,
    ) -> None:  # fmt: skip
        """Take how classes are averaged, and the threshold; without one, the largest prediction is positive."""
        super().__init__(average, 1.0, threshold, name, dtype)
