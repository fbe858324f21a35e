"""An op computes the same from any thread, is quiet about inf and nan, and asks its rules only for what is wanted."""

from __future__ import annotations

import threading
import warnings

import numpy as np
import pytest

import minitf as tf
from minitf.op import Op


def test_threads_that_compute_at_the_same_time_do_not_disturb_one_another() -> None:
    x = tf.constant(np.ones((400, 400), np.float32))
    results: list[float] = []

    def work() -> None:
        for _ in range(20):
            results.append(float(tf.reduce_sum(tf.matmul(x, x) / 0.0 * 0.0)))

    threads = [threading.Thread(target=work) for _ in range(4)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(results) == 80 and np.isnan(results).all()


def test_inf_and_nan_are_results_whatever_numpys_settings_are() -> None:
    with np.errstate(all="raise"):
        assert np.isinf(tf.exp(1000.0).numpy())
        assert np.isnan((tf.constant(0.0) / 0.0).numpy())
        with pytest.raises(FloatingPointError):
            np.float32(1) / np.float32(0)  # what the user asked of NumPy still holds


def test_a_tape_in_one_thread_does_not_hear_another_thread() -> None:
    x = tf.constant(2.0)
    heard: list[object] = []

    def elsewhere() -> None:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x
        heard.append(tape.gradient(y, x).numpy())

    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x * x
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        assert len(tape.graph().nodes) == 3
    assert heard == [4.0]
    assert tape.gradient(y, x).numpy() == 12.0


def test_a_rule_is_not_called_for_an_input_that_nobody_asked_for() -> None:
    called: list[str] = []

    def left(dy: tf.Tensor, y: tf.Tensor, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        called.append("left")
        return dy * b

    def right(dy: tf.Tensor, y: tf.Tensor, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        called.append("right")
        return dy * a

    product = Op("multiply", "Mul", left, right)
    a, b = tf.constant(2.0), tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch([a, b])
        y = product(a, b)
    assert tape.gradient(y, b).numpy() == 2.0
    assert called == ["right"]


def test_one_rule_for_all_inputs_is_called_once_for_each_walk_backwards() -> None:
    called: list[int] = []

    def rule(dy: tf.Tensor, y: tf.Tensor, *xs: tf.Tensor, axis: int) -> list[tf.Tensor]:
        called.append(len(xs))
        return tf.unstack(dy, axis=axis)

    stack = Op("stack", "Pack", together=rule)
    xs = [tf.constant(float(i)) for i in range(5)]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(xs)
        y = tf.reduce_sum(stack(*xs, axis=0) * [1.0, 2.0, 3.0, 4.0, 5.0])
    for _ in range(2):
        assert [g.numpy() for g in tape.gradient(y, xs)] == [1, 2, 3, 4, 5]
    assert called == [5, 5]
