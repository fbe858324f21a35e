"""Whether a model gives what the program gives, on some inputs; and where not, which line is the first."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from minitf.errors import InternalError, OpError, explain
from minitf.export.model import silent, statements
from minitf.program import Program
from minitf.recording import unheard
from minitf.tensor import Tensor, convert_to_tensor

__all__ = ["verified"]

Array = NDArray[Any]
_UNKNOWN = (3, 1, 6)  # what unknown sizes are, in turn
# How far results may lie apart, relative to the largest of them, by the shortest floats in the program.
_CLOSE = {2: 2e-2, 4: 1e-4, 8: 1e-9}


class Model(Protocol):
    """A model of some format, which a runtime can run."""

    @property
    def format(self) -> str:
        """The name of the format."""

    @property
    def runtime(self) -> str:
        """The name of what runs it."""

    @property
    def close(self) -> float:
        """How far results may lie apart because of how the model was made."""

    def run(self, program: Program, arrays: Sequence[Array]) -> list[Array]:
        """Run it; InternalError with the line of its program that cannot be run."""

    def whole(self, program: Program, results: Sequence[str]) -> Model:
        """Make a model of a program with more results in the same way."""


def verified(program: Program, model: Model, examples: Sequence[Any] | None) -> None:
    """Compare a model with its program, on random inputs or on these; InternalError where they differ."""
    program, runs = silent(program), 0
    for tensors in _random(program) if examples is None else [_given(program, examples)]:
        try:
            ours = _ours(program, tensors)
        except (OpError, ValueError, ArithmeticError) as error:
            refused = error
            continue
        runs += 1
        theirs = model.run(program, _arrays(tensors))
        if not all(_agree(a, b, _tolerance(program, model)) for a, b in zip(ours, theirs, strict=True)):
            raise _differs(program, tensors, model)
    if not runs:
        asked = f"Cannot compare {program.name!r} with its {model.format} model, because it refuses its inputs."
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
        return _arrays(program.run(tensors))


def _arrays(tensors: Sequence[Tensor]) -> list[Array]:
    return [np.asarray(tensor.array) for tensor in tensors]


def _tolerance(program: Program, model: Model) -> float:
    sizes = [spec.dtype.size for spec in program.values.values() if spec.dtype.is_floating]
    return max(_CLOSE[min([*sizes, 8])], model.close)


def _agree(ours: Array, theirs: Array, close: float) -> bool:
    if ours.dtype != theirs.dtype or ours.shape != theirs.shape or close == np.inf:
        return ours.dtype == theirs.dtype and ours.shape == theirs.shape
    if ours.dtype.kind != "f":
        return bool((ours == theirs).all())
    largest = np.max(np.abs(ours), initial=0.01, where=np.isfinite(ours))
    return np.allclose(theirs, ours, rtol=close, atol=close * float(largest), equal_nan=True)


def _differs(program: Program, tensors: Sequence[Tensor], model: Model) -> InternalError:
    """Build the error that shows the first line whose results differ."""
    lines = statements(program)
    numbers = tuple(number for node in program.nodes for number in node.outputs)
    whole = dataclasses.replace(program, results=numbers)
    again = model.whole(whole, [f"value_{number}" for number in numbers])
    pairs = zip(numbers, _ours(whole, tensors), again.run(whole, _arrays(tensors)), strict=True)
    wrong = [(n, a, b) for n, a, b in pairs if not _agree(a, b, _tolerance(program, model))]
    got = "other results at the end only"
    if wrong:
        number, ours, theirs = wrong[0]
        got = f"`{lines[number]}` in its source: {_shown(theirs)} where minitf gives {_shown(ours)}"
    asked = f"The {model.format} model of {program.name!r} computes something else in {model.runtime}."
    do = "write that line with other ops, or pass verify=False and compare yourself"
    return InternalError(None, None, explain(asked, got=got, expected="what the function gives", do=do))


def _shown(array: Array) -> str:
    text = np.array2string(array, threshold=6, precision=4, separator=", ")
    return f"{' '.join(text.split())} ({array.dtype.name})"
