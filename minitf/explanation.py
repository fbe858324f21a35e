"""What became of a function, in words: its traces, why there is each of them, what the passes did, and where it looks.

It takes plain data and returns text; `explain()` of what `tf.function` returns prints it.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from minitf import nest
from minitf.operators import Operators
from minitf.program import Program
from minitf.program_graph import counted
from minitf.spec import TensorSpec
from minitf.tape_graph import aligned
from minitf.tensor import Tensor

__all__ = ["Trace", "explain_text"]

_INSTEAD = {
    "bool(t)": "choose with tf.where(condition, a, b) or tf.cond(condition, f, g), and repeat with tf.while_loop",
    "int(t)": "keep the number a tensor, and use it with ops",
    "float(t)": "keep the number a tensor, and use it with ops",
    "t.numpy()": "compute with ops instead of NumPy's functions, or return the tensor and look at it outside",
    "np.array(t)": "use minitf's op instead of NumPy's function",
    "format(t)": "print it with tf.print",
    "next(iterator) of a dataset": "loop over the dataset outside, and make a function of what is done with one batch",
}


@dataclasses.dataclass(frozen=True)
class Trace:
    """One trace of a function.

    `signature` has what each parameter was traced with: TensorSpecs, and plain values, in the structure that came.
    `stages` has the program as captured and after each pass, each with its name. Where there is no program because
    Python looked at a value, `look` has the file, the line, its code, and how it looked, such as "bool(t)".
    """

    signature: Mapping[str, Any]
    stages: Sequence[tuple[str, Program]] = ()
    look: tuple[str, int, str, str] | None = None


def explain_text(name: str, traces: Sequence[Trace]) -> str:
    """Explain the traces of a function, in the order in which they came.

    >>> look = ("course.py", 3, "if x > 0:", "bool(t)")
    >>> print(explain_text("f", [Trace({"x": tf.TensorSpec([]), "training": True}, look=look)]))
    f was traced once.
    <BLANKLINE>
    1. f(x: () float32, training=True): the first call.
       There is no program, and it runs as plain Python: line 3 of course.py asks for the value of a tensor, by bool(t):
           if x > 0:
       That value may be another one in the next call. Instead, choose with tf.where(condition, a, b) or
       tf.cond(condition, f, g), and repeat with tf.while_loop.
    """
    if not traces:
        return f"{name} was not called yet; its first call traces it."
    times = "once" if len(traces) == 1 else f"{len(traces)} times"
    parts = [f"{name} was traced {times}."]
    for number, trace in enumerate(traces, 1):
        given = ", ".join(f"{argument}{leaf}" for argument, leaf in _leaves(trace).items())
        lines = [f"{name}({given}): {_reason(trace, traces[: number - 1])}."]
        lines += _looked(trace.look) if trace.look is not None else _program(trace)
        parts.append("\n".join([f"{number}. {lines[0]}", *(f"   {line}" for line in lines[1:])]))
    return "\n\n".join(parts + _advice(traces))


# --- signatures -------------------------------------------------------------------------------------------------------


class _Leaf(NamedTuple):
    """One argument, or one part of it: what it is, and of tensors and variables shape and dtype."""

    kind: str
    shape: str = ""
    dtype: str = ""

    def __str__(self) -> str:
        kind = f"{self.kind} of " if self.kind == "a variable" else ""
        return f": {kind}{self.shape} {self.dtype}" if self.shape else f"={self.kind}"


def _leaves(trace: Trace) -> dict[str, _Leaf]:
    """Describe the leaves of the arguments, by names such as `x` and `pair[0]`."""
    return {place: _leaf(part) for name, value in trace.signature.items() for place, part in _parts(name, value)}


def _parts(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if not nest.is_nested(value):
        yield name, value
        return
    for key, part in value.items() if isinstance(value, Mapping) else enumerate(value):
        yield from _parts(f"{name}[{key!r}]", part)


def _leaf(value: Any) -> _Leaf:
    if isinstance(value, (TensorSpec, Operators)):
        kind = "a tensor" if isinstance(value, (TensorSpec, Tensor)) else "a variable"
        return _Leaf(kind, str(value.shape), value.dtype.name)  # type: ignore[union-attr]
    text = repr(value)
    return _Leaf(text if len(text) <= 30 else f"{text[:29]}…")


def _reason(trace: Trace, earlier: Sequence[Trace]) -> str:
    """Say in what a trace is unlike the one before that is most like it."""
    if not earlier:
        return "the first call"
    differences = [list(_differences(_leaves(before), _leaves(trace))) for before in earlier]
    nearest = min(range(len(earlier)), key=lambda i: (len(differences[i]), -i))
    what = "; ".join(differences[nearest])
    return f"unlike trace {nearest + 1}, {what}" if what else f"as trace {nearest + 1}, but other sizes are equal"


def _differences(before: Mapping[str, _Leaf], after: Mapping[str, _Leaf]) -> Iterator[str]:
    for name, new in after.items():
        old = before.get(name)
        if old is None:
            yield f"{name} is given"
        elif new.kind != old.kind:
            yield f"{name} is {new.kind}, not {old.kind}"
        else:
            pairs = (("shape", old.shape, new.shape), ("dtype", old.dtype, new.dtype))
            yield from (f"{name} has {what} {two}, not {one}" for what, one, two in pairs if one != two)
    yield from (f"{name} is not given" for name in before if name not in after)


def _advice(traces: Sequence[Trace]) -> list[str]:
    """Say how to have fewer traces, if there are many for one reason."""
    leaves = list(map(_leaves, traces))
    names = [name for name in leaves[0] if all(name in each for each in leaves)]
    shapes, values = (
        [name for name in names if len({getattr(each[name], what) for each in leaves}) > 2]
        for what in ("shape", "kind")
    )
    advice = []
    if shapes:
        advice.append(
            f"One program can serve all shapes of {' and '.join(shapes)}: "
            "tf.function(reduce_retracing=True), or input_signature with None for the sizes that change."
        )
    if values:
        advice.append(
            f"Each new Python value of {' and '.join(values)} needs a trace; "
            "pass numbers that change as tensors: tf.constant(3)."
        )
    return advice


# --- programs ---------------------------------------------------------------------------------------------------------


def _program(trace: Trace) -> list[str]:
    """Count what each pass left, and say what the program does besides computing."""
    rows = [(name, *map(str, counted(program))) for name, program in trace.stages]
    changing = [row for before, row in zip([("",), *rows], rows, strict=False) if row[1:] != before[1:]]
    lines = aligned([("after", "ops", "constants", "bytes in constants", "ops that write over an input"), *changing])
    idle = [row[0] for row in rows if row not in changing]
    if idle:
        lines.append(f"Nothing to do: {', '.join(idle)}.")
    program = trace.stages[-1][1]
    sentence = program.told()
    if sentence is not None:
        lines.append(sentence)
    effects = [node.op.name for node in program.nodes if node.op.stateful]
    if effects:
        lines.append(f"Every call does again, in this order: {', '.join(effects)}.")
    if program.assigned:
        names = [program.variables[place][0].name.removesuffix(":0") for place, _ in program.assigned]
        lines.append(f"It assigns {'the variable' if len(names) == 1 else 'the variables'} {', '.join(names)}.")
    if program.reuse:
        outputs = [program.values[program.nodes[place].outputs[0]] for place in program.reuse]
        saved = sum((spec.shape.num_elements() or 0) * spec.dtype.size for spec in outputs)
        lines.append(f"Writing over inputs that nothing needs any more saves {saved:,} bytes of memory in a call.")
    return lines


def _looked(look: tuple[str, int, str, str]) -> list[str]:
    """Say where Python looked at a value, and what to write instead."""
    file, line, code, asked = look
    place = "a notebook cell" if "ipykernel" in file or file.startswith("<") else file
    place = place.removeprefix(os.path.join(os.getcwd(), ""))
    instead = _INSTEAD.get(asked, "compute with ops, which a program can do again")
    return [
        "There is no program, and it runs as plain Python: "
        f"line {line} of {place} asks for the value of a tensor, by {asked}:",
        f"    {code}",
        f"That value may be another one in the next call. Instead, {instead}.",
    ]
