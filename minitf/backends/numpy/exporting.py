"""What NumPy has of other formats for models: nothing, they need a runtime of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["load_model", "write_model"]


def write_model(folder: Any, assemble: Callable[[Any], object]) -> None:
    """Write nothing beside minitf's own archive."""


def load_model(folder: str) -> Any:
    """Refuse to load what TensorFlow saved: OSError."""
    do = "choose the backend that runs on it, MINITF_BACKEND=tensorflow, or save it with minitf"
    raise OSError(f"The saved model in {folder} is TensorFlow's, and only TensorFlow can read it; {do}.")
