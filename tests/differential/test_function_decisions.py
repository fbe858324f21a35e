"""tf.function: decisions and loops on tensors, and random numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.differential.snippets import alike
from tests.differential.test_function_effects import heard

# --- decisions ---


@alike
def test_tf_cond_and_while_inside(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        y = tf.cond(tf.reduce_sum(x) > 0.0, lambda: x * 2.0, lambda: -x)
        n, z = tf.while_loop(lambda n, z: tf.reduce_sum(z) < 20.0, lambda n, z: (n + 1, z * 2.0), [0, y + 1.0])
        return y, n, z, tf.map_fn(lambda row: row * row, x)

    return [f(tf.constant(value)) for value in ([1.0, 2.0], [-1.0, -2.0], [30.0, 0.0], [0.0, 0.0])]


@alike
def test_gradients_through_tf_cond_and_while(tf: Any) -> Any:
    @tf.function
    def f(x: Any, n: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.cond(x > 1.0, lambda: x * x, lambda: 3.0 * x)
            _, z = tf.while_loop(lambda i, z: i < n, lambda i, z: (i + 1, z * x), [0, y])
        return z, tape.gradient(z, x)

    return [f(tf.constant(x), tf.constant(n)) for x, n in ((2.0, 3), (0.5, 3), (2.0, 0), (3.0, 1))]


@alike
def test_only_the_chosen_branch_has_effects(tf: Any) -> Any:
    v, w = tf.Variable(0.0), tf.Variable([0.0, 0.0])

    @tf.function
    def f(x: Any) -> Any:
        def up() -> Any:
            tf.print("up", x)
            v.assign_add(x)
            return v * 2.0

        def down() -> Any:
            tf.print("down", x)
            w[1:].assign([x])
            v.assign(0.5)
            return x

        return tf.cond(x > 0.0, up, down), v + 0.0

    results: list[Any] = []
    said = heard(lambda: [results.append(f(tf.constant(x))) for x in (1.0, 2.0, -3.0, 4.0)])
    return said, results, v, w, f.experimental_get_tracing_count()


@alike
def test_effects_of_every_turn_of_a_loop(tf: Any) -> Any:
    v = tf.Variable(0)

    @tf.function
    def f(n: Any) -> Any:
        def body(i: Any) -> Any:
            tf.print("turn", i, v)
            v.assign_add(i)
            return (i + 1,)

        (last,) = tf.while_loop(lambda i: i < n, body, [tf.constant(0)])
        return last, v * 10

    results: list[Any] = []
    said = heard(lambda: [results.append(f(tf.constant(n))) for n in (2, 0, 3)])
    return said, results, v, f.experimental_get_tracing_count()


@alike
def test_both_branches_are_traced_once(tf: Any) -> Any:
    traces = []

    def told(name: str, x: Any) -> Any:
        traces.append(name)
        return x

    f = tf.function(lambda x: tf.cond(tf.reduce_sum(x) > 1, lambda: told("yes", x + 1.0), lambda: told("no", x)))
    return f(tf.ones([2])), f(tf.zeros([2])), f(tf.ones([2])), sorted(traces)


@alike
def test_branches_that_nest(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.cond(
                x > 0.0,
                lambda: tf.cond(x > 2.0, lambda: x * x, lambda: 3.0 * x),
                lambda: tf.while_loop(lambda z: z < 5.0, lambda z: (z + x * x,), [-x])[0],
            )
        return y, tape.gradient(y, x)

    found = []
    for value in (1.0, 3.0, -1.0, -0.5):
        x = tf.constant(value)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y, slope = f(x)
        found.append((y, slope, tape.gradient(y, x)))
    return found


@alike
def test_branches_give_structures(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        return tf.cond(x[0] > 0, lambda: {"a": x, "b": (x[0], 1)}, lambda: {"a": -x, "b": (0, x[1])})

    return f(tf.constant([1, 2])), f(tf.constant([-1, 2]))


@alike
def test_an_if_on_a_tensor(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        if tf.reduce_sum(x) > 0:
            return x * 2
        else:
            return -x

    return [f(tf.constant(value)) for value in ([1, 2], [-1, -2], [3, -1], [0, 0])]


@alike
def test_an_if_with_assignments(tf: Any) -> Any:
    v = tf.Variable(0)

    @tf.function
    def f(x: Any) -> Any:
        if x > 0:
            v.assign_add(x)
        else:
            v.assign(0)
        return v + 0

    return [f(tf.constant(value)) for value in (1, 2, -1, 5, 3)], v


@alike
def test_a_while_on_a_tensor(tf: Any) -> Any:
    @tf.function
    def collatz(n: Any) -> Any:
        steps = tf.constant(0)
        while n != 1:
            n = tf.where(n % 2 == 0, n // 2, 3 * n + 1)
            steps += 1
        return steps

    return [collatz(tf.constant(n)) for n in (6, 7, 1, 27)]


@alike
def test_a_for_over_a_range_and_a_tensor(tf: Any) -> Any:
    @tf.function
    def f(x: Any, n: Any) -> Any:
        total = tf.constant(0.0)
        for row in x:
            total += tf.reduce_max(row)
        for i in tf.range(n):
            total *= 1.0 + tf.cast(i, tf.float32)
        return total

    return [
        f(tf.constant(rows), tf.constant(n)) for rows, n in (([[1.0, 2.0], [3.0, 0.0]], 2), ([[1.0]], 0), ([[4.0]], 4))
    ]


@alike
def test_a_break_that_depends_on_a_value(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        total = tf.constant(0)
        for entry in x:
            if entry < 0:
                break
            total += entry
        return total

    return [f(tf.constant(value)) for value in ([1, 2, -1, 5], [1, 2, 3, 4], [-1, 2, 3, 4])]


@alike
def test_decisions_in_an_inner_function(tf: Any) -> Any:
    @tf.function
    def clipped(x: Any) -> Any:
        if x > 1.0:
            return tf.ones_like(x)
        return x

    @tf.function
    def f(x: Any) -> Any:
        return clipped(x) + clipped(2.0 * x)

    return [f(tf.constant(value)) for value in (0.25, 0.75, 3.0)]


@alike
def test_decisions_under_a_tape(tf: Any) -> Any:
    v = tf.Variable(2.0)

    @tf.function
    def f(x: Any) -> Any:
        if x > 0:
            return x * v
        return v * v

    found = []
    for value in (3.0, -1.0, 5.0):
        with tf.GradientTape() as tape:
            y = f(tf.constant(value))
        found.append((y, tape.gradient(y, v)))
    return found


@alike
def test_decisions_on_python_values_are_made_while_tracing(tf: Any) -> Any:
    traces = []

    @tf.function
    def f(x: Any, training: bool = False) -> Any:
        traces.append(training)
        return x * 2.0 if training and x.shape.rank == 1 else x

    ones = tf.ones([2])
    return f(ones), f(ones, True), f(ones, training=True), f(tf.constant(1.0), True), f(ones, training=False), traces


# --- random numbers ---


@alike
def test_stateless_draws_inside(tf: Any) -> Any:
    f = tf.function(lambda seed: tf.random.stateless_uniform([3], seed))
    first, other, again = (f(tf.constant(seed)).numpy().tolist() for seed in ([1, 2], [3, 4], [1, 2]))
    eager = tf.random.stateless_uniform([3], [3, 4]).numpy().tolist()
    return first == again, first == other, other == eager, f.experimental_get_tracing_count()


@alike
def test_a_generator_inside(tf: Any) -> Any:
    generator, eager = tf.random.Generator.from_seed(7), tf.random.Generator.from_seed(7)
    f = tf.function(lambda: generator.normal([2]))
    drawn = [part.numpy().tolist() for part in (f(), f(), generator.normal([2]), f())]
    return drawn == [eager.normal([2]).numpy().tolist() for _ in range(4)], f.experimental_get_tracing_count()


@alike
def test_draws_differ_from_call_to_call(tf: Any) -> Any:
    f = tf.function(lambda: tf.random.uniform([4]))
    g = tf.function(lambda: (tf.random.normal([4]), tf.random.normal([4])))
    first, second = f().numpy(), f().numpy()
    a, b = g()
    return bool(np.any(first != second)), bool(np.any(a.numpy() != b.numpy())), f().shape.as_list()


@alike
def test_a_seed_repeats_the_draws(tf: Any) -> Any:
    def draws() -> Any:
        tf.random.set_seed(5)
        f = tf.function(lambda: (tf.random.uniform([2]), tf.random.normal([2]), tf.random.shuffle(tf.range(5))))
        return [[part.numpy().tolist() for part in f()] for _ in range(2)]

    first, second = draws(), draws()
    return first == second, first[0] != first[1]


@alike
def test_a_seed_given_to_the_op_repeats_too(tf: Any) -> Any:
    def draws() -> Any:
        tf.random.set_seed(5)
        f = tf.function(lambda: tf.random.uniform([2], seed=3))
        return [f().numpy().tolist() for _ in range(3)]

    first, second = draws(), draws()
    return first == second, first[0] != first[1]


@alike
def test_dropout_inside(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.nn.dropout(x, 0.5, seed=1)
        gradient = tape.gradient(y, x)
        return tf.reduce_all((y > 0.0) == (gradient > 0.0)), tf.reduce_all((y == 0.0) | (y == 2.0 * x))

    return f(tf.ones([50])), f(tf.ones([50]) * 3.0)
