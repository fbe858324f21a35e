"""Kernels that draw random numbers.

Arguments are checked when they arrive here; a kernel only computes on raw arrays and returns an array (or NumPy scalar)
of the dtype TensorFlow would give.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
