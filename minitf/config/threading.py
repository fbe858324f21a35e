"""Threads of TensorFlow's runtime, as `tf.config.threading`; on NumPy the numbers are kept and change nothing.

NumPy's threads are those of its BLAS: OPENBLAS_NUM_THREADS and its like set them before Python starts.
"""

from __future__ import annotations

from minitf.backends import kernels
from minitf.names import nearest

__all__ = [
    "get_inter_op_parallelism_threads", "get_intra_op_parallelism_threads", "set_inter_op_parallelism_threads",
    "set_intra_op_parallelism_threads",
]  # fmt: skip

__getattr__ = nearest("config.threading")


def get_inter_op_parallelism_threads() -> int:
    """Return how many ops may run at once; 0 leaves it to the runtime."""
    return int(kernels.devices.get_threads("inter"))


def set_inter_op_parallelism_threads(num_threads: int) -> None:
    """Set how many ops may run at once, before the first tensor; RuntimeError if that is too late."""
    kernels.devices.set_threads("inter", num_threads)


def get_intra_op_parallelism_threads() -> int:
    """Return how many threads one op may use; 0 leaves it to the runtime."""
    return int(kernels.devices.get_threads("intra"))


def set_intra_op_parallelism_threads(num_threads: int) -> None:
    """Set how many threads one op may use, before the first tensor; RuntimeError if that is too late."""
    kernels.devices.set_threads("intra", num_threads)
