"""What is known while layers call each other: in which layers one is, and whether they train."""

from __future__ import annotations

import itertools
import threading
from typing import Any

__all__ = ["calls", "path_here", "runs"]


class _Calls(threading.local):
    """The calls of this thread: the names around new variables, and the `training` that layers inherit."""

    def __init__(self) -> None:
        self.inside: list[Any] = []  # layers, or plain names; the innermost last
        self.run = 0  # the number of the outermost call of a layer, inside of it
        self.training: Any = None
        self.autocast: Any = None  # the dtype as which variables of floats are read
        self.inferring = False  # only shapes are wanted


calls = _Calls()
runs = itertools.count(1)  # numbers for outermost calls, later ones larger, in all threads


def path_here(*last: str) -> str:
    """Return the names around, and those given, with slashes between; a layer inside of itself counts once.

    >>> path_here("kernel")
    'kernel'
    """
    around = calls.inside
    names = [getattr(each, "name", each) for i, each in enumerate(around) if not i or around[i - 1] is not each]
    return "/".join([*names, *last])
