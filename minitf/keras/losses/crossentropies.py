"""Losses of probabilities: how surprising the truth is for who believes the prediction.

Predictions are probabilities, or logits with `from_logits`. Where they are just what a sigmoid or softmax made of
logits, these are taken, since probabilities have lost digits: as in Keras, of its own activations always, and of
tf.nn's inside functions, such as a training step.

Predictions have shape (..., classes), and results have shape (...), in the dtype of the predictions. Labels have the
same shape, or (...) if they are class numbers. Smoothing labels is after Szegedy et al., 2016.
"""

from __future__ import annotations

import warnings
from typing import Any, ClassVar, NoReturn

import minitf as tf
from minitf import Tensor, cast, clip_by_value, not_equal, reduce_mean, reduce_sum, where
from minitf.keras import backend
from minitf.keras.backend import epsilon
from minitf.keras.losses.loss import NamedLoss, averaging, floats, numbering, pair, tensors
from minitf.math import log
from minitf.recording import origin

__all__ = [
    "BinaryCrossentropy", "BinaryFocalCrossentropy", "CategoricalCrossentropy", "KLDivergence",
    "SparseCategoricalCrossentropy", "binary_crossentropy", "binary_focal_crossentropy", "categorical_crossentropy",
    "kl_divergence", "sparse_categorical_crossentropy",
]  # fmt: skip


_ALIKE = "give labels of the shape of the predictions, or class numbers to a loss whose name begins with sparse"

# --- functions --------------------------------------------------------------------------------------------------------


def binary_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: Any = -1
) -> Tensor:
    """Mean of -y_true log(y_pred) - (1 - y_true) log(1 - y_pred) along an axis.

    With `label_smoothing`, labels are moved towards 1/2 by this share of the way. ValueError for unlike shapes.

    >>> print(binary_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).numpy().round(4))
    [0.6931]
    """
    true, predicted = _smoothed(*pair(y_true, y_pred), label_smoothing)
    return reduce_mean(_binary(true, predicted, from_logits), axis)


def binary_focal_crossentropy(
    y_true: Any, y_pred: Any, apply_class_balancing: bool = False, alpha: float = 0.25, gamma: float = 2.0,
    from_logits: bool = False, label_smoothing: float = 0.0, axis: Any = -1,
) -> Tensor:  # fmt: skip
    """Mean of binary cross-entropies, each times (1 - p)^gamma, where p is the probability of the truth.

    So what is right already counts less; `apply_class_balancing` weighs the 1s by alpha and the 0s by 1 - alpha. After
    Lin et al., 2017.

    >>> print(binary_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).numpy().round(4))
    [0.1733]
    """
    true, predicted = _smoothed(*pair(y_true, y_pred), label_smoothing)
    entropy = _binary(true, predicted, from_logits)
    p, false = tf.sigmoid(predicted) if from_logits else predicted, 1.0 - true
    entropy = tf.pow(1.0 - (true * p + false * (1.0 - p)), gamma) * entropy
    return reduce_mean((true * alpha + false * (1.0 - alpha)) * entropy if apply_class_balancing else entropy, axis)


averaging.update({binary_crossentropy, binary_focal_crossentropy})


def categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Tensor:
    """Minus the sum of y_true log(y_pred) along an axis; y_true has a probability for each class.

    With `label_smoothing`, labels are moved towards equal probabilities by this share of the way. ValueError for unlike
    shapes.

    >>> print(categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).numpy().round(4))
    [0.6931]
    """
    if isinstance(axis, bool):
        raise ValueError(f"`axis` must be of type `int`. Received: axis={axis} of type {type(axis)}")
    true, predicted = pair(y_true, y_pred)
    if predicted.sizes[-1:] == (1,):
        asked = "In loss categorical_crossentropy, expected y_pred.shape to be (batch_size, num_classes) with "
        came = f"num_classes > 1. Received: y_pred.shape={predicted.shape}."
        do = "Consider using 'binary_crossentropy' if you only have 2 classes."
        warnings.warn(f"{asked}{came} {do}", SyntaxWarning, stacklevel=2)
    if label_smoothing:
        true = true * (1.0 - label_smoothing) + label_smoothing / cast(tf.shape(true)[-1], true.dtype)
    if not predicted.ndim:
        raise IndexError("y_pred is a scalar, and an axis of classes is an index out of range; give it that axis.")
    _check(true, predicted)
    values, from_logits = _logits(predicted, from_logits, "Softmax", "categorical_crossentropy")
    return backend.categorical_crossentropy(true, values, from_logits, axis)


