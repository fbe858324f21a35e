"""Assertions about values, shapes and dtypes, as `tf.debugging`. They return None, or raise as TensorFlow does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minitf.dtypes import FLOATS, DType, as_dtype, float32
from minitf.names import nearest
from minitf.op import Op
from minitf.operators import Operators
from minitf.ops.comparison import equal, greater, greater_equal, less, less_equal, not_equal
from minitf.ops.effects import Effect
from minitf.ops.reduction import reduce_all
from minitf.recording import thread
from minitf.tensor import Tensor, convert_to_tensor

__all__ = [
    "Assert", "assert_all_finite", "assert_equal", "assert_greater", "assert_greater_equal", "assert_integer",
    "assert_less", "assert_less_equal", "assert_near", "assert_negative", "assert_non_negative", "assert_non_positive",
    "assert_none_equal", "assert_positive", "assert_proper_iterable", "assert_rank", "assert_rank_at_least",
    "assert_rank_in", "assert_same_float_dtype", "assert_scalar", "assert_shapes", "assert_type", "check_numerics",
]  # fmt: skip

__getattr__ = nearest("debugging")

_IN_GRADIENT = "Not a number (NaN) or infinity (Inf) values detected in gradient."
_check_numerics = Op(
    "check_numerics", "CheckNumerics", lambda dy, y, x, message: check_numerics(dy, f"{_IN_GRADIENT} {message}"),
    dtypes=FLOATS, stateful=True,
)  # fmt: skip
_assert_compared = Effect("assert_compared", "Assert")
_assert_signed = Effect("assert_signed", "Assert")
_assert_true = Effect("assert_true", "Assert")


# --- conditions ------------------------------------------------------------------------------------------------------


def Assert(condition: Any, data: Sequence[object], summarize: int | None = None, name: str | None = None) -> None:  # noqa: N802
    """Check one condition; InvalidArgumentError with `data`, the first 3 entries of each or `summarize`, -1 for all.

    >>> Assert(tf.constant(1) < 2, ["never shown"])
    """
    later = thread.capture is not None and isinstance(condition, Operators)
    if not later and condition:
        return
    if not isinstance(data, Sequence):
        raise TypeError(f"values must be a sequence. Got {type(data)}; pass what to show in a list.")
    texts = tuple(item if isinstance(item, str) else None for item in data)
    values = [convert_to_tensor(item) for item in data if not isinstance(item, str)]
    shown = None if later else str(condition)
    _assert_true(condition if later else False, *values, texts=texts, shown=shown, summarize=summarize)


def _comparing(name: str, sign: str, compare: Callable[..., Tensor], holds: str) -> Callable[..., None]:
    """Make the assertion that a comparison holds for all entries of x and y."""

    def check(x: object, y: object, message: str | None = None, summarize: int | None = None, name: Any = None) -> None:
        left, right = convert_to_tensor(x), convert_to_tensor(y)
        holds = compare(left, right)
        if not (x is y and sign == "=="):
            _assert_compared(holds, left, right, sign=sign, message=message, summarize=summarize)

    check.__name__ = check.__qualname__ = name
    check.__doc__ = f"""Check that x {sign} y for all entries; InvalidArgumentError that shows the first that differ.

    >>> tf.debugging.{name}({holds})
    """
    return check


assert_equal = _comparing("assert_equal", "==", equal, "[1, 2], [1, 2]")
assert_greater = _comparing("assert_greater", ">", greater, "[2, 3], [1, 2]")
assert_greater_equal = _comparing("assert_greater_equal", ">=", greater_equal, "[2, 3], 2")
assert_less = _comparing("assert_less", "<", less, "[1, 2], [2, 3]")
assert_less_equal = _comparing("assert_less_equal", "<=", less_equal, "[1, 2], 2")
assert_none_equal = _comparing("assert_none_equal", "!=", not_equal, "[1, 2], 3")


def _signed(name: str, sign: str, compare: Callable[..., Tensor], holds: str) -> Callable[..., None]:
    """Make the assertion that all entries of x compare so with 0."""

    def check(x: object, message: str | None = None, summarize: int | None = None, name: str | None = None) -> None:
        tensor = convert_to_tensor(x)
        holds = compare(tensor, convert_to_tensor(0, dtype=tensor.dtype))
        _assert_signed(holds, tensor, sign=sign, message=_prefix(message), summarize=summarize)

    check.__name__ = check.__qualname__ = name
    check.__doc__ = f"""Check that x {sign} 0 for all entries; InvalidArgumentError that shows the first ones.

    >>> tf.debugging.{name}({holds})
    """
    return check


assert_negative = _signed("assert_negative", "<", less, "[-1, -2]")
assert_non_negative = _signed("assert_non_negative", ">=", greater_equal, "[0, 1]")
assert_non_positive = _signed("assert_non_positive", "<=", less_equal, "[0, -1]")
assert_positive = _signed("assert_positive", ">", greater, "[1, 2]")


def assert_near(
    x: object, y: object, rtol: Any = None, atol: Any = None, message: Any = None, summarize: Any = None,
    name: Any = None,
) -> None:  # fmt: skip
    """Check that |x - y| < atol + rtol |y|, with 10 times the dtype's precision for both; else InvalidArgumentError.

    >>> tf.debugging.assert_near([1.0, 2.0], [1.0, 2.0 + 1e-7])
    """
    left = convert_to_tensor(x)
    right = convert_to_tensor(y, dtype=left.dtype)
    if not left.dtype.is_floating:
        raise ValueError(f"assert_near compares floats, but got {left.dtype.name}: take assert_equal instead.")
    precision = 10 * left.dtype.limits.eps
    rtol, atol = (convert_to_tensor(precision if t is None else t, dtype=left.dtype) for t in (rtol, atol))
    condition = reduce_all(less(abs(left - right), atol + rtol * abs(right)))
    asked = f"x and y not equal to tolerance rtol = {rtol!s}, atol = {atol!s}"
    names = [f"{word} ({_described(tensor)}) = " for word, tensor in (("x", left), ("y", right))]
    Assert(condition, [_prefix(message), asked, names[0], left, names[1], right], summarize)


def check_numerics(tensor: object, message: str, name: str | None = None) -> Tensor:
    """Return the tensor if all entries are finite, else raise InvalidArgumentError; so for its gradient.

    >>> print(tf.debugging.check_numerics([1.0, 2.0], "loss"))
    tf.Tensor([1. 2.], shape=(2,), dtype=float32)
    """
    result: Tensor = _check_numerics(tensor, message=str(message))
    return result


def assert_all_finite(x: object, message: str, name: str | None = None) -> Tensor:
    """Return the tensor if all entries are finite, else raise InvalidArgumentError; its gradient is not looked at.

    >>> print(tf.debugging.assert_all_finite([1.0, 2.0], "loss"))
    tf.Tensor([1. 2.], shape=(2,), dtype=float32)
    """
    tensor = convert_to_tensor(x)
    check_numerics(tensor, message)
    return tensor


# --- ranks and shapes ------------------------------------------------------------------------------------------------


def assert_rank(x: object, rank: object, message: str | None = None, name: str | None = None) -> None:
    """Check the number of axes; ValueError if it is another.

    >>> tf.debugging.assert_rank([[1, 2]], 2)
    """
    _check_rank(x, lambda ndim: ndim == rank, f"rank {rank}", message)


def assert_rank_at_least(x: object, rank: Any, message: str | None = None, name: str | None = None) -> None:
    """Check the number of axes; ValueError if there are fewer.

    >>> tf.debugging.assert_rank_at_least([[1, 2]], 1)
    """
    _check_rank(x, lambda ndim: ndim >= rank, f"rank at least {rank}", message)


def assert_rank_in(x: object, ranks: Sequence[object], message: str | None = None, name: str | None = None) -> None:
    """Check the number of axes; ValueError if it is none of `ranks`.

    >>> tf.debugging.assert_rank_in([[1, 2]], (1, 2))
    """
    _check_rank(x, lambda ndim: ndim in ranks, f"rank in {tuple(ranks)}", message)


def _check_rank(x: object, holds: Callable[[int], bool], must: str, message: str | None) -> None:
    tensor = convert_to_tensor(x)
    if not holds(tensor.ndim):
        asked = f"{_prefix(message)}Tensor  must have {must}.  Received rank {tensor.ndim}"
        raise ValueError(f"{asked}, shape {tensor.shape}")


def assert_scalar(tensor: object, message: str | None = None, name: str | None = None) -> None:
    """Check that the shape is (); else ValueError.

    >>> tf.debugging.assert_scalar(1.0)
    """
    shape = convert_to_tensor(tensor).shape
    if shape.rank:
        raise ValueError(f"{_prefix(message)}Expected scalar shape, saw shape: {shape}.")


def assert_shapes(
    shapes: Any, data: Any = None, summarize: int | None = None, message: str | None = None, name: str | None = None
) -> None:
    """Check pairs of tensors and shapes, in which a letter stands for one size everywhere; else ValueError.

    None and "." stand for any size, ... or "*" in front for any number of axes, and a shape None for any shape.

    >>> tf.debugging.assert_shapes([(tf.ones([2, 3]), ("N", 3)), (tf.ones([2]), "N")])
    """
    known: dict[Any, int] = {}
    for x, shape in shapes.items() if isinstance(shapes, dict) else shapes:
        if shape is None:
            continue
        symbols, tensor = tuple(shape), convert_to_tensor(x)
        if symbols[:1] in ((...,), ("*",)):
            assert_rank_at_least(tensor, len(symbols) - 1, message)
            symbols = (None,) * (tensor.ndim - len(symbols) + 1) + symbols[1:]
        else:
            assert_rank(tensor, len(symbols), message)
        for axis, (symbol, size) in enumerate(zip(symbols, tensor.sizes, strict=True)):
            if symbol is None or symbol == ".":
                continue
            wanted = symbol if isinstance(symbol, int) else known.setdefault(symbol, size)
            if size != wanted:
                asked = f"{_prefix(message)}Tensor {_described(tensor)} dimension {axis} must have size {wanted}"
                raise ValueError(f"{asked}.  Received size {size}, shape {tensor.shape}")


# --- dtypes and Python types -----------------------------------------------------------------------------------------


def assert_type(tensor: object, tf_type: object, message: str | None = None, name: str | None = None) -> None:
    """Check the dtype; TypeError if it is another.

    >>> tf.debugging.assert_type(1.0, tf.float32)
    """
    wanted, dtype = as_dtype(tf_type), convert_to_tensor(tensor).dtype
    if dtype != wanted:
        raise TypeError(f"{_prefix(message)}tensor must be of type {wanted!r}; got {dtype!r}")


def assert_integer(x: object, message: str | None = None, name: str | None = None) -> None:
    """Check that the dtype is an integer one; else TypeError.

    >>> tf.debugging.assert_integer([1, 2])
    """
    dtype = convert_to_tensor(x).dtype
    if not dtype.is_integer:
        raise TypeError(f'{_prefix(message)}Expected "x" to be integer type.  Found: tensor of dtype {dtype}')


def assert_same_float_dtype(tensors: Any = None, dtype: Any = None) -> DType:
    """Check that all tensors have one floating-point dtype, and return it; else ValueError.

    >>> tf.debugging.assert_same_float_dtype([tf.constant(1.0), tf.constant([2.0])])
    tf.float32
    """
    wanted = dtype
    for tensor in tensors or ():
        wanted = wanted or tensor.dtype
        if tensor.dtype != wanted:
            raise ValueError(f"{tensor!s}, type={tensor.dtype}, must be of the same type ({wanted}); use tf.cast.")
    if wanted and not wanted.is_floating:
        raise ValueError(f"Expected floating point type, got {wanted}; use tf.cast.")
    return wanted or float32


def assert_proper_iterable(values: object) -> None:
    """Check that this is a container, and no tensor, array or string; else TypeError.

    >>> tf.debugging.assert_proper_iterable([1, 2])
    """
    improper = isinstance(values, (Tensor, np.ndarray, str, bytes))
    if improper or not hasattr(values, "__iter__"):
        what = 'a "proper" iterable' if improper else "iterable"
        raise TypeError(f'Expected argument "values" to be {what}.  Found: {type(values)}')


def _prefix(message: str | None) -> str:
    return f"{message}.  " if message else ""


def _described(tensor: Tensor) -> str:
    return f"shape={tensor.shape} dtype={tensor.dtype.name}"
