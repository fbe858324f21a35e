"""The table of programs with models that run on both sides, which the files named guides_* fill, and their data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

PROGRAMS: list[Callable[[Any], Any]] = []


def program(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Add a program to the table."""
    PROGRAMS.append(function)
    return function


def rows(*shape: int, seed: int = 0) -> Any:
    """Return numbers between 0 and 1."""
    return np.random.RandomState(seed).rand(*shape).astype("float32")


def classes(count: int, n: int = 3) -> Any:
    """Return class numbers below n."""
    return np.arange(count) * 7 % 5 % n
