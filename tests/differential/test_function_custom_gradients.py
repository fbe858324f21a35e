"""tf.function and gradients of one's own: inside, through, with variables and recomputed."""

from __future__ import annotations

from typing import Any

from tests.differential.snippets import alike, recorded


@alike
def test_a_custom_gradient_inside(tf: Any) -> Any:
    @tf.custom_gradient
    def clipped(x: Any) -> Any:
        return x * 3.0, lambda dy: tf.clip_by_value(dy, -0.5, 0.5)

    @tf.function
    def f(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = clipped(x) * x
        return y, tape.gradient(y, x)

    return f(tf.constant(2.0)), f(tf.constant(-0.1))


@alike
def test_a_custom_gradient_through(tf: Any) -> Any:
    @tf.custom_gradient
    def odd(x: Any, y: Any) -> Any:
        return x * y, lambda dy: (dy * 100.0, dy * x)

    f = tf.function(lambda x, y: odd(x, y) + odd(y, x * 2.0))
    found = []
    for a, b in ((1.0, 2.0), (3.0, 4.0)):
        x, y = tf.constant(a), tf.constant(b)
        tape, z = recorded(tf, f, x, y)
        found.append((z, tape.gradient(z, [x, y])))
    return found


@alike
def test_a_custom_gradient_with_variables_through(tf: Any) -> Any:
    v = tf.Variable(2.0)

    @tf.custom_gradient
    def odd(x: Any) -> Any:
        def gradient(dy: Any, variables: Any = None) -> Any:
            return dy * v, [dy * 7.0 for _ in variables]

        return x * v, gradient

    f = tf.function(lambda x: odd(x) * 2.0)
    found = []
    for value in (1.0, 3.0):
        x = tf.constant(value)
        tape, y = recorded(tf, f, x)
        found.append((y, tape.gradient(y, [x, v])))
    return found


@alike
def test_second_derivatives_of_a_custom_gradient(tf: Any) -> Any:
    @tf.custom_gradient
    def cube(x: Any) -> Any:
        return x**3, lambda dy: dy * 5.0 * x**2

    f = tf.function(cube)
    found = []
    for value in (1.0, 3.0):
        x = tf.constant(value)
        with tf.GradientTape() as outer:
            outer.watch(x)
            inner, y = recorded(tf, f, x)
            first = inner.gradient(y, x)
        found.append((y, first, outer.gradient(first, x)))
    return found


@alike
def test_a_recomputed_part(tf: Any) -> Any:
    w = tf.Variable([[0.5, 1.0], [-1.0, 0.25]])
    part = tf.recompute_grad(lambda x: tf.tanh(x @ w))

    @tf.function
    def f(x: Any) -> Any:
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(part(part(x)))
        return y, tape.gradient(y, w)

    g = tf.function(lambda x: tf.reduce_sum(part(x)))
    x = tf.constant([[1.0, 2.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        z = g(x)
    return f(x), f(x * 2.0), z, tape.gradient(z, [x, w])
