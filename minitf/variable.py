"""Variable: a tensor's value that can change, with a name; tapes watch it, and modules collect it.

A variable holds an array and never changes it: assigning puts another array in its place. Each read makes a tensor of
its own, so tensors read before keep their value, and tapes, which know tensors by identity, can tell reads apart.
"""

from __future__ import annotations

import enum
import functools
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from minitf.backends import kernels
from minitf.dtypes import OF_NUMPY, DType, as_dtype
from minitf.errors import InvalidArgumentError, explain, invalid_argument
from minitf.indexed_slices import IndexedSlices
from minitf.op import Mixed, bracketed, run, thread
from minitf.operators import Operators, table
from minitf.ops.array import identity, stack
from minitf.ops.axes import integers
from minitf.ops.index import (
    gather, gather_nd, tensor_scatter_nd_add, tensor_scatter_nd_max, tensor_scatter_nd_min, tensor_scatter_nd_sub,
    tensor_scatter_nd_update,
)  # fmt: skip
from minitf.ops.slicing import index_of
from minitf.scope import name_scope
from minitf.shape import TensorShape
from minitf.tensor import Reference, Tensor, convert_to_tensor

__all__ = ["Variable", "VariableAggregation", "VariableSynchronization"]

_scatter_rows = Mixed("scatter_rows", "ResourceScatter")
_strided_slice_assign = Mixed("strided_slice_assign", "ResourceStridedSliceAssign")

_numbers = itertools.count()


class VariableAggregation(enum.Enum):
    """How the copies of a variable on several devices are put together."""

    NONE = 0
    SUM = 1
    MEAN = 2
    ONLY_FIRST_REPLICA = 3


class VariableSynchronization(enum.Enum):
    """When the copies of a variable on several devices are put together."""

    AUTO = 0
    NONE = 1
    ON_WRITE = 2
    ON_READ = 3


def _mode(kind: type[enum.Enum], value: object, word: str, name: str | None) -> Any:
    try:
        return kind(0 if value is None else value)
    except ValueError:
        raise ValueError(
            f"Invalid variable {word} mode: {value} for variable: {name}; use one of {', '.join(map(str, kind))}."
        ) from None


def _rows(how: str, does: str) -> Callable[..., Variable]:
    def scatter(self: Variable, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None) -> Any:
        native = f"ResourceScatter{how.title()}"
        at, updates = self._slices(sparse_delta)
        at = integers(at, native, "Tindices")
        if how != "update" and self.dtype.is_bool:
            raise _refused(native, "Value for attr 'dtype' of bool is not in the list of allowed values", self.dtype)
        fitting = at.array.shape + self._array.shape[1:]
        if updates.array.shape not in ((), fitting):
            asked = "Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = []"
            shapes = zip(("updates", "indices", "params"), (updates, at, self), strict=True)
            got = ", ".join(f"{word}.shape {bracketed(each.shape)}" for word, each in shapes)
            raise invalid_argument(
                native,
                f"{asked}, got {got}",
                got=got,
                expected=f"updates of shape {fitting}, or one number",
                do="give each index a row of the variable's width",
            )
        return self._put(_scatter_rows(Tensor(self._array), at, updates, how=how).array)

    scatter.__doc__ = f"{does} at the rows that an IndexedSlices names."
    return scatter


def _entries(function: Callable[..., Tensor], does: str) -> Callable[..., Variable]:
    def scatter(self: Variable, indices: object, updates: object, name: str | None = None) -> Any:
        return self._put(function(Tensor(self._array), indices, convert_to_tensor(updates, self.dtype)).array)

    scatter.__doc__ = f"{does} at the places that the rows of indices name, as `tf.{function.__name__}` does."
    return scatter


def _in_place(operator: str, instead: str) -> Callable[[Variable, object], Any]:
    def refuse(self: Variable, other: object) -> Any:
        raise RuntimeError(
            explain(
                f"`variable {operator}= value` with `tf.Variable`s is not supported.",
                got=f"{self.name} {operator}= {other!r}",
                expected="a call that says whether the variable changes",
                do=f"`{instead}` to change the variable, or `out = variable {operator} value` for a new tensor",
            )
        )

    refuse.__doc__ = f"Refuse `{operator}=`, which could mean two things."
    return refuse


