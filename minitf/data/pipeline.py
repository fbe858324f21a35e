"""A stage of a pipeline as it is seen from outside, and the iterators over it.

A stage is described by functions: one begins a stream, one describes an element, one counts them. Nothing is computed
before it is asked for, and no tape or function hears of it: elements are constants.
"""

from __future__ import annotations

import collections.abc
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from minitf import nest
from minitf.data.cardinality import INFINITE_CARDINALITY
from minitf.data.structure import Rows
from minitf.dtypes import int64
from minitf.errors import OutOfRangeError
from minitf.recording import unheard, unrepeatable
from minitf.tensor import Tensor, convert_to_tensor

__all__ = ["Iterator", "NumpyIterator", "Pipeline", "Stream"]

Stream = collections.abc.Iterator[Any]


class Pipeline:
    """A stage: TensorFlow's name for it, and three functions.

    `begin` returns a new iterator over the items. These are the elements or, where there are `rows`, the places of the
    elements in them, so that a batch of rows is taken at once. `spec` describes an element, `count` counts them.
    """

    def __init__(
        self, kind: str, begin: Callable[[], Stream], spec: Callable[[], Any], count: Callable[[], int],
        rows: Rows | None = None,
    ) -> None:  # fmt: skip
        """Take the functions."""
        self._kind, self._begin, self._spec, self._count, self._rows = kind, begin, spec, count, rows
        self._specs: list[Any] = []

    @property
    def element_spec(self) -> Any:
        """The specs of an element: a TensorSpec, or a structure of them."""
        if not self._specs:  # functools.cached_property would let threads wait for one another
            self._specs = [self._spec()]
        return self._specs[0]

    def _elements(self) -> Stream:
        return self._begin() if self._rows is None else map(self._rows.__getitem__, self._begin())

    def __iter__(self) -> Iterator:
        """Go through the elements."""
        return Iterator(self)

    def __len__(self) -> int:
        """Return the number of elements; TypeError if it is infinite or not known."""
        count = self._count()
        if count < 0:
            asked = "The dataset is infinite." if count == INFINITE_CARDINALITY else "The dataset length is unknown."
            raise TypeError(f"{asked} Ask cardinality(), or take(n) elements of it.")
        return count

    def __bool__(self) -> bool:
        """Return True, even without elements."""
        return True

    def __repr__(self) -> str:
        """Print as TensorFlow does."""
        return f"<{self._kind} element_spec={self.element_spec}>"

    def cardinality(self, name: str | None = None) -> Tensor:
        """Return the number of elements as an int64, or one of the two constants for infinitely many and unknown.

        >>> print(tf.data.Dataset.range(3).cardinality())
        tf.Tensor(3, shape=(), dtype=int64)
        """
        return convert_to_tensor(self._count(), int64)

    def as_numpy_iterator(self) -> NumpyIterator:
        """Go through the elements, with NumPy arrays, which are read-only, and scalars for the tensors.

        >>> list(tf.data.Dataset.range(3).batch(2).as_numpy_iterator())
        [array([0, 1]), array([2])]
        """
        return NumpyIterator(self)


class Iterator:
    """An iterator over a dataset, as `iter(dataset)` makes it.

    >>> elements = iter(tf.data.Dataset.range(1))
    >>> elements.get_next()
    <tf.Tensor: shape=(), dtype=int64, numpy=0>
    >>> elements.get_next()
    Traceback (most recent call last):
    minitf.errors.OutOfRangeError: End of sequence [Op:IteratorGetNext]; begin anew with iter(dataset).
    """

    def __init__(self, dataset: Pipeline) -> None:
        """Begin."""
        self._dataset = dataset
        self._stream = dataset._elements()
        self._turn = threading.RLock()

    @property
    def element_spec(self) -> Any:
        """The specs of an element."""
        return self._dataset.element_spec

    def __iter__(self) -> Iterator:
        """Return the iterator itself."""
        return self

    def __next__(self) -> Any:
        """Return the next element; StopIteration at the end."""
        unrepeatable("next(iterator) of a dataset")
        with unheard(), self._turn:
            return next(self._stream)

    def next(self) -> Any:
        """Return the next element; StopIteration at the end."""
        return self.__next__()

    def get_next(self) -> Any:
        """Return the next element; OutOfRangeError at the end."""
        try:
            return self.__next__()
        except StopIteration:
            text = "End of sequence [Op:IteratorGetNext]; begin anew with iter(dataset)."
            raise OutOfRangeError(None, None, text) from None


class NumpyIterator(Iterator):
    """An iterator over a dataset that gives NumPy arrays and scalars, as `as_numpy_iterator` makes it.

    >>> tf.data.Dataset.range(3).as_numpy_iterator().next()
    np.int64(0)
    """

    def __next__(self) -> Any:
        """Return the next element; StopIteration at the end, TypeError for datasets among the elements."""
        return nest.map_structure(_plain, super().__next__())

    def __repr__(self) -> str:
        """Print as TensorFlow does."""
        return f"NumpyIterator(iterator={object.__repr__(self)})"


def _plain(leaf: Any) -> Any:
    if not isinstance(leaf, Tensor):
        asked = "`tf.data.Dataset.as_numpy_iterator()` is not supported for datasets that produce values of type"
        raise TypeError(f"{asked} {type(leaf)}; flatten them first with flat_map.")
    return np.asarray(leaf)[()]
