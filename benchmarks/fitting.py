"""Fitting and predicting, side by side: minitf.keras, Keras, and for predictions NumPy written by hand.

A row is one text for both: the same layers, weights, data, loss and optimizer; `disagreements` looks whether the losses
of an epoch are the same. Run as a program, `python -m benchmarks.fitting minitf "MLP ..."` fits one model, and prints
the most memory that the process ever had.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from itertools import cycle, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.surroundings import as_users_have_it, runtime
from benchmarks.training import Array, Step

EPOCHS = 5  # of one call of fit
PREDICTED = 100_000  # rows
# sizes of the layers, samples, samples in a batch
ROWS = {
    "linear classifier, batch 128": ((2, 1), 2000, 128),
    "MLP 4-16-3, batch 32": ((4, 16, 3), 640, 32),
    "MLP 784-128-10, batch 128": ((784, 128, 10), 1280, 128),
}
RUNTIMES = {"minitf": "minitf", "Keras": "tensorflow"}


def data(row: str, samples: int | None = None) -> tuple[Array, Array]:
    """Random inputs, and numbers of classes; for the linear classifier 0.0 or 1.0."""
    sizes, length, _ = ROWS[row]
    draws = np.random.default_rng(3)
    x = draws.standard_normal((samples or length, sizes[0]), dtype=np.float32)
    return x, (x[:, :1] > 0).astype(np.float32) if sizes[-1] == 1 else draws.integers(0, sizes[-1], len(x))


def weights(row: str) -> list[Array]:
    """Fresh weights and biases, one layer after the other."""
    sizes = ROWS[row][0]
    draws = np.random.default_rng(4)
    pairs = [(draws.standard_normal(pair) / pair[0] ** 0.5, np.zeros(pair[1])) for pair in pairwise(sizes)]
    return [array.astype(np.float32) for pair in pairs for array in pair]


def compiled(tf: Any, row: str) -> Any:
    """A compiled model in minitf or TensorFlow, with the weights of the row."""
    sizes, keras = ROWS[row][0], tf.keras
    layers = [keras.layers.Dense(size, activation="relu") for size in sizes[1:-1]] + [keras.layers.Dense(sizes[-1])]
    model = keras.Sequential([keras.Input(shape=sizes[:1]), *layers])
    model.set_weights(weights(row))
    loss = "mse" if sizes[-1] == 1 else keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.SGD(0.01), loss=loss)
    return model


def disagreements(row: str, runtimes: Mapping[str, Any]) -> list[str]:
    """One sentence for each contender whose losses of two epochs are not the first one's."""
    x, y = data(row)
    losses = {
        name: compiled(tf, row).fit(x, y, batch_size=ROWS[row][2], epochs=2, shuffle=False, verbose=0).history["loss"]
        for name, tf in runtimes.items()
    }
    first = next(iter(losses))
    return [
        f"{row}: {name} has the losses {found} where {first} has {losses[first]}."
        for name, found in losses.items()
        if not np.allclose(found, losses[first], rtol=1e-5)
    ]


def steps(row: str) -> int:
    """The steps of one call of fit."""
    _, length, batch = ROWS[row]
    return EPOCHS * -(-length // batch)


def fits(row: str, runtimes: Mapping[str, Any]) -> dict[str, Step]:
    """A call of fit, with everything as it is by default, by contender."""
    return {name: fit_of(compiled(tf, row), row) for name, tf in runtimes.items()}


def fit_of(model: Any, row: str) -> Step:
    """A call of fit with everything as it is by default, for so many epochs that the first does not count for much."""
    x, y = data(row)
    return lambda: model.fit(x, y, batch_size=ROWS[row][2], epochs=EPOCHS, verbose=0)


def captured_step(tf: Any, row: str) -> Step:
    """The model's training step alone, captured, on whole batches which are there already, one after the other."""
    model, size = compiled(tf, row), ROWS[row][2]
    x, y = map(tf.constant, data(row))
    batches = cycle([(x[i - size : i], y[i - size : i]) for i in range(size, len(x) + 1, size)])
    step = tf.function(lambda x, y: list(model.train_step((x, y)).values()))
    return lambda: step(*next(batches))


def predictions(row: str, runtimes: Mapping[str, Any]) -> dict[str, Step]:
    """Predicting many rows in one call, by contender: by hand in NumPy, and by `predict`."""
    x = data(row, PREDICTED)[0]
    return {"NumPy": lambda: by_hand(x, weights(row))} | {
        name: _predict(compiled(tf, row), x) for name, tf in runtimes.items()
    }


def _predict(model: Any, x: Array) -> Step:
    return lambda: model.predict(x, verbose=0)


def by_hand(x: Array, arrays: list[Array]) -> Array:
    """The outputs of the layers, in NumPy alone."""
    *hidden, last, bias = arrays
    for w, b in zip(hidden[::2], hidden[1::2], strict=True):
        x = np.maximum(x @ w + b, 0)
    return x @ last + bias


def peak_megabytes(name: str, row: str) -> float:
    """The most memory that a fresh process has which imports, builds and fits: resident, in MB."""
    command = [sys.executable, "-m", "benchmarks.fitting", name, row]
    told = subprocess.run(command, check=True, capture_output=True, text=True, env=as_users_have_it()).stdout
    return float(told.split()[-1])


def main() -> None:
    """Fit one model, and print the peak."""
    name, row = sys.argv[1:]
    fit: Callable[[], object] = fit_of(compiled(runtime(RUNTIMES[name]), row), row)
    fit()
    peak = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]  # of this program, not of who started it
    print(int(peak) / 1024)


if __name__ == "__main__":
    main()
