"""Diagrams of a neuron and of a network: inputs are squares, because they are numbers; neurons are circles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from minitf.plot.charts import fires
from minitf.plot.places import INCHES, Box, Place, clearest, label_box
from minitf.plot.summary import BLACK, BLUE, GREY, ORANGE, SKY, VERMILION, Summary, axes_of, number, numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Sheet", "network", "neuron"]

Neuron = tuple[str, Sequence[float], float]


def neuron(
    inputs: Sequence[float] | None,
    weights: Sequence[float],
    threshold: float,
    *,
    names: Sequence[str] | None = None,
    inclusive: bool = True,
    biological: bool = False,
    title: str | None = None,
) -> Summary:
    """Draw a neuron from its inputs to its output; with `inputs=None` in general, without numbers worked out.

    >>> print(neuron([1, 0], [0.7, 0.6], 0.5, names=["friend", "music"]))
    Figure: An artificial neuron.
    2 inputs (squares) come in from the left: friend = 1 with weight 0.7; music = 0 with weight 0.6.
    Each input is multiplied by its weight and the products are added up (circle): the weighted sum is 0.7.
    The sum is compared with the threshold 0.5: it is at least 0.5, so the output is 1.
    """
    ws = [float(w) for w in weights]
    labels = list(names) if names is not None else [f"x{i + 1}" for i in range(len(ws))]
    if not ws or len(labels) != len(ws) or (inputs is not None and len(inputs) != len(ws)):
        raise ValueError(
            f"neuron needs one input and one name for each weight, got {len(ws)} weights, {len(labels)} names and "
            f"{'no' if inputs is None else len(inputs)} inputs; make the lists equally long."
        )
    xs = None if inputs is None else [float(x) for x in inputs]
    total = None if xs is None else sum(x * w for x, w in zip(xs, ws, strict=True))
    output = None if total is None else int(fires(total, threshold, inclusive))
    name = title or ("A neuron, biological and artificial" if biological else "An artificial neuron")
    shown = labels if xs is None else [f"{label} = {number(x)}" for label, x in zip(labels, xs, strict=True)]
    weighted = "; ".join(f"{label} with weight {number(w)}" for label, w in zip(shown, ws, strict=True))
    result = "" if total is None else f": the weighted sum is {number(total)}"
    rule = f"{'at least' if inclusive else 'more than'} {number(threshold)}"
    verdict = (
        f": the output is 1 if it is {rule}, else 0."
        if output is None
        else f": it is {'' if output else 'not '}{rule}, so the output is {output}."
    )
    sentences = [
        f"{len(ws)} input{'s (squares) come' if len(ws) > 1 else ' (square) comes'} in from the left: {weighted}.",
        f"Each input is multiplied by its weight and the products are added up (circle){result}.",
        f"The sum is compared with the threshold {number(threshold)}{verdict}",
    ]
    if biological:
        sentences.append(
            "Below stand the parts of a nerve cell: the inputs come in on axons of other cells, the weights are "
            "synapses, the lines from there to the sum are dendrites, the sum and the step are the cell body, and "
            "the output leaves on the axon."
        )
    data = {"inputs": xs, "weights": ws, "threshold": float(threshold), "sum": total, "output": output}

    heights = _spread(len(ws))
    floor = min(heights[-1] - 0.28, -0.5 - 0.35 * biological)
    left = -0.45 - 0.14 * max(len(label) for label in shown)
    if biological:
        left = min(left, -0.75)
    xlim = (left, 7.6)
    ylim = (floor - 0.62 * biological, max(heights[0], 0.5) + 0.2)

    def draw(figure: Figure) -> None:
        axes = _canvas(figure, name)
        body = (3.4, 0.0)
        for label, weight, height in zip(shown, ws, heights, strict=True):
            _edge(axes, (0.0, height), body, weight, max(abs(w) for w in ws))
            _input(axes, (0.0, height), 0.13)
            axes.text(-0.22, height, label, ha="right", va="center")
            _tag(axes, (1.15, height * (1 - 1.15 / body[0])), f"× {_shown(weight)}", 12)
        _node(axes, body, 0.42)
        sigma = "Σ" if total is None else f"Σ\n{_shown(total)}"
        axes.text(*body, sigma, ha="center", va="center", fontsize=13, fontweight="bold", zorder=6)
        _arrow(axes, (3.82, 0.0), (4.65, 0.0))
        _step_icon(axes, (5.05, 0.0))
        axes.text(5.05, -0.62, f"{'≥' if inclusive else '>'} {_shown(threshold)} ?", ha="center", va="center")
        _arrow(axes, (5.45, 0.0), (6.3, 0.0))
        axes.text(
            6.4, 0.0, "output" if output is None else f"output {output}", ha="left", va="center", fontweight="bold"
        )
        if biological:
            parts = {
                "axons of\nother cells": (left + 0.1, 0.62), "synapses": (0.7, 1.6), "dendrites": (1.68, 2.9),
                "cell body": (2.98, 5.45), "axon": (5.53, 6.3),
            }  # fmt: skip
            for word, ends in parts.items():
                _bracket(axes, ends, floor, word)
        axes.set(xlim=xlim, ylim=ylim)

    return Summary(name, sentences, data, draw, _inches(xlim, ylim))


def network(
    layers: Sequence[Sequence[Neuron]],
    *,
    inputs: Sequence[str] | None = None,
    inclusive: bool = True,
    title: str | None = None,
) -> Summary:
    """Draw layers of neurons; a neuron is (name, weights, threshold) and has a weight for each value that comes in.

    A weight of 0 is no connection and not drawn. ValueError if the numbers of weights do not fit.

    >>> xor = [[("or", (1, 1), 1), ("nand", (-1, -1), -1)], [("and", (1, 1), 2)]]
    >>> print(network(xor, inputs=("a", "b")))
    Figure: Network.
    2 inputs (squares: a, b) and 2 layers of 2 and 1 neurons (circles), with 6 weights.
    Layer 1: or has weights (1, 1) and threshold 1; nand has weights (-1, -1) and threshold -1.
    Layer 2: and has weights (1, 1) and threshold 2.
    Thicker lines are larger weights; 2 negative weights are dashed.
    A neuron fires when its weighted sum is at least its threshold.
    """
    if not layers or not all(layers):
        raise ValueError("network needs at least one layer with a neuron in each; got an empty one.")
    sources = list(inputs) if inputs is not None else [f"x{i + 1}" for i in range(len(layers[0][0][1]))]
    columns = [sources, *([label for label, _, _ in layer] for layer in layers)]
    for position, layer in enumerate(layers):
        for label, weights, _ in layer:
            if len(weights) != len(columns[position]):
                raise ValueError(
                    f"The neuron {label!r} in layer {position + 1} has {len(weights)} weights, "
                    f"but {len(columns[position])} values come in; give it one weight for each."
                )
    every = [float(w) for layer in layers for _, weights, _ in layer for w in weights]
    negative, zeros = sum(w < 0 for w in every), every.count(0.0)
    name = title or "Network"
    many = "s" * (len(sources) > 1)
    counts = " and ".join(str(len(layer)) for layer in layers)
    sentences = [
        f"{len(sources)} input{many} (square{many}: {', '.join(sources)}) and {len(layers)} "
        f"layer{'s' * (len(layers) > 1)} of {counts} neurons (circles), "
        f"with {len(every) - zeros} weight{'s' * (len(every) - zeros != 1)}"
        f"{f'; {zeros} of {len(every)} weights are 0 and not drawn' if zeros else ''}."
    ]
    for position, layer in enumerate(layers, start=1):
        parts = [f"{label} has weights {numbers(ws)} and threshold {number(limit)}" for label, ws, limit in layer]
        sentences.append(f"Layer {position}: {'; '.join(parts)}.")
    dashed = f"; {negative} negative weight{'s are' if negative != 1 else ' is'} dashed" if negative else ""
    sentences.append(f"Thicker lines are larger weights{dashed}.")
    sentences.append(
        f"A neuron fires when its weighted sum is {'at least' if inclusive else 'more than'} its threshold."
    )
    data = {
        "inputs": sources,
        "inclusive": inclusive,
        "layers": [[{"name": n, "weights": list(ws), "threshold": t} for n, ws, t in layer] for layer in layers],
    }

    sheet = Sheet(columns, layers)
    largest = max(map(abs, every)) or 1.0

    def draw(figure: Figure) -> None:
        axes = _canvas(figure, name)
        for (start, end, weight), place in zip(sheet.edges, sheet.tags, strict=True):
            _edge(axes, start, end, weight, largest)
            _tag(axes, place, _shown(weight), _TAG)
        for label, place in zip(sources, sheet.places[0], strict=True):
            _input(axes, place, 0.13)
            axes.text(place[0] - 0.22, place[1], label, ha="right", va="center")
        for labels, places in zip(columns[1:], sheet.places[1:], strict=True):
            for label, place in zip(labels, places, strict=True):
                _node(axes, place, sheet.radius)
                axes.text(*place, label, ha="center", va="center", fontweight="bold", fontsize=11, zorder=6)
        for text, place in sheet.captions:
            axes.text(*place, text, ha="center", va="center", fontsize=_CAPTION, zorder=7)
        if len(layers[-1]) == 1:
            (x, y) = sheet.places[-1][0]
            _arrow(axes, (x + sheet.radius, y), (x + sheet.radius + 0.65, y))
            axes.text(x + sheet.radius + 0.75, y, "output", ha="left", va="center")
        axes.set(xlim=sheet.xlim, ylim=sheet.ylim)

    return Summary(name, sentences, data, draw, _inches(sheet.xlim, sheet.ylim))


class Sheet:
    """Where everything of a network stands: neurons, then their captions, then the numbers on the lines."""

    def __init__(self, columns: Sequence[Sequence[str]], layers: Sequence[Sequence[Neuron]]) -> None:
        self.radius = max(0.36, *(0.066 * len(label) + 0.08 for labels in columns[1:] for label in labels))
        apart = 2.4 + 2 * self.radius
        gaps = [0.8, *[2 * self.radius + 0.75] * len(layers)]
        tall = max(gap * (len(labels) - 1) for gap, labels in zip(gaps, columns, strict=True))
        self.places = [
            [
                (apart * column, y)
                for y in _spread(len(labels), min(2.2 if column else 1.6, tall / max(1, len(labels) - 1)))
            ]
            for column, labels in enumerate(columns)
        ]
        self.edges = [
            (start, end, float(weight))
            for layer, before, here in zip(layers, self.places, self.places[1:], strict=False)
            for (_, weights, _), end in zip(layer, here, strict=True)
            for weight, start in zip(weights, before, strict=True)
            if weight != 0
        ]
        lines = [(start, end) for start, end, _ in self.edges]
        taken: list[Box] = [
            (x - reach, y - reach, x + reach, y + reach)
            for column, places in enumerate(self.places)
            for reach in [self.radius if column else 0.13]
            for x, y in places
        ]
        self.captions: list[tuple[str, Place]] = []
        for layer, places in zip(layers, self.places[1:], strict=True):
            for (_, _, limit), (x, y) in zip(layer, places, strict=True):
                text, far = f"threshold {_shown(limit)}", self.radius + 0.17
                centres = [(x + aside, y + side * far) for aside in (0, 0.15, 0.3, 0.45, 0.6) for side in (-1, 1)]
                boxes = [label_box(text, centre, _CAPTION) for centre in centres]
                chosen = clearest(boxes, lines, [], 0.08)
                taken.append(boxes[chosen])
                self.captions.append((text, centres[chosen]))
        self.tags: list[Place] = []
        for start, end, weight in self.edges:
            first = (0.13 if start in self.places[0] else self.radius) + 0.4
            length = float(np.hypot(end[0] - start[0], end[1] - start[1]))
            shares = np.linspace(first / length, 1 - (self.radius + 0.3) / length, 40)
            centres = [
                (start[0] + t * (end[0] - start[0]), start[1] + t * (end[1] - start[1])) for t in shares.tolist()
            ]
            boxes = [label_box(_shown(weight), centre, _TAG, 0.05) for centre in centres]
            others = [line for line in lines if line != (start, end)]
            chosen = clearest(boxes, others, taken, 0.08)
            taken.append(boxes[chosen])
            self.tags.append(centres[chosen])
        after = 1.6 if len(layers[-1]) == 1 else 0.1  # for the word "output"
        self.xlim = (
            min(-0.35 - 0.13 * max(map(len, columns[0])), -0.4),
            max(self.places[-1][0][0] + self.radius + after, *(box[2] + 0.1 for box in taken)),
        )
        self.ylim = (min(box[1] for box in taken) - 0.1, max(box[3] for box in taken) + 0.1)


# --- the vocabulary of the drawings ----------------------------------------------------------------------------------

_TAG, _CAPTION = 11.0, 10.5  # sizes of letters in points


def _inches(xlim: tuple[float, float], ylim: tuple[float, float]) -> tuple[float, float]:
    """Size of a figure that shows these limits at one scale, with room for the title."""
    return INCHES * (xlim[1] - xlim[0]) + 0.2, INCHES * (ylim[1] - ylim[0]) + 0.5


def _canvas(figure: Figure, title: str) -> Axes:
    axes = axes_of(figure, title)
    axes.set_aspect("equal")
    axes.axis("off")
    return axes


def _spread(count: int, gap: float = 0.72) -> list[float]:
    """Heights of things in a column around 0, from the top down."""
    return [gap * ((count - 1) / 2 - i) for i in range(count)]


def _shown(value: float) -> str:
    """A number with the typographer's minus."""
    return number(value).replace("-", "−")


