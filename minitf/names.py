"""What to say about a name that minitf does not have: whether TensorFlow has it, and what comes nearest.

TensorFlow's names stand in `tensorflow_names.txt`, which is read only when a name is missing.
"""

from __future__ import annotations

import difflib
import importlib
import os
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

__all__ = ["nearest"]

_IN_NUMPY = {
    "all": "reduce_all", "any": "reduce_any", "arange": "range", "array": "constant", "asarray": "convert_to_tensor",
    "concatenate": "concat", "dot": "tensordot", "full": "fill", "max": "reduce_max", "mean": "reduce_mean",
    "min": "reduce_min", "power": "pow", "sum": "reduce_sum",
}  # fmt: skip


def nearest(namespace: str) -> Callable[[str], Any]:
    """Make the `__getattr__` of a namespace: AttributeError that says who has the name and what comes nearest.

    >>> nearest("math")("reduce_summ")
    Traceback (most recent call last):
    AttributeError: Neither minitf nor TensorFlow has tf.math.reduce_summ; the nearest name here is tf.math.reduce_sum.
    """

    def missing(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module minitf has no attribute {name!r}", name=name)
        asked = _join(namespace, name)
        file = os.path.join(os.path.dirname(__file__), *asked.split("."))
        if os.path.exists(f"{file}.py") or os.path.isdir(file):
            raise AttributeError(f"module minitf.{asked} is not imported yet", name=name)  # Python does so now
        known = asked in _tensorflows_names()
        who = "minitf does not have tf.{}, which TensorFlow has" if known else "Neither minitf nor TensorFlow has tf.{}"
        suggestion = _suggest(namespace, name)
        here = _join("tf", namespace) if namespace else "tf"
        hint = f"the nearest name here is tf.{suggestion}." if suggestion else f"dir({here}) lists what is here."
        raise AttributeError(f"{who.format(asked)}; {hint}", name=name)

    return missing


def _tensorflows_names() -> set[str]:
    with open(os.path.join(os.path.dirname(__file__), "tensorflow_names.txt"), encoding="utf-8") as listing:
        return set(listing.read().split())


def _join(namespace: str, name: str) -> str:
    return f"{namespace}.{name}" if namespace else name


def _suggest(namespace: str, name: str) -> str | None:
    """Look for the name in other letters, in another namespace, for NumPy's word for it, then for a similar name."""
    root = "keras" if f"{namespace}.".startswith("keras.") else ""  # a large room, which has words of its own
    everywhere = list(_names_below(root, importlib.import_module(f"minitf.{root}".rstrip("."))))
    for space, own in everywhere:
        if space == namespace and _plain(name) == _plain(own):
            return _join(space, own)
    for space, own in everywhere:
        if name in (own, f"{space}_{own}"):  # TensorFlow 1 had tf.random_normal
            return _join(space, own)
    if name in _IN_NUMPY:
        return _IN_NUMPY[name]
    if not root and name in importlib.import_module("minitf.keras").__all__:
        return f"keras.{name}"
    here = {own: _join(space, own) for space, own in everywhere if space == namespace}
    others = {own: _join(space, own) for space, own in everywhere if own not in here}
    for names in (here, others):
        close = difflib.get_close_matches(name, sorted(names), n=1, cutoff=0.82)
        if close:
            return names[close[0]]
    return None


def _plain(name: str) -> str:
    """Leave out what people remember wrongly: capital letters and underscores."""
    return name.replace("_", "").lower()


def _names_below(namespace: str, module: ModuleType) -> Iterator[tuple[str, str]]:
    """List the names of a namespace, then those of the namespaces in it."""
    yield from ((namespace, name) for name in module.__all__)
    for name in module.__all__:
        inner = getattr(module, name)
        if isinstance(inner, ModuleType):
            yield from _names_below(_join(namespace, name), inner)
