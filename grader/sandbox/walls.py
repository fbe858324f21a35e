"""The walls around a worker: bubblewrap's command line, and whether this machine can build them.

Inside, a worker finds a Python that can only be read, NumPy, what its exercise allows, and an empty /tmp. There is no
network, no home, no other process, no course folder, no environment, no reference solution and no other package.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.errors import NoSandbox
from grader.sandbox.worker import WITHHELD

BUBBLEWRAP, NONE = "bubblewrap", "none"
KINDS = (BUBBLEWRAP, NONE)
HERE = "/sandbox"  # where a worker finds its own code inside
PACKAGES = f"{HERE}/packages"
SCRATCH_BYTES = 64 * 2**20  # of /tmp, and of /dev/shm
_NEEDED = ("numpy", "msgpack")
_NOBODY = "65534"
_LOADERS = (Path("/lib"), Path("/lib64"), Path("/usr/lib64"))  # of programs; on some systems the libraries too
_ALONE = {"minitf"}  # allowed packages that need nothing beside NumPy


def command(inner: Sequence[str], allows: Sequence[str]) -> list[str]:
    """Return the command that runs *inner* behind walls, with NumPy and the packages in *allows*.

    Raises `NoSandbox` where there is no bubblewrap.
    """
    return [
        *_bubblewrap(),
        *_interpreter(),
        *_packages(allows),
        *("--remount-ro", "/"),
        "--",
        *inner,
    ]


def interpreter() -> str:
    """Return the path of the Python that runs inside: this one's, without its virtual environment."""
    return os.path.realpath(sys.executable)


@functools.cache
def problem() -> str | None:
    """Say why no walls can be built on this machine, and what to do; None if they can."""
    if sys.platform != "linux":
        return "bubblewrap needs Linux; grade there, in WSL or in a container"
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed; `apt-get install bubblewrap` (or dnf, pacman) gets it"
    probe = [*_bubblewrap(), *_interpreter(), "--remount-ro", "/", "--", interpreter(), "-I", "-S", "-c", "print(42)"]
    ran = subprocess.run(probe, capture_output=True, text=True, timeout=60, check=False)
    if ran.returncode == 0 and ran.stdout.strip() == "42":
        return None
    said = (ran.stderr.strip().splitlines() or [f"status {ran.returncode}"])[-1]
    return (
        f"this system refuses bubblewrap ({said}); allow user namespaces (`sysctl kernel.unprivileged_userns_clone=1`, "
        "or in a container `--security-opt seccomp=unconfined --security-opt apparmor=unconfined`)"
    )


def must_be_there() -> None:
    """Raise `NoSandbox` if no walls can be built, with how to get them."""
    reason = problem()
    if reason is not None:
        raise NoSandbox(
            f"submissions were to be run in a sandbox, but {reason}. `--sandbox none` runs them with your own rights, "
            "which is for work that you trust"
        )


def _bubblewrap() -> list[str]:
    """Return bubblewrap with everything unshared, and what is the same for all workers."""
    found = shutil.which("bwrap")
    if found is None:
        must_be_there()
    return [
        *(str(found), "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session", "--clearenv"),
        *(["--disable-userns"] if "--disable-userns" in _options(str(found)) else []),
        *("--uid", _NOBODY, "--gid", _NOBODY, "--cap-drop", "ALL", "--hostname", "sandbox"),
        *("--proc", "/proc", "--dev", "/dev"),
        *("--size", str(SCRATCH_BYTES), "--tmpfs", "/dev/shm", "--remount-ro", "/dev"),
        *("--size", str(SCRATCH_BYTES), "--tmpfs", "/tmp", "--chdir", "/tmp"),
        *(word for name, value in ENVIRONMENT.items() for word in ("--setenv", name, value)),
    ]


ENVIRONMENT = {
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TMPDIR": "/tmp",
}


@functools.cache
def _options(path: str) -> str:
    """Return what this bubblewrap's help says: older ones have fewer options."""
    return subprocess.run([path, "--help"], capture_output=True, text=True, timeout=60, check=False).stdout


@functools.cache
def _interpreter() -> tuple[str, ...]:
    """Return the options that show the interpreter, the standard library and the system's, and no packages."""
    words: list[str] = []
    shown: list[Path] = []
    multiarch = sysconfig.get_config_var("MULTIARCH") or ""
    debian = Path("/usr/lib", multiarch) if multiarch and Path("/usr/lib", multiarch).is_dir() else None
    prefix = [Path(sys.base_prefix, "lib")] if sys.base_prefix != "/usr" else []
    for path in (*_LOADERS, *([debian] if debian else [Path("/usr/lib")]), *prefix, Path(sysconfig.get_path("stdlib"))):
        if path.is_symlink() and path in _LOADERS:
            words += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir() and not any(path.resolve().is_relative_to(other) for other in shown):
            real = Path("/lib", multiarch) if debian and path == Path("/lib") else path.resolve()
            words += ["--ro-bind", str(real), str(real)]
            shown.append(real)
    if Path("/etc/ld.so.cache").is_file():
        words += ["--ro-bind", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    words += ["--ro-bind", interpreter(), interpreter()]
    for path in sorted(set(_foreign(shown))):
        words += ["--tmpfs", str(path)]
    return tuple(words)


def _foreign(shown: Sequence[Path]) -> Iterator[Path]:
    """Yield the folders of installed packages among what is shown."""
    for root in shown:
        for pattern in ("python3*/site-packages", "python3*/dist-packages", "site-packages", "dist-packages"):
            yield from (path for path in root.glob(pattern) if path.is_dir() and not path.is_symlink())


def _packages(allows: Sequence[str]) -> list[str]:
    """Return the options that show packages: NumPy, what is allowed, and all that those may need if need be."""
    beside = Path(__file__).parent
    words = []
    for name in ("worker.py", "wire.py", "confine.py"):
        words += ["--ro-bind", str(beside / name), f"{HERE}/{name}"]
    entries: dict[str, Path] = {}
    for name in {*_NEEDED, *(set(allows) & _ALONE)}:
        entries.update(_entries(name))
    if set(allows) - _ALONE - set(_NEEDED):
        installed = Path(sysconfig.get_path("purelib"))
        entries.update({path.name: path for path in installed.iterdir() if path.suffix != ".pth"})
        hidden = WITHHELD - set(allows) - set(_NEEDED)
        entries = {name: path for name, path in entries.items() if name.partition(".")[0] not in hidden}
        for name in set(allows) - set(_NEEDED):
            entries.update(_entries(name))
    for name, path in sorted(entries.items()):
        words += ["--ro-bind", str(path.resolve()), f"{PACKAGES}/{name}"]
    return words


def _entries(name: str) -> dict[str, Path]:
    """Return where a package lies, and the libraries that wheels put beside it."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise NoSandbox(f"{name} was to be there for an exercise, but it is not installed: install it")
    origin = Path(spec.origin)
    if origin.name != "__init__.py":
        return {origin.name: origin}
    libraries = origin.parent.with_name(f"{name}.libs")
    return {name: origin.parent} | ({libraries.name: libraries} if libraries.is_dir() else {})
