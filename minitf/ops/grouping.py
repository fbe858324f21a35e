"""Adding up entries group by group: each entry comes with the number of its group.

All of these scatter the entries over a tensor with a place for each group, so that gradients flow back as through
`scatter_nd`. `name` is taken for TensorFlow's sake and not used.
"""

from __future__ import annotations

from minitf.dtypes import as_dtype, int32, int64
from minitf.errors import InvalidArgumentError, invalid_argument
from minitf.op import bracketed
from minitf.ops.array import cast, expand_dims, reshape, squeeze, stack, where
from minitf.ops.axes import integers
from minitf.ops.comparison import less
from minitf.ops.index import scatter_nd
from minitf.ops.making import fill, ones_like
from minitf.ops.making import range as range_of
from minitf.ops.math import minimum
from minitf.tensor import Tensor, convert_to_tensor

__all__ = ["bincount", "confusion_matrix", "segment_sum", "unsorted_segment_sum"]


def segment_sum(data: object, segment_ids: object, name: str | None = None) -> Tensor:
    """Add up the rows of each group; the numbers of the groups must ascend.

    >>> print(segment_sum([1, 2, 3], [0, 0, 2]))
    tf.Tensor([3 0 3], shape=(3,), dtype=int32)
    """
    x, ids = convert_to_tensor(data), integers(segment_ids, "SegmentSum", "the segments")
    numbers = ids.array.reshape(-1).tolist()
    if ids.ndim != 1:
        raise _bad_groups("SegmentSum", "segment_ids should be a vector.", x, ids)
    if x.array.shape[:1] != ids.array.shape:
        raise _bad_groups("SegmentSum", "segment_ids should be the same size as dimension 0 of input.", x, ids)
    if numbers != sorted(numbers):
        raise _bad_groups("SegmentSum", "segment ids are not increasing", x, ids)
    if numbers and numbers[0] < 0:
        raise _bad_groups("SegmentSum", f"Segment id {numbers[0]} out of range", x, ids)
    return _summed("SegmentSum", x, ids, numbers[-1] + 1 if numbers else 0)


def unsorted_segment_sum(data: object, segment_ids: object, num_segments: object, name: str | None = None) -> Tensor:
    """Add up the entries of each group; those with a negative number are left out.

    >>> print(unsorted_segment_sum([1, 2, 3], [1, 0, 1], 2))
    tf.Tensor([2 4], shape=(2,), dtype=int32)
    """
    native = "UnsortedSegmentSum"
    x, ids = convert_to_tensor(data), integers(segment_ids, native, "the segments")
    count = integers(num_segments, native, "the number of segments").array
    if count.ndim:
        raise _bad_groups(native, f"num_segments should be a scalar, not shape {bracketed(count.shape)}", x, ids)
    if count < 0:
        raise _bad_groups(native, f"Input num_segments == {count} must not be negative.", x, ids)
    shapes = x.array.shape, ids.array.shape
    if shapes[0][: ids.ndim] != shapes[1]:
        asked = f"data.shape = {bracketed(shapes[0])} does not start with segment_ids.shape = {bracketed(shapes[1])}"
        raise _bad_groups(native, asked, x, ids)
    return _summed(native, x, ids, int(count))


def _summed(native: str, x: Tensor, ids: Tensor, count: int) -> Tensor:
    if ids.array.size and ids.array.max() >= count:
        raise _bad_groups(native, f"segment_ids = {ids.array.max()} is out of range [0, {count})", x, ids)
    places = where(less(ids, 0), count, ids)  # negative numbers go to one more place, which is cut off again
    summed: Tensor = scatter_nd(expand_dims(places, -1), x, (count + 1, *x.array.shape[ids.ndim :]))[:count]
    return summed


