"""From a program to an ONNX model: inputs and results with their names and shapes, and a node or some for each op."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from numpy.typing import NDArray

import minitf
from minitf.errors import InternalError, UnimplementedError, explain
from minitf.export.graph import Graph, Value, optional
from minitf.export.translations import LEFT_OUT, SELDOM, TRANSLATIONS, UNTRANSLATED
from minitf.passes import PASSES
from minitf.program import Node, Program
from minitf.source import names

__all__ = ["LEAST_OPSET", "Model", "check", "silent", "statements", "translated"]

LEAST_OPSET = 18  # the first in which reductions take their axes as inputs


@dataclasses.dataclass(frozen=True)
class Model:
    """An ONNX model, the names of its inputs, and how far it may be off, as it may compute 64-bit floats in 32 bits."""

    proto: Any
    inputs: tuple[str, ...]
    close: float
    opset: int
    format, runtime = "ONNX", "onnxruntime"

    def run(self, program: Program, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """Run it in onnxruntime; InternalError with the line of its program that cannot be run."""
        runtime = optional("onnxruntime")
        options = runtime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = 1
        try:
            session = runtime.InferenceSession(self.proto.SerializeToString(), options, ["CPUExecutionProvider"])
            results: list[NDArray[Any]] = session.run(None, dict(zip(self.inputs, arrays, strict=True)))
        except Exception as error:  # onnxruntime's own classes, one for each of its codes
            lines = [node.doc_string for node in self.proto.graph.node if f"'{node.name}'" in str(error)]
            asked = f"onnxruntime cannot run the ONNX model of {program.name!r}: {str(error).strip()}"
            got = f"`{lines[0]}` in its source" if lines else "an error of onnxruntime"
            do = "use another op or dtype there, or verify=False to write it so"
            message = explain(asked, got=got, expected="a model that it runs", do=do)
            raise InternalError(None, None, message) from None
        return results

    def whole(self, program: Program, results: Sequence[str]) -> Model:
        """Translate a program with more results."""
        return translated(program, results, self.opset)


def translated(program: Program, results: Sequence[str], opset: int) -> Model:
    """Translate a program, whose results get these names; see `to_onnx` for the errors."""
    onnx = optional("onnx")
    newest = onnx.defs.onnx_opset_version()
    if not LEAST_OPSET <= opset <= newest:
        known = f"{LEAST_OPSET} to {newest}, the newest that this onnx knows"
        raise ValueError(f"opset must be from {known}, but got {opset}.")
    check(program, "ONNX")
    built = _Builder(silent(program), results, opset)
    proto = onnx.helper.make_model(
        built.proto(), opset_imports=[onnx.helper.make_opsetid("", opset)], producer_name="minitf",
        producer_version=minitf.__version__, doc_string=f"The tf.function {program.name!r}, exported by minitf.",
    )  # fmt: skip
    proto.ir_version = onnx.helper.find_min_ir_version_for(proto.opset_import)
    try:
        proto = onnx.shape_inference.infer_shapes(proto, strict_mode=True, data_prop=True)
    except onnx.shape_inference.InferenceError:  # it takes matrices of whole numbers for shapes, too
        proto = onnx.shape_inference.infer_shapes(proto, strict_mode=True)
    onnx.checker.check_model(proto, full_check=True)
    return Model(proto, tuple(each.name for each in proto.graph.input), 1e-4 * built.graph.rounded, opset)


def check(program: Program, format: str) -> None:
    """Refuse a program that assigns variables, or returns nothing: ValueError."""
    if program.assigned:
        variables = ", ".join(program.variables[place][0].name for place, _ in program.assigned)
        asked = f"Cannot export {program.name!r} to {format}: it assigns variables, and such a model keeps nothing."
        got, expected = f"assignments to {variables}", "a function that only computes"
        do = "return the new values, and assign them outside of the function"
        raise ValueError(explain(asked, got=got, expected=expected, do=do))
    if not program.results:
        raise ValueError(f"Cannot export {program.name!r} to {format}: it returns no tensors; return what it computes.")


class _Builder:
    """A program, and its values in the graph as far as they have been made."""

    def __init__(self, program: Program, results: Sequence[str], opset: int) -> None:
        """Translate all nodes."""
        self.program, self.graph, self.values = program, Graph(opset, self.value), dict[int, Value]()
        self.names, self.lines = names(program), statements(program)
        self.taken: set[str] = set()
        self.variables = {number: variable for variable, number in program.variables}
        for number in program.arguments:
            self.values[number] = self.made(self.free(program.values[number].name or self.names[number]), number)
        self.results = [self.free(name) for name in results]
        for node in program.nodes:
            self.translate(node)
        for number, name in zip(program.results, self.results, strict=True):
            self.graph.named(self.value(number), name)

    def free(self, wanted: str) -> str:
        """Return a name that nothing has yet."""
        name = next(name for i in itertools.count() if (name := f"{wanted}_{i}" if i else wanted) not in self.taken)
        self.taken.add(name)
        return name

    def made(self, name: str, number: int) -> Value:
        """Describe a value of the program."""
        spec = self.program.values[number]
        return Value(self.graph, name, spec.dtype.numpy, spec.shape.as_list())

    def value(self, number: int) -> Value:
        """Return a value of the program; a variable or constant is stored in the graph when it is first needed."""
        if number not in self.values:
            if number in self.variables:
                array = self.variables[number].numpy()
                name = self.free(self.program.values[number].name or self.names[number])
            else:
                array, name = self.program.constants[number], self.free(self.names[number])
            self.values[number] = self.graph.initializer(name, array)
        return self.values[number]

    def translate(self, node: Node) -> None:
        """Add what an op comes to; UnimplementedError for one that ONNX does not have."""
        translation = TRANSLATIONS.get(node.op.name)
        line = self.lines[node.outputs[0]] if node.outputs else node.op.name
        if translation is None:
            why, do = UNTRANSLATED.get(node.op.name, SELDOM)
            asked, got = f"Cannot export {self.program.name!r} to ONNX: {why}.", f"`{line}` in its source"
            raise UnimplementedError(None, None, explain(asked, got=got, expected="ops that ONNX has", do=do))
        self.graph.place, self.graph.line = self.names[node.outputs[0]], line
        inputs = [self.value(number) for number in node.inputs]
        if isinstance(translation, str):
            made = self.graph.node(translation, *inputs, **node.attributes)
        else:
            made = translation(self.graph, *inputs, **node.attributes)
        for number, value in zip(node.outputs, made if type(made) is tuple else (made,), strict=True):
            spec = self.program.values[number]
            name = self.graph.cast(value, spec.dtype.numpy).name
            self.values[number] = self.made(name, number)

    def proto(self) -> Any:
        """Return the graph with its inputs and results."""
        arguments = [(self.values[number].name, number) for number in self.program.arguments]
        results = zip(self.results, self.program.results, strict=True)
        return self.graph.proto(
            self.program.name, self.infos(arguments, True), self.infos(results, False), self.program.source()
        )

    def infos(self, pairs: Any, named: bool) -> Iterator[Any]:
        """Describe inputs or results; unknown sizes of inputs have names."""
        helper = self.graph.onnx.helper
        for name, number in pairs:
            spec = self.program.values[number]
            sizes = [
                ("batch" if axis == 0 else f"size_{axis}") if named and n is None else n
                for axis, n in enumerate(spec.shape.as_list())
            ]
            yield helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(spec.dtype.numpy), sizes)


def silent(program: Program) -> Program:
    """Return a program without what only prints or checks, and without what only that needs."""
    nodes = tuple(node for node in program.nodes if node.op.name not in LEFT_OUT)
    return PASSES["dead code"](dataclasses.replace(program, nodes=nodes, reuse={}))


def statements(program: Program) -> dict[int, str]:
    """Return the line of a program's source that computes each value."""
    numbers = {name: number for number, name in names(program).items()}
    pairs = [line.strip().split(" = ", 1) for line in program.source().splitlines() if " = " in line]
    return {
        numbers[name]: " = ".join(pair) for pair in pairs for name in pair[0].rstrip(",").split(", ") if name in numbers
    }
