"""Tracebacks without the frames inside of minitf, which say little to somebody whose data or layer is at fault."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

__all__ = [
    "disable_traceback_filtering", "enable_traceback_filtering", "for_users", "is_traceback_filtering_enabled",
    "shorten",
]  # fmt: skip

_Method = TypeVar("_Method", bound=Callable[..., Any])
_OURS = str(Path(__file__).parent.parent) + os.sep
_filtering = [True]


def is_traceback_filtering_enabled() -> bool:
    """Say whether tracebacks leave out the frames inside of minitf.

    >>> tf.keras.config.is_traceback_filtering_enabled()
    True
    """
    return _filtering[0]


def enable_traceback_filtering() -> None:
    """Let tracebacks of layers and models leave out the frames inside of minitf."""
    _filtering[0] = True


def disable_traceback_filtering() -> None:
    """Let tracebacks show all frames, to find faults of minitf itself."""
    _filtering[0] = False


def shorten(error: BaseException) -> None:
    """Leave the frames inside of minitf out of an error's traceback."""
    if not _filtering[0]:
        return
    frames, traceback, kept = [], error.__traceback__, None
    while traceback is not None:
        frames.append(traceback)
        traceback = traceback.tb_next
    for each in reversed(frames):
        if not each.tb_frame.f_code.co_filename.startswith(_OURS):
            kept = TracebackType(kept, each.tb_frame, each.tb_lasti, each.tb_lineno)
    error.__traceback__ = kept


def for_users(method: _Method) -> _Method:
    """Decorate what users call: tracebacks from inside are shortened."""

    @functools.wraps(method)
    def called(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except Exception as error:
            shorten(error)
            raise

    return called  # type: ignore[return-value]  # it takes and returns the same
