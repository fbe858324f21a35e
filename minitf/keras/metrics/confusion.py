"""True and false positives and negatives, and the precision and recall that follow from them."""

from __future__ import annotations

from typing import Any

import minitf as tf
from minitf import Tensor
from minitf.keras.metrics.counting import LOWEST, as_thresholds, count
from minitf.keras.metrics.metric import Metric

__all__ = ["FalseNegatives", "FalsePositives", "Precision", "Recall", "TrueNegatives", "TruePositives"]


class _Count(Metric):
    """How many predictions are of one kind, which the class is named after."""

    kind = ""

    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: Any = None) -> None:
        """Take one threshold or a list, 0.5 unless told otherwise; ValueError if one is not between 0 and 1."""
        super().__init__(dtype, name)
        self.init_thresholds = thresholds
        self.thresholds = as_thresholds(thresholds, 0.5)
        self.accumulator = self.add_variable((len(self.thresholds),), name="accumulator")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count a batch; labels are 0 and 1, or booleans."""
        count({self.kind: self.accumulator}, self.thresholds, y_true, y_pred, sample_weight)

    def result(self) -> Tensor:
        """Return the number, or one for each threshold."""
        return _unlisted(tf.convert_to_tensor(self.accumulator))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make such a metric."""
        return {**super().get_config(), "thresholds": self.init_thresholds}


def _unlisted(x: Tensor) -> Tensor:
    return x[0] if x.shape[0] == 1 else x


class TruePositives(_Count):
    """How many predictions above the threshold have the label 1.

    >>> print(tf.keras.metrics.TruePositives()([0, 1, 1, 1], [1, 0, 1, 1]))
    tf.Tensor(2.0, shape=(), dtype=float32)
    """

    kind = "true_positives"


class FalsePositives(_Count):
    """How many predictions above the threshold have the label 0.

    >>> print(tf.keras.metrics.FalsePositives()([0, 1, 0, 0], [0, 0, 1, 1]))
    tf.Tensor(2.0, shape=(), dtype=float32)
    """

    kind = "false_positives"


class TrueNegatives(_Count):
    """How many predictions up to the threshold have the label 0.

    >>> print(tf.keras.metrics.TrueNegatives()([0, 1, 0, 0], [1, 1, 0, 0]))
    tf.Tensor(2.0, shape=(), dtype=float32)
    """

    kind = "true_negatives"


class FalseNegatives(_Count):
    """How many predictions up to the threshold have the label 1.

    >>> print(tf.keras.metrics.FalseNegatives()([0, 1, 1, 1], [0, 1, 0, 0]))
    tf.Tensor(2.0, shape=(), dtype=float32)
    """

    kind = "false_negatives"


class _Share(Metric):
    """Which share the true positives have: of themselves and those of another kind."""

    _direction = "up"
    _names = ("top_k", "class_id")
    others = ""

    def __init__(
        self, thresholds: Any = None, top_k: int | None = None, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        """Take one threshold or a list, 0.5 unless told otherwise; ValueError if one is not between 0 and 1.

        With `top_k`, the k largest predictions of a row are positive, if they are above a threshold that is given. With
        `class_id`, only that column counts.
        """
        super().__init__(dtype, name)
        self.init_thresholds, self.top_k, self.class_id = thresholds, top_k, class_id
        self.thresholds = as_thresholds(thresholds, 0.5 if top_k is None else LOWEST)
        self._gather(("true_positives", self.others), (len(self.thresholds),))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count a batch; labels are 0 and 1, or booleans."""
        chosen: Any = {"top_k": self.top_k, "class_id": self.class_id}
        count(self._gathered, self.thresholds, y_true, y_pred, sample_weight, **chosen)

    def result(self) -> Tensor:
        """Return the share, or one for each threshold; 0 if nothing was counted."""
        right, wrong = self._values()
        return _unlisted(tf.math.divide_no_nan(right, right + wrong))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make such a metric."""
        return {**super().get_config(), "thresholds": self.init_thresholds}


class Precision(_Share):
    """Which share of the positive predictions has the label 1.

    >>> print(tf.keras.metrics.Precision()([0, 1, 1, 1], [1, 0, 1, 1]))
    tf.Tensor(0.6666667, shape=(), dtype=float32)
    """

    others = "false_positives"


class Recall(_Share):
    """Which share of what has the label 1 is predicted to be positive.

    >>> print(tf.keras.metrics.Recall()([0, 1, 1, 1], [1, 0, 1, 1]))
    tf.Tensor(0.6666667, shape=(), dtype=float32)
    """

    others = "false_negatives"
