"""A figure's text describes what the figure shows, and changes with it; its picture is small and repeatable."""

from __future__ import annotations

import io
import math
import pathlib

import numpy as np
import pytest
from PIL import Image

from minitf import plot

SQUARE = [(0, 0), (0, 1), (1, 0), (1, 1)]
WEIGHTS = [0.7, 0.6, 0.5, 0.3, 0.4]
NAMES = ["friend", "music", "near", "weather", "money"]


def summaries() -> dict[str, plot.Summary]:
    gates = [[("or", (1, 1), 1), ("nand", (-1, -1), -1)], [("and", (1, 1), 2)]]
    return {
        "step_function": plot.step_function(1.5),
        "activations": plot.activations({"step": lambda z: z >= 0, "sigmoid": lambda z: 1 / (1 + math.exp(-z))}),
        "decision_boundary": plot.decision_boundary(lambda p: p[0] + p[1] > 1.5, SQUARE, [0, 0, 0, 1]),
        "weighted_sum": plot.weighted_sum([1, 0, 1, 0, 1], WEIGHTS, 1.5, names=NAMES),
        "neuron": plot.neuron(None, WEIGHTS, 1.5, names=NAMES, biological=True),
        "network": plot.network(gates),
        "curves": plot.curves({"loss": ([0, 1, 2], [4, 1, 0.5])}, level=("aim", 0.6)),
        "sums": plot.sums([0.0, 0.5, 1.0, 1.0, 1.5], 1.0),
        "bars": plot.bars({"4 inputs": 3, "5 inputs": 10}, of={"4 inputs": 16, "5 inputs": 32}),
        "compare": plot.compare({"Ada": 1.6, "Bo": 0.9}, 1.5),
        "truth_table": plot.truth_table({"go": lambda case: sum(case) > 2}, NAMES),
    }


@pytest.mark.parametrize("name", summaries())
def test_a_figure_is_a_small_picture_with_its_text_as_alternative(name: str) -> None:
    summary = summaries()[name]
    bundle, metadata = summary._repr_mimebundle_()
    assert bundle["text/plain"] == str(summary) == repr(summary) == metadata["image/png"]["alt"]
    assert len(bundle["image/png"]) < 40_000
    picture = Image.open(io.BytesIO(bundle["image/png"]))
    assert picture.info.get("Software") is None
    assert picture.width == pytest.approx(1.5 * metadata["image/png"]["width"], abs=2)
    assert picture.height == pytest.approx(1.5 * metadata["image/png"]["height"], abs=2)


@pytest.mark.parametrize("name", summaries())
def test_the_same_figure_has_the_same_bytes_and_the_same_text(name: str) -> None:
    first, second = summaries()[name], summaries()[name]
    assert first.png() == second.png()
    assert first.text == second.text


def test_every_figure_of_the_package_is_tested_here() -> None:
    assert set(summaries()) == set(plot.__all__) - {"Summary"}


def test_drawing_leaves_matplotlibs_settings_and_figures_alone() -> None:
    import matplotlib
    from matplotlib import pyplot

    before = dict(matplotlib.rcParams)
    plot.step_function(1.5).png()
    assert dict(matplotlib.rcParams) == before
    assert pyplot.get_fignums() == []


def test_a_step_says_where_it_jumps_and_what_happens_at_the_threshold() -> None:
    inclusive, strict = plot.step_function(1.5).text, plot.step_function(1.5, inclusive=False).text
    assert "jumps from 0 to 1 at 1.5" in inclusive
    assert "At the threshold itself the output is 1 (filled dot at 1" in inclusive
    assert "At the threshold itself the output is 0 (filled dot at 0" in strict
    assert "at 2." in plot.step_function(2).text
    assert "is 1 everywhere: the threshold -5 is outside" in plot.step_function(-5, span=(0, 1)).text


def test_activations_are_described_by_values_and_jumps() -> None:
    text = summaries()["activations"].text
    assert "step (solid line): 0 at -6, 1 at 0, 1 at 6; it jumps from 0 to 1 at 0." in text
    assert "sigmoid (dashed line): 0.002473 at -6, 0.5 at 0, 0.9975 at 6." in text
    steep = plot.activations({"steep": lambda z: 1 / (1 + math.exp(-min(max(50 * z, -500), 500)))})
    assert steep.data["jumps"]["steep"] == []


