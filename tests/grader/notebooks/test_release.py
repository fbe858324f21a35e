from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from grader.chapters import chapters
from grader.errors import DamagedNotebook
from grader.notebooks.form import complaints, read_notebook, text_of, write_notebook
from grader.notebooks.release import drift, release_of, released, write_release


def test_a_student_version_has_stubs_locks_and_checksums_and_no_outputs(make: SimpleNamespace) -> None:
    student = released(make.good())
    cells = {cell.id: cell for cell in student.cells}
    assert cells["double"].source == (
        "# graded: 90-sample/double\ndef double(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    )
    assert cells["choose-one"].source == "<!-- graded: 90-sample/choose_one -->\nYOUR ANSWER HERE"
    assert cells["double-check"].metadata.editable is False
    assert len(cells["double-check"].metadata.nbgrader.checksum) == 32
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in student.cells)
    assert not list(complaints(student))


def test_the_source_is_left_alone_and_the_result_is_always_the_same(make: SimpleNamespace) -> None:
    source = make.good()
    before = text_of(source)
    assert text_of(released(source)) == text_of(released(source))
    assert text_of(source) == before


def test_a_student_version_is_what_nbgrader_makes(tmp_path: Path, make: SimpleNamespace) -> None:
    source = make.good()
    hidden = "\n\n### BEGIN HIDDEN TESTS\nassert double(3) == 6\n### END HIDDEN TESTS"
    source.cells[4].source += hidden
    write_notebook(source, tmp_path / "source" / make.chapter / "sample.ipynb")
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", make.chapter, f"--course-dir={tmp_path}"]
    # nbgrader calls the program alembic, which stands beside this Python.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120, env=os.environ | {"PATH": path})
    theirs = read_notebook(tmp_path / "release" / make.chapter / "sample.ipynb")
    ours = released(source)
    assert [(cell.id, cell.cell_type, cell.source, cell.metadata) for cell in ours.cells] == [
        (cell.id, cell.cell_type, cell.source, cell.metadata) for cell in theirs.cells
    ]
    assert [cell.get("outputs") for cell in ours.cells] == [cell.get("outputs") for cell in theirs.cells]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda cells: cells[3].update(source="### BEGIN SOLUTION\nx"), "no end solution"),
        (lambda cells: cells[4].metadata.nbgrader.update(grade_id="double"), "may be corrupted"),
        (lambda cells: cells[1].update(source="### BEGIN SOLUTION\n### END SOLUTION"), "non-solution cell"),
    ],
)
def test_a_source_that_nbgrader_refuses_is_one_sentence(make: SimpleNamespace, damage: object, said: str) -> None:
    source = make.good()
    assert callable(damage)
    damage(source.cells)
    with pytest.raises(DamagedNotebook, match=said) as caught:
        released(source)
    assert "\n" not in str(caught.value)


def test_release_holds_the_student_version_and_what_stands_beside_the_source(tree: Path, make: SimpleNamespace) -> None:
    folder = tree / "notebooks" / make.chapter
    for unwanted in (".hidden.png", "__pycache__/a.pyc", ".ipynb_checkpoints/sample-checkpoint.ipynb"):
        (folder / unwanted).parent.mkdir(exist_ok=True)
        (folder / unwanted).write_text("")
    files = release_of(list(chapters(tree / "notebooks").values()))
    assert {str(path) for path in files} == {"90-sample/sample.ipynb", "90-sample/step.png"}


def test_drift_names_missing_different_and_stale_files_and_writing_ends_it(tree: Path, make: SimpleNamespace) -> None:
    files = release_of(list(chapters(tree / "notebooks").values()))
    folder = tree / "release"
    assert [change.kind for change in drift(folder, files)] == ["missing", "missing"]
    write_release(folder, files)
    assert drift(folder, files) == []

    student = folder / make.chapter / "sample.ipynb"
    student.write_text(student.read_text().replace("YOUR CODE HERE", "MY CODE HERE"))
    (folder / "80-gone").mkdir()
    (folder / "80-gone" / "gone.ipynb").write_text("{}")
    (folder / make.chapter / ".ipynb_checkpoints").mkdir()
    (folder / make.chapter / ".ipynb_checkpoints" / "mine.ipynb").write_text("{}")
    changed, stale = drift(folder, files)
    assert (changed.path, changed.kind) == (student, "different")
    assert any(line.startswith("-") and "MY CODE HERE" in line for line in changed.diff)
    assert (stale.path.name, stale.kind) == ("gone.ipynb", "stale")

    write_release(folder, files)
    assert drift(folder, files) == [] and not (folder / "80-gone").exists()
    assert (folder / make.chapter / ".ipynb_checkpoints" / "mine.ipynb").exists()
