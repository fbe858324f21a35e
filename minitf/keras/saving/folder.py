"""Folders with a saved model: what `tf.saved_model.load` gives programs without the classes, and `load_model` Keras.

The saved model of a Keras model computes predictions: `serve` and `__call__`. One that `model.save` wrote has the
config and the state beside it, in the same archive, so that both are of the same moment.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import minitf as tf
from minitf import nest
from minitf.keras import registry
from minitf.keras.saving.walk import load_state, save_state
from minitf.saving.archive import MODEL, Archive
from minitf.saving.trackable import Trackable

__all__ = ["Exported", "export_model", "is_model", "load_model", "save_model"]

_CONFIG, _STATE = "keras_config", "keras_state"  # the parts of the saved object that are Keras's


class Exported(Trackable):
    """What is saved for a model: its variables, and the function that predicts."""

    def __init__(self, model: Any, input_signature: Any = None) -> None:
        """Take a model; ValueError if nobody knows which inputs it takes."""
        specs = _signature(model) if input_signature is None else nest.map_structure(_spec, input_signature)
        serve = tf.function(lambda inputs: model(inputs, training=False), input_signature=list(specs))
        self.parts: dict[str, Any] = {
            "serve": serve,
            "__call__": serve,
            "variables": list(model.variables),
            "trainable_variables": list(model.trainable_variables),
            "non_trainable_variables": list(model.non_trainable_variables),
        }

    def _trackable_children(self) -> Mapping[Any, Any]:
        return self.parts


def _signature(model: Any) -> list[Any]:
    if getattr(model, "inputs", None) is not None:
        specs = nest.map_structure(_spec, model.input)
        return [specs[0] if isinstance(specs, list | tuple) and len(specs) == 1 else specs]
    shapes = (model.get_build_config() or {}).get("input_shape") if model.built else None
    if shapes is None:
        asked = f"Model {model.name} cannot be saved because the input shape is not available"
        raise ValueError(f"{asked}: it was not called on data yet; call it on some data, or build it with `build()`.")
    return [tf.TensorSpec([None, *shapes[1:]], model.compute_dtype)]


def _spec(like: Any) -> Any:
    return tf.TensorSpec(like.shape, like.dtype, getattr(like, "name", None))


def export_model(
    model: Any, filepath: Any, format: str = "tf_saved_model", verbose: bool | None = None, input_signature: Any = None,
    **kwargs: Any,
) -> None:  # fmt: skip
    """Save what a model computes in a folder, for `tf.saved_model.load`; it cannot be trained or compiled again.

    ValueError for other formats, and for a model that nobody called yet.
    """
    if format != "tf_saved_model":
        asked = f"Unrecognized format={format}. Supported formats are: ['tf_saved_model']"
        raise ValueError(f"{asked}; tf.export.to_onnx writes a tf.function that calls the model.")
    exported = Exported(model, input_signature)
    tf.saved_model.save(exported, filepath)
    if verbose is not False:
        print(f"Saved artifact at '{os.fsdecode(filepath)}'. Load it with tf.saved_model.load; it has `serve(inputs)`.")


def save_model(model: Any, path: str) -> None:
    """Save a model with its config and state in a folder; ValueError for a model that nobody called yet."""
    exported = Exported(model)
    config = json.dumps(registry.serialize_whole(model))
    state: dict[str, dict[str, Any]] = {}
    save_state(model, lambda path, name: state.setdefault(path, {}))
    exported.parts[_CONFIG] = tf.Variable(np.frombuffer(config.encode(), np.uint8), trainable=False)
    exported.parts[_STATE] = nest.map_structure(
        lambda value: value if isinstance(value, tf.Variable) else tf.Variable(value), state
    )
    tf.saved_model.save(exported, path)


def is_model(path: str) -> bool:
    """Say whether there is a saved model of minitf's in a folder."""
    return os.path.exists(os.path.join(path, MODEL))


def load_model(path: str, make: Callable[[dict[str, Any]], Any]) -> Any:
    """Load a model that `save_model` saved, which `make` makes from its config.

    ValueError for a saved model that is not of Keras, DataLossError for a damaged one.
    """
    archive = Archive(os.path.join(path, MODEL), f"{path} was removed while it was read; save the model again.")
    nodes = archive.graph["nodes"]
    parts = nodes[0]["parts"]
    if _CONFIG not in parts:
        asked = f"File format not supported: filepath={path}. The saved model there has no Keras model in it"
        raise ValueError(f"{asked}; load it with tf.saved_model.load, or save the model with model.save.")

    arrays = archive.read(list(archive.shapes))

    def read(number: int) -> Any:
        return arrays[nodes[number]["array"]]

    model = make(json.loads(read(parts[_CONFIG]).tobytes()))
    groups = nodes[parts[_STATE]]["parts"]
    found = {path: {name: read(i) for name, i in nodes[number]["parts"].items()} for path, number in groups.items()}
    load_state(model, lambda path: found.get(path, {}))
    return model
