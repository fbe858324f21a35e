"""Graph: an ONNX graph while it grows, op by op, and the values in it.

`graph.Softmax(x, axis=-1)` adds a node of that type. What ONNX or onnxruntime computes for other dtypes only is cast
there and back; Python numbers become constants of the dtype at hand, and the sizes that only a call knows are computed
in the graph.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from minitf.size import Size

__all__ = ["Graph", "Value", "optional"]

# The dtypes for which onnxruntime 1.20 and later have a kernel, where they are not those that most ops have. Where half
# precision is missing, onnxruntime casts by itself.
_COMPUTED = {
    "b1 u1 i1 i2 i4 i8 f2 f4 f8": "Concat Expand Gather GatherElements GatherND Identity Reshape ScatterElements Shape "
                                  "Slice Split Squeeze Tile Transpose Unsqueeze",
    "b1 i4 i8 f2 f4 f8": "Equal",
    "b1": "And NonZero Not Or Xor",
    "u1 i1 i2 i4 i8": "BitwiseAnd BitwiseNot BitwiseOr BitwiseXor",
    "f2 f4": "Acos Acosh Asin Asinh Atan Atanh Cos Cosh Det Erf PRelu Sinh Tan",
    "f4 f8": "IsInf",
    "i4 i8 f4 f8": "ScatterND",
}  # fmt: skip
_KERNELS = {op: dtypes for dtypes, ops in _COMPUTED.items() for op in ops.split()}
_MOST = "i4 i8 f2 f4 f8"
_NEXT = "i4 i8 f4 f8"  # what stands in for a dtype that is missing: the first that holds all its numbers


def optional(name: str) -> ModuleType:
    """Import a package of the extra `export`; ImportError that says how to get it."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        asked = f"To export to ONNX, minitf needs {name}, which is not installed"
        raise ImportError(f'{asked}: pip install "minitf[export]".') from error


def _adds(op: str, swapped: bool = False) -> Callable[[Value, Any], Value]:
    def add(self: Value, other: Any) -> Value:
        value: Value = self.graph.node(op, *((other, self) if swapped else (self, other)))
        return value

    return add


class Value:
    """One tensor in a graph: its name, its dtype, and its shape where it is one of the program's."""

    __slots__ = ("dtype", "graph", "name", "shape")

    def __init__(self, graph: Graph, name: str, dtype: DTypeLike, shape: Sequence[int | None] | None = None) -> None:
        """Describe a tensor."""
        self.graph, self.name, self.dtype, self.shape = graph, name, np.dtype(dtype), shape

    @property
    def rank(self) -> int:
        """The number of axes of a value of the program."""
        assert self.shape is not None
        return len(self.shape)

    @property
    def is_float(self) -> bool:
        """Whether it holds floats."""
        return self.dtype.kind == "f"

    __add__, __radd__ = _adds("Add"), _adds("Add", True)
    __sub__, __rsub__ = _adds("Sub"), _adds("Sub", True)
    __mul__, __rmul__ = _adds("Mul"), _adds("Mul", True)
    __truediv__, __rtruediv__ = _adds("Div"), _adds("Div", True)
    __mod__ = _adds("Mod")
    __lt__, __le__ = _adds("Less"), _adds("LessOrEqual")
    __gt__, __ge__ = _adds("Greater"), _adds("GreaterOrEqual")
    __and__, __or__ = _adds("And"), _adds("Or")

    def __neg__(self) -> Value:
        """Add a node that changes the sign."""
        value: Value = self.graph.node("Neg", self)
        return value

    def __invert__(self) -> Value:
        """Add a node that says the opposite."""
        value: Value = self.graph.node("Not", self)
        return value


