"""tf.function: input signatures, concrete functions and sizes that are not known yet."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tests.differential.snippets import alike, raises


class Pair(NamedTuple):
    """A structure with names."""

    first: Any
    second: Any


# --- input_signature ---


@alike
def test_a_signature_with_unknown_sizes_traces_once(tf: Any) -> Any:
    shapes = []

    @tf.function(input_signature=[tf.TensorSpec([None, 2]), tf.TensorSpec([], tf.int32)])
    def f(x: Any, n: Any) -> Any:
        shapes.append((x.shape, n.shape, x.dtype, x.shape[1], x.shape.rank))
        return tf.reduce_sum(x, 0) * tf.cast(n, tf.float32)

    results = [f(tf.ones([rows, 2]), tf.constant(rows)) for rows in (1, 3, 5, 0)]
    return results, shapes, f.experimental_get_tracing_count()


@alike
def test_a_signature_of_unknown_rank(tf: Any) -> Any:
    f = tf.function(lambda x: tf.reduce_sum(x * 2.0), input_signature=[tf.TensorSpec(None)])
    return f(tf.constant(1.0)), f(tf.ones([2, 3])), f(tf.ones([2])), f.input_signature


@alike
def test_a_signature_of_a_structure(tf: Any) -> Any:
    vector = tf.TensorSpec([None])

    @tf.function(input_signature=[{"a": vector, "b": (vector, Pair(vector, tf.TensorSpec([])))}])
    def f(x: Any) -> Any:
        return tf.reduce_sum(x["a"]) + tf.reduce_sum(x["b"][0]) * 10 + x["b"][1].second * 100

    one = tf.ones([1])
    return (
        f({"a": one, "b": (tf.ones([2]), Pair(one, tf.constant(1.0)))}),
        f({"b": (tf.ones([4]), Pair(one, tf.constant(2.0))), "a": tf.ones([3])}),
        f.experimental_get_tracing_count(),
    )


@alike
def test_a_signature_converts_what_is_no_tensor(tf: Any) -> Any:
    f = tf.function(lambda x: x * 2, input_signature=[tf.TensorSpec([None])])
    return f([1, 2, 3]), f((1.5,)), f(np.arange(2, dtype=np.float32)), f(tf.Variable([1.0])), f(x=[4.0])


@alike
def test_a_signature_converts_numbers(tf: Any) -> Any:
    f = tf.function(lambda x: x / 2, input_signature=[tf.TensorSpec([], tf.float64)])
    return f(1), f(2.5), f(np.float64(3)), f.experimental_get_tracing_count()


@alike
def test_a_signature_may_leave_defaults_out(tf: Any) -> Any:
    f = tf.function(lambda x, n=3: x * n, input_signature=[tf.TensorSpec([None])])
    return f(tf.ones([2])), f(tf.ones([3]))


@alike
def test_a_signature_of_nothing(tf: Any) -> Any:
    f = tf.function(lambda: tf.constant(1) + 1, input_signature=[])
    return f(), f(), f.input_signature


@alike
def test_a_signature_may_be_a_tuple_with_names(tf: Any) -> Any:
    f = tf.function(lambda x, y: x - y, input_signature=(tf.TensorSpec([], name="a"), tf.TensorSpec([], name="b")))
    return f(tf.constant(3.0), tf.constant(1.0)), f(y=tf.constant(3.0), x=tf.constant(1.0)), f.input_signature


@alike
def test_a_method_with_a_signature(tf: Any) -> Any:
    class Layer(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = tf.Variable([[2.0], [3.0]])

        @tf.function(input_signature=[tf.TensorSpec([None, 2])])
        def __call__(self, x: Any) -> Any:
            return x @ self.w

    layer, other = Layer(), Layer()
    other.w.assign([[1.0], [1.0]])
    return layer(tf.ones([1, 2])), layer(tf.ones([3, 2])), other(tf.ones([1, 2])), layer([[1.0, 2.0]])


@raises("Can not cast TensorSpec(shape=(3, 3), dtype=tf.float32, name=None) to TensorSpec(shape=(None, 2)")
def test_a_shape_that_is_not_in_the_signature(tf: Any) -> Any:
    tf.function(lambda x: x, input_signature=[tf.TensorSpec([None, 2])])(tf.ones([3, 3]))


@raises("Can not cast TensorSpec(shape=(2,), dtype=tf.int32, name=None) to TensorSpec(shape=(None,), dtype=tf.float32")
def test_a_dtype_that_is_not_in_the_signature(tf: Any) -> Any:
    tf.function(lambda x: x, input_signature=[tf.TensorSpec([None])])(tf.constant([1, 2]))


@raises("to TensorSpec(shape=(None,), dtype=tf.float32")
def test_a_rank_that_is_not_in_the_signature(tf: Any) -> Any:
    tf.function(lambda x: x, input_signature=[tf.TensorSpec([None])])(tf.ones([1, 1]))


@raises("missing a required argument: 'y'")
def test_too_few_for_a_signature(tf: Any) -> Any:
    tf.function(lambda x, y: x, input_signature=[tf.TensorSpec([]), tf.TensorSpec([])])(tf.constant(1.0))


@raises("too many positional arguments")
def test_too_many_for_a_signature(tf: Any) -> Any:
    tf.function(lambda x: x, input_signature=[tf.TensorSpec([])])(tf.constant(1.0), tf.constant(1.0))


@raises("input_signature contains 1 extra type constraints")
def test_a_signature_longer_than_the_arguments(tf: Any) -> Any:
    f = tf.function(lambda x: x, input_signature=[tf.TensorSpec([]), tf.TensorSpec([])])
    f(tf.constant(1.0))


@raises("input_signature missing type constraint for y")
def test_a_signature_shorter_than_the_arguments(tf: Any) -> Any:
    f = tf.function(lambda x, y: x, input_signature=[tf.TensorSpec([])])
    f(tf.constant(1.0), tf.constant(1.0))


@raises("input_signature must be a possibly nested sequence of TensorSpec objects")
def test_a_signature_of_something_else(tf: Any) -> Any:
    tf.function(lambda x: x, input_signature=[3])(tf.constant(1.0))


@raises("input_signature must be either a tuple or a list")
def test_a_signature_that_is_no_list(tf: Any) -> Any:
    tf.function(lambda x: x, input_signature=tf.TensorSpec([]))(tf.constant(1.0))


@raises("Cannot convert 'a' to EagerTensor of dtype float")
def test_a_python_value_for_a_signature(tf: Any) -> Any:
    tf.function(lambda x: x, input_signature=[tf.TensorSpec([])])("a")


@raises("Attempt to convert a value (None)")
def test_none_for_a_signature(tf: Any) -> Any:
    tf.function(lambda x: x, input_signature=[tf.TensorSpec([])])(None)


# --- what is known while sizes are not ---


@alike
def test_shapes_that_follow_from_unknown_sizes(tf: Any) -> Any:
    shapes = []

    @tf.function(input_signature=[tf.TensorSpec([None, 3]), tf.TensorSpec([3, None])])
    def f(x: Any, y: Any) -> Any:
        parts = [
            x, y, x @ y, y @ x, tf.transpose(x), x + 1.0, x * x[:1], tf.reduce_sum(x), tf.reduce_sum(x, 0), x[0],
            tf.reduce_mean(x, 1), tf.reduce_max(x, 1, keepdims=True), x[:, 0], x[:, 1:], x[..., tf.newaxis],
            tf.expand_dims(x, 0), tf.reshape(x, [-1]), tf.concat([x, x], 0), tf.concat([x, x], 1), tf.stack([x, x]),
            tf.nn.softmax(x), tf.cast(x, tf.int32), tf.zeros_like(x), tf.argmax(x, 1), tf.argmax(x, 0), tf.shape(x),
            tf.size(x), tf.rank(x), tf.where(x > 0, x, 0.0), tf.nn.relu(x), tf.gather(x, [0, 0]), tf.tile(x, [1, 2]),
            tf.gather(x, [0], axis=1), tf.squeeze(x[:1], 0), tf.cumsum(x), tf.linalg.matvec(x, x[0]),
            tf.one_hot(tf.argmax(x, 1), 5), tf.ones([2, 2]), tf.einsum("ij,jk->ik", x, y), tf.reverse(x, [0]),
        ]  # fmt: skip
        shapes.extend(str(part.shape) for part in parts)
        return parts

    results = f(tf.reshape(tf.range(6.0), [2, 3]), tf.ones([3, 2])), f(tf.ones([1, 3]), tf.ones([3, 1]))
    return results, shapes


@alike
def test_sizes_computed_from_unknown_sizes(tf: Any) -> Any:
    @tf.function(input_signature=[tf.TensorSpec([None, None])])
    def f(x: Any) -> Any:
        rows, columns = tf.shape(x)[0], tf.shape(x)[1]
        flat = tf.reshape(x, [rows * columns])
        return (
            tf.shape(x), tf.size(x), rows * columns + 1, flat, tf.reshape(x, tf.reverse(tf.shape(x), [0])),
            tf.zeros([rows, 2]), tf.range(rows), tf.fill([columns], 1.5), tf.tile(x, [rows, 1])[:1],
            x / tf.cast(rows, tf.float32), tf.eye(columns), tf.reshape(x, [columns, -1]), tf.ones(tf.shape(x)) * 2.0,
            tf.broadcast_to(x[:1], tf.shape(x)), tf.reduce_sum(flat) / tf.cast(tf.size(x), tf.float32),
            tf.linspace(0.0, 1.0, rows), tf.one_hot(tf.range(rows), columns), x[: rows - 1], x[rows // 2],
        )  # fmt: skip

    return [f(tf.reshape(tf.range(float(n * m)), [n, m])) for n, m in ((2, 3), (1, 1), (4, 2), (3, 5))]


@alike
def test_no_size_is_frozen_into_a_gradient(tf: Any) -> Any:
    @tf.function(input_signature=[tf.TensorSpec([None, None])])
    def f(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = [
                tf.reduce_mean(x), tf.reduce_mean(x, 0), tf.nn.softmax(x), x * x[:1], tf.reshape(x * x, [-1]),
                x @ tf.transpose(x),
                tf.math.reduce_variance(x), tf.concat([x, 2.0 * x], 1), tf.reduce_max(x, 1), x[0], x[1:],
                tf.tile(x, [2, 1]), tf.gather(x, [0, 0]), tf.reduce_prod(x[:, :1]), tf.cumsum(x), tf.stack([x, x]),
                tf.reduce_logsumexp(x, 0), tf.norm(x + 1.0), tf.transpose(x) * 2.0, tf.pad(x, [[1, 0], [0, 1]]),
            ]  # fmt: skip
        return tape.gradient(y, x)

    return [f(tf.reshape(tf.range(float(n * m)) / 7 + 0.1, [n, m])) for n, m in ((2, 3), (1, 1), (4, 2), (1, 5))]


@alike
def test_a_loss_over_a_batch_of_any_size(tf: Any) -> Any:
    w, b = tf.Variable([[0.5, -0.5], [0.25, 0.75]]), tf.Variable([0.1, 0.2])

    @tf.function(input_signature=[tf.TensorSpec([None, 2]), tf.TensorSpec([None], tf.int64)])
    def step(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            logits = x @ w + b
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
            loss = tf.reduce_mean(losses)
        gradients = tape.gradient(loss, [w, b])
        for v, gradient in zip([w, b], gradients, strict=True):
            v.assign_sub(0.1 * gradient)
        right = tf.reduce_sum(tf.cast(tf.argmax(logits, 1) == y, tf.int32))
        return loss, right, gradients

    x = tf.constant([[1.0, 2.0], [3.0, -4.0], [-5.0, 6.0], [0.5, 0.25]])
    y = tf.constant([0, 1, 1, 0], tf.int64)
    results = [step(x[:n], y[:n]) for n in (4, 3, 1, 2, 4)]
    return results, w, b, step.experimental_get_tracing_count()


@alike
def test_branches_on_what_is_known(tf: Any) -> Any:
    @tf.function(input_signature=[tf.TensorSpec([None, 2])])
    def f(x: Any) -> Any:
        if x.shape[0] is None and x.shape[1] == 2 and x.shape.rank == 2 and not x.shape.is_fully_defined():
            return x * 2.0
        return x

    return f(tf.ones([3, 2])), f(tf.ones([0, 2]))


@raises("")
def test_an_unknown_size_is_no_number(tf: Any) -> Any:
    tf.function(lambda x: tf.zeros([x.shape[0]]), input_signature=[tf.TensorSpec([None])])(tf.ones([2]))


@raises("Incompatible shapes: [2] vs. [3]")
def test_shapes_that_fit_by_chance_fail_later(tf: Any) -> Any:
    f = tf.function(lambda x, y: x + y, input_signature=[tf.TensorSpec([None]), tf.TensorSpec([None])])
    f(tf.ones([3]), tf.ones([3])), f(tf.ones([1]), tf.ones([3]))
    f(tf.ones([2]), tf.ones([3]))


@alike
def test_unknown_sizes_may_broadcast(tf: Any) -> Any:
    f = tf.function(lambda x, y: x + y, input_signature=[tf.TensorSpec([None]), tf.TensorSpec([None])])
    return f(tf.ones([3]), tf.ones([3])), f(tf.ones([1]), tf.ones([3])), f(tf.ones([3]), tf.ones([1]))


@alike
def test_gradients_where_unknown_sizes_broadcast(tf: Any) -> Any:
    @tf.function(input_signature=[tf.TensorSpec([None, None]), tf.TensorSpec([None, None])])
    def f(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch([x, y])
            z = x * y + y
        return z, tape.gradient(z, [x, y])

    a, b, c = tf.constant([[1.0, 2.0]]), tf.constant([[3.0], [4.0]]), tf.constant([[1.0, 2.0], [5.0, 6.0]])
    return f(a, b), f(c, c), f(b, a), f(c, a), f(c, b), f(a, a)


# --- reduce_retracing ---


@alike
def test_reduced_retracing_gives_the_same(tf: Any) -> Any:
    f = tf.function(lambda x: tf.reduce_sum(x, 0) * 2.0, reduce_retracing=True)
    return [f(tf.ones([n, 2])) for n in (1, 2, 3, 4, 5)]


@alike
def test_reduced_retracing_traces_less(tf: Any) -> Any:
    f = tf.function(lambda x: x * 2.0, reduce_retracing=True)
    for n in range(1, 8):
        f(tf.ones([n, 2]))
    return f.experimental_get_tracing_count() <= 2


# --- concrete functions ---


@alike
def test_a_concrete_function_of_specs(tf: Any) -> Any:
    f = tf.function(lambda x, y: x @ y)
    concrete = f.get_concrete_function(tf.TensorSpec([None, 2]), tf.TensorSpec([2, 1]))
    x = tf.ones([3, 2])
    return concrete(x, x[:2, :1]), concrete(x[:1], x[:2, :1]), f(x, x[:2, :1]), f.experimental_get_tracing_count()


@alike
def test_a_concrete_function_of_values(tf: Any) -> Any:
    f = tf.function(lambda x, n: x * n)
    concrete = f.get_concrete_function(tf.constant([1.0, 2.0]), 3)
    return concrete(tf.constant([5.0, 6.0])), f(tf.constant([1.0, 2.0]), 3), f.experimental_get_tracing_count()


@alike
def test_a_concrete_function_is_made_once(tf: Any) -> Any:
    f = tf.function(lambda x: x * 2)
    first = f.get_concrete_function(tf.TensorSpec([2]))
    second, third = f.get_concrete_function(tf.ones([2])), f.get_concrete_function(tf.TensorSpec([3]))
    return first is second, first is third, f.experimental_get_tracing_count()


@alike
def test_a_concrete_function_of_keywords(tf: Any) -> Any:
    f = tf.function(lambda x, y: x - y)
    concrete = f.get_concrete_function(x=tf.TensorSpec([]), y=tf.TensorSpec([]))
    one, two = tf.constant(1.0), tf.constant(2.0)
    return concrete(x=one, y=two), concrete(y=one, x=two), concrete(one, two)


@alike
def test_a_concrete_function_of_an_input_signature(tf: Any) -> Any:
    f = tf.function(lambda x: x * 2.0, input_signature=[tf.TensorSpec([None])])
    concrete = f.get_concrete_function()
    return concrete(tf.ones([2])), concrete(tf.ones([3])), f(tf.ones([1])), f.experimental_get_tracing_count()


@alike
def test_a_concrete_function_of_a_method(tf: Any) -> Any:
    class Thing:
        factor = 3.0

        @tf.function
        def scaled(self, x: Any) -> Any:
            return self.factor * x

    thing = Thing()
    concrete = thing.scaled.get_concrete_function(tf.TensorSpec([None]))
    return concrete(tf.ones([1])), concrete(tf.ones([2]))


@alike
def test_a_concrete_function_with_a_python_value_as_default(tf: Any) -> Any:
    f = tf.function(lambda x, n=2: x * n)
    return (
        f.get_concrete_function(tf.TensorSpec([]))(tf.constant(1.5)),
        f.get_concrete_function(tf.TensorSpec([]), 5)(tf.constant(1.5)),
        f.get_concrete_function(tf.TensorSpec([]), n=7)(tf.constant(1.5)),
    )


@alike
def test_what_a_concrete_function_takes(tf: Any) -> Any:
    f = tf.function(lambda x, y=2, *, z: {"a": x * y, "b": [z]})
    concrete = f.get_concrete_function(tf.TensorSpec([None, 2]), z=tf.TensorSpec([], tf.int32))
    return concrete.structured_input_signature


@alike
def test_names_of_what_a_concrete_function_takes(tf: Any) -> Any:
    f = tf.function(lambda x, y: x)
    return (
        f.get_concrete_function(tf.TensorSpec([], name="first"), tf.constant(1)).structured_input_signature,
        f.get_concrete_function(
            [tf.TensorSpec([1]), tf.TensorSpec([2])], {"k": tf.ones([1])}
        ).structured_input_signature,
    )


@alike
def test_what_a_concrete_function_gives(tf: Any) -> Any:
    f = tf.function(lambda x: {"b": x @ tf.ones([2, 3]), "a": (tf.shape(x)[0], [x > 0])})
    concrete = f.get_concrete_function(tf.TensorSpec([None, 2]))
    outputs = concrete.structured_outputs
    return list(outputs), [(str(y.shape), y.dtype) for y in tf.nest.flatten(outputs)]


@alike
def test_a_concrete_function_changes_variables(tf: Any) -> Any:
    v = tf.Variable(1.0)
    concrete = tf.function(lambda x: v.assign_add(x) * 2.0).get_concrete_function(tf.TensorSpec([]))
    before = float(v)
    return before, concrete(tf.constant(2.0)), concrete(tf.constant(3.0)), v


@alike
def test_a_concrete_function_refuses_another_dtype(tf: Any) -> Any:
    concrete = tf.function(lambda x: x * 2).get_concrete_function(tf.TensorSpec([2]))
    try:
        concrete(tf.constant([1, 2]))
    except (TypeError, tf.errors.InvalidArgumentError):
        return concrete(tf.ones([2]))


@raises("missing a required argument: 'y'")
def test_a_concrete_function_refuses_too_few(tf: Any) -> Any:
    tf.function(lambda x, y: x).get_concrete_function(tf.TensorSpec([]), tf.TensorSpec([]))(tf.constant(1.0))


@raises("too many positional arguments")
def test_a_concrete_function_refuses_too_many(tf: Any) -> Any:
    tf.function(lambda x: x).get_concrete_function(tf.TensorSpec([]))(tf.constant(1.0), tf.constant(1.0))


@raises("missing a required argument: 'x'")
def test_a_concrete_function_needs_to_know_its_arguments(tf: Any) -> Any:
    tf.function(lambda x: x).get_concrete_function()


@raises("Can not cast TensorSpec(shape=(3,), dtype=tf.float32, name=None) to")
def test_a_concrete_function_of_what_does_not_fit_the_signature(tf: Any) -> Any:
    f = tf.function(lambda x: x, input_signature=[tf.TensorSpec([None, 2])])
    f.get_concrete_function(tf.TensorSpec([3]))
