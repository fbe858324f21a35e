"""Each layer computes what Keras's does, in training and in inference, with the same gradients, configs and errors."""

from __future__ import annotations

import copy
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minitf

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
    ("BatchNormalization", {"gamma_regularizer": "l2", "beta_constraint": "non_neg", "beta_initializer": "ones"}, MATRIX),
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
    tf.keras.backend.clear_session()
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
    def outcome(tf: Any, captured: bool = False) -> list[Any]:
        layer, x = made(tf, name, options, data)
        call = tf.function(results, reduce_retracing=True) if captured else results
        return [
            (call(tf, layer, x, training), [tf.convert_to_tensor(each) for each in layer.non_trainable_variables])
            for training in (False, True, True, False)
        ]

    theirs = outcome(oracle)
    assert_close(outcome(minitf), theirs)
    assert_close(outcome(minitf, captured=True), theirs)


@pytest.mark.parametrize(("name", "options", "data"), CASES, ids=IDS)
def test_a_layer_is_described_as_keras_describes_it(name: str, options: Any, data: Any, oracle: ModuleType) -> None:
    def outcome(tf: Any) -> dict[str, Any]:
        layers = tf.keras.layers
        tf.keras.backend.clear_session()
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
