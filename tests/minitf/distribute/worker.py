"""What one worker does: trains a small classifier and writes what came of it; dies once, if it is told to."""

from __future__ import annotations

import os
import pickle
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np

import minitf as tf

RNG = np.random.default_rng(0)
X, LABELS = RNG.normal(size=(50, 6)).astype("f4"), RNG.integers(0, 3, 50)


class Dies(tf.keras.callbacks.Callback):
    """Kills the process in the middle of an epoch, as no program can prevent, unless it did so before."""

    def __init__(self, epoch: int, mark: Path) -> None:
        super().__init__()
        self.epoch, self.mark, self.now = epoch, mark, 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.now = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.now == self.epoch and batch == 1 and not self.mark.exists():
            self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)


def train(strategy: Any, folder: Path, number: int, dies: bool) -> dict[str, Any]:
    tf.keras.utils.set_random_seed(1 + number)  # weights start as those of the first worker
    with strategy.scope():
        dense = tf.keras.layers.Dense
        model = tf.keras.Sequential([tf.keras.Input((6,)), dense(8, "relu"), dense(3)])
        loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(tf.keras.optimizers.Adam(0.01), loss, metrics=["accuracy"], jit_compile=False)
    callbacks = [tf.keras.callbacks.BackupAndRestore(folder / "backup")]
    callbacks += [tf.keras.callbacks.ModelCheckpoint(str(folder / f"{number}.weights.h5"), save_weights_only=True)]
    callbacks += [Dies(2, folder / "died")] if dies else []
    batches = tf.data.Dataset.from_tensor_slices((X, LABELS)).batch(16)
    history = model.fit(batches, epochs=4, verbose=0, callbacks=callbacks).history
    shuffled = model.fit(X, LABELS, batch_size=25, epochs=1, verbose=0).history
    return {
        "history": history, "weights": model.get_weights(), "shuffled": shuffled,
        "evaluated": model.evaluate(X, LABELS, batch_size=16, verbose=0), "predicted": model.predict(X, verbose=0),
        "shard": [np.asarray(part).tolist() for part in strategy.experimental_distribute_dataset(
            tf.data.Dataset.range(5).batch(3)
        )],
        "chief": strategy.is_chief,
    }  # fmt: skip


if __name__ == "__main__":
    folder, strategy = Path(sys.argv[1]), tf.distribute.MultiWorkerMirroredStrategy()
    number = strategy.cluster_resolver.task_id
    found = train(strategy, folder, number, dies=number == 1)
    (folder / f"found-{number}").write_bytes(pickle.dumps(found))
