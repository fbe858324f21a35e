"""The backend: a module of kernels named like the ops, working on raw arrays of its own, chosen once.

Ops take their kernels from `kernels`; no other room asks which backend it is. What a backend has besides kernels:

- `Array`, the class of its raw arrays, and `asarray`, which makes one of whatever NumPy knows;
- `FRESH`, `INTO` and `SEVERAL`, what the passes and the source of a program have to know about kernels;
- `compiled(function, program)`, which turns the generated function of a program into the one that runs;
- `devices`, a module that lists and sets the devices, says where arrays lie, and what the backend runs on.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Callable
from types import ModuleType
from typing import Any

__all__ = ["AVAILABLE", "bound", "kernels", "load"]

AVAILABLE = ("numpy", "tensorflow")


def load(name: str, asked: str = "load") -> ModuleType:
    """Import the backend of that name; ImportError if there is none, or if what it runs on is not installed.

    >>> load("numpy").__name__
    'minitf.backends.numpy'
    """
    if name not in AVAILABLE:
        raise ImportError(f"{asked} asks for {name!r}, which is no backend: choose one of {', '.join(AVAILABLE)}.")
    if importlib.util.find_spec(name) is None:
        raise ImportError(
            f"{asked} asks for the backend {name!r}, but {name} is not installed: pip install 'minitf[{name}]'."
        )
    return importlib.import_module(f"minitf.backends.{name}")


class Kernels:
    """The kernels of the backend that is in use, as attributes."""

    backend: str
    chosen: str  # how: "by default", "by MINITF_BACKEND" or "by set_backend"

    def __init__(self) -> None:
        self._users: list[Callable[[Any], object]] = []

    def use(self, name: str, asked: str) -> None:
        """Take the kernels of a backend, and let everybody know who keeps some at hand; `asked` is who wants them."""
        module = load(name, asked)
        users = self._users
        self.__dict__ = {**vars(module), "_users": users, "backend": name, "chosen": f"by {asked}"}
        for user in users:
            user(self)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"The backend {self.backend!r} has no kernel {name!r}.")


kernels = Kernels()


def bound(user: Callable[[Any], object]) -> Callable[[Any], object]:
    """Call a function with the kernels now, and again if another backend is chosen."""
    kernels._users.append(user)
    user(kernels)
    return user


_wanted = os.environ.get("MINITF_BACKEND")
kernels.use(_wanted or "numpy", "MINITF_BACKEND" if _wanted else "default")
