"""`keras.metrics`: public names only. Metrics are found by their names, functions of the losses by theirs."""

# ruff: isort: skip_file

from __future__ import annotations

from minitf.keras import registry
from minitf.keras.kinds import Kind
from minitf.keras.losses import (
    KLD, MAE, MAPE, MSE, MSLE, binary_crossentropy, binary_focal_crossentropy, categorical_crossentropy,
    categorical_hinge, hinge, huber, kl_divergence, kld, kullback_leibler_divergence, log_cosh, logcosh, mae, mape,
    mean_absolute_error, mean_absolute_percentage_error, mean_squared_error, mean_squared_logarithmic_error, mse, msle,
    poisson, sparse_categorical_crossentropy, squared_hinge,
)  # fmt: skip
from minitf.keras.metrics import accuracy as accuracies, confusion, of_losses
from minitf.keras.metrics.accuracy import *  # noqa: F403
from minitf.keras.metrics.auc import AUC
from minitf.keras.metrics.confusion import *  # noqa: F403
from minitf.keras.metrics.f_score import F1Score, FBetaScore
from minitf.keras.metrics.iou import IoU, MeanIoU
from minitf.keras.metrics.mean import Mean, MeanMetricWrapper, Sum
from minitf.keras.metrics.metric import Metric
from minitf.keras.metrics.of_losses import *  # noqa: F403
from minitf.keras.metrics.r2_score import R2Score
from minitf.names import nearest

__all__ = [
    "AUC", "KLD", "MAE", "MAPE", "MSE", "MSLE", "F1Score", "FBetaScore", "IoU", "Mean", "MeanIoU", "MeanMetricWrapper",
    "Metric", "R2Score", "Sum", "binary_crossentropy", "binary_focal_crossentropy", "categorical_crossentropy",
    "categorical_hinge", "deserialize", "get", "hinge", "huber", "kl_divergence", "kld", "kullback_leibler_divergence",
    "log_cosh", "logcosh", "mae", "mape", "mean_absolute_error", "mean_absolute_percentage_error", "mean_squared_error",
    "mean_squared_logarithmic_error", "mse", "msle", "poisson", "serialize", "sparse_categorical_crossentropy",
    "squared_hinge",
]  # fmt: skip
__all__ += accuracies.__all__
__all__ += confusion.__all__
__all__ += of_losses.__all__

__getattr__ = nearest("keras.metrics")

accuracy = accuracies.accuracy
registry.export("keras.metrics", accuracy, *(globals()[n] for n in accuracies.__all__ if n.islower()))
_classes = [each for name, each in globals().items() if name in __all__ and isinstance(each, type)]
_ALIASES = {
    "bce BCE": "BinaryCrossentropy", "kld KLD kullback_leibler_divergence": "KLDivergence",
    "log_cosh logcosh": "LogCoshError", "mae MAE": "MeanAbsoluteError", "mape MAPE": "MeanAbsolutePercentageError",
    "mse MSE": "MeanSquaredError", "msle MSLE": "MeanSquaredLogarithmicError",
}  # fmt: skip
_named = {alias: globals()[name] for aliases, name in _ALIASES.items() for alias in aliases.split()}
_kind = Kind("metric", "keras.metrics", _classes, named=_named)
get, serialize, deserialize = _kind.get, _kind.serialize, _kind.deserialize
