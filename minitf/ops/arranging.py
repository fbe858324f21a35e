"""Repeating, padding, turning round and sorting along axes.

Shapes and axes are checked here, with TensorFlow's words. `name` is taken for TensorFlow's sake and not used.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from minitf.dtypes import NUMBERS
from minitf.errors import InvalidArgumentError
from minitf.op import Mixed, Op, Unary, bracketed
from minitf.operators import Operators
from minitf.ops.array import concat, reshape, sum_to, transpose, unstack
from minitf.ops.axes import axis_of, flat, integers, whole_number
from minitf.ops.index import gather
from minitf.ops.refusal import refuse
from minitf.recording import entries, thread
from minitf.tensor import Tensor, convert_to_tensor

__all__ = ["argsort", "pad", "repeat", "reverse", "roll", "sort", "tile"]

_argsort = Unary("argsort", "TopKV2", dtypes=NUMBERS)
_pad = Op(
    "pad", "PadV2",
    lambda dy, y, x, value, paddings: dy[
        tuple(slice(before, before + n) for n, (before, _) in zip(x.sizes, paddings, strict=True))
    ],
)  # fmt: skip
_reverse: Unary = Unary("reverse", "ReverseV2", lambda dy, y, x, axis: _reverse(dy, axis=axis))
_roll: Unary = Unary(
    "roll", "Roll", lambda dy, y, x, shift, axis: _roll(dy, shift=tuple(-number for number in shift), axis=axis)
)


class _Repeated(Mixed):
    """The op whose kernel refuses to repeat less than 0 times."""

    __slots__ = ()

    def incompatible(self, inputs: Sequence[Tensor]) -> InvalidArgumentError:
        """Build the error for negative counts."""
        return refuse(self.native, f"Expected multiples[1] >= 0, but got {inputs[0].array.min()}", *inputs)


_repeated_places = _Repeated("repeated_places", "Tile")
_tile = Unary("tile", "Tile", lambda dy, y, x, multiples: _untiled(dy, x.sizes, multiples))


def _untiled(dy: Tensor, shape: tuple[int, ...], multiples: tuple[int, ...]) -> Tensor:
    pairs = [size for pair in zip(multiples, shape, strict=True) for size in pair]
    kept = tuple(size for n in shape for size in (1, n))
    return reshape(sum_to(reshape(dy, pairs), kept), shape)


def tile(input: object, multiples: object, name: str | None = None) -> Tensor:
    """Repeat the whole tensor, so many times along each axis.

    >>> print(tile([1, 2], [3]))
    tf.Tensor([1 2 1 2 1 2], shape=(6,), dtype=int32)
    """
    x, times = convert_to_tensor(input), integers(multiples, "Tile", "multiples")
    if times.ndim != 1:
        raise refuse("Tile", f"Expected multiples to be 1-D, but got shape {bracketed(times.shape)}", x, multiples)
    counts = entries(times)
    if len(counts) != x.ndim:
        asked = f"Expected multiples argument to be a vector of length {x.ndim} but got length {len(counts)}"
        raise refuse("Tile", asked, x, multiples)
    for position, count in enumerate(counts):
        if count < 0:
            raise refuse("Tile", f"Expected multiples[{position}] >= 0, but got {count}", x, multiples)
    return _tile(x, multiples=tuple(counts))


def repeat(input: object, repeats: object, axis: int | None = None, name: str | None = None) -> Tensor:
    """Repeat each entry along an axis: all equally often, or each as `repeats` says; flattened without an axis.

    >>> print(repeat([7, 8], [2, 1]))
    tf.Tensor([7 7 8], shape=(3,), dtype=int32)
    """
    x, times = convert_to_tensor(input), convert_to_tensor(repeats)
    if not times.dtype.is_integer:
        raise TypeError(
            f"Argument `tensor` (name: repeats) must be of type integer. Received `tensor` = {repeats} of dtype: "
            f"{times.dtype}; repeat a whole number of times."
        )
    if times.ndim > 1:
        raise ValueError(f"Shape {times.shape} must have rank at most 1; give `repeats` one number for each entry.")
    if axis is None or not x.ndim:
        x, axis = reshape(x, [-1]), 0 if axis is None else axis
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"axis={axis} out of bounds: expected {-x.ndim}<=axis<{x.ndim} for the shape {x.shape}.")
    size, given = x.sizes[axis], math.prod(times.sizes)
    if given not in (1, size):
        raise ValueError(
            f"Dimensions {size} and {given} are not compatible: give `repeats` one number, or one for each entry."
        )
    return gather(x, _repeated_places(times, size=size), axis=axis)


def pad(
    tensor: object, paddings: object, mode: str = "CONSTANT", constant_values: object = 0, name: str | None = None
) -> Tensor:
    """Put entries before and after, so many along each axis: of one value, or mirrored.

    REFLECT leaves out the entry at the edge, SYMMETRIC repeats it.

    >>> print(pad([1, 2, 3], [[1, 2]]), pad([1, 2, 3], [[2, 0]], "REFLECT"))
    tf.Tensor([0 1 2 3 0 0], shape=(6,), dtype=int32) tf.Tensor([3 2 1 2 3], shape=(5,), dtype=int32)
    """
    x, kind = convert_to_tensor(tensor), mode.upper()
    if kind not in ("CONSTANT", "REFLECT", "SYMMETRIC"):
        raise ValueError(
            'Value of argument `mode` expected to be one of "CONSTANT", "REFLECT", or "SYMMETRIC". '
            f"Received `mode` = {mode}"
        )
    value = _padding(x, constant_values if kind == "CONSTANT" else 0)
    native = "Pad" if kind == "CONSTANT" else "MirrorPad"
    amounts = integers(paddings, native, "paddings")
    given = amounts.array.shape
    if len(given) != 2 or given[1] != 2:
        raise refuse(native, f"paddings must be a matrix with 2 columns: {bracketed(given)}", x, paddings)
    if given[0] != x.ndim:
        asked = f"The first dimension of paddings must be the rank of inputs{bracketed(given)} "
        raise refuse(native, asked + bracketed(x.shape), x, paddings)
    rows = amounts.array.tolist() if thread.capture is None else map(entries, unstack(amounts))
    sides = tuple(map(tuple, rows))
    for size, (before, after) in zip(x.sizes, sides, strict=True):
        if before < 0 or after < 0:
            raise refuse(native, f"Paddings must be non-negative: {before} {after}", x, paddings)
        if kind == "REFLECT" and (before >= size or after >= size):
            asked = f"paddings must be less than the dimension size: {before}, {after} not less than {size}"
            raise refuse(native, asked, x, paddings)
        if kind == "SYMMETRIC" and (before > size or after > size):
            asked = f"paddings must be no greater than the dimension size: {before}, {after} greater than {size}"
            raise refuse(native, asked, x, paddings)
    if kind != "CONSTANT":
        return _mirrored(x, sides, kind)
    if value.ndim:
        raise refuse("PadV2", f"constant_values must be a scalar. Found: {bracketed(value.shape)}", x, constant_values)
    return _pad(x, value, paddings=sides)


def _padding(x: Tensor, constant: object) -> Tensor:
    if isinstance(constant, (int, float)) and constant == 0:
        return Tensor(np.zeros((), x.array.dtype))
    return convert_to_tensor(constant, dtype=None if isinstance(constant, Operators) else x.dtype)


def _mirrored(x: Tensor, sides: tuple[tuple[int, int], ...], mode: str) -> Tensor:
    """Put what the mirror would show before and after, one axis after the other."""
    edge = 1 if mode == "REFLECT" else 0
    for axis, (before, after) in enumerate(sides):
        if before != 0 or after != 0:
            whole = (slice(None),) * axis
            first = x[(*whole, slice(edge, edge + before))]
            last = x[(*whole, slice(x.sizes[axis] - edge - after, x.sizes[axis] - edge))]
            x = concat([_reverse(first, axis=(axis,)), x, _reverse(last, axis=(axis,))], axis)
    return x


def reverse(tensor: object, axis: object, name: str | None = None) -> Tensor:
    """Turn the order round along the axes of a list.

    >>> print(reverse([1, 2, 3], [0]))
    tf.Tensor([3 2 1], shape=(3,), dtype=int32)
    """
    x, given = convert_to_tensor(tensor), integers(axis, "ReverseV2", "the axis")
    if given.ndim != 1:
        raise refuse("ReverseV2", f"'dims' must be 1-dimension, not {given.ndim}", x, axis)
    axes: list[int] = []
    for position, number in enumerate(flat(given) if x.array.ndim and x.array.size else ()):
        asked = f"'axis'[{position}] = {number} is out of valid range [0, {x.ndim - 1}]"
        axes.append(axis_of(number, x.ndim, "ReverseV2", asked))
        if axes.count(axes[-1]) > 1:
            raise refuse("ReverseV2", f"axis {axes[-1]} specified more than once.", x, axis)
    return _reverse(x, axis=tuple(axes))


def roll(input: object, shift: object, axis: object, name: str | None = None) -> Tensor:
    """Move the entries along an axis, or several; those that fall off the end come back at the start.

    >>> print(roll([1, 2, 3], 1, 0))
    tf.Tensor([3 1 2], shape=(3,), dtype=int32)
    """
    x = convert_to_tensor(input)
    shifts, axes = integers(shift, "Roll", "the shift"), integers(axis, "Roll", "the axis")
    if not x.ndim:
        raise refuse("Roll", "input must be 1-D or higher", x, shift)
    for tensor, word in ((shifts, "shift"), (axes, "axis")):
        if tensor.ndim > 1:
            asked = f"{word} must be a scalar or a 1-D vector. Found: {bracketed(tensor.shape)}"
            raise refuse("Roll", asked, x, tensor.array.tolist())
    if shifts.array.shape != axes.array.shape:
        raise refuse("Roll", "shift and axis must have the same size", x, f"shift {shift} and axis {axis}")
    numbers = [axis_of(n, x.ndim, "Roll", f"axis {n} is out of range") for n in flat(axes)]
    return _roll(x, shift=tuple(flat(shifts)), axis=tuple(numbers))


# --- sorting ---------------------------------------------------------------------------------------------------------


def argsort(
    values: object, axis: object = -1, direction: str = "ASCENDING", stable: bool = False, name: str | None = None
) -> Tensor:
    """Name the places of the entries in rising order, or "DESCENDING"; equal entries stay in the order they come.

    >>> print(argsort([30, 10, 20]))
    tf.Tensor([1 2 0], shape=(3,), dtype=int32)
    """
    x = convert_to_tensor(values)
    return _argsort(x, axis=_sorted_axis(x, axis, direction), descending=direction == "DESCENDING")


def sort(values: object, axis: object = -1, direction: str = "ASCENDING", name: str | None = None) -> Tensor:
    """Sort along an axis in rising order, or "DESCENDING".

    >>> print(sort([30, 10, 20]))
    tf.Tensor([10 20 30], shape=(3,), dtype=int32)
    """
    x = convert_to_tensor(values)
    number = _sorted_axis(x, axis, direction)
    order = [i for i in range(x.ndim) if i != number] + [number]
    last = x if number == x.ndim - 1 else transpose(x, order)
    taken = gather(last, argsort(last, -1, direction), axis=-1, batch_dims=x.ndim - 1)
    return taken if last is x else transpose(taken, [order.index(i) for i in range(x.ndim)])


def _sorted_axis(x: Tensor, axis: object, direction: str) -> int:
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError(
            f"Argument `direction` should be one of ASCENDING, DESCENDING. Received: direction={direction}"
        )
    if isinstance(axis, (list, tuple)):
        raise ValueError(f"Argument `axis` must be a constant scalar. Received: axis={axis}.")
    number = whole_number(axis, "TopKV2")
    beyond = number if number >= 0 else number + x.ndim
    return axis_of(number, x.ndim, "StridedSlice", f"slice index {beyond} of dimension 0 out of bounds.")
