"""Pins what the project installs: from pyproject.toml to locks/*.txt and environment.yml.

Versions come from the public package index through uv; an existing pin stays until `--upgrade` asks for newer ones.
`--check` needs no network: it says where pyproject.toml, the locks and environment.yml no longer agree.
"""

from __future__ import annotations

import argparse
import itertools
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
COURSE_EXTRAS = ("notebooks", "grader")
BENCH_EXTRAS = ("bench",)
# Each lock holds the one before it with the same pins, so that what is set up for more serves for less.
NESTED = ("course", "test", "bench")
# jsonschema's optional check of international addresses: it builds a grammar for 1.7 s in every process that reads a
# notebook, and no schema of Jupyter's asks for it. jsonschema does without.
LEFT_OUT = ("rfc3987-syntax",)
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}
PIN_LINE = re.compile(r"(?P<name>[\w.-]+)==(?P<version>\S+)(?: ; (?P<marker>.*?))?(?P<hashes>(\s+--hash=\S+)*)\s*")
HEADER = "# Written by scripts/lock.py: {what}. Change pyproject.toml, then run `make lock`.\n"


@dataclass(frozen=True)
class Pin:
    """One line of a lock: an exact version, where it applies, and the digests of its files."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    @property
    def requirement(self) -> str:
        """The pin without its digests, as pip reads it.

        >>> Pin("colorama", "0.4.6", "sys_platform == 'win32'", ()).requirement
        "colorama==0.4.6 ; sys_platform == 'win32'"
        """
        return f"{self.name}=={self.version}" + (f" ; {self.marker}" if self.marker else "")

    def applies(self, environment: dict[str, str]) -> bool:
        """Whether this pin is installed in an environment of these marker values."""
        return not self.marker or Marker(self.marker).evaluate(environment)


def read_lock(path: Path) -> list[Pin]:
    """The pins of a lock file, in order; a line that is no pin raises ValueError."""
    pins = []
    for line in path.read_text().replace("\\\n", " ").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        found = PIN_LINE.fullmatch(line)
        if found is None:
            raise ValueError(f"{path.name} holds a line that is no pin: {line.split('--hash')[0].strip()!r}.")
        hashes = tuple(word.removeprefix("--hash=") for word in found["hashes"].split())
        pins.append(Pin(canonicalize_name(found["name"]), found["version"], found["marker"] or "", hashes))
    return pins


class Declared:
    """What pyproject.toml asks for, by the lock that has to hold it."""

    def __init__(self, root: Path) -> None:
        document = tomllib.loads((root / "pyproject.toml").read_text())
        project = document["project"]
        extras: dict[str, list[str]] = project["optional-dependencies"]
        always: list[str] = project["dependencies"] + document["build-system"]["requires"]
        self.course = sorted({*always, *itertools.chain.from_iterable(extras[name] for name in COURSE_EXTRAS)})
        self.test = sorted(
            {*always, *itertools.chain.from_iterable(extras[name] for name in extras if name not in BENCH_EXTRAS)}
        )
        self.bench = sorted({*always, *itertools.chain.from_iterable(extras.values())})
        self.installer = [line for line in extras["test"] if Requirement(line).name == "uv"]


def compile_lock(requirements: list[str], path: Path, what: str, *, upgrade: bool, within: Path | None = None) -> None:
    """Resolve the requirements for all platforms and write the lock; `within` is a lock whose pins must be kept."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "PIP_"))}
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / path.name
        if path.exists() and not upgrade:
            draft.write_text(path.read_text())
        command = [sys.executable, "-m", "uv", "pip", "compile", "-", "--output-file", str(draft), "--no-config"]
        command += ["--universal", "--python-version", PYTHONS[0], "--fork-strategy", "fewest"]
        command += ["--generate-hashes", "--no-annotate", "--no-header", "--quiet"]
        left_out = Path(folder) / "left-out.txt"
        left_out.write_text("\n".join(LEFT_OUT) + "\n")
        command += ["--excludes", str(left_out)]
        if within is not None:
            command += ["--constraint", str(within)]
        subprocess.run(command, input="\n".join(requirements), text=True, check=True, env=environment)
        path.parent.mkdir(exist_ok=True)
        path.write_text(HEADER.format(what=what) + draft.read_text())


