"""Diagnosis: what computes here, with which versions, devices, BLAS and threads, and what is missing or set badly.

Nothing is imported to find a version, nothing is started, and nothing that is missing is an error.
"""

from __future__ import annotations

import dataclasses
import glob
import html
import importlib.util
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata
from typing import Any

import numpy as np

from minitf.backends import kernels
from minitf.html import listing_html

__all__ = ["Card", "doctor"]

_PACKAGES = ("tensorflow", "keras", "jax", "onnx", "onnxruntime", "h5py", "matplotlib")
# What an extra is for, and the packages that it brings and that are looked for.
_EXTRAS = {
    "tensorflow": ("XLA, GPUs, TPUs and several devices", ("tensorflow",)),
    "notebooks": ("notebooks and figures", ("ipykernel", "matplotlib")),
    "keras": ("models and weights in Keras's files", ("h5py",)),
    "export": ("export to ONNX", ("onnx", "onnxruntime")),
}
# How many bits wide the kernels are that OpenBLAS and BLIS name so; all other names of x86 processors are older.
_WIDTHS = dict.fromkeys(("skylakex", "cooperlake", "sapphirerapids", "skx", "zen4", "zen5"), 512)
_WIDTHS |= dict.fromkeys(("haswell", "zen", "zen2", "zen3", "excavator"), 256)
_KERNELS = ("OPENBLAS_CORETYPE", "BLIS_ARCH_TYPE")
_MKL = ("MKL_ENABLE_INSTRUCTIONS", "MKL_CBWR")
_THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
# Settings of TensorFlow, values of them, and what these do.
_TENSORFLOW = {
    "CUDA_VISIBLE_DEVICES": ("-1", "hides all GPUs from TensorFlow"),
    "TF_ENABLE_ONEDNN_OPTS": ("0", "keeps TensorFlow from oneDNN, whose matrix products are faster on many CPUs"),
}
_SETTINGS = (*_KERNELS, *_MKL, "NPY_DISABLE_CPU_FEATURES", *_THREADS, "TF_NUM_INTRAOP_THREADS", *_TENSORFLOW)
_QUOTA = "/sys/fs/cgroup/cpu.max"  # of the container, on Linux


@dataclasses.dataclass(frozen=True, repr=False)
class Card:
    """What `doctor` found: `facts` by their names, and `findings`, a sentence each."""

    facts: Mapping[str, str]
    findings: tuple[str, ...]

    def __repr__(self) -> str:
        """Print the facts, then what to know about them."""
        width = max(map(len, self.facts)) + 2
        lines = [f"{name:<{width}}{fact}" for name, fact in self.facts.items()]
        return "\n".join([*lines, "", *(f"- {each}" for each in self.findings or ("Nothing is missing.",))])

    def _repr_html_(self) -> str:
        """Show the same in notebooks."""
        table = listing_html(f"minitf {self.facts['minitf']}", ["what", "how it is here"], self.facts.items())
        findings = "".join(f"<li>{html.escape(each)}</li>" for each in self.findings or ("Nothing is missing.",))
        return f"{table}<ul>{findings}</ul>"

    def as_dict(self) -> dict[str, Any]:
        """Return both as plain data."""
        return {"facts": dict(self.facts), "findings": list(self.findings)}


def doctor() -> Card:
    """Look at what computes here: versions, backend, devices, XLA, BLAS, threads; and say what is missing.

    The result prints as text and shows itself in notebooks; `python -m minitf` prints the same.

    >>> print(doctor())  # doctest: +ELLIPSIS
    minitf ...
    backend ...
    """
    processor, blas = _processor(), _blas()
    facts = {
        "minitf": _version("minitf") or "of unknown version",
        "backend": f"{kernels.backend}, {kernels.chosen}",
        "Python": f"{platform.python_version()}, {platform.platform(aliased=True, terse=True)} {platform.machine()}",
        "NumPy": np.__version__,
        **{name: _version(name) or "not installed" for name in _PACKAGES},
        **kernels.devices.report(),
        "CPU": processor["name"] + (f", vectors of {processor['bits']} bits" if processor["bits"] else ""),
        "cores": f"{processor['allowed']} of {os.cpu_count()} may be used",
        "memory": processor["memory"],
        "BLAS": ", ".join(filter(None, [blas["name"], blas["kernels"] and f"kernels for {blas['kernels']}"])),
        "BLAS threads": str(blas["threads"] or "unknown"),
    }
    settings = {name: os.environ[name] for name in _SETTINGS if os.environ.get(name)}
    facts["settings"] = ", ".join(f"{name}={value}" for name, value in settings.items()) or "none"
    return Card(facts, tuple(_findings(processor, blas, settings)))


# --- what there is ---


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # it may come under another name, such as tensorflow-cpu
        return "of unknown version" if importlib.util.find_spec(package) else None


def _config() -> dict[str, Any]:
    """How NumPy was built, and which vector instructions it found."""
    config: Any = np.show_config(mode="dicts")
    return dict(config)


def _processor() -> dict[str, Any]:
    """Name of the CPU, bits of its widest vectors (None if it is no x86), cores that may be used, memory."""
    simd = _config().get("SIMD Extensions", {})
    found = {*simd.get("baseline", ()), *simd.get("found", ())}
    wide = any(name.startswith(("AVX512", "X86_V4")) for name in found)
    bits = 512 if wide else 256 if found & {"AVX2", "X86_V3"} else 128
    return {
        "name": _said("/proc/cpuinfo", "model name") or _sysctl("machdep.cpu.brand_string") or platform.processor()
        or platform.machine(),
        "bits": bits if platform.machine().lower() in ("x86_64", "amd64") else None,
        "allowed": _allowed(),
        "memory": _gibibytes(_said("/proc/meminfo", "MemTotal").removesuffix(" kB"), 2**10)
        or _gibibytes(_sysctl("hw.memsize"), 1) or "unknown",
    }  # fmt: skip


