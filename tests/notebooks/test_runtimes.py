"""One notebook, several runtimes: what a run puts in minitf's place, which cells it compares, which it leaves out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

ROOT = Path(__file__).parents[2]


def cell(source: str, printed: str, *tags: str) -> nbformat.NotebookNode:
    outputs = [v4.new_output("stream", name="stdout", text=f"{printed}\n")]
    return v4.new_code_cell(source, outputs=outputs, execution_count=1, metadata={"tags": list(tags)})


def ran(folder: Path, cells: list[nbformat.NotebookNode], *flags: str, backend: str = "numpy") -> str:
    """Run cells as `make test` does; return pytest's last line."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(v4.new_notebook(cells=cells, metadata=kernel), folder / "any.ipynb")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "conftest", "-p", "no:cacheprovider", "--color=no",
         "--rootdir", folder, "-c", os.devnull, "--nbval", "--nbval-current-env", *flags, folder / "any.ipynb"],
        cwd=folder, capture_output=True, text=True, timeout=120,
        env=os.environ | {"PYTHONPATH": str(ROOT), "MINITF_BACKEND": backend},
    )  # fmt: skip
    return done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def cells() -> list[nbformat.NotebookNode]:
    return [
        v4.new_code_cell("import minitf as tf"),
        cell("print(tf.constant([1, 2]))", "tf.Tensor([1 2], shape=(2,), dtype=int32)"),
        cell("print(tf.add.__module__.partition('.')[0])", "minitf", "minitf"),
        cell("import os\nprint(os.environ['MINITF_BACKEND'])", "numpy", "numpy"),
    ]


@pytest.mark.backend("numpy")
def test_a_chapter_is_compared_on_every_runtime_but_for_cells_tagged_for_it(
    tmp_path: Path, cells: list[nbformat.NotebookNode]
) -> None:
    assert ran(tmp_path, cells).startswith("4 passed")
    assert ran(tmp_path, cells, backend="tensorflow").startswith("4 passed")  # the tagged cell ran, without comparison
    assert ran(tmp_path, cells, "--tensorflow-in-place", backend="tensorflow").startswith("3 passed, 1 deselected")


@pytest.mark.backend("numpy")
def test_what_is_not_tagged_must_print_the_same(tmp_path: Path, cells: list[nbformat.NotebookNode]) -> None:
    for each in cells:
        each.metadata.pop("tags", None)
    assert ran(tmp_path, cells, backend="tensorflow").startswith("1 failed, 3 passed")
    assert ran(tmp_path, cells, "--tensorflow-in-place", backend="tensorflow").startswith("2 failed, 2 passed")
