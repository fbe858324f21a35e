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
        do = "give an array, a list or tuple of arrays, or a dataset"
        raise TypeError(f"Unsupported dataset type: {type(dataset)}; {do}.")
    if left_size is None and right_size is None:
        asked = "At least one of the `left_size` or `right_size` must be specified."
        raise ValueError(f"{asked} Received: left_size=None and right_size=None")
    elements, batch_size = _elements(dataset)
    if not elements:
        wanted = "a non-empty list/tuple of `numpy.ndarray` objects or `tf.data.Dataset` objects"
        raise ValueError(f"Received an empty dataset. Argument `dataset` must be {wanted}.")
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
            got = f"Received: {type(array)} at index {place}"
            raise ValueError(f"Expected a {kind} of `numpy.ndarray` objects, {got}; make it one with np.array.")
        if len(array) != len(dataset[0]):
            asked = f"Received a {kind} of NumPy arrays with different lengths. Mismatch found at index {place}"
            got = f"Expected shape={dataset[0].shape} Received shape={array.shape}"
            raise ValueError(f"{asked}, {got}; give arrays with one row for each element.")
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
        asked = f"Invalid {' and '.join(f'`{name}`' for name in odd)} Type{'s' * (len(odd) > 1)}."
        types = " and ".join(f"type({name})={kind}" for name, kind in odd.items())
        raise TypeError(f"{asked} Expected: int or float or None, Received: {types}")
    if left == 0 and right == 0:
        asked = "Both `left_size` and `right_size` are zero."
        raise ValueError(f"{asked} At least one of the split sizes must be non-zero.")
    for name, size in named.items():
        if size is not None and not 0 < size < (1 if isinstance(size, float) else total):
            wanted = f"either a positive integer smaller than {total}, or a float within the range `[0, 1]`"
            raise ValueError(f"`{name}` should be {wanted}. Received: {name}={size}")
    if isinstance(left, float) and isinstance(right, float) and left + right > 1:
        asked = "The sum of `left_size` and `right_size` is greater than 1."
        raise ValueError(f"{asked} It must be less than or equal to 1, but is {left} + {right}.")
    counts = [round(size * total) if isinstance(size, float) else size for size in (left, right)]
    first = total - (counts[1] or 0) if counts[0] is None else counts[0]
    second = total - first if counts[1] is None else counts[1]
    if first + second > total:
        asked = f"The sum of `left_size` and `right_size` should be smaller than the {total} elements."
        raise ValueError(f"{asked} Received: left_size + right_size = {first + second}")
    if not first or not second:
        asked = f"With `dataset` of length={total}, `left_size`={first} and `right_size`={second}."
        empty = f"Resulting {'right' if first else 'left'} side dataset split will be empty."
        raise ValueError(f"{asked} {empty} Adjust any of the aforementioned parameters")
    return first, second
