"""Counting how often numbers and pairs of numbers occur.

Counts are scattered over a tensor with a place for each number. `name` is taken for TensorFlow's sake and not used.
"""

from __future__ import annotations

import math

import numpy as np

from minitf.dtypes import as_dtype, int32, int64
from minitf.errors import InvalidArgumentError, invalid_argument
from minitf.ops.array import cast, reshape, squeeze, stack, where
from minitf.ops.comparison import less
from minitf.ops.index import scatter_nd
from minitf.ops.making import ones_like
from minitf.ops.math import add, minimum
from minitf.tensor import Tensor, convert_to_tensor

__all__ = ["bincount", "confusion_matrix"]


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
    x = cast(given, given.dtype if given.dtype.is_integer else int32)
    if weights is not None and binary_output:
        raise ValueError("Arguments `binary_output` and `weights` are mutually exclusive. Please specify only one.")
    if axis not in (None, 0, -1):
        raise ValueError(f"Unsupported value for argument axis={axis}. Only 0 and -1 are currently supported.")
    amounts = ones_like(x, as_dtype(dtype)) if weights is None else convert_to_tensor(weights)
    if amounts.array.shape != x.array.shape:
        raise _uncountable("DenseBincount", "`weights` must be the same shape as `arr`", x)
    if x.array.size and x.array.min() < 0:
        raise _uncountable("DenseBincount", "Input arr must be non-negative!", x)
    if axis == -1 and x.ndim > 2:
        raise _uncountable("DenseBincount", f"Shape must be at most rank 2 but is rank {x.ndim}", x)
    size = _classes(x)
    size = size if minlength is None else max(size, int(convert_to_tensor(minlength)))
    size = size if maxlength is None else min(size, int(convert_to_tensor(maxlength)))
    shape = [*x.array.shape[:-1], size] if axis == -1 else [size]
    row = np.arange(shape[0])[:, None] * size if len(shape) > 1 else 0
    last = math.prod(shape)  # one more place for what is left out, which is cut off again
    places = reshape(where(less(x, size), add(cast(x, int64), row), last), [-1, 1])
    counts = reshape(scatter_nd(places, reshape(amounts, [-1]), (last + 1,))[:last], shape)
    return minimum(counts, 1) if binary_output else counts


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
    count = max(_classes(truth), _classes(guess)) if num_classes is None else int(convert_to_tensor(num_classes))
    for word, x in (("labels", truth), ("predictions", guess)):
        if x.array.size and x.array.min() < 0:
            raise _uncountable("ConfusionMatrix", f"`{word}` contains negative values", x)
        if _classes(x) > count:
            raise _uncountable("ConfusionMatrix", f"`{word}` out of bound", x)
    amounts = ones_like(guess) if weights is None else convert_to_tensor(weights)
    return scatter_nd(stack([truth, guess], 1), cast(amounts, dtype), (count, count))


def _classes(x: Tensor) -> int:
    return int(x.array.max()) + 1 if x.array.size else 0


def _uncountable(native: str, asked: str, x: Tensor) -> InvalidArgumentError:
    return invalid_argument(
        native,
        asked,
        got=f"the numbers {x.array.tolist()}",
        expected="whole numbers from 0 up to, but without, the number of classes",
        do="number the classes from 0",
    )