def _tag(axes: Axes, place: Place, text: str, size: float) -> None:
    """A number on a line, in a frame at which the line ends cleanly, whatever its slope."""
    frame = {"boxstyle": "round,pad=0.22", "facecolor": "white", "edgecolor": GREY, "linewidth": 0.8}
    axes.text(*place, text, ha="center", va="center", fontsize=size, bbox=frame, zorder=4)


def _bracket(axes: Axes, ends: tuple[float, float], height: float, text: str) -> None:
    """A bar under a part of the drawing, and the name of that part."""
    low, high = ends
    axes.plot([low, low, high, high], [height + 0.08, height, height, height + 0.08], color=VERMILION, linewidth=1.5)
    axes.text((low + high) / 2, height - 0.12, text, ha="center", va="top", color=VERMILION, style="italic")


def _node(axes: Axes, place: tuple[float, float], radius: float) -> None:
    from matplotlib.patches import Circle

    axes.add_patch(Circle(place, radius, facecolor="white", edgecolor=BLACK, linewidth=1.8, zorder=5))


def _input(axes: Axes, place: tuple[float, float], half: float) -> None:
    from matplotlib.patches import Rectangle

    corner = (place[0] - half, place[1] - half)
    axes.add_patch(Rectangle(corner, 2 * half, 2 * half, facecolor=SKY, edgecolor=BLACK, linewidth=1.8, zorder=5))


