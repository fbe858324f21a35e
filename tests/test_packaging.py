"""The distribution as strangers get it: one wheel, in empty environments, with its stated dependencies only."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from grader.chapters import PACKAGED

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = sorted(path.relative_to(ROOT / "notebooks") for path in ROOT.glob("notebooks/*/*.ipynb"))
# Colab's published package list of August 2026: a student there installs what is missing and replaces nothing.
COLAB = {"numpy": "2.1.3", "matplotlib": "3.10.0", "ipython": "7.34.0", "ipykernel": "6.17.1"}

IMPORTS_NUMPY_ONLY = """
import sys
import minitf
print(sorted({"IPython", "matplotlib", "tensorflow", "grader"} & set(sys.modules)))
"""
CHECKS_AN_ANSWER = """
from grader import check
print(check("01-perceptron/decide", lambda inputs, weights, threshold: None).status)
"""
FITS = """
import numpy as np
import minitf as tf
x = np.linspace(-1, 1, 64, dtype="float32")[:, None]
model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])
model.compile("sgd", "mse")
losses = model.fit(x, 3 * x, epochs=5, verbose=0).history["loss"]
print(losses[-1] < losses[0])
"""
SAVES = """
model.save("model.keras")
again = tf.keras.models.load_model("model.keras")
print((again.predict(x, verbose=0) == model.predict(x, verbose=0)).all())
"""


def pythons() -> dict[str, str]:
    """The interpreters of this machine that the project supports: version → a command that starts it."""
    found = {"{}.{}".format(*sys.version_info[:2]): getattr(sys, "_base_executable", sys.executable)}
    for version in ("3.11", "3.12", "3.13"):
        candidates = [f"python{version}"]
        if shutil.which("pyenv"):
            prefix = subprocess.run(["pyenv", "prefix", version], capture_output=True, text=True)
            candidates.append(str(Path(prefix.stdout.strip(), "bin", "python")))
        for candidate in filter(shutil.which, candidates):
            # A version manager's stand-in can be on the path and start nothing.
            question = [candidate, "-c", "import sys; print(*sys.version_info[:2], sep='.')"]
            answer = subprocess.run(question, capture_output=True, text=True)
            if answer.stdout.strip() == version:
                found.setdefault(version, str(candidate))
    return found


PYTHONS = pythons()


def run(*command: object, cwd: Path) -> str:
    """What a command prints; a failing command fails the test with what it said."""
    # A second start in the same environment finds the bytecode of the first.
    unwanted = ("PYTHONPATH", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE")
    environment = {name: value for name, value in os.environ.items() if name not in unwanted}
    done = subprocess.run([str(word) for word in command], cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}"
    return done.stdout.strip()


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    (built,) = folder.iterdir()
    return built


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Callable[[str, str], Path]:
    """Installs the wheel with some extras into an empty environment; gives the environment's programs."""

    def install(python: str, extras: str) -> Path:
        uv = [sys.executable, "-m", "uv"]
        programs = tmp_path / "environment" / ("Scripts" if os.name == "nt" else "bin")
        run(*uv, "venv", "--quiet", "--python", python, programs.parent, cwd=tmp_path)
        pins = ROOT / "locks" / "test.txt"
        run(*uv, "pip", "install", "--quiet", "--python", programs / "python", "--constraint", pins,
            f"{wheel}{extras}", cwd=tmp_path)  # fmt: skip
        return programs

    return install


def test_the_wheel_serves_every_platform_and_python(wheel: Path) -> None:
    assert wheel.name == "minitf-0.1.0-py3-none-any.whl"


def test_the_wheel_holds_the_packages_whole(wheel: Path) -> None:
    tracked = [
        path.relative_to(ROOT).as_posix()
        for package in ("minitf", "grader")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)
    ]
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"minitf/py.typed", "grader/py.typed"} <= names
    assert sorted(set(tracked) - names) == []


