"""Areas under curves: how well predictions order the labels, whatever the threshold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import minitf as tf
from minitf import Tensor
from minitf.keras.backend import epsilon
from minitf.keras.metrics.counting import KINDS, count
from minitf.keras.metrics.metric import Metric

__all__ = ["AUC"]

_CURVES = ("PR", "ROC", "PRGAIN")
_METHODS = {"interpolation": lambda a, b: (a + b) / 2.0, "majoring": tf.maximum, "minoring": tf.minimum}
_share = tf.math.divide_no_nan


class AUC(Metric):
    """The area under a curve, from the counts at many thresholds.

    The curve is "ROC", of the recall over the share of false alarms, or "PR", of the precision over the recall.

    >>> print(tf.keras.metrics.AUC(num_thresholds=3)([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9]))
    tf.Tensor(0.75, shape=(), dtype=float32)
    """

    _direction = "up"
    _names = ("num_thresholds", "curve", "summation_method", "multi_label", "num_labels")

    def __init__(
        self, num_thresholds: int = 200, curve: str = "ROC", summation_method: str = "interpolation",
        name: str | None = None, dtype: Any = None, thresholds: Any = None, multi_label: bool = False,
        num_labels: int | None = None, label_weights: Any = None, from_logits: bool = False,
    ) -> None:  # fmt: skip
        """Take how many thresholds, or those between 0 and 1 themselves, and how the area comes from the points.

        With `multi_label`, there is a curve for each column, and the result is the mean of the areas, weighted by
        `label_weights`; otherwise these are the weights of the columns in one curve. ValueError for unknown words.
        """
        super().__init__(dtype, name)
        self.curve = _chosen("curve", curve, _CURVES)
        self.summation_method = _chosen("summation method", summation_method, _METHODS)
        if thresholds is None and num_thresholds <= 1:
            asked = "Argument `num_thresholds` must be an integer > 1"
            raise ValueError(f"{asked}. Received: num_thresholds={num_thresholds}")
        self._init_from_thresholds = thresholds is not None
        inner = [i / (num_thresholds - 1) for i in range(1, num_thresholds - 1)] if thresholds is None else thresholds
        self.thresholds = [0.0 - epsilon(), *sorted(inner), 1.0 + epsilon()]
        self.num_thresholds = len(self.thresholds)
        self.multi_label, self.num_labels, self._from_logits = multi_label, num_labels, from_logits
        self.label_weights = None if label_weights is None else tf.cast(label_weights, self.dtype)
        if num_labels and not multi_label:
            raise ValueError("`num_labels` is needed only when `multi_label` is True; leave it out.")
        if num_labels or not multi_label:
            self._make(num_labels)

    def _make(self, labels: Any) -> None:
        self._gather(KINDS, (self.num_thresholds, labels) if self.multi_label else (self.num_thresholds,))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count a batch; ValueError if there is no axis for the labels where there are several."""
        y_pred = tf.convert_to_tensor(y_pred)
        if not self._gathered:
            if len(y_pred.shape) != 2:
                asked = f"`y_pred` must have rank 2 when `multi_label=True`. Found rank {len(y_pred.shape)}"
                raise ValueError(f"{asked}. Full shape received for `y_pred`: {y_pred.shape}")
            self._make(y_pred.shape[1])
        y_pred = tf.sigmoid(y_pred) if self._from_logits else y_pred
        weights = None if self.multi_label else self.label_weights
        how: Any = {"label_weights": weights, "by_label": self.multi_label}
        count(self._gathered, self.thresholds, y_true, y_pred, sample_weight, **how)

    def result(self) -> Tensor:
        """Return the area; 0 if nothing was counted."""
        tp, fp, tn, fn = self._values()
        if self.curve == "PR" and self.summation_method == "interpolation":
            areas = _interpolated(tp, fp, fn)
        else:
            x, y = _POINTS[self.curve](tp, fp, tn, fn)
            areas = (x[:-1] - x[1:]) * _METHODS[self.summation_method](y[:-1], y[1:])
        if not self.multi_label:
            return tf.reduce_sum(areas)
        by_label = tf.reduce_sum(areas, 0)
        if self.label_weights is None:
            return tf.reduce_mean(by_label)
        return _share(tf.reduce_sum(by_label * self.label_weights), tf.reduce_sum(self.label_weights))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make such a metric."""
        weights = None if self.label_weights is None else self.label_weights.numpy().tolist()
        config = {**super().get_config(), "label_weights": weights, "from_logits": self._from_logits}
        return {**config, "thresholds": self.thresholds[1:-1]} if self._init_from_thresholds else config


def _chosen(what: str, word: Any, words: Iterable[str]) -> str:
    """Return the word as it is written among those that are known."""
    for known in words:
        if str(word).lower() == known.lower():
            return known
    asked = f'Invalid AUC {what} value: "{word}"'
    raise ValueError(f"{asked}. Expected values are {list(words)}".replace("'", '"'))


def _roc(tp: Tensor, fp: Tensor, tn: Tensor, fn: Tensor) -> tuple[Tensor, Tensor]:
    return _share(fp, fp + tn), _share(tp, tp + fn)


def _pr(tp: Tensor, fp: Tensor, tn: Tensor, fn: Tensor) -> tuple[Tensor, Tensor]:
    return _share(tp, tp + fn), _share(tp, tp + fp)


def _gain(tp: Tensor, fp: Tensor, tn: Tensor, fn: Tensor) -> tuple[Tensor, Tensor]:
    """Precision and recall on a scale where 0 is to call everything positive (Flach and Kull, NeurIPS 2015)."""
    scale = _share(tp + fn, tn + fp)
    recall = tf.where(tp == 0.0, 0.0, 1.0 - scale * _share(fn, tp))
    return tf.maximum(recall, 0.0), tf.where(tp == 0.0, 1.0, 1.0 - scale * _share(fp, tp))


_POINTS = {"ROC": _roc, "PR": _pr, "PRGAIN": _gain}


def _interpolated(tp: Tensor, fp: Tensor, fn: Tensor) -> Tensor:
    """Areas below the curve of precision over recall, with the counts on straight lines between their values.

    The precision between two points is a quotient of such lines (Davis and Goadrich, ICML 2006).
    """
    positive = tp + fp
    gained = tp[:-1] - tp[1:]
    slope = _share(gained, tf.maximum(positive[:-1] - positive[1:], 0.0))
    start = tp[1:] - slope * positive[1:]
    both = tf.logical_and(positive[:-1] > 0.0, positive[1:] > 0.0)
    ratio = tf.where(both, _share(positive[:-1], positive[1:]), 1.0)
    return _share(slope * (gained + start * tf.math.log(ratio)), tp[1:] + fn[1:])
