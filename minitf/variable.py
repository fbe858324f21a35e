"""Variable: a named value that can change; tapes watch it, and modules collect it.

A variable holds an array and never changes the array: assigning puts another in its place. Each read makes a tensor of
its own, so tensors read before keep their value, and tapes, which know tensors by identity, can tell reads apart.
"""

from __future__ import annotations

import contextlib
import enum
import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from minitf.backends import kernels
from minitf.dtypes import OF_NUMPY, DType, as_dtype
from minitf.errors import InvalidArgumentError, explain, invalid_argument
from minitf.indexed_slices import IndexedSlices
from minitf.op import Mixed, Op, bracketed, quietly, registered, run
from minitf.operators import Operators, table
from minitf.ops import index
from minitf.ops.array import identity, stack
from minitf.ops.axes import integers
from minitf.ops.math import add, subtract
from minitf.ops.slicing import index_of
from minitf.recording import assigning, thread, unheard
from minitf.scope import name_scope
from minitf.shape import TensorShape
from minitf.tensor import Reference, Tensor, convert_to_tensor

__all__ = ["Variable", "VariableAggregation", "VariableSynchronization"]

_scatter_rows = Mixed("scatter_rows", "ResourceScatter")
_assign_part = Mixed("strided_slice_assign", "ResourceStridedSliceAssign")
_count = itertools.count()
_new = object.__new__  # as quick as can be, because a training step reads and assigns each variable


class VariableAggregation(enum.Enum):
    """How the copies of a variable on several devices are put together; there is one here, so it changes nothing."""

    NONE, SUM, MEAN, ONLY_FIRST_REPLICA = range(4)


class VariableSynchronization(enum.Enum):
    """When the copies of a variable on several devices are put together; with ON_READ it is not trainable."""

    AUTO, NONE, ON_WRITE, ON_READ = range(4)


@contextlib.contextmanager
def _to_capture() -> Iterator[None]:
    """Let the capture alone listen: what a variable's next value is computed from is no business of tapes."""
    recorders = thread.recorders
    thread.recorders = recorders[:1]
    try:
        yield
    finally:
        thread.recorders = recorders