def test_the_wheel_holds_every_chapter_and_the_licence(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert CHAPTERS
    assert {f"grader/{PACKAGED.name}/{chapter.as_posix()}" for chapter in CHAPTERS} <= names
    assert "minitf-0.1.0.dist-info/licenses/LICENSE" in names


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert tops == {"minitf", "grader", "minitf-0.1.0.dist-info"}


def test_the_source_archive_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    # Without --wheel, build makes the archive, unpacks it and makes the wheel from that.
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", tmp_path, ROOT, cwd=tmp_path)
    (rebuilt,) = tmp_path.glob("*.whl")
    assert sorted(zipfile.ZipFile(rebuilt).namelist()) == sorted(zipfile.ZipFile(wheel).namelist())


@pytest.mark.parametrize("python", PYTHONS.values(), ids=PYTHONS)
def test_minitf_needs_numpy_only(installed: Callable[[str, str], Path], tmp_path: Path, python: str) -> None:
    programs = installed(python, "")
    packages = run(sys.executable, "-m", "uv", "pip", "freeze", "--python", programs / "python", cwd=tmp_path)
    assert sorted(line.split("==")[0].split(" ")[0] for line in packages.splitlines()) == ["minitf", "numpy"]
    assert run(programs / "python", "-W", "error", "-c", IMPORTS_NUMPY_ONLY, cwd=tmp_path) == "[]"
    assert run(programs / "python", "-W", "error", "-c", FITS, cwd=tmp_path) == "True"


@pytest.mark.parametrize("python", PYTHONS.values(), ids=PYTHONS)
def test_models_are_saved_with_the_keras_extra(
    installed: Callable[[str, str], Path], tmp_path: Path, python: str
) -> None:
    programs = installed(python, "[keras]")
    assert run(programs / "python", "-W", "error", "-c", FITS + SAVES, cwd=tmp_path).split() == ["True", "True"]


@pytest.mark.parametrize("python", PYTHONS.values(), ids=PYTHONS)
def test_a_student_checks_an_answer_with_the_notebooks_extra(
    installed: Callable[[str, str], Path], tmp_path: Path, python: str
) -> None:
    programs = installed(python, "[notebooks]")
    assert run(programs / "python", "-W", "error", "-c", CHECKS_AN_ANSWER, cwd=tmp_path) == "wrong"


@pytest.mark.parametrize("python", PYTHONS.values(), ids=PYTHONS)
def test_an_instructor_has_the_command_with_the_grader_extra(
    installed: Callable[[str, str], Path], tmp_path: Path, python: str
) -> None:
    programs = installed(python, "[grader]")
    assert run(programs / "python", "-c", CHECKS_AN_ANSWER, cwd=tmp_path) == "wrong"
    run(programs / "grader", "init", "course", cwd=tmp_path)
    assert (tmp_path / "course" / "nbgrader_config.py").is_file()


def test_every_package_that_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = project["dependencies"] + sum(project["optional-dependencies"].values(), [])
    known = {canonicalize_name(Requirement(line).name) for line in declared} | {"minitf"}
    owners = packages_distributions()
    undeclared = {
        f"{path.relative_to(ROOT)} imports {name}"
        for package in ("minitf", "grader", "scripts", "benchmarks")
        for path in (ROOT / package).rglob("*.py")
        for name in imported(path)
        if name in owners and known.isdisjoint(map(canonicalize_name, owners[name]))
    }
    assert undeclared == set()


def imported(path: Path) -> set[str]:
    """The top-level names that a module's import statements ask for."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.partition(".")[0])
    return names


def test_what_colab_brings_is_never_replaced() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = map(Requirement, project["dependencies"] + project["optional-dependencies"]["notebooks"])
    asks_for_more = [str(each) for each in needed if each.name in COLAB and COLAB[each.name] not in each.specifier]
    assert asks_for_more == []


def test_dependencies_have_lower_bounds_only() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = project["dependencies"] + sum(project["optional-dependencies"].values(), [])
    assert [line for line in declared if not line.partition(">=")[2].replace(".", "").isdigit()] == []
