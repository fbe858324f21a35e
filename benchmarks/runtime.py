"""`python -m benchmarks.runtime`: minitf on TensorFlow's runtime against TensorFlow itself, side by side in a process.

minitf's backend is chosen when it is imported, so these rows are measured in a process of their own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np

from benchmarks import fitting, training
from benchmarks.surroundings import runtime, start_anew_on_one_core
from benchmarks.timing import Timing, side_by_side

EAGER = 1.3  # at most so many times the time that TensorFlow takes for the same op by op
# The same for steps that XLA compiles.
COMPILED = {training.LINEAR: 1.1, training.ROWS[1]: 1.03, training.ROWS[2]: 1.1, training.WIDE: 1.03}
FITTED = {training.ROWS[1]: 0.5}  # the same for calls of fit, against Keras
_COMPILED, _FIT = "compiled: ", "fit: "
Call = Callable[[], object]


def eager_rows() -> dict[str, dict[str, Call]]:
    """Calls of the same meaning by row and contender, run op by op: small ops, a gradient and whole training steps.

    The arrays are small, so that what is measured is everything around the computing.
    """
    by_contender = {name: _operations(tf) for name, tf in _runtimes().items()}
    rows = {label: {name: calls[label] for name, calls in by_contender.items()} for label in by_contender["minitf"]}
    for row in (training.LINEAR, training.ROWS[2]):
        rows[f"step of {row}"] = {name: training.on_tape(tf, row) for name, tf in _runtimes().items()}
    return rows


def _runtimes() -> dict[str, Any]:
    return {"minitf": runtime("minitf"), "TensorFlow": runtime("tensorflow")}


def _operations(tf: Any) -> dict[str, Call]:
    draws = np.random.default_rng(0)
    x, y = (tf.constant(draws.random((8, 16), dtype=np.float32)) for _ in range(2))
    square = tf.constant(draws.random((16, 16), dtype=np.float32))
    rows = tf.constant(draws.integers(0, 8, 4))
    return {
        "x + y": lambda: x + y,
        "x * 2.0": lambda: x * 2.0,
        "x > y": lambda: x > y,
        "matmul": lambda: tf.matmul(x, square),
        "relu": lambda: tf.nn.relu(x),
        "exp": lambda: tf.exp(x),
        "softmax": lambda: tf.nn.softmax(x),
        "reduce_sum": lambda: tf.reduce_sum(x),
        "reduce_sum, axis 1": lambda: tf.reduce_sum(x, axis=1),
        "concat": lambda: tf.concat([x, y], 0),
        "x[1:, 0]": lambda: x[1:, 0],
        "cast": lambda: tf.cast(rows, tf.float32),
        "argmax": lambda: tf.argmax(x, -1),
        "gather": lambda: tf.gather(x, rows),
        "one_hot": lambda: tf.one_hot(rows, 8),
        "top_k": lambda: tf.math.top_k(x, 3),
        "constant": lambda: tf.constant([1.0, 2.0]),
        "random.uniform": lambda: tf.random.uniform([8]),
        "gradient of an MLP": _gradient(tf, x),
    }


def _gradient(tf: Any, x: Any) -> Call:
    """The gradients of a cross-entropy by the weights of two layers."""
    draws = np.random.default_rng(1)
    w1, w2 = (tf.Variable(draws.random((16, units), dtype=np.float32)) for units in (16, 4))
    b1, b2 = (tf.Variable(np.zeros(units, np.float32)) for units in (16, 4))
    labels = tf.constant(draws.integers(0, 4, 8))
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits

    def gradient() -> object:
        with tf.GradientTape() as tape:
            logits = tf.matmul(tf.nn.relu(tf.matmul(x, w1) + b1), w2) + b2
            loss = tf.reduce_mean(losses(labels, logits))
        return tape.gradient(loss, [w1, b1, w2, b2])

    return gradient


def compiled_rows() -> dict[str, dict[str, Call]]:
    """Whole training steps by row and contender, each compiled by XLA: forward, gradient, update of every variable."""
    rows: dict[str, dict[str, Call]] = {}
    for row in COMPILED:
        rows[row] = {
            "minitf": training.on_tape(runtime("minitf"), row, runtime("minitf").function),
            "TensorFlow": training.on_tape(
                runtime("tensorflow"), row, partial(runtime("tensorflow").function, jit_compile=True)
            ),
        }
        if found := training.disagreements(row, rows[row]):
            sys.exit("\n".join(found))
    return rows


def fitted_rows() -> dict[str, dict[str, Call]]:
    """Whole calls of `fit`, against those of Keras."""
    calls = {f"{_FIT}{row}": fitting.fits(row, _runtimes()) for row in FITTED}
    for row in FITTED:
        if found := fitting.disagreements(row, _runtimes()):
            sys.exit("\n".join(found))
    return calls


def bar(label: str) -> float:
    """How many times as long as TensorFlow a row may take at most."""
    if label.startswith(_FIT):
        return FITTED[label.removeprefix(_FIT)]
    return COMPILED.get(label.removeprefix(_COMPILED), EAGER)


def in_fresh_process(rounds: int) -> dict[str, dict[str, Timing]]:
    """Time all rows in a process whose backend is TensorFlow."""
    command = [sys.executable, "-m", "benchmarks.runtime", str(rounds), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"MINITF_BACKEND": "tensorflow"})
    if done.returncode:
        sys.exit(done.stderr)
    rows = json.loads(done.stdout.splitlines()[-1])
    return {label: {name: Timing(**timing) for name, timing in timings.items()} for label, timings in rows.items()}


def main() -> None:
    """Measure, and print a line a row, or with `--json` the timings."""
    os.environ["MINITF_BACKEND"] = "tensorflow"
    start_anew_on_one_core()
    rounds = next((int(each) for each in sys.argv[1:] if each.isdigit()), 15)
    calls = eager_rows() | {f"{_COMPILED}{label}": calls for label, calls in compiled_rows().items()}
    calls |= fitted_rows()
    rows = {label: side_by_side(each, rounds, least=0.01) for label, each in calls.items()}
    if "--json" in sys.argv:
        print(json.dumps({label: {name: asdict(each) for name, each in row.items()} for label, row in rows.items()}))
        return
    for label, timings in rows.items():
        ratio = timings["minitf"].ratio(timings["TensorFlow"])
        took = ", ".join(f"{name} {timing.median * 1e6:.3g} µs" for name, timing in timings.items())
        print(f"{label}: {took}, {ratio:.2f}x, {'keeps' if ratio <= bar(label) else 'MISSES'} {bar(label)}x")


if __name__ == "__main__":
    main()
