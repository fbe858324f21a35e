"""SaveFrequency: callbacks that write files, after each epoch or after so many batches."""

from __future__ import annotations

from typing import Any

from minitf.distribute.strategy import get_strategy
from minitf.keras.callbacks.callback import Callback, Logs

__all__ = ["SaveFrequency"]


class SaveFrequency(Callback):
    """Call `_save(epoch, batch, logs)` after every `save_freq` batches, counted across epochs.

    The end of an epoch, which "epoch" stands for, is left to subclasses.
    """

    save_freq: str | int
    _epoch = 0
    _counted, _last = 0, -1  # batches since the last time, and the number of the last one in its epoch

    def _take_frequency(self, save_freq: str | int, asked: str) -> None:
        if save_freq != "epoch" and not isinstance(save_freq, int):
            raise ValueError(asked)
        self.save_freq = save_freq
        if save_freq == "epoch" or not save_freq:
            self._idle = (SaveFrequency.on_train_batch_end,)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        # Batches in between may have been left out: several are one step, or run without callbacks.
        self._counted += batch + 1 if batch <= self._last else batch - self._last
        self._last = batch
        if isinstance(self.save_freq, int) and 0 < self.save_freq <= self._counted:
            self._counted = 0
            self._save(self._epoch, batch, logs or {})

    @property
    def _strategy(self) -> Any:
        """The strategy of the model, whose first worker writes the files."""
        return getattr(self.model, "distribute_strategy", None) or get_strategy()

    def _save(self, epoch: int, batch: int | None, logs: Logs) -> None:
        raise NotImplementedError(f"{type(self).__name__} has nothing to save.")
