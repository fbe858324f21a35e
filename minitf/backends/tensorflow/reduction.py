"""Kernels that reduce axes or go along one, on TensorFlow's runtime."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import DTypeLike

from minitf.backends.tensorflow.arrays import NUMBERS, EagerTensor
from minitf.backends.tensorflow.making import constant, kernel, launched, number, numbers

__all__ = [
    "argmax", "argmin", "cumprod", "cumsum", "finite_max", "reduce_all", "reduce_any", "reduce_max", "reduce_mean",
    "reduce_min", "reduce_prod", "reduce_sum", "shares",
]  # fmt: skip

Tensor = Any  # TensorFlow's
Axes = tuple[int, ...] | None

_arg_max = launched("ArgMax")
_arg_min = launched("ArgMin")
_any = launched("Any")
_broadcast = launched("BroadcastTo")
_cast = launched("Cast")
_cumprod = launched("Cumprod")
_cumsum = launched("Cumsum")
_divide = launched("RealDiv")
_is_finite = launched("IsFinite")
_is_nan = launched("IsNan")
_max = launched("Max")
_mean = launched("Mean")
_min = launched("Min")
_select = launched("SelectV2")
_sum = launched("Sum")


def _axes(x: Tensor, axis: Axes) -> Tensor:
    return numbers(*(range(x._rank()) if axis is None else axis))


def _reducing(op: str, name: str, what: str) -> Callable[..., Any]:
    """Make a kernel of one op that reduces axes."""
    reduce = launched(op)

    def reduced(x: Tensor, *, axis: Axes, keepdims: bool) -> Tensor:
        return reduce(x, _axes(x, axis), keep_dims=keepdims)

    reduced.__name__, reduced.__doc__ = name, what
    return kernel(reduced)


reduce_sum = _reducing("Sum", "reduce_sum", "Sum in the dtype of x, so that integers wrap around.")
reduce_prod = _reducing("Prod", "reduce_prod", "Product in the dtype of x.")
reduce_any = _reducing("Any", "reduce_any", "Say whether one entry is True.")
reduce_all = _reducing("All", "reduce_all", "Say whether all entries are True.")


@kernel
def reduce_mean(x: Tensor, *, axis: Axes, keepdims: bool) -> Tensor:
    """Mean in the dtype of x: integers are truncated towards zero, and the mean of none is 0 (int) or nan (float)."""
    axes = _axes(x, axis)
    if type(x) is EagerTensor or x.dtype.is_floating:
        return _mean(x, axes, keep_dims=keepdims)
    if 0 in x._shape_tuple():
        return _sum(x, axes, keep_dims=keepdims)
    return _cast(_mean(_cast(x, DstT=tf.int64), axes, keep_dims=keepdims), DstT=x.dtype)


@kernel
def reduce_max(x: Tensor, *, axis: Axes, keepdims: bool) -> Tensor:
    """Largest entry; of none, the smallest number there is."""
    return _extreme(_max, x, axis, keepdims)


@kernel
def reduce_min(x: Tensor, *, axis: Axes, keepdims: bool) -> Tensor:
    """Smallest entry; of none, the largest number there is."""
    return _extreme(_min, x, axis, keepdims)


def _extreme(reduce: Callable[..., Any], x: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    axes = _axes(x, axis)
    result = reduce(x, axes, keep_dims=keepdims)
    if type(x) is EagerTensor or not x.dtype.is_floating:
        return result
    strange = _any(_is_nan(x), axes, keep_dims=keepdims)  # XLA forgets them on a CPU
    return _select(strange, constant(np.nan, x), result)


@kernel
def shares(x: Tensor, *, count: int, shape: tuple[int, ...]) -> Tensor:
    """Divide by a number, and repeat until the shape is reached."""
    return _broadcast(_divide(x, constant(count, x)), numbers(*shape))


@kernel
def finite_max(x: Tensor, *, axis: Axes) -> Tensor:
    """Largest entry, the axes kept; 0 where that is not finite."""
    largest = _max(x, _axes(x, axis), keep_dims=True)
    return _select(_is_finite(largest), largest, constant(0, x))


@kernel
def argmax(x: Tensor, *, axis: int, dtype: DTypeLike) -> Tensor:
    """Position of the first largest entry, nan left out."""
    return _arg_max(_without_nan(x, -np.inf), number(axis), output_type=NUMBERS[np.dtype(dtype)])


@kernel
def argmin(x: Tensor, *, axis: int, dtype: DTypeLike) -> Tensor:
    """Position of the first smallest entry, nan left out."""
    return _arg_min(_without_nan(x, np.inf), number(axis), output_type=NUMBERS[np.dtype(dtype)])


def _without_nan(x: Tensor, instead: float) -> Tensor:
    """Put a number for nan, which XLA finds first or last; without XLA it is left out anyway."""
    if type(x) is EagerTensor or not x.dtype.is_floating:
        return x
    return _select(_is_nan(x), constant(instead, x), x)


@kernel
def cumsum(x: Tensor, *, axis: int, exclusive: bool, reverse: bool) -> Tensor:
    """Sums of the entries so far."""
    return _cast(_cumsum(_wide(x), number(axis), exclusive=exclusive, reverse=reverse), DstT=x.dtype)


@kernel
def cumprod(x: Tensor, *, axis: int, exclusive: bool, reverse: bool) -> Tensor:
    """Products of the entries so far."""
    return _cast(_cumprod(_wide(x), number(axis), exclusive=exclusive, reverse=reverse), DstT=x.dtype)


def _wide(x: Tensor) -> Tensor:
    """Return small integers as those of 32 bits, which XLA can add up."""
    return _cast(x, DstT=tf.int32) if x.dtype.size < 4 and x.dtype.is_integer else x
