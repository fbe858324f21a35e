"""`tf.keras.backend`: the names of Keras 1 and 2, most of them other words for the ops; and the settings of Keras.

Only what has a default or an order of arguments of its own stands here as a function. `x` and the like are tensors.
"""

# ruff: isort: skip_file

from __future__ import annotations

from typing import Any

import minitf as tf
from minitf import (
    Tensor, Variable, abs, cast, clip_by_value, convert_to_tensor, cos, cumsum, equal, exp, gather,
    greater, greater_equal, less, less_equal, map_fn, math, matmul, maximum, minimum, multiply, name_scope, negative,
    nn, not_equal, ones_like, pow, reshape, round, shape, sigmoid, sign, sin, square, squeeze, stack, stop_gradient,
    subtract, tanh, tensordot, tile, transpose, zeros_like,
)  # fmt: skip
from minitf import reduce_max as max, reduce_min as min, reduce_prod as prod, reduce_sum as sum
from minitf.keras.naming import clear_session
from minitf.math import cumprod, log
from minitf.names import nearest
from minitf.nn import l2_normalize, softplus, softsign

__all__ = [
    "abs", "all", "any", "argmax", "argmin", "binary_crossentropy", "cast", "categorical_crossentropy",
    "clear_session", "clip", "concatenate", "constant", "cos", "cumprod", "cumsum", "dot", "dtype", "epsilon",
    "equal", "exp", "expand_dims", "flatten", "floatx", "gather", "get_value", "greater", "greater_equal",
    "image_data_format", "int_shape", "l2_normalize", "less", "less_equal", "log", "map_fn", "max", "maximum",
    "mean", "min", "minimum", "name_scope", "ndim", "not_equal", "one_hot", "ones", "ones_like",
    "permute_dimensions", "pow", "prod", "relu", "reshape", "round", "set_epsilon", "set_floatx",
    "set_image_data_format", "set_value", "shape", "sigmoid", "sign", "sin", "softmax", "softplus", "softsign",
    "sparse_categorical_crossentropy", "sqrt", "square", "squeeze", "stack", "std", "stop_gradient", "sum", "tanh",
    "tile", "transpose", "var", "variable", "zeros", "zeros_like",
]  # fmt: skip

__getattr__ = nearest("keras.backend")

permute_dimensions = transpose

_settings: dict[str, Any] = {"epsilon": 1e-7, "floatx": "float32", "image_data_format": "channels_last"}
_CHOICES = {
    "floatx": ("bfloat16", "float16", "float32", "float64"),
    "image_data_format": ("channels_first", "channels_last"),
}


# --- settings ---------------------------------------------------------------------------------------------------------


def epsilon() -> float:
    """The small number that keeps logarithms and quotients finite.

    >>> epsilon()
    1e-07
    """
    return float(_settings["epsilon"])


def set_epsilon(value: float) -> None:
    """Set the small number."""
    _settings["epsilon"] = value


def floatx() -> str:
    """The default dtype of new floats, by name.

    >>> floatx()
    'float32'
    """
    return str(_settings["floatx"])


def set_floatx(value: str) -> None:
    """Set the default dtype of new floats; ValueError for other names."""
    _choose("floatx", value)


def image_data_format() -> str:
    """Where the channels of images stand.

    >>> image_data_format()
    'channels_last'
    """
    return str(_settings["image_data_format"])


def set_image_data_format(data_format: str) -> None:
    """Set where the channels stand; ValueError for other names."""
    _choose("image_data_format", data_format)


def _choose(setting: str, value: str) -> None:
    if value not in _CHOICES[setting]:
        raise ValueError(f"Unknown `{setting}` value: {value}. Expected one of {_CHOICES[setting]}.")
    _settings[setting] = value


# --- values -----------------------------------------------------------------------------------------------------------


def variable(value: Any, dtype: Any = None, name: str | None = None, constraint: Any = None) -> Variable:
    """Make a variable, of dtype floatx() unless told otherwise.

    >>> variable([1, 2]).numpy()
    array([1., 2.], dtype=float32)
    """
    return Variable(value, dtype=dtype or floatx(), name=name, constraint=constraint)


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> Tensor:
    """Make a tensor, of dtype floatx() unless told otherwise."""
    return tf.constant(value, dtype or floatx(), shape)


def zeros(shape: Any, dtype: Any = None, name: str | None = None) -> Variable:
    """Make a variable of zeros."""
    return variable(tf.zeros(shape, dtype or floatx()), dtype, name)


def ones(shape: Any, dtype: Any = None, name: str | None = None) -> Variable:
    """Make a variable of ones."""
    return variable(tf.ones(shape, dtype or floatx()), dtype, name)


def one_hot(indices: Any, num_classes: int) -> Tensor:
    """1 at the place that each index names, 0 elsewhere."""
    return tf.one_hot(indices, num_classes)


def get_value(x: Any) -> Any:
    """The value as an array."""
    return x.numpy() if hasattr(x, "numpy") else x


def set_value(x: Variable, value: Any) -> None:
    """Give a variable another value."""
    x.assign(value)


def dtype(x: Any) -> str:
    """The dtype's name."""
    return str(x.dtype.name)


def int_shape(x: Any) -> tuple[int, ...]:
    """The shape as a tuple."""
    return tuple(tf.TensorShape(x.shape).as_list())


