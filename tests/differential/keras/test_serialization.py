"""keras.saving describes objects by the configs that Keras writes, reads those that it reads, and refuses the same."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minitf
from minitf.keras import registry
from tests.differential.agreement import assert_alike
from tests.differential.snippets import run

# NumPy on how Keras makes arrays of TensorFlow's variables.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


class Rose:
    """What both sides register."""

    def __init__(self, petals: int = 5) -> None:
        self.petals = petals

    def get_config(self) -> dict[str, Any]:
        return {"petals": self.petals}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Rose:
        return cls(**config)

    def __repr__(self) -> str:
        return f"Rose({self.petals})"


class Odd:
    """Its from_config does not take its config."""

    def get_config(self) -> dict[str, Any]:
        return {"petals": 5}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Odd:
        return cls(**config)


class Thorn:
    """Nobody can describe it."""


class Bush:
    def get_config(self) -> Any:
        return 5


def thorny(x: Any) -> Any:
    return x


def plain(x: Any) -> Any:
    return x


class Oracle:
    """TensorFlow, with all of Keras, of which tf.keras leaves out some."""

    def __init__(self, tensorflow: ModuleType) -> None:
        import keras

        self._tf, self.keras = tensorflow, keras

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tf, name)


@pytest.fixture(scope="module")
def sides(oracle: ModuleType) -> tuple[Any, Any]:
    return minitf, Oracle(oracle)


@pytest.fixture(scope="module", autouse=True)
def registered(sides: tuple[Any, Any]) -> None:
    for tf in sides:
        tf.keras.saving.register_keras_serializable("garden", "Rose")(Rose)
        tf.keras.saving.register_keras_serializable("garden")(thorny)
        tf.keras.saving.register_keras_serializable()(Odd)


VALUES: dict[str, Callable[[Any], Any]] = {
    "nothing": lambda tf: None,
    "text": lambda tf: "text",
    "numbers": lambda tf: [1, 2.5, True, np.float32(0.5), np.int64(3), np.array(2)],
    "containers": lambda tf: {"a": (1, [2, (3,)]), "b": {}},
    "bytes": lambda tf: b"abc",
    "slices": lambda tf: [slice(1, None), slice(None, -1, 2), ...],
    "arrays": lambda tf: [np.arange(3), np.eye(2, dtype="float32")],
    "tensors": lambda tf: [tf.constant([1.0, 2.0]), tf.constant(3)],
    "dtypes": lambda tf: [tf.float32, tf.int64],
    "shapes": lambda tf: [tf.TensorShape([None, 2]), tf.TensorShape(None)],
    "registered class": lambda tf: [Rose(6), Rose()],
    "registered function": lambda tf: thorny,
    "function": lambda tf: plain,
    "activation": lambda tf: tf.keras.activations.relu,
    "op": lambda tf: tf.nn.relu,
    "loss": lambda tf: tf.keras.losses.mean_squared_error,
    "policy": lambda tf: tf.keras.DTypePolicy("float64"),
    "layer": lambda tf: tf.keras.layers.Dense(2, kernel_regularizer="l2", bias_constraint="non_neg", name="dense"),
    "schedule": lambda tf: tf.keras.optimizers.Adam(
        tf.keras.optimizers.schedules.ExponentialDecay(0.1, 5, 0.5), name="adam"
    ),
    "metric": lambda tf: [tf.keras.metrics.AUC(name="auc"), tf.keras.metrics.MeanAbsoluteError(name="mae")],
    "seeded": lambda tf: tf.keras.initializers.HeNormal(seed=tf.keras.random.SeedGenerator(3, name="seeds")),
    "class": lambda tf: Rose,
    "object": lambda tf: Thorn(),
    "no dictionary": lambda tf: Bush(),
    "set": lambda tf: {1},
    "partial": lambda tf: functools.partial(plain),
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_objects_are_described_as_keras_describes_them(sides: tuple[Any, Any], value: Callable[[Any], Any]) -> None:
    ours, theirs = (run(tf, lambda tf: tf.keras.saving.serialize_keras_object(value(tf))) for tf in sides)
    assert_alike(ours, theirs)


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_what_keras_describes_can_be_made_again(sides: tuple[Any, Any], value: Callable[[Any], Any]) -> None:
    config = run(sides[1], lambda tf: tf.keras.saving.serialize_keras_object(value(tf)))
    if isinstance(config, Exception):
        return

    def again(tf: Any) -> Any:
        made = tf.keras.saving.deserialize_keras_object(config, custom_objects={"plain": plain})
        return tf.keras.saving.serialize_keras_object(made)

    assert_alike(run(sides[0], again), run(sides[1], again))


CONFIGS: dict[str, tuple[Any, str]] = {
    "without a module": ({"class_name": "Dense", "config": {"units": 2}}, "Could not locate class 'Dense'"),
    "of a foreign module": ({"class_name": "system", "config": {}, "module": "os"}, "Could not locate class 'system'"),
    "a function of a foreign module": (
        {"class_name": "function", "config": "system", "module": "os"}, "Could not locate function 'system'",
    ),
    "an unknown function": (
        {"class_name": "function", "config": "nowhere", "module": "builtins"}, "Could not locate function 'nowhere'",
    ),
    "an unknown layer": ({"class_name": "Dens", "config": {}, "module": "keras.layers"}, ""),
    "a config that is no dictionary": (
        {"class_name": "Dense", "config": "x", "module": "keras.layers"}, "Expected 'config' to be a dict for Dense",
    ),
    "a function without a name": ({"class_name": "function", "config": 3}, "Expected 'config' to be a non-null str"),
    "too few arguments": ({"class_name": "Dense", "config": {}, "module": "keras.layers"}, "could not be deserialized"),
    "a class that does not take it": (
        {"class_name": "Odd", "config": {"petals": 5}, "registered_name": "Custom>Odd"}, "could not be deserialized",
    ),
    "no config": (object(), "Could not parse config"),
    "a lambda": ({"class_name": "__lambda__", "config": {"value": "x"}}, "Requested the deserialization of a Python"),
    "a loader": ({"class_name": "load_model", "config": {}, "module": "keras.models"}, ""),
}  # fmt: skip


@pytest.mark.parametrize(("config", "words"), CONFIGS.values(), ids=CONFIGS)
def test_configs_that_make_no_object_are_refused_as_keras_refuses_them(
    sides: tuple[Any, Any], config: Any, words: str
) -> None:
    ours, theirs = (run(tf, lambda tf: tf.keras.saving.deserialize_keras_object(config)) for tf in sides)
    assert isinstance(ours, Exception)
    assert isinstance(theirs, Exception)
    assert words in str(ours)
    assert words in str(theirs)
    if words:
        assert type(ours) is type(theirs)


ACCEPTED: dict[str, Any] = {
    "internal module": {
        "class_name": "Dense",
        "config": {"units": 2, "name": "d"},
        "module": "keras.src.layers.core.dense",
    },
    "no registered name": {"class_name": "Rose", "config": {"petals": 3}, "registered_name": "garden>Rose"},
    "function under its module": {"class_name": "function", "config": "relu", "module": "keras.activations"},
    "function by the name after its package": {"class_name": "function", "config": "thorny", "module": "builtins"},
    "nested": {"a": [{"class_name": "L2", "config": {"l2": 0.5}, "module": "keras.regularizers"}], "b": "text"},
    "shared twice": [
        {"class_name": "Rose", "config": {}, "registered_name": "garden>Rose", "shared_object_id": 1} for _ in range(2)
    ],
}


@pytest.mark.parametrize("config", ACCEPTED.values(), ids=ACCEPTED)
def test_other_configs_that_keras_reads_are_read(sides: tuple[Any, Any], config: Any) -> None:
    def again(tf: Any) -> Any:
        made = tf.keras.saving.deserialize_keras_object(config)
        return tf.keras.saving.serialize_keras_object(made)

    assert_alike(run(sides[0], again), run(sides[1], again))


def test_our_classes_have_the_modules_and_names_that_keras_writes(sides: tuple[Any, Any]) -> None:
    from keras.src.api_export import get_name_from_symbol

    wrong = {}
    for (module, name), thing in registry._ours.items():
        if inspect.isclass(thing) and registry.public_module(thing) == module and thing.__name__ == name:
            theirs = functools.reduce(
                lambda space, part: getattr(space, part, None), module.split(".")[1:], sides[1].keras
            )
            theirs = getattr(theirs, name, None)
            written = theirs and get_name_from_symbol(theirs)
            if written and written not in (f"{module}.{name}", f"keras.{name}"):  # the latter are base classes
                wrong[f"{module}.{name}"] = written
    assert not wrong


KINDS: list[tuple[str, Any]] = [
    ("activations", "relu"),
    ("activations", {"class_name": "function", "config": "relu", "module": "builtins"}),
    ("initializers", "zeros"),
    ("initializers", {"class_name": "zeros", "config": {}}),
    ("initializers", {"class_name": "GlorotUniform", "config": {"seed": None}}),
    ("regularizers", {"class_name": "L1", "config": {"l1": 0.5}}),
    ("constraints", {"class_name": "MaxNorm", "config": {"max_value": 3}}),
    ("losses", "mean_squared_error"),
    ("losses", "MeanSquaredError"),
    ("losses", {"class_name": "Huber", "config": {"name": "huber"}}),
    ("metrics", {"class_name": "AUC", "config": {"name": "auc"}}),
    ("optimizers", {"class_name": "adam", "config": {"name": "a"}}),
    ("optimizers", {"class_name": "SGD", "config": {"momentum": 0.5, "name": "s"}}),
]


@pytest.mark.parametrize(("kind", "config"), KINDS)
def test_each_kind_reads_configs_and_writes_them_as_keras_does(sides: tuple[Any, Any], kind: str, config: Any) -> None:
    def again(tf: Any) -> Any:
        space = getattr(tf.keras, kind)
        return space.serialize(space.deserialize(config))

    assert_alike(run(sides[0], again), run(sides[1], again))


@pytest.mark.parametrize(
    "kind", ["activations", "initializers", "regularizers", "constraints", "losses", "metrics", "optimizers"]
)
def test_each_kind_refuses_unknown_names_as_keras_does(sides: tuple[Any, Any], kind: str) -> None:
    for name in ("nowhere", 3):
        ours, theirs = (run(tf, lambda tf, name=name: getattr(tf.keras, kind).get(name)) for tf in sides)
        assert type(ours) is type(theirs)
        assert "Could not interpret" in str(ours)
        assert str(theirs)[:30] == str(ours)[:30]


def test_lambdas_go_both_ways_for_those_who_trust_them(sides: tuple[Any, Any]) -> None:
    factor = 3
    for writer, reader in (sides, sides[::-1]):
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            config = writer.keras.saving.serialize_keras_object(lambda x, plus=1: factor * x + plus)
        assert "The object being serialized includes a `lambda`. This is unsafe." in str(warned[0].message)
        made = reader.keras.saving.deserialize_keras_object(config, safe_mode=False)
        assert made(2) == 7


def test_scopes_and_names_are_those_of_keras(sides: tuple[Any, Any]) -> None:
    def story(tf: Any) -> list[Any]:
        saving = tf.keras.saving
        found = [
            saving.get_registered_name(Rose),
            saving.get_registered_name(plain),
            "garden>Rose" in saving.get_custom_objects(),
        ]
        found.append(saving.get_registered_object("plain"))
        with saving.CustomObjectScope({"plain": plain}):
            found.append(saving.get_registered_object("plain") is plain)
            found.append(saving.deserialize_keras_object("plain") is plain)
        with saving.custom_object_scope({"garden>Rose": Thorn}):
            found.append(saving.get_registered_object("garden>Rose") is Thorn)
        found.append(saving.get_registered_object("nowhere", custom_objects={"nowhere": 1}))
        found.append(saving.get_registered_object("nowhere", module_objects={"nowhere": 2}))
        return found

    assert story(sides[0]) == story(sides[1])


def test_a_class_without_a_config_cannot_be_registered(sides: tuple[Any, Any]) -> None:
    for tf in sides:
        with pytest.raises(ValueError, match=r"Cannot register a class that does not have a get_config\(\) method"):
            tf.keras.saving.register_keras_serializable()(Thorn)


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def both(sides: tuple[Any, Any]) -> tuple[Any, Any]:
    return sides[0].keras, sides[1].keras


def dense(keras: Any, units: int = 4, compiled: bool = False) -> Any:
    layers = [keras.Input((3,)), keras.layers.Dense(units, name="first"), keras.layers.Dense(1, name="last")]
    model = keras.Sequential(layers, name="model")
    if compiled:
        model.compile("adam", "mse")
        model.optimizer.build(model.trainable_variables)
    return model


def load_wider(keras: Any, folder: Path) -> Any:
    dense(keras, 5).save_weights(folder / "wide.weights.h5")
    return dense(keras).load_weights(folder / "wide.weights.h5")


def load_longer(keras: Any, folder: Path) -> Any:
    dense(keras).save_weights(folder / "short.weights.h5")
    model = dense(keras)
    model.add(keras.layers.Dense(2))
    return model.load_weights(folder / "short.weights.h5")


def load_damaged(keras: Any, folder: Path, name: str = "bad.weights.h5") -> Any:
    (folder / name).write_bytes(b"nothing of use")
    model = dense(keras)
    return keras.saving.load_model(folder / name) if name.endswith(".keras") else model.load_weights(folder / name)


def load_linked(keras: Any, folder: Path) -> Any:
    import h5py

    dense(keras).save_weights(folder / "linked.weights.h5")
    with h5py.File(folder / "linked.weights.h5", "a") as file:
        del file["layers/dense"]
        file["layers/dense"] = h5py.ExternalLink("other.h5", "/layers/dense")
    return dense(keras).load_weights(folder / "linked.weights.h5")


ERRORS: dict[str, tuple[Callable[[Any, Path], Any], type[Exception], str]] = {
    "other shapes": (load_wider, ValueError, "A total of 2 objects could not be loaded"),
    "a shape in particular": (load_wider, ValueError, "must match"),
    "missing variables": (load_longer, ValueError, "expected 2 variables, but received 0 variables during loading"),
    "a link to another file": (load_linked, ValueError, "Not allowed: H5 file with ExternalLink"),
    "no such file of weights": (
        lambda keras, folder: dense(keras).load_weights(folder / "no.weights.h5"), FileNotFoundError, "",
    ),
    "damaged weights": (load_damaged, OSError, "Unable to"),
    "a damaged model": (
        lambda keras, folder: load_damaged(keras, folder, "bad.keras"), ValueError, "accessible `.keras` zip file",
    ),
    "no such model": (
        lambda keras, folder: keras.saving.load_model(folder / "no.keras"), ValueError, "File not found: filepath=",
    ),
    "no model without ending": (
        lambda keras, folder: keras.saving.load_model(folder / "no"), ValueError,
        "File format not supported: filepath=",
    ),
    "weights as a model": (
        lambda keras, folder: dense(keras).save_weights(folder / "no.keras"), ValueError,
        "The filename must end in `.weights.h5`",
    ),
    "weights of another ending": (
        lambda keras, folder: dense(keras).load_weights(folder / "no.npz"), ValueError, "File format not supported",
    ),
    "weights before they are made": (
        lambda keras, folder: keras.Sequential([keras.layers.Dense(1)]).save_weights(folder / "a.weights.h5"),
        ValueError, "You are saving a model that has not yet been built",
    ),
    "unknown arguments": (
        lambda keras, folder: dense(keras).save(folder / "a.keras", nowhere=1), ValueError,
        "The following argument(s) are not supported: ['nowhere']",
    ),
    "by name from weights": (
        lambda keras, folder: dense(keras).load_weights(folder / "a.weights.h5", by_name=True), ValueError,
        "`by_name` only supports loading legacy",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "words"), ERRORS.values(), ids=ERRORS)
def test_what_cannot_be_saved_or_loaded_is_refused_in_keras_words(
    both: tuple[Any, Any], call: Callable[[Any, Path], Any], kind: type[Exception], words: str, tmp_path: Path
) -> None:
    for keras in both:
        with pytest.raises(kind) as caught:
            call(keras, tmp_path)
        assert words in str(caught.value)


def test_what_does_not_fit_can_be_left_out(both: tuple[Any, Any], tmp_path: Path) -> None:
    for keras in both:
        other, model = dense(keras, 5), dense(keras)
        other.add(keras.layers.Dense(1, name="new"))
        other.layers[0].trainable = False
        other.save_weights(tmp_path / "other.weights.h5")
        model.add(keras.layers.Dense(1, name="new"))
        kept = model.layers[0].get_weights()
        with pytest.warns(UserWarning, match="A total of 2 objects could not be loaded"):
            model.load_weights(tmp_path / "other.weights.h5", skip_mismatch=True)
        np.testing.assert_array_equal(model.layers[0].get_weights()[0], kept[0])
        np.testing.assert_array_equal(model.layers[2].get_weights()[0], other.layers[2].get_weights()[0])


def test_the_state_of_an_optimizer_that_is_not_built_is_left_with_a_warning(
    both: tuple[Any, Any], tmp_path: Path
) -> None:
    for keras in both:
        model, other = dense(keras, compiled=True), dense(keras)
        model.save_weights(tmp_path / "a.weights.h5")
        other.compile("sgd", "mse")
        with pytest.warns(UserWarning, match="Skipping variable loading for optimizer"):
            other.load_weights(tmp_path / "a.weights.h5")


def test_a_file_is_replaced_only_by_those_who_want_it(
    both: tuple[Any, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i, keras in enumerate(both):
        asked: list[str] = []
        answers = iter(["what?", "n", "y"])
        monkeypatch.setattr(
            "builtins.input", lambda text, asked=asked, answers=answers: asked.append(text) or next(answers)
        )
        path = tmp_path / f"{i}.weights.h5"
        dense(keras).save_weights(path)
        before = path.read_bytes()
        dense(keras).save_weights(path, overwrite=False)
        assert path.read_bytes() == before
        dense(keras).save_weights(path, overwrite=False)
        assert path.read_bytes() != before
        assert [text.replace(str(path), "it") for text in asked] == [
            "[WARNING] it already exists - overwrite? [y/n]", 'Enter "y" (overwrite) or "n" (cancel).',
            "[WARNING] it already exists - overwrite? [y/n]",
        ]  # fmt: skip
