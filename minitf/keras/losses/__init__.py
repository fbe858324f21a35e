"""`keras.losses`: public names only."""

# isort: skip_file

from __future__ import annotations

from minitf.keras.kinds import Kind
from minitf.keras.losses import crossentropies, hinges, regression
from minitf.keras.losses.crossentropies import *  # noqa: F403
from minitf.keras.losses.hinges import *  # noqa: F403
from minitf.keras.losses.loss import Loss, LossFunctionWrapper, Reduction
from minitf.keras.losses.regression import *  # noqa: F403
from minitf.names import nearest

__all__ = [
    "KLD", "MAE", "MAPE", "MSE", "MSLE", "Loss", "Reduction", "deserialize", "get", "kld",
    "kullback_leibler_divergence", "logcosh", "mae", "mape", "mse", "msle", "serialize",
]  # fmt: skip
__all__ += crossentropies.__all__
__all__ += hinges.__all__
__all__ += regression.__all__

__getattr__ = nearest("keras.losses")

kld = KLD = kullback_leibler_divergence = crossentropies.kl_divergence
mae = MAE = regression.mean_absolute_error
mape = MAPE = regression.mean_absolute_percentage_error
mse = MSE = regression.mean_squared_error
msle = MSLE = regression.mean_squared_logarithmic_error
logcosh = regression.log_cosh

_losses = {name: each for name, each in globals().items() if name in __all__ and each is not Reduction}
_losses |= {"LossFunctionWrapper": LossFunctionWrapper, **dict.fromkeys(("bce", "BCE"), _losses["binary_crossentropy"])}
_functions = {name: each for name, each in _losses.items() if not isinstance(each, type)}
_kind = Kind(
    "loss", "keras.losses", classes=[each for each in _losses.values() if isinstance(each, type)],
    functions=_functions.values(), named={**_functions, "huber_loss": regression.huber},
)  # fmt: skip
get, serialize, deserialize = _kind.get, _kind.serialize, _kind.deserialize