def _bad_groups(native: str, asked: str, x: Tensor, ids: Tensor) -> InvalidArgumentError:
    return invalid_argument(
        native,
        asked,
        got=f"data of shape {x.shape} in the groups {ids.array.tolist()}",
        expected="the number of a group for each entry, from 0 up to the number of groups",
        do="compare the shapes, and the largest number with the number of groups",
    )


def bincount(
    arr: object, weights: object = None, minlength: object = None, maxlength: object = None, dtype: object = int32,
    name: str | None = None, axis: object = None, binary_output: bool = False,
) -> Tensor:  # fmt: skip
    """Count how often 0, 1, 2, ... occur, or add up their weights; with axis=-1, in each row by itself.

    `binary_output` says 1 for what occurs at all. Numbers from `maxlength` on are left out.

    >>> print(bincount([1, 1, 3]), bincount([1, 1, 3], weights=[0.5, 1.0, 2.0]))
    tf.Tensor([0 2 0 1], shape=(4,), dtype=int32) tf.Tensor([0.  1.5 0.  2. ], shape=(4,), dtype=float32)
    """
    given = convert_to_tensor(arr)
    x = given if given.dtype.is_integer else cast(given, int32)
    if weights is not None and binary_output:
        raise ValueError("Arguments `binary_output` and `weights` are mutually exclusive. Please specify only one.")
    if axis not in (None, 0, -1):
        raise ValueError(f"Unsupported value for argument axis={axis}. Only 0 and -1 are currently supported.")
    amounts = ones_like(x, as_dtype(dtype)) if weights is None else convert_to_tensor(weights)
    if amounts.array.shape != x.array.shape:
        raise _bad_groups("DenseBincount", "`weights` must be the same shape as `arr`", amounts, x)
    if x.array.size and x.array.min() < 0:
        raise _bad_groups("DenseBincount", "Input arr must be non-negative!", amounts, x)
    size = int(x.array.max()) + 1 if x.array.size else 0
    size = size if minlength is None else max(size, int(convert_to_tensor(minlength)))
    size = size if maxlength is None else min(size, int(convert_to_tensor(maxlength)))
    rows = x.array.shape[0] if axis == -1 and x.ndim > 1 else 1
    row = reshape(range_of(rows, dtype=int64), [rows, *[1] * max(x.ndim - 1, 0)]) * size
    places = where(less(x, size), cast(x, int64) + row, -1)
    counts = unsorted_segment_sum(amounts, reshape(places, x.array.shape), rows * size)
    counts = minimum(counts, 1) if binary_output else counts
    return reshape(counts, [rows, size]) if axis == -1 and x.ndim > 1 else counts


def confusion_matrix(
    labels: object, predictions: object, num_classes: object = None, weights: object = None, dtype: object = int32,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """Count how often each class (the rows) was taken for each class (the columns), or add up the weights.

    >>> print(confusion_matrix([0, 1, 1], [0, 1, 0]))
    tf.Tensor(
    [[1 0]
     [1 1]], shape=(2, 2), dtype=int32)
    """
    truth, guess = (cast(convert_to_tensor(x), int64) for x in (labels, predictions))
    if truth.ndim - guess.ndim == 1:
        truth = squeeze(truth, [-1])
    elif guess.ndim - truth.ndim == 1:
        guess = squeeze(guess, [-1])
    highest = max((int(x.array.max()) for x in (truth, guess) if x.array.size), default=-1)
    count = highest + 1 if num_classes is None else int(convert_to_tensor(num_classes))
    for word, x in (("labels", truth), ("predictions", guess)):
        if x.array.size and x.array.min() < 0:
            raise _bad_groups("ConfusionMatrix", f"`{word}` contains negative values", x, x)
        if x.array.size and x.array.max() >= count:
            raise _bad_groups("ConfusionMatrix", f"`{word}` out of bound", x, x)
    amounts = fill(guess.shape, cast(1, dtype)) if weights is None else cast(convert_to_tensor(weights), dtype)
    return scatter_nd(stack([truth, guess], 1), amounts, (count, count))
