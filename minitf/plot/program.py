"""A picture of a program: values flow from the top to the bottom, and the passes show what they change.

Boxes stand in layers, each below its inputs; arrows that pass a layer have lanes of their own in it, so that no arrow
crosses a box. The order within a layer is the one in which few arrows cross, as barycentres find it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from minitf.plot.summary import BLACK, BLUE, GREEN, GREY, VERMILION, Summary, axes_of
from minitf.program_graph import Node, ProgramGraph

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["program"]

_MOST, _LAST = 40, 10  # ops that one can still read; so many of them are from the end of a longer program
_WIDEST = 11.0  # inches of boxes side by side
_LETTER, _LINE, _GAP, _AISLE, _LANE = 0.1, 0.22, 0.22, 0.5, 0.1  # of letters, lines, between boxes and layers; of a lane
# How each kind of box looks: its colour and the style of its border.
_LOOKS = {
    "argument": ("#d6ecfa", "solid"),
    "variable": ("#fbe6bd", "solid"),
    "constant": ("#eeeeee", "dashed"),
    "op": ("white", "solid"),
    "result": ("#d9f0e6", "solid"),
    "assigned": ("#fbe6bd", "solid"),
    "rest": ("white", "dotted"),
}
_MARKS = {"folded": GREEN, "same": BLUE, "not": VERMILION}  # the colour of what a pass does, by its first word


class _Box(NamedTuple):
    """What is drawn for a node: its kind, its lines of text, the boxes it depends on, and what a pass does to it."""

    name: str
    kind: str
    lines: tuple[str, ...]
    inputs: tuple[str, ...]
    mark: str = ""
    doubled: bool = False  # written over an input

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in inches."""
        letter = _LETTER * (0.85 if self.kind == "constant" else 1)
        extra = 0.35 if self.kind in ("argument", "result") else 0.24
        lines = [*self.lines, self.mark] if self.mark else self.lines
        return max(0.5, extra + letter * max(map(len, lines))), 0.14 + _LINE * len(lines)


class _Panel(NamedTuple):
    """One program in the figure: its heading and its boxes by name."""

    heading: str
    boxes: dict[str, _Box]


def program(graph: ProgramGraph, *, passes: bool = False, title: str | None = None) -> Summary:
    """Draw the program that `f.graph()` returns; with `passes`, also what each pass does to the program before it.

    Of more than 40 ops, the first 30 and the last 10 are drawn; `print(graph)` shows them all.

    >>> @tf.function
    ... def f(x):
    ...     return tf.exp(x) + 1.0
    >>> program(f.graph(tf.zeros([2])))
    Figure: The program f.
    5 boxes from top to bottom, with arrows along which values flow: 1 argument, 1 constant, 2 ops, 1 result.
    x, argument: (2,) float32.
    c1, constant 1: () float32.
    v1 = exp(x): (2,) float32.
    v2 = add(v1, c1): (2,) float32; result, into v1.
    """
    title = f"The program {graph.name}" if title is None else title
    stages = [graph.stage(name) for name, _ in graph.stages] if passes else [graph]
    left_out = _left_out(stages)
    sentences, panels = _told(stages, left_out)
    sheet = _Sheet([panel.boxes for panel in panels])
    places = sheet.panels(len(panels))
    data = {
        "counts": {stage.stages[-1][0]: stage.counts._asdict() for stage in stages},
        "changes": {stage.stages[-1][0]: stage.changes for stage in stages if passes},
        "left_out": len(left_out),
        "boxes": [
            (number, name, *_moved(sheet.places[name], place))
            for number, (panel, place) in enumerate(zip(panels, places, strict=True))
            for name in panel.boxes
        ],
    }
    width, height = sheet.room(places)

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, title)
        axes.set_axis_off()
        axes.set(xlim=(-0.1, width + 0.1), ylim=(-0.1, height + 0.1), aspect="equal")
        for panel, (left, bottom) in zip(panels, places, strict=True):
            if panel.heading:
                top = bottom + sheet.height + 0.2
                axes.text(left, top, panel.heading, fontsize=11, fontweight="bold", color=BLACK, va="center")
            for box in panel.boxes.values():
                for name in dict.fromkeys(box.inputs):
                    _flow(axes, sheet.way(name, box.name, (left, bottom)), dashed=box.kind == "assigned")
            for box in panel.boxes.values():
                _draw(axes, box, _moved(sheet.places[box.name], (left, bottom)))

    return Summary(title, sentences, data, draw, (width + 0.4, height + 0.9))


