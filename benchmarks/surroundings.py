"""What a measurement runs in: which threads and matrix kernels its process may use, and the machine it stands on.

Libraries settle both when they load, so a process is started anew for them.  Knows nothing of what is measured.
"""

from __future__ import annotations

import importlib
import logging
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# Variables that make OpenBLAS run narrower kernels, or smaller blocks, than this processor deserves.
NARROWED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
# XLA heeds neither of its old flags for one thread; it asks how many processors there are, and NPROC answers for it.
ONE_THREAD = dict.fromkeys(
    (
        "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
        "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "NPROC",
    ),
    "1",
)  # fmt: skip
# glibc may give the memory of large arrays back after each step and ask for it anew, page by page: that doubled NumPy's
# time in one process and cost nothing in the next. Kept, it is measured for nobody.
KEPT_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(2**25), "MALLOC_TRIM_THRESHOLD_": str(2**30)}
QUIET_ON_CPU = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu"}


def start_anew_on_one_core() -> None:
    """Replace this process by one whose libraries have one thread each, on one processor, and their best kernels.

    Counting threads is not enough: what a library hands to a second thread, waiting itself, costs a change of
    processor, and one that spins there is measured with two.  On one processor all pay alike.
    """
    if "MINITF_BENCH" in os.environ:
        return
    os.environ["MINITF_BENCH"] = "restarted"
    os.environ.update(ONE_THREAD | KEPT_MEMORY | QUIET_ON_CPU)
    for name in NARROWED:
        if name in os.environ:
            os.environ[f"MINITF_BENCH_{name}"] = os.environ.pop(name)
    if sys.platform == "linux":
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # the first one serves the machine's interrupts
    os.execv(sys.executable, sys.orig_argv)


def as_users_have_it() -> dict[str, str]:
    """The environment for processes whose own memory is measured."""
    return {name: value for name, value in os.environ.items() if name not in KEPT_MEMORY}


@contextmanager
def all_cores() -> Iterator[dict[str, str]]:
    """Let processes started meanwhile run on all processors; gives the environment that leaves threads free, too."""
    free = {name: value for name, value in os.environ.items() if name not in ONE_THREAD}
    if sys.platform != "linux":
        yield free
        return
    ours = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    try:
        yield free
    finally:
        os.sched_setaffinity(0, ours)


def runtime(name: str) -> Any:
    """Import a runtime without the chat of its start; TensorFlow's warnings, of functions made anew, are not shown."""
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    sys.stderr.flush()
    shown = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        return importlib.import_module(name)
    finally:
        os.dup2(shown, 2)
        os.close(shown)


def machine() -> dict[str, Any]:
    """Versions, cores and the matrix kernels that NumPy runs here."""
    import numpy as np
    from threadpoolctl import threadpool_info

    np.ones((2, 2)) @ np.ones((2, 2))
    libraries = [
        {key: pool.get(key) for key in ("internal_api", "version", "architecture", "num_threads")}
        for pool in threadpool_info()
        if pool["user_api"] == "blas"
    ]
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "blas": libraries,
        "unset": {name: os.environ.get(f"MINITF_BENCH_{name}") for name in NARROWED},
    }
