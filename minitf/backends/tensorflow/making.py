"""How kernels are made: of one op of TensorFlow, of a function of tensors, or of NumPy's kernel.

A kernel that fails runs again as NumPy's kernel of the same name, on the same values: that knows what to say.
"""

from __future__ import annotations

import functools
import importlib
import threading
from collections.abc import Callable
from typing import Any

import tensorflow as tf
from tensorflow.python import pywrap_tfe

from minitf.backends.tensorflow.arrays import Array, asarray, context_, symbolic, wrapped

__all__ = ["NotCompiled", "by_numpy", "kernel", "native", "on_host"]

_new = object.__new__
_fast = pywrap_tfe.TFE_Py_FastPathExecute
_numpy = importlib.import_module("minitf.backends.numpy")
Kernel = Callable[..., Any]


class NotCompiled(Exception):
    """XLA cannot compile a kernel; the text names it."""


class _Tracing(threading.local):
    host = False  # whether kernels may leave the program that is being traced, and compute on the host


tracing = _Tracing()


def native(op: str, slowly: Kernel, inputs: int) -> Kernel:
    """Make a kernel of one op of TensorFlow, called as directly as can be; `slowly` calls it in programs."""
    if inputs == 1:

        def unary(x: Array) -> Array:
            z = _new(Array)
            try:
                z.tensor = _fast(context_, op, None, x.tensor)
            except Exception:  # a symbol, or an error, which comes out below
                z.tensor = _again(unary, slowly, x)
            return z

        return unary

    def binary(x: Array, y: Array) -> Array:
        z = _new(Array)
        try:
            z.tensor = _fast(context_, op, None, x.tensor, y.tensor)
        except Exception:  # a symbol, or an error, which comes out below
            z.tensor = _again(binary, slowly, x, y)
        return z

    return binary


def kernel(function: Kernel) -> Kernel:
    """Make a kernel of a function of TensorFlow's tensors, which may return a tuple of them."""

    @functools.wraps(function)
    def computed(*arrays: Array, **attributes: Any) -> Any:
        try:
            result = function(*[array.tensor for array in arrays], **attributes)
        except (tf.errors.OpError, ValueError, TypeError, AttributeError):
            result = _again(computed, function, *arrays, **attributes)
        return tuple(map(wrapped, result)) if type(result) in (tuple, list) else wrapped(result)

    return computed


def _again(made: Kernel, function: Kernel, *arrays: Array, **attributes: Any) -> Any:
    """Compute once more; where that fails, NumPy's kernel of the same name says what is wrong."""
    arrays = tuple(map(asarray, arrays))  # they may be NumPy's
    try:
        return function(*[array.tensor for array in arrays], **attributes)
    except (tf.errors.OpError, ValueError, TypeError):
        other = getattr(_numpy, made.__name__, None)
        if other is None or symbolic(*arrays):
            raise
        result = other(*[array.host for array in arrays], **attributes)
    return [asarray(each).tensor for each in result] if type(result) is tuple else asarray(result).tensor


def by_numpy(name: str) -> Kernel:
    """Make a kernel that computes with NumPy's on the host."""
    return on_host(getattr(_numpy, name))


def on_host(function: Kernel) -> Kernel:
    """Make a kernel of a function of NumPy arrays; in a program it is a call back to the host, which XLA refuses."""

    @functools.wraps(function)
    def computed(*arrays: Array, **attributes: Any) -> Any:
        arrays = tuple(map(asarray, arrays))  # they may be NumPy's
        if symbolic(*arrays):
            raise NotCompiled(function.__name__)
        result = function(*[array.host for array in arrays], **attributes)
        if result is None:
            return None
        return tuple(map(asarray, result)) if type(result) is tuple else asarray(result)

    return computed
