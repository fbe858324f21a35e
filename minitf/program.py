"""Program: what a function computes, as a list of ops without Python around it.

Each value has a number, is computed once and never changes. A program runs compiled, from the source that `source`
writes; or op by op, where tapes or another capture want to hear it. It can be stored as text, and runs from that.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import minitf.source as source
from minitf.backends import bound, kernels
from minitf.dtypes import as_dtype
from minitf.op import Mixed, Op, quietly_here, registered
from minitf.recording import assigning, thread
from minitf.size import Size, evaluated
from minitf.spec import TensorSpec
from minitf.tensor import Tensor

__all__ = ["ASSIGN", "Node", "Program"]

# Gives a variable, by its place in the program, a value; what it returns is that, read from the variable.
ASSIGN = Mixed("assigned", "AssignVariableOp")

Array = NDArray[Any]
_new = object.__new__
_Array: Any  # the class of raw arrays, and what makes them
_asarray: Any


@bound
def _bind(kernels: Any) -> None:
    """Take the backend's kind of arrays."""
    global _Array, _asarray
    _Array, _asarray = kernels.Array, kernels.asarray


@dataclasses.dataclass(frozen=True, slots=True)
class Node:
    """One op of a program: its inputs and outputs are numbers of values; an op with an effect only has no output."""

    op: Op
    inputs: tuple[int, ...]
    attributes: dict[str, Any]
    outputs: tuple[int, ...]