def sparse_categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> Tensor:
    """Minus log of the probability of the class that y_true numbers; the classes lie along the last axis of y_pred.

    Labels that are `ignore_class` give 0. ValueError for shapes that do not go together, and for another axis;
    InvalidArgumentError for a label that is no class.

    >>> print(sparse_categorical_crossentropy([1], [[0.5, 0.5]]).numpy().round(4))
    [0.6931]
    """
    predicted = floats(y_pred)
    if axis not in (-1, predicted.ndim - 1):
        raise ValueError(f"Only axis=-1 is currently supported. Received: axis={axis}; move the classes to the end.")
    labels = _labels(y_true, predicted)
    if not predicted.ndim:
        raise ValueError(f"Argument `output` must be at least rank 1. Received: output.shape={predicted.shape}")
    if labels.ndim != predicted.ndim - 1:
        asked = "Argument `output` must have rank (ndim) `target.ndim - 1`. Received: "
        _refuse(asked, labels, predicted, "give class numbers as labels: tf.argmax(labels, -1) if they are one-hot")
    if not labels.shape.is_compatible_with(predicted.shape[:-1]):
        asked = "Arguments `target` and `output` must have the same shape up until the last dimension: "
        _refuse(asked, labels, predicted, "give a class number for each row of probabilities")
    if ignore_class is None:
        return _sparse(labels, predicted, from_logits)
    valid = not_equal(labels, ignore_class)
    predicted = where(tf.expand_dims(valid, -1), predicted, 0.0)
    return where(valid, _sparse(where(valid, labels, 0), predicted, from_logits), 0.0)


numbering.add(sparse_categorical_crossentropy)


def kl_divergence(y_true: Any, y_pred: Any) -> Tensor:
    """Sum of y_true log(y_true / y_pred) along the last axis, of probabilities that count as epsilon() at least.

    >>> print(kl_divergence([[0.5, 0.5]], [[0.25, 0.75]]).numpy().round(4))
    [0.1438]
    """
    true, predicted = (clip_by_value(p, epsilon(), 1.0) for p in pair(y_true, y_pred))
    return reduce_sum(true * log(true / predicted), -1)


# --- their parts ------------------------------------------------------------------------------------------------------


def _binary(labels: Tensor, predicted: Tensor, from_logits: bool) -> Tensor:
    """Return the cross-entropy of each entry."""
    _check(labels, predicted)
    predicted, from_logits = _logits(predicted, from_logits, "Sigmoid", "binary_crossentropy")
    if from_logits:
        return tf.nn.sigmoid_cross_entropy_with_logits(labels, predicted)
    p = clip_by_value(predicted, epsilon(), 1.0 - epsilon())
    return tf.subtract((labels - 1.0) * log(1.0 - p), labels * log(p))


def _sparse(labels: Tensor, predicted: Tensor, from_logits: bool) -> Tensor:
    predicted, from_logits = _logits(predicted, from_logits, "Softmax", "sparse_categorical_crossentropy")
    return backend.sparse_categorical_crossentropy(labels, predicted, from_logits)


def _smoothed(labels: Tensor, predicted: Tensor, share: float) -> tuple[Tensor, Tensor]:
    return (labels * (1.0 - share) + 0.5 * share if share else labels), predicted


