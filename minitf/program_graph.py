"""A program made to be looked at: its values and ops as a list, after every pass, and what each pass has changed.

`print` shows it as text, a notebook as a table, and `tf.plot.program` draws it. Programs are only read. Names are
those of the final program's source; what is not in it any more is called u1, u2, ... in earlier stages.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from numpy.typing import NDArray

from minitf import source
from minitf.html import listing_html
from minitf.program import Node as Step
from minitf.program import Program
from minitf.spec import TensorSpec
from minitf.tape_graph import aligned, brief
from minitf.tensor import Tensor

__all__ = ["Counts", "Node", "ProgramGraph"]

_COLUMNS = ("name", "from", "shape", "dtype", "role")


class Node(NamedTuple):
    """One line of the list: an argument, a variable or a constant (that is its `kind`), or an op with its results.

    `values` describes what it gives: name, shape and dtype; nothing for an op with an effect only. `roles` has
    "result", "assigned to w", "into v3" where it is written over that value, and "effect" where it does more than
    compute. `origin` is what it comes from, such as `multiply(x, c1)`; `inputs` are the names in that.
    """

    kind: str
    op: str
    origin: str
    inputs: tuple[str, ...]
    values: tuple[TensorSpec, ...]
    roles: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of its value, or the names with commas between them; empty for an op with an effect only."""
        return ", ".join(str(value.name) for value in self.values)

    def row(self) -> tuple[str, str, str, str, str]:
        """Return the node as a line of the list: name, origin, shape, dtype, roles."""
        shapes = " ".join(str(value.shape) for value in self.values)
        dtypes = dict.fromkeys(value.dtype.name for value in self.values)
        return self.name, self.origin, shapes, " ".join(dtypes), ", ".join(self.roles)


class Counts(NamedTuple):
    """How large a program is: ops, constants and their bytes, and ops that write over an input instead of anew."""

    ops: int
    constants: int
    bytes: int
    reused: int


