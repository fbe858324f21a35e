"""Devices and how computations are placed on them, as `tf.config`; on NumPy there is one CPU."""

# ruff: isort: skip_file

from __future__ import annotations

from minitf.config import experimental
from minitf.device import (
    LogicalDevice, PhysicalDevice, get_soft_device_placement, get_visible_devices, list_logical_devices,
    list_physical_devices, set_soft_device_placement, set_visible_devices,
)  # fmt: skip
from minitf.names import nearest
from minitf.recording import functions_run_eagerly, run_functions_eagerly

__all__ = [
    "LogicalDevice", "PhysicalDevice", "experimental", "functions_run_eagerly",
    "get_soft_device_placement", "get_visible_devices", "list_logical_devices", "list_physical_devices",
    "run_functions_eagerly", "set_soft_device_placement", "set_visible_devices",
]  # fmt: skip

__getattr__ = nearest("config")
