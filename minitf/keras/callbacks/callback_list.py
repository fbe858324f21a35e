"""CallbackList: calls the hooks of several callbacks, one after the other, as if they were one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minitf import nest
from minitf.keras.callbacks.callback import Callback, Logs
from minitf.keras.callbacks.history import History
from minitf.keras.callbacks.progbar_logger import ProgbarLogger

__all__ = ["CallbackList"]


def _to_all(name: str) -> Any:
    """Make the hook that calls the hook of the same name of every callback."""

    def hook(self: CallbackList, logs: Mapping[str, Any] | None = None) -> None:
        values = _plain(logs)
        for callback in self.callbacks:
            getattr(callback, name)(values)

    mode = name.split("_")[1]  # "train", "test" or "predict", if it is a hook of batches

    def epoch_hook(self: CallbackList, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        values = _plain(logs)
        for callback in self.callbacks:
            getattr(callback, name)(epoch, values)

    def batch_hook(self: CallbackList, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        values = _plain(logs)
        for callback in self._told.get(mode, self.callbacks):
            getattr(callback, name)(batch, logs=values)

    made = batch_hook if "batch" in name else epoch_hook if "epoch" in name else hook
    made.__name__, made.__qualname__ = name, f"CallbackList.{name}"
    made.__doc__ = getattr(Callback, name).__doc__
    return made


def _plain(logs: Mapping[str, Any] | None) -> Logs:
    """Copy logs in the order of their names, with Python's floats where there are numbers and nothing nested."""
    plain: Logs = {}
    for name, value in sorted((logs or {}).items()):
        if isinstance(value, Mapping):
            plain.update(_plain(value))
        else:
            plain[name] = value if type(value) is float else _number(value)
    return plain


def _number(value: Any) -> Any:
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


class CallbackList(Callback):
    """The callbacks of one run: those given (one, or a structure of them), and Keras's own where they are asked for.

    `add_history` and `add_progbar` add a `History` and a `ProgbarLogger` at the end, unless there is one. `params`
    are given to each callback, and so is the model, whose `history` is set. It knows who cares for batches.

    >>> several = CallbackList([Callback()], add_history=True, add_progbar=True, verbose=2, epochs=1, steps=10)
    >>> [type(callback).__name__ for callback in several.callbacks]
    ['Callback', 'History', 'ProgbarLogger']
    >>> several.wants_batches("train")
    False
    """

    def __init__(
        self, callbacks: Any = None, add_history: bool = False, add_progbar: bool = False, model: Any = None,
        **params: Any,
    ) -> None:  # fmt: skip
        super().__init__()
        self.callbacks: list[Any] = [_checked(each) for each in nest.flatten(callbacks)] if callbacks else []
        if add_history and not self._kept(History):
            self.callbacks.append(History())
        if add_progbar and not self._kept(ProgbarLogger):
            self.callbacks.append(ProgbarLogger())
        self._history, self._progbar = self._kept(History), self._kept(ProgbarLogger)
        self._told: dict[str, list[Any]] = {}  # who cares for the batches of a mode, as soon as that was asked for
        self._hooked = True  # whether somebody besides the bar cares for batches
        self.set_model(model)
        self.set_params(params)

    def _kept(self, kind: type) -> Any:
        return next((callback for callback in reversed(self.callbacks) if isinstance(callback, kind)), None)

    def set_params(self, params: dict[str, Any]) -> None:
        """Give all callbacks what is known about the work."""
        self.params = params
        if params:
            for callback in self.callbacks:
                callback.set_params(params)

    def set_model(self, model: Any) -> None:
        """Give all callbacks the model, and the model its history."""
        if model is None:
            return
        super().set_model(model)
        if self._history is not None:
            model.history = self._history
        for callback in self.callbacks:
            callback.set_model(model)

    def wants_batches(self, mode: str) -> bool:
        """Say whether somebody cares for the batches of "train", "test" or "predict"; a bar that is drawn does."""
        self._told[mode] = [callback for callback in self.callbacks if _cares(callback, mode)]
        self._hooked = any(callback is not self._progbar for callback in self._told[mode])
        return bool(self._told[mode])

    def wants_batch(self, mode: str, batch: int) -> bool:
        """Say whether to call the hooks of this batch: not if only the bar cares, and it is not time to draw it.

        To be asked for each batch of a loop, after `wants_batches`.
        """
        return self._hooked or (self._progbar is not None and self._progbar.wants_batch(mode, batch))


for _name in vars(Callback):
    if _name.startswith("on_"):
        setattr(CallbackList, _name, _to_all(_name))


def _checked(callback: Any) -> Any:
    """Return a callback; TypeError for a class of them, AttributeError for what has no hooks."""
    if isinstance(callback, type):
        asked = "Callback.set_model() missing 1 required positional argument: 'model'"
        raise TypeError(f"{asked}, since {callback.__name__} is a class: give an object, {callback.__name__}(...).")
    if not hasattr(callback, "set_model"):
        asked = f"'{type(callback).__name__}' object has no attribute 'set_model'"
        raise AttributeError(f"{asked}: give a Callback; tf.keras.callbacks.LambdaCallback makes one of functions.")
    return callback


def _cares(callback: Any, mode: str) -> bool:
    """Ask a callback; one that is no `Callback` but has its hooks is called for each batch."""
    return callback.wants_batches(mode) if isinstance(callback, Callback) else True
