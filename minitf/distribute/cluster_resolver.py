"""Where the machines of a cluster are: TensorFlow's own resolvers."""

from __future__ import annotations

from typing import Any

from minitf.backends import kernels

__all__ = ["SimpleClusterResolver", "TFConfigClusterResolver", "TPUClusterResolver"]


def TPUClusterResolver(tpu: str | None = None, **options: Any) -> Any:  # noqa: N802  # it is a class there
    """Find a TPU by its name or address, "local" or "" for that of this machine; NotImplementedError on NumPy."""
    return kernels.cluster("TPUClusterResolver", tpu, **options)


def TFConfigClusterResolver(**options: Any) -> Any:  # noqa: N802
    """Read the environment variable TF_CONFIG; NotImplementedError on NumPy."""
    return kernels.cluster("TFConfigClusterResolver", **options)


def SimpleClusterResolver(cluster_spec: Any, **options: Any) -> Any:  # noqa: N802
    """Take addresses by job, such as {"worker": ["a:1", "b:1"]}; NotImplementedError on NumPy."""
    return kernels.cluster("SimpleClusterResolver", cluster_spec, **options)
