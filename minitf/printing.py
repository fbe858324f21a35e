"""tf.print: text of values and structures, tensors in it as TensorFlow's runtime prints them, with their edges only."""

from __future__ import annotations

import pprint
import random
import sys
from collections import OrderedDict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minitf import nest
from minitf.operators import Operators
from minitf.tensor import convert_to_tensor

__all__ = ["print"]


def print(*inputs: object, **kwargs: Any) -> None:
    """Print values, tensors as `[0 1 2 ... 7 8 9]`, on `output_stream` (sys.stderr), with `sep` and `end`.

    `output_stream` may be sys.stdout or "file://" and a path, too; `summarize` (3) says how many entries are shown
    at each end of an axis, -1 for all. ValueError for other streams and arguments.

    >>> import sys
    >>> print("steps:", tf.range(10), {"loss": tf.constant(0.5)}, output_stream=sys.stdout)
    steps: [0 1 2 ... 7 8 9] {'loss': 0.5}
    """
    stream = kwargs.pop("output_stream", sys.stderr)
    summarize = kwargs.pop("summarize", 3)
    sep, end = kwargs.pop("sep", " "), kwargs.pop("end", "\n")
    kwargs.pop("name", None)
    if kwargs:
        asked = f"Unrecognized keyword arguments for tf.print: {kwargs}"
        raise ValueError(f"{asked}; it takes output_stream, summarize, sep, end and name.")
    text = _text(inputs, sep, 3 if summarize is None else summarize) + end
    if isinstance(stream, str) and stream.startswith("file://"):
        with open(stream.removeprefix("file://"), "a", encoding="utf-8") as file:
            file.write(text)
    elif stream in (sys.stdout, sys.stderr):
        stream.write(text)
    else:
        asked = f"Unsupported output stream, logging level, or file.{stream}."
        raise ValueError(f"{asked} Supported are sys.stdout, sys.stderr and 'file://<filepath>'.")


def _text(inputs: tuple[Any, ...], sep: str, summarize: int) -> str:
    """Format all inputs with a placeholder for each tensor, as line breaks count its length, then fill them in."""
    bare = nest.map_structure(lambda x: "" if isinstance(x, Operators) else x, [_sorted(x) for x in inputs])
    placeholder = _absent(" ".join(map(pprint.pformat, bare)))
    tensors = [_summary(x, summarize) for x in nest.flatten(list(inputs)) if isinstance(x, Operators)]
    shown = nest.map_structure(lambda x: placeholder if isinstance(x, Operators) else x, list(inputs))
    pieces = [x if isinstance(x, str) and x != placeholder else pprint.pformat(x) for x in shown]
    first, *rest = sep.join(pieces).replace(f"'{placeholder}'", placeholder).split(placeholder)
    return first + "".join(tensor + piece for tensor, piece in zip(tensors, rest, strict=True))


def _sorted(value: Any) -> Any:
    return OrderedDict(sorted(value.items())) if isinstance(value, OrderedDict) else value


def _absent(text: str) -> str:
    """Make a placeholder that does not occur in a text, the same one as TensorFlow."""
    placeholder, digits = "{}", random.Random(5)
    while placeholder in text:
        placeholder += str(digits.randint(0, 9))
    return placeholder


def _summary(tensor: Any, summarize: int) -> str:
    array = convert_to_tensor(tensor).array
    return _axis(array, min(array.size, summarize) if summarize >= 0 else array.size, 0)


def _axis(array: NDArray[Any], ends: int, depth: int) -> str:
    """Print an array that lies `depth` axes deep, with that many entries at each end."""
    if not array.ndim:
        return _entry(array)
    gap = " " if array.ndim == 1 else "\n" * (array.ndim - 1) + " " * (depth + 1)
    size = len(array)
    text = gap.join(_axis(array[i], ends, depth + 1) for i in range(min(ends, size)))
    if size > 2 * ends:
        text += gap + "..."
    for i in range(max(ends, size - ends), size):
        text += gap + _axis(array[i], ends, depth + 1)
    return f"[{text}]"


def _entry(array: NDArray[Any]) -> str:
    """Print one number; a float with 6 or 15 digits, or with 9 or 17 where it would not read back the same."""
    if array.dtype.kind != "f":
        return str(int(array))
    number = array.astype(np.float32) if array.dtype.itemsize == 2 else array
    value = float(number) * (not 0 < abs(number) < np.finfo(number.dtype).tiny)  # TensorFlow flushes subnormals
    few, many = (15, 17) if number.dtype.itemsize == 8 else (6, 9)
    text = f"{value:.{few}g}"
    return text if number.dtype.type(text) == value or value != value else f"{value:.{many}g}"
