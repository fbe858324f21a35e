"""Eager training steps, side by side: NumPy written by hand, minitf and TensorFlow; and what a longer tape costs.

The step is one text for both libraries: a forward pass on a tape, the gradients, and one descent of every variable.
NumPy's is written as somebody would who knows NumPy: plain expressions, its quick reductions, weights changed in place.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

RATE = 0.01
Step = Callable[[], object]

# The bars: at most this many times hand-written NumPy, and at most this share of TensorFlow's eager time.
BARS = {
    "linear classifier, 2000×2": (3.5, 1 / 12),
    "MLP 784-128-10, batch 128": (1.2, None),
    "MLP 4-16-3, batch 32": (3.0, 1 / 12),
}


def rows(tensorflow: bool) -> dict[str, dict[str, Step]]:
    """Return the training step of each contender, for each row."""
    runtimes = {"minitf": importlib.import_module("minitf")}
    if tensorflow:
        runtimes["TensorFlow"] = tensorflow_on_one_thread()
    contenders: dict[str, dict[str, Step]] = {"linear classifier, 2000×2": {"NumPy": linear_by_hand(*points())}}
    for name, tf in runtimes.items():
        contenders["linear classifier, 2000×2"][name] = linear(tf, *points())
    for sizes, batch in (((784, 128, 10), 128), ((4, 16, 3), 32)):
        label = f"MLP {'-'.join(map(str, sizes))}, batch {batch}"
        contenders[label] = {"NumPy": mlp_by_hand(*examples(sizes, batch), *weights(sizes))}
        for name, tf in runtimes.items():
            contenders[label][name] = mlp(tf, *examples(sizes, batch), *weights(sizes))
    return contenders


def tensorflow_on_one_thread() -> Any:
    """Import TensorFlow with as many threads as the others have: one."""
    tf = importlib.import_module("tensorflow")
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    return tf


# --- the linear classifier: mean squared error of x @ w + b -----------------------------------------------------------


def points() -> tuple[np.ndarray, np.ndarray]:
    """2,000 points in the plane, in two clouds, and their class as 0 or 1."""
    draws = np.random.default_rng(0)
    labels = np.repeat(np.array([[0.0], [1.0]], np.float32), 1000, axis=0)
    x = draws.standard_normal((2000, 2), dtype=np.float32) + labels * np.array([3, -3], np.float32)
    return x, labels


def linear_by_hand(x: np.ndarray, targets: np.ndarray) -> Step:
    """Train with NumPy alone."""
    w, b = np.full((2, 1), 0.1, np.float32), np.zeros(1, np.float32)

    def step() -> object:
        nonlocal w, b
        error = x @ w + b - targets
        loss = np.mean(error * error)
        back = error * (2 / len(x))
        w -= RATE * (x.T @ back)
        b -= RATE * np.add.reduce(back, axis=0)
        return loss

    return step


def linear(tf: Any, x: np.ndarray, targets: np.ndarray) -> Step:
    """Train with minitf or TensorFlow."""
    x, targets = tf.constant(x), tf.constant(targets)
    w, b = tf.Variable(np.full((2, 1), 0.1, np.float32)), tf.Variable(np.zeros(1, np.float32))

    def step() -> object:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b - targets))
        by_w, by_b = tape.gradient(loss, [w, b])
        w.assign_sub(RATE * by_w)
        b.assign_sub(RATE * by_b)
        return loss

    return step


# --- the multilayer perceptron: relu, then softmax cross-entropy ------------------------------------------------------


def examples(sizes: tuple[int, int, int], batch: int) -> tuple[np.ndarray, np.ndarray]:
    """Random inputs and one-hot labels."""
    draws = np.random.default_rng(1)
    labels = np.eye(sizes[2], dtype=np.float32)[draws.integers(0, sizes[2], batch)]
    return draws.random((batch, sizes[0]), dtype=np.float32), labels


def weights(sizes: tuple[int, int, int]) -> list[np.ndarray]:
    """Small random weights, and biases of 0, in the order w1, b1, w2, b2."""
    draws = np.random.default_rng(2)
    inputs, hidden, classes = sizes
    first = draws.standard_normal((inputs, hidden), dtype=np.float32) / np.float32(inputs**0.5)
    second = draws.standard_normal((hidden, classes), dtype=np.float32) / np.float32(hidden**0.5)
    return [first, np.zeros(hidden, np.float32), second, np.zeros(classes, np.float32)]


def mlp_by_hand(x: np.ndarray, labels: np.ndarray, *start: np.ndarray) -> Step:
    """Train with NumPy alone."""
    w1, b1, w2, b2 = (array.copy() for array in start)

    def step() -> object:
        nonlocal w1, b1, w2, b2
        hidden = np.maximum(x @ w1 + b1, 0)
        logits = hidden @ w2 + b2
        logits -= np.maximum.reduce(logits, axis=1, keepdims=True)
        probabilities = np.exp(logits)
        probabilities /= np.add.reduce(probabilities, axis=1, keepdims=True)
        loss = -np.add.reduce(labels * np.log(probabilities), axis=None) / len(x)
        back = (probabilities - labels) / len(x)
        before = (back @ w2.T) * (hidden > 0)
        w1 -= RATE * (x.T @ before)
        b1 -= RATE * np.add.reduce(before, axis=0)
        w2 -= RATE * (hidden.T @ back)
        b2 -= RATE * np.add.reduce(back, axis=0)
        return loss

    return step


def mlp(tf: Any, x: np.ndarray, labels: np.ndarray, *start: np.ndarray) -> Step:
    """Train with minitf or TensorFlow."""
    x, labels = tf.constant(x), tf.constant(labels)
    variables = [tf.Variable(array) for array in start]
    w1, b1, w2, b2 = variables

    def step() -> object:
        with tf.GradientTape() as tape:
            hidden = tf.nn.relu(tf.matmul(x, w1) + b1)
            logits = tf.matmul(hidden, w2) + b2
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels, logits))
        gradients = tape.gradient(loss, variables)
        for i, variable in enumerate(variables):
            variable.assign_sub(RATE * gradients[i])
        return loss

    return step


# --- a longer tape ----------------------------------------------------------------------------------------------------


def long_tapes(tf: Any, lengths: tuple[int, ...] = (10, 100, 1_000, 10_000)) -> dict[int, Step]:
    """Return, by length, a call that records a chain of that many ops and takes its gradient."""
    x = tf.constant(np.ones(4, np.float32))

    def chain(length: int) -> Step:
        def run() -> object:
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = x
                for _ in range(length):
                    y = tf.sin(y)
            return tape.gradient(y, x)

        return run

    return {length: chain(length) for length in lengths}
