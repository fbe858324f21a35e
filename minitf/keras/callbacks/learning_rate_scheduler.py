"""LearningRateScheduler: sets the learning rate before each epoch."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from minitf import Tensor
from minitf.keras.callbacks.callback import Callback, Logs
from minitf.keras.utils.screen import announce

__all__ = ["LearningRateScheduler"]


class LearningRateScheduler(Callback):
    """Set the learning rate to `schedule(epoch, learning_rate)`, or `schedule(epoch)` if it takes one argument.

    The schedule returns a float, or a tensor with one; ValueError for anything else. The logs get "learning_rate",
    and `verbose=1` prints it.

    >>> class Model(tf.Module):
    ...     optimizer = tf.Module()
    >>> Model.optimizer.learning_rate = 0.1
    >>> scheduler = LearningRateScheduler(lambda epoch, rate: rate * 0.5, verbose=1)
    >>> scheduler.set_model(Model())
    >>> scheduler.on_epoch_begin(0)
    <BLANKLINE>
    Epoch 1: LearningRateScheduler setting learning rate to 0.05.
    """

    def __init__(self, schedule: Callable[..., Any], verbose: int = 0) -> None:
        super().__init__()
        self.schedule, self.verbose = schedule, verbose

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        optimizer = self.model.optimizer
        if not hasattr(optimizer, "learning_rate"):
            raise ValueError(f'Optimizer must have a "learning_rate" attribute, which {optimizer} does not have.')
        rate = self._scheduled(epoch, float(optimizer.learning_rate))
        if not isinstance(rate, (float, np.floating)):
            raise ValueError(f"The output of the `schedule` function should be a float. Got: {rate}")
        optimizer.learning_rate = rate
        if self.verbose:
            announce(f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {rate}.")

    def _scheduled(self, epoch: int, rate: float) -> Any:
        try:
            inspect.signature(self.schedule).bind(epoch, rate)
        except (TypeError, ValueError):  # one argument, or a class of C that does not say
            new = self.schedule(epoch)
        else:
            new = self.schedule(epoch, rate)
        return float(new) if isinstance(new, Tensor) and new.dtype.is_floating and not new.shape.rank else new

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if logs is not None:
            logs["learning_rate"] = float(self.model.optimizer.learning_rate)
