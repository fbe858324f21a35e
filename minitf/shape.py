"""TensorShape: the sizes of a tensor's axes, printed and compared as TensorFlow does.

A plain value; it knows nothing about tensors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import overload

__all__ = ["TensorShape"]


class TensorShape:
    """The sizes of the axes of a tensor; equal to a tuple or list of the same sizes.

    >>> shape = TensorShape([2, 3])
    >>> shape, shape[0], shape.rank, shape == (2, 3)
    (TensorShape([2, 3]), 2, 2, True)
    """

    __slots__ = ("_sizes",)

    def __init__(self, dims: Iterable[int] | int) -> None:
        """Take the sizes; ValueError if one is negative."""
        self._sizes = (int(dims),) if isinstance(dims, int) else tuple(int(size) for size in dims)
        for size in self._sizes:
            if size < 0:
                raise ValueError(
                    f"Dimension {size} must be >= 0, got the shape {self._sizes}; give every axis its size."
                )

    @property
    def rank(self) -> int:
        """Number of axes."""
        return len(self._sizes)

    @property
    def ndims(self) -> int:
        """Number of axes; an older name of `rank`."""
        return len(self._sizes)

    def as_list(self) -> list[int]:
        """Return the sizes as a list.

        >>> TensorShape([2, 3]).as_list()
        [2, 3]
        """
        return list(self._sizes)

    def num_elements(self) -> int:
        """Return the product of the sizes; 1 for a scalar's shape.

        >>> TensorShape([2, 3]).num_elements()
        6
        """
        product = 1
        for size in self._sizes:
            product *= size
        return product

    def __len__(self) -> int:
        """Return the number of axes."""
        return len(self._sizes)

    def __iter__(self) -> Iterator[int]:
        """Go through the sizes."""
        return iter(self._sizes)

    @overload
    def __getitem__(self, key: int) -> int: ...
    @overload
    def __getitem__(self, key: slice) -> TensorShape: ...
    def __getitem__(self, key: int | slice) -> int | TensorShape:
        """Return one size, or the shape of a slice of the axes; IndexError beyond the last axis."""
        return TensorShape(self._sizes[key]) if isinstance(key, slice) else self._sizes[key]

    def __add__(self, other: Iterable[int]) -> TensorShape:
        """Append the axes of another shape."""
        return TensorShape((*self._sizes, *other))

    def __radd__(self, other: Iterable[int]) -> TensorShape:
        """Prepend the axes of another shape."""
        return TensorShape((*other, *self._sizes))

    def __eq__(self, other: object) -> bool:
        """Compare with a shape, a tuple or a list."""
        if isinstance(other, (TensorShape, tuple, list)):
            return self._sizes == tuple(other)
        return NotImplemented

    def __hash__(self) -> int:
        """Hash as the tuple of sizes."""
        return hash(self._sizes)

    def __repr__(self) -> str:
        """Print as `TensorShape([2, 3])`."""
        return f"TensorShape({list(self._sizes)})"

    def __str__(self) -> str:
        """Print as a tuple: `(2, 3)`."""
        return str(self._sizes)
