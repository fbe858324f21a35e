"""Dtype policies: in which dtype a layer computes and keeps its variables."""

from __future__ import annotations

from typing import Any

import numpy as np

import minitf as tf
from minitf.keras import registry
from minitf.keras.backend import floatx

__all__ = ["DTypePolicy"]


class DTypePolicy:
    """The dtype of a layer, which computes in it and keeps its variables in it.

    >>> tf.keras.DTypePolicy("float64").variable_dtype
    'float64'
    """

    def __init__(self, name: Any = None) -> None:
        """Take a dtype or its name, a policy or its config; None is `floatx()`. ValueError for mixed precision."""
        if isinstance(name, DTypePolicy):
            name = name.name
        elif isinstance(name, dict):
            name = name["config"]["name"]
        try:
            dtype = tf.as_dtype(name or floatx())
        except TypeError:
            asked = f"Cannot convert '{name}' to a mixed precision DTypePolicy"
            if isinstance(name, str) and name.startswith("mixed_"):
                asked += ": minitf computes in the dtype in which it keeps the variables"
            raise ValueError(f"{asked}. Give the name of a dtype, such as 'float32'.") from None
        self.name: str = dtype.name
        self.compute_dtype = self.variable_dtype = self.name
        self.kind = np.dtype(dtype.as_numpy_dtype)  # of arrays

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


registry.export("keras", DTypePolicy)
