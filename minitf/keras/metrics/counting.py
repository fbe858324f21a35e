"""Counting true and false positives and negatives at thresholds: a prediction above a threshold is positive.

The counts at all thresholds come from one comparison; or, where thresholds have equal distances from 0 to 1, from a
histogram of the predictions between them, which stays small when there are many.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

import minitf as tf
from minitf import Tensor
from minitf.errors import invalid_argument
from minitf.keras.backend import epsilon
from minitf.keras.losses.loss import same_rank
from minitf.keras.variable import Variable

__all__ = ["KINDS", "LOWEST", "as_thresholds", "count"]

LOWEST = -1e10  # a threshold below every prediction
KINDS = {  # the label, and whether the prediction is above the threshold
    "true_positives": (True, True), "false_positives": (False, True),
    "true_negatives": (False, False), "false_negatives": (True, False),
}  # fmt: skip

Side = Callable[[Tensor, bool], Tensor]  # sums entries, for each threshold those of the predictions above or not above


def as_thresholds(given: Any, default: float) -> list[float]:
    """Make a list of one threshold or of several; ValueError if one is not between 0 and 1."""
    listed = [given] if not isinstance(given, list | tuple | np.ndarray) else list(given)
    if given is None:
        return [default]
    beyond = [each for each in listed if each is None or not 0 <= each <= 1]
    if beyond:
        raise ValueError(f"Threshold values must be in [0, 1]. Received: {beyond}; leave these out.")
    return listed


def count(
    counts: Mapping[str, Variable], thresholds: Sequence[float], y_true: Any, y_pred: Any, sample_weight: Any = None,
    *, top_k: int | None = None, class_id: int | None = None, label_weights: Any = None, by_label: bool = False,
) -> None:  # fmt: skip
    """Add what a batch has to the variables `true_positives` and the like, which have an entry for each threshold.

    Only the `top_k` largest predictions of each row can be positive, and only the column `class_id` counts. With
    `by_label`, the variables have a second axis, for the columns; otherwise all columns are counted together.
    """
    dtype = next(iter(counts.values())).dtype
    y_pred, y_true = same_rank(tf.cast(y_pred, dtype), tf.cast(y_true, tf.bool))
    weights = [] if label_weights is None else [tf.cast(label_weights, dtype)]
    if sample_weight is not None:
        weight = tf.cast(sample_weight, dtype)
        weights += [weight if len(weight.shape) == len(y_pred.shape) else tf.expand_dims(weight, -1)]
    if not y_true.shape.is_compatible_with(y_pred.shape):
        shapes = f"y_true of shape {y_true.shape}, y_pred of shape {y_pred.shape}"
        do = "give a label for each prediction"
        raise invalid_argument("LogicalAnd", "Incompatible shapes", got=shapes, expected="equal shapes", do=do)
    if top_k is not None:
        y_pred = _largest(y_pred, top_k)
    if class_id is not None:
        if len(y_pred.shape) == 1:
            asked = "When class_id is provided, y_pred must be a 2D array with shape (num_samples, num_classes)"
            raise ValueError(f"{asked}, found shape: {y_pred.shape}; leave class_id out.")
        y_true, y_pred = (each[..., class_id : class_id + 1] for each in (y_true, y_pred))

    def rows(x: Tensor) -> Tensor:
        if by_label:
            return tf.expand_dims(x, 1)
        return x if len(x.shape) == 2 and x.shape[-1] == 1 else tf.reshape(x, [-1, 1])

    labels = tf.cast(rows(y_true), dtype)
    entries = {True: labels, False: 1.0 - labels}
    for weight in weights:
        each = rows(tf.broadcast_to(weight, tf.shape(y_pred)))
        entries = {label: entry * each for label, entry in entries.items()}
    side = (_by_histogram if _even(thresholds) else _by_comparison)(rows(y_pred), thresholds)
    for kind, variable in counts.items():
        label, above = KINDS[kind]
        variable.assign_add(side(entries[label], above))


def _largest(y_pred: Tensor, k: int) -> Tensor:
    """Put all predictions of a row below every threshold, except for the k largest."""
    places = tf.one_hot(tf.math.top_k(y_pred, k).indices, y_pred.shape[-1], dtype=y_pred.dtype)
    return tf.where(tf.reduce_sum(places, -2) > 0, y_pred, LOWEST)


def _even(thresholds: Sequence[float]) -> bool:
    if len(thresholds) < 3:
        return False
    return np.allclose(thresholds, np.linspace(0, 1, len(thresholds)), atol=epsilon())


def _by_comparison(y_pred: Tensor, thresholds: Sequence[float]) -> Side:
    cuts = np.reshape(thresholds, [-1] + [1] * (len(y_pred.shape) - 2))
    over = tf.cast(y_pred > cuts, y_pred.dtype)
    return lambda entries, above: tf.reduce_sum((over if above else 1.0 - over) * entries, 0)


def _by_histogram(y_pred: Tensor, thresholds: Sequence[float]) -> Side:
    """Put predictions up to the i-th threshold in bin i or one before it, so that those above it are in later bins.

    Where the first threshold is a little below 0, a prediction of 0 is above it.
    """
    lowest = 1 if thresholds[0] < 0 or thresholds[-1] > 1 else 0
    bins = tf.math.ceil(tf.clip_by_value(y_pred, 0.0, 1.0) * (len(thresholds) - 1))
    places, size = tf.maximum(tf.cast(bins, tf.int32), lowest), [len(thresholds), *y_pred.shape[2:]]
    by_column = [tf.broadcast_to(tf.range(size[1]), tf.shape(places))] if len(size) > 1 else []
    cells = tf.stack([places, *by_column], -1)
    return lambda entries, above: tf.cumsum(tf.scatter_nd(cells, entries, size), 0, exclusive=above, reverse=above)