class Variable(Operators):
    """A value that can change: it is read as a tensor wherever one is expected, and set by `assign` and its like.

    A trainable variable is watched by each tape inside which it is read. `shape` may have unknown sizes (None), which
    assignments may then change.

    >>> v = tf.Variable([1.0, 2.0])
    >>> v.assign_add([1.0, 1.0])
    <tf.Variable 'UnreadVariable' shape=(2,) dtype=float32, numpy=array([2., 3.], dtype=float32)>
    >>> print(v * 10)
    tf.Tensor([20. 30.], shape=(2,), dtype=float32)
    """

    __slots__ = (
        "__dict__", "__weakref__", "_aggregation", "_array", "_constraint", "_name", "_shape", "_synchronization",
        "_trainable", "number",
    )  # fmt: skip
    __hash__ = Operators.__hash__

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        validate_shape: bool = True,
        caching_device: object = None,
        name: str | None = None,
        variable_def: None = None,
        dtype: object = None,
        import_scope: None = None,
        constraint: Callable[[Tensor], Tensor] | None = None,
        synchronization: object = VariableSynchronization.AUTO,
        aggregation: object = VariableAggregation.NONE,
        shape: object = None,
        experimental_enable_variable_lifting: bool = True,
    ) -> None:
        """Take a value, or a function that makes it; arguments about graphs and devices change nothing here.

        ValueError without a value, or if it does not have the shape.
        """
        if initial_value is None:
            raise ValueError(
                "The `initial_value` arg to `tf.Variable` must be specified; give a number, an array or a tensor."
            )
        if constraint is not None and not callable(constraint):
            raise ValueError(f"Argument `constraint` must be None or a callable. Got a {type(constraint)}: {constraint}")
        self._aggregation = _mode(VariableAggregation, aggregation, "aggregation", name)
        self._synchronization = _mode(VariableSynchronization, synchronization, "synchronization", name)
        on_read = self._synchronization is VariableSynchronization.ON_READ
        self._trainable = not on_read if trainable is None else trainable
        self._constraint = constraint
        listening, thread.recorders = thread.recorders, ()  # a variable does not depend on what it starts with
        try:
            with name_scope("Variable" if name is None else name) as scope:
                value = convert_to_tensor(initial_value() if callable(initial_value) else initial_value, dtype)
        finally:
            thread.recorders = listening
        self._name = scope.removesuffix("/") + ":0"
        self._shape = value.shape if shape is None else TensorShape(shape)
        if not self._shape.is_compatible_with(value.shape):
            raise ValueError(
                f"In this `tf.Variable` creation, the initial value's shape ({value.shape}) is not compatible with the "
                f"explicitly supplied `shape` argument ({shape}); leave the shape out."
            )
        self._array = value.array
        self.number = next(_numbers)  # variables are sorted by it, in the order in which they were made

    # --- what it is ---

    @property
    def name(self) -> str:
        """The name, with the scopes around it and `:0`."""
        return self._name

    @property
    def dtype(self) -> DType:
        """The type of the entries, such as `tf.float32`."""
        return OF_NUMPY[self._array.dtype]

    @property
    def shape(self) -> TensorShape:
        """The sizes of the axes; None for those that may change."""
        return self._shape

    @property
    def trainable(self) -> bool:
        """Whether tapes watch this variable by themselves."""
        return self._trainable

    @property
    def constraint(self) -> Callable[[Tensor], Tensor] | None:
        """The function that optimizers apply after an update."""
        return self._constraint

    @property
    def synchronization(self) -> VariableSynchronization:
        """When copies would be put together."""
        return self._synchronization

    @property
    def aggregation(self) -> VariableAggregation:
        """How copies would be put together."""
        return self._aggregation

    @property
    def device(self) -> str:
        """Where the value lies."""
        return Tensor(self._array).device

    def get_shape(self) -> TensorShape:
        """Return the shape; an older name of `shape`."""
        return self.shape

    def set_shape(self, shape: object) -> None:
        """Add to what is known about the shape; ValueError if it contradicts."""
        self._shape = self._shape.merge_with(shape)

    def is_initialized(self, name: str | None = None) -> Tensor:
        """Return True: a variable has its value from the start."""
        return Tensor(np.True_)

    def ref(self) -> Reference:
        """Return a hashable reference to this variable, for use as a key."""
        return Reference(self)

    def experimental_ref(self) -> Reference:
        """Return a reference; an older name of `ref`."""
        return self.ref()

    # --- reading ---

    def value(self) -> Tensor:
        """Return the value as a tensor, which stays as it is when the variable changes."""
        value = Tensor(self._array)
        for recorder in thread.recorders:
            recorder.read(self, value)
        return value

    def __tf_tensor__(self, dtype: object = None, name: str | None = None) -> Tensor:
        """Return the value; ValueError if another dtype is asked for."""
        if dtype is not None and self.dtype != dtype:
            wanted = as_dtype(dtype)
            raise ValueError(
                explain(
                    f"Incompatible type conversion requested to type {wanted.name} for "
                    f"`tf.Variable of type {self.dtype.name}. (Variable: {self})",
                    got=f"a variable of dtype {self.dtype.name}",
                    expected=f"dtype {wanted.name}; variables never convert by themselves",
                    do=f"convert its value with tf.cast(v, {wanted!r})",
                )
            )
        return self.value()

    def read_value(self) -> Tensor:
        """Return the value as a tensor, which stays as it is when the variable changes."""
        return identity(self)

    def numpy(self) -> Any:
        """Return the value as a new NumPy array, or as a NumPy scalar if the shape is ()."""
        return self.value().numpy()

    def sparse_read(self, indices: object, name: str | None = None) -> Tensor:
        """Return the rows that the indices name, as `tf.gather` does."""
        return gather(self, indices)

    def gather_nd(self, indices: object, name: str | None = None) -> Tensor:
        """Return what the rows of indices name, as `tf.gather_nd` does."""
        return gather_nd(self, indices)

    def __getitem__(self, key: Any) -> Tensor:
        """Take part of the value; `v[key].assign(x)` changes that part of the variable."""
        part: Tensor = table["getitem"](self, key)
        if getattr(key, "dtype", None) != np.bool_:
            part.assign = functools.partial(self._assign_part, key)
        return part

    def __iter__(self) -> Iterator[Tensor]:
        """Go through the first axis of the value; TypeError for a scalar."""
        return iter(self.value())

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        """Give NumPy a new array."""
        return np.array(self.value().array, dtype)

    def __bool__(self) -> bool:
        """Return the truth of a variable with one entry; ValueError if it has more."""
        return bool(self.value())

    def __int__(self) -> int:
        """Return the value of a scalar, cut off to an int; TypeError for other shapes."""
        return int(self.value())

    def __float__(self) -> float:
        """Return the value of a scalar as a float; TypeError for other shapes."""
        return float(self.value())

    def __complex__(self) -> complex:
        """Return the value of a scalar as a complex number; TypeError for other shapes."""
        return complex(self.value())

    def __eq__(self, other: object) -> Any:
        """Compare entry by entry; False for shapes that do not fit. ValueError for None."""
        return table["tensor_equals"](self, other)

    def __ne__(self, other: object) -> Any:
        """Compare entry by entry; True for shapes that do not fit. ValueError for None."""
        return table["tensor_not_equals"](self, other)

    def __repr__(self) -> str:
        """Print as TensorFlow does."""
        value = repr(self.value()).partition("numpy=")[2]
        return f"<tf.Variable '{self.name}' shape={self.shape} dtype={self.dtype.name}, numpy={value}"

    # --- changing ---

    def assign(
        self, value: object, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Variable | None:
        """Set the value; a Python number or an array converts to the variable's dtype, a tensor must have it.

        ValueError if the shape does not fit. Returns the variable, or None with read_value=False.
        """
        array = self._given(value)
        if array.shape != self._array.shape and not self._shape.is_compatible_with(array.shape):
            shapes = f"The variable shape {self._shape}, and the assigned value shape {TensorShape(array.shape)}"
            raise ValueError(
                explain(
                    f"Cannot assign value to variable ' {self.name}': Shape mismatch.{shapes} are incompatible.",
                    got=f"a value of shape {array.shape}",
                    expected=f"shape {self._shape}",
                    do="make a variable of shape=tf.TensorShape(None) if its shape should change",
                )
            )
        return self._put(array, read_value)

    def assign_add(
        self, delta: object, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Variable | None:
        """Add to the value; InvalidArgumentError unless the shapes are equal."""
        return self._put(self._updated(kernels.add, delta, "AssignAddVariableOp"), read_value)

    def assign_sub(
        self, delta: object, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Variable | None:
        """Subtract from the value; InvalidArgumentError unless the shapes are equal."""
        return self._put(self._updated(kernels.subtract, delta, "AssignSubVariableOp"), read_value)

    scatter_add = _rows("add", "Add")
    scatter_sub = _rows("sub", "Subtract")
    scatter_mul = _rows("mul", "Multiply")
    scatter_div = _rows("div", "Divide")
    scatter_min = _rows("min", "Keep the smaller entry")
    scatter_max = _rows("max", "Keep the larger entry")
    scatter_update = _rows("update", "Replace the values")
    scatter_nd_add = _entries(tensor_scatter_nd_add, "Add")
    scatter_nd_sub = _entries(tensor_scatter_nd_sub, "Subtract")
    scatter_nd_min = _entries(tensor_scatter_nd_min, "Keep the smaller entry")
    scatter_nd_max = _entries(tensor_scatter_nd_max, "Keep the larger entry")
    scatter_nd_update = _entries(tensor_scatter_nd_update, "Replace the values")

    def batch_scatter_update(
        self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None
    ) -> Variable:
        """Replace entries row by row: the last axis of the indices counts along the variable's axis of that number."""
        at, updates = self._slices(sparse_delta)
        outer = np.indices(at.array.shape, at.array.dtype)[:-1]
        return self.scatter_nd_update(stack([*map(Tensor, outer), at], axis=-1), updates)

    __iadd__ = _in_place("+", "variable.assign_add(value)")
    __isub__ = _in_place("-", "variable.assign_sub(value)")
    __imul__ = _in_place("*", "variable.assign(variable * value)")
    __itruediv__ = _in_place("/", "variable.assign(variable / value)")
    __ipow__ = _in_place("**", "variable.assign(variable ** value)")

    def _given(self, value: object) -> NDArray[Any]:
        if type(value) is Tensor and value.array.dtype is self._array.dtype:
            return value.array
        return convert_to_tensor(value, self.dtype).array

    def _updated(self, kernel: Callable[..., Any], delta: object, native: str) -> Any:
        before, array = self._array, self._given(delta)
        if array.shape != before.shape:
            shapes = f"Cannot update variable with shape {bracketed(before.shape)} using a Tensor with shape "
            raise invalid_argument(
                native,
                f"{shapes}{bracketed(array.shape)}, shapes must be equal.",
                got=f"a value of shape {array.shape}",
                expected=f"shape {before.shape}; nothing broadcasts here",
                do="broadcast it with tf.broadcast_to, or use v.assign(v + delta)",
            )
        if before.dtype.kind == "b":
            raise _refused(native, f"No OpKernel was registered to support Op {native!r}", self.dtype)
        return run(kernel, before, array)

    def _put(self, array: Any, read_value: bool = True) -> Any:
        """Make this the value, and return what an assignment returns."""
        self._array = array if type(array) is np.ndarray else np.asarray(array)
        if not read_value:
            return None
        if thread.recorders:
            self.value()
        return _UnreadVariable(self)

    def _assign_part(self, key: Any, value: object, name: str | None = None) -> Variable:
        part = convert_to_tensor(value, self.dtype)
        try:
            after = _strided_slice_assign(Tensor(self._array), part, index=index_of(key))
        except ValueError:
            final = bracketed(table["getitem"](Tensor(self._array), key).shape)
            raise invalid_argument(
                _strided_slice_assign.native,
                f"Cannot broadcast input shape {bracketed(part.shape)} into final shape {final}",
                got=f"a value of shape {part.shape}",
                expected=f"a shape that broadcasts to {final}",
                do="compare with the shape of the part, v[...].shape",
            ) from None
        changed: Variable = self._put(after.array)
        return changed

    def _slices(self, sparse_delta: object) -> tuple[Tensor, Tensor]:
        if not isinstance(sparse_delta, IndexedSlices):
            raise TypeError(
                f"Argument `sparse_delta` must be a `tf.IndexedSlices`. Received arg: {sparse_delta}; "
                "make one with tf.IndexedSlices(values, indices)."
            )
        return convert_to_tensor(sparse_delta.indices), convert_to_tensor(sparse_delta.values, self.dtype)

    # --- copies ---

    def __copy__(self) -> Variable:
        """Return the variable itself."""
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Variable:
        """Return a new variable with the same value."""
        return Variable(*self._arguments())

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the value, the name and the rest."""
        return Variable, self._arguments()

    def _arguments(self) -> Sequence[Any]:
        name = self.name.removesuffix(":0")
        modes = (self._synchronization, self._aggregation)
        return self.numpy(), self._trainable, True, None, name, None, self.dtype.name, None, self._constraint, *modes


class _UnreadVariable(Variable):
    """What assignments return: the variable, under the name that TensorFlow prints for it."""

    __slots__ = ("_variable",)

    def __init__(self, variable: Variable) -> None:
        self._variable = variable

    def __getattr__(self, name: str) -> Any:
        return getattr(self._variable, name)  # its own slots are empty

    @property
    def name(self) -> str:
        return "UnreadVariable"

    def value(self) -> Tensor:
        return self._variable.value()

    def set_shape(self, shape: object) -> None:
        self._variable.set_shape(shape)

    def _put(self, array: Any, read_value: bool = True) -> Any:
        return self._variable._put(array, read_value)


def _refused(native: str, asked: str, dtype: DType) -> InvalidArgumentError:
    return invalid_argument(
        native, asked, got=f"a variable of dtype {dtype.name}", expected="numbers", do="assign the new value instead"
    )
