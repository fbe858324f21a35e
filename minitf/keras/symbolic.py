"""Symbolic tensors: what stands for the data while a model is put together, and the nodes that remember the calls.

`Input(...)` makes the first one. Calling a layer on it computes nothing: it finds out the shape of the result, makes a
symbolic tensor of that shape, and leaves a node in the layer that says what it was called on.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

import minitf as tf
from minitf import nest
from minitf.keras import registry
from minitf.keras.calling import calls
from minitf.keras.naming import snake_case, unique_name
from minitf.size import Unknowable

__all__ = ["KerasTensor", "Node", "Operation", "inferred", "is_keras_tensor", "symbolic_leaves"]


class KerasTensor:
    """A tensor without values: shape, dtype, and where it comes from.

    Sizes that are None, such as that of the batch, differ from call to call.

    >>> x = tf.keras.Input(shape=(3,), name="x")
    >>> x
    <KerasTensor shape=(None, 3), dtype=float32, sparse=False, ragged=False, name=x>
    >>> (2 * x).shape
    (None, 3)
    """

    __array_priority__ = 200  # NumPy leaves `array + tensor` to the tensor
    _keras_history: tuple[Any, int, int]  # the operation, the number of its node, the number of the output

    def __init__(self, shape: Any, dtype: Any = "float32", name: str | None = None) -> None:
        """Take sizes, None among them where they are not known."""
        self.shape: tuple[int | None, ...] = tuple(shape)
        self.dtype: str = tf.as_dtype(dtype).name
        self.name = name or unique_name("keras_tensor")

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    rank = ndim
    sparse = ragged = False

    def __repr__(self) -> str:
        """Print as Keras does."""
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, sparse=False, ragged=False, name={self.name}>"

    def __tf_tensor__(self, dtype: object = None, name: str | None = None) -> Any:
        """Refuse: there is no value; ValueError that says what to do."""
        asked = "A KerasTensor cannot be used as input to a TensorFlow function"
        stands = "it stands for data that is not there yet and fits only layers, operators and models"
        do = "call the function inside a layer: tf.keras.layers.Lambda(f)(x), or a Layer whose call does it"
        raise ValueError(f"{asked}: {stands}; {do}.")

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        """Refuse: NumPy would need values."""
        asked = "A KerasTensor is symbolic: it's a placeholder for a shape an a dtype"  # codespell:ignore
        raise ValueError(f"{asked}, so it cannot be converted to a NumPy array; call a model on data to get numbers.")

    __float__ = __int__ = __array__

    def __bool__(self) -> bool:
        """Refuse: nobody knows yet."""
        raise TypeError("A symbolic KerasTensor cannot be used as a boolean; decide inside a layer, with tf.where.")

    def __iter__(self) -> Iterator[Any]:
        """Refuse to be unpacked."""
        asked = "Iterating over a symbolic KerasTensor is not supported"
        raise NotImplementedError(f"{asked}; take parts of it with x[:, i].")


class Node:
    """One call of an operation on symbolic tensors: the arguments, with symbolic tensors in them, and the results."""

    def __init__(self, operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any], outputs: Any) -> None:
        """Remember the call in the operation, and where they come from in the outputs."""
        self.operation, self.args, self.kwargs, self.outputs = operation, args, kwargs, outputs
        self.input_tensors = symbolic_leaves((args, kwargs))
        self.output_tensors = symbolic_leaves(outputs)
        number = len(operation._inbound_nodes)
        operation._inbound_nodes.append(self)
        for i, tensor in enumerate(self.output_tensors):
            tensor._keras_history = (operation, number, i)

    @property
    def parent_nodes(self) -> list[Node]:
        """The nodes that made the inputs, each once."""
        found = {id(node): node for node in (made_by(tensor) for tensor in self.input_tensors)}
        return list(found.values())

    @property
    def is_input(self) -> bool:
        """Whether this node is an `Input`."""
        return not self.input_tensors

    def filled(self, values: dict[int, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments with values, by the id of the symbolic tensor, in place of symbolic tensors."""
        if len(self.args) == 1 and not self.kwargs and isinstance(self.args[0], KerasTensor):
            return (values[id(self.args[0])],), {}
        filled: tuple[Any, Any] = replaced((self.args, self.kwargs), lambda leaf: values[id(leaf)])
        return filled


def made_by(tensor: KerasTensor) -> Node:
    """Return the node that a symbolic tensor comes from."""
    operation, number, _ = tensor._keras_history
    node: Node = operation._inbound_nodes[number]
    return node


