"""Passes: each takes a program and returns a shorter one that computes the same.

Ops with a state or an effect stay where they are, as often as they are there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from minitf.backends import kernels
from minitf.op import run
from minitf.program import Node, Program, has_size
from minitf.size import Size, rewritten
from minitf.source import last_needs, needs, returned

__all__ = ["PASSES", "optimised"]


def fold_constants(program: Program) -> Program:
    """Compute what depends on constants alone, once and for all."""
    constants = dict(program.constants)
    nodes = []
    for node in program.nodes:
        if node.op.stateful or not constants.keys() >= set(needs(node)) or any(map(has_size, node.attributes.values())):
            nodes.append(node)
            continue
        shape = [program.values[number].shape.num_elements() for number in node.outputs]
        sizes = [(n or 0) * program.values[number].dtype.size for n, number in zip(shape, node.outputs, strict=True)]
        given = sum(constants[number].nbytes for number in node.inputs)
        if sum(sizes) > max(kernels.FOLDED, 2 * given):
            nodes.append(node)
            continue
        results = run(node.op.kernel, *[constants[number] for number in node.inputs], **node.attributes)
        results = results if type(results) is tuple else (results,)
        constants.update(zip(node.outputs, map(kernels.asarray, results), strict=True))
    return dataclasses.replace(program, constants=constants, nodes=tuple(nodes))


def share_subexpressions(program: Program) -> Program:
    """Compute what two ops compute alike only once; equal small constants become one, too."""
    same: dict[int, int] = {}
    seen: dict[Hashable, tuple[int, ...]] = {}
    for number, array in program.constants.items():
        if array.nbytes <= 64:
            first = seen.setdefault((array.dtype, array.shape, array.tobytes()), (number,))
            same[number] = first[0]
    nodes = []
    for node in program.nodes:
        node = _renamed(node, same)
        if node.op.stateful:
            nodes.append(node)
            continue
        key = node.op.name, node.inputs, _hashable(node.attributes)
        first = seen.setdefault(key, node.outputs)
        if first is node.outputs:
            nodes.append(node)
        else:
            same.update(zip(node.outputs, first, strict=True))
    return _with_names(program, nodes, same)


def skip_copies(program: Program) -> Program:
    """Leave out what gives the same value again: identities, casts to the same dtype, reshapes to the same shape."""
    same: dict[int, int] = {}
    nodes = []
    for node in program.nodes:
        node = _renamed(node, same)
        if node.op.name in ("identity", "assigned", "cast", "reshape", "broadcast_to", "sum_to"):
            before, after = program.values[node.inputs[0]], program.values[node.outputs[0]]
            known = before.shape.is_fully_defined() and before.shape == after.shape
            if node.op.name in ("identity", "assigned") or (
                before.dtype == after.dtype and (known or node.op.name == "cast")
            ):
                same[node.outputs[0]] = node.inputs[0]
                continue
        nodes.append(node)
    return _with_names(program, nodes, same)


def drop_dead_code(program: Program) -> Program:
    """Leave out what nothing needs; variables that are not used any more go, too."""
    needed = {*returned(program)}
    nodes = []
    for node in reversed(program.nodes):
        if node.op.stateful or not needed.isdisjoint(node.outputs):
            needed.update(needs(node))
            nodes.append(node)
    assigned_places = {place for place, _ in program.assigned}
    kept = [
        place for place, (_, number) in enumerate(program.variables) if number in needed or place in assigned_places
    ]
    constants = {number: array for number, array in program.constants.items() if number in needed}
    return dataclasses.replace(
        program, nodes=tuple(reversed(nodes)), constants=constants,
        variables=tuple(program.variables[place] for place in kept),
        assigned=tuple((kept.index(place), number) for place, number in program.assigned),
    )  # fmt: skip


def reuse_buffers(program: Program) -> Program:
    """Let results be written over inputs of the same shape and dtype that nothing needs afterwards.

    Only over what an op of the program has made anew: never over arguments, variables, constants, results, or a view.
    """
    last = last_needs(program)
    free: set[int] = set()
    for node in program.nodes:
        if node.op.name in kernels.FRESH:
            free.update(node.outputs)
        else:
            free.difference_update(node.inputs)  # the result may be a view into one of them
    free.difference_update(returned(program))
    reuse: dict[int, int] = {}
    for place, node in enumerate(program.nodes):
        if node.op.name not in kernels.INTO or len(node.outputs) != 1:
            continue
        after = program.values[node.outputs[0]]
        if not after.shape.rank or not after.shape.is_fully_defined():
            continue
        for position, number in enumerate(node.inputs):
            before = program.values[number]
            if (
                number in free and last[number] == place
                and before.dtype == after.dtype and before.shape == after.shape
            ):  # fmt: skip
                reuse[place] = position
                break
    return dataclasses.replace(program, reuse=reuse)


PASSES: Mapping[str, Callable[[Program], Program]] = {
    "copies": skip_copies,
    "constant folding": fold_constants,
    "common subexpressions": share_subexpressions,
    "dead code": drop_dead_code,
    "buffers": reuse_buffers,
}


def optimised(program: Program) -> tuple[tuple[str, Program], ...]:
    """Return the program after each pass."""
    after = []
    for name, do in PASSES.items():
        program = do(program)
        after.append((name, program))
    return tuple(after)


def _renamed(node: Node, same: Mapping[int, int]) -> Node:
    if not same:
        return node
    attributes = {name: _renamed_sizes(value, same) for name, value in node.attributes.items()}
    return dataclasses.replace(node, inputs=tuple(same.get(n, n) for n in node.inputs), attributes=attributes)


def _renamed_sizes(value: Any, same: Mapping[int, int]) -> Any:
    if type(value) is tuple:
        return tuple([_renamed_sizes(part, same) for part in value]) if has_size(value) else value
    if type(value) is Size:
        return Size(int.__int__(value), value.other, rewritten(value.expression, lambda n: same.get(n, n)))
    return value


def _with_names(program: Program, nodes: list[Node], same: Mapping[int, int]) -> Program:
    return dataclasses.replace(
        program, nodes=tuple(nodes), results=tuple(same.get(n, n) for n in program.results),
        assigned=tuple((place, same.get(n, n)) for place, n in program.assigned),
    )  # fmt: skip


def _hashable(value: Any) -> Hashable:
    """Make a key of attributes that tells 1 from True and 0.0 from -0.0."""
    if type(value) is dict:
        return tuple((name, _hashable(part)) for name, part in value.items())
    if type(value) is tuple:
        return tuple(map(_hashable, value))
    if isinstance(value, Program):
        return id(value)
    return (value.expression,) if type(value) is Size else (type(value), repr(value))
