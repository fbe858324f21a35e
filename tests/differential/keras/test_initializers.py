"""keras.initializers, keras.random and keras.config give Keras's own numbers, configs and errors."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minitf
from tests.differential.agreement import assert_alike, assert_close, assert_same_error

Call = Callable[[Any], Any]  # of `tf`, minitf or TensorFlow

DRAWING = [
    "RandomNormal", "TruncatedNormal", "RandomUniform", "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform",
    "LecunNormal", "LecunUniform", "VarianceScaling", "Orthogonal",
]  # fmt: skip
CONSTANT = ["Zeros", "Ones", "Constant", "Identity"]
OPTIONS: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in CONSTANT),
    *((name, {"seed": 7}) for name in DRAWING),
    ("Constant", {"value": 2.5}),
    ("Constant", {"value": [1.0, 2.0, 3.0]}),
    ("Identity", {"gain": 0.5}),
    ("RandomNormal", {"mean": 1.0, "stddev": 2.0, "seed": 1}),
    ("TruncatedNormal", {"mean": -1.0, "stddev": 0.1, "seed": 1}),
    ("RandomUniform", {"minval": 2, "maxval": 5.5, "seed": 1}),
    ("RandomUniform", {"minval": 0, "maxval": 1, "seed": 1}),
    ("Orthogonal", {"gain": 3.0, "seed": 1}),
    ("GlorotUniform", {"seed": 1, "input_axes": [0], "output_axes": [1]}),
    *(
        ("VarianceScaling", {"scale": 3.0, "mode": mode, "distribution": distribution, "seed": 1})
        for mode in ("fan_in", "fan_out", "fan_avg")
        for distribution in ("normal", "UNIFORM", "untruncated_normal")
    ),
]


def outcome(call: Call, tf: Any) -> Any:
    """Return the result of a call, or its error."""
    try:
        return call(tf)
    except (LookupError, TypeError, ValueError) as error:
        return error


def make(tf: Any, name: str, options: dict[str, Any]) -> Any:
    return getattr(tf.keras.initializers, name)(**options)


# --- initializers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(3, 3), (4, 3), (3,), (2, 3, 5, 3), ()], ids=str)
@pytest.mark.parametrize(("name", "options"), OPTIONS)
def test_an_initializer_makes_keras_values(name: str, options: Any, shape: Any, oracle: ModuleType) -> None:
    def value(tf: Any) -> Any:
        return make(tf, name, options)(shape)

    ours, theirs = outcome(value, minitf), outcome(value, oracle)
    if isinstance(theirs, Exception):
        assert_same_error(ours, theirs)
    else:
        assert_close(ours, theirs)


@pytest.mark.parametrize("name", [*CONSTANT, *DRAWING])
def test_the_dtype_may_be_told(name: str, oracle: ModuleType) -> None:
    options = {"seed": 3} if name in DRAWING else {}
    assert_close(
        make(minitf, name, options)((5, 4), dtype="float64"), make(oracle, name, options)((5, 4), dtype="float64")
    )


@pytest.mark.parametrize("seed", [0, -7, 2**31 - 2, 2**31 + 5, 2**40 + 3])
@pytest.mark.parametrize("name", ["RandomUniform", "HeNormal"])
def test_every_integer_is_a_seed(name: str, seed: int, oracle: ModuleType) -> None:
    assert_close(make(minitf, name, {"seed": seed})((3, 2)), make(oracle, name, {"seed": seed})((3, 2)))


def test_a_call_repeats_the_values_of_a_number_and_goes_on_with_a_generator(oracle: ModuleType) -> None:
    def twice(tf: Any) -> list[Any]:
        number, seeds = make(tf, "GlorotUniform", {"seed": 5}), tf.keras.random.SeedGenerator(5)
        generator = make(tf, "GlorotUniform", {"seed": seeds})
        return [number((2, 3)), number((2, 3)), generator((2, 3)), generator((2, 3)), seeds.state.value]

    *ours, state = twice(minitf)
    *theirs, _ = twice(oracle)
    assert_alike(ours, theirs)
    assert np.array_equal(ours[0], ours[1]) and not np.array_equal(ours[2], ours[3])
    assert state().numpy().tolist() == [5, 2]


def test_default_seeds_follow_from_pythons_generator(oracle: ModuleType) -> None:
    def drawn(tf: Any) -> list[Any]:
        random.seed(11)
        return [make(tf, name, {})((2, 3)) for name in ("GlorotUniform", "he_normal", "Orthogonal")]

    assert_alike(drawn(minitf), drawn(oracle))


@pytest.mark.parametrize(("name", "options"), [option for option in OPTIONS if option[0] != "Identity"])
def test_the_config_of_an_initializer_is_keras_own(name: str, options: Any, oracle: ModuleType) -> None:
    ours, theirs = make(minitf, name, options), make(oracle, name, options)
    assert list(ours.get_config().items()) == list(theirs.get_config().items())
    described = minitf.keras.initializers.serialize(ours)
    assert described == oracle.keras.initializers.serialize(theirs)
    again = minitf.keras.initializers.deserialize(described)
    assert (type(again), again.get_config()) == (type(ours), ours.get_config())


def test_the_config_of_the_identity_keeps_the_gain_that_keras_forgets(oracle: ModuleType) -> None:
    described = minitf.keras.initializers.serialize(minitf.keras.initializers.Identity(0.5))
    assert described["config"] == {"gain": 0.5}
    assert_close(*(tf.keras.initializers.deserialize(described)((2, 2)) for tf in (minitf, oracle)))


def test_a_clone_makes_the_same_values() -> None:
    initializer = minitf.keras.initializers.HeNormal(seed=3)
    assert_close(initializer((3, 2)), initializer.clone()((3, 2)))


def test_a_seed_generator_is_part_of_the_config(oracle: ModuleType) -> None:
    def described(tf: Any) -> Any:
        return tf.keras.initializers.serialize(
            make(tf, "HeNormal", {"seed": tf.keras.random.SeedGenerator(9, name="s")})
        )

    config = described(minitf)
    assert config == described(oracle)
    again = minitf.keras.initializers.deserialize(config)
    assert again.seed.get_config() == {"seed": 9, "name": "s"}
    assert_close(again((2, 2)), oracle.keras.initializers.deserialize(config)((2, 2)))


NAMES = """GlorotUniform IdentityInitializer Orthogonal OrthogonalInitializer glorot_normal glorot_uniform he_normal
he_uniform identity lecun_normal lecun_uniform normal one ones orthogonal random_normal random_uniform truncated_normal
uniform variance_scaling zero zeros"""


@pytest.mark.parametrize("name", NAMES.split())
def test_a_name_stands_for_keras_initializer(name: str, oracle: ModuleType) -> None:
    ours, theirs = minitf.keras.initializers.get(name), oracle.keras.initializers.get(name)
    assert type(ours).__name__ == type(theirs).__name__


@pytest.mark.parametrize("name", ["Ones", "GlorotUniform"])
def test_classes_and_their_old_names_make_initializers(name: str) -> None:
    initializers = minitf.keras.initializers
    old = {"Ones": initializers.ones, "GlorotUniform": initializers.glorot_uniform}[name]
    assert old is getattr(initializers, name)
    assert isinstance(initializers.get(old), old)


MISTAKES: dict[str, Call] = {
    "unknown name": lambda tf: tf.keras.initializers.get("glorot"),
    "no initializer": lambda tf: tf.keras.initializers.get(3.5),
    "scale of 0": lambda tf: tf.keras.initializers.VarianceScaling(0.0),
    "unknown mode": lambda tf: tf.keras.initializers.VarianceScaling(mode="fan"),
    "unknown distribution": lambda tf: tf.keras.initializers.VarianceScaling(distribution="gamma"),
    "seed of another kind": lambda tf: tf.keras.initializers.HeNormal(seed=1.5),
    "identity of three axes": lambda tf: tf.keras.initializers.Identity()((2, 2, 2)),
    "orthogonal vector": lambda tf: tf.keras.initializers.Orthogonal()((3,)),
    "array of another shape": lambda tf: tf.keras.initializers.get(np.ones(2))((3,)),
    "seed generator of a float": lambda tf: tf.keras.random.SeedGenerator(1.5),
    "seed generator with more": lambda tf: tf.keras.random.SeedGenerator(1, color="red"),
    "no seed": lambda tf: tf.keras.random.normal((2,), seed="a"),
    "uniform integers": lambda tf: tf.keras.random.uniform((2,), dtype="int32"),
    "whole floats": lambda tf: tf.keras.random.randint((2,), 0, 5, dtype="float32"),
    "rate above 1": lambda tf: tf.keras.random.dropout(tf.ones((2,)), 1.5, seed=1),
    "unknown floatx": lambda tf: tf.keras.config.set_floatx("int8"),
}


@pytest.mark.parametrize("call", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_raises_keras_error(call: Call, oracle: ModuleType) -> None:
    ours, theirs = outcome(call, minitf), outcome(call, oracle)
    assert isinstance(theirs, Exception)
    assert_same_error(ours, theirs)
    key = re.split("[.{]", str(theirs))[0].strip()
    assert str(ours).startswith(key), f"Keras says {theirs}, we say {ours}"


def test_arrays_and_functions_are_initializers(oracle: ModuleType) -> None:
    def values(tf: Any) -> list[Any]:
        get = tf.keras.initializers.get
        seeded = get(lambda shape, dtype=None: tf.ones(shape, dtype) * 3)
        return [get(np.arange(3.0))((3,)), get(tf.constant([1, 2]))((2,)), seeded((2,), dtype="float32")]

    assert_alike(values(minitf), values(oracle))
    assert minitf.keras.initializers.get(minitf.random.normal) is minitf.random.normal


@pytest.mark.parametrize("namespace", ["initializers", "activations", "regularizers", "constraints"])
def test_the_namespace_has_keras_names(namespace: str, oracle: ModuleType) -> None:
    theirs = {name for name in dir(getattr(oracle.keras, namespace)) if not name.startswith("_")}
    missing = {"STFT", "STFTInitializer", "stft", "sparsemax"}
    assert theirs - missing == set(getattr(minitf.keras, namespace).__all__)


@pytest.mark.parametrize("namespace", ["config", "random"])
def test_the_namespace_has_no_name_that_keras_has_not(namespace: str, oracle: ModuleType) -> None:
    assert set(getattr(minitf.keras, namespace).__all__) <= set(dir(getattr(oracle.keras, namespace)))


# --- draws ------------------------------------------------------------------------------------------------------------

X = np.arange(12, dtype=np.float32).reshape(4, 3)

DRAWS: dict[str, Callable[[Any, Any], Any]] = {
    "normal": lambda tf, seed: tf.keras.random.normal((2, 3), 1.0, 2.0, seed=seed),
    "normal, float64": lambda tf, seed: tf.keras.random.normal((3,), dtype="float64", seed=seed),
    "truncated normal": lambda tf, seed: tf.keras.random.truncated_normal((2, 3), stddev=0.5, seed=seed),
    "uniform": lambda tf, seed: tf.keras.random.uniform((5,), seed=seed),
    "uniform with bounds": lambda tf, seed: tf.keras.random.uniform((5,), -2, 5.5, seed=seed),
    "integers": lambda tf, seed: tf.keras.random.randint((5,), 0, 9, seed=seed),
    "integers, int64": lambda tf, seed: tf.keras.random.randint((5,), -3, 9, dtype="int64", seed=seed),
    "integers, uint8": lambda tf, seed: tf.keras.random.randint((5,), 0, 200, dtype="uint8", seed=seed),
    "dropout": lambda tf, seed: tf.keras.random.dropout(tf.constant(X), 0.3, seed=seed),
    "dropout of rows": lambda tf, seed: tf.keras.random.dropout(tf.constant(X), 0.5, (None, 1), seed=seed),
    "dropout of all": lambda tf, seed: tf.keras.random.dropout(tf.constant(X), 1.0, seed=seed),
    "dropout of none": lambda tf, seed: tf.keras.random.dropout(tf.constant(X), 0.0, seed=seed),
    "shuffle": lambda tf, seed: tf.keras.random.shuffle(tf.constant(X), seed=seed),
    "shuffle of columns": lambda tf, seed: tf.keras.random.shuffle(tf.constant(X), axis=1, seed=seed),
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_a_draw_with_a_seed_is_keras_own(draw: Callable[[Any, Any], Any], oracle: ModuleType) -> None:
    def drawn(tf: Any) -> list[Any]:
        seeds = tf.keras.random.SeedGenerator(2**31 + 4)
        results = [draw(tf, 4), draw(tf, seeds), draw(tf, seeds)]
        return [*results, tf.convert_to_tensor(seeds.state)]

    assert_alike(drawn(minitf), drawn(oracle))


def test_draws_without_a_seed_follow_from_pythons_generator(oracle: ModuleType) -> None:
    def drawn(tf: Any) -> list[Any]:
        return [
            tf.keras.random.uniform((3,)),
            tf.keras.random.normal((2,)),
            tf.keras.random.dropout(tf.ones((6,)), 0.5),
        ]

    oracle.keras.utils.set_random_seed(6)
    theirs = drawn(oracle)
    minitf.keras.random.forget_global_seed_generator()
    random.seed(6)
    assert_alike(drawn(minitf), theirs)


def test_seeds_out_of_order_are_keras_own(oracle: ModuleType) -> None:
    def seeds(tf: Any) -> list[Any]:
        generator = tf.keras.random.SeedGenerator(123456789)
        return [generator.next(ordered=ordered) for ordered in (False, False, True, False)]

    assert_alike(seeds(minitf), seeds(oracle))


def test_a_captured_step_draws_anew_in_each_run(oracle: ModuleType) -> None:
    def run(tf: Any) -> list[Any]:
        seeds = tf.keras.random.SeedGenerator(8)

        @tf.function
        def step(x: Any) -> Any:
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = tf.reduce_sum(tf.keras.random.dropout(x, 0.4, seed=seeds) ** 2)
            return y, tape.gradient(y, x), tf.keras.random.normal((2,), seed=seeds)

        return [step(tf.constant(X)) for _ in range(3)]

    ours = run(minitf)
    assert_alike(ours, run(oracle))
    assert len({gradient.numpy().tobytes() for _, gradient, _ in ours}) == 3


# --- settings ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def settings_restored() -> Iterator[None]:
    yield
    minitf.keras.config.set_floatx("float32")
    minitf.keras.config.enable_interactive_logging()


def test_the_settings_are_those_of_the_backend(settings_restored: None, oracle: ModuleType) -> None:
    for name in ("floatx", "epsilon", "image_data_format", "backend", "is_interactive_logging_enabled"):
        assert getattr(minitf.keras.config, name)() == getattr(oracle.keras.config, name)()
    minitf.keras.config.set_floatx("float64")
    minitf.keras.config.disable_interactive_logging()
    assert not minitf.keras.config.is_interactive_logging_enabled()
    assert minitf.keras.backend.floatx() == minitf.keras.config.dtype_policy().name == "float64"
    assert minitf.keras.initializers.HeNormal(1)((2, 2)).dtype == minitf.keras.random.normal((2,)).dtype == "float64"
    assert minitf.keras.initializers.Zeros()((2,)).dtype == "float64"
