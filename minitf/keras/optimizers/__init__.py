"""`keras.optimizers`: how variables change by gradients; learning rates that change by themselves are `schedules`."""

from __future__ import annotations

from typing import Any

from minitf.keras.kinds import Kind
from minitf.keras.optimizers import legacy, schedules
from minitf.keras.optimizers.adagrad import Adadelta, Adagrad, Ftrl, RMSprop
from minitf.keras.optimizers.adam import Adam, Adamax, AdamW, Nadam
from minitf.keras.optimizers.loss_scale_optimizer import LossScaleOptimizer
from minitf.keras.optimizers.optimizer import Optimizer
from minitf.keras.optimizers.sgd import SGD, Lion
from minitf.names import nearest

__all__ = [
    "SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lion", "LossScaleOptimizer", "Nadam", "Optimizer",
    "RMSprop", "deserialize", "get", "legacy", "schedules", "serialize",
]  # fmt: skip

__getattr__ = nearest("keras.optimizers")

_classes = [SGD, Adadelta, Adagrad, Adam, AdamW, Adamax, Ftrl, Lion, LossScaleOptimizer, Nadam, Optimizer, RMSprop]
_kind = Kind("optimizer", "keras.optimizers", _classes, named={each.__name__.lower(): each for each in _classes})
serialize, deserialize = _kind.serialize, _kind.deserialize


def get(identifier: Any) -> Any:
    """Return the optimizer that a name in any case, a config or an optimizer stands for; ValueError for others.

    >>> tf.keras.optimizers.get("Adam").learning_rate.numpy()
    np.float32(0.001)
    """
    known = isinstance(identifier, str) and identifier.lower() in _kind.named
    found = None if isinstance(identifier, type) else _kind.get(identifier.lower() if known else identifier)
    if identifier is None or isinstance(found, Optimizer):
        return found
    made = f"; make one: {identifier.__name__}()" if isinstance(identifier, type) else ""
    raise ValueError(f"{_kind.unknown(identifier)}{made}")
