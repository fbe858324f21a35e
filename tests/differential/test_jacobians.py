"""GradientTape: jacobians of whole tensors and of batches."""

from __future__ import annotations

from typing import Any

from tests.differential.snippets import alike, raises, recorded

USED = "A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians)"


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
