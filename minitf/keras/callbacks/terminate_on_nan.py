"""TerminateOnNaN: ends a training that went wrong."""

from __future__ import annotations

import math

from minitf.keras.callbacks.callback import Callback, Logs
from minitf.keras.utils.screen import announce

__all__ = ["TerminateOnNaN"]


class TerminateOnNaN(Callback):
    """Stop the training at the first batch whose loss is NaN or infinite; `raise_error` makes it a RuntimeError.

    >>> callback = TerminateOnNaN()
    >>> callback.set_model(tf.Module())
    >>> callback.on_batch_end(3, {"loss": float("nan")})
    Batch 3: Invalid loss, terminating training
    >>> callback.model.stop_training
    True
    """

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            what = f"NaN or Inf loss encountered at batch {batch}. Loss value: {loss}."
            raise RuntimeError(f"{what} Terminating training immediately.")
        announce(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True
