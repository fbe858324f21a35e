"""Kernels that choose and repeat, on TensorFlow's runtime.

Where nothing is a symbol they run at once, as NumPy's do; in a program they become TensorFlow's control flow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from minitf.backends.numpy import state as of_numpy
from minitf.backends.tensorflow.arrays import Array, symbolic, wrapped
from minitf.backends.tensorflow.checks import all_hold, also, asked, collected

__all__ = ["cond", "while_loop"]


def cond(pred: Array, *arrays: Array, branches: tuple[Callable[..., Any], ...]) -> Any:
    """Compute one of two functions."""
    if not symbolic(pred):
        return branches[0 if _holds("If", pred) else 1](*arrays)
    *results, holds = tf.cond(
        _scalar("If", pred), *[lambda branch=branch: _checked(branch, arrays) for branch in branches]
    )
    if asked():
        also(holds)
    return tuple(map(wrapped, results))


def while_loop(*arrays: Array, count: int, condition: Callable[..., Any], body: Callable[..., Any]) -> Any:
    """Compute the first arrays anew, as many as `count`, while a condition holds; the others are for the functions."""
    now, others = arrays[:count], arrays[count:]
    if not symbolic(*arrays):
        while _holds("While", *condition(*now, *others)):
            now = body(*now, *others)
        return tuple(now)

    def holds(_: Any, *tensors: Any) -> Any:
        with collected(False):
            return _scalar("While", *condition(*map(wrapped, tensors), *others))

    def next_ones(held: Any, *tensors: Any) -> list[Any]:
        *results, holds = _checked(body, (*map(wrapped, tensors), *others))
        return [held & holds, *results]

    held, *results = tf.while_loop(holds, next_ones, [tf.constant(True), *(array.tensor for array in now)])
    if asked():
        also(held)
    return tuple(map(wrapped, results))


def _holds(native: str, pred: Array) -> bool:
    return of_numpy._holds(native, pred.host)


def _checked(function: Callable[..., Any], arrays: Sequence[Array]) -> list[Any]:
    """Compute with symbols; the last result says whether kernels allow all values."""
    with collected(asked()) as found:
        results = function(*arrays)
    return [*(array.tensor for array in results), all_hold(found)]


def _scalar(native: str, pred: Array) -> Any:
    """Return a symbol as one boolean; the error of `_holds` if it has more or fewer entries."""
    if pred.size != 1:
        of_numpy._holds(native, np.empty(pred.shape, bool))
    return tf.reshape(tf.cast(pred.tensor, tf.bool), [])
