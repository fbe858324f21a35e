"""Sums and means of numbers over batches, and the mean of any function of labels and predictions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import minitf as tf
from minitf import Tensor
from minitf.keras import registry
from minitf.keras.constructors import OfFunction
from minitf.keras.losses.loss import averaging, same_rank
from minitf.keras.metrics.metric import Metric

__all__ = ["Mean", "MeanMetricWrapper", "NamedMean", "Sum"]

Reduce = Callable[..., Tensor]


def _samples(reduce: Reduce, values: Any, sample_weight: Any, dtype: str) -> tuple[Tensor, Tensor | None]:
    """Give each sample, along the first axis, one value; multiply it by its weight, which is returned too.

    A weight that has fewer axes than the values is that of all entries along the other axes.
    """
    values = tf.cast(values, dtype)
    if sample_weight is None:
        return _rows(reduce, values), None
    values, weight = same_rank(values, tf.cast(sample_weight, dtype))
    axes = list(range(len(weight.shape), len(values.shape)))
    values = reduce(values, axes) if axes else values
    if weight.shape.as_list() != values.shape.as_list():
        weight = tf.broadcast_to(weight, tf.shape(values))
    return _rows(reduce, values * weight), _rows(reduce, weight)


def _rows(reduce: Reduce, x: Tensor) -> Tensor:
    """Put all axes but the first together; those of size 1 may stay."""
    return x if all(size == 1 for size in x.shape[1:]) else reduce(x, list(range(1, len(x.shape))))


def _total(values: Tensor) -> Tensor:
    return tf.reduce_sum(values) if len(values.shape) else values


class Sum(Metric):
    """The sum of all values, each multiplied by its weight.

    >>> print(tf.keras.metrics.Sum()([1.0, 3.0, 5.0, 7.0]))
    tf.Tensor(16.0, shape=(), dtype=float32)
    """

    def __init__(self, name: str = "sum", dtype: Any = None) -> None:
        """Take a name and a dtype."""
        super().__init__(dtype, name)
        self.total = self.add_variable(dtype=self.dtype, name="total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add values of any shape; InvalidArgumentError if the weights do not fit them."""
        samples, _ = _samples(tf.reduce_sum, values, sample_weight, self.dtype)
        self.total.assign_add(_total(samples))

    def result(self) -> Tensor:
        """Return the sum."""
        return tf.convert_to_tensor(self.total)


class Mean(Metric):
    """The mean over samples, along the first axis; those with a weight count as often as it says.

    >>> mean = tf.keras.metrics.Mean()
    >>> mean.update_state([1.0, 3.0])
    >>> mean.update_state([5.0, 7.0], sample_weight=[1.0, 0.0])
    >>> print(mean.result())
    tf.Tensor(3.0, shape=(), dtype=float32)
    """

    def __init__(self, name: str | None = "mean", dtype: Any = None) -> None:
        """Take a name and a dtype."""
        super().__init__(dtype, name)
        self.total = self.add_variable(dtype=self.dtype, name="total")
        self.count = self.add_variable(dtype=self.dtype, name="count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Take values of any shape into account; InvalidArgumentError if the weights do not fit them."""
        samples, weight = _samples(tf.reduce_mean, values, sample_weight, self.dtype)
        self._add(_total(samples), tf.size(samples, self.dtype) if weight is None else _total(weight))

    def _add(self, total: Any, count: Any) -> None:
        self.total.assign_add(total)
        self.count.assign_add(count)

    def result(self) -> Tensor:
        """Return the mean, 0 without values."""
        return tf.math.divide_no_nan(self.total, self.count)


def _size(y_true: Any, y_pred: Any) -> int | None:
    """Return the number of samples if it is known, and each has as many entries."""
    if not isinstance(y_true, Tensor) or not isinstance(y_pred, Tensor) or len(y_pred.shape) < 2:
        return None
    true, predicted = y_true.shape.as_list(), y_pred.shape.as_list()
    return predicted[0] if predicted in (true, [*true, 1]) else None


class MeanMetricWrapper(Mean):
    """The mean of a function of labels and predictions, which returns a number for each sample.

    >>> def gap(y_true, y_pred):
    ...     return tf.abs(y_true - y_pred)
    >>> metric = tf.keras.metrics.MeanMetricWrapper(gap)
    >>> print(metric(tf.constant([1.0, 2.0]), tf.constant([2.0, 5.0])))
    tf.Tensor(2.0, shape=(), dtype=float32)
    """

    def __init__(self, fn: Callable[..., Any], name: str | None = None, dtype: Any = None, **kwargs: Any) -> None:
        """Take the function, a name, a dtype, and options that the function is called with."""
        super().__init__(name, dtype)
        self._fn = fn
        self._fn_kwargs = kwargs

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take a batch into account."""
        size = _size(y_true, y_pred)
        settings = self._fn_kwargs
        if size and sample_weight is None and self._fn in averaging and settings.get("axis", -1) == -1:
            mean = self._fn(y_true, y_pred, **{**settings, "axis": None})  # which the loss may have computed already
            self._add(tf.cast(mean, self.dtype) * size, size)
        else:
            super().update_state(self._fn(y_true, y_pred, **settings), sample_weight)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make such a metric."""
        return {**super().get_config(), "fn": registry.serialize_keras_object(self._fn), **self._fn_kwargs}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Metric:
        """Make the metric that a config describes."""
        return cls(**(registry.deserialize_keras_object(config) if "fn" in config else config))


class NamedMean(OfFunction, MeanMetricWrapper):
    """The mean of the function that a class stands for, whose name it has: `class Poisson(NamedMean, of=poisson)`."""

    _direction = "down"  # as of losses
    _settings_first = False

    def __init__(self, name: str | None = None, dtype: Any = None, **settings: Any) -> None:
        """Take a name, a dtype and the settings of the function."""
        fn = type(self).fn
        super().__init__(fn, name or fn.__name__, dtype, **settings)
        vars(self).update(settings)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make such a metric."""
        return Mean.get_config(self) | self._unusual(self._fn_kwargs)
