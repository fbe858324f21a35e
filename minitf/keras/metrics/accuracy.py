"""Accuracies: how often predictions are right, in the forms that labels can have."""

from __future__ import annotations

from typing import Any, ClassVar

import minitf as tf
from minitf import Tensor
from minitf.keras.backend import floatx
from minitf.keras.losses.loss import floats, same_rank
from minitf.keras.metrics.mean import NamedMean

__all__ = [
    "Accuracy", "BinaryAccuracy", "CategoricalAccuracy", "SparseCategoricalAccuracy", "SparseTopKCategoricalAccuracy",
    "TopKCategoricalAccuracy", "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy",
    "sparse_top_k_categorical_accuracy", "top_k_categorical_accuracy",
]  # fmt: skip


def _shares(right: Tensor) -> Tensor:
    return tf.cast(right, floatx())


def accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """Return 1 where the prediction equals the label, else 0.

    >>> print(accuracy([1, 2], [1, 3]))
    tf.Tensor([1. 0.], shape=(2,), dtype=float32)
    """
    y_pred = tf.convert_to_tensor(y_pred)
    return _shares(tf.equal(*same_rank(tf.cast(y_true, y_pred.dtype), y_pred)))


def binary_accuracy(y_true: Any, y_pred: Any, threshold: Any = 0.5) -> Tensor:
    """Return 1 where the prediction is on the label's side of the threshold, else 0; labels are 0 and 1.

    >>> print(tf.keras.metrics.binary_accuracy([1, 0, 0], [0.7, 0.2, 0.6]))
    tf.Tensor([1. 1. 0.], shape=(3,), dtype=float32)
    """
    y_true, y_pred = same_rank(tf.convert_to_tensor(y_true), floats(y_pred))
    return _shares(tf.equal(y_true, tf.cast(y_pred > threshold, y_true.dtype)))


def categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """Return 1 where the largest entry stands at the same place in both, else 0; both have shape (..., classes).

    >>> print(tf.keras.metrics.categorical_accuracy([[0, 1], [0, 1]], [[0.1, 0.9], [0.8, 0.2]]))
    tf.Tensor([1. 0.], shape=(2,), dtype=float32)
    """
    return _shares(tf.equal(tf.argmax(y_true, -1), tf.argmax(y_pred, -1)))


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """Return 1 where the largest entry stands at the place that the label names, else 0.

    Labels have the shape of the predictions without the last axis, or with a last axis of size 1.

    >>> print(tf.keras.metrics.sparse_categorical_accuracy([1, 1], [[0.1, 0.9], [0.8, 0.2]]))
    tf.Tensor([1. 0.], shape=(2,), dtype=float32)
    """
    y_true, y_pred = tf.convert_to_tensor(y_true), tf.convert_to_tensor(y_pred)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = tf.squeeze(y_true, -1)
    if y_true.dtype.is_floating:
        right = tf.equal(y_true, tf.cast(tf.argmax(y_pred, -1), y_true.dtype))
    else:
        index = tf.int32 if y_true.dtype is tf.int32 else tf.int64
        right = tf.equal(tf.cast(y_true, index), tf.argmax(y_pred, -1, output_type=index))
    return _shares(tf.squeeze(right, -1) if len(right.shape) > 1 and right.shape[-1] == 1 else right)


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Tensor:
    """Return 1 where the largest entry of the label stands at the place of one of the k largest predictions, else 0.

    >>> print(tf.keras.metrics.top_k_categorical_accuracy([[0, 0, 1]], [[0.1, 0.9, 0.8]], k=2))
    tf.Tensor([1.], shape=(1,), dtype=float32)
    """
    return sparse_top_k_categorical_accuracy(tf.argmax(y_true, -1), y_pred, k)


def sparse_top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False) -> Tensor:
    """Return 1 where the label names the place of one of the k largest predictions, else 0.

    With `from_sorted_ids`, y_pred holds the classes themselves, the likeliest first.

    >>> print(tf.keras.metrics.sparse_top_k_categorical_accuracy([2, 1], [[0.1, 0.9, 0.8], [0.05, 0.0, 0.95]], k=2))
    tf.Tensor([1. 0.], shape=(2,), dtype=float32)
    """
    y_pred = tf.convert_to_tensor(y_pred)
    y_true = tf.cast(y_true, y_pred.dtype if from_sorted_ids else tf.int32)
    rows = tf.reshape(y_pred, [-1, y_pred.shape[-1]]) if len(y_pred.shape) > 2 else y_pred
    labels = tf.reshape(y_true, [-1]) if len(y_true.shape) > 1 else y_true
    if from_sorted_ids:
        right = tf.reduce_any(tf.equal(tf.expand_dims(labels, 1), rows[:, :k]), 1)
    else:
        right = tf.math.in_top_k(labels, rows, k)
    return _shares(tf.reshape(right, tf.shape(y_true)) if labels is not y_true else right)


class _Right(NamedMean):
    """How often something is right."""

    _direction = "up"


class Accuracy(_Right, of=accuracy):
    """How often predictions equal labels.

    >>> print(tf.keras.metrics.Accuracy()([1, 2, 3, 4], [0, 2, 3, 4]))
    tf.Tensor(0.75, shape=(), dtype=float32)
    """


class BinaryAccuracy(_Right, of=binary_accuracy):
    """How often predictions are on the side of the threshold where the labels, 0 or 1, are.

    >>> print(tf.keras.metrics.BinaryAccuracy()([1, 1, 0, 0], [0.98, 1.0, 0.0, 0.6]))
    tf.Tensor(0.75, shape=(), dtype=float32)
    """


class CategoricalAccuracy(_Right, of=categorical_accuracy):
    """How often the largest prediction stands where the one-hot label has its 1.

    >>> print(tf.keras.metrics.CategoricalAccuracy()([[0, 1], [1, 0]], [[0.1, 0.9], [0.3, 0.7]]))
    tf.Tensor(0.5, shape=(), dtype=float32)
    """


class SparseCategoricalAccuracy(_Right, of=sparse_categorical_accuracy):
    """How often the largest prediction stands at the place that the label names.

    >>> print(tf.keras.metrics.SparseCategoricalAccuracy()([1, 0], [[0.1, 0.9], [0.3, 0.7]]))
    tf.Tensor(0.5, shape=(), dtype=float32)
    """


class TopKCategoricalAccuracy(_Right, of=top_k_categorical_accuracy, before=("k",)):
    """How often one of the k largest predictions stands where the one-hot label has its 1.

    >>> metric = tf.keras.metrics.TopKCategoricalAccuracy(k=2)
    >>> print(metric([[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.05, 0.0, 0.95]]))
    tf.Tensor(0.5, shape=(), dtype=float32)
    """


class SparseTopKCategoricalAccuracy(_Right, of=sparse_top_k_categorical_accuracy, before=("k",)):
    """How often one of the k largest predictions stands at the place that the label names.

    >>> metric = tf.keras.metrics.SparseTopKCategoricalAccuracy(k=1)
    >>> print(metric([2, 1], [[0.1, 0.9, 0.8], [0.05, 0.95, 0.0]]))
    tf.Tensor(0.5, shape=(), dtype=float32)
    """

    usual: ClassVar[dict[str, Any]] = {"from_sorted_ids": False}