def ndim(x: Any) -> int:
    """The number of axes."""
    return len(x.shape)


# --- shapes and reductions --------------------------------------------------------------------------------------------


def flatten(x: Any) -> Tensor:
    """Put all entries into one axis."""
    return reshape(x, [-1])


def expand_dims(x: Any, axis: int = -1) -> Tensor:
    """Insert an axis of size 1, the last unless told otherwise."""
    return tf.expand_dims(x, axis)


def concatenate(tensors: Any, axis: int = -1) -> Tensor:
    """Put tensors behind one another, along the last axis unless told otherwise."""
    return tf.concat(tensors, axis)


def argmax(x: Any, axis: int = -1) -> Tensor:
    """Position of the largest entry, along the last axis unless told otherwise."""
    return tf.argmax(x, axis)


def argmin(x: Any, axis: int = -1) -> Tensor:
    """Position of the smallest entry, along the last axis unless told otherwise."""
    return tf.argmin(x, axis)


def all(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Say whether all entries are true, or not 0."""
    return tf.reduce_all(cast(x, "bool"), axis, keepdims)


def any(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Say whether one entry is true, or not 0."""
    return tf.reduce_any(cast(x, "bool"), axis, keepdims)


def _number(x: Any) -> Tensor:
    tensor = convert_to_tensor(x)
    return cast(tensor, floatx()) if tensor.dtype.is_bool else tensor


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Mean; booleans count as 0 and 1."""
    return tf.reduce_mean(_number(x), axis, keepdims)


def std(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Standard deviation; booleans count as 0 and 1."""
    return math.reduce_std(_number(x), axis, keepdims)


def var(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Variance; booleans count as 0 and 1."""
    return math.reduce_variance(_number(x), axis, keepdims)


def dot(x: Any, y: Any) -> Tensor:
    """Product over the last axis of x and the last but one of y.

    >>> dot(ones((2, 3, 4)), ones((5, 4, 6))).shape
    TensorShape([2, 3, 5, 6])
    """
    return matmul(x, y) if ndim(x) <= 2 and ndim(y) <= 2 else tensordot(x, y, [[ndim(x) - 1], [ndim(y) - 2]])


# --- activations and losses -------------------------------------------------------------------------------------------


def clip(x: Any, min_value: Any, max_value: Any) -> Tensor:
    """Put bounds where values are beyond them; None is no bound."""
    low = float("-inf") if min_value is None else min_value
    return clip_by_value(x, low, float("inf") if max_value is None else max_value)


def sqrt(x: Any) -> Tensor:
    """Square root, 0 below 0."""
    return tf.sqrt(maximum(x, 0.0))


def relu(x: Any, alpha: float = 0.0, max_value: Any = None, threshold: float = 0.0) -> Tensor:
    """Keep entries above the threshold up to max_value; below it, alpha times the distance to it.

    >>> relu(constant([-2.0, 0.5, 9.0]), alpha=0.5, max_value=6.0).numpy()
    array([-1. ,  0.5,  6. ], dtype=float32)
    """
    y = multiply(x, cast(greater(x, threshold), convert_to_tensor(x).dtype)) if threshold else nn.relu(x)
    y = y if max_value is None else clip_by_value(y, 0, max_value)
    return y if not alpha else subtract(y, alpha * nn.relu(threshold - x))


def softmax(x: Any, axis: int = -1) -> Tensor:
    """Softmax of a tensor with at least two axes; ValueError for fewer."""
    if ndim(x) <= 1:
        raise ValueError(f"Cannot apply softmax to a tensor that is 1D. Received input: {x}; use tf.nn.softmax.")
    return nn.softmax(x, axis)


def _probabilities(x: Any) -> Tensor:
    """Keep probabilities so far from 0 and 1 that their logarithms are finite."""
    return clip_by_value(x, epsilon(), 1.0 - epsilon())


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Tensor:
    """Cross-entropy of each probability, or logit."""
    if from_logits:
        return nn.sigmoid_cross_entropy_with_logits(target, output)
    share, p = convert_to_tensor(target), _probabilities(output)
    return negative(share * log(p + epsilon()) + (1 - share) * log(1 - p + epsilon()))


def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Tensor:
    """Cross-entropy of probabilities of classes, or logits, with labels that are probabilities."""
    if from_logits:
        return nn.softmax_cross_entropy_with_logits(target, output, axis)
    p = convert_to_tensor(output)
    return negative(sum(multiply(target, log(_probabilities(p / sum(p, axis, True)))), axis))


def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Tensor:
    """Cross-entropy of probabilities of classes, or logits, with class numbers.

    >>> sparse_categorical_crossentropy([1], constant([[0.5, 0.5]])).numpy().round(4)
    array([0.6931], dtype=float32)
    """
    logits = convert_to_tensor(output) if from_logits else log(_probabilities(output))
    classes, labels = axis % logits.ndim, convert_to_tensor(target)
    if classes != logits.ndim - 1:
        logits = transpose(logits, [*(i for i in range(logits.ndim) if i != classes), classes])
    if labels.dtype not in (tf.int32, tf.int64):
        labels = cast(labels, "int64")
    if labels.array.shape != logits.array.shape[:-1]:
        labels = reshape(labels, logits.sizes[:-1])
    return nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
