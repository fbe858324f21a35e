"""tf.function and tapes: gradients inside, outside and through."""

from __future__ import annotations

from typing import Any

from tests.differential.snippets import alike, raises, recorded

# --- inside ---


@alike
def test_a_gradient_inside(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(x**3)
        return y, tape.gradient(y, x)

    return f(tf.constant([1.0, 2.0])), f(tf.constant([3.0, 4.0])), f(tf.constant(2.0))


@alike
def test_a_second_gradient_inside(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = tf.sin(x) * x
            first = inner.gradient(y, x)
        return first, outer.gradient(first, x)

    return f(tf.constant(0.5)), f(tf.constant(-1.5))


@alike
def test_a_step_of_training(tf: Any) -> Any:
    w, b = tf.Variable([[0.5], [-0.25]]), tf.Variable([0.0])

    @tf.function
    def step(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(x @ w + b - y))
        dw, db = tape.gradient(loss, [w, b])
        w.assign_sub(0.1 * dw)
        b.assign_sub(0.1 * db)
        return loss

    x, y = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, -6.0]]), tf.constant([[1.0], [2.0], [3.0]])
    return [step(x, y) for _ in range(5)], w, b, step.experimental_get_tracing_count()


@alike
def test_variables_are_watched_inside(tf: Any) -> Any:
    v, w = tf.Variable(2.0), tf.Variable(3.0, trainable=False)

    @tf.function
    def f(x: Any) -> Any:
        with tf.GradientTape() as tape:
            y = v * w * x
        return tape.gradient(y, [v, w]), len(tape.watched_variables())

    return f(tf.constant(5.0)), f(tf.constant(7.0))


