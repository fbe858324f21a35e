"""Files go both ways between minitf and Keras 3: what one writes, the other reads, predicts with, and trains further."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minitf

# NumPy on how Keras makes arrays of TensorFlow's variables.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

X = np.random.default_rng(0).normal(size=(32, 3)).astype("float32")
Y = np.random.default_rng(1).normal(size=(32, 1)).astype("float32")
WORDS = np.random.default_rng(2).integers(0, 7, (32, 4)).astype("int32")
CLASSES = np.random.default_rng(3).integers(0, 5, 32)


def normalized(keras: Any) -> Any:
    norm = keras.layers.Normalization()
    norm.adapt(X)
    layers = [
        keras.Input((3,)), norm, keras.layers.Dense(4, "relu", kernel_regularizer="l2"),
        keras.layers.BatchNormalization(), keras.layers.Dense(4, keras.activations.tanh, bias_constraint="non_neg"),
        keras.layers.Dense(1),
    ]  # fmt: skip
    model = keras.Sequential(layers, name="line")
    rate = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    metrics = ["mae", keras.metrics.MeanSquaredError(name="square")]
    model.compile(keras.optimizers.Adam(rate), "mse", metrics=metrics)
    return model


def without_input(keras: Any) -> Any:
    model = keras.Sequential([keras.layers.Dense(4, name="first"), keras.layers.Dense(1, name="last")])
    model.compile("sgd", keras.losses.Huber(), loss_weights=2.0)
    return model


def classifier(keras: Any) -> Any:
    model = keras.Sequential([
        keras.Input((4,), dtype="int32"), keras.layers.Embedding(7, 3), keras.layers.LayerNormalization(),
        keras.layers.Flatten(), keras.layers.Dropout(0.0), keras.layers.Dense(5), keras.layers.Activation("softmax"),
    ])  # fmt: skip
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def two_ends(keras: Any) -> Any:
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    shared = keras.layers.Dense(4, name="shared")
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, "relu")], name="inner")
    joint = keras.layers.Concatenate()([shared(a), inner(shared(b) * 2.0) - 1.0])
    one, two = keras.layers.Dense(1, name="one")(joint), keras.layers.Dense(1, name="two")(joint[:, 1:])
    model = keras.Model([a, b], [one, two], name="two_ends")
    losses = {"one": "mse", "two": keras.losses.MeanAbsoluteError()}
    sgd = keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True)
    model.compile(sgd, losses, loss_weights={"one": 1.0, "two": 0.5}, metrics={"one": ["mae"]})
    return model


def by_name(keras: Any) -> Any:
    inputs = {name: keras.Input((3,), name=name) for name in ("a", "b")}
    joint = keras.layers.Add()(list(inputs.values()))
    outputs = {"sum": keras.layers.Dense(1, name="sum")(joint), "double": keras.layers.Rescaling(2.0, name="double")(joint)}
    model = keras.Model(inputs, outputs)
    model.compile("adagrad", {"sum": "mse", "double": None})
    return model


def nested(keras: Any) -> Any:
    inputs = keras.Input((3,))
    first = keras.Model(inputs, keras.layers.Multiply()([keras.layers.Dense(3)(inputs), inputs]), name="first")
    last = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3), keras.Sequential([keras.layers.Dense(2)])])
    model = keras.Sequential([first, last, keras.layers.Dense(1)])
    model.build((None, 3))
    model.compile(keras.optimizers.AdamW(0.01), "mse")
    return model


def subclassed(keras: Any) -> Any:
    class Net(keras.Model):  # type: ignore[misc,name-defined]
        def __init__(self, units: int = 4, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.units = units
            self.zed = keras.layers.Dense(units)
            self.stack = [keras.layers.Dense(units, "relu"), keras.layers.BatchNormalization()]
            self.by_name = {"k": keras.layers.Dense(1), "l": [keras.layers.Dense(5, name="inside")]}
            self._private = keras.layers.Dense(2)

        def build(self, shape: Any) -> None:
            self.extra = self.add_weight(shape=(2,), initializer="ones", name="extra", trainable=False)
            self.offset = self.add_weight(shape=(2,), initializer="zeros", name="offset")
            if keras is not minitf.keras:
                self.call(keras.Input(batch_shape=shape))
            super().build(shape)

        def call(self, x: Any, training: Any = None) -> Any:
            x = self.zed(self._private(x) * self.extra + self.offset)
            for layer in self.stack:
                x = layer(x)
            return self.by_name["k"](self.by_name["l"][0](x))

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "units": self.units}

    keras.saving.register_keras_serializable("garden")(Net)
    model = Net(name="net")
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mae"])
    return model


DATA: dict[Callable[[Any], Any], tuple[Any, Any]] = {
    normalized: (X, Y),
    without_input: (X, Y),
    classifier: (WORDS, CLASSES),
    two_ends: ([X, -X], [Y, -Y]),
    by_name: ({"a": X, "b": -X}, {"sum": Y, "double": X}),
    nested: (X, Y),
    subclassed: (X, Y),
}
TOLERANCE = {"rtol": 2e-5, "atol": 2e-6}


@pytest.fixture(scope="module", params=["minitf to keras", "keras to minitf"])
def ways(oracle: ModuleType, request: pytest.FixtureRequest) -> tuple[Any, Any]:
    import keras

    return (minitf.keras, keras) if request.param == "minitf to keras" else (keras, minitf.keras)


def fitted(build: Callable[[Any], Any], keras: Any) -> Any:
    model = build(keras)
    train(build, model)
    return model


def train(build: Callable[[Any], Any], model: Any, epochs: int = 2) -> Any:
    return model.fit(*DATA[build], batch_size=8, epochs=epochs, shuffle=False, verbose=0).history


def flat(values: Any) -> list[Any]:
    if isinstance(values, dict):
        return [values[name] for name in sorted(values)]
    return values if isinstance(values, list) else [values]


def assert_equal_models(one: Any, other: Any, build: Callable[[Any], Any]) -> None:
    ours, theirs = (flat(model.predict(DATA[build][0], verbose=0)) for model in (one, other))
    for mine, its in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, its, **TOLERANCE)


def assert_trains_on(one: Any, other: Any, build: Callable[[Any], Any]) -> None:
    ours, theirs = train(build, one), train(build, other)
    assert list(ours) == list(theirs)
    for name in ours:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-4, atol=1e-5, err_msg=name)
    assert_equal_models(one, other, build)


@pytest.mark.parametrize("build", DATA, ids=lambda build: build.__name__)
def test_a_keras_file_goes_on_on_the_other_side(ways: tuple[Any, Any], build: Any, tmp_path: Path) -> None:
    writer, reader = ways
    build(reader)  # registers its classes
    model = fitted(build, writer)
    path = tmp_path / "model.keras"
    model.save(path)
    loaded = reader.models.load_model(path)
    assert_equal_models(loaded, model, build)
    assert_trains_on(loaded, model, build)
