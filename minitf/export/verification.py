"""Whether an ONNX model gives what the program gives, on some inputs; and where not, which line is the first."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minitf.errors import InternalError, OpError, explain
from minitf.export.graph import optional
from minitf.export.model import Model, silent, statements, translated
from minitf.program import Program
from minitf.recording import unheard
from minitf.tensor import Tensor, convert_to_tensor

__all__ = ["verified"]

Array = NDArray[Any]
_UNKNOWN = (3, 1, 6)  # what unknown sizes are, in turn
# How far results may lie apart, relative to the largest of them, by the shortest floats in the program.
_CLOSE = {2: 2e-2, 4: 1e-4, 8: 1e-9}


def verified(program: Program, model: Model, examples: Sequence[Any] | None, opset: int) -> None:
    """Compare a model with its program, on random inputs or on these; InternalError where they differ."""
    program, runs = silent(program), 0
    for tensors in _random(program) if examples is None else [_given(program, examples)]:
        try:
            ours = _ours(program, tensors)
        except (OpError, ValueError, ArithmeticError) as error:
            refused = error
            continue
        runs += 1
        theirs = _theirs(program, model, tensors)
        if not all(_agree(a, b, _tolerance(program, model)) for a, b in zip(ours, theirs, strict=True)):
            raise _differs(program, tensors, opset)
    if not runs:
        asked = f"Cannot compare {program.name!r} with its ONNX model, because it refuses its inputs."
        expected = "a function that computes on random floats, and on integers that are 0 or 1"
        got, do = str(refused).splitlines()[0], "pass inputs that it takes: verify=[x, y]; or verify=False"
        raise ValueError(explain(asked, got=got, expected=expected, do=do)) from refused


def _random(program: Program) -> Iterator[list[Tensor]]:
    """Make inputs for each of some sizes: normal floats, and integers that may be indices or labels."""
    random = np.random.default_rng(0)
    specs = [program.values[number] for number in program.arguments]
    is_open = any(None in spec.shape.as_list() for spec in specs)
    for size in _UNKNOWN if is_open else _UNKNOWN[:1]:
        tensors = []
        for spec in specs:
            shape = [size + axis if n is None else n for axis, n in enumerate(spec.shape.as_list())]
            drawn = random.normal(size=shape) if spec.dtype.is_floating else random.integers(2, size=shape)
            tensors.append(Tensor(np.asarray(drawn, spec.dtype.numpy)))
        yield tensors


def _given(program: Program, examples: Sequence[Any]) -> list[Tensor]:
    if len(examples) != len(program.arguments):
        raise ValueError(f"verify must list {len(program.arguments)} inputs, but got {len(examples)}.")
    specs = [program.values[number] for number in program.arguments]
    tensors = [convert_to_tensor(example, spec.dtype) for example, spec in zip(examples, specs, strict=True)]
    for tensor, spec in zip(tensors, specs, strict=True):
        if not spec.shape.is_compatible_with(tensor.shape):
            raise ValueError(f"verify must list shape {spec.shape} for {spec.name}, but got {tensor.shape}.")
    return tensors


def _ours(program: Program, tensors: Sequence[Tensor]) -> list[Array]:
    with unheard():
        return [tensor.array for tensor in program.run(tensors)]


def _theirs(program: Program, model: Model, tensors: Sequence[Tensor]) -> list[Array]:
    """Run a model in onnxruntime; InternalError with the line that it cannot run."""
    runtime = optional("onnxruntime")
    options = runtime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    given = {name: tensor.array for name, tensor in zip(model.inputs, tensors, strict=True)}
    try:
        session = runtime.InferenceSession(model.proto.SerializeToString(), options, ["CPUExecutionProvider"])
        results: list[Array] = session.run(None, given)
    except Exception as error:  # onnxruntime's own classes, one for each of its codes
        lines = [node.doc_string for node in model.proto.graph.node if f"'{node.name}'" in str(error)]
        asked = f"onnxruntime cannot run the ONNX model of {program.name!r}: {str(error).strip()}"
        got = f"`{lines[0]}` in its source" if lines else "an error of onnxruntime"
        do = "use another op or dtype there, or verify=False to write it so"
        message = explain(asked, got=got, expected="a model that it runs", do=do)
        raise InternalError(None, None, message) from None
    return results


def _tolerance(program: Program, model: Model) -> float:
    sizes = [spec.dtype.size for spec in program.values.values() if spec.dtype.is_floating]
    return _CLOSE[min([*sizes, 4 if model.rounded else 8])]


def _agree(ours: Array, theirs: Array, close: float) -> bool:
    if ours.dtype != theirs.dtype or ours.shape != theirs.shape:
        return False
    if ours.dtype.kind != "f":
        return bool((ours == theirs).all())
    largest = np.max(np.abs(ours), initial=0.01, where=np.isfinite(ours))
    return np.allclose(theirs, ours, rtol=close, atol=close * float(largest), equal_nan=True)


def _differs(program: Program, tensors: Sequence[Tensor], opset: int) -> InternalError:
    """Build the error that shows the first line whose results differ."""
    lines = statements(program)
    numbers = tuple(number for node in program.nodes for number in node.outputs)
    whole = dataclasses.replace(program, results=numbers)
    model = translated(whole, [f"value_{number}" for number in numbers], opset)
    pairs = zip(numbers, _ours(whole, tensors), _theirs(whole, model, tensors), strict=True)
    wrong = [(n, a, b) for n, a, b in pairs if not _agree(a, b, _tolerance(program, model))]
    got = "other results at the end only"
    if wrong:
        number, ours, theirs = wrong[0]
        got = f"`{lines[number]}` in its source: {_shown(theirs)} where minitf gives {_shown(ours)}"
    asked = f"The ONNX model of {program.name!r} computes something else in onnxruntime."
    do = "write that line with other ops, or pass verify=False and compare yourself"
    return InternalError(None, None, explain(asked, got=got, expected="what the function gives", do=do))


def _shown(array: Array) -> str:
    text = np.array2string(array, threshold=6, precision=4, separator=", ")
    return f"{' '.join(text.split())} ({array.dtype.name})"
