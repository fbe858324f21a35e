"""`python -m minitf.distribute --workers 2 train.py`: runs a training on several workers, and keeps it running."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence

from minitf.distribute.supervisor import Supervisor, command_of

_STORY = """\
Starts the same program several times; each copy finds the others by the environment
variable TF_CONFIG, which is set here, and trains on its part of each batch:

    import minitf as tf

    strategy = tf.distribute.MultiWorkerMirroredStrategy()   # first of all
    with strategy.scope():
        model = tf.keras.Sequential([tf.keras.Input((784,)), tf.keras.layers.Dense(10)])
        model.compile("adam", "mse")
    backup = tf.keras.callbacks.BackupAndRestore("backup")   # a folder that all workers see
    model.fit(x, y, batch_size=256, epochs=20, callbacks=[backup])

The batch size is that of all workers together. When a worker dies, the others cannot go
on; all are started again, and BackupAndRestore goes on after the last whole epoch.

On one machine:
    python -m minitf.distribute --workers 2 train.py --epochs 20

On several machines, start this on each of them, with the same list and its own number:
    python -m minitf.distribute --hosts a.example:2222,b.example:2222 --index 0 train.py
    python -m minitf.distribute --hosts a.example:2222,b.example:2222 --index 1 train.py
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, and return the exit status."""
    parser = argparse.ArgumentParser(
        "python -m minitf.distribute", description=_STORY, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--workers", type=int, metavar="N", help="start so many workers on this machine")
    where.add_argument("--hosts", metavar="HOST:PORT,...", help="the addresses of all workers, the first one's first")
    parser.add_argument("--index", type=int, metavar="I", help="which of the hosts this machine is, from 0")
    parser.add_argument(
        "--restarts", type=int, default=3, metavar="N", help="start again at most so many times (default: 3)"
    )
    parser.add_argument("--logs", metavar="DIR", help="write what worker I prints to DIR/worker-I.log")
    parser.add_argument("program", nargs=argparse.REMAINDER, help="a Python file, or -m and a module; its arguments")
    given = parser.parse_args(arguments)
    hosts = given.hosts.split(",") if given.hosts else []
    if not given.program:
        parser.error("say which program to run, such as train.py, after the options")
    if hosts and (given.index is None or not 0 <= given.index < len(hosts)):
        parser.error(f"say with --index which of the {len(hosts)} hosts this machine is, from 0")
    if not hosts and given.workers < 1:
        parser.error("--workers is 1 or more")
    own = [given.index] if hosts else range(given.workers)
    command = command_of(given.program)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # and so end the workers, too
    return Supervisor(command, own, hosts, given.restarts, given.logs, lambda line: print(line, flush=True)).run()


if __name__ == "__main__":
    sys.exit(main())
