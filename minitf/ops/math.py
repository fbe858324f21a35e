"""Arithmetic, comparison, logic and reductions.

Each public function converts, checks and computes through one `Op`. Shapes broadcast from the last axis backwards.
`name` is taken for TensorFlow's sake and not used.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from minitf.dtypes import FLOATS, NUMBERS, SIGNED, float32, float64
from minitf.dtypes import bool as bool_dtype
from minitf.errors import explain, invalid_argument
from minitf.op import Op, broadcastable, led_by_first, matching
from minitf.ops.array import cast
from minitf.ops.axes import axes_of
from minitf.operators import table
from minitf.tensor import Tensor, convert_to_tensor

__all__ = [
    "abs", "add", "divide", "equal", "exp", "floordiv", "floormod", "greater", "greater_equal", "less", "less_equal",
    "log", "logical_and", "logical_not", "logical_or", "logical_xor", "maximum", "minimum", "multiply", "negative",
    "not_equal", "pow", "reduce_all", "reduce_any", "reduce_max", "reduce_mean", "reduce_min", "reduce_sum", "sign",
    "sqrt", "square", "subtract",
]  # fmt: skip

_BOOL = (bool_dtype,)

_abs = Op("abs", "Abs", dtypes=SIGNED)
_add = Op("add", "AddV2", dtypes=NUMBERS, match=led_by_first)
_divide = Op("divide", "RealDiv", dtypes=NUMBERS)
_equal = Op("equal", "Equal")
_exp = Op("exp", "Exp", dtypes=FLOATS)
_floordiv = Op("floordiv", "FloorDiv", dtypes=NUMBERS)
_floormod = Op("floormod", "FloorMod", dtypes=NUMBERS)
_greater = Op("greater", "Greater", dtypes=NUMBERS)
_greater_equal = Op("greater_equal", "GreaterEqual", dtypes=NUMBERS)
_less = Op("less", "Less", dtypes=NUMBERS)
_less_equal = Op("less_equal", "LessEqual", dtypes=NUMBERS)
_log = Op("log", "Log", dtypes=FLOATS)
_logical_and = Op("logical_and", "LogicalAnd", dtypes=_BOOL)
_logical_not = Op("logical_not", "LogicalNot", dtypes=_BOOL)
_logical_or = Op("logical_or", "LogicalOr", dtypes=_BOOL)
_logical_xor = Op("logical_xor", "LogicalXor", dtypes=_BOOL)
_maximum = Op("maximum", "Maximum", dtypes=NUMBERS)
_minimum = Op("minimum", "Minimum", dtypes=NUMBERS)
_multiply = Op("multiply", "Mul", dtypes=NUMBERS)
_negative = Op("negative", "Neg", dtypes=SIGNED)
_not_equal = Op("not_equal", "NotEqual")
_pow = Op("pow", "Pow", dtypes=SIGNED)
_reduce_all = Op("reduce_all", "All", dtypes=_BOOL)
_reduce_any = Op("reduce_any", "Any", dtypes=_BOOL)
_reduce_max = Op("reduce_max", "Max", dtypes=NUMBERS)
_reduce_mean = Op("reduce_mean", "Mean", dtypes=NUMBERS)
_reduce_min = Op("reduce_min", "Min", dtypes=NUMBERS)
_reduce_sum = Op("reduce_sum", "Sum", dtypes=NUMBERS)
_sign = Op("sign", "Sign", dtypes=SIGNED)
_sqrt = Op("sqrt", "Sqrt", dtypes=FLOATS)
_square = Op("square", "Square", dtypes=NUMBERS)
_subtract = Op("subtract", "Sub", dtypes=NUMBERS)


# --- one input -------------------------------------------------------------------------------------------------------


def abs(x: object, name: str | None = None) -> Tensor:
    """Absolute value of each entry.

    >>> print(abs([-1.5, 2.0]))
    tf.Tensor([1.5 2. ], shape=(2,), dtype=float32)
    """
    return _abs(x)


def negative(x: object, name: str | None = None) -> Tensor:
    """Each entry with the opposite sign; `-x`.

    >>> print(negative([1, -2]))
    tf.Tensor([-1  2], shape=(2,), dtype=int32)
    """
    return _negative(x)


def sign(x: object, name: str | None = None) -> Tensor:
    """-1, 0 or 1 for each entry.

    >>> print(sign([-3, 0, 2]))
    tf.Tensor([-1  0  1], shape=(3,), dtype=int32)
    """
    return _sign(x)


def square(x: object, name: str | None = None) -> Tensor:
    """Each entry times itself.

    >>> print(square([1, -3]))
    tf.Tensor([1 9], shape=(2,), dtype=int32)
    """
    return _square(x)


def sqrt(x: object, name: str | None = None) -> Tensor:
    """Square root of each entry, floats only; nan below 0.

    >>> print(sqrt([4.0, 9.0]))
    tf.Tensor([2. 3.], shape=(2,), dtype=float32)
    """
    return _sqrt(x)


def exp(x: object, name: str | None = None) -> Tensor:
    """E to the power of each entry, floats only; inf where that is too large.

    >>> print(exp([0.0, 100.0]))
    tf.Tensor([ 1. inf], shape=(2,), dtype=float32)
    """
    return _exp(x)


def log(x: object, name: str | None = None) -> Tensor:
    """Natural logarithm of each entry, floats only; -inf at 0 and nan below.

    >>> print(log([1.0, 0.0]))
    tf.Tensor([  0. -inf], shape=(2,), dtype=float32)
    """
    return _log(x)


# --- two inputs ------------------------------------------------------------------------------------------------------


def add(x: object, y: object, name: str | None = None) -> Tensor:
    """X + y, entry by entry; dtypes must be equal.

    >>> print(add([[1], [2]], [10, 20]))
    tf.Tensor(
    [[11 21]
     [12 22]], shape=(2, 2), dtype=int32)
    """
    return _add(x, y)


def subtract(x: object, y: object, name: str | None = None) -> Tensor:
    """X - y, entry by entry; dtypes must be equal.

    >>> print(subtract([3.0, 4.0], 1))
    tf.Tensor([2. 3.], shape=(2,), dtype=float32)
    """
    return _subtract(x, y)


def multiply(x: object, y: object, name: str | None = None) -> Tensor:
    """X * y, entry by entry; dtypes must be equal.

    >>> print(multiply([1, 2], 3))
    tf.Tensor([3 6], shape=(2,), dtype=int32)
    """
    return _multiply(x, y)


def divide(x: object, y: object, name: str | None = None) -> Tensor:
    """X / y, entry by entry; integers become float64 (8 and 16 bits: float32). TypeError for unequal dtypes and bool.

    >>> print(divide(1, 2))
    tf.Tensor(0.5, shape=(), dtype=float64)
    """
    left = convert_to_tensor(x, dtype=None if isinstance(x, Tensor) or not isinstance(y, Tensor) else y.dtype)
    right = convert_to_tensor(y, dtype_hint=left.dtype)
    if left.dtype != right.dtype:
        raise TypeError(
            explain(
                f"`x` and `y` must have the same dtype, got {left.dtype!r} != {right.dtype!r}.",
                got=f"divide of {left.dtype.name} by {right.dtype.name}",
                expected="two tensors of the same dtype",
                do=f"make the dtypes equal with tf.cast(t, {left.dtype!r})",
            )
        )
    if left.dtype.is_bool:
        raise TypeError(
            explain(
                "Invalid dtype tf.bool in __truediv__.",
                got="divide of booleans",
                expected="numbers",
                do="turn booleans into numbers with tf.cast(t, tf.float32)",
            )
        )
    if left.dtype.is_integer:
        wide = float32 if left.dtype.size < 4 else float64
        left, right = cast(left, wide), cast(right, wide)
    return _divide(left, right)


def floordiv(x: object, y: object, name: str | None = None) -> Tensor:
    """X / y rounded down; InvalidArgumentError if y is an integer tensor with a 0.

    >>> print(floordiv([7, -7], 2))
    tf.Tensor([ 3 -4], shape=(2,), dtype=int32)
    """
    left, right = matching((x, y))
    _refuse_zero(_floordiv, right)
    return _floordiv(left, right)


def floormod(x: object, y: object, name: str | None = None) -> Tensor:
    """Remainder of x / y, with the sign of y; InvalidArgumentError if y is an integer tensor with a 0.

    >>> print(floormod([7, -7], 3))
    tf.Tensor([1 2], shape=(2,), dtype=int32)
    """
    left, right = matching((x, y))
    _refuse_zero(_floormod, right)
    return _floormod(left, right)


def _refuse_zero(op: Op, divisor: Tensor) -> None:
    if divisor.dtype.is_integer and not divisor.array.all():
        raise invalid_argument(
            op.native,
            "Integer division by zero",
            got=f"{op.name} by {divisor.array.tolist()}",
            expected="no 0 in an integer divisor",
            do="cast to float first (then it gives inf or nan), or choose another divisor with tf.where",
        )


def pow(x: object, y: object, name: str | None = None) -> Tensor:
    """X to the power of y, entry by entry; InvalidArgumentError for integers with a negative power.

    >>> print(pow(2.0, [1, 2, 3]))
    tf.Tensor([2. 4. 8.], shape=(3,), dtype=float32)
    """
    base, power = matching((x, y))
    if power.dtype.is_integer and (power.array < 0).any():
        raise invalid_argument(
            _pow.native,
            "Integers to negative integer powers are not allowed",
            got=f"pow of dtype {base.dtype.name} with power {power.array.tolist()}",
            expected="powers of at least 0 for integers",
            do="cast the base to float first: tf.cast(x, tf.float32)",
        )
    return _pow(base, power)


def maximum(x: object, y: object, name: str | None = None) -> Tensor:
    """The larger of x and y, entry by entry; nan if one is nan.

    >>> print(maximum([1.0, 5.0], 3.0))
    tf.Tensor([3. 5.], shape=(2,), dtype=float32)
    """
    return _maximum(x, y)


def minimum(x: object, y: object, name: str | None = None) -> Tensor:
    """The smaller of x and y, entry by entry; nan if one is nan.

    >>> print(minimum([1.0, 5.0], 3.0))
    tf.Tensor([1. 3.], shape=(2,), dtype=float32)
    """
    return _minimum(x, y)


# --- comparison and logic: the result is bool ------------------------------------------------------------------------


def equal(x: object, y: object, name: str | None = None) -> Tensor:
    """Say where x equals y.

    >>> print(equal([1, 2], 2))
    tf.Tensor([False  True], shape=(2,), dtype=bool)
    """
    return _equal(x, y)


def not_equal(x: object, y: object, name: str | None = None) -> Tensor:
    """Say where x differs from y.

    >>> print(not_equal([1, 2], 2))
    tf.Tensor([ True False], shape=(2,), dtype=bool)
    """
    return _not_equal(x, y)


def less(x: object, y: object, name: str | None = None) -> Tensor:
    """Say where x is less than y.

    >>> print(less([1, 2, 3], 2))
    tf.Tensor([ True False False], shape=(3,), dtype=bool)
    """
    return _less(x, y)


def less_equal(x: object, y: object, name: str | None = None) -> Tensor:
    """Say where x is less than y or equal to it.

    >>> print(less_equal([1, 2, 3], 2))
    tf.Tensor([ True  True False], shape=(3,), dtype=bool)
    """
    return _less_equal(x, y)


def greater(x: object, y: object, name: str | None = None) -> Tensor:
    """Say where x is greater than y.

    >>> print(greater([1, 2, 3], 2))
    tf.Tensor([False False  True], shape=(3,), dtype=bool)
    """
    return _greater(x, y)


def greater_equal(x: object, y: object, name: str | None = None) -> Tensor:
    """Say where x is greater than y or equal to it.

    >>> print(greater_equal([1, 2, 3], 2))
    tf.Tensor([False  True  True], shape=(3,), dtype=bool)
    """
    return _greater_equal(x, y)


def logical_and(x: object, y: object, name: str | None = None) -> Tensor:
    """Say where x and y are both True; bool only, and `x & y` for tensors.

    >>> print(logical_and([True, False], True))
    tf.Tensor([ True False], shape=(2,), dtype=bool)
    """
    return _logical(_logical_and, x, y)


def logical_or(x: object, y: object, name: str | None = None) -> Tensor:
    """Say where x or y is True; bool only, and `x | y` for tensors.

    >>> print(logical_or([True, False], False))
    tf.Tensor([ True False], shape=(2,), dtype=bool)
    """
    return _logical(_logical_or, x, y)


def logical_xor(x: object, y: object, name: str | None = None) -> Tensor:
    """Say where exactly one of x and y is True; bool only, and `x ^ y` for tensors.

    >>> print(logical_xor([True, False], True))
    tf.Tensor([False  True], shape=(2,), dtype=bool)
    """
    return _logical(_logical_xor, x, y)


def logical_not(x: object, name: str | None = None) -> Tensor:
    """The opposite of each entry; bool only, and `~x` for tensors.

    >>> print(logical_not([True, False]))
    tf.Tensor([False  True], shape=(2,), dtype=bool)
    """
    return _logical(_logical_not, x)


def _logical(op: Op, *values: object) -> Tensor:
    """Compute with booleans: Python and NumPy values must convert to bool, tensors must be bool."""
    tensors = [value if isinstance(value, Tensor) else convert_to_tensor(value, dtype=bool_dtype) for value in values]
    for position, tensor in enumerate(tensors):
        if not tensor.dtype.is_bool:
            raise op.expected(position, tensor.dtype, bool_dtype)
    return op(*tensors)


# --- reductions ------------------------------------------------------------------------------------------------------


def reduce_sum(input_tensor: object, axis: object = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Sum over the given axes, or over all; the dtype stays.

    >>> print(reduce_sum([[1, 2], [3, 4]], axis=0))
    tf.Tensor([4 6], shape=(2,), dtype=int32)
    """
    return _reduce(_reduce_sum, input_tensor, axis, keepdims)