def _gibibytes(number: str, unit: int) -> str:
    return f"{int(number) * unit / 2**30:.1f} GiB" if number.isdigit() else ""


def _said(file: str, name: str) -> str:
    """Look up a line `name : value` in a file of Linux."""
    try:
        with open(file, encoding="utf-8", errors="replace") as lines:
            return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
    except OSError:
        return ""


def _sysctl(name: str) -> str:
    """Ask macOS."""
    if sys.platform != "darwin":
        return ""
    try:
        return subprocess.run(["sysctl", "-n", name], capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def _allowed() -> int:
    """Count the cores that this process may use: by its affinity, and by the quota of its container."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        with open(_QUOTA, encoding="utf-8") as quota:
            most, period = quota.read().split()
        return cores if most == "max" else max(1, min(cores, -(-int(most) // int(period))))
    except (OSError, ValueError):
        return cores


def _blas() -> dict[str, Any]:
    """Name of NumPy's BLAS; its kernels and threads, if threadpoolctl is there to ask."""
    built = _config().get("Build Dependencies", {}).get("blas", {})
    name = f"{built.get('name', 'unknown')} {built.get('version', '')}".strip()
    named = os.environ.get("OPENBLAS_CORETYPE", "") if "openblas" in name else ""
    said = {"name": name, "kernels": named, "threads": 0}
    if importlib.util.find_spec("threadpoolctl") is None:
        return said
    listed = [each for each in _pools() if each.get("user_api") == "blas"]
    listed.sort(key=lambda each: "numpy" not in each.get("filepath", ""))
    if not listed:
        return said
    return said | {"kernels": listed[0].get("architecture") or named, "threads": listed[0].get("num_threads") or 0}


def _pools() -> list[dict[str, Any]]:
    """List the pools of threads in this process."""
    import threadpoolctl

    pools: list[dict[str, Any]] = threadpoolctl.threadpool_info()
    return pools


# --- what to know about it ---


def _findings(processor: dict[str, Any], blas: dict[str, Any], settings: dict[str, str]) -> Iterator[str]:
    """Say a sentence about each thing that is set badly or missing, with what to do."""
    yield from _narrow_kernels(processor["bits"], blas, settings)
    yield from _unfit_threads(processor["allowed"], blas["threads"], settings)
    yield from _unused_gpus(kernels.backend, settings)
    for extra, (purpose, packages) in _EXTRAS.items():
        missing = [package for package in packages if _version(package) is None]
        if missing:
            verb = "is" if len(missing) == 1 else "are"
            yield f"For {purpose}, {' and '.join(missing)} {verb} missing: pip install 'minitf[{extra}]'."
    if not blas["threads"]:
        yield "threadpoolctl would show the kernels and threads of BLAS: pip install threadpoolctl."


def _narrow_kernels(bits: int | None, blas: dict[str, Any], settings: dict[str, str]) -> Iterator[str]:
    """Find kernels of BLAS that use less of the CPU than it has."""
    width = _WIDTHS.get(blas["kernels"].lower(), 128)
    if bits and blas["kernels"] and width < bits:
        culprit = next((name for name in _KERNELS if name in settings), None)
        runs = f"BLAS runs kernels for {blas['kernels']}, {width} bits wide, on a CPU with vectors of {bits} bits"
        unset = f"unset {culprit}, which is {settings.get(culprit or '')}, before Python starts"
        yield f"{runs}: {unset if culprit else 'a newer NumPy may know this CPU'}."
    for name in _MKL:
        if name in settings and "mkl" in blas["name"].lower():
            yield f"{name}={settings[name]} chooses MKL's kernels, perhaps narrower than the CPU could run: unset it."
    if "NPY_DISABLE_CPU_FEATURES" in settings:
        yield "NPY_DISABLE_CPU_FEATURES keeps NumPy from instructions that the CPU has: unset it before Python starts."


def _unfit_threads(allowed: int, threads: int, settings: dict[str, str]) -> Iterator[str]:
    """Compare the threads of BLAS with the cores that it may use."""
    culprit = next((name for name in _THREADS if name in settings), None)
    if 0 < threads < allowed and culprit:
        lets = f"{culprit}={settings[culprit]} lets BLAS use {threads} of {allowed} cores"
        yield f"{lets}: unset it before Python starts, unless several processes share this machine."
    elif threads > allowed:
        runs = f"BLAS runs {threads} threads on {allowed} core{'s' * (allowed > 1)}, where they wait for one another"
        yield f"{runs}: set {culprit or 'OPENBLAS_NUM_THREADS'}={allowed} before Python starts."


def _unused_gpus(backend: str, settings: dict[str, str]) -> Iterator[str]:
    """Find settings that slow TensorFlow down, and GPUs that nobody uses."""
    if backend != "tensorflow":
        if _gpus():
            yield "There is a GPU, which NumPy does not use: start Python with MINITF_BACKEND=tensorflow."
        return
    for name, (value, does) in _TENSORFLOW.items():
        if settings.get(name) == value:
            yield f"{name}={value} {does}: unset it before Python starts."
    if _gpus() and not kernels.devices.list_physical_devices("GPU") and "CUDA_VISIBLE_DEVICES" not in settings:
        yield "There is a GPU, but TensorFlow does not see it: pip install 'tensorflow[and-cuda]'."


def _gpus() -> list[str]:
    """List the GPUs that NVIDIA's driver for Linux knows."""
    return glob.glob("/proc/driver/nvidia/gpus/*")
