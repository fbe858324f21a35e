"""Memory is given back at once: tapes hold what they need, no longer, and nothing waits for the garbage collector."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

import minitf as tf


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def chain(x: Any, length: int) -> tuple[Any, list[weakref.ref[Any]]]:
    """Compute a chain of ops; return the last result, and references that keep no result alive."""
    seen = []
    for _ in range(length):
        x = x * 1.0001
        seen.append(weakref.ref(x))
    return x, seen


def alive(seen: list[weakref.ref[Any]]) -> int:
    return sum(reference() is not None for reference in seen)


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("persistent", [False, True])
def test_ten_thousand_records_are_freed_when_the_tape_dies(persistent: bool) -> None:
    x = tf.constant(1.0)
    with tf.GradientTape(persistent=persistent) as tape:
        tape.watch(x)
        y, seen = chain(x, 10_000)
    assert alive(seen) == 10_000
    del tape, y
    assert alive(seen) == 0


@pytest.mark.usefixtures("no_collector")
def test_a_tape_that_answered_drops_its_records() -> None:
    x = tf.constant(1.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y, seen = chain(x, 100)
    tape.gradient(y, x)
    del y
    assert alive(seen) == 0


@pytest.mark.usefixtures("no_collector")
def test_a_persistent_tape_keeps_its_records_until_it_is_reset() -> None:
    x = tf.constant(1.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y, seen = chain(x, 100)
        with tape.stop_recording():
            tape.gradient(y, x)
        del y
        assert alive(seen) == 100
        tape.reset()
        assert alive(seen) == 0


@pytest.mark.usefixtures("no_collector")
def test_a_tape_does_not_hold_what_is_not_watched() -> None:
    x, watched = tf.constant(1.0), tf.constant(2.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(watched)
        y, seen = chain(x, 100)
        with tape.stop_recording():
            z, stopped = chain(watched, 100)
        del y, z
        assert alive(seen) == 0
        assert alive(stopped) == 0


@pytest.mark.usefixtures("no_collector")
def test_the_gradients_of_a_chain_are_freed_on_the_way() -> None:
    held = []

    @tf.custom_gradient
    def spy(x: Any) -> Any:
        def gradient(dy: Any) -> Any:
            held.append(weakref.ref(dy))
            assert alive(held) <= 3  # this one, and what the step before still has in hand
            return dy * 1.5

        return x * 1.0, gradient

    y = x = tf.constant(1.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        for _ in range(100):
            y = spy(y)
    tape.gradient(y, x)
    assert len(held) == 100


def train(steps: int) -> None:
    """Fit a line by gradient descent, with everything that tapes can do on the way."""
    w, b = tf.Variable([[0.5], [0.1]]), tf.Variable([0.0])
    x = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    clipped = tf.custom_gradient(lambda x: (x, lambda dy: tf.clip_by_value(dy, -1.0, 1.0)))
    for step in range(steps):
        with tf.GradientTape() as outer:
            with tf.GradientTape(persistent=step % 2 == 0) as tape:
                loss = tf.reduce_mean(tf.square(tf.nn.relu(clipped(x) @ w + b) - 1.0))
            gradients = tape.gradient(loss, [w, b])
        outer.gradient(gradients[0], w)
        for variable, gradient in zip([w, b], gradients, strict=True):
            variable.assign_sub(0.01 * gradient)
        try:
            tf.matmul(w, w)
        except tf.errors.InvalidArgumentError:
            pass
        with tf.GradientTape() as tape:
            y = x * w[0]
        tape.jacobian(y[0], w)


def test_training_leaves_no_cycles() -> None:
    train(2)  # what is made once
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        train(1000)
        gc.collect()
        left = [type(value).__qualname__ for value in gc.garbage]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert left == []


def test_importing_minitf_takes_at_most_15_megabytes_beyond_numpys() -> None:
    code = """
import resource, numpy
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
import minitf
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(3)]
    kilobytes = min(int(done.stdout) for done in runs) / (1024 if sys.platform == "darwin" else 1)
    assert kilobytes < 15 * 1024
