"""Tensor: an immutable value with operators, indexing and TensorFlow's printing.

Its operators are the ones of `operators`; what a Python value becomes is decided in `dtypes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from minitf.backends import bound, kernels
from minitf.dtypes import OF_NUMPY, DType, array_of, as_dtype, bring_bfloat16, int32
from minitf.errors import explain
from minitf.html import tensor_html
from minitf.operators import Operators, table
from minitf.recording import seen, sizes, thread
from minitf.shape import TensorShape
from minitf.size import Size, Unknowable

__all__ = ["OutOfScope", "Reference", "Tensor", "convert_like", "convert_to_tensor", "is_tensor"]

_new = object.__new__
_Array: Any  # the class of raw arrays, and what makes them
_asarray: Any
_SMALL = 65504.0  # numbers up to here fit every float dtype
_INSTEAD = {
    "T": "tf.transpose(t)",
    "all": "tf.reduce_all(t)",
    "any": "tf.reduce_any(t)",
    "assign": "a new tensor: tensors never change (tf.Variable does)",
    "astype": "tf.cast(t, dtype)",
    "copy": "t itself: tensors never change",
    "dot": "tf.tensordot(t, other, 1)",
    "flatten": "tf.reshape(t, [-1])",
    "item": "t.numpy().item()",
    "max": "tf.reduce_max(t)",
    "mean": "tf.reduce_mean(t)",
    "min": "tf.reduce_min(t)",
    "reshape": "tf.reshape(t, shape)",
    "size": "tf.size(t)",
    "sum": "tf.reduce_sum(t)",
    "tolist": "t.numpy().tolist()",
    "transpose": "tf.transpose(t)",
}


@bound
def _bind(kernels: Any) -> None:
    """Take the backend's kind of arrays, before ops ask for the dtypes that there are."""
    global _Array, _asarray
    bring_bfloat16(kernels.BFLOAT16)
    _Array, _asarray = kernels.Array, kernels.asarray


