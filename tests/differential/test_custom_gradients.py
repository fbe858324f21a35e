"""custom_gradient and its kin: gradients that are not the computation's own."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.differential.snippets import alike, raises, recorded


@alike
def test_a_function_brings_its_own_gradient(tf: Any) -> Any:
    @tf.custom_gradient
    def f(x: Any) -> Any:
        """Square, it says."""
        return x * x, lambda dy: dy * 7.0

    x = tf.constant([1.0, 2.0])
    tape, y = recorded(tf, f, x)
    return y, tape.gradient(y, x), f.__name__, f.__doc__


@alike
def test_the_gradient_flows_on_through_what_comes_before_and_after(tf: Any) -> Any:
    f = tf.custom_gradient(lambda x: (x * x, lambda dy: dy * 5.0))
    x = tf.constant([1.0, 2.0])
    tape, y = recorded(tf, lambda x: tf.exp(f(3.0 * x)) * x, x)
    return tape.gradient(y, x)


@alike
def test_inputs_may_be_passed_on_unchanged(tf: Any) -> Any:
    f = tf.custom_gradient(lambda x: (x, lambda dy: dy * 5.0))
    x = tf.constant(2.0)
    tape, y = recorded(tf, f, x)
    return y is x, tape.gradient(y, x)


@alike
def test_a_constant_result_depends_on_the_inputs_all_the_same(tf: Any) -> Any:
    constant = tf.constant(3.0)
    f = tf.custom_gradient(lambda x: (constant, lambda dy: dy * 5.0))
    x = tf.constant(2.0)
    tape, y = recorded(tf, f, x)
    return y is constant, tape.gradient(y, x)


@alike
def test_several_inputs_have_gradients_in_a_tuple_or_list(tf: Any) -> Any:
    x, w = tf.constant(2.0), tf.constant([1.0, 2.0])
    results = []
    for kind in (tuple, list):
        f = tf.custom_gradient(lambda x, w, kind=kind: (x * w, lambda dy: kind([dy[0] * 3.0, dy * 4.0])))
        tape, y = recorded(tf, lambda x, w, f=f: f(x, w), x, w)
        results.append(tape.gradient(y, [x, w]))
    return results


@alike
def test_a_gradient_may_be_none(tf: Any) -> Any:
    f = tf.custom_gradient(lambda x, w: (x * w, lambda dy: (dy[0] * 3.0, None)))
    x, w = tf.constant(2.0), tf.constant([1.0, 2.0])
    tape, y = recorded(tf, f, x, w)
    return tape.gradient(y, [x, w])


@alike
def test_a_gradient_may_be_a_number_inside_a_computation(tf: Any) -> Any:
    f = tf.custom_gradient(lambda x: (x * x, lambda dy: 5.0))
    x = tf.constant(2.0)
    tape, y = recorded(tf, lambda x: f(2.0 * x), x)
    return tape.gradient(y, x)


@alike
def test_several_results_give_the_gradient_several_arguments(tf: Any) -> Any:
    x = tf.constant(2.0)
    results = []
    for kind in (tuple, list, lambda pair: dict(zip("ab", pair, strict=True))):
        f = tf.custom_gradient(lambda x, kind=kind: (kind([x * 2.0, x * 3.0]), lambda a, b: a * 10.0 + b))
        tape, y = recorded(tf, f, x)
        results.append((y, tape.gradient(y, x)))
    return results


@alike
def test_a_result_that_nothing_uses_has_gradient_zero(tf: Any) -> Any:
    f = tf.custom_gradient(lambda x: ((x * 2.0, x * 3.0), lambda a, b: a * 10.0 + b))
    x = tf.constant([2.0, 1.0])
    tape, y = recorded(tf, f, x, persistent=True)
    return tape.gradient(y[0], x), tape.gradient(y[1], x)


@alike
def test_keyword_arguments_are_no_inputs(tf: Any) -> Any:
    f = tf.custom_gradient(lambda x, k=1.0: (x * k, lambda dy: dy * k * 100.0))
    x = tf.constant(2.0)
    tape, y = recorded(tf, lambda x: (f(x), f(x, k=5.0), f(x, k=x)), x)
    return y, tape.gradient(y, x)


@alike
def test_any_number_of_inputs(tf: Any) -> Any:
    f = tf.custom_gradient(lambda *xs: (sum(xs), lambda dy: [dy * float(i) for i in range(len(xs))]))
    xs = [tf.constant(1.0), tf.constant(2.0), tf.constant(3.0)]
    tape, y = recorded(tf, f, *xs)
    return y, tape.gradient(y, xs)


@alike
def test_python_values_are_inputs_and_arrive_as_they_are(tf: Any) -> Any:
    kinds = []

    @tf.custom_gradient
    def f(x: Any, n: Any, word: Any) -> Any:
        kinds.append((type(n).__name__, type(word).__name__))
        return x * 3.0, lambda dy: (dy * 100.0, None, None)

    x = tf.constant(2.0)
    tape, y = recorded(tf, lambda x: f(x, 3, True), x)
    return kinds, y, tape.gradient(y, x)


@alike
def test_numpy_values_give_tensors(tf: Any) -> Any:
    f = tf.custom_gradient(lambda x: (x * 3.0, lambda dy: dy))
    return f(np.float32(2.0)), f(np.array([1.0, 2.0]))


@alike
def test_inputs_may_be_structures(tf: Any) -> Any:
    f = tf.custom_gradient(lambda xs: (xs["a"] * xs["b"], lambda dy: ({"a": dy * 3.0, "b": dy * 4.0},)))
    x, w = tf.constant(2.0), tf.constant(3.0)
    tape, y = recorded(tf, lambda x, w: f({"a": x, "b": w}), x, w)
    return y, tape.gradient(y, [x, w])


@raises("custom_gradient function expected to return 2 gradients, but returned 1 instead.")
def test_too_few_gradients(tf: Any) -> Any:
    f = tf.custom_gradient(lambda x, w: (x * w, lambda dy: dy))
    x, w = tf.constant(2.0), tf.constant(3.0)
    tape, y = recorded(tf, f, x, w)
    tape.gradient(y, [x, w])


@raises("custom_gradient function expected to return 1 gradients, but returned 2 instead.")
def test_too_many_gradients(tf: Any) -> Any:
    f = tf.custom_gradient(lambda x: (x * x, lambda dy: (dy, dy)))
    x = tf.constant(2.0)
    tape, y = recorded(tf, f, x)
    tape.gradient(y, x)


@raises("Cannot iterate over a scalar tensor")
def test_a_function_without_its_gradient(tf: Any) -> Any:
    tf.custom_gradient(lambda x: x * x)(tf.constant(2.0))


@raises("nothing of the kind")
def test_errors_in_a_gradient_are_not_caught(tf: Any) -> Any:
    def gradient(dy: Any) -> Any:
        raise KeyError("nothing of the kind")

    f = tf.custom_gradient(lambda x: (x * x, gradient))
    x = tf.constant(2.0)
    tape, y = recorded(tf, f, x)
    tape.gradient(y, x)


@alike
def test_variables_that_are_read_have_their_gradients_in_a_second_list(tf: Any) -> Any:
    a, b = tf.Variable(3.0, name="a"), tf.Variable(4.0, name="b")
    names = []

    @tf.custom_gradient
    def f(x: Any) -> Any:
        def gradient(dy: Any, variables: Any = None) -> Any:
            names.append([variable.name for variable in variables])
            return dy * 100.0, [dy * 7.0, dy * 8.0]

        return x * b * a, gradient

    x = tf.constant(2.0)
    tape, y = recorded(tf, f, x)
    return tape.gradient(y, [x, a, b]), names


@alike
def test_variables_may_be_a_keyword_only_argument_or_one_of_any(tf: Any) -> Any:
    v, x = tf.Variable(3.0), tf.constant(2.0)
    results = []

    def only(dy: Any, *, variables: Any) -> Any:
        return dy * 100.0, [dy * 7.0]

    def anything(dy: Any, **named: Any) -> Any:
        return dy * 100.0, [dy * 8.0 * float(len(named["variables"]))]

    for gradient in (only, anything):
        f = tf.custom_gradient(lambda x, gradient=gradient: (x * v, gradient))
        tape, y = recorded(tf, f, x)
        results.append(tape.gradient(y, [x, v]))
    return results


@alike
def test_a_variable_given_as_an_input_is_an_input(tf: Any) -> Any:
    told = []

    @tf.custom_gradient
    def f(x: Any, v: Any) -> Any:
        def gradient(dy: Any, variables: Any = None) -> Any:
            told.append(variables)
            return dy * 100.0, dy * 50.0

        return x * v, gradient

    x, v = tf.constant(2.0), tf.Variable(3.0)
    tape, y = recorded(tf, f, x, v)
    return tape.gradient(y, [x, v]), told


@alike
def test_variables_that_are_not_trainable_are_constants(tf: Any) -> Any:
    v, x = tf.Variable(3.0, trainable=False), tf.constant(2.0)
    tape, y = recorded(tf, tf.custom_gradient(lambda x: (x * v, lambda dy: dy * 100.0)), x)
    return tape.gradient(y, [x, v])


@raises("grad_fn must accept keyword argument 'variables', since function uses variables")
def test_a_gradient_that_takes_no_variables(tf: Any) -> Any:
    v, x = tf.Variable(3.0), tf.constant(2.0)
    f = tf.custom_gradient(lambda x: (x * v, lambda dy: dy * 100.0))
    tape, y = recorded(tf, f, x)
    tape.gradient(y, [x, v])


@raises("Must return gradient for each variable from @custom_gradient grad_fn.")
def test_a_gradient_for_each_variable(tf: Any) -> Any:
    v, x = tf.Variable(3.0), tf.constant(2.0)
    f = tf.custom_gradient(lambda x: (x * v, lambda dy, variables=None: (dy * 100.0, [dy, dy])))
    tape, y = recorded(tf, f, x)
    tape.gradient(y, [x, v])


@alike
def test_a_custom_gradient_is_differentiated_as_it_is_written(tf: Any) -> Any:
    f = tf.custom_gradient(lambda x: (x * x, lambda dy: dy * x**3))
    x = tf.constant(2.0)
    with tf.GradientTape() as outer:
        outer.watch(x)
        tape, y = recorded(tf, f, x)
        first = tape.gradient(y, x)
    return first, outer.gradient(first, x)


@alike
def test_a_custom_gradient_may_have_a_custom_gradient(tf: Any) -> Any:
    @tf.custom_gradient
    def f(x: Any) -> Any:
        first = tf.custom_gradient(lambda dy, twice: (dy * twice, lambda ddy: (ddy * twice * 10.0, ddy * dy * 100.0)))
        return x * x, lambda dy: first(dy, 2.0 * x)

    x = tf.constant(3.0)
    with tf.GradientTape() as outer:
        outer.watch(x)
        tape, y = recorded(tf, f, x)
        gradient = tape.gradient(y, x)
    return gradient, outer.gradient(gradient, x)


@alike
def test_what_is_recorded_inside_does_not_reach_the_tape(tf: Any) -> Any:
    inside = []

    @tf.custom_gradient
    def f(x: Any) -> Any:
        inside.append(x * 2.0)
        return inside[0] * x, lambda dy: dy * 5.0

    x = tf.constant(2.0)
    tape, y = recorded(tf, f, x, persistent=True)
    return tape.gradient(y, x), tape.gradient(inside[0], x)


@alike
def test_without_a_tape_only_the_result_counts(tf: Any) -> Any:
    return tf.custom_gradient(lambda x: (x * x, lambda dy: dy * 7.0))(tf.constant(2.0))


# --- recompute_grad, stop_gradient, grad_pass_through ---


@alike
def test_recompute_grad_runs_the_function_again(tf: Any) -> Any:
    v, runs = tf.Variable(5.0), []

    def cube(x: Any, factor: float = 1.0) -> Any:
        runs.append(1)
        return x * x * x * v * factor

    x = tf.constant(2.0)
    again = tf.recompute_grad(cube)
    tape, y = recorded(tf, lambda x: again(x, factor=4.0), x)
    return y, tape.gradient(y, [x, v]), len(runs), again.__name__


@alike
def test_recompute_grad_has_several_inputs_and_results(tf: Any) -> Any:
    x, w = tf.constant(2.0), tf.constant([1.0, 2.0])
    tape, y = recorded(tf, tf.recompute_grad(lambda x, w: (x * w, w * w)), x, w)
    return y, tape.gradient(y, [x, w])


@alike
def test_recompute_grad_can_be_differentiated_again(tf: Any) -> Any:
    x = tf.constant(2.0)
    with tf.GradientTape() as outer:
        outer.watch(x)
        tape, y = recorded(tf, tf.recompute_grad(lambda x: x**3), x)
        gradient = tape.gradient(y, x)
    return gradient, outer.gradient(gradient, x)


@alike
def test_stop_gradient_makes_a_constant(tf: Any) -> Any:
    x = tf.constant(2.0)
    tape, (y, z) = recorded(tf, lambda x: (x * tf.stop_gradient(x * x), tf.stop_gradient(x)), x, persistent=True)
    return y, z, tape.gradient(y, x), tape.gradient(z, x), tape.gradient([y, z], [x, z])


@alike
def test_grad_pass_through_takes_the_function_for_the_identity(tf: Any) -> Any:
    x = tf.constant([2.0, 3.3])
    tape, y = recorded(tf, lambda x: tf.grad_pass_through(tf.round)(x * 2.5) * 2.0, x)
    return y, tape.gradient(y, x)


@alike
def test_grad_pass_through_assigning(tf: Any) -> Any:
    v, w = tf.Variable(1.0), tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = tf.grad_pass_through(v.assign)(w * 2.0)
    return v.numpy(), tape.gradient(y, [v, w])


@raises("custom_gradient function expected to return 2 gradients, but returned 1 instead.")
def test_grad_pass_through_takes_one_input(tf: Any) -> Any:
    x = tf.constant(2.0)
    tape, y = recorded(tf, lambda a, b: tf.grad_pass_through(tf.add)(a, b), x, x)
    tape.gradient(y, x)
