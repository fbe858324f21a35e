"""pyproject.toml, the locks and environment.yml say the same, and a difference is found and named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scripts import lock

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "locks", tmp_path / "locks")
    for name in ("pyproject.toml", "environment.yml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def without(path: Path, name: str) -> None:
    """Take a package and its hashes out of a lock."""
    head, found, tail = path.read_text().partition(f"\n{name}==")
    assert found
    rest = tail.splitlines(keepends=True)
    while rest and rest[0].rstrip().endswith("\\"):
        rest.pop(0)
    path.write_text(head + "\n" + "".join(rest[1:]))


def test_pyproject_locks_and_environment_agree() -> None:
    assert lock.disagreements(ROOT) == []


def test_an_untouched_copy_agrees(copy: Path) -> None:
    assert lock.disagreements(copy) == []


def test_a_dependency_without_a_pin_is_named(copy: Path) -> None:
    replace(copy / "pyproject.toml", '"rich>=', '"humanize>=4.0",\n    "rich>=')
    found = lock.disagreements(copy)
    assert "locks/course.txt: humanize>=4.0 is declared and not pinned (Python 3.11 on linux)." in found


def test_a_pin_outside_its_bound_is_named(copy: Path) -> None:
    replace(copy / "pyproject.toml", '"rich>=', '"rich>=9')
    assert any("rich>=9" in sentence and "pinned" in sentence for sentence in lock.disagreements(copy))


@pytest.mark.parametrize("larger", ["test", "bench"])
def test_a_package_missing_from_a_larger_lock_is_named(copy: Path, larger: str) -> None:
    without(copy / "locks" / f"{larger}.txt", "tornado")
    assert any(sentence.startswith(f"locks/{larger}.txt lacks tornado==") for sentence in lock.disagreements(copy))


def test_what_only_the_benchmarks_need_is_pinned_for_them_alone() -> None:
    pinned = {name: {pin.name for pin in lock.read_lock(ROOT / "locks" / f"{name}.txt")} for name in lock.NESTED}
    assert pinned["bench"] - pinned["test"] >= {"jax", "jaxlib"}


def test_an_environment_with_another_version_is_named(copy: Path) -> None:
    replace(copy / "environment.yml", "numpy==", "numpy==9")
    assert lock.disagreements(copy) == ["environment.yml lists other packages than locks/course.txt."]


def test_a_pin_without_a_hash_is_named(copy: Path) -> None:
    path = copy / "locks" / "installer.txt"
    path.write_text(path.read_text().split(" \\\n")[0] + "\n")
    found = lock.disagreements(copy)
    assert len(found) == 1 and found[0].startswith("locks/installer.txt: uv==") and found[0].endswith("has no hash.")


def test_an_address_in_a_lock_is_named(copy: Path) -> None:
    path = copy / "locks" / "course.txt"
    path.write_text("# from https://example.org\n" + path.read_text())
    assert lock.disagreements(copy) == ["locks/course.txt holds an address; a lock is versions and hashes only."]


def test_a_line_that_is_no_pin_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "some.txt"
    path.write_text("numpy>=2\n")
    with pytest.raises(ValueError, match="some.txt holds a line that is no pin: 'numpy>=2'"):
        lock.read_lock(path)


def test_a_pin_reads_back_with_its_marker_and_hashes(tmp_path: Path) -> None:
    path = tmp_path / "some.txt"
    path.write_text("colorama==0.4.6 ; sys_platform == 'win32' \\\n    --hash=sha256:ab \\\n    --hash=sha256:cd\n")
    (pin,) = lock.read_lock(path)
    assert pin == lock.Pin("colorama", "0.4.6", "sys_platform == 'win32'", ("sha256:ab", "sha256:cd"))
    assert [pin.applies(lock.marker_values("3.12", platform)) for platform in ("linux", "win32")] == [False, True]


@pytest.mark.parametrize("platform", lock.PLATFORMS)
@pytest.mark.parametrize("python", lock.PYTHONS)
def test_each_supported_python_has_one_version_of_each_package(python: str, platform: str) -> None:
    here = lock.marker_values(python, platform)
    names = [pin.name for pin in lock.read_lock(ROOT / "locks" / "bench.txt") if pin.applies(here)]
    assert len(names) == len(set(names)) > 100


def test_what_is_left_out_on_purpose_is_in_no_lock() -> None:
    for name in lock.NESTED:
        assert {pin.name for pin in lock.read_lock(ROOT / "locks" / f"{name}.txt")}.isdisjoint(lock.LEFT_OUT)
