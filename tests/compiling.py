"""What tests need to know of compiled programs: how many to make, and how alike they are to what ops do one by one."""

from __future__ import annotations

from typing import Any

import numpy as np

import minitf as tf
from tests.differential.agreement import ATOL, RTOL

__all__ = ["assert_same", "examples"]

COMPILES = tf.get_backend() == "tensorflow"


def examples(count: int, share: int = 10) -> int:
    """Return how many different programs to draw: `count`; the share of it, two at least, where XLA compiles.

    XLA compiles each anew, which costs a tenth of a second, and keeps it for ever. The first that Hypothesis draws is
    the simplest of all, so that one alone would say little.
    """
    return max(2, count // share) if COMPILES else count


def assert_same(captured: np.ndarray[Any, Any], eager: np.ndarray[Any, Any], signs: bool = True) -> None:
    """Compare to the last bit, which of zeros is their sign; where XLA rounds, no stricter than with TensorFlow."""
    assert (captured.dtype, captured.shape) == (eager.dtype, eager.shape)
    if COMPILES:
        name = eager.dtype.name
        np.testing.assert_allclose(captured, eager, RTOL.get(name, 0), ATOL.get(name, 0))
    else:
        np.testing.assert_array_equal(captured, eager)
        assert not signs or captured.tobytes() == eager.tobytes()
