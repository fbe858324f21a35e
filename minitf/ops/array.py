"""Changing the shape and dtype of tensors, putting them together and choosing from them.

Shapes and axes are checked here, with TensorFlow's words; the kernels only compute. `name` is taken for
TensorFlow's sake and not used.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import numpy as np

from minitf.dtypes import DType, as_dtype, int32
from minitf.dtypes import bool as bool_dtype
from minitf.op import Mixed, Op, Unary, bracketed, broadcastable, matching
from minitf.operators import Operators, table
from minitf.ops.axes import axis_of, certain, index_dtype, new_axis, numbers, permutation_of, sizes_of, whole_number
from minitf.ops.refusal import refuse
from minitf.recording import thread
from minitf.shape import TensorShape
from minitf.size import Size
from minitf.tensor import Tensor, convert_to_tensor, holds_tensor

__all__ = [
    "broadcast_static_shape", "broadcast_to", "cast", "concat", "ensure_shape",
    "expand_dims", "identity", "rank", "reshape", "shape", "size", "split", "squeeze",
    "stack", "stop_gradient", "sum_to", "transpose", "unstack", "where",
]  # fmt: skip

_broadcast_to = Unary("broadcast_to", "BroadcastTo", lambda dy, y, x, shape: dy)
_cast = Unary("cast", "Cast", lambda dy, y, x, dtype: cast(dy, x.dtype) if x.dtype.is_floating else None)
_concat = Op("concat", "ConcatV2", together=lambda dy, y, *xs, axis: split(dy, [x.sizes[axis] for x in xs], axis))
_ensure_shape = Unary("ensure_shape", "EnsureShape", lambda dy, y, x, shape: dy)
_expand_dims = Unary("expand_dims", "ExpandDims", lambda dy, y, x, axis: reshape(dy, x.sizes))
_identity = Unary("identity", "Identity", lambda dy, y, x: dy)
_places = Op("places", "Where")
_product = Unary("reduce_prod", "Size")
_reshape = Unary("reshape", "Reshape", lambda dy, y, x, shape: reshape(dy, x.sizes))
_shape_of = Unary("shape_of", "Shape")
_split = Op("split", "SplitV", lambda dy, y, x, sizes, axis: concat(dy, axis))
_squeeze = Unary("squeeze", "Squeeze", lambda dy, y, x, axis: reshape(dy, x.sizes))
_stack = Op("stack", "Pack", together=lambda dy, y, *xs, axis: unstack(dy, axis=axis))
_sum_to = Unary("sum_to", "Sum", lambda dy, y, x, shape: broadcast_to(dy, x.sizes))
_stop_gradient = Unary("identity", "StopGradient")
_transpose = Unary("transpose", "Transpose", lambda dy, y, x, perm: transpose(dy, perm and _undone(perm)))
_unstack = Op("unstack", "Unpack", lambda dy, y, x, axis: stack(dy, axis))
_where = Mixed(
    "where", "SelectV2",
    None,
    lambda dy, y, condition, a, b: where(condition, dy, _zero(dy)),
    lambda dy, y, condition, a, b: where(condition, _zero(dy), dy),
)  # fmt: skip


def _undone(perm: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(range(len(perm)), key=perm.__getitem__))


def _zero(like: Tensor) -> Tensor:
    return Tensor(np.zeros((), like.array.dtype))


# --- values and dtypes ------------------------------------------------------------------------------------------------


def identity(input: object, name: str | None = None) -> Tensor:
    """Return the value as a tensor.

    >>> print(identity(3))
    tf.Tensor(3, shape=(), dtype=int32)
    """
    return _identity(input)


def stop_gradient(input: object, name: str | None = None) -> Tensor:
    """Return the value; no gradient flows through.

    >>> x = tf.constant(3.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = x * tf.stop_gradient(x)
    >>> print(tape.gradient(y, x))
    tf.Tensor(3.0, shape=(), dtype=float32)
    """
    return _stop_gradient(input)


def ensure_shape(x: object, shape: object, name: str | None = None) -> Tensor:
    """Return x; InvalidArgumentError if it has another shape, in which None stands for any size.

    >>> print(ensure_shape([1, 2], [None]))
    tf.Tensor([1 2], shape=(2,), dtype=int32)
    """
    wanted = TensorShape(shape)
    return identity(x) if wanted.rank is None else _ensure_shape(x, shape=tuple(wanted))


def cast(x: object, dtype: object, name: str | None = None) -> Tensor:
    """Convert to another dtype; floats to integers by cutting off the fraction, numbers to bool by `!= 0`.

    >>> print(cast([1.7, -1.7], tf.int32))
    tf.Tensor([ 1 -1], shape=(2,), dtype=int32)
    """
    wanted, tensor = as_dtype(dtype), convert_to_tensor(x)
    return tensor if tensor.dtype is wanted else _cast(tensor, dtype=wanted.numpy)


# --- asking ----------------------------------------------------------------------------------------------------------


def shape(input: object, out_type: object = None, name: str | None = None) -> Tensor:
    """Return the sizes of the axes as an int32 tensor.

    >>> print(shape([[1, 2, 3]]))
    tf.Tensor([1 3], shape=(2,), dtype=int32)
    """
    x, dtype = convert_to_tensor(input), index_dtype(out_type, "Shape").numpy
    return _shape_of(x, dtype=dtype) if varies(x.sizes) else Tensor(np.array(x.array.shape, dtype))


def size(input: object, out_type: object = None, name: str | None = None) -> Tensor:
    """Return the number of entries as an int32 tensor.

    >>> print(size([[1, 2, 3]]))
    tf.Tensor(3, shape=(), dtype=int32)
    """
    x, dtype = convert_to_tensor(input), as_dtype(int32 if out_type is None else out_type).numpy
    if varies(x.sizes):
        return _product(_shape_of(x, dtype=dtype), axis=None, keepdims=False)
    return Tensor(np.array(x.array.size, dtype))


def varies(sizes: Sequence[int]) -> bool:
    """Say whether a later call of the function that is captured may have others than these sizes.

    >>> varies((2, 3))
    False
    """
    return thread.capture is not None and any(type(size) is Size for size in sizes)


def rank(input: object, name: str | None = None) -> Tensor:
    """Return the number of axes as an int32 tensor.

    >>> print(rank([[1, 2, 3]]))
    tf.Tensor(2, shape=(), dtype=int32)
    """
    return Tensor(np.array(convert_to_tensor(input).ndim, np.int32))


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
    x = tensor if type(tensor) is Tensor else convert_to_tensor(tensor)
    given = numbers(shape, "Reshape", "the shape")
    sizes = [given] if isinstance(given, int) else given
    if (
        thread.capture is not None
        or not sizes
        or isinstance(sizes[0], list)
        or min(sizes) < 0
        or math.prod(sizes) != x.array.size
    ):
        sizes = _worked_out(x, sizes)
    return _reshape(x, shape=tuple(sizes))


def _worked_out(x: Tensor, shape: list[Any]) -> list[int]:
    """Check the requested shape and replace its -1."""
    if shape and isinstance(shape[0], list):
        raise refuse("Reshape", f"sizes input must be 1-D, not {shape}", x, shape)
    for position, number in enumerate(shape):
        if number < -1:
            raise refuse("Reshape", f"Size {position} must be non-negative, not {number}", x, shape)
    sizes = [*shape]
    count = math.prod(x.sizes)
    asked = f"Input to reshape is a tensor with {count} values, but the requested shape"
    if -1 in sizes:
        missing = sizes.index(-1)
        if -1 in sizes[missing + 1 :]:
            second = sizes.index(-1, missing + 1)
            raise refuse("Reshape", f"Only one input size may be -1, not both {missing} and {second}", x, shape)
        # Axes of size 0 count on both sides or on neither, so that (0, 2) can become (0, -1).
        ignored = 0 if 0 in sizes else -1
        known = math.prod(number for number in sizes if number > 0)
        sizes[missing] = math.prod(number for number in x.sizes if number != ignored) // known
        if type(sizes[missing]) is Size:  # the kernel works it out each time
            sizes[missing] = -1
        elif math.prod(sizes) != count:
            raise refuse("Reshape", f"{asked} requires a multiple of {known}", x, shape)
    elif math.prod(sizes) != count:
        raise refuse("Reshape", f"{asked} has {math.prod(sizes)}", x, shape)
    return sizes


def expand_dims(input: object, axis: object, name: str | None = None) -> Tensor:
    """Insert an axis of size 1.

    >>> expand_dims([1, 2], -1).shape
    TensorShape([2, 1])
    """
    x = convert_to_tensor(input)
    return _expand_dims(x, axis=new_axis(axis, x.ndim) % (x.ndim + 1))


def squeeze(input: object, axis: object = None, name: str | None = None) -> Tensor:
    """Drop the axes of size 1: all of them, or those named.

    >>> squeeze([[[1, 2]]]).shape, squeeze([[[1, 2]]], axis=0).shape
    (TensorShape([2]), TensorShape([1, 2]))
    """
    x = convert_to_tensor(input)
    sizes = x.sizes
    named = numbers([] if axis is None else axis, "Squeeze", "the axis")
    dropped = []
    for number in [named] if isinstance(named, int) else named:
        asked = f"Tried to squeeze dim index {number} for tensor with {len(sizes)} dimensions."
        dropped.append(axis_of(number, len(sizes), "Squeeze", asked))
        if sizes[number] != 1:
            asked = f"Can not squeeze dim[{dropped[-1]}], expected a dimension of 1, got {sizes[number]}"
            raise refuse("Squeeze", asked, x, axis)
    ones = set(dropped) or (i for i, n in enumerate(sizes) if certain(n, "whether an axis has size 1") == 1)
    return _squeeze(x, axis=tuple(ones))


def broadcast_to(input: object, shape: object, name: str | None = None) -> Tensor:
    """Repeat along new axes and along axes of size 1, until the shape is reached.

    >>> broadcast_to([1, 2], [3, 2]).numpy().tolist()
    [[1, 2], [1, 2], [1, 2]]
    """
    x, sizes = convert_to_tensor(input), shape if type(shape) is tuple else sizes_of(shape, "BroadcastTo")
    try:
        if x.array.ndim > len(sizes):
            raise ValueError
        return _broadcast_to(x, shape=sizes)
    except ValueError:
        asked = f"Incompatible shapes: {bracketed(x.shape)} vs. {bracketed(sizes)}"
        if x.ndim > len(sizes):
            asked = f"Rank of input ({x.ndim}) must be no greater than rank of output shape ({len(sizes)})."
        raise refuse("BroadcastTo", asked, x, sizes) from None


def broadcast_static_shape(shape_x: object, shape_y: object) -> TensorShape:
    """Combine two shapes into the one to which both broadcast; ValueError if there is none.

    >>> broadcast_static_shape(tf.TensorShape([2, 1]), tf.TensorShape([3]))
    TensorShape([2, 3])
    """
    x, y = (TensorShape(shape) for shape in (shape_x, shape_y))
    sizes = []
    for m, n in zip_longest(reversed(x.as_list()), reversed(y.as_list()), fillvalue=1):
        if None not in (m, n) and m != n and 1 not in (m, n):
            raise ValueError(
                "Incompatible shapes for broadcasting. Two shapes are compatible if for each dimension pair they are "
                f"either equal or one of them is 1. Received: {x} and {y}."
            )
        known = [size for size in (m, n) if size is not None and size != 1]
        sizes.append(known[0] if known else None if None in (m, n) else 1)
    return TensorShape(reversed(sizes))


def sum_to(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Sum over the axes along which an array of that shape was repeated, which undoes `broadcast_to`.

    >>> print(sum_to(convert_to_tensor([[1, 2], [3, 4]]), (2,)))
    tf.Tensor([4 6], shape=(2,), dtype=int32)
    """
    return _sum_to(x, shape=shape)


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
        raise ValueError(f"Argument `axis` = {axis} not in range [{-ndim}, {ndim}): count the axes of the result.")
    if axis == 0 and not holds_tensor(values):
        try:
            return convert_to_tensor(values)
        except (TypeError, ValueError):
            pass  # the values do not convert as a whole; each for itself gives TensorFlow's error
    tensors = matching(values if isinstance(values, (list, tuple)) else list(values))
    for position, tensor in enumerate(tensors):
        if tensor.array.shape != tensors[0].array.shape:
            first, other = bracketed(tensors[0].shape), bracketed(tensor.shape)
            asked = f"Shapes of all inputs must match: values[0].shape = {first} != values[{position}].shape = {other}"
            raise refuse(_stack.native, asked, *tensors)
    return _stack(*tensors, axis=int(axis) % ndim)


def unstack(value: object, num: int | None = None, axis: int = 0, name: str | None = "unstack") -> list[Tensor]:
    """Take a tensor apart along an axis, which disappears; ValueError for an axis that it does not have.

    >>> [part.numpy().tolist() for part in unstack([[1, 2], [3, 4]], axis=1)]
    [[1, 3], [2, 4]]
    """
    x = convert_to_tensor(value)
    if num is not None:
        axis_of(axis, x.ndim, "Unpack", f"axis = {axis} not in [{-x.ndim}, {x.ndim})")
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(
            f"Argument `axis` = {axis} not in range [{-x.ndim}, {x.ndim}): the tensor has shape {x.shape}."
        )
    if num is not None and num != x.array.shape[axis]:
        raise refuse("Unpack", f"Input shape axis {axis} must equal {num}, got shape {bracketed(x.shape)}", x)
    certain(x.sizes[axis], "how many pieces there are")
    return [*_unstack.several(x, axis=axis % x.ndim)]


def _pack(values: Sequence[object], dtype: DType | None) -> Tensor:
    """Turn a nested list with tensors in it into one tensor, in the dtype of the first tensor."""
    wanted = _first_tensor(values).dtype if dtype is None else dtype
    return stack([item if isinstance(item, Tensor) else convert_to_tensor(item, dtype=wanted) for item in values])


def _first_tensor(values: Sequence[object]) -> Operators:
    return next(
        item if isinstance(item, Operators) else _first_tensor(item)
        for item in values
        if isinstance(item, Operators) or (isinstance(item, (list, tuple)) and holds_tensor(item))
    )


def concat(values: object, axis: object, name: str | None = "concat") -> Tensor:
    """Put tensors behind one another along an axis they have; their other sizes must be equal.

    >>> print(concat([[1, 2], [3]], axis=0))
    tf.Tensor([1 2 3], shape=(3,), dtype=int32)
    """
    parts = list(values) if isinstance(values, (list, tuple)) else [values]
    if len(parts) == 1:
        place = convert_to_tensor(axis).shape
        if place.rank:
            raise ValueError(f"Shape {place} must have rank 0, as an axis; write tf.concat(tensors, axis).")
        return identity(parts[0])
    number = whole_number(axis, _concat.native)
    if not parts:
        raise refuse("ConcatV2", "ConcatOp : Expected at least one tensor", values)
    tensors = matching(parts)
    _check_concat(tensors, number)
    return _concat(*tensors, axis=number % tensors[0].ndim)


def _check_concat(tensors: Sequence[Tensor], axis: int) -> None:
    shapes = [tensor.array.shape for tensor in tensors]
    ndim = len(shapes[0])
    if ndim == 0:
        raise refuse("ConcatV2", "ConcatOp : Can't concatenate scalars (use tf.stack instead)", *tensors)
    if not -ndim <= axis < ndim:
        asked = f"ConcatOp : Expected concatenating dimensions in the range [{-ndim}, {ndim}), but got {axis}"
        raise refuse("ConcatV2", asked, *tensors, f"axis {axis}")
    for position, shape in enumerate(shapes):
        if shape == shapes[0]:
            continue
        pair = f"shape[0] = {bracketed(shapes[0])} vs. shape[{position}] = {bracketed(shape)}"
        if len(shape) != ndim:
            asked = f"ConcatOp : Ranks of all input tensors should match: {pair}"
            raise refuse("ConcatV2", asked, *tensors, f"axis {axis}")
        for dimension, (first, other) in enumerate(zip(shapes[0], shape, strict=True)):
            if dimension != axis % ndim and first != other:
                asked = f"ConcatOp : Dimension {dimension} in both shapes must be equal: {pair}"
                raise refuse("ConcatV2", asked, *tensors, f"axis {axis}")


def split(
    value: object, num_or_size_splits: object, axis: object = 0, num: int | None = None, name: str | None = "split"
) -> list[Tensor]:
    """Cut a tensor along an axis into a number of equal pieces, or into pieces of the sizes given; one may be -1.

    >>> [part.numpy().tolist() for part in split([1, 2, 3, 4], [1, -1])]
    [[1], [2, 3, 4]]
    """
    x, number = convert_to_tensor(value), whole_number(axis, "Split")
    native = "Split" if isinstance(num_or_size_splits, int) else "SplitV"
    if native == "SplitV" and not convert_to_tensor(num_or_size_splits).ndim:
        raise ValueError(
            "Rank-0 tensors are not supported as the num_or_size_splits argument to split. Argument provided: "
            f"{num_or_size_splits}; give a Python integer, or a list of sizes."
        )
    asked = f"-input rank(-{x.ndim}) <= split_dim < input rank ({x.ndim}), but got {number}"
    length = x.sizes[axis_of(number, x.ndim, native, asked)]
    if isinstance(num_or_size_splits, int):
        count = num_or_size_splits
        if count < 1:
            raise refuse(native, f"Value for attr 'num_split' of {count} must be at least minimum 1", x, count)
        if length // count * count != length:
            asked = "Number of ways to split should evenly divide the split dimension, but got split_dim"
            raise refuse(native, f"{asked} {number} (size = {length}) and num_split {count}", x, count)
        sizes = [length // count] * count
    else:
        sizes = _pieces(x, [*numbers(num_or_size_splits, native, "the sizes")], length, num)
    return [*_split.several(x, sizes=tuple(sizes), axis=number % x.ndim)]


def _pieces(x: Tensor, sizes: list[int], length: int, num: int | None) -> list[int]:
    """Check the sizes of pieces and replace their -1."""
    if not sizes or (num is not None and num != len(sizes)):
        asked = f"size of the split_tensor must have the same elements as outputs, got {len(sizes)} elements"
        raise refuse("SplitV", asked, x, sizes)
    if len(sizes) == 1 and sizes[0] != length:
        asked = "If there is only one output, it must have the same size as the input. "
        raise refuse("SplitV", f"{asked}Input size: {length} output size: {sizes[0]}", x, sizes)
    if sizes.count(-1) > 1:
        raise refuse("SplitV", "There can only be one -1 in the input.", x, sizes)
    if -1 in sizes:
        missing = sizes.index(-1)
        sizes[missing] = length - sum(sizes) - 1
    for position, number in enumerate(sizes):
        if number < 0:
            raise refuse("SplitV", f"Split size at index {position} must be >= 0. Got: {number}", x, sizes)
    if sum(sizes) != length:
        asked = "Determined shape must either match input shape along split_dim exactly if fully specified"
        raise refuse("SplitV", asked, x, sizes)
    return sizes


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
        return _positions(convert_to_tensor(condition))
    if x is None or y is None:
        raise ValueError("x and y must both be non-None or both be None.")
    chosen = convert_to_tensor(condition, dtype=None if isinstance(condition, Operators) else bool_dtype)
    choices = matching((x, y))
    if not chosen.dtype.is_bool:
        raise _where.expected(0, chosen.dtype, bool_dtype)
    if choices[0].dtype is not choices[1].dtype:
        raise _where.expected(2, choices[1].dtype, choices[0].dtype)
    shapes = [tensor.array.shape for tensor in (chosen, *choices)]
    if len({*shapes, ()}) > 2 and not broadcastable(*shapes):
        names = zip(("condition", "then", "and else"), shapes, strict=True)
        asked = ", ".join(f"{word} {bracketed(shape)}" for word, shape in names) + " must be broadcastable"
        raise refuse(_where.native, asked, chosen, *choices)
    return _where(chosen, *choices)


def _positions(condition: Tensor) -> Tensor:
    if not condition.ndim:
        raise refuse("Where", "WhereOp : Unhandled input dimensions: 0", condition)
    return _places(condition)


table["pack"] = _pack
table["unstack"] = unstack
