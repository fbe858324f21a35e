"""Each layer computes what Keras's does, in training and in inference, with the same gradients, configs and errors."""

from __future__ import annotations

import copy
import importlib
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minitf
from tests.differential.agreement import assert_same_error, errors_of

RTOL, ATOL = 1e-5, 2e-6


def numbers(*shape: int, seed: int = 0) -> Any:
    """Return numbers between -1 and 1, none of which is 0."""
    return np.cos(np.arange(1.0, np.prod(shape, dtype=int) + 1) * (1.3 + seed) + seed).reshape(shape).astype("float32")


MATRIX, CUBE, BLOCK = numbers(4, 3), numbers(2, 4, 3), numbers(2, 3, 2, 4)
PAIR = [numbers(4, 3), numbers(4, 3, seed=1)]
UNEVEN = [numbers(2, 4, 3), numbers(2, 3, seed=1), numbers(2, 1, 3, seed=2)]
WHOLE = np.array([[3, 0], [1, 3]], "int32")


def squared(x: Any) -> Any:
    return x * x


CASES: list[tuple[str, dict[str, Any], Any]] = [
    ("Activation", {"activation": "tanh"}, MATRIX),
    ("Activation", {"activation": "softmax"}, CUBE),
    ("ActivityRegularization", {"l1": 0.1, "l2": 0.2}, MATRIX),
    ("Add", {}, PAIR),
    ("Add", {}, UNEVEN),
    ("Average", {}, UNEVEN),
    ("BatchNormalization", {}, MATRIX),
    ("BatchNormalization", {"momentum": 0.7, "epsilon": 0.1, "scale": False}, CUBE),
    ("BatchNormalization", {"axis": 1, "center": False}, CUBE),
    ("BatchNormalization", {"axis": 1}, BLOCK),
    ("BatchNormalization", {"axis": -2, "trainable": False}, BLOCK),
    ("BatchNormalization", {"gamma_regularizer": "l2", "beta_constraint": "non_neg"}, MATRIX),
    ("Concatenate", {}, [numbers(2, 3), numbers(2, 5)]),
    ("Concatenate", {"axis": 1}, [numbers(2, 3, 4), numbers(2, 1, 4, seed=1), numbers(2, 2, 4, seed=2)]),
    ("Dense", {"units": 2}, MATRIX),
    ("Dense", {"units": 2, "activation": "relu", "use_bias": False}, CUBE),
    ("Dense", {"units": 5, "activation": "sigmoid", "name": "out"}, BLOCK),
    (
        "Dense",
        {
            "units": 2, "kernel_initializer": "he_normal", "bias_initializer": "ones", "kernel_regularizer": "l2",
            "bias_regularizer": "l1", "activity_regularizer": "l1", "kernel_constraint": "max_norm",
            "bias_constraint": "non_neg",
        },  # fmt: skip
        MATRIX,
    ),
    ("Dense", {"units": 2, "dtype": "float64"}, MATRIX),
    ("Dot", {"axes": 1}, PAIR),
    ("Dot", {"axes": -1, "normalize": True}, [numbers(2, 4, 3), numbers(2, 5, 3)]),
    ("Dot", {"axes": (1, 2)}, [numbers(2, 3, 4), numbers(2, 5, 3)]),
    ("Dot", {"axes": (2, 1)}, [numbers(2, 4, 3), numbers(2, 3)]),
    ("Dropout", {"rate": 0.4, "seed": 7}, MATRIX),
    ("Dropout", {"rate": 0.0}, MATRIX),
    ("Dropout", {"rate": 0.5, "seed": 7, "noise_shape": (None, 1, 3)}, CUBE),
    ("ELU", {"alpha": 0.3}, MATRIX),
    ("Embedding", {"input_dim": 5, "output_dim": 3}, WHOLE),
    ("Embedding", {"input_dim": 5, "output_dim": 2, "mask_zero": True, "embeddings_regularizer": "l2"}, WHOLE[0] + 0.9),
    ("Flatten", {}, CUBE),
    ("Flatten", {}, numbers(5)),
    ("Flatten", {"data_format": "channels_first"}, BLOCK),
    ("Flatten", {}, np.arange(8).reshape(2, 2, 2)),
    ("GaussianDropout", {"rate": 0.4, "seed": 7}, MATRIX),
    ("GaussianNoise", {"stddev": 0.4, "seed": 7}, MATRIX),
    ("GlobalAveragePooling1D", {}, CUBE),
    ("GlobalAveragePooling1D", {"data_format": "channels_first", "keepdims": True}, CUBE),
    ("GlobalMaxPooling1D", {"keepdims": True}, CUBE),
    ("GlobalMaxPooling1D", {"data_format": "channels_first"}, CUBE),
    ("Identity", {}, MATRIX),
    ("Lambda", {"function": squared}, MATRIX),
    ("Lambda", {"function": squared, "output_shape": (3,), "name": "square"}, MATRIX),
    ("LayerNormalization", {}, MATRIX),
    ("LayerNormalization", {"axis": (1, 2), "epsilon": 0.1}, CUBE),
    ("LayerNormalization", {"axis": 1, "center": False}, CUBE),
    ("LayerNormalization", {"axis": [1, 3], "scale": False}, BLOCK),
    ("LayerNormalization", {"axis": [3, 1], "gamma_regularizer": "l1"}, BLOCK),
    ("LeakyReLU", {}, MATRIX),
    ("LeakyReLU", {"negative_slope": 0.1}, MATRIX),
    ("Maximum", {}, UNEVEN),
    ("Minimum", {}, PAIR),
    ("Multiply", {}, UNEVEN),
    ("Normalization", {}, MATRIX),
    ("Normalization", {"mean": [1.0, 2.0, 3.0], "variance": [4.0, 0.0, 9.0]}, MATRIX),
    ("Normalization", {"mean": 1.0, "variance": 4.0, "invert": True}, MATRIX),
    ("Normalization", {"axis": None, "mean": 1.0, "variance": 4.0}, CUBE),
    ("Normalization", {"axis": (1, 2)}, CUBE),
    ("PReLU", {}, CUBE),
    ("PReLU", {"shared_axes": [1], "alpha_regularizer": "l2"}, CUBE),
    ("Permute", {"dims": (3, 1, 2)}, BLOCK),
    ("ReLU", {}, MATRIX),
    ("ReLU", {"max_value": 0.6, "negative_slope": 0.1, "threshold": 0.2}, MATRIX),
    ("RepeatVector", {"n": 3}, MATRIX),
    ("Rescaling", {"scale": 0.5, "offset": -1}, MATRIX),
    ("Rescaling", {"scale": [1.0, 2.0, 3.0], "offset": [0.5, 0.5, 1.0]}, CUBE),
    ("Rescaling", {"scale": 1 / 255}, WHOLE),
    ("Reshape", {"target_shape": (3, 1)}, MATRIX),
    ("Reshape", {"target_shape": (-1, 2)}, CUBE),
    ("Softmax", {}, MATRIX),
    ("Softmax", {"axis": (1, 2)}, CUBE),
    ("SpatialDropout1D", {"rate": 0.5, "seed": 7}, CUBE),
    ("Subtract", {}, PAIR),
    ("UnitNormalization", {}, MATRIX),
    ("UnitNormalization", {"axis": (1, 2)}, CUBE),
]  # fmt: skip
IDS = [f"{name}-{i}" for i, (name, _, _) in enumerate(CASES)]


