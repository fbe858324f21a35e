"""LearningCurves: a picture of losses and metrics that grows with each epoch."""

from __future__ import annotations

import time
from typing import Any

import minitf as tf
from minitf.keras.callbacks.callback import Callback, Logs
from minitf.keras.utils.screen import announce, in_notebook

__all__ = ["LearningCurves"]

_EMPTY = {"text/plain": ""}
_SHARE = 4  # drawing may take a fifth of the time: after it, training goes on four times as long


class LearningCurves(Callback):
    """Draw the learning curves while a model is fitted: in a notebook one picture, elsewhere a line of text.

    `every` is "epoch", or a number: so many epochs are between two pictures or lines. Pictures that would slow down
    the training are left out. What stays in the notebook is the last picture, with its description.

    >>> curves = LearningCurves(every=2)
    >>> curves.on_train_begin()
    >>> for epoch, loss in enumerate([1.0, 0.5, 0.25]):
    ...     curves.on_epoch_end(epoch, {"loss": loss, "val_loss": 2 * loss})
    Epoch 2: loss 0.5000, val_loss 1.0000
    """

    def __init__(self, every: str | int = "epoch") -> None:
        super().__init__()
        if every != "epoch" and not (isinstance(every, int) and every > 0):
            raise ValueError(f"LearningCurves draws after every 'epoch', or every so many; got every={every!r}.")
        self.every = 1 if isinstance(every, str) else every
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []
        self._place: Any = None  # where the growing picture is shown
        self._next = 0.0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.history, self.epoch = {}, []
        if in_notebook():
            self._place = _display(_EMPTY)
            self._next = time.perf_counter() + 1.0  # where training is quick, the last picture is enough

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        logs = logs or {}
        self.epoch.append(epoch)
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)
        if (epoch + 1) % self.every:
            return
        if self._place is None:
            numbers = [f"{name} {value:.4f}" for name, value in logs.items() if isinstance(value, float)]
            announce(f"Epoch {epoch + 1}: {', '.join(numbers)}")
        elif time.perf_counter() >= self._next:
            begun = time.perf_counter()
            data, metadata = tf.plot.learning_curves(self)._repr_mimebundle_()
            self._place.update({**_EMPTY, "image/png": data["image/png"]}, metadata=metadata, raw=True)
            drawn = time.perf_counter()
            self._next = drawn + _SHARE * (drawn - begun)

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self._place is not None:
            # Viewers that know no updates see an empty place, too: what is stored is the same however long it took.
            self._place.update(_EMPTY, raw=True)
            self._place = None
            if self.history:
                _display(tf.plot.learning_curves(self))


def _display(what: Any) -> Any:
    """Show something in the notebook, in a place that can be written over."""
    from IPython.display import display

    return display(what, raw=isinstance(what, dict), display_id=True)  # type: ignore[no-untyped-call]
