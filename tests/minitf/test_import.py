"""Importing minitf is light: NumPy and nothing else, in little time."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.backend("numpy")  # TensorFlow's own imports are its own matter.


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


@pytest.mark.parametrize("package", ["matplotlib", "IPython", "tensorflow", "PIL", "hypothesis", "minitf.plot"])
def test_importing_minitf_does_not_import(package: str) -> None:
    done = run(f"import sys, minitf; print({package!r} in sys.modules)")
    assert done.stdout == "False\n", done.stderr


def test_importing_minitf_imports_numpy_and_the_standard_library_only() -> None:
    code = "import sys; before = set(sys.modules); import minitf; print(*set(sys.modules) - before)"
    done = run(code)
    packages = {name.partition(".")[0] for name in done.stdout.split()}
    assert packages - sys.stdlib_module_names == {"minitf", "numpy"}, done.stderr


def test_importing_plot_and_describing_a_figure_does_not_import_matplotlib() -> None:
    done = run("import sys; from minitf import plot; str(plot.step_function(1.0)); print('matplotlib' in sys.modules)")
    assert done.stdout == "False\n", done.stderr


@pytest.mark.parametrize("package", ["h5py", "matplotlib", "IPython", "tensorflow", "PIL", "minitf.plot"])
def test_importing_keras_does_not_import(package: str) -> None:
    done = run(f"import sys; from minitf.keras import layers, models, callbacks; print({package!r} in sys.modules)")
    assert done.stdout == "False\n", done.stderr


def test_a_part_of_keras_is_imported_when_it_is_first_used() -> None:
    code = "import sys, minitf.keras; before = 'minitf.keras.losses' in sys.modules; minitf.losses.mse; print(before)"
    assert run(code).stdout == "False\n"


def test_plot_is_imported_when_it_is_first_used() -> None:
    done = run("import minitf as tf; print(tf.plot.__name__, 'plot' in dir(tf))")
    assert done.stdout == "minitf.plot True\n", done.stderr


@pytest.mark.parametrize(
    "room", ["data", "diagnosis", "export", "functions", "keras", "plot", "program", "runtime", "saved_model", "train"]
)
def test_what_few_programs_use_is_imported_later(room: str) -> None:
    """`make bench` measures how long the import takes."""
    assert run(f"import sys, minitf; print('minitf.{room}' in sys.modules)").stdout == "False\n"


def test_an_unknown_backend_is_refused_with_the_ones_there_are() -> None:
    done = run("import minitf", MINITF_BACKEND="abacus")
    assert done.returncode == 1
    assert "MINITF_BACKEND asks for 'abacus'" in done.stderr
    assert "numpy" in done.stderr
