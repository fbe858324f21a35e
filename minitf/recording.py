"""Who listens in this thread to what happens to tensors: tapes, and the capture of a `tf.function`.

Ops, tensors and variables tell the listeners; this room knows none of them. Everybody who listens is a `Recorder`. A
capture is told more, because it must be able to do everything again later: which values Python looked at, and what
became of variables.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

__all__ = [
    "Listener", "Recorder", "assigning", "entries", "functions_run_eagerly", "origin", "run_functions_eagerly", "seen",
    "sizes", "thread", "unheard", "unrepeatable",
]  # fmt: skip


class Recorder(Protocol):
    """Whoever listens to the ops of a thread, such as a tape."""

    def record(self, op: Any, inputs: Sequence[Any], attributes: dict[str, Any], y: Any) -> None:
        """Take note of one op: its inputs, its attributes and its result (a tuple if there are several or none)."""

    def read(self, variable: Any, value: Any) -> None:
        """Take note that a variable was read and gave this tensor."""


class Listener(Recorder, Protocol):
    """A recorder that can replay what it heard: the capture of a function."""

    def seen(self, tensor: Any, asked: str) -> None:
        """Take note that Python looked at the value of a tensor; `asked` says how, such as `bool(t)`."""

    def abandon(self, asked: str) -> None:
        """End the capture, because Python does something that a program cannot do."""

    def sizes(self, tensor: Any) -> tuple[int, ...]:
        """Return the sizes of a tensor's axes; those that may differ in a later call are `Size`s."""

    def entries(self, tensor: Any) -> Any:
        """Return the whole numbers in a tensor as `tolist` does; `Size`s for what depends on sizes."""

    def symbol(self, tensor: Any) -> Any:
        """Return name and TensorSpec of a tensor that may have another value in each call; None for other tensors."""

    def origin(self, tensor: Any) -> tuple[str, Sequence[Any], dict[str, Any]] | None:
        """Return TensorFlow's name of the op that gave a tensor, its inputs and attributes; None for other tensors."""

    def choose(self, pred: Any, true_fn: Any, false_fn: Any) -> Any:
        """Take note of a tf.cond, and return its result; NotImplemented if no program can do it."""

    def repeat(self, condition: Any, body: Any, loop_vars: Any, shapes: Any) -> Any:
        """Take note of a tf.while_loop, and return its result; NotImplemented if no program can do it."""

    def start(self, tensor: Any) -> None:
        """Take note that a variable starts with the value of a tensor."""

    def create(self, variable: Any) -> None:
        """Take note that a variable was made."""

    def hold(self, variable: Any, value: Any) -> None:
        """Take note that this tensor is a variable's present value, taken in order to compute its next one."""

    def put(self, variable: Any, value: Any) -> None:
        """Take note that a variable has this tensor as its value now, instead of assigning it."""


class _Thread(threading.local):
    """Who listens in this thread; the capture, if there is one, stands among the recorders too."""

    recorders: tuple[Recorder, ...] = ()
    capture: Listener | None = None


thread = _Thread()
assigning = threading.RLock()  # held by whoever computes a variable's next value from its last, so that none is lost


def seen(tensor: Any, asked: str) -> None:
    """Tell the capture that Python looks at a value: `seen(t, "t.numpy()")`; call it before looking."""
    if thread.capture is not None:
        thread.capture.seen(tensor, asked)


def unrepeatable(asked: str) -> None:
    """Tell the capture that Python does something that a program cannot do again, such as reading a file."""
    if thread.capture is not None:
        thread.capture.abandon(asked)


def sizes(tensor: Any) -> tuple[int, ...]:
    """Return the sizes of a tensor's axes, as an op should use them for its attributes."""
    if thread.capture is not None:
        return thread.capture.sizes(tensor)
    shape: tuple[int, ...] = tensor.array.shape
    return shape


def entries(tensor: Any) -> Any:
    """Return the whole numbers in a tensor as `tolist` does, as an op should use them for its attributes."""
    if thread.capture is not None:
        return thread.capture.entries(tensor)
    return tensor.array.tolist()


def origin(tensor: Any) -> tuple[str, Sequence[Any], dict[str, Any]] | None:
    """Return TensorFlow's name of the op that gave a tensor, its inputs and attributes; None outside of functions."""
    return None if thread.capture is None else thread.capture.origin(tensor)


_eagerly = False


def run_functions_eagerly(run_eagerly: bool) -> None:
    """Let all functions run as plain Python, to look into them; False goes back to programs.

    >>> tf.config.run_functions_eagerly(True)
    >>> tf.config.functions_run_eagerly()
    True
    >>> tf.config.run_functions_eagerly(False)
    """
    global _eagerly
    _eagerly = bool(run_eagerly)


def functions_run_eagerly() -> bool:
    """Say whether functions run as plain Python."""
    return _eagerly


@contextlib.contextmanager
def unheard() -> Iterator[None]:
    """Let nobody listen to this block."""
    recorders, capture = thread.recorders, thread.capture
    thread.recorders, thread.capture = (), None
    try:
        yield
    finally:
        thread.recorders, thread.capture = recorders, capture
