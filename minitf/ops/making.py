"""Making tensors: from values, filled with one number, and in equal steps.

`name` and `layout` are taken for TensorFlow's sake and not used.
"""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np

from minitf.dtypes import FLOATS, NUMBERS, DType, array_of, as_dtype, float32, float64, int32, int64
from minitf.dtypes import bool as bool_dtype
from minitf.op import Mixed, Op, Unary, bracketed
from minitf.operators import Operators
from minitf.ops.array import broadcast_static_shape, broadcast_to, cast, concat, expand_dims, reshape, split, varies
from minitf.ops.axes import certain, check_known, new_axis, sizes_of
from minitf.ops.math import maximum
from minitf.ops.reduction import reduce_max
from minitf.ops.refusal import refuse
from minitf.recording import entries, seen
from minitf.shape import TensorShape
from minitf.size import Size
from minitf.tensor import Tensor, convert_to_tensor, holds_tensor

__all__ = [
    "constant", "eye", "fill", "linspace", "meshgrid", "one_hot", "ones", "ones_like", "range", "sequence_mask",
    "zeros", "zeros_like",
]  # fmt: skip

_fill = Unary("fill", "Fill", lambda dy, y, value, shape: dy)
_frozen = Unary("identity", "Const")  # a constant passes no gradient on, even if it was made of a tensor
_one_hot = Mixed("one_hot", "OneHot")
_range = Op("range", "Range", dtypes=NUMBERS)


def constant(value: object, dtype: object = None, shape: object = None, name: str | None = "Const") -> Tensor:
    """Make a tensor from a number, a nested sequence or a NumPy array; a single number fills `shape`.

    Python floats become float32 and ints int32; a NumPy array keeps its dtype.

    >>> constant([1, 2, 3])
    <tf.Tensor: shape=(3,), dtype=int32, numpy=array([1, 2, 3], dtype=int32)>
    """
    tensor = _constant(value, None if dtype is None else as_dtype(dtype))
    if shape is None:
        return tensor
    wanted = TensorShape(shape)
    if wanted == tensor.shape:
        return tensor
    if math.prod(tensor.sizes) == wanted.num_elements():
        return reshape(_frozen(tensor), wanted)
    if tensor.array.size == 1:
        return _fill(reshape(_frozen(tensor), ()), shape=tuple(wanted))
    raise TypeError(
        "Eager execution of tf.constant with unsupported shape. "
        f"Tensor has {tensor.array.size} elements, but got `shape` {wanted} with {wanted.num_elements()} elements; "
        "change the shape or the values."
    )


def _constant(value: object, dtype: DType | None) -> Tensor:
    if isinstance(value, Operators) and not isinstance(value, Tensor):
        value = np.asarray(value)  # a variable's value, without its gradient
    if isinstance(value, Tensor):
        if dtype is not None and value.dtype != dtype:
            raise TypeError(
                f"Expected tensor with dtype {dtype!r}, but got dtype {value.dtype!r}; use tf.cast(t, {dtype!r})."
            )
        return value
    if holds_tensor(value):
        raise ValueError(
            "Scalar tensor has no `len()`: tf.constant takes numbers, not a list of tensors; "
            "put tensors together with tf.stack."
        )
    return Tensor(array_of(value, dtype))


def zeros(shape: object, dtype: object = float32, name: str | None = None, layout: object = None) -> Tensor:
    """Make a tensor of zeros.

    >>> zeros([2])
    <tf.Tensor: shape=(2,), dtype=float32, numpy=array([0., 0.], dtype=float32)>
    """
    return _made(np.zeros, _sizes_to_make(shape), as_dtype(dtype).numpy)


def ones(shape: object, dtype: object = float32, name: str | None = None, layout: object = None) -> Tensor:
    """Make a tensor of ones.

    >>> ones([2], tf.int32)
    <tf.Tensor: shape=(2,), dtype=int32, numpy=array([1, 1], dtype=int32)>
    """
    return _made(np.ones, _sizes_to_make(shape), as_dtype(dtype).numpy)


def _made(make: Any, sizes: tuple[int, ...], dtype: Any) -> Tensor:
    """Make a constant; an op, if its sizes may be others in a later call of the function that is captured."""
    if varies(sizes):
        return _fill(Tensor(make((), dtype)), shape=sizes)
    return Tensor(make(sizes, dtype))


def _sizes_to_make(shape: object) -> tuple[int, ...]:
    check_known(shape)
    if isinstance(shape, (tuple, list)):
        plain = all(type(size) in (int, Size) for size in shape)
    else:
        plain = isinstance(shape, (int, Operators))
    return sizes_of(shape if plain else convert_to_tensor(shape, dtype=int32), "Fill")