def test_a_decision_boundary_counts_points_mistakes_and_area() -> None:
    right = plot.decision_boundary(lambda p: p[0] + p[1] > 1.5, SQUARE, [0, 0, 0, 1])
    assert "4 points: 3 of class no (squares) and 1 of class yes (circles)." in right.text
    assert "All points lie on the right side." in right.text
    assert "Along x2 = 0 the answer changes at x1 = 1.5; along x1 = 0 the answer changes at x2 = 1.5." in right.text
    wrong = plot.decision_boundary(lambda p: p[0] + p[1] > 0.5, SQUARE, [0, 1, 1, 0])
    assert "1 of 4 lies on the wrong side (marked with a cross): (1, 1)." in wrong.text
    assert wrong.data["wrong"] == [3]
    never = plot.decision_boundary(lambda p: 0, SQUARE, [0, 0, 0, 1])
    assert "covers 0 % of the area" in never.text and "the answer never changes" in never.text


def test_a_decision_boundary_asks_in_batches_or_point_by_point_with_the_same_result() -> None:
    single = plot.decision_boundary(lambda p: p[0] > 0.3, SQUARE, [0, 0, 1, 1])
    batch = plot.decision_boundary(lambda many: many[:, 0] > 0.3, SQUARE, [0, 0, 1, 1], batch=True)
    assert single.text == batch.text
    assert single.png() == batch.png()
    with pytest.raises(ValueError, match="was given 10000 points and returned 1 answers"):
        plot.decision_boundary(lambda many: True, SQUARE, [0, 0, 1, 1], batch=True)


def test_a_weighted_sum_names_every_contribution_and_the_decision() -> None:
    summary = summaries()["weighted_sum"]
    assert "friend adds 1 × 0.7 = 0.7; music adds 0 × 0.6 = 0;" in summary.text
    assert "The weighted sum is 1.6, which is above the threshold 1.5, so the output is 1 (yes)." in summary.text
    assert summary.data["decision"] is True
    no = plot.weighted_sum([1, 0], [0.7, 0.6], 1.5).text
    assert "0.7, which is below the threshold 1.5, so the output is 0 (no)" in no


def test_a_sum_at_the_threshold_depends_on_the_rule_and_on_rounding() -> None:
    assert "exactly at the threshold 1.5, so the output is 1" in plot.weighted_sum([1, 1], [1.0, 0.5], 1.5).text
    assert (
        "exactly at the threshold 1.5, so the output is 0"
        in plot.weighted_sum([1, 1], [1.0, 0.5], 1.5, inclusive=False).text
    )
    assert "a rounding error of 6e-17 above the threshold 0.3" in plot.weighted_sum([1, 1], [0.1, 0.2], 0.3).text


def test_a_neuron_says_what_comes_in_and_what_goes_out() -> None:
    fired = plot.neuron([1, 1], [1, 1], 2).text
    assert "x1 = 1 with weight 1; x2 = 1 with weight 1." in fired
    assert "it is at least 2, so the output is 1." in fired
    assert "it is not at least 2, so the output is 0." in plot.neuron([1, 0], [1, 1], 2).text
    general = plot.neuron(None, [1, 1], 2, biological=True).text
    assert "the output is 1 if it is at least 2, else 0." in general
    assert "dendrites" in general and "dendrites" not in fired


def test_a_network_lists_its_neurons_and_their_weights() -> None:
    text = summaries()["network"].text
    assert "2 inputs (squares: x1, x2) and 2 layers of 2 and 1 neurons (circles), with 6 weights." in text
    assert "nand has weights (-1, -1) and threshold -1" in text
    assert "2 negative weights are dashed" in text


def test_a_weight_of_zero_is_no_connection() -> None:
    some = plot.network([[("a", (1, 0, 0), 1)]])
    assert "with 1 weight; 2 of 3 weights are 0 and not drawn." in some.text
    assert some.png() != plot.network([[("a", (1, 1, 1), 1)]]).png()


