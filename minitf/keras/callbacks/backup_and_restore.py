"""BackupAndRestore: lets a training that was killed go on where it was."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from minitf.keras.callbacks.callback import Logs
from minitf.keras.callbacks.save_frequency import SaveFrequency
from minitf.saving.archive import replacing

__all__ = ["BackupAndRestore"]

_WEIGHTS, _METADATA = "latest.weights.h5", "training_metadata.json"  # Keras's own names


class BackupAndRestore(SaveFrequency):
    """Keep a backup of the training in a directory of its own, from which the next `fit` goes on.

    What is kept is the weights, the state of the optimizer and the number of the epoch, after each epoch or after
    every `save_freq` batches (a fit goes on with whole epochs). The model must be built before `fit` (ValueError).
    `double_checkpoint` also keeps the backup before the last one, for the case that the last cannot be read. The
    directory is removed at the end of the training if `delete_checkpoint`, unless it has files of somebody else.

    Of several workers, the first one writes, and all read.

    However a process dies, weights and epoch belong together: new weights lie beside the old ones, under a name that
    says where the training was, until the metadata says so too.

    >>> BackupAndRestore("")
    Traceback (most recent call last):
    ValueError: Empty `backup_dir` argument passed; it takes the path of a directory.
    """

    def __init__(
        self, backup_dir: str | os.PathLike[str], save_freq: str | int = "epoch", double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        if not backup_dir:
            raise ValueError("Empty `backup_dir` argument passed; it takes the path of a directory.")
        asked = f"Invalid value for argument `save_freq`. Received: save_freq={save_freq}."
        self._take_frequency(save_freq, f"{asked} Expected either 'epoch' or an integer value, of batches.")
        self.backup_dir = backup_dir
        self.double_checkpoint, self.delete_checkpoint = double_checkpoint, delete_checkpoint
        self._folder = Path(backup_dir)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        if not self.model.built:
            asked = "To use the BackupAndRestore callback, your model must be built before you call `fit()`"
            raise ValueError(f"{asked}, and {self.model} is unbuilt; call it on a batch of data first.")
        try:
            self._restore()
        except OSError:
            if not self._folder.joinpath(f"{_WEIGHTS}.bkp").exists():
                raise
            for name in (_WEIGHTS, _METADATA):
                shutil.copy(self._folder / f"{name}.bkp", self._folder / name)
            self._restore()

    def _restore(self) -> None:
        weights, metadata = self._folder / _WEIGHTS, self._folder / _METADATA
        known: dict[str, Any] = {}
        if metadata.exists():
            known = json.loads(metadata.read_text())
            if self._strategy.is_chief and self._folder.joinpath(_waiting(known)).exists():
                os.replace(self._folder / _waiting(known), weights)
        self._strategy.agreed(0)  # then all workers are here, and the files are as they stay
        if weights.exists():
            optimizer = self.model.optimizer
            if optimizer is not None and not optimizer.built:
                optimizer.build(self.model.trainable_variables)
            self.model.load_weights(str(weights))
        if known:
            self.model._keras_initial_epoch = known["epoch"]

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.save_freq == "epoch":
            self._save(epoch + 1, 0, logs or {})

    def _save(self, epoch: int, batch: int | None, logs: Logs) -> None:
        if not self._strategy.is_chief:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        if self.double_checkpoint:
            for name in (_WEIGHTS, _METADATA):
                if self._folder.joinpath(name).exists():
                    shutil.copy(self._folder / name, self._folder / f"{name}.bkp")
        where = {"epoch": epoch, "batch": batch}
        waiting = self._folder / _waiting(where)
        self.model.save_weights(str(waiting), overwrite=True)
        with replacing(self._folder / _METADATA) as file:
            file.write(json.dumps(where).encode())
        os.replace(waiting, self._folder / _WEIGHTS)

    def on_train_end(self, logs: Logs | None = None) -> None:
        self.model._keras_initial_epoch = None
        if self.delete_checkpoint and self._strategy.is_chief and self._folder.exists():
            for pattern in (f"{_WEIGHTS}*", f"{_METADATA}*", _waiting({"epoch": "*", "batch": "*"})):
                for path in self._folder.glob(pattern):
                    path.unlink()
            if not any(self._folder.iterdir()):
                self._folder.rmdir()


def _waiting(where: dict[str, Any]) -> str:
    """Name the weights of a moment that the metadata may not know yet."""
    return f"{where['epoch']}-{where['batch']}.weights.h5"
