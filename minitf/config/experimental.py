"""Switches for what always or never happens on NumPy, as `tf.config.experimental`."""

# ruff: isort: skip_file

from __future__ import annotations

from minitf.device import (
    PhysicalDevice, get_visible_devices, list_logical_devices, list_physical_devices, set_visible_devices,
)  # fmt: skip
from minitf.names import nearest

__all__ = [
    "enable_op_determinism", "get_visible_devices", "list_logical_devices", "list_physical_devices",
    "set_memory_growth", "set_visible_devices",
]  # fmt: skip

__getattr__ = nearest("config.experimental")


def enable_op_determinism() -> None:
    """Ask for the same results in every run, which NumPy gives anyway."""


def set_memory_growth(device: PhysicalDevice, enable: bool) -> None:
    """Refuse with a ValueError: only GPUs let their memory grow."""
    raise ValueError(f"Cannot set memory growth on non-GPU and non-Pluggable devices, such as {device}.")
