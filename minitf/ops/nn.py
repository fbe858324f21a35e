"""Activation functions, softmax and the loss and normalization of squares.

Gradients at kinks are TensorFlow's. `name` is taken for TensorFlow's sake and not used.
"""

from __future__ import annotations

import numpy as np

from minitf.dtypes import FLOATS, NUMBERS, float32
from minitf.errors import explain
from minitf.op import Binary, Unary
from minitf.ops.array import cast, where
from minitf.ops.axes import axis_of, whole_number
from minitf.ops.comparison import less
from minitf.ops.elementary import abs, erfc, exp, negative, rsqrt, square, tanh
from minitf.ops.math import maximum, multiply, pow
from minitf.ops.reduction import reduce_sum
from minitf.ops.refusal import refuse
from minitf.tensor import Tensor, convert_to_tensor

__all__ = [
    "elu", "gelu", "l2_loss", "l2_normalize", "leaky_relu", "log_sigmoid", "log_softmax", "relu", "relu6", "selu",
    "sigmoid", "silu", "softmax", "softplus", "softsign",
]  # fmt: skip

_SELU_SCALE, _SELU_SCALE_ALPHA = 1.0507009873554805, 1.7580993408473768
# TensorFlow keeps these, and the slope of leaky_relu, in float32 for all dtypes.
_GELU_CUBE, _ROOT_HALF = float(np.float32(0.044715)), float(np.float32(0.5**0.5))

_gate: Binary = Binary("gate", "ReluGrad", lambda g, y, dy, x, **a: _gate(g, x, **a), dtypes=FLOATS)
_elu = Unary("elu", "Elu", lambda dy, y, x: where(less(y, 0), dy * (y + 1.0), dy), dtypes=FLOATS)
_l2_loss = Unary("l2_loss", "L2Loss", lambda dy, y, x: dy * x, dtypes=FLOATS)
_leaky_relu = Unary("leaky_relu", "LeakyRelu", lambda dy, y, x, alpha: _gate(dy, x, slope=alpha), dtypes=FLOATS)
_log_softmax = Unary(
    "log_softmax", "LogSoftmax",
    lambda dy, y, x, axis: dy - exp(y) * reduce_sum(dy, axis, keepdims=True),
    dtypes=FLOATS,
)  # fmt: skip
_relu = Unary("relu", "Relu", lambda dy, y, x: _gate(dy, y), dtypes=NUMBERS)
_relu6 = Unary("relu6", "Relu6", lambda dy, y, x: _gate(dy, y, high=6.0), dtypes=NUMBERS)
_selu = Unary(
    "selu", "Selu",
    lambda dy, y, x: dy * where(less(y, 0), y + _SELU_SCALE_ALPHA, _constant(_SELU_SCALE, y)),
    dtypes=FLOATS,
)  # fmt: skip
_sigmoid = Unary("sigmoid", "Sigmoid", lambda dy, y, x: dy * (y * (1.0 - y)), dtypes=FLOATS)
_softmax = Unary(
    "softmax", "Softmax",
    lambda dy, y, x, axis: (dy - reduce_sum(dy * y, axis, keepdims=True)) * y,
    dtypes=FLOATS,
)  # fmt: skip
_softplus = Unary("softplus", "Softplus", lambda dy, y, x: dy * sigmoid(x), dtypes=FLOATS)
_softsign = Unary("softsign", "Softsign", lambda dy, y, x: dy / square(1.0 + abs(x)), dtypes=FLOATS)


def _constant(value: float, like: Tensor) -> Tensor:
    return Tensor(np.array(value, like.array.dtype))


# --- the relu family --------------------------------------------------------------------------------------------------


def relu(features: object, name: str | None = None) -> Tensor:
    """Keep positive entries and put 0 for the others.

    >>> print(relu([-1.0, 2.0]))
    tf.Tensor([0. 2.], shape=(2,), dtype=float32)
    """
    return _relu(features)


def relu6(features: object, name: str | None = None) -> Tensor:
    """Put 0 below 0 and 6 above 6.

    >>> print(relu6([-1.0, 2.0, 7.0]))
    tf.Tensor([0. 2. 6.], shape=(3,), dtype=float32)
    """
    return _relu6(features)


def leaky_relu(features: object, alpha: float = 0.2, name: str | None = None) -> Tensor:
    """Keep positive entries and multiply the others by alpha; integers become float32.

    >>> print(leaky_relu([-1.0, 2.0]))
    tf.Tensor([-0.2  2. ], shape=(2,), dtype=float32)
    """
    x = convert_to_tensor(features)
    return _leaky_relu(cast(x, float32) if x.dtype.is_integer else x, alpha=float(np.float32(alpha)))


def elu(features: object, name: str | None = None) -> Tensor:
    """Keep positive entries; exp(x) - 1 for the others.

    >>> print(elu([0.0, 2.0]))
    tf.Tensor([0. 2.], shape=(2,), dtype=float32)
    """
    return _elu(features)


def selu(features: object, name: str | None = None) -> Tensor:
    """Scaled elu: 1.0507 x above 0, 1.7581 (exp(x) - 1) below, after Klambauer et al., 2017.

    >>> print(selu([-1.0, 0.0, 1.0]).numpy().round(4))
    [-1.1113  0.      1.0507]
    """
    return _selu(features)


