"""Devices of NumPy: one CPU, which is there from the start and cannot be split."""

from __future__ import annotations

import contextlib
from typing import Any

__all__: list[str] = []  # asked for as `kernels.devices`

_CPU = ("/physical_device:CPU:0", "CPU")
_NAME = "/job:localhost/replica:0/task:0/device:CPU:0"
_SEVERAL = "on NumPy there is one CPU, and MINITF_BACKEND=tensorflow chooses a runtime that has several"
_state: dict[str, Any] = {"soft": True, "tensor float 32": True, "intra": 0, "inter": 0}

# --- which there are ---


def names() -> list[str]:
    """Full names of the devices, of this machine's first."""
    return [_NAME]


def place(array: Any) -> str:
    """Full name of the device on which an array lies."""
    return _NAME


def scope(name: str | None) -> contextlib.AbstractContextManager[Any]:
    """Make a context that computes on a device."""
    return contextlib.nullcontext()


def list_physical_devices(device_type: str | None = None) -> list[tuple[str, str]]:
    """Names and types of the devices."""
    return [_CPU] if device_type in (None, "CPU") else []


def list_logical_devices(device_type: str | None = None) -> list[tuple[str, str]]:
    """Names and types of the devices, as programs name them."""
    return [("/device:CPU:0", "CPU")] if device_type in (None, "CPU") else []


get_visible_devices = list_physical_devices


def set_visible_devices(devices: Any, device_type: str | None = None) -> None:
    """Take the CPU, and refuse everything else."""
    for device in devices if isinstance(devices, list) else [devices]:
        _known(device)
    if device_type in (None, "CPU") and not devices:
        raise RuntimeError("Visible devices cannot be modified after being initialized; the CPU is always used.")


def _known(device: Any) -> None:
    if device != _CPU:
        raise ValueError(f"Unrecognized device: {device!r}; {_SEVERAL}.")


# --- how they are used ---


def get_logical_device_configuration(device: Any) -> None:
    """Say that the CPU was not split."""
    _known(device)


def set_logical_device_configuration(device: Any, configurations: Any) -> None:
    """Take one logical device, and refuse several."""
    _known(device)
    if any(each.memory_limit is not None for each in configurations):
        raise ValueError("Setting memory limit on CPU virtual devices is currently not supported; leave it out.")
    if len(configurations) != 1:
        raise RuntimeError(f"Virtual devices cannot be modified after being initialized; {_SEVERAL}.")


def get_soft_device_placement() -> bool:
    """Say whether the CPU steps in for a missing device."""
    return bool(_state["soft"])


def set_soft_device_placement(enabled: bool) -> None:
    """Choose whether the CPU steps in for a missing device."""
    _state["soft"] = bool(enabled)


def get_memory_growth(device: Any) -> bool:
    """Refuse: only GPUs let their memory grow."""
    _known(device)
    raise KeyError(f"{device!r} has no memory of its own that could grow; only GPUs have.")


def set_memory_growth(device: Any, enable: bool) -> None:
    """Refuse: only GPUs let their memory grow."""
    raise ValueError(f"Cannot set memory growth on non-GPU and non-Pluggable devices, such as {device}.")


def get_memory_info(device: str) -> dict[str, int]:
    """Refuse, because nobody counts the memory of a CPU."""
    kind, _, number = device.removeprefix("/").removeprefix("device:").partition(":")
    if not number.isdigit():
        wanted = 'Note a valid device string should at least contain a device type and a device index, like "CPU:0".'
        raise ValueError(f"Failed parsing device name: '{device}'. {wanted}")
    if (kind.upper(), number) != ("CPU", "0"):
        raise ValueError(f"No matching devices found for '{device}'; {_SEVERAL}.")
    raise ValueError(f"Allocator stats not available for device '{device}'; only GPUs and TPUs count their memory.")


reset_memory_stats = get_memory_info


def get_device_details(device: Any) -> dict[str, Any]:
    """Say nothing of the CPU."""
    _known(device)
    return {}


def enable_op_determinism() -> None:
    """NumPy gives the same results in every run anyway."""


def tensor_float_32_execution_enabled() -> bool:
    """Say whether GPUs may round what they multiply."""
    return bool(_state["tensor float 32"])


def enable_tensor_float_32_execution(enabled: bool) -> None:
    """Choose whether GPUs may round what they multiply; here are none."""
    _state["tensor float 32"] = bool(enabled)


def get_threads(which: str) -> int:
    """Return the number that was set for threads within (intra) or between (inter) ops; 0 leaves it to the runtime."""
    return int(_state[which])


def set_threads(which: str, number: int) -> None:
    """Keep the number; threads are a matter of NumPy's BLAS."""
    _state[which] = number


def connect(*args: Any, **options: Any) -> None:
    """Refuse: there are no other machines."""
    raise RuntimeError("NumPy computes on this machine alone; MINITF_BACKEND=tensorflow chooses a runtime for several.")


# --- what the runtime is ---


def report() -> dict[str, str]:
    """Describe what computes, for `doctor`."""
    return {"device CPU:0": "the only one", "XLA": "none: programs run on NumPy, line by line"}