def zeros_like(input: object, dtype: object = None, name: str | None = None, layout: object = None) -> Tensor:
    """Make zeros of the shape and, unless told otherwise, the dtype of another value.

    >>> print(zeros_like([1.5, 2.5]))
    tf.Tensor([0. 0.], shape=(2,), dtype=float32)
    """
    like = convert_to_tensor(input)
    return _made(np.zeros, like.sizes, like.array.dtype if dtype is None else as_dtype(dtype).numpy)


def ones_like(input: object, dtype: object = None, name: str | None = None, layout: object = None) -> Tensor:
    """Make ones of the shape and, unless told otherwise, the dtype of another value.

    >>> print(ones_like([1.5, 2.5], dtype=tf.int32))
    tf.Tensor([1 1], shape=(2,), dtype=int32)
    """
    like = convert_to_tensor(input)
    return _made(np.ones, like.sizes, like.array.dtype if dtype is None else as_dtype(dtype).numpy)


def fill(dims: object, value: object, name: str | None = None, layout: object = None) -> Tensor:
    """Make a tensor that repeats one scalar.

    >>> print(fill([3], 7))
    tf.Tensor([7 7 7], shape=(3,), dtype=int32)
    """
    sizes = sizes_of(dims, _fill.native)
    return _fill(reshape(_scalar(value, _fill.native, "value"), ()), shape=sizes)


def _scalar(value: object, native: str, what: str) -> Tensor:
    scalar = convert_to_tensor(value)
    if scalar.array.shape not in ((), (1,)):
        raise refuse(native, f"{what} must represent a scalar, got shape {bracketed(scalar.shape)}", scalar)
    return scalar


