"""What the passes and the source of a program have to know about kernels here: nobody but XLA reuses memory."""

from __future__ import annotations

import tensorflow as tf

from minitf.backends.numpy.results import SEVERAL

__all__ = ["BFLOAT16", "FOLDED", "FRESH", "INTO", "SEVERAL"]

BFLOAT16 = tf.bfloat16.as_numpy_dtype  # the NumPy type of such arrays
FOLDED = 2**9  # larger constants would be read from memory, where XLA computes them along the way
FRESH: frozenset[str] = frozenset()
INTO: frozenset[str] = frozenset()
