"""A figure's text describes what the figure shows, and changes with it; its picture is small and repeatable."""

from __future__ import annotations

import io
import itertools
import math
import pathlib
import traceback
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

import minitf as tf
from minitf import plot
from minitf.plot.diagrams import Sheet
from minitf.plot.layers import Layers, crossings
from minitf.plot.places import Box, clearest, label_box
from minitf.plot.summary import number
from minitf.program_graph import ProgramGraph

SQUARE = [(0, 0), (0, 1), (1, 0), (1, 1)]
WEIGHTS = [0.7, 0.6, 0.5, 0.3, 0.4]
NAMES = ["friend", "music", "near", "weather", "money"]


def captured(function: Callable[..., object], *arguments: object) -> ProgramGraph:
    graph: ProgramGraph = tf.function(function).graph(*arguments)
    return graph


def wasteful() -> ProgramGraph:
    def f(x: tf.Tensor) -> tf.Tensor:
        tf.sin(x)
        return tf.exp(x) * tf.sqrt(tf.constant(4.0)) + tf.exp(x)

    return captured(f, tf.constant([1.0, 2.0]))


def training_step(layers: int) -> ProgramGraph:
    sizes = [20] + [10] * layers
    weights = [tf.Variable(tf.ones(shape), name=f"w{i}") for i, shape in enumerate(itertools.pairwise(sizes), 1)]
    biases = [tf.Variable(tf.zeros([size]), name=f"b{i}") for i, size in enumerate(sizes[1:], 1)]

    def step(x: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            for w, b in zip(weights, biases, strict=True):
                x = tf.nn.relu(x @ w + b)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, x))
        variables = [*weights, *biases]
        for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
            variable.assign_sub(0.1 * gradient)
        return loss

    return captured(step, tf.zeros([32, 20]), tf.zeros([32], tf.int32))


def chain(length: int) -> ProgramGraph:
    def f(x: tf.Tensor) -> tf.Tensor:
        for i in range(length // 2):
            x = tf.sin(x) + float(i)
        return x

    return captured(f, tf.constant(1.0))


def mixed() -> ProgramGraph:
    def f(x: tf.Tensor, y: tf.Tensor) -> object:
        tf.print("rows", tf.shape(x)[0])
        one, two = tf.split(x, 2, axis=1)
        tf.print("done")
        return x, one * two, y

    return captured(f, tf.TensorSpec([None, 4]), tf.TensorSpec([]))


def wide() -> ProgramGraph:
    return captured(lambda xs: tf.add_n([tf.exp(x) for x in xs]), [tf.constant(float(i)) for i in range(30)])


def small_model() -> tf.keras.Model:
    tf.keras.utils.clear_session()
    tf.keras.utils.set_random_seed(1)
    layers = [tf.keras.Input((2,)), tf.keras.layers.Dense(8, activation="relu"), tf.keras.layers.Dense(2)]
    return tf.keras.Sequential(layers)


def summaries() -> dict[str, plot.Summary]:
    gates = [[("or", (1, 1), 1), ("nand", (-1, -1), -1)], [("and", (1, 1), 2)]]
    x = tf.constant(3.0)
    with tf.GradientTape() as recorded:
        recorded.watch(x)
        y = x * x + tf.sin(x)
    model = small_model()
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
        "program": plot.program(wasteful()),
        "tape": plot.tape(recorded.graph(y, x=x, y=y)),
        "truth_table": plot.truth_table({"go": lambda case: sum(case) > 2}, NAMES),
        "learning_curves": plot.learning_curves({"loss": [3, 2, 1], "acc": [0, 0.5, 1], "val_loss": [3, 1, 2]}),
        "decision_regions": plot.decision_regions(model, SQUARE, [0, 1, 1, 0]),
        "weight_histograms": plot.weight_histograms(model),
        "activation_histograms": plot.activation_histograms(model, np.array(SQUARE, "float32")),
        "model": plot.model(model),
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
    assert summaries()["activations"].data["jumps"]["step"] == [(0.0, 0.0, 1.0, 1.0)]
    steep = plot.activations({"steep": lambda z: 1 / (1 + math.exp(-min(max(50 * z, -500), 500)))})
    assert steep.data["jumps"]["steep"] == []


@pytest.mark.parametrize(
    ("step", "jump"),
    [
        (lambda z: z > 0, (0.0, 0.0, 0.0, 1.0)),
        (lambda z: z >= 0, (0.0, 0.0, 1.0, 1.0)),
        (lambda z: (z > 0) - (z < 0), (0.0, -1.0, 0.0, 1.0)),
        (lambda z: z > 1 / 3, (1 / 3, 0.0, 0.0, 1.0)),
        (lambda z: z >= 1.25, (1.25, 0.0, 1.0, 1.0)),
    ],
)
def test_a_jump_knows_its_place_and_the_value_before_at_and_after_it(
    step: Callable[[float], float], jump: tuple[float, ...]
) -> None:
    assert plot.activations({"step": step}).data["jumps"]["step"] == [jump]


def test_the_value_at_a_jump_is_drawn_and_if_no_mark_gives_it_also_told() -> None:
    strict, inclusive = plot.activations({"a": lambda z: z > 1.5}), plot.activations({"a": lambda z: z >= 1.5})
    assert "it jumps from 0 to 1 at 1.5, where it is 0." in strict.text
    assert "it jumps from 0 to 1 at 1.5, where it is 1." in inclusive.text
    assert strict.png() != inclusive.png()
    assert plot.activations({"a": lambda z: z > 1.5}, marks=(1.5,)).text.endswith("it jumps from 0 to 1 at 1.5.")


def test_marks_are_drawn() -> None:
    none, some = (plot.activations({"double": lambda z: 2 * z}, marks=marks) for marks in ((), (1, 2)))
    assert "2 at 1, 4 at 2" in some.text
    assert none.png() != some.png()


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


class NotWrittenError(Exception):
    pass


def unwritten(anything: object) -> int:
    raise NotWrittenError


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plot.decision_boundary(unwritten, SQUARE, [0, 0, 0, 1]),
        lambda: plot.decision_boundary(unwritten, SQUARE, [0, 0, 0, 1], batch=True),
        lambda: plot.activations({"step": unwritten}),
        lambda: plot.truth_table({"AND": unwritten}),
    ],
)
def test_an_error_in_a_students_function_comes_up_at_once_one_frame_below_the_call(draw: Callable[[], object]) -> None:
    with pytest.raises(NotWrittenError) as caught:
        draw()
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert len(names) == 4  # this test, the lambda, the figure's function
    assert names[-1] == "unwritten"


