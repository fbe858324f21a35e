"""Devices and how computations are placed on them, as `tf.config`; the backend answers."""

# ruff: isort: skip_file

from __future__ import annotations

from minitf.config import experimental, threading
from minitf.device import (
    LogicalDevice, LogicalDeviceConfiguration, PhysicalDevice, experimental_connect_to_cluster,
    get_logical_device_configuration, get_soft_device_placement, get_visible_devices, list_logical_devices,
    list_physical_devices, set_logical_device_configuration, set_soft_device_placement, set_visible_devices,
)  # fmt: skip
from minitf.names import nearest
from minitf.recording import functions_run_eagerly, run_functions_eagerly

__all__ = [
    "LogicalDevice", "LogicalDeviceConfiguration", "PhysicalDevice", "experimental", "experimental_connect_to_cluster",
    "functions_run_eagerly", "get_logical_device_configuration", "get_soft_device_placement", "get_visible_devices",
    "list_logical_devices", "list_physical_devices", "run_functions_eagerly", "set_logical_device_configuration",
    "set_soft_device_placement", "set_visible_devices", "threading",
]  # fmt: skip

__getattr__ = nearest("config")
