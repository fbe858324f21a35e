"""tf.function: variables read and assigned in order, made on the first call, and what happens beside computing."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.differential.snippets import alike, raises

ONCE = "tf.function only supports singleton tf.Variables created on the first call"


# --- reading and assigning ---


@alike
def test_reads_and_assignments_stay_in_order(tf: Any) -> Any:
    v = tf.Variable(1.0)

    @tf.function
    def f(x: Any) -> Any:
        before = v + 0.0
        v.assign(x)
        between = v * 10.0
        v.assign_add(x)
        v.assign_sub(1.0)
        return before, between, v + 0.0, v.read_value()

    return f(tf.constant(2.0)), v, f(tf.constant(5.0)), v, f(tf.constant(0.0)), v


@alike
def test_a_read_keeps_its_value(tf: Any) -> Any:
    v = tf.Variable([1.0, 2.0])

    @tf.function
    def f() -> Any:
        before = tf.identity(v)
        v.assign(v * 2.0)
        after = tf.identity(v)
        v.assign([0.0, 0.0])
        return before, after, before + after

    return f(), v, v.assign([5.0, 6.0]), f(), v


@alike
def test_assigning_between_calls_is_seen(tf: Any) -> Any:
    v = tf.Variable(1.0)
    f = tf.function(lambda x: x * v)
    results = [f(tf.constant(2.0))]
    v.assign(10.0)
    results.append(f(tf.constant(2.0)))
    v.assign_add(1.0)
    return [*results, f(tf.constant(2.0)), f.experimental_get_tracing_count()]


@alike
def test_adding_twice_adds_twice(tf: Any) -> Any:
    v = tf.Variable(0)

    @tf.function
    def f() -> Any:
        v.assign_add(1)
        v.assign_add(1)

    return f(), v.numpy(), f(), v.numpy()


@alike
def test_a_variable_comes_back_as_its_value(tf: Any) -> Any:
    v = tf.Variable([1.0, 2.0])
    f = tf.function(lambda: v)
    g = tf.function(lambda: v.assign_add([1.0, 1.0]))
    return f(), g(), f(), g(), isinstance(f(), tf.Variable), isinstance(g(), tf.Variable)


@alike
def test_an_assignment_gives_the_new_value(tf: Any) -> Any:
    v = tf.Variable(1.0)

    @tf.function
    def f(x: Any) -> Any:
        return v.assign(x) + 1.0, v.assign_add(x) * 2.0, v.assign_sub(1.0)

    return f(tf.constant(2.0)), f(tf.constant(3.0)), v


@alike
def test_the_value_of_an_assignment_is_read_late(tf: Any) -> Any:
    v = tf.Variable(1.0)

    @tf.function
    def f() -> Any:
        first = v.assign_add(1.0)
        v.assign_add(1.0)
        return first, v

    return f(), f()


@alike
def test_chained_assignments(tf: Any) -> Any:
    v = tf.Variable(1.0)
    f = tf.function(lambda x: v.assign(x).assign_add(x).assign_sub(1.0))
    return f(tf.constant(3.0)), f(tf.constant(4.0)), v


@alike
def test_assignments_of_python_values(tf: Any) -> Any:
    v, w = tf.Variable([1.0, 2.0]), tf.Variable(3, dtype=tf.int64)

    @tf.function
    def f() -> Any:
        v.assign([3, 4])
        v.assign_add(np.array([0.5, 0.5]))
        w.assign_sub(5)
        return w + 1

    return f(), v, w, f(), v, w


@alike
def test_parts_of_variables(tf: Any) -> Any:
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])

    @tf.function
    def f(x: Any) -> Any:
        v[1:].assign([[x, x], [x + 1.0, x]])
        v[0, 0].assign(x * 100.0)
        v[:, 1].assign(v[:, 0] * 2.0)
        return tf.reduce_sum(v), v[::-1]

    return f(tf.constant(1.0)), v, f(tf.constant(2.0)), v


@alike
def test_scattering(tf: Any) -> Any:
    v = tf.Variable([1.0, 2.0, 3.0, 4.0])

    @tf.function
    def f(i: Any, x: Any) -> Any:
        v.scatter_add(tf.IndexedSlices(x, i))
        before = v + 0.0
        v.scatter_update(tf.IndexedSlices(x * 10.0, i))
        v.scatter_nd_add([[0]], [1.0])
        return before, v.sparse_read(i), v.gather_nd([[0], [3]])

    return f(tf.constant([1, 1]), tf.constant([0.5, 0.25])), v, f(tf.constant([3, 0]), tf.constant([1.0, 2.0])), v


@alike
def test_variables_of_all_dtypes(tf: Any) -> Any:
    flags, counts, half = tf.Variable([True, False]), tf.Variable([1, 2]), tf.Variable(0.5, dtype=tf.float16)

    @tf.function
    def f(x: Any) -> Any:
        flags.assign(tf.logical_not(flags) if x.dtype == tf.int32 else flags)
        counts.assign_add(tf.cast(flags, tf.int32))
        half.assign_add(tf.cast(x, tf.float16))
        return tf.reduce_any(flags), tf.reduce_sum(counts)

    return f(tf.constant(1)), f(tf.constant(2)), f(tf.constant(2.5)), flags, counts, half


@alike
def test_a_variable_whose_shape_may_change(tf: Any) -> Any:
    v = tf.Variable([1.0], shape=tf.TensorShape([None]))

    @tf.function(input_signature=[tf.TensorSpec([None])])
    def f(x: Any) -> Any:
        v.assign(tf.concat([v, x], 0))
        return tf.reduce_sum(v), tf.size(v)

    return f(tf.constant([2.0])), f(tf.constant([3.0, 4.0])), f(tf.constant([])), v


@alike
def test_a_variable_that_is_assigned_only(tf: Any) -> Any:
    v = tf.Variable(5.0)

    @tf.function
    def f(x: Any) -> None:
        v.assign(x, read_value=False)

    return f(tf.constant(1.0)), v, f(tf.constant(2.0)), v


@alike
def test_two_variables_exchange_their_values(tf: Any) -> Any:
    v, w = tf.Variable([1.0]), tf.Variable([2.0])

    @tf.function
    def swap() -> None:
        kept = tf.identity(v)
        v.assign(w)
        w.assign(kept)

    swap()
    once = v.numpy(), w.numpy()
    swap()
    return once, v, w


@alike
def test_a_counter_in_a_loop(tf: Any) -> Any:
    total = tf.Variable(0)

    @tf.function
    def f(n: Any) -> Any:
        for i in range(3):
            total.assign_add(n * i)
        return total * 2

    return [f(tf.constant(n)) for n in (1, 2, 3)], total


@alike
def test_a_slot_of_an_optimizer(tf: Any) -> Any:
    w, slot, step = tf.Variable([1.0, 2.0]), tf.Variable([0.0, 0.0]), tf.Variable(0, trainable=False)

    @tf.function
    def update(gradient: Any) -> Any:
        step.assign_add(1)
        slot.assign(0.9 * slot + gradient)
        w.assign_sub(0.1 * slot / (1.0 - tf.pow(0.9, tf.cast(step, tf.float32))))
        return step

    return (
        [update(tf.constant([0.5, -0.5]) * float(i)) for i in range(4)],
        w,
        slot,
        update.experimental_get_tracing_count(),
    )


# --- variables made inside ---


@alike
def test_variables_made_on_the_first_call(tf: Any) -> Any:
    traces = []

    class Layer(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = None

        @tf.function
        def __call__(self, x: Any) -> Any:
            traces.append(self.w is None)
            if self.w is None:
                self.w = tf.Variable(tf.ones([x.shape[-1], 2]) * 0.5, name="w")
            self.w.assign_add(tf.ones_like(self.w))
            return x @ self.w

    layer = Layer()
    results = layer(tf.ones([1, 2])), layer(tf.ones([1, 2])), layer(tf.ones([3, 2]))
    return results, traces, layer.w.numpy(), layer.__call__.experimental_get_tracing_count()


@alike
def test_variables_in_a_list_made_on_the_first_call(tf: Any) -> Any:
    made: list[Any] = []

    @tf.function
    def f(x: Any) -> Any:
        if not made:
            made.append(tf.Variable(2.0))
            made.append(tf.Variable(tf.constant([1.0, 2.0]), trainable=False))
        return x * made[0] + made[1]

    return f(tf.constant(1.0)), f(tf.constant(3.0)), len(made), made[0].trainable, f.experimental_get_tracing_count()


@raises(ONCE)
def test_a_variable_in_every_call(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        v = tf.Variable(1.0)
        return v.assign_add(x)

    f(tf.constant(1.0))


@raises(ONCE)
def test_a_variable_in_a_later_trace(tf: Any) -> Any:
    made: list[Any] = []

    @tf.function
    def f(x: Any) -> Any:
        if len(made) < x.shape.rank + 1:
            made.append(tf.Variable(1.0))
        return x + made[0]

    f(tf.constant(1.0))
    f(tf.constant([1.0]))


@alike
def test_a_variable_refused_leaves_the_function_usable(tf: Any) -> Any:
    made: list[Any] = []

    @tf.function
    def f(x: Any) -> Any:
        if len(made) < x.shape.rank + 1:
            made.append(tf.Variable(3.0))
        return x + made[0]

    f(tf.constant(1.0))
    try:
        f(tf.constant([1.0]))
    except ValueError:
        return f(tf.constant(2.0)), f.experimental_get_tracing_count()


@alike
def test_a_variable_that_starts_with_an_argument(tf: Any) -> Any:
    made: list[Any] = []

    @tf.function
    def f(x: Any) -> Any:
        if not made:
            made.append(tf.Variable(x * 2.0))
        return made[0] + x

    return f(tf.constant(1.0)), f(tf.constant(5.0)), made[0]


@alike
def test_state_of_the_first_call_counts_once(tf: Any) -> Any:
    count = tf.Variable(0)
    made: list[Any] = []

    @tf.function
    def f() -> Any:
        count.assign_add(1)
        if not made:
            made.append(tf.Variable(10))
        made[0].assign_add(1)
        return count + made[0]

    return f(), f(), count, made[0]


# --- functions inside functions ---


@alike
def test_an_inner_function_sees_what_the_outer_assigned(tf: Any) -> Any:
    v = tf.Variable(1.0)

    @tf.function
    def inner(x: Any) -> Any:
        v.assign_add(x)
        return v * 2.0

    @tf.function
    def outer(x: Any) -> Any:
        v.assign(10.0)
        first = inner(x)
        v.assign_sub(1.0)
        return first, inner(first), v + 0.0

    return outer(tf.constant(1.0)), v, outer(tf.constant(2.0)), v, inner(tf.constant(1.0)), v


@alike
def test_an_inner_function_traces_once_per_signature(tf: Any) -> Any:
    traces = []

    @tf.function
    def inner(x: Any) -> Any:
        traces.append(str(x.shape))
        return x * 2.0

    @tf.function
    def outer(x: Any) -> Any:
        traces.append("outer")
        return inner(x) + inner(x + 1.0) + tf.reduce_sum(inner(tf.stack([x, x])))

    results = outer(tf.constant(1.0)), outer(tf.constant(2.0)), inner(tf.constant(3.0))
    return results, traces, inner.experimental_get_tracing_count()


@alike
def test_an_inner_function_called_before(tf: Any) -> Any:
    inner = tf.function(lambda x, n: x * n)
    outer = tf.function(lambda x: inner(x, 2) + inner(x, n=3))
    results = inner(tf.constant(1.0), 2), outer(tf.constant(5.0)), outer(tf.constant(6.0))
    return results, inner.experimental_get_tracing_count()


@alike
def test_a_concrete_function_inside_a_function(tf: Any) -> Any:
    concrete = tf.function(lambda x: x * x).get_concrete_function(tf.TensorSpec([None]))
    outer = tf.function(lambda x: concrete(x) + concrete(x * 2.0))
    return outer(tf.constant([1.0, 2.0])), outer(tf.constant([3.0, 4.0]))


@alike
def test_recursion_on_a_python_number(tf: Any) -> Any:
    @tf.function
    def power(x: Any, n: int) -> Any:
        return x * power(x, n - 1) if n else tf.ones_like(x)

    return power(tf.constant(3.0), 4), power(tf.constant(2.0), 4), power.experimental_get_tracing_count()


@alike
def test_variables_made_in_an_inner_function(tf: Any) -> Any:
    class Layer(tf.Module):
        w: Any = None

        @tf.function
        def __call__(self, x: Any) -> Any:
            if self.w is None:
                self.w = tf.Variable(2.0)
            return self.w * x

    layer = Layer()
    outer = tf.function(lambda x: layer(x) + 1.0)
    return outer(tf.constant(1.0)), outer(tf.constant(2.0)), layer.w


@alike
def test_functions_that_give_functions(tf: Any) -> Any:
    def layer(factor: float) -> Any:
        @tf.function
        def scaled(x: Any) -> Any:
            return factor * x

        return scaled

    double, triple = layer(2.0), layer(3.0)
    both = tf.function(lambda x: double(triple(x)))
    return double(tf.constant(1.0)), triple(tf.constant(1.0)), both(tf.constant(1.0)), both(tf.constant(5.0))
