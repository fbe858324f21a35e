"""Layers of users' own: how they are made, built, called, named, frozen and described is as in Keras."""

from __future__ import annotations

import copy
import pickle
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minitf
from tests.differential.agreement import assert_same_error, errors_of

X = np.array([[1.0, -2.0, 3.0], [0.5, 0.25, -4.0]], "float32")
Snippet = Callable[[Any], Any]


def plain(value: Any) -> Any:
    """Return a result as what both sides can be compared by: lists of numbers, and texts."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if hasattr(value, "numpy"):
        value = value.numpy()
    if isinstance(value, np.ndarray | np.generic):
        return [value.dtype.name, value.shape, np.round(value.astype("float64"), 4).tolist()]
    return value if isinstance(value, bool | int | float | str | None) else repr(value)


def outcome(tf: Any, snippet: Snippet) -> Any:
    tf.keras.backend.clear_session(free_memory=False)
    try:
        return plain(snippet(tf))
    except errors_of(tf) as error:
        return error


def alike(snippet: Snippet) -> Callable[[ModuleType], None]:
    """Make a test that a snippet has the same result on both sides."""

    def test(oracle: ModuleType) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = outcome(oracle, snippet)
        assert not isinstance(theirs, Exception), theirs
        ours = outcome(minitf, snippet)
        if isinstance(ours, Exception):
            raise ours
        assert ours == theirs

    test.__name__ = snippet.__name__
    return test


def raises(words: str) -> Callable[[Snippet], Callable[[ModuleType], None]]:
    """Make a test that a snippet raises the same class of error on both sides, with these words."""

    def decorate(snippet: Snippet) -> Callable[[ModuleType], None]:
        def test(oracle: ModuleType) -> None:
            theirs, ours = outcome(oracle, snippet), outcome(minitf, snippet)
            assert isinstance(theirs, Exception), theirs
            assert_same_error(ours, theirs)
            assert words in str(theirs)
            assert words in str(ours)

        test.__name__ = snippet.__name__
        return test

    return decorate


def paths(layer: Any) -> Any:
    """Return which weights a layer has."""
    return {
        "weights": [(each.path, each.name, tuple(each.shape), each.trainable) for each in layer.weights],
        "trainable": [each.path for each in layer.trainable_variables],
        "others": [each.path for each in layer.non_trainable_variables],
        "all": [each.path for each in layer.variables],
        "built": layer.built,
    }


def linear(tf: Any) -> Any:
    """Return the layer of the textbooks."""

    class Linear(tf.keras.layers.Layer):  # type: ignore[misc,name-defined]
        def __init__(self, units: int = 2, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.units = units

        def build(self, input_shape: Any) -> None:
            self.offset = self.add_weight(name="offset", shape=(), initializer="zeros", trainable=False)
            self.w = self.add_weight(name="w", shape=(input_shape[-1], self.units), initializer="ones")
            self.b = self.add_weight(name="b", shape=(self.units,), initializer="zeros", regularizer="l2")

        def call(self, inputs: Any) -> Any:
            return tf.matmul(inputs, self.w) + self.b + self.offset

    return Linear


def doubled(tf: Any) -> Any:
    """Return a layer with layers inside, by name, in a list and in a dictionary."""

    class Doubled(tf.keras.layers.Layer):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__(name="outer")
            inner = linear(tf)
            self.first = inner(3, name="first")
            self.several = [inner(2), inner(2)]
            self.named = {"a": inner(1, name="last"), "b": (tf.keras.layers.Dropout(0.5, seed=1),)}

        def call(self, inputs: Any, training: Any = None) -> Any:
            x = self.first(inputs)
            for each in self.several:
                x = each(x)
            return self.named["b"][0](self.named["a"](x))

    return Doubled()


# --- making and building ----------------------------------------------------------------------------------------------


@alike
def test_weights_are_made_by_the_first_call(tf: Any) -> Any:
    layer = linear(tf)()
    before = paths(layer), repr(layer)
    return before, layer(X), paths(layer), repr(layer), layer.get_build_config(), layer.count_params()


@alike
def test_weights_are_made_by_build(tf: Any) -> Any:
    layer = linear(tf)(name="mine")
    layer.build((None, 4))
    return paths(layer), layer.get_build_config(), layer.get_weights()


@alike
def test_weights_may_be_made_in_init(tf: Any) -> Any:
    class Scale(tf.keras.layers.Layer):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.scale = self.add_weight(shape=(), initializer=tf.keras.initializers.Constant(2.0), name="scale")
            self.count = self.add_weight(shape=(), dtype="int32", trainable=False)

        def call(self, x: Any) -> Any:
            return self.scale * x

    layer = Scale()
    before = paths(layer)
    return before, layer(X), paths(layer), layer.get_build_config(), [each.dtype for each in layer.get_weights()]


@alike
def test_layers_inside_are_found_wherever_they_stand(tf: Any) -> Any:
    layer = doubled(tf)
    before = paths(layer)
    y = layer(X)
    return before, y, paths(layer), layer.count_params(), layer.first.path, layer.named["a"].path


@alike
def test_layers_inside_are_built_in_their_own_build(tf: Any) -> Any:
    class Outer(tf.keras.layers.Layer):  # type: ignore[misc,name-defined]
        def build(self, input_shape: Any) -> None:
            self.inner = linear(tf)(input_shape[-1])
            self.inner.build(input_shape)
            self.extra = self.add_weight(shape=(1,), name="extra", initializer="zeros")

        def call(self, x: Any) -> Any:
            return self.inner(x)

    layer = Outer()
    return layer(X), paths(layer)


@alike
def test_build_may_name_several_inputs(tf: Any) -> Any:
    class Both(tf.keras.layers.Layer):  # type: ignore[misc,name-defined]
        def build(self, b_shape: Any, a_shape: Any) -> None:
            self.shapes = tuple(a_shape), tuple(b_shape)

        def call(self, a: Any, b: Any, scale: float = 1.0) -> Any:
            return tf.reduce_sum(a) * scale + tf.reduce_sum(b)

    layer = Both()
    return layer(X, b=X[:, :2]), layer.shapes, layer(X, X, scale=2.0), layer.get_build_config()


@raises("You cannot add new elements of state (variables or sub-layers) to a layer that is already built")
def test_weights_are_built_once(tf: Any) -> Any:
    layer = linear(tf)()
    layer.build((None, 3))
    layer.build((None, 4))


@pytest.mark.parametrize("kind", ["Layer", "Model"])
def test_a_first_call_that_fails_does_not_count(kind: str, oracle: ModuleType) -> None:
    def snippet(tf: Any) -> Any:
        class Block(getattr(tf.keras, kind)):  # type: ignore[misc]
            def __init__(self) -> None:
                super().__init__()
                self.first, self.last = tf.keras.layers.Reshape((4,)), tf.keras.layers.Dense(1)

            def call(self, x: Any) -> Any:
                return self.last(self.first(x))

        block = Block()
        with pytest.raises(ValueError, match="total size of the tensor must be unchanged"):
            block(X)
        before = block.built, block.get_build_config()
        block(np.ones((2, 4), "float32"))
        return before, block.built, block.get_build_config()

    alike(snippet)(oracle)


@alike
def test_building_twice_is_no_matter_without_weights(tf: Any) -> Any:
    layer = tf.keras.layers.Activation("relu")
    layer.build((None, 3))
    layer.build((None, 4))
    return paths(layer)


@alike
def test_inputs_may_be_lists_and_dictionaries(tf: Any) -> Any:
    class Listed(tf.keras.layers.Layer):  # type: ignore[misc,name-defined]
        def build(self, input_shape: Any) -> None:
            self.shapes = input_shape

        def call(self, inputs: Any) -> Any:
            return {"sum": tf.add_n([tf.reduce_sum(each) for each in tf.nest.flatten(inputs)])}

    first, second, third = Listed(), Listed(), Listed()
    return (
        [first([X, X[:1]]), [tuple(each) for each in first.shapes]],
        [second({"a": X, "b": X[0]}), {name: tuple(each) for name, each in second.shapes.items()}],
        [third((X, [X])), repr(third.shapes)],
    )


@pytest.mark.parametrize(
    "args",
    [
        {"shape": (2,)},  {"shape": [2, 1], "initializer": "ones"}, {}, {"dtype": "int64", "shape": (2,)},
        {"shape": (2,), "trainable": False, "name": "kept"}, {"initializer": "zeros", "regularizer": "l1"},
        {"shape": (2,), "constraint": "non_neg", "initializer": "zeros"}, {"shape": (), "dtype": "float64"},
    ],
)  # fmt: skip
def test_add_weight_takes_keras_arguments(args: Any, oracle: ModuleType) -> None:
    def snippet(tf: Any) -> Any:
        weight = tf.keras.layers.Layer(name="l").add_weight(**args)
        dtype = getattr(weight.dtype, "name", weight.dtype)
        kinds = [type(each).__name__ for each in (weight.regularizer, weight.constraint)]
        return tuple(weight.shape), dtype, weight.trainable, weight.name, weight.path, kinds

    assert outcome(minitf, snippet) == outcome(oracle, snippet)


@alike
def test_add_weight_takes_shape_initializer_and_dtype_by_position(tf: Any) -> Any:
    return tf.keras.layers.Layer().add_weight((2,), "ones", "float64").numpy()


@alike
def test_a_variable_of_keras_as_attribute_is_a_weight(tf: Any) -> Any:
    layer = tf.keras.layers.Layer()
    layer.v = tf.keras.Variable([1.0, 2.0], name="v")
    layer.w = [tf.keras.Variable(lambda shape, dtype: tf.ones(shape, dtype), shape=(2,), trainable=False, name="w")]
    return layer.get_weights(), [each.path for each in layer.weights]


# --- calling ----------------------------------------------------------------------------------------------------------


@alike
def test_arrays_and_other_dtypes_become_tensors_of_the_layers(tf: Any) -> Any:
    class Same(tf.keras.layers.Layer):  # type: ignore[misc,name-defined]
        def call(self, x: Any, y: Any = None) -> Any:
            return [x, y] if y is not None else x

    data = [X, X.astype("float64"), np.arange(3), np.array([True]), np.float64(2), tf.constant([1, 2], "int64")]
    return (
        [Same()(each) for each in data],
        [Same(dtype="float64")(each) for each in data],
        [Same(autocast=False)(each) for each in data],
        Same()(X, y=X.astype("float16")),
        Same()(X[0], X[1]),
    )


@alike
def test_training_is_passed_on_to_layers_inside(tf: Any) -> Any:
    class Inner(tf.keras.layers.Layer):  # type: ignore[misc,name-defined]
        def call(self, x: Any, training: Any = None) -> Any:
            return x * {None: 1.0, False: 2.0, True: 3.0}[training]

    class Usual(Inner):
        def call(self, x: Any, training: Any = False) -> Any:
            return super().call(x, training)

    class Outer(tf.keras.layers.Layer):  # type: ignore[misc,name-defined]
        def __init__(self, inner: Any) -> None:
            super().__init__()
            self.inner = inner

        def call(self, x: Any) -> Any:
            return self.inner(x)

    class Fixed(Outer):
        def call(self, x: Any) -> Any:
            return self.inner(x, training=True)

    layers = [
        Inner(),
        Usual(),
        Outer(Inner()),
        Outer(Usual()),
        Outer(Outer(Inner())),
        Fixed(Inner()),
        Outer(Fixed(Usual())),
    ]
    return [
        [layer(X, **how) for how in ({}, {"training": True}, {"training": False}, {"training": None})]
        for layer in layers
    ]


@alike
def test_a_layer_runs_in_a_captured_function(tf: Any) -> Any:
    layer = doubled(tf)
    call = tf.function(lambda x: layer(x, training=True))
    return call(tf.constant(X)), call(tf.constant(X)), paths(layer)


@alike
def test_a_call_may_return_structures(tf: Any) -> Any:
    class Parts(tf.keras.layers.Layer):  # type: ignore[misc,name-defined]
        def call(self, x: Any) -> Any:
            return {"head": x[:, :1], "rest": [x[:, 1:], tf.reduce_sum(x, axis=1)]}

    layer, data = Parts(), tf.keras.Input((3,))
    symbolic = layer(data)
    return layer(X), [each.shape for each in tf.nest.flatten(symbolic)], type(layer.output).__name__


@alike
def test_a_spec_is_compared_with_what_was_cast(tf: Any) -> Any:
    return specified(tf, dtype="float32")(X.astype("float64"))


@alike
def test_a_layer_may_call_itself(tf: Any) -> Any:
    class Again(tf.keras.layers.Layer):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.inner = linear(tf)(3)

        def call(self, x: Any, times: int = 2) -> Any:
            self.add_loss(tf.reduce_sum(x))
            return self(x, times=times - 1) if times else self.inner(x)

    layer = Again()
    return layer(X), layer(X), len(layer.losses), paths(layer)


# --- losses and metrics -----------------------------------------------------------------------------------------------


def costly(tf: Any) -> Any:
    class Costly(tf.keras.layers.Layer):  # type: ignore[misc,name-defined]
        def __init__(self, cost: float = 1.0, inner: Any = None) -> None:
            super().__init__(activity_regularizer="l2" if inner is None else None)
            self.cost, self.inner = cost, inner

        def call(self, x: Any) -> Any:
            self.add_loss(self.cost * tf.reduce_sum(x))
            return x if self.inner is None else self.inner(self.inner(x))

    return Costly


@alike
def test_losses_are_those_of_the_last_call(tf: Any) -> Any:
    layer = costly(tf)()
    found = [layer.losses]
    for scale in (1.0, 2.0):
        layer(scale * X)
        found.append(layer.losses)
    return found


@alike
def test_losses_of_layers_inside_count_once_for_each_call(tf: Any) -> Any:
    inner = costly(tf)(10.0)
    outer = costly(tf)(1.0, inner)
    found = []
    for scale in (1.0, 2.0):
        outer(scale * X)
        found.append([sum(float(each) for each in layer.losses) for layer in (outer, inner)])
    return found, len(outer.losses)


@alike
def test_penalties_are_of_the_trainable_weights(tf: Any) -> Any:
    layer = doubled(tf)
    layer(X)
    layer.set_weights([each + 1.0 for each in layer.get_weights()])
    found = [layer.losses]
    layer.first.trainable = False
    found.append(layer.losses)
    layer.trainable = False
    return found, layer.losses


@alike
def test_losses_of_layers_that_are_called_one_by_one(tf: Any) -> Any:
    outer = costly(tf)(1.0, costly(tf)(10.0))
    found = [len(outer.losses)]
    for layer in (outer.inner, outer, outer.inner, outer):
        layer(X)
        found.append([len(outer.losses), sum(float(each) for each in outer.losses)])
    return found


@alike
def test_symbolic_calls_leave_no_losses(tf: Any) -> Any:
    layer, outer = costly(tf)(), costly(tf)(1.0, costly(tf)(10.0))
    model = tf.keras.Model(x := tf.keras.Input((3,)), outer(layer(x)))
    before = len(layer.losses), len(outer.losses), len(model.losses)
    model(X)
    return before, len(model.losses)


@alike
def test_an_activity_penalty_leaves_out_what_is_no_tensor(tf: Any) -> Any:
    class Partly(tf.keras.layers.Layer):  # type: ignore[misc,name-defined]
        def call(self, x: Any) -> Any:
            return x, None

    layer = Partly(activity_regularizer="l1")
    return layer(X)[0], layer.losses


@alike
def test_metrics_inside_are_found(tf: Any) -> Any:
    class Watched(tf.keras.layers.Layer):  # type: ignore[misc,name-defined]
        def __init__(self, inner: Any = None) -> None:
            super().__init__()
            self.seen = tf.keras.metrics.Mean(name="seen")
            self.inner = inner

        def call(self, x: Any) -> Any:
            self.seen.update_state(x)
            return x

    layer = Watched(Watched())
    layer(X)
    found = [(each.name, each.result()) for each in layer.metrics]
    return found, len(layer.metrics_variables), len(layer.variables), len(layer.weights)


# --- weights ----------------------------------------------------------------------------------------------------------


@alike
def test_freezing_a_layer_freezes_what_is_inside(tf: Any) -> Any:
    layer = doubled(tf)
    layer(X)
    found = []
    for thing, value in ((layer.first, False), (layer, False), (layer.named["a"], True), (layer, True)):
        thing.trainable = value
        found.append([paths(layer), layer.first.trainable, layer.get_weights()])
    return found


@alike
def test_freezing_a_layer_freezes_variables_in_its_attributes(tf: Any) -> Any:
    outer, inner = tf.keras.layers.Layer(), tf.keras.layers.Layer()
    outer.inner = inner
    inner.free, inner.fixed = (tf.keras.Variable([1.0], trainable=trainable) for trainable in (True, False))
    found = []
    for trainable in (True, False, True):
        inner.trainable = trainable
        found.append([len(outer.trainable_weights), inner.free.trainable, inner.fixed.trainable])
    return found


@alike
def test_layers_inside_have_the_order_in_which_they_came(tf: Any) -> Any:
    def inner(name: str) -> Any:
        return tf.keras.layers.Dense(1, name=name)

    layer, first, second = tf.keras.layers.Layer(), inner("first"), inner("second")
    layer.kernels, layer.others, layer.named = [], [], {}
    layer.out = inner("out")
    for i in range(2):
        layer.kernels.append(inner(f"kernel_{i}"))
        layer.others.append(inner(f"other_{i}"))
    layer.pair = [second, first]
    layer.named["last"] = inner("last")
    return [each.name for each in layer._layers], [each.name for each in layer._flatten_layers(include_self=False)]


@alike
def test_a_copy_of_a_layer_keeps_names_weights_and_penalties(tf: Any) -> Any:
    layer = tf.keras.layers.Dense(2, kernel_regularizer="l2", kernel_constraint="non_neg", name="mine")
    layer(tf.keras.Input((3,)))
    layer(X)
    copies = [copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))]
    same = [[bool(np.all(a == b)) for a, b in zip(c.get_weights(), layer.get_weights(), strict=True)] for c in copies]
    kinds = [type(each.kernel.constraint).__name__ for each in copies]
    return same, kinds, [(repr(each), paths(each), len(each.losses)) for each in copies]


@alike
def test_a_layer_frozen_before_it_is_built_stays_frozen(tf: Any) -> Any:
    layer, other = linear(tf)(trainable=False), linear(tf)()
    other.trainable = False
    layer(X)
    other(X)
    found = [paths(layer), paths(other)]
    layer.trainable = True
    return found, paths(layer)


@alike
def test_one_weight_may_be_frozen(tf: Any) -> Any:
    layer = linear(tf)()
    layer(X)
    layer.w.trainable = False
    return paths(layer)


@alike
def test_set_weights_gives_back_what_get_weights_gave(tf: Any) -> Any:
    layer, other = linear(tf)(), linear(tf)()
    layer(X)
    other(X)
    layer.set_weights([np.float32(5), X[:, :2].repeat(3, 0)[:3], np.ones(2)][1:] + [np.float32(5)])
    other.set_weights(layer.get_weights())
    return other.get_weights(), other(X)


@raises("with a weight list of length 1, but the layer was expecting 3 weights")
def test_set_weights_wants_all_weights(tf: Any) -> Any:
    layer = linear(tf)()
    layer(X)
    layer.set_weights([np.ones((3, 2))])


@raises("weight shape")
def test_set_weights_wants_the_same_shapes(tf: Any) -> Any:
    layer = linear(tf)()
    layer(X)
    layer.set_weights([np.ones((2, 3)), np.ones(2), np.ones(())])


@raises("the layer isn't built")
def test_parameters_are_counted_after_they_are_made(tf: Any) -> Any:
    return linear(tf)().count_params()


# --- symbolic calls ---------------------------------------------------------------------------------------------------


@alike
def test_shapes_of_symbolic_results_are_found_out(tf: Any) -> Any:
    class Reduced(tf.keras.layers.Layer):  # type: ignore[misc,name-defined]
        def call(self, x: Any, keep: bool = False) -> Any:
            return tf.reduce_sum(x, axis=1, keepdims=keep)

    class Told(Reduced):
        def compute_output_shape(self, input_shape: Any) -> Any:
            return (input_shape[0], 77)

    inputs = [tf.keras.Input((3,)), tf.keras.Input((None, 4), dtype="int32"), tf.keras.Input((2, 5), batch_size=6)]
    layer = linear(tf)()
    found = [layer(inputs[0]), doubled(tf)(inputs[0]), Told()(inputs[0])]
    found += [Reduced()(x) for x in inputs] + [Reduced()(x, keep=True) for x in inputs]
    return [(each.shape, each.dtype) for each in found], paths(layer), layer.input.shape, layer.output.shape


@alike
def test_layers_with_layers_inside_are_built_by_symbolic_calls(tf: Any) -> Any:
    layer = doubled(tf)
    layer(tf.keras.Input((3,)))
    return paths(layer), layer.get_weights(), layer(X)


OPERATORS: dict[str, Any] = {
    "+": lambda x, y: x + y, "-": lambda x, y: x - y, "*": lambda x, y: x * y, "/": lambda x, y: x / y,
    "//": lambda x, y: x // y, "%": lambda x, y: x % y, "**": lambda x, y: x**3, "<": lambda x, y: x < y,
    "<=": lambda x, y: x <= y, ">": lambda x, y: x > y, ">=": lambda x, y: x >= y, "2+": lambda x, y: 2 + x,
    "1-": lambda x, y: 1 - x, "2*": lambda x, y: 2.0 * x, "1/": lambda x, y: 1 / x, "2**": lambda x, y: 2.0**x,
    "-x": lambda x, y: -x, "abs": lambda x, y: abs(x), "[:, 0]": lambda x, y: x[:, 0], "[:, 1:]": lambda x, y: x[:, 1:],
    "[..., None]": lambda x, y: x[..., None],
    "@": lambda x, y: x @ np.ones((3, 2), "float32"),
}  # fmt: skip


@pytest.mark.parametrize("operator", OPERATORS)
def test_operators_work_on_symbolic_tensors(operator: str, oracle: ModuleType) -> None:
    def snippet(tf: Any) -> Any:
        x, y = tf.keras.Input((3,)), tf.keras.Input((3,))
        z = OPERATORS[operator](x, y)
        model = tf.keras.Model([x, y], z)
        return z.shape, z.dtype, z._keras_history[0].name, model([X, X[::-1].copy()])

    theirs, ours = outcome(oracle, snippet), outcome(minitf, snippet)
    assert not isinstance(theirs, Exception), theirs
    assert ours == theirs


SYMBOLIC: dict[str, Callable[[Any, Any], Any]] = {
    "sizes that are known": lambda tf, x: tf.stack([x[:, i] for i in range(x.shape[1])], 1),
    "sizes that differ": lambda tf, x: tf.zeros((tf.shape(x)[0], 2)) + tf.reduce_sum(x),
    "new axes": lambda tf, x: x[:, tf.newaxis, :],
    "another size of the batch": lambda tf, x: tf.concat([x, x], 0),
    "a size that depends on values": lambda tf, x: tf.boolean_mask(x, x[:, 0] > 0),
    "other dtypes": lambda tf, x: (tf.cast(x, tf.int64), tf.argmax(x, 1), x > 0),
    "draws": lambda tf, x: x + tf.random.normal(tf.shape(x)),
    "functions": lambda tf, x: tf.function(lambda z: 2 * z)(x),
    "loops": lambda tf, x: tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, 2.0 * y), (0, x))[1],
    "new layers": lambda tf, x: x * tf.keras.layers.Dense(1)(x),
    "nothing": lambda tf, x: None,
}


@pytest.mark.parametrize("what", SYMBOLIC)
def test_a_call_may_have(what: str, oracle: ModuleType) -> None:
    def snippet(tf: Any) -> Any:
        found = calling(tf, SYMBOLIC[what])(tf.keras.Input((3,)))
        return [(each.shape, each.dtype) for each in tf.nest.flatten(found) if each is not None]

    theirs, ours = outcome(oracle, snippet), outcome(minitf, snippet)
    assert not isinstance(theirs, Exception), theirs
    assert ours == theirs


def calling(tf: Any, function: Any) -> Any:
    """Return a layer that calls a function of `tf` and of its input."""

    class Calling(tf.keras.layers.Layer):  # type: ignore[misc,name-defined]
        def call(self, x: Any) -> Any:
            return function(tf, x)

    return Calling()


@raises("Could not automatically infer the output shape / dtype of 'calling'")
def test_a_call_that_fails_has_no_symbolic_result(tf: Any) -> Any:
    return calling(tf, lambda tf, x: tf.matmul(x, tf.ones((5, 2))))(tf.keras.Input((3,)))


@raises("Could not automatically infer the output shape / dtype of 'calling'")
def test_a_size_of_none_is_no_number(tf: Any) -> Any:
    return calling(tf, lambda tf, x: tf.zeros((x.shape[0], 2)))(tf.keras.Input((3,)))


@raises("has never been called and thus has no defined output")
def test_a_layer_has_an_output_after_a_symbolic_call(tf: Any) -> Any:
    layer = linear(tf)()
    layer(X)
    return layer.output


@raises("cannot be used as input to a TensorFlow function")
def test_functions_do_not_take_symbolic_tensors(tf: Any) -> Any:
    return tf.reduce_sum(tf.keras.Input((3,)))


# --- configs ----------------------------------------------------------------------------------------------------------


@alike
def test_a_config_follows_from_the_arguments(tf: Any) -> Any:
    layer = linear(tf)(7, name="mine", trainable=False, dtype="float64", activity_regularizer="l2")
    again = type(layer).from_config(layer.get_config())
    return linear(tf)().get_config(), layer.get_config(), again.get_config(), repr(again), again.units


@alike
def test_a_config_may_be_written_by_the_user(tf: Any) -> Any:
    class Mine(linear(tf)):  # type: ignore[misc]
        def get_config(self) -> Any:
            return {**super().get_config(), "units": self.units}

    layer = Mine(3, name="m")
    with tf.keras.utils.custom_object_scope({"Mine": Mine}):
        config = tf.keras.layers.serialize(layer)
        again = tf.keras.layers.deserialize(config)
    return config, again.get_config(), repr(again)


@alike
def test_a_class_that_takes_no_name_has_none_in_its_config(tf: Any) -> Any:
    class Bare(tf.keras.layers.Layer):  # type: ignore[misc,name-defined]
        def __init__(self, units: int, names: Any = ("a", "b")) -> None:
            super().__init__()

    class Named(tf.keras.layers.Layer):  # type: ignore[misc,name-defined]
        def __init__(self, units: int, name: Any = None) -> None:
            super().__init__(name=name)

    return Bare(3).get_config(), Named(3).get_config(), Named(3, "n").get_config()


@raises("was created by passing")
def test_objects_among_the_arguments_have_no_automatic_config(tf: Any) -> Any:
    class Wrapped(tf.keras.layers.Layer):  # type: ignore[misc,name-defined]
        def __init__(self, inner: Any) -> None:
            super().__init__()

    return Wrapped(tf.keras.layers.Dense(1)).get_config()


@raises("Error when deserializing class 'Bare'")
def test_a_config_that_does_not_fit_is_refused(tf: Any) -> Any:
    class Bare(tf.keras.layers.Layer):  # type: ignore[misc,name-defined]
        def __init__(self, units: int) -> None:
            super().__init__()

    return Bare.from_config(Bare(3).get_config())


# --- mistakes ---------------------------------------------------------------------------------------------------------


def forgotten(tf: Any) -> Any:
    class Forgotten(tf.keras.layers.Layer):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            self.units = 3

        def call(self, x: Any) -> Any:
            return x

    return Forgotten()


MISTAKES: list[tuple[str, Snippet]] = [
    ("you forgot to call `super().__init__()`", lambda tf: forgotten(tf)(X)),
    ("you forgot to call `super().__init__()`", lambda tf: forgotten(tf).add_weight(shape=(1,))),
    ("Unrecognized keyword arguments passed to Linear", lambda tf: linear(tf)(unit=3)),
    ("cannot contain character `/`", lambda tf: linear(tf)(name="a/b")),
    ("must be a string", lambda tf: linear(tf)(name=3)),
    ("Expected `trainable` to be a boolean", lambda tf: linear(tf)(trainable="no")),
    ("does not have a `call` method implemented", lambda tf: tf.keras.layers.Layer()(X)),
    ("Should implement `def compute_output_shape", lambda tf: linear(tf)().compute_output_shape((None, 3))),
    ("Only input tensors may be passed as positional arguments", lambda tf: linear(tf)()([[1.0, 2.0]])),
    ("Only input tensors may be passed as positional arguments", lambda tf: linear(tf)()(X, True)),
    ("argument", lambda tf: linear(tf)()(X, X)),
    ("argument", lambda tf: linear(tf)()()),
    ("`add_loss()` can only be called", lambda tf: tf.keras.layers.Layer().add_loss("a")),
    ("Could not interpret initializer identifier: one_s", lambda tf: tf.keras.layers.Layer().add_weight((1,), "one_s")),
    ("Could not interpret regularizer identifier: l3", lambda tf: linear(tf)(activity_regularizer="l3")),
    (
        "Could not interpret constraint identifier: x",
        lambda tf: tf.keras.layers.Layer().add_weight((1,), constraint="x"),
    ),
    ("cannot contain character `/`", lambda tf: tf.keras.layers.Layer().add_weight((1,), name="a/b")),
    ("of layer 'mine' is incompatible with the layer", lambda tf: specified(tf, ndim=3)(X)),
    ("expected max_ndim=1, found ndim=2", lambda tf: specified(tf, max_ndim=1)(X)),
    ("expected shape=(None, 4), found shape=(2, 3)", lambda tf: specified(tf, shape=(None, 4))(X)),
    ("expected axis 1 of input shape to have value 2", lambda tf: specified(tf, axes={1: 2})(X)),
    ("expected axis 1 of input shape to have value 2", lambda tf: specified(tf, axes={1: 2})(tf.keras.Input((3,)))),
    ("expects 2 input(s), but it received 1 input tensors", lambda tf: specified(tf, 2)(X)),
]


def specified(tf: Any, count: int = 1, **how: Any) -> Any:
    """Return a layer that expects something of its inputs."""
    layer = linear(tf)(name="mine")
    spec = tf.keras.layers.InputSpec(**how)
    layer.input_spec = spec if count == 1 else [spec] * count
    return layer


@pytest.mark.parametrize(("words", "mistake"), MISTAKES, ids=[f"{i}-{words}" for i, (words, _) in enumerate(MISTAKES)])
def test_a_mistake_has_keras_class_and_words(words: str, mistake: Snippet, oracle: ModuleType) -> None:
    raises(words)(mistake)(oracle)
