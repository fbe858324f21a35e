"""SwapEMAWeights: evaluates and predicts with the moving averages of the weights."""

from __future__ import annotations

from typing import Any

from minitf.keras.callbacks.callback import Callback, Logs

__all__ = ["SwapEMAWeights"]


class SwapEMAWeights(Callback):
    """Put the averages that an optimizer with `use_ema=True` keeps into the model while it is evaluated or predicts.

    `swap_on_epoch` does so at the end of each epoch as well, so that callbacks after this one, such as
    `ModelCheckpoint`, see the averages. ValueError if the optimizer keeps none.
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        self._swapped = False

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        if self.swap_on_epoch:
            self._show_averages(False)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.swap_on_epoch:
            self._show_averages(True)
            if self.params is not None and epoch == self.params["epochs"] - 1:
                for variable, average in self._pairs():  # the optimizer ends with them in the model
                    average.assign(variable)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        self._show_averages(True)

    def on_test_end(self, logs: Logs | None = None) -> None:
        self._show_averages(False)

    on_predict_begin, on_predict_end = on_test_begin, on_test_end

    def _show_averages(self, shown: bool) -> None:
        if shown == self._swapped:
            return
        for variable, average in self._pairs():
            own = variable.numpy()
            variable.assign(average)
            average.assign(own)
        self._swapped = shown

    def _pairs(self) -> list[tuple[Any, Any]]:
        optimizer = self.model.optimizer
        if not getattr(optimizer, "use_ema", False):
            asked = "SwapEMAWeights must be used when `use_ema=True` is set on the optimizer"
            raise ValueError(f"{asked}, which {type(optimizer).__name__} does not have; make the optimizer with it.")
        return list(zip(optimizer._trainable_variables, optimizer._averages, strict=True))