def made(tf: Any, name: str, options: dict[str, Any], data: Any) -> tuple[Any, Any]:
    """Make a layer, and tensors of data; build the layer and give it weights that are the same on both sides."""
    tf.keras.backend.clear_session(free_memory=False)
    layer = getattr(tf.keras.layers, name)(**options)
    x = [tf.constant(each) for each in data] if isinstance(data, list) else tf.constant(data)
    layer(x)
    if name == "Normalization" and not options.get("mean"):
        layer.adapt(data)
        return layer, x
    layer.set_weights([0.5 + numbers(*each.shape, seed=i) ** 2 for i, each in enumerate(layer.get_weights())])
    return layer, x


def results(tf: Any, layer: Any, x: Any, training: bool) -> dict[str, Any]:
    """Call a layer; return result, gradients, losses, and what it keeps."""
    with tf.GradientTape() as tape:
        tape.watch([each for each in tf.nest.flatten(x) if each.dtype.is_floating])
        y = layer(x, training=training)
        loss = tf.reduce_sum(tf.cast(y * y * y, "float64")) + sum(tf.cast(each, "float64") for each in layer.losses)
    gradients = tape.gradient(loss, [tf.nest.flatten(x), layer.trainable_variables])
    gradients = tf.nest.map_structure(lambda each: None if each is None else tf.convert_to_tensor(each), gradients)
    return {"result": y, "gradients": gradients, "losses": layer.losses}


