"""From a program to a model of LiteRT, which was TensorFlow Lite: TensorFlow converts it, and its interpreter runs."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minitf import backends
from minitf.errors import InternalError, UnimplementedError, explain
from minitf.export.model import check, silent, statements
from minitf.program import Program
from minitf.source import names

__all__ = ["converted"]

_QUANTIZATIONS = (None, "float16", "dynamic")


@dataclasses.dataclass(frozen=True)
class Model:
    """A model of LiteRT, the names of its inputs and results, and how it was made smaller."""

    content: bytes
    inputs: tuple[str, ...]
    results: tuple[str, ...]
    quantization: str | None
    format, runtime = "LiteRT", "LiteRT's interpreter"

    @property
    def close(self) -> float:
        """How far results may lie apart: anywhere, with constants of fewer bits."""
        return np.inf if self.quantization else 0.0

    def run(self, program: Program, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """Run it in LiteRT's interpreter; InternalError if it cannot."""
        given = dict(zip(self.inputs, arrays, strict=True))
        try:
            results = backends.load("tensorflow").run_lite(self.content, given)
        except (RuntimeError, ValueError) as error:
            asked = f"LiteRT's interpreter cannot run the model of {program.name!r}: {str(error).strip()}"
            do = "use another op or dtype there, or verify=False to write it so"
            message = explain(asked, got="an error of the interpreter", expected="a model that it runs", do=do)
            raise InternalError(None, None, message) from None
        return [np.asarray(results[name]) for name in self.results]

    def whole(self, program: Program, results: Sequence[str]) -> Model:
        """Convert a program with more results."""
        return converted(program, results, self.quantization)


def converted(program: Program, results: Sequence[str], quantization: str | None) -> Model:
    """Convert a program, whose results get these names; see `to_tflite` for the errors."""
    if quantization not in _QUANTIZATIONS:
        raise ValueError(f"quantization must be None, 'float16' or 'dynamic', but got {quantization!r}.")
    check(program, "LiteRT")
    runtime = backends.load("tensorflow")
    program = silent(program)
    drawing = next((node for node in program.nodes if node.op.name.startswith(("draw_", "take_stream"))), None)
    if drawing is not None:
        asked, do = (
            f"Cannot export {program.name!r} to LiteRT: it draws random numbers, which LiteRT does not.",
            ("draw them outside, and pass them in as an argument"),
        )
        line = statements(program)[drawing.outputs[0]]
        message = explain(asked, got=f"`{line}` in its source", expected="ops that LiteRT has", do=do)
        raise UnimplementedError(None, None, message)
    named = names(program)
    inputs = tuple(re.sub(r"\W", "_", program.values[n].name or named[n]) for n in program.arguments)
    inputs = (
        inputs
        if len({*inputs, *results}) == len(inputs) + len(results)
        else tuple(f"input_{i}" for i in range(len(inputs)))
    )
    return Model(runtime.lite_model(program, inputs, results, quantization), inputs, tuple(results), quantization)
