"""Saved Keras models: whole files or none, folders as TensorFlow 2 wrote them, and what only minitf can load."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minitf as tf
from minitf.keras import registry
from minitf.keras.saving import files
from tests.minitf import killed

keras = tf.keras
X = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
Y = np.ones((8, 1), "float32")
forks = pytest.mark.skipif(not hasattr(killed.os, "fork"), reason="needs fork")
in_folder = pytest.mark.filterwarnings("ignore:Invalid filepath extension:UserWarning")


def line() -> Any:
    layers = [keras.layers.Dense(4, "relu"), keras.layers.BatchNormalization(), keras.layers.Dense(1)]
    model = keras.Sequential(layers, name="line")
    model.compile(keras.optimizers.Adam(0.1), keras.losses.Huber(), metrics=["mae"])
    model.fit(X, Y, verbose=0)
    return model


@keras.saving.register_keras_serializable("tests")
class Net(keras.Model):  # type: ignore[misc,name-defined]
    def __init__(self, units: int = 3, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self._hidden = keras.layers.Dense(units)
        self.ends = [keras.layers.Dense(2), keras.layers.Dense(1)]

    def build(self, shape: Any) -> None:
        self.offset = self.add_weight(shape=(3,), name="shift")
        super().build(shape)

    def call(self, x: Any, training: Any = None) -> Any:
        x = self._hidden(x + self.offset)
        for end in self.ends:
            x = end(x)
        return x

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


def net() -> Any:
    model = Net(2)
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)
    return model


def by_name() -> Any:
    inputs = {name: keras.Input((3,), name=name) for name in ("a", "b")}
    model = keras.Model(inputs, {"sum": keras.layers.Dense(1)(keras.layers.Add()(list(inputs.values())))})
    model.compile("sgd", {"sum": "mse"})
    return model


# A first call computes op by op, later ones as a program: NumPy rounds both alike, XLA does not.
ROUNDING = {"numpy": 0.0, "tensorflow": 1e-5}[tf.get_backend()]


def assert_goes_on_alike(one: Any, other: Any) -> None:
    np.testing.assert_allclose(one.predict(X, verbose=0), other.predict(X, verbose=0), ROUNDING, ROUNDING / 10)
    ours, theirs = [model.fit(X, Y, epochs=2, shuffle=False, verbose=0).history for model in (one, other)]
    assert ours.keys() == theirs.keys()
    for name in ours:
        np.testing.assert_allclose(ours[name], theirs[name], ROUNDING)


# --- whole files ------------------------------------------------------------------------------------------------------


@forks
@pytest.mark.parametrize("scenario", ["Models", "Older", "Folder", "Weights"])
def test_whoever_is_killed_while_saving_leaves_the_old_file_or_the_new_one(scenario: str) -> None:
    command = [sys.executable, "-m", "tests.minitf.keras.killed", scenario, "1"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[3])
    assert not done.returncode, done.stderr
    *deaths, whole = json.loads(done.stdout)
    states = [death["state"] for death in deaths]
    assert {death["step"] for death in deaths} >= {"open", "write", "fsync", "os.rename"} or killed.EVERY > 1
    assert set(states) == {1, 2} or killed.EVERY > 1
    assert states == sorted(states)
    assert whole["state"] == 2
    assert [death["next"] for death in deaths] == [state + 1 for state in states]
    parts = 5 if scenario == "Folder" and tf.get_backend() == "tensorflow" else 1  # of TensorFlow's own saved model
    assert {len(death["files"]) for death in deaths} == {parts}  # nothing is left behind


def test_a_failure_while_saving_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, path = line(), tmp_path / "model.keras"
    model.save(path)
    before = path.read_bytes()

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(OSError, match="No space left"):
        model.save(path)
    assert [file.name for file in tmp_path.iterdir()] == ["model.keras"]
    assert path.read_bytes() == before


def test_a_model_that_cannot_be_described_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    line().save(path)
    before = path.read_bytes()
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, kernel_initializer=functools_partial())])
    with pytest.raises(TypeError, match="Cannot serialize object"):
        model.save(path)
    assert path.read_bytes() == before


def functools_partial() -> Any:
    class Callable:
        def __call__(self, shape: Any, dtype: Any = None) -> Any:
            return tf.ones(shape, dtype)

    return Callable()


def test_members_that_would_fill_the_memory_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", b" " * 100_000)
    monkeypatch.setattr(files, "_BIG", 1000)
    with pytest.raises(ValueError, match="declares 100000 bytes"):
        keras.saving.load_model(tmp_path / "bomb.keras")


def test_without_h5py_it_is_said_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ImportError, match=r"pip install minitf\[keras\]"):
        line().save(tmp_path / "model.keras")
    assert not list(tmp_path.iterdir())


# --- models -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [line, net])
@pytest.mark.parametrize("name", ["model.keras", "model"])
@in_folder
def test_a_loaded_model_goes_on_as_if_it_had_never_been_saved(make: Any, name: str, tmp_path: Path) -> None:
    model = make()
    model.save(tmp_path / name)
    loaded = keras.saving.load_model(tmp_path / name)
    assert loaded.name == model.name
    assert loaded.get_compile_config() == model.get_compile_config()
    assert_goes_on_alike(model, loaded)


def test_layers_that_two_models_share_are_shared_again(tmp_path: Path) -> None:
    shared = keras.layers.Dense(3, name="shared")
    inputs = keras.Input((3,))
    first = keras.Model(inputs, keras.layers.Multiply()([shared(inputs), inputs]))
    model = keras.Sequential([keras.Input((3,)), first, keras.Sequential([keras.Input((3,)), shared])])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert len(loaded.weights) == 2
    np.testing.assert_array_equal(loaded.predict(X, verbose=0), model.predict(X, verbose=0))


def test_weights_of_older_files_fit_by_order_or_by_name(tmp_path: Path) -> None:
    path = tmp_path / "older.h5"
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3, name="a"), keras.layers.Dense(3, name="b")])
    model.save(path)
    other = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3, name="b"), keras.layers.Dense(3, name="c")])
    other.load_weights(path)
    np.testing.assert_array_equal(other.layers[0].get_weights()[0], model.layers[0].get_weights()[0])
    other.load_weights(path, by_name=True)
    np.testing.assert_array_equal(other.layers[0].get_weights()[0], model.layers[1].get_weights()[0])
    with pytest.raises(ValueError, match="Layer count mismatch when loading weights from file"):
        keras.Sequential([keras.Input((3,)), keras.layers.Dense(3)]).load_weights(path)
    wide = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(3)])
    with pytest.raises(ValueError, match="Shape mismatch in layer #0"):
        wide.load_weights(path)
    with pytest.warns(UserWarning, match="Skipping loading of weights for layer"):
        wide.load_weights(path, skip_mismatch=True)


def test_an_older_config_without_modules_is_read(tmp_path: Path) -> None:
    import h5py

    model = by_position()
    model.save(tmp_path / "model.h5")
    calls = {"d": [[["x", 0, 0, {}]]], "sum": [[["d", 0, 0, {}], ["x", 0, 0, {}]]]}
    kernel = {"class_name": "GlorotUniform", "config": {"seed": None}}
    dense = {"name": "d", "trainable": True, "dtype": "float32", "units": 3, "kernel_initializer": kernel}
    layers = [
        {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 3], "dtype": "float32", "name": "x"}},
        {"class_name": "Dense", "config": dense},
        {"class_name": "Add", "config": {"name": "sum", "trainable": True, "dtype": "float32"}},
    ]
    named = [
        {**each, "name": each["config"]["name"], "inbound_nodes": calls.get(each["config"]["name"], [])}
        for each in layers
    ]
    ends = {"input_layers": [["x", 0, 0]], "output_layers": [["sum", 0, 0]]}
    wrapper = {
        "class_name": "MeanMetricWrapper",
        "config": {"name": "mae", "dtype": "float32", "fn": "mean_absolute_error"},
    }
    adam = {"class_name": "Adam", "config": {"name": "Adam", "learning_rate": 0.25, "decay": 0.0, "beta_1": 0.5}}
    training = {"loss": "mse", "metrics": [[wrapper]], "weighted_metrics": None, "loss_weights": None}
    with h5py.File(tmp_path / "model.h5", "a") as file:
        file.attrs["model_config"] = json.dumps(
            {"class_name": "Functional", "config": {"name": "m", "layers": named, **ends}}
        )
        file.attrs["training_config"] = json.dumps({**training, "optimizer_config": adam})
    loaded = keras.saving.load_model(tmp_path / "model.h5")
    np.testing.assert_array_equal(loaded.predict(X, verbose=0), model.predict(X, verbose=0))
    assert loaded.evaluate(X, X, verbose=0, return_dict=True).keys() == {"loss", "mae"}
    assert float(loaded.optimizer.learning_rate) == 0.25


def by_position() -> Any:
    x = keras.Input((3,), name="x")
    return keras.Model(x, keras.layers.Add(name="sum")([keras.layers.Dense(3, name="d")(x), x]))


def test_what_a_layer_saves_of_itself_may_be_its_own_choice(tmp_path: Path) -> None:
    @keras.saving.register_keras_serializable("tests")
    class Counted(keras.layers.Layer):  # type: ignore[misc,name-defined]
        count = 0

        def save_own_variables(self, store: Any) -> None:
            store["count"] = np.array(self.count)

        def load_own_variables(self, store: Any) -> None:
            self.count = int(store["count"])

        def call(self, x: Any) -> Any:
            return x

    model = keras.Sequential([keras.Input((3,)), Counted(name="counted")])
    model.layers[0].count = 7
    model.save(tmp_path / "model.keras")
    assert keras.saving.load_model(tmp_path / "model.keras").layers[0].count == 7


def test_a_frozen_layer_keeps_its_variables_in_their_order(tmp_path: Path) -> None:
    model = line()
    model.save_weights(tmp_path / "a.weights.h5")
    other = keras.Sequential.from_config(model.get_config())
    other.trainable = False
    other.load_weights(tmp_path / "a.weights.h5")
    np.testing.assert_array_equal(other.predict(X, verbose=0), model.predict(X, verbose=0))


# --- folders ----------------------------------------------------------------------------------------------------------


def test_a_path_without_an_ending_is_a_folder_and_says_what_keras_3_expects(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match=r"add either a `.keras` extension.*`model.export\(filepath\)`") as warned:
        line().save(tmp_path / "model")
    assert warned[0].filename == __file__


@in_folder
def test_the_folder_is_a_saved_model_for_programs_without_the_classes(tmp_path: Path) -> None:
    model = net()
    model.save(tmp_path / "model")
    loaded = tf.saved_model.load(tmp_path / "model")
    for answer in (loaded(X), loaded.serve(X), loaded.signatures["serving_default"](tf.constant(X))["output_0"]):
        np.testing.assert_array_equal(answer, model.predict(X, verbose=0))
    assert len(loaded.trainable_variables) == len(model.trainable_variables)


def test_an_exported_model_computes_and_is_no_keras_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = by_name()
    model.export(tmp_path / "model")
    assert "Saved artifact at" in capsys.readouterr().out
    loaded = tf.saved_model.load(tmp_path / "model")
    both = {"a": X, "b": -2 * X}
    np.testing.assert_allclose(loaded.serve(both)["sum"], model.predict(both, verbose=0)["sum"], rtol=1e-6)
    with pytest.raises(ValueError, match="has no Keras model in it"):
        keras.saving.load_model(tmp_path / "model")
    with pytest.raises(ValueError, match="Unrecognized format=onnx"):
        model.export(tmp_path / "model", format="onnx")


def test_a_model_that_nobody_called_cannot_be_exported(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be saved because the input shape is not available"):
        Net().export(tmp_path / "model")


def test_tf_saved_model_saves_a_model_as_export_does(tmp_path: Path) -> None:
    model = line()
    tf.saved_model.save(model, tmp_path / "model")
    loaded = tf.saved_model.load(tmp_path / "model")
    np.testing.assert_array_equal(loaded(X), model.predict(X, verbose=0))
    assert list(loaded.signatures) == ["serving_default"]


@pytest.mark.parametrize(
    ("name", "files"), [("cp.ckpt", {"checkpoint", "cp.ckpt.npz"}), ("weights.h5", {"weights.h5"})]
)
def test_weights_at_another_path_are_saved_as_tensorflow_2_did(name: str, files: set[str], tmp_path: Path) -> None:
    model, other = line(), line()
    with pytest.warns(UserWarning, match="must end in `.weights.h5`.*Keras 3 raises a ValueError here") as warned:
        model.save_weights(tmp_path / name)
    assert warned[0].filename == __file__
    assert {file.name for file in tmp_path.iterdir()} == files
    other.load_weights(tmp_path / name)
    np.testing.assert_array_equal(other.predict(X, verbose=0), model.predict(X, verbose=0))


@pytest.mark.filterwarnings("ignore:The filename must end:UserWarning")
def test_a_checkpoint_of_weights_is_the_latest_and_waits_for_weights(tmp_path: Path) -> None:
    model = line()
    model.save_weights(tmp_path / "cp.ckpt")
    path = tf.train.latest_checkpoint(tmp_path)
    assert path == str(tmp_path / "cp.ckpt")
    later = keras.Sequential([type(layer).from_config(layer.get_config()) for layer in model.layers])
    status = later.load_weights(path)
    np.testing.assert_array_equal(later.predict(X, verbose=0), model.predict(X, verbose=0))
    status.assert_existing_objects_matched()


# --- checkpoints ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [line, net])
def test_a_checkpoint_fills_models_and_optimizers_that_are_made_later(make: Any, tmp_path: Path) -> None:
    def step(model: Any, optimizer: Any) -> float:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(X, training=True) - Y) ** 2)
        variables = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return float(loss)

    model, optimizer = make(), keras.optimizers.Adam(0.1)
    step(model, optimizer)
    path = tf.train.Checkpoint(model=model, optimizer=optimizer).save(tmp_path / "ckpt")
    fresh = (
        Net(2)
        if make is net
        else keras.Sequential([type(layer).from_config(layer.get_config()) for layer in model.layers])
    )
    other = keras.optimizers.Adam(0.1)
    status = tf.train.Checkpoint(model=fresh, optimizer=other).restore(path)
    assert [step(fresh, other) for _ in range(3)] == [step(model, optimizer) for _ in range(3)]
    status.assert_existing_objects_matched()


# --- what is trusted --------------------------------------------------------------------------------------------------


def test_a_config_imports_nothing() -> None:
    config = {"module": "this", "class_name": "Zen", "config": {}, "registered_name": None}
    with pytest.raises(TypeError, match="Could not locate class 'Zen'"):
        keras.saving.deserialize_keras_object(config)
    assert "this" not in sys.modules


def test_lambdas_of_another_python_are_explained() -> None:
    config = {"class_name": "__lambda__", "config": {"value": ["bm90aGluZw==", None, None]}}
    with pytest.raises(ValueError, match="another version of Python wrote it"):
        keras.saving.deserialize_keras_object(config, safe_mode=False)


def test_trust_lasts_as_long_as_the_call_that_was_told_to_trust(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.warns(UserWarning, match="includes a `lambda`"):
        config = keras.saving.serialize_keras_object(lambda x: tf.square(x))
    assert float(keras.saving.deserialize_keras_object(config, safe_mode=False)(3.0)) == 9.0
    with pytest.raises(ValueError, match="Requested the deserialization of a Python lambda"):
        keras.saving.deserialize_keras_object(config)
    monkeypatch.setattr(registry._here, "safe", None)
    registry.enable_unsafe_deserialization()
    assert float(keras.saving.deserialize_keras_object(config)(3.0)) == 9.0


def test_errors_deep_inside_a_config_are_told_once() -> None:
    inner = {"module": "garden", "class_name": "Nowhere", "config": {}, "registered_name": "garden>Nowhere"}
    outer = {"module": "keras", "class_name": "Sequential", "config": {"name": "s", "layers": [inner]}}
    with pytest.raises(TypeError) as caught:
        keras.saving.deserialize_keras_object(outer)
    assert str(caught.value).startswith("Could not locate class 'Nowhere'")
    assert "Sequential" not in str(caught.value)
