"""Kills a process at every step of saving a Keras model, as `tests.minitf.killed` does for checkpoints."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import minitf as tf
from tests.minitf.killed import survivors


def model_of(state: int) -> Any:
    model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1, name="line")])
    model.compile("sgd", "mse")
    model.optimizer.build(model.trainable_variables)
    model.set_weights([[[state]], [state]])
    return model


class Models:
    """`model.save`, over the model that is there."""

    name = "model.keras"

    def save(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # folders say what Keras 3 expects
            model_of(self.look(folder) + 1).save(folder / self.name)

    def look(self, folder: Path) -> int:
        if not (folder / self.name).exists():
            return 0
        return self.state(tf.keras.models.load_model(folder / self.name))

    def state(self, model: Any) -> int:
        kernel, bias = model.get_weights()
        assert kernel[0, 0] == bias[0]
        return int(bias[0])


class Older(Models):
    """The same in an older file."""

    name = "model.h5"


class Folder(Models):
    """The same in a folder."""

    name = "model"

    def look(self, folder: Path) -> int:
        return super().look(folder) if tf.saved_model.contains_saved_model(folder / self.name) else 0


class Weights(Models):
    """`model.save_weights`."""

    name = "model.weights.h5"

    def save(self, folder: Path) -> None:
        model_of(self.look(folder) + 1).save_weights(folder / self.name)

    def look(self, folder: Path) -> int:
        model = model_of(0)
        if (folder / self.name).exists():
            model.load_weights(folder / self.name)
        return self.state(model)


SCENARIOS: dict[str, Any] = {kind.__name__: kind for kind in (Models, Older, Folder, Weights)}

if __name__ == "__main__":
    name, times = sys.argv[1:]
    print(json.dumps(survivors(SCENARIOS[name](), int(times))))
