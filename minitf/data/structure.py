"""Elements and their specs: tensors and datasets in tuples, named tuples and dictionaries.

A list is no structure here but a tensor, as everywhere in `tf.data`. A dataset is known by its `element_spec`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from minitf import nest
from minitf.errors import InvalidArgumentError, explain
from minitf.op import bracketed
from minitf.shape import TensorShape
from minitf.spec import TensorSpec
from minitf.tensor import Tensor, convert_to_tensor

__all__ = [
    "Rows", "along", "joined", "made_up", "merged", "normal", "separated", "spec_of", "unjoined",
    "widened",
]  # fmt: skip

_SCALARS = "Cannot unbatch an input with scalar components; batch them first."
_SIZES = 12, 24  # made up for axes whose size is not known: two numbers with many divisors


def normal(value: Any) -> Any:
    """Make an element: all that is no tuple, dictionary or dataset becomes a tensor; TypeError or ValueError if not.

    >>> normal((1, [2.0, 3.0]))[1].shape
    TensorShape([2])
    """
    if isinstance(value, Mapping):
        element: Any = copy.copy(value)
        for key in value:
            element[key] = normal(value[key])
        return element
    if isinstance(value, tuple):
        parts = map(normal, value)
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return value if hasattr(type(value), "element_spec") else convert_to_tensor(value)


def along(form: Any, value: Any) -> Iterator[Any]:
    """Yield the parts of a value that stand where a structure has its leaves; ValueError if it has another form.

    >>> list(along((0, {"a": 0}), ([1, 2], {"a": 3})))
    [[1, 2], 3]
    """
    if isinstance(form, Mapping):
        if not isinstance(value, Mapping) or value.keys() != form.keys():
            raise ValueError(f"The two structures don't have the same keys: {form} and {value}.")
        for key in sorted(form):
            yield from along(form[key], value[key])
    elif isinstance(form, tuple):
        if not isinstance(value, tuple) or len(value) != len(form):
            raise ValueError(f"The two structures don't have the same sequence length: {form} and {value}.")
        for part, inner in zip(form, value, strict=True):
            yield from along(part, inner)
    else:
        yield value


# --- several elements in one -----------------------------------------------------------------------------------------


class Rows:
    """Elements that lie side by side along the first axis of tensors."""

    def __init__(self, whole: Any) -> None:
        """Take a structure of tensors with the same first size."""
        self.form = whole
        self.arrays = [tensor.array for tensor in nest.flatten(whole)]

    def __getitem__(self, place: int) -> Any:
        """Return one element."""
        return nest.pack_sequence_as(self.form, [Tensor(array[place]) for array in self.arrays])

    def at(self, places: Sequence[int]) -> Any:
        """Return the elements at these places side by side."""
        return nest.pack_sequence_as(self.form, [Tensor(array.take(places, axis=0)) for array in self.arrays])


def joined(elements: Sequence[Any]) -> Any:
    """Put elements side by side; InvalidArgumentError for unequal shapes.

    >>> joined([(tf.constant(1),), (tf.constant(2),)])
    (<tf.Tensor: shape=(2,), dtype=int32, numpy=array([1, 2], dtype=int32)>,)
    """
    columns = zip(*map(nest.flatten, elements), strict=True)
    return nest.pack_sequence_as(elements[0], [_column(*column) for column in enumerate(columns)])


def separated(element: Any) -> Iterator[Any]:
    """Go through the entries along the first axis; ValueError for scalars, InvalidArgumentError for unequal sizes.

    >>> list(separated(tf.constant([5, 6])))[1]
    <tf.Tensor: shape=(), dtype=int32, numpy=6>
    """
    rows = Rows(element)
    if not all(array.ndim for array in rows.arrays):
        raise ValueError(_SCALARS)
    sizes = [len(array) for array in rows.arrays]
    for component, size in enumerate(sizes):
        if size != sizes[0]:
            asked = "Input element must have the same batch size in each component. Component 0 had size"
            message = f"{asked} {sizes[0]} but component {component} had size, {size}. [Op:IteratorGetNext]"
            raise InvalidArgumentError(None, None, f"{message}; batch all of them alike.")
    return (rows[place] for place in range(sizes[0]))


def _column(component: int, tensors: Sequence[Tensor]) -> Tensor:
    arrays = [tensor.array for tensor in tensors]
    for place, array in enumerate(arrays):
        if array.shape != arrays[0].shape:
            first, other = bracketed(arrays[0].shape), bracketed(array.shape)
            asked = f"Cannot batch tensors with different shapes in component {component}. First element had shape "
            asked = f"{asked}{first} and element {place} had shape {other}. [Op:IteratorGetNext]"
            got, do = (
                f"shapes {first} and {other} in one batch",
                "bring them to one shape with map, or use padded_batch",
            )
            raise InvalidArgumentError(None, None, explain(asked, got=got, expected="elements of one shape", do=do))
    return Tensor(np.stack(arrays))


# --- specs -----------------------------------------------------------------------------------------------------------


def spec_of(element: Any) -> Any:
    """Describe an element.

    >>> spec_of((tf.constant([1, 2]),))
    (TensorSpec(shape=(2,), dtype=tf.int32, name=None),)
    """
    return nest.map_structure(_leaf_spec, element)


def _leaf_spec(leaf: Any) -> Any:
    return TensorSpec(leaf.array.shape, leaf.dtype) if isinstance(leaf, Tensor) else leaf._type_spec


def widened(spec: Any, size: int | None) -> Any:
    """Describe elements side by side."""
    return nest.map_structure(lambda leaf: TensorSpec(TensorShape([size]) + leaf.shape, leaf.dtype), spec)


def unjoined(spec: Any) -> Any:
    """Describe one of the elements that lie side by side; ValueError for scalars."""

    def entry(leaf: TensorSpec) -> TensorSpec:
        if leaf.shape.rank == 0:
            raise ValueError(_SCALARS)
        return TensorSpec(leaf.shape[1:], leaf.dtype)

    return nest.map_structure(entry, spec)


def merged(first: Any, second: Any) -> Any:
    """Describe elements that are of one kind or another; TypeError if their structures or dtypes differ.

    >>> merged(TensorSpec([2, 3]), TensorSpec([2, 4]))
    TensorSpec(shape=(2, None), dtype=tf.float32, name=None)
    """
    try:
        return nest.map_structure(_merged, first, second)
    except (TypeError, ValueError):
        asked = f"Incompatible dataset elements:\n  {first} vs.   {second}"
        raise TypeError(f"{asked}; bring them to one structure and dtype with map.") from None


def _merged(first: Any, second: Any) -> Any:
    if not isinstance(first, TensorSpec):
        return type(first)(merged(first.element_spec, second.element_spec))
    if first.dtype != second.dtype:
        raise TypeError
    if first.shape.rank is None or first.shape.rank != second.shape.rank:
        return TensorSpec(None, first.dtype)
    sizes = [n if n == m else None for n, m in zip(first.shape, second.shape, strict=True)]
    return TensorSpec(sizes, first.dtype)


def made_up(spec: Any, which: int) -> Any:
    """Make up an element that fits a spec: `which` is 0 or 1, for one with other values and other unknown sizes."""

    def leaf(spec: Any) -> Any:
        if not isinstance(spec, TensorSpec):
            return spec.made_up(which)
        sizes: Iterable[int | None] = spec.shape if spec.shape.rank is not None else ()
        shape = [_SIZES[which] if size is None else size for size in sizes]
        return Tensor(np.full(shape, 1 - which, spec.dtype.numpy))

    return nest.map_structure(leaf, spec)
