"""Ops that do something instead of computing: they print, or stop where a condition does not hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from minitf.op import Mixed
from minitf.recording import thread
from minitf.tensor import Tensor

__all__ = ["Effect"]


class Effect(Mixed):
    """An op without a result. Inside a function that is captured it is only recorded: running the program does it.

    >>> Effect("print_values", "PrintV2")(pieces=("no tensor",), summarize=3, stream="stdout")
    no tensor()
    """

    __slots__ = ()

    def __init__(self, name: str, native: str) -> None:
        """Find the kernel of that name in the backend."""
        super().__init__(name, native, stateful=True)

    def apply(self, inputs: Sequence[Tensor], arrays: Sequence[NDArray[Any]], attributes: dict[str, Any]) -> Any:
        """Run the kernel in the caller's own context, by which a notebook knows the cell, and tell the recorders."""
        if thread.capture is None:
            self.kernel(*arrays, **attributes)
        for recorder in thread.recorders:
            recorder.record(self, inputs, attributes, ())
        return ()
