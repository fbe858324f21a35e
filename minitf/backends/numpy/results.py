"""What the passes and the source of a program have to know about kernels: which give several results, or new arrays."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["FRESH", "INTO", "SEVERAL", "Array", "asarray", "compiled"]

SEVERAL = frozenset({"cond", "split", "unstack", "unique", "slogdet", "while_loop"})  # kernels that return a tuple

_MATH = vars(importlib.import_module("minitf.backends.numpy.math"))
# Kernels with an argument `out`, an array for the result.
INTO = frozenset(name for name, kernel in _MATH.items() if isinstance(kernel, np.ufunc))
# Kernels whose result is always an array of its own, and no view.
FRESH = INTO | {
    "add_n", "batched_rows", "broadcast_to", "cast", "concat", "cross_entropy", "cross_entropy_gradient",
    "divide_no_nan", "elu", "fill", "floormod", "gate", "gather", "gather_grad", "log_softmax", "matmul",
    "matmul_nt", "matmul_tn", "one_hot", "relu", "relu6", "rsqrt", "shares", "sigmoid", "softmax",
    "sparse_cross_entropy_gradient", "squared_difference", "stack", "strided_slice_grad", "tile", "where",
    "zeros_like",
}  # fmt: skip


Array = np.ndarray  # the class of raw arrays
asarray = np.asarray


def compiled(function: Callable[..., Any], program: object) -> Callable[..., Any]:
    """Return the generated function of a program as it is: on NumPy it runs from line to line."""
    return function
