"""ProgbarLogger: the progress bar of `fit`, `evaluate` and `predict`."""

from __future__ import annotations

from typing import Any

from minitf.keras.callbacks.callback import Callback, Logs
from minitf.keras.utils.progbar import Progbar
from minitf.keras.utils.screen import announce

__all__ = ["ProgbarLogger"]


class ProgbarLogger(Callback):
    """Show how far the work is: a bar for each epoch, or a line at its end if `verbose` is 2.

    >>> logger = ProgbarLogger()
    >>> logger.set_params({"verbose": 2, "epochs": 5, "steps": 10})
    >>> logger.on_epoch_begin(0)
    Epoch 1/5
    >>> logger.on_epoch_end(0, {"loss": 0.5})
    10/10 - 0s - ...us/step - loss: 0.5000
    """

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0  # batches of this epoch
        self.progbar: Progbar | None = None
        self.target: int | None = None
        self.verbose: int = 1
        self.epochs = 1
        self._in_fit = False  # where validation is silent

    def set_params(self, params: dict[str, Any]) -> None:
        super().set_params(params)
        self.verbose = 1 if params["verbose"] == "auto" else params["verbose"]
        self.epochs, self.target = params["epochs"], params["steps"]

    def wants_batches(self, mode: str) -> bool:
        """Say whether batches are drawn or, because nobody knows how many come, counted."""
        silent = not self.verbose or (mode == "test" and self._in_fit)
        return not silent and (self.verbose == 1 or self.target is None)

    def wants_batch(self, mode: str, batch: int) -> bool:
        """Count a batch, and say whether it is time to draw the bar."""
        if not self.wants_batches(mode):
            return False
        self.seen = batch + 1
        return self._bar().due()

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._in_fit = True

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._begin()
        if self.verbose and self.epochs > 1:
            announce(f"Epoch {epoch + 1}/{self.epochs}")

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._go_on(batch, logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._end(logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        if not self._in_fit:
            self._begin()

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if not self._in_fit:
            self._go_on(batch, logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        if not self._in_fit:
            self._end(logs)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._begin()

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._go_on(batch)  # its logs are the predictions

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._end(logs)

    def _begin(self) -> None:
        self.seen, self.progbar = 0, None
        self._bar()

    def _bar(self) -> Progbar:
        if self.progbar is None:
            self.progbar = Progbar(self.target, verbose=self.verbose, stateless_metrics=())
        return self.progbar

    def _go_on(self, batch: int, logs: Logs | None = None) -> None:
        self.seen = batch + 1
        if self.verbose == 1:
            self._bar().update(self.seen, (logs or {}).items(), finalize=False)

    def _end(self, logs: Logs | None) -> None:
        if self.target is None:
            self.target = self._bar().target = self.seen
        self._bar().update(self.target, (logs or {}).items(), finalize=True)