@pytest.mark.parametrize(("inclusive", "rule"), [(True, "at least"), (False, "more than")])
def test_every_figure_with_a_threshold_states_its_rule(inclusive: bool, rule: str) -> None:
    figures = [
        plot.network([[("a", (1,), 1)]], inclusive=inclusive),
        plot.neuron([1], [1], 1, inclusive=inclusive),
        plot.compare({"Ada": 1}, 1, inclusive=inclusive),
        plot.weighted_sum([1], [1], 1, inclusive=inclusive),
    ]
    assert all(rule in figure.text for figure in figures)


def test_curves_tell_start_end_lowest_and_highest() -> None:
    text = plot.curves({"a": ([0, 1, 2], [4, 0.25, 1])}, xlabel="step", ylabel="loss", level=("aim", 0.6)).text
    assert "The horizontal axis is the step from 0 to 2; the vertical axis is the loss from 0.25 to 4." in text
    assert "a (solid line, 3 points): from 4 at 0 to 1 at 2; lowest 0.25, highest 4." in text
    assert "A thin horizontal line marks aim at 0.6." in text


def test_sums_are_counted_above_at_and_below_the_threshold() -> None:
    strict, inclusive = (plot.sums([0, 0.1 + 0.2, 0.3, 1], 0.3, inclusive=rule) for rule in (False, True))
    assert (strict.data["above"], strict.data["at"], strict.data["below"]) == (1, 2, 1)
    assert "2 exactly at it (diamonds, no)" in strict.text
    assert "2 exactly at it (diamonds, yes)" in inclusive.text
    assert "stand on top of one another, at most 2." in strict.text


def test_bars_give_the_part_of_the_whole() -> None:
    assert "5 inputs: 10 of 32 (31 %)." in summaries()["bars"].text
    assert "a: 3." in plot.bars({"a": 3}).text


def test_people_are_compared_with_their_own_thresholds() -> None:
    text = plot.compare({"Ada": 1.6, "Bo": 1.6}, {"Ada": 1.5, "Bo": 1.7}).text
    assert "Ada: sum 1.6, threshold 1.5, yes." in text
    assert "Bo: sum 1.6, threshold 1.7, no." in text
    assert "1 of 2 say yes." in text


def test_a_truth_table_counts_the_cases_that_say_yes() -> None:
    table = plot.truth_table({"AND": all, "XOR": lambda c: c[0] != c[1]})
    assert "AND: yes in 1 of 4 cases: (1, 1)." in table.text
    assert "XOR: yes in 2 of 4 cases: (0, 1), (1, 0)." in table.text
    assert summaries()["truth_table"].data["counts"] == {"go": 16}


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: plot.weighted_sum([1, 2], [1], 1),
        lambda: plot.neuron([1], [1, 2], 1),
        lambda: plot.network([[("a", (1, 1), 1)], [("b", (1, 1), 1)]]),
        lambda: plot.network([]),
        lambda: plot.compare({"Ada": 1.0}, {"Bo": 1.0}),
        lambda: plot.bars({}),
        lambda: plot.curves({}),
        lambda: plot.curves({"a": ([1], [1, 2])}),
        lambda: plot.sums([], 1),
        lambda: plot.truth_table({}, ["a"]),
        lambda: plot.activations({}),
        lambda: plot.step_function(1, span=(2, 1)),
        lambda: plot.decision_boundary(lambda p: 0, [(0, 0, 0)], [1]),
        lambda: plot.decision_boundary(lambda p: 0, SQUARE, [1]),
    ],
)
def test_arguments_that_do_not_fit_are_refused_before_drawing(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"got|gave|has"):
        wrong()  # type: ignore[operator]


def test_numbers_from_numpy_are_welcome() -> None:
    summary = plot.weighted_sum(np.array([1, 0]), np.array([0.5, 0.5]), np.float64(0.5))
    assert "exactly at the threshold 0.5" in summary.text


def test_the_pictures_can_be_written_to_a_file(tmp_path: pathlib.Path) -> None:
    target = tmp_path / "step.png"
    target.write_bytes(plot.step_function(1.5).png())
    with Image.open(target) as picture:
        assert picture.format == "PNG"
