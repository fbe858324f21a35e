"""Batches that a program makes itself, one at a time; and the form that batches have: x, y and weights."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

__all__ = ["PyDataset", "pack_x_y_sample_weight", "unpack_x_y_sample_weight"]


class PyDataset:
    """Batches by number, made to be subclassed: `__getitem__` makes one, `__len__` or `num_batches` counts them.

    `fit` asks for each batch once an epoch, and calls `on_epoch_begin` and `on_epoch_end`. The arguments are Keras's;
    batches are made in this process, one after the other.

    >>> class Squares(tf.keras.utils.PyDataset):
    ...     def __len__(self):
    ...         return 2
    ...
    ...     def __getitem__(self, index):
    ...         x = tf.range(3.0) + 3.0 * index
    ...         return x, x * x
    >>> for x, y in Squares():
    ...     print(y.numpy())
    [0. 1. 4.]
    [ 9. 16. 25.]
    """

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None:
        """Keep the settings."""
        self.workers, self.use_multiprocessing, self.max_queue_size = workers, use_multiprocessing, max_queue_size

    def __getitem__(self, index: int) -> Any:
        """Return a batch: x, or a tuple of x, y and perhaps weights; subclasses write it."""
        raise NotImplementedError(f"{type(self).__name__} needs __getitem__(self, index), which returns a batch.")

    def __iter__(self) -> Iterator[Any]:
        """Go through the batches once; for ever if nothing counts them."""
        try:
            count = self.num_batches
        except NotImplementedError:
            count = None
        for index in itertools.count() if count is None else range(count):
            yield self[index]

    @property
    def num_batches(self) -> int | None:
        """The number of batches; None for infinitely many."""
        if hasattr(self, "__len__"):
            return len(self)
        asked = "You need to implement the `num_batches` property"
        raise NotImplementedError(f"{asked}: {type(self).__name__} needs it, or __len__(self).")

    def on_epoch_begin(self) -> None:
        """Do something before each epoch."""

    def on_epoch_end(self) -> None:
        """Do something after each epoch, such as shuffling."""


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """Put what belongs to a batch into the tuple that `fit` takes; x alone stays alone, but a list gets a tuple.

    >>> pack_x_y_sample_weight([1], [2]), pack_x_y_sample_weight([1])
    (([1], [2]), ([1],))
    """
    if y is None:
        return (x,) if isinstance(x, tuple | list) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """Take a batch apart into x, y and weights, with None for what it does not have; ValueError for longer tuples.

    >>> unpack_x_y_sample_weight(([1], [2]))
    ([1], [2], None)
    """
    parts = tuple(data) if isinstance(data, list | tuple) else (data,)
    if not 1 <= len(parts) <= 3:
        expected = "`x`, `(x,)`, `(x, y)`, or `(x, y, sample_weight)`"
        raise ValueError(f"Data is expected to be in format {expected}, found: {data}")
    x, y, sample_weight = (*parts, None, None)[:3]
    return x, y, sample_weight
