"""The doctor's card: what computes here, and a sentence for each thing that is missing or set badly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

import minitf as tf
import minitf.__main__
from minitf import diagnosis
from minitf.diagnosis import Card

WIDE = {"SIMD Extensions": {"baseline": ["X86_V2"], "found": ["X86_V3", "X86_V4"]}}
OPENBLAS = {"Build Dependencies": {"blas": {"name": "scipy-openblas", "version": "0.3"}}}


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Put a machine in place of this one: an x86 CPU, its cores, what threadpoolctl says, settings, packages, GPUs."""

    def put(
        *, config: Any = None, pools: Any = (), cores: int = 4, missing: Any = (), gpus: int = 0, **settings: str
    ) -> Card:
        for name in diagnosis._SETTINGS:
            monkeypatch.delenv(name, raising=False)
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(diagnosis, "_config", lambda: WIDE | OPENBLAS if config is None else config)
        monkeypatch.setattr(diagnosis, "_pools", lambda: list(pools))
        monkeypatch.setattr(diagnosis, "_allowed", lambda: cores)
        monkeypatch.setattr(diagnosis, "_version", lambda package: None if package in missing else "1.0")
        monkeypatch.setattr(diagnosis, "_gpus", lambda: ["gpu"] * gpus)
        monkeypatch.setattr("platform.machine", lambda: "x86_64")
        return tf.doctor()

    return put


def blas(architecture: str, threads: int = 4, file: str = "numpy.libs/libopenblas.so") -> dict[str, Any]:
    return {"user_api": "blas", "architecture": architecture, "num_threads": threads, "filepath": file}


def test_a_card_tells_versions_backend_devices_and_blas() -> None:
    facts = tf.doctor().facts
    assert facts["minitf"] == tf.__version__
    assert facts["backend"].startswith(f"{tf.get_backend()}, by ")
    assert {"Python", "NumPy", "tensorflow", "device CPU:0", "XLA", "CPU", "cores", "BLAS", "BLAS threads"} <= set(
        facts
    )


def test_a_well_kept_machine_has_no_findings(machine: Any) -> None:
    card = machine(pools=[blas("SkylakeX")])
    assert card.findings == ()
    assert repr(card).endswith("- Nothing is missing.")
    assert card.facts["settings"] == "none"


def test_kernels_narrower_than_the_cpu_are_found_with_the_setting_that_chose_them(machine: Any) -> None:
    card = machine(pools=[blas("Haswell")], OPENBLAS_CORETYPE="Haswell")
    assert card.findings == (
        "BLAS runs kernels for Haswell, 256 bits wide, on a CPU with vectors of 512 bits: "
        "unset OPENBLAS_CORETYPE, which is Haswell, before Python starts.",
    )
    assert card.facts["BLAS"] == "scipy-openblas 0.3, kernels for Haswell"
    assert card.facts["settings"] == "OPENBLAS_CORETYPE=Haswell"


def test_kernels_that_nobody_chose_are_the_business_of_a_newer_numpy(machine: Any) -> None:
    [finding] = machine(pools=[blas("Nehalem")]).findings
    assert finding.startswith("BLAS runs kernels for Nehalem, 128 bits wide")
    assert finding.endswith("a newer NumPy may know this CPU.")


def test_kernels_as_wide_as_the_cpu_are_right(machine: Any) -> None:
    narrow = {"SIMD Extensions": {"baseline": ["SSE2"], "found": ["AVX2"]}}
    assert machine(config=narrow | OPENBLAS, pools=[blas("Zen")]).findings == ()


def test_of_several_pools_numpys_counts(machine: Any) -> None:
    pools = [{"user_api": "openmp"}, blas("Haswell", file="scipy.libs/libopenblas.so"), blas("SkylakeX")]
    assert machine(pools=pools).findings == ()


def test_settings_of_mkl_and_numpy_are_found(machine: Any) -> None:
    mkl = {"Build Dependencies": {"blas": {"name": "mkl-sdl"}}}
    said = machine(config=WIDE | mkl, pools=[blas("")], MKL_CBWR="AVX2", NPY_DISABLE_CPU_FEATURES="X86_V4").findings
    assert [sentence.split()[0] for sentence in said] == ["MKL_CBWR=AVX2", "NPY_DISABLE_CPU_FEATURES"]


@pytest.mark.parametrize(
    ("threads", "settings", "said"),
    [
        (1, {"OMP_NUM_THREADS": "1"}, ["OMP_NUM_THREADS=1 lets BLAS use 1 of 4 cores: unset it before Python starts"]),
        (64, {}, ["BLAS runs 64 threads on 4 cores, where they wait for one another: set OPENBLAS_NUM_THREADS=4"]),
        (
            8,
            {"OMP_NUM_THREADS": "8"},
            ["BLAS runs 8 threads on 4 cores, where they wait for one another: set OMP_NUM_"],
        ),
        (4, {"OMP_NUM_THREADS": "4"}, []),
    ],
)
def test_threads_that_do_not_fit_the_cores_are_found(
    machine: Any, threads: int, settings: dict[str, str], said: list[str]
) -> None:
    findings = machine(pools=[blas("SkylakeX", threads)], **settings).findings
    assert len(findings) == len(said)
    assert all(finding.startswith(start) for finding, start in zip(findings, said, strict=True))


