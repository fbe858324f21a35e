"""GradientTape: what it watches and records, and the exact conditions of each gradient, None and error."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any, NamedTuple

import numpy as np

from tests.differential.snippets import alike, raises

USED = "A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians)"


class Pair(NamedTuple):
    """A structure with names."""

    first: Any
    second: Any


def recorded(tf: Any, function: Any, *sources: Any, **how: bool) -> tuple[Any, Any]:
    """Return a tape that watched the sources, and what the function made of them."""
    with tf.GradientTape(**how) as tape:
        tape.watch(sources)
        result = function(*sources)
    return tape, result


def in_a_thread(function: Any) -> Any:
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    return results[0]


# --- watching ---


@alike
def test_a_tensor_that_is_not_watched_has_no_gradient(tf: Any) -> Any:
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    return tape.gradient(y, x)


@alike
def test_watching_starts_with_the_call(tf: Any) -> Any:
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        y = x * x
        tape.watch(x)
        z = y * x
    return tape.gradient(z, x)


@alike
def test_watching_twice_is_watching_once(tf: Any) -> Any:
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        tape.watch(x)
        y = x * x
    return tape.gradient(y, x)


@alike
def test_all_tensors_of_a_structure_are_watched(tf: Any) -> Any:
    sources = {"a": [tf.constant(2.0), (tf.constant([1.0, 2.0]),)], "b": tf.Variable(3.0)}
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(sources)
        y = sources["a"][0] * sources["a"][1][0] * sources["b"]
    return tape.gradient(y, sources)


@alike
def test_nothing_to_watch_is_fine(tf: Any) -> Any:
    with tf.GradientTape() as tape:
        return tape.watch([])


@alike
def test_integers_are_warned_of_and_have_no_gradient(tf: Any) -> Any:
    x = tf.constant(3)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([x])
        y = x * x
        z = tf.cast(x, tf.float32) * 2.0
    return tape.gradient(y, x), tape.gradient(z, x)


@alike
def test_intermediate_tensors_can_be_watched_too(tf: Any) -> Any:
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        tape.watch(y)
        z = y * y
    return tape.gradient(z, [x, y])


@alike
def test_numpy_arrays_used_beside_a_watched_tensor_are_constants(tf: Any) -> Any:
    x = tf.constant([1.0, 1.0])
    tape, y = recorded(tf, lambda x: x * np.array([2.0, 3.0], np.float32) + 1, x)
    return y, tape.gradient(y, x)


@raises("Passed in object 1.0 of type 'float', not tf.Tensor or tf.Variable")
def test_numbers_cannot_be_watched(tf: Any) -> Any:
    with tf.GradientTape() as tape:
        tape.watch([1.0])


@raises("of type 'ndarray', not tf.Tensor or tf.Variable")
def test_arrays_cannot_be_watched(tf: Any) -> Any:
    with tf.GradientTape() as tape:
        tape.watch(np.ones(2))


@raises("Passed in object None of type 'NoneType', not tf.Tensor or tf.Variable")
def test_none_cannot_be_watched(tf: Any) -> Any:
    with tf.GradientTape() as tape:
        tape.watch(None)


@raises("")
def test_a_tape_that_was_not_entered_watches_nothing(tf: Any) -> Any:
    tf.GradientTape().watch(tf.constant(2.0))


@raises("")
def test_a_tape_that_answered_watches_nothing(tf: Any) -> Any:
    x = tf.constant(2.0)
    tape, y = recorded(tf, tf.square, x)
    tape.gradient(y, x)
    tape.watch(x)


@alike
def test_watching_after_the_block_is_possible(tf: Any) -> Any:
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        y = x * x
    tape.watch(x)
    return tape.gradient([x, y], x)


# --- variables ---


@alike
def test_trainable_variables_are_watched_and_others_are_not(tf: Any) -> Any:
    a, b = tf.Variable(2.0), tf.Variable(3.0, trainable=False)
    with tf.GradientTape() as tape:
        y = a * a * b
    return tape.gradient(y, [a, b])


@alike
def test_variables_need_watching_if_the_tape_was_told_so(tf: Any) -> Any:
    a, b = tf.Variable(2.0), tf.Variable(3.0, trainable=False)
    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
        tape.watch(b)
        y = a * a * b * b
    return tape.gradient(y, [a, b]), [variable.numpy() for variable in tape.watched_variables()]


@alike
def test_watched_variables_come_in_the_order_they_were_made(tf: Any) -> Any:
    a, b, n = tf.Variable(1.0, name="a"), tf.Variable(2.0, name="b"), tf.Variable(3, name="n")
    still = tf.Variable(4.0, trainable=False, name="still")
    with tf.GradientTape() as tape:
        y = b * 1.0 + still + a * 2.0 + tf.cast(n * 2, tf.float32) + b
    before = [variable.name for variable in tape.watched_variables()]
    tape.gradient(y, a)
    return before, [variable.name for variable in tape.watched_variables()], tf.GradientTape().watched_variables()


@alike
def test_an_integer_variable_has_no_gradient(tf: Any) -> Any:
    n = tf.Variable(3)
    with tf.GradientTape() as tape:
        y = tf.cast(n * n, tf.float32)
    return tape.gradient(y, n), [variable.numpy() for variable in tape.watched_variables()]


@alike
def test_all_reads_of_a_variable_count_and_assigning_between_them_does_not(tf: Any) -> Any:
    v = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = v * v
        v.assign(5.0)
        z = v * y
    return z, tape.gradient(z, v)


@alike
def test_no_gradient_flows_through_assigning(tf: Any) -> Any:
    v, x = tf.Variable(2.0), tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        v.assign(x * x * v)
        y = v * 3.0
    return tape.gradient(y, [v, x])


@alike
def test_the_value_that_was_read_is_a_source_of_its_own(tf: Any) -> Any:
    v = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        value = v.read_value()
        y = value * 3.0 + v
    return tape.gradient(y, [v, value])


@alike
def test_what_assign_add_returns_stands_for_the_variable(tf: Any) -> Any:
    v = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = v.assign_add(3.0) * v
    return y, tape.gradient(y, v)


@alike
def test_a_value_read_before_is_unconnected(tf: Any) -> Any:
    v = tf.Variable(2.0)
    value = v.read_value()
    with tf.GradientTape() as tape:
        y = value * 3.0
    return tape.gradient(y, v)


@alike
def test_each_of_two_nested_tapes_watches_by_its_own_rule(tf: Any) -> Any:
    v = tf.Variable(2.0)
    with tf.GradientTape() as outer, tf.GradientTape(watch_accessed_variables=False) as inner:
        y = v * v
    return outer.gradient(y, v), inner.gradient(y, v)


@alike
def test_a_variable_in_slices_and_operators_is_watched(tf: Any) -> Any:
    v = tf.Variable([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        y = v[1:] * 2 + v[0] ** 2 - 1 / v[2] + tf.reduce_sum(v) + (2 - v)[:2]
    return y, tape.gradient(y, v)


@alike
def test_a_variable_as_the_target_of_itself(tf: Any) -> Any:
    v = tf.Variable([2.0, 3.0])
    with tf.GradientTape(persistent=True) as tape:
        v * v
    return tape.gradient(v, v), tape.gradient(v, [tf.constant(1.0)])


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


# --- how often, where and when ---


@raises(USED)
def test_a_tape_answers_once(tf: Any) -> Any:
    x = tf.constant(2.0)
    tape, y = recorded(tf, tf.square, x)
    tape.gradient(y, x)
    tape.gradient(y, x)


@alike
def test_a_persistent_tape_answers_often(tf: Any) -> Any:
    x = tf.constant(2.0)
    tape, y = recorded(tf, tf.square, x, persistent=True)
    return tape.gradient(y, x), tape.gradient(y, x), tape.jacobian(y, x)


@raises(USED)
def test_a_tape_that_was_not_entered_answers_nothing(tf: Any) -> Any:
    x = tf.constant(2.0)
    tf.GradientTape().gradient(x, x)


@raises("Tape is still recording, This can happen if you try to re-enter an already-active tape.")
def test_a_tape_cannot_be_entered_inside_itself(tf: Any) -> Any:
    with tf.GradientTape() as tape, tape:
        pass


@alike
def test_a_tape_goes_on_when_it_is_entered_again(tf: Any) -> Any:
    x = tf.constant(2.0)
    tape, y = recorded(tf, tf.square, x)
    with tape:
        z = y * y
    return tape.gradient(z, x)


@alike
def test_a_tape_that_answered_starts_anew_when_it_is_entered_again(tf: Any) -> Any:
    x = tf.constant(2.0)
    tape, y = recorded(tf, tf.square, x)
    first = tape.gradient(y, x)
    with tape:
        tape.watch(x)
        z = x * x * x + y
    return first, tape.gradient(z, x)


@alike
def test_asking_inside_the_block_ends_the_recording(tf: Any) -> Any:
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        inside = tape.gradient(y, x)
        x * x
    return inside


@raises(USED)
def test_asking_twice_inside_the_block(tf: Any) -> Any:
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        tape.gradient(y, x)
        tape.gradient(x * x, x)


@alike
def test_a_persistent_tape_records_its_own_gradient_and_warns(tf: Any) -> Any:
    x = tf.constant(2.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        first = tape.gradient(x * x * x, x)
    return first, tape.gradient(first, x)


@alike
def test_an_error_in_the_block_leaves_the_tape_usable(tf: Any) -> Any:
    x = tf.constant(2.0)
    tape = tf.GradientTape()
    try:
        with tape:
            tape.watch(x)
            y = x * x
            raise ValueError
    except ValueError:
        return tape.gradient(y, x)


@alike
def test_tapes_may_end_in_any_order(tf: Any) -> Any:
    x, a, b = tf.constant(2.0), tf.GradientTape(), tf.GradientTape()
    a.__enter__()
    a.watch(x)
    b.__enter__()
    b.watch(x)
    y = x * x
    a.__exit__(None, None, None)
    z = y * x
    b.__exit__(None, None, None)
    b.__exit__(None, None, None)
    return a.gradient(z, x), b.gradient(z, x)


@alike
def test_a_tape_records_its_own_thread(tf: Any) -> Any:
    x = tf.constant(2.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
        elsewhere = in_a_thread(lambda: y * y)
        z = elsewhere * x
    return tape.gradient(elsewhere, x), tape.gradient(z, x), in_a_thread(lambda: tape.gradient(y, x))


@alike
def test_a_thread_may_have_a_tape_of_its_own(tf: Any) -> Any:
    x = tf.constant(2.0)

    def gradient() -> Any:
        tape, y = recorded(tf, tf.square, x)
        return tape.gradient(y, x)

    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        elsewhere = in_a_thread(gradient)
    return elsewhere, tape.gradient(y, x)


# --- stop_recording and reset ---


@alike
def test_what_happens_in_stop_recording_is_not_recorded(tf: Any) -> Any:
    x, v = tf.constant(2.0), tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
        with tape.stop_recording():
            z = y * x * v
        w = z * y
    return tape.gradient([y, z, w], [x, v]), tape.gradient(z, x), len(tape.watched_variables())


@alike
def test_stop_recording_stops_one_tape_only(tf: Any) -> Any:
    x = tf.constant(2.0)
    with tf.GradientTape() as outer, tf.GradientTape() as inner:
        outer.watch(x)
        inner.watch(x)
        with inner.stop_recording():
            y = x * x
    return outer.gradient(y, x), inner.gradient(y, x)


@alike
def test_the_gradient_may_be_taken_in_stop_recording(tf: Any) -> Any:
    x = tf.constant(2.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
        with tape.stop_recording():
            gradient = tape.gradient(y, x)
        z = gradient * x
    return gradient, tape.gradient(z, x)


@alike
def test_a_tape_that_answers_in_stop_recording_is_done(tf: Any) -> Any:
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        with tape.stop_recording():
            gradient = tape.gradient(y, x)
    return gradient


@raises("Trying to stop recording a tape which is not recording")
def test_a_tape_that_was_not_entered_cannot_stop(tf: Any) -> Any:
    with tf.GradientTape().stop_recording():
        pass


@raises("Tape is not recording")
def test_a_tape_that_ended_cannot_stop(tf: Any) -> Any:
    with tf.GradientTape() as tape:
        pass
    with tape.stop_recording():
        pass


@raises("Tape is not recording")
def test_a_tape_that_stopped_cannot_stop(tf: Any) -> Any:
    with tf.GradientTape() as tape, tape.stop_recording(), tape.stop_recording():
        pass


@alike
def test_recording_goes_on_after_an_error_in_stop_recording(tf: Any) -> Any:
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        try:
            with tape.stop_recording():
                raise ValueError
        except ValueError:
            y = x * x
    return tape.gradient(y, x)


@alike
def test_reset_forgets_what_was_recorded_and_watched(tf: Any) -> Any:
    x, v = tf.constant(2.0), tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x * v
        tape.reset()
        seen = len(tape.watched_variables())
        z = x * x
        tape.watch(x)
        w = x * y
    return seen, tape.gradient(z, x), tape.gradient(w, [x, v])


@alike
def test_reset_of_an_outer_tape(tf: Any) -> Any:
    x = tf.constant(2.0)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = x * x
            outer.reset()
            outer.watch(x)
            z = x * x + y
    return inner.gradient(z, x), outer.gradient(z, x)


@raises("Tape is not recording")
def test_a_tape_that_ended_cannot_be_reset(tf: Any) -> Any:
    with tf.GradientTape() as tape:
        pass
    tape.reset()


@raises("Tape is not recording")
def test_a_tape_that_was_not_entered_cannot_be_reset(tf: Any) -> Any:
    tf.GradientTape().reset()


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


# --- jacobians ---


@alike
def test_the_jacobian_has_the_targets_shape_and_then_the_sources(tf: Any) -> Any:
    x, m = tf.constant([1.0, 2.0]), tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    tape, y = recorded(tf, lambda x, m: tf.linalg.matvec(m, x * x), x, m, persistent=True)
    return tape.jacobian(y, x), tape.jacobian(y, {"m": m, "x": [x]}), tape.jacobian(y[0], x)


@alike
def test_the_jacobian_by_a_variable(tf: Any) -> Any:
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = v * v * v[0]
    return tape.jacobian(y, v)


@alike
def test_unconnected_jacobians_are_none_or_zeros(tf: Any) -> Any:
    x, m = tf.constant([1.0, 2.0]), tf.constant([[1.0, 2.0]])
    tape, y = recorded(tf, tf.square, x, persistent=True)
    return tape.jacobian(y, [x, m]), tape.jacobian(y, [x, m], unconnected_gradients="zero")


@alike
def test_jacobians_of_nothing_are_empty(tf: Any) -> Any:
    x = tf.zeros([0, 2])
    tape, (y, z) = recorded(tf, lambda x: (x * x, tf.reduce_sum(x) * tf.ones([3])), x, persistent=True)
    return tape.jacobian(y, x), tape.jacobian(z, x)


@alike
def test_the_jacobian_of_a_gradient_is_the_hessian(tf: Any) -> Any:
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as outer:
        outer.watch(x)
        inner, y = recorded(tf, lambda x: tf.reduce_sum(x**3) * x[0], x)
        gradient = inner.gradient(y, x)
    return outer.jacobian(gradient, x)


@alike
def test_the_jacobian_of_a_jacobian(tf: Any) -> Any:
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as outer:
        outer.watch(x)
        inner, y = recorded(tf, lambda x: x**3 * x[0], x)
        jacobian = inner.jacobian(y, x)
    return outer.jacobian(jacobian, x)


@alike
def test_the_jacobian_inside_the_block_ends_the_recording(tf: Any) -> Any:
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        jacobian = tape.jacobian(x * x, x)
    return jacobian


@alike
def test_an_integer_target_has_no_jacobian(tf: Any) -> Any:
    x = tf.constant([1.0, 2.0])
    tape, y = recorded(tf, lambda x: tf.cast(x, tf.int32), x)
    return tape.jacobian(y, x)


@raises(USED)
def test_a_tape_gives_one_jacobian(tf: Any) -> Any:
    x = tf.constant([1.0, 2.0])
    tape, y = recorded(tf, tf.square, x)
    tape.jacobian(y, x)
    tape.jacobian(y, x)


@raises(USED)
def test_a_tape_gives_no_gradient_after_the_jacobian(tf: Any) -> Any:
    x = tf.constant([1.0, 2.0])
    tape, y = recorded(tf, tf.square, x)
    tape.jacobian(y, x)
    tape.gradient(y, x)


@raises("GradientTape must be created with persistent=True to compute the jacobian with eager execution enabled")
def test_a_jacobian_row_by_row_needs_a_persistent_tape(tf: Any) -> Any:
    x = tf.constant([1.0, 2.0])
    tape, y = recorded(tf, tf.square, x)
    tape.jacobian(y, x, experimental_use_pfor=False)


@alike
def test_a_jacobian_row_by_row(tf: Any) -> Any:
    x = tf.constant([[1.0, 2.0]])
    tape, y = recorded(tf, tf.square, x, persistent=True)
    return tape.jacobian(y, x, experimental_use_pfor=False), tape.batch_jacobian(y, x, experimental_use_pfor=False)


@raises("")
def test_the_jacobian_refuses_unknown_words_for_unconnected(tf: Any) -> Any:
    x = tf.constant([1.0, 2.0])
    tape, y = recorded(tf, tf.square, x)
    tape.jacobian(y, x, unconnected_gradients="nonsense")


@raises("'list' object has no attribute 'shape'")
def test_the_jacobian_has_one_target(tf: Any) -> Any:
    x = tf.constant([1.0, 2.0])
    tape, y = recorded(tf, tf.square, x)
    tape.jacobian([y], x)


@raises("'NoneType' object has no attribute 'shape'")
def test_the_jacobian_of_none(tf: Any) -> Any:
    x = tf.constant([1.0, 2.0])
    tape, _ = recorded(tf, tf.square, x)
    tape.jacobian(None, x)


MATRIX = [[1.0, 2.0], [3.0, 4.0]]


@alike
def test_the_batch_jacobian_is_one_jacobian_per_example(tf: Any) -> Any:
    m, t = tf.constant(MATRIX), tf.reshape(tf.range(12.0), [2, 3, 2])
    tape, (y, z) = recorded(tf, lambda m, t: (m * m * m[:, :1], tf.reduce_sum(t**3, 2)), m, t, persistent=True)
    return tape.batch_jacobian(y, m), tape.batch_jacobian(z, t)


@alike
def test_the_batch_jacobian_sums_where_examples_depend_on_each_other(tf: Any) -> Any:
    m = tf.constant(MATRIX)
    tape, y = recorded(tf, lambda m: tf.matmul(m, m), m)
    return tape.batch_jacobian(y, m)


@alike
def test_the_batch_jacobian_by_a_variable(tf: Any) -> Any:
    v = tf.Variable(MATRIX)
    with tf.GradientTape() as tape:
        y = v * v
    return tape.batch_jacobian(y, v)


@alike
def test_an_unconnected_batch_jacobian_is_zeros(tf: Any) -> Any:
    m = tf.constant(MATRIX)
    tape, y = recorded(tf, tf.square, m, persistent=True)
    other = tf.ones([2, 3])
    return tape.batch_jacobian(y, other), tape.batch_jacobian(y, other, unconnected_gradients="zero")


@raises("(or jacobians)")
def test_a_tape_gives_one_batch_jacobian(tf: Any) -> Any:
    m = tf.constant(MATRIX)
    tape, y = recorded(tf, tf.square, m)
    tape.batch_jacobian(y, m)
    tape.batch_jacobian(y, m)


@raises("Need first dimension of target shape ((3, 2)) and source shape ((2, 2)) to match.")
def test_the_batch_jacobian_needs_as_many_examples_on_both_sides(tf: Any) -> Any:
    m = tf.constant(MATRIX)
    tape, _ = recorded(tf, tf.square, m)
    tape.batch_jacobian(tf.ones([3, 2]), m)


@raises("Shape (2,) must have rank at least 2")
def test_the_batch_jacobian_needs_a_target_of_two_axes(tf: Any) -> Any:
    m = tf.constant(MATRIX)
    tape, y = recorded(tf, lambda m: tf.reduce_sum(m, 1), m)
    tape.batch_jacobian(y, m)


@raises("Shape (2,) must have rank at least 2")
def test_the_batch_jacobian_needs_a_source_of_two_axes(tf: Any) -> Any:
    x = tf.constant([1.0, 2.0])
    tape, y = recorded(tf, lambda x: x * tf.ones([2, 2]), x)
    tape.batch_jacobian(y, x)


@raises("GradientTape must be created with persistent=True to compute the batch_jacobian with eager execution enabled")
def test_a_batch_jacobian_row_by_row_needs_a_persistent_tape(tf: Any) -> Any:
    m = tf.constant(MATRIX)
    tape, y = recorded(tf, tf.square, m)
    tape.batch_jacobian(y, m, experimental_use_pfor=False)


@raises("'list' object has no attribute 'shape'")
def test_the_batch_jacobian_has_one_source(tf: Any) -> Any:
    m = tf.constant(MATRIX)
    tape, y = recorded(tf, tf.square, m)
    tape.batch_jacobian(y, [m])
