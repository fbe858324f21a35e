"""Devices: the CPU, its names, and the `device` scope that reads them as TensorFlow does."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from minitf.errors import InvalidArgumentError

__all__ = [
    "LogicalDevice", "PhysicalDevice", "device", "get_soft_device_placement", "get_visible_devices",
    "list_logical_devices", "list_physical_devices", "set_soft_device_placement", "set_visible_devices",
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


_CPU = PhysicalDevice("/physical_device:CPU:0", "CPU")


_placement = {"soft": True}
_LOCAL = {"job": "localhost", "replica": "0", "task": "0", "device": "CPU:0"}


@contextlib.contextmanager
def device(device_name: Any) -> Iterator[None]:
    """Run the block on a device such as "/CPU:0"; the CPU steps in for one that is not there.

    ValueError for a name that is none, InvalidArgumentError for another machine, or for a device that is not there
    after `tf.config.set_soft_device_placement(False)`.

    >>> with device("/CPU:0"):
    ...     print(tf.constant(1).device)
    /job:localhost/replica:0/task:0/device:CPU:0
    """
    name = getattr(device_name, "name", device_name or "")
    if not isinstance(name, str):
        raise ValueError(f"Expecting a string device name. Got {type(name)}({name}); use a name such as '/CPU:0'.")
    parts = _LOCAL | dict(_part(part, name) for part in name.split("/") if part)
    full = "".join(f"/{key}:{value}" for key, value in parts.items())
    if parts | {"device": "CPU:0"} != _LOCAL:
        raise InvalidArgumentError(None, None, f"{full} unknown device; write '/CPU:0', as there is this machine only.")
    if parts != _LOCAL and not _placement["soft"]:
        asked = f"Could not satisfy device specification '{full}'. enable_soft_placement=0."
        raise InvalidArgumentError(None, None, f"{asked} Supported device types [CPU]; write '/CPU:0'.")
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
    return "device", f"{key.upper()}:{values[0] if values else 0}"


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """List the devices of this machine, of one type if asked.

    >>> list_physical_devices(), list_physical_devices("GPU")
    ([PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')], [])
    """
    return [_CPU] if device_type in (None, "CPU") else []


def list_logical_devices(device_type: str | None = None) -> list[LogicalDevice]:
    """List the devices as programs name them, of one type if asked.

    >>> list_logical_devices("CPU")
    [LogicalDevice(name='/device:CPU:0', device_type='CPU')]
    """
    return [LogicalDevice("/device:CPU:0", "CPU")] if device_type in (None, "CPU") else []


get_visible_devices = list_physical_devices


def set_visible_devices(devices: Any, device_type: str | None = None) -> None:
    """Choose the devices that are used; RuntimeError if that leaves out the CPU.

    >>> set_visible_devices([], "GPU")
    """
    if device_type in (None, "CPU") and not devices:
        raise RuntimeError("Visible devices cannot be modified after being initialized; the CPU is always used.")


def get_soft_device_placement() -> bool:
    """Say whether the CPU steps in for a device that is not there.

    >>> get_soft_device_placement()
    True
    """
    return _placement["soft"]


def set_soft_device_placement(enabled: bool) -> None:
    """Choose whether the CPU steps in for a device that is not there."""
    _placement["soft"] = bool(enabled)
