"""ReduceLROnPlateau: makes the learning rate smaller when there is no more progress."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.keras.callbacks.callback import Logs
from minitf.keras.callbacks.monitor_callback import MonitorCallback
from minitf.keras.utils.screen import announce

__all__ = ["ReduceLROnPlateau"]


class ReduceLROnPlateau(MonitorCallback):
    """Multiply the learning rate by `factor` after `patience` epochs in which `monitor` did not become better.

    Better means by more than `min_delta`, in the direction of `mode`: "min", "max" or "auto". After that, `cooldown`
    epochs do not count. The rate does not fall below `min_lr`. The logs get "learning_rate", `verbose=1` prints a
    new one. ValueError for a factor of 1 or more; other arguments are ignored, as in Keras.

    >>> ReduceLROnPlateau(factor=2)
    Traceback (most recent call last):
    ValueError: ReduceLROnPlateau does not support a factor >= 1.0. Received factor=2
    """

    def __init__(
        self, monitor: str = "val_loss", factor: float = 0.1, patience: int = 10, verbose: int = 0, mode: str = "auto",
        min_delta: float = 1e-4, cooldown: int = 0, min_lr: float = 0.0, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(monitor, mode, min_delta=min_delta)
        if factor >= 1.0:
            raise ValueError(f"ReduceLROnPlateau does not support a factor >= 1.0. Received factor={factor}")
        self.factor, self.min_lr, self.patience = factor, min_lr, patience
        self.verbose, self.cooldown = verbose, cooldown
        self.on_train_begin()

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.best = None
        self.cooldown_counter = self.wait = 0

    def in_cooldown(self) -> bool:
        """Say whether epochs do not count now."""
        return self.cooldown_counter > 0

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._set_monitor_op()
        logs = {} if logs is None else logs
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)
        current = self._watched(logs, "Learning rate reduction is conditioned on", ".")
        if current is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self._is_improvement(current, self.best):
            self.best = current
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience and self._reduce(epoch):
                self.cooldown_counter = self.cooldown
                self.wait = 0

    def _reduce(self, epoch: int) -> bool:
        optimizer = self.model.optimizer
        old = float(optimizer.learning_rate)
        if old <= np.float32(self.min_lr):
            return False
        optimizer.learning_rate = new = max(old * self.factor, self.min_lr)
        if self.verbose:
            announce(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {new}.")
        return True
