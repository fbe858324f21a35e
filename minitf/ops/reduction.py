"""Reductions: sums, means, extremes and the like over axes, positions of extremes, and sums so far.

Axes are checked here, with TensorFlow's words. `name` is taken for TensorFlow's sake and not used.
"""

from __future__ import annotations

import math

from minitf.dtypes import FLOATS, NUMBERS, float32, int64
from minitf.dtypes import bool as bool_dtype
from minitf.errors import explain
from minitf.op import Op, Unary, bracketed
from minitf.operators import Operators
from minitf.ops.array import broadcast_to, cast, reshape, size, transpose
from minitf.ops.axes import axes_of, axis_of, index_dtype, integers, numbers
from minitf.ops.comparison import equal, not_equal
from minitf.ops.elementary import exp, log, sqrt, square
from minitf.ops.math import add, divide, divide_no_nan, multiply
from minitf.ops.refusal import refuse
from minitf.tensor import Tensor, convert_to_tensor

__all__ = [
    "argmax", "argmin", "count_nonzero", "cumprod", "cumsum", "reduce_all", "reduce_any", "reduce_logsumexp",
    "reduce_max", "reduce_mean", "reduce_min", "reduce_prod", "reduce_std", "reduce_sum", "reduce_variance",
    "zero_fraction",
]  # fmt: skip

Axes = tuple[int, ...] | None


# --- gradient rules --------------------------------------------------------------------------------------------------


