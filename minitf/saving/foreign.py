"""Foreign: a saved model that TensorFlow or Keras wrote, which TensorFlow runs; there is no program of ours in it."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any

from minitf import nest
from minitf.backends import kernels
from minitf.operators import Operators
from minitf.recording import unrepeatable
from minitf.tensor import Tensor, convert_to_tensor

__all__ = ["Foreign", "ForeignFunction"]


class ForeignFunction:
    """A function that TensorFlow runs: it takes and gives tensors of minitf. No gradient flows through it."""

    def __init__(self, run: Any) -> None:
        """Take what TensorFlow loaded."""
        self._run = run

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run it, on tensors or on what TensorFlow makes tensors of."""
        unrepeatable("a function of a saved model of TensorFlow's")
        return _ours(self._run(*_theirs(args), **_theirs(kwargs)))

    def __getattr__(self, name: str) -> Any:
        """Tell what TensorFlow tells about it, such as `structured_input_signature`."""
        return getattr(self._run, name)

    def __repr__(self) -> str:
        """Print as TensorFlow does."""
        return repr(self._run)


class Foreign:
    """What TensorFlow loaded: `signatures`, and under their names the functions, variables and objects in it.

    Variables are given as tensors of the values they have when they are asked for.
    """

    def __init__(self, loaded: Any) -> None:
        """Take what TensorFlow loaded."""
        self._loaded = loaded

    @property
    def signatures(self) -> Mapping[str, ForeignFunction]:
        """The functions that were named as signatures: they take tensors by name, and return them by name."""
        return types.MappingProxyType({name: ForeignFunction(run) for name, run in self._loaded.signatures.items()})

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call what was saved; TypeError if it cannot be called."""
        return ForeignFunction(self._loaded)(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        """Return a part."""
        return _ours(getattr(self._loaded, name))

    def __dir__(self) -> list[str]:
        """List the parts."""
        return [*super().__dir__(), *vars(self._loaded)]


def _theirs(values: Any) -> Any:
    """Put TensorFlow's tensors in place of ours."""

    def tensor(value: Any) -> Any:
        array: Any = convert_to_tensor(value).array
        return array.tensor

    return nest.map_structure(lambda x: tensor(x) if isinstance(x, Operators) else x, values)


def _ours(value: Any) -> Any:
    """Return what TensorFlow gives as ours."""
    if isinstance(value, Mapping):
        return {name: _ours(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(_ours, value)) if type(value) in (list, tuple) else [_ours(part) for part in value]
    if hasattr(value, "read_value"):
        value = value.read_value()
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return Tensor(kernels.asarray(value))
    if hasattr(value, "_trackable_children") and not hasattr(value, "__self__"):
        return ForeignFunction(value) if hasattr(value, "get_concrete_function") else Foreign(value)
    return ForeignFunction(value) if callable(value) else value
