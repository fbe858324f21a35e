"""Which checkpoints a folder has, and which is the latest: the text file `checkpoint`, as TensorFlow writes it."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import warnings
from collections.abc import Mapping
from pathlib import Path

from minitf.saving.archive import replacing

__all__ = ["State", "latest_checkpoint", "read_state"]

_FILE = "checkpoint"
_LINE = re.compile(r'(\w+): ("(?:[^"\\]|\\.)*"|[-+.\deE]+)')


@dataclasses.dataclass
class State:
    """The checkpoints of a folder, oldest first, with the times when they were written, where these are known."""

    latest: str
    times: Mapping[str, float | None]

    def write(self, folder: str, file: str = _FILE) -> None:
        """Write the file, in one step."""

        def named(path: str) -> str:
            return json.dumps(os.path.relpath(path, folder or "."))

        lines = [f"model_checkpoint_path: {named(self.latest)}"]
        lines += [f"all_model_checkpoint_paths: {named(path)}" for path in self.times]
        lines += [f"all_model_checkpoint_timestamps: {time!r}" for time in self.times.values() if time is not None]

        with replacing(os.path.join(folder, file)) as opened:
            opened.write("".join(f"{line}\n" for line in lines).encode())


def read_state(folder: str, file: str | None = None) -> State | None:
    """Read the file; None if there is none, or if it is damaged, with a warning."""
    path = Path(folder, file or _FILE)
    found: dict[str, list[str | float]] = {}
    try:
        for line in path.read_text("utf-8").splitlines():
            match = _LINE.fullmatch(line)
            if match is None:
                raise ValueError(f"the line {line!r} is no name with a value")
            found.setdefault(match[1], []).append(json.loads(match[2]))
        latest = _below(folder, found["model_checkpoint_path"][0])
        paths = [_below(folder, path) for path in found.get("all_model_checkpoint_paths", ())]
        times: list[float | None] = [float(time) for time in found.get("all_model_checkpoint_timestamps", ())]
        return State(latest, dict(zip(paths, times or [None] * len(paths), strict=True)))
    except FileNotFoundError:
        return None
    except (KeyError, TypeError, ValueError) as error:
        asked = f"{path}: Checkpoint ignored, because this file is damaged: {error}"
        warnings.warn(f"{asked}; give the path of a checkpoint yourself, or save another one.", stacklevel=3)
        return None


def _below(folder: str, path: str | float) -> str:
    if not isinstance(path, str):
        raise TypeError(f"{path} is no path")
    return os.path.join(folder, path)


def latest_checkpoint(checkpoint_dir: str | os.PathLike[str], latest_filename: str | None = None) -> str | None:
    """Return the path of the checkpoint that was written last in a folder; None if there is none.

    >>> import tempfile
    >>> tf.train.latest_checkpoint(tempfile.mkdtemp()) is None
    True
    """
    state = read_state(os.fsdecode(checkpoint_dir), latest_filename)
    if state is None:
        return None
    if not os.path.exists(f"{state.latest}.npz"):
        warnings.warn(f"Couldn't match files for checkpoint {state.latest}; it was moved or removed.", stacklevel=2)
        return None
    return state.latest
