"""Outputs that are true: each notebook runs from top to bottom in a fresh kernel, and what came is stored.

The kernel gets a fixed environment, so that two machines store the same.  Nothing is written here: a notebook goes in,
another comes out, or one sentence about the cell that failed.
"""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from grader.errors import GraderError
from grader.notebooks.form import UNTOUCHED, WIDGET_VIEW, Cell, Notebook, normalised

# One thread, one hash seed, one backend, one clock: what a notebook prints may depend on nothing else.
ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MINITF_BACKEND": "numpy",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "CUDA_VISIBLE_DEVICES": "-1",
    "COLUMNS": "80",
    "TZ": "UTC",
}
PICTURES = ("image/png", "image/jpeg", "image/gif", "application/pdf")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class CellFailed(GraderError):
    """A cell of a source notebook raised an error, took too long or ended its kernel."""


def executed(
    notebook: Notebook, folder: Path, seconds: float = 120, on_cell: Callable[[str], None] | None = None
) -> Notebook:
    """Return *notebook* with the outputs of a run in a fresh kernel, in canonical form.

    folder: where its code runs.  seconds: the limit for each cell.  on_cell: called with the id of each cell that is
    about to run.  Raises `CellFailed`.
    """
    fresh = normalised(notebook)
    current = ""

    def begin(cell: Cell, cell_index: int) -> None:
        nonlocal current
        current = cell.id
        if on_cell is not None:
            on_cell(cell.id)

    client = NotebookClient(
        fresh,
        timeout=seconds,
        kernel_name="python3",
        coalesce_streams=True,
        record_timing=False,
        skip_cells_with_tag=UNTOUCHED,
        resources={"metadata": {"path": str(folder)}},
        on_cell_start=begin,
    )
    try:
        with TemporaryDirectory(prefix="ipython-") as profile:
            if os.name == "posix":  # sockets in a private folder: no open ports, and no warning about them
                manager = client.create_kernel_manager()
                manager.transport = "ipc"
                manager.connection_file = str(Path(profile) / "kernel.json")
            client.execute(env=_environment(profile))
    except CellExecutionError as error:
        message = " ".join(COLOURS.sub("", str(error.evalue)).split())
        raise CellFailed(
            f"cell {current!r} was run, but it raised {error.ename} ({message}): mend the cell, "
            "or tag it raises-exception if that is its point"
        ) from error
    except CellTimeoutError as error:
        raise CellFailed(
            f"cell {current!r} was run, but it was not done after {seconds:g} s: make it faster or raise --timeout"
        ) from error
    except DeadKernelError as error:
        raise CellFailed(f"cell {current!r} was run, but its kernel died: run the cell alone to see why") from error
    for cell in fresh.cells:
        if cell.cell_type == "code":
            cell.outputs = _without_live_views(cell.outputs)
    return normalised(fresh)


def changed_cells(stored: Notebook, fresh: Notebook) -> list[str]:
    """Return the ids of cells whose stored outputs a fresh run does not give; pictures are not compared by pixels."""
    before, after = _outputs(stored), _outputs(fresh)
    return [identity for identity in after if before.get(identity) != after[identity]]


def _outputs(notebook: Notebook) -> dict[str, list[object]]:
    return {
        cell.id: [_comparable(output) for output in cell.outputs]
        for cell in normalised(notebook).cells
        if cell.cell_type == "code"
    }


def _comparable(output: Notebook) -> Notebook:
    plain = copy.deepcopy(output)
    plain.pop("execution_count", None)
    plain.pop("metadata", None)
    if "data" in plain:
        plain.data = {kind: "a picture" if kind in PICTURES else value for kind, value in plain.data.items()}
    if "traceback" in plain:
        del plain["traceback"]
    return plain


def _without_live_views(outputs: list[Notebook]) -> list[Notebook]:
    """Leave out the views of live widgets: their state is not stored, and their names are drawn anew in each run."""
    for output in outputs:
        output.get("data", {}).pop(WIDGET_VIEW, None)
    return [output for output in outputs if output.get("data", True)]


def _environment(profile: str) -> dict[str, str]:
    """Return the kernel's environment: ours, an empty IPython profile, and the packages this tool itself runs from."""
    packages = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, [packages, os.environ.get("PYTHONPATH")]))
    return {**os.environ, **ENVIRONMENT, "IPYTHONDIR": profile, "PYTHONPATH": path}