def _edge(axes: Axes, start: tuple[float, float], end: tuple[float, float], weight: float, largest: float) -> None:
    """A line as thick as its weight: solid and blue above zero, dashed and orange below, thin and grey at zero."""
    colour: str
    style: Any
    if weight == 0:
        colour, style, width = GREY, ":", 1.0
    else:
        colour, style = (BLUE, "-") if weight > 0 else (ORANGE, (0, (3, 1.5)))
        width = 1.2 + 4.0 * abs(weight) / (largest or 1.0)
    axes.plot(*zip(start, end, strict=True), color=colour, linestyle=style, linewidth=width, zorder=1)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate(
        "", end, start, arrowprops={"arrowstyle": "-|>", "color": BLACK, "linewidth": 1.8, "mutation_scale": 18}
    )


def _step_icon(axes: Axes, place: tuple[float, float]) -> None:
    from matplotlib.patches import Rectangle

    x, y = place
    axes.add_patch(Rectangle((x - 0.4, y - 0.4), 0.8, 0.8, facecolor="white", edgecolor=BLACK, linewidth=1.8, zorder=5))
    axes.plot([x - 0.27, x, x, x + 0.27], [y - 0.2, y - 0.2, y + 0.2, y + 0.2], color=BLUE, linewidth=2.5, zorder=6)