def test_a_decide_that_returns_nothing_is_told_so() -> None:
    with pytest.raises(ValueError, match=r"asked about the point \(0, 0\) and gave None; return 0 or 1"):
        plot.decision_boundary(lambda point: None, SQUARE, [0, 0, 0, 1])


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
    assert "dendrites" not in fired


def test_the_parts_of_a_nerve_cell_are_named_where_they_belong() -> None:
    text = plot.neuron([1, 1], [1, 1], 2, biological=True).text
    assert "the inputs come in on axons of other cells, the weights are synapses" in text
    assert "the lines from there to the sum are dendrites, the sum and the step are the cell body" in text
    assert text.endswith("the output leaves on the axon.")


def test_a_network_lists_its_neurons_and_their_weights() -> None:
    text = summaries()["network"].text
    assert "2 inputs (squares: x1, x2) and 2 layers of 2 and 1 neurons (circles), with 6 weights." in text
    assert "nand has weights (-1, -1) and threshold -1" in text
    assert "Thicker lines are larger weights; 2 negative weights are dashed." in text


def test_a_network_without_negative_weights_does_not_speak_of_dashes() -> None:
    text = plot.network([[("a", (1, 0.5), 1)]]).text
    assert "Thicker lines are larger weights." in text
    assert "dashed" not in text


def test_one_input_is_called_one_input() -> None:
    assert "1 input (square: x1) and 1 layer of 1 neurons" in plot.network([[("a", (1,), 1)]]).text


def test_a_label_takes_the_first_place_that_is_clear_of_lines_and_boxes() -> None:
    row: list[Box] = [(x, 0.0, x + 1.0, 1.0) for x in (0.0, 2.0, 4.0)]
    assert clearest(row, [], [], 0.1) == 0
    assert clearest(row, [((0.5, -1), (0.5, 2))], [], 0.1) == 1
    assert clearest(row, [((0.5, -1), (0.5, 2))], [(2.5, 0.5, 3.5, 1.5)], 0.1) == 2


def test_a_label_without_a_clear_place_takes_the_clearest() -> None:
    row: list[Box] = [(0.0, 0.0, 1.0, 1.0), (2.0, 0.0, 3.0, 1.0)]
    assert clearest(row, [((0.5, -1), (0.5, 2)), ((2.9, -1), (2.9, 2))], [], 0.1) == 1
    assert clearest(row, [], row[:1], 5.0) == 1


@pytest.mark.parametrize("inputs", [2, 3, 5])
@pytest.mark.parametrize("hidden", [1, 2, 3])
def test_no_number_of_a_network_stands_on_another_line_or_a_label(inputs: int, hidden: int) -> None:
    layers = [[(f"h{i}", [0.5] * inputs, 1.5) for i in range(hidden)], [("go", [1.0] * hidden, 1.5)]]
    sheet = Sheet([[f"x{i}" for i in range(inputs)], [f"h{i}" for i in range(hidden)], ["go"]], layers)
    boxes = [label_box(number(w), place, 11) for (_, _, w), place in zip(sheet.edges, sheet.tags, strict=True)]
    boxes += [label_box(text, place, 10.5) for text, place in sheet.captions]
    for one, other in itertools.combinations(boxes, 2):
        assert one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1]
    for position, box in enumerate(boxes):
        for line, (start, end, _) in enumerate(sheet.edges):
            if line != position:
                along = [[a + (b - a) * t / 200 for a, b in zip(start, end, strict=True)] for t in range(201)]
                assert not any(box[0] < x < box[2] and box[1] < y < box[3] for x, y in along)


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


