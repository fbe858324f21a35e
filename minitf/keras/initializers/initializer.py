"""What an initializer is, and those that draw nothing: constants and the identity."""

from __future__ import annotations

from typing import Any, Self

import minitf as tf
from minitf import Tensor
from minitf.keras import registry
from minitf.keras.backend import floatx

__all__ = ["Constant", "Identity", "Initializer", "Ones", "Zeros"]


class Initializer:
    """Makes the first values of variables: called with a shape and a dtype, it returns a tensor."""

    _names: tuple[str, ...] = ()  # the arguments, which are attributes

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Return a tensor of this shape, of dtype floatx() unless told otherwise."""
        raise NotImplementedError("Initializer subclasses must implement the `__call__()` method.")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {name: registry.serialize_keras_object(getattr(self, name)) for name in self._names}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Make one from its config."""
        return cls(**config)

    def clone(self) -> Self:
        """Make another with the same config."""
        return self.from_config(self.get_config())


class Zeros(Initializer):
    """Zeros only.

    >>> print(Zeros()((2,)))
    tf.Tensor([0. 0.], shape=(2,), dtype=float32)
    """

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Return zeros."""
        return tf.zeros(shape, dtype or floatx())


class Ones(Initializer):
    """Ones only.

    >>> print(Ones()((2,)))
    tf.Tensor([1. 1.], shape=(2,), dtype=float32)
    """

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Return ones."""
        return tf.ones(shape, dtype or floatx())


class Constant(Initializer):
    """One value everywhere, or an array that broadcasts to the shape.

    >>> print(Constant(3)((2,)))
    tf.Tensor([3. 3.], shape=(2,), dtype=float32)
    """

    _names = ("value",)

    def __init__(self, value: Any = 0.0) -> None:
        """Take the value."""
        self.value = value

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Return the value in the shape."""
        kind = dtype or floatx()
        return tf.multiply(tf.cast(self.value, kind), tf.ones(shape, kind))

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Make one from its config."""
        return cls(registry.deserialize_keras_object(config["value"]))


class Identity(Initializer):
    """The identity matrix times a gain; ValueError for shapes that are no matrix's.

    >>> print(Identity()((2, 2)))
    tf.Tensor(
    [[1. 0.]
     [0. 1.]], shape=(2, 2), dtype=float32)
    """

    _names = ("gain",)

    def __init__(self, gain: float = 1.0) -> None:
        """Take the factor."""
        self.gain = gain

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Return the matrix."""
        if len(shape) != 2:
            asked = "Identity matrix initializer can only be used for 2D matrices."
            raise ValueError(f"{asked} Received: shape={shape} of rank {len(shape)}.")
        rows, columns = shape
        return tf.multiply(tf.eye(rows, columns, dtype=tf.as_dtype(dtype or floatx())), self.gain)
