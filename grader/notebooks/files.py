"""Files that are written whole or not at all.

The notebook tool writes through this module only, so that a run that is killed leaves the old file or the new one.
It knows bytes and paths, and nothing of notebooks.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from grader.errors import GraderError


def write_whole(path: Path, data: bytes) -> None:
    """Write *data* to *path* in one step, making its folder; raises `GraderError` and leaves the old file if it cannot.

    The bytes go to a hidden neighbour first, which then takes the file's place.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(beside, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if path.exists():
                shutil.copymode(path, beside)
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise GraderError(
            f"{path} was to be written, but that failed ({error.strerror or error}): "
            "make its folder writable and see that the disk has room"
        ) from error
