"""Batches on their way to the device: how they get there, and how many should be there before they are needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from minitf.backends.tensorflow.arrays import NUMBERS, Array, EagerTensor, asarray, context_

__all__ = ["feeding"]

_new = object.__new__
_AHEAD = 2  # batches


def feeding() -> tuple[Callable[[Any], Array], int]:
    """Return what brings a NumPy array to the device of this thread, and how many batches a thread should have there.

    On a CPU there are none: it has no way to go, and a thread that gathers costs a step more than it saves.
    """
    context_.ensure_initialized()
    place = context_.device_name or ""

    def put(array: Any) -> Array:
        if array.dtype not in NUMBERS:
            return asarray(array)
        made = _new(Array)
        made.host, made.dtype = array, array.dtype
        made.tensor = EagerTensor(array, place, NUMBERS[array.dtype])
        return made

    elsewhere = any(device.device_type != "CPU" for device in tf.config.list_logical_devices())
    return put, _AHEAD if elsewhere else 0