def reduce_mean(input_tensor: object, axis: object = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Mean over the given axes, or over all; the dtype stays, so integers are cut off.

    >>> print(reduce_mean([1, 2]), reduce_mean([1.0, 2.0]))
    tf.Tensor(1, shape=(), dtype=int32) tf.Tensor(1.5, shape=(), dtype=float32)
    """
    return _reduce(_reduce_mean, input_tensor, axis, keepdims)


def reduce_max(input_tensor: object, axis: object = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Largest entry over the given axes, or over all.

    >>> print(reduce_max([[1, 5], [3, 4]], axis=1, keepdims=True))
    tf.Tensor(
    [[5]
     [4]], shape=(2, 1), dtype=int32)
    """
    return _reduce(_reduce_max, input_tensor, axis, keepdims)


def reduce_min(input_tensor: object, axis: object = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Smallest entry over the given axes, or over all.

    >>> print(reduce_min([[1, 5], [3, 4]]))
    tf.Tensor(1, shape=(), dtype=int32)
    """
    return _reduce(_reduce_min, input_tensor, axis, keepdims)


def reduce_any(input_tensor: object, axis: object = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Say whether one entry is True over the given axes, or over all; bool only.

    >>> print(reduce_any([True, False]))
    tf.Tensor(True, shape=(), dtype=bool)
    """
    return _reduce_logical(_reduce_any, input_tensor, axis, keepdims)


def reduce_all(input_tensor: object, axis: object = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Say whether all entries are True over the given axes, or over all; bool only.

    >>> print(reduce_all([True, False]))
    tf.Tensor(False, shape=(), dtype=bool)
    """
    return _reduce_logical(_reduce_all, input_tensor, axis, keepdims)


def _reduce(op: Op, value: object, axis: object, keepdims: bool) -> Tensor:
    x = convert_to_tensor(value)
    op.check([x])
    return op(x, axis=axes_of(axis, x.ndim, op.native), keepdims=keepdims)


def _reduce_logical(op: Op, value: object, axis: object, keepdims: bool) -> Tensor:
    x = value if isinstance(value, Tensor) else convert_to_tensor(value, dtype=bool_dtype)
    if not x.dtype.is_bool:
        raise op.expected(0, x.dtype, bool_dtype)
    return _reduce(op, x, axis, keepdims)


# --- the operators of a tensor ---------------------------------------------------------------------------------------


def _tensor_multiply(x: Tensor, y: object) -> Tensor:
    """Multiply; a boolean tensor on the left keeps what y, taken as booleans, lets through."""
    return _logical_and(x, cast(y, bool_dtype)) if x.dtype.is_bool else _multiply(x, y)


def _or_else(compare: Op, otherwise: bool) -> Callable[[object, object], Tensor]:
    """Compare, with one answer for shapes that do not fit."""

    def comparison(x: object, y: object) -> Tensor:
        left, right = matching((x, y))
        if not broadcastable(left.array.shape, right.array.shape):
            return Tensor(np.bool_(otherwise))
        return compare(left, right)

    return comparison


table.update(
    abs=abs, add=add, divide=divide, floordiv=floordiv, floormod=floormod, greater=greater, greater_equal=greater_equal,
    less=less, less_equal=less_equal, logical_and=logical_and, logical_not=logical_not, logical_or=logical_or,
    logical_xor=logical_xor, multiply=multiply, negative=negative, pow=pow, subtract=subtract,
    tensor_multiply=_tensor_multiply,
    **{"and": logical_and, "or": logical_or, "xor": logical_xor, "invert": logical_not},
    tensor_equals=_or_else(_equal, False), tensor_not_equals=_or_else(_not_equal, True),
)  # fmt: skip
