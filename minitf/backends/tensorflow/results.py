"""What the passes and the source of a program have to know about kernels here: nobody but XLA reuses memory."""

from __future__ import annotations

from minitf.backends.numpy.results import SEVERAL

__all__ = ["FRESH", "INTO", "SEVERAL"]

FRESH: frozenset[str] = frozenset()
INTO: frozenset[str] = frozenset()