def test_curves_in_steps_hold_each_value_and_say_so() -> None:
    slanted, held = (plot.curves({"a": ([0, 1, 2], [4, 0.25, 1])}, steps=steps) for steps in (False, True))
    told = "Every line goes in horizontal steps: each value is held until the next point."
    assert told in held.text and told not in slanted.text
    assert held.text.replace(told, "").rstrip() == slanted.text
    assert held.png() != slanted.png()


def test_sums_are_counted_above_at_and_below_the_threshold() -> None:
    strict, inclusive = (plot.sums([0, 0.1 + 0.2, 0.3, 1], 0.3, inclusive=rule) for rule in (False, True))
    assert (strict.data["above"], strict.data["at"], strict.data["below"]) == (1, 2, 1)
    assert "2 exactly at it (diamonds, no)" in strict.text
    assert "2 exactly at it (diamonds, yes)" in inclusive.text
    assert "stand on top of one another, at most 2." in strict.text


def test_bars_give_the_part_of_the_whole() -> None:
    assert "5 inputs: 10 of 32 (31 %)." in summaries()["bars"].text
    assert "a: 3." in plot.bars({"a": 3}).text


def axes_of_drawn(summary: plot.Summary) -> Axes:
    figure = Figure()
    summary._draw(figure)
    return figure.axes[0]


def test_the_axis_of_bars_ends_just_after_the_longest_bar() -> None:
    for figure, longest in ((summaries()["bars"], 32), (plot.bars({"a": 3, "b": 7}), 7)):
        low, high = axes_of_drawn(figure).get_xlim()
        assert low == 0 and longest < high < 1.05 * longest


def test_bars_with_a_total_have_a_legend_that_names_it() -> None:
    axes = axes_of_drawn(plot.bars({"a": 3}, of=4, ylabel="evenings with a yes"))
    (legend,) = axes.figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["evenings with a yes", "total"]
    assert axes.get_xlabel() == ""
    without = axes_of_drawn(plot.bars({"a": 3}, ylabel="evenings"))
    assert without.figure.legends == [] and without.get_xlabel() == "evenings"


PROGRAMS = {
    "wasteful": wasteful, "mixed": mixed, "wide": wide, "two layers": lambda: training_step(2),
    "five layers": lambda: training_step(5), "chain of 200": lambda: chain(200),
    "identity": lambda: captured(lambda x: x, tf.constant(1.0)), "nothing": lambda: captured(lambda: None),
}  # fmt: skip


@pytest.mark.parametrize("passes", [False, True])
@pytest.mark.parametrize("name", PROGRAMS)
def test_no_box_of_a_program_stands_on_another_and_every_label_stands_in_its_box(name: str, passes: bool) -> None:
    summary = plot.program(PROGRAMS[name](), passes=passes)
    boxes = summary.data["boxes"]
    for (*_, left, bottom, width, height), (
        *_,
        other_left,
        other_bottom,
        other_width,
        other_height,
    ) in itertools.combinations(boxes, 2):
        beside = left + width <= other_left or other_left + other_width <= left
        assert beside or bottom + height <= other_bottom or other_bottom + other_height <= bottom
    figure = Figure(figsize=summary._size, layout="constrained")
    FigureCanvasAgg(figure)
    summary._draw(figure)
    figure.canvas.draw()
    (axes,) = figure.axes
    extents = [axes.transData.inverted().transform(text.get_window_extent().get_points()) for text in axes.texts]
    for text, ((left, bottom), (right, top)) in zip(axes.texts, extents, strict=True):
        fits = [x <= left and right <= x + w and y <= bottom and top <= y + h for *_, x, y, w, h in boxes]
        assert any(fits) or ": " in text.get_text()
    for one, other in itertools.combinations(extents, 2):
        assert (one[1] < other[0] + 0.02).any() or (other[1] < one[0] + 0.02).any()


