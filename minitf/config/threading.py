"""How many threads compute, as `tf.config.threading`: kept and given back, while NumPy decides by its own settings."""

from __future__ import annotations

from minitf.names import nearest

__all__ = [
    "get_inter_op_parallelism_threads", "get_intra_op_parallelism_threads", "set_inter_op_parallelism_threads",
    "set_intra_op_parallelism_threads",
]  # fmt: skip

__getattr__ = nearest("config.threading")

_threads = {"inter": 0, "intra": 0}  # 0: the system decides


def get_inter_op_parallelism_threads() -> int:
    """Return the number of threads for independent ops; 0 if the system decides."""
    return _threads["inter"]


def get_intra_op_parallelism_threads() -> int:
    """Return the number of threads within an op; 0 if the system decides."""
    return _threads["intra"]


def set_inter_op_parallelism_threads(num_threads: int) -> None:
    """Take the number of threads for independent ops, which run one by one here."""
    _threads["inter"] = num_threads


def set_intra_op_parallelism_threads(num_threads: int) -> None:
    """Take the number of threads within an op; NumPy reads OMP_NUM_THREADS and its like instead."""
    _threads["intra"] = num_threads
