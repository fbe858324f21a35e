"""Changing the shape and dtype of tensors, putting them together and choosing from them.

Shapes and axes are checked here, with TensorFlow's words; the kernels only compute. `name` is taken for
TensorFlow's sake and not used.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from minitf.dtypes import DType, as_dtype, int32, int64
from minitf.dtypes import bool as bool_dtype
from minitf.errors import InvalidArgumentError, explain, invalid_argument
from minitf.op import Op, bracketed, broadcastable, matching
from minitf.ops.axes import integers, new_axis, permutation_of, whole_number
from minitf.tensor import Tensor, convert_to_tensor, holds_tensor, table

__all__ = [
    "cast", "concat", "expand_dims", "identity", "rank", "reshape", "shape", "size", "stack", "transpose", "where",
]  # fmt: skip

_cast = Op("cast", "Cast")
_concat = Op("concat", "ConcatV2")
_expand_dims = Op("expand_dims", "ExpandDims")
_reshape = Op("reshape", "Reshape")
_stack = Op("stack", "Pack")
_transpose = Op("transpose", "Transpose")


class _Select(Op):
    """An op whose first input is a condition, while the others share a dtype."""

    __slots__ = ()

    def check(self, inputs: Sequence[Tensor]) -> None:
        """Refuse a condition that is not bool, and values of different dtypes."""
        condition, *values = inputs
        if not condition.dtype.is_bool:
            raise self.expected(0, condition.dtype, bool_dtype)
        for position, value in enumerate(values, start=1):
            if value.dtype != values[0].dtype:
                raise self.expected(position, value.dtype, values[0].dtype)


_where = _Select("where", "SelectV2")
boolean_mask = _Select("boolean_mask", "GatherV2")


# --- values and dtypes ------------------------------------------------------------------------------------------------


def identity(input: object, name: str | None = None) -> Tensor:
    """Return the value as a tensor.

    >>> print(identity(3))
    tf.Tensor(3, shape=(), dtype=int32)
    """
    return Tensor(convert_to_tensor(input).array)


def cast(x: object, dtype: object, name: str | None = None) -> Tensor:
    """Convert to another dtype; floats to integers by cutting off the fraction, numbers to bool by `!= 0`.

    >>> print(cast([1.7, -1.7], tf.int32))
    tf.Tensor([ 1 -1], shape=(2,), dtype=int32)
    """
    wanted, tensor = as_dtype(dtype), convert_to_tensor(x)
    return tensor if tensor.dtype == wanted else _cast(tensor, dtype=wanted.numpy)


# --- asking ----------------------------------------------------------------------------------------------------------


def shape(input: object, out_type: object = None, name: str | None = None) -> Tensor:
    """Return the sizes of the axes as an int32 tensor.

    >>> print(shape([[1, 2, 3]]))
    tf.Tensor([1 3], shape=(2,), dtype=int32)
    """
    return Tensor(np.array(convert_to_tensor(input).array.shape, _index_dtype(out_type, "Shape").numpy))


def size(input: object, out_type: object = None, name: str | None = None) -> Tensor:
    """Return the number of entries as an int32 tensor.

    >>> print(size([[1, 2, 3]]))
    tf.Tensor(3, shape=(), dtype=int32)
    """
    return Tensor(np.array(convert_to_tensor(input).array.size, _index_dtype(out_type, "Size").numpy))


def rank(input: object, name: str | None = None) -> Tensor:
    """Return the number of axes as an int32 tensor.

    >>> print(rank([[1, 2, 3]]))
    tf.Tensor(2, shape=(), dtype=int32)
    """
    return Tensor(np.array(convert_to_tensor(input).ndim, np.int32))


def _index_dtype(out_type: object, native: str) -> DType:
    dtype = int32 if out_type is None else as_dtype(out_type)
    if dtype not in (int32, int64):
        raise invalid_argument(
            native,
            f"Value for attr 'out_type' of {dtype.native} is not in the list of allowed values: int32, int64",
            got=f"out_type {dtype!r}",
            expected="tf.int32 or tf.int64",
            do="ask for an integer and convert with tf.cast",
        )
    return dtype


# --- shaping ---------------------------------------------------------------------------------------------------------


def transpose(a: object, perm: object = None, conjugate: bool = False, name: str | None = "transpose") -> Tensor:
    """Reorder the axes: reversed, or as `perm` says. `conjugate` changes nothing, as there are no complex numbers.

    >>> print(transpose([[1, 2], [3, 4]]))
    tf.Tensor(
    [[1 3]
     [2 4]], shape=(2, 2), dtype=int32)
    """
    x = convert_to_tensor(a)
    return _transpose(x, perm=None if perm is None else permutation_of(perm, x.ndim))


def reshape(tensor: object, shape: object, name: str | None = None) -> Tensor:
    """Read the same entries in another shape; one size may be -1 and is worked out.

    >>> print(reshape([1, 2, 3, 4], [2, -1]))
    tf.Tensor(
    [[1 2]
     [3 4]], shape=(2, 2), dtype=int32)
    """
    x = convert_to_tensor(tensor)
    return _reshape(x, shape=_worked_out(x, integers(shape, _reshape.native, "the shape")))


def _worked_out(x: Tensor, shape: Tensor) -> tuple[int, ...]:
    """Check the requested shape and replace its -1."""
    if shape.ndim > 1:
        raise _bad_reshape(f"sizes input must be 1-D, not {bracketed(shape.shape)}", x, shape)
    sizes: list[int] = shape.array.reshape(-1).tolist()
    for position, number in enumerate(sizes):
        if number < -1:
            raise _bad_reshape(f"Size {position} must be non-negative, not {number}", x, shape)
    asked = f"Input to reshape is a tensor with {x.array.size} values, but the requested shape"
    if -1 in sizes:
        missing = sizes.index(-1)
        if -1 in sizes[missing + 1 :]:
            second = sizes.index(-1, missing + 1)
            raise _bad_reshape(f"Only one input size may be -1, not both {missing} and {second}", x, shape)
        # Axes of size 0 count on both sides or on neither, so that (0, 2) can become (0, -1).
        ignored = 0 if 0 in sizes else -1
        known = math.prod(number for number in sizes if number > 0)
        sizes[missing] = math.prod(number for number in x.array.shape if number != ignored) // known
        if math.prod(sizes) != x.array.size:
            raise _bad_reshape(f"{asked} requires a multiple of {known}", x, shape)
    if math.prod(sizes) != x.array.size:
        raise _bad_reshape(f"{asked} has {math.prod(sizes)}", x, shape)
    return tuple(sizes)


def _bad_reshape(asked: str, x: Tensor, shape: Tensor) -> InvalidArgumentError:
    return invalid_argument(
        _reshape.native,
        asked,
        got=f"reshape from {x.shape} to {shape.array.tolist()}",
        expected=f"sizes whose product is {x.array.size}, with at most one -1",
        do="compare the products of the two shapes",
    )


def expand_dims(input: object, axis: object, name: str | None = None) -> Tensor:
    """Insert an axis of size 1.

    >>> expand_dims([1, 2], -1).shape
    TensorShape([2, 1])
    """
    x = convert_to_tensor(input)
    return _expand_dims(x, axis=new_axis(axis, x.ndim))


# --- putting together ------------------------------------------------------------------------------------------------


def stack(values: object, axis: int = 0, name: str | None = "stack") -> Tensor:
    """Put values of equal shape side by side along a new axis; ValueError for an axis that cannot be.

    >>> stack([[1, 2], [3, 4]], axis=1).numpy().tolist()
    [[1, 3], [2, 4]]
    """
    if not isinstance(values, (list, tuple, Tensor, np.ndarray)) or not len(values):
        return convert_to_tensor(values)
    ndim = convert_to_tensor(values[0]).ndim + 1
    if not -ndim <= axis < ndim:
        raise ValueError(
            explain(
                f"Argument `axis` = {axis} not in range [{-ndim}, {ndim})",
                got=f"axis {axis} for values with {ndim - 1} axes",
                expected=f"an axis of the result, from {-ndim} to {ndim - 1}",
                do="count the axes of one value, plus the new one",
            )
        )
    if axis == 0 and not holds_tensor(values):
        try:
            return convert_to_tensor(values)
        except (TypeError, ValueError):
            pass  # the values do not convert as a whole; each for itself gives TensorFlow's error
    tensors = matching(list(values))
    _stack.check(tensors)
    for position, tensor in enumerate(tensors):
        if tensor.array.shape != tensors[0].array.shape:
            first, other = bracketed(tensors[0].shape), bracketed(tensor.shape)
            raise invalid_argument(
                _stack.native,
                f"Shapes of all inputs must match: values[0].shape = {first} != values[{position}].shape = {other}",
                got="values of shapes " + ", ".join(str(value.shape) for value in tensors),
                expected="one shape for all",
                do="reshape them first, or put them behind one another with tf.concat",
            )
    return _stack(*tensors, axis=int(axis))


def _pack(values: Sequence[object], dtype: DType | None) -> Tensor:
    """Turn a nested list with tensors in it into one tensor, in the dtype of the first tensor."""
    wanted = _first_tensor(values).dtype if dtype is None else dtype
    return stack([item if isinstance(item, Tensor) else convert_to_tensor(item, dtype=wanted) for item in values])


def _first_tensor(values: Sequence[object]) -> Tensor:
    return next(
        item if isinstance(item, Tensor) else _first_tensor(item)
        for item in values
        if isinstance(item, Tensor) or (isinstance(item, (list, tuple)) and holds_tensor(item))
    )


def concat(values: object, axis: object, name: str | None = "concat") -> Tensor:
    """Put tensors behind one another along an axis they have; their other sizes must be equal.

    >>> print(concat([[1, 2], [3]], axis=0))
    tf.Tensor([1 2 3], shape=(3,), dtype=int32)
    """
    parts = list(values) if isinstance(values, (list, tuple)) else [values]
    if len(parts) == 1:
        return identity(parts[0])
    number = whole_number(axis, _concat.native)
    if not parts:
        raise _bad_concat("ConcatOp : Expected at least one tensor", [], number)
    tensors = matching(parts)
    _concat.check(tensors)
    _check_concat(tensors, number)
    return _concat(*tensors, axis=number)


def _check_concat(tensors: Sequence[Tensor], axis: int) -> None:
    shapes = [tensor.array.shape for tensor in tensors]
    ndim = len(shapes[0])
    if ndim == 0:
        raise _bad_concat("ConcatOp : Can't concatenate scalars (use tf.stack instead)", tensors, axis)
    if not -ndim <= axis < ndim:
        asked = f"ConcatOp : Expected concatenating dimensions in the range [{-ndim}, {ndim}), but got {axis}"
        raise _bad_concat(asked, tensors, axis)
    for position, shape in enumerate(shapes):
        pair = f"shape[0] = {bracketed(shapes[0])} vs. shape[{position}] = {bracketed(shape)}"
        if len(shape) != ndim:
            raise _bad_concat(f"ConcatOp : Ranks of all input tensors should match: {pair}", tensors, axis)
        for dimension, (first, other) in enumerate(zip(shapes[0], shape, strict=True)):
            if dimension != axis % ndim and first != other:
                asked = f"ConcatOp : Dimension {dimension} in both shapes must be equal: {pair}"
                raise _bad_concat(asked, tensors, axis)


def _bad_concat(asked: str, tensors: Sequence[Tensor], axis: int) -> InvalidArgumentError:
    return invalid_argument(
        _concat.native,
        asked,
        got=f"concat along axis {axis} of shapes " + ", ".join(str(tensor.shape) for tensor in tensors),
        expected="tensors with equal sizes on every other axis",
        do="reshape or transpose them first, or make a new axis with tf.stack",
    )


def where(condition: object, x: object = None, y: object = None, name: str | None = None) -> Tensor:
    """Choose from x where the condition holds and from y elsewhere; without x and y, list where it holds (int64).

    >>> print(where([True, False], 1, 2))
    tf.Tensor([1 2], shape=(2,), dtype=int32)
    >>> print(where([False, True, True]))
    tf.Tensor(
    [[1]
     [2]], shape=(2, 1), dtype=int64)
    """
    if x is None and y is None:
        return _places(convert_to_tensor(condition))
    if x is None or y is None:
        raise ValueError("x and y must both be non-None or both be None.")
    chosen = condition if isinstance(condition, Tensor) else convert_to_tensor(condition, dtype=bool_dtype)
    choices = matching((x, y))
    _where.check((chosen, *choices))
    shapes = [tensor.array.shape for tensor in (chosen, *choices)]
    if not broadcastable(*shapes):
        names = zip(("condition", "then", "and else"), shapes, strict=True)
        raise invalid_argument(
            _where.native,
            ", ".join(f"{word} {bracketed(shape)}" for word, shape in names) + " must be broadcastable",
            got="where of shapes " + ", ".join(map(str, shapes)),
            expected="sizes that are equal or 1, compared from the last axis backwards",
            do="reshape one of them, for example with tf.expand_dims",
        )
    return _where(chosen, *choices)


def _places(condition: Tensor) -> Tensor:
    if not condition.ndim:
        raise invalid_argument(
            "Where",
            "WhereOp : Unhandled input dimensions: 0",
            got="where of a scalar",
            expected="a condition with at least one axis",
            do="ask bool(condition), or give x and y to choose from",
        )
    return Tensor(np.argwhere(condition.array).astype(np.int64))


table["pack"] = _pack
