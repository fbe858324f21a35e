"""Activation functions.

`name` is taken for TensorFlow's sake and not used.
"""

from __future__ import annotations

from minitf.dtypes import FLOATS, NUMBERS
from minitf.op import Op
from minitf.tensor import Tensor

__all__ = ["relu", "sigmoid"]

_relu = Op("relu", "Relu", dtypes=NUMBERS)
_sigmoid = Op("sigmoid", "Sigmoid", dtypes=FLOATS)


def relu(features: object, name: str | None = None) -> Tensor:
    """Keep positive entries and put 0 for the others.

    >>> print(relu([-1.0, 2.0]))
    tf.Tensor([0. 2.], shape=(2,), dtype=float32)
    """
    return _relu(features)


def sigmoid(x: object, name: str | None = None) -> Tensor:
    """1 / (1 + exp(-x)), floats only; never overflows.

    >>> print(sigmoid([-1000.0, 0.0, 1000.0]))
    tf.Tensor([0.  0.5 1. ], shape=(3,), dtype=float32)
    """
    return _sigmoid(x)
