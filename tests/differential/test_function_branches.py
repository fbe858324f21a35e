"""tf.cond and tf.while_loop inside tf.function: programs that choose and repeat."""

from __future__ import annotations

import tempfile
from typing import Any

import pytest

import minitf
from tests.differential.snippets import alike, raises, recorded

# --- choosing ---


@alike
def test_a_choice_is_made_in_every_call(tf: Any) -> Any:
    w = tf.Variable(3.0)
    f = tf.function(lambda x: tf.cond(x > 0, lambda: x * w, lambda: tf.sin(x)))
    first = f(tf.constant(1.0)), f(tf.constant(-1.0))
    w.assign(5.0)
    return first, f(tf.constant(1.0)), f.experimental_get_tracing_count()


@alike
def test_both_functions_are_traced_once(tf: Any) -> Any:
    calls: list[str] = []

    @tf.function
    def f(x: Any) -> Any:
        return tf.cond(x > 0, lambda: calls.append("yes") or x, lambda: calls.append("no") or -x)

    return f(tf.constant(1)), f(tf.constant(-1)), f(tf.constant(2)), calls


@alike
def test_gradients_of_a_choice_inside_and_outside(tf: Any) -> Any:
    w, frozen = tf.Variable(2.0), tf.constant(0.5)
    choose = tf.function(lambda x: tf.cond(x > 0, lambda: x * x * w, lambda: tf.sin(x) * frozen))

    @tf.function
    def inside(x: Any) -> Any:
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = tf.cond(x > 0, lambda: x**3 * w, lambda: tf.sin(x))
            slope, by_w = tape.gradient(y, [x, w], unconnected_gradients="zero")
        return y, slope, by_w, outer.gradient(slope, x)

    found = []
    for value in (2.0, -1.0, 3.0):
        x = tf.constant(value)
        tape, y = recorded(tf, choose, x)
        found.append((y, tape.gradient(y, [x, w], unconnected_gradients="zero"), inside(x)))
    return found


@alike
def test_one_tensor_may_come_into_a_choice_by_two_ways(tf: Any) -> Any:
    v, x = tf.Variable(3.0), tf.constant(2.0)
    both = tf.function(lambda x: tf.cond(x > 0, lambda: v * x, lambda: v * v * x))
    product = tf.function(lambda x, y: tf.cond(x > 0, lambda: x * x * y, lambda: x * y * y))

    @tf.function
    def nested(x: Any) -> Any:
        with tf.GradientTape() as tape:
            y = tf.cond(x > 0, lambda: tf.cond(x > 5, lambda: v * v, lambda: v * x), lambda: -v)
        return tape.gradient(y, v)

    tape, y = recorded(tf, lambda x: both(x) + product(x, x) + both(-x), x)
    return tape.gradient(y, [x, v]), [nested(tf.constant(value)) for value in (1.0, 6.0, -1.0)]


@alike
def test_functions_with_choices_of_their_own_inside_another(tf: Any) -> Any:
    half = tf.function(lambda x: tf.cond(x > 0, lambda: x / 2, lambda: x))
    minus = tf.function(lambda x, y: tf.cond(x > 0, lambda: x - y, lambda: y))
    both = tf.function(lambda x: (half(x), minus(x, x * 3), half(x), tf.cond(x > 1, lambda: x, lambda: -x)))
    return [both(tf.constant(value)) for value in (2.0, -2.0, 0.5)]


@alike
def test_restored_functions_with_choices_inside_another(tf: Any) -> Any:
    def restored(number: float) -> Any:
        module = tf.Module()
        module.f = tf.function(
            lambda x: tf.cond(x > 0, lambda: x * number, lambda: x - number), input_signature=[tf.TensorSpec([])]
        )
        with tempfile.TemporaryDirectory() as folder:
            tf.saved_model.save(module, folder)
            return tf.saved_model.load(folder)

    two, seven = restored(2.0), restored(7.0)
    both = tf.function(lambda x: (two.f(x), seven.f(x)))
    return [both(tf.constant(value)) for value in (1.0, -1.0)]


