"""Diagrams of a neuron and of a network: inputs are squares, because they are numbers; neurons are circles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from minitf.plot.charts import fires
from minitf.plot.summary import BLACK, BLUE, GREY, ORANGE, SKY, VERMILION, Summary, axes_of, number, numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["network", "neuron"]

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
            "Below stand the parts of a nerve cell: dendrites under the inputs, synapses under the weights, "
            "the cell body under the sum and the axon under the output."
        )
    data = {"inputs": xs, "weights": ws, "threshold": float(threshold), "sum": total, "output": output}

    heights = _spread(len(ws))
    floor = min(heights[-1], -0.5) - 0.25
    xlim = (-0.45 - 0.14 * max(len(label) for label in shown), 7.4)
    ylim = (floor - 0.6 * biological, max(heights[0], 0.5) + 0.2)

    def draw(figure: Figure) -> None:
        axes = _canvas(figure, name)
        for label, weight, height in zip(shown, ws, heights, strict=True):
            _edge(axes, (0.0, height), (3.2, 0.0), weight, max(abs(w) for w in ws))
            _input(axes, (0.0, height), 0.13)
            axes.text(-0.22, height, label, ha="right", va="center")
            axes.text(1.0, height * (1 - 1.0 / 3.2), f"× {number(weight)}", ha="center", va="center", bbox=_LABEL)
        _node(axes, (3.2, 0.0), 0.42)
        sigma = "Σ" if total is None else f"Σ\n{number(total)}"
        axes.text(3.2, 0.0, sigma, ha="center", va="center", fontsize=13, fontweight="bold", zorder=6)
        _arrow(axes, (3.62, 0.0), (4.45, 0.0))
        _step_icon(axes, (4.85, 0.0))
        axes.text(4.85, -0.62, f"{'≥' if inclusive else '>'} {number(threshold)} ?", ha="center", va="center")
        _arrow(axes, (5.25, 0.0), (6.1, 0.0))
        axes.text(
            6.2, 0.0, "output" if output is None else f"output {output}", ha="left", va="center", fontweight="bold"
        )
        if biological:
            words = {0.0: "dendrites", 1.2: "synapses", 3.2: "cell body", 5.85: "axon"}
            for x, word in words.items():
                axes.text(x, floor - 0.3, word, ha="center", va="center", color=VERMILION, style="italic")
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
    counts = " and ".join(str(len(layer)) for layer in layers)
    sentences = [
        f"{len(sources)} inputs (squares: {', '.join(sources)}) and {len(layers)} layer{'s' * (len(layers) > 1)} of "
        f"{counts} neurons (circles), with {len(every) - zeros} weight{'s' * (len(every) - zeros != 1)}"
        f"{f'; {zeros} of {len(every)} weights are 0 and not drawn' if zeros else ''}."
    ]
    for position, layer in enumerate(layers, start=1):
        parts = [f"{label} has weights {numbers(ws)} and threshold {number(limit)}" for label, ws, limit in layer]
        sentences.append(f"Layer {position}: {'; '.join(parts)}.")
    sentences.append(
        f"Thicker lines are larger weights; {negative} negative weight{'s are' if negative != 1 else ' is'} dashed."
    )
    sentences.append(
        f"A neuron fires when its weighted sum is {'at least' if inclusive else 'more than'} its threshold."
    )
    data = {
        "inputs": sources,
        "inclusive": inclusive,
        "layers": [[{"name": n, "weights": list(ws), "threshold": t} for n, ws, t in layer] for layer in layers],
    }

    half = max(len(labels) for labels in columns) * 0.625
    xlim, ylim = (-0.6, 2.6 * len(layers) + (1.9 if len(layers[-1]) == 1 else 0.8)), (-half - 0.2, half)

    def draw(figure: Figure) -> None:
        axes = _canvas(figure, name)
        places = [[(2.6 * column, y) for y in _spread(len(labels), 1.25)] for column, labels in enumerate(columns)]
        largest = max(map(abs, every)) or 1.0
        for layer, before, here in zip(layers, places, places[1:], strict=False):
            for row, ((_, weights, _), end) in enumerate(zip(layer, here, strict=True)):
                for weight, start in zip(weights, before, strict=True):
                    if weight == 0:
                        continue
                    _edge(axes, start, end, float(weight), largest)
                    along = (0.3, 0.45, 0.6)[row % 3]
                    at = [a + (b - a) * along for a, b in zip(start, end, strict=True)]
                    axes.text(
                        at[0], at[1], number(weight), ha="center", va="center", fontsize=11, bbox=_LABEL, zorder=4
                    )
        for column, labels in enumerate(columns):
            for place, label in zip(places[column], labels, strict=True):
                if column == 0:
                    _input(axes, place, 0.34)
                else:
                    _node(axes, place, 0.36)
                axes.text(*place, label, ha="center", va="center", fontweight="bold", fontsize=11, zorder=6)
        for column, layer in enumerate(layers, start=1):
            for (_, _, limit), (x, y) in zip(layer, places[column], strict=True):
                axes.text(x, y - 0.52, f"threshold {number(limit)}", ha="center", va="center", fontsize=10.5, zorder=7,
                          bbox=_LABEL)  # fmt: skip
        (end_x, end_y) = places[-1][0]
        if len(layers[-1]) == 1:
            _arrow(axes, (end_x + 0.36, end_y), (end_x + 1.0, end_y))
            axes.text(end_x + 1.08, end_y, "output", ha="left", va="center")
        axes.set(xlim=xlim, ylim=ylim)

    return Summary(name, sentences, data, draw, _inches(xlim, ylim))


# --- the vocabulary of the drawings ----------------------------------------------------------------------------------

_LABEL: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}


def _inches(xlim: tuple[float, float], ylim: tuple[float, float]) -> tuple[float, float]:
    """Size of a figure that shows these limits at one scale, with room for the title."""
    return 0.85 * (xlim[1] - xlim[0]), 0.85 * (ylim[1] - ylim[0]) + 0.5


def _canvas(figure: Figure, title: str) -> Axes:
    axes = axes_of(figure, title)
    axes.set_aspect("equal")
    axes.axis("off")
    return axes


def _spread(count: int, gap: float = 0.72) -> list[float]:
    """Heights of things in a column around 0, from the top down."""
    return [gap * ((count - 1) / 2 - i) for i in range(count)]


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
