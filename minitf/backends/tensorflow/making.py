"""How kernels are made: of one op of TensorFlow, of a function of tensors, or of NumPy's kernel.

A kernel that fails runs again as NumPy's kernel of the same name, on the same values: that knows what to say.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import itertools
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.python import pywrap_tfe

from minitf.backends.tensorflow.arrays import Array, EagerTensor, asarray, context_, symbolic, wrapped

__all__ = [
    "NotCompiled",
    "by_numpy",
    "constant",
    "eagerly",
    "embedded",
    "in_programs",
    "kernel",
    "launched",
    "native",
    "number",
    "numbers",
    "on_host",
    "sizes",
]

BFLOAT16 = np.dtype(tf.bfloat16.as_numpy_dtype)
_SMALL = 128  # so many entries of a constant are written into a program
_new = object.__new__
_fast = pywrap_tfe.TFE_Py_FastPathExecute
HOST = "/job:localhost/replica:0/task:0/device:CPU:0"
_numpy = importlib.import_module("minitf.backends.numpy")
Kernel = Callable[..., Any]
# What TensorFlow raises where it does not take shapes, dtypes or values; running out of memory is something else.
_REFUSED = (
    tf.errors.InvalidArgumentError, tf.errors.NotFoundError, tf.errors.UnimplementedError, ValueError, TypeError,
)  # fmt: skip


class NotCompiled(Exception):
    """XLA cannot compile a kernel; the text names it."""


class _Tracing(threading.local):
    host = False  # whether kernels may leave the program that is being traced, and compute on the host


tracing = _Tracing()


def _slow(op: str) -> Kernel:
    """Return the function that TensorFlow's Python has for an op."""
    function: Kernel = inspect.unwrap(getattr(tf.raw_ops, op))
    return function


def native(op: str, inputs: int, name: str, dtype: np.dtype[Any] | None = None, slowly: Kernel | None = None) -> Kernel:
    """Make a kernel of one op of TensorFlow, called as directly as can be; its result has the dtype of x or another.

    `slowly` computes the same of symbols, where XLA's op of that name does not.
    """
    slowly = slowly or _slow(op)
    made: Kernel
    if inputs == 1:

        def made(x: Array) -> Array:
            z = _new(Array)
            z.dtype = dtype or x.dtype
            try:
                z.tensor = _fast(context_, op, None, x.tensor)
            except Exception:  # a symbol, or an error, which comes out below
                z.tensor = _again(made, slowly, x)
            return z

    else:

        def made(x: Array, y: Array) -> Array:
            z = _new(Array)
            z.dtype = dtype or x.dtype
            try:
                z.tensor = _fast(context_, op, None, x.tensor, y.tensor)
            except Exception:  # a symbol, or an error, which comes out below
                z.tensor = _again(made, slowly, x, y)
            return z

    made.__name__ = name
    return made


def launched(op: str, slowly: Kernel | None = None) -> Kernel:
    """Return the function of tensors, and attributes by name, that calls one op of TensorFlow directly where it can.

    Where nothing is a symbol it computes at once, in a program too: what hangs on shapes only is a constant there.
    """
    slowly = slowly or _slow(op)

    def launch(*tensors: Any, **attributes: Any) -> Any:
        try:
            if attributes:
                return _fast(context_, op, None, *tensors, *itertools.chain.from_iterable(attributes.items()))
            return _fast(context_, op, None, *tensors)
        except Exception:  # a symbol, or an error, which comes out below
            return slowly(*map(embedded, tensors), **attributes)

    return launch


def numbers(*values: int) -> Any:
    """Return a vector of whole numbers as a tensor: a shape, or a list of axes."""
    try:
        return _numbers(*values)
    except TypeError:  # sizes that only a call of a graph knows are symbols, which cannot be looked up
        return tf.stack(values)


@functools.lru_cache(maxsize=4096)
def _numbers(*values: int) -> Any:
    return EagerTensor(np.array(values, np.int32 if max(map(abs, values), default=0) < 2**31 else np.int64), HOST, None)


