"""What all tests share, notebooks and doctests included: one thread a computation, repeatable draws, no one's settings.

The environment is set here, before NumPy loads, so that the kernels and worker processes which tests start inherit it.
"""

from __future__ import annotations

import atexit
import os
import re
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


BACKEND = os.environ.get("MINITF_BACKEND") or "numpy"
_IMPORT = re.compile(r"^import minitf as tf$", re.MULTILINE)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let TensorFlow itself take minitf's place in notebooks."""
    text = "run notebooks with `import tensorflow as tf`, but for the cells tagged `minitf`, which use what only it has"
    parser.addoption("--tensorflow-in-place", action="store_true", help=text)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Prepare the cells of notebooks, and leave out the tests that have a meaning on the other backend only."""
    for notebook in {item.parent for item in items if item.path.suffix == ".ipynb"}:
        # Libraries word their warnings and draw their figures anew with each release.
        notebook.skip_compare += ("stderr", "image/svg+xml")
    elsewhere = [item for item in items if not _belongs(item, config.getoption("--tensorflow-in-place"))]
    if elsewhere:
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if item not in set(elsewhere)]


def _belongs(item: Any, in_place: bool) -> bool:
    """Say whether a test belongs to this run; a cell is told what to run, and whether to compare."""
    if item.path.suffix != ".ipynb":
        return all(BACKEND in marker.args for marker in item.iter_markers("backend"))
    tags = set(item.cell.metadata.get("tags", ()))
    if tags & {"numpy", "tensorflow"} and BACKEND not in tags:
        item.options["check"] = False  # it prints what is true of the other backend
    if in_place:
        item.cell.source = _IMPORT.sub("import tensorflow as tf", item.cell.source)
    return not (in_place and "minitf" in tags)


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
