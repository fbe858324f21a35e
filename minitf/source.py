"""The source of a program: a straight-line Python function of arrays, written to be read, and compiled to be run."""

from __future__ import annotations

import itertools
import keyword
import linecache
import re
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from minitf.backends import kernels
from minitf.size import Size
from minitf.size import named as named_in
from minitf.size import written as written_size

Node = Any  # those of `program`, which is above this room
Program = Any

__all__ = ["compiled", "inside", "last_needs", "literal", "names", "needs", "returned", "used", "written"]

_LARGE = 2**15  # arrays of so many bytes are given back as soon as nobody needs them
_count = itertools.count()


def needs(node: Node) -> Iterator[int]:
    """Go through the values that a node needs: its inputs, and those whose sizes are in its attributes."""
    yield from node.inputs
    for value in node.attributes.values():
        yield from sorted(_in_sizes(value))


def last_needs(program: Program) -> dict[int, int]:
    """Return the place of the last node that needs each value."""
    return {number: place for place, node in enumerate(program.nodes) for number in needs(node)}


def _in_sizes(value: Any) -> set[int]:
    if type(value) is tuple:
        return set().union(*map(_in_sizes, value))
    return named_in(value.expression) if type(value) is Size else set()


def used(program: Program) -> set[int]:
    """Collect the values that a program has: all but constants that nothing needs."""
    return {*_given(program), *returned(program)}.union(*((*needs(node), *node.outputs) for node in program.nodes))


def names(program: Program) -> dict[int, str]:
    """Return a name for each value: those of arguments and variables, c1 ... for constants, v1 ... for the others."""
    taken = {"np", _identifier(program), *(node.op.name for node in program.nodes)}
    named: dict[int, str] = {}
    for number in _given(program):
        wanted = re.sub(r"\W", "_", program.values[number].name or "x").lstrip("_0123456789") or "x"
        others = (wanted if i == 0 else f"{wanted}_{i}" for i in itertools.count())
        named[number] = next(name for name in others if name not in taken and not keyword.iskeyword(name))
        taken.add(named[number])
    free = {letter: map(f"{letter}{{}}".format, itertools.count(1)) for letter in "cv"}
    for number in sorted(used(program) - named.keys()):
        letter = "c" if number in program.constants else "v"
        named[number] = next(name for name in free[letter] if name not in taken)
    return named


def written(program: Program) -> tuple[str, dict[str, Any]]:
    """Return the source, and what its names of constants stand for."""
    named = names(program)
    lines = [f"def {_identifier(program)}({', '.join(named[n] for n in _given(program))}):"]
    constants = {}
    for number, array in program.constants.items():
        if number in named:
            constants[named[number]] = array
            value = f" = {array.tolist()!r}" if array.size <= 4 else ""
            lines.append(f"    # {named[number]}: {array.dtype}, shape {array.shape}{value}")
    last = last_needs(program)
    kept = {*returned(program), *program.constants, *_given(program)}
    for place, node in enumerate(program.nodes):
        lines.append(f"    {_statement(program, place, node, named)}")
        gone = [
            named[number]
            for number in dict.fromkeys((*needs(node), *node.outputs))
            if last.get(number, place) == place and number not in kept and _is_large(program.values[number])
        ]
        if gone:
            lines.append(f"    del {', '.join(gone)}")
    results = [named[number] for number in returned(program)]
    lines.append(f"    return ({', '.join(results)}{',' * (len(results) == 1)})")
    return "\n".join(lines) + "\n", constants


def inside(program: Program) -> Iterator[Program]:
    """Go through the programs inside a program, which it calls."""
    for node in program.nodes:
        for value in node.attributes.values():
            for part in value if type(value) is tuple else (value,):
                if hasattr(part, "nodes"):
                    yield part


def _given(program: Program) -> tuple[int, ...]:
    return (*program.arguments, *(number for _, number in program.variables))


def returned(program: Program) -> tuple[int, ...]:
    """Return the numbers of the results and of the values that variables end with."""
    return (*program.results, *(number for _, number in program.assigned))


def _identifier(program: Program) -> str:
    """Return a name for the function, unlike those of the kernels that it calls."""
    name = re.sub(r"\W", "_", program.name)
    taken = {node.op.name for node in program.nodes} | {"np"}
    return f"_{name}" if keyword.iskeyword(name) or not name.isidentifier() or name in taken else name


def _is_large(spec: Any) -> bool:
    count = spec.shape.num_elements()
    return count is None or count * spec.dtype.size >= _LARGE


def _statement(program: Program, place: int, node: Node, named: dict[int, str]) -> str:
    """Write the line of one op."""
    inputs = [named[number] for number in node.inputs]
    attributes = [f"{name}={literal(value, named)}" for name, value in node.attributes.items()]
    into = [f"out={inputs[program.reuse[place]]}"] if place in program.reuse else []
    call = f"{node.op.name}({', '.join((*inputs, *into, *attributes))})"
    if not node.outputs:
        return call
    return f"{', '.join(named[number] for number in node.outputs)}{',' * _alone(node)} = {call}"


def _alone(node: Node) -> bool:
    return len(node.outputs) == 1 and node.op.name in kernels.SEVERAL


def literal(value: Any, named: dict[int, str]) -> str:
    """Write an attribute; `named` has the names of the values whose sizes it may have."""
    if type(value) is tuple:
        return f"({', '.join(literal(part, named) for part in value)}{',' * (len(value) == 1)})"
    if type(value) is Size:
        return written_size(value.expression, named.__getitem__)
    if hasattr(value, "nodes"):  # a program inside this one
        return _identifier(value)
    if isinstance(value, (np.dtype, type)):
        return f"np.dtype({np.dtype(value).name!r})"
    if isinstance(value, float) and (value != value or value in (np.inf, -np.inf)):
        return f"float('{value}')"
    return repr(value.item() if isinstance(value, np.generic) else value)


def compiled(program: Program) -> Callable[..., Any]:
    """Return the function; tracebacks show its lines."""
    text, constants = written(program)
    for inner in inside(program):
        constants[_identifier(inner)] = inner
    file = f"<{program.name} {next(_count)}>"
    namespace: dict[str, Any] = {"np": np, **constants}
    for node in program.nodes:
        namespace[node.op.name] = node.op.kernel
    exec(compile(text, file, "exec"), namespace)
    function: Callable[..., Any] = namespace.pop(_identifier(program))
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    weakref.finalize(function, linecache.cache.pop, file, None)
    return function
