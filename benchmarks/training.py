"""Training steps, side by side: NumPy written by hand, minitf, TensorFlow and JAX; and what a longer tape costs.

A step is one text for minitf and TensorFlow: a forward pass on a tape, the gradients, and one descent of every
variable.  NumPy's is written as somebody would who knows NumPy: plain expressions, its quick reductions, weights
changed in place.  JAX's is its own idiom, a jitted function from weights to new weights.  All start from the same
weights, take the same batch as arguments, and give the loss before the descent; `disagreements` looks whether they do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

RATE = 0.01
Array = np.ndarray[Any, Any]
Step = Callable[[], object]
Compile = Callable[[Callable[..., object]], Callable[..., object]]

LINEAR = "linear classifier, 2000×2"
SIZES = {
    "MLP 784-128-10, batch 128": ((784, 128, 10), 128),
    "MLP 4-16-3, batch 32": ((4, 16, 3), 32),
    "MLP 784-512-10, batch 128": ((784, 512, 10), 128),
}
ROWS = (LINEAR, *list(SIZES)[:2])
WIDE = list(SIZES)[2]


def eager(step: Callable[..., object]) -> Callable[..., object]:
    """Leave a step as it is: every call runs its Python."""
    return step


def eager_steps(row: str, runtimes: Mapping[str, Any]) -> dict[str, Step]:
    """The step of a row by contender: by hand, and run op by op in each runtime."""
    return {"NumPy": by_hand(row)} | {name: on_tape(tf, row) for name, tf in runtimes.items()}


def captured_steps(row: str, minitf: Any, tensorflow: Any = None, jax: Any = None) -> dict[str, Step]:
    """The step of a row by contender: by hand, and as each runtime compiles it; None leaves a runtime out."""
    contenders = {"NumPy": by_hand(row), "minitf": on_tape(minitf, row, minitf.function)}
    if jax is not None:
        contenders["JAX jit"] = in_jax(jax, row, donate=False)
        contenders["JAX jit, donated"] = in_jax(jax, row, donate=True)
    if tensorflow is not None:
        contenders["tf.function"] = on_tape(tensorflow, row, tensorflow.function)
        contenders["tf.function, XLA"] = on_tape(tensorflow, row, partial(tensorflow.function, jit_compile=True))
    return contenders


def by_hand(row: str) -> Step:
    """The step of a row in NumPy alone."""
    step = linear_by_hand(*weights(row)) if row == LINEAR else mlp_by_hand(*weights(row))
    return partial(step, *batch(row))


def on_tape(tf: Any, row: str, compiled: Compile = eager) -> Step:
    """The step of a row in minitf or TensorFlow, with fresh variables."""
    variables = [tf.Variable(array) for array in weights(row)]
    step = linear(tf, *variables) if row == LINEAR else mlp(tf, variables)
    return partial(compiled(step), *map(tf.constant, batch(row)))


def disagreements(row: str, contenders: Mapping[str, Step], steps: int = 5) -> list[str]:
    """One sentence for each contender whose losses over so many steps are not the first one's."""
    losses = {name: np.array([np.asarray(step()) for _ in range(steps)]) for name, step in contenders.items()}
    first = next(iter(losses))
    return [
        f"{row}: {name} has the losses {found} over {steps} steps where {first} has {losses[first]}."
        for name, found in losses.items()
        if not np.allclose(found, losses[first], rtol=1e-4, atol=1e-6)
    ]


# --- what all start from ----------------------------------------------------------------------------------------------


def batch(row: str) -> tuple[Array, Array]:
    """The inputs and targets of a row: two clouds of points with their class, or random inputs with one-hot labels."""
    if row == LINEAR:
        draws = np.random.default_rng(0)
        targets = np.repeat(np.array([[0.0], [1.0]], np.float32), 1000, axis=0)
        return draws.standard_normal((2000, 2), dtype=np.float32) + targets * np.array([3, -3], np.float32), targets
    sizes, length = SIZES[row]
    draws = np.random.default_rng(1)
    labels = np.eye(sizes[2], dtype=np.float32)[draws.integers(0, sizes[2], length)]
    return draws.random((length, sizes[0]), dtype=np.float32), labels


