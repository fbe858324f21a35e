"""GradientTape: what gradient is asked, higher orders, and the exact conditions of each None and error."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, NamedTuple

import numpy as np

from tests.differential.snippets import alike, raises, recorded


class Pair(NamedTuple):
    """A structure with names."""

    first: Any
    second: Any


# --- what gradient is asked ---


@alike
def test_the_answer_has_the_structure_of_the_sources(tf: Any) -> Any:
    x, w = tf.constant(2.0), tf.constant([1.0, 2.0])
    tape, y = recorded(tf, lambda x, w: x * x * w, x, w)
    return tape.gradient(y, {"b": (x, [w]), "a": [x, x], "c": []})


@alike
def test_the_structure_may_be_of_any_kind(tf: Any) -> Any:
    x, w = tf.constant(2.0), tf.constant([1.0, 2.0])
    tape, y = recorded(tf, lambda x, w: x * x * w, x, w, persistent=True)
    sources = [Pair(x, {"w": w}), OrderedDict([("b", x), ("a", (w,))]), (), {}, x]
    return tape.gradient(y, sources), tape.gradient(Pair(y, [y]), (x,)), tape.gradient(OrderedDict(b=y, a=x), x)


@alike
def test_gradients_of_slices_that_were_gathered_add_up(tf: Any) -> Any:
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    with tf.GradientTape(persistent=True) as tape:
        y = tf.gather(v, [2, 0, 2])
        z = tf.reduce_sum(y * y) + tf.reduce_sum(v[1])
    return tf.convert_to_tensor(tape.gradient(y, v)), tf.convert_to_tensor(tape.gradient(z, v))


@alike
def test_several_targets_are_summed(tf: Any) -> Any:
    x = tf.constant(2.0)
    tape, y = recorded(tf, lambda x: {"b": x * x, "a": [3.0 * x, (x,)]}, x, persistent=True)
    return tape.gradient(y, x), tape.gradient([y["b"], y["b"], x], [x]), tape.gradient([], [x])


@alike
def test_intermediate_results_are_sources_too(tf: Any) -> Any:
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        z = y * y
    return tape.gradient([z, y], [x, y, z])


@alike
def test_a_source_is_the_target(tf: Any) -> Any:
    x = tf.constant([2.0, 3.0])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
    return tape.gradient(x, x), tape.gradient(tf.constant(1.0), x)


@alike
def test_even_an_unwatched_source_is_the_target(tf: Any) -> Any:
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        pass
    return tape.gradient(x, x)


@alike
def test_integer_targets_have_no_gradient(tf: Any) -> Any:
    x = tf.constant(2.5)
    tape, (y, n) = recorded(tf, lambda x: (x * x, tf.cast(x, tf.int32)), x, persistent=True)
    return tape.gradient(n, x), tape.gradient([n, y], x), tape.gradient(tf.cast(n, tf.float32), x)


@alike
def test_unconnected_sources_give_none_or_zeros(tf: Any) -> Any:
    x, w, n = tf.constant(2.0), tf.constant([1.0, 2.0]), tf.constant([[3]])
    tape, y = recorded(tf, lambda x, w: x * x, x, w, persistent=True)
    return [
        tape.gradient(y, [x, w, n], unconnected_gradients=how)
        for how in ("none", "zero", tf.UnconnectedGradients.NONE, tf.UnconnectedGradients.ZERO)
    ]


@alike
def test_an_unconnected_variable_gives_zeros_of_its_shape(tf: Any) -> Any:
    v = tf.Variable([[1.0, 2.0]])
    with tf.GradientTape() as tape:
        y = tf.constant(2.0) * 3.0
    return tape.gradient(y, [v], unconnected_gradients="zero")


@raises("Unknown value for unconnected_gradients: 'nonsense'")
def test_unconnected_gradients_are_none_or_zero_and_nothing_else(tf: Any) -> Any:
    x = tf.constant(2.0)
    tape, y = recorded(tf, tf.square, x)
    tape.gradient(y, x, unconnected_gradients="nonsense")


@alike
def test_a_refused_question_leaves_the_tape_unused(tf: Any) -> Any:
    x = tf.constant(2.0)
    tape, y = recorded(tf, tf.square, x)
    try:
        tape.gradient(y, x, unconnected_gradients="nonsense")
    except ValueError:
        return tape.gradient(y, x)


@alike
def test_output_gradients_weigh_the_targets(tf: Any) -> Any:
    x = tf.constant([1.0, 2.0])
    tape, (y, z) = recorded(tf, lambda x: (x * x, 3.0 * x), x, persistent=True)
    a, b = tf.constant([1.0, 10.0]), tf.constant([100.0, 1000.0])
    return (
        tape.gradient(y, x, a),
        tape.gradient([y, z], x, [a, b]),
        tape.gradient({"b": y, "a": z}, x, output_gradients={"b": a, "a": b}),
        tape.gradient(y, x, [2.0, 3.0]),
        tape.gradient(y, x, np.array([2.0, 3.0], np.float32)),
        tape.gradient([y, tf.constant(1), z], x, [a, tf.constant(7), b]),
        tape.gradient([y, z], x, [a]),
        tape.gradient(y, x, [a, b]),
    )


@alike
def test_an_output_gradient_may_broadcast(tf: Any) -> Any:
    x = tf.constant([1.0, 2.0])
    tape, y = recorded(tf, lambda x: x * x, x)
    return tape.gradient(y, x, tf.constant(5.0))


@raises("Incompatible shapes: [3] vs. [2]")
def test_an_output_gradient_of_the_wrong_shape(tf: Any) -> Any:
    x = tf.constant([1.0, 2.0])
    tape, y = recorded(tf, lambda x: x * x, x)
    tape.gradient(y, x, tf.constant([1.0, 2.0, 3.0]))


@raises("cannot compute Mul as input #1(zero-based) was expected to be a double tensor but is a float tensor")
def test_an_output_gradient_of_the_wrong_dtype(tf: Any) -> Any:
    x = tf.constant([1.0, 2.0])
    tape, y = recorded(tf, lambda x: x * x, x)
    tape.gradient(y, x, tf.constant([1.0, 2.0], tf.float64))


@raises("Attempt to convert a value (None) with an unsupported type")
def test_output_gradients_may_not_be_none_in_a_list(tf: Any) -> Any:
    x = tf.constant(2.0)
    tape, (y, z) = recorded(tf, lambda x: (x * x, 3.0 * x), x)
    tape.gradient([y, z], x, [None, tf.constant(2.0)])


@raises("Argument `target` should be a list or nested structure of Tensors")
def test_the_target_may_not_be_none(tf: Any) -> Any:
    x = tf.constant(2.0)
    tape, _ = recorded(tf, tf.square, x)
    tape.gradient(None, x)


@raises("None")
def test_no_target_may_be_none(tf: Any) -> Any:
    x = tf.constant(2.0)
    tape, y = recorded(tf, tf.square, x)
    tape.gradient([y, None], x)


@raises("None")
def test_no_source_may_be_none(tf: Any) -> Any:
    x = tf.constant(2.0)
    tape, y = recorded(tf, tf.square, x)
    tape.gradient(y, [x, None])


@raises("'float' object has no attribute")
def test_the_target_may_not_be_a_number(tf: Any) -> Any:
    x = tf.constant(2.0)
    tape, _ = recorded(tf, tf.square, x)
    tape.gradient(4.0, x)


@raises("'float' object has no attribute")
def test_the_source_may_not_be_a_number(tf: Any) -> Any:
    x = tf.constant(2.0)
    tape, y = recorded(tf, tf.square, x)
    tape.gradient(y, 2.0)


# --- higher orders ---


@alike
def test_four_nested_tapes_give_the_fourth_derivative(tf: Any) -> Any:
    def derivative(function: Any, order: int) -> Any:
        if not order:
            return function

        def gradient(x: Any) -> Any:
            tape, y = recorded(tf, derivative(function, order - 1), x)
            return tape.gradient(y, x)

        return gradient

    functions = [lambda x: x**6, tf.sin, lambda x: tf.exp(x * x), lambda x: 1 / (1 + x), tf.sigmoid]
    return [derivative(function, order)(tf.constant(0.5, tf.float64)) for function in functions for order in range(5)]


@alike
def test_a_gradient_taken_outside_the_outer_block_is_not_recorded(tf: Any) -> Any:
    x = tf.constant(2.0)
    with tf.GradientTape() as outer:
        outer.watch(x)
        inner, y = recorded(tf, lambda x: x * x * x, x)
    return outer.gradient(inner.gradient(y, x), x)


@alike
def test_an_outer_tape_watches_for_itself(tf: Any) -> Any:
    x = tf.constant(2.0)
    with tf.GradientTape() as outer:
        inner, y = recorded(tf, lambda x: x * x * x, x)
        gradient = inner.gradient(y, x)
    return gradient, outer.gradient(gradient, x)


@alike
def test_output_gradients_give_products_with_the_hessian(tf: Any) -> Any:
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as outer:
        outer.watch(x)
        inner, y = recorded(tf, lambda x: tf.reduce_sum(x**3) * x[1], x)
        gradient = inner.gradient(y, x)
    return outer.gradient(gradient, x, output_gradients=tf.constant([1.0, -1.0]))


@alike
def test_output_gradients_are_recorded_too(tf: Any) -> Any:
    x, weight = tf.constant([1.0, 2.0]), tf.constant([3.0, 4.0])
    with tf.GradientTape() as outer:
        outer.watch(weight)
        inner, y = recorded(tf, lambda x: x**3, x)
        gradient = inner.gradient(y, x, output_gradients=weight)
    return outer.gradient(gradient, weight)


@alike
def test_second_derivatives_of_variables(tf: Any) -> Any:
    v, w = tf.Variable([1.0, 2.0]), tf.Variable(3.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.reduce_sum(v * v * v) * w
        gradients = inner.gradient(y, [v, w])
    return gradients, outer.gradient(gradients, [v, w])
