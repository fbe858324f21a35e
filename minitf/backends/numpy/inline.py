"""How the source of a program writes some kernels: as the NumPy that they come to, where a call would cost as much.

Each takes the specs, the names and the attributes of an op's inputs, and returns the text, or None where the kernel
does more.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["FRESH", "INLINE", "INLINE_NAMES", "INTO", "SEVERAL"]

Text = Callable[[list[Any], list[str], dict[str, Any]], str | None]

INLINE: dict[str, Text] = {}
INLINE_NAMES: dict[str, Any] = {}
SEVERAL = frozenset({"cond", "split", "unstack", "unique", "slogdet", "while_loop"})  # kernels that return a tuple

_MATH = vars(importlib.import_module("minitf.backends.numpy.math"))
_UFUNCS = {name for name, kernel in _MATH.items() if isinstance(kernel, np.ufunc)}
# Kernels whose third, or after one input second, argument is an array for the result.
INTO = frozenset(_UFUNCS)
# Kernels whose result is always an array of its own, and no view.
FRESH = INTO | {
    "add_n", "batched_rows", "broadcast_to", "cast", "concat", "cross_entropy", "cross_entropy_gradient",
    "divide_no_nan", "elu", "fill", "floormod", "gate", "gather", "gather_grad", "log_softmax", "matmul",
    "matmul_nt", "matmul_tn", "one_hot", "relu", "relu6", "rsqrt", "shares", "sigmoid", "softmax",
    "sparse_cross_entropy_gradient", "squared_difference", "stack", "strided_slice_grad", "tile", "where",
    "zeros_like",
}  # fmt: skip
