"""Symbolic tensors: what stands for the data while a model is put together, and the nodes that remember the calls.

`Input(...)` makes the first one. Calling a layer on it computes nothing: it finds out the shape of the result, makes a
symbolic tensor of that shape, and leaves a node in the layer that says what it was called on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import minitf as tf
from minitf import nest
from minitf.keras import registry
from minitf.keras.naming import snake_case, unique_name

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

    def __bool__(self) -> bool:
        """Refuse: nobody knows yet."""
        raise TypeError("A symbolic KerasTensor cannot be used as a boolean; decide inside a layer, with tf.where.")

    def __iter__(self) -> Iterator[Any]:
        """Refuse to be unpacked."""
        raise TypeError("Iterating over a symbolic KerasTensor is not supported; take parts of it with x[:, i].")


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
    found = tf.function(call).get_concrete_function(*specs).structured_outputs
    return nest.map_structure(lambda spec: KerasTensor(spec.shape.as_list(), spec.dtype), found)


class Operation:
    """An operator between symbolic tensors, such as `x + 1`, which stands in a model beside its layers.

    In configs it has the name that Keras gives it: `Add` of `keras.src.ops.numpy`.
    """

    trainable = False
    _layers: tuple[Any, ...] = ()

    def __init__(self, class_name: str, name: str | None = None) -> None:
        """Take Keras's name for the operator."""
        self.class_name = class_name
        self.function = _OPERATORS[class_name]
        self.name = name or unique_name(snake_case(class_name))
        self.built = True
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

    def __repr__(self) -> str:
        """Print as Keras does."""
        return f"<{self.class_name} name={self.name}>"


_OPERATORS: dict[str, Callable[..., Any]] = {
    "Add": lambda x1, x2: x1 + x2,
    "Subtract": lambda x1, x2: x1 - x2,
    "Multiply": lambda x1, x2: x1 * x2,
    "TrueDivide": lambda x1, x2: x1 / x2,
    "FloorDivide": lambda x1, x2: x1 // x2,
    "Mod": lambda x1, x2: x1 % x2,
    "Power": lambda x1, x2: x1**x2,
    "Matmul": lambda x1, x2: x1 @ x2,
    "Less": lambda x1, x2: x1 < x2,
    "LessEqual": lambda x1, x2: x1 <= x2,
    "Greater": lambda x1, x2: x1 > x2,
    "GreaterEqual": lambda x1, x2: x1 >= x2,
    "Negative": lambda x: -x,
    "Absolute": abs,
    "GetItem": lambda x, key: x[key],
}
_PYTHONS = {
    "add": "Add", "sub": "Subtract", "mul": "Multiply", "truediv": "TrueDivide", "floordiv": "FloorDivide",
    "mod": "Mod", "pow": "Power", "matmul": "Matmul", "lt": "Less", "le": "LessEqual", "gt": "Greater",
    "ge": "GreaterEqual", "neg": "Negative", "abs": "Absolute", "getitem": "GetItem",
}  # fmt: skip


def _operator(class_name: str, swapped: bool = False) -> Callable[..., Any]:
    def operator(*args: Any) -> Any:
        return Operation(class_name)(*(reversed(args) if swapped else args))

    operator.__doc__ = f"Put a `{class_name}` into the model{', with this on the right' if swapped else ''}."
    return operator


for _name, _class in _PYTHONS.items():
    setattr(KerasTensor, f"__{_name}__", _operator(_class))
    if _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"):
        setattr(KerasTensor, f"__r{_name}__", _operator(_class, swapped=True))

registry.export("keras", KerasTensor)