def gelu(features: object, approximate: bool = False, name: str | None = None) -> Tensor:
    """X times the probability that a normal draw is below x; `approximate` takes tanh for it. ValueError for integers.

    >>> print(gelu([-1.0, 0.0, 1.0]).numpy().round(4))
    [-0.1587  0.      0.8413]
    """
    x = floating(features, "gelu", "`features.dtype` must be a floating point tensor. Received: features.dtype=")
    if approximate:
        return multiply(0.5 * x, 1.0 + tanh(0.7978845608028654 * (x + _GELU_CUBE * pow(x, 3))))
    return multiply(0.5 * x, erfc(-x * _ROOT_HALF))


def floating(value: object, what: str, asked: str) -> Tensor:
    """Convert to a tensor of floats; ValueError for other dtypes, with the dtype behind what is said.

    >>> floating([1.0], "gelu", "`features.dtype` must be a floating point tensor. Received: ").dtype
    tf.float32
    """
    x = convert_to_tensor(value)
    if not x.dtype.is_floating:
        came, do = f"{what} of dtype {x.dtype.name}", "convert with tf.cast(t, tf.float32)"
        raise ValueError(explain(f"{asked}{x.dtype}", got=came, expected="floats", do=do))
    return x


# --- the sigmoid family -----------------------------------------------------------------------------------------------


def sigmoid(x: object, name: str | None = None) -> Tensor:
    """1 / (1 + exp(-x)), floats only; never overflows.

    >>> print(sigmoid([-1000.0, 0.0, 1000.0]))
    tf.Tensor([0.  0.5 1. ], shape=(3,), dtype=float32)
    """
    return _sigmoid(x)


def log_sigmoid(x: object, name: str | None = None) -> Tensor:
    """Logarithm of sigmoid; never overflows.

    >>> print(log_sigmoid([-1000.0, 0.0]).numpy())
    [-1.000000e+03 -6.931472e-01]
    """
    return negative(_softplus(negative(x)))


def silu(features: object, beta: object = 1.0) -> Tensor:
    """X * sigmoid(beta * x), also known as swish.

    >>> print(silu([-1.0, 0.0, 1.0]).numpy().round(4))
    [-0.2689  0.      0.7311]
    """
    x = convert_to_tensor(features)
    return multiply(x, _sigmoid(x if type(beta) is float and beta == 1.0 else cast(beta, x.dtype) * x))


def softplus(features: object, name: str | None = None) -> Tensor:
    """log(1 + exp(x)), a smooth relu; never overflows.

    >>> print(softplus([0.0, 1000.0]).numpy())
    [6.931472e-01 1.000000e+03]
    """
    return _softplus(features)


def softsign(features: object, name: str | None = None) -> Tensor:
    """X / (1 + |x|).

    >>> print(softsign([-1.0, 3.0]))
    tf.Tensor([-0.5   0.75], shape=(2,), dtype=float32)
    """
    return _softsign(features)


# --- softmax ----------------------------------------------------------------------------------------------------------


def softmax(logits: object, axis: object = None, name: str | None = None) -> Tensor:
    """exp(logits) over its sum along an axis, the last unless told otherwise: probabilities that sum to 1.

    >>> print(softmax([1000.0, 1000.0]))
    tf.Tensor([0.5 0.5], shape=(2,), dtype=float32)
    """
    return _along(_softmax, logits, axis)


def log_softmax(logits: object, axis: object = None, name: str | None = None) -> Tensor:
    """Logarithm of softmax, exact where softmax itself would be 0.

    >>> print(log_softmax([0.0, 1000.0]))
    tf.Tensor([-1000.     0.], shape=(2,), dtype=float32)
    """
    return _along(_log_softmax, logits, axis)


def _along(op: Unary, logits: object, axis: object) -> Tensor:
    x = convert_to_tensor(logits)
    if x.array.ndim and axis is None:
        return op(x, axis=-1)
    number = -1 if axis is None else whole_number(axis, op.native)
    if not x.ndim and number == -1:
        raise refuse(op.native, "logits must have >= 1 dimension, got []", x)
    if not -x.ndim <= number < x.ndim:
        asked = (
            f"`dim` must be in the range [{-x.ndim}, {x.ndim}) where {x.ndim} is the number of dimensions in the input."
        )
        axis_of(number, x.ndim, op.native, f"{asked} Received: dim={number}")
    return op(x, axis=number % x.ndim)


# --- squares ----------------------------------------------------------------------------------------------------------


def l2_loss(t: object, name: str | None = None) -> Tensor:
    """Half the sum of the squares of all entries.

    >>> print(l2_loss([3.0, 4.0]))
    tf.Tensor(12.5, shape=(), dtype=float32)
    """
    return _l2_loss(t)


def l2_normalize(
    x: object, axis: object = None, epsilon: float = 1e-12, name: str | None = None, dim: object = None
) -> Tensor:
    """Divide by the square root of the sum of squares, which counts as at least epsilon; `dim` is an old name of axis.

    >>> print(l2_normalize([3.0, 4.0]))
    tf.Tensor([0.6 0.8], shape=(2,), dtype=float32)
    """
    value = convert_to_tensor(x)
    squares = reduce_sum(square(value), axis if dim is None else dim, keepdims=True)
    return multiply(value, rsqrt(maximum(squares, epsilon)))
