"""Dtype policies: in which dtype a layer computes, and in which it keeps its variables."""

from __future__ import annotations

from typing import Any

import numpy as np

import minitf as tf
from minitf.keras import registry
from minitf.keras.backend import floatx

__all__ = ["DTypePolicy"]

_MIXED = {"mixed_float16": ("float16", "float32")}


class DTypePolicy:
    """The dtypes of a layer: `DTypePolicy("float32")`, or `"mixed_float16"`, which computes in half precision.

    >>> tf.keras.DTypePolicy("mixed_float16").variable_dtype
    'float32'
    """

    def __init__(self, name: Any = None) -> None:
        """Take the name of a dtype or of a policy; ValueError for another one."""
        if isinstance(name, DTypePolicy):
            name = name.name
        elif isinstance(name, dict):
            name = name["config"]["name"]
        self.name: str = name if isinstance(name, str) and name in _MIXED else _dtype_name(name or floatx())
        self.compute_dtype, self.variable_dtype = _MIXED.get(self.name, (self.name, self.name))
        self.kind = np.dtype(tf.as_dtype(self.compute_dtype).as_numpy_dtype)  # of arrays

    def get_config(self) -> dict[str, Any]:
        """Return what describes the policy."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DTypePolicy:
        """Make the policy that a config describes."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        """Compare the names."""
        return isinstance(other, DTypePolicy) and other.name == self.name

    def __hash__(self) -> int:
        """Return the hash of the name."""
        return hash(self.name)

    def __repr__(self) -> str:
        """Print as Keras does."""
        return f'<DTypePolicy "{self.name}">'


def _dtype_name(dtype: Any) -> str:
    try:
        return str(tf.as_dtype(dtype).name)
    except TypeError:
        asked = f"Cannot convert '{dtype}' to a dtype policy"
        raise ValueError(f"{asked}; give the name of a dtype such as 'float32', or 'mixed_float16'.") from None


registry.export("keras", DTypePolicy)