# --- what is shown ----------------------------------------------------------------------------------------------------


def _key(node: Node) -> str:
    return str(node.values[0].name) if node.values else node.origin


def _left_out(stages: Sequence[ProgramGraph]) -> set[str]:
    """Choose the ops in the middle of a long program, which are not drawn."""
    ops = list(dict.fromkeys(_key(node) for stage in stages for node in stage.nodes if node.kind == "op"))
    return set() if len(ops) <= _MOST else set(ops[_MOST - _LAST : -_LAST])


def _told(stages: Sequence[ProgramGraph], left_out: set[str]) -> tuple[list[str], list[_Panel]]:
    """Describe the stages, and make a panel of the first, of each that the next pass changes, and of the last."""
    last = _boxes(stages[-1], left_out, {})
    if len(stages) == 1:
        way = f"{len(last)} boxes from top to bottom, with arrows along which values flow: {_census(last)}."
        return [way, *_lines(stages[-1], left_out)], [_Panel("", last)]
    sentences, panels = [f"As captured: {_ops(stages[0])}."], []
    for before, after in itertools.pairwise(stages):
        name, changes = after.stages[-1][0], after.changes
        if not changes:
            sentences.append(f"{name.capitalize()}: nothing to do.")
            continue
        sentences.append(f"{name.capitalize()}: {_ops(after)} left; {_groups(changes)}.")
        if not all(change.startswith("into") for change in changes.values()):
            heading = f"{'as captured; ' if not panels else ''}{name}:".capitalize()
            panels.append(_Panel(f"{heading} {_tally(changes)}", _boxes(before, left_out, changes)))
    reused = stages[-1].counts.reused
    over = f", {reused} in memory of a value that nobody needs any more" if reused else ""
    panels.append(_Panel(f"In the end: {_ops(stages[-1])}{over}", last))
    return [*sentences, "In the end:", *_lines(stages[-1], left_out)], panels


def _ops(stage: ProgramGraph) -> str:
    return _many(stage.counts.ops, "op")


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _census(boxes: Mapping[str, _Box]) -> str:
    kinds = [box.kind for box in boxes.values() if box.kind not in ("rest", "assigned")]
    counts = [_many(kinds.count(kind), kind) for kind in ("argument", "variable", "constant", "op", "result")]
    assigned = sum(box.kind == "assigned" for box in boxes.values())
    return ", ".join([count for count in counts if count[0] != "0"] + [_many(assigned, "assignment")] * bool(assigned))


def _groups(changes: Mapping[str, str]) -> str:
    """Say what a pass did: `u1 folded; u2, u3 not needed`."""
    groups: dict[str, list[str]] = {}
    for name, change in changes.items():
        groups.setdefault(change, []).append(name)
    return "; ".join(f"{', '.join(names)} {change}" for change, names in groups.items())


def _tally(changes: Mapping[str, str]) -> str:
    words = [change.split(" ")[0] for change in changes.values()]
    names = {"folded": "folded", "same": "merged", "not": "not needed"}
    return ", ".join(f"{words.count(word)} {name}" for word, name in names.items() if word in words)


def _lines(stage: ProgramGraph, left_out: set[str]) -> list[str]:
    sentences = []
    for node in stage.nodes:
        name, origin, shape, dtype, roles = node.row()
        if _key(node) not in left_out:
            what = f"{name} = {origin}" if node.kind == "op" and name else f"{name}, {origin}" if name else origin
            value = f": {shape} {dtype}" if name else ""
            sentences.append(f"{what}{value}{'; ' if roles else ''}{roles}.")
    if left_out:
        sentences.append(f"{_many(len(left_out), 'op')} in the middle are left out; print(graph) shows all.")
    return sentences


