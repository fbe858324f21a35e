"""A submission comes back in the shape it was released in, and every change is told in a sentence."""

from __future__ import annotations

import json
from copy import deepcopy

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.nbgraderformat import MetadataValidator

from grader.repair import blank, repair
from grader.shape import sound_notebook

STUB = "# YOUR CODE HERE\n    raise NotImplementedError()"
DECIDE = "# graded: 01-perceptron/decide\ndef decide(x):\n    "
SUM = "# graded: 01-perceptron/weighted_sum\ndef weighted_sum(x, w):\n    "
TEXT = "<!-- graded: 01-perceptron/choose_weights -->\nYOUR ANSWER HERE"


def marks(grade_id: str, **more: object) -> NotebookNode:
    grading = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return NotebookNode(nbgrader=NotebookNode(grading | {"grade_id": grade_id, "checksum": "0" * 32} | more))


def answer(name: str, source: str) -> NotebookNode:
    return new_code_cell(source, id=name, metadata=marks(name, solution=True))


def test_cell(name: str, function: str) -> NotebookNode:
    source = f'check("01-perceptron/{function}", {function})'
    return new_code_cell(source, id=name, metadata=marks(name, grade=True, locked=True, points=2))


test_cell.__test__ = False


@pytest.fixture
def released() -> NotebookNode:
    return make_released()


def make_released() -> NotebookNode:
    cells = [
        new_markdown_cell("# Perceptron", id="title"),
        new_code_cell("import numpy as np\nfrom grader import check", id="setup", metadata=marks("setup", locked=True)),
        new_markdown_cell("Decide whether to go.", id="decide-text"),
        answer("decide", DECIDE + STUB),
        test_cell("decide-check", "decide"),
        answer("weighted-sum", SUM + STUB),
        test_cell("weighted-sum-check", "weighted_sum"),
        new_code_cell("def step(x):\n    return x > 0", id="demo"),
        new_markdown_cell(
            TEXT, id="choose-weights", metadata=marks("choose-weights", grade=True, solution=True, points=2)
        ),
    ]
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def solved(notebook: NotebookNode) -> NotebookNode:
    done = deepcopy(notebook)
    cell(done, "decide").source = DECIDE + "return int(x > 1)"
    cell(done, "weighted-sum").source = SUM + "return sum(a * b for a, b in zip(x, w))"
    cell(done, "choose-weights").source = TEXT.replace(
        "YOUR ANSWER HERE", "Rain weighs 0.9, because I have no umbrella."
    )
    return done


def cell(notebook: NotebookNode, cell_id: str) -> NotebookNode:
    return next(each for each in notebook.cells if each.get("id") == cell_id)


def index(notebook: NotebookNode, cell_id: str) -> int:
    return notebook.cells.index(cell(notebook, cell_id))


def as_read(notebook: NotebookNode) -> NotebookNode:
    """The notebook as it comes out of a file."""
    return sound_notebook(json.loads(json.dumps(notebook)))


def repaired(submission: NotebookNode, released: NotebookNode):
    return repair(as_read(submission), released)


def texts(notebook: NotebookNode) -> list[str]:
    return [each.source for each in notebook.cells]


# ---------------------------------------------------------------- nothing to do


def test_an_intact_submission_is_left_alone(released):
    result = repaired(solved(released), released)
    assert result.changes == ()
    assert texts(result.notebook) == texts(solved(released))


def test_the_arguments_are_not_changed(released):
    submission = as_read(solved(released))
    before = deepcopy(submission), deepcopy(released)
    submission.cells.pop(4)
    kept = deepcopy(submission)
    repair(submission, released)
    assert (submission, released) == (kept, before[1])


def test_cells_that_a_student_added_stay_where_they_are(released):
    submission = solved(released)
    submission.cells.insert(4, new_code_cell("decide(3)", id="try"))
    result = repaired(submission, released)
    assert result.changes == ()
    assert texts(result.notebook)[4] == "decide(3)"


def test_a_blank_submission_is_the_released_notebook(released):
    assert blank(released) == released


# ---------------------------------------------------------------- missing cells


def test_a_missing_test_cell_is_put_back_after_its_answer(released):
    submission = solved(released)
    submission.cells.remove(cell(submission, "decide-check"))
    result = repaired(submission, released)
    assert result.changes == ("The test cell of decide was missing; it has been put back.",)
    assert index(result.notebook, "decide-check") == index(result.notebook, "decide") + 1


