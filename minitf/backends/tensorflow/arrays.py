"""Array: what a tensor holds on TensorFlow's runtime, which looks like a NumPy array to everybody else.

It holds TensorFlow's tensor, or a NumPy array, or both: each is made of the other when somebody asks for it. So small
constants and shapes stay on the host until a kernel needs them, and results on the device until somebody looks. Inside
of a program that is being compiled the tensor is a symbol without a value.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.lib.mixins import NDArrayOperatorsMixin
from tensorflow.python.eager import context
from tensorflow.python.framework import ops

__all__ = ["Array", "asarray", "open_scopes", "symbolic", "wrapped"]

_new = object.__new__
EagerTensor = ops.EagerTensor
context_ = context.context()
open_scopes: list[Any] = []  # of tf.device, in any thread
# TensorFlow's numbers of the dtypes, and NumPy's dtypes of these numbers; one object for each dtype.
NUMBERS: dict[Any, int] = {}
_DTYPES: dict[int, np.dtype[Any]] = {}
for _name in (
    "float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool", "uint32", "uint64",
):  # fmt: skip
    NUMBERS[np.dtype(tf.as_dtype(_name).as_numpy_dtype)] = tf.as_dtype(_name).as_datatype_enum
    _DTYPES[tf.as_dtype(_name).as_datatype_enum] = np.dtype(tf.as_dtype(_name).as_numpy_dtype)


class Array(NDArrayOperatorsMixin):
    """A raw array: `tensor` is TensorFlow's, `host` a NumPy array that nobody writes to."""

    __slots__ = ("__weakref__", "dtype", "host", "tensor")
    tensor: Any
    host: np.ndarray[Any, Any]
    dtype: np.dtype[Any]

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes of the axes; None for those of a symbol that are not known."""
        try:
            shape: tuple[int, ...] = _slot(self)._shape_tuple()
            return shape
        except AttributeError:
            return tuple(self.tensor.shape) if _has_symbol(self) else self.host.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of entries."""
        count = 1
        for each in self.shape:
            count *= each
        return count

    @property
    def nbytes(self) -> int:
        """Bytes of the entries."""
        return self.size * self.dtype.itemsize

    def __len__(self) -> int:
        return len(self.host) if not self.shape else self.shape[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.array(self.host, dtype, copy=copy)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """Compute with NumPy, where somebody does so; never into an array, because none changes."""
        if any(type(each) is Array for each in options.get("out", ())):
            return NotImplemented
        return getattr(ufunc, method)(*[each.host if type(each) is Array else each for each in inputs], **options)

    def __getitem__(self, key: Any) -> Any:
        return self.host[key]

    def __bool__(self) -> bool:
        return bool(self.host)

    def __int__(self) -> int:
        return int(self.host)

    def __float__(self) -> float:
        return float(self.host)

    def __index__(self) -> int:
        return operator.index(self.host)

    def __reduce__(self) -> Any:
        return asarray, (self.host,)

    def __getattr__(self, name: str) -> Any:
        """Make what is missing from what there is; everything else is asked of the NumPy array."""
        if name == "dtype":
            self.dtype = dtype = _dtype(self)
            return dtype
        if name == "tensor":
            array = self.host
            context_.ensure_initialized()
            self.tensor = tensor = EagerTensor(array, "", NUMBERS[array.dtype])  # where TensorFlow wants it
            return tensor
        if name == "host":
            tensor = _slot(self)
            array = np.asarray(tensor._numpy() if type(tensor) is EagerTensor else _no_value(tensor))
            array.flags.writeable = False  # it is the memory of the tensor
            self.host = array
            return array
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.host, name)

    def __repr__(self) -> str:
        return repr(self.host)

    def __str__(self) -> str:
        return str(self.host)

    def __format__(self, format_spec: str) -> str:
        return format(self.host, format_spec)

    def __copy__(self) -> Array:
        return self

    def __deepcopy__(self, memo: object) -> Array:
        return self


_slot = Array.__dict__["tensor"].__get__


def _dtype(array: Array) -> np.dtype[Any]:
    try:
        number = _slot(array).dtype.as_datatype_enum
    except AttributeError:  # there is a NumPy array only
        host: np.ndarray[Any, np.dtype[Any]] = array.host
        return host.dtype
    return _DTYPES[number]


def _no_value(tensor: Any) -> Any:
    raise TypeError(f"{tensor!r} is a symbol, which has no value while a program is compiled.")


def wrapped(tensor: Any) -> Array:
    """Make an array of a tensor."""
    array = _new(Array)
    array.tensor = tensor
    return array


def asarray(value: Any) -> Array:
    """Make an array of anything that NumPy knows, or of a tensor."""
    if type(value) is Array:
        return value
    array = _new(Array)
    if isinstance(value, tf.Tensor):
        array.tensor = value
    else:
        array.host = host = np.asarray(value)
        if open_scopes and context_.device_name and host.dtype in NUMBERS:
            array.tensor = EagerTensor(host, context_.device_name, NUMBERS[host.dtype])
    return array


def symbolic(*arrays: Array) -> bool:
    """Say whether any of the arrays is a symbol, because a program is being compiled."""
    return any(_has_symbol(array) for array in arrays)


def _has_symbol(array: Array) -> bool:
    try:
        return type(_slot(array)) is not EagerTensor
    except (AttributeError, TypeError):  # it has a NumPy array only, or is one
        return False
