"""RestoredFunction: a function of a saved model, which has its traces and not the Python that was traced."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from minitf import nest
from minitf.concrete import ConcreteFunction
from minitf.explanation import Trace
from minitf.functions import Function
from minitf.operators import Operators
from minitf.recording import thread
from minitf.signature import Arguments, fitting
from minitf.spec import TensorSpec
from minitf.tensor import convert_to_tensor

__all__ = ["RestoredFunction"]


class RestoredFunction(Function):
    """A function that runs the first of its traces that fits the arguments; otherwise as the `Function` it was."""

    def __init__(
        self, name: str, signature: inspect.Signature, input_signature: Any, traces: Sequence[ConcreteFunction]
    ) -> None:
        """Take what the function had."""

        def restored(*args: Any, **kwargs: Any) -> Any:
            given = self._read(args, kwargs)
            found = self._found(given)
            if found.custom and thread.recorders:
                asked = f"The gradient of {name} was computed by Python, with tf.custom_gradient, which a saved model"
                raise NotImplementedError(f"{asked} does not have; compute the gradient where {name} was made.")
            return found.run([leaf.value for leaf in given.tensors])

        restored.__name__ = restored.__qualname__ = name
        restored.__signature__ = signature  # type: ignore[attr-defined]  # inspect looks for it
        super().__init__(restored, {"input_signature": input_signature, "reduce_retracing": False})
        self.traces.all.extend(traces)
        self.traces.story.extend(Trace(trace.parameters, trace.stages) for trace in traces)

    def _read(self, args: Sequence[Any], kwargs: dict[str, Any]) -> Arguments:
        """Match arguments with the parameters, and convert them as the trace that fits wants them."""
        if not self.traces.all:
            do = "call it before saving, decorate it with an input_signature, or let it compute with ops only"
            asked = "Found zero restored functions for caller function."
            raise ValueError(f"{asked} {self.name} had no trace when it was saved: {do}, and save again.")
        given = super()._read(args, kwargs)
        own = given.filled()
        for convert in (False, True):
            for trace in self.traces.all:
                values = _converted(trace, own, convert)
                if values is not None:
                    return super()._read(*values)
        raise ValueError(_no_match(own, self.traces.all))

    def _found(self, given: Arguments, running: bool = False) -> ConcreteFunction:
        own = given.filled()
        return next(trace for trace in self.traces.all if _converted(trace, own, False) is not None)


_Call = tuple[tuple[Any, ...], dict[str, Any]]


def _converted(trace: ConcreteFunction, own: _Call, convert: bool) -> _Call | None:
    """Return the arguments as a trace wants them; None if they do not fit."""
    leaves: list[Any] = []
    try:
        _fit(trace.structured_input_signature, own, convert, leaves)
    except TypeError:
        return None
    if not trace.fits([leaf for leaf in leaves if isinstance(leaf, (Operators, TensorSpec))]):
        return None
    filled: _Call = nest.pack_sequence_as(trace.structured_input_signature, leaves)
    return filled


def _fit(spec: Any, value: Any, convert: bool, leaves: list[Any]) -> None:
    """Collect the leaves of arguments, converted if they are to be; TypeError for what does not fit."""
    if nest.is_nested(spec):
        keys: Any = sorted(spec) if isinstance(spec, Mapping) else range(len(spec))
        if not nest.is_nested(value) or _kind(spec) != _kind(value):
            raise TypeError
        for key in keys:
            _fit(spec[key], value[key], convert, leaves)
    elif isinstance(spec, TensorSpec) and not convert and not isinstance(value, (Operators, TensorSpec)):
        raise TypeError
    else:
        leaves.append(fitting(spec, value))


def _kind(container: Any) -> Any:
    """Return what containers of one kind have in common."""
    if isinstance(container, Mapping):
        return sorted(container)
    return isinstance(container, list), getattr(container, "_fields", len(container))


def _no_match(own: _Call, traces: Sequence[ConcreteFunction]) -> str:
    options = [f"Option {i}:\n{_listed(*trace.structured_input_signature)}" for i, trace in enumerate(traces, 1)]
    asked = f"Could not find matching concrete function to call loaded from the SavedModel. Got:\n{_listed(*own)}"
    expected = f"Expected these arguments to match one of the following {len(options)} option(s):"
    do = "Call the function with one of them, or where it was made with yours before saving."
    return "\n\n".join([asked, f" {expected}", *options, do])


def _listed(args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    positional = "".join(f"\n    * {_told(arg)}" for arg in args)
    named = {name: _told(value) for name, value in kwargs.items()}
    return f"  Positional arguments ({len(args)} total):{positional}\n  Keyword arguments: {named}"


def _told(value: Any) -> str:
    """Print an argument, with the spec in the place of a tensor."""

    def described(leaf: Any) -> Any:
        return TensorSpec.from_tensor(convert_to_tensor(leaf)) if isinstance(leaf, Operators) else leaf

    return repr(nest.map_structure(described, value))