def weights(row: str) -> list[Array]:
    """Fresh weights and biases of a row, in the order w1, b1, w2, b2; the linear classifier has w and b."""
    if row == LINEAR:
        return [np.full((2, 1), 0.1, np.float32), np.zeros(1, np.float32)]
    inputs, hidden, classes = SIZES[row][0]
    draws = np.random.default_rng(2)
    first = draws.standard_normal((inputs, hidden), dtype=np.float32) / np.float32(inputs**0.5)
    second = draws.standard_normal((hidden, classes), dtype=np.float32) / np.float32(hidden**0.5)
    return [first, np.zeros(hidden, np.float32), second, np.zeros(classes, np.float32)]


# --- the linear classifier: mean squared error of x @ w + b -----------------------------------------------------------


def linear_by_hand(w: Array, b: Array) -> Callable[..., object]:
    """Train with NumPy alone."""

    def step(x: Array, targets: Array) -> object:
        nonlocal w, b
        error = x @ w + b - targets
        loss = np.mean(error * error)
        back = error * (2 / len(x))
        w -= RATE * (x.T @ back)
        b -= RATE * np.add.reduce(back, axis=0)
        return loss

    return step


def linear(tf: Any, w: Any, b: Any) -> Callable[..., object]:
    """Train with minitf or TensorFlow."""

    def step(x: Any, targets: Any) -> object:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b - targets))
        by_w, by_b = tape.gradient(loss, [w, b])
        w.assign_sub(RATE * by_w)
        b.assign_sub(RATE * by_b)
        return loss

    return step


# --- the multilayer perceptron: relu, then softmax cross-entropy ------------------------------------------------------


def mlp_by_hand(w1: Array, b1: Array, w2: Array, b2: Array) -> Callable[..., object]:
    """Train with NumPy alone."""

    def step(x: Array, labels: Array) -> object:
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


def mlp(tf: Any, variables: list[Any]) -> Callable[..., object]:
    """Train with minitf or TensorFlow."""
    w1, b1, w2, b2 = variables

    def step(x: Any, labels: Any) -> object:
        with tf.GradientTape() as tape:
            hidden = tf.nn.relu(tf.matmul(x, w1) + b1)
            logits = tf.matmul(hidden, w2) + b2
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels, logits))
        gradients = tape.gradient(loss, variables)
        for i, variable in enumerate(variables):
            variable.assign_sub(RATE * gradients[i])
        return loss

    return step


# --- both in JAX ------------------------------------------------------------------------------------------------------


def in_jax(jax: Any, row: str, donate: bool) -> Step:
    """Train with JAX: a jitted function from weights to new weights; donated ones may be overwritten."""
    loss_of = partial(linear_loss if row == LINEAR else mlp_loss, jax)

    def descend(now: list[Any], x: Any, targets: Any) -> tuple[list[Any], Any]:
        loss, gradients = jax.value_and_grad(loss_of)(now, x, targets)
        return jax.tree.map(lambda weight, gradient: weight - RATE * gradient, now, gradients), loss

    compiled = jax.jit(descend, donate_argnums=0 if donate else ())
    now = [jax.numpy.array(array) for array in weights(row)]

    def step(x: Any, targets: Any) -> object:
        nonlocal now
        now, loss = compiled(now, x, targets)
        return loss.block_until_ready()

    return partial(step, *map(jax.numpy.array, batch(row)))


def linear_loss(jax: Any, now: list[Any], x: Any, targets: Any) -> Any:
    """Mean squared error of x @ w + b."""
    w, b = now
    return jax.numpy.mean(jax.numpy.square(x @ w + b - targets))


def mlp_loss(jax: Any, now: list[Any], x: Any, labels: Any) -> Any:
    """Mean softmax cross-entropy."""
    w1, b1, w2, b2 = now
    logits = jax.nn.relu(x @ w1 + b1) @ w2 + b2
    return -jax.numpy.mean(jax.numpy.sum(labels * jax.nn.log_softmax(logits), axis=1))


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
