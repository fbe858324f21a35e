"""TensorShape: the sizes of a tensor's axes, as far as they are known, printed and compared as TensorFlow does.

A plain value; it knows nothing about tensors.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

__all__ = ["TensorShape"]

_Sizes = tuple[int | None, ...]


class TensorShape:
    """The sizes of the axes of a tensor; None for a size that is not known, or for all if their number is not known.

    It is equal to a tuple or list of the same sizes. Methods that take another shape take a tuple, a list or None too.

    >>> shape = TensorShape([2, None])
    >>> shape, shape[0], shape.rank, shape == (2, None)
    (TensorShape([2, None]), 2, 2, True)
    """

    __slots__ = ("_sizes",)

    def __init__(self, dims: Any) -> None:
        """Take the sizes, one size, or None; TypeError for what is no size, ValueError if one is negative."""
        self._sizes: _Sizes | None
        if type(dims) is tuple:  # the shape of an array, most of the time
            for size in dims:
                if type(size) is not int or size < 0:
                    break
            else:
                self._sizes = dims
                return
        self._sizes = _sizes_of(dims)

    @property
    def rank(self) -> Any:
        """Number of axes, or None."""
        return None if self._sizes is None else len(self._sizes)

    @property
    def ndims(self) -> Any:
        """Number of axes, or None; an older name of `rank`."""
        return self.rank

    @property
    def dims(self) -> list[Any] | None:
        """The sizes as a list, or None; an older way to say `as_list`."""
        return None if self._sizes is None else list(self._sizes)

    def as_list(self) -> list[Any]:
        """Return the sizes as a list; ValueError if the number of axes is not known.

        >>> TensorShape([2, 3]).as_list()
        [2, 3]
        """
        return list(self._known("as_list() is not defined on an unknown TensorShape"))

    def num_elements(self) -> Any:
        """Return the product of the sizes, 1 for a scalar's shape; None if a size is not known.

        >>> TensorShape([2, 3]).num_elements()
        6
        """
        return math.prod(self._sizes) if self.is_fully_defined() else None  # type: ignore[arg-type]

    def is_fully_defined(self) -> bool:
        """Say whether every size is known."""
        return self._sizes is not None and None not in self._sizes

    def assert_is_fully_defined(self) -> None:
        """Check that every size is known; ValueError if not."""
        if not self.is_fully_defined():
            raise ValueError(f"Shape {self} is not fully defined; give every axis its size.")

    # --- two shapes ---

    def is_compatible_with(self, other: Any) -> bool:
        """Say whether one tensor could have both shapes.

        >>> TensorShape([None, 3]).is_compatible_with([2, 3]), TensorShape([2]).is_compatible_with([3])
        (True, False)
        """
        mine, others = self._sizes, as_shape(other)._sizes
        if mine is None or others is None:
            return True
        return len(mine) == len(others) and all(a == b or a is None or b is None for a, b in _pairs(mine, others))

    def assert_is_compatible_with(self, other: Any) -> None:
        """Check that one tensor could have both shapes; ValueError if not."""
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are incompatible; their known sizes must be equal.")

    def merge_with(self, other: Any) -> TensorShape:
        """Put together what two shapes know; ValueError if they contradict.

        >>> TensorShape([None, 3]).merge_with([2, None])
        TensorShape([2, 3])
        """
        other = as_shape(other)
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are not compatible; their known sizes must be equal.")
        if self._sizes is None or other._sizes is None:
            return other if self._sizes is None else self
        return TensorShape(tuple(b if a is None else a for a, b in _pairs(self._sizes, other._sizes)))

    def concatenate(self, other: Any) -> TensorShape:
        """Append the axes of another shape; `+` does the same.

        >>> TensorShape([1]).concatenate([2, 3])
        TensorShape([1, 2, 3])
        """
        mine, others = self._sizes, as_shape(other)._sizes
        return TensorShape(None if mine is None or others is None else (*mine, *others))

    # --- what Python asks ---

    def __len__(self) -> int:
        """Return the number of axes; ValueError if it is not known."""
        return len(self._known("Cannot take the length of shape with unknown rank"))

    def __bool__(self) -> bool:
        """Say whether the number of axes is known."""
        return self._sizes is not None

    def __iter__(self) -> Iterator[Any]:
        """Go through the sizes; ValueError if their number is not known."""
        return iter(self._known("Cannot iterate over a shape with unknown rank"))

    def __getitem__(self, key: Any) -> Any:
        """Return one size, or the shape of a slice of the axes; IndexError beyond the last axis."""
        if self._sizes is None:
            return TensorShape(None) if isinstance(key, slice) else None
        return TensorShape(self._sizes[key]) if isinstance(key, slice) else self._sizes[key]

    def __add__(self, other: Any) -> TensorShape:
        """Append the axes of another shape."""
        return self.concatenate(other)

    def __radd__(self, other: Any) -> TensorShape:
        """Prepend the axes of another shape."""
        return as_shape(other).concatenate(self)

    def __eq__(self, other: object) -> bool:
        """Compare with a shape, or what can become one."""
        try:
            return self._sizes == as_shape(other)._sizes
        except TypeError:
            return NotImplemented

    def __hash__(self) -> int:
        """Hash as the tuple of sizes."""
        return hash(self._sizes)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the sizes."""
        return TensorShape, (self._sizes,)

    def __repr__(self) -> str:
        """Print as `TensorShape([2, None])`."""
        return f"TensorShape({self.dims})"

    def __str__(self) -> str:
        """Print as a tuple: `(2, None)`."""
        return "<unknown>" if self._sizes is None else str(self._sizes)

    def _known(self, asked: str) -> _Sizes:
        if self._sizes is None:
            raise ValueError(f"{asked}; ask rank first, which is None here.")
        return self._sizes


def as_shape(shape: Any) -> TensorShape:
    """Make a TensorShape unless it is one.

    >>> as_shape([2])
    TensorShape([2])
    """
    return shape if isinstance(shape, TensorShape) else TensorShape(shape)


def _pairs(mine: _Sizes, others: _Sizes) -> Iterable[tuple[int | None, int | None]]:
    return zip(mine, others, strict=True)


def _sizes_of(dims: Any) -> _Sizes | None:
    """Read the sizes of a shape that is written in any way."""
    if dims is None:
        return None
    if isinstance(dims, TensorShape):
        return dims._sizes
    return tuple(map(_size, dims)) if isinstance(dims, Iterable) else (_size(dims),)


def _size(value: Any) -> int | None:
    if value is not None and not hasattr(value, "__index__"):
        asked = f"Dimension value must be integer or None or have an __index__ method, got value '{value!r}'"
        raise TypeError(f"{asked} with type '{type(value)}'; write a shape as a list, for example [2, None].")
    if value is not None and value < 0:
        raise ValueError(f"Dimension {value} must be >= 0; write None for a size that is not known.")
    return value if value is None or isinstance(value, int) else int(value.__index__())
