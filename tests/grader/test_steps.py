"""The steps in nbgrader: what each makes of a notebook, apart from a whole course."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from grader.errors import GraderError
from grader.notebooks.form import read_notebook
from grader.steps import Judge, KeepRecord, Repair, SubmissionExporter
from grader.steps.judge import exercise_id, is_test
from grader.verdict import MIME

SUM_TEST = 'check("01-perceptron/weighted_sum", weighted_sum)'
RIGHT = """# graded: 01-perceptron/weighted_sum
def weighted_sum(inputs, weights):
    return sum(map(mul, inputs, weights))"""


def cell_with(source: str, **marks: object) -> NotebookNode:
    return new_code_cell(source, metadata={"nbgrader": NotebookNode({"grade_id": "x", "schema_version": 3} | marks)})


def notebook(*cells: NotebookNode) -> NotebookNode:
    return new_notebook(cells=list(cells))


def judged(*sources: str, points: float = 1) -> NotebookNode:
    cells = [new_code_cell(source) for source in sources]
    nb, _ = Judge().preprocess(notebook(*cells, cell_with(SUM_TEST, grade=True, solution=False, points=points)), {})
    return nb.cells[-1]


# ---------------------------------------------------------------- judge


def test_a_right_answer_gets_its_points_as_the_number_nbgrader_reads():
    cell = judged("from operator import mul", RIGHT)
    (output,) = cell.outputs
    assert output.output_type == "execute_result"
    assert output.data["text/plain"] == "1.0"
    assert output.data[MIME]["status"] == "passed"
    assert output.data["text/html"].startswith("<section")


def test_nbgrader_reads_that_number_as_the_score():
    from nbgrader.utils import determine_grade

    assert determine_grade(judged("from operator import mul", RIGHT)) == (1.0, 1.0)
    assert determine_grade(judged(RIGHT.replace("sum(", "max("))) == (0.0, 1.0)


def test_points_are_those_of_the_test_cell():
    cell = judged("from operator import mul", RIGHT, points=4)
    assert cell.outputs[0].data["text/plain"] == "4.0"
    assert cell.outputs[0].data[MIME]["max_points"] == 4.0


def test_outputs_a_student_left_in_a_test_cell_are_replaced():
    cell = cell_with(SUM_TEST, grade=True, points=1)
    cell.outputs = [new_output("execute_result", data={"text/plain": "100"}, execution_count=1)]
    nb, _ = Judge().preprocess(notebook(cell), {})
    assert [output.data["text/plain"] for output in nb.cells[0].outputs] == ["0.0"]


def test_outputs_of_other_cells_and_manual_answers_stay():
    printed = new_output("stream", name="stderr", text="a warning")
    manual = cell_with("plot()", grade=True, solution=True, points=2)
    manual.outputs = [printed]
    nb, _ = Judge().preprocess(notebook(manual, new_markdown_cell("words")), {})
    assert nb.cells[0].outputs == [printed]


def test_a_cell_that_never_ends_elsewhere_costs_nothing():
    assert judged("while True:\n    pass", "from operator import mul", RIGHT).outputs[0].data["text/plain"] == "1.0"


def test_a_test_cell_without_a_check_is_refused_in_one_sentence():
    with pytest.raises(GraderError, match=r'the test cell "x" was to be judged, but it has no check\('):
        exercise_id(cell_with("assert True", grade=True, points=1))


def test_manual_and_markdown_cells_are_no_tests():
    assert not is_test(cell_with("", grade=True, solution=True))
    assert not is_test(new_markdown_cell("", metadata={"nbgrader": {"grade": True}}))
    assert is_test(cell_with("", grade=True, solution=False))


# ---------------------------------------------------------------- reading


def came(path, exporter: SubmissionExporter | None = None) -> dict:
    exporter = exporter or SubmissionExporter()
    seen = {}
    exporter.register_preprocessor(
        lambda nb, resources: seen.update(resources=resources) or (nb, resources), enabled=True
    )
    exporter.from_filename(str(path))
    return seen["resources"]["minitf"]


def test_a_damaged_file_becomes_an_empty_notebook_and_a_sentence(tmp_path):
    path = tmp_path / "perceptron.ipynb"
    path.write_bytes(b'{"cells": [')
    assert came(path)["notebook"] is None
    assert "its JSON is damaged" in came(path)["problems"][0]
    assert json.loads(SubmissionExporter().from_filename(str(path))[0])["cells"] == []


def test_a_sound_file_comes_with_its_digest_and_the_notes_known_before(tmp_path):
    path = tmp_path / "perceptron.ipynb"
    path.write_text(json.dumps(notebook(new_code_cell("x = 1"))), encoding="utf-8")
    exporter = SubmissionExporter(notes=["It had another name."])
    found = came(path, exporter)
    assert found["problems"] == ["It had another name."]
    assert len(found["submission"]) == 64
    assert found["notebook"].cells[0].source == "x = 1"


def test_a_file_with_doubled_ids_is_read_without_a_warning(tmp_path):
    path = tmp_path / "perceptron.ipynb"
    nb = notebook(new_code_cell("x = 1", id="same"))
    nb.cells.append(deepcopy(nb.cells[0]))
    path.write_text(json.dumps(nb), encoding="utf-8")
    assert [each.id for each in came(path)["notebook"].cells] == ["same", "same"]


# ---------------------------------------------------------------- outside a course


@pytest.mark.parametrize("step", [Repair, KeepRecord])
def test_a_step_outside_a_course_says_where_it_belongs(step):
    with pytest.raises(GraderError, match="was run outside a course: name it in the lists of nbgrader_config.py"):
        step(parent=NotebookExporter()).preprocess(notebook(), {"nbgrader": {"assignment": "x"}})


# ---------------------------------------------------------------- within the class


def test_a_graded_notebook_carries_its_repairs(graded_class_notebook):
    repairs = graded_class_notebook("a test cell deleted").metadata.minitf.repairs
    assert len(repairs) == 1 and repairs[0].endswith("was missing; it has been put back.")
    assert graded_class_notebook("everything right").metadata.minitf.repairs == []


def test_a_graded_notebook_has_the_released_cells_in_order(graded_class_notebook, released):
    want = [cell.id for cell in read_notebook(released / "release" / "01-perceptron" / "perceptron.ipynb").cells]
    for why in ("everything right", "cells copied", "all metadata lost", "saved by Colab", "a damaged file"):
        nb = graded_class_notebook(why)
        assert [cell.metadata.nbgrader.grade_id for cell in nb.cells if "nbgrader" in cell.metadata] == [
            name for name in want if name in {c.id for c in nb.cells if "nbgrader" in c.metadata}
        ]
        assert nb.metadata.kernelspec.language == "python"


@pytest.fixture
def graded_class_notebook(request):
    sample = request.getfixturevalue("graded")

    def notebook_of(why: str) -> NotebookNode:
        folder = sample.root / "autograded" / sample.of(why).student / "01-perceptron"
        return read_notebook(folder / "perceptron.ipynb")

    return notebook_of
