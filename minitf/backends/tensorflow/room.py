"""Room for what XLA compiles: TensorFlow keeps each program until the process ends, in many areas of its memory.

Linux lets a process have 65,530 areas, or what `sysctl vm.max_map_count` says, and a compiler that gets no more ends
the process. So the last eighth is not for compiling.
"""

from __future__ import annotations

import functools
import itertools
import math
from pathlib import Path

from minitf.backends.tensorflow.making import NotCompiled

__all__ = ["must_be_left"]

_OFTEN = 10  # programs between two looks
_AREAS, _MOST = Path("/proc/self/maps"), Path("/proc/sys/vm/max_map_count")
_compiled = itertools.count()


def must_be_left() -> None:
    """NotCompiled if there is no room for one more program; to be asked before each."""
    if next(_compiled) % _OFTEN == 0:
        _left.cache_clear()
    if not _left():
        asked = f"this process has compiled as much as Linux has room for, {_MOST.read_text().strip()} areas of memory"
        raise NotCompiled(f"{asked}; start a new one, or raise vm.max_map_count")


@functools.cache
def _left() -> bool:
    """Count the areas; other systems have no such limit."""
    try:
        most = int(_MOST.read_text())
        with _AREAS.open("rb") as areas:
            return sum(1 for _ in areas) < math.floor(most * 7 / 8)
    except OSError:
        return True
