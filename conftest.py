"""What all tests share, notebooks and doctests included: one thread a computation, repeatable draws, no one's settings.

The environment is set here, before NumPy loads, so that the kernels and worker processes which tests start inherit it.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from typing import Any

import pytest
from hypothesis import settings

# Small matrices on two threads are slower and erratic.
for name in ("OMP", "OPENBLAS", "MKL", "VECLIB"):
    os.environ[f"{name}_NUM_THREADS"] = "1"
os.environ["TF_NUM_INTRAOP_THREADS"] = "1"
os.environ["TF_NUM_INTEROP_THREADS"] = "1"
# TensorFlow computes as on any machine, and speaks only of errors.
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
# Notebooks are compared with their stored outputs: sets keep their order, figures are inline.
os.environ["PYTHONHASHSEED"] = "0"
os.environ.pop("MPLBACKEND", None)

if "MINITF_TEST_SETTINGS" not in os.environ:  # parallel workers take the folder of the process that started them
    folder = tempfile.mkdtemp(prefix="minitf-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["MINITF_TEST_SETTINGS"] = folder
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        os.environ[name] = os.path.join(folder, name.lower())

settings.register_profile("minitf", derandomize=True, deadline=None, database=None)
settings.load_profile("minitf")

# Notebooks below tests/ are material of tests, some damaged on purpose; those in notebooks/ are run and compared.
collect_ignore_glob = ["tests/*.ipynb"]


@pytest.fixture(autouse=True, scope="session")
def _doctest_names(doctest_namespace: dict[str, Any]) -> None:
    """Let the examples in docstrings say `tf`, as the course does."""
    import minitf

    doctest_namespace["tf"] = minitf


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Compare neither the warnings nor the drawings of a notebook: libraries word and draw them anew each release."""
    for notebook in {item.parent for item in items if item.path.suffix == ".ipynb"}:
        notebook.skip_compare += ("stderr", "image/svg+xml")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Deal out whole files, notebooks among them: cells need one kernel, in order, and fixtures are made once.

    The tests of packaging are long and few and share little: dealt out one by one, last, they even out the end.
    """
    if config.getvalue("dist") != "load":
        return None

    from xdist.scheduler import LoadScopeScheduling

    class WholeFiles(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return nodeid if file == "tests/test_packaging.py" else file

    return WholeFiles(config, log)
