"""The trusted side of the worker process: start it, send one request at a time, bound its time, end it.

What comes back is checked to be plain data of the expected form before anyone looks at it; a worker that hangs, dies or
talks nonsense becomes an `Outcome` that says so.  Nothing here knows exercises or scores.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, cast

import msgpack
import numpy as np

from grader.errors import NoSandbox
from grader.sandbox import walls, wire

START_SECONDS = 20.0  # a fresh interpreter on a busy machine


@dataclass(frozen=True)
class Limits:
    """Bounds on one exercise's worker: wall-clock seconds a call and in all, memory in bytes."""

    call_seconds: float = 2.0
    total_seconds: float = 20.0
    memory_bytes: int = 2 * 2**30


@dataclass(frozen=True)
class Outcome:
    """What one call of a student's code came to, as plain data.

    status: "value" (see `value`), "error" (it raised), "refused" (it gave back something that is no plain data),
    "withheld" (it imported what this exercise is to be solved without), "timeout", or "crashed" (its process ended).
    `line` is the student's line, as text, in which an error arose, and `function` the function it stands in; `changed`
    says whether the call changed its arguments.
    """

    status: str
    value: Any = None
    error_type: str = ""
    error: str = ""
    line: str = ""
    function: str = ""
    changed: bool = False
    printed: str = ""
    warned: str = ""


class Worker:
    r"""A process that holds one student's definitions for one exercise.

    >>> with Worker() as worker:
    ...     worker.define("def double(x):\n    return 2 * x").status
    ...     worker.call("double", (21,)).value
    'value'
    42
    """

    def __init__(
        self, limits: Limits | None = None, allows: tuple[str, ...] = (), sandbox: str = walls.BUBBLEWRAP
    ) -> None:
        self.limits = limits or Limits()
        self._allows = allows
        self._sandbox = sandbox
        self._folder = tempfile.TemporaryDirectory(prefix="grader-worker-")
        self._process: subprocess.Popen[bytes] | None = None
        self._until = time.monotonic() + START_SECONDS + self.limits.total_seconds

    def __enter__(self) -> Worker:
        """Start the process; `NoSandbox` if it does not start, which is nobody's fault who handed something in."""
        try:
            command = self._command()
        except NoSandbox:
            self.close()
            raise
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self._folder.name,
            env=walls.ENVIRONMENT | {"PATH": os.defpath, "HOME": self._folder.name, "TMPDIR": self._folder.name},
            start_new_session=True,
        )
        try:
            ready = self._frame(time.monotonic() + START_SECONDS)
        except (TimeoutError, EOFError, wire.NotPlain) as error:
            said = self._last_words() if isinstance(error, EOFError) else f"{type(error).__name__}"
            self.close()
            raise NoSandbox(
                f"a worker was to be started, but it did not get ready ({said}): grade again, with fewer --jobs if "
                "this machine is busy"
            ) from None
        if not (isinstance(ready, dict) and ready.get("ready") is True):
            self.close()
            raise NoSandbox("a worker was to be started, but it said something else first: install minitf again")
        return self

    def _command(self) -> list[str]:
        allowed = ",".join(self._allows)
        bounds = (str(round(self.limits.total_seconds + 2)), str(self.limits.memory_bytes), allowed)
        if self._sandbox == walls.NONE:
            packages = str(Path(msgpack.__file__).parent.parent)
            return [sys.executable, "-I", "-S", str(Path(__file__).with_name("worker.py")), packages, *bounds]
        inner = [walls.interpreter(), "-I", "-S", f"{walls.HERE}/worker.py", walls.PACKAGES, *bounds]
        return walls.command(inner, self._allows)

    def _last_words(self) -> str:
        """What a process that has ended wrote on stderr, the last line of it."""
        assert self._process is not None and self._process.stderr is not None
        words = self._process.stderr.read(2**16).decode("utf-8", "replace").strip().splitlines()
        return words[-1] if words else f"status {self._process.wait()}"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def define(self, source: str) -> Outcome:
        """Run the student's *source*, which defines what later calls name."""
        return self._ask({"do": "define", "source": source}, START_SECONDS)

    def kind(self, name: str) -> Outcome:
        """Say what *name* is: "callable", "value" or "absent"."""
        return self._ask({"do": "kind", "name": name}, self.limits.call_seconds)

    def value(self, name: str) -> Outcome:
        """Fetch the plain value of *name*."""
        return self._ask({"do": "value", "name": name}, self.limits.call_seconds)

    def call(self, name: str, args: tuple[Any, ...]) -> Outcome:
        """Call *name* with *args* (plain data) and fetch what it gives back."""
        return self._ask({"do": "call", "name": name, "args": list(args)}, self.limits.call_seconds)

    def close(self) -> None:
        """End the process and all it started, and remove its folder."""
        if self._process is not None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # it has ended by itself, and so has its group
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
                cast("IO[bytes]", stream).close()
            self._process = None
        self._folder.cleanup()

    def _ask(self, request: dict[str, Any], seconds: float) -> Outcome:
        process = self._process
        if process is None or process.stdin is None:
            return Outcome("crashed", error="the process had already ended")
        deadline = min(time.monotonic() + seconds, self._until)
        try:
            wire.write(process.stdin, request)
            answer = self._frame(deadline)
        except TimeoutError:
            self.close()
            return Outcome("timeout", error=f"it was still running after {seconds:g} seconds")
        except (EOFError, BrokenPipeError):
            code = process.wait()
            self.close()
            return Outcome("crashed", error=_ending(code))
        except wire.NotPlain as error:
            self.close()
            return Outcome("refused", error=str(error))
        return _outcome(answer)

    def _frame(self, deadline: float) -> Any:
        return wire.decode(self._receive(wire.frame_length(self._receive(4, deadline)), deadline))

    def _receive(self, count: int, deadline: float) -> bytes:
        assert self._process is not None and self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        content = b""
        with selectors.DefaultSelector() as ready:
            ready.register(pipe, selectors.EVENT_READ)
            while len(content) < count:
                if not ready.select(max(0.0, deadline - time.monotonic())):
                    raise TimeoutError
                chunk = os.read(pipe, min(count - len(content), 2**20))
                if not chunk:
                    raise EOFError
                content += chunk
        return content


