"""`keras.losses`: public names only."""

# isort: skip_file

from __future__ import annotations

from minitf.keras.kinds import Kind
from minitf.keras.losses.crossentropies import (
    BinaryCrossentropy, BinaryFocalCrossentropy, CategoricalCrossentropy, KLDivergence, SparseCategoricalCrossentropy,
    binary_crossentropy, binary_focal_crossentropy, categorical_crossentropy, kl_divergence,
    sparse_categorical_crossentropy,
)  # fmt: skip
from minitf.keras.losses.hinges import (
    CategoricalHinge, Hinge, SquaredHinge, categorical_hinge, hinge, squared_hinge,
)  # fmt: skip
from minitf.keras.losses.loss import Loss, LossFunctionWrapper, Reduction
from minitf.keras.losses.regression import (
    CosineSimilarity, Huber, LogCosh, MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredError,
    MeanSquaredLogarithmicError, Poisson, cosine_similarity, huber, log_cosh, mean_absolute_error,
    mean_absolute_percentage_error, mean_squared_error, mean_squared_logarithmic_error, poisson,
)  # fmt: skip
from minitf.names import nearest

__all__ = [
    "BinaryCrossentropy", "BinaryFocalCrossentropy", "CategoricalCrossentropy", "CategoricalHinge",
    "CosineSimilarity", "Hinge", "Huber", "KLD", "KLDivergence", "LogCosh", "Loss", "MAE",
    "MAPE", "MSE", "MSLE", "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredError",
    "MeanSquaredLogarithmicError", "Poisson", "Reduction", "SparseCategoricalCrossentropy", "SquaredHinge",
    "binary_crossentropy", "binary_focal_crossentropy", "categorical_crossentropy", "categorical_hinge",
    "cosine_similarity", "deserialize", "get", "hinge", "huber", "kl_divergence", "kld",
    "kullback_leibler_divergence", "log_cosh", "logcosh", "mae", "mape", "mean_absolute_error",
    "mean_absolute_percentage_error", "mean_squared_error", "mean_squared_logarithmic_error", "mse", "msle", "poisson",
    "serialize", "sparse_categorical_crossentropy", "squared_hinge",
]  # fmt: skip

__getattr__ = nearest("keras.losses")

kld = KLD = kullback_leibler_divergence = kl_divergence
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
mse = MSE = mean_squared_error
msle = MSLE = mean_squared_logarithmic_error
logcosh = log_cosh

_losses = {name: each for name, each in globals().items() if name in __all__ and each is not Reduction}
_losses |= {"LossFunctionWrapper": LossFunctionWrapper, "bce": binary_crossentropy, "BCE": binary_crossentropy}
_kind = Kind(
    "loss", "keras.losses",
    classes=[each for each in _losses.values() if isinstance(each, type)],
    functions=[each for each in _losses.values() if not isinstance(each, type)],
    named={name: each for name, each in _losses.items() if not isinstance(each, type)} | {"huber_loss": huber},
)  # fmt: skip
get, serialize, deserialize = _kind.get, _kind.serialize, _kind.deserialize