def test_no_arrow_of_a_program_crosses_a_box() -> None:
    sizes = dict.fromkeys("abcdefgh", (1.0, 0.5))
    edges = [("a", "b"), ("b", "c"), ("a", "c"), ("c", "d"), ("a", "d"), ("e", "d"), ("b", "f"), ("f", "g"), ("a", "h")]
    sheet = Layers(sizes, edges, {"g", "h"})
    for start, end in edges:
        tops = {name: bottom + height for name, (_, bottom, _, height) in sheet.places.items()}
        points = sheet.way(start, end, sheet.places[start][1], tops[end])
        assert points[-1][1] == tops[end] and all(high >= low for (_, high), (_, low) in itertools.pairwise(points))
        for (x, high), (to_x, low) in itertools.pairwise(points):
            for name, (left, bottom, width, height) in sheet.places.items():
                if name not in (start, end) and low < bottom + height and bottom < high:
                    assert max(x, to_x) < left or left + width < min(x, to_x)


def test_layers_are_ordered_so_that_few_arrows_cross() -> None:
    names = [f"{letter}{i}" for letter in "ab" for i in range(5)]
    edges = [(f"a{i}", f"b{4 - i}") for i in range(5)]
    sheet = Layers(dict.fromkeys(names, (1.0, 0.5)), edges, set())
    assert crossings(sheet.layers, sheet.links) == 0
    assert len(sheet.layers) == 2


def test_a_layer_with_more_boxes_than_fit_side_by_side_goes_on_below() -> None:
    sheet = Layers({f"x{i}": (2.0, 0.5) for i in range(12)}, [], set())
    assert len(sheet.layers) == 3 and sheet.width < 11


def test_what_needs_nothing_from_above_stands_just_above_its_user_and_the_ends_at_the_bottom() -> None:
    edges = [("x", "a"), ("a", "b"), ("b", "c"), ("one", "made"), ("made", "c"), ("a", "end"), ("c", "other end")]
    sheet = Layers(dict.fromkeys([name for edge in edges for name in edge], (1.0, 0.5)), edges, {"end", "other end"})
    depth = sheet.depth
    assert (depth["one"], depth["made"]) == (depth["c"] - 2, depth["c"] - 1)
    assert depth["end"] == depth["other end"] == max(depth.values())


@pytest.mark.backend("numpy")  # elsewhere no op writes over an input, and the last pass has nothing to do
def test_a_program_tells_every_box_and_what_each_pass_does() -> None:
    summary = plot.program(wasteful(), passes=True)
    assert summary.text.splitlines() == [
        "Figure: The program f.",
        "As captured: 6 ops.",
        "Copies: nothing to do.",
        "Constant folding: 5 ops left; c1 folded; u2 not needed.",
        "Common subexpressions: 4 ops left; u3 same as v1.",
        "Dead code: 3 ops left; u1 not needed.",
        "Buffers: 3 ops left; v3 into v2.",
        "In the end:",
        "x, argument: (2,) float32.",
        "c1, constant 2: () float32.",
        "v1 = exp(x): (2,) float32.",
        "v2 = multiply(v1, c1): (2,) float32.",
        "v3 = add(v2, v1): (2,) float32; result, into v2.",
    ]
    assert summary.data["counts"]["captured"]["ops"] == 6
    assert summary.data["changes"]["dead code"] == {"u1": "not needed"}
    headings = [text.get_text() for text in axes_of_drawn(summary).texts if ": " in text.get_text()]
    assert headings == [
        "Captured: 6 ops. Constant folding: 1 folded, 1 not needed",
        "Common subexpressions: 1 merged",
        "Dead code: 1 not needed",
        "In the end: 3 ops, 1 of them over an input",
    ]


def test_a_box_has_its_place_before_and_after_a_pass() -> None:
    places: dict[str, set[tuple[float, float]]] = {}
    boxes = plot.program(wasteful(), passes=True).data["boxes"]
    corners = {panel: min(box[3] for box in boxes if box[0] == panel) for panel, *_ in boxes}
    for panel, name, left, bottom, width, height in boxes:
        middle = left + width / 2, bottom + height / 2 - corners[panel]
        places.setdefault(name, set()).add((round(middle[0], 6), round(middle[1], 6)))
    assert {name: len(where) for name, where in places.items()} == dict.fromkeys(places, 1)


def test_effects_and_assignments_are_in_the_picture_of_a_program() -> None:
    text = plot.program(mixed()).text
    assert "2 arguments" in text and "3 results" in text
    assert "Dotted arrows keep effects in their order." in text
    step = axes_of_drawn(plot.program(training_step(1)))
    labels = {text.get_text() for text in step.texts}
    assert any(label.startswith("w1 becomes v") for label in labels) and "w1 (variable)" in labels


def test_of_a_long_program_the_first_and_last_ops_are_drawn_and_the_others_counted() -> None:
    summary = plot.program(chain(200))
    assert summary.data["left_out"] == 160
    assert "160 ops in the middle, and what only they use, are left out; print it to see all." in summary.text
    labels = [text.get_text() for text in axes_of_drawn(summary).texts]
    assert "… 160 ops left out" in labels and "v1 = sin" in labels and "v200 = add" in labels
    assert len(summary.png()) < 200_000


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