def _kept(reduced: Tensor, x: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    """Give back the axes of size 1 that a reduction dropped, where broadcasting would not do so by itself."""
    if keepdims or axis is None or axis == tuple(range(len(axis))):
        return reduced
    return reshape(reduced, tuple(1 if i in axis else n for i, n in enumerate(x.sizes)))


def _spread(dy: Tensor, y: Tensor, x: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    return broadcast_to(_kept(dy, x, axis, keepdims), x.sizes)


def _spread_evenly(dy: Tensor, y: Tensor, x: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    sizes = x.sizes
    count = math.prod(sizes if axis is None else [sizes[i] for i in axis])
    return _shares(dy if axis is None else _kept(dy, x, axis, keepdims), count=count, shape=sizes)


def _share(dy: Tensor, y: Tensor, x: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    """Divide the gradient evenly among the entries that are the extreme one."""
    found = cast(equal(_kept(y, x, axis, keepdims), x), dy.dtype)
    return multiply(divide(found, _sum(found, axis=axis, keepdims=True)), _kept(dy, x, axis, keepdims))


def _products_of_others(dy: Tensor, y: Tensor, x: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    """Multiply the entries before each one by those after it, which needs no division by an entry that may be 0."""
    shape = x.sizes
    first = tuple(range(len(shape))) if axis is None else axis
    order = (*first, *(i for i in range(len(shape)) if i not in first))
    moved = transpose(x, order)
    flat = reshape(moved, (math.prod([shape[i] for i in first]), math.prod([shape[i] for i in order[len(first) :]])))
    others = cumprod(flat, exclusive=True) * cumprod(flat, exclusive=True, reverse=True)
    back = transpose(reshape(others, moved.sizes), tuple(sorted(range(len(order)), key=order.__getitem__)))
    return multiply(_kept(dy, x, axis, keepdims), back)


def _cumprod_rule(dy: Tensor, y: Tensor, x: Tensor, axis: int, exclusive: bool, reverse: bool) -> Tensor:
    return divide_no_nan(cumsum(y * dy, axis, exclusive, not reverse), x)


_shares: Unary = Unary("shares", "RealDiv", lambda dz, z, dy, **how: _shares(dz, **how), dtypes=FLOATS)
_all = Unary("reduce_all", "All", dtypes=(bool_dtype,))
_any = Unary("reduce_any", "Any", dtypes=(bool_dtype,))
_argmax = Unary("argmax", "ArgMax")
_argmin = Unary("argmin", "ArgMin")
_cumprod = Unary("cumprod", "Cumprod", _cumprod_rule, dtypes=NUMBERS)
_cumsum = Unary(
    "cumsum", "Cumsum",
    lambda dy, y, x, axis, exclusive, reverse: cumsum(dy, axis, exclusive, not reverse),
    dtypes=NUMBERS,
)  # fmt: skip
_finite_max = Unary("finite_max", "Max", dtypes=FLOATS)
_max = Unary("reduce_max", "Max", _share, dtypes=NUMBERS)
_mean = Unary("reduce_mean", "Mean", _spread_evenly, dtypes=NUMBERS)
_min = Unary("reduce_min", "Min", _share, dtypes=NUMBERS)
_prod = Unary("reduce_prod", "Prod", _products_of_others, dtypes=NUMBERS)
_sum = Unary("reduce_sum", "Sum", _spread, dtypes=NUMBERS)


# --- over axes -------------------------------------------------------------------------------------------------------


def reduce_sum(input_tensor: object, axis: object = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Sum over the given axes, or over all; the dtype stays.

    >>> print(reduce_sum([[1, 2], [3, 4]], axis=0))
    tf.Tensor([4 6], shape=(2,), dtype=int32)
    """
    return _reduce(_sum, input_tensor, axis, keepdims)


def reduce_prod(input_tensor: object, axis: object = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Product over the given axes, or over all; the dtype stays.

    >>> print(reduce_prod([[1, 2], [3, 4]], axis=0))
    tf.Tensor([3 8], shape=(2,), dtype=int32)
    """
    return _reduce(_prod, input_tensor, axis, keepdims)


def reduce_mean(input_tensor: object, axis: object = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Mean over the given axes, or over all; the dtype stays, so integers are cut off.

    >>> print(reduce_mean([1, 2]), reduce_mean([1.0, 2.0]))
    tf.Tensor(1, shape=(), dtype=int32) tf.Tensor(1.5, shape=(), dtype=float32)
    """
    return _reduce(_mean, input_tensor, axis, keepdims)


def reduce_max(input_tensor: object, axis: object = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Largest entry over the given axes, or over all; where several are, they share the gradient.

    >>> print(reduce_max([[1, 5], [3, 4]], axis=1, keepdims=True))
    tf.Tensor(
    [[5]
     [4]], shape=(2, 1), dtype=int32)
    """
    return _reduce(_max, input_tensor, axis, keepdims)


def reduce_min(input_tensor: object, axis: object = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Smallest entry over the given axes, or over all; where several are, they share the gradient.

    >>> print(reduce_min([[1, 5], [3, 4]]))
    tf.Tensor(1, shape=(), dtype=int32)
    """
    return _reduce(_min, input_tensor, axis, keepdims)


def reduce_any(input_tensor: object, axis: object = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Say whether one entry is True over the given axes, or over all; bool only.

    >>> print(reduce_any([True, False]))
    tf.Tensor(True, shape=(), dtype=bool)
    """
    return _reduce_logical(_any, input_tensor, axis, keepdims)


def reduce_all(input_tensor: object, axis: object = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Say whether all entries are True over the given axes, or over all; bool only.

    >>> print(reduce_all([True, False]))
    tf.Tensor(False, shape=(), dtype=bool)
    """
    return _reduce_logical(_all, input_tensor, axis, keepdims)


def _reduce(op: Op, value: object, axis: object, keepdims: bool) -> Tensor:
    x = convert_to_tensor(value)
    return op(x, axis=None if axis is None else axes_of(axis, x.array.ndim, op.native), keepdims=bool(keepdims))


def _reduce_logical(op: Op, value: object, axis: object, keepdims: bool) -> Tensor:
    x = convert_to_tensor(value, dtype=None if isinstance(value, Operators) else bool_dtype)
    if not x.dtype.is_bool:
        raise op.expected(0, x.dtype, bool_dtype)
    return _reduce(op, x, axis, keepdims)


def reduce_variance(
    input_tensor: object, axis: object = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """Mean of the squared distances from the mean; floats only, TypeError for integers.

    >>> print(reduce_variance([1.0, 3.0]))
    tf.Tensor(1.0, shape=(), dtype=float32)
    """
    x = convert_to_tensor(input_tensor)
    mean = reduce_mean(x, axis, True)
    if x.dtype.is_integer:
        asked, do = f"Input must be either real or complex. Received integer type {x.dtype}.", "convert with tf.cast"
        raise TypeError(explain(asked, got=f"dtype {x.dtype.name}", expected="floats", do=do))
    return reduce_mean(square(x - mean), axis, keepdims)


def reduce_std(input_tensor: object, axis: object = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Square root of `reduce_variance`; floats only, TypeError for integers.

    >>> print(reduce_std([1.0, 3.0]))
    tf.Tensor(1.0, shape=(), dtype=float32)
    """
    return sqrt(reduce_variance(input_tensor, axis, keepdims))


def reduce_logsumexp(
    input_tensor: object, axis: object = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """Logarithm of the sum of the exponentials, without overflow on the way; floats only.

    >>> print(reduce_logsumexp([1000.0, 0.0]))
    tf.Tensor(1000.0, shape=(), dtype=float32)
    """
    x = convert_to_tensor(input_tensor)
    largest = _finite_max(x, axis=axes_of(axis, x.ndim, "Max"))  # no gradient flows through it
    result = log(reduce_sum(exp(x - largest), axis, keepdims))
    return add(result, largest if keepdims else reshape(largest, result.sizes))


def count_nonzero(
    input: object, axis: object = None, keepdims: bool | None = None, dtype: object = int64, name: str | None = None
) -> Tensor:
    """Number of entries that are not 0, over the given axes, or over all.

    >>> print(count_nonzero([0, 1, 2]))
    tf.Tensor(2, shape=(), dtype=int64)
    """
    x = convert_to_tensor(input)
    counted = x if x.dtype.is_bool else not_equal(x, convert_to_tensor(0, dtype=x.dtype))
    return cast(reduce_sum(cast(counted, int64), axis, bool(keepdims)), dtype)


def zero_fraction(value: object, name: str | None = None) -> Tensor:
    """The share of entries that are 0, as a float32.

    >>> print(zero_fraction([0, 1, 0, 1]))
    tf.Tensor(0.5, shape=(), dtype=float32)
    """
    x = convert_to_tensor(value)
    count = size(x, int64)
    return divide(cast(count - count_nonzero(x), float32), cast(count, float32))


# --- along one axis --------------------------------------------------------------------------------------------------


def argmax(input: object, axis: object = None, output_type: object = int64, name: str | None = None) -> Tensor:
    """Position of the largest entry along an axis, by default the first; the first of several.

    >>> print(argmax([[1, 5], [7, 2]]), argmax([[1, 5], [7, 2]], axis=1))
    tf.Tensor([1 0], shape=(2,), dtype=int64) tf.Tensor([1 0], shape=(2,), dtype=int64)
    """
    return _position(_argmax, input, axis, output_type)


def argmin(input: object, axis: object = None, output_type: object = int64, name: str | None = None) -> Tensor:
    """Position of the smallest entry along an axis, by default the first; the first of several.

    >>> print(argmin([[1, 5], [7, 2]]))
    tf.Tensor([0 1], shape=(2,), dtype=int64)
    """
    return _position(_argmin, input, axis, output_type)


def _position(op: Op, value: object, axis: object, output_type: object) -> Tensor:
    x = convert_to_tensor(value)
    dtype = index_dtype(output_type, op.native)
    number = _one_axis(0 if axis is None else axis, x, op, "Expected dimension")
    if not x.array.shape[number]:
        raise refuse(op.native, f"Reduction axis {number} is empty in shape {bracketed(x.array.shape)}", x)
    return op(x, axis=number, dtype=dtype.numpy)


def cumsum(
    x: object, axis: object = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """Sum of the entries up to each one along an axis; `exclusive` leaves out the one, `reverse` starts at the end.

    >>> print(cumsum([1, 2, 3]), cumsum([1, 2, 3], exclusive=True, reverse=True))
    tf.Tensor([1 3 6], shape=(3,), dtype=int32) tf.Tensor([5 3 0], shape=(3,), dtype=int32)
    """
    return _scan(_cumsum, x, axis, exclusive, reverse)


def cumprod(
    x: object, axis: object = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """Product of the entries up to each one along an axis, with the choices of `cumsum`.

    >>> print(cumprod([1, 2, 3]), cumprod([1, 2, 3], exclusive=True, reverse=True))
    tf.Tensor([1 2 6], shape=(3,), dtype=int32) tf.Tensor([6 3 1], shape=(3,), dtype=int32)
    """
    return _scan(_cumprod, x, axis, exclusive, reverse)


def _scan(op: Op, value: object, axis: object, exclusive: bool, reverse: bool) -> Tensor:
    x = convert_to_tensor(value)
    number = _one_axis(axis, x, op, "ScanOp: Expected scan axis")
    return op(x, axis=number, exclusive=bool(exclusive), reverse=bool(reverse))


def _one_axis(axis: object, x: Tensor, op: Op, asked: str) -> int:
    if type(axis) is int and -(rank := x.ndim) <= axis < rank:
        return axis % rank
    given = numbers(axis, op.native, "the axis")
    if isinstance(given, list):
        shape = integers(axis, op.native, "the axis").array.shape
        raise refuse(op.native, f"axis must be a scalar, not {bracketed(shape)}", f"axis {axis!r}")
    return axis_of(given, x.ndim, op.native, f"{asked} in the range [{-x.ndim}, {x.ndim}), but got {given}")