@alike
def test_a_choice_of_a_choice(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        return tf.cond(
            x > 0,
            lambda: tf.cond(x > 1, lambda: x * 10, lambda: x * 5),
            lambda: x + tf.cond(x > -2, lambda: 1, lambda: 2),
        )

    return [f(tf.constant(n)) for n in (2, 1, 0, -1, -5)], f.experimental_get_tracing_count()


@alike
def test_structures_come_out_of_a_choice(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        return tf.cond(tf.reduce_sum(x) > 0, lambda: {"a": x, "b": (x + 1, 2.0)}, lambda: {"a": -x, "b": (x - 1, 3.0)})

    return f(tf.constant([1.0, 2.0])), f(tf.constant([-1.0, -2.0]))


@alike
def test_sizes_may_be_unknown_around_a_choice(tf: Any) -> Any:
    @tf.function(input_signature=[tf.TensorSpec([None])])
    def f(x: Any) -> Any:
        return tf.cond(tf.reduce_sum(x) > 0, lambda: x / tf.cast(tf.shape(x)[0], tf.float32), lambda: tf.zeros_like(x))

    return f(tf.ones([3])), f(-tf.ones([2])), f(tf.ones([5])), f.experimental_get_tracing_count()


@alike
def test_assignments_inside_a_choice(tf: Any) -> Any:
    v = tf.Variable(1.0)
    f = tf.function(lambda x: tf.cond(x > 0, lambda: v.assign_add(x), lambda: v.assign_sub(2 * x)) + 0.0)
    return f(tf.constant(2.0)), f(tf.constant(-2.0)), f(tf.constant(1.0)), v


@alike
def test_a_condition_that_is_known_chooses_while_tracing(tf: Any) -> Any:
    f = tf.function(lambda x, training: tf.cond(tf.constant(training), lambda: x * 2, lambda: x))
    return f(tf.constant(1), True), f(tf.constant(1), False)


@raises("'true_fn' must be callable")
def test_a_choice_of_values(tf: Any) -> Any:
    tf.function(lambda x: tf.cond(x > 0, x, x))(tf.constant(1.0))


# --- repeating ---


@alike
def test_a_loop_runs_as_long_as_a_call_needs(tf: Any) -> Any:
    @tf.function
    def total(n: Any) -> Any:
        return tf.while_loop(lambda i, s: i < n, lambda i, s: (i + 1, s + i), (tf.constant(0), tf.constant(0)))

    return [total(tf.constant(n)) for n in (4, 0, 7)], total.experimental_get_tracing_count()


@alike
def test_a_loop_uses_what_is_around_it(tf: Any) -> Any:
    w = tf.Variable([[0.5, 0.25], [-0.25, 0.5]])

    @tf.function
    def f(x: Any, limit: Any) -> Any:
        return tf.while_loop(lambda y, n: tf.norm(y) > limit, lambda y, n: [y @ w, n + 1], [x, 0])

    first = f(tf.ones([1, 2]), tf.constant(0.01))
    w.assign(w / 2)
    return first, f(tf.ones([1, 2]), tf.constant(0.01)), f(tf.ones([1, 2]), tf.constant(0.5))


@alike
def test_gradients_through_a_loop(tf: Any) -> Any:
    def root(x: Any) -> Any:
        return tf.while_loop(lambda y: tf.abs(y * y - x) > 1e-4, lambda y: [(y + x / y) / 2], [x])[0]

    captured = tf.function(root)

    @tf.function
    def inside(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = root(x)
        return tape.gradient(y, x)

    found = []
    for value in (2.0, 9.0):
        x = tf.constant(value)
        tape, y = recorded(tf, captured, x)
        found.append((y, tape.gradient(y, x), inside(x)))
    return found


@alike
def test_a_loop_of_known_length_is_written_out(tf: Any) -> Any:
    f = tf.function(lambda x: tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * x), (tf.constant(0), x))[1])
    return f(tf.constant(2.0)), f(tf.constant(3.0))


@alike
def test_a_loop_that_assigns_may_return_its_one_variable_alone(tf: Any) -> Any:
    v = tf.Variable(0)
    f = tf.function(lambda n: tf.while_loop(lambda i: i < n, lambda i: v.assign_add(i) * 0 + i + 1, [tf.constant(0)]))
    return f(tf.constant(3)), v, f(tf.constant(2)), v


@alike
def test_a_loop_has_a_limit_of_rounds(tf: Any) -> Any:
    f = tf.function(lambda x: tf.while_loop(lambda y: y < 100.0, lambda y: [y * 2], [x], maximum_iterations=3)[0])
    return f(tf.constant(1.0)), f(tf.constant(60.0))


# --- here only ---


def test_functions_that_return_other_structures() -> None:
    """TensorFlow's own check is an AssertionError without words."""
    f = minitf.function(lambda x: minitf.cond(x > 0, lambda: x, lambda: (x, x)))
    with pytest.raises(
        TypeError, match="true_fn and false_fn .* must have the same number, type, and overall structure"
    ):
        f(minitf.constant(1.0))


def test_programs_with_branches_can_be_stored_and_read() -> None:
    f = minitf.function(lambda x: minitf.cond(x > 0, lambda: x * 2, lambda: x - 1))
    program = f.get_concrete_function(minitf.TensorSpec([])).program
    again = type(program).from_json(program.to_json())
    assert [again.run([minitf.constant(x)])[0].numpy() for x in (3.0, -3.0)] == [6.0, -4.0]
    assert "if_true_1" in program.source() and again.source() == program.source()


def test_a_loop_that_only_computes_is_part_of_the_program() -> None:
    f = minitf.function(lambda n: minitf.while_loop(lambda i: i < n, lambda i: [i + 1], [minitf.constant(0)])[0])
    assert "while_loop(" in f.get_concrete_function(minitf.TensorSpec([], minitf.int32)).program.source()
