"""Callback: what somebody wants to do at the beginnings and ends of training, evaluation and prediction."""

from __future__ import annotations

from typing import Any

__all__ = ["Callback", "Logs"]

Logs = dict[str, Any]  # names of losses and metrics, and their values as Python floats

_OF_BATCHES = {
    "train": ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end"),
    "test": ("on_test_batch_begin", "on_test_batch_end"),
    "predict": ("on_predict_batch_begin", "on_predict_batch_end"),
}


class Callback:
    """Do something while a model is fitted, evaluated or asked for predictions: a subclass overrides some hooks.

    `model` is the model, and `params` has "verbose", "epochs" and "steps". `logs` has the values of loss and metrics
    where the text of a hook says so, and is empty otherwise. A hook may add to `logs`, for those that come later, and
    set `model.stop_training`.

    >>> class Counting(Callback):
    ...     epochs = 0
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         self.epochs += 1
    >>> counting = Counting()
    >>> counting.on_epoch_end(0)
    >>> counting.epochs
    1
    """

    params: dict[str, Any] | None = None
    _model: Any = None
    _idle: tuple[Any, ...] = ()  # hooks that have nothing to do in this object

    def __init__(self) -> None:
        self.params = None
        self._model = None

    @property
    def model(self) -> Any:
        """The model at work."""
        return self._model

    def set_params(self, params: dict[str, Any]) -> None:
        """Take what is known about the work: "verbose", "epochs" and "steps" (None if unknown)."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Take the model at work."""
        self._model = model

    def wants_batches(self, mode: str) -> bool:
        """Say whether a hook for the batches of "train", "test" or "predict" has anything to do."""
        for name in _OF_BATCHES[mode]:
            function = getattr(getattr(self, name), "__func__", None)
            if function is not getattr(Callback, name) and function not in self._idle:
                return True
        return False

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Before training."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """After training; `logs` are those of the last epoch."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Before an epoch of training; the first is 0."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """After an epoch and its validation; `logs` has the results of both, `val_` before those of the validation."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before a step of training; the first of each epoch is 0."""
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After a step of training; `logs` has the results of the epoch so far."""
        self.on_batch_end(batch, logs=logs)

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Another name for `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Another name for `on_train_batch_end`."""

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Before evaluation or validation."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """After evaluation or validation; `logs` has its results."""

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before a batch of evaluation or validation."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After a batch of evaluation or validation; `logs` has the results so far."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Before prediction."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """After prediction."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before a batch of prediction."""

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After a batch of prediction; `logs` has its "outputs"."""
