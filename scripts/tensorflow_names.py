"""Writes minitf/tensorflow_names.txt: TensorFlow's public names in every namespace that minitf has.

Run it when TensorFlow or the list of namespaces changes: python scripts/tensorflow_names.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import tensorflow

import minitf


def names(ours: ModuleType, theirs: ModuleType, path: str = "") -> Iterator[str]:
    """Yield the names of one namespace, then those of the namespaces in it."""
    yield from (path + name for name in dir(theirs) if not name.startswith("_"))
    for name in ours.__all__:
        inner = getattr(ours, name)
        if isinstance(inner, ModuleType):
            yield from names(inner, getattr(theirs, name), f"{path}{name}.")


if __name__ == "__main__":
    listing = Path(minitf.__file__).with_name("tensorflow_names.txt")
    listing.write_text("\n".join(sorted(set(names(minitf, tensorflow)))) + "\n", encoding="utf-8")