def environment_file(pins: list[Pin]) -> str:
    """The text of environment.yml: a Python, and the same pins that `make course` installs."""
    lines = [
        HEADER.format(what="conda's way to the packages of `make course`").rstrip(),
        "name: minitf",
        "channels:",
        "  - conda-forge",
        "  - nodefaults",
        "dependencies:",
        f"  - python >={PYTHONS[0]},<3.{int(PYTHONS[-1].split('.')[1]) + 1}",
        "  - pip",
        "  - pip:",
    ]
    lines += [f'      - "{pin.requirement}"' for pin in pins]
    lines += ["      - -e ."]
    return "\n".join(lines) + "\n"


def disagreements(root: Path) -> list[str]:
    """One sentence for each place where pyproject.toml, the locks and environment.yml do not say the same."""
    declared = Declared(root)
    locks = {name: read_lock(root / "locks" / f"{name}.txt") for name in ("course", "test", "bench", "installer")}
    course, test = locks["course"], locks["test"]
    found = []
    for name, pins in locks.items():
        found += [f"locks/{name}.txt: {pin.requirement} has no hash." for pin in pins if not pin.hashes]
        if "://" in (root / "locks" / f"{name}.txt").read_text():
            found.append(f"locks/{name}.txt holds an address; a lock is versions and hashes only.")
    wanted = {name: getattr(declared, name) for name in locks}
    for python, platform in itertools.product(PYTHONS, PLATFORMS):
        here = marker_values(python, platform)
        for name, requirements in wanted.items():
            found += [
                f"locks/{name}.txt: {complaint} (Python {python} on {platform})."
                for complaint in unmet(requirements, locks[name], here)
            ]
        for smaller, larger in itertools.pairwise(NESTED):
            installed = {(pin.name, pin.version) for pin in locks[larger] if pin.applies(here)}
            found += [
                f"locks/{larger}.txt lacks {pin.requirement} of locks/{smaller}.txt (Python {python} on {platform})."
                for pin in locks[smaller]
                if pin.applies(here) and (pin.name, pin.version) not in installed
            ]
    if not {(pin.name, pin.version) for pin in locks["installer"]} <= {(pin.name, pin.version) for pin in test}:
        found.append("locks/installer.txt pins another uv than locks/test.txt.")
    if (root / "environment.yml").read_text() != environment_file(course):
        found.append("environment.yml lists other packages than locks/course.txt.")
    return found


def unmet(requirements: list[str], pins: list[Pin], environment: dict[str, str]) -> list[str]:
    """The requirements that these pins leave unpinned, or pin outside their bounds, in one environment."""
    versions = {pin.name: pin.version for pin in pins if pin.applies(environment)}
    complaints = []
    for requirement in map(Requirement, requirements):
        version = versions.get(canonicalize_name(requirement.name))
        if version is None:
            complaints.append(f"{requirement} is declared and not pinned")
        elif not requirement.specifier.contains(version, prereleases=True):
            complaints.append(f"{requirement} is declared and {version} pinned")
    return complaints


def marker_values(python: str, platform: str) -> dict[str, str]:
    """The marker values of CPython on the ordinary machine of a platform."""
    return {
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "os_name": "nt" if platform == "win32" else "posix",
        "platform_machine": {"linux": "x86_64", "darwin": "arm64", "win32": "AMD64"}[platform],
        "platform_system": PLATFORMS[platform],
        "python_full_version": f"{python}.0",
        "python_version": python,
        "sys_platform": platform,
    }


def write_all(root: Path, *, upgrade: bool) -> None:
    """Write the locks and environment.yml."""
    declared = Declared(root)
    course, test, bench, installer = (root / "locks" / f"{name}.txt" for name in (*NESTED, "installer"))
    compile_lock(declared.bench, bench, "all that `make bench` installs", upgrade=upgrade)
    # Without its old self as a draft a smaller lock can only follow the larger one.
    compile_lock(declared.test, test, "all that `make test` installs", upgrade=True, within=bench)
    compile_lock(declared.course, course, "all that `make course` installs", upgrade=True, within=test)
    compile_lock(declared.installer, installer, "the installer itself", upgrade=True, within=test)
    (root / "environment.yml").write_text(environment_file(read_lock(course)))


def main() -> int:
    """Write the locks, or check them; the exit status is 1 when they disagree."""
    parser = argparse.ArgumentParser(description="Pin what the project installs, or check the pins.")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions instead of keeping the pins")
    parser.add_argument("--check", action="store_true", help="write nothing; say where the files disagree")
    options = parser.parse_args()
    if not options.check:
        write_all(ROOT, upgrade=options.upgrade)
    found = disagreements(ROOT)
    for sentence in found:
        print(sentence, file=sys.stderr)
    if not found:
        print(f"pyproject.toml, {len(read_lock(ROOT / 'locks' / 'bench.txt'))} pins and environment.yml agree.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