def test_a_missing_answer_cell_is_put_back_empty(released):
    submission = solved(released)
    submission.cells.remove(cell(submission, "decide"))
    result = repaired(submission, released)
    assert result.changes == ("The answer cell of decide was missing; an empty one has been put back.",)
    assert cell(result.notebook, "decide").source == DECIDE + STUB


def test_an_answer_that_was_moved_into_another_cell_counts(released):
    submission = solved(released)
    submission.cells.remove(cell(submission, "decide"))
    cell(submission, "weighted-sum").source += "\n\ndef decide(x):\n    return int(x > 7)"
    result = repaired(submission, released)
    assert result.changes == (
        "The answer cell of decide held no answer, but another cell defines decide; that one counts.",
    )
    assert "return int(x > 7)" in cell(result.notebook, "decide").source


def test_an_answer_in_a_scratch_cell_counts_where_the_answer_cell_is_empty(released):
    submission = solved(released)
    cell(submission, "decide").source = DECIDE + STUB
    submission.cells.append(new_code_cell("def decide(x):\n    return int(x > 7)", id="scratch"))
    result = repaired(submission, released)
    assert "return int(x > 7)" in cell(result.notebook, "decide").source
    assert sum("def decide" in text for text in texts(result.notebook)) == 1


def test_a_demonstration_of_the_chapter_is_nobodys_answer():
    released = make_released()
    cell(released, "demo").source = "def decide(x):\n    return 1"
    result = repaired(deepcopy(released), released)
    assert result.changes == ()
    assert cell(result.notebook, "decide").source == DECIDE + STUB
    assert cell(result.notebook, "demo").source == "def decide(x):\n    return 1"


def test_many_missing_cells_are_told_in_one_sentence(released):
    submission = deepcopy(released)
    submission.cells = [each for each in submission.cells if "nbgrader" not in each.metadata]
    result = repaired(submission, released)
    assert result.changes == ("6 cells were missing; they have been put back.",)
    assert [each.id for each in result.notebook.cells if "nbgrader" in each.metadata] == [
        each.id for each in released.cells if "nbgrader" in each.metadata
    ]


# ---------------------------------------------------------------- copies


def test_of_two_answers_the_one_with_real_work_counts_whatever_the_order(released):
    for at in (3, 4):
        submission = solved(released)
        submission.cells.insert(at, deepcopy(cell(released, "decide")))
        result = repaired(submission, released)
        assert result.changes == (
            "The answer cell of decide was there twice; the copy with the last real work counts.",
        )
        assert "return int(x > 1)" in cell(result.notebook, "decide").source
        assert len(result.notebook.cells) == len(released.cells)


def test_of_two_worked_copies_the_last_counts(released):
    submission = solved(released)
    later = deepcopy(cell(submission, "decide"))
    later.source = DECIDE + "return int(x > 2)"
    submission.cells.insert(index(submission, "decide") + 1, later)
    assert "x > 2" in cell(repaired(submission, released).notebook, "decide").source


def test_a_copy_by_marker_alone_loses_against_real_work_in_the_original(released):
    submission = solved(released)
    submission.cells.append(new_code_cell(DECIDE + "return 0", id="pasted"))
    result = repaired(submission, released)
    assert "x > 1" in cell(result.notebook, "decide").source
    assert not any("return 0" in text for text in texts(result.notebook))


def test_work_in_a_pasted_copy_counts_where_the_original_is_empty(released):
    submission = deepcopy(released)
    submission.cells.append(new_code_cell(DECIDE + "return 0", id="pasted"))
    assert "return 0" in cell(repaired(submission, released).notebook, "decide").source


def test_a_copy_turned_into_a_helper_stays_as_an_ordinary_cell(released):
    submission = solved(released)
    helper = deepcopy(cell(submission, "decide"))
    helper.id, helper.source = "copy", "def helper(x):\n    return x + 1"
    submission.cells.insert(3, helper)
    result = repaired(submission, released)
    assert "x > 1" in cell(result.notebook, "decide").source
    assert cell(result.notebook, "copy").source == helper.source
    assert "nbgrader" not in cell(result.notebook, "copy").metadata


def test_a_doubled_test_cell_is_kept_once(released):
    submission = solved(released)
    submission.cells.append(deepcopy(cell(submission, "decide-check")))
    result = repaired(submission, released)
    assert result.changes == ("The test cell of decide was there twice; one has been kept.",)
    assert len(result.notebook.cells) == len(released.cells)


