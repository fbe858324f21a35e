"""EarlyStopping: ends the training when there is no more progress."""

from __future__ import annotations

from typing import Any

from minitf.keras.callbacks.callback import Logs
from minitf.keras.callbacks.monitor_callback import MonitorCallback
from minitf.keras.utils.screen import announce

__all__ = ["EarlyStopping"]


class EarlyStopping(MonitorCallback):
    """Stop the training after `patience` epochs in a row in which `monitor` did not become better.

    Better means by more than `min_delta`, and, if there is a `baseline`, better than that. `mode` is "min", "max" or
    "auto". The first `start_from_epoch` epochs do not count. `restore_best_weights` puts back the weights of the
    best epoch at the end of the training; `verbose=1` says what is done. It warns if the logs have no `monitor`.

    >>> stopping = EarlyStopping(monitor="loss", patience=1, verbose=1)
    >>> stopping.set_model(tf.Module())
    >>> stopping.on_train_begin()
    >>> for epoch, loss in enumerate([1.0, 0.5, 0.5]):
    ...     stopping.on_epoch_end(epoch, {"loss": loss})
    >>> stopping.model.stop_training
    True
    >>> stopping.on_train_end()
    Epoch 3: early stopping
    """

    def __init__(
        self, monitor: str = "val_loss", min_delta: float = 0, patience: int = 0, verbose: int = 0, mode: str = "auto",
        baseline: float | None = None, restore_best_weights: bool = False, start_from_epoch: int = 0,
    ) -> None:  # fmt: skip
        super().__init__(monitor, mode, min_delta=min_delta)
        self.patience, self.verbose, self.baseline = patience, verbose, baseline
        self.restore_best_weights, self.start_from_epoch = restore_best_weights, start_from_epoch
        self.on_train_begin()

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best = None
        self.best_weights: Any = None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._set_monitor_op()
        current = self.get_monitor_value(logs)
        if current is None or epoch < self.start_from_epoch:
            return
        improved = self._is_improvement(current, self.best)
        if improved:
            self.best = current
        if improved or (self.restore_best_weights and self.best_weights is None):
            self.best_epoch = epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
        self.wait += 1
        if improved:
            if self.baseline is None or self._is_improvement(current, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self.verbose and self.stopped_epoch:
            announce(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.best_weights is not None:
            if self.verbose:
                announce(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)

    def get_monitor_value(self, logs: Logs | None) -> Any:
        """Return the value to watch; warns, and returns None, if the logs do not have it."""
        return self._watched(logs or {}, "Early stopping conditioned on")
