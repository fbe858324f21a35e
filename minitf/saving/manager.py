"""CheckpointManager: the checkpoints of a training run in a folder, of which only the latest are kept."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from minitf.saving.archive import removed
from minitf.saving.checkpoint import Checkpoint
from minitf.saving.state import State, read_state

__all__ = ["CheckpointManager"]


class CheckpointManager:
    """Saves checkpoints in a folder, removes the oldest, and finds the latest when training goes on.

    >>> import tempfile
    >>> checkpoint = tf.train.Checkpoint(step=tf.Variable(0))
    >>> manager = tf.train.CheckpointManager(checkpoint, tempfile.mkdtemp(), max_to_keep=2)
    >>> for _ in range(3):
    ...     path = manager.save()
    >>> [path[-6:] for path in manager.checkpoints], manager.restore_or_initialize() == manager.latest_checkpoint
    (['ckpt-2', 'ckpt-3'], True)
    """

    def __init__(
        self, checkpoint: Checkpoint, directory: str | os.PathLike[str], max_to_keep: int | None, *,
        checkpoint_name: str = "ckpt", step_counter: Any = None,
        checkpoint_interval: int | None = None, init_fn: Callable[[], object] | None = None,
        last_checkpoint_step: int | None = None,
    ) -> None:  # fmt: skip
        """Look what is in the folder. With `checkpoint_interval`, `save` skips steps of `step_counter` in between.

        ValueError for a number to keep that is not positive, and for an interval without a counter.
        """
        if max_to_keep is not None and max_to_keep <= 0:
            asked = "Expected a positive integer or `None` for `max_to_keep`"
            raise ValueError(f"{asked}, got {max_to_keep}; None keeps all checkpoints.")
        if checkpoint_interval is not None and step_counter is None:
            asked = "`step_counter` should be passed if `checkpoint_interval` is not None"
            raise ValueError(f"{asked}; pass the variable that counts the steps.")
        self.checkpoint = checkpoint
        self.directory = os.fsdecode(directory)
        self.checkpoint_interval = checkpoint_interval
        self._max_to_keep, self._prefix = max_to_keep, os.path.join(self.directory, checkpoint_name)
        self._step_counter, self._last_step, self._init_fn = step_counter, last_checkpoint_step, init_fn
        state = read_state(self.directory)
        self._latest = None if state is None else state.latest
        self._times = {
            path: written
            for path, written in (() if state is None else state.times.items())
            # What `Checkpoint.save` wrote has no time, and is left alone; what is gone was removed by who was killed.
            if written is not None and os.path.exists(f"{path}.npz")
        }

    @property
    def latest_checkpoint(self) -> str | None:
        """The path of the latest checkpoint; None if there is none."""
        return self._latest

    @property
    def checkpoints(self) -> list[str]:
        """The paths of the checkpoints that are kept for now, oldest first."""
        return list(self._times)

    def save(self, checkpoint_number: Any = None, check_interval: bool = True, options: None = None) -> str | None:
        """Write a checkpoint and remove the oldest if there are too many; returns the path.

        The number is the checkpoint's `save_counter`, if none is given. Returns None where the interval says not now;
        check_interval=False saves all the same, unless nothing was done since. `options` changes nothing.
        """
        if self.checkpoint_interval is not None:
            step = int(self._step_counter)
            if self._last_step is not None:
                due = self._last_step + self.checkpoint_interval
                if step == self._last_step or (check_interval and step < due):
                    return None
            self._last_step = step
        counter = self.checkpoint.save_counter.assign_add(1)
        number = int(counter if checkpoint_number is None else checkpoint_number)
        path = self.checkpoint._write(f"{self._prefix}-{number}", f"{os.path.basename(self._prefix)}-")
        self._times.pop(path, None)
        self._times[path] = time.time()
        self._latest = path
        State(path, self._times).write(self.directory)
        old = [] if self._max_to_keep is None else list(self._times)[: -self._max_to_keep]
        for each in old:
            removed(f"{each}.npz")
            del self._times[each]
        if old:
            State(path, self._times).write(self.directory)  # only now, so that a file is known until it is gone
        return path

    def restore_or_initialize(self) -> str | None:
        """Restore the latest checkpoint and return its path; if there is none, call `init_fn` and return None."""
        if self._latest is not None:
            self.checkpoint.restore(self._latest)
            if self.checkpoint_interval is not None:
                self._last_step = int(self._step_counter)
        elif self._init_fn is not None:
            self._init_fn()
        return self._latest
