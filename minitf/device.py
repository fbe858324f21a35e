"""Devices: which there are, how they are used, and the `device` scope; the backend answers.

On NumPy there is one CPU. On TensorFlow's runtime the answers are TensorFlow's; what concerns all devices is set before
the first tensor.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from minitf.backends import kernels
from minitf.errors import InvalidArgumentError

__all__ = [
    "LogicalDevice", "LogicalDeviceConfiguration", "PhysicalDevice", "device", "enable_op_determinism",
    "enable_tensor_float_32_execution", "experimental_connect_to_cluster", "get_device_details",
    "get_logical_device_configuration", "get_memory_growth", "get_memory_info", "get_memory_usage",
    "get_soft_device_placement", "get_visible_devices", "list_logical_devices", "list_physical_devices",
    "reset_memory_stats", "set_logical_device_configuration", "set_memory_growth", "set_soft_device_placement",
    "set_visible_devices", "tensor_float_32_execution_enabled",
]  # fmt: skip


class PhysicalDevice(NamedTuple):
    """A device of this machine.

    >>> PhysicalDevice("/physical_device:CPU:0", "CPU")
    PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')
    """

    name: str
    device_type: str


class LogicalDevice(NamedTuple):
    """A device as programs name it.

    >>> LogicalDevice("/device:CPU:0", "CPU")
    LogicalDevice(name='/device:CPU:0', device_type='CPU')
    """

    name: str
    device_type: str


class LogicalDeviceConfiguration(NamedTuple):
    """What a logical device gets of its physical one; `memory_limit` is in MiB, and for GPUs.

    >>> LogicalDeviceConfiguration(memory_limit=1024).memory_limit
    1024
    """

    memory_limit: int | None = None
    experimental_priority: int | None = None
    experimental_device_ordinal: int | None = None


@contextlib.contextmanager
def device(device_name: Any) -> Iterator[None]:
    """Run the block on a device such as "/CPU:0" or "/GPU:1"; the CPU steps in for one that is not there.

    ValueError for a name that is none, InvalidArgumentError for another machine, or for a device that is not there
    after `tf.config.set_soft_device_placement(False)`.

    >>> with device("/CPU:0"):
    ...     print(tf.constant(1).device)
    /job:localhost/replica:0/task:0/device:CPU:0
    """
    name = getattr(device_name, "name", device_name or "")
    if not isinstance(name, str):
        raise ValueError(f"Expecting a string device name. Got {type(name)}({name}); use a name such as '/CPU:0'.")
    given = dict(_part(part, name) for part in name.split("/") if part)
    there = kernels.devices.names()
    parts = dict(_part(part, name) for part in there[0].split("/") if part) | given
    full = "".join(f"/{key}:{value}" for key, value in parts.items())
    if not any(each.startswith(full.partition("/device:")[0] + "/") for each in there):
        known = ", ".join(each.partition("/job:")[2] for each in there)
        raise InvalidArgumentError(None, None, f"{full} unknown device; write '/CPU:0', as there is only {known}.")
    if full not in there and not get_soft_device_placement():
        asked = f"Could not satisfy device specification '{full}'. enable_soft_placement=0."
        kinds = ", ".join(sorted({each.split(":")[-2] for each in there}))
        raise InvalidArgumentError(None, None, f"{asked} Supported device types [{kinds}]; write '/CPU:0'.")
    with kernels.devices.scope(None if device_name is None else name):
        yield


def _part(part: str, name: str) -> tuple[str, str]:
    """Read one part of a device's name, such as `task:0`, `device:CPU:0` or `cpu`."""
    key, *values = part.split(":")
    if key in ("job", "replica", "task") and len(values) == 1:
        return key, values[0]
    if key == "device" and len(values) in (1, 2):
        key, *values = values
    elif key.upper() not in ("CPU", "GPU", "TPU"):
        asked = f"Unknown attribute '{key}' is encountered while parsing the device spec: '{name}'."
        raise ValueError(f"{asked} Write it as '/CPU:0'.")
    return "device", f"{key.upper()}:{int(values[0]) if values and values[0] != '*' else 0}"


# --- which there are ---


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """List the devices of this machine, of one type if asked.

    >>> list_physical_devices("CPU")
    [PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')]
    """
    return [PhysicalDevice(*each) for each in kernels.devices.list_physical_devices(device_type)]


