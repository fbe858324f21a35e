"""Layers that make one tensor from several: sums, products, extremes, and one behind the other.

Each is there as a function too: `add([x, y])` is `Add()([x, y])`.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import minitf as tf
from minitf.keras.layers.described import Described

__all__ = [
    "Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract", "add", "average",
    "concatenate", "dot", "maximum", "minimum", "multiply", "subtract",
]  # fmt: skip

Shape = tuple[int | None, ...]


class _Merge(Described):
    """Takes a list of tensors of one batch size whose other axes broadcast; ValueError if they do not."""

    _merge: ClassVar[Any]  # of two

    def build(self, input_shape: Any) -> None:
        """Check the shapes."""
        self.compute_output_shape(_shapes(input_shape))

    def call(self, inputs: Any) -> Any:
        """Merge, after axes of size 1 are put behind the first of those that have fewer."""
        rank = max(x.ndim for x in inputs)
        return functools.reduce(type(self)._merge, (_of_rank(rank, x) for x in inputs))

    def compute_output_shape(self, input_shape: Any) -> Shape:
        """Return the shape that all broadcast to; ValueError if there is none."""
        batch = {shape[0] for shape in input_shape if shape} - {None}
        if len(batch) > 1:
            asked = "Cannot merge tensors with different batch sizes."
            raise ValueError(f"{asked} Received tensors with shapes {input_shape}")
        return (batch.pop() if batch else None, *functools.reduce(_broadcast, (shape[1:] for shape in input_shape)))


class Add(_Merge):
    """Sum of several tensors.

    >>> print(tf.keras.layers.Add()([tf.ones((2, 1)), tf.ones((2, 1))]))
    tf.Tensor(
    [[2.]
     [2.]], shape=(2, 1), dtype=float32)
    """

    _merge = operator.add


class Subtract(_Merge):
    """The first of two tensors minus the second."""

    _merge = operator.sub

    def build(self, input_shape: Any) -> None:
        """Check the shapes; ValueError unless there are two."""
        super().build(input_shape)
        if len(input_shape) != 2:
            asked = "A `Subtract` layer should be called on exactly 2 inputs."
            raise ValueError(f"{asked} Received: input_shape={input_shape}")


class Multiply(_Merge):
    """Product of several tensors, entry by entry."""

    _merge = operator.mul


class Average(_Merge):
    """Mean of several tensors, entry by entry."""

    _merge = operator.add

    def call(self, inputs: Any) -> Any:
        """Return the mean."""
        return super().call(inputs) / len(inputs)


class Maximum(_Merge):
    """Largest of the entries of several tensors."""

    _merge = staticmethod(tf.maximum)


class Minimum(_Merge):
    """Smallest of the entries of several tensors."""

    _merge = staticmethod(tf.minimum)


class Concatenate(Described):
    """Tensors behind one another along an axis; ValueError if their other sizes differ.

    >>> tf.keras.layers.Concatenate()([tf.ones((5, 2)), tf.ones((5, 3))]).shape
    TensorShape([5, 5])
    """

    axis: int

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        """Take the axis."""
        super().__init__(**kwargs)
        self._keras_take(locals())

    def build(self, input_shape: Any) -> None:
        """Check the shapes; ValueError if they differ elsewhere."""
        shapes = _shapes(input_shape)
        others = [[size for i, size in enumerate(shape) if i != self.axis % len(shape)] for shape in shapes]
        known = [{size for size in sizes if size is not None} for sizes in zip(*others, strict=False)]
        if len(set(map(len, others))) > 1 or any(len(sizes) > 1 for sizes in known):
            asked = "A `Concatenate` layer requires inputs with matching shapes except for the concatenation axis."
            raise ValueError(f"{asked} Received: input_shape={input_shape}")

    def call(self, inputs: Any) -> Any:
        """Put them behind one another."""
        return tf.concat(inputs, self.axis)

    def compute_output_shape(self, input_shape: Any) -> Shape:
        """Return the shape with the sum of the sizes along the axis."""
        shape = list(_shapes(input_shape)[0])
        sizes = [each[self.axis] for each in input_shape]
        shape[self.axis] = None if None in sizes else sum(sizes)
        return tuple(shape)


class Dot(Described):
    """Product of the vectors of two tensors along an axis each, sample by sample; `normalize` makes it the cosine.

    >>> x, y = tf.constant([[1.0, 2.0]]), tf.constant([[3.0, 4.0]])
    >>> print(tf.keras.layers.Dot(axes=1)([x, y]))
    tf.Tensor([[11.]], shape=(1, 1), dtype=float32)
    """

    axes: int | Sequence[int]
    normalize: bool

    def __init__(self, axes: int | Sequence[int], normalize: bool = False, **kwargs: Any) -> None:
        """Take the axis of both, or of each; TypeError and ValueError for others."""
        super().__init__(**kwargs)
        if not isinstance(axes, int):
            if not isinstance(axes, list | tuple):
                asked = "Invalid type for argument `axes`: it should be a list or an int."
                raise TypeError(f"{asked} Received: axes={axes}")
            if len(axes) != 2 or not all(isinstance(axis, int) for axis in axes):
                asked = "Invalid format for argument `axes`: it should contain two elements, and list elements should"
                raise ValueError(f"{asked} be integers. Received: axes={axes}")
        self._keras_take(locals())

    def build(self, input_shape: Any) -> None:
        """Check the shapes; ValueError unless there are two, of the same size along the axes."""
        if len(_shapes(input_shape)) != 2:
            asked = "A `Dot` layer should be called on a list of 2 inputs."
            raise ValueError(f"{asked} Received: input_shape={input_shape}")
        (first, second), (i, j) = input_shape, self._axes(*map(len, input_shape))
        if first[i] != second[j]:
            asked = f"Incompatible input shapes: axis values {first[i]} (at axis {i}) != {second[j]} (at axis {j})"
            raise ValueError(f"{asked}. Full input shapes: {first}, {second}")

    def call(self, inputs: Any) -> Any:
        """Multiply and add."""
        x, y = inputs
        i, j = self._axes(x.ndim, y.ndim)
        if self.normalize:
            x, y = tf.nn.l2_normalize(x, i), tf.nn.l2_normalize(y, j)
        if x.ndim == y.ndim == 2:
            return tf.reduce_sum(x * y, 1, keepdims=True)
        left, right = "abcdefgh"[: x.ndim], "a" + "ijklmnop"[1 : y.ndim]  # a name for each axis; a is the batch
        result = left.replace(left[i], "") + right[1:].replace(right[j], "")
        return tf.einsum(f"{left},{right.replace(right[j], left[i])}->{result}", x, y)

    def compute_output_shape(self, input_shape: Any) -> Shape:
        """Return the shape of the first without its axis, and behind it the second's without batch and axis."""
        (first, second), (i, j) = map(list, input_shape), self._axes(*map(len, input_shape))
        del first[i], second[j], second[0]
        return tuple(first + second) if len(first) + len(second) > 1 else (*first, 1)

    def _axes(self, *ranks: int) -> tuple[int, int]:
        """Return the two axes, counted from the front."""
        axes = (self.axes, self.axes) if isinstance(self.axes, int) else self.axes
        i, j = (axis % rank for axis, rank in zip(axes, ranks, strict=True))
        return i, j


