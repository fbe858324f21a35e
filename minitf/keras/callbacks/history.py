"""History: the results of every epoch, which `fit` returns."""

from __future__ import annotations

from typing import Any

from minitf.keras.callbacks.callback import Callback, Logs

__all__ = ["History"]


class History(Callback):
    """Keep the results of each epoch: `history` has a list for each name, `epoch` the numbers of the epochs.

    `fit` adds one to every run and returns it; `plot.learning_curves` draws it.

    >>> history = History()
    >>> history.set_model(tf.Module())
    >>> history.on_train_begin()
    >>> history.on_epoch_end(0, {"loss": 0.5})
    >>> history.on_epoch_end(1, {"loss": 0.25})
    >>> history.history, history.epoch
    ({'loss': [0.5, 0.25]}, [0, 1])
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
        self.model.history = self
