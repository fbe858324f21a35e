"""The metric that something given to `compile` stands for; for "accuracy" it depends on the shapes of the data."""

from __future__ import annotations

from typing import Any

from minitf.keras import metrics
from minitf.keras.metrics.mean import MeanMetricWrapper
from minitf.keras.metrics.metric import Metric
from minitf.keras.naming import snake_case

__all__ = ["for_shapes"]

_BINARY, _SPARSE, _CATEGORICAL = range(3)
_ACCURACIES = (metrics.BinaryAccuracy, metrics.SparseCategoricalAccuracy, metrics.CategoricalAccuracy)
_ENTROPIES = (metrics.BinaryCrossentropy, metrics.SparseCategoricalCrossentropy, metrics.CategoricalCrossentropy)
_WORDS = {"accuracy": _ACCURACIES, "acc": _ACCURACIES, "crossentropy": _ENTROPIES, "ce": _ENTROPIES}


def for_shapes(identifier: Any, y_true: Any, y_pred: Any) -> Metric:
    """Return the metric for a name, function, config, class or metric; ValueError if it is none of these.

    A word has the metric's name in the logs; "accuracy", "acc", "crossentropy" and "ce" mean the form for predictions
    of one number if `y_pred` ends in an axis of size 1; for numbers of classes if `y_true` has fewer axes or ends in
    an axis of size 1; else for one-hot labels.

    >>> for_shapes("acc", tf.zeros([8]), tf.zeros([8, 3]))
    <SparseCategoricalAccuracy name=acc>
    """
    if identifier is None:
        raise ValueError("Expected metric, received `None`; leave it out.")
    word = identifier if isinstance(identifier, str) else None
    forms = _WORDS.get(word.lower()) if word else None
    found = metrics.get(identifier) if forms is None else forms[_form(y_true, y_pred)]()
    name = word or getattr(found, "name", None) or snake_case(getattr(found, "__name__", type(found).__name__))
    metric: Metric = found if isinstance(found, Metric) else MeanMetricWrapper(found)
    metric.name = name
    return metric


def _form(y_true: Any, y_pred: Any) -> int:
    true, predicted = tuple(y_true.shape), tuple(y_pred.shape)
    if predicted[-1:] == (1,):
        return _BINARY
    return _SPARSE if len(true) < len(predicted) or true[-1:] == (1,) else _CATEGORICAL