def _shapes(input_shape: Any) -> Any:
    """Return the shapes; ValueError unless they are several."""
    if not input_shape or not isinstance(input_shape[0], list | tuple):
        asked = "A merge layer should be called on a list of inputs."
        raise ValueError(f"{asked} Received: input_shape={input_shape} (not a list of shapes)")
    return input_shape


def _of_rank(rank: int, x: Any) -> Any:
    return x if x.ndim == rank else tf.reshape(x, (x.sizes[0], *[1] * (rank - x.ndim), *x.sizes[1:]))


def _broadcast(one: Shape, other: Shape) -> Shape:
    """Return the shape that both broadcast to; an unknown size stays so."""
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    sizes = list(longer[: len(longer) - len(shorter)])
    for i, j in zip(longer[len(sizes) :], shorter, strict=True):
        if i is not None and j is not None and i != j and 1 not in (i, j):
            raise ValueError(f"Inputs have incompatible shapes. Received shapes {one} and {other}")
        sizes.append(None if None in (i, j) else j if i == 1 else i)
    return tuple(sizes)


# --- functions --------------------------------------------------------------------------------------------------------


def _merging(layer: type[Described]) -> Callable[..., Any]:
    """Return the function that makes a layer and calls it on a list of tensors."""

    def merge(inputs: Any, *args: Any, **kwargs: Any) -> Any:
        return layer(*args, **kwargs)(inputs)

    merge.__name__ = merge.__qualname__ = layer.__name__.lower()
    merge.__doc__ = f"Make a `{layer.__name__}` with these arguments, and call it on a list of tensors."
    return merge


add, subtract, multiply, average = _merging(Add), _merging(Subtract), _merging(Multiply), _merging(Average)
maximum, minimum, concatenate = _merging(Maximum), _merging(Minimum), _merging(Concatenate)


def dot(inputs: Any, axes: Any = -1, **kwargs: Any) -> Any:
    """Return the product of the vectors of two tensors along an axis each."""
    return Dot(axes=axes, **kwargs)(inputs)