class ProgramGraph:
    """The values and ops of a program in their order; made by the `graph()` of what `tf.function` returns.

    It prints the last of its stages; `stage` returns the others, "captured" and one for each pass.

    >>> @tf.function
    ... def f(x):
    ...     return x * tf.sqrt(4.0) + 1.0
    >>> graph = f.graph(tf.constant([1.0, 2.0]))
    >>> print(graph)
    f is a program of 2 ops, after 5 passes; 3 ops were captured.
    name  from             shape  dtype    role
    x     argument         (2,)   float32
    c1    constant 2       ()     float32
    c2    constant 1       ()     float32
    v1    multiply(x, c1)  (2,)   float32
    v2    add(v1, c2)      (2,)   float32  result, into v1
    >>> graph.stage("captured").counts, graph.stage("constant folding").changes
    (Counts(ops=3, constants=2, bytes=8, reused=0), {'c1': 'folded', 'u1': 'not needed'})
    """

    def __init__(self, stages: Sequence[tuple[str, Program]], names: Mapping[int, str] | None = None) -> None:
        """Take the programs from the captured one to the last, each with the name of its stage."""
        self.stages = tuple(stages)
        self.name = stages[-1][1].name
        self._program = program = stages[-1][1]
        self._names = names = _names(self.stages) if names is None else names
        roles = _roles(program, names)
        used = _used(program)

        def plain(kind: str, number: int, origin: str) -> Node:
            return Node(kind, "", origin, (), (self._value(number),), tuple(roles.get(number, ())))

        self.nodes = [plain("argument", number, "argument") for number in program.arguments]
        self.nodes += [plain("variable", number, "variable") for _, number in program.variables]
        for number in sorted(program.constants.keys() & used):
            self.nodes.append(plain("constant", number, f"constant {_shown(program.constants[number])}"))
        for place, step in enumerate(program.nodes):
            inputs = [names[number] for number in dict.fromkeys(source.needs(step))]
            own = [role for number in step.outputs for role in roles.get(number, ())]
            own += [f"into {names[step.inputs[program.reuse[place]]]}"] if place in program.reuse else []
            own += ["effect"] if step.op.stateful else []
            values = tuple(map(self._value, step.outputs))
            self.nodes.append(Node("op", step.op.name, self._call(step), tuple(inputs), values, tuple(own)))
        constants = [array for number, array in program.constants.items() if number in used]
        self.counts = Counts(
            len(program.nodes), len(constants), sum(array.nbytes for array in constants), len(program.reuse)
        )

    def _value(self, number: int) -> TensorSpec:
        value = self._program.values[number]
        return TensorSpec(value.shape, value.dtype, self._names[number])

    def _call(self, step: Step) -> str:
        inputs = [self._names[number] for number in step.inputs]
        attributes = [f"{name}={source._literal(value, self._names)}" for name, value in step.attributes.items()]
        return f"{step.op.name}({', '.join([*inputs, *attributes])})"

    def stage(self, name: str) -> ProgramGraph:
        """Return the program after a pass, or "captured" before all of them; KeyError for no stage of this program."""
        names = [stage for stage, _ in self.stages]
        if name not in names:
            raise KeyError(f"The program {self.name} has no stage {name!r}; its stages are {', '.join(names)}.")
        return ProgramGraph(self.stages[: names.index(name) + 1], self._names)

    @property
    def changes(self) -> dict[str, str]:
        """What the last pass did, by names: "folded" to a constant, "same as v1", "not needed", or "into v1"."""
        if len(self.stages) == 1:
            return {}
        before, after = (program for _, program in self.stages[-2:])
        same = _same(before, after)
        changes: dict[int, str] = {}
        for number in sorted(_used(before)):
            if number in after.constants and number not in before.constants:
                changes[number] = "folded"
            elif number not in _used(after):
                changes[number] = f"same as {self._names[same[number]]}" if number in same else "not needed"
        for place, position in after.reuse.items():
            step = after.nodes[place]
            changes[step.outputs[0]] = f"into {self._names[step.inputs[position]]}"
        return {self._names[number]: change for number, change in changes.items()}

    @property
    def title(self) -> str:
        """What is shown, in a sentence."""
        ops = "1 op" if self.counts.ops == 1 else f"{self.counts.ops} ops"
        stage, passes = self.stages[-1][0], len(self.stages) - 1
        captured = len(self.stages[0][1].nodes)
        after = "as captured" if not passes else f"after {passes} passes" if passes > 1 else f"after {stage}"
        were = f"; {captured} {'was' if captured == 1 else 'were'} captured" if captured != self.counts.ops else ""
        return f"{self.name} is a program of {ops}, {after}{were}."

    def __str__(self) -> str:
        """Show a line for each node."""
        return "\n".join([self.title, *aligned([_COLUMNS, *(node.row() for node in self.nodes)])])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Show the same as a table."""
        return listing_html(self.title, _COLUMNS, [node.row() for node in self.nodes])


def _used(program: Program) -> set[int]:
    """Collect the values that a program has: all but constants that nothing needs."""
    used = {*program.arguments, *program.results}.union(number for _, number in (*program.variables, *program.assigned))
    for step in program.nodes:
        used.update(source.needs(step), step.outputs)
    return used


def _names(stages: Sequence[tuple[str, Program]]) -> dict[int, str]:
    """Name the values of all stages."""
    names = source.names(stages[-1][1])
    taken = {*names.values()}
    for _, program in stages:
        for number in sorted(_used(program) - names.keys()):
            wanted = program.values[number].name
            numbered = (f"u{i}" for i in itertools.count(1))
            names[number] = next(
                name for name in itertools.chain([wanted] * bool(wanted), numbered) if name not in taken
            )
            taken.add(names[number])
    return names


def _roles(program: Program, names: Mapping[int, str]) -> dict[int, list[str]]:
    """Say of each value that leaves the program where it goes."""
    roles: dict[int, list[str]] = {number: ["result"] for number in program.results}
    for place, number in program.assigned:
        roles.setdefault(number, []).append(f"assigned to {names[program.variables[place][1]]}")
    return roles


def _same(before: Program, after: Program) -> dict[int, int]:
    """Find the values that another one stands for after a pass: where they are used, or computed alike."""
    later = {step.outputs: step for step in after.nodes if step.outputs}
    effects = (step for step in after.nodes if not step.outputs)
    same = dict(zip(before.results, after.results, strict=True))
    same.update(zip((n for _, n in before.assigned), (n for _, n in after.assigned), strict=True))
    for step in before.nodes:
        if step.outputs in later or not step.outputs:
            same.update(zip(step.inputs, (later[step.outputs] if step.outputs else next(effects)).inputs, strict=True))
    alike: dict[Any, tuple[int, ...]] = {}
    for step in before.nodes:
        key = step.op.name, repr(step.attributes), *(same.get(number, number) for number in step.inputs)
        if step.outputs in later:
            alike[key] = step.outputs
        else:
            same.update(zip(step.outputs, alike.get(key, ()), strict=False))
    return same


def _shown(array: NDArray[Any]) -> str:
    return brief(Tensor(array)) if array.dtype.kind in "fiub" else f"of {array.size} entries"
