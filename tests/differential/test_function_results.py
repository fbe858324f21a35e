"""tf.function: what it gives back, and running without programs."""

from __future__ import annotations

import collections
from typing import Any

import numpy as np

from tests.differential.snippets import alike, raises
from tests.differential.test_function_signatures import Pair, Thing

# --- results ---


@alike
def test_python_numbers_come_back_as_tensors(tf: Any) -> Any:
    f = tf.function(lambda: (1, 2.5, True, [3, (4.5,)], {"a": 5}))
    return f(), f()


@alike
def test_none_and_nothing_come_back(tf: Any) -> Any:
    def nothing() -> None:
        pass

    return tf.function(nothing)(), tf.function(lambda x: (x, None, [None]))(tf.constant(1)), tf.function(lambda: ())()


@alike
def test_structures_come_back(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        return Pair({"b": x, "a": [x + 1, (x + 2,)]}, collections.OrderedDict(z=x, y=x * 2))

    return f(tf.constant(1)), f(tf.constant(5)), type(f(tf.constant(5)).second).__name__


@alike
def test_a_result_may_be_an_argument_or_the_same_twice(tf: Any) -> Any:
    f = tf.function(lambda x: (x, x, x * 2, [x]))
    return f(tf.constant([1, 2])), f(tf.constant([3, 4]))


@alike
def test_arrays_and_constants_come_back_as_tensors(tf: Any) -> Any:
    f = tf.function(lambda: (np.arange(3), np.float32(1.5), tf.constant([1, 2])))
    return f(), f()


@alike
def test_a_tensor_from_outside_comes_back(tf: Any) -> Any:
    outside = tf.constant([1.0, 2.0])
    f = tf.function(lambda x: (outside, x + outside))
    return f(tf.constant(1.0)), f(tf.constant(2.0))


@alike
def test_strings_of_dtypes_and_shapes_stay_in_python(tf: Any) -> Any:
    told = []

    @tf.function
    def f(x: Any) -> Any:
        told.append((x.dtype, x.shape, x.shape.rank, x.ndim if hasattr(x, "ndim") else None, len(x)))
        return x

    f(tf.ones([2, 3])), f(tf.ones([2, 3]))
    return told


@raises("found return value of type Thing")
def test_an_object_cannot_come_back(tf: Any) -> Any:
    tf.function(lambda: Thing(1.0))()


# --- tf.config.run_functions_eagerly ---


@alike
def test_functions_may_run_eagerly(tf: Any) -> Any:
    runs = []

    @tf.function
    def f(x: Any) -> Any:
        runs.append(1)
        return x * 2

    before = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    try:
        results = f(tf.constant(1)), f(tf.constant(2)), tf.config.functions_run_eagerly(), len(runs)
    finally:
        tf.config.run_functions_eagerly(False)
    results += (f(tf.constant(3)), f(tf.constant(4)), len(runs), tf.config.functions_run_eagerly())
    return before, results, f.experimental_get_tracing_count()


@alike
def test_running_eagerly_gives_python_values_back(tf: Any) -> Any:
    f = tf.function(lambda x: (x, 1, "a"))
    tf.config.run_functions_eagerly(True)
    try:
        return f(tf.constant(1))
    finally:
        tf.config.run_functions_eagerly(False)


@alike
def test_values_may_be_looked_at_when_functions_run_eagerly(tf: Any) -> Any:
    def f(x: Any) -> Any:
        return float(x.numpy()) * 2

    tf.config.run_functions_eagerly(True)
    try:
        return tf.function(f)(tf.constant(1.5))
    finally:
        tf.config.run_functions_eagerly(False)