def replaced(structure: Any, by: Callable[[KerasTensor], Any]) -> Any:
    """Return a structure with something else in place of each symbolic tensor."""
    return nest.map_structure(lambda leaf: by(leaf) if isinstance(leaf, KerasTensor) else leaf, structure)


def symbolic_leaves(structure: Any) -> list[KerasTensor]:
    """Return the symbolic tensors in a structure."""
    return [leaf for leaf in nest.flatten(structure) if isinstance(leaf, KerasTensor)]


def is_keras_tensor(x: Any) -> bool:
    """Say whether something is a symbolic tensor."""
    return isinstance(x, KerasTensor)


def inferred(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return symbolic tensors like the results of a function of tensors; it is traced for unknown sizes."""
    leaves = symbolic_leaves((args, kwargs))

    def call(*tensors: Any) -> Any:
        left = iter(tensors)
        filled = replaced((args, kwargs), lambda _: next(left))
        return function(*filled[0], **filled[1])

    specs = [tf.TensorSpec(leaf.shape, leaf.dtype) for leaf in leaves]
    before, calls.inferring = calls.inferring, True
    try:
        found = tf.function(call).get_concrete_function(*specs).structured_outputs
        return nest.map_structure(lambda spec: spec and KerasTensor(spec.shape.as_list(), spec.dtype), found)
    except (Unknowable, tf.errors.OperatorNotAllowedInGraphError):  # it looks at sizes or values: so give it some
        small, large = (call(*[_filled(leaf, size) for leaf in leaves]) for size in (2, 3))
        return nest.map_structure(_common, small, large)
    finally:
        calls.inferring = before


def _filled(symbol: KerasTensor, size: int) -> Any:
    return tf.zeros([size if n is None else n for n in symbol.shape], symbol.dtype)


def _common(small: Any, large: Any) -> KerasTensor | None:
    if small is None:
        return None
    sizes = zip(small.shape, large.shape, strict=True)
    return KerasTensor([n if n == m else None for n, m in sizes], small.dtype)


class Operation:
    """An operator between symbolic tensors, such as `x + 1`, which stands in a model beside its layers."""

    function: Callable[..., Any]  # of tensors
    trainable = False
    built = True

    def __init__(self, name: str | None = None) -> None:
        """Take a name, or make one of the operator's."""
        self.name = name or unique_name(snake_case(type(self).__name__))
        self._inbound_nodes: list[Node] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute with tensors, or make a symbolic tensor."""
        if not symbolic_leaves((args, kwargs)):
            return self.function(*args, **kwargs)
        outputs = inferred(self.function, args, kwargs)
        Node(self, args, kwargs, outputs)
        return outputs

    @property
    def output(self) -> Any:
        """The symbolic result of the first call."""
        return self._inbound_nodes[0].outputs

    def get_config(self) -> dict[str, Any]:
        """Return the name."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Operation:
        """Make the operator again, to be called anew."""
        return cls(**config)

    def __repr__(self) -> str:
        """Print as Keras does."""
        return f"<Operation name={self.name}>"


# Keras's names of the operators; Python's are those of the functions. Numbers may stand left of the first ones.
_ARITHMETIC: dict[str, Callable[..., Any]] = {
    "Add": operator.add, "Subtract": operator.sub, "Multiply": operator.mul, "TrueDivide": operator.truediv,
    "FloorDivide": operator.floordiv, "Mod": operator.mod, "Power": operator.pow, "Matmul": operator.matmul,
}  # fmt: skip
_OTHERS: dict[str, Callable[..., Any]] = {
    "Less": operator.lt, "LessEqual": operator.le, "Greater": operator.gt, "GreaterEqual": operator.ge,
    "Negative": operator.neg, "Absolute": operator.abs, "GetItem": operator.getitem,
}  # fmt: skip


def _method(kind: type[Operation], swapped: bool = False) -> Callable[..., Any]:
    def method(*args: Any) -> Any:
        return kind()(*(reversed(args) if swapped else args))

    method.__doc__ = f"Put a `{kind.__name__}` into the model{', with this on the right' if swapped else ''}."
    return method


for _name, _function in {**_ARITHMETIC, **_OTHERS}.items():
    _kind = type(_name, (Operation,), {"function": staticmethod(_function)})
    registry.export("keras.src.ops.numpy", _kind)
    setattr(KerasTensor, f"__{_function.__name__}__", _method(_kind))
    if _name in _ARITHMETIC:
        setattr(KerasTensor, f"__r{_function.__name__}__", _method(_kind, swapped=True))

registry.export("keras", KerasTensor)
