from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grader.notebooks.form import read_notebook, text_of, write_notebook

Run = Callable[..., Any]


def files_of(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_check_fails_until_release_is_written_and_then_passes(tree: Path, run: Run) -> None:
    before = run("check")
    assert before.exit_code == 1 and "release/90-sample/sample.ipynb: missing: run release" in before.output
    assert run("release").exit_code == 0
    after = run("check")
    assert after.exit_code == 0, after.output
    assert "90-sample" in after.output and "ok" in after.output


def test_check_finds_all_three_kinds_of_fault_at_once_and_writes_nothing(
    tree: Path, run: Run, make: SimpleNamespace
) -> None:
    run("release")
    path = tree / "notebooks" / make.chapter / "sample.ipynb"
    broken = make.good()
    broken.cells[2].source = f"#### Doubling {make.misspelt} numbers  \n\n"
    path.write_text(text_of(broken))
    (tree / "release" / "gone.txt").write_text("")
    before = files_of(tree)
    result = run("check")
    assert result.exit_code == 1
    assert "not in canonical form" in result.output
    assert "cell doubling: heading-order" in result.output
    assert f"cell doubling: spelling: '{make.misspelt}' is spelled 'the'" in result.output
    assert "release/90-sample/sample.ipynb: not what its source says" in result.output
    assert "release/gone.txt: no source has this file" in result.output
    assert files_of(tree) == before


def test_check_passes_with_warnings(tree: Path, run: Run, make: SimpleNamespace) -> None:
    wordy = make.good()
    wordy.cells[2].source += "\n\n" + "word " * 200
    write_notebook(wordy, tree / "notebooks" / make.chapter / "sample.ipynb")
    run("normalise")
    run("release")
    result = run("check")
    assert result.exit_code == 0 and "1 warning" in result.output and "long-text" in result.output


def test_check_says_when_spelling_was_not_checked(tree: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("cli", "review"):
        monkeypatch.setattr(f"grader.notebooks.{place}.can_spell", lambda: False)
    run("release")
    result = run("check")
    assert result.exit_code == 0 and "codespell is not installed" in result.output


def test_check_reports_a_notebook_that_cannot_be_released_beside_its_findings(
    tree: Path, run: Run, make: SimpleNamespace
) -> None:
    broken = make.good()
    broken.cells[3].source = "### BEGIN SOLUTION\ndouble = 1"
    write_notebook(broken, tree / "notebooks" / make.chapter / "sample.ipynb")
    result = run("check")
    assert result.exit_code == 1
    assert "no end solution statement found" in result.output and "solution-marks" in result.output
    assert "refused" in result.output


def test_normalise_writes_the_canonical_form_and_check_only_tells(tree: Path, run: Run, make: SimpleNamespace) -> None:
    path = tree / "notebooks" / make.chapter / "sample.ipynb"
    path.write_text(text_of(make.good()).replace("Twice is enough.", "Twice is enough.   "))
    messy = path.read_bytes()
    told = run("normalise", "--check")
    assert told.exit_code == 1 and "not in canonical form" in told.output and path.read_bytes() == messy
    assert run("normalise").exit_code == 0
    assert read_notebook(path) == make.good()
    assert run("normalise", "--check").exit_code == 0


def test_normalise_takes_files_and_folders(
    tree: Path, run: Run, make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tree / "elsewhere" / "a.ipynb"
    write_notebook(make.notebook(make.text("title", "# A")), other)
    assert "1 notebook, 1 changed" in run("normalise", str(other)).output
    write_notebook(make.notebook(make.text("title", "# A  ")), other.parent / ".ipynb_checkpoints" / "a.ipynb")
    assert "1 notebook, 0 changed" in run("normalise", str(other.parent)).output
    monkeypatch.chdir(tree / "notebooks")
    assert "1 notebook, 0 changed" in run("normalise", "../elsewhere").output


def test_normalise_writes_nothing_if_one_of_its_files_is_damaged(tree: Path, run: Run, make: SimpleNamespace) -> None:
    messy, damaged = tree / "messy.ipynb", tree / "damaged.ipynb"
    write_notebook(make.notebook(make.text("title", "# A  ")), messy)
    damaged.write_text("{")
    before = files_of(tree)
    result = run("normalise", str(messy), str(damaged))
    assert result.exit_code == 2 and "damaged.ipynb" in result.stderr
    assert files_of(tree) == before


def test_lint_prints_file_cell_rule_and_advice(tree: Path, run: Run, make: SimpleNamespace) -> None:
    assert run("lint").exit_code == 0
    broken = make.good()
    broken.cells[4].metadata.nbgrader.points = 0
    write_notebook(broken, tree / "notebooks" / make.chapter / "sample.ipynb")
    result = run("lint", "--spelling")
    assert result.exit_code == 1
    expected = (
        "notebooks/90-sample/sample.ipynb: cell double-check: points: it is graded with 0 points: give it more than 0"
    )
    assert expected in result.output


def test_lint_lists_its_rules(run: Run) -> None:
    result = run("lint", "--rules")
    assert result.exit_code == 0 and "check-follows" in result.output


def test_release_check_lists_drift_and_writes_nothing(tree: Path, run: Run, make: SimpleNamespace) -> None:
    run("release")
    student = tree / "release" / make.chapter / "sample.ipynb"
    student.write_text(student.read_text().replace("YOUR CODE HERE", "MY CODE HERE"))
    before = files_of(tree)
    result = run("release", "--check")
    assert result.exit_code == 1 and "MY CODE HERE" in result.output
    assert files_of(tree) == before
    assert run("release").exit_code == 0 and run("release", "--check").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("lint", "none.ipynb"), "no such file"),
        (("normalise", "none.ipynb"), "no such file"),
        (("normalise", "empty"), "holds no notebook"),
        (("refresh", "7"), "the chapters are 90-sample"),
        (("refresh", "perceptron", "--check"), "the chapters are 90-sample"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(tree: Path, run: Run, arguments: tuple[str, ...], said: str) -> None:
    (tree / "empty").mkdir()
    before = files_of(tree)
    result = run(*arguments)
    assert result.exit_code == 2 and said in result.stderr
    assert result.stderr.count("\n") == 1 and "Traceback" not in result.stderr
    assert files_of(tree) == before


@pytest.mark.parametrize("command", ["normalise", "lint", "release", "refresh", "check"])
def test_a_damaged_source_is_one_sentence_and_status_2(
    tree: Path, run: Run, make: SimpleNamespace, command: str
) -> None:
    (tree / "notebooks" / make.chapter / "sample.ipynb").write_text("{")
    result = run(command)
    assert result.exit_code == 2 and result.stderr.count("\n") == 1 and "not JSON" in result.stderr


@pytest.mark.parametrize("command", ["normalise", "lint", "release", "refresh", "check"])
def test_a_tree_without_notebooks_is_one_sentence_and_status_2(
    tree: Path, run: Run, make: SimpleNamespace, command: str
) -> None:
    (tree / "notebooks" / make.chapter / "sample.ipynb").unlink()
    result = run(command)
    assert result.exit_code == 2 and "there are none" in result.stderr


def test_the_module_runs_as_a_command() -> None:
    command = [sys.executable, "-m", "grader.notebooks", "check", "--root", "no-such-folder"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert result.returncode == 2 and result.stderr.startswith("error: --root no-such-folder was given")


@pytest.mark.parametrize("command", ["normalise", "lint", "release", "refresh", "check"])
def test_every_command_has_a_help(run: Run, command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0 and "--root" in result.output