def assert_close(ours: Any, theirs: Any) -> None:
    """Compare structures of tensors."""
    mine, its = minitf.nest.flatten(ours), minitf.nest.flatten(theirs)
    assert len(mine) == len(its)
    for one, other in zip(mine, its, strict=True):
        assert (one is None) == (other is None), (one, other)
        if other is not None:
            assert tuple(one.shape) == tuple(other.shape)
            assert minitf.as_dtype(one.dtype).name == minitf.as_dtype(getattr(other.dtype, "name", other.dtype)).name
            np.testing.assert_allclose(one.numpy(), other.numpy(), RTOL, ATOL)


@pytest.mark.parametrize(("name", "options", "data"), CASES, ids=IDS)
def test_a_layer_has_keras_results_and_gradients(name: str, options: Any, data: Any, oracle: ModuleType) -> None:
    def for_any_batch(tf: Any, layer: Any, x: Any, training: bool) -> Any:
        specs = tf.nest.map_structure(lambda each: tf.TensorSpec([None, *each.shape[1:]], each.dtype), x)
        return tf.function(lambda x: results(tf, layer, x, training), input_signature=[specs])(x)

    def outcome(tf: Any, call: Any = results) -> list[Any]:
        layer, x = made(tf, name, options, data)
        return [
            (call(tf, layer, x, training), [tf.convert_to_tensor(each) for each in layer.non_trainable_variables])
            for training in (False, True, True, False)
        ]

    theirs = outcome(oracle)
    assert_close(outcome(minitf), theirs)
    assert_close(outcome(minitf, minitf.function(results, reduce_retracing=True)), theirs)
    assert_close(outcome(minitf, for_any_batch), theirs)


@pytest.mark.parametrize(("name", "options", "data"), CASES, ids=IDS)
def test_a_layer_is_described_as_keras_describes_it(name: str, options: Any, data: Any, oracle: ModuleType) -> None:
    def outcome(tf: Any) -> dict[str, Any]:
        layers = tf.keras.layers
        tf.keras.backend.clear_session(free_memory=False)
        layer = getattr(layers, name)(**options)
        new = repr(layer), layer.built, layer.get_config()
        made(tf, name, options, data)
        layer, x = made(tf, name, options, data)
        with tf.keras.utils.custom_object_scope({"squared": squared}):
            config = layers.serialize(layer)
            twin = layers.deserialize(copy.deepcopy(config))
            again = type(layer).from_config(layer.get_config())
        shapes = [tuple(each.shape) for each in x] if isinstance(x, list) else tuple(x.shape)
        symbolic = layer(tf.nest.map_structure(lambda each: tf.keras.Input(each.shape[1:], dtype=each.dtype.name), x))
        return {
            "new": new, "repr": repr(layer), "config": config, "again": again.get_config(), "copied": twin.get_config(),
            "copy built": twin.built, "copied weights": [each.path for each in twin.weights],
            "trainable": [each.path for each in layer.trainable_weights],
            "others": [each.path for each in layer.non_trainable_variables],
            "count": layer.count_params(), "built": again.built,
            "shape": layer.compute_output_shape(shapes), "symbolic": (symbolic.shape, symbolic.dtype),
            "spec": repr(layer.input_spec), "dtypes": (layer.dtype, layer.compute_dtype, layer.variable_dtype),
        }  # fmt: skip

    ours, theirs = outcome(minitf), outcome(oracle)
    for what, value in theirs.items():
        assert ours[what] == value, what


