"""Dtype policies: in which dtype a layer computes and keeps its variables."""

from __future__ import annotations

from typing import Any

import minitf as tf
from minitf.keras import registry
from minitf.keras.backend import floatx

__all__ = ["DTypePolicy", "dtype_policy", "policy_of", "set_dtype_policy"]

_MIXED = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}


class DTypePolicy:
    """The dtype of a layer, which computes in it and keeps its variables in it; or two dtypes.

    With `"mixed_float16"` and `"mixed_bfloat16"` variables are float32, and layers compute with half of the digits.

    >>> policy = tf.keras.DTypePolicy("mixed_float16")
    >>> policy.compute_dtype, policy.variable_dtype
    ('float16', 'float32')
    """

    def __init__(self, name: str | None = None) -> None:
        """Take a name, by default that of the policy for all; ValueError for one that is none, TypeError for no text.

        TypeError also for bfloat16 where the backend has none.
        """
        name = dtype_policy().name if name is None else name
        if not isinstance(name, str):
            asked = f"'name' must be a string, such as 'mixed_float16'. Received: name={name} (of type {type(name)})"
            raise TypeError(f"{asked}; tf.float16 has one: tf.float16.name.")
        self.name: str = name
        self.compute_dtype = _MIXED.get(name, name)
        self.variable_dtype = "float32" if name in _MIXED else name
        if all(dtype.name != self.compute_dtype for dtype in tf.dtypes.ALL):
            asked = f"Cannot convert '{name}' to a mixed precision DTypePolicy. Valid policies include 'mixed_float16'"
            raise ValueError(f"{asked}, 'mixed_bfloat16', and the name of any float dtype such as 'float32'.")
        self.computes = tf.as_dtype(self.compute_dtype)
        self.kind = self.computes.numpy  # of arrays
        self.mixed = name in _MIXED

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


_for_all: list[DTypePolicy] = []


def dtype_policy() -> DTypePolicy:
    """Return the policy of layers that are told none: floatx() for all, unless it was set.

    >>> tf.keras.config.dtype_policy()
    <DTypePolicy "float32">
    """
    return _for_all[-1] if _for_all else DTypePolicy(floatx())


def set_dtype_policy(policy: Any) -> None:
    """Set the policy of layers that are told none, by name or as an object; ValueError for anything else.

    >>> tf.keras.config.set_dtype_policy("mixed_float16")
    >>> tf.keras.layers.Dense(1).compute_dtype
    'float16'
    >>> tf.keras.config.set_dtype_policy("float32")
    """
    if not isinstance(policy, DTypePolicy | str):
        asked = "Invalid `policy` argument. Expected the string name of a policy (such as 'mixed_float16') or a"
        raise ValueError(f"{asked} `DTypePolicy` instance. Received: policy={policy} (of type {type(policy)}).")
    _for_all[:] = [policy_of(policy)]


def policy_of(identifier: Any = None) -> DTypePolicy:
    """Return the policy that a name, a dtype, a config or a policy stands for; None is the one for all.

    ValueError for anything else.
    """
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        policy: DTypePolicy = registry.deserialize_keras_object(identifier)
        return policy
    if identifier is None or isinstance(identifier, str):
        return DTypePolicy(identifier)
    try:
        return DTypePolicy(tf.as_dtype(identifier).name)
    except TypeError:
        asked = "Cannot interpret `dtype` argument. Expected a string or an instance of DTypePolicy."
        raise ValueError(f"{asked} Received: dtype={identifier}.") from None


registry.export("keras", DTypePolicy)