def list_logical_devices(device_type: str | None = None) -> list[LogicalDevice]:
    """List the devices as programs name them, of one type if asked; from now on they stay as they are.

    >>> list_logical_devices("CPU")[0]
    LogicalDevice(name='/device:CPU:0', device_type='CPU')
    """
    return [LogicalDevice(*each) for each in kernels.devices.list_logical_devices(device_type)]


def get_visible_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """List the devices that are used, of one type if asked.

    >>> get_visible_devices("CPU")
    [PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')]
    """
    return [PhysicalDevice(*each) for each in kernels.devices.get_visible_devices(device_type)]


def set_visible_devices(devices: Any, device_type: str | None = None) -> None:
    """Choose the devices that are used, before the first tensor; RuntimeError if that is too late.

    ValueError for what is no device of `list_physical_devices`.

    >>> set_visible_devices([], "GPU")
    """
    kernels.devices.set_visible_devices(devices, device_type)


def get_logical_device_configuration(device: Any) -> list[LogicalDeviceConfiguration] | None:
    """List what a physical device is split into; None if nobody has split it.

    ValueError for what is no device of `list_physical_devices`.
    """
    found = kernels.devices.get_logical_device_configuration(device)
    return None if found is None else [LogicalDeviceConfiguration(*each) for each in found]


def set_logical_device_configuration(device: Any, logical_devices: Any) -> None:
    """Split a physical device into several, before the first tensor; RuntimeError if that is too late.

    So several devices can be tried on a machine with one CPU. NumPy cannot split it.
    """
    kernels.devices.set_logical_device_configuration(device, logical_devices)


def experimental_connect_to_cluster(cluster_spec_or_resolver: Any, *args: Any, **options: Any) -> None:
    """Join the machines that TensorFlow's ClusterSpec or resolver names; RuntimeError on NumPy, which has this one."""
    kernels.devices.connect(cluster_spec_or_resolver, *args, **options)


# --- how they are used ---


def get_soft_device_placement() -> bool:
    """Say whether the CPU steps in for a device that is not there.

    >>> get_soft_device_placement()
    True
    """
    return bool(kernels.devices.get_soft_device_placement())


def set_soft_device_placement(enabled: bool) -> None:
    """Choose whether the CPU steps in for a device that is not there."""
    kernels.devices.set_soft_device_placement(enabled)


def get_device_details(device: Any) -> dict[str, Any]:
    """Return what a physical device says of itself: for a GPU its `device_name` and `compute_capability`.

    >>> get_device_details(list_physical_devices("CPU")[0])
    {}
    """
    details: dict[str, Any] = kernels.devices.get_device_details(device)
    return details


def get_memory_growth(device: Any) -> bool:
    """Say whether a GPU takes memory as it needs it; KeyError for a CPU."""
    return bool(kernels.devices.get_memory_growth(device))


def set_memory_growth(device: Any, enable: bool) -> None:
    """Let a GPU take memory as it needs it, instead of all at once; before the first tensor, ValueError for a CPU."""
    kernels.devices.set_memory_growth(device, enable)


def get_memory_info(device: str) -> dict[str, int]:
    """Return the bytes that a device such as "GPU:0" has in use, `current`, and had at most, `peak`.

    ValueError for a device that is not there, or does not count them, as CPUs do not.
    """
    return dict(kernels.devices.get_memory_info(device))


def get_memory_usage(device: str) -> int:
    """Return the bytes that a device has in use; an older name of `get_memory_info(device)["current"]`."""
    return get_memory_info(device)["current"]


def reset_memory_stats(device: str) -> None:
    """Let the peak of `get_memory_info` begin anew."""
    kernels.devices.reset_memory_stats(device)


def enable_op_determinism() -> None:
    """Ask for the same results in every run, which NumPy gives anyway."""
    kernels.devices.enable_op_determinism()


def tensor_float_32_execution_enabled() -> bool:
    """Say whether GPUs may multiply float32 in TensorFloat-32, which keeps 10 bits of each number's fraction.

    >>> tensor_float_32_execution_enabled()
    True
    """
    return bool(kernels.devices.tensor_float_32_execution_enabled())


def enable_tensor_float_32_execution(enabled: bool) -> None:
    """Choose whether GPUs may multiply float32 in TensorFloat-32: faster, and rounded more; CPUs never do."""
    kernels.devices.enable_tensor_float_32_execution(enabled)