def _stepped(compute: Callable[..., Tensor], op: Op, native: str, does: str) -> Callable[..., Any]:
    def step(
        self: Variable, delta: object, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Any:
        if thread.capture is not None:
            now, given = self._now(), self._converted(delta)
            if now.sizes != given.sizes or self.dtype.is_bool:
                raise _no_step(native, now.array, given.array)
            with _to_capture():
                return self._set(compute(now, given), read_value)
        fits = type(delta) is Tensor and delta.array.dtype is self._array.dtype
        array: NDArray[Any] = delta.array if fits else self._given(delta)  # type: ignore[attr-defined]  # fits says so
        with assigning:
            before = self._array
            if array.shape != before.shape or before.dtype.kind == "b":
                raise _no_step(native, before, array)
            try:
                after = quietly(op.kernel, before, array)
            except RuntimeError:
                after = run(op.kernel, before, array)
            return self._put(after, read_value)

    step.__name__ = step.__qualname__ = f"assign_{native[6:9].lower()}"  # errors about arguments show it
    step.__doc__ = f"{does} the value; InvalidArgumentError unless the shapes are equal. Returns as `assign` does."
    return step


def _rows(how: str, does: str) -> Callable[..., Variable]:
    def scatter(self: Variable, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None) -> Any:
        native = f"ResourceScatter{how.title()}"
        at, updates = self._slices(sparse_delta)
        if how != "update" and self.dtype.is_bool:
            asked = "Value for attr 'dtype' of bool is not in the list of allowed values"
            raise _unfit(native, asked, "a bool variable", "numbers")
        shape, fitting = self._array.shape, at.array.shape + self._array.shape[1:]
        if not shape or (at.array.size and updates.array.shape not in ((), fitting)):
            asked = "Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = []"
            got = f"updates of shape {updates.shape}, indices of shape {at.shape}, a variable of shape {shape}"
            raise _unfit(native, asked, got, f"updates of shape {fitting}, or one number")
        with assigning:
            return self._set(_scatter_rows(self._now(), integers(at, native, "Tindices"), updates, how=how))

    scatter.__name__ = scatter.__qualname__ = f"scatter_{how}"
    scatter.__doc__ = f"{does} the rows that an IndexedSlices names."
    return scatter


def _entries(function: Callable[..., Tensor], does: str) -> Callable[..., Variable]:
    def scatter(self: Variable, indices: object, updates: object, name: str | None = None) -> Any:
        given = self._converted(updates)
        with assigning:
            return self._set(function(self._now(), indices, given))

    scatter.__name__ = scatter.__qualname__ = function.__name__.removeprefix("tensor_")
    scatter.__doc__ = f"{does} what the rows of indices name, as `tf.{function.__name__}` does."
    return scatter


def _in_place(operator: str, instead: str) -> Callable[[Variable, object], Any]:
    def refuse(self: Variable, other: object) -> Any:
        asked = f"`variable {operator}= value` with `tf.Variable`s is not supported. Use `variable.{instead}` to modify"
        new = f"`out = variable {operator} value` if you need to get a new output Tensor"
        raise RuntimeError(f"{asked} the variable, or {new}.")

    refuse.__doc__ = f"Refuse `{operator}=`, which could mean two things."
    return refuse


class Variable(Operators):
    """A value that can change: it is read as a tensor wherever one is expected, and set by `assign` and its like.

    Tapes watch a trainable variable when it is read. Sizes that are None in `shape` may change with an assignment.

    >>> v = tf.Variable([1.0, 2.0])
    >>> v.assign_add([1.0, 1.0])
    <tf.Variable 'UnreadVariable' shape=(2,) dtype=float32, numpy=array([2., 3.], dtype=float32)>
    >>> print(v * 10)
    tf.Tensor([20. 30.], shape=(2,), dtype=float32)
    """

    __slots__ = (
        "__dict__", "__weakref__", "_array", "_name", "_shape", "_trainable", "aggregation", "constraint", "key",
        "number", "synchronization",
    )  # fmt: skip
    __hash__ = Operators.__hash__

    def __init__(
        self, initial_value: Any = None, trainable: bool | None = None, validate_shape: bool = True,
        caching_device: object = None, name: str | None = None, variable_def: None = None, dtype: object = None,
        import_scope: None = None, constraint: Callable[[Tensor], Tensor] | None = None,
        synchronization: object = None, aggregation: object = None, shape: object = None,
        experimental_enable_variable_lifting: bool = True,
    ) -> None:  # fmt: skip
        """Take a value, or a function that makes it; arguments about graphs and devices change nothing here.

        ValueError without a value, or if it does not have the shape.
        """
        if initial_value is None:
            raise ValueError("The `initial_value` arg to `tf.Variable` must be specified; give a number or a tensor.")
        if isinstance(initial_value, Tensor) and thread.capture is not None:
            thread.capture.start(initial_value)
        with unheard(), name_scope("Variable" if name is None else name) as scope:  # it does not depend on its start
            value = convert_to_tensor(initial_value() if callable(initial_value) else initial_value, dtype)
        self._shape = value.shape if shape is None else TensorShape(shape)
        if not self._shape.is_compatible_with(value.shape):
            asked = f"the initial value's shape ({value.shape}) is not compatible with the explicitly supplied `shape`"
            raise ValueError(f"In this `tf.Variable` creation, {asked} argument ({shape}); leave the shape out.")
        self._array = value.array
        self._name = scope.removesuffix("/") + ":0"
        self.number = next(_count)  # tapes sort by it
        self.key = id(self)  # and know the variable by this
        self.aggregation = VariableAggregation(aggregation or 0)
        self.synchronization = VariableSynchronization(synchronization or 0)
        on_read = self.synchronization is VariableSynchronization.ON_READ
        self._trainable = not on_read if trainable is None else trainable
        self.constraint = constraint
        if thread.capture is not None:
            thread.capture.create(self)

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

    # --- reading ---

    def value(self) -> Tensor:
        """Return the value as a tensor, which stays as it is when the variable changes."""
        value = _new(Tensor)
        value.array = self._array
        for recorder in thread.recorders:
            recorder.read(self, value)
        return value

    def _now(self) -> Tensor:
        """Return the value as a tensor for computing the next one; tapes take no note of it."""
        value = Tensor(self._array)
        if thread.capture is not None:
            thread.capture.hold(self, value)
        return value

    def __tf_tensor__(self, dtype: object = None, name: str | None = None) -> Tensor:
        """Return the value; ValueError if another dtype is asked for."""
        if dtype is None:
            return self.value()
        if self.dtype != dtype:
            asked = f"Incompatible type conversion requested to type {as_dtype(dtype).name} for `tf.Variable of type"
            raise ValueError(f"{asked} {self.dtype.name}. (Variable: {self}) Convert its value with tf.cast.")
        return self.value()

    def read_value(self) -> Tensor:
        """Return the value as a tensor, which stays as it is when the variable changes."""
        return identity(self)

    def numpy(self) -> Any:
        """Return the value as a new NumPy array, or as a NumPy scalar if the shape is ()."""
        return self.value().numpy()

    def sparse_read(self, indices: object, name: str | None = None) -> Tensor:
        """Return the rows that the indices name, as `tf.gather` does."""
        return index.gather(self, indices)

    def gather_nd(self, indices: object, name: str | None = None) -> Tensor:
        """Return what the rows of indices name, as `tf.gather_nd` does."""
        return index.gather_nd(self, indices)

    def __setitem__(self, key: object, value: object) -> None:
        """Refuse, and say how to change a part."""
        raise TypeError(
            f"'Variable' object does not support item assignment. Use v[{key!r}].assign({value!r}), which does it."
        )

    def __getitem__(self, key: Any) -> Tensor:
        """Take part of the value; `v[key].assign(x)` changes that part of the variable."""
        part: Tensor = table["getitem"](self.value(), key)
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

    def __eq__(self, other: object) -> Any:
        """Compare entry by entry; False for shapes that do not fit, ValueError for None."""
        return table["tensor_equals"](self, other)

    def __ne__(self, other: object) -> Any:
        """Compare entry by entry; True for shapes that do not fit, ValueError for None."""
        return table["tensor_not_equals"](self, other)

    def __repr__(self) -> str:
        """Print as TensorFlow does."""
        value = repr(self.value()).partition("numpy=")[2]
        return f"<tf.Variable '{self.name}' shape={self.shape} dtype={self.dtype.name}, numpy={value}"

    def __copy__(self) -> Variable:
        """Return the variable itself."""
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle, or copy deeply: the value, the name and the rest."""
        name, modes = self.name.removesuffix(":0"), (self.synchronization, self.aggregation)
        return Variable, (self.numpy(), self.trainable, True, None, name, None, None, None, self.constraint, *modes)

    # --- changing ---

    def assign(self, value: object, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Any:
        """Set the value; a Python number or an array converts to the variable's dtype, a tensor must have it.

        ValueError if the shape does not fit. Returns the variable, or None with read_value=False.
        """
        given = value if type(value) is Tensor and value.array.dtype is self._array.dtype else None
        tensor = self._converted(value) if given is None else given
        array = tensor.array
        if array.shape != self._array.shape and not self._shape.is_compatible_with(array.shape):
            shapes = f"The variable shape {self._shape}, and the assigned value shape {tensor.shape}"
            asked = f"Cannot assign value to variable ' {self.name}': Shape mismatch.{shapes} are incompatible."
            do = "make the variable with shape=tf.TensorShape(None) if its shape should change"
            raise ValueError(explain(asked, got=f"shape {array.shape}", expected=f"shape {self._shape}", do=do))
        return self._set(tensor, read_value)

    assign_add = _stepped(add, registered["add", "AddV2"], "AssignAddVariableOp", "Add to")
    assign_sub = _stepped(subtract, registered["subtract", "Sub"], "AssignSubVariableOp", "Subtract from")
    scatter_add = _rows("add", "Add to")
    scatter_sub = _rows("sub", "Subtract from")
    scatter_mul = _rows("mul", "Multiply")
    scatter_div = _rows("div", "Divide")
    scatter_min = _rows("min", "Keep the smaller entries of updates and")
    scatter_max = _rows("max", "Keep the larger entries of updates and")
    scatter_update = _rows("update", "Replace")
    scatter_nd_add = _entries(index.tensor_scatter_nd_add, "Add to")
    scatter_nd_sub = _entries(index.tensor_scatter_nd_sub, "Subtract from")
    scatter_nd_min = _entries(index.tensor_scatter_nd_min, "Keep the smaller entries of updates and")
    scatter_nd_max = _entries(index.tensor_scatter_nd_max, "Keep the larger entries of updates and")
    scatter_nd_update = _entries(index.tensor_scatter_nd_update, "Replace")

    def batch_scatter_update(self, sparse_delta: object, use_locking: bool = False, name: str | None = None) -> Any:
        """Replace entries batch by batch: each row of the indices names entries of its own row of the variable."""
        at, updates = self._slices(sparse_delta)
        outer = map(Tensor, np.indices(at.array.shape, at.array.dtype)[:-1])
        return self.scatter_nd_update(stack([*outer, at], axis=-1), updates)

    __iadd__ = _in_place("+", "assign_add(value)")
    __isub__ = _in_place("-", "assign_sub(value)")
    __imul__ = _in_place("*", "assign(variable * value)")
    __itruediv__ = _in_place("/", "assign(variable / value)")
    __ipow__ = _in_place("**", "assign(variable ** value)")

    def _converted(self, value: object) -> Tensor:
        """Make a tensor for assigning; ValueError for one of another dtype."""
        return convert_to_tensor(value, self.dtype)

    def _given(self, value: object) -> NDArray[Any]:
        if type(value) is Tensor and value.array.dtype is self._array.dtype:
            return value.array
        return self._converted(value).array

    def _set(self, value: Tensor, read_value: bool = True) -> Any:
        """Make a tensor the value, and return what an assignment returns."""
        if thread.capture is None:
            return self._put(value.array, read_value)
        thread.capture.put(self, value)
        return self._answer(read_value)

    def _put(self, array: Any, read_value: bool = True) -> Any:
        """Make an array the value, and return what an assignment returns."""
        self._array = array if type(array) is kernels.Array else kernels.asarray(array)
        return self._answer(read_value)

    def _answer(self, read_value: bool) -> Any:
        if not read_value:
            return None
        if thread.recorders:
            self.value()
        answer = _new(_UnreadVariable)
        answer._variable = self
        answer.key = self.key
        return answer

    def _assign_part(self, key: Any, val: object, name: str | None = None) -> Any:
        value = self._converted(val)
        try:
            with assigning:
                return self._set(_assign_part(self._now(), value, index=index_of(key)))
        except (InvalidArgumentError, ValueError):
            part = table["getitem"](self._now(), key).shape
            asked = f"Cannot broadcast input shape {bracketed(value.shape)} into final shape {bracketed(part)}"
            raise _unfit(_assign_part.native, asked, f"shape {value.shape}", f"what broadcasts to {part}") from None

    def _slices(self, sparse_delta: object) -> tuple[Tensor, Tensor]:
        if not isinstance(sparse_delta, IndexedSlices):
            asked = f"Argument `sparse_delta` must be a `tf.IndexedSlices`. Received arg: {sparse_delta}"
            raise TypeError(f"{asked}; make one with tf.IndexedSlices(values, indices).")
        return convert_to_tensor(sparse_delta.indices), self._converted(sparse_delta.values)


class _UnreadVariable(Variable):
    """What assignments return: the variable, under the name that TensorFlow prints for it."""

    __slots__ = ("_variable",)
    _variable: Variable

    def __getattr__(self, name: str) -> Any:
        return getattr(self._variable, name)  # its own slots are empty

    @property
    def name(self) -> str:
        return "UnreadVariable"

    def value(self) -> Tensor:
        return self._variable.value()

    def set_shape(self, shape: object) -> None:
        self._variable.set_shape(shape)

    def _set(self, value: Tensor, read_value: bool = True) -> Any:
        return self._variable._set(value, read_value)

    def _put(self, array: Any, read_value: bool = True) -> Any:
        return self._variable._put(array, read_value)

    def _now(self) -> Tensor:
        return self._variable._now()


def _no_step(native: str, before: NDArray[Any], array: NDArray[Any]) -> InvalidArgumentError:
    if array.shape == before.shape:
        return _unfit(native, f"No OpKernel was registered to support Op {native!r}", "a bool variable", "numbers")
    shapes = f"with shape {bracketed(before.shape)} using a Tensor with shape {bracketed(array.shape)}"
    asked = f"Cannot update variable {shapes}, shapes must be equal."
    return _unfit(native, asked, f"shape {array.shape}", f"shape {before.shape}; nothing broadcasts here")


def _unfit(native: str, asked: str, got: str, expected: str) -> InvalidArgumentError:
    do = "compare dtypes and shapes, or compute the whole value and assign that: v.assign(...)"
    return invalid_argument(native, asked, got=got, expected=expected, do=do)
