"""Setting up refuses what cannot work in one sentence that says what to do, and leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "a folder with spaces"
    shutil.copytree(ROOT / "scripts", folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "locks", folder / "locks")
    return folder


def stand_in(folder: Path, name: str, refused: str) -> Path:
    """A program that answers like this Python, but fails whenever its arguments mention something."""
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'#!/bin/sh\ncase "$*" in *{refused}*) exit 1 ;; esac\nexec "{sys.executable}" "$@"\n')
    path.chmod(0o755)
    return path


def install(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = ["sh", "scripts/install.sh", "course"]
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHON"}
    return subprocess.run(command, cwd=checkout, env=inherited | environment, capture_output=True, text=True)


def test_a_chosen_python_that_is_too_old_is_refused(checkout: Path, tmp_path: Path) -> None:
    old = stand_in(tmp_path, "python-old", "version_info")
    done = install(checkout, PYTHON=str(old))
    assert done.returncode == 1
    assert done.stderr == (
        f"PYTHON={old} is not a Python 3.11 or newer: name one that is, such as: make course PYTHON=python3.12\n"
    )
    assert not (checkout / ".venv").exists()


def test_a_machine_with_old_pythons_only_hears_what_was_found(checkout: Path, tmp_path: Path) -> None:
    for name in ("python", "python3", "python3.11", "python3.12", "python3.13", "python3.14"):
        stand_in(tmp_path / "programs", name, "version_info")
    done = install(checkout, PATH=os.pathsep.join([str(tmp_path / "programs"), "/usr/bin", "/bin"]))
    assert done.returncode == 1
    found = "Python {}.{}.{}".format(*sys.version_info[:3])
    assert done.stderr == (
        f"This needs Python 3.11 or newer and found {found}: install one, or name it: make course PYTHON=python3.12\n"
    )
    assert not (checkout / ".venv").exists()


def test_a_python_without_its_venv_module_is_refused(checkout: Path, tmp_path: Path) -> None:
    bare = stand_in(tmp_path, "python-bare", "ensurepip")
    done = install(checkout, PYTHON=str(bare))
    assert done.returncode == 1
    assert done.stderr == (
        f"{bare} cannot make virtual environments: install its venv module "
        "(on Debian and Ubuntu: apt install python3-venv), then run make course again.\n"
    )
    assert not (checkout / ".venv").exists()
