"""Where messages to the user go: on the screen, in a terminal or a notebook, or into Python's log."""

from __future__ import annotations

import logging
import sys
from typing import Any

from minitf.keras.config import is_interactive_logging_enabled

__all__ = ["announce", "in_notebook"]

_log = logging.getLogger("minitf")
_open = (0, 0)  # in a notebook: the number of the cell, and the width of its last line while that may change


def announce(message: str, end: str = "\n") -> None:
    """Tell the user something: on the screen, or in the log `minitf` where interactive logging is disabled.

    A screen that has no thick line for bars gets equals signs. In a notebook, what comes after a line without an
    `end` takes its place, so that the text which stays there does not depend on how often a bar was drawn.

    >>> announce("Epoch 1: early stopping")
    Epoch 1: early stopping
    """
    if not is_interactive_logging_enabled():
        _log.info(message.strip("\n"))
        return
    cell = _cell()
    text = (message if cell is None else _over(message.lstrip("\n"), cell, bool(end))) + end
    try:
        sys.stdout.write(text)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(text.replace("━", "=").encode(encoding, errors="ignore").decode(encoding))
    sys.stdout.flush()


def _over(line: str, cell: int, last: bool) -> str:
    """Write over the open line of a cell, if there is one; viewers either erase at a backspace or go back."""
    global _open
    width = _open[1] if _open[0] == cell else 0
    _open = (cell, 0 if last else len(line))
    return ("\b" * width + "\r" if width else "") + line + ("" if last else " " * (width - len(line)))


def in_notebook() -> bool:
    """Say whether a notebook shows what this process prints; IPython is asked only if it is there already.

    >>> in_notebook()
    False
    """
    return _cell() is not None


def _cell() -> int | None:
    shell: Any = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell.execution_count if hasattr(shell, "kernel") else None
