"""`keras.regularizers`: penalties on weights, which training adds to the loss."""

from __future__ import annotations

import math
from typing import Any, Self

import numpy as np

import minitf as tf
from minitf import Tensor
from minitf.keras.kinds import Kind
from minitf.names import nearest

__all__ = [
    "L1", "L1L2", "L2", "OrthogonalRegularizer", "Regularizer", "deserialize", "get", "l1", "l1_l2", "l2",
    "orthogonal_regularizer", "serialize",
]  # fmt: skip

__getattr__ = nearest("keras.regularizers")


class Regularizer:
    """Computes a penalty, a scalar, from a tensor of weights."""

    def __call__(self, x: Any) -> Any:
        """Return the penalty; here 0."""
        return 0.0

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Make one from its config."""
        return cls(**config)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        raise NotImplementedError(f"{self} does not implement get_config()")


class _Described(Regularizer):
    """A regularizer whose attributes are its arguments."""

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return dict(vars(self))


class L1L2(_Described):
    """l1 times the sum of |x|, and l2 times the sum of x²; ValueError for negative numbers.

    >>> print(L1L2(0.5, 0.25)(tf.constant([1.0, -2.0])).numpy())
    2.75
    """

    def __init__(self, l1: float | None = 0.0, l2: float | None = 0.0) -> None:
        """Take the two factors."""
        self.l1, self.l2 = _factor("l1", l1, 0.0), _factor("l2", l2, 0.0)

    def __call__(self, x: Any) -> Tensor:
        """Return the penalty."""
        terms = [_absolute(self.l1, x)] if self.l1 else []
        terms += [_squared(self.l2, x)] if self.l2 else []
        return terms[0] + terms[-1] if len(terms) > 1 else terms[0] if terms else tf.constant(0.0, x.dtype)


class L1(_Described):
    """l1 times the sum of |x|.

    >>> print(L1(0.5)(tf.constant([1.0, -2.0])).numpy())
    1.5
    """

    def __init__(self, l1: float | None = 0.01) -> None:
        """Take the factor."""
        self.l1 = _float32(_factor("l1", l1, 0.01))

    def __call__(self, x: Any) -> Tensor:
        """Return the penalty."""
        return _absolute(self.l1, x)


class L2(_Described):
    """l2 times the sum of x².

    >>> print(L2(0.5)(tf.constant([1.0, -2.0])).numpy())
    2.5
    """

    def __init__(self, l2: float | None = 0.01) -> None:
        """Take the factor."""
        self.l2 = _factor("l2", l2, 0.01)

    def __call__(self, x: Any) -> Tensor:
        """Return the penalty."""
        return _squared(self.l2, x)


class OrthogonalRegularizer(_Described):
    """Factor times the mean |cosine| between rows, or columns, of a matrix; ValueError for other shapes and modes.

    >>> print(OrthogonalRegularizer(1.0)(tf.constant([[1.0, 0.0], [1.0, 1.0]])).numpy().round(4))
    0.7071
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        """Take the factor, and "rows" or "columns"."""
        self.factor = _float32(_factor("factor", factor))
        if mode not in ("rows", "columns"):
            modes = 'Invalid value for argument `mode`. Expected one of {"rows", "columns"}.'
            raise ValueError(f"{modes} Received: mode={mode}")
        self.mode = mode

    def __call__(self, inputs: Any) -> Tensor:
        """Return the penalty."""
        if len(inputs.shape) != 2:
            asked = "Inputs to OrthogonalRegularizer must have rank 2."
            raise ValueError(f"{asked} Received: inputs.shape={inputs.shape}")
        rows = self.mode == "rows"
        directions = tf.nn.l2_normalize(inputs, 1 if rows else 0)
        cosines = tf.matmul(directions, directions, transpose_a=not rows, transpose_b=rows)
        size = inputs.shape[0 if rows else 1]
        others = 1.0 - tf.eye(size, dtype=inputs.dtype)
        return tf.multiply(tf.reduce_sum(tf.abs(cosines * others)), self.factor / (size * (size - 1)))


def _absolute(factor: float, x: Any) -> Tensor:
    return tf.multiply(tf.reduce_sum(tf.abs(x)), _float32(factor))


def _squared(factor: float, x: Any) -> Tensor:
    return tf.multiply(tf.nn.l2_loss(x), 2 * _float32(factor))  # one op, and one for its gradient


def _float32(factor: float) -> float:
    """Round as Keras does, for weights of all dtypes."""
    return float(np.float32(factor))


def _factor(name: str, value: Any, default: float | None = None) -> float:
    if value is None and default is not None:
        return default
    if not isinstance(value, float | int) or not math.isfinite(value) or value < 0:
        wanted = f"Invalid value for argument {name}: expected a non-negative float."
        raise ValueError(f"{wanted} Received: {name}={value}")
    return float(value)


l1, l2, l1_l2, orthogonal_regularizer = L1, L2, L1L2, OrthogonalRegularizer

_classes = [Regularizer, L1, L2, L1L2, OrthogonalRegularizer]
_kind = Kind("regularizer", "keras.regularizers", _classes, named={"l1l2": L1L2, "l1_l2": L1L2})
get, serialize, deserialize = _kind.get, _kind.serialize, _kind.deserialize