@dataclasses.dataclass(frozen=True, repr=False)
class Program:
    """A list of ops; see `Node`.

    `values` describes every value. `variables` has each variable and the number of the value it starts with, and
    `assigned` the places in it and the numbers of the values they end with. `reuse` says which nodes, by their place,
    write their result over one of their inputs. `jit_compile` says whether XLA has to compile it, or must not; None
    leaves that to the backend. `late` says that it may run seldom, such as for the last batch: compiling it waits.
    """

    name: str
    values: Mapping[int, TensorSpec]
    arguments: tuple[int, ...]
    variables: tuple[tuple[Any, int], ...]
    constants: Mapping[int, Array]
    nodes: tuple[Node, ...]
    results: tuple[int, ...]
    assigned: tuple[tuple[int, int], ...]
    reuse: Mapping[int, int] = dataclasses.field(default_factory=dict)
    jit_compile: bool | None = None
    late: bool = False
    _functions: list[Callable[..., Any]] = dataclasses.field(
        default_factory=list, init=False, repr=False, compare=False
    )
    _repeated: dict[int, Callable[..., Any]] = dataclasses.field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __repr__(self) -> str:
        """Print name and size; `source` shows the rest."""
        return f"<program {self.name}, {len(self.nodes)} ops>"

    # --- running ---

    def __call__(self, *arrays: Any) -> tuple[Any, ...]:
        """Run the compiled program on arrays, as a part of another one."""
        if not self._functions:
            self.compiled()
        results: tuple[Any, ...] = self._functions[1](*arrays)
        return results

    def source(self) -> str:
        """Return the program as a Python function of arrays; those of its branches come first."""
        return "\n".join([*(inner.source() for inner in source.inside(self)), source.written(self)[0]])

    def compiled(self) -> Callable[..., tuple[Any, ...]]:
        """Return that function: from arrays of arguments and variables to those of results and assigned variables."""
        if not self._functions:
            function = source.compiled(self)
            effects = any(node.op.stateful and not node.outputs for node in self.nodes)
            running = kernels.compiled(function, self)
            self._functions.extend(
                (functools.partial(_with_effects if effects else quietly_here, running), function, running)
            )
        return self._functions[0]

    def told(self) -> str | None:
        """Say in a sentence how the backend runs the program; None where there is one way only."""
        self.compiled()
        sentence: str | None = kernels.told(self._functions[2])
        return sentence

    def hlo(self, shapes: Sequence[Sequence[int]], stage: str) -> Any:
        """Return what XLA makes of the program for arguments of these shapes; ValueError if XLA does not compile it."""
        self.compiled()
        return kernels.hlo(self._functions[2], shapes, stage)

    def attributes(self, node: Node, arrays: Mapping[int, Any]) -> dict[str, Any]:
        """Return a node's attributes with numbers for sizes, which are those of arrays."""
        if not any(map(has_size, node.attributes.values())):
            return node.attributes
        return settled(node.attributes, {number: Tensor(arrays[number]) for number in source.needs(node)})

    def repeated(self, times: int) -> Callable[..., tuple[Any, ...]]:
        """Return what runs it so many times, from the arguments of each time to the results of the last."""
        if times not in self._repeated:
            self._repeated[times] = kernels.repeated(self.compiled(), self, times)
        return self._repeated[times]

    def run(self, tensors: Sequence[Tensor], variables: Sequence[Any] | None = None, times: int = 1) -> list[Tensor]:
        """Run the program and return its results; `variables` may stand in for its own.

        It runs op by op where tapes listen. `tensors` are the arguments, one time after the other if there are several,
        and the results are those of the last one.
        """
        given: Any = [variable for variable, _ in self.variables] if variables is None else variables
        if thread.recorders:
            return self.replay(tensors, given)
        function = self.compiled() if times == 1 else self.repeated(times)
        arrays = [tensor.array for tensor in tensors]
        try:
            if not self.assigned:
                return _wrapped(function(*arrays, *[variable._array for variable in given]))
            with assigning:
                values = function(*arrays, *[variable._array for variable in given])
                end = len(self.results)
                for (position, _), value in zip(self.assigned, values[end:], strict=True):
                    given[position]._array = value if type(value) is _Array else _asarray(value)
            return _wrapped(values[:end])
        except ValueError:  # from NumPy, about shapes that were not known; the op itself says more
            self._values(tensors[: len(self.arguments)], given, None, dry=True)
            raise

    def replay(
        self, tensors: Sequence[Tensor], variables: Sequence[Any], known: Mapping[int, Tensor] | None = None
    ) -> list[Tensor]:
        """Run the program op by op, so that tapes and captures hear it; `known` are the constants as tensors."""
        values = self._values(tensors, variables, known)
        done = {node.attributes["variable"] for node in self.nodes if node.op is ASSIGN}
        for position, number in self.assigned:
            if position not in done:
                variables[position].assign(values[number], read_value=False)
        return [values[number] for number in self.results]

    def _values(
        self, tensors: Sequence[Tensor], variables: Sequence[Any], known: Mapping[int, Tensor] | None, dry: bool = False
    ) -> dict[int, Tensor]:
        """Compute all values, op by op; a dry run does nothing else."""
        values: dict[int, Tensor] = dict(zip(self.arguments, tensors, strict=True))
        values.update(known or {number: Tensor(array) for number, array in self.constants.items()})
        for variable, (_, number) in zip(variables, self.variables, strict=True):
            values[number] = variable.value()
        for node in self.nodes:
            inputs = [values[number] for number in node.inputs]
            if dry and node.op.stateful and not node.outputs:
                continue
            if node.op is ASSIGN and not dry:
                variable = variables[node.attributes["variable"]]
                variable.assign(inputs[0], read_value=False)
                values[node.outputs[0]] = variable.value()
                continue
            y = node.op.apply(inputs, [x.array for x in inputs], settled(node.attributes, values))
            values.update(zip(node.outputs, y if type(y) is tuple else (y,), strict=True))
        return values

    # --- storing ---

    def to_json(self) -> str:
        """Return the program as text; `from_json` makes it anew."""
        stored = {
            "name": self.name,
            "values": {number: _spec(spec) for number, spec in self.values.items()},
            "arguments": self.arguments,
            "variables": [number for _, number in self.variables],
            "constants": {number: _array(array) for number, array in self.constants.items()},
            "nodes": [
                {
                    "op": [node.op.name, node.op.native], "inputs": node.inputs, "outputs": node.outputs,
                    "attributes": {name: _attribute(value) for name, value in node.attributes.items()},
                }
                for node in self.nodes
            ],
            "results": self.results,
            "assigned": self.assigned,
            "reuse": self.reuse,
        }  # fmt: skip
        return json.dumps(stored)

    @classmethod
    def from_json(cls, text: str, variables: Sequence[Any] = ()) -> Program:
        """Make a program from text; `variables` are the ones it reads and assigns, in the order of the stored ones.

        ValueError for another number of variables, or an op that this version does not have.
        """
        stored = json.loads(text)
        if len(variables) != len(stored["variables"]):
            raise ValueError(
                f"The program {stored['name']!r} uses {len(stored['variables'])} variables, but got {len(variables)}; "
                "pass them in their order."
            )
        nodes = []
        for node in stored["nodes"]:
            op = registered.get(tuple(node["op"]))
            if op is None:
                raise ValueError(
                    f"The program {stored['name']!r} uses {node['op'][0]}, which this minitf does not have."
                )
            attributes = {name: _read_attribute(value) for name, value in node["attributes"].items()}
            nodes.append(Node(op, tuple(node["inputs"]), attributes, tuple(node["outputs"])))
        return cls(
            stored["name"],
            {int(number): TensorSpec(shape, dtype, name) for number, (shape, dtype, name) in stored["values"].items()},
            tuple(stored["arguments"]),
            tuple(zip(variables, stored["variables"], strict=True)),
            {int(number): _read_array(array) for number, array in stored["constants"].items()},
            tuple(nodes), tuple(stored["results"]), tuple(map(tuple, stored["assigned"])),
            {int(place): position for place, position in stored["reuse"].items()},
        )  # fmt: skip


