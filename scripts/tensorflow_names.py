"""Writes minitf/tensorflow_names.txt: TensorFlow's public names in every namespace that minitf has.

Run it when TensorFlow or the list of namespaces changes: python scripts/tensorflow_names.py
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import tensorflow

import minitf


def names(ours: ModuleType, *theirs: ModuleType, path: str = "") -> Iterator[str]:
    """Yield the names of one namespace, which may be in several places, then those of the namespaces in it."""
    yield from (path + name for module in theirs for name in dir(module) if not name.startswith("_"))
    for name in ours.__all__:
        inner = getattr(ours, name)
        if isinstance(inner, ModuleType):
            found = (getattr(module, name) for module in theirs if hasattr(module, name))
            yield from names(inner, *found, path=f"{path}{name}.")


if __name__ == "__main__":
    listing = Path(minitf.__file__).with_name("tensorflow_names.txt")
    keras = importlib.import_module("keras")  # comes with TensorFlow, and has other names than tf.keras
    found = {*names(minitf, tensorflow), *names(minitf.keras, tensorflow.keras, keras, path="keras.")}
    listing.write_text("\n".join(sorted(found)) + "\n", encoding="utf-8")
