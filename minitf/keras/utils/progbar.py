"""The progress bar: one line that is written over until the work is done; it looks like Keras's.

In a notebook the line is plain text that is drawn less often, and what stays in the file is its last state.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Iterable
from typing import Any

import numpy as np

from minitf.keras.config import is_interactive_logging_enabled
from minitf.keras.utils.screen import announce, in_notebook

__all__ = ["Progbar"]

_DONE, _TO_DO = "━", "─"  # in a notebook, where colours do not tell them apart
_NOTEBOOK_INTERVAL = 0.2  # seconds: what a notebook shows travels through sockets, and may be stored


class Progbar:
    """A progress bar for `target` steps, or for an unknown number of them if it is None.

    `verbose` is 0 for silence, 1 for a bar, and 2 for one line at the end. The bar is `width` characters wide and
    drawn every `interval` seconds at most. Values are averaged over the steps, but for those whose names are in
    `stateful_metrics`; or only those in `stateless_metrics`, if that is given instead (ValueError for both).

    >>> bar = Progbar(3, verbose=2)
    >>> for step in range(3):
    ...     bar.add(1, [("loss", 1.0 - 0.1 * step)])
    3/3 - 0s - ...us/step - loss: 0.8000
    """

    def __init__(
        self, target: int | None, width: int = 20, verbose: int = 1, interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None, stateless_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ) -> None:  # fmt: skip
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ValueError("Only one of `stateful_metrics` or `stateless_metrics` can be provided; leave one out.")
        self.target, self.width, self.verbose = target, width, verbose
        self.interval, self.unit_name = interval, unit_name
        self.stateful_metrics = set(stateful_metrics or ())
        self.stateless_metrics = None if stateless_metrics is None else set(stateless_metrics)
        self._sums: dict[str, tuple[Any, int]] = {}  # of values, and of how many
        self._seen = 0
        self._start = time.time()
        self._after_first_step: float | None = None
        self._line_width = 0  # of what is on the screen
        self._notebook = in_notebook()
        if self._notebook:
            self.interval = max(interval, _NOTEBOOK_INTERVAL)
        self._last_update = self._start if self._notebook else 0.0  # where work is quick, one line is enough
        terminal = bool(getattr(sys.stdout, "isatty", bool)())
        self._overwrites = terminal or os.name == "posix" or "PYCHARM_HOSTED" in os.environ
        dumb = "NO_COLOR" in os.environ or (terminal and os.environ.get("TERM") == "dumb")
        self._coloured = not (self._notebook or dumb)

    def due(self) -> bool:
        """Say whether it is time to draw again; what comes earlier is not drawn."""
        return self.verbose == 1 and time.time() - self._last_update >= self.interval

    def add(self, n: int, values: Iterable[tuple[str, Any]] | None = None) -> None:
        """Go on by so many steps."""
        self.update(self._seen + n, values)

    def update(
        self, current: int, values: Iterable[tuple[str, Any]] | None = None, finalize: bool | None = None
    ) -> None:
        """Go on to a step; `values` are names and values of the last one. The bar ends at the target, or if told to."""
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        for name, value in values or ():
            self._gather(name, value, max(current - self._seen, 1), finalize)
        self._seen = current
        now = time.time()
        step_seconds = self._step_seconds(current, now)
        if self.verbose == 1:
            if finalize or now - self._last_update >= self.interval:
                self._draw(current, now, step_seconds, finalize)
                self._last_update = now
        elif self.verbose == 2:
            if finalize and self.target:
                took = f"{now - self._start:.0f}s -{self._per_unit(step_seconds)}"
                announce(f"{self._count(current)} - {took}{self._values()}")
            self._last_update = now

    def _gather(self, name: str, value: Any, steps: int, finalize: bool) -> None:
        stateless = self.stateless_metrics
        averaged = name not in self.stateful_metrics if stateless is None else name in stateless
        total, count = self._sums.get(name, (0.0, 0))
        self._sums[name] = (total + value * steps, count + steps) if averaged and not finalize else (value, 1)

    def _step_seconds(self, current: int, now: float) -> float:
        """Estimate the duration of a step; the first, which often takes longer, counts only if there is no other."""
        if not current:
            return 0.0
        if self._after_first_step is not None and current > 1:
            return (now - self._after_first_step) / (current - 1)
        if current == 1:
            self._after_first_step = now
        return (now - self._start) / current

    def _draw(self, current: int, now: float, step_seconds: float, finalize: bool) -> None:
        left = None if finalize or not self.target else step_seconds * (self.target - current)
        seconds = f"{now - self._start:.0f}s" if left is None else _clock(left)
        # In a notebook only the last line has the times of steps: it is the longest, and covers what was there.
        rest = self._values() if self._notebook and not finalize else self._per_unit(step_seconds) + self._values()
        line = plain = f"{self._bar(current, False)} {seconds}{rest}"
        if not is_interactive_logging_enabled():
            if finalize:
                announce(line)
            return
        if self._coloured:
            line = f"{self._bar(current, True)} \x1b[1m{seconds}\x1b[0m{rest}"
        if not self._notebook:
            begin = "\b" * self._line_width + "\r" if self._overwrites else "\n"
            line = f"{begin}{line}{' ' * (self._line_width - len(plain))}"
        announce(line, end="\n" if finalize else "")
        self._line_width = len(plain)

    def _count(self, current: int) -> str:
        if not self.target:
            return f"{current:7d}/Unknown"
        return f"{current:{int(math.log10(self.target)) + 1}d}/{self.target}"

    def _bar(self, current: int, coloured: bool) -> str:
        if not self.target:
            return self._count(current)
        done = int(self.width * current / self.target)
        if not coloured:
            return f"{self._count(current)} {_DONE * done}{_TO_DO * (self.width - done)}"
        green = f"\x1b[32m{_DONE * done}\x1b[0m" if done else ""
        return f"\x1b[1m{self._count(current)}\x1b[0m {green}\x1b[37m{_DONE * (self.width - done)}\x1b[0m"

    def _per_unit(self, seconds: float) -> str:
        scale, unit = (1, "s") if seconds >= 1 or not seconds else (1e3, "ms") if seconds >= 1e-3 else (1e6, "us")
        return f" {seconds * scale:.0f}{unit}/{self.unit_name}"

    def _values(self) -> str:
        text = ""
        for name, (total, count) in self._sums.items():
            mean = (total if isinstance(total, float) else np.mean(total)) / max(1, count)
            text += f" - {name}: {mean:.4f}" if abs(mean) > 1e-3 else f" - {name}: {mean:.4e}"
        return text


def _clock(seconds: float) -> str:
    """Print a duration: 5s, 1:05 or 1:01:05."""
    whole = int(seconds)
    if seconds > 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
    return f"{whole // 60}:{whole % 60:02d}" if seconds > 60 else f"{whole}s"
