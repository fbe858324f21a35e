"""Agreement: listens while the step of a replica is captured, and sees to it that all replicas have equal variables.

What a replica computes from its own samples, or draws, differs from replica to replica; sums over all replicas, and
what follows from these and from variables alone, do not. A variable that would be given something that differs is given
what all replicas agree on instead, as its `aggregation` says.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from minitf import nest
from minitf.distribute.replica import ALL_REDUCE, Replica, counted
from minitf.dtypes import int32
from minitf.op import Op
from minitf.ops.array import cast, where
from minitf.ops.comparison import equal
from minitf.ops.making import zeros_like
from minitf.ops.math import add, multiply, subtract
from minitf.recording import Listener, thread
from minitf.tensor import Tensor
from minitf.variable import VariableSynchronization

__all__ = ["Agreement"]

_STEPS = ("add", "subtract")


class Agreement:
    """Stands in front of a capture: tells it all, and notes what differs among replicas."""

    def __init__(self, capture: Listener, replica: Replica, own: Sequence[Tensor]) -> None:
        """Take the capture, the replica, and the tensors that are its own from the start."""
        self._capture, self._replica = capture, replica
        self._own = set(map(id, own))
        self._made: dict[int, tuple[Op, Sequence[Tensor]]] = {}  # what each tensor was computed from; the capture
        self._held: dict[int, int] = {}  # keeps the tensors. And which are the present values of which variable.

    def __getattr__(self, name: str) -> Any:
        return getattr(self._capture, name)

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Be the one who listens, in the capture's place."""
        before = thread.recorders, thread.capture
        thread.recorders = tuple(self if each is self._capture else each for each in thread.recorders)
        thread.capture = self  # which does whatever the capture does
        try:
            yield
        finally:
            thread.recorders, thread.capture = before

    # --- what is heard ---

    def record(self, op: Op, inputs: Sequence[Tensor], attributes: dict[str, Any], y: Any) -> None:
        """Take note of an op."""
        self._capture.record(op, inputs, attributes, y)
        outputs = y if type(y) is tuple else (y,)
        for each in outputs:
            self._made[id(each)] = op, inputs
        draws = op.name == "take_stream"
        if draws or op is not ALL_REDUCE and not self._own.isdisjoint(map(id, inputs)):
            self._own.update(map(id, outputs))

    def hold(self, variable: Any, value: Tensor) -> None:
        """Take note of a variable's present value."""
        self._capture.hold(variable, value)
        self._held[id(value)] = variable.key

    def put(self, variable: Any, value: Tensor) -> None:
        """Give a variable what all replicas agree on."""
        before = thread.recorders
        thread.recorders = before[:1]  # it is no business of tapes
        try:
            value = self._agreed(variable, value)
        finally:
            thread.recorders = before
        self._capture.put(variable, value)

    # --- what replicas agree on ---

    def _agreed(self, variable: Any, value: Tensor) -> Tensor:
        how, own = _how(variable), id(value) in self._own
        op, inputs = self._made.get(id(value), (None, ()))
        steps = op is not None and op.name in _STEPS and self._held.get(id(inputs[0])) == variable.key
        if not own and not (steps and how == "sum"):
            return value
        if steps:  # each replica has its own step, even if all are equal
            assert op is not None
            return op(inputs[0], self._together(inputs[1], how))
        if how == "sum" and _gathers(variable):
            now: Tensor = variable._now()
            return add(now, self._together(subtract(value, now), how))
        return self._together(value, how)

    def _together(self, value: Tensor, how: str) -> Tensor:
        if how == "mean" and value.dtype.is_floating:
            assert self._replica.share is not None
            return ALL_REDUCE(multiply(value, cast(self._replica.share, value.dtype)), how="sum")
        if value.dtype.is_bool:
            return cast(self._together(cast(value, int32), how), value.dtype)
        part = counted(value) if how == "sum" else where(equal(self._replica.number, 0), value, zeros_like(value))
        return ALL_REDUCE(part, how="sum")

    def means(self, results: Any) -> Any:
        """Return the means of results over the replicas, weighed by their samples, where they differ."""

        def mean(leaf: Any) -> Any:
            return self._together(leaf, "mean") if type(leaf) is Tensor and id(leaf) in self._own else leaf

        return nest.map_structure(mean, results)


def _how(variable: Any) -> str:
    """Return "sum", "mean", or something else for what the first replica has.

    The weights of layers that are not trained, such as moving averages, are means where nobody says what they are.
    """
    given = variable.aggregation
    if isinstance(given, str):
        return "mean" if given == "none" else given
    name: str = given.name.lower()
    return name


def _gathers(variable: Any) -> bool:
    """Say whether a variable gathers parts from all replicas, as those of metrics do."""
    return isinstance(variable.aggregation, str) or variable.synchronization is VariableSynchronization.ON_READ
