"""The comparison itself finds differences: in values, dtypes, shapes, structures, texts, errors and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minitf as tf
from tests.differential.agreement import assert_alike, assert_gradients_alike

ONE = tf.constant([1.0, 2.0])


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (tf.constant([1.0, 2.001]), ONE),
        (tf.constant([1.0, float("nan")]), ONE),
        (tf.constant([1.0, 2.0], tf.float64), ONE),
        (tf.constant([[1.0, 2.0]]), ONE),
        (np.array([1.0, 2.0], np.float32), ONE),
        (np.array([1.0, 2.0]), np.array([1.0, 2.0], np.float32)),
        ([ONE], ONE),
        ([ONE], [ONE, ONE]),
        ((ONE, ONE), [ONE, ONE]),
        ({"a": ONE}, {"b": ONE}),
        (None, ONE),
        (1, 1.0),
        (tf.float32, tf.float64),
        (ValueError("no"), ONE),
        (ONE, ValueError("no")),
        (ValueError("no"), TypeError("no")),
    ],
)
def test_a_difference_is_found(ours: Any, theirs: Any) -> None:
    assert_alike(theirs, theirs)
    with pytest.raises((AssertionError, AttributeError)):
        assert_alike(ours, theirs)


def test_a_difference_in_the_printed_text_is_found() -> None:
    class Loud:
        def __init__(self, tensor: Any) -> None:
            self.dtype, self.shape, self.numpy = tensor.dtype, tensor.shape, tensor.numpy

        def __repr__(self) -> str:
            return "TENSOR"

    with pytest.raises(AssertionError):
        assert_alike(Loud(ONE), ONE)


@pytest.mark.parametrize("ours", [[None], [tf.constant([1.0, 2.1])], ValueError("no")])
def test_a_difference_of_gradients_is_found(ours: Any) -> None:
    assert_gradients_alike([ONE], [ONE], slack=1)
    with pytest.raises(AssertionError):
        assert_gradients_alike(ours, [ONE], slack=1)


def test_drawn_values_may_differ_but_not_their_shapes() -> None:
    assert_alike(ONE + 1, ONE, drawn=True)
    with pytest.raises(AssertionError):
        assert_alike(ONE[:1], ONE, drawn=True)