class Graph:
    """The nodes and constants of an ONNX graph, made as the ops of a program are translated."""

    def __init__(self, opset: int, value: Callable[[int], Value]) -> None:
        """Begin an empty graph for a version of ONNX's ops; `value` finds a value of the program."""
        self.onnx = optional("onnx")
        self.opset, self.value = opset, value
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []
        self.rounded = False  # whether 64-bit floats are computed in 32 bits somewhere
        self.place, self.line = "", ""  # of the program's statement that is being translated
        self._constants: dict[Any, Value] = {}
        self._sizes: dict[Any, Value] = {}

    def __getattr__(self, op: str) -> Callable[..., Any]:
        """Return what adds a node of a type, such as `graph.Softmax`."""
        if not op[0].isupper():
            raise AttributeError(op)
        return functools.partial(self.node, op)

    # --- nodes ---

    def node(self, op: str, *inputs: Any, outputs: int = 1, **attributes: Any) -> Any:
        """Add a node; inputs are values, numbers or lists of sizes."""
        schema = self.onnx.defs.get_schema(op, self.opset)
        kinds = [each.type_str for each in schema.inputs]
        kinds += kinds[-1:] * (len(inputs) - len(kinds))  # the last may be given many times
        made = [each.type_str for each in schema.outputs]
        made += made[-1:] * (outputs - len(made))
        main = made[0] if made[0] in kinds else kinds[0]  # the dtype that the op is about
        dtype = next(x.dtype for x, kind in zip(inputs, kinds, strict=False) if kind == main and isinstance(x, Value))
        allowed = {each.type_param_str: each.allowed_type_strs for each in schema.type_constraints}
        computed = self._computed(op, dtype, allowed[main])
        names = [
            (self.cast(x, computed) if kind == main else self.constant(x)).name
            for x, kind in zip(inputs, kinds, strict=False)
        ]
        results = [f"{self.place}/{op}_{len(self.nodes)}" + f":{i}" * (i > 0) for i in range(outputs)]
        self._add(op, names, results, attributes)
        values = tuple(
            self.cast(Value(self, name, computed), dtype)
            if kind == main
            else Value(self, name, self._only(allowed.get(kind, {kind})))
            for name, kind in zip(results, made, strict=False)
        )
        return values if outputs > 1 or op == "Split" else values[0]

    def _add(self, op: str, inputs: Sequence[str], outputs: Sequence[str], attributes: dict[str, Any]) -> None:
        name = f"{self.place}/{op}_{len(self.nodes)}"
        self.nodes.append(self.onnx.helper.make_node(op, inputs, outputs, name, self.line, **attributes))

    def _computed(self, op: str, dtype: np.dtype[Any], allowed: Sequence[str]) -> np.dtype[Any]:
        """Return the dtype itself, or that in which an op is computed in its place."""
        there = [each for each in map(np.dtype, _KERNELS.get(op, _MOST).split()) if self._type(each) in allowed]
        if dtype in there:
            return dtype
        for each in map(np.dtype, _NEXT.split()):
            if each in there and np.can_cast(dtype, each):
                return each
        self.rounded |= dtype == np.float64
        return np.dtype(np.float32) if np.float32 in there else there[0]

    def _type(self, dtype: np.dtype[Any]) -> str:
        number = self.onnx.helper.np_dtype_to_tensor_dtype(dtype)
        return f"tensor({self.onnx.TensorProto.DataType.Name(number).lower()})"

    def _only(self, allowed: Any) -> np.dtype[Any]:
        """Return the one dtype of an output that has its own."""
        return np.dtype(bool) if "tensor(bool)" in allowed else np.dtype(np.int64)

    def cast(self, x: Any, dtype: DTypeLike) -> Value:
        """Convert a value, or make a constant of a number."""
        dtype = np.dtype(dtype)
        if not isinstance(x, Value):
            return self.constant(x, dtype)
        if x.dtype == dtype:
            return x
        number = self.onnx.helper.np_dtype_to_tensor_dtype(dtype)
        name = f"{self.place}/Cast_{len(self.nodes)}"
        self._add("Cast", [x.name], [name], {"to": number})
        return Value(self, name, dtype, x.shape)

    # --- constants and sizes ---

    def constant(self, x: Any, dtype: DTypeLike = np.int64) -> Value:
        """Make a constant of numbers; sizes that only a call knows are computed in the graph, as vectors."""
        if isinstance(x, Value):
            return x
        if type(x) is Size:
            return self.cast(self._size(x.expression), dtype)
        if type(x) in (tuple, list) and any(type(part) is Size or isinstance(part, Value) for part in x):
            return self._joined(x)
        array = np.asarray(x, dtype)
        key = (array.dtype, array.shape, array.tobytes())
        if key not in self._constants:
            self._constants[key] = self.initializer(f"constant/{len(self._constants)}", array)
        return self._constants[key]

    def initializer(self, name: str, array: NDArray[Any]) -> Value:
        """Store numbers in the graph under a name."""
        self.initializers.append(self.onnx.numpy_helper.from_array(np.array(array, order="C"), name))
        return Value(self, name, array.dtype, array.shape)

    def _joined(self, sizes: Sequence[Any]) -> Value:
        """Put sizes into one vector, known neighbours together."""
        parts: list[Any] = []
        for size in sizes:
            if type(size) is Size or isinstance(size, Value):
                value = self.constant(size)
                parts.append(value if value.shape == (1,) else self.Reshape(value, [1]))
            elif parts and type(parts[-1]) is list:
                parts[-1].append(size)
            else:
                parts.append([size])
        joined: Value = self.Concat(*map(self.constant, parts), axis=0) if len(parts) > 1 else parts[0]
        return joined

    def _size(self, expression: Any) -> Value:
        """Compute the expression of a size (see `minitf.size`), once: a vector of one number."""
        if expression not in self._sizes:
            value = self._sizes[expression] = self._computed_size(expression)
            value.shape = (1,)
        return self._sizes[expression]

    def _computed_size(self, expression: Any) -> Any:
        if type(expression) is not tuple:
            return self.constant([expression])
        kind, first, second = expression
        if kind == "size":
            return self.size(self.value(first), second)
        if kind == "entry":
            value = self.cast(self.value(first), np.int64)
            return self.Reshape(value, [1]) if second is None else self.Gather(value, [second])
        a, b = self._size(first), self._size(second)
        if kind == "//":
            return (a - a % b) / b
        return {"+": a.__add__, "-": a.__sub__, "*": a.__mul__, "%": a.__mod__}[kind](b)

    def size(self, x: Value, axis: int) -> Value:
        """Return the size of an axis: a vector of one number."""
        size: Value = self.Shape(x, start=axis, end=axis + 1)
        size.shape = (1,)
        return size

    def sizes(self, x: Value) -> list[Any]:
        """List the sizes of a value of the program, numbers where they are known."""
        return [self.size(x, axis) if n is None else n for axis, n in enumerate(x.shape or ())]

    def count(self, size: Any) -> Value:
        """Return the whole numbers from 0 to a size."""
        if type(size) is int and size <= 64:
            return self.constant(np.arange(size))
        number = self.constant(size)
        numbers: Value = self.Range(0, number if number.shape == () else self.Reshape(number, []), 1)
        return numbers

    # --- the end ---

    def named(self, value: Value, name: str) -> None:
        """Give a value a name as a result."""
        self.place, self.line = name, f"return {name}"
        self._add("Identity", [value.name], [name], {})

    def proto(self, name: str, inputs: Iterator[Any], outputs: Iterator[Any], doc: str) -> Any:
        """Return the graph as ONNX has it."""
        return self.onnx.helper.make_graph(self.nodes, name, list(inputs), list(outputs), self.initializers, doc)
