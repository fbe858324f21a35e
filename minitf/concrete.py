"""ConcreteFunction: one trace of a function, that is a program, and the structures of its arguments and results."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from minitf import nest
from minitf.program import Program
from minitf.signature import Arguments, arguments, bound
from minitf.spec import TensorSpec
from minitf.tensor import Tensor

__all__ = ["ConcreteFunction"]


class ConcreteFunction:
    """A function for one signature.

    `captured` is the program as it was heard, `passes` has the program after each pass by the pass's name, and
    `program` is the one that runs.
    """

    def __init__(
        self, signature: inspect.Signature, given: Arguments, specs: Sequence[TensorSpec], captured: Program,
        passes: Sequence[tuple[str, Program]], result: Any, flat: Sequence[Tensor | None], custom: bool,
    ) -> None:  # fmt: skip
        """Keep what a trace found; `result` is the structure that the function returned, `flat` its leaves."""
        self._signature, self._given, self.specs = signature, given, tuple(specs)
        self.captured, self.passes, self.program = captured, tuple(passes), passes[-1][1]
        self.custom = custom
        self.variables = [variable for variable, _ in self.program.variables]
        places = {leaf.value.key: i for i, leaf in enumerate(given.variables)}
        self._places = [(i, places[v.key]) for i, v in enumerate(self.variables) if v.key in places]
        self._pack = _packer(result, flat)

    def filled(self, variables: Sequence[Any]) -> list[Any]:
        """Return the program's variables, with those of a call in place of those of the trace."""
        if not self._places:
            return self.variables
        own = list(self.variables)
        for i, place in self._places:
            own[i] = variables[place]
        return own

    def run(self, tensors: Sequence[Tensor], variables: Sequence[Any]) -> Any:
        """Run the program, and put its results into the structure that the function returned."""
        return self._pack(self.program.run(tensors, variables))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the program; the arguments are those of the function, or its tensors in order."""
        given = arguments(bound(self._signature, args, kwargs))
        return self.run([leaf.value for leaf in given.tensors], self.filled([leaf.value for leaf in given.variables]))


def _packer(result: Any, flat: Sequence[Tensor | None]) -> Callable[[list[Tensor]], Any]:
    """Return a function that puts results into a structure."""
    if not nest.is_nested(result):
        return (lambda values: None) if result is None else (lambda values: values[0])
    whole = None not in flat
    if whole and type(result) in (tuple, list) and not any(map(nest.is_nested, result)):
        return tuple if type(result) is tuple else list

    def pack(values: list[Tensor]) -> Any:
        left = iter(values)
        return nest.pack_sequence_as(result, [None if leaf is None else next(left) for leaf in flat])

    return pack
