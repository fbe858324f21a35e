"""The walk backwards over the records of a tape: the whole of reverse-mode differentiation.

It asks the rules of each op for gradients and adds up what arrives at each tensor. Undoing a broadcast happens here and
nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from typing import Any

from minitf.op import Op
from minitf.ops.array import sum_to
from minitf.ops.making import zeros
from minitf.ops.math import add
from minitf.recording import thread
from minitf.tensor import Tensor

__all__ = ["Record", "backward", "dependents"]

# One op that ran: the op, what went in, its attributes, and what came out (a tuple of tensors if there were several).
Record = tuple[Op, Sequence[Tensor], dict[str, Any], Any]


def backward(
    records: Sequence[Record], gradients: dict[int, Tensor], wanted: Set[int], sources: Set[int]
) -> dict[int, Tensor]:
    """Walk the records backwards and return the gradients of the sources; this is the whole of reverse mode.

    `gradients` says where to start: the gradient of each target, by the id of its tensor. `wanted` are the ids of the
    tensors that lie between sources and targets; no other gradient is computed.
    """
    found: dict[int, Tensor] = {}
    captured = thread.capture is not None  # sizes may be others in a later call
    take = gradients.pop
    for op, inputs, attributes, y in reversed(records):
        dy: Any = take(id(y), None)
        if dy is None:
            if type(y) is not tuple or (dy := _several(gradients, y, found, sources)) is None:
                continue
        elif id(y) in sources:
            found[id(y)] = dy
        for x, rule in zip(inputs, op.rules):  # noqa: B905  # rules may be fewer; `strict=False` takes longer
            key = id(x)
            if rule is None or key not in wanted:
                continue
            dx = rule(dy, y, *inputs, **attributes) if attributes else rule(dy, y, *inputs)
            if dx is None:
                continue
            if dx.array.shape != x.array.shape or (captured and dx.sizes != x.sizes):
                dx = sum_to(dx, x.sizes if captured else x.array.shape)  # undo the broadcasting of x, here only
            gradients[key] = add(gradients[key], dx) if key in gradients else dx
    gradients.update(found)
    return gradients


def _several(gradients: dict[int, Tensor], ys: Sequence[Tensor], found: dict[int, Tensor], sources: Set[int]) -> Any:
    """Collect the gradients of an op with several results, with zeros for those that nothing uses; None if none has."""
    dys = [gradients.pop(id(y), None) for y in ys]
    if all(dy is None for dy in dys):
        return None
    found.update((id(y), dy) for y, dy in zip(ys, dys, strict=True) if dy is not None and id(y) in sources)
    return tuple(zeros(y.sizes, y.dtype) if dy is None else dy for y, dy in zip(ys, dys, strict=True))


def dependents(records: Iterable[Record], sources: Set[int]) -> set[int]:
    """Return the ids of all tensors that depend on a source, with the sources."""
    ids = set(sources)
    for _, inputs, _, y in records:
        if any(id(x) in ids for x in inputs):
            ids.update((id(y),) if type(y) is Tensor else map(id, y))
    return ids