def test_answers_written_into_each_others_cells_are_sorted_out(released):
    submission = solved(released)
    one, other = cell(submission, "decide"), cell(submission, "weighted-sum")
    one.source, other.source = other.source, one.source
    result = repaired(submission, released).notebook
    assert "def decide" in cell(result, "decide").source
    assert "def weighted_sum" in cell(result, "weighted-sum").source


# ---------------------------------------------------------------- metadata


def test_lost_metadata_comes_back_by_cell_id(released):
    submission = solved(released)
    cell(submission, "decide").metadata = NotebookNode()
    cell(submission, "decide").source = "def decide(x):\n    return 1"
    result = repaired(submission, released)
    assert result.changes == (
        "The grading marks of the answer cell of decide were lost; they have been put back.",
        "The marker comment of decide was missing; it has been put back.",
    )
    assert cell(result.notebook, "decide").source == "# graded: 01-perceptron/decide\ndef decide(x):\n    return 1"


def test_lost_metadata_and_ids_come_back_by_marker(released):
    submission = solved(released)
    for each in submission.cells:
        each.metadata = NotebookNode()
        del each["id"]
    result = repaired(submission, released)
    assert result.changes == ("The grading marks of 6 cells were lost; they have been put back.",)
    assert [each.metadata for each in result.notebook.cells] == [each.metadata for each in released.cells]
    assert texts(result.notebook) == texts(solved(released))


def test_with_everything_else_lost_likeness_finds_the_cell(released):
    submission = solved(released)
    mine = cell(submission, "decide")
    mine.metadata, mine.id, mine.source = NotebookNode(), "x1", "def decides(x):\n    return int(x > 1)"
    result = repaired(submission, released)
    assert cell(result.notebook, "decide").source.endswith("def decides(x):\n    return int(x > 1)")


def test_a_later_schema_is_set_back(released):
    submission = solved(released)
    cell(submission, "decide-check").metadata.nbgrader.schema_version = 99
    result = repaired(submission, released)
    assert result.changes == (
        "The grading marks of the test cell of decide were of version 99; they are as released again.",
    )


def test_changed_points_are_set_back(released):
    submission = solved(released)
    cell(submission, "decide-check").metadata.nbgrader.points = 100
    result = repaired(submission, released)
    assert result.changes == (
        "The grading marks of the test cell of decide had been changed; they are as released again.",
    )
    assert cell(result.notebook, "decide-check").metadata.nbgrader.points == 2


def test_grading_marks_on_a_cell_of_ones_own_are_taken_off(released):
    submission = solved(released)
    submission.cells.append(new_code_cell("100", id="mine", metadata=marks("bonus", grade=True, points=100)))
    result = repaired(submission, released)
    assert result.changes == (
        "A cell carried grading marks that are not its own (100); it counts as an ordinary cell.",
    )
    assert "nbgrader" not in cell(result.notebook, "mine").metadata


def test_colab_puts_ids_into_the_metadata_and_loses_the_language(released):
    submission = solved(released)
    for each in submission.cells:
        each.metadata["id"] = each.pop("id")
    submission.nbformat_minor = 0
    submission.metadata = NotebookNode(colab={"provenance": []}, kernelspec={"name": "python3"})
    result = repaired(submission, released)
    assert result.changes == ("The file was saved by Colab, which moves cell ids; they have been put back.",)
    assert [each.id for each in result.notebook.cells] == [each.id for each in released.cells]
    assert result.notebook.metadata.kernelspec.language == "python"


def test_an_id_used_twice_is_given_to_one_cell_only(released):
    submission = solved(released)
    submission.cells.append(new_markdown_cell("my notes", id="title"))
    result = repaired(submission, released)
    assert result.changes == ("A cell had the id of another one; it has got one of its own.",)
    assert len({each.id for each in result.notebook.cells}) == len(result.notebook.cells)


# ---------------------------------------------------------------- provided text


def test_a_changed_test_cell_gets_its_text_back(released):
    submission = solved(released)
    cell(submission, "decide-check").source = "2"
    result = repaired(submission, released)
    assert result.changes == ("The test cell of decide had been changed; it is as released again.",)
    assert cell(result.notebook, "decide-check").source == cell(released, "decide-check").source


