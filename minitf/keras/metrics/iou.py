"""Intersection over union: how well sets of pixels, or of any samples of classes, lie on one another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import minitf as tf
from minitf import Tensor
from minitf.keras.backend import epsilon
from minitf.keras.metrics.metric import Metric

__all__ = ["IoU", "MeanIoU"]


class IoU(Metric):
    """The mean over some classes of how many samples are and are predicted to be of the class, over those that do one.

    >>> print(tf.keras.metrics.IoU(2, [0])([0, 0, 1, 1], [0, 1, 0, 1]).numpy().round(4))
    0.3333
    """

    _direction = "up"
    _names: tuple[str, ...] = (
        "num_classes", "target_class_ids", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis",
    )  # fmt: skip

    def __init__(
        self, num_classes: int, target_class_ids: Iterable[int], name: str | None = None, dtype: Any = None,
        ignore_class: int | None = None, sparse_y_true: bool = True, sparse_y_pred: bool = True, axis: int = -1,
    ) -> None:  # fmt: skip
        """Take how many classes there are, which count, and what labels and predictions are.

        They are numbers of classes if they are sparse, else probabilities along the axis. Labels that are
        `ignore_class` do not count. ValueError for a class that there is not.
        """
        super().__init__(dtype or "int64", name)
        self.num_classes, self.target_class_ids = num_classes, list(target_class_ids)
        if max(self.target_class_ids) >= num_classes:
            asked = f"Target class id {max(self.target_class_ids)} is out of range, which is [0, {num_classes})"
            raise ValueError(f"{asked}; number the classes from 0.")
        self.ignore_class, self.axis = ignore_class, axis
        self.sparse_y_true, self.sparse_y_pred = sparse_y_true, sparse_y_pred
        shape = (num_classes, num_classes)
        self.total_cm = self.add_variable(shape, dtype=self.dtype, name="total_confusion_matrix")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count a batch, each sample as often as its weight says; classes that there are not do not count."""
        true, predicted = (
            tf.reshape(tf.cast(y if sparse else tf.argmax(y, self.axis), tf.int64), [-1])
            for y, sparse in ((y_true, self.sparse_y_true), (y_pred, self.sparse_y_pred))
        )
        weight = tf.reshape(tf.cast(1 if sample_weight is None else sample_weight, self.dtype), [-1])
        valid = tf.logical_and(self._is_class(true), self._is_class(predicted))
        if self.ignore_class is not None:
            valid = tf.logical_and(valid, true != self.ignore_class)
        cells = tf.stack([tf.where(valid, true, 0), tf.where(valid, predicted, 0)], 1)
        counted = tf.where(valid, tf.broadcast_to(weight, tf.shape(true)), 0)
        self.total_cm.assign_add(tf.scatter_nd(cells, counted, self.total_cm.shape.as_list()))

    def _is_class(self, numbers: Tensor) -> Tensor:
        return tf.logical_and(numbers >= 0, numbers < self.num_classes)

    def result(self) -> Tensor:
        """Return the mean; classes without samples do not count."""
        matrix = tf.convert_to_tensor(self.total_cm)
        both = tf.linalg.diag_part(matrix)
        one = tf.reduce_sum(matrix, 0) + tf.reduce_sum(matrix, 1) - both
        both, one = (tf.cast(tf.gather(counted, self.target_class_ids), tf.float32) for counted in (both, one))
        shares = tf.where(one > 0.0, both / (one + epsilon()), 0.0)
        return tf.divide(tf.reduce_sum(shares), tf.reduce_sum(tf.cast(one > 0.0, tf.float32)) + epsilon())


class MeanIoU(IoU):
    """The mean over all classes of intersection over union.

    >>> print(tf.keras.metrics.MeanIoU(2)([0, 0, 1, 1], [0, 1, 0, 1]).numpy().round(4))
    0.3333
    """

    _names = ("num_classes", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis")

    def __init__(
        self, num_classes: int, name: str | None = None, dtype: Any = None, ignore_class: int | None = None,
        sparse_y_true: bool = True, sparse_y_pred: bool = True, axis: int = -1,
    ) -> None:  # fmt: skip
        """Take how many classes there are, and what labels and predictions are; see `IoU`."""
        every = range(num_classes)
        super().__init__(num_classes, every, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis)
