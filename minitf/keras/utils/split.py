"""split_dataset: data in two parts, one to train with and one to test with."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np

import minitf as tf
from minitf import nest
from minitf.data import Dataset

__all__ = ["split_dataset"]

_Size = int | float | None


def split_dataset(
    dataset: Any, left_size: _Size = None, right_size: _Size = None, shuffle: bool = False, seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Dataset, Dataset]:  # fmt: skip
    """Split an array, a list or tuple of arrays, or a dataset into two datasets; all of it is read into memory.

    The sizes are numbers of elements (int) or shares of them (float); one of them is enough. A dataset of batches is
    split between its elements, and has batches again afterwards. With `shuffle` the elements are shuffled before, in
    the same order for the same `seed`. TypeError or ValueError for data that are none, and for sizes that do not fit.

    >>> train, test = split_dataset((np.arange(6.0), np.arange(6) % 2), left_size=0.5)
    >>> [(float(x), int(y)) for x, y in test]
    [(3.0, 1), (4.0, 0), (5.0, 1)]
    """
    if not isinstance(dataset, list | tuple | np.ndarray | Dataset):
        raise TypeError(
            f"Unsupported dataset type: {type(dataset)}; give an array, a list or tuple of arrays, or a dataset."
        )
    if left_size is None and right_size is None:
        raise ValueError(
            "At least one of the `left_size` or `right_size` must be specified. Received: left_size=None and "
            "right_size=None"
        )
    elements, batch_size = _elements(dataset)
    if not elements:
        raise ValueError(
            "Received an empty dataset. Argument `dataset` must be a non-empty list/tuple of `numpy.ndarray` objects "
            "or `tf.data.Dataset` objects."
        )
    left, right = _sizes(left_size, right_size, len(elements))
    if shuffle:
        random.seed(random.randint(0, int(1e6)) if seed is None else seed)  # as Keras does: later draws are Keras's too
        random.shuffle(elements)
    halves = elements[:left], elements[-right:]
    parts = [Dataset.from_tensor_slices(half if isinstance(dataset, np.ndarray) else _stacked(half)) for half in halves]
    if batch_size:
        parts = [part.batch(batch_size) for part in parts]
    first, second = (part.prefetch(tf.data.AUTOTUNE) for part in parts)
    return first, second


def _elements(dataset: Any) -> tuple[list[Any], int]:
    """List the elements; and tell the size of the batches that they were in, 0 if in none."""
    if isinstance(dataset, np.ndarray):
        return list(dataset), 0
    if isinstance(dataset, Dataset):
        if "Batch" not in dataset._kind:
            return list(dataset.as_numpy_iterator()), 0
        first = next(iter(dataset), None)
        return list(dataset.unbatch().as_numpy_iterator()), 0 if first is None else len(nest.flatten(first)[0])
    kind = type(dataset).__name__
    if not dataset:
        raise ValueError(f"Received an empty list dataset. Please provide a non-empty {kind} of arrays.")
    for place, array in enumerate(dataset):
        if not isinstance(array, np.ndarray):
            raise ValueError(
                f"Expected a {kind} of `numpy.ndarray` objects, Received: {type(array)} at index {place}; make it one "
                "with np.array."
            )
        if len(array) != len(dataset[0]):
            raise ValueError(
                f"Received a {kind} of NumPy arrays with different lengths. Mismatch found at index {place}, Expected "
                f"shape={dataset[0].shape} Received shape={array.shape}; give arrays with one row for each element."
            )
    return list(zip(*dataset, strict=True)), 0


def _stacked(elements: Sequence[Any]) -> Any:
    """Put elements of a structure into the structure of arrays."""
    columns = zip(*(nest.flatten(element) for element in elements), strict=True)
    return nest.pack_sequence_as(elements[0], [np.array(column) for column in columns])


def _sizes(left: _Size, right: _Size, total: int) -> tuple[int, int]:
    """Turn sizes into numbers of elements."""
    named = {"left_size": left, "right_size": right}
    odd = {name: type(size) for name, size in named.items() if size is not None and type(size) not in (int, float)}
    if odd:
        names = " and ".join(f"`{name}`" for name in odd)
        types = " and ".join(f"type({name})={kind}" for name, kind in odd.items())
        plural = "s" * (len(odd) > 1)
        raise TypeError(f"Invalid {names} Type{plural}. Expected: int or float or None, Received: {types}")
    if left == 0 and right == 0:
        raise ValueError(
            "Both `left_size` and `right_size` are zero. At least one of the split sizes must be non-zero."
        )
    for name, size in named.items():
        if size is not None and not 0 < size < (1 if isinstance(size, float) else total):
            raise ValueError(
                f"`{name}` should be either a positive integer smaller than {total}, or a float within the range "
                f"`[0, 1]`. Received: {name}={size}"
            )
    if isinstance(left, float) and isinstance(right, float) and left + right > 1:
        raise ValueError(
            "The sum of `left_size` and `right_size` is greater than 1. It must be less than or equal to 1, but is "
            f"{left} + {right}."
        )
    counts = [round(size * total) if isinstance(size, float) else size for size in (left, right)]
    first = total - (counts[1] or 0) if counts[0] is None else counts[0]
    second = total - first if counts[1] is None else counts[1]
    if first + second > total:
        raise ValueError(
            f"The sum of `left_size` and `right_size` should be smaller than the {total} elements. Received: "
            f"left_size + right_size = {first + second}"
        )
    if not first or not second:
        raise ValueError(
            f"With `dataset` of length={total}, `left_size`={first} and `right_size`={second}. Resulting "
            f"{'right' if first else 'left'} side dataset split will be empty. Adjust any of the aforementioned "
            "parameters"
        )
    return first, second
