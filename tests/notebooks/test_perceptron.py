"""Chapter 1 as a student meets it: empty, and solved; and the facts that its text relies on."""

import re
from fractions import Fraction
from itertools import permutations, product

import nbformat
import numpy as np
import pytest

from grader.chapters import chapter
from grader.exercise import exercises
from grader.notebooks.refresh import executed
from grader.notebooks.release import released

PERCEPTRON = chapter("01-perceptron")
NAMES = list(exercises("01-perceptron"))
TENTHS = [7, 6, 5, 3, 4]
WEIGHTS = [0.7, 0.6, 0.5, 0.3, 0.4]


def source():
    return nbformat.read(PERCEPTRON.path, as_version=4)


def run(notebook, folder):
    """Run *notebook* from top to bottom in *folder*, whatever its cells raise; return its cells by id."""
    for cell in notebook.cells:
        cell.metadata["tags"] = ["raises-exception"]
    return {cell.id: cell for cell in executed(notebook, folder).cells}


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    return run(source(), tmp_path_factory.mktemp("solved"))


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    return run(released(source()), tmp_path_factory.mktemp("empty"))


def errors(cells):
    return {
        identity: output.ename
        for identity, cell in cells.items()
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "error"
    }


def shown(cell):
    return "\n".join(output["data"]["text/plain"] for output in cell.outputs if "data" in output)


def printed(cell):
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def test_the_released_copy_runs_through_with_unwritten_code_as_its_only_error(empty):
    assert set(errors(empty).values()) <= {"NotImplementedError"}
    assert set(errors(empty)) == {"your-network"}


@pytest.mark.parametrize("name", NAMES)
def test_in_the_released_copy_a_check_kindly_says_that_nothing_is_written(empty, name):
    said = shown(empty[f"{name.replace('_', '-')}-check"])

    assert "nothing written yet" in said.lower()
    assert "Write your code in the cell above" in said


@pytest.mark.parametrize("name", NAMES)
def test_in_the_source_every_check_gives_full_marks(solved, name):
    task = exercises("01-perceptron")[name]
    said = "noted" if task.guess else "right"

    verdict = shown(solved[f"{name.replace('_', '-')}-check"])

    assert verdict.startswith(f"✓ {name}: {said}, {task.points:g} of {task.points:g}")


def test_the_source_runs_without_an_error_and_its_card_is_full(solved):
    assert errors(solved) == {}
    assert shown(solved["progress"]).startswith("01-perceptron: 25 of 25 points, 16 of 16 exercises done")


def test_every_graded_cell_has_a_number_and_its_points_in_the_text_above_it():
    text = ""
    for cell in source().cells:
        grading = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "markdown":
            text += cell.source
        elif grading.get("solution") and cell.id != "opening":
            number = re.search(r'"""(?:Exercise|Guess) (\d\.\d):', cell.source)
            points = exercises("01-perceptron")[cell.id.replace("-", "_")].points
            assert number, cell.id
            assert re.search(rf"\*\*(Exercise|Guess) {number[1]}\*\* \({points} points?\)", text), cell.id


def test_no_solution_is_left_in_the_released_copy():
    student = released(source())

    for cell in student.cells:
        assert "SOLUTION" not in cell.source
    assert "Ana's weights without a miss" not in "".join(cell.source for cell in student.cells)


def test_the_chapter_fits_its_shape():
    cells = source().cells
    figures = [cell for cell in cells if cell.cell_type == "code" and "plot." in cell.source]
    points = [cell.metadata.get("nbgrader", {}).get("points", 0) for cell in cells]

    assert len(cells) <= 70
    assert len(figures) >= 6
    assert sum(points) == 27


def test_four_questions_say_yes_3_times_of_16_and_five_10_times_of_32():
    def yes(tenths):
        return sum(
            sum(x * w for x, w in zip(row, tenths, strict=True)) > 15 for row in product([0, 1], repeat=len(tenths))
        )

    assert (yes(TENTHS[:4]), yes(TENTHS)) == (3, 10)


def test_looking_up_pays_on_evenings_in_the_notes_and_hardly_on_others(solved):
    names = {"np": np, "product": product}
    exec(solved["learning-from-notes"].source.partition("plot.curves")[0], names)
    on_all, on_new, lazy = names["on_all"], names["on_new"], 22 / 32

    assert on_all[21] < 0.9 <= on_all[22]
    assert on_new[1] < 0.6
    assert all(abs(share - lazy) < 0.05 for share in on_new[5:])


def test_two_evenings_meet_the_threshold_exactly_in_floats_too_whatever_the_order():
    ties = [row for row in product([0, 1], repeat=5) if sum(x * w for x, w in zip(row, TENTHS, strict=True)) == 15]

    assert ties == [(0, 1, 1, 0, 1), (1, 0, 1, 1, 0)]
    for row in ties:
        for order in permutations([w for x, w in zip(row, WEIGHTS, strict=True) if x]):
            for kind in (float, np.float32):
                a, b, c = (kind(w) for w in order)
                assert a + b + c == kind(1.5)


def test_eves_sum_is_over_her_threshold_in_some_orders_only():
    decisions = {a + b + c > 0.6 for a, b, c in permutations([0.1, 0.2, 0.3])}

    assert decisions == {True, False}
    assert sum(map(Fraction, ("0.1", "0.2", "0.3"))) == Fraction("0.6")


def test_the_text_says_what_the_cells_print(solved):
    assert "sum >  1.5: 10 evenings" in printed(solved["all-evenings"])
    assert "sum >= 1.5: 12 evenings" in printed(solved["all-evenings"])
    assert "3 of 16" in shown(solved["four-or-five"]) and "10 of 32" in shown(solved["four-or-five"])
    assert "4913 neurons follow 14 of the 16 rules; nobody follows (0, 1, 1, 0) (1, 0, 0, 1)" in printed(
        solved["search"]
    )
    assert "4 of 4 rows: 0 of 4913" in shown(solved["search"])
    assert [line.split()[3] for line in printed(solved["spikes"]).splitlines()] == ["0", "2", "7"]
    assert "agree on 32 of 32 evenings" in printed(solved["your-network"])
    assert "All points lie on the right side." in shown(solved["your-network"])


def test_the_model_answer_to_the_diary_is_as_good_as_it_says(solved):
    names = {"product": product}
    exec(solved["diary-thresholds"].source.partition("sams_weights = ")[0], names)

    assert names["wasted_and_missed"]([0.6, 0.2, 0.4, -0.4, 0.4], 0.9) == (1, 0)
    assert names["wasted_and_missed"]([0.6, 0.3, 0.3, -0.6, 0.6], 1.05) == (0, 1)
    without_a_miss = [names["wasted_and_missed"](WEIGHTS, 0.05 + 0.1 * n) for n in range(26)]
    assert {((1, 0, 1, 0, 0), 0), ((1, 0, 1, 0, 0), 1)} <= set(names["DIARY"]), "twins: one mistake is sure"
    assert min(wasted for wasted, missed in without_a_miss if missed == 0) == 4
