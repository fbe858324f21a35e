"""What the comparison with TensorFlow (tests/differential) cannot say of random draws."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import minitf as tf
from minitf.backends import kernels
from minitf.backends.numpy.random import philox


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ((0, 0), 0, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ((-1, -1), -1, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ((0x85A308D3243F6A88, 0x0370734413198A2E), 0x299F31D0A4093822, "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
)
def test_the_generator_gives_the_known_answers_of_its_authors(counter: tuple[int, int], key: int, words: str) -> None:
    state = np.array([half % 2**64 for half in (*counter, key)], np.uint64).view(np.int64)
    assert " ".join(f"{word:08x}" for word in philox(state, np.zeros(1, np.uint64))[0]) == words


def test_the_counter_carries_over_into_its_high_half() -> None:
    last = philox(np.array([-1, 4, 7]), np.arange(2, dtype=np.uint64))
    np.testing.assert_array_equal(last[1], philox(np.array([0, 5, 7]), np.zeros(1, np.uint64))[0])


def test_without_a_seed_every_process_draws_other_numbers() -> None:
    command = [sys.executable, "-c", "import minitf as tf; print(tf.random.uniform([4]).numpy())"]
    first, second = (subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(2))
    assert first != second


def test_without_a_seed_every_draw_is_new() -> None:
    tf.random.set_seed(None)
    assert not np.array_equal(tf.random.uniform([4]), tf.random.uniform([4]))


def test_the_kernel_behind_a_draw_goes_on_by_itself_so_that_a_replay_draws_anew() -> None:
    attributes = {"stream": ("RandomUniform", "int32", "float32"), "seed": None, "reserve": 512}
    tf.random.set_seed(1)
    states = [kernels.take_stream(**attributes) for _ in range(2)]
    tf.random.set_seed(1)
    for state in states:
        drawn = kernels.draw_uniform(state, shape=(2,), dtype=np.dtype("float32"))
        np.testing.assert_array_equal(drawn, tf.random.uniform([2]))


def test_gradients_flow_to_mean_and_deviation_and_not_to_seeds() -> None:
    mean, deviation, seed = tf.constant(1.0), tf.constant(2.0), tf.constant([1, 2])
    with tf.GradientTape() as tape:
        tape.watch([mean, deviation])
        drawn = tf.random.stateless_normal([3], seed, mean, deviation)
    to_mean, to_deviation = tape.gradient(drawn, [mean, deviation])
    unit = tf.random.stateless_normal([3], seed)
    assert float(to_mean) == 3.0
    np.testing.assert_allclose(to_deviation, tf.reduce_sum(unit), rtol=1e-6)


def test_a_generator_draws_on_through_its_variable() -> None:
    generator = tf.random.Generator.from_seed(3)
    begun = generator.state.read_value()
    first = generator.normal([5])
    generator.state.assign(begun)
    np.testing.assert_array_equal(generator.normal([5]), first)


def test_an_empty_range_says_so() -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"(?s)Need minval < maxval, got 5 >= 3.*raise maxval"):
        tf.random.uniform([2], 5, 3, tf.int32)


def test_a_shape_that_is_a_number_says_what_a_shape_is() -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"(?s)shape must be a vector.*for example \[2, 3\]"):
        tf.random.normal(3)


def test_a_seed_that_is_text_says_what_a_seed_is() -> None:
    with pytest.raises(TypeError, match="seed is an integer"):
        tf.random.uniform([2], seed="seven")
