"""`keras.activations`: functions that layers apply to their outputs, entry by entry or along an axis.

`x` is a tensor of floats. Softmax and sigmoid leave on their result what they were given, since a cross-entropy is
exact when it is computed from that.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import minitf as tf
from minitf import Tensor, math, nn, where
from minitf.keras.kinds import Kind
from minitf.names import nearest

__all__ = [
    "celu", "deserialize", "elu", "exponential", "gelu", "get", "glu", "hard_shrink", "hard_sigmoid", "hard_silu",
    "hard_swish", "hard_tanh", "leaky_relu", "linear", "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu",
    "serialize", "sigmoid", "silu", "soft_shrink", "softmax", "softplus", "softsign", "sparse_plus", "sparse_sigmoid",
    "squareplus", "swish", "tanh", "tanh_shrink", "threshold",
]  # fmt: skip

__getattr__ = nearest("keras.activations")


def linear(x: Any) -> Any:
    """Return x itself."""
    return x


# --- kinks ------------------------------------------------------------------------------------------------------------


def relu(x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Tensor:
    """Keep entries above the threshold, up to max_value; below it, negative_slope times the distance to it.

    >>> print(relu([-2.0, 0.5, 9.0], negative_slope=0.5, max_value=6.0))
    tf.Tensor([-1.   0.5  6. ], shape=(3,), dtype=float32)
    """
    if max_value is None and not threshold:
        return nn.leaky_relu(x, negative_slope) if negative_slope else nn.relu(x)
    value = tf.convert_to_tensor(x)
    if threshold:
        y = where(value > threshold, value, tf.constant(0, value.dtype))
    else:
        y = nn.relu6(value) if max_value == 6 else nn.relu(value)
    if max_value is not None and (threshold or max_value != 6):
        y = tf.clip_by_value(y, 0, max_value)
    return tf.subtract(y, negative_slope * nn.relu(threshold - value)) if negative_slope else y


def leaky_relu(x: Any, negative_slope: float = 0.2) -> Tensor:
    """Keep positive entries and multiply the others by negative_slope."""
    return nn.leaky_relu(x, negative_slope)


def relu6(x: Any) -> Tensor:
    """Put 0 below 0 and 6 above 6."""
    return nn.relu6(x)


def hard_tanh(x: Any) -> Tensor:
    """Put -1 below -1 and 1 above 1."""
    return tf.clip_by_value(x, -1.0, 1.0)


def hard_sigmoid(x: Any) -> Tensor:
    """relu6(x + 3) / 6, a sigmoid of three straight lines.

    >>> print(hard_sigmoid([-4.0, 0.0, 1.5]))
    tf.Tensor([0.   0.5  0.75], shape=(3,), dtype=float32)
    """
    return tf.divide(nn.relu6(tf.add(x, 3.0)), 6.0)


def hard_silu(x: Any) -> Tensor:
    """X * hard_sigmoid(x); also known as hard_swish."""
    return tf.multiply(x, hard_sigmoid(x))


def hard_shrink(x: Any, threshold: float = 0.5) -> Tensor:
    """Put 0 for entries with |x| up to the threshold."""
    return where(tf.abs(x) > threshold, x, 0.0)


def soft_shrink(x: Any, threshold: float = 0.5) -> Tensor:
    """Move entries towards 0 by the threshold, and put 0 where they are nearer to it."""
    value = tf.convert_to_tensor(x)
    return where(value > threshold, value - threshold, where(value < -threshold, value + threshold, 0.0))


def threshold(x: Any, threshold: float, default_value: float) -> Tensor:
    """Put the default value for entries up to the threshold."""
    value = tf.convert_to_tensor(x)
    return where(value > threshold, value, default_value)


def sparse_plus(x: Any) -> Tensor:
    """0 up to -1, x from 1 on, and (x + 1)² / 4 between."""
    value = tf.convert_to_tensor(x)
    return where(value <= -1, 0.0, where(value < 1, 0.25 * tf.square(value + 1), value))


def sparse_sigmoid(x: Any) -> Tensor:
    """0 up to -1, 1 from 1 on, and (x + 1) / 2 between."""
    value = tf.convert_to_tensor(x)
    return where(value <= -1, 0.0, where(value >= 1, 1.0, 0.5 * (value + 1)))


# --- smooth -----------------------------------------------------------------------------------------------------------


def sigmoid(x: Any) -> Tensor:
    """1 / (1 + exp(-x)); never overflows."""
    return _from_logits(nn.sigmoid(x), x)


def log_sigmoid(x: Any) -> Tensor:
    """Logarithm of sigmoid."""
    return math.log_sigmoid(x)


def tanh(x: Any) -> Tensor:
    """Hyperbolic tangent."""
    return nn.tanh(x)


def tanh_shrink(x: Any) -> Tensor:
    """X - tanh(x)."""
    return tf.subtract(x, nn.tanh(x))


def softplus(x: Any) -> Tensor:
    """log(1 + exp(x)), a smooth relu."""
    return nn.softplus(x)


def softsign(x: Any) -> Tensor:
    """X / (1 + |x|)."""
    return nn.softsign(x)


def squareplus(x: Any, b: float = 4) -> Tensor:
    """(x + sqrt(x² + b)) / 2, a smooth relu."""
    value = tf.convert_to_tensor(x)
    return tf.divide(value + tf.sqrt(tf.square(value) + b), 2)


def exponential(x: Any) -> Tensor:
    """exp(x)."""
    return tf.exp(x)


def elu(x: Any, alpha: float = 1.0) -> Tensor:
    """Keep positive entries; alpha * (exp(x) - 1) for the others. After Clevert et al., 2016."""
    y = nn.elu(x)
    return y if alpha == 1 else where(tf.convert_to_tensor(x) > 0, y, alpha * y)


def celu(x: Any, alpha: float = 1.0) -> Tensor:
    """Keep positive entries; alpha * (exp(x / alpha) - 1) for the others. After Barron, 2017."""
    return tf.add(tf.maximum(x, 0.0), alpha * math.expm1(tf.minimum(x, 0.0) / alpha))


def selu(x: Any) -> Tensor:
    """Scaled elu, which keeps the mean and variance of a network's activations, after Klambauer et al., 2017."""
    return nn.selu(x)


