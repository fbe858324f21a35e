"""What the passes and the source of a program have to know about kernels: which give several results, or new arrays."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

__all__ = [
    "BFLOAT16",
    "FOLDED",
    "FRESH",
    "INTO",
    "SEVERAL",
    "Array",
    "asarray",
    "compiled",
    "feeding",
    "hlo",
    "repeated",
    "told",
]

BFLOAT16 = None  # the NumPy type of such arrays, of which there are none
FOLDED = 2**20  # constants of more bytes than this are not made of smaller ones
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


def told(running: Callable[..., Any]) -> str | None:
    """Say in a sentence how what `compiled` gave runs; None, as there is one way only."""
    return None


def hlo(running: Callable[..., Any], shapes: Sequence[Sequence[int]], stage: str) -> Any:
    """Refuse: there is no compiler that would have a language of its own."""
    raise ValueError(
        "Compiler IR is what XLA makes of a program, but NumPy runs it as the Python that `source()` shows; "
        "start Python with MINITF_BACKEND=tensorflow."
    )


def feeding() -> tuple[Callable[[Any], Any], int]:
    """Return what makes an array of a batch's part, and how many batches a thread should have ready: none."""
    return asarray, 0


def repeated(running: Callable[..., Any], program: Any, times: int) -> Callable[..., Any]:
    """Return what runs a program so many times: on the arguments of each time, and on variables as they are by then.

    It returns the results of the last time.
    """
    inputs, results = len(program.arguments), len(program.results)

    def run(*arrays: Any) -> Any:
        variables = [*arrays[inputs * times :]]
        for i in range(times):
            values = running(*arrays[i * inputs : (i + 1) * inputs], *variables)
            for (position, _), value in zip(program.assigned, values[results:], strict=True):
                variables[position] = value
        return values

    return run
