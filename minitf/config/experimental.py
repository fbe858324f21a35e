"""Memory and precision of devices, and older names, as `tf.config.experimental`."""

# ruff: isort: skip_file

from __future__ import annotations

from minitf.device import (
    LogicalDeviceConfiguration as VirtualDeviceConfiguration, enable_op_determinism, enable_tensor_float_32_execution,
    get_device_details, get_logical_device_configuration as get_virtual_device_configuration, get_memory_growth,
    get_memory_info, get_memory_usage, get_visible_devices, list_logical_devices, list_physical_devices,
    reset_memory_stats, set_logical_device_configuration as set_virtual_device_configuration, set_memory_growth,
    set_visible_devices, tensor_float_32_execution_enabled,
)  # fmt: skip
from minitf.names import nearest

__all__ = [
    "VirtualDeviceConfiguration", "enable_op_determinism", "enable_tensor_float_32_execution", "get_device_details",
    "get_memory_growth", "get_memory_info", "get_memory_usage", "get_virtual_device_configuration",
    "get_visible_devices", "list_logical_devices", "list_physical_devices", "reset_memory_stats", "set_memory_growth",
    "set_virtual_device_configuration", "set_visible_devices", "tensor_float_32_execution_enabled",
]  # fmt: skip

__getattr__ = nearest("config.experimental")
