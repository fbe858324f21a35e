"""Losses of margins: nothing where the right side is far enough from the boundary, growing linearly from there.

Labels are -1 and 1; if all of them are 0 or 1, 0 stands for -1. Truth and
prediction have shape (..., n), and the result has shape (...), in the dtype of the prediction.
"""

from __future__ import annotations

from typing import Any

from minitf import Tensor, equal, maximum, reduce_all, reduce_max, reduce_sum, square, where
from minitf.keras.losses.loss import NamedLoss, averaged, pair

__all__ = ["CategoricalHinge", "Hinge", "SquaredHinge", "categorical_hinge", "hinge", "squared_hinge"]


@averaged
def hinge(y_true: Any, y_pred: Any) -> Tensor:
    """Mean of max(1 - y_true y_pred, 0) along the last axis.

    >>> print(hinge([[0.0, 1.0]], [[-2.0, 0.5]]))
    tf.Tensor([0.25], shape=(1,), dtype=float32)
    """
    return maximum(1.0 - _signs(y_true) * y_pred, 0.0)


@averaged
def squared_hinge(y_true: Any, y_pred: Any) -> Tensor:
    """Mean of max(1 - y_true y_pred, 0)² along the last axis.

    >>> print(squared_hinge([[0.0, 1.0]], [[-2.0, 0.5]]))
    tf.Tensor([0.125], shape=(1,), dtype=float32)
    """
    return square(maximum(1.0 - _signs(y_true) * y_pred, 0.0))


def categorical_hinge(y_true: Any, y_pred: Any) -> Tensor:
    """max(largest of the wrong classes - the right class + 1, 0), for one-hot labels along the last axis.

    >>> print(categorical_hinge([[0.0, 1.0, 0.0]], [[0.25, 0.5, 0.0]]))
    tf.Tensor([0.75], shape=(1,), dtype=float32)
    """
    true, predicted = pair(y_true, y_pred)
    right = reduce_sum(true * predicted, -1)
    return maximum(reduce_max((1.0 - true) * predicted, -1) - right + 1.0, 0.0)


def _signs(labels: Tensor) -> Tensor:
    """Make -1 and 1 of labels if all are 0 or 1: only these two numbers are their own squares."""
    return where(reduce_all(equal(square(labels), labels)), 2.0 * labels - 1.0, labels)


class Hinge(NamedLoss, of=hinge):
    """The loss of `hinge`."""


class SquaredHinge(NamedLoss, of=squared_hinge):
    """The loss of `squared_hinge`."""


class CategoricalHinge(NamedLoss, of=categorical_hinge):
    """The loss of `categorical_hinge`."""
