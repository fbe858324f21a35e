"""Traces of functions as text and arrays, and back: what a saved model has of its functions.

Structures of arguments and results keep their lists, tuples and dictionaries, the specs of tensors, and numbers and
texts; the Python that was traced is not kept. What else may have been an argument cannot be stored.
"""

from __future__ import annotations

import collections
import dataclasses
import inspect
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from minitf.concrete import ConcreteFunction
from minitf.dtypes import DType, as_dtype
from minitf.passes import optimised
from minitf.program import Program
from minitf.signature import Pattern, arguments
from minitf.spec import TensorSpec
from minitf.tensor import Tensor

__all__ = [
    "NotStored", "concrete", "named", "read_signature", "read_structure", "read_trace", "signature", "structure",
    "trace",
]  # fmt: skip

Array = NDArray[Any]


class NotStored(Exception):
    """A Python object that cannot be stored."""


class Gone:
    """Stands for a default value that could not be stored, and is equal to nothing."""

    def __init__(self, text: str) -> None:
        """Keep how it was printed."""
        self.text = text

    def __repr__(self) -> str:
        """Print as it was printed."""
        return self.text


def structure(value: Any) -> Any:
    """Turn a structure into what JSON can store; NotStored if there is an object in it.

    >>> structure({"x": (TensorSpec([None]), 3)})
    {'dict': [['x', {'tuple': [{'spec': [[None], 'float32', None]}, 3]}]]}
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, TensorSpec):
        return {"spec": [None if value.shape.rank is None else value.shape.as_list(), value.dtype.name, value.name]}
    if isinstance(value, DType):
        return {"dtype": value.name}
    if isinstance(value, Mapping):
        return {"dict": [[structure(key), structure(part)] for key, part in value.items()]}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {"named": [type(value).__name__, value._fields, list(map(structure, value))]}
    if isinstance(value, (list, tuple)):
        return {"list" if isinstance(value, list) else "tuple": list(map(structure, value))}
    if isinstance(value, Gone):
        return {"gone": value.text}
    raise NotStored(repr(value))


def read_structure(stored: Any) -> Any:
    """Turn it back.

    >>> read_structure(structure([1.5, (tf.int32, None)]))
    [1.5, (tf.int32, None)]
    """
    if type(stored) is not dict:
        return stored
    ((kind, value),) = stored.items()
    if kind == "spec":
        return TensorSpec(*value)
    if kind == "dtype":
        return as_dtype(value)
    if kind == "dict":
        return {read_structure(key): read_structure(part) for key, part in value}
    if kind == "named":
        name, fields, values = value
        return named(name, fields, map(read_structure, values))
    if kind == "gone":
        return Gone(value)
    return (list if kind == "list" else tuple)(map(read_structure, value))


def named(name: str, fields: Sequence[str], values: Iterable[Any]) -> Any:
    """Make a named tuple of a kind of its own.

    >>> named("pair", ["left", "right"], [1, 2])
    pair(left=1, right=2)
    """
    make: Any = collections.namedtuple
    return make(name, fields)(*values)


def signature(python: inspect.Signature) -> list[Any]:
    """Turn the parameters of a function into what JSON can store: name, kind, and the default if there is one."""
    return [
        [each.name, int(each.kind), *([] if each.default is each.empty else [_default(each.default)])]
        for each in python.parameters.values()
    ]


def _default(value: Any) -> Any:
    try:
        return structure(value)
    except NotStored as error:
        return {"gone": str(error)}


def read_signature(stored: Sequence[Any]) -> inspect.Signature:
    """Turn them back."""
    kinds = list(inspect._ParameterKind)
    return inspect.Signature(
        [
            inspect.Parameter(
                name, kinds[kind], default=read_structure(default[0]) if default else inspect.Parameter.empty
            )
            for name, kind, *default in stored
        ]
    )


def trace(function: ConcreteFunction, arrays: dict[str, Array], prefix: str) -> dict[str, Any]:
    """Turn a trace into what JSON can store, except for its variables; its constants go to `arrays`."""
    if function._arguments:
        raise NotStored("a variable as an argument")
    captured = function.captured
    constants = {number: f"{prefix}/{number}" for number in captured.constants}
    described = {
        "parameters": signature(function.signature),
        "inputs": structure(function.structured_input_signature),
        "outputs": structure(function.structured_outputs),
        "alike": function.alike,
        "custom": function.custom,
        "constants": constants,
        "program": json.loads(dataclasses.replace(captured, constants={}).to_json()),
    }
    arrays.update((constants[number], array) for number, array in captured.constants.items())
    return described


def read_trace(stored: Mapping[str, Any], variables: Sequence[Any], arrays: Mapping[str, Array]) -> ConcreteFunction:
    """Turn it back; `variables` are those that its program uses."""
    program = Program.from_json(json.dumps(stored["program"]), variables)
    constants = {int(number): arrays[name] for number, name in stored["constants"].items()}
    return concrete(
        read_signature(stored["parameters"]), read_structure(stored["inputs"]), read_structure(stored["outputs"]),
        tuple(stored["alike"]), dataclasses.replace(program, constants=constants), stored["custom"],
    )  # fmt: skip


def concrete(
    python: inspect.Signature, inputs: tuple[Sequence[Any], Mapping[str, Any]], outputs: Any, alike: Pattern,
    captured: Program, custom: bool,
) -> ConcreteFunction:  # fmt: skip
    """Make a concrete function of its parts."""
    given = arguments(python.bind(*inputs[0], **inputs[1]))
    specs = [leaf.value for leaf in given.tensors]
    outside = {number: Tensor(array) for number, array in captured.constants.items()}
    passes = (("captured", captured), *optimised(captured))
    return ConcreteFunction(python, given, specs, alike, passes, outputs, outside, custom)
