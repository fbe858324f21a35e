"""`keras.initializers`: what makes the first values of variables. Any function of shape and dtype may stand for one."""

# ruff: isort: skip_file

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import minitf as tf
from minitf.keras.backend import floatx
from minitf.keras.initializers.initializer import Constant, Identity, Initializer, Ones, Zeros
from minitf.keras.initializers.random_initializers import (
    GlorotNormal, GlorotUniform, HeNormal, HeUniform, LecunNormal, LecunUniform, Orthogonal, RandomNormal,
    RandomUniform, TruncatedNormal, VarianceScaling,
)  # fmt: skip
from minitf.keras.kinds import Kind
from minitf.names import nearest

__all__ = [
    "Constant", "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "Identity", "IdentityInitializer",
    "Initializer", "LecunNormal", "LecunUniform", "Ones", "Orthogonal", "OrthogonalInitializer", "RandomNormal",
    "RandomUniform", "TruncatedNormal", "VarianceScaling", "Zeros", "constant", "deserialize", "get", "glorot_normal",
    "glorot_uniform", "he_normal", "he_uniform", "identity", "lecun_normal", "lecun_uniform", "ones", "orthogonal",
    "random_normal", "random_uniform", "serialize", "truncated_normal", "variance_scaling", "zeros",
]  # fmt: skip

__getattr__ = nearest("keras.initializers")

constant, ones, zeros = Constant, Ones, Zeros
identity = IdentityInitializer = Identity
orthogonal = OrthogonalInitializer = Orthogonal
glorot_normal, glorot_uniform = GlorotNormal, GlorotUniform
he_normal, he_uniform, lecun_normal, lecun_uniform = HeNormal, HeUniform, LecunNormal, LecunUniform
random_normal, random_uniform, truncated_normal = RandomNormal, RandomUniform, TruncatedNormal
variance_scaling = VarianceScaling

_kind = Kind(
    "initializer", "keras.initializers",
    classes=dict.fromkeys(each for name, each in globals().items() if name in __all__ and isinstance(each, type)),
    named={
        "IdentityInitializer": Identity, "OrthogonalInitializer": Orthogonal, "normal": RandomNormal, "one": Ones,
        "uniform": RandomUniform, "zero": Zeros,
    },
)  # fmt: skip
serialize, deserialize = _kind.serialize, _kind.deserialize


def get(identifier: Any) -> Any:
    """Return the initializer for a name, config, class, array or function; ValueError for anything else.

    >>> get("he_normal")((2, 3)).shape
    TensorShape([2, 3])
    """
    return _exactly(identifier) if isinstance(identifier, tf.Tensor | np.ndarray) else _kind.get(identifier)


def _exactly(value: Any) -> Callable[..., tf.Tensor]:
    """Make an initializer that gives an array."""

    def initialize(shape: Any, dtype: Any = None) -> tf.Tensor:
        if tuple(shape) != tuple(value.shape):
            asked = f"Expected `shape` to be {value.shape} for direct tensor as initializer."
            raise ValueError(f"{asked} Received shape={shape}")
        return tf.cast(value, dtype or floatx())

    return initialize