def test_a_changed_setup_cell_gets_its_text_back(released):
    submission = solved(released)
    cell(submission, "setup").source = "check = lambda *anything: 2"
    result = repaired(submission, released)
    assert result.changes == ('The provided cell "setup" had been changed; it is as released again.',)


def test_outputs_of_tests_are_cleared_and_those_of_answers_kept_in_safe_form(released):
    submission = solved(released)
    html = {"text/html": "<script>alert(1)</script>", "text/plain": "a table"}
    picture = {"output_type": "display_data", "metadata": {}, "data": html}
    cell(submission, "decide").outputs = [picture]
    cell(submission, "decide-check").outputs = [picture]
    result = repaired(submission, released).notebook
    assert [dict(output.data) for output in cell(result, "decide").outputs] == [{"text/plain": "a table"}]
    assert cell(result, "decide-check").outputs == []


def test_a_cell_that_changed_its_type_gets_it_back_and_keeps_the_words(released):
    submission = solved(released)
    place = index(submission, "choose-weights")
    old = submission.cells[place]
    submission.cells[place] = new_code_cell(old.source, id=old.id, metadata=old.metadata)
    result = repaired(submission, released)
    assert result.changes == ("The answer cell of choose_weights had become a code cell; it is a text cell again.",)
    assert "umbrella" in cell(result.notebook, "choose-weights").source


def test_a_syntax_error_is_still_the_students_answer(released):
    submission = solved(released)
    cell(submission, "decide").source = DECIDE + "return ("
    result = repaired(submission, released)
    assert result.changes == ()
    assert cell(result.notebook, "decide").source == DECIDE + "return ("


# ---------------------------------------------------------------- whatever comes

ACCIDENTS = st.lists(
    st.tuples(
        st.sampled_from(["delete", "copy", "lose", "forget id", "schema", "move", "empty", "swap type"]),
        st.integers(0, 20),
    ),
    max_size=8,
)


def suffer(notebook: NotebookNode, accidents: list[tuple[str, int]]) -> NotebookNode:
    for accident, number in accidents:
        if not notebook.cells:
            break
        at = number % len(notebook.cells)
        mine = notebook.cells[at]
        if accident == "delete":
            notebook.cells.pop(at)
        elif accident == "copy":
            notebook.cells.insert(number % (len(notebook.cells) + 1), deepcopy(mine))
        elif accident == "lose":
            mine.metadata = NotebookNode()
        elif accident == "forget id":
            mine.pop("id", None)
        elif accident == "schema":
            mine.metadata = NotebookNode(nbgrader={"schema_version": number, "grade_id": mine.get("id", "?")})
        elif accident == "move":
            notebook.cells.append(notebook.cells.pop(at))
        elif accident == "empty":
            mine.source = ""
        else:
            mine.cell_type = "raw"
    return notebook


@given(ACCIDENTS)
@settings(max_examples=150)
def test_whatever_happened_every_released_cell_is_there_once_and_a_second_repair_finds_nothing(accidents):
    released = make_released()
    first = repaired(suffer(solved(released), accidents), released)
    nbformat.validate(first.notebook)
    MetadataValidator().validate_nb(first.notebook)
    places = {each.metadata.nbgrader.grade_id: each for each in first.notebook.cells if "nbgrader" in each.metadata}
    for each in released.cells:
        if "nbgrader" in each.metadata:
            found = places.pop(each.metadata.nbgrader.grade_id)
            assert (found.id, found.cell_type, found.metadata) == (each.id, each.cell_type, each.metadata)
            if not each.metadata.nbgrader.solution:
                assert found.source == each.source
    assert places == {}
    second = repaired(first.notebook, released)
    assert second.changes == ()
    assert second.notebook == first.notebook


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "cells",
                    "cell_type",
                    "source",
                    "metadata",
                    "id",
                    "outputs",
                    "nbgrader",
                    "grade_id",
                    "data",
                    "text/plain",
                ]
            )
            | st.text(max_size=8),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)


@given(st.lists(JSON, max_size=6), JSON)
@settings(max_examples=150)
def test_any_json_in_place_of_cells_and_metadata_is_repaired(cells, metadata):
    released = make_released()
    result = repair(sound_notebook({"cells": cells, "metadata": metadata, "nbformat": 4}), released)
    nbformat.validate(result.notebook)
    json.dumps(result.notebook).encode("utf-8")
    assert {each.id for each in released.cells if "nbgrader" in each.metadata} <= {
        each.id for each in result.notebook.cells
    }
