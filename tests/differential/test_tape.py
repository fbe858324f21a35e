"""GradientTape: what it watches and records, and when."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from tests.differential.snippets import alike, raises, recorded

USED = "A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians)"


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
