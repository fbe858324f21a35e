"""What arithmetic, bits and reductions do at ties, zeros and kinks, and what their errors say."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import minitf as tf

INF, NAN = float("inf"), float("nan")


def slopes(function: Any, *values: Any) -> list[Any]:
    """Return the gradients of a function of tensors, as lists."""
    tensors = [tf.constant(value) for value in values]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        y = function(*tensors)
    return [slope.numpy().tolist() for slope in tape.gradient(y, tensors)]


@pytest.mark.parametrize(
    ("function", "values", "gradients"),
    [
        (tf.maximum, (2.0, 2.0), [1.0, 0.0]),
        (tf.minimum, (2.0, 2.0), [1.0, 0.0]),
        (tf.reduce_max, ([3.0, 1.0, 3.0],), [[0.5, 0.0, 0.5]]),
        (tf.reduce_min, ([3.0, 1.0, 1.0],), [[0.0, 0.5, 0.5]]),
        (tf.abs, ([-2.0, 0.0, 3.0],), [[-1.0, 0.0, 1.0]]),
        (tf.sign, ([-2.0, 0.0, 3.0],), [[0.0, 0.0, 0.0]]),
        (tf.sqrt, ([0.0, 4.0],), [[INF, 0.25]]),
        (tf.math.rsqrt, (0.0,), [-INF]),
        (tf.pow, (0.0, 2.0), [0.0, 0.0]),
        (tf.pow, (-2.0, 2.0), [-4.0, 0.0]),
        (tf.pow, (0.0, 0.0), [NAN, 0.0]),
        (tf.math.divide_no_nan, (3.0, 0.0), [0.0, 0.0]),
        (tf.reduce_prod, ([2.0, 0.0, 3.0],), [[0.0, 6.0, 0.0]]),
        (tf.reduce_prod, ([2.0, 0.0, 0.0],), [[0.0, 0.0, 0.0]]),
        (tf.reduce_logsumexp, ([1000.0, 0.0],), [[1.0, 0.0]]),
    ],
)
def test_the_gradient_at_a_tie_a_zero_or_a_kink_is_tensorflows(function: Any, values: Any, gradients: Any) -> None:
    np.testing.assert_equal(slopes(function, *values), gradients)


def test_no_gradient_flows_through_rounding() -> None:
    x = tf.constant([0.5])
    for function in (tf.floor, tf.math.ceil, tf.round, tf.math.rint):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        assert tape.gradient(y, x) is None


def test_the_error_function_is_exact_to_the_last_digits() -> None:
    x = np.linspace(-7, 7, 1401)
    for ours, exact in ((tf.math.erf, math.erf), (tf.math.erfc, math.erfc)):
        np.testing.assert_allclose(ours(x).numpy(), [exact(value) for value in x], rtol=5e-15)
        single = x.astype(np.float32)
        np.testing.assert_allclose(ours(single).numpy(), [exact(value) for value in single], rtol=1e-5, atol=1e-37)


def test_the_error_function_has_limits() -> None:
    for dtype in (np.float16, np.float32, np.float64):
        ends = np.array([-INF, 0.0, INF, NAN], dtype)
        np.testing.assert_array_equal(tf.math.erf(ends).numpy(), [-1, 0, 1, NAN])
        np.testing.assert_array_equal(tf.math.erfc(ends).numpy(), [2, 1, 0, NAN])


def test_operators_on_bits_and_on_booleans_follow_the_dtype() -> None:
    bits, flags = tf.constant([6]), tf.constant([True, False])
    assert [(bits & 3).numpy(), (3 | bits).numpy(), (bits ^ 3).numpy(), (~bits).numpy()] == [2, 7, 5, -7]
    assert (flags & [True, True]).numpy().tolist() == [True, False]
    assert (~flags).numpy().tolist() == [False, True]


def test_a_mean_of_integers_is_an_integer_cut_off() -> None:
    assert tf.reduce_mean([-1, -2]).numpy() == -1
    assert tf.reduce_mean([1, 2]).dtype is tf.int32


def test_nan_is_never_the_largest_nor_the_smallest() -> None:
    assert tf.argmax([NAN, 1.0, 2.0]).numpy() == 2
    assert tf.argmin([NAN, 1.0, 2.0]).numpy() == 1


REFUSED = [
    (lambda: tf.add_n([[1], [1, 2]]), r"Inputs to operation AddN .* Input 0: \[1\] != input 1: \[2\]"),
    (lambda: tf.cumsum([1, 2], 1), r"ScanOp: Expected scan axis in the range \[-1, 1\), but got 1"),
    (lambda: tf.cumsum([1, 2], [0]), r"axis must be a scalar, not \[1\]"),
    (lambda: tf.argmax([1, 2], 2), r"Expected dimension in the range \[-1, 1\), but got 2"),
    (lambda: tf.argmax(tf.zeros([0])), r"Reduction axis 0 is empty in shape \[0\]"),
    (lambda: tf.argmin([1], output_type=tf.float32), "of float is not in the list of allowed values"),
    (lambda: tf.constant([1.0]) & 2.0, "Value for attr 'T' of float is not in the list of allowed values"),
]


@pytest.mark.parametrize(("wrong", "phrase"), REFUSED)
def test_an_error_has_tensorflows_phrase_and_three_lines_of_help(wrong: Any, phrase: str) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match=phrase) as error:
        wrong()
    assert [line.split(":")[0].strip() for line in error.value.message.splitlines()[1:]] == ["got", "expected", "try"]


@pytest.mark.parametrize(
    ("wrong", "kind", "phrase"),
    [
        (lambda: tf.divide(True, True), TypeError, "Invalid dtype tf.bool in __truediv__"),
        (lambda: tf.truediv(1, tf.constant(2.0)), TypeError, "must have the same dtype, got tf.int32 != tf.float32"),
        (lambda: tf.math.reduce_std([1, 2]), TypeError, "Input must be either real or complex"),
        (lambda: tf.add_n([]), ValueError, "Inputs must be an iterable of at least one Tensor"),
        (lambda: tf.scalar_mul([1.0], tf.constant(2.0)), ValueError, "The input scalar must be a 0-D value"),
    ],
)
def test_an_error_of_python_has_tensorflows_class_and_phrase(wrong: Any, kind: type[Exception], phrase: str) -> None:
    with pytest.raises(kind, match=phrase):
        wrong()
