"""Peak memory of one training step of minitf, eager or captured: `python -m benchmarks.memory captured "MLP ..."`.

NumPy tells tracemalloc of its buffers.  What counts is the arrays that live between the steps (weights, the batch,
constants and buffers of a program) and what a step adds to them at its highest.  Each is measured in a process of its
own: what one has left behind would count for the next.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tracemalloc
from dataclasses import asdict, dataclass

import numpy as np

from benchmarks import training
from benchmarks.surroundings import runtime


@dataclass(frozen=True)
class Peak:
    """Bytes of arrays between the steps, and bytes that a step adds at its highest."""

    held: int
    added: int

    @property
    def total(self) -> int:
        """Both together.

        >>> Peak(held=3, added=4).total
        7
        """
        return self.held + self.added


def of_step(row: str, compiled: training.Compile, tf: object) -> Peak:
    """Build the step of a row, run it a few times, then watch it."""
    tracemalloc.start()
    try:
        step = training.on_tape(tf, row, compiled)
        for _ in range(3):
            step()
        return Peak(_held(), max(_added(step) for _ in range(5)))
    finally:
        tracemalloc.stop()


def in_fresh_process(row: str, kind: str) -> Peak:
    """Measure in a process that has done nothing else; *kind* is eager or captured."""
    command = [sys.executable, "-m", "benchmarks.memory", kind, row]
    return Peak(**json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))


def _held() -> int:
    gc.collect()
    arrays = tracemalloc.DomainFilter(inclusive=True, domain=np.lib.tracemalloc_domain)
    return sum(trace.size for trace in tracemalloc.take_snapshot().filter_traces([arrays]).traces)


def _added(step: training.Step) -> int:
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    step()
    return tracemalloc.get_traced_memory()[1] - before


def main() -> None:
    """Print the peak of one step as JSON."""
    kind, row = sys.argv[1:]
    tf = runtime("minitf")
    print(json.dumps(asdict(of_step(row, tf.function if kind == "captured" else training.eager, tf))))


if __name__ == "__main__":
    main()