# --- mistakes ---------------------------------------------------------------------------------------------------------

Mistake = tuple[str, Callable[[Any], Any]]  # words in both messages, and what to do with `tf`
MISTAKES: list[Mistake] = [
    ("expected a positive integer", lambda tf: tf.keras.layers.Dense(0)),
    ("Received: units=2.0", lambda tf: tf.keras.layers.Dense(2.0)),
    ("Could not interpret activation function identifier: rely", lambda tf: tf.keras.layers.Dense(1, "rely")),
    (
        "Could not interpret initializer identifier: glorot",
        lambda tf: tf.keras.layers.Dense(1, kernel_initializer="glorot"),
    ),
    ("Unrecognized keyword arguments passed to Dense: {'unit': 3}", lambda tf: tf.keras.layers.Dense(1, unit=3)),
    (
        "expected min_ndim=2, found ndim=1. Full shape received: (3,)",
        lambda tf: called(tf, "Dense", 1, data=numbers(3)),
    ),
    (
        "expected axis -1 of input shape to have value 3, but received input with shape (2, 5)",
        lambda tf: called(tf, "Dense", 1, data=MATRIX, again=numbers(2, 5)),
    ),
    ("Only input tensors may be passed as positional arguments", lambda tf: called(tf, "Dense", 1, data=[[1.0, 2.0]])),
    ("Only input tensors may be passed as positional arguments", lambda tf: called(tf, "Flatten", data="a")),
    ("`rate`", lambda tf: tf.keras.layers.Dropout(1.5)),
    ("`rate`", lambda tf: tf.keras.layers.GaussianDropout(-1)),
    ("`stddev`", lambda tf: tf.keras.layers.GaussianNoise(2)),
    ("`noise_shape`", lambda tf: tf.keras.layers.Dropout(0.5, noise_shape="a")),
    ("`noise_shape`", lambda tf: tf.keras.layers.Dropout(0.5, noise_shape=(1, 2.5))),
    ("`noise_shape`", lambda tf: tf.keras.layers.Dropout(0.5, noise_shape=(1, 0))),
    ("expected ndim=3, found ndim=2", lambda tf: called(tf, "SpatialDropout1D", 0.5, data=MATRIX)),
    ("max_value of a ReLU layer cannot be a negative value", lambda tf: tf.keras.layers.ReLU(max_value=-1.0)),
    ("negative_slope of a ReLU layer cannot be None", lambda tf: tf.keras.layers.ReLU(negative_slope=None)),
    ("threshold of a ReLU layer cannot be None or a negative value", lambda tf: tf.keras.layers.ReLU(threshold=-0.1)),
    ("negative_slope value of a Leaky ReLU layer", lambda tf: tf.keras.layers.LeakyReLU(-1)),
    ("total size of the tensor must be unchanged", lambda tf: called(tf, "Reshape", (4,), data=MATRIX)),
    ("total size of the tensor must be unchanged", lambda tf: tf.keras.layers.Reshape((4,))(tf.keras.Input((3,)))),
    ("divi", lambda tf: called(tf, "Reshape", (-1, 2), data=MATRIX)),
    ("`target_shape`", lambda tf: tf.keras.layers.Reshape((-2, 2))),
    ("at most one unknown dimension", lambda tf: tf.keras.layers.Reshape((-1, -1))),
    ("Invalid permutation argument `dims`", lambda tf: tf.keras.layers.Permute((0, 1))),
    ("expected ndim=3, found ndim=2", lambda tf: called(tf, "Permute", (2, 1), data=MATRIX)),
    ("Expected an integer value for `n`", lambda tf: tf.keras.layers.RepeatVector(2.0)),
    ("should be a positive integer", lambda tf: tf.keras.layers.RepeatVector(0)),
    ("`data_format` argument must be one of", lambda tf: tf.keras.layers.Flatten("channel_last")),
    ("Expected an int or a list/tuple of ints", lambda tf: tf.keras.layers.LayerNormalization("a")),
    ("Invalid value for `axis` argument", lambda tf: tf.keras.layers.UnitNormalization(1.5)),
    ("out of bounds", lambda tf: tf.keras.layers.UnitNormalization(2)(tf.keras.Input((3,)))),
    ("expected ndim=2, found ndim=3", lambda tf: called(tf, "BatchNormalization", data=MATRIX, again=CUBE)),
    ("`input_dim` must be a positive integer", lambda tf: tf.keras.layers.Embedding(0, 2)),
    ("`output_dim` must be a positive integer", lambda tf: tf.keras.layers.Embedding(2, 2.0)),
    ("is not in [0, 3)", lambda tf: called(tf, "Embedding", 3, 2, data=np.array([1, 3]))),
    ("A merge layer should be called on a list of inputs", lambda tf: called(tf, "Add", data=MATRIX)),
    ("different batch sizes", lambda tf: called(tf, "Add", data=[MATRIX, MATRIX[:3]])),
    ("incompatible shapes", lambda tf: called(tf, "Multiply", data=[MATRIX, MATRIX[:, :2]])),
    ("exactly 2 inputs", lambda tf: called(tf, "Subtract", data=[MATRIX] * 3)),
    ("should be called on a list of", lambda tf: called(tf, "Concatenate", data=MATRIX)),
    (
        "matching shapes except for the concatenation axis",
        lambda tf: called(tf, "Concatenate", data=[CUBE, CUBE[:, :2]]),
    ),
    ("matching shapes except for the concatenation axis", lambda tf: called(tf, "Concatenate", data=[CUBE, MATRIX])),
    ("list of 2 inputs", lambda tf: called(tf, "Dot", 1, data=[MATRIX] * 3)),
    ("Incompatible input shapes: axis values 3", lambda tf: called(tf, "Dot", 1, data=[MATRIX, MATRIX[:, :2]])),
    ("Invalid type for argument `axes`", lambda tf: tf.keras.layers.Dot("a")),
    ("it should contain two elements", lambda tf: tf.keras.layers.Dot((1, 2, 3))),
    ("list elements should be integers", lambda tf: tf.keras.layers.Dot((1, 2.0))),
    ("both `mean` and `variance` must be set", lambda tf: tf.keras.layers.Normalization(mean=1.0)),
    ("must have the same shape", lambda tf: tf.keras.layers.Normalization(mean=1.0, variance=[1.0])),
    ("rank of `mean` must be less", lambda tf: tf.keras.layers.Normalization(None, [1.0], [1.0])),
    ("must be in the range [-ndim, ndim)", lambda tf: called(tf, "Normalization", 2, data=MATRIX)),
    ("must have a known shape", lambda tf: tf.keras.layers.Normalization(0)(tf.keras.Input((3,)))),
    ("adapt() is being called with data with an incompatible shape", lambda tf: adapted(tf, MATRIX, MATRIX[:, :2])),
    ("Unsupported data type", lambda tf: adapted(tf, 3)),
    ("empty iterable", lambda tf: adapted(tf, [])),
    ("`.shape` attribute", lambda tf: adapted(tf, [[1.0, 2.0]])),
    ("You must pass a `shape` argument", lambda tf: tf.keras.Input()),
    ("both `shape` and `batch_shape`", lambda tf: tf.keras.Input((2,), batch_shape=(1, 2))),
    ("both `batch_size` and `batch_shape`", lambda tf: tf.keras.Input(batch_size=3, batch_shape=(1, 2))),
    ("Cannot convert '3' to a shape", lambda tf: tf.keras.Input(3)),
    ("Cannot convert '(-1, 2)' to a shape", lambda tf: tf.keras.Input((-1, 2))),
    ("Cannot convert '(2.5,)' to a shape", lambda tf: tf.keras.Input((2.5,))),
    ("must be a KerasTensor", lambda tf: tf.keras.Input(tensor=3)),
    ("incompatible `shape` argument", lambda tf: tf.keras.Input((3,), tensor=tf.keras.Input((2,)))),
    (
        "could not automatically infer the shape",
        lambda tf: tf.keras.layers.Lambda(lambda x: x @ x)(tf.keras.Input((3,), 2)),
    ),
    ("unis", lambda tf: tf.keras.layers.deserialize({**DENSE, "config": {"unis": 3}})),
]
DENSE = {"module": "keras.layers", "class_name": "Dense", "config": {"units": 3}, "registered_name": None}


