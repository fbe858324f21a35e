"""Trackable objects: those that are saved with what is in their attributes, and can wait for values to restore.

What belongs to an object is found when it is asked for, as `Module` does it. An object that is restored before all of
its parts are made keeps the values that are still to come, and gives them to the parts as they arrive.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from minitf.variable import Variable

__all__ = ["Awaited", "Node", "Restoration", "Trackable", "awaiting", "graph", "is_trackable", "key", "parts"]


class Restoration(Protocol):
    """Whoever has values for parts that are not made yet."""

    def arrived(self, number: int, part: Any) -> Any:
        """Give a part its values; the number is that of its description. Returns the part, or one that waits."""


class Awaited:
    """The parts that an object waits for, by their names, with those who have values for them."""

    def __init__(self) -> None:
        """Begin without any."""
        self.parts: dict[str, list[tuple[Restoration, int]]] = {}

    def arrived(self, name: str, part: Any) -> Any:
        """Give a part its values, the latest last."""
        if is_trackable(part):
            for restoration, number in self.parts.pop(name, ()):
                part = restoration.arrived(number, part)
        return part


class Trackable:
    """An object that is saved with the variables, objects and containers in its attributes."""

    def _trackable_children(self) -> Mapping[Any, Any]:
        """Return what may belong to this object, by its names."""
        return vars(self)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; a part that was waited for gets its values."""
        awaited = self.__dict__.get("_trackable_awaited")
        object.__setattr__(self, name, value if awaited is None else awaited.arrived(name, value))


class _WaitingList(list[Any]):
    """A list that waits for parts to be appended."""

    _trackable_awaited: Awaited

    def append(self, part: Any) -> None:
        super().append(self._trackable_awaited.arrived(str(len(self)), part))

    def extend(self, parts: Iterable[Any]) -> None:
        for part in parts:
            self.append(part)

    def __iadd__(self, parts: Iterable[Any]) -> _WaitingList:  # type: ignore[misc]  # lists do so too
        self.extend(parts)
        return self


class _WaitingDict(dict[Any, Any]):
    """A dictionary that waits for parts."""

    _trackable_awaited: Awaited

    def __setitem__(self, name: Any, part: Any) -> None:
        super().__setitem__(name, self._trackable_awaited.arrived(name, part))

    def update(self, *others: Any, **parts: Any) -> None:
        for name, part in dict(*others, **parts).items():
            self[name] = part


_WAITING: dict[type, Any] = {list: _WaitingList, dict: _WaitingDict}


def awaiting(thing: Any, missing: Mapping[str, int], restoration: Restoration) -> Any:
    """Make an object wait for parts; returns it, or the container that takes its place because it can wait."""
    waiting = _WAITING.get(type(thing))
    if waiting is not None:
        thing = waiting(thing)
    if isinstance(thing, Trackable | _WaitingList | _WaitingDict):
        awaited = vars(thing).setdefault("_trackable_awaited", Awaited())
        for name, number in missing.items():
            awaited.parts.setdefault(name, []).append((restoration, number))
    return thing


def is_trackable(thing: object) -> bool:
    """Say whether an object is saved with the object that it belongs to."""
    return isinstance(thing, Variable | Trackable | list | tuple | dict)


def key(thing: Any) -> int:
    """Return what tells objects apart; all that stands for one variable is the same."""
    identity: int = thing.key if isinstance(thing, Variable) else id(thing)
    return identity


def parts(thing: Any, wanted: Callable[[object], bool] = is_trackable) -> dict[str, Any]:
    """Return the objects that belong to an object and are saved with it, by their names.

    >>> parts((tf.Variable(1), 2, [])).keys()
    dict_keys(['0', '2'])
    """
    if isinstance(thing, Trackable):
        found = thing._trackable_children()
    elif isinstance(thing, dict):
        found = thing
    elif isinstance(thing, tuple) and hasattr(thing, "_asdict"):
        found = thing._asdict()
    else:
        found = {str(i): part for i, part in enumerate(thing)} if isinstance(thing, list | tuple) else {}
    return {_checked(thing, name): part for name, part in found.items() if wanted(part)}


def _checked(thing: Any, name: object) -> str:
    if not isinstance(name, str):
        asked = f"Unable to save the object {thing}: the dictionary contains a non-string key which maps to a trackable"
        raise ValueError(f"{asked} object or mutable data structure, {name!r}; use {str(name)!r} instead.")
    return name


@dataclasses.dataclass
class Node:
    """An object, its name as the path to it, and the numbers of the objects that belong to it."""

    thing: Any
    name: str
    parts: dict[str, int] = dataclasses.field(default_factory=dict)


def graph(
    root: Any, attached: Mapping[str, Any] | None = None, parts: Callable[[Any], dict[str, Any]] = parts
) -> list[Node]:
    """List an object and all that belongs to it, the nearest first, each object once; `attached` belongs to the root.

    >>> module = tf.Module()
    >>> module.layers = [{"w": tf.Variable(1.0)}]
    >>> [(node.name, node.parts) for node in graph(module)]
    [('', {'layers': 1}), ('layers', {'0': 2}), ('layers/0', {'w': 3}), ('layers/0/w', {})]
    """
    nodes, numbers = [Node(root, "")], {key(root): 0}
    for node in nodes:
        attached = (attached or {}) if node is nodes[0] else {}
        for name, part in {**parts(node.thing), **attached}.items():
            number = numbers.setdefault(key(part), len(nodes))
            node.parts[name] = number
            if number == len(nodes):
                escaped = name.replace(".", "..").replace("/", ".S")  # so that slashes are the path's own
                nodes.append(Node(part, f"{node.name}/{escaped}" if node.name else escaped))
    return nodes
