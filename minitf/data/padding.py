"""Batches of elements of unequal shapes, filled up to one shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minitf import nest
from minitf.data.structure import along, joined
from minitf.errors import DataLossError
from minitf.shape import TensorShape
from minitf.spec import TensorSpec
from minitf.tensor import Tensor, convert_to_tensor

__all__ = ["Padding"]


class Padding:
    """How each tensor of an element is filled up: to which shape, and with which value."""

    def __init__(self, spec: Any, shapes: Any, values: Any) -> None:
        """Read structures of shapes and values; None is as far as needed, and 0. One value counts for all tensors.

        ValueError for a shape of another rank or for a value that is no scalar, TypeError for a value of another dtype.
        """
        leaves = nest.flatten(spec)
        wanted = [leaf.shape for leaf in leaves] if shapes is None else list(along(spec, shapes))
        alone = values is None or not isinstance(values, (tuple, dict))
        fillings = [values] * len(leaves) if alone else list(along(spec, values))
        self.form = spec
        self.shapes = [_shape(*pair) for pair in zip(wanted, leaves, strict=True)]
        self.values = [_value(*pair) for pair in zip(fillings, leaves, strict=True)]

    @property
    def spec(self) -> Any:
        """What describes a padded element."""
        leaves = zip(self.shapes, nest.flatten(self.form), strict=True)
        return nest.pack_sequence_as(self.form, [TensorSpec(shape, leaf.dtype) for shape, leaf in leaves])

    def joined(self, elements: Sequence[Any]) -> Any:
        """Fill up elements and put them side by side; DataLossError for one that is larger than its padded shape."""
        columns = zip(zip(*map(nest.flatten, elements), strict=True), self.shapes, self.values, strict=True)
        padded = [_filled(*column) for column in columns]
        return nest.pack_sequence_as(elements[0], [joined(column) for column in padded])


def _shape(wanted: Any, spec: TensorSpec) -> TensorShape:
    sizes = [wanted] if isinstance(wanted, int) else wanted
    shape = TensorShape([None if size in (None, -1) else int(size) for size in sizes])
    fits = shape.rank == spec.shape.rank
    if not fits or any(n and m and n > m for n, m in zip(spec.shape, shape, strict=True)):
        asked = f"The padded shape {shape} is not compatible with the shape {spec.shape} of the corresponding input"
        raise ValueError(f"{asked} component; give each axis its size, or None.")
    return shape


def _value(value: Any, spec: TensorSpec) -> Any:
    if value is None:
        return spec.dtype.numpy.type(0)
    tensor = convert_to_tensor(value)
    if tensor.ndim:
        asked = "Invalid `padding_values`. `padding_values` values should be scalars"
        raise ValueError(f"{asked}, but got {tensor.shape}.")
    if tensor.dtype != spec.dtype:
        asked = f"Invalid `padding_values`. `padding_values` values type {tensor.dtype} does not match type"
        raise TypeError(f"{asked} {spec.dtype} of the corresponding input component; use tf.constant(value, dtype).")
    return tensor.array[()]


def _filled(tensors: Sequence[Tensor], shape: TensorShape, value: Any) -> list[Tensor]:
    """Fill up the tensors of one column to the shape, and where it is not known to the largest of them."""
    largest = np.max([tensor.array.shape for tensor in tensors], axis=0)
    sizes = [most if size is None else size for size, most in zip(shape, largest.tolist(), strict=True)]
    if any(most > size for size, most in zip(sizes, largest, strict=True)):
        asked = "Attempted to pad to a smaller size than the input element. [Op:IteratorGetNext]"
        raise DataLossError(None, None, f"{asked} The padded shape is {tuple(sizes)}, an element is {tuple(largest)}.")
    filled = []
    for tensor in tensors:
        array = np.full(sizes, value, tensor.array.dtype)
        array[tuple(map(slice, tensor.array.shape))] = tensor.array
        filled.append(Tensor(array))
    return filled