def called(tf: Any, name: str, *args: Any, data: Any, again: Any = None) -> Any:
    """Call a new layer on data, and once more on other data."""
    layer = getattr(tf.keras.layers, name)(*args)
    result = layer(data)
    return result if again is None else layer(again)


def adapted(tf: Any, *data: Any) -> Any:
    """Adapt a layer to data."""
    layer = tf.keras.layers.Normalization()
    for each in data:
        layer.adapt(each)
    return layer


@pytest.mark.parametrize(("words", "mistake"), MISTAKES, ids=[f"{i}-{words}" for i, (words, _) in enumerate(MISTAKES)])
def test_a_mistake_has_keras_class_and_words(words: str, mistake: Any, oracle: ModuleType) -> None:
    def outcome(tf: Any) -> Any:
        try:
            return mistake(tf)
        except errors_of(tf) as error:
            return error

    theirs = outcome(oracle)
    assert isinstance(theirs, Exception), f"Keras gives {theirs!r}"
    ours = outcome(minitf)
    assert_same_error(ours, theirs)
    assert words in str(theirs)
    assert words in str(ours)


# --- what else --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        lambda tf: numbers(6, 3),
        lambda tf: numbers(6, 3).astype("float64") * 1000,
        lambda tf: np.arange(12).reshape(4, 3),
        lambda tf: tf.constant(numbers(6, 3)),
        lambda tf: tf.data.Dataset.from_tensor_slices(numbers(7, 3)).batch(3),
        lambda tf: tf.data.Dataset.from_tensor_slices((numbers(7, 3), np.arange(7))).batch(3),
        lambda tf: tf.data.Dataset.from_tensor_slices(numbers(150, 3)),
        lambda tf: [numbers(2, 3), numbers(5, 3, seed=2)],
        lambda tf: (numbers(n, 3, seed=n) for n in (1, 4, 2)),
    ],
)
@pytest.mark.parametrize("axis", [-1, None])
def test_normalization_adapts_to_all_kinds_of_data(data: Any, axis: Any, oracle: ModuleType) -> None:
    def outcome(tf: Any) -> Any:
        layer = tf.keras.layers.Normalization(axis=axis)
        layer.adapt(data(tf))
        x = tf.constant(numbers(4, 3, seed=3))
        return [layer.mean, layer.variance, layer(x), [tf.convert_to_tensor(each) for each in layer.weights]]

    assert_close(outcome(minitf), outcome(oracle))