def gelu(x: Any, approximate: bool = False) -> Tensor:
    """X times the probability that a normal draw is below x; `approximate` takes tanh for it.

    After Hendrycks and Gimpel, 2016.
    """
    return nn.gelu(x, approximate)


def silu(x: Any) -> Tensor:
    """X * sigmoid(x); also known as swish. After Elfwing et al., 2017, and Ramachandran et al., 2017."""
    return nn.silu(x)


def mish(x: Any) -> Tensor:
    """X * tanh(softplus(x)), after Misra, 2019.

    >>> print(mish([-1.0, 0.0, 1.0]).numpy().round(4))
    [-0.3034  0.      0.8651]
    """
    return tf.multiply(x, nn.tanh(nn.softplus(x)))


# --- along an axis ----------------------------------------------------------------------------------------------------


def softmax(x: Any, axis: int | Sequence[int] | None = -1) -> Tensor:
    """exp(x) over its sum along an axis, several or (None) all: probabilities that sum to 1.

    >>> print(softmax([[1.0, 1.0], [1000.0, 0.0]]).numpy())
    [[0.5 0.5]
     [1.  0. ]]
    """
    value = tf.convert_to_tensor(x)
    if isinstance(axis, int) and -value.ndim <= axis < value.ndim and value.shape[axis] == 1:
        what = f"You are using a softmax over axis {axis} of a tensor of shape {value.shape}. This axis has size 1."
        meant = "The softmax operation will always return the value 1; did you mean to use a sigmoid instead?"
        warnings.warn(f"{what} {meant}", stacklevel=2)
    return _from_logits(_along(nn.softmax, value, axis), x)


def log_softmax(x: Any, axis: int | Sequence[int] | None = -1) -> Tensor:
    """Logarithm of softmax."""
    return _along(nn.log_softmax, tf.convert_to_tensor(x), axis)


def glu(x: Any, axis: int = -1) -> Tensor:
    """One half along the axis times sigmoid of the other; ValueError for an odd size. After Dauphin et al., 2016.

    >>> print(glu([1.0, 2.0, 0.0, 0.0]))
    tf.Tensor([0.5 1. ], shape=(2,), dtype=float32)
    """
    value = tf.convert_to_tensor(x)
    if value.sizes[axis] % 2:
        raise ValueError(f"axis size must be divisible by 2. Received: x.shape={value.shape} with axis={axis}")
    kept, gate = tf.split(value, 2, axis)
    return tf.multiply(kept, nn.sigmoid(gate))


def _along(function: Callable[..., Tensor], x: Tensor, axis: int | Sequence[int] | None) -> Tensor:
    """Apply a function of one axis along one, several or all."""
    if isinstance(axis, int):
        return function(x, axis)
    if axis is None:
        return tf.reshape(function(tf.reshape(x, [-1])), x.sizes)
    order = [*(at for at in range(x.ndim) if at not in axis), *axis]
    moved = tf.transpose(x, order)
    y = tf.reshape(function(tf.reshape(moved, [*moved.sizes[: -len(axis)], -1])), moved.sizes)
    return tf.transpose(y, sorted(range(x.ndim), key=order.__getitem__))


def _from_logits(y: Tensor, x: Any) -> Tensor:
    y._keras_logits = x
    return y


swish, hard_swish = silu, hard_silu

_OTHERS = {"deserialize", "get", "serialize", "hard_swish", "swish"}
_kind = Kind(
    "activation function", "keras.activations",
    functions=[globals()[name] for name in __all__ if name not in _OTHERS],
    named={"swish": silu, "hard_swish": hard_silu}, nothing=linear, by_name=True,
)  # fmt: skip
get, serialize, deserialize = _kind.get, _kind.serialize, _kind.deserialize
