"""Choosing the runtime that computes: NumPy or TensorFlow, before there is anything that one of them has made."""

from __future__ import annotations

import gc

from minitf.backends import AVAILABLE, kernels
from minitf.operators import Operators
from minitf.program import Program
from minitf.tape import one

__all__ = ["get_backend", "set_backend"]

_MADE = (Operators, Program)  # tensors and variables, and what functions have become


def get_backend() -> str:
    """Return the name of the backend that computes: "numpy" or "tensorflow".

    >>> get_backend() in ("numpy", "tensorflow")
    True
    """
    return kernels.backend


def set_backend(backend: str) -> None:
    """Let "numpy" or "tensorflow" compute from now on, as MINITF_BACKEND does for a whole process.

    RuntimeError if there are tensors, variables or traced functions of the other one, ValueError for a name that is
    none, ImportError if TensorFlow is not installed.

    >>> set_backend(get_backend())
    """
    if backend not in AVAILABLE:
        raise ValueError(
            f"set_backend asks for {backend!r}, which is no backend: choose one of {', '.join(AVAILABLE)}."
        )
    if backend == kernels.backend:
        return
    made = _made()
    if made:
        raise RuntimeError(
            f"set_backend({backend!r}) came too late: {kernels.backend} has made {made} already; call it before the "
            f"first tensor (in a notebook, after a restart), or start Python with MINITF_BACKEND={backend}."
        )
    kernels.use(backend, "set_backend")


def _made() -> str:
    """Say in words what is alive that the present backend has made."""
    one.cache_clear()
    for _ in range(2):
        alive = [type(each) for each in gc.get_objects() if issubclass(type(each), _MADE)]
        if not alive:
            return ""
        gc.collect()  # what is alive may only wait for being collected
    kinds = {kind.__name__.lower(): 0 for kind in alive}
    for kind in alive:
        kinds[kind.__name__.lower()] += 1
    return " and ".join(f"{count} {kind}{'s' * (count > 1)}" for kind, count in kinds.items())
