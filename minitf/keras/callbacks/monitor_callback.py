"""MonitorCallback: callbacks that watch one value of the logs and ask whether it became better."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from minitf.keras.callbacks.callback import Callback, Logs

__all__ = ["MonitorCallback"]

_MODES = ("auto", "min", "max")


class MonitorCallback(Callback):
    """Watch `monitor`, of which less is better if `mode` is "min", and more if it is "max".

    With "auto", a loss should become less, and a metric of the model knows its own direction; ValueError for any
    other. A value is better if it beats the best so far, at first `baseline`, by more than `min_delta`.
    """

    def __init__(
        self, monitor: str = "val_loss", mode: str = "auto", baseline: float | None = None, min_delta: float = 0
    ) -> None:
        super().__init__()
        if mode not in _MODES:
            warnings.warn(f"{type(self).__name__} mode '{mode}' is unknown, fallback to auto mode.", stacklevel=3)
            mode = "auto"
        self.monitor, self.mode, self.best = monitor, mode, baseline
        self.min_delta = abs(min_delta)
        self.monitor_op: Any = None  # np.less or np.greater, as soon as it is known

    def _set_monitor_op(self) -> None:
        """Find the direction; only when there are results are all metrics of the model there."""
        if self.monitor_op is not None:
            return
        mode = self._own_direction() if self.mode == "auto" else self.mode
        if mode is None:
            asked = f"{type(self).__name__} callback received monitor={self.monitor}, but it isn't able to"
            asked += " automatically determine whether that metric should be maximized or minimized"
            raise ValueError(f"{asked}; pass mode='max' or mode='min'.")
        self.monitor_op = np.less if mode == "min" else np.greater

    def _own_direction(self) -> str | None:
        name = self.monitor.removeprefix("val_")
        for group in getattr(self.model, "metrics", ()):
            for metric in getattr(group, "metrics", None) or [group]:
                direction = getattr(metric, "_direction", None)
                if metric.name == name and direction is not None:
                    return "max" if direction == "up" else "min"
        return "min" if name == "loss" else None

    def _watched(self, logs: Logs, what: str, end: str = "") -> Any:
        """Return the value to watch; warns, and returns None, if the logs do not have it."""
        if logs.get(self.monitor) is None:
            known = f"Available metrics are: {','.join(logs)}{end}"
            warnings.warn(f"{what} metric `{self.monitor}` which is not available. {known}", stacklevel=3)
        return logs.get(self.monitor)

    def _is_improvement(self, value: float, reference: float | None) -> bool:
        """Compare in float32, in which the values were computed."""
        if reference is None:
            return True
        margin = self.min_delta if self.monitor_op is np.less else -self.min_delta
        return bool(self.monitor_op(np.float32(value + margin), np.float32(reference)))
