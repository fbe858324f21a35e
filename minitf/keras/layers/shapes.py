"""The shapes of structures of tensors, and of what stands in configs, as tuples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from minitf import Tensor, nest
from minitf.keras.symbolic import KerasTensor

__all__ = ["agree", "as_tuples", "has_tensor", "shape_of", "spread"]


def agree(one: Sequence[int | None], other: Sequence[int | None]) -> bool:
    """Say whether two shapes may be the same; None agrees with every size.

    >>> agree((None, 3), (5, 3)), agree((None, 3), (5, 4))
    (True, False)
    """
    return len(one) == len(other) and all(None in (i, j) or i == j for i, j in zip(one, other, strict=True))


def as_tuples(shape: Any) -> Any:
    """Return shapes with tuples in place of the lists that JSON makes of them."""
    if isinstance(shape, dict):
        return {name: as_tuples(each) for name, each in shape.items()}
    if isinstance(shape, list | tuple):
        plain = all(each is None or isinstance(each, int) for each in shape)
        return tuple(shape) if plain else [as_tuples(each) for each in shape]
    return shape


def has_tensor(structure: Any) -> bool:
    """Say whether there is a tensor in a structure, or a symbolic one."""
    return any(isinstance(leaf, Tensor | KerasTensor) for leaf in nest.flatten(structure))


def shape_of(structure: Any) -> Any:
    """Return shapes in place of tensors, as tuples."""
    if isinstance(structure, Tensor | KerasTensor):
        return tuple(structure.shape)
    if isinstance(structure, dict):
        return {name: shape_of(each) for name, each in structure.items()}
    if isinstance(structure, tuple):
        return tuple(shape_of(each) for each in structure)
    return [shape_of(each) for each in structure] if isinstance(structure, list) else None


def spread(shapes: Any, make: Callable[[Any], Any]) -> Any:
    """Return a structure with something made in place of each shape."""
    if isinstance(shapes, dict):
        return {name: spread(shape, make) for name, shape in shapes.items()}
    if all(size is None or isinstance(size, int) for size in shapes):
        return make(shapes)
    return type(shapes)(spread(shape, make) for shape in shapes)
