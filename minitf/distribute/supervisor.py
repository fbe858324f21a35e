"""The supervisor: starts the workers of a program, and starts them all again when one of them dies."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["Supervisor", "addresses"]

_PAUSE = 0.1  # seconds between two looks at the workers
_PATIENCE = 10.0  # seconds that a worker has to end when it is asked to


def addresses(count: int) -> list[str]:
    """Return addresses on this machine that nobody uses now.

    >>> len({*addresses(3)})
    3
    """
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]


@dataclasses.dataclass
class Supervisor:
    """Runs a command as several workers, which find one another by TF_CONFIG.

    `hosts` are the addresses of all workers, of which those whose numbers are in `own` run on this machine; without
    hosts, `own` are all, and get new addresses whenever they start. When a worker fails the others cannot go on, so all
    are ended and started again, at most `restarts` times. `told` is called with a sentence for each event.
    """

    command: Sequence[str]
    own: Sequence[int]
    hosts: Sequence[str] = ()
    restarts: int = 3
    logs: str | None = None  # a folder for what the workers print
    told: Callable[[str], None] = print

    def run(self) -> int:
        """Run until all workers have ended well (0), or one failed too often (its exit status)."""
        for attempt in range(self.restarts + 1):
            number, status = self._once()
            if not status:
                self.told("the program has ended")
                return 0
            self.told(f"worker {number} {_described(status)}")
            if attempt < self.restarts:
                self.told(f"starting again (restart {attempt + 1} of {self.restarts})")
        self.told("no restart is left")
        return status if status > 0 else 128 - status

    def _once(self) -> tuple[int, int]:
        """Run until all have ended, or one has failed; return its number and status."""
        hosts = list(self.hosts) or addresses(len(self.own))
        with contextlib.ExitStack() as stack:
            running: dict[int, subprocess.Popen[bytes]] = {}
            stack.callback(_end, running)
            for number in self.own:
                running[number] = self._start(number, hosts, stack)
                self.told(f"worker {number} of {len(hosts)} runs as process {running[number].pid} at {hosts[number]}")
            while running:
                for number, process in [*running.items()]:
                    status = process.poll()
                    if status is not None:
                        del running[number]
                        if status:
                            return number, status
                        self.told(f"worker {number} has ended")
                time.sleep(_PAUSE)
        return 0, 0

    def _start(self, number: int, hosts: Sequence[str], stack: contextlib.ExitStack) -> Any:
        output = None
        if self.logs is not None:
            os.makedirs(self.logs, exist_ok=True)
            output = stack.enter_context(open(os.path.join(self.logs, f"worker-{number}.log"), "ab"))
        return subprocess.Popen(self.command, env=_environment(number, hosts), stdout=output, stderr=output)


def _environment(number: int, hosts: Sequence[str]) -> Mapping[str, str]:
    config = {"cluster": {"worker": list(hosts)}, "task": {"type": "worker", "index": number}}
    own = {"MINITF_BACKEND": "tensorflow", "TF_CONFIG": json.dumps(config), "PYTHONUNBUFFERED": "1"}
    return {**os.environ, **own}


def _end(running: Mapping[int, subprocess.Popen[bytes]]) -> None:
    """End what still runs: ask, wait, and kill."""
    for process in running.values():
        process.terminate()
    until = time.monotonic() + _PATIENCE
    for process in running.values():
        try:
            process.wait(max(until - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _described(status: int) -> str:
    if status >= 0:
        return f"failed with exit status {status}"
    return f"was killed by {signal.Signals(-status).name}"


def command_of(program: Sequence[str]) -> list[str]:
    """Return the command for a Python file, or for `-m module`, and its arguments."""
    return [sys.executable, *program]