def test_normalization_adapts_anew_and_in_a_captured_call_too() -> None:
    layer = minitf.keras.layers.Normalization()
    call = minitf.function(layer)
    for scale in (1.0, 5.0):
        layer.adapt(scale * np.array([[-1.0], [1.0]]))
        assert call(minitf.constant([[10.0]])).numpy() == 10.0 / scale


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "average", "maximum", "minimum", "concatenate", "dot"])
def test_a_merging_function_is_its_layer(name: str, oracle: ModuleType) -> None:
    def outcome(tf: Any) -> Any:
        x, y = (tf.constant(each) for each in PAIR)
        inputs = [tf.keras.Input((3,)), tf.keras.Input((3,))]
        symbolic = getattr(tf.keras.layers, name)(inputs)
        return [getattr(tf.keras.layers, name)([x, y], name="named"), tf.zeros([size or 7 for size in symbolic.shape])]

    assert_close(outcome(minitf), outcome(oracle))


def test_a_layer_casts_what_comes_to_its_dtype(oracle: ModuleType) -> None:
    makers: list[tuple[str, dict[str, Any]]] = [
        ("Dense", {"units": 2, "kernel_initializer": "ones"}),
        ("BatchNormalization", {}),
        ("Rescaling", {"scale": 2.0}),
        ("Normalization", {"mean": 1.0, "variance": 4.0}),
        ("Identity", {}),
        ("Embedding", {"input_dim": 3, "output_dim": 2, "embeddings_initializer": "ones"}),
    ]

    def outcome(tf: Any) -> Any:
        kinds = [np.ones((2, 3)), np.ones((2, 3), "int32"), np.ones((2, 3), bool), tf.ones((2, 3), "float64")]
        return [
            getattr(tf.keras.layers, name)(**options, dtype=dtype)(data)
            for dtype in ("float32", "float64")
            for data in kinds
            for name, options in makers
        ]

    assert_close(outcome(minitf), outcome(oracle))


