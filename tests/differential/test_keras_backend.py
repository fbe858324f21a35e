"""tf.keras.backend does what Keras's own does, which its source calls a legacy of Keras 1 and 2."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minitf
from tests.differential.agreement import assert_alike

M = np.array([[0.5, -1.0, 2.0], [0.0, 3.0, -0.25]], np.float32)
P = np.array([[0.25, 0.5, 0.25], [0.125, 0.125, 0.75]], np.float32)
TRUE = np.array([[True, False, True], [True, True, True]])
ONE = "abs cos exp log sigmoid sign sin softplus softsign sqrt square tanh round relu softmax flatten transpose shape"
TWO = "equal greater greater_equal less less_equal maximum minimum not_equal pow"
REDUCING = "max mean min prod std sum var argmax argmin cumprod cumsum"

CALLS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    *((name, (M,), {}) for name in f"{ONE} {REDUCING} ndim int_shape dtype get_value ones_like zeros_like".split()),
    *((name, (M, P), {}) for name in TWO.split()),
    *((name, (M, 0), {}) for name in REDUCING.split()),
    *((name, (TRUE,), {}) for name in ("all", "any", "mean", "std", "var")),
    *((name, (M, 1), {"keepdims": True}) for name in ("all", "any", "max", "mean", "min", "prod", "std", "sum", "var")),
    *(("relu", (M,), options) for options in ({"alpha": 0.5}, {"max_value": 1.0}, {"threshold": 0.6, "alpha": 0.1})),
    *((f"{name}_crossentropy", (P, P), {}) for name in ("binary", "categorical")),
    *((f"{name}_crossentropy", (P, M), {"from_logits": True}) for name in ("binary", "categorical")),
    ("sparse_categorical_crossentropy", (np.array([2, 0]), P), {}),
    ("sparse_categorical_crossentropy", (np.array([2, 0]), M), {"from_logits": True}),
    ("cast", (M, "int32"), {}),
    ("clip", (M, -0.5, None), {}),
    ("concatenate", ([M, P],), {}),
    ("constant", ([1, 2],), {}),
    ("dot", (M, P.T), {}),
    ("dot", (M, np.ones((2, 3, 4), np.float32)), {}),
    ("epsilon", (), {}),
    ("expand_dims", (M,), {}),
    ("floatx", (), {}),
    ("gather", (M, [1, 0]), {}),
    ("image_data_format", (), {}),
    ("l2_normalize", (M, 1), {}),
    ("one_hot", (np.array([1, 0]), 3), {}),
    ("permute_dimensions", (M, (1, 0)), {}),
    ("reshape", (M, (3, 2)), {}),
    ("set_floatx", ("int32",), {}),
    ("set_image_data_format", ("nowhere",), {}),
    ("softmax", (M[0],), {}),
    ("squeeze", (M[:, :1], 1), {}),
    ("stack", ([M, P],), {}),
    ("stop_gradient", (M,), {}),
    ("tile", (M, [2, 1]), {}),
    ("variable", (M,), {}),
    ("zeros", ((2,),), {}),
    ("ones", ((2,),), {}),
]


def outcome(tf: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a name with arrays as tensors; return the result, a variable's value, or the error."""

    def tensor(value: Any) -> Any:
        if isinstance(value, list):
            return [tensor(part) for part in value]
        return tf.constant(value) if isinstance(value, np.ndarray) else value

    try:
        result = getattr(tf.keras.backend, name)(*map(tensor, args), **kwargs)
    except (TypeError, ValueError) as error:
        return error
    return tf.convert_to_tensor(result) if isinstance(result, tf.Variable) else result


@pytest.mark.parametrize(("name", "args", "kwargs"), CALLS)
def test_a_name_of_the_backend_does_what_keras_does(name: str, args: Any, kwargs: Any, oracle: ModuleType) -> None:
    assert_alike(outcome(minitf, name, args, kwargs), outcome(oracle, name, args, kwargs))


def test_every_name_of_the_backend_is_compared(oracle: ModuleType) -> None:
    elsewhere = {"clear_session", "map_fn", "name_scope", "set_epsilon", "set_value"}
    names = set(minitf.keras.backend.__all__)
    assert names - elsewhere == {name for name, _, _ in CALLS}
    assert names <= set(dir(oracle.keras.backend))


def test_the_settings_of_the_backend_can_be_changed() -> None:
    backend = minitf.keras.backend
    variable = backend.variable([1.0])
    try:
        backend.set_floatx("float64")
        backend.set_epsilon(1e-5)
        assert (backend.floatx(), backend.epsilon(), backend.ones((1,)).dtype) == ("float64", 1e-5, minitf.float64)
    finally:
        backend.set_floatx("float32")
        backend.set_epsilon(1e-7)
    backend.set_value(variable, [2.0])
    assert backend.get_value(variable) == [2.0]
