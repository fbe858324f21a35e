from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.chapters import Chapter, chapter, chapters, sources
from grader.errors import DamagedNotebook, GraderError, UnknownChapter


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("02-pattern-recognition/pattern_recognition", "01-perceptron/perceptron", ".hidden/x", "_drafts/y"):
        cells = [{"cell_type": "markdown", "source": ["# 1 · One neuron #\n", "\n", "Words"], "metadata": {}}]
        path = tmp_path / f"{name}.ipynb"
        path.parent.mkdir()
        path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    (tmp_path / "03-empty").mkdir()
    return tmp_path


def test_chapters_are_the_folders_with_a_notebook_in_the_order_of_the_course(folder: Path) -> None:
    assert list(chapters(folder)) == ["01-perceptron", "02-pattern-recognition"]
    assert chapters(folder)["01-perceptron"] == Chapter("01-perceptron", folder / "01-perceptron" / "perceptron.ipynb")


@pytest.mark.parametrize(
    "name", ["02-pattern-recognition", "pattern-recognition", "pattern_recognition", "2", "02", "2 "]
)
def test_a_chapter_is_found_by_full_name_short_name_and_number(folder: Path, name: str) -> None:
    assert chapter(name, folder).name == "02-pattern-recognition"


@pytest.mark.parametrize("name", ["", "3", "recognition", "99-none", "²"])
def test_an_unknown_chapter_is_refused_with_those_that_exist(folder: Path, name: str) -> None:
    with pytest.raises(UnknownChapter, match="the chapters are 01-perceptron, 02-pattern-recognition: name one"):
        chapter(name, folder)


def test_the_title_is_the_first_heading(folder: Path) -> None:
    assert chapter("1", folder).title == "1 · One neuron"


def test_a_chapter_without_heading_is_called_by_its_name(folder: Path) -> None:
    one = chapter("1", folder)
    one.path.write_text(json.dumps({"cells": []}))
    assert one.title == "01-perceptron"


@pytest.mark.parametrize("content", ["{", "[]", '{"cells": [1]}', '{"cells": [{}]}'])
def test_a_title_cannot_be_read_from_a_damaged_notebook(folder: Path, content: str) -> None:
    one = chapter("1", folder)
    one.path.write_text(content)
    with pytest.raises(DamagedNotebook, match="title"):
        one.title  # noqa: B018


def test_two_notebooks_in_a_chapter_are_refused(folder: Path) -> None:
    (folder / "01-perceptron" / "second.ipynb").write_text("{}")
    with pytest.raises(GraderError, match=r"perceptron\.ipynb and second\.ipynb"):
        chapters(folder)


def test_a_checkout_has_its_chapters_in_notebooks() -> None:
    assert sources() == Path(__file__).parents[2] / "notebooks"


def test_an_installed_package_has_its_chapters_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.chapters.__file__", str(tmp_path / "grader" / "chapters.py"))
    monkeypatch.setattr("grader.chapters.PACKAGED", tmp_path / "grader" / "notebook_sources")
    assert sources() == tmp_path / "grader" / "notebook_sources"
    assert chapters() == {}
