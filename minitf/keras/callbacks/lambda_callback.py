"""LambdaCallback: a callback made of functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minitf.keras.callbacks.callback import Callback

__all__ = ["LambdaCallback"]

_Hook = Callable[..., Any] | None


class LambdaCallback(Callback):
    """Take functions as hooks: those of epochs are called as `f(epoch, logs)`, of batches as `f(batch, logs=logs)`.

    Hooks of training without either as `f(logs)`. Further arguments are any other hooks of `Callback`, by name.

    >>> callback = LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))
    >>> callback.on_epoch_end(2, {"loss": 0.5})
    2 0.5
    """

    def __init__(
        self, on_epoch_begin: _Hook = None, on_epoch_end: _Hook = None, on_train_begin: _Hook = None,
        on_train_end: _Hook = None, on_train_batch_begin: _Hook = None, on_train_batch_end: _Hook = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__()
        given = {
            "on_epoch_begin": on_epoch_begin, "on_epoch_end": on_epoch_end, "on_train_begin": on_train_begin,
            "on_train_end": on_train_end, "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
        }  # fmt: skip
        vars(self).update(kwargs, **{name: hook for name, hook in given.items() if hook is not None})