def _ending(code: int) -> str:
    code = 128 - code if code > 128 else code  # bubblewrap's word for a signal
    if code >= 0:
        return f"its process ended by itself with status {code}"
    if -code in (signal.SIGXCPU, signal.SIGKILL):
        return "its process used up its processor time"
    return f"its process was ended by {signal.Signals(-code).name}"


def _outcome(answer: Any) -> Outcome:
    """Check an untrusted *answer* field by field and return it as an Outcome."""
    expected = {
        "error_type": str,
        "error": str,
        "line": str,
        "function": str,
        "changed": bool,
        "printed": str,
        "warned": str,
    }
    if type(answer) is not dict or answer.get("status") not in ("value", "error", "refused", "withheld"):
        return Outcome("refused", error="an answer of an unknown form")
    fields = {name: answer[name] for name in expected if name in answer}
    if not all(isinstance(value, expected[name]) for name, value in fields.items()):
        return Outcome("refused", error="an answer of an unknown form")
    return Outcome(answer["status"], value=answer.get("value"), **fields)


def plain_outcome(value: Any) -> Outcome:
    """Return *value*, computed in this process, as the Outcome a worker would have sent."""
    try:
        return Outcome("value", value=wire.plain(value))
    except wire.NotPlain as error:
        return Outcome("refused", error=str(error))


def plain_copy(value: Any) -> Any:
    """Return a copy of plain data that shares nothing with *value*."""
    if isinstance(value, np.ndarray):
        return value.copy()
    return wire.decode(wire.encode(value))
