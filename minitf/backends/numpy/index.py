"""Kernels that take entries out of arrays and put them in.

Arguments are checked when they arrive here; a kernel only computes on raw arrays and returns an array (or NumPy scalar)
of the dtype TensorFlow would give.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]


def strided_slice(x: Array, *, index: tuple[Any, ...]) -> Array:
    """Take entries by integers, slices, an ellipsis and new axes."""
    result: Array = x[index]
    return result


def boolean_mask(mask: Array, x: Array) -> Array:
    """Take the entries where the mask is True."""
    result: Array = x[mask]
    return result
