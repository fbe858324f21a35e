"""Stages: a program cut at its sums over replicas, which all replicas do together, into parts that each does alone.

All that can be computed before the first sum is the first part, and so on; the sums between two parts are done at once.
A training step mostly has two parts: gradients, and what is made of their sums.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

from minitf.distribute.replica import ALL_REDUCE
from minitf.passes import optimised
from minitf.program import Node, Program
from minitf.source import needs, returned

__all__ = ["Stages", "cut"]


@dataclasses.dataclass(frozen=True, eq=False)
class Stages:
    """A program in parts; values have numbers, as in programs.

    `given` are those that it starts with: arguments, variables and the states of streams, which `draws` take. After
    each of the `parts`, which are programs without variables, come the `sums`: input, output, and how to sum.
    """

    program: Program
    given: tuple[int, ...]
    draws: tuple[Node, ...]
    parts: tuple[Program, ...]
    sums: tuple[tuple[tuple[int, int, str], ...], ...]
    results: tuple[int, ...]

    @functools.cached_property
    def constants(self) -> dict[int, Any]:
        """The constants that are results, or summed, as they are."""
        wanted = {*self.results, *(number for row in self.sums for number, _, _ in row)}
        return {number: array for number, array in self.program.constants.items() if number in wanted}

    @property
    def together(self) -> bool:
        """Whether replicas have to run it at the same time."""
        return any(self.sums)


def cut(captured: Program) -> Stages:
    """Optimise a program, and cut it.

    >>> from minitf.distribute.replica import ALL_REDUCE
    >>> f = tf.function(lambda x: 2 * ALL_REDUCE(x + 1, how="sum"))
    >>> stages = cut(f.get_concrete_function(tf.TensorSpec([])).captured)
    >>> print("".join(part.source() for part in stages.parts).rstrip())
    def _lambda__0(x):
        # c1: float32, shape () = 1.0
        v1 = add(x, c1)
        return (v1,)
    def _lambda__1(x):
        # c1: float32, shape () = 2.0
        v1 = multiply(c1, x)
        return (v1,)
    """
    program = dict(optimised(captured))["dead code"]
    draws = tuple(node for node in program.nodes if node.op.name == "take_stream")
    given = (*program.arguments, *(n for _, n in program.variables), *(node.outputs[0] for node in draws))
    levels = dict.fromkeys((*given, *program.constants), 0)
    nodes: list[list[Node]] = [[]]
    sums: list[list[tuple[int, int, str]]] = [[]]
    for node in program.nodes:
        if node.op.name == "take_stream":
            continue
        level = max([0, *(levels[number] for number in needs(node))])
        if node.op is ALL_REDUCE:
            sums[level].append((node.inputs[0], node.outputs[0], node.attributes["how"]))
            if level + 1 == len(nodes):
                nodes.append([])
                sums.append([])
        else:
            nodes[level].append(node)
        levels.update(dict.fromkeys(node.outputs, level + (node.op is ALL_REDUCE)))
    results = returned(program)
    parts: list[Program] = []
    wanted = {*results}  # of the parts behind
    for level in reversed(range(len(nodes))):
        wanted.update(number for number, _, _ in sums[level])
        part = _part(program, level, nodes[level], wanted)
        wanted.update(part.arguments)
        parts.append(part)
    return Stages(program, given, draws, tuple(reversed(parts)), tuple(map(tuple, sums)), results)


def _part(program: Program, level: int, nodes: list[Node], wanted: set[int]) -> Program:
    """Return the program of a part, which gives what others want."""
    made = [number for node in nodes for number in node.outputs]
    needed = dict.fromkeys(number for node in nodes for number in needs(node))
    known = {*made, *program.constants}
    return dataclasses.replace(
        program, name=f"{program.name}_{level}", variables=(), assigned=(), reuse={},
        arguments=tuple(number for number in needed if number not in known), nodes=tuple(nodes),
        results=tuple(number for number in made if number in wanted),
        constants={number: array for number, array in program.constants.items() if number in needed},
    )  # fmt: skip
