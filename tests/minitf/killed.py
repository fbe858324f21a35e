"""Kills a process at every step of saving: run as a program, because it forks; prints what was found each time.

A step is anything that changes a file or a folder: opening, writing (half of what was to be written arrives), flushing,
renaming, removing, making a folder. After each kill, somebody else looks what is there, and saves once more.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import minitf as tf
from minitf.saving import archive

CHANGES = {"open", "os.rename", "os.remove", "os.mkdir"}


class Checkpoints:
    """`Checkpoint.save`, going on from the latest."""

    def save(self, folder: Path) -> None:
        step = tf.Variable(0)
        checkpoint = tf.train.Checkpoint(step=step, others=[tf.Variable(tf.ones([20, 20]))])
        checkpoint.restore(tf.train.latest_checkpoint(folder))
        step.assign_add(1)
        self.write(checkpoint, folder)

    def write(self, checkpoint: tf.train.Checkpoint, folder: Path) -> None:
        checkpoint.save(folder / "ckpt")

    def look(self, folder: Path) -> Any:
        step = tf.Variable(0)
        tf.train.Checkpoint(step=step).restore(tf.train.latest_checkpoint(folder))
        return int(step)


class Written(Checkpoints):
    """`Checkpoint.write` over the file that is there."""

    def save(self, folder: Path) -> None:
        step = tf.Variable(self.look(folder))
        tf.train.Checkpoint(step=step.assign_add(1)).write(folder / "only")

    def look(self, folder: Path) -> Any:
        step = tf.Variable(0)
        if folder.joinpath("only.npz").exists():
            tf.train.Checkpoint(step=step).read(folder / "only").assert_consumed()
        return int(step)


class Managed(Checkpoints):
    """`CheckpointManager.save`, which also removes the oldest."""

    def write(self, checkpoint: tf.train.Checkpoint, folder: Path) -> None:
        tf.train.CheckpointManager(checkpoint, folder, max_to_keep=2).save()


class Exported:
    """`tf.saved_model.save` over the model that is there."""

    def save(self, folder: Path) -> None:
        module = tf.Module()
        module.step = tf.Variable(self.look(folder) + 1)
        module.f = tf.function(lambda x: x + module.step, input_signature=[tf.TensorSpec([], tf.int32)])
        tf.saved_model.save(module, folder / "model")

    def look(self, folder: Path) -> Any:
        if not tf.saved_model.contains_saved_model(folder / "model"):
            return 0
        loaded = tf.saved_model.load(folder / "model")
        assert loaded.f(0) == loaded.step
        return int(loaded.step)


SCENARIOS: dict[str, Any] = {kind.__name__: kind for kind in (Checkpoints, Written, Managed, Exported)}


class Dying(io.FileIO):
    """A file whose writing can be the last step: half of the bytes arrive."""

    step: Callable[[str, Callable[[], object]], None]

    def write(self, data: Any) -> int:
        Dying.step("write", lambda: super(Dying, self).write(bytes(data)[: len(data) // 2]))
        return super().write(data)


def die_at(last: int, log: int) -> None:
    """Kill this process at a step; the name of each step is written to `log`."""
    count = 0

    def step(name: str, half: Callable[[], object] = lambda: None) -> None:
        nonlocal count
        count += 1
        if count == last:
            half()
            os.write(log, name.encode())
            os.kill(os.getpid(), signal.SIGKILL)

    def heard(event: str, arguments: tuple[Any, ...]) -> None:
        if event in CHANGES and not (event == "open" and arguments[1] in ("r", "rb")):
            step(event)

    flush = os.fsync
    Dying.step = staticmethod(step)
    archive.open = Dying  # type: ignore[attr-defined]
    os.fsync = lambda file: (step("fsync"), flush(file))  # type: ignore[assignment,func-returns-value]
    sys.addaudithook(heard)


# Steps from one kill to the next: on TensorFlow's runtime each process needs seconds to begin.
EVERY = {"numpy": 1, "tensorflow": 7}[tf.get_backend()]


def survivors(scenario: Any, times: int) -> list[dict[str, Any]]:
    """Save a few times, then kill the next saving at each of its steps; return what was found after each."""
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        before = Path(folder, "before")
        before.mkdir()
        for _ in range(times):
            in_a_child(lambda log: scenario.save(before))
        step = ""
        while step or not found:
            after = Path(folder, f"after{len(found)}")
            shutil.copytree(before, after)
            last = EVERY * len(found) + 1
            status, step = in_a_child(lambda log: die_and_save(scenario, after, last, log))  # noqa: B023
            _, seen = in_a_child(lambda log: look_and_save(scenario, after, log))  # noqa: B023
            files = sorted(str(file.relative_to(after)) for file in after.rglob("*") if file.is_file())
            found.append({"step": step, "status": status, **json.loads(seen), "files": files})
    return found


def die_and_save(scenario: Any, folder: Path, last: int, log: int) -> None:
    die_at(last, log)
    scenario.save(folder)


def look_and_save(scenario: Any, folder: Path, log: int) -> None:
    state = scenario.look(folder)
    scenario.save(folder)
    os.write(log, json.dumps({"state": state, "next": scenario.look(folder)}).encode())


def in_a_child(work: Callable[[int], object]) -> tuple[int, str]:
    """Let a child work, and return its status and what it wrote into its log.

    All that computes is done by children: the threads of a runtime that has computed do not outlive a fork.
    """
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        work_and_leave(work, writable)
    os.close(writable)
    _, status = os.waitpid(child, 0)
    with open(readable, "rb") as log:
        said = log.read().decode()
    assert status in (0, signal.SIGKILL)
    return status, said


def work_and_leave(work: Callable[[int], object], log: int) -> NoReturn:
    try:
        work(log)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    name, times = sys.argv[1:]
    print(json.dumps(survivors(SCENARIOS[name](), int(times))))
