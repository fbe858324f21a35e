"""Files go both ways between minitf and Keras 3: what one writes, the other reads, predicts with, and trains on."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minitf
from tests.differential.keras.random_models import SIZE, random_model

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
    outputs = {
        "sum": keras.layers.Dense(1, name="sum")(joint),
        "double": keras.layers.Rescaling(2.0, name="double")(joint),
    }
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
    class Block(keras.layers.Layer):  # type: ignore[misc,name-defined]
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self._first = keras.layers.Dense(3, name="first")
            self.several = [keras.layers.Dense(3), [keras.layers.Dense(3, use_bias=False)]]
            self.again = self.several[0]

        def build(self, shape: Any) -> None:
            self.scale = self.add_weight(shape=(3,), initializer="ones", name="scale")
            for layer in (self._first, self.again, self.several[1][0]):
                layer.build((None, 3))

        def call(self, x: Any) -> Any:
            return self.several[1][0](self.again(self._first(x))) * self.scale

    class Net(keras.Model):  # type: ignore[misc,name-defined]
        def __init__(self, units: int = 4, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.units = units
            self.zed = keras.layers.Dense(units)
            self.stack = [keras.layers.Dense(units, "relu"), keras.layers.BatchNormalization()]
            self.by_name = {"k": keras.layers.Dense(1), "l": [keras.layers.Dense(5, name="inside")]}
            self._private = keras.layers.Dense(2)
            self.block = Block()

        def build(self, shape: Any) -> None:
            self.extra = self.add_weight(shape=(2,), initializer="ones", name="extra", trainable=False)
            self.offset = self.add_weight(shape=(2,), initializer="zeros", name="offset")
            if keras is not minitf.keras:
                self.call(keras.Input(batch_shape=shape))
            super().build(shape)

        def call(self, x: Any, training: Any = None) -> Any:
            x = self.zed(self._private(self.block(x)) * self.extra + self.offset)
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
MODELS = pytest.mark.parametrize("build", DATA, ids=lambda build: build.__name__)
OPTIMIZERS: dict[str, dict[str, Any]] = {
    "SGD": {"momentum": 0.5, "clipnorm": 1.0},
    "RMSprop": {"momentum": 0.5, "centered": True},
    "Adagrad": {},
    "Adadelta": {"learning_rate": 1.0},
    "Adam": {"amsgrad": True, "use_ema": True, "ema_overwrite_frequency": 3},
    "AdamW": {"weight_decay": 0.1, "global_clipnorm": 0.5},
    "Adamax": {"gradient_accumulation_steps": 2},
    "Nadam": {"clipvalue": 0.01},
}


@pytest.fixture(scope="module")
def sides(oracle: ModuleType) -> tuple[Any, Any]:
    import keras

    return minitf.keras, keras


@pytest.fixture(scope="module", params=["minitf to keras", "keras to minitf"])
def ways(sides: tuple[Any, Any], request: pytest.FixtureRequest) -> tuple[Any, Any]:
    return sides if request.param == "minitf to keras" else sides[::-1]


def fitted(build: Callable[[Any], Any], keras: Any) -> Any:
    keras.utils.clear_session()
    model = build(keras)
    train(build, model)
    return model


def train(build: Callable[[Any], Any], model: Any) -> Any:
    model.run_eagerly = True  # for so few steps that is faster
    return model.fit(*DATA.get(build, (X, Y)), batch_size=16, shuffle=False, verbose=0).history


def inputs(build: Callable[[Any], Any]) -> Any:
    return DATA.get(build, (X, Y))[0]


def flat(values: Any) -> list[Any]:
    if isinstance(values, dict):
        return [values[name] for name in sorted(values)]
    return values if isinstance(values, list) else [values]


def assert_predict_the_same(one: Any, other: Any, x: Any) -> None:
    for mine, its in zip(flat(one.predict(x, verbose=0)), flat(other.predict(x, verbose=0)), strict=True):
        np.testing.assert_allclose(mine, its, rtol=2e-5, atol=2e-6)


def assert_train_on(one: Any, other: Any, build: Callable[[Any], Any]) -> None:
    ours, theirs = train(build, one), train(build, other)
    assert list(ours) == list(theirs)
    for name in ours:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-4, atol=1e-5, err_msg=name)


def contents(path: Path) -> tuple[Any, dict[str, Any]]:
    """Return the config in a `.keras` file, and what stands where in its weights."""
    import h5py

    with zipfile.ZipFile(path) as archive:
        config, weights = json.loads(archive.read("config.json")), archive.read("model.weights.h5")
    found: dict[str, Any] = {}
    with h5py.File(io.BytesIO(weights)) as file:
        file.visititems(lambda name, part: found.update({name: (dict(part.attrs), described(part))}))
    return pruned(config), found


def described(part: Any) -> Any:
    return (part.shape, part.dtype.name) if hasattr(part, "shape") else None


def pruned(config: Any) -> Any:
    """Leave out what is None or empty, the shapes that layers were built for, and sizes of batches."""
    if isinstance(config, dict):
        kept = {
            name: pruned(each)
            for name, each in config.items()
            if name not in ("shared_object_id", "build_config", "training", "mask")
        }
        for name in {"batch_shape", "build_input_shape"} & set(kept):
            kept[name] = kept[name][1:]
        return {name: each for name, each in kept.items() if each is not None and each != {}}
    return [pruned(each) for each in config] if isinstance(config, list) else config


@MODELS
def test_both_write_the_same_config_and_the_same_variables_to_the_same_places(
    sides: tuple[Any, Any], build: Any, tmp_path: Path
) -> None:
    for i, keras in enumerate(sides):
        fitted(build, keras).save(tmp_path / f"{i}.keras")
    (our_config, ours), (their_config, theirs) = (contents(tmp_path / f"{i}.keras") for i in range(2))
    assert our_config == their_config
    assert ours == theirs


@MODELS
def test_what_one_side_saved_goes_on_on_the_other(ways: tuple[Any, Any], build: Any, tmp_path: Path) -> None:
    writer, reader = ways
    build(reader)  # registers its classes
    model = fitted(build, writer)
    model.save(tmp_path / "model.keras")
    loaded = reader.models.load_model(tmp_path / "model.keras")
    assert_predict_the_same(loaded, model, inputs(build))
    assert_train_on(loaded, model, build)
    assert_predict_the_same(loaded, model, inputs(build))


@MODELS
def test_copies_and_models_from_json_are_those_of_keras(ways: tuple[Any, Any], build: Any) -> None:
    writer, reader = ways
    writer.utils.clear_session()
    build(reader)
    model = build(writer)
    copies = [writer.models.clone_model(model), reader.models.model_from_json(model.to_json())]
    for copy in copies:
        assert [type(layer).__name__ for layer in copy.layers] == [type(layer).__name__ for layer in model.layers]
        assert copy.get_compile_config() == model.get_compile_config()
        assert copy.built == model.built


@pytest.mark.parametrize("build", [normalized, two_ends, subclassed])
def test_weights_that_one_side_saved_fit_a_model_of_the_other(
    ways: tuple[Any, Any], build: Any, tmp_path: Path
) -> None:
    writer, reader = ways
    model, other = fitted(build, writer), fitted(build, reader)
    model.save_weights(tmp_path / "model.weights.h5")
    other.load_weights(tmp_path / "model.weights.h5")
    assert_predict_the_same(other, model, inputs(build))
    assert_train_on(other, model, build)
    model.save(tmp_path / "model.keras")
    again = fitted(build, reader)
    again.load_weights(tmp_path / "model.keras")
    assert_train_on(again, model, build)


def older(keras: Any) -> Any:
    """Make a model whose `.h5` file Keras itself can load: those with operators, or losses by alias, it cannot."""
    inputs = keras.Input((3,))
    inner = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(3), keras.layers.BatchNormalization()], name="inner"
    )
    outputs = keras.layers.Dense(1)(keras.layers.Add()([inner(inputs), inputs]))
    model = keras.Model(inputs, outputs)
    model.compile("adam", keras.losses.Huber(), metrics=[keras.metrics.MeanAbsoluteError(name="mae")])
    return model


def older_line(keras: Any) -> Any:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, "relu"), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1, momentum=0.5), "mean_squared_error", weighted_metrics=["mae"])
    return model


@pytest.mark.parametrize("build", [older, older_line])
def test_the_older_files_go_both_ways(ways: tuple[Any, Any], build: Any, tmp_path: Path) -> None:
    writer, reader = ways
    model = fitted(build, writer)
    model.save(tmp_path / "model.h5")
    loaded = reader.models.load_model(tmp_path / "model.h5")
    assert_predict_the_same(loaded, model, inputs(build))
    if reader is minitf.keras:  # Keras itself cannot train what it loads from such files
        assert_train_on(loaded, model, build)


@settings(max_examples=12, deadline=None, derandomize=True, database=None)
@given(st.integers(0, 10_000))
def test_random_models_go_both_ways(sides: tuple[Any, Any], seed: int) -> None:
    models = [random_model(keras, seed) for keras in sides]
    models[0].set_weights(models[1].get_weights())
    drawn = np.random.default_rng(seed).random((len(models[0].inputs), 4, SIZE)).astype("float32")
    x = list(drawn) if len(drawn) > 1 else drawn[0]
    expected = flat(models[1](x))
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{i}.keras") for i in range(2)]
        for model, path in zip(models, paths, strict=True):
            model.save(path)
        assert contents(paths[0]) == contents(paths[1])
        loaded = [keras.saving.load_model(path) for keras, path in zip(sides, paths[::-1], strict=True)]
    for model in (models[0], *loaded):
        for mine, its in zip(flat(model(x)), expected, strict=True):
            np.testing.assert_allclose(mine, its, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("how", [{}, {"training": True}, {"training": False}], ids=str)
def test_dropout_drops_after_loading_when_it_did_before(ways: tuple[Any, Any], how: Any, tmp_path: Path) -> None:
    def drops(model: Any) -> list[bool]:
        calls = [{}, {"training": True}, {"training": False}]
        return [bool(np.any(np.array(model(ones, **call)) == 0)) for call in calls]

    writer, reader = ways
    ones, inputs = np.ones((2, 50), "float32"), writer.Input((50,))
    model = writer.Model(inputs, writer.layers.Dropout(0.5)(inputs, **how))
    model.save(tmp_path / "model.keras")
    assert drops(reader.saving.load_model(tmp_path / "model.keras")) == drops(model)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_state_of_every_optimizer_goes_over(ways: tuple[Any, Any], name: str, tmp_path: Path) -> None:
    def steps(model: Any) -> list[float]:
        model.run_eagerly = True
        return [model.fit(X, Y, verbose=0).history["loss"][0] for _ in range(5)]

    writer, reader = ways
    model = writer.Sequential([writer.Input((3,)), writer.layers.Dense(4, "tanh"), writer.layers.Dense(1)])
    model.compile(getattr(writer.optimizers, name)(**OPTIMIZERS[name]), "mse")
    steps(model)
    model.save(tmp_path / "model.keras")
    loaded = reader.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(steps(loaded), steps(model), rtol=1e-5)


def test_a_model_can_be_loaded_without_being_compiled(ways: tuple[Any, Any], tmp_path: Path) -> None:
    writer, reader = ways
    older_line(writer).save(tmp_path / "model.keras")
    loaded = reader.saving.load_model(tmp_path / "model.keras", compile=False)
    assert not loaded.compiled
    assert getattr(loaded, "optimizer", None) is None


def test_lambdas_in_files_run_only_for_those_who_trust_them(ways: tuple[Any, Any], tmp_path: Path) -> None:
    writer, reader = ways
    model = writer.Sequential([writer.Input((3,)), writer.layers.Lambda(lambda x: 2.0 * x, output_shape=(3,))])
    model.save(tmp_path / "model.keras")
    with pytest.raises(ValueError, match="Requested the deserialization of a `?Lambda"):
        reader.saving.load_model(tmp_path / "model.keras")
    loaded = reader.saving.load_model(tmp_path / "model.keras", safe_mode=False)
    assert_predict_the_same(loaded, model, X)


def test_functions_in_files_are_found_by_their_registered_names(ways: tuple[Any, Any], tmp_path: Path) -> None:
    def doubled(x: Any) -> Any:
        return 2.0 * x

    def penalty(x: Any) -> Any:
        return 0.0

    writer, reader = ways
    for keras in ways:
        keras.saving.register_keras_serializable("garden")(doubled)
    layers = [
        writer.Input((3,)),
        writer.layers.Dense(2, doubled, kernel_regularizer=penalty),
        writer.layers.Lambda(doubled),
    ]
    model = writer.Sequential(layers)
    model.save(tmp_path / "model.keras")
    with pytest.raises(TypeError, match="penalty|could not be deserialized"):
        reader.saving.load_model(tmp_path / "model.keras")
    loaded = reader.saving.load_model(tmp_path / "model.keras", custom_objects={"penalty": penalty})
    assert_predict_the_same(loaded, model, X)
