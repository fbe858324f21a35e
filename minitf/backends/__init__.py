"""The backend: a module of kernels named like the ops, working on raw arrays, chosen once when minitf is imported.

Ops take their kernels from `kernels`; no other room asks which backend it is.
"""

from __future__ import annotations

import importlib
import os
from types import ModuleType

AVAILABLE = ("numpy",)


def load(name: str) -> ModuleType:
    """Import the backend of that name; ImportError if there is none.

    >>> load("numpy").__name__
    'minitf.backends.numpy'
    """
    if name not in AVAILABLE:
        raise ImportError(
            f"MINITF_BACKEND asks for {name!r}, which this version does not have; "
            f"set it to one of {', '.join(AVAILABLE)} or leave it unset."
        )
    return importlib.import_module(f"minitf.backends.{name}")


kernels = load(os.environ.get("MINITF_BACKEND", "numpy"))
