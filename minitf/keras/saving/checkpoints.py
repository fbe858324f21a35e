"""Weights at a path without an ending: a checkpoint, which `model.save_weights` of TensorFlow 2 wrote."""

from __future__ import annotations

import os
from typing import Any

import minitf as tf
from minitf.saving.state import State

__all__ = ["is_checkpoint", "load_weights", "save_weights"]


def is_checkpoint(path: str) -> bool:
    """Say whether there is a checkpoint at a path."""
    return os.path.exists(f"{path}.npz")


def save_weights(model: Any, path: str) -> None:
    """Save the weights, and the optimizer's state, in a checkpoint, and make it the latest of its folder."""
    tf.train.Checkpoint(model).write(path)
    State(path, {path: None}).write(os.path.dirname(path))


def load_weights(model: Any, path: str) -> Any:
    """Restore a checkpoint, now or when the weights are made; returns what `tf.train.Checkpoint.read` returns."""
    return tf.train.Checkpoint(model).read(path)