class Tensor(Operators):
    """An immutable array of one dtype; made by `tf.constant` and by every op, never by calling the class.

    >>> Tensor(np.array([1.0, 2.0], np.float32)) * 2
    <tf.Tensor: shape=(2,), dtype=float32, numpy=array([2., 4.], dtype=float32)>
    """

    __slots__ = ("__weakref__", "_keras_logits", "array", "assign")
    _keras_logits: Any  # only what Keras's softmax and sigmoid return has it: what they were given
    assign: Callable[..., Any]  # only a part of a variable has it: v[1:].assign(value) changes the variable
    __hash__ = Operators.__hash__

    def __init__(self, array: Any) -> None:
        """Wrap what a kernel computed, without a copy; for ops only."""
        if type(array) is not _Array:
            if not isinstance(array, (np.ndarray, np.generic)):
                raise TypeError(f"Tensor() takes no arguments, but got {array!r}; make a tensor with tf.constant(...).")
            array = _asarray(array)
        self.array: NDArray[Any] = array

    @property
    def dtype(self) -> DType:
        """The type of the entries, such as `tf.float32`."""
        return OF_NUMPY[self.array.dtype]

    @property
    def shape(self) -> TensorShape:
        """The sizes of the axes; None, inside a function, for those that may differ in a later call."""
        if thread.capture is not None:
            return TensorShape([None if type(size) is Size else size for size in sizes(self)])
        return TensorShape(self.array.shape)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes of the axes, for the attributes of ops; inside a function, those that may differ are `Size`s."""
        return sizes(self)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.array.ndim

    @property
    def device(self) -> str:
        """Where the value lies."""
        device: str = kernels.devices.place(self.array)
        return device

    def set_shape(self, shape: object) -> None:
        """Check the shape; ValueError if this tensor has another."""
        wanted = TensorShape(shape)
        if not self.shape.is_compatible_with(wanted):
            raise ValueError(
                f"Tensor's shape {self.shape} is not compatible with supplied shape {wanted}; use tf.reshape."
            )

    def get_shape(self) -> TensorShape:
        """Return the shape; an older name of `shape`."""
        return self.shape

    def numpy(self) -> Any:
        """Return the value as a new NumPy array, or as a NumPy scalar if the shape is ().

        >>> Tensor(np.array([1, 2])).numpy()
        array([1, 2])
        """
        seen(self, "t.numpy()")
        return self.array.copy() if self.array.ndim else self.array[()]

    def ref(self) -> Reference:
        """Return a hashable reference to this tensor, for use as a key."""
        return Reference(self)

    def __setitem__(self, key: object, value: object) -> None:
        """Refuse: tensors never change."""
        raise TypeError(
            explain(
                "'Tensor' object does not support item assignment",
                got=f"t[{key!r}] = {value!r}",
                expected="no change: a tensor keeps its value for ever",
                do="build a new tensor, for example with tf.where, tf.concat or tf.stack",
            )
        )

    def __tf_tensor__(self, dtype: object = None, name: str | None = None) -> Tensor:
        """Return the tensor itself; ValueError if another dtype is asked for."""
        if dtype is not None and self.dtype != dtype:
            wanted = as_dtype(dtype)
            raise ValueError(
                explain(
                    f"Tensor conversion requested dtype {wanted.name} for Tensor with dtype {self.dtype.name}",
                    got=f"a tensor of dtype {self.dtype.name}",
                    expected=f"dtype {wanted.name}; tensors never convert by themselves",
                    do=f"convert it with tf.cast(t, {wanted!r})",
                )
            )
        return self

    def __copy__(self) -> Tensor:
        """Return the tensor itself, which never changes."""
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Tensor:
        """Return a tensor of its own with the same value."""
        return Tensor(self.array.copy())

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the value."""
        return Tensor, (self.array,)

    def __len__(self) -> int:
        """Return the size of the first axis; TypeError for a scalar."""
        if not self.array.ndim:
            raise TypeError("Scalar tensor has no `len()`: its shape is (); ask tf.size(t) or t.ndim.")
        size = sizes(self)[0]
        if type(size) is Size:
            raise Unknowable("len(t)")
        return size

    def __iter__(self) -> Iterator[Any]:
        """Go through the first axis; TypeError for a scalar."""
        if not self.array.ndim:
            raise TypeError("Cannot iterate over a scalar tensor: its shape is (); expand it with tf.expand_dims.")
        return iter(table["unstack"](self))

    def __bool__(self) -> bool:
        """Return the truth of a tensor with one entry; ValueError if it has more."""
        if self.array.size > 1:
            raise ValueError(
                explain(
                    "The truth value of an array with more than one element is ambiguous.",
                    got=f"a tensor of shape {self.shape}",
                    expected="a tensor with one entry",
                    do="say what you mean with tf.reduce_any(t) or tf.reduce_all(t)",
                )
            )
        seen(self, "bool(t)")
        return bool(self.array.size and self.array.item())

    def __int__(self) -> int:
        """Return the value of a scalar, cut off to an int; TypeError for other shapes."""
        return int(self._scalar("int"))

    def __float__(self) -> float:
        """Return the value of a scalar as a float; TypeError for other shapes."""
        return float(self._scalar("float"))

    def __complex__(self) -> complex:
        """Return the value of a scalar as a complex number; TypeError for other shapes."""
        return complex(self._scalar("complex"))

    def __index__(self) -> int:
        """Return the value of an integer scalar, for use as an index; TypeError for anything else."""
        value = self._scalar("index")
        if self.array.dtype.kind not in "iu":
            raise TypeError(
                f"only integer scalar arrays can be converted to a scalar index, but got dtype {self.dtype.name}; "
                "convert with tf.cast(t, tf.int32)."
            )
        return int(value)

    def _scalar(self, asked: str) -> Any:
        if self.array.ndim:
            raise TypeError(
                explain(
                    f"only 0-dimensional arrays can be converted to Python scalars, in {asked}(t)",
                    got=f"a tensor of shape {self.shape}",
                    expected="shape ()",
                    do="take one entry, for example t[0], or reduce first",
                )
            )
        seen(self, f"{asked}(t)")
        return self.array.item()

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        """Give NumPy a read-only view, or a new array if it asks for another dtype or a copy."""
        seen(self, "np.array(t)")
        if copy or (dtype is not None and np.dtype(dtype) != self.array.dtype):
            return self.array.astype(dtype or self.array.dtype)
        view = self.array.view()
        view.flags.writeable = False
        return view

    def __getattr__(self, name: str) -> Any:
        """Explain a missing attribute; NumPy's get the op that does the same."""
        if name == "name" and thread.capture is not None and (known := thread.capture.symbol(self)):
            return known[0]
        if name in ("graph", "name", "op"):
            text = f"Tensor.{name} is undefined when eager execution is enabled; only graphs know such things."
            raise AttributeError(text, name=name, obj=self)
        hint = f" Use {_INSTEAD[name]}." if name in _INSTEAD else ""
        raise AttributeError(f"'Tensor' object has no attribute {name!r}.{hint}", name=name, obj=self)

    # --- printing ---

    def __repr__(self) -> str:
        """Print as TensorFlow does."""
        if thread.capture is not None and (known := thread.capture.symbol(self)):
            return f"<tf.Tensor {known[0]!r} shape={known[1].shape} dtype={known[1].dtype.name}>"
        value = _on_own_lines(repr(self.array)) if self.array.ndim else repr(self.array.item())
        return f"<tf.Tensor: shape={self.shape}, dtype={self.dtype.name}, numpy={value}>"

    def __str__(self) -> str:
        """Print as TensorFlow does."""
        if thread.capture is not None and (known := thread.capture.symbol(self)):
            return f'Tensor("{known[0]}", shape={known[1].shape}, dtype={known[1].dtype.name})'
        return f"tf.Tensor({_on_own_lines(str(self.array))}, shape={self.shape}, dtype={self.dtype.name})"

    def _repr_html_(self) -> str:
        """Show shape, dtype and values as a table in notebooks."""
        return tensor_html(self.array, self.dtype)

    def __format__(self, format_spec: str) -> str:
        """Format the value as NumPy would."""
        if not format_spec and thread.capture is not None:
            return str(self)
        seen(self, "format(t)")
        return format(self.array[()] if not self.array.ndim else self.array, format_spec)