def _boxes(stage: ProgramGraph, left_out: set[str], changes: Mapping[str, str]) -> dict[str, _Box]:
    """Make the boxes of one program: its nodes, what stands for those that are left out, and its results."""
    owners: dict[str, str] = {}  # the box of each value
    boxes: dict[str, _Box] = {}
    rest: list[str] = []
    hidden = 0
    for key, node in keyed(stage.nodes):
        inputs = tuple(owners[name] for name in node.inputs)
        owners.update((str(value.name), _REST if key in left_out else key) for value in node.values)
        if key in left_out:
            rest += (name for name in inputs if name != _REST)
            hidden += 1
            if _REST not in boxes:
                boxes[_REST] = _Box(_REST, "rest", (), ())
        else:
            change = changes.get(key, "")
            into = next((role for role in node.roles if role.startswith("into")), "")
            lines = tuple(_short(line) for line in (*_words(node), into) if line)
            boxes[key] = _Box(key, node.kind, lines, inputs, "" if change.startswith("into") else change, bool(into))
    if hidden:
        boxes[_REST] = _Box(_REST, "rest", (f"… {_many(hidden, 'op')} left out",), tuple(dict.fromkeys(rest)))
        used = {name for box in boxes.values() for name in box.inputs} | {owners[name] for name in stage.results}
        boxes = {key: box for key, box in boxes.items() if key in used or box.kind not in ("constant",)}
    for variable, value in stage.assigned:
        key = f"{variable} becomes"
        boxes[key] = _Box(key, "assigned", (f"{variable} becomes {value}",), (owners[value],))
    for number, value in enumerate(stage.results, 1):
        key = "result" if len(stage.results) == 1 else f"result {number}"
        boxes[key] = _Box(key, "result", (key,), (owners[value],))
    return boxes


def keyed(nodes: Iterable[Node]) -> list[tuple[str, Node]]:
    """Give each node the name of its first value, or a number among those with an effect only."""
    effects = itertools.count(1)
    return [(str(node.values[0].name) if node.values else f"effect {next(effects)}", node) for node in nodes]


def _words(node: Node) -> Sequence[str]:
    name, origin, shape, dtype, _ = node.row()
    if node.kind == "constant":
        value = origin.removeprefix("constant ")
        return [f"{name} = {value}"] if len(value) <= 12 else [name, value]
    if node.kind != "op":
        return f"{name} ({node.kind})", f"{shape} {dtype}"
    return (f"{name} = {node.op}", f"{shape} {dtype}") if name else (node.op, "effect")


def _short(text: str) -> str:
    return text if len(text) <= 26 else text[:25] + "…"


# --- where it stands --------------------------------------------------------------------------------------------------


