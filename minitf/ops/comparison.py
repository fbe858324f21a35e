"""Comparison, logic and bits, entry by entry. No gradient flows through any of these.

`name` is taken for TensorFlow's sake and not used.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from minitf.dtypes import FLOATS, NUMBERS
from minitf.dtypes import bool as bool_dtype
from minitf.op import Binary, Op, Unary, broadcastable, matching
from minitf.operators import Operators, table
from minitf.ops.axes import certain
from minitf.tensor import Tensor, convert_to_tensor

__all__ = [
    "bitwise_and", "bitwise_or", "bitwise_xor", "equal", "greater", "greater_equal", "invert", "is_finite",
    "is_inf", "is_nan", "less", "less_equal", "logical_and", "logical_not", "logical_or", "logical_xor",
    "not_equal",
]  # fmt: skip

_BOOL = (bool_dtype,)
_INTEGERS = tuple(dtype for dtype in NUMBERS if dtype.is_integer)

_bitwise_and = Binary("bitwise_and", "BitwiseAnd", dtypes=_INTEGERS)
_bitwise_or = Binary("bitwise_or", "BitwiseOr", dtypes=_INTEGERS)
_bitwise_xor = Binary("bitwise_xor", "BitwiseXor", dtypes=_INTEGERS)
_equal = Binary("equal", "Equal")
_greater = Binary("greater", "Greater", dtypes=NUMBERS)
_greater_equal = Binary("greater_equal", "GreaterEqual", dtypes=NUMBERS)
_invert = Unary("invert", "Invert", dtypes=_INTEGERS)
_is_finite = Unary("is_finite", "IsFinite", dtypes=FLOATS)
_is_inf = Unary("is_inf", "IsInf", dtypes=FLOATS)
_is_nan = Unary("is_nan", "IsNan", dtypes=FLOATS)
_less = Binary("less", "Less", dtypes=NUMBERS)
_less_equal = Binary("less_equal", "LessEqual", dtypes=NUMBERS)
_logical_and = Binary("logical_and", "LogicalAnd", dtypes=_BOOL)
_logical_not = Unary("logical_not", "LogicalNot", dtypes=_BOOL)
_logical_or = Binary("logical_or", "LogicalOr", dtypes=_BOOL)
_logical_xor = Binary("logical_xor", "LogicalXor", dtypes=_BOOL)
_not_equal = Binary("not_equal", "NotEqual")


# --- comparison -------------------------------------------------------------------------------------------------------


def equal(x: object, y: object, name: str | None = None) -> Tensor:
    """Say where x equals y.

    >>> print(equal([1, 2], 2))
    tf.Tensor([False  True], shape=(2,), dtype=bool)
    """
    return _equal(x, y)


def not_equal(x: object, y: object, name: str | None = None) -> Tensor:
    """Say where x differs from y; nan differs from itself.

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


def is_nan(x: object, name: str | None = None) -> Tensor:
    """Say which entries are no numbers; floats only.

    >>> print(is_nan([1.0, float('nan')]))
    tf.Tensor([False  True], shape=(2,), dtype=bool)
    """
    return _is_nan(x)


def is_inf(x: object, name: str | None = None) -> Tensor:
    """Say which entries are inf or -inf; floats only.

    >>> print(is_inf([1.0, float('inf')]))
    tf.Tensor([False  True], shape=(2,), dtype=bool)
    """
    return _is_inf(x)


def is_finite(x: object, name: str | None = None) -> Tensor:
    """Say which entries are numbers, and not inf or -inf; floats only.

    >>> print(is_finite([1.0, float('nan')]))
    tf.Tensor([ True False], shape=(2,), dtype=bool)
    """
    return _is_finite(x)


# --- logic ------------------------------------------------------------------------------------------------------------


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


def logical_xor(x: object, y: object, name: str | None = "LogicalXor") -> Tensor:
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
    tensors = [convert_to_tensor(x, dtype=None if isinstance(x, Operators) else bool_dtype) for x in values]
    for position, tensor in enumerate(tensors):
        if not tensor.dtype.is_bool:
            raise op.expected(position, tensor.dtype, bool_dtype)
    return op(*tensors)


# --- bits of integers -------------------------------------------------------------------------------------------------


def bitwise_and(x: object, y: object, name: str | None = None) -> Tensor:
    """The bits that x and y both have; integers only, and `x & y` for tensors.

    >>> print(bitwise_and([12], 10))
    tf.Tensor([8], shape=(1,), dtype=int32)
    """
    return _bitwise_and(x, y)


def bitwise_or(x: object, y: object, name: str | None = None) -> Tensor:
    """The bits that x or y has; integers only, and `x | y` for tensors.

    >>> print(bitwise_or([12], 10))
    tf.Tensor([14], shape=(1,), dtype=int32)
    """
    return _bitwise_or(x, y)


def bitwise_xor(x: object, y: object, name: str | None = None) -> Tensor:
    """The bits that exactly one of x and y has; integers only, and `x ^ y` for tensors.

    >>> print(bitwise_xor([12], 10))
    tf.Tensor([6], shape=(1,), dtype=int32)
    """
    return _bitwise_xor(x, y)


def invert(x: object, name: str | None = None) -> Tensor:
    """Each bit turned round; integers only, and `~x` for tensors.

    >>> print(invert([0, 5]))
    tf.Tensor([-1 -6], shape=(2,), dtype=int32)
    """
    return _invert(x)


# --- the operators of a tensor ----------------------------------------------------------------------------------------


def _by_dtype(logical: Callable[..., Tensor], bitwise: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Compute with booleans or with bits, as the first input says."""
    return lambda x, *others: logical(x, *others) if x.dtype.is_bool else bitwise(x, *others)


def _or_else(compare: Op, otherwise: bool) -> Callable[[object, object], Tensor]:
    """Compare, with one answer for shapes that do not fit."""

    def comparison(x: object, y: object) -> Tensor:
        left, right = matching((x, y))
        if left.array.shape != right.array.shape and not broadcastable(left.array.shape, right.array.shape):
            for size in (*left.sizes, *right.sizes):
                certain(size, "whether two shapes fit together")
            return Tensor(np.bool_(otherwise))
        return compare(left, right)

    return comparison


table.update(
    less=less, less_equal=less_equal, greater=greater, greater_equal=greater_equal, logical_and=logical_and,
    invert=_by_dtype(logical_not, invert), xor=_by_dtype(logical_xor, bitwise_xor),
    tensor_equals=_or_else(_equal, False), tensor_not_equals=_or_else(_not_equal, True),
    **{"and": _by_dtype(logical_and, bitwise_and), "or": _by_dtype(logical_or, bitwise_or)},
)  # fmt: skip