def test_a_missing_package_comes_with_the_line_that_installs_it(machine: Any) -> None:
    findings = machine(pools=[blas("SkylakeX")], missing=["tensorflow", "onnx", "onnxruntime"]).findings
    assert findings == (
        "For XLA, GPUs, TPUs and several devices, tensorflow is missing: pip install 'minitf[tensorflow]'.",
        "For export to ONNX, onnx and onnxruntime are missing: pip install 'minitf[export]'.",
    )


def test_the_extras_are_those_of_the_package() -> None:
    project = tomllib.loads(Path(__file__).parents[2].joinpath("pyproject.toml").read_text("utf-8"))["project"]
    for extra, (_, packages) in diagnosis._EXTRAS.items():
        listed = [line.partition(">")[0] for line in project["optional-dependencies"][extra]]
        assert set(packages) <= set(listed)


@pytest.mark.backend("numpy")
def test_a_gpu_that_numpy_leaves_idle_is_found(machine: Any) -> None:
    [finding] = machine(pools=[blas("SkylakeX")], gpus=1).findings
    assert finding == "There is a GPU, which NumPy does not use: start Python with MINITF_BACKEND=tensorflow."


@pytest.mark.backend("tensorflow")
def test_what_keeps_tensorflow_from_gpus_and_from_its_quick_kernels_is_found(machine: Any) -> None:
    hidden = machine(pools=[blas("SkylakeX")], gpus=1, CUDA_VISIBLE_DEVICES="-1", TF_ENABLE_ONEDNN_OPTS="0").findings
    assert [sentence.split()[0] for sentence in hidden] == ["CUDA_VISIBLE_DEVICES=-1", "TF_ENABLE_ONEDNN_OPTS=0"]
    [unseen] = machine(pools=[blas("SkylakeX")], gpus=1).findings
    assert unseen.endswith("pip install 'tensorflow[and-cuda]'.")


def test_a_machine_that_tells_nothing_is_no_error(machine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    monkeypatch.setattr(diagnosis, "_said", lambda file, name: "")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    card = machine(config={}, missing=["minitf", *diagnosis._PACKAGES])
    assert (card.facts["BLAS"], card.facts["BLAS threads"], card.facts["jax"]) == (
        "unknown",
        "unknown",
        "not installed",
    )
    assert card.findings[-1] == "threadpoolctl would show the kernels and threads of BLAS: pip install threadpoolctl."


def test_a_package_that_comes_under_another_name_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless(package: str) -> str:
        raise metadata.PackageNotFoundError(package)

    monkeypatch.setattr(metadata, "version", nameless)
    assert (diagnosis._version("numpy"), diagnosis._version("tensorflow_of_nobody")) == ("of unknown version", None)


def test_without_threadpoolctl_the_setting_tells_the_kernels(machine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    assert machine(OPENBLAS_CORETYPE="Haswell").facts["BLAS"] == "scipy-openblas 0.3, kernels for Haswell"


@pytest.mark.parametrize(("quota", "cores"), [("max 100000", 8), ("150000 100000", 2), ("", 8), ("9900000 100000", 8)])
def test_the_quota_of_a_container_limits_the_cores(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, quota: str, cores: int
) -> None:
    tmp_path.joinpath("cpu.max").write_text(quota)
    monkeypatch.setattr(diagnosis, "_QUOTA", str(tmp_path / "cpu.max"))
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(8)), raising=False)
    assert diagnosis._allowed() == cores


def test_a_notebook_shows_a_table_with_everything_escaped() -> None:
    shown = Card({"minitf": "1", "BLAS": "<b>"}, ("use a < b",))._repr_html_()
    assert "<td>&lt;b&gt;</td>" in shown
    assert "<li>use a &lt; b</li>" in shown


def test_the_command_prints_the_card_or_data(capsys: pytest.CaptureFixture[str]) -> None:
    minitf.__main__.main([])
    assert capsys.readouterr().out == f"{tf.doctor()}\n"
    minitf.__main__.main(["--json"])
    assert json.loads(capsys.readouterr().out) == tf.doctor().as_dict()


@pytest.mark.backend("numpy")
def test_the_command_explains_itself_and_imports_nothing_slow() -> None:
    run = [sys.executable, "-X", "importtime", "-m", "minitf"]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "numpy" in imported
    assert imported.isdisjoint({"tensorflow", "keras", "jax", "onnx", "matplotlib", "h5py", "minitf.keras"})
    assert done.stdout.startswith("minitf ")
    taught = subprocess.run([*run[:1], *run[3:], "--help"], capture_output=True, text=True, check=True).stdout
    assert "python -m minitf --json" in taught
