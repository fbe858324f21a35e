"""Arithmetic of two or more numbers, entry by entry.

Each public function converts, checks and computes through one `Op`. Shapes broadcast from the last axis backwards.
`name` is taken for TensorFlow's sake and not used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minitf.dtypes import FLOATS, NUMBERS, SIGNED, as_dtype, float32, float64, int32, int64
from minitf.dtypes import bool as bool_dtype
from minitf.errors import InvalidArgumentError, explain
from minitf.op import Binary, Op, alone, bracketed, led_by_first
from minitf.operators import Operators, table
from minitf.ops.array import cast, where
from minitf.ops.comparison import greater_equal, less_equal, logical_and
from minitf.ops.elementary import log, square
from minitf.ops.refusal import refuse
from minitf.tensor import Tensor, convert_to_tensor

__all__ = [
    "add", "add_n", "atan2", "divide", "divide_no_nan", "floordiv", "floormod", "maximum", "minimum", "multiply", "pow",
    "scalar_mul", "squared_difference", "subtract", "truediv",
]  # fmt: skip


def _nothing(like: Tensor) -> Tensor:
    return Tensor(np.zeros((), like.array.dtype))


def _log_of_positive(x: Tensor) -> Tensor:
    """The logarithm, and 0 where there is none, without nan in its own gradient."""
    positive = x > 0.0
    return where(positive, log(where(positive, x, 1.0)), _nothing(x))


class _Whole(Binary):
    """An op whose kernel refuses some whole numbers: to divide by 0, and negative powers."""

    __slots__ = ()

    def incompatible(self, inputs: Sequence[Tensor]) -> InvalidArgumentError | None:
        """Build the error for such a number, or for shapes that do not broadcast."""
        x, y = (tensor.array for tensor in inputs)
        if y.dtype.kind not in "iu" or not x.size or (not (y < 0).any() if self.native == "Pow" else y.all()):
            return super().incompatible(inputs)
        if self.native == "Pow":
            asked = "Integers to negative integer powers are not allowed"
            return refuse(self.native, asked, f"dtype {inputs[0].dtype.name}, power {y.tolist()}")
        return refuse(self.native, "Integer division by zero", f"{self.name} by {y.tolist()}")


_add = Binary("add", "AddV2", lambda dy, z, x, y: dy, lambda dy, z, x, y: dy, dtypes=NUMBERS, match=led_by_first)
_add_n = Op("add_n", "AddN", each=lambda i, dy, y, *xs: dy, dtypes=NUMBERS, match=alone)
_atan2 = Binary(
    "atan2", "Atan2",
    lambda dy, z, y, x: x * (dy / (square(y) + square(x))), lambda dy, z, y, x: -y * (dy / (square(y) + square(x))),
    dtypes=FLOATS,
)  # fmt: skip
_divide = Binary("divide", "RealDiv", lambda dy, z, x, y: dy / y, lambda dy, z, x, y: dy * (-x / y / y), dtypes=NUMBERS)
_divide_no_nan = Binary(
    "divide_no_nan", "DivNoNan",
    lambda dy, z, x, y: divide_no_nan(dy, y), lambda dy, z, x, y: dy * divide_no_nan(divide_no_nan(-x, y), y),
    dtypes=FLOATS,
)  # fmt: skip
_floordiv = _Whole("floordiv", "FloorDiv", dtypes=NUMBERS)
_floormod = _Whole(
    "floormod", "FloorMod", lambda dy, z, x, y: dy, lambda dy, z, x, y: dy * -floordiv(x, y), dtypes=NUMBERS
)
_maximum = Binary(
    "maximum", "Maximum",
    lambda dy, z, x, y: where(greater_equal(x, y), dy, _nothing(dy)),
    lambda dy, z, x, y: where(greater_equal(x, y), _nothing(dy), dy),
    dtypes=NUMBERS,
)  # fmt: skip
_minimum = Binary(
    "minimum", "Minimum",
    lambda dy, z, x, y: where(less_equal(x, y), dy, _nothing(dy)),
    lambda dy, z, x, y: where(less_equal(x, y), _nothing(dy), dy),
    dtypes=NUMBERS,
)  # fmt: skip
_multiply = Binary("multiply", "Mul", lambda dy, z, x, y: dy * y, lambda dy, z, x, y: x * dy, dtypes=NUMBERS)
_pow = _Whole(
    "pow", "Pow",
    lambda dy, z, x, y: dy * y * pow(x, y - 1.0), lambda dy, z, x, y: dy * z * _log_of_positive(x),
    dtypes=SIGNED,
)  # fmt: skip
_squared_difference = Binary(
    "squared_difference", "SquaredDifference",
    lambda dy, z, x, y: 2.0 * dy * (x - y), lambda dy, z, x, y: -(2.0 * dy * (x - y)),
    dtypes=(*FLOATS, int32, int64),
)  # fmt: skip
_subtract = Binary("subtract", "Sub", lambda dy, z, x, y: dy, lambda dy, z, x, y: -dy, dtypes=NUMBERS)


# --- sums, differences, products -------------------------------------------------------------------------------------


def add(x: object, y: object, name: str | None = None) -> Tensor:
    """X + y, entry by entry; dtypes must be equal.

    >>> print(add([[1], [2]], [10, 20]))
    tf.Tensor(
    [[11 21]
     [12 22]], shape=(2, 2), dtype=int32)
    """
    return _add(x, y)


def add_n(inputs: Any, name: str | None = None) -> Tensor:
    """Add all tensors of a list; they must have one shape and dtype.

    >>> print(add_n([[1, 2], [3, 4], [5, 6]]))
    tf.Tensor([ 9 12], shape=(2,), dtype=int32)
    """
    terms: list[object] = list(inputs) if hasattr(inputs, "__iter__") else []
    if not terms:
        asked = "Inputs must be an iterable of at least one Tensor/IndexedSlices with the same dtype and shape."
        raise ValueError(f"{asked} Got {inputs!r}; put tensors into a list.")
    tensors = alone(terms)
    if len(tensors) == 1:
        return tensors[0]
    _add_n.check(tensors)
    first = tensors[0].array.shape
    for position, tensor in enumerate(tensors):
        if tensor.array.shape != first:
            shapes = f"Input 0: {bracketed(first)} != input {position}: {bracketed(tensor.array.shape)}"
            asked = f"Inputs to operation AddN of type AddN must have the same size and shape.  {shapes}"
            raise refuse(_add_n.native, asked, tensors[0], tensor)
    return _add_n(*tensors)


def subtract(x: object, y: object, name: str | None = None) -> Tensor:
    """X - y, entry by entry; dtypes must be equal.

    >>> print(subtract([3.0, 4.0], 1))
    tf.Tensor([2. 3.], shape=(2,), dtype=float32)
    """
    return _subtract(x, y)


def squared_difference(x: object, y: object, name: str | None = None) -> Tensor:
    """(x - y) squared, entry by entry; dtypes must be equal.

    >>> print(squared_difference([3.0, 4.0], 1))
    tf.Tensor([4. 9.], shape=(2,), dtype=float32)
    """
    return _squared_difference(x, y)


def multiply(x: object, y: object, name: str | None = None) -> Tensor:
    """X * y, entry by entry; dtypes must be equal.

    >>> print(multiply([1, 2], 3))
    tf.Tensor([3 6], shape=(2,), dtype=int32)
    """
    return _multiply(x, y)


def scalar_mul(scalar: object, x: object, name: str | None = None) -> Tensor:
    """Multiply a tensor by one number, which converts to its dtype; ValueError if that has axes.

    >>> print(scalar_mul(2, tf.constant([1.0, 2.0])))
    tf.Tensor([2. 4.], shape=(2,), dtype=float32)
    """
    factor = convert_to_tensor(scalar, dtype=as_dtype(x.dtype))  # type: ignore[attr-defined]  # AttributeError if none
    if factor.ndim:
        asked = f"The input scalar must be a 0-D value. Received shape {factor.shape}"
        raise ValueError(f"{asked}; multiply by tensors with `*`.")
    return _multiply(factor, x)


# --- quotients -------------------------------------------------------------------------------------------------------


def divide(x: object, y: object, name: str | None = None) -> Tensor:
    """X / y, entry by entry; integers become float64 (8 and 16 bits: float32). TypeError for unequal dtypes and bool.

    >>> print(divide(1, 2))
    tf.Tensor(0.5, shape=(), dtype=float64)
    """
    return truediv(_like_tensor(x, y), y)


def truediv(x: object, y: object, name: str | None = None) -> Tensor:
    """X / y, entry by entry, as `divide`, but x converts by itself even if y is a tensor.

    >>> print(truediv(1, 2))
    tf.Tensor(0.5, shape=(), dtype=float64)
    """
    left = convert_to_tensor(x)
    right = convert_to_tensor(y, dtype_hint=left.dtype)
    if left.array.dtype is right.array.dtype and left.array.dtype.kind == "f":
        return _divide(left, right)
    return _divide(*_as_floats(left, right, "__truediv__"))


def divide_no_nan(x: object, y: object, name: str | None = None) -> Tensor:
    """X / y, but 0 where y is 0; integers become floats as in `divide`.

    >>> print(divide_no_nan([1.0, 2.0], [0.0, 4.0]))
    tf.Tensor([0.  0.5], shape=(2,), dtype=float32)
    """
    left = _like_tensor(x, y)
    right = convert_to_tensor(y, dtype_hint=left.dtype)
    return _divide_no_nan(*_as_floats(left, right, "tf.math.divide_no_nan"))


def _like_tensor(x: object, y: object) -> Tensor:
    """Convert x, to the dtype of y if y alone is a tensor."""
    alone = isinstance(y, Operators) and not isinstance(x, Operators)
    return convert_to_tensor(x, dtype=y.dtype if alone else None)  # type: ignore[attr-defined]  # Operators have one


def _as_floats(x: Tensor, y: Tensor, where: str) -> tuple[Tensor, Tensor]:
    if x.dtype != y.dtype:
        asked = f"`x` and `y` must have the same dtype, got {x.dtype!r} != {y.dtype!r}."
        got, do = f"{x.dtype.name} divided by {y.dtype.name}", f"make the dtypes equal with tf.cast(t, {x.dtype!r})"
        raise TypeError(explain(asked, got=got, expected="two tensors of the same dtype", do=do))
    if x.dtype.is_bool:
        raise TypeError(f"Invalid dtype tf.bool in {where}; turn booleans into numbers with tf.cast(t, tf.float32).")
    wide = x.dtype if x.dtype.is_floating else float32 if x.dtype.size < 4 else float64
    return cast(x, wide), cast(y, wide)


def floordiv(x: object, y: object, name: str | None = None) -> Tensor:
    """X / y rounded down; InvalidArgumentError if y is an integer tensor with a 0.

    >>> print(floordiv([7, -7], 2))
    tf.Tensor([ 3 -4], shape=(2,), dtype=int32)
    """
    return _floordiv(x, y)


def floormod(x: object, y: object, name: str | None = None) -> Tensor:
    """Remainder of x / y, with the sign of y; InvalidArgumentError if y is an integer tensor with a 0.

    >>> print(floormod([7, -7], 3))
    tf.Tensor([1 2], shape=(2,), dtype=int32)
    """
    return _floormod(x, y)


# --- powers and the like ---------------------------------------------------------------------------------------------


def pow(x: object, y: object, name: str | None = None) -> Tensor:
    """X to the power of y, entry by entry; InvalidArgumentError for integers with a negative power.

    >>> print(pow(2.0, [1, 2, 3]))
    tf.Tensor([2. 4. 8.], shape=(3,), dtype=float32)
    """
    return _pow(x, y)


def atan2(y: object, x: object, name: str | None = None) -> Tensor:
    """The angle, in radians from -pi to pi, of the point (x, y); y comes first; floats only.

    >>> print(atan2([0.0, 0.0], [1.0, -1.0]))
    tf.Tensor([0.        3.1415927], shape=(2,), dtype=float32)
    """
    return _atan2(y, x)


def maximum(x: object, y: object, name: str | None = None) -> Tensor:
    """The larger of x and y, entry by entry; nan if one is nan. Where they are equal, the gradient is x's.

    >>> print(maximum([1.0, 5.0], 3.0))
    tf.Tensor([3. 5.], shape=(2,), dtype=float32)
    """
    return _maximum(x, y)


def minimum(x: object, y: object, name: str | None = None) -> Tensor:
    """The smaller of x and y, entry by entry; nan if one is nan. Where they are equal, the gradient is x's.

    >>> print(minimum([1.0, 5.0], 3.0))
    tf.Tensor([1. 3.], shape=(2,), dtype=float32)
    """
    return _minimum(x, y)


def _tensor_multiply(x: Tensor, y: object) -> Tensor:
    """Multiply; a boolean tensor on the left keeps what y, taken as booleans, lets through."""
    try:
        return _multiply(x, y)
    except (InvalidArgumentError, TypeError):
        if x.dtype is not bool_dtype:
            raise
        return logical_and(x, cast(y, bool_dtype))


table.update(  # calling a method is quicker than calling an object
    add=_add.__call__, subtract=_subtract.__call__, multiply=_multiply.__call__, tensor_multiply=_tensor_multiply,
    divide=truediv, floordiv=floordiv, floormod=floormod, pow=pow,
)  # fmt: skip
