"""`python -m benchmarks.runtime`: minitf on TensorFlow's runtime against TensorFlow itself, side by side in a process.

minitf's backend is chosen when it is imported, so these rows are measured in a process of their own.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks import training
from benchmarks.surroundings import runtime, start_anew_on_one_core
from benchmarks.timing import side_by_side

EAGER = 1.3  # at most so many times the time that TensorFlow takes for the same op by op
Call = Callable[[], object]


def eager_rows() -> dict[str, dict[str, Call]]:
    """Calls of the same meaning by row and contender, run op by op: small ops, a gradient and whole training steps.

    The arrays are small, so that what is measured is everything around the computing.
    """
    by_contender = {name: _operations(tf) for name, tf in _runtimes().items()}
    rows = {label: {name: calls[label] for name, calls in by_contender.items()} for label in by_contender["minitf"]}
    for row in (training.LINEAR, training.ROWS[2]):
        rows[f"step of {row}"] = {name: training.on_tape(tf, row) for name, tf in _runtimes().items()}
    return rows


def _runtimes() -> dict[str, Any]:
    return {"minitf": runtime("minitf"), "TensorFlow": runtime("tensorflow")}


def _operations(tf: Any) -> dict[str, Call]:
    draws = np.random.default_rng(0)
    x, y = (tf.constant(draws.random((8, 16), dtype=np.float32)) for _ in range(2))
    square = tf.constant(draws.random((16, 16), dtype=np.float32))
    return {
        "x + y": lambda: x + y,
        "x * 2.0": lambda: x * 2.0,
        "x > y": lambda: x > y,
        "matmul": lambda: tf.matmul(x, square),
        "relu": lambda: tf.nn.relu(x),
        "exp": lambda: tf.exp(x),
        "softmax": lambda: tf.nn.softmax(x),
        "reduce_sum": lambda: tf.reduce_sum(x),
        "reduce_sum, axis 1": lambda: tf.reduce_sum(x, axis=1),
        "gradient of an MLP": _gradient(tf, x),
    }


def _gradient(tf: Any, x: Any) -> Call:
    """The gradients of a cross-entropy by the weights of two layers."""
    draws = np.random.default_rng(1)
    w1, w2 = (tf.Variable(draws.random((16, units), dtype=np.float32)) for units in (16, 4))
    b1, b2 = (tf.Variable(np.zeros(units, np.float32)) for units in (16, 4))
    labels = tf.constant(draws.integers(0, 4, 8))
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits

    def gradient() -> object:
        with tf.GradientTape() as tape:
            logits = tf.matmul(tf.nn.relu(tf.matmul(x, w1) + b1), w2) + b2
            loss = tf.reduce_mean(losses(labels, logits))
        return tape.gradient(loss, [w1, b1, w2, b2])

    return gradient


def main() -> None:
    """Measure and print."""
    os.environ["MINITF_BACKEND"] = "tensorflow"
    start_anew_on_one_core()
    for row, calls in eager_rows().items():
        timings = side_by_side(calls, rounds=15)
        ratio = timings["minitf"].ratio(timings["TensorFlow"])
        took = ", ".join(f"{name} {timing.median * 1e6:.3g} µs" for name, timing in timings.items())
        print(f"{row}: {took}, {ratio:.2f}x, {'keeps' if ratio <= EAGER else 'MISSES'} {EAGER}x")


if __name__ == "__main__":
    main()