def _with_effects(function: Callable[..., Any], *arrays: Any) -> Any:
    """Run a program that prints: in the caller's own context, which tells a notebook to which cell a text belongs."""
    with np.errstate(all="ignore"):
        return function(*arrays)


def _wrapped(arrays: Sequence[Any]) -> list[Tensor]:
    tensors = []
    for array in arrays:
        tensor = _new(Tensor)
        tensor.array = array if type(array) is _Array else _asarray(array)
        tensors.append(tensor)
    return tensors


def settled(attributes: dict[str, Any], values: Mapping[int, Tensor]) -> dict[str, Any]:
    """Put numbers for the sizes in attributes; they are `Size`s again where the values have them."""
    if not any(map(has_size, attributes.values())):
        return attributes
    return {name: _settled(value, values) for name, value in attributes.items()}


def has_size(value: Any) -> bool:
    """Say whether an attribute has a size in it that may differ from call to call."""
    return any(map(has_size, value)) if type(value) is tuple else type(value) is Size


def _settled(value: Any, values: Mapping[int, Tensor]) -> Any:
    if type(value) is tuple:
        return tuple([_settled(part, values) for part in value])
    return evaluated(value.expression, values.__getitem__) if type(value) is Size else value


# --- as text ----------------------------------------------------------------------------------------------------------


def _spec(spec: TensorSpec) -> list[Any]:
    return [None if spec.shape.rank is None else spec.shape.as_list(), spec.dtype.name, spec.name]


def _array(array: Array) -> list[Any]:
    return [array.dtype.name, array.shape, base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()]


def _read_array(stored: list[Any]) -> Array:
    dtype, shape, data = stored
    return np.frombuffer(base64.b64decode(data), as_dtype(dtype).numpy).reshape(shape)


def _attribute(value: Any) -> Any:
    if type(value) is tuple:
        return [_attribute(part) for part in value]
    if isinstance(value, Program):
        return {"program": value.to_json()}
    if type(value) is Size:
        return {"size": _attribute(value.expression), "made up": [int.__int__(value), value.other]}
    if isinstance(value, (np.dtype, type)):
        return {"dtype": np.dtype(value).name}
    return value.item() if isinstance(value, np.generic) else value


def _read_attribute(stored: Any) -> Any:
    if type(stored) is list:
        return tuple(map(_read_attribute, stored))
    if type(stored) is dict:
        if "program" in stored:
            return Program.from_json(stored["program"])
        if "dtype" in stored:
            return np.dtype(stored["dtype"])
        first, second = stored["made up"]
        return Size(first, second, _read_attribute(stored["size"]))
    return stored
