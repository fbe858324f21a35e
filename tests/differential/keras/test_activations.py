"""keras.activations, regularizers and constraints: values, gradients and configs as in Keras."""

from __future__ import annotations

import re
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minitf
from tests.differential.agreement import assert_close, assert_same_error

# Kinks stand exactly at entries: 0, ±0.5, ±1, ±3, 6.
X = np.array([[-7.0, -4, -3, -2, -1.5, -1, -0.5, -0.3, -0.0], [0, 0.2, 0.5, 0.7, 1, 1.5, 3, 6, 9]])
PLAIN = """celu elu exponential gelu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu linear
log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus
sparse_sigmoid squareplus swish tanh tanh_shrink"""
ACTIVATIONS: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in PLAIN.split()),
    *(
        ("relu", {"negative_slope": slope, "max_value": most, "threshold": threshold})
        for slope in (0.0, 0.1)
        for most in (None, 2.0, 6)
        for threshold in (0.0, 0.5, -1.0)
    ),
    *((name, {"axis": axis}) for name in ("softmax", "log_softmax") for axis in (0, None, (0, 1), (1, 0))),
    ("celu", {"alpha": 0.5}),
    ("elu", {"alpha": 0.5}),
    ("gelu", {"approximate": True}),
    ("glu", {"axis": 0}),
    ("hard_shrink", {"threshold": 1.0}),
    ("leaky_relu", {"negative_slope": 0.3}),
    ("soft_shrink", {"threshold": 1.0}),
    ("squareplus", {"b": 1}),
    ("threshold", {"threshold": 0.5, "default_value": 7.0}),
]
SLACK = {"float16": 4.0, "float32": 4.0, "float64": 1e3}  # sums and products in another order


def value_and_gradient(tf: Any, call: Any, array: Any) -> list[Any]:
    x = tf.constant(array)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = call(x)
        loss = tf.reduce_sum(y * y)
    return [y, tape.gradient(loss, x)]


# --- activations ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(("name", "options"), ACTIVATIONS)
def test_an_activation_has_keras_values_and_gradients(name: str, options: Any, dtype: str, oracle: ModuleType) -> None:
    def outcome(tf: Any) -> list[Any]:
        return value_and_gradient(tf, lambda x: getattr(tf.keras.activations, name)(x, **options), X.astype(dtype))

    for ours, theirs in zip(outcome(minitf), outcome(oracle), strict=True):
        assert_close(ours, theirs, SLACK[dtype], most=1e4 if dtype == "float16" else np.inf)


def test_every_activation_is_compared() -> None:
    apart = {"get", "serialize", "deserialize"}
    assert set(minitf.keras.activations.__all__) - apart == {name for name, _ in ACTIVATIONS}


def test_lists_and_vectors_are_activated_too(oracle: ModuleType) -> None:
    for name in ("relu", "softmax", "sigmoid", "tanh"):
        ours, theirs = (getattr(tf.keras.activations, name)(tf.constant([1.0, -2.0])) for tf in (minitf, oracle))
        assert_close(ours, theirs)
        assert_close(getattr(minitf.keras.activations, name)([1.0, -2.0]), theirs)


def test_a_softmax_over_one_class_warns(oracle: ModuleType) -> None:
    for tf in (minitf, oracle):
        with pytest.warns(UserWarning, match="This axis has size 1"):
            tf.keras.activations.softmax(tf.ones((3, 1)))


def test_a_gate_needs_an_even_size(oracle: ModuleType) -> None:
    for tf in (minitf, oracle):
        with pytest.raises(ValueError, match="axis size must be divisible by 2"):
            tf.keras.activations.glu(tf.ones((3, 3)))


def test_probabilities_know_their_logits() -> None:
    x = minitf.constant([[1.0, 2.0]])
    for name in ("softmax", "sigmoid"):
        assert getattr(minitf.keras.activations, name)(x)._keras_logits is x
    assert not hasattr(minitf.keras.activations.relu(x), "_keras_logits")


# --- regularizers -----------------------------------------------------------------------------------------------------

W = np.array([[0.5, -1.0, 2.0], [0.0, 3.0, -0.25]])
REGULARIZERS: list[tuple[str, dict[str, Any]]] = [
    ("L1", {}),
    ("L1", {"l1": 0.3}),
    ("L2", {}),
    ("L2", {"l2": 1}),
    ("L1L2", {"l1": 0.1, "l2": 0.2}),
    ("L1L2", {"l1": 0.1}),
    ("L1L2", {"l2": 0.1}),
    ("OrthogonalRegularizer", {}),
    ("OrthogonalRegularizer", {"factor": 0.5, "mode": "columns"}),
]


@pytest.mark.parametrize(("name", "options"), REGULARIZERS)
def test_a_regularizer_has_keras_penalty_gradient_and_config(name: str, options: Any, oracle: ModuleType) -> None:
    def outcome(tf: Any) -> list[Any]:
        return value_and_gradient(tf, getattr(tf.keras.regularizers, name)(**options), W.astype("float32"))

    for ours, theirs in zip(outcome(minitf), outcome(oracle), strict=True):
        assert_close(ours, theirs, 4.0)
    ours, theirs = (getattr(tf.keras.regularizers, name)(**options) for tf in (minitf, oracle))
    described = minitf.keras.regularizers.serialize(ours)
    assert described == oracle.keras.regularizers.serialize(theirs)
    assert minitf.keras.regularizers.deserialize(described).get_config() == ours.get_config()


