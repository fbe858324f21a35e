"""Derivatives of every op through tf.function: captured = eager, which test_gradients compares with differences.

With the tape inside of the function or around it, and of both orders; a function is called at the point, near it, and
at the point again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import minitf as tf
from tests.minitf.test_gradients import CASES, floats, gradient_function, gradients_at

# NumPy computes the same again, to the last bit; XLA fuses what it compiles, and rounds in other places.
ROUNDING: dict[str, Any] = {"numpy": {"rtol": 0}, "tensorflow": {"rtol": 1e-11, "atol": 1e-13}}[tf.get_backend()]


def assert_same(captured: Sequence[Any], eager: Sequence[Any]) -> None:
    for mine, its in zip(captured, eager, strict=True):
        assert mine.dtype == its.dtype
        np.testing.assert_allclose(mine.numpy(), its.numpy(), **ROUNDING)


@pytest.mark.parametrize("name", CASES)
def test_derivatives_with_the_tape_inside_or_outside_are_the_eager_ones(name: str) -> None:
    function, points = CASES[name]
    arrays = [np.asarray(point, np.float64) for point in points]
    outputs = floats(function(*map(tf.constant, arrays)))
    weights = [np.cos(np.arange(1.0, y.numpy().size + 1)).reshape(y.shape.as_list()) for y in outputs]
    first = gradient_function(function, len(arrays))
    second = gradient_function(first, len(arrays) + len(weights))
    around, inside, within = tf.function(function), tf.function(first), tf.function(second)
    for factor in (1.0, 0.998, 1.0):
        point = [tf.constant(factor * array) for array in [*arrays, *weights]]
        eager = first(*point)
        assert_same(inside(*point), eager)
        assert_same(gradients_at(around, point[: len(arrays)], point[len(arrays) :]), eager)
        directions = [tf.ones_like(slope) for slope in eager]
        assert_same(within(*point, *directions), second(*point, *directions))
