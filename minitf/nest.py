"""Nested structures: lists, tuples, named tuples and dictionaries (in the order of their sorted keys) of anything.

Whatever is no such container is a leaf, None among them; it knows nothing about tensors.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, MappingView, Sequence
from typing import Any

from minitf.errors import explain
from minitf.names import nearest

__all__ = ["assert_same_structure", "flatten", "is_nested", "map_structure", "pack_sequence_as"]

__getattr__ = nearest("nest")


_TEXT = (str, bytes, bytearray, memoryview)
_NESTED: dict[type, bool] = {}  # what has been found out about a type


def is_nested(structure: object) -> bool:
    """Say whether this is a container of a structure; strings, arrays, tensors and sets are leaves.

    >>> is_nested([1]), is_nested({}), is_nested("ab"), is_nested(None)
    (True, True, False, False)
    """
    kind = type(structure)
    nested = _NESTED.get(kind)
    if nested is None:
        nested = issubclass(kind, (Sequence, Mapping, MappingView)) and not issubclass(kind, _TEXT)
        _NESTED[kind] = nested
    return nested


def flatten(structure: Any, expand_composites: bool = False) -> list[Any]:
    """List the leaves in order; `expand_composites` changes nothing, as there are no composite tensors.

    >>> flatten({"b": 1, "a": [2, (3, None)]})
    [2, 3, None, 1]
    """
    if not is_nested(structure):
        return [structure]
    leaves = []
    for part in _parts(structure):
        if is_nested(part):
            leaves += flatten(part)
        else:
            leaves.append(part)
    return leaves


def _parts(structure: Any) -> Iterable[Any]:
    return [structure[key] for key in sorted(structure)] if isinstance(structure, Mapping) else structure


def pack_sequence_as(structure: Any, flat_sequence: Any, expand_composites: bool = False) -> Any:
    """Put leaves into a structure like the given one; TypeError for no sequence, ValueError for too few or many.

    >>> pack_sequence_as({"b": 0, "a": (0, [0])}, [1, 2, 3])
    {'b': 3, 'a': (1, [2])}
    """
    if not is_nested(flat_sequence):
        asked = f"Attempted to pack value: {flat_sequence} into a structure, but found incompatible type"
        raise TypeError(f"{asked} `{type(flat_sequence)}` instead; put a single leaf into a list.")
    leaves = [flat_sequence[position] for position in range(len(flat_sequence))]
    size = len(flatten(structure))
    if len(leaves) != size:
        asked = f"Could not pack sequence. Structure had {size} atoms, but flat_sequence had {len(leaves)} items."
        raise ValueError(f"{asked} Structure: {structure}, flat_sequence: {flat_sequence}.")
    return _pack(structure, iter(leaves))


def _pack(structure: Any, leaves: Iterator[Any]) -> Any:
    if not is_nested(structure):
        return next(leaves)
    values = [_pack(part, leaves) for part in _parts(structure)]
    if isinstance(structure, Mapping):
        packed = dict(zip(sorted(structure), values, strict=True))
        items = ((key, packed[key]) for key in structure)
        own = (structure.default_factory,) if isinstance(structure, defaultdict) else ()
        return type(structure)(*own, items)  # type: ignore[call-arg]
    if isinstance(structure, (MappingView, range)):
        return values
    return type(structure)(*values) if _named(structure) else type(structure)(values)


def _named(structure: object) -> bool:
    return isinstance(structure, tuple) and hasattr(structure, "_fields")


def map_structure(func: Callable[..., Any], *structure: Any, **kwargs: bool) -> Any:
    """Apply a function to the leaves of structures of one form; takes `check_types` and `expand_composites`.

    TypeError or ValueError when the forms differ.

    >>> map_structure(lambda x, y: x + y, {"a": 1, "b": [2]}, {"a": 10, "b": [20]})
    {'a': 11, 'b': [22]}
    """
    if not callable(func):
        raise TypeError(f"func must be callable, got: {func}; pass the function first.")
    if not structure:
        raise ValueError("Must provide at least one structure; pass it after the function.")
    if not kwargs.keys() <= {"check_types", "expand_composites"}:
        raise ValueError(f"Only valid keyword arguments are `check_types` and `expand_composites`, not: {kwargs}.")
    for other in structure[1:]:
        assert_same_structure(structure[0], other, check_types=kwargs.get("check_types", True))
    leaves = zip(*map(flatten, structure), strict=True)
    return pack_sequence_as(structure[0], [func(*several) for several in leaves])


def assert_same_structure(nest1: Any, nest2: Any, check_types: bool = True, expand_composites: bool = False) -> None:
    """Check that two structures have the same form: ValueError for other sizes or keys, TypeError for other types.

    >>> assert_same_structure([1, (2, 3)], [4, (5, 6)])
    """
    try:
        _compare(nest1, nest2, check_types)
    except (TypeError, ValueError) as reason:
        asked = f"The two structures don't have the same nested structure. More specifically: {reason}"
        got, do = f"{_told(nest1)} and {_told(nest2)}", "compare the two containers that are named first"
        expected = "the same containers in the same places" + (", of the same types" if check_types else "")
        raise type(reason)(explain(asked, got=got, expected=expected, do=do)) from None


def _compare(first: Any, second: Any, check_types: bool) -> None:
    """Say what differs first between two structures."""
    if not is_nested(first) or not is_nested(second):
        if is_nested(first) or is_nested(second):
            inner, leaf = (first, second) if is_nested(first) else (second, first)
            raise ValueError(f'Substructure "{_told(inner)}" is a sequence, while substructure "{_told(leaf)}" is not')
        return
    if check_types and not _alike(first, second):
        asked = "The two namedtuples don't have the same sequence type. First structure"
        types = f"has type {type(first).__name__}, while second structure {_told(second)} has type"
        raise TypeError(f"{asked} {_told(first)} {types} {type(second).__name__}")
    if check_types and isinstance(first, Mapping) and first.keys() != second.keys():
        asked = "The two dictionaries don't have the same set of keys. First structure has keys"
        raise ValueError(f"{asked} {list(first)}, while second structure has keys {list(second)}")
    for one, other in zip(_parts(first), _parts(second)):  # noqa: B905  # the first difference counts
        _compare(one, other, check_types)
    if len(first) != len(second):
        asked = "The two structures don't have the same number of elements. First structure:"
        raise ValueError(f"{asked} {_told(first)}. Second structure: {_told(second)}")


def _alike(first: Any, second: Any) -> bool:
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return True
    if _named(first) and _named(second):
        return bool(type(first).__name__ == type(second).__name__ and first._fields == second._fields)
    return type(first) is type(second)


def _told(nest: object) -> str:
    return f"type={type(nest).__name__} str={nest}"
