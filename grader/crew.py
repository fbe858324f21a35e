"""A crew of processes that work through tasks, each with one at a time; a process that dies loses only its task.

nbgrader changes the working directory and the environment while it works, so it runs in processes of its own. They are
forked from a server that has imported nbgrader once, and each does many tasks. Nothing here knows what a task is.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, ForkServerProcess
from typing import Generic, TypeVar

from grader.errors import GraderError

Task = TypeVar("Task")
Result = TypeVar("Result")

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Lost:
    """A task whose process gave no result; `reason` ends a sentence: "its process ended with status 9"."""

    reason: str


@dataclass
class _Member(Generic[Task]):
    """One process of the crew and what it is doing."""

    process: ForkServerProcess
    connection: Connection
    task: Task
    until: float


def default_jobs() -> int:
    """As many processes as this process may use cores."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(
    work: Callable[[Task], Result],
    tasks: Iterable[Task],
    *,
    jobs: int,
    seconds: float,
    preload: Sequence[str] = (),
) -> Iterator[tuple[Task, Result | Lost | GraderError]]:
    """Yield each task with what *work* gave for it, as they end; at most *jobs* at a time, *seconds* of time each.

    *work* is a module-level function. A `GraderError` it raises is yielded; a process that dies, or takes longer, gives
    a `Lost` and is replaced. The modules in *preload* are imported once, not in every process.
    """
    waiting = deque(tasks)
    context = _context(preload)
    crew: dict[Connection, _Member[Task]] = {}
    try:
        while waiting and len(crew) < max(1, jobs):
            _hire(context, work, waiting, crew, seconds)
        while crew:
            patience = max(0.0, min(member.until for member in crew.values()) - time.monotonic())
            ready = wait(list(crew), timeout=patience)
            for connection, member in list(crew.items()):
                if connection not in ready and member.until > time.monotonic():
                    continue
                result = _result(member, seconds)
                yield member.task, result
                if waiting and not isinstance(result, Lost):
                    _give(member, waiting.popleft(), seconds)
                    continue
                _dismiss(crew.pop(connection))
                if waiting:
                    _hire(context, work, waiting, crew, seconds)
    finally:
        for member in crew.values():
            _dismiss(member)


def _context(preload: Sequence[str]) -> ForkServerContext:
    """The server that processes are forked from, started with one thread per computation."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        forkserver.ensure_running()
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    return context


def _hire(
    context: ForkServerContext,
    work: Callable[[Task], Result],
    waiting: deque[Task],
    crew: dict[Connection, _Member[Task]],
    seconds: float,
) -> None:
    """Start a process on the next task."""
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(work, theirs), daemon=True)
    process.start()
    theirs.close()
    crew[ours] = member = _Member(process, ours, waiting.popleft(), 0.0)
    _give(member, member.task, seconds)


def _give(member: _Member[Task], task: Task, seconds: float) -> None:
    member.task, member.until = task, time.monotonic() + seconds
    try:
        member.connection.send(task)
    except BrokenPipeError:
        pass  # the process is gone; the end of its pipe says so when its result is asked for


def _dismiss(member: _Member[Task]) -> None:
    member.process.kill()
    member.process.join()
    member.connection.close()


def _work(work: Callable[[Task], Result], connection: Connection) -> None:
    """What runs in a process: tasks, until nobody sends more."""
    while True:
        try:
            task: Task = connection.recv()
        except EOFError:
            return
        try:
            result: Result | GraderError = work(task)
        except GraderError as error:
            result = GraderError(str(error))
        connection.send(result)


def _result(member: _Member[Task], seconds: float) -> Result | Lost | GraderError:
    """The result that waits in the pipe, or why there is none."""
    try:
        if member.connection.poll():
            result: Result | Lost | GraderError = member.connection.recv()
            return result
    except (EOFError, ConnectionResetError):
        member.process.join()
        return Lost(f"its process ended with status {member.process.exitcode}")
    return Lost(f"it took longer than {seconds:g} seconds")
