"""CSVLogger: writes the results of each epoch to a table in a file."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from typing import Any

from minitf.keras.callbacks.callback import Callback, Logs

__all__ = ["CSVLogger"]


class CSVLogger(Callback):
    """Write a line for each epoch to a file: its number from 0, and the logs in the order of their names.

    Entries stand between `separator`s. `append` goes on with a file that is there. Each line is written at once, so
    that a run that is killed leaves whole lines.

    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "log.csv")
    >>> logger = CSVLogger(path)
    >>> logger.on_train_begin()
    >>> logger.on_epoch_end(0, {"loss": 0.5, "val_loss": 0.75})
    >>> with open(path) as file:
    ...     print(file.read())
    epoch,loss,val_loss
    0,0.5,0.75
    """

    def __init__(self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False) -> None:
        super().__init__()
        self.filename, self.sep, self.append = os.fspath(filename), separator, append
        self.keys: list[str] | None = None
        self._headed = False

    def on_train_begin(self, logs: Logs | None = None) -> None:
        with open(self.filename, "a" if self.append else "w", encoding="utf-8"):
            self._headed = os.path.getsize(self.filename) > 0
        self.keys = None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        logs = logs or {}
        lines: list[list[Any]] = []
        if self.keys is None:
            self.keys = sorted(logs)
            if not any(name.startswith("val_") for name in self.keys):
                self.keys += [f"val_{name}" for name in self.keys]  # a later epoch may have a validation
            if not self._headed:
                self._headed = True
                lines.append(["epoch", *self.keys])
        lines.append([epoch, *(_entry(logs.get(name, "NA")) for name in self.keys)])
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self.sep).writerows(lines)
        with open(self.filename, "a", encoding="utf-8", newline="") as file:
            file.write(text.getvalue())


def _entry(value: Any) -> Any:
    """Write several values as one entry, in brackets."""
    if isinstance(value, Iterable) and not isinstance(value, str) and getattr(value, "ndim", None) != 0:
        return f'"[{", ".join(map(str, value))}]"'
    return value
