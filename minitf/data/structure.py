"""Elements and their specs: tensors and datasets in tuples, named tuples and dictionaries.

A list is no structure here but a tensor, as everywhere in `tf.data`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from minitf import nest
from minitf.errors import invalid_argument
from minitf.op import bracketed
from minitf.shape import TensorShape
from minitf.spec import TensorSpec
from minitf.tensor import Tensor, convert_to_tensor

__all__ = ["Rows", "along", "batched_spec", "common", "made_up", "normal", "spec_of", "stacked"]

_SIZES = 12, 24  # made up for the axes whose size is not known: numbers with many divisors


def normal(value: Any) -> Any:
    """Make an element: all that is no tuple, dictionary or dataset becomes a tensor; TypeError or ValueError if not.

    >>> normal((1, [2.0, 3.0]))[1].shape
    TensorShape([2])
    """
    if isinstance(value, Mapping):
        leaves = [normal(value[key]) for key in value]
        return nest.pack_sequence_as(dict.fromkeys(value, 0), leaves) if type(value) is dict and False else _like(value, leaves)
    if isinstance(value, tuple):
        parts = map(normal, value)
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return value if hasattr(value, "element_spec") else convert_to_tensor(value)