def test_lambdas_run_again_only_for_those_who_trust_them(oracle: ModuleType) -> None:
    def outcome(tf: Any) -> Any:
        layer = tf.keras.layers.Lambda(lambda x, n: x**n, lambda shape: shape, arguments={"n": 3}, name="power")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            config = tf.keras.layers.serialize(layer)
        with pytest.raises((TypeError, ValueError), match="risk of arbitrary code execution"):
            tf.keras.layers.deserialize(copy.deepcopy(config))
        saving = minitf.keras.saving if tf is minitf else importlib.import_module("keras.saving")
        again = saving.deserialize_keras_object(config, safe_mode=False)
        return again(tf.constant([2.0])), tf.zeros([2] * len(again(tf.keras.Input((3,))).shape))

    assert_close(outcome(minitf), outcome(oracle))


def test_an_input_is_named_and_described_as_in_keras(oracle: ModuleType) -> None:
    def outcome(tf: Any) -> Any:
        tf.keras.backend.clear_session(free_memory=False)
        layers = tf.keras.layers
        inputs = [
            tf.keras.Input((3,)),
            tf.keras.Input((None, 2), 5, "int32", name="numbers"),
            layers.Input(batch_shape=(2, 1)),
            tf.keras.Input(shape=[4]),
            tf.keras.Input(shape=()),
            tf.keras.Input(tensor=tf.keras.Input((9,), name="nine")),
        ]
        layer = layers.InputLayer(shape=(2,), name="x")
        with pytest.warns(UserWarning, match="Argument `input_shape` is deprecated"):
            old = layers.InputLayer(input_shape=(2,))
        older = old, layers.InputLayer(batch_input_shape=(7, 2), dtype=tf.float64)
        made = [layer, *older, layers.InputLayer.from_config(layer.get_config())]
        return repr([repr(each) for each in inputs]), [
            (repr(each), each.get_config(), each.output.shape) for each in made
        ]

    assert outcome(minitf) == outcome(oracle)