def sizes(x: Any) -> tuple[Any, ...]:
    """Return the sizes of the axes of a tensor; symbols for those that only a call of a graph knows."""
    known: tuple[Any, ...] = x._shape_tuple()
    if None not in known:
        return known
    return tuple([tf.shape(x)[axis] if size is None else size for axis, size in enumerate(known)])


def number(value: int) -> Any:
    """Return one whole number as a tensor."""
    try:
        return _number(value)
    except TypeError:  # it is a symbol
        return value


@functools.lru_cache(maxsize=4096)
def _number(value: int) -> Any:
    return EagerTensor(np.array(value, np.int32), HOST, None)


def constant(value: float, like: Any) -> Any:
    """Return one number as a tensor of the dtype of another one."""
    try:
        return _constant(value, like.dtype.as_datatype_enum, context_.device_name or "")
    except TypeError:  # a symbol
        return tf.cast(value, like.dtype)


@functools.lru_cache(maxsize=4096)
def _constant(value: float, dtype: int, place: str) -> Any:
    return EagerTensor(np.array(value, tf.as_dtype(dtype).as_numpy_dtype), place, dtype)


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


def eagerly(function: Kernel) -> Kernel:
    """Make a kernel of a function of tensors whose result has a shape that only values tell, which XLA refuses."""
    made = kernel(function)

    @functools.wraps(function)
    def computed(*arrays: Array, **attributes: Any) -> Any:
        if symbolic(*map(asarray, arrays)):  # they may be NumPy's
            raise NotCompiled(function.__name__)
        return made(*arrays, **attributes)

    computed.__dict__["in_graphs"] = made  # which XLA never sees
    return computed


def in_programs(function: Kernel) -> Kernel:
    """Make a kernel of a function of tensors for programs; where nothing is a symbol, NumPy's computes on the host."""
    here, traced = by_numpy(function.__name__), kernel(function)

    @functools.wraps(function)
    def computed(*arrays: Array, **attributes: Any) -> Any:
        return (traced if symbolic(*arrays) else here)(*arrays, **attributes)

    return computed


def embedded(tensor: Any) -> Any:
    """Make a small tensor a constant of the program that is being traced, which would take it as an input otherwise."""
    if type(tensor) is not EagerTensor or context_.executing_eagerly() or tensor._num_elements() > _SMALL:
        return tensor
    return tf.constant(tensor._numpy())


def _again(made: Kernel, function: Kernel, *arrays: Array, **attributes: Any) -> Any:
    """Compute once more; where that fails, NumPy's kernel of the same name says what is wrong."""
    arrays = tuple(map(asarray, arrays))  # they may be NumPy's
    try:
        return function(*[embedded(array.tensor) for array in arrays], **attributes)
    except _REFUSED:
        other = getattr(_numpy, made.__name__, None)
        if other is None or symbolic(*arrays):
            raise
        result = _by_numpy(other, *[array.host for array in arrays], **attributes)
    return [asarray(each).tensor for each in result] if type(result) is tuple else asarray(result).tensor


def _by_numpy(function: Kernel, *arrays: Any, **attributes: Any) -> Any:
    """Call a kernel of NumPy, which has no bfloat16: computed as float32, such numbers are rounded in the end."""
    if not any(array.dtype == BFLOAT16 for array in arrays):
        return function(*arrays, **attributes)
    result = function(
        *[array.astype(np.float32) if array.dtype == BFLOAT16 else array for array in arrays], **attributes
    )
    if "dtype" in attributes or result is None:
        return result
    several = result if type(result) is tuple else (result,)
    rounded = tuple(each.astype(BFLOAT16) if each.dtype == np.float32 else each for each in map(np.asarray, several))
    return rounded if type(result) is tuple else rounded[0]


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
        result = _by_numpy(function, *[array.host for array in arrays], **attributes)
        if result is None:
            return None
        return tuple(map(asarray, result)) if type(result) is tuple else asarray(result)

    return computed
