"""A picture of a tape: a box for each tensor with its value and its gradient, and arrows along which values flow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from minitf.plot.summary import BLACK, BLUE, GREY, ORANGE, SKY, VERMILION, Summary, axes_of
from minitf.tape_graph import Node, TapeGraph, brief

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["tape"]

_MOST = 40  # boxes that one can still read
_HEIGHT, _GAP, _AISLE = 0.9, 0.35, 0.6  # of a box, between boxes of a column, and between columns
_LETTER = 0.105  # the width of a letter
# How each kind of tensor looks: its colour, the style of its border, and its word in the text.
_KINDS = {
    "watched": (SKY, "solid", "watched"),
    "variable": (ORANGE, "solid", "variable"),
    "constant": ("#eeeeee", "dashed", "constant"),
    "result": ("white", "solid", "result"),
}


def tape(graph: TapeGraph, *, title: str = "What the tape recorded") -> Summary:
    """Draw what a tape holds: values flow from left to right, gradients (∂) are written below them.

    ValueError for more than 40 tensors; print such a graph instead.

    >>> x = tf.constant(3.0)
    >>> with tf.GradientTape() as recorder:
    ...     recorder.watch(x)
    ...     y = x * x
    >>> print(tape(recorder.graph(y, x=x, y=y)))
    Figure: What the tape recorded.
    2 boxes from left to right, with arrows along which values flow; gradients are those of y.
    x, watched: value 3, gradient 6.
    y = multiply(x, x): value 9, gradient 1.
    """
    nodes = graph.nodes
    if not nodes or len(nodes) > _MOST:
        raise ValueError(
            f"tf.plot.tape draws from 1 to {_MOST} tensors, but this tape holds {len(nodes)}; "
            "print(tape.graph()) shows them as text."
        )
    of = f"; gradients are those of {graph.target}" if graph.target else ""
    sentences = [f"{len(nodes)} boxes from left to right, with arrows along which values flow{of}."]
    for node in nodes:
        origin = f"{node.name} = {node.origin}" if node.op else f"{node.name}, {node.kind}"
        gradient = "no gradient" if node.gradient is None else f"gradient {brief(node.gradient)}"
        sentences.append(f"{origin}: value {brief(node.value)}, {gradient}.")
    columns = _columns(nodes)
    widths = [max(_width(node) for node in column) for column in columns]
    lefts = [sum(widths[:i]) + _AISLE * i for i in range(len(columns))]
    tallest = max(map(len, columns))
    span = tallest * _HEIGHT + (tallest - 1) * _GAP
    places = {}
    for column, left, width in zip(columns, lefts, widths, strict=True):
        high = len(column) * _HEIGHT + (len(column) - 1) * _GAP
        for row, node in enumerate(column):
            places[node.name] = (left, (span + high) / 2 - row * (_HEIGHT + _GAP) - _HEIGHT, width)
    size = (lefts[-1] + widths[-1] + 0.4, span + 0.9)
    data = {
        "nodes": [(node.name, node.origin, brief(node.value), node.gradient and brief(node.gradient)) for node in nodes]
    }

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, title)
        axes.set_axis_off()
        axes.set(xlim=(-0.1, size[0] - 0.3), ylim=(-0.15, span + 0.15), aspect="equal")
        for node in nodes:
            for name in dict.fromkeys(node.inputs):
                _flow(axes, places[name], places[node.name])
        for node in nodes:
            _box(axes, node, places[node.name])

    return Summary(title, sentences, data, draw, size)


def _columns(nodes: Sequence[Node]) -> list[list[Node]]:
    """Put each result right of its inputs, and each source left of the first result that uses it."""
    depth: dict[str, int] = {}
    for node in nodes:
        depth[node.name] = 1 + max((depth[name] for name in node.inputs), default=-1)
    for node in nodes:
        if not node.op:
            users = [depth[user.name] for user in nodes if node.name in user.inputs]
            depth[node.name] = min(users, default=1) - 1
    columns: list[list[Node]] = [[] for _ in range(max(depth.values()) + 1)]
    for node in nodes:
        columns[depth[node.name]].append(node)
    rows: dict[str, float] = {}
    for column in columns:  # near the middle of one's inputs, so that few arrows cross
        column.sort(key=lambda node: sum(rows.get(name, 0.0) for name in node.inputs) / max(1, len(node.inputs)))
        rows |= {node.name: row - len(column) / 2 for row, node in enumerate(column)}
    return columns


def _lines(node: Node) -> tuple[str, str, str]:
    heading = f"{node.name} = {node.op}" if node.op else f"{node.name} ({_KINDS[node.kind][2]})"
    gradient = "no gradient" if node.gradient is None else f"∂ {_short(brief(node.gradient))}"
    return heading, _short(brief(node.value)), gradient


def _short(text: str) -> str:
    return text if len(text) <= 24 else text[:23] + "…"


def _width(node: Node) -> float:
    return max(1.1, 0.3 + _LETTER * max(map(len, _lines(node))))


def _box(axes: Axes, node: Node, place: tuple[float, float, float]) -> None:
    from matplotlib.patches import FancyBboxPatch

    left, bottom, width = place
    colour, border, _ = _KINDS[node.kind]
    axes.add_patch(
        FancyBboxPatch(
            (left, bottom),
            width,
            _HEIGHT,
            boxstyle="round,pad=0,rounding_size=0.12",
            facecolor=colour,
            edgecolor=BLACK,
            linestyle=border,
            linewidth=1.2,
            zorder=3,
        )  # fmt: skip
    )
    heading, value, gradient = _lines(node)
    middle = left + width / 2
    axes.text(middle, bottom + 0.72, heading, ha="center", va="center", fontsize=10, fontweight="bold", zorder=4)
    axes.text(middle, bottom + 0.45, value, ha="center", va="center", fontsize=10, zorder=4)
    tone = GREY if node.gradient is None else VERMILION
    axes.text(middle, bottom + 0.18, gradient, ha="center", va="center", fontsize=10, color=tone, zorder=4)


def _flow(axes: Axes, start: tuple[float, float, float], end: tuple[float, float, float]) -> None:
    axes.annotate(
        "",
        xy=(end[0], end[1] + _HEIGHT / 2),
        xytext=(start[0] + start[2], start[1] + _HEIGHT / 2),
        arrowprops={"arrowstyle": "-|>", "color": BLUE, "lw": 1.6, "shrinkA": 0, "shrinkB": 1},
        zorder=2,
    )
