"""The table of programs that run on both sides; the files named guides_* fill it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

GUIDES: list[Callable[[Any], Any]] = []


def guide(program: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Add a program to the table."""
    GUIDES.append(program)
    return program
