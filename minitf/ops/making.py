"""Making tensors: from values, filled with one number, and in equal steps.

`name` and `layout` are taken for TensorFlow's sake and not used.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minitf.dtypes import FLOATS, NUMBERS, DType, array_of, as_dtype, float32, float64, int32, int64
from minitf.errors import InvalidArgumentError, explain, invalid_argument
from minitf.op import Op, bracketed
from minitf.ops.array import cast, reshape
from minitf.ops.axes import new_axis, sizes_of
from minitf.shape import TensorShape
from minitf.tensor import Tensor, convert_to_tensor, holds_tensor

__all__ = ["constant", "fill", "linspace", "ones", "ones_like", "range", "zeros", "zeros_like"]

_fill = Op("fill", "Fill")
_linspace = Op("linspace", "LinSpace", FLOATS)
_range = Op("range", "Range", NUMBERS)


def constant(value: object, dtype: object = None, shape: object = None, name: str | None = "Const") -> Tensor:
    """Make a tensor from a number, a nested sequence or a NumPy array; a single number fills `shape`.

    Python floats become float32 and ints int32; a NumPy array keeps its dtype.

    >>> constant([1, 2, 3])
    <tf.Tensor: shape=(3,), dtype=int32, numpy=array([1, 2, 3], dtype=int32)>
    """
    tensor = _constant(value, None if dtype is None else as_dtype(dtype))
    if shape is None:
        return tensor
    wanted = TensorShape(shape)  # type: ignore[arg-type]  # anything else is refused there
    if tensor.array.size == wanted.num_elements():
        return reshape(tensor, wanted)
    if tensor.array.size == 1:
        return _fill(tensor.array.reshape(()), shape=tuple(wanted))
    raise TypeError(
        explain(
            "Eager execution of tf.constant with unsupported shape. "
            f"Tensor has {tensor.array.size} elements, but got `shape` {wanted} with {wanted.num_elements()} elements.",
            got=f"{tensor.array.size} values for the shape {wanted}",
            expected=f"{wanted.num_elements()} values, or one to repeat",
            do="change the shape or the values",
        )
    )


def _constant(value: object, dtype: DType | None) -> Tensor:
    if isinstance(value, Tensor):
        if dtype is not None and value.dtype != dtype:
            raise TypeError(
                explain(
                    f"Expected tensor with dtype {dtype!r}, but got dtype {value.dtype!r}.",
                    got=f"a tensor of dtype {value.dtype.name}",
                    expected=f"dtype {dtype.name}; tensors never convert by themselves",
                    do=f"convert it with tf.cast(t, {dtype!r})",
                )
            )
        return value
    if holds_tensor(value):
        raise ValueError(
            explain(
                "Scalar tensor has no `len()`: tf.constant takes numbers, not a list of tensors.",
                got="a list with tensors in it",
                expected="numbers, nested lists of numbers or a NumPy array",
                do="put tensors together with tf.stack",
            )
        )
    return Tensor(array_of(value, dtype))


def zeros(shape: object, dtype: object = float32, name: str | None = None, layout: object = None) -> Tensor:
    """Make a tensor of zeros.

    >>> zeros([2])
    <tf.Tensor: shape=(2,), dtype=float32, numpy=array([0., 0.], dtype=float32)>
    """
    return _fill(np.zeros((), as_dtype(dtype).numpy), shape=_sizes_to_make(shape))


def ones(shape: object, dtype: object = float32, name: str | None = None, layout: object = None) -> Tensor:
    """Make a tensor of ones.

    >>> ones([2], tf.int32)
    <tf.Tensor: shape=(2,), dtype=int32, numpy=array([1, 1], dtype=int32)>
    """
    return _fill(np.ones((), as_dtype(dtype).numpy), shape=_sizes_to_make(shape))


def _sizes_to_make(shape: object) -> tuple[int, ...]:
    return sizes_of(convert_to_tensor(shape, dtype=None if isinstance(shape, Tensor) else int32), _fill.native)


def zeros_like(input: object, dtype: object = None, name: str | None = None, layout: object = None) -> Tensor:
    """Make zeros of the shape and, unless told otherwise, the dtype of another value.

    >>> print(zeros_like([1.5, 2.5]))
    tf.Tensor([0. 0.], shape=(2,), dtype=float32)
    """
    like = convert_to_tensor(input)
    return zeros(like.shape, like.dtype if dtype is None else dtype)


def ones_like(input: object, dtype: object = None, name: str | None = None, layout: object = None) -> Tensor:
    """Make ones of the shape and, unless told otherwise, the dtype of another value.

    >>> print(ones_like([1.5, 2.5], dtype=tf.int32))
    tf.Tensor([1 1], shape=(2,), dtype=int32)
    """
    like = convert_to_tensor(input)
    return ones(like.shape, like.dtype if dtype is None else dtype)


def fill(dims: object, value: object, name: str | None = None, layout: object = None) -> Tensor:
    """Make a tensor that repeats one scalar.

    >>> print(fill([3], 7))
    tf.Tensor([7 7 7], shape=(3,), dtype=int32)
    """
    sizes, scalar = sizes_of(dims, _fill.native), convert_to_tensor(value)
    if scalar.shape not in ((), (1,)):
        raise invalid_argument(
            _fill.native,
            f"value must represent a scalar, got shape {bracketed(scalar.shape)}",
            got=f"a value of shape {scalar.shape}",
            expected="one number",
            do="use tf.constant for several values",
        )
    return _fill(reshape(scalar, []), shape=sizes)


_RANGE_ORDER = (int32, int64, *FLOATS)


def range(
    start: object, limit: object = None, delta: object = 1, dtype: object = None, name: str | None = "range"
) -> Tensor:
    """Count from start (0 if only a limit is given) up to but without limit, in steps of delta.

    The dtype is the widest of the three, in the order int32, int64, float16, float32, float64.

    >>> print(range(5), range(1, 2, 0.25))
    tf.Tensor([0 1 2 3 4], shape=(5,), dtype=int32) tf.Tensor([1.   1.25 1.5  1.75], shape=(4,), dtype=float32)
    """
    if limit is None:
        start, limit = 0, start
    wanted = None if dtype is None else as_dtype(dtype)
    bounds = [convert_to_tensor(value, dtype=wanted) for value in (start, limit, delta)]
    if wanted is None:
        for bound in bounds:
            if bound.dtype not in _RANGE_ORDER:
                raise TypeError(
                    f"tf.range counts with numbers, but got {bound!r}; use one of {', '.join(map(repr, _RANGE_ORDER))}."
                )
        wanted = max((bound.dtype for bound in bounds), key=_RANGE_ORDER.index)
    for bound, word in zip(bounds, ("start", "limit", "delta"), strict=True):
        if bound.ndim:
            raise _bad_range(f"{word} must be a scalar, not shape {bracketed(bound.shape)}", bounds)
    first, last, step = (cast(bound, wanted) for bound in bounds)
    return _range(first, last, step, size=_count(first, last, step))


def _count(start: Tensor, limit: Tensor, delta: Tensor) -> int:
    first, last, step = start.array.item(), limit.array.item(), delta.array.item()
    numbers = f"{first:g}/{last:g}"
    if step == 0:
        raise _bad_range(f"Requires delta != 0: {step:g}", (start, limit, delta))
    if step > 0 and not first <= last:
        raise _bad_range(f"Requires start <= limit when delta > 0: {numbers}", (start, limit, delta))
    if step < 0 and not first >= last:
        raise _bad_range(f"Requires start >= limit when delta < 0: {numbers}", (start, limit, delta))
    if start.dtype.is_integer:
        return int(-((first - last) // step))
    steps = np.ceil(np.abs((limit.array - start.array) / delta.array))
    if not steps <= np.iinfo(np.int64).max:
        raise _bad_range("Requires ((limit - start) / delta) <= 9223372036854775807", (start, limit, delta))
    return int(steps)


def _bad_range(asked: str, bounds: Sequence[Tensor]) -> InvalidArgumentError:
    start, limit, delta = (bound.array.tolist() for bound in bounds)
    return invalid_argument(
        "Range",
        asked,
        got=f"start {start}, limit {limit}, delta {delta}",
        expected="three numbers, with steps that lead from start to limit",
        do="swap start and limit, or change the sign of delta",
    )


def linspace(start: object, stop: object, num: object, name: str | None = None, axis: int = 0) -> Tensor:
    """Go from start to stop in `num` equal steps, both included; integers become float64.

    >>> print(linspace(0.0, 1.0, 5))
    tf.Tensor([0.   0.25 0.5  0.75 1.  ], shape=(5,), dtype=float32)
    """
    count = convert_to_tensor(num)
    if count.dtype.is_floating:
        raise TypeError(
            f"Argument `num` must be of type integer. Received `num` = {num!r} of dtype {count.dtype}; round it first."
        )
    first = convert_to_tensor(start)
    last = convert_to_tensor(stop, dtype=first.dtype)
    if first.dtype.is_integer:
        first, last = cast(first, float64), cast(last, float64)
    shape = np.broadcast_shapes(first.array.shape, last.array.shape)
    if int(count) < 0:
        raise _bad_range(f"Requires start <= limit when delta > 0: 1/{int(count)}", (first, last, count))
    wide = [Tensor(np.broadcast_to(end.array, shape)) for end in (first, last)]
    return _linspace(*wide, num=int(count), axis=new_axis(axis, len(shape)))
