"""Plain functions as text: the code of a lambda in a config, as Keras writes it, and a function made from it again.

Such code does whatever its author wanted, so it runs only for those who trust the file (`registry.safe_mode`). It fits
the version of Python that wrote it.
"""

from __future__ import annotations

import base64
import builtins
import inspect
import marshal
import types
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

import minitf as tf

__all__ = ["dumped", "is_lambda", "loaded", "warn_of_lambda"]


def is_lambda(thing: Any) -> bool:
    """Say whether something is a function without a name.

    >>> is_lambda(lambda x: x), is_lambda(is_lambda)
    (True, False)
    """
    return isinstance(thing, types.FunctionType) and thing.__name__ == "<lambda>"


def warn_of_lambda(function: types.FunctionType, stacklevel: int) -> None:
    """Say that not everybody will load this lambda."""
    asked = "The object being serialized includes a `lambda`. This is unsafe. In order to reload the object, you will"
    asked += " have to pass `safe_mode=False` to the loading function; a function with a name, registered with"
    asked += " @keras.saving.register_keras_serializable(), can be loaded by everybody who has it"
    try:
        source = f": {inspect.getsource(function).strip()}"
    except (OSError, TypeError):  # made in a prompt, or from a file
        source = "."
    warnings.warn(asked + source, stacklevel=stacklevel + 1)


def dumped(function: types.FunctionType) -> tuple[str, tuple[Any, ...] | None, tuple[Any, ...] | None]:
    """Return the code of a function as text, the defaults of its arguments, and the values of names around it."""
    code = base64.encodebytes(marshal.dumps(function.__code__)).decode("ascii")
    around = function.__closure__
    return code, function.__defaults__, tuple(cell.cell_contents for cell in around) if around else None


def loaded(
    code: Any, defaults: Sequence[Any] | None = None, closure: Sequence[Any] | None = None
) -> types.FunctionType:
    """Make a function from the text of its code; `tf`, `np` and `keras` are there. ValueError for a foreign Python's.

    >>> loaded(*dumped(lambda x, n=2: x * n))(5)
    10
    """
    if not isinstance(code, str):
        code, defaults, closure = code
    try:
        body = marshal.loads(base64.decodebytes(code.encode("ascii")))
    except (ValueError, EOFError, TypeError) as error:
        asked = "Could not read the code of a lambda: it is damaged, or another version of Python wrote it"
        raise ValueError(f"{asked} ({error}); define a named function instead, and save the model again.") from error
    names = {"__builtins__": builtins, "tf": tf, "np": np, "keras": tf.keras}
    cells = None if closure is None else tuple(types.CellType(value) for value in closure)
    return types.FunctionType(body, names, body.co_name, tuple(defaults or ()), cells)
