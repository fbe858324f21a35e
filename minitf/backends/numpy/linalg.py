"""Kernels of linear algebra.

Arguments are checked when they arrive here; a kernel only computes on raw arrays and returns an array (or NumPy scalar)
of the dtype TensorFlow would give.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def matmul(a: Array, b: Array, *, transpose_a: bool, transpose_b: bool) -> Array:
    """Matrix product over the last two axes, in the dtype of the inputs."""
    result: Array = np.matmul(a.swapaxes(-1, -2) if transpose_a else a, b.swapaxes(-1, -2) if transpose_b else b)
    return result


def tensordot(a: Array, b: Array, *, axes: tuple[tuple[int, ...], tuple[int, ...]]) -> Array:
    """Sum of products over pairs of axes."""
    return np.tensordot(a, b, axes=axes)
