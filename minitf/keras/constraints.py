"""`keras.constraints`: what a weight is changed to after each step of an optimizer, so that it stays within bounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import minitf as tf
from minitf import Tensor
from minitf.keras.backend import epsilon
from minitf.keras.kinds import Kind
from minitf.names import nearest

__all__ = [
    "Constraint", "MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm", "deserialize", "get", "max_norm", "min_max_norm",
    "non_neg", "serialize", "unit_norm",
]  # fmt: skip

__getattr__ = nearest("keras.constraints")

Axis = int | Sequence[int]


class Constraint:
    """Maps a tensor of weights to the nearest one that is allowed."""

    def __call__(self, w: Any) -> Any:
        """Return what is allowed; here w itself."""
        return w

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Make one from its config."""
        return cls(**config)


class _Described(Constraint):
    """A constraint whose attributes are its arguments."""

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return dict(vars(self))


class MaxNorm(_Described):
    """Shortens the vectors along an axis to at most max_value.

    >>> print(MaxNorm(5)(tf.constant([[3.0, 6.0], [4.0, 8.0]])))
    tf.Tensor(
    [[3. 3.]
     [4. 4.]], shape=(2, 2), dtype=float32)
    """

    def __init__(self, max_value: float = 2, axis: Axis = 0) -> None:
        """Take the length and the axis."""
        self.max_value, self.axis = max_value, axis

    def __call__(self, w: Any) -> Tensor:
        """Return the shortened vectors."""
        norms = _norms(w, self.axis)
        return tf.multiply(w, tf.minimum(norms, self.max_value) / (norms + epsilon()))


class NonNeg(Constraint):
    """Puts 0 for negative weights.

    >>> print(NonNeg()(tf.constant([-1.0, 2.0])))
    tf.Tensor([0. 2.], shape=(2,), dtype=float32)
    """

    def __call__(self, w: Any) -> Tensor:
        """Return the weights that are not negative."""
        return tf.maximum(w, 0)


class UnitNorm(_Described):
    """Scales the vectors along an axis to length 1.

    >>> print(UnitNorm()(tf.constant([3.0, 4.0])).numpy().round(4))
    [0.6 0.8]
    """

    def __init__(self, axis: Axis = 0) -> None:
        """Take the axis."""
        self.axis = axis

    def __call__(self, w: Any) -> Tensor:
        """Return the scaled vectors."""
        return tf.divide(w, _norms(w, self.axis) + epsilon())


class MinMaxNorm(_Described):
    """Moves the lengths of the vectors along an axis between two bounds, or a share `rate` of the way there.

    >>> print(MinMaxNorm(2.5, 4.0, rate=0.5)(tf.constant([3.0, 4.0])).numpy().round(4))
    [2.7 3.6]
    """

    def __init__(self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Axis = 0) -> None:
        """Take the bounds, the share and the axis."""
        self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis

    def __call__(self, w: Any) -> Tensor:
        """Return the vectors of other lengths."""
        norms = _norms(w, self.axis)
        wanted = tf.clip_by_value(norms, self.min_value, self.max_value)
        if self.rate != 1:
            wanted = self.rate * wanted + (1 - self.rate) * norms
        return tf.multiply(w, wanted / (norms + epsilon()))


def _norms(w: Any, axis: Axis) -> Tensor:
    return tf.sqrt(tf.reduce_sum(tf.square(w), axis, keepdims=True))


max_norm, non_neg, unit_norm, min_max_norm = MaxNorm, NonNeg, UnitNorm, MinMaxNorm

_kind = Kind("constraint", "keras.constraints", classes=[Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm])
get, serialize, deserialize = _kind.get, _kind.serialize, _kind.deserialize
