"""ModelCheckpoint: writes the model or its weights to files while it is trained."""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np

from minitf.keras.callbacks.callback import Logs
from minitf.keras.callbacks.monitor_callback import MonitorCallback
from minitf.keras.callbacks.save_frequency import SaveFrequency
from minitf.keras.utils.screen import announce

__all__ = ["ModelCheckpoint"]


class ModelCheckpoint(MonitorCallback, SaveFrequency):
    """Save the model after each epoch, or after every `save_freq` batches.

    `filepath` may have places for the epoch (from 1), the batch and the logs, as `"{epoch:02d}-{val_loss:.2f}.keras"`
    has; it ends in `.keras`, or in `.weights.h5` with `save_weights_only` (ValueError otherwise; for weights, older
    paths such as `"cp.ckpt"` are taken, and `save_weights` warns). With
    `save_best_only` only epochs are saved in which `monitor` became better, by `mode` "min", "max" or "auto", than
    any before and than `initial_value_threshold`. `verbose=1` says what is done.

    >>> ModelCheckpoint("best-{epoch:02d}", save_best_only=True)
    Traceback (most recent call last):
    ValueError: The filepath provided must end in `.keras` (Keras model format). Received: filepath=best-{epoch:02d}
    """

    def __init__(
        self, filepath: str | os.PathLike[str], monitor: str = "val_loss", verbose: int = 0,
        save_best_only: bool = False, save_weights_only: bool = False, mode: str = "auto",
        save_freq: str | int = "epoch", initial_value_threshold: float | None = None,
    ) -> None:  # fmt: skip
        super().__init__(monitor, mode, initial_value_threshold)
        self.filepath, self.verbose = os.fspath(filepath), verbose
        self.save_best_only, self.save_weights_only = save_best_only, save_weights_only
        expected = "Expected save_freq are 'epoch' or integer values, of batches."
        self._take_frequency(save_freq, f"Unrecognized save_freq: {save_freq}. {expected}")
        ends = self.filepath.endswith((".keras", ".h5"))
        if self.filepath.endswith(".keras") if save_weights_only else not ends:
            where = "When using `save_weights_only=True` in `ModelCheckpoint`, the" if save_weights_only else "The"
            end = "`.weights.h5` (Keras weights" if save_weights_only else "`.keras` (Keras model"
            raise ValueError(f"{where} filepath provided must end in {end} format). Received: filepath={self.filepath}")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._set_monitor_op()
        if self.save_freq == "epoch":
            self._save(epoch, None, logs or {})

    def _save(self, epoch: int, batch: int | None, logs: Logs) -> None:
        path = self._path(epoch, batch, logs)
        if not self._should_save(epoch, logs, path) or not self._strategy.is_chief:
            return
        if os.path.isdir(path):
            asked = "Please specify a non-directory filepath for ModelCheckpoint."
            raise OSError(f"{asked} Filepath used is an existing directory: {path}")
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        save = self.model.save_weights if self.save_weights_only else self.model.save
        save(path, overwrite=True)
        self._say(epoch, f"finished saving model to {path}")

    def _path(self, epoch: int, batch: int | None, logs: Logs) -> str:
        known: dict[str, Any] = {"epoch": epoch + 1, **logs}
        if batch is not None:
            known.setdefault("batch", batch + 1)
        try:
            return self.filepath.format(**known)
        except KeyError as error:
            asked = f'Failed to format this callback filepath: "{self.filepath}".'
            raise KeyError(f"{asked} Reason: {error} is none of {', '.join(known)}") from None

    def _should_save(self, epoch: int, logs: Logs, path: str) -> bool:
        if not self.save_best_only:
            self._say(epoch, f"saving model to {path}")
            return True
        current = logs.get(self.monitor)
        if current is None or np.ndim(current):
            scalar = f"when `monitor` is a scalar value. Received: {current}. Falling back to `save_best_only=False`"
            wanted = f"with {self.monitor} available" if current is None else scalar
            warnings.warn(f"Can save best model only {wanted}.", stacklevel=4)
            return True
        self._set_monitor_op()
        best = "None" if self.best is None else f"{self.best:.5f}"
        if not self._is_improvement(current, self.best):
            self._say(epoch, f"{self.monitor} did not improve from {best}")
            return False
        self._say(epoch, f"{self.monitor} improved from {best} to {current:.5f}, saving model to {path}")
        self.best = current
        return True

    def _say(self, epoch: int, what: str) -> None:
        if self.verbose:
            announce(f"\nEpoch {epoch + 1}: {what}")
