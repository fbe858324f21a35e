"""tf.function: when it traces anew, and what it takes."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np

from tests.differential.snippets import alike, raises


class Pair(NamedTuple):
    """A structure with names."""

    first: Any
    second: Any


class Thing:
    """A Python object that is no value."""

    def __init__(self, factor: float) -> None:
        self.factor = factor


# --- decorating ---


@alike
def test_a_function_traces_once_per_signature(tf: Any) -> Any:
    traces = []

    @tf.function
    def f(x: Any) -> Any:
        traces.append(str(x.shape))
        return x * 2

    results = [f(tf.constant(value)) for value in (1, 2, 1.5, 2.5, [1, 2], [3, 4], [1.0], [[1]])]
    return results, traces, f.experimental_get_tracing_count()


@alike
def test_the_decorator_takes_arguments_or_none(tf: Any) -> Any:
    @tf.function()
    def f(x: Any) -> Any:
        return x + 1

    @tf.function(autograph=True, jit_compile=None, reduce_retracing=False)
    def g(x: Any) -> Any:
        return x + 2

    def h(x: Any) -> Any:
        return x + 3

    return f(tf.constant(1)), g(tf.constant(1)), tf.function(h)(tf.constant(1)), tf.function(func=h)(tf.constant(2))


@alike
def test_a_decorated_function_keeps_its_name_and_words(tf: Any) -> Any:
    @tf.function
    def doubled(x: Any) -> Any:
        """Double it."""
        return x * 2

    return doubled.__name__, doubled.__doc__, doubled.python_function(3), doubled.input_signature


@alike
def test_a_method_traces_per_instance(tf: Any) -> Any:
    traces = []

    class Layer(tf.Module):
        def __init__(self, factor: float) -> None:
            super().__init__()
            self.w = tf.Variable(factor)

        @tf.function
        def __call__(self, x: Any) -> Any:
            traces.append(float(self.w.shape.rank))
            return self.w * x

    first, second = Layer(2.0), Layer(3.0)
    results = [layer(tf.constant(1.5)) for layer in (first, second, first, second)]
    return results, traces, Layer(1.0)(tf.constant([1.0, 2.0])), len(traces)


@alike
def test_a_method_sees_its_own_instance_only(tf: Any) -> Any:
    class Thing:
        def __init__(self, factor: float) -> None:
            self.factor = factor

        @tf.function
        def scaled(self, x: Any) -> Any:
            return self.factor * x

    first, second = Thing(2.0), Thing(3.0)
    results = first.scaled(tf.constant(1.0)), second.scaled(tf.constant(1.0))
    first.factor = 5.0  # was read while tracing
    return results, first.scaled(tf.constant(1.0)), first.scaled(tf.constant([1.0]))


@alike
def test_methods_count_their_traces_apart(tf: Any) -> Any:
    class Thing:
        @tf.function
        def scaled(self, x: Any) -> Any:
            return 2 * x

    first, second = Thing(), Thing()
    first.scaled(tf.constant(1)), first.scaled(tf.constant(1.0)), second.scaled(tf.constant(1))
    return first.scaled.experimental_get_tracing_count(), second.scaled.experimental_get_tracing_count()


@alike
def test_static_and_class_methods(tf: Any) -> Any:
    class Thing:
        factor = 3

        @staticmethod
        @tf.function
        def doubled(x: Any) -> Any:
            return 2 * x

        @classmethod
        def scaled(cls, x: Any) -> Any:
            return tf.function(lambda y: cls.factor * y)(x)

    return Thing.doubled(tf.constant(1)), Thing().doubled(tf.constant(2)), Thing.scaled(tf.constant(3))


@alike
def test_whatever_can_be_called(tf: Any) -> Any:
    class Adder:
        def __call__(self, x: Any, y: Any = 1) -> Any:
            return x + y

    def power(x: Any, n: int) -> Any:
        return x**n

    adder = tf.function(Adder())
    square = tf.function(functools.partial(power, n=2))
    ahead = tf.function(functools.partial(power, tf.constant(3.0)))
    bound = tf.function(Adder().__call__)
    return (
        adder(tf.constant(1)),
        adder(tf.constant(1), 5),
        square(tf.constant(3.0)),
        ahead(3),
        tf.function(lambda x: -x)(tf.constant(1)),
        bound(tf.constant(7)),
        tf.function(tf.matmul)(tf.ones([1, 2]), tf.ones([2, 1])),
    )


@alike
def test_a_function_of_a_function_is_one(tf: Any) -> Any:
    inner = tf.function(lambda x: x + 1)
    outer = tf.function(inner)
    return outer(tf.constant(1)), outer(tf.constant(2))


@raises("3 is not a callable object")
def test_what_cannot_be_called_is_no_function(tf: Any) -> Any:
    tf.function(3)(tf.constant(1))


# --- tensors as arguments ---


@alike
def test_shapes_and_dtypes_retrace_and_values_do_not(tf: Any) -> Any:
    f = tf.function(lambda x: tf.reduce_sum(x))
    counts = []
    for value in ([1, 2], [3, 4], [1, 2, 3], [1.0, 2.0], [[1, 2]], [5, 6], [4, 5, 6]):
        f(tf.constant(value))
        counts.append(f.experimental_get_tracing_count())
    return counts


@alike
def test_a_number_retraces_and_a_tensor_does_not(tf: Any) -> Any:
    traces = []

    @tf.function
    def f(n: Any) -> Any:
        traces.append(type(n).__name__ if isinstance(n, int | float | bool | str) else "tensor")
        return tf.constant(1.0) * n

    results = [f(n) for n in (1, 2, 1, 1.0, 2.0, True, 1, tf.constant(1.0), tf.constant(2.0))]
    return results, traces


@alike
def test_equal_python_numbers_of_other_types(tf: Any) -> Any:
    f = tf.function(lambda n: tf.constant(n))
    return f(1), f(1.0), f(True), f(0), f(False), f.experimental_get_tracing_count()


@alike
def test_arrays_become_tensors(tf: Any) -> Any:
    traces = []

    @tf.function
    def f(x: Any) -> Any:
        traces.append((tf.is_tensor(x), x.dtype.name, str(x.shape)))
        return x + x

    arrays = [np.arange(3), np.arange(3) + 1, np.float32(2.5), np.float32(3.5), np.arange(3.0)]
    return [f(array) for array in arrays], f(tf.constant([1, 2, 3], tf.int64)), traces


@alike
def test_an_array_and_a_tensor_share_a_trace(tf: Any) -> Any:
    f = tf.function(lambda x: x * 2)
    f(np.ones(2, np.float32)), f(tf.ones(2))
    return f.experimental_get_tracing_count()


@alike
def test_lists_of_numbers_are_python_values(tf: Any) -> Any:
    f = tf.function(lambda x: tf.constant(x) * 2)
    return f([1, 2]), f([3, 4]), f((1, 2)), f([1, 2]), f.experimental_get_tracing_count()


@alike
def test_structures_of_tensors(tf: Any) -> Any:
    traces = []

    @tf.function
    def f(x: Any) -> Any:
        traces.append(sorted(x))
        return x["a"] + x["b"][0] * x["b"][1].second

    def given(a: Any, b: Any, c: Any) -> Any:
        return {"a": tf.constant(a), "b": (tf.constant(b), Pair(3, tf.constant(c)))}

    return f(given(1, 2, 3)), f(given(4, 5, 6)), f(given(1.0, 2.0, 3.0)), traces


@alike
def test_the_order_of_keys_does_not_matter(tf: Any) -> Any:
    f = tf.function(lambda x: x["a"] - x["b"])
    return (
        f({"a": tf.constant(1), "b": tf.constant(2)}),
        f({"b": tf.constant(5), "a": tf.constant(7)}),
        f.experimental_get_tracing_count(),
    )


@alike
def test_structures_of_other_kinds_retrace(tf: Any) -> Any:
    f = tf.function(lambda x: tf.nest.flatten(x)[0] + 1)
    one = tf.constant(1)
    results = [f(x) for x in ([one], (one,), {"a": one}, Pair(one, None), [one, one], [one], [[one]], (one, 2), one)]
    return results, f.experimental_get_tracing_count()


@alike
def test_a_dict_with_another_key_retraces(tf: Any) -> Any:
    f = tf.function(lambda x: sum(x.values()))
    one = tf.constant(1)
    return f({"a": one}), f({"b": one}), f({"a": one, "b": one}), f({}), f.experimental_get_tracing_count()


@alike
def test_an_argument_is_no_tensor_of_the_caller(tf: Any) -> Any:
    same = []

    @tf.function
    def f(x: Any) -> Any:
        same.append(x is one)
        return x

    one = tf.constant(1)
    return f(one), f(tf.constant(2)), f(tf.identity(one))


@alike
def test_one_tensor_given_twice_is_two_arguments(tf: Any) -> Any:
    f = tf.function(lambda x, y: x - 2 * y)
    one, two = tf.constant(1), tf.constant(2)
    return f(one, one), f(one, two), f.experimental_get_tracing_count()


@alike
def test_variables_as_arguments(tf: Any) -> Any:
    f = tf.function(lambda v: v.assign_add(1.0) * 2.0)
    v, w = tf.Variable(1.0), tf.Variable(5.0)
    return f(v), f(w), f(v), v, w, f.experimental_get_tracing_count()


@alike
def test_a_variable_or_its_value(tf: Any) -> Any:
    traces = []

    @tf.function
    def f(x: Any) -> Any:
        traces.append(isinstance(x, tf.Variable))
        return x + 1

    return f(tf.Variable(1.0)), f(tf.constant(1.0)), f(tf.Variable(2.0)), traces


@alike
def test_two_variables_swapped(tf: Any) -> Any:
    @tf.function
    def f(a: Any, b: Any) -> Any:
        a.assign(b * 10.0)
        return a - b

    v, w = tf.Variable(1.0), tf.Variable(2.0)
    return f(v, w), f(w, v), v, w, f(v, v), v


# --- Python values as arguments ---


@alike
def test_strings_none_and_booleans(tf: Any) -> Any:
    traces = []

    @tf.function
    def f(x: Any, how: Any = None) -> Any:
        traces.append(how)
        return x if how is None else -x if how == "minus" else x * 10

    one = tf.constant(1)
    results = [f(one), f(one, "minus"), f(one, how="minus"), f(one, True), f(one, None), f(one, how=None)]
    return results, traces


@alike
def test_default_values_count_as_given(tf: Any) -> Any:
    f = tf.function(lambda x, n=2, *, m=3: x * n + m)
    one = tf.constant(1)
    results = f(one), f(one, 2), f(one, n=2), f(one, 2, m=3), f(x=one), f(m=3, n=2, x=one), f(one, 4), f(one, m=5)
    return results, f.experimental_get_tracing_count()


@alike
def test_any_number_of_arguments(tf: Any) -> Any:
    @tf.function
    def f(*xs: Any, **named: Any) -> Any:
        return sum(xs) + sum(named[key] * (i + 1) for i, key in enumerate(sorted(named)))

    one, two = tf.constant(1), tf.constant(2)
    results = f(one), f(one, two), f(one, a=two, b=one), f(one, b=one, a=two), f(two, a=one, b=two), f(two, c=one)
    return results, f.experimental_get_tracing_count()


@alike
def test_an_object_is_known_by_its_identity(tf: Any) -> Any:
    f = tf.function(lambda thing, x: thing.factor * x)
    first, second = Thing(2.0), Thing(3.0)
    results = f(first, tf.constant(1.0)), f(second, tf.constant(1.0)), f(first, tf.constant(2.0))
    first.factor = 7.0
    return results, f(first, tf.constant(1.0)), f.experimental_get_tracing_count()


@alike
def test_functions_as_arguments(tf: Any) -> Any:
    f = tf.function(lambda g, x: g(x))
    results = f(tf.square, tf.constant(3.0)), f(tf.sqrt, tf.constant(9.0)), f(tf.square, tf.constant(4.0))
    return results, f.experimental_get_tracing_count()


@alike
def test_dtypes_as_arguments(tf: Any) -> Any:
    f = tf.function(lambda x, dtype: tf.cast(x, dtype))
    x = tf.constant([1.5, 2.5])
    results = f(x, tf.int32), f(x, tf.float64), f(x, tf.int32), f(x, dtype=tf.int32)
    return results, f.experimental_get_tracing_count()


@alike
def test_shapes_as_arguments(tf: Any) -> Any:
    f = tf.function(lambda x, shape: tf.reshape(x, shape))
    x = tf.range(6)
    results = f(x, [2, 3]), f(x, (3, 2)), f(x, [2, 3]), f(x, tf.TensorShape([6, 1])), f(x, tf.constant([1, 6]))
    return results, f.experimental_get_tracing_count()


@alike
def test_nothing_as_an_argument(tf: Any) -> Any:
    traces = []

    @tf.function
    def f() -> Any:
        traces.append(1)
        return tf.constant(3)

    return f(), f(), traces


@raises("Could not generate a generic TraceType for {1, 2}")
def test_a_set_cannot_be_an_argument(tf: Any) -> Any:
    tf.function(lambda x: 1)({1, 2})


@raises("missing")
def test_too_few_arguments(tf: Any) -> Any:
    tf.function(lambda x, y: x + y)(tf.constant(1))


@raises("too many positional arguments")
def test_too_many_arguments(tf: Any) -> Any:
    tf.function(lambda x: x)(tf.constant(1), tf.constant(2))


@raises("got an unexpected keyword argument")
def test_an_unknown_keyword(tf: Any) -> Any:
    tf.function(lambda x: x)(tf.constant(1), z=tf.constant(2))


@raises("multiple values for argument 'x'")
def test_an_argument_given_twice(tf: Any) -> Any:
    tf.function(lambda x: x)(tf.constant(1), x=tf.constant(2))
