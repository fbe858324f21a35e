"""Every public name of minitf.keras is in Keras's place, and takes what Keras's takes, under the same names.

A signature agrees if every call that fits Keras's fits ours: the same names in the same order, and the same defaults.
Ours may take more, and `name=None` stands for the name that Keras writes out. What differs is in tables, with reasons.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from importlib.resources import files
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minitf

OURS_ONLY = {"callbacks.LearningCurves": "a picture that grows while a model is fitted"}

_QUANTIZED = "there is neither quantisation nor LoRA"
_MASKS = "there are no masks"
_FIRST = "names are Keras's where it matters; this argument comes first, and nobody writes its name"
DIFFERENT = {
    "KerasTensor.__init__": "tensors are dense",
    "Lambda.from_config": "what is known, and whether code is trusted, is said by `load_model`",
    "Lambda.call": _MASKS,
    "BatchNormalization.call": _MASKS,
    "Softmax.call": _MASKS,
    "GlobalAveragePooling1D.call": _MASKS,
    "Dense.__init__": _QUANTIZED,
    "Embedding.__init__": _QUANTIZED,
    "Sequential.call": _MASKS,
    "Variable.assign_add": "as in tf.Variable",
    "Variable.assign_sub": "as in tf.Variable",
    "Variable.__init__": "there are no layouts of distributed variables",
    "Optimizer.build": f"{_FIRST}; Keras has both `variables` and `var_list`",
    "Adadelta.update_step": f"{_FIRST}; Keras has both `gradient` and `grad`",
    "backend.sparse_categorical_crossentropy": "no class is left out of a function that Keras calls legacy",
    "serialize": _FIRST,
    "deserialize": _FIRST,
}

LACKING = {
    "add_metric": "Keras 3 has it to say that it is gone",
    "stateless_apply stateless_call stateless_compute_loss stateless_reset_state stateless_result "
    "stateless_update_state get_state_tree set_state_tree": "they are for JAX, whose functions must not assign",
    "quantize quantized_build quantized_call quantization_mode get_quantization_layer_structure enable_lora "
    "lora_alpha lora_enabled lora_rank variable_serialization_spec convert_input overwrite_with_gradient": _QUANTIZED,
    "compute_mask": _MASKS,
    "make_train_function make_test_function make_predict_function train_function test_function predict_function "
    "unrolled_steps_per_execution": "a program of a step is made once, when it is first needed",
    "handle": "there is one device",
    "call_signature_parameters input_dtype supports_jit symbolic_call rematerialized_call record_history backend "
    "finalize_state convert_weight interpolate_pr_auc": "inner workings of Keras",
    "ragged_rank row_splits_dtype reshape squeeze": "of KerasTensors; tensors are dense, and functions do the rest",
    "all validate": "of Reduction, which is there for its names",
    "from_config": "of InputSpec, which configs do not hold",
}

_GONE = ("losses.mean_squared_error",)  # from tf.losses, but not from keras.losses
TF28_NAMES = (
    "optimizers.SGD optimizers.schedules.ExponentialDecay losses.MSE losses.MeanSquaredError losses.mean_squared_error "
    "metrics.Mean metrics.mse initializers.GlorotUniform initializers.zeros"
).split()

_PLAIN = (bool, int, float, str, type(None), tuple)


def rooms(ours: ModuleType = minitf.keras, path: str = "") -> Iterator[tuple[str, ModuleType]]:
    """Yield the public namespaces from a namespace on, with their paths."""
    yield path, ours
    for name in ours.__all__:
        if isinstance(getattr(ours, name), ModuleType):
            yield from rooms(getattr(ours, name), f"{path}{name}.")


def public() -> Iterator[tuple[str, Any]]:
    for path, room in rooms():
        for name in room.__all__:
            yield path + name, getattr(room, name)


@pytest.fixture(scope="module")
def theirs(oracle: ModuleType) -> Callable[[str], Any]:
    """Find what Keras has at a path: in tf.keras, or in keras, which is no longer the same."""
    import keras

    def find(path: str) -> Any:
        for found in (oracle.keras, keras):
            try:
                for name in path.split("."):
                    found = getattr(found, name)
            except AttributeError:
                continue
            return found
        return None

    return find


def test_every_public_name_is_one_of_keras(theirs: Callable[[str], Any]) -> None:
    assert {path for path, _ in public() if theirs(path) is None} == OURS_ONLY.keys()


# --- signatures -------------------------------------------------------------------------------------------------------


def disagreement(ours: inspect.Signature, theirs: inspect.Signature, by_place: bool) -> str | None:
    """Say what a call that fits Keras's signature would not find in ours; None if it fits."""
    mine, kinds = dict(ours.parameters), [each.kind for each in ours.parameters.values()]
    takes_all, takes_names = inspect.Parameter.VAR_POSITIONAL in kinds, inspect.Parameter.VAR_KEYWORD in kinds
    places = [each for each in mine.values() if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    asked = list(theirs.parameters.values())
    if any(each.kind is each.VAR_POSITIONAL for each in asked):
        return None
    for i, each in enumerate(asked):
        if each.kind is each.VAR_KEYWORD:
            continue
        if each.kind is each.KEYWORD_ONLY:
            found = mine.pop(each.name, None)
        else:
            found = places[i] if i < len(places) else None
            mine.pop(found.name if found else "", None)
        if found is None and (takes_names if each.kind is each.KEYWORD_ONLY else takes_all):
            continue
        if found is None or (found.name != each.name and not by_place):
            return f"{each.name} is {'missing' if found is None else found.name}"
        unnamed = each.name == "name" and found.default is None
        if isinstance(each.default, _PLAIN) and found.default != each.default and not unnamed:
            return f"{each.name}={each.default!r} is {found.default!r}"
        if each.default is not each.empty and found.default is found.empty:
            return f"{each.name} has no default"
    needed = [each.name for each in mine.values() if each.default is each.empty and each.kind not in _STARS]
    return f"also needs {needed}" if needed else None


_STARS = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def same_calls(path: str, ours: Any, theirs: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield functions, or the methods that both classes have, with the name that tables know them by."""
    if not isinstance(ours, type) or not isinstance(theirs, type):
        name = path.rpartition(".")[2]
        yield name if name in DIFFERENT else path, ours, theirs
        return
    for name in {"__init__", "__call__", *(name for name in dir(ours) if not name.startswith("_"))}:
        mine, keras = getattr(ours, name), getattr(theirs, name, None)
        if inspect.isroutine(mine) and inspect.isroutine(keras):
            yield mine.__qualname__ if "." in mine.__qualname__ else f"{ours.__name__}.{name}", mine, keras


def test_signatures_are_those_of_keras(theirs: Callable[[str], Any]) -> None:
    found: dict[str, str] = {}
    compared = set()
    for path, ours in public():
        if callable(ours) and theirs(path) is not None:
            for name, mine, keras in same_calls(path, ours, theirs(path)):
                compared.add(name)
                of_tensors = path.startswith("backend.") and not mine.__module__.startswith("minitf.keras")
                how = disagreement(inspect.signature(mine), inspect.signature(keras), by_place=of_tensors)
                if how:
                    found[name] = f"{path}: {how}"
    assert {name: how for name, how in found.items() if name not in DIFFERENT} == {}
    assert DIFFERENT.keys() - found.keys() == set(), "these agree by now"
    assert {"Trainer.fit", "Dense.__init__", "losses.mean_squared_error", "Optimizer.apply_gradients"} <= compared


@pytest.mark.parametrize("room", ["losses", "metrics"])
def test_what_has_no_name_is_called_as_in_keras(room: str, theirs: Callable[[str], Any]) -> None:
    minitf.keras.utils.clear_session()  # names are counted, and other tests have used some
    theirs("utils.clear_session")()
    for path, ours in public():
        if path.startswith(f"{room}.") and isinstance(ours, type) and ours.__name__ not in _NEEDS:
            for _ in range(2):
                made, keras = ours(*_needed(ours)), theirs(path)(*_needed(ours))
                assert made.name == keras.name, path


_NEEDS = ("Loss", "Metric", "Reduction", "MeanMetricWrapper", "SumOverBatchSize")


def _needed(cls: type) -> list[Any]:
    parameters = inspect.signature(cls).parameters.values()
    needed = [each.name for each in parameters if each.default is each.empty and each.kind not in _STARS]
    return [[0] if name == "target_class_ids" else 2 for name in needed]


# --- what objects have ------------------------------------------------------------------------------------------------


def objects(tf: Any) -> dict[str, Any]:
    """Make one object of each kind that programs ask for attributes."""
    keras, x = tf.keras, np.ones((2, 3), np.float32)
    inputs = keras.Input((3,))
    dense, embedding, norm = keras.layers.Dense(2), keras.layers.Embedding(3, 2), keras.layers.Normalization()
    stack = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    stack.compile("adam", "mse", metrics=["mae"])
    history = stack.fit(x, x[:, :2], verbose=0)
    dense(inputs), embedding(np.array([[1]])), norm.adapt(x)
    return {
        "dense": dense,
        "embedding": embedding,
        "normalization": norm,
        "sequential": stack,
        "history": history,
        "functional": keras.Model(inputs, keras.layers.Dense(1)(inputs)),
        "adam": stack.optimizer,
        "schedule": keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5),
        "loss": keras.losses.MeanSquaredError(),
        "accuracy": keras.metrics.BinaryAccuracy(),
        "auc": keras.metrics.AUC(),
        "tensor": inputs,
        "weight": dense.kernel,
        "stopping": keras.callbacks.EarlyStopping(),
        "initializer": keras.initializers.GlorotUniform(),
        "regularizer": keras.regularizers.L2(),
        "constraint": keras.constraints.MaxNorm(),
        "policy": dense.dtype_policy,
        "bar": keras.utils.Progbar(3),
    }


def test_what_an_object_has_in_keras_it_has_here(oracle: ModuleType, theirs: Callable[[str], Any]) -> None:
    def of(thing: Any) -> set[str]:
        return {name for name in dir(thing) if not name.startswith("_") and hasattr(thing, name)}

    known = {name: why for names, why in LACKING.items() for name in names.split()}
    keras, missing = objects(oracle), {}
    for kind, ours in objects(minitf).items():
        missing |= dict.fromkeys(of(keras[kind]) - of(ours), kind)
    for path, ours in public():
        if isinstance(ours, type) and isinstance(theirs(path), type):
            methods = {name for name in of(theirs(path)) if inspect.isroutine(getattr(theirs(path), name))}
            missing |= dict.fromkeys(methods - of(ours), path)
    assert {name: where for name, where in missing.items() if name not in known} == {}
    assert known.keys() - missing.keys() == set(), "these are there by now"


# --- other spellings --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", TF28_NAMES)
def test_tensorflow_names_parts_of_keras_too(path: str, oracle: ModuleType) -> None:
    def found(tf: Any) -> Any:
        for name in path.split("."):
            tf = getattr(tf, name)
        return tf

    assert found(minitf) is found(minitf.keras)
    assert path in _GONE or found(oracle) is found(oracle.keras)


def test_functions_have_all_their_names(theirs: Callable[[str], Any]) -> None:
    """`losses.MSE is losses.mean_squared_error`, and so on: what is one thing in Keras is one thing here."""
    groups: dict[int, list[tuple[str, Any]]] = {}
    for path, ours in public():
        if theirs(path) is not None and not path.startswith(("backend.", "optimizers.legacy.")):
            groups.setdefault(id(theirs(path)), []).append((path, ours))
    several = [group for group in groups.values() if len(group) > 1]
    assert len(several) > 20
    for group in several:
        assert len({id(ours) for _, ours in group}) == 1, [path for path, _ in group]


def test_the_version_is_that_of_a_keras_3(theirs: Callable[[str], Any]) -> None:
    assert minitf.keras.version() == minitf.keras.__version__
    assert minitf.keras.__version__.partition(".")[0] == theirs("__version__").partition(".")[0]


def test_the_list_of_tensorflows_names_has_those_of_keras(oracle: ModuleType, theirs: Callable[[str], Any]) -> None:
    listed = set(files("minitf").joinpath("tensorflow_names.txt").read_text("utf-8").split())
    for path, _ in rooms():
        found = theirs(path[:-1]) if path else oracle.keras
        names = {f"keras.{path}{name}" for name in dir(found) if not name.startswith("_")}
        assert names - listed == set(), "python scripts/tensorflow_names.py writes the list anew"


# --- TensorFlow's own initializers ------------------------------------------------------------------------------------

INITIALIZERS: list[tuple[str, dict[str, Any], tuple[Any, ...]]] = [
    ("zeros_initializer", {}, ((2, 3),)),
    ("zeros_initializer", {}, ((2,), "int32")),
    ("ones_initializer", {}, ([3],)),
    ("ones_initializer", {}, ((), "float64")),
    ("constant_initializer", {}, ((2,),)),
    ("constant_initializer", {"value": 0.5}, ((2, 2),)),
    ("constant_initializer", {"value": [1, 2, 3, 4]}, ((2, 2), "float32")),
    ("constant_initializer", {"value": [1, 2, 3]}, ((2, 2),)),
    ("constant_initializer", {"value": None}, ((2, 2),)),
    ("random_normal_initializer", {"seed": 1}, ((2, 3),)),
    ("random_normal_initializer", {"mean": 1.0, "stddev": 2.0, "seed": 7}, ((4,), "float64")),
    ("random_normal_initializer", {}, ((2,), "int32")),
    ("random_uniform_initializer", {"seed": 1}, ((2, 3),)),
    ("random_uniform_initializer", {"minval": 0, "maxval": 9, "seed": 2}, ((5,), "int32")),
    ("random_uniform_initializer", {}, ((2,), "bool")),
]


@pytest.mark.parametrize(("name", "options", "args"), INITIALIZERS)
def test_an_initializer_of_tensorflow_makes_the_same_values(
    name: str, options: dict[str, Any], args: tuple[Any, ...], oracle: ModuleType
) -> None:
    def outcome(tf: Any) -> Any:
        cls = getattr(tf, name)
        try:
            made = cls(**options)
            again = cls.from_config(made.get_config())
            return [made(*args), again(*args)]
        except Exception as error:
            return error

    ours, theirs = outcome(minitf), outcome(oracle)
    if isinstance(theirs, Exception):
        assert type(ours) is type(theirs)
        return
    for mine, keras in zip(ours, theirs, strict=True):
        assert mine.dtype.name == keras.dtype.name
        np.testing.assert_allclose(mine.numpy(), keras.numpy(), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", ["random_normal", "random_uniform", "ones"])
def test_a_layer_takes_an_initializer_of_tensorflow(name: str, oracle: ModuleType) -> None:
    def kernel(tf: Any) -> Any:
        made = getattr(tf, f"{name}_initializer")(**({} if name == "ones" else {"seed": 5}))
        layer = tf.keras.layers.Dense(2, kernel_initializer=made, bias_initializer=tf.zeros_initializer())
        layer.build((None, 3))
        return layer.kernel.numpy()

    np.testing.assert_allclose(kernel(minitf), kernel(oracle), rtol=1e-6, atol=1e-7)


def test_an_initializer_of_tensorflow_without_a_seed_follows_the_global_one(oracle: ModuleType) -> None:
    def drawn(tf: Any) -> Any:
        tf.random.set_seed(3)
        normal, uniform = tf.random_normal_initializer(), tf.random_uniform_initializer()
        return [normal((3,)).numpy(), normal((3,)).numpy(), uniform((3,)).numpy()]

    np.testing.assert_allclose(drawn(minitf), drawn(oracle), rtol=1e-6, atol=1e-7)
