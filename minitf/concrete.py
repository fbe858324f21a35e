"""ConcreteFunction: one trace of a function, that is a program, and the structures of its arguments and results."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from minitf import nest
from minitf.operators import Operators
from minitf.program import Program
from minitf.recording import thread
from minitf.shape import TensorShape
from minitf.signature import Arguments, Pattern, arguments, bound, fitting, matches, open_sizes, shown
from minitf.spec import TensorSpec
from minitf.tensor import Tensor

__all__ = ["ConcreteFunction", "packer"]


class ConcreteFunction:
    """A function for one signature; `get_concrete_function` gives it.

    `captured` is the program as it was heard, `passes` has the program after each pass by the pass's name, `stages`
    has both, and `program` is the one that runs.

    >>> double = tf.function(lambda x: 2 * x)
    >>> concrete = double.get_concrete_function(tf.TensorSpec([None]))
    >>> concrete.structured_input_signature
    ((TensorSpec(shape=(None,), dtype=tf.float32, name='x'),), {})
    """

    def __init__(
        self, signature: inspect.Signature, given: Arguments, specs: Sequence[TensorSpec], alike: Pattern,
        stages: Sequence[tuple[str, Program]], result: Any, outside: Mapping[int, Tensor], custom: bool,
    ) -> None:  # fmt: skip
        """Keep what a trace found.

        `given` are the arguments it was traced with, `alike` says which open sizes were equal, `stages` has the
        captured program and that after each pass, `result` specs in the structure that the function returned,
        `outside` the constants of the captured program as tensors; `custom` says that it has gradients of its own.
        """
        self.signature = signature.replace(
            parameters=[
                each.replace(default=each.empty, annotation=each.empty) for each in signature.parameters.values()
            ],
            return_annotation=signature.empty,
        )
        self.stages = tuple(stages)
        self.captured, self.passes, self.program = stages[0][1], self.stages[1:], stages[-1][1]
        self.specs, self.custom, self.structured_outputs = tuple(specs), custom, result
        self._given = given._replace(tensors=[])
        self.structured_input_signature = given.filled(self.specs)
        self.again: Callable[[Arguments], Any] | None = None  # finds a trace for other sizes
        self.key = given.key
        self.alike, self._outside, self._pack = alike, dict(outside), packer(result)
        self._arguments = {leaf.value.key: i for i, leaf in enumerate(given.variables)}
        self._variables = self._filled(self.program, [leaf.value for leaf in given.variables])

    @property
    def name(self) -> str:
        """The name of the Python function."""
        return self.program.name

    def renamed(self, names: Sequence[str | None]) -> ConcreteFunction:
        """Return the same function with other names for its tensors, where there are any."""
        again = copy.copy(self)
        pairs = zip(self.specs, names, strict=True)
        again.specs = tuple(TensorSpec(spec.shape, spec.dtype, name or spec.name) for spec, name in pairs)
        again.structured_input_signature = self._given.filled(again.specs)
        return again

    @property
    def parameters(self) -> dict[str, Any]:
        """What each parameter was traced with: specs of tensors, and plain values."""
        args, kwargs = self.structured_input_signature
        return dict(self.signature.bind(*args, **kwargs).arguments)

    @property
    def exact(self) -> bool:
        """Whether all sizes of the arguments are known."""
        return all(spec.shape.is_fully_defined() for spec in self.specs)

    def fits(self, tensors: Sequence[Any]) -> bool:
        """Say whether tensors (or specs) can be the arguments."""
        pairs = list(zip(self.specs, tensors, strict=True))
        if not all(own.dtype == given.dtype and _within(own.shape, given.shape) for own, given in pairs):
            return False
        return matches(self.alike, open_sizes(self.specs, [given.shape.as_list() for _, given in pairs]))

    @property
    def variables(self) -> tuple[Any, ...]:
        """The variables that the function uses."""
        return tuple(variable for variable, _ in self.captured.variables)

    def _filled(self, program: Program, variables: Sequence[Any]) -> list[Any]:
        """Return a program's variables, with those of a call in place of those of the trace."""
        places = self._arguments
        return [variables[places[v.key]] if v.key in places else v for v, _ in program.variables]

    def run(self, tensors: Sequence[Tensor], variables: Sequence[Any] = (), times: int = 1) -> Any:
        """Run the program, so many times, and put its results into the structure that the function returned."""
        if thread.recorders:
            return self._pack(self.captured.replay(tensors, self._filled(self.captured, variables), self._outside))
        own = self._filled(self.program, variables) if variables else self._variables
        return self._pack(self.program.run(tensors, own, times))

    def hlo(self, stage: str = "optimized_hlo", shapes: Sequence[Sequence[int]] | None = None) -> Any:
        """Return the program as XLA compiles it for arguments of these shapes, before (`stage="hlo"`) or after passes.

        ValueError on NumPy, if the program runs without XLA, or if sizes are open and nobody gives them.
        """
        found = [spec.shape.as_list() for spec in self.specs] if shapes is None else shapes
        if any(size is None for shape in found for size in shape):
            raise ValueError(f"XLA compiles {self.name} for known sizes: give arguments, or shapes, without None.")
        return self.program.hlo(found, stage)

    def source(self) -> str:
        """Return the program as Python."""
        return self.program.source()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the program on arguments of the function, or on its tensors in order; TypeError if they do not fit."""
        try:
            given = self._read(args, kwargs)
        except TypeError as error:
            named = {str(spec.name): spec for spec in self.specs}
            left = [name for name in list(named)[len(args) :] if name not in kwargs]
            if left or len(args) + len(kwargs) != len(named) or not kwargs.keys() <= named.keys():
                raise
            values = [*args, *(kwargs[name] for name in list(named)[len(args) :])]
            if not all(isinstance(value, Operators) for value in values):
                raise error from None
            return self._checked([fitting(spec, value) for spec, value in zip(self.specs, values, strict=True)], None)
        return self._checked([leaf.value for leaf in given.tensors], given)

    def _checked(self, tensors: Sequence[Tensor], given: Arguments | None) -> Any:
        """Run, if open sizes that were taken for equal are."""
        variables = [] if given is None else [leaf.value for leaf in given.variables]
        if self.exact or self.fits(tensors):
            return self.run(tensors, variables)
        if self.again is None or given is None:
            shapes = ", ".join(str(tensor.shape) for tensor in tensors)
            raise ValueError(f"{self.name} was traced for batches of one size, but got {shapes}; make them equal.")
        return self.again(given).run(tensors, variables)

    def _read(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Arguments:
        matched = bound(self.signature, args, kwargs, self._typed())
        for name, spec in self.parameters.items():
            try:
                nest.assert_same_structure(spec, matched.arguments[name], check_types=False)
                pairs = zip(nest.flatten(spec), nest.flatten(matched.arguments[name]), strict=True)
                matched.arguments[name] = nest.pack_sequence_as(spec, [fitting(*pair) for pair in pairs])
            except (TypeError, ValueError) as error:
                asked = f"Binding inputs to tf.function failed due to `{error}`. Received args: {tuple(args)}"
                raise TypeError(f"{asked} and kwargs: {dict(kwargs)} for signature: {self._typed()}.") from None
        return arguments(matched)

    def _typed(self) -> str:
        typed, kinds = self.parameters, self.signature.parameters
        stars: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
        parameters = [
            f"{stars.get(each.kind, '')}{name}: {shown(typed[name])}" for name, each in kinds.items() if name in typed
        ]
        named = [name for name, each in kinds.items() if each.kind is each.KEYWORD_ONLY]
        if named:
            parameters.insert(len(parameters) - len(typed.keys() & named), "*")
        return f"({', '.join(parameters)}) -> {shown(self.structured_outputs)}"

    def __repr__(self) -> str:
        """Print as TensorFlow does."""
        return f"<ConcreteFunction {self._typed()} at {id(self):#X}>"

    def __str__(self) -> str:
        """Print as TensorFlow does: parameters, results, and the variables it uses."""
        return f"ConcreteFunction {self.pretty_printed()}"

    def pretty_printed(self) -> str:
        """Return the signature on several lines."""
        lines = ["Input Parameters:"]
        for name, value in self.parameters.items():
            lines.append(f"  {name} ({self.signature.parameters[name].kind.name}): {shown(value)}")
        lines += ["Output Type:", f"  {shown(self.structured_outputs)}", "Captures:"]
        lines += [f"  {v.name}: {TensorSpec(v.shape, v.dtype)!r}" for v in self.variables] or ["  None"]
        return "\n".join(lines)


def _within(own: TensorShape, shape: TensorShape) -> bool:
    if own.rank != shape.rank or own.rank is None:
        return bool(own.rank == shape.rank)
    return all(n is None or n == m for n, m in zip(own.as_list(), shape.as_list(), strict=True))


def packer(structure: Any) -> Callable[[list[Tensor]], Any]:
    """Return a function that puts results into a structure, where None stays None.

    >>> packer({"b": 0, "a": (None, 0)})([1, 2])
    {'b': 2, 'a': (None, 1)}
    """
    flat = nest.flatten(structure)
    if not nest.is_nested(structure):
        return (lambda values: None) if structure is None else (lambda values: values[0])
    if None not in flat and type(structure) in (tuple, list) and not any(map(nest.is_nested, structure)):
        return tuple if type(structure) is tuple else list

    def pack(values: list[Tensor]) -> Any:
        left = iter(values)
        return nest.pack_sequence_as(structure, [None if leaf is None else next(left) for leaf in flat])

    return pack
