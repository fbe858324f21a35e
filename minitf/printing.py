"""tf.print: text of values and structures, tensors in it as TensorFlow's runtime prints them, with their edges only."""

from __future__ import annotations

import pprint
import random
import sys
from collections import OrderedDict
from typing import Any

from minitf import nest
from minitf.operators import Operators
from minitf.ops.effects import Effect

__all__ = ["print"]

_print = Effect("print_values", "PrintV2")


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
    if not (isinstance(stream, str) and stream.startswith("file://")):
        if stream not in (sys.stdout, sys.stderr):
            asked = f"Unsupported output stream, logging level, or file.{stream}."
            raise ValueError(f"{asked} Supported are sys.stdout, sys.stderr and 'file://<filepath>'.")
        stream = "stdout" if stream == sys.stdout else "stderr"  # which is looked up when it prints
    pieces = _pieces(inputs, sep)
    tensors = [x for x in nest.flatten(list(inputs)) if isinstance(x, Operators)]
    pieces[-1] += end
    _print(*tensors, pieces=tuple(pieces), summarize=3 if summarize is None else summarize, stream=stream)


def _pieces(inputs: tuple[Any, ...], sep: str) -> list[str]:
    """Format all inputs with a placeholder for each tensor, as line breaks count its length, and cut the text there."""
    bare = nest.map_structure(lambda x: "" if isinstance(x, Operators) else x, [_sorted(x) for x in inputs])
    placeholder = _absent(" ".join(map(pprint.pformat, bare)))
    shown = nest.map_structure(lambda x: placeholder if isinstance(x, Operators) else x, list(inputs))
    pieces = [x if isinstance(x, str) and x != placeholder else pprint.pformat(x) for x in shown]
    return sep.join(pieces).replace(f"'{placeholder}'", placeholder).split(placeholder)


def _sorted(value: Any) -> Any:
    return OrderedDict(sorted(value.items())) if isinstance(value, OrderedDict) else value


def _absent(text: str) -> str:
    """Make a placeholder that does not occur in a text, the same one as TensorFlow."""
    placeholder, digits = "{}", random.Random(5)
    while placeholder in text:
        placeholder += str(digits.randint(0, 9))
    return placeholder
