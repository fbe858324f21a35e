"""A picture of a tape: a box for each tensor with its value and its gradient, and arrows along which values flow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from minitf.plot.summary import BLACK, BLUE, GREY, Summary, axes_of
from minitf.tape_graph import Node, TapeGraph, brief

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["tape"]

_MOST = 40  # boxes that one can still read
_HEIGHT, _LANE, _GAP, _AISLE = (
    0.9,
    0.1,
    0.35,
    0.6,
)  # of a box and of an arrow that passes; between rows; between columns
_LETTER = 0.105  # the width of a letter
_GRADIENT = "#a63f00"  # dark enough to read on every box
# How each kind of tensor looks: its colour, the style of its border, and its word in the text.
_KINDS = {
    "watched": ("#d6ecfa", "solid", "watched"),
    "variable": ("#fbe6bd", "solid", "variable"),
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
    sheet = _Sheet(nodes)
    data = {
        "nodes": [
            (node.name, node.origin, brief(node.value), None if node.gradient is None else brief(node.gradient))
            for node in nodes
        ]
    }

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, title)
        axes.set_axis_off()
        axes.set(xlim=(-0.1, sheet.width + 0.1), ylim=(-0.15, sheet.height + 0.15), aspect="equal")
        for node in nodes:
            for name in dict.fromkeys(node.inputs):
                _flow(axes, sheet.way(name, node.name))
            _box(axes, node, sheet.places[node.name])

    return Summary(title, sentences, data, draw, (sheet.width + 0.4, sheet.height + 0.9))


class _Sheet:
    """Where the boxes stand: in columns, each right of its inputs, with free lanes for arrows that pass a column."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        depth = _depths(nodes)
        inputs: dict[str, list[str]] = {}  # of boxes and of lanes
        columns: list[list[str]] = [[] for _ in range(max(depth.values()) + 1)]
        for node in nodes:
            inputs[node.name] = []
            columns[depth[node.name]].append(node.name)
            for name in dict.fromkeys(node.inputs):
                before = name
                for passed in range(depth[name] + 1, depth[node.name]):
                    lane = _lane(name, node.name, passed)
                    inputs[lane] = [before]
                    columns[passed].append(lane)
                    before = lane
                inputs[node.name].append(before)
        self.depth = depth
        boxes = {node.name: _width(node) for node in nodes}
        heights = {name: _HEIGHT if name in boxes else _LANE for name in inputs}
        rooms = [sum(heights[name] for name in column) + _GAP * (len(column) - 1) for column in columns]
        self.height = max(rooms)
        self.places: dict[str, tuple[float, float, float, float]] = {}  # left, bottom, width, height
        # Everything stands near its inputs, or near its users if it has no inputs: so that few arrows cross.
        users = {name: [user for user in inputs if name in inputs[user]] for name in inputs}
        for near in (inputs, {name: inputs[name] or users[name] for name in inputs}):
            left = 0.0
            for column, room in zip(columns, rooms, strict=True):
                width = max(boxes.get(name, 0.0) for name in column)
                ranks = {name: self._middle(near[name]) for name in column}
                column.sort(key=ranks.__getitem__, reverse=True)
                top = (self.height + room) / 2
                for name in column:
                    self.places[name] = (left, top - heights[name], width, heights[name])
                    top -= heights[name] + _GAP
                left += width + _AISLE
        self.width = left - _AISLE

    def _middle(self, names: Sequence[str]) -> float:
        heights = [self.places[name][1] + self.places[name][3] / 2 for name in names]
        return sum(heights) / len(heights) if heights else 0.0

    def way(self, start: str, end: str) -> list[tuple[float, float]]:
        """List the corners of the arrow from one box to another."""
        left, bottom, width, height = self.places[start]
        corners = [(left + width, bottom + height / 2)]
        for column in range(self.depth[start] + 1, self.depth[end]):
            left, bottom, width, height = self.places[_lane(start, end, column)]
            corners += [(left, bottom + height / 2), (left + width, bottom + height / 2)]
        left, bottom, width, height = self.places[end]
        return [*corners, (left, bottom + height / 2)]


def _lane(start: str, end: str, column: int) -> str:
    return f"{start} to {end} through {column}"


def _depths(nodes: Sequence[Node]) -> dict[str, int]:
    """Number the columns: a result stands right of its inputs, a source left of the first result that uses it."""
    depth: dict[str, int] = {}
    for node in nodes:
        depth[node.name] = 1 + max((depth[name] for name in node.inputs), default=-1)
    for node in nodes:
        if not node.op:
            depth[node.name] = min((depth[user.name] for user in nodes if node.name in user.inputs), default=1) - 1
    return depth


def _lines(node: Node) -> tuple[str, str, str]:
    heading = f"{node.name} = {node.op}" if node.op else f"{node.name} ({_KINDS[node.kind][2]})"
    gradient = "no gradient" if node.gradient is None else f"∂ {_short(brief(node.gradient))}"
    return heading, _short(brief(node.value)), gradient


def _short(text: str) -> str:
    return text if len(text) <= 24 else text[:23] + "…"


def _width(node: Node) -> float:
    return max(1.1, 0.3 + _LETTER * max(map(len, _lines(node))))


def _box(axes: Axes, node: Node, place: tuple[float, float, float, float]) -> None:
    from matplotlib.patches import FancyBboxPatch

    left, bottom, width, height = place
    colour, border, _ = _KINDS[node.kind]
    style: Any = {"facecolor": colour, "edgecolor": BLACK, "linestyle": border, "linewidth": 1.2, "zorder": 3}
    axes.add_patch(FancyBboxPatch((left, bottom), width, height, boxstyle="round,pad=0,rounding_size=0.12", **style))
    middle = left + width / 2
    tones = (BLACK, BLACK, GREY if node.gradient is None else _GRADIENT)
    for line, tone, up in zip(_lines(node), tones, (0.72, 0.45, 0.18), strict=True):
        weight = "bold" if up > 0.5 else "normal"
        axes.text(
            middle, bottom + up, line, ha="center", va="center", fontsize=10, color=tone, fontweight=weight, zorder=4
        )


def _flow(axes: Axes, corners: Sequence[tuple[float, float]]) -> None:
    xs, ys = zip(*corners[:-1], strict=True)
    axes.plot(xs, ys, color=BLUE, linewidth=1.6, zorder=2)
    arrow = {"arrowstyle": "-|>", "color": BLUE, "lw": 1.6, "shrinkA": 0, "shrinkB": 1}
    axes.annotate("", xy=corners[-1], xytext=corners[-2], arrowprops=arrow, zorder=2)
