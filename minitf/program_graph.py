"""A program made to be looked at: its values and ops as a list, after every pass, and what each pass has changed.

`print` shows it as text, a notebook as a table, and `tf.plot.program` draws it. Programs are only read. Names are
those of the final program's source; what is not in it any more is called u1, u2, ... in earlier stages.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from numpy.typing import NDArray

import minitf.source as source
from minitf.html import listing_html
from minitf.program import Node as Step
from minitf.program import Program
from minitf.spec import TensorSpec
from minitf.tape_graph import aligned, brief
from minitf.tensor import Tensor

__all__ = ["Counts", "Node", "ProgramGraph", "counted"]

_COLUMNS = ("name", "from", "shape", "dtype", "role")
_LONGEST = 64  # letters of an origin that are shown


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
        origin = self.origin if len(self.origin) <= _LONGEST else f"{self.origin[: _LONGEST - 1]}…"
        shapes = dict.fromkeys(str(value.shape) for value in self.values)
        dtypes = dict.fromkeys(value.dtype.name for value in self.values)
        return self.name, origin, " ".join(shapes), " ".join(dtypes), ", ".join(self.roles)


class Counts(NamedTuple):
    """How large a program is: ops, constants and their bytes, and ops that write over an input instead of anew."""

    ops: int
    constants: int
    bytes: int
    reused: int


class ProgramGraph:
    """The values and ops of a program in their order; made by the `graph()` of what `tf.function` returns.

    It prints the last of its stages; `stage` returns the others, "captured" and one for each pass. `nodes` is the
    list; `results` has the names of the values that come out, `assigned` pairs of a variable and its new value.

    >>> @tf.function
    ... def f(x):
    ...     return x * tf.sqrt(4.0) + 1.0
    >>> graph = f.graph(tf.constant(1.0))
    >>> print(graph)
    f is a program of 2 ops, after 5 passes; 3 were captured.
    name  from             shape  dtype    role
    x     argument         ()     float32
    c1    constant 2       ()     float32
    c2    constant 1       ()     float32
    v1    multiply(x, c1)  ()     float32
    v2    add(v1, c2)      ()     float32  result
    >>> graph.stage("captured").counts, graph.stage("constant folding").changes
    (Counts(ops=3, constants=2, bytes=8, reused=0), {'c1': 'folded', 'u1': 'not needed'})
    """

    def __init__(self, stages: Sequence[tuple[str, Program]], names: dict[int, str] | None = None) -> None:
        """Take the programs from the captured one to the last, each with the name of its stage."""
        self.stages = tuple(stages)
        self.name = stages[-1][1].name
        self._program = program = stages[-1][1]
        self._names = names = _names(self.stages) if names is None else names
        roles: dict[int, list[str]] = {number: ["result"] for number in program.results}
        self.results = tuple(names[number] for number in program.results)
        self.assigned = tuple((names[program.variables[place][1]], names[number]) for place, number in program.assigned)
        for (variable, _), (_, number) in zip(self.assigned, program.assigned, strict=True):
            roles.setdefault(number, []).append(f"assigned to {variable}")
        constants = {
            number: program.constants[number] for number in sorted(program.constants.keys() & source.used(program))
        }
        origins = {number: f"constant {_shown(array)}" for number, array in constants.items()}
        origins |= dict.fromkeys(program.arguments, "argument") | {
            number: "variable" for _, number in program.variables
        }
        self.nodes = []
        for number in (*program.arguments, *(number for _, number in program.variables), *constants):
            kind = origins[number].split(" ")[0]
            own = tuple(roles.get(number, ()))
            self.nodes.append(Node(kind, "", origins[number], (), (self._value(number),), own))
        for place, step in enumerate(program.nodes):
            inputs = tuple(names[number] for number in dict.fromkeys(source.needs(step)))
            own = tuple(dict.fromkeys(role for number in step.outputs for role in roles.get(number, ())))
            own += (f"into {names[step.inputs[program.reuse[place]]]}",) if place in program.reuse else ()
            own += ("effect",) if step.op.stateful else ()
            self.nodes.append(
                Node("op", step.op.name, self._call(step), inputs, (*map(self._value, step.outputs),), own)
            )
        self.counts = counted(program)

    def _value(self, number: int) -> TensorSpec:
        value = self._program.values[number]
        return TensorSpec(value.shape, value.dtype, self._names[number])

    def _call(self, step: Step) -> str:
        inputs = [self._names[number] for number in step.inputs]
        attributes = [f"{name}={source.literal(value, self._names)}" for name, value in step.attributes.items()]
        return re.sub(r"np\.dtype\('(\w+)'\)", r"\1", f"{step.op.name}({', '.join([*inputs, *attributes])})")

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
        used, same = source.used(after), _same(before, after)
        changes = dict.fromkeys(sorted(after.constants.keys() - before.constants.keys()), "folded")
        for number in sorted(source.used(before) - used - changes.keys()):
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
        own = "\n".join([self.title, *aligned([_COLUMNS, *(node.row() for node in self.nodes)])])
        branches = (str(ProgramGraph(((part.name, part),))) for part in source.inside(self._program))
        return "\n\n".join([own, *branches])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Show the same as a table."""
        return listing_html(self.title, _COLUMNS, [node.row() for node in self.nodes])


def counted(program: Program) -> Counts:
    """Count what is in a program.

    >>> counted(tf.function(lambda x: x + 1.0).get_concrete_function(tf.constant(1.0)).program)
    Counts(ops=1, constants=1, bytes=4, reused=0)
    """
    constants = [program.constants[number] for number in program.constants.keys() & source.used(program)]
    return Counts(len(program.nodes), len(constants), sum(array.nbytes for array in constants), len(program.reuse))


def _names(stages: Sequence[tuple[str, Program]]) -> dict[int, str]:
    """Name the values of all stages."""
    names = source.names(stages[-1][1])
    taken, free = {*names.values()}, map("u{}".format, itertools.count(1))
    for _, program in stages:
        for number in sorted(source.used(program) - names.keys()):
            wanted = program.values[number].name
            names[number] = next(x for x in itertools.chain([wanted] if wanted else [], free) if x not in taken)
            taken.add(names[number])
    return names


def _same(before: Program, after: Program) -> dict[int, int]:
    """Find the values that another one stands for after a pass: where they are used, or computed alike."""
    later = {step.outputs: step for step in after.nodes if step.outputs}
    same = dict(zip(before.results, after.results, strict=True))
    same.update(zip((n for _, n in before.assigned), (n for _, n in after.assigned), strict=True))
    effects = [[step for step in program.nodes if not step.outputs] for program in (before, after)]
    for step, now in (*zip(*effects, strict=True), *((step, later.get(step.outputs, step)) for step in before.nodes)):
        same.update(zip(step.inputs, now.inputs, strict=True))
    alike: dict[Any, tuple[int, ...]] = {}
    for step in before.nodes:
        key = step.op.name, repr(step.attributes), *(same.get(number, number) for number in step.inputs)
        if step.outputs in later:
            alike[key] = step.outputs
        else:
            same.update(zip(step.outputs, alike.get(key, ()), strict=False))
    return {old: new for old, new in same.items() if old != new}


def _shown(array: NDArray[Any]) -> str:
    """Show a constant: its entries, or what they are like."""
    if array.size > 1 and (array == array.flat[0]).all():
        return f"{_shown(array.flat[:1].reshape(()))} everywhere"
    if array.dtype.kind in "fiu":
        return brief(Tensor(array))
    return str(array.tolist()) if array.size <= 6 else f"of {array.size} entries"
