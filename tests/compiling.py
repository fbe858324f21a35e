"""How many programs tests make: XLA compiles each anew, which costs a tenth of a second, and keeps it for ever."""

from __future__ import annotations

import minitf as tf

__all__ = ["COMPILES", "examples"]

# Whether programs are compiled, and round in other places than the ops by themselves do.
COMPILES = tf.get_backend() == "tensorflow"


def examples(count: int, fraction: int = 10) -> int:
    """Return how many programs to draw: `count`; a fraction of it, two at least, where XLA compiles each anew.

    The first that Hypothesis draws is the simplest of all, so that one alone would say little.
    """
    return max(2, count // fraction) if COMPILES else count
