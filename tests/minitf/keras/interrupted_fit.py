"""Fits a model with a backup and a table: run as a program that somebody kills, or to its end; prints where it is."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

from minitf import keras

EPOCHS = 8


def slowly(batch: int, pause: float) -> None:
    print(batch, flush=True)
    time.sleep(pause)


def main(folder: str, pause: float, save_freq: str) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 3)).astype("float32"), rng.normal(size=(40, 1)).astype("float32")
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, "tanh"), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.05), "mse")
    path = Path(folder)
    callbacks = keras.callbacks
    history = model.fit(
        x, y, batch_size=10, epochs=EPOCHS, shuffle=False, verbose=0,
        callbacks=[
            callbacks.BackupAndRestore(path / "backup", save_freq if save_freq == "epoch" else int(save_freq)),
            callbacks.CSVLogger(path / "log.csv", append=True),
            callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: slowly(batch, pause)),
        ],
    )  # fmt: skip
    state = [variable.numpy().tolist() for variable in [*model.weights, *model.optimizer.variables]]
    path.joinpath("result.json").write_text(json.dumps([history.epoch, history.history["loss"], state]))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), sys.argv[3])