class Sheet:
    """Where the boxes of all panels stand: each box has the same place in every panel, so that one can compare them."""

    def __init__(self, panels: Sequence[Mapping[str, _Box]]) -> None:
        """Find the layers, the order in each, and then the places."""
        self.boxes = {name: box for panel in reversed(panels) for name, box in panel.items()}
        every = [box for panel in panels for box in panel.values()]
        self.sizes = {name: _largest(box.size for box in every if box.name == name) for name in self.boxes}
        edges = dict.fromkeys((start, box.name) for box in every for start in box.inputs)
        self.depth = self._depths(edges)
        layers: list[list[str]] = [[] for _ in range(max(self.depth.values(), default=0) + 1)]
        for name, depth in self.depth.items():
            layers[depth].append(name)
        self.links: list[tuple[str, str]] = []  # between neighbouring layers, from boxes and lanes to such
        for start in self.boxes:
            ends = [self.depth[end] for first, end in edges if first == start]
            for depth in range(self.depth[start] + 1, max(ends, default=0)):
                lane = _lane(start, depth)
                self.sizes[lane] = (_LANE, 0.0)
                layers[depth].append(lane)
                self.links.append((_lane(start, depth - 1) if depth - 1 > self.depth[start] else start, lane))
            self.links += [(self._before(start, end), end) for first, end in edges if first == start]
        self.layers = _ordered(layers, self.links)
        self._place()

    def _depths(self, edges: Iterable[tuple[str, str]]) -> dict[str, int]:
        """Number the layers: ops stand below their inputs, what has no inputs above its first user, results last.

        A layer holds as much as fits side by side.
        """
        users: dict[str, list[str]] = {name: [] for name in self.boxes}
        inputs: dict[str, list[str]] = {name: [] for name in self.boxes}
        for start, end in edges:
            users[start].append(end)
            inputs[end].append(start)
        depth: dict[str, int] = {}
        filled: dict[int, float] = {}

        def put(name: str, layer: int, step: int) -> None:
            width = self.sizes[name][0] + _GAP
            while filled.get(layer, 0.0) and filled[layer] + width > _WIDEST:
                layer += step
            depth[name] = layer
            filled[layer] = filled.get(layer, 0.0) + width

        def visit(name: str) -> None:
            for before in inputs[name]:
                if before not in depth and inputs[before]:
                    visit(before)
            put(name, 1 + max((depth.get(before, 0) for before in inputs[name]), default=0), 1)

        ends = [name for name, box in self.boxes.items() if box.kind in ("result", "assigned")]
        for name in self.boxes:
            if name not in depth and inputs[name] and name not in ends:
                visit(name)
        bottom = 1 + max(depth.values(), default=0)
        for name in ends:
            put(name, bottom, 1)
        for name in self.boxes:
            if name not in depth:
                put(name, min((depth[user] for user in users[name]), default=1) - 1, -1)
        top = min(depth.values(), default=0)
        return {name: layer - top for name, layer in depth.items()}

    def _before(self, start: str, end: str) -> str:
        """Name what an arrow leaves from just above its end: the start itself, or the start's lane there."""
        return start if self.depth[end] == self.depth[start] + 1 else _lane(start, self.depth[end] - 1)

    def _place(self) -> None:
        """Move everything sideways to the middle of its neighbours, as far as the others let it."""
        above: dict[str, list[str]] = {name: [] for name in self.sizes}
        below: dict[str, list[str]] = {name: [] for name in self.sizes}
        for start, end in self.links:
            above[end].append(start)
            below[start].append(end)
        middles = {}
        for layer in self.layers:
            middles.update(zip(layer, _apart([0.0] * len(layer), [self.sizes[name][0] for name in layer]), strict=True))
        for turn in range(12):
            near = above if turn % 2 == 0 else below
            for layer in self.layers if turn % 2 == 0 else reversed(self.layers):
                both = {name: [*above[name], *below[name]] if turn >= 10 else near[name] or [name] for name in layer}
                wanted = [_mean([middles[other] for other in both[name] or [name]]) for name in layer]
                middles.update(zip(layer, _apart(wanted, [self.sizes[name][0] for name in layer]), strict=True))
        left = min((middle - self.sizes[name][0] / 2 for name, middle in middles.items()), default=0.0)
        self.width = max((middle + self.sizes[name][0] / 2 for name, middle in middles.items()), default=0.0) - left
        heights = [max((self.sizes[name][1] for name in layer), default=0.0) for layer in self.layers]
        self.height = sum(heights) + _AISLE * (len(heights) - 1)
        self.bands: list[tuple[float, float]] = []  # bottom and top of each layer
        top = self.height
        for height in heights:
            self.bands.append((top - height, top))
            top -= height + _AISLE
        self.middles = {name: middle - left for name, middle in middles.items()}
        self.places: dict[str, tuple[float, float, float, float]] = {}  # left, bottom, width, height
        for name in self.boxes:
            width, height = self.sizes[name]
            bottom, top = self.bands[self.depth[name]]
            self.places[name] = (self.middles[name] - width / 2, (bottom + top - height) / 2, width, height)

    def way(self, start: str, end: str) -> list[tuple[float, float]]:
        """List the points of an arrow: it runs straight down in each layer, and bends between two layers."""
        points = [(self.middles[start], self.places[start][1]), (self.middles[start], self.bands[self.depth[start]][0])]
        for depth in range(self.depth[start] + 1, self.depth[end]):
            x = self.middles[_lane(start, depth)]
            points += [(x, self.bands[depth][1]), (x, self.bands[depth][0])]
        left, bottom, width, height = self.places[end]
        arrivals = sorted({before for before, after in self.links if after == end}, key=self.middles.__getitem__)
        share = (arrivals.index(self._before(start, end)) + 1) / (len(arrivals) + 1)
        x = left + width * (0.5 + 0.7 * (share - 0.5))
        return [*points, (x, self.bands[self.depth[end]][1]), (x, bottom + height)]

    def panels(self, count: int) -> list[tuple[float, float]]:
        """Return the left bottom corners of the panels: side by side as many as fit, and rows below one another."""
        width, height = max(self.width, 4.5) + 0.5, self.height + 0.8
        columns = max(1, min(count, int(1.3 * _WIDEST / width)))
        rows = -(-count // columns)
        return [(i % columns * width, (rows - 1 - i // columns) * height) for i in range(count)]


def _lane(start: str, depth: int) -> str:
    return f"{start} through {depth}"


def _largest(sizes: Iterable[tuple[float, float]]) -> tuple[float, float]:
    widths, heights = zip(*sizes, strict=True)
    return max(widths), max(heights)


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)


def _ordered(layers: Sequence[Sequence[str]], links: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Sort each layer by the mean place of the neighbours above, then below, and so on; keep the best order seen."""
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for start, end in links:
        above.setdefault(end, []).append(start)
        below.setdefault(start, []).append(end)
    now = [list(layer) for layer in layers]
    best, fewest = [list(layer) for layer in now], crossings(now, links)
    for turn in range(24):
        near, way = (above, now) if turn % 2 == 0 else (below, now[::-1])
        rank = {name: place / max(1, len(layer) - 1) for layer in now for place, name in enumerate(layer)}
        for layer in way:
            wanted = {name: _mean([rank[other] for other in near.get(name, [name])]) for name in layer}
            layer.sort(key=wanted.__getitem__)
            rank.update((name, place / max(1, len(layer) - 1)) for place, name in enumerate(layer))
        if (count := crossings(now, links)) < fewest:
            best, fewest = [list(layer) for layer in now], count
    return best


def crossings(layers: Sequence[Sequence[str]], links: Iterable[tuple[str, str]]) -> int:
    """Count the pairs of links that cross between neighbouring layers.

    >>> crossings([["a", "b"], ["c", "d"]], [("a", "d"), ("b", "c")])
    1
    """
    place = {name: (depth, x) for depth, layer in enumerate(layers) for x, name in enumerate(layer)}
    between: dict[int, list[tuple[int, int]]] = {}
    for start, end in links:
        between.setdefault(place[start][0], []).append((place[start][1], place[end][1]))
    pairs = (pair for group in between.values() for pair in itertools.combinations(group, 2))
    return sum((a - c) * (b - d) < 0 for (a, b), (c, d) in pairs)


def _apart(wanted: Sequence[float], widths: Sequence[float]) -> list[float]:
    """Place boxes in a row as near as possible to where they want to be (least squares), with gaps between them.

    Without the room that boxes take, they must only keep their order: those that do not are pooled at their mean.
    """
    shifts = [0.0]
    for a, b in itertools.pairwise(widths):
        shifts.append(shifts[-1] + (a + b) / 2 + _GAP)
    pools: list[tuple[float, int]] = []
    for middle, shift in zip(wanted, shifts, strict=False):
        pools.append((middle - shift, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (a, n), (b, m) = pools[-2:]
            pools[-2:] = [((a * n + b * m) / (n + m), n + m)]
    flat = [middle for middle, count in pools for _ in range(count)]
    return [middle + shift for middle, shift in zip(flat, shifts, strict=False)]


def _moved(place: tuple[float, float, float, float], by: tuple[float, float]) -> tuple[float, float, float, float]:
    left, bottom, width, height = place
    return left + by[0], bottom + by[1], width, height


# --- drawing ----------------------------------------------------------------------------------------------------------


def _flow(axes: Axes, points: Sequence[tuple[float, float]], by: tuple[float, float], dashed: bool) -> None:
    """Draw an arrow: straight within layers, and a smooth bend between two."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    vertices, codes = [points[0]], [Path.MOVETO]
    for i, ((x, y), (to_x, to_y)) in enumerate(itertools.pairwise(points)):
        if i % 2 == 0:
            vertices.append((to_x, to_y))
            codes.append(Path.LINETO)
        else:
            half = (y + to_y) / 2
            vertices += [(x, half), (to_x, half), (to_x, to_y)]
            codes += [Path.CURVE4] * 3
    path = Path([(x + by[0], y + by[1]) for x, y in vertices], codes)
    look: Any = {"color": BLACK if dashed else BLUE, "linestyle": (0, (4, 2)) if dashed else "solid"}
    axes.add_patch(
        FancyArrowPatch(path=path, arrowstyle="-|>", mutation_scale=10, linewidth=1.3, zorder=2, **look)
    )


def _draw(axes: Axes, box: _Box, place: tuple[float, float, float, float]) -> None:
    from matplotlib.patches import PathPatch

    left, bottom, width, height = place
    colour, border = _LOOKS[box.kind]
    gone = bool(box.mark)
    tone = _MARKS[box.mark.split(" ")[0]] if gone else BLACK
    look: Any = {"facecolor": colour, "edgecolor": tone, "linestyle": border, "linewidth": 1.2}
    if gone:
        look |= {"facecolor": "#f7f7f7", "hatch": "//", "linewidth": 1.8}
    axes.add_patch(PathPatch(_outline(box.kind, place), zorder=3, **look))
    if box.doubled:
        inner = (left + 0.05, bottom + 0.05, width - 0.1, height - 0.1)
        axes.add_patch(PathPatch(_outline(box.kind, inner), zorder=3, facecolor="none", edgecolor=BLACK, linewidth=0.9))