# --- together ---------------------------------------------------------------------------------------------------------


def noisy(tf: Any) -> Any:
    """Return a model that penalizes, normalizes and draws."""
    layers, initial = tf.keras.layers, tf.keras.initializers.GlorotUniform
    return tf.keras.Sequential(
        [
            tf.keras.Input((6,)),
            layers.Dense(8, kernel_initializer=initial(1), activity_regularizer="l2", kernel_regularizer="l1"),
            layers.BatchNormalization(momentum=0.8),
            layers.Activation("relu"),
            layers.Dropout(0.3, seed=4),
            layers.LayerNormalization(),
            layers.PReLU(),
            layers.GaussianNoise(0.2, seed=3),
            layers.Dense(1, "sigmoid", kernel_initializer=initial(2)),
        ]
    )


def branching(tf: Any) -> Any:
    """Return a model of numbers of words, whose ways part and meet."""
    layers = tf.keras.layers
    words = tf.keras.Input((5,), dtype="int32")
    x = layers.Embedding(9, 4, embeddings_initializer=tf.keras.initializers.RandomUniform(-1, 1, seed=3))(words)
    x = layers.SpatialDropout1D(0.3, seed=5)(x)
    flat = layers.Flatten()(layers.Permute((2, 1))(x))
    x = layers.Concatenate()([layers.GlobalAveragePooling1D()(x), layers.GlobalMaxPooling1D()(x), flat])
    x = layers.ActivityRegularization(l2=0.01)(layers.GaussianDropout(0.2, seed=8)(x))
    x = layers.Multiply()([x, layers.Average()([x, 2.0 * x])])
    y = layers.Dense(1, "sigmoid", kernel_initializer=tf.keras.initializers.GlorotUniform(2))(x)
    return tf.keras.Model(words, y)


def nested(tf: Any) -> Any:
    """Return a model with a layer of the user's own that has a frozen one inside."""
    layers, initial = tf.keras.layers, tf.keras.initializers.GlorotUniform

    class Block(layers.Layer):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(7, "tanh", kernel_initializer=initial(5))
            self.normal = layers.BatchNormalization()
            self.normal.trainable = False
            self.rest = [layers.Dropout(0.5, seed=2)]

        def call(self, x: Any, training: Any = None) -> Any:
            y = self.rest[0](self.normal(self.dense(x)))
            self.add_loss(0.1 * tf.reduce_mean(y * y))
            return y

    scaling = layers.Normalization()
    scaling.adapt(numbers(70, 6))
    parts = [scaling, Block(), layers.Reshape((7, 1)), layers.Lambda(lambda x: 2.0 * x), layers.Flatten()]
    return tf.keras.Sequential([*parts, layers.Dense(1, "sigmoid", kernel_initializer=initial(2))])


@pytest.mark.parametrize("make", [noisy, branching, nested])
def test_models_of_these_layers_train_as_in_keras(make: Any, oracle: ModuleType) -> None:
    x = numbers(70, 6)
    y = (x.sum(1) > 0).astype("float32")[:, None]
    data = (np.abs(x[:, :5]) * 8.9).astype("int32") if make is branching else x

    def outcome(tf: Any) -> Any:
        tf.keras.backend.clear_session(free_memory=False)
        model = make(tf)
        model.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
        how = {"epochs": 3, "batch_size": 16, "shuffle": False, "verbose": 0, "validation_split": 0.2}
        history = model.fit(data, y, **how).history
        return history, [each.numpy() for each in model.weights], [each.path for each in model.weights]

    (ours, mine, names), (theirs, its, wanted) = outcome(minitf), outcome(oracle)
    assert names == wanted
    assert list(ours) == list(theirs)
    for name, values in theirs.items():
        np.testing.assert_allclose(ours[name], values, RTOL)
    for one, other in zip(mine, its, strict=True):
        np.testing.assert_allclose(one, other, RTOL, ATOL)