class OutOfScope(Tensor):
    """What becomes of the tensors of a function when its trace is over: they have no value that means anything."""

    __slots__ = ()

    @property
    def array(self) -> NDArray[Any]:  # type: ignore[override]  # a slot in Tensor
        """Refuse, because the value was that of the trace."""
        raise TypeError(
            explain(
                "<tf.Tensor> is out of scope and cannot be used here. Use return values, explicit Python locals or "
                "TensorFlow collections to access it.",
                got="a tensor that was computed while a tf.function was traced, and kept in a list or an attribute",
                expected="tensors of this call: Python runs only while a function is traced, not in every call",
                do="return it from the function, or keep it in a tf.Variable with assign",
            )
        )

    def __repr__(self) -> str:
        """Print that it is none any more."""
        return "<tf.Tensor out of scope>"

    __str__ = __repr__


def _on_own_lines(text: str) -> str:
    return "\n" + text if "\n" in text else text


class Reference:
    """A key that stands for one tensor or variable: equal only to references to the same object.

    >>> tensor = Tensor(np.array(1))
    >>> {tensor.ref(): "found"}[tensor.ref()]
    'found'
    """

    __slots__ = ("_tensor",)

    def __init__(self, tensor: Operators) -> None:
        """Wrap a tensor or a variable."""
        self._tensor = tensor

    def deref(self) -> Any:
        """Return the tensor or the variable."""
        return self._tensor

    def __eq__(self, other: object) -> bool:
        """Compare the identity of the tensors."""
        return isinstance(other, Reference) and self._tensor is other._tensor

    def __hash__(self) -> int:
        """Hash the identity of the tensor."""
        return id(self._tensor)

    def __repr__(self) -> str:
        """Print as TensorFlow does."""
        return f"<Reference wrapping {self._tensor!r}>"


def is_tensor(x: object) -> bool:
    """Say whether x is a tensor or a variable.

    >>> is_tensor(1.0)
    False
    """
    return isinstance(x, Operators)


def convert_to_tensor(
    value: object, dtype: object = None, dtype_hint: object = None, name: str | None = None
) -> Tensor:
    """Make a tensor from a number, a nested sequence, a NumPy array or tensors; a tensor comes back itself.

    `dtype_hint` is tried first and given up when the value does not fit. ValueError if a tensor has another dtype.

    >>> convert_to_tensor([1, 2.5])
    <tf.Tensor: shape=(2,), dtype=float32, numpy=array([1. , 2.5], dtype=float32)>
    """
    if dtype is None and type(value) is Tensor:
        return value
    if dtype is None and dtype_hint is not None and not isinstance(value, Operators):
        try:
            return convert_to_tensor(value, dtype=dtype_hint)
        except (TypeError, ValueError):
            return convert_to_tensor(value)
    wanted = dtype if dtype is None or type(dtype) is DType else as_dtype(dtype)
    if type(value) in (float, int, bool):
        return Tensor(array_of(value, wanted))
    if hasattr(value, "__tf_tensor__"):  # TensorFlow's protocol: tensors, variables and whatever else knows how
        tensor: Tensor = value.__tf_tensor__(wanted, name)
        return tensor
    if isinstance(value, TensorShape):
        return Tensor(array_of(value.as_list(), wanted or int32))
    if holds_tensor(value):
        packed: Tensor = table["pack"](value, wanted)
        return packed
    return Tensor(array_of(value, wanted))


def convert_like(value: object, like: Any) -> Tensor:
    """Make a tensor of the dtype of another one, or of a variable.

    >>> convert_like(2, convert_to_tensor(0.5))
    <tf.Tensor: shape=(), dtype=float32, numpy=2.0>
    """
    if type(value) is float and type(like) is Tensor and -_SMALL <= value <= _SMALL:
        dtype = like.array.dtype
        if dtype.kind == "f":  # by far the most frequent case
            tensor = _new(Tensor)
            tensor.array = _asarray(np.array(value, dtype))
            return tensor
    return convert_to_tensor(value, dtype=like.dtype)


def holds_tensor(value: object) -> bool:
    """Say whether a nested list or tuple has a tensor somewhere inside."""
    if not isinstance(value, (list, tuple)):
        return False
    return any(isinstance(item, Operators) or holds_tensor(item) for item in value)


table["convert_like"] = convert_like
