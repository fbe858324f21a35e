"""Everybody in the generated class gets the score, the message and the notes that the submission deserves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader import course as courses
from grader.display import console
from grader.errors import GraderError
from grader.exercise import exercises
from grader.sample_class import _own_course, differences
from grader.steps.judge import is_test

MOST_MISTAKES = max(len(exercise.mistakes) for exercise in exercises("01-perceptron").values())
WHYS = [
    "everything right",
    "every second exercise",
    "nothing written",
    "a syntax error",
    "an endless loop",
    "a cell that ends the process",
    "a cell that crashes the interpreter",
    "an exception",
    "right, with warnings",
    "a test cell deleted",
    "cells copied",
    "all metadata lost",
    "saved by Colab",
    "metadata of a later version",
    "a test cell rewritten",
    "accepted variant 1 of each exercise",
    "accepted variant 2 of each exercise",
    *(f"known mistake {number} of each exercise" for number in range(1, MOST_MISTAKES + 1)),
    "a file of another name",
    "a damaged file",
    "no notebook in the folder",
]


def test_these_are_all_the_reasons_for_which_somebody_is_in_the_class(graded):
    assert [each.why for each in graded.specimens] == WHYS


@pytest.mark.parametrize("why", WHYS)
def test_every_score_status_mistake_message_and_note_is_the_deserved_one(graded, why):
    specimen = graded.of(why)
    came = {student.id: student for student in graded.results().students}
    assert differences(specimen, came[specimen.student]) == []


@pytest.mark.parametrize("why", WHYS)
def test_the_gradebook_holds_the_deserved_total(graded, why):
    from nbgrader.api import Gradebook

    specimen = graded.of(why)
    with Gradebook(graded.course.db_url) as gradebook:
        assert gradebook.find_submission("01-perceptron", specimen.student).score == specimen.total


def test_every_known_mistake_of_the_chapter_is_made_by_somebody(graded):
    made = {(name, each.mistake) for one in graded.specimens for name, each in one.expected.items() if each.mistake}
    known = {(each.id, name) for each in exercises("01-perceptron").values() for name in each.mistakes}
    assert made == known


def test_every_mistake_is_answered_with_its_own_message(graded):
    by_id = {each.id: each for each in exercises("01-perceptron").values()}
    for student in graded.results().students:
        for name, result in student.results.items():
            if result.mistake is not None:
                assert result.message == by_id[name].mistakes[result.mistake].message


def test_a_difference_in_points_message_or_notes_is_told(graded):
    specimen = graded.of("everything right")
    came = {student.id: student for student in graded.results().students}
    told = differences(specimen, came[graded.of("an exception").student])
    assert len(told) == 1 and "'error', None) where" in told[0]
    assert differences(specimen, came[graded.of("a test cell deleted").student]) != []
    assert differences(specimen, None) == ["is not in the gradebook"]


def test_the_class_is_the_same_every_time(graded):
    from grader.sample_class import class_of

    assert class_of(graded.course, graded.chapter) == graded.specimens


def test_manual_exercises_wait_for_the_instructor_where_something_was_written(graded):
    results = {student.id: student for student in graded.results().students}
    written, blank = graded.of("everything right"), graded.of("nothing written")
    assert results[written.student].waiting == ("01-perceptron/choose_weights",)
    assert results[blank.student].waiting == ()


def test_students_are_called_by_their_names(graded):
    assert "Elif Yılmaz" in {student.name for student in graded.results().students}


def test_the_graded_notebook_has_a_number_and_a_verdict_in_every_test_cell(graded):
    from grader.notebooks.form import read_notebook

    path = graded.root / "autograded" / graded.of("an exception").student / "01-perceptron" / "perceptron.ipynb"
    for cell in filter(is_test, read_notebook(path).cells):
        (output,) = cell.outputs
        assert 0 <= float(output.data["text/plain"]) <= cell.metadata.nbgrader.points
        assert output.data["application/vnd.minitf.verdict+json"]["points"] == float(output.data["text/plain"])


def page_of(graded, why: str) -> str:
    folder: Path = graded.root / "feedback" / graded.of(why).student / "01-perceptron"
    return (folder / "perceptron.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("why", WHYS)
def test_feedback_stands_alone_and_runs_nothing(graded, why):
    page = page_of(graded, why)
    assert "<script" not in page
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!data:|#)""", page)
    assert not re.search(r"@import|url\((?!data:)", page)


def test_feedback_names_student_score_verdicts_and_repairs(graded):
    page = page_of(graded, "a test cell deleted")
    assert "Feedback for Joana Mendes" in page
    assert f"{graded.of('a test cell deleted').total:g} of 27" in page
    assert "was missing; it has been put back." in page
    assert page.count('aria-label="Verdict on ') == len(exercises("01-perceptron"))


def test_feedback_says_once_that_nothing_is_written_and_shows_no_tags_as_text(graded):
    page = page_of(graded, "nothing written")
    assert "Nothing is written yet." in page
    assert "&lt;p&gt;" not in page
    assert page.count("No response.") <= 1  # of the answer that is graded by hand


def test_feedback_on_a_mistake_shows_its_message(graded):
    message = exercises("01-perceptron")["xor"].mistakes["or with and"].message
    assert message in page_of(graded, "known mistake 2 of each exercise").replace("&#39;", "'").replace("&#x27;", "'")


def test_a_course_of_somebody_s_own_is_never_taken_for_the_sample(tmp_path: Path) -> None:
    courses.init_course(tmp_path / "mine")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(GraderError, match="which is a course already: name a new folder"):
        _own_course(tmp_path / "mine", console())
    assert sorted(tmp_path.rglob("*")) == before


def test_a_sample_of_chapters_that_have_changed_since_is_made_anew_and_another_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "course"
    course = _own_course(folder, console())
    (folder / "gradebook.db").write_bytes(b"kept")
    _own_course(folder, console())
    assert (folder / "gradebook.db").read_bytes() == b"kept"
    source = course.chapter("1").path
    fresh = source.read_bytes()
    source.write_bytes(fresh + b" ")
    _own_course(folder, console())
    assert source.read_bytes() == fresh and not (folder / "gradebook.db").exists()
