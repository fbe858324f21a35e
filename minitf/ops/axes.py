"""Reading shapes, axes and permutations that a caller wrote as numbers, lists or tensors.

What comes back are plain Python numbers that the kernels can use, and `Size`s for those that may differ in a later call
of a captured function; what is wrong is said in TensorFlow's words.
"""

from __future__ import annotations

from typing import Any

from minitf.dtypes import DType, as_dtype, int32, int64
from minitf.op import bracketed
from minitf.ops.refusal import refuse
from minitf.recording import entries, thread
from minitf.size import Size, Unknowable
from minitf.tensor import Tensor, convert_to_tensor

__all__ = [
    "axes_of", "axis_of", "certain", "check_known", "flat", "index_dtype", "integers", "new_axis", "numbers",
    "permutation_of", "sizes_of", "whole_number",
]  # fmt: skip


def integers(value: object, native: str, what: str) -> Tensor:
    """Convert to an int32 or int64 tensor; InvalidArgumentError for other dtypes, TypeError for a Python float.

    >>> integers([2, 3], "Reshape", "the shape").dtype
    tf.int32
    """
    empty = isinstance(value, (list, tuple)) and not value
    tensor = convert_to_tensor(value, dtype=int32 if empty or isinstance(value, float) else None)
    if tensor.dtype not in (int32, int64):
        asked = f"Value for attr of {what} of {tensor.dtype.native} is not in the list of allowed values: int32, int64"
        raise refuse(native, asked, value)
    return tensor


def numbers(value: object, native: str, what: str) -> Any:
    """Read whole numbers as `integers` does, as an int or a list, which is quick for those that are one already.

    >>> numbers(3, "Reshape", "the shape"), numbers((2, 3), "Reshape", "the shape")
    (3, [2, 3])
    """
    kind = type(value)
    if kind is int or kind is Size:
        return value
    if kind is list or kind is tuple:
        for number in value:  # type: ignore[attr-defined]  # a list or tuple
            if type(number) is not int and type(number) is not Size:
                break
        else:
            return [*value]  # type: ignore[misc]
    check_known(value)
    return entries(integers(value, native, what))


def check_known(value: object) -> None:
    """Refuse, with a TypeError, a size of None, which is what a function knows of it while it is traced."""
    if thread.capture is not None and isinstance(value, (list, tuple)) and any(part is None for part in value):
        asked = "Expected int32, but got None of type 'NoneType'"
        raise TypeError(f"{asked}: that size is not known while a function is traced; use tf.shape(t)[i] for it.")


def flat(tensor: Tensor) -> list[int]:
    """Read all whole numbers of a tensor into one list.

    >>> flat(convert_to_tensor([[1, 2], [3, 4]]))
    [1, 2, 3, 4]
    """
    found = entries(tensor)
    for _ in range(tensor.ndim - 1):
        found = [number for row in found for number in row]
    return found if tensor.ndim else [found]


def certain(size: int, what: str) -> int:
    """Return a size on which it depends which ops run; Unknowable, which `what` explains, if it may be another one.

    >>> certain(3, "how many rows there are")
    3
    """
    if type(size) is Size:
        raise Unknowable(what)
    return size


def axis_of(axis: int, ndim: int, native: str, asked: str | None = None) -> int:
    """Count an axis from 0; InvalidArgumentError beyond the axes there are.

    >>> axis_of(-1, 3, "Split")
    2
    """
    if not -ndim <= axis < ndim:
        asked = asked or f"Expected an axis in the range [{-ndim}, {ndim}), but got {axis}"
        raise refuse(native, asked, f"axis {axis} of {ndim}")
    return axis % ndim


def index_dtype(out_type: object, native: str) -> DType:
    """Find the dtype for sizes and positions: int32 unless int64 is asked for.

    >>> index_dtype(None, "Shape")
    tf.int32
    """
    dtype = int32 if out_type is None else as_dtype(out_type)
    if dtype not in (int32, int64):
        asked = f"Value for attr 'out_type' of {dtype.native} is not in the list of allowed values: int32, int64"
        raise refuse(native, asked, out_type)
    return dtype


def whole_number(value: object, native: str) -> int:
    """Read one axis; InvalidArgumentError unless it is a single whole number.

    >>> whole_number([1], "ConcatV2")
    1
    """
    if type(value) is int:
        return value
    tensor = integers(value, native, "the axis")
    if tensor.array.size != 1:
        raise refuse(native, "'dim' must be a tensor with a single value", value)
    return flat(tensor)[0]


def new_axis(axis: object, ndim: int) -> int:
    """Read the position of an axis to be inserted into a tensor with `ndim` axes.

    >>> new_axis(-1, 2)
    -1
    """
    number = whole_number(axis, "ExpandDims")
    if not -ndim - 1 <= number <= ndim:
        asked = f"Tried to expand dim index {number} for tensor with {ndim} dimensions."
        raise refuse("ExpandDims", asked, f"axis {number}")
    return number


def sizes_of(dims: object, native: str) -> tuple[int, ...]:
    """Read the shape of a tensor to be made; InvalidArgumentError for negative sizes.

    >>> sizes_of(3, "Fill"), sizes_of([2, 3], "Fill")
    ((3,), (2, 3))
    """
    given = numbers(dims, native, "the shape")
    sizes = (given,) if isinstance(given, int) else tuple(given)
    if sizes and isinstance(sizes[0], list):
        raise refuse(native, f"dims must represent a vector, got shape {bracketed((len(sizes), len(sizes[0])))}", given)
    for size in sizes:
        if size < 0:
            raise refuse(native, f"Dimension {size} must be >= 0", sizes)
    return sizes


def axes_of(axis: object, ndim: int, native: str) -> tuple[int, ...] | None:
    """Read the axes of a reduction as numbers from 0; None stands for all.

    >>> axes_of([-1, 0], 3, "Sum")
    (2, 0)
    """
    if axis is None:
        return None
    if type(axis) is int and -ndim <= axis < ndim:
        return (axis % ndim,)
    axes = flat(integers(axis, native, "the axis"))
    for number in axes:
        if not -ndim <= number < ndim:
            asked = f"Invalid reduction dimension ({number} for input with {ndim} dimension(s)"
            raise refuse(native, asked, f"axis {axis!r} of {ndim}")
    positive = tuple(number % ndim for number in axes)
    for number in positive:
        if positive.count(number) > 1:
            raise refuse(native, f"Invalid reduction arguments: Axes contains duplicate dimension: {number}", axis)
    return positive


def permutation_of(perm: object, ndim: int) -> tuple[int, ...]:
    """Read a new order of the axes as numbers from 0.

    >>> permutation_of([-1, 0], 2)
    (1, 0)
    """
    order = numbers(perm, "Transpose", "perm")
    if isinstance(order, int) or (order and isinstance(order[0], list)):
        raise refuse("Transpose", f"perm must be rank 1, got {order}", f"perm {perm} of {ndim} axes")
    if len(order) != ndim:
        asked = f"transpose expects a vector of size {ndim}. But input(1) is a vector of size {len(order)}"
        raise refuse("Transpose", asked, f"perm {perm} of {ndim} axes")
    for number in order:
        if not -ndim <= number < ndim:
            raise refuse("Transpose", f"{number} is out of range [0 .. {ndim})", f"perm {perm} of {ndim} axes")
    positive = tuple(number % ndim for number in order)
    for number in range(ndim):
        if number not in positive:
            asked = f"{number} is missing from {{{','.join(map(str, positive))}}}."
            raise refuse("Transpose", asked, f"perm {perm} of {ndim} axes")
    return positive
