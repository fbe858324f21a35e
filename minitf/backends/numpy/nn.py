"""Kernels of neural networks.

Arguments are checked when they arrive here; a kernel only computes on raw arrays and returns an array (or NumPy scalar)
of the dtype TensorFlow would give.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def relu(x: Array) -> Array:
    """Keep what is positive."""
    result: Array = np.maximum(x, x.dtype.type(0))
    return result


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), with an exponent that is never positive, so that nothing overflows."""
    small = np.exp(-np.abs(x))
    result: Array = np.where(x >= 0, x.dtype.type(1), small) / (1 + small)
    return result
