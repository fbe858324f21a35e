"""`tf.keras`: layers to fit, with Keras's own names. Public names only; each part is imported when it is first used."""

from __future__ import annotations

import importlib
from typing import Any

from minitf.names import nearest

_PARTS = (
    "activations", "backend", "callbacks", "config", "constraints", "initializers", "layers", "losses", "metrics",
    "mixed_precision", "models", "optimizers", "preprocessing", "random", "regularizers", "saving", "utils",
)  # fmt: skip
_HOMES = {
    "DTypePolicy": "policy", "Initializer": "initializers", "Input": "layers", "InputSpec": "layers",
    "KerasTensor": "symbolic", "Layer": "layers", "Loss": "losses", "Metric": "metrics", "Model": "models",
    "Optimizer": "optimizers", "Regularizer": "regularizers", "Sequential": "models", "Variable": "variable",
}  # fmt: skip

__version__ = "3.15.1"  # of the Keras whose names and files these are

__all__ = [*_PARTS, *_HOMES, "version"]

_missing = nearest("keras")


def version() -> str:
    """Return the version of the Keras whose names and files these are.

    >>> tf.keras.version() == tf.keras.__version__
    True
    """
    return __version__


def __getattr__(name: str) -> Any:
    """Import what is asked for; explain every other missing name."""
    if name in _PARTS:
        return importlib.import_module(f"minitf.keras.{name}")
    if name in _HOMES:
        globals()[name] = getattr(importlib.import_module(f"minitf.keras.{_HOMES[name]}"), name)
        return globals()[name]
    return _missing(name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted([*__all__, "__version__"])
