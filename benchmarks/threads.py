"""The widest training step with threads free for all: `python -m benchmarks.threads`.

How many threads a library may use is fixed when it loads, so this runs in a process of its own.  Threads that wait for
more work spin for a while: everybody rests before a turn, so that they sleep when the next contender starts.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict

from benchmarks import training
from benchmarks.surroundings import all_cores, runtime
from benchmarks.timing import Timing, side_by_side

REST = 0.1


def in_fresh_process(rounds: int, runtimes: list[str]) -> dict[str, Timing]:
    """Time the contenders in a process that may use all processors; *runtimes* are those beside NumPy and minitf."""
    with all_cores() as environment:
        command = [sys.executable, "-m", "benchmarks.threads", str(rounds), *runtimes]
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        sys.exit(done.stderr)
    return {name: Timing(**timing) for name, timing in json.loads(done.stdout).items()}


def main() -> None:
    """Print the timings as JSON."""
    rounds, *names = sys.argv[1:] or ["15"]
    runtimes = {name: runtime(name) for name in names}
    contenders = training.captured_steps(training.WIDE, runtime("minitf"), **runtimes)
    if found := training.disagreements(training.WIDE, contenders):
        sys.exit("\n".join(found))
    timings = side_by_side(contenders, int(rounds), least=0.05, rest=REST)
    print(json.dumps({name: asdict(timing) for name, timing in timings.items()}))


if __name__ == "__main__":
    main()
