"""What may leave a function, and what may not: tensors of the trace, variables made inside, results."""

from __future__ import annotations

from typing import Any

from tests.differential.snippets import alike, raises


@raises("is out of scope and cannot be used here")
def test_a_tensor_kept_in_a_list(tf: Any) -> Any:
    kept: list[Any] = []

    @tf.function
    def step(x: Any) -> Any:
        kept.append(x * x)
        return x

    step(tf.constant(2.0))
    return kept[0] + 1.0


@raises("is out of scope and cannot be used here")
def test_a_tensor_kept_in_an_attribute_by_another_function(tf: Any) -> Any:
    module = tf.Module()

    @tf.function
    def first(x: Any) -> Any:
        module.hidden = tf.nn.relu(x)
        return x

    @tf.function
    def second(x: Any) -> Any:
        return module.hidden + x

    first(tf.ones([2])), second(tf.ones([2]))


@alike
def test_what_does_not_depend_on_arguments_may_be_kept_outside(tf: Any) -> Any:
    kept: dict[str, Any] = {}

    @tf.function
    def f(x: Any) -> Any:
        with tf.init_scope():
            kept.setdefault("table", tf.range(3.0))
        return x * kept["table"]

    return f(tf.constant(2.0)), f(tf.constant(3.0)), kept["table"]


@raises("tf.function only supports singleton tf.Variables created on the first call")
def test_a_variable_that_starts_with_an_argument_in_every_call(tf: Any) -> Any:
    tf.function(lambda x: tf.Variable(x) + 1.0)(tf.constant(1.0))


@alike
def test_results_of_a_function_that_looks_at_values_are_tensors(tf: Any) -> Any:
    @tf.function
    def sign(x: Any) -> Any:
        if x > 0:
            return 1, {"positive": True}
        return -1, {"positive": False}

    return sign(tf.constant(2.0)), sign(tf.constant(-2.0))


@alike
def test_a_tensor_has_a_name_while_a_function_is_traced(tf: Any) -> Any:
    names: list[str] = []

    @tf.function
    def f(x: Any) -> Any:
        y = x * 2.0 + 1.0
        names.extend((x.name, y.name, tf.sin(y).name))
        return y

    f(tf.constant(1.0))
    return names
