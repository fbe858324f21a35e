"""Where the state of a model stands in a file: the path of attributes that leads to each layer and to the optimizer.

The paths are Keras's: attributes in alphabetical order, private ones last, and in a list, tuple or dictionary the
class's name in snake_case with a count, whatever the object's own name is.
"""

from __future__ import annotations

import functools
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

from minitf.keras.layers.holder import OURS
from minitf.keras.layers.layer import Layer
from minitf.keras.naming import snake_case

__all__ = ["load_state", "places", "save_state"]

Make = Callable[[str, str | None], MutableMapping[str, Any]]
Get = Callable[[str], Mapping[str, Any]]


def places(thing: Any, path: str = "", seen: dict[int, Any] | None = None) -> Iterator[tuple[str, Any]]:
    """Yield what has state, each object once, with its path.

    >>> layers = [tf.keras.layers.Dense(2, name="first"), tf.keras.layers.Dense(1, name="last")]
    >>> model = tf.keras.Sequential(layers, name="two")
    >>> [(path, part.name) for path, part in places(model)]
    [('', 'two'), ('layers/dense', 'first'), ('layers/dense_1', 'last')]
    """
    seen = {} if seen is None else seen  # the objects too, so that none gets the id of a list that is gone
    if id(thing) in seen:
        return
    seen[id(thing)] = thing
    if isinstance(thing, list | tuple | dict):
        yield from _in_container(thing, path, seen)
    elif _has_state(thing):
        yield path, thing
        for name, part in _attributes(thing):
            yield from places(part, f"{path}/{name}" if path else name, seen)


def _has_state(thing: Any) -> bool:
    return hasattr(type(thing), "save_own_variables")


def _in_container(container: Any, path: str, seen: dict[int, Any]) -> Iterator[tuple[str, Any]]:
    counts: Counter[str] = Counter()
    for part in list(container.values()) if isinstance(container, dict) else container:
        if _has_state(part):
            name = snake_case(type(part).__name__)
        elif isinstance(part, list | tuple | dict):
            name = "container"
        else:
            continue
        numbered = f"{name}_{counts[name]}" if counts[name] else name
        counts[name] += 1  # also for what stands elsewhere
        yield from places(part, f"{path}/{numbered}", seen)


def _attributes(thing: Any) -> Iterator[tuple[str, Any]]:
    """Yield the attributes that a class or a user added to what every layer has; private ones last."""
    if not isinstance(thing, Layer):  # but an optimizer, which has none, or another one inside
        yield from ((name, value) for name, value in vars(thing).items() if name == "inner_optimizer")
        return
    own, state = _of_every_layer()
    names = set(dir(thing)) - (own - set(vars(thing))) - state
    first = ["layers"] if getattr(thing, "_keras_layers_first", False) else []  # whatever else the model has
    names = {name for name in names if not name.startswith(OURS)}
    for name in first + sorted(names, key=lambda name: (name.startswith("_"), name)):
        try:
            value = getattr(thing, name)
        except Exception:  # a property that has no value yet
            continue
        yield name, value


@functools.cache
def _of_every_layer() -> tuple[set[str], set[str]]:
    """Return the names that a layer has from its class, and those of its state."""
    layer = Layer(name="layer")
    return set(dir(layer)), {*vars(layer), "_functional", "_operations", "operations"}


def save_state(model: Any, make: Make) -> None:
    """Put the state of a model into the groups that `make` makes for a path and a name."""
    for path, part in places(model):
        name = getattr(part, "name", None)
        part.save_own_variables(make(path, name if isinstance(name, str) else None))


def load_state(model: Any, get: Get, skip_mismatch: bool = False) -> None:
    """Take the state of a model from the groups that `get` finds for a path.

    ValueError, or a warning if mismatches are to be skipped, that says what could not be loaded.
    """
    failed: list[tuple[Any, Exception]] = []
    for path, part in places(model):
        try:
            part.load_own_variables(get(path))
        except Exception as error:
            failed.append((part, error))
    if failed:
        example, problem = failed[0]
        asked = f"A total of {len(failed)} objects could not be loaded. Example error message for object {example}"
        message = f"{asked}: {problem} List of objects that could not be loaded: {[each for each, _ in failed]}"
        if not skip_mismatch:
            raise ValueError(message) from problem
        warnings.warn(message, stacklevel=4)
