"""Kernels of arithmetic, comparison and logic, entry by entry; most are NumPy's own functions.

Arguments are checked when they arrive here; a kernel only computes on raw arrays and returns an array (or NumPy scalar)
of the dtype TensorFlow would give.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

add = np.add
subtract = np.subtract
multiply = np.multiply
divide = np.divide
negative = np.negative
abs = np.abs
sign = np.sign
square = np.square
sqrt = np.sqrt
exp = np.exp
log = np.log
pow = np.power
maximum = np.maximum
minimum = np.minimum
equal = np.equal
not_equal = np.not_equal
less = np.less
less_equal = np.less_equal
greater = np.greater
greater_equal = np.greater_equal
logical_and = np.logical_and
logical_or = np.logical_or
logical_xor = np.logical_xor
logical_not = np.logical_not


def floordiv(x: Array, y: Array) -> Array:
    """Divide and round down; for floats that is the floor of the quotient, unlike Python's `//`."""
    result: Array = np.floor(np.divide(x, y)) if x.dtype.kind == "f" else np.floor_divide(x, y)
    return result


def floormod(x: Array, y: Array) -> Array:
    """Remainder with the sign of y; a remainder of zero keeps the sign of x, unlike Python's `%`."""
    rest: Array = np.fmod(x, y)
    return np.where((rest != 0) & ((rest < 0) != (y < 0)), rest + y, rest)
