"""Devices of TensorFlow's runtime: its own answers, in minitf's classes of errors.

Nothing here starts the runtime but what has to ask a device; devices are split and hidden before it starts.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

from minitf import errors
from minitf.backends.tensorflow.arrays import context_, open_scopes

__all__: list[str] = []  # asked for as `kernels.devices`


def _ours(function: Callable[..., Any]) -> Callable[..., Any]:
    """Raise minitf's classes instead of TensorFlow's."""

    @functools.wraps(function)
    def asked(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except tf.errors.OpError as error:
            kind = getattr(errors, type(error).__name__, errors.UnknownError)
            raise kind(None, None, error.message) from None

    return asked


# --- which there are ---


def names() -> list[str]:
    """Full names of the devices, of this machine's first."""
    context_.ensure_initialized()
    listed: list[str] = context_.devices()
    return listed


def place(array: Any) -> str:
    """Full name of the device on which an array lies."""
    return str(array.tensor.device)


@contextlib.contextmanager
def scope(name: str | None) -> Iterator[None]:
    """Compute in the block on a device; arrays that are made in it lie there from the start."""
    open_scopes.append(name)
    try:
        with tf.device(name):
            yield
    finally:
        open_scopes.pop()


list_physical_devices = _ours(tf.config.list_physical_devices)
list_logical_devices = _ours(tf.config.list_logical_devices)
get_visible_devices = _ours(tf.config.get_visible_devices)
set_visible_devices = _ours(tf.config.set_visible_devices)

# --- how they are used ---

get_logical_device_configuration = tf.config.get_logical_device_configuration
set_logical_device_configuration = tf.config.set_logical_device_configuration
get_soft_device_placement = tf.config.get_soft_device_placement
set_soft_device_placement = tf.config.set_soft_device_placement
get_memory_growth = tf.config.experimental.get_memory_growth
set_memory_growth = tf.config.experimental.set_memory_growth
get_memory_info = _ours(tf.config.experimental.get_memory_info)
reset_memory_stats = _ours(tf.config.experimental.reset_memory_stats)
enable_op_determinism = tf.config.experimental.enable_op_determinism
tensor_float_32_execution_enabled = tf.config.experimental.tensor_float_32_execution_enabled
enable_tensor_float_32_execution = tf.config.experimental.enable_tensor_float_32_execution
connect = _ours(tf.config.experimental_connect_to_cluster)


def get_device_details(device: Any) -> dict[str, Any]:
    """What a device says of itself, such as the name of a GPU."""
    theirs = tf.config.PhysicalDevice(*device) if isinstance(device, tuple) else device
    details: dict[str, Any] = tf.config.experimental.get_device_details(theirs)
    return details


def get_threads(which: str) -> int:
    """Return the number of threads within (intra) or between (inter) ops; 0 leaves it to the runtime."""
    return int(getattr(tf.config.threading, f"get_{which}_op_parallelism_threads")())


def set_threads(which: str, number: int) -> None:
    """Set that number, before the runtime starts."""
    getattr(tf.config.threading, f"set_{which}_op_parallelism_threads")(number)


# --- what the runtime is ---


def report() -> dict[str, str]:
    """Describe what computes, for `doctor`; devices that are not in use yet are described from outside."""
    lines = {}
    listed = list_logical_devices() if _started() else list_physical_devices()
    for device in listed:
        name = device.name.rpartition("device:")[2]
        lines[f"device {name}"] = ", ".join([*_described(device), *_memory(name)]) or device.device_type
    within, between = get_threads("intra") or "all cores", get_threads("inter") or "all cores"
    return {
        **lines,
        "XLA": "compiles programs" if tf.test.is_built_with_xla() else "is not in this TensorFlow",
        "threads": f"{within} within an op, {between} between ops",
    }


def _started() -> bool:
    return bool(getattr(context_, "_initialized", False))


def _described(device: Any) -> list[str]:
    """What is known of the kind of a device, from the physical device of that type."""
    for physical in tf.config.list_physical_devices(device.device_type):
        details = tf.config.experimental.get_device_details(physical)
        if "device_name" in details:
            capability = ".".join(map(str, details.get("compute_capability", ())))
            return [details["device_name"], *([f"compute capability {capability}"] if capability else [])]
    return []


def _memory(name: str) -> list[str]:
    """What is known of a device's memory; TensorFlow counts that of GPUs, once it uses them."""
    if not _started():
        return []
    try:
        memory = tf.config.experimental.get_memory_info(name)
    except (ValueError, tf.errors.OpError):  # a device that does not count
        return []
    if not memory["peak"]:
        return []
    return [f"{memory['current'] / 2**20:,.0f} MiB of memory in use, at most {memory['peak'] / 2**20:,.0f}"]
