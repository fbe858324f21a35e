"""Batches on their way to the device: how they get there, and how many should be ready before they are needed."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from minitf.backends.tensorflow.arrays import NUMBERS, Array, EagerTensor, asarray, context_

__all__ = ["feeding"]

_new = object.__new__
_AHEAD = 2  # batches
_LARGE = 2**18  # bytes of a batch from which a second core is worth a thread's changes of turn


def feeding(nbytes: int) -> tuple[Callable[[Any], Array], int]:
    """Return what brings a NumPy array to the device of this thread, and how many batches a thread should have ready.

    There are some if the device is no CPU, or if a batch, of so many bytes, is large and there is a core to spare.
    """
    context_.ensure_initialized()
    place = context_.device_name or ""

    def put(array: Any) -> Array:
        if array.dtype not in NUMBERS:
            return asarray(array)
        made = _new(Array)
        made.host = array
        made.tensor = EagerTensor(array, place, NUMBERS[array.dtype])
        return made

    elsewhere = any(device.device_type != "CPU" for device in tf.config.list_logical_devices())
    return put, _AHEAD if elsewhere or (nbytes >= _LARGE and _cores() > 1) else 0


def _cores() -> int:
    """Count the cores that this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