def eye(
    num_rows: object, num_columns: object = None, batch_shape: object = None, dtype: object = float32,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """Make an identity matrix, or a batch of them.

    >>> eye(2, 3).numpy().tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    rows = convert_to_tensor(num_rows)
    columns = rows if num_columns is None else convert_to_tensor(num_columns)
    if rows.ndim or columns.ndim or not (rows.dtype.is_integer and columns.dtype.is_integer):
        raise TypeError(
            "Arguments `num_rows` and `num_columns` must be positive integer values. "
            f"Received: num_rows={num_rows}, num_columns={num_columns}; give whole numbers."
        )
    batch = () if batch_shape is None else tuple(batch_shape)  # type: ignore[arg-type]  # a TypeError, as in TensorFlow
    shape, kind = sizes_of((*batch, entries(rows), entries(columns)), "Fill"), as_dtype(dtype)
    if not varies(shape):
        return Tensor(np.broadcast_to(np.eye(*shape[-2:], dtype=kind.numpy), shape))
    on, off, start, step = (Tensor(np.array(number, kind.numpy)) for number in (1, 0, 0, 1))
    places = cast(_range(start, start, step, size=shape[-2]), int64)
    return broadcast_to(_one_hot(places, on, off, depth=shape[-1], axis=1), shape)


def one_hot(
    indices: object, depth: object, on_value: object = None, off_value: object = None, axis: int | None = None,
    dtype: object = None, name: str | None = None,
) -> Tensor:  # fmt: skip
    """Make rows of `off_value` (0) with `on_value` (1) at the position that each index names; none if it is outside.

    >>> one_hot([2, 0], 3).numpy().tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    places = convert_to_tensor(indices, dtype=int64 if isinstance(indices, (list, tuple)) and not indices else None)
    wanted = None if dtype is None else as_dtype(dtype)
    if wanted is None:
        given = [convert_to_tensor(value).dtype for value in (on_value, off_value) if value is not None]
        wanted = given[0] if given else float32
    on, off = (
        convert_to_tensor(plain if value is None else value, dtype=None if isinstance(value, Operators) else wanted)
        for value, plain in ((on_value, 1), (off_value, 0))
    )
    for value, word in ((on, "on_value"), (off, "off_value")):
        if value.dtype is not wanted:
            raise TypeError(
                f"dtype {value.dtype} of {word} does not match dtype {wanted} of the others; convert it with tf.cast."
            )
        if value.ndim:
            raise refuse("OneHot", f"{word} must be a scalar, but got: {bracketed(value.shape)}", value)
    if not places.dtype.is_integer:
        asked = f"Value for attr 'TI' of {places.dtype.native} is not in the list of allowed values: integers"
        raise refuse("OneHot", asked, places)
    length = convert_to_tensor(depth, dtype=int32)
    count = -1 if length.ndim else entries(length)
    if count < 0:
        word = "a scalar, but" if length.ndim else "non-negative,"
        raise refuse("OneHot", f"depth must be {word} got: {length.array.tolist()}", length)
    at = -1 if axis is None else axis
    if not -1 <= at <= places.ndim:
        raise refuse("OneHot", f"Expected axis to be -1 or between [0, {places.ndim + 1}).  But received: {at}", axis)
    return _one_hot(places, on, off, depth=count, axis=places.ndim if at == -1 else at)


def sequence_mask(
    lengths: object, maxlen: object = None, dtype: object = bool_dtype, name: str | None = None
) -> Tensor:
    """Say for each length which positions come before it: rows that begin with so many True.

    >>> sequence_mask([1, 3]).numpy().tolist()
    [[True, False, False], [True, True, True]]
    """
    ends = convert_to_tensor(lengths)
    last = maximum(reduce_max(ends), 0) if maxlen is None else convert_to_tensor(maxlen)
    if last.ndim:
        raise ValueError(
            f"Argument `maxlen` must be scalar for sequence_mask, received `maxlen` = {maxlen} with shape "
            f"'{last.shape}' instead; give one number."
        )
    positions = range(zeros([], last.dtype), last, ones([], last.dtype))
    return cast(positions < cast(expand_dims(ends, -1), last.dtype), dtype)


def meshgrid(*args: object, **kwargs: object) -> list[Tensor]:
    """Spread vectors over a grid: x along its columns and y along its rows, or the other way with `indexing="ij"`.

    >>> [grid.numpy().tolist() for grid in meshgrid([1, 2], [3, 4])]
    [[[1, 2], [1, 2]], [[3, 3], [4, 4]]]
    """
    indexing = kwargs.pop("indexing", "xy")
    kwargs.pop("name", None)
    for word in kwargs:
        raise TypeError(f"'{word}' is an invalid keyword argument for this function; it takes `indexing` and `name`.")
    if indexing not in ("xy", "ij"):
        raise ValueError(f"Argument `indexing` parameter must be either 'xy' or 'ij', got {indexing!r}.")
    vectors = [reshape(value, [-1]) for value in args]
    _fill.check(vectors) if vectors else None
    axes = [*builtins.range(len(vectors))]
    if indexing == "xy" and len(axes) > 1:
        axes[:2] = 1, 0
    sizes = [0] * len(axes)
    for axis, vector in zip(axes, vectors, strict=True):
        sizes[axis] = vector.sizes[0]
    lines = (reshape(vector, (-1, *[1] * (len(axes) - 1 - axis))) for axis, vector in zip(axes, vectors, strict=True))
    return [broadcast_to(line, tuple(sizes)) for line in lines]


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
            raise refuse("Range", f"{word} must be a scalar, not shape {bracketed(bound.shape)}", *bounds)
    first, last, step = (cast(bound, wanted) for bound in bounds)
    return _range(first, last, step, size=_count(first, last, step))


def _count(start: Tensor, limit: Tensor, delta: Tensor) -> int:
    first, last, step = map(entries if start.dtype.is_integer else _number, (start, limit, delta))
    numbers = f"{first:g}/{last:g}"
    if step == 0:
        raise refuse("Range", f"Requires delta != 0: {step:g}", first, last, step)
    if step > 0 and not first <= last:
        raise refuse("Range", f"Requires start <= limit when delta > 0: {numbers}", first, last, step)
    if step < 0 and not first >= last:
        raise refuse("Range", f"Requires start >= limit when delta < 0: {numbers}", first, last, step)
    if start.dtype.is_integer:
        count: int = -((first - last) // step)
        return count
    steps = np.ceil(np.abs((limit.array - start.array) / delta.array))
    if not steps <= np.iinfo(np.int64).max:
        raise refuse("Range", "Requires ((limit - start) / delta) <= 9223372036854775807", first, last, step)
    return int(steps)


def _number(tensor: Tensor) -> Any:
    seen(tensor, "tf.range(...)")
    return tensor.array.item()


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
    number = int(count) if count.ndim else certain(entries(count), "how many steps there are")
    if number < 0:
        raise refuse("Range", f"Requires start <= limit when delta > 0: 1/{number}", number)
    shape = tuple(broadcast_static_shape(first.sizes, last.sizes))
    at = new_axis(axis, len(shape)) % (len(shape) + 1)
    first, last = (expand_dims(broadcast_to(end, shape), at) for end in (first, last))
    steps = np.arange(1, max(number - 1, 1), dtype=first.array.dtype)
    inner = first + (last - first) / max(number - 1, 1) * steps.reshape(-1, *[1] * (len(shape) - at))
    return split(concat([first, inner, last], at), [number, -1], at)[0]