@alike
def test_a_persistent_tape_inside(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = x * x
            z = y * y
        return tape.gradient(y, x), tape.gradient(z, x), tape.gradient(z, y), tape.gradient(x, y)

    return f(tf.constant(2.0)), f(tf.constant(3.0))


@alike
def test_jacobians_inside(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = tf.stack([x[0] * x[1], tf.sin(x[0]), x[1] ** 2])
            z = x[:, tf.newaxis] * x
        return tape.jacobian(y, x), tape.jacobian(z, x)

    return f(tf.constant([1.0, 2.0])), f(tf.constant([0.5, -1.0]))


@alike
def test_batch_jacobians_inside(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.stack([x[:, 0] * x[:, 1], x[:, 1] ** 2], axis=1)
        return tape.batch_jacobian(y, x)

    return f(tf.constant([[1.0, 2.0], [3.0, 4.0]])), f(tf.constant([[5.0, 6.0], [7.0, 8.0]]))


@alike
def test_gradients_that_are_none_or_zero_inside(tf: Any) -> Any:
    @tf.function
    def f(x: Any, z: Any) -> Any:
        with tf.GradientTape(persistent=True) as tape:
            tape.watch([x, z])
            y = x * 2.0
        return tape.gradient(y, [x, z]), tape.gradient(y, [x, z], unconnected_gradients="zero")

    return f(tf.constant(1.0), tf.ones([2])), f(tf.constant(2.0), tf.zeros([2]))


@alike
def test_weights_of_gradients_inside(tf: Any) -> Any:
    @tf.function
    def f(x: Any, w: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x
        return tape.gradient(y, x, output_gradients=w)

    return f(tf.ones([2]), tf.constant([1.0, 2.0])), f(tf.ones([2]) * 3.0, tf.constant([3.0, 4.0]))


@alike
def test_gradients_of_gathered_rows_inside(tf: Any) -> Any:
    table = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])

    @tf.function
    def f(rows: Any) -> Any:
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(tf.gather(table, rows) ** 2)
        gradient = tape.gradient(y, table)
        table.assign_sub(0.1 * tf.convert_to_tensor(gradient))
        return y, tf.convert_to_tensor(gradient)

    return f(tf.constant([0, 0])), f(tf.constant([2, 1])), table


@alike
def test_gradients_after_an_assignment(tf: Any) -> Any:
    v = tf.Variable(2.0)

    @tf.function
    def f(x: Any) -> Any:
        with tf.GradientTape() as tape:
            y = v * v
            v.assign(x)
            z = v * v * v
            s = y + z
        return tape.gradient(s, v), s

    return f(tf.constant(3.0)), f(tf.constant(4.0)), v


@alike
def test_stop_recording_and_reset_inside(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = x * x
            with tape.stop_recording():
                z = y * x
            s = z + y
        first = tape.gradient(s, x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x
            tape.reset()
            tape.watch(x)
            y = y + x
        return first, tape.gradient(y, x)

    return f(tf.constant(2.0)), f(tf.constant(3.0))


# --- through ---


@alike
def test_an_outer_tape_goes_through(tf: Any) -> Any:
    f = tf.function(lambda x: x * x * x)
    found = []
    for value in (1.0, 2.0, 3.0):
        x = tf.constant(value)
        tape, y = recorded(tf, f, x)
        found.append((y, tape.gradient(y, x)))
    return found, f.experimental_get_tracing_count()


@alike
def test_an_outer_tape_watches_the_variables(tf: Any) -> Any:
    v, w = tf.Variable([1.0, 2.0]), tf.Variable(3.0, trainable=False)
    f = tf.function(lambda x: tf.reduce_sum(x * v * w))
    found = []
    for value in (1.0, 2.0):
        with tf.GradientTape() as tape:
            y = f(tf.constant(value))
        found.append((tape.gradient(y, [v, w]), [u.name for u in tape.watched_variables()]))
    return found


@alike
def test_a_function_traced_without_a_tape_is_differentiable(tf: Any) -> Any:
    v = tf.Variable(2.0)
    f = tf.function(lambda x: x * v)
    f(tf.constant(1.0))
    with tf.GradientTape() as tape:
        y = f(tf.constant(5.0)) ** 2
    return tape.gradient(y, v), f.experimental_get_tracing_count()


@alike
def test_second_derivatives_through(tf: Any) -> Any:
    f = tf.function(lambda x: tf.sin(x) * tf.exp(x))
    found = []
    for value in (0.5, 1.5):
        x = tf.constant(value)
        with tf.GradientTape() as outer:
            outer.watch(x)
            inner, y = recorded(tf, f, x)
            first = inner.gradient(y, x)
        found.append((y, first, outer.gradient(first, x)))
    return found


@alike
def test_third_derivatives_half_inside(tf: Any) -> Any:
    @tf.function
    def slope(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x**4
        return tape.gradient(y, x)

    def third(x: Any) -> Any:
        with tf.GradientTape() as outer:
            outer.watch(x)
            tape, first = recorded(tf, slope, x)
            second = tape.gradient(first, x)
        return first, second, outer.gradient(second, x)

    return third(tf.constant(2.0)), third(tf.constant(3.0))


@alike
def test_a_persistent_tape_through(tf: Any) -> Any:
    f = tf.function(lambda x: (x * x, tf.sin(x)))
    x = tf.constant([1.0, 2.0])
    tape, (y, z) = recorded(tf, f, x, persistent=True)
    return tape.gradient(y, x), tape.gradient(z, x), tape.gradient([y, z], x), tape.gradient(y, z)


@alike
def test_jacobians_through(tf: Any) -> Any:
    f = tf.function(lambda x: tf.stack([x[0] * x[1], tf.sin(x[0])]))
    x = tf.constant([1.0, 2.0])
    tape, y = recorded(tf, f, x, persistent=True)
    again, z = recorded(tf, f, x * 2.0)
    return tape.jacobian(y, x), again.gradient(z, x)


@alike
def test_gradients_by_several_arguments_in_a_structure(tf: Any) -> Any:
    f = tf.function(lambda data, n: {"a": data["x"] * data["y"][0] ** n, "b": [data["y"][0]]})
    x, y = tf.constant(2.0), tf.constant(3.0)
    tape, out = recorded(tf, lambda x, y: f({"x": x, "y": (y,)}, 2), x, y)
    return out, tape.gradient(out, [x, y])


@alike
def test_an_argument_given_twice_gets_both_gradients(tf: Any) -> Any:
    f = tf.function(lambda x, y: x * x + 3.0 * y)
    x = tf.constant(2.0)
    tape, y = recorded(tf, lambda x: f(x, x), x)
    return tape.gradient(y, x)


@alike
def test_an_argument_given_back_passes_the_gradient(tf: Any) -> Any:
    f = tf.function(lambda x: (x, x * 2.0))
    x = tf.constant(2.0)
    tape, (y, z) = recorded(tf, f, x, persistent=True)
    return tape.gradient(y, x), tape.gradient([y, z], x)


@alike
def test_a_tensor_from_outside_gets_its_gradient(tf: Any) -> Any:
    outside = tf.constant(3.0)
    f = tf.function(lambda x: x * outside)
    found = []
    for value in (1.0, 2.0):
        tape, y = recorded(tf, lambda _, value=value: f(tf.constant(value)), outside)
        found.append(tape.gradient(y, outside))
    return found


@alike
def test_integers_pass_no_gradient(tf: Any) -> Any:
    f = tf.function(lambda x: (tf.cast(x, tf.int32) * 2, x * 2.0, tf.argmax(tf.stack([x, x + 1.0]))))
    x = tf.constant(2.5)
    tape, (n, y, i) = recorded(tf, f, x, persistent=True)
    # To TensorFlow's tapes a function is one op, so that they find zero where eager ops have None.
    return tape.gradient(n, x, unconnected_gradients="zero"), tape.gradient(y, x), tape.gradient([n, y], x), i


@alike
def test_gradients_stop_inside_as_outside(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        return tf.stop_gradient(x * x) * x + tf.grad_pass_through(tf.sign)(x)

    found = []
    for value in (2.0, -3.0):
        x = tf.constant(value)
        tape, y = recorded(tf, f, x)
        found.append((y, tape.gradient(y, x)))
    return found


@alike
def test_a_tape_opened_around_an_assignment(tf: Any) -> Any:
    v = tf.Variable(2.0)

    @tf.function
    def f(x: Any) -> Any:
        y = v * v
        v.assign_add(x)
        return y + v * x

    found = []
    for value in (1.0, 5.0):
        x = tf.constant(value)
        tape, y = recorded(tf, f, x)
        found.append((y, tape.gradient(y, [v, x])))
    return found, v


@alike
def test_nested_functions_under_a_tape(tf: Any) -> Any:
    v = tf.Variable(2.0)
    inner = tf.function(lambda x: x * v)
    outer = tf.function(lambda x: inner(x) * inner(x + 1.0))
    found = []
    for value in (1.0, 2.0):
        x = tf.constant(value)
        tape, y = recorded(tf, outer, x)
        found.append((y, tape.gradient(y, [x, v])))
    return found


@alike
def test_a_tape_inside_and_one_outside(tf: Any) -> Any:
    w = tf.Variable([1.0, 2.0])

    @tf.function
    def penalty(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(tf.tanh(x * w))
        return tf.reduce_sum(tape.gradient(y, x) ** 2)

    found = []
    for value in ([0.5, 0.25], [-1.0, 0.75]):
        with tf.GradientTape() as tape:
            loss = penalty(tf.constant(value))
        found.append((loss, tape.gradient(loss, w)))
    return found


@alike
def test_only_what_is_watched_is_recorded(tf: Any) -> Any:
    v = tf.Variable(2.0)
    f = tf.function(lambda x: x * v)
    x = tf.constant(3.0)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        y = f(x)
    with tf.GradientTape(watch_accessed_variables=False) as watching:
        watching.watch(v)
        z = f(x)
    return tape.gradient(y, [x, v]), watching.gradient(z, [x, v]), len(tape.watched_variables())


@alike
def test_a_gradient_for_one_of_several_results(tf: Any) -> Any:
    f = tf.function(lambda x: (x * 2.0, x * 3.0, tf.constant(1.0)))
    x = tf.constant(1.0)
    tape, (_, second, third) = recorded(tf, f, x, persistent=True)
    return tape.gradient(second, x), tape.gradient(third, x, unconnected_gradients="zero")


# --- asking wrongly ---


@raises("A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians)")
def test_asking_a_tape_twice_inside(tf: Any) -> Any:
    @tf.function
    def f(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x
        return tape.gradient(y, x), tape.gradient(y, x)

    f(tf.constant(1.0))


@alike
def test_a_tape_of_the_first_call_is_no_tape_of_the_second(tf: Any) -> Any:
    f = tf.function(lambda x: x * x)
    x = tf.constant(3.0)
    first, y = recorded(tf, f, x)
    second, z = recorded(tf, f, x)
    return first.gradient(z, x), second.gradient(y, x)
