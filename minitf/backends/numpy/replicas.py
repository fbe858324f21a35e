"""Replicas, of which NumPy has one."""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = ["all_reduce", "cluster", "replicas"]


def all_reduce(x: Any, *, how: str) -> Any:
    """Put the values of all replicas together: there is this one."""
    return x


def replicas(kind: str, *args: Any, **options: Any) -> NoReturn:
    """Refuse: NumPy computes on one device."""
    raise NotImplementedError(
        f"{kind} needs TensorFlow's runtime, because NumPy computes on one device: start Python with "
        "MINITF_BACKEND=tensorflow, or take tf.distribute.get_strategy(), which has one replica."
    )


def cluster(kind: str, *args: Any, **options: Any) -> NoReturn:
    """Refuse: NumPy knows of no other machines."""
    replicas(kind)
