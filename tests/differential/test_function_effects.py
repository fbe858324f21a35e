"""tf.function: what Python does while tracing, what is printed and asserted, and errors."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.differential.snippets import alike, raises


def heard(act: Callable[[], Any]) -> list[str]:
    """Return the lines that are printed meanwhile, by Python or from below it."""
    with tempfile.TemporaryFile("w+", buffering=1) as file:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        python, below = (sys.stdout, sys.stderr), (os.dup(1), os.dup(2))
        sys.stdout = sys.stderr = file
        os.dup2(file.fileno(), 1), os.dup2(file.fileno(), 2)
        try:
            act()
        finally:
            sys.stdout, sys.stderr = python
            for number, kept in enumerate(below, 1):
                os.dup2(kept, number)
                os.close(kept)
        file.seek(0, os.SEEK_SET)
        return file.read().splitlines()


# --- Python's effects ---


@alike
def test_python_prints_while_tracing_and_tensorflow_always(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        print("tracing")
        tf.print("running", x)
        print("traced")
        return x * 2

    return heard(lambda: [f(tf.constant(value)) for value in (1, 2, 3, 1.5, 2.5)])


@alike
def test_prints_stay_in_order(tf: Any) -> Any:
    v = tf.Variable(1)

    @tf.function
    def f(x: Any) -> Any:
        tf.print("before", v)
        v.assign_add(x)
        tf.print("after", v, x, [v, {"a": x}], sep="; ", end="!\n")
        for i in range(2):
            tf.print(i, v * i)
        return v

    return heard(lambda: [f(tf.constant(value)) for value in (1, 2)]), v


@alike
def test_prints_to_other_streams(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> None:
        tf.print("out", x, output_stream=sys.stdout)
        tf.print("err", x, output_stream=sys.stderr)

    return heard(lambda: (f(tf.constant([1.0, 2.0])), f(tf.constant([3.0, 4.0]))))


@alike
def test_a_print_that_nobody_needs_prints(tf: Any) -> Any:
    @tf.function
    def inner(x: Any) -> None:
        tf.print("inner", x + 1)

    @tf.function
    def f(x: Any) -> Any:
        inner(x)
        inner(x * 10)
        return tf.constant(0)

    return heard(lambda: (f(tf.constant(1)), f(tf.constant(2))))


@alike
def test_a_traced_argument_prints_as_a_symbol(tf: Any) -> Any:
    @tf.function(input_signature=[tf.TensorSpec([None, 2]), tf.TensorSpec([], tf.int32, name="count")])
    def f(x: Any, n: Any) -> Any:
        print(x, n)
        print([x])
        return x

    @tf.function
    def g(x: Any, y: Any) -> Any:
        print(x, y, f"{x}")
        return x

    def act() -> None:
        f(tf.ones([3, 2]), tf.constant(1))
        g(tf.constant(1.0), tf.constant([1, 2]))

    return heard(act)


@alike
def test_a_traced_result_prints_as_a_symbol(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        y = x + 1.0
        print(y)
        print(tf.matmul(y, y))
        print(tf.nn.relu(y))
        return y

    return heard(lambda: (f(tf.ones([2, 2])), f(tf.ones([2, 2]))))


@alike
def test_python_changes_happen_while_tracing(tf: Any) -> Any:
    calls, state = [], {"count": 0}

    @tf.function
    def f(x: Any) -> Any:
        calls.append(x.dtype.name)
        state["count"] += 1
        return x * state["count"]

    return [f(tf.constant(value)) for value in (5, 5, 5.0, 5, 5.0)], calls, state


@alike
def test_what_is_read_from_python_is_frozen(tf: Any) -> Any:
    factor = [2.0]
    f = tf.function(lambda x: x * factor[0] + np.float32(len(factor)))
    results = [f(tf.constant(1.0))]
    factor[0] = 100.0
    factor.append(1.0)
    return [*results, f(tf.constant(1.0)), f(tf.constant([1.0]))]


@alike
def test_a_constant_is_frozen_and_a_variable_is_not(tf: Any) -> Any:
    held = {"c": tf.constant(2.0), "v": tf.Variable(3.0)}
    f = tf.function(lambda x: x * held["c"] + held["v"])
    results = [f(tf.constant(1.0))]
    held["v"].assign(30.0)
    held["c"] = tf.constant(200.0)
    return [*results, f(tf.constant(1.0))]


@alike
def test_an_array_changed_later_was_copied(tf: Any) -> Any:
    array = np.array([1.0, 2.0], np.float32)
    f = tf.function(lambda x: x + array)
    results = [f(tf.constant(1.0))]
    array[0] = 50.0
    return [*results, f(tf.constant(1.0))]


@alike
def test_results_are_not_changed_by_later_calls(tf: Any) -> Any:
    v = tf.Variable([1.0, 2.0])

    @tf.function
    def f(x: Any) -> Any:
        v.assign_add(x)
        y = x * 2.0
        return y, tf.reshape(y, [2, 1]), v, tf.transpose(tf.reshape(v + x, [1, 2]))

    first, second = f(tf.constant([1.0, 1.0])), f(tf.constant([5.0, 7.0]))
    v.assign([0.0, 0.0])
    return first, second, f(tf.constant([2.0, 3.0]))


# --- where one is ---


@alike
def test_whether_one_is_eager(tf: Any) -> Any:
    told = []

    @tf.function
    def f(x: Any) -> Any:
        told.append(tf.executing_eagerly())
        with tf.init_scope():
            told.append(tf.executing_eagerly())
        return x

    f(tf.constant(1)), f(tf.constant(2))
    return told, tf.executing_eagerly()


@alike
def test_an_init_scope_runs_once(tf: Any) -> Any:
    v = tf.Variable(1.0)

    @tf.function
    def f(x: Any) -> Any:
        with tf.init_scope():
            v.assign_add(10.0)
            outside = tf.constant(2.0) * 3.0
        return v + x, outside

    return f(tf.constant(1.0)), f(tf.constant(2.0)), v


@alike
def test_name_scopes_and_devices_change_nothing(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        with tf.name_scope("layer"), tf.device("/CPU:0"), tf.control_dependencies([x]):
            return tf.identity(x) * 2

    return f(tf.constant(1)), f(tf.constant(2))


# --- errors ---


def refused(act: Callable[[], Any]) -> bool:
    """Say whether a call fails as graphs do, with a ValueError or TypeError; eager ops have an error of their own."""
    try:
        act()
    except (TypeError, ValueError):
        return True
    return False


@alike
def test_shapes_and_dtypes_that_do_not_fit_fail_while_tracing(tf: Any) -> Any:
    x = tf.ones([2, 3])
    return [
        refused(lambda: tf.function(lambda x, y: x + y)(tf.ones([2]), tf.ones([3]))),
        refused(lambda: tf.function(lambda x, y: x @ y)(x, x)),
        refused(lambda: tf.function(lambda x, y: x + y)(tf.ones([2]), tf.constant([1, 2]))),
        refused(lambda: tf.function(lambda x: tf.reshape(x, [4]))(x)),
        refused(lambda: tf.function(lambda x: x[5])(x)),
        refused(lambda: tf.function(lambda x: tf.concat([x, x[0]], 0))(x)),
        refused(lambda: tf.function(lambda x: tf.sqrt(x))(tf.constant(4))),
        refused(lambda: tf.function(lambda x: tf.transpose(x, [0, 1, 2]))(x)),
    ]


@raises("out of bounds")
def test_an_index_that_is_a_tensor_fails_while_running(tf: Any) -> Any:
    f = tf.function(lambda x, i: x[i])
    f(tf.ones([2]), tf.constant(1))
    f(tf.ones([2]), tf.constant(5))


@raises("told while tracing")
def test_an_exception_of_ones_own(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        raise ValueError("told while tracing")

    f(tf.constant(1))


@raises("missing")
def test_a_key_error(tf: Any) -> Any:
    tf.function(lambda x: {}["missing"])(tf.constant(1))


@alike
def test_an_exception_leaves_nothing_half_made(tf: Any) -> Any:
    v, traces, broken = tf.Variable(1.0), [], [True]

    @tf.function
    def f(x: Any) -> Any:
        traces.append(1)
        v.assign_add(x)
        if broken[0]:
            raise RuntimeError("not yet")
        return v * 2.0

    caught = []
    for _ in range(2):
        try:
            f(tf.constant(1.0))
        except RuntimeError as error:
            caught.append("not yet" in str(error))
    broken[0] = False
    return caught, v, f(tf.constant(1.0)), f(tf.constant(1.0)), v, len(traces)


@alike
def test_one_may_catch_an_error_inside(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        try:
            return tf.reshape(x, [5])
        except ValueError:
            return x * 2.0

    return f(tf.ones([2])), f(tf.ones([5])), f(tf.constant([3.0, 4.0]))


@raises("Condition x == y did not hold")
def test_an_assertion_fails_while_running(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        tf.debugging.assert_equal(x, 1, message="one is asked for")
        return x * 2

    assert int(f(tf.constant(1))) == 2
    f(tf.constant(2))


@alike
def test_assertions_that_fail_and_hold(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        tf.debugging.assert_positive(x, message="positive, please")
        tf.debugging.Assert(tf.reduce_all(x < 10), [x])
        return x * 2

    outcomes = []
    for value in ([1, 2], [-1, 2], [1, 20], [3, 4]):
        try:
            outcomes.append(f(tf.constant(value)))
        except tf.errors.InvalidArgumentError as error:
            outcomes.append("positive, please" in str(error))
    return outcomes, f.experimental_get_tracing_count()


@alike
def test_an_assertion_that_nobody_needs_is_made(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        tf.debugging.assert_less(x, 3.0)
        tf.debugging.check_numerics(x, "numbers, please")
        return tf.constant(1)

    outcomes = []
    for value in (1.0, 5.0, float("nan"), 2.0):
        try:
            outcomes.append(f(tf.constant(value)))
        except tf.errors.InvalidArgumentError:
            outcomes.append("refused")
    return outcomes


@alike
def test_division_by_zero_while_running(tf: Any) -> Any:
    f = tf.function(lambda x, y: x // y)
    results = [f(tf.constant(7), tf.constant(2))]
    try:
        f(tf.constant(7), tf.constant(0))
    except tf.errors.InvalidArgumentError as error:
        results.append("zero" in str(error))
    return [*results, f(tf.constant(9), tf.constant(2)), f(tf.constant(1.0), tf.constant(0.0))]
