"""`make lab` hands out copies, and never touches one that a student changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.lab import hand_out

NAME = "01-perceptron/perceptron.ipynb"


@pytest.fixture
def release(tmp_path: Path) -> Path:
    path = tmp_path / "release" / NAME
    path.parent.mkdir(parents=True)
    path.write_text("first version")
    return tmp_path / "release"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "student's work"


def test_the_first_time_every_file_is_copied(release: Path, work: Path) -> None:
    assert hand_out(release, work) == []
    assert (work / NAME).read_text() == "first version"


def test_an_unchanged_copy_follows_a_new_release(release: Path, work: Path) -> None:
    hand_out(release, work)
    (release / NAME).write_text("second version")
    assert hand_out(release, work) == []
    assert (work / NAME).read_text() == "second version"


def test_a_changed_copy_stays_without_a_word_while_the_release_is_the_same(release: Path, work: Path) -> None:
    hand_out(release, work)
    (work / NAME).write_text("my answer")
    assert hand_out(release, work) == []
    assert (work / NAME).read_text() == "my answer"


def test_a_changed_copy_stays_and_a_new_release_is_announced(release: Path, work: Path) -> None:
    hand_out(release, work)
    (work / NAME).write_text("my answer")
    (release / NAME).write_text("second version")
    assert hand_out(release, work) == [
        f"{NAME} is yours and stays; its newer version comes when you rename or remove yours."
    ]
    assert (work / NAME).read_text() == "my answer"


def test_a_removed_copy_comes_back(release: Path, work: Path) -> None:
    hand_out(release, work)
    (work / NAME).unlink()
    hand_out(release, work)
    assert (work / NAME).read_text() == "first version"


def test_a_file_of_the_same_name_that_was_never_handed_out_stays(release: Path, work: Path) -> None:
    (work / NAME).parent.mkdir(parents=True)
    (work / NAME).write_text("brought from elsewhere")
    assert len(hand_out(release, work)) == 1
    assert (work / NAME).read_text() == "brought from elsewhere"