def _labels(y_true: Any, predicted: Tensor) -> Tensor:
    """Convert class numbers to integers, and drop an axis of size 1 at the end that predictions do not have."""
    labels = tensors(y_true)
    labels = labels if labels.dtype in (tf.int32, tf.int64) else cast(labels, tf.int64)
    return tf.squeeze(labels, -1) if labels.ndim == predicted.ndim > 0 and labels.sizes[-1] == 1 else labels


def _logits(predicted: Tensor, from_logits: bool, activation: str, called: str) -> tuple[Tensor, bool]:
    """Return the logits of which an activation made the predictions, and True, if it did; else what was given."""
    logits = getattr(predicted, "_keras_logits", None)
    if logits is None:
        op = origin(predicted)
        if op is None or op[0] != activation or op[2].get("axis", -1) not in (-1, predicted.ndim - 1):
            return predicted, from_logits
        logits = op[1][0]
    if from_logits:
        asked = f'"`{called}` received `from_logits=True`, but the `output` argument was produced by a {activation} '
        warnings.warn(f"{asked}activation and thus does not represent logits. Was this intended?", stacklevel=4)
    return tensors(logits, predicted.dtype), True


def _check(labels: Tensor, predicted: Tensor) -> None:
    if labels.array.shape == predicted.array.shape:
        return
    if labels.ndim != predicted.ndim:
        _refuse("Arguments `target` and `output` must have the same rank (ndim). Received: ", labels, predicted)
    if not labels.shape.is_compatible_with(predicted.shape):
        _refuse("Arguments `target` and `output` must have the same shape. Received: ", labels, predicted)


def _refuse(asked: str, labels: Tensor, predicted: Tensor, do: str = _ALIKE) -> NoReturn:
    came = f"target.shape={labels.shape}, output.shape={predicted.shape}"
    raise ValueError(f"{asked}{came}; {do}.")


# --- classes ----------------------------------------------------------------------------------------------------------


class KLDivergence(NamedLoss, of=kl_divergence):
    """The loss of `kl_divergence`."""


class BinaryCrossentropy(NamedLoss, of=binary_crossentropy):
    """The loss of `binary_crossentropy`.

    >>> print(BinaryCrossentropy(from_logits=True)([[0.0], [1.0]], [[-1000.0], [1000.0]]))
    tf.Tensor(0.0, shape=(), dtype=float32)
    """


class BinaryFocalCrossentropy(NamedLoss, of=binary_focal_crossentropy):
    """The loss of `binary_focal_crossentropy`."""


class CategoricalCrossentropy(NamedLoss, of=categorical_crossentropy):
    """The loss of `categorical_crossentropy`, for one-hot labels.

    >>> print(CategoricalCrossentropy()([[0.0, 1.0], [1.0, 0.0]], [[0.0, 1.0], [0.5, 0.5]]).numpy().round(4))
    0.3466
    """


class SparseCategoricalCrossentropy(NamedLoss, of=sparse_categorical_crossentropy):
    """The loss of `sparse_categorical_crossentropy`, for class numbers; labels to ignore do not count in means.

    >>> print(SparseCategoricalCrossentropy(ignore_class=-1)([1, -1], [[0.5, 0.5], [0.9, 0.1]]).numpy().round(4))
    0.6931
    """

    usual: ClassVar[dict[str, Any]] = {"axis": -1}

    def __init__(
        self, from_logits: bool = False, ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size", axis: int = -1, name: str | None = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        """Take whether predictions are logits, and a label that does not count."""
        super().__init__(reduction, name, dtype, from_logits=from_logits, ignore_class=ignore_class, axis=axis)

    def _valid(self, y_true: Any, values: Tensor) -> Tensor | None:
        ignored = self._fn_kwargs["ignore_class"]
        if ignored is None:
            return None
        counts = cast(not_equal(tensors(y_true, tf.int64), ignored), values.dtype)
        return counts if counts.ndim == values.ndim else tf.squeeze(counts, -1)