def test_penalties_have_the_dtype_of_the_weights(oracle: ModuleType) -> None:
    for name in ("L1", "L2", "L1L2"):
        ours, theirs = (getattr(tf.keras.regularizers, name)()(tf.Variable(W)) for tf in (minitf, oracle))
        assert_close(ours, theirs)


REFUSED = {
    "negative": lambda tf: tf.keras.regularizers.L1(-0.1),
    "no number": lambda tf: tf.keras.regularizers.L2("a"),
    "endless": lambda tf: tf.keras.regularizers.L1L2(l2=float("inf")),
    "unknown mode": lambda tf: tf.keras.regularizers.OrthogonalRegularizer(mode="diagonals"),
    "no matrix": lambda tf: tf.keras.regularizers.OrthogonalRegularizer()(tf.ones((2, 2, 2))),
    "unknown regularizer": lambda tf: tf.keras.regularizers.get("l3"),
    "unknown activation": lambda tf: tf.keras.activations.get("rectifier"),
    "unknown constraint": lambda tf: tf.keras.constraints.get("max"),
    "number for an activation": lambda tf: tf.keras.activations.get(5),
    "no config": lambda tf: tf.keras.regularizers.Regularizer().get_config(),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_what_is_refused_raises_keras_error(call: Any, oracle: ModuleType) -> None:
    errors = []
    for tf in (minitf, oracle):
        with pytest.raises((ValueError, NotImplementedError)) as caught:
            call(tf)
        errors.append(caught.value)
    ours, theirs = errors
    assert_same_error(ours, theirs)
    key = re.split("[.{<]", str(theirs))[0].strip()
    assert str(ours).startswith(key), f"Keras says {theirs}, we say {ours}"


# --- constraints ------------------------------------------------------------------------------------------------------

CONSTRAINTS: list[tuple[str, dict[str, Any]]] = [
    ("Constraint", {}),
    ("MaxNorm", {}),
    ("MaxNorm", {"max_value": 1, "axis": 1}),
    ("MaxNorm", {"axis": [0, 1]}),
    ("MinMaxNorm", {}),
    ("MinMaxNorm", {"min_value": 1.0, "max_value": 2.0, "rate": 0.3, "axis": 1}),
    ("NonNeg", {}),
    ("UnitNorm", {}),
    ("UnitNorm", {"axis": 1}),
]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(("name", "options"), CONSTRAINTS)
def test_a_constraint_gives_keras_weights_and_config(name: str, options: Any, dtype: str, oracle: ModuleType) -> None:
    ours, theirs = (getattr(tf.keras.constraints, name)(**options) for tf in (minitf, oracle))
    weights = W.astype(dtype)
    assert_close(ours(minitf.constant(weights)), theirs(oracle.constant(weights)), SLACK[dtype])
    described = minitf.keras.constraints.serialize(ours)
    assert described == oracle.keras.constraints.serialize(theirs)
    assert minitf.keras.constraints.deserialize(described).get_config() == ours.get_config()


# --- names ------------------------------------------------------------------------------------------------------------

NAMES = {
    "activations": f"{PLAIN} glu",
    "regularizers": "L1 L2 L1L2 l1 l2 l1l2 OrthogonalRegularizer orthogonal_regularizer",
    "constraints": "MaxNorm NonNeg UnitNorm MinMaxNorm max_norm non_neg unit_norm min_max_norm",
}


@pytest.mark.parametrize("namespace", NAMES)
def test_a_name_stands_for_what_it_does_in_keras(namespace: str, oracle: ModuleType) -> None:
    for name in NAMES[namespace].split():
        ours, theirs = (getattr(tf.keras, namespace).get(name) for tf in (minitf, oracle))
        assert getattr(ours, "__name__", type(ours).__name__) == getattr(theirs, "__name__", type(theirs).__name__)
    for nothing in (minitf, oracle):
        found = getattr(nothing.keras, namespace).get(None)
        assert found is (nothing.keras.activations.linear if namespace == "activations" else None)


def test_activations_are_described_by_their_names(oracle: ModuleType) -> None:
    for name in PLAIN.split():
        ours, theirs = (tf.keras.activations.serialize(getattr(tf.keras.activations, name)) for tf in (minitf, oracle))
        assert ours == theirs
        assert minitf.keras.activations.deserialize(ours) is getattr(minitf.keras.activations, name)


def test_a_function_is_an_activation_and_is_described_as_keras_does(oracle: ModuleType) -> None:
    def cube(x: Any) -> Any:
        return x * x * x

    for tf in (minitf, oracle):
        assert tf.keras.activations.get(cube) is cube
    assert minitf.keras.activations.serialize(cube) == oracle.keras.activations.serialize(cube)
    found = minitf.keras.activations.deserialize("cube", custom_objects={"cube": cube})
    assert found is cube
