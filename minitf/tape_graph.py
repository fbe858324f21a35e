"""What a tape has recorded, made to be looked at: names, values and gradients of everything it holds.

`print` shows it as text and `tf.plot.tape` draws it. The tape is only read.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from minitf.tensor import Tensor

__all__ = ["Node", "TapeGraph"]

_COLUMNS = ("name", "from", "shape", "value", "gradient")


class Node(NamedTuple):
    """One tensor on a tape: where it came from, its value, and the gradient of the target by it (None if none flows).

    `kind` is "watched", "variable", "constant" or "result"; only a result has an `op`, and inputs by name.
    """

    name: str
    kind: str
    op: str
    inputs: tuple[str, ...]
    value: Tensor
    gradient: Tensor | None

    @property
    def origin(self) -> str:
        """Say where the tensor came from, such as `multiply(x, c1)`.

        >>> Node("y", "result", "multiply", ("x", "c1"), tf.constant(1.0), None).origin
        'multiply(x, c1)'
        """
        return f"{self.op}({', '.join(self.inputs)})" if self.op else self.kind


class TapeGraph:
    """The nodes of a tape in the order of its records; made by `tape.graph()`.

    >>> x = tf.constant(3.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = x * x + 1.0
    >>> print(tape.graph(y, x=x, y=y))
    A tape with 2 records; gradients are those of y.
    name  from            shape  value  gradient
    x     watched         ()     3      6
    t1    multiply(x, x)  ()     9      1
    c1    constant        ()     1      1
    y     add(t1, c1)     ()     10     1
    """

    def __init__(
        self,
        records: Sequence[tuple[Any, Sequence[Tensor], dict[str, Any], Any]],
        watched: Mapping[int, Tensor],
        variables: Iterable[tuple[str, Sequence[Tensor]]],
        gradients: Mapping[int, Tensor],
        names: Mapping[int, str],
        target: Tensor | None,
    ) -> None:
        """Name every tensor of the records; gradients and given names are by the ids of tensors."""
        self.nodes: list[Node] = []
        self._count = len(records)
        self._gradients = dict(gradients)
        self._names = dict(names)
        self._taken = {*names.values()}
        self._same: dict[int, Tensor] = {}  # a variable's reads are one node, as long as it keeps its value
        kinds = dict.fromkeys(watched, ("watched", "x"))
        for name, reads in variables:
            for read in reads:
                kinds[id(read)] = ("variable", name.split(":")[0])
                self._join(read, next(first for first in reads if first.array is read.array))
        seen: set[int] = set()
        for op, inputs, _, y in records:
            for x in (self._same.get(id(x), x) for x in inputs):
                if id(x) not in seen:
                    seen.add(id(x))
                    self._add(x, *kinds.get(id(x), ("constant", "c")), "", ())
            for result in (y,) if type(y) is Tensor else y:
                seen.add(id(result))
                arguments = tuple(self._names[id(self._same.get(id(x), x))] for x in inputs)
                self._add(result, "result", "t", op.name, arguments)
        self.target = None if target is None else self._names.get(id(target))

    def _join(self, read: Tensor, first: Tensor) -> None:
        """Let a later read of a variable count as the first one."""
        self._same[id(read)] = first
        if read is not first and (gradient := self._gradients.get(id(read))) is not None:
            before = self._gradients.get(id(first))
            self._gradients[id(first)] = gradient if before is None else Tensor(before.array + gradient.array)

    def _add(self, value: Tensor, kind: str, stem: str, op: str, inputs: tuple[str, ...]) -> None:
        if id(value) not in self._names:
            numbered = (f"{stem}{number}" for number in itertools.count(1))
            choices = itertools.chain([stem] if kind == "variable" else [], numbered)
            self._names[id(value)] = next(name for name in choices if name not in self._taken)
            self._taken.add(self._names[id(value)])
        self.nodes.append(Node(self._names[id(value)], kind, op, inputs, value, self._gradients.get(id(value))))

    def __str__(self) -> str:
        """Show a line for each node."""
        records = "1 record" if self._count == 1 else f"{self._count} records"
        of = f"; gradients are those of {self.target}" if self.target else ""
        return "\n".join([f"A tape with {records}{of}.", *aligned([_COLUMNS, *map(self._row, self.nodes)])])

    __repr__ = __str__

    @staticmethod
    def _row(node: Node) -> tuple[str, ...]:
        gradient = "" if node.gradient is None else brief(node.gradient)
        return node.name, node.origin, str(node.value.shape), brief(node.value), gradient


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Write a table as lines, its columns two spaces apart.

    >>> aligned([("name", "value"), ("x", "3")])
    ['name  value', 'x     3']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def brief(tensor: Tensor) -> str:
    """Show a small tensor's entries on one line, and of a large one from where to where they go.

    >>> brief(tf.constant([1.0, 2.5])), brief(tf.range(100.0))
    ('[1 2.5]', '0 to 99')
    """
    array = tensor.array
    if array.size > 6 or array.ndim > 2:
        return f"{array.min():.4g} to {array.max():.4g}" if array.size else "empty"
    return " ".join(np.array2string(array, formatter={"all": lambda x: f"{x:.4g}"}).split())
