"""A picture of a program: values flow from the top to the bottom, and each pass shows what it changes.

Where the boxes stand is decided next door, in `layers`; every box has the same place before and after a pass.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from minitf.plot.arrows import flow
from minitf.plot.layers import Layers
from minitf.plot.summary import BLACK, BLUE, GREEN, GREY, VERMILION, Summary, axes_of
from minitf.program_graph import Node, ProgramGraph

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["program"]

_MOST, _LAST = 40, 10  # ops that one can still read; so many of them are from the end of a longer program
_ACROSS = 11.0  # inches of panels side by side
_LETTER, _LINE = 0.1, 0.22  # the width of a letter and the height of a line
_REST = "…"
# How each kind of box looks: its colour and the style of its border.
_LOOKS = {
    "argument": ("#d6ecfa", "solid"),
    "variable": ("#fbe6bd", "solid"),
    "constant": ("#eeeeee", "dashed"),
    "op": ("white", "solid"),
    "effect": ("#f7e3ee", "solid"),
    "result": ("#d9f0e6", "solid"),
    "assigned": ("#fbe6bd", "solid"),
    "rest": ("white", "dotted"),
}
# Arrows: of values, into variables, and from one effect to the next.
_LINES: dict[str, tuple[str, Any]] = {
    "flow": (BLUE, "solid"),
    "assigned": (BLACK, (0, (4, 2))),
    "after": (GREY, (0, (1, 1.5))),
}
_MARKS = {"folded": GREEN, "same": BLUE, "not": VERMILION}  # the colour of what a pass does, by its first word


class _Box(NamedTuple):
    """What is drawn for a node: its kind, its lines of text, the boxes it depends on, and what a pass does to it."""

    name: str
    kind: str
    lines: tuple[str, ...]
    inputs: tuple[str, ...]
    mark: str = ""
    after: tuple[str, ...] = ()  # the effect that comes before this one
    doubled: bool = False  # written over an input

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in inches."""
        lines = [*self.lines, self.mark] if self.mark else self.lines
        widest = max(len(line) * (1 if i in (0, len(lines) - 1) else 0.9) for i, line in enumerate(lines))
        small = 0.85 if self.kind == "constant" and not self.mark else 1
        more = {"variable": 0.12, "assigned": 0.12, "result": 0.08}.get(self.kind, 0)
        margin = 0.38 if more or self.kind == "argument" else 0.22
        return margin + small * _LETTER * widest, 0.14 + more + _LINE * len(lines)


class _Panel(NamedTuple):
    """One program in the figure: its heading and its boxes by name."""

    heading: str
    boxes: dict[str, _Box]


def program(graph: Any, *, passes: bool = False, title: str | None = None) -> Summary:
    """Draw the program that `f.graph()` returns, or that of `f`; with `passes`, also what each pass does to it.

    Of more than 40 ops, the first 30 and the last 10 are drawn; `print(graph)` shows them all.

    >>> @tf.function
    ... def f(x):
    ...     return tf.exp(x) + 1.0
    >>> program(f.graph(tf.constant(0.0)))
    Figure: The program f.
    5 boxes from top to bottom, with arrows along which values flow: 1 argument, 1 constant, 2 ops, 1 result.
    x, argument: () float32.
    c1, constant 1: () float32.
    v1 = exp(x): () float32.
    v2 = add(v1, c1): () float32; result.
    """
    if not isinstance(graph, ProgramGraph):
        graph = graph.graph()
    title = f"The program {graph.name}" if title is None else title
    stages = [graph.stage(name) for name, _ in graph.stages] if passes else [graph]
    left_out = _left_out(stages)
    sentences, panels = _told(stages, left_out)
    sheet = _laid_out(panels)
    corners, (width, height) = _spread(sheet, panels)
    data = {
        "counts": {stage.stages[-1][0]: stage.counts._asdict() for stage in stages},
        "changes": {stage.stages[-1][0]: stage.changes for stage in stages if passes},
        "left_out": len(left_out),
        "boxes": [
            (number, name, *_place(sheet, box, corner))
            for number, (panel, corner) in enumerate(zip(panels, corners, strict=True))
            for name, box in panel.boxes.items()
        ],
    }

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, title)
        axes.set_axis_off()
        axes.set(xlim=(-0.1, width + 0.1), ylim=(-0.1, height + 0.1), aspect="equal")
        for panel, corner in zip(panels, corners, strict=True):
            _draw_panel(axes, panel, sheet, corner)

    return Summary(title, sentences, data, draw, (width + 0.4, height + 0.9))


# --- what is shown ----------------------------------------------------------------------------------------------------


def _left_out(stages: Sequence[ProgramGraph]) -> set[str]:
    """Choose the ops in the middle of a long program, which are not drawn."""
    ops = list(dict.fromkeys(key for stage in stages for key, node in _keyed(stage.nodes) if node.kind == "op"))
    return set() if len(ops) <= _MOST else set(ops[_MOST - _LAST : -_LAST])


def _told(stages: Sequence[ProgramGraph], left_out: set[str]) -> tuple[list[str], list[_Panel]]:
    """Describe the stages, and make a panel of the first, of each that the next pass changes, and of the last."""
    last = _boxes(stages[-1], left_out, {})
    if len(stages) == 1:
        way = f"{_many(len(last), 'box')} from top to bottom, with arrows along which values flow: {_census(last)}."
        dotted = ["Dotted arrows keep effects in their order."] * any(box.after for box in last.values())
        return [way, *dotted, *_lines(stages[-1], last, left_out)], [_Panel("", last)]
    sentences = [f"As captured: {_ops(stages[0])}."]
    panels: list[_Panel] = []
    for before, after in itertools.pairwise(stages):
        name, changes = after.stages[-1][0], after.changes
        if not changes:
            sentences.append(f"{name.capitalize()}: nothing to do.")
            continue
        sentences.append(f"{name.capitalize()}: {_ops(after)} left; {_groups(changes)}.")
        if not all(change.startswith("into") for change in changes.values()):
            heading = f"{'' if panels else f'Captured: {_ops(before)}. '}{name.capitalize()}: {_tally(changes)}"
            panels.append(_Panel(heading, _boxes(before, left_out, changes)))
    reused = stages[-1].counts.reused
    over = f", {reused} of them over an input" if reused else ""
    panels.append(_Panel(f"In the end: {_ops(stages[-1])}{over}", last))
    return [*sentences, "In the end:", *_lines(stages[-1], last, left_out)], panels


def _ops(stage: ProgramGraph) -> str:
    return _many(stage.counts.ops, "op")


def _many(count: int, what: str) -> str:
    return f"{count} {what}{('es' if what.endswith('x') else 's') * (count != 1)}"


def _census(boxes: Mapping[str, _Box]) -> str:
    kinds = ["op" if box.kind == "effect" else box.kind for box in boxes.values()]
    counts = [_many(kinds.count(kind), kind) for kind in ("argument", "variable", "constant", "op", "result")]
    counts.append(_many(kinds.count("assigned"), "assignment"))
    return ", ".join(count for count in counts if not count.startswith("0 ")) or "nothing"


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


def _lines(stage: ProgramGraph, boxes: Mapping[str, _Box], left_out: set[str]) -> list[str]:
    sentences = []
    for key, node in _keyed(stage.nodes):
        name, origin, shape, dtype, roles = node.row()
        if key in boxes:
            what = f"{name} = {origin}" if node.kind == "op" and name else f"{name}, {origin}" if name else origin
            value = f": {shape} {dtype}" if name else ""
            sentences.append(f"{what}{value}{'; ' if roles else ''}{roles}.")
    if left_out:
        sentences.append(
            f"{_many(len(left_out), 'op')} in the middle, and what only they use, are left out; print it to see all."
        )
    return sentences


def _boxes(stage: ProgramGraph, left_out: set[str], changes: Mapping[str, str]) -> dict[str, _Box]:
    """Make the boxes of one program: its nodes, what stands for those that are left out, and its results."""
    owners: dict[str, str] = {}  # the box of each value
    boxes: dict[str, _Box] = {}
    rest: list[str] = []
    hidden = 0
    for key, node in _keyed(stage.nodes):
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
            kind = "effect" if "effect" in node.roles else node.kind
            after = tuple(box.name for box in boxes.values() if box.kind == "effect")[-1:] if kind == "effect" else ()
            mark = "" if change.startswith("into") else change
            boxes[key] = _Box(key, kind, lines, inputs, mark, after, bool(into))
    if hidden:
        used = {name for box in boxes.values() for name in box.inputs}
        gone = {key for key, box in boxes.items() if box.kind in ("constant", "variable") and key not in used}
        inputs = tuple(name for name in dict.fromkeys(rest) if name not in gone)
        boxes[_REST] = _Box(_REST, "rest", (f"… {_many(hidden, 'op')} left out",), inputs)
        boxes = {key: box for key, box in boxes.items() if key not in gone}
    for variable, value in stage.assigned:
        key = f"{variable} becomes"
        if owners[value] != _REST:
            boxes[key] = _Box(key, "assigned", (f"{variable} becomes {value}",), (owners[value],))
    for number, value in enumerate(stage.results, 1):
        key = "result" if len(stage.results) == 1 else f"result {number}"
        boxes[key] = _Box(key, "result", (key,), (owners[value],))
    return boxes


def _keyed(nodes: Iterable[Node]) -> list[tuple[str, Node]]:
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


def _laid_out(panels: Sequence[_Panel]) -> Layers:
    """Find one place for each box, however many panels it is in."""
    boxes = [box for panel in panels for box in panel.boxes.values()]
    sizes: dict[str, tuple[float, float]] = {}
    for box in boxes:
        sizes[box.name] = tuple(map(max, box.size, sizes.get(box.name, box.size)))  # type: ignore[assignment]
    edges = ((start, box.name) for box in boxes for start in (*box.inputs, *box.after))
    return Layers(sizes, edges, {box.name for box in boxes if box.kind in ("result", "assigned")})


def _spread(sheet: Layers, panels: Sequence[_Panel]) -> tuple[list[tuple[float, float]], tuple[float, float]]:
    """Return the corners of the panels, side by side as many as fit, and the room that they take."""
    headings = [_LETTER * len(panel.heading) for panel in panels]
    width, height = max(sheet.width, *headings, 2.5) + 0.4, sheet.height + 0.8 * any(headings)
    columns = max(1, min(len(panels), int(_ACROSS / width)))
    rows = -(-len(panels) // columns)
    corners = [(i % columns * width, (rows - 1 - i // columns) * height) for i in range(len(panels))]
    return corners, (columns * width - 0.4, rows * height - 0.3 * any(headings))


def _place(sheet: Layers, box: _Box, corner: tuple[float, float] = (0.0, 0.0)) -> tuple[float, float, float, float]:
    """Return left, bottom, width and height of a box, in the middle of the room that it has in all panels."""
    left, bottom, width, height = sheet.places[box.name]
    own_width, own_height = box.size
    left, bottom = left + (width - own_width) / 2, bottom + (height - own_height) / 2
    return corner[0] + left, corner[1] + bottom, own_width, own_height


# --- drawing ----------------------------------------------------------------------------------------------------------


def _draw_panel(axes: Axes, panel: _Panel, sheet: Layers, corner: tuple[float, float]) -> None:
    if panel.heading:
        look: Any = {"fontsize": 11, "fontweight": "bold", "color": BLACK, "va": "center"}
        axes.text(corner[0], corner[1] + sheet.height + 0.3, panel.heading, **look)
    for box in panel.boxes.values():
        for name in dict.fromkeys((*box.inputs, *box.after)):
            start = panel.boxes[name]
            way = sheet.way(name, box.name, _place(sheet, start)[1], sum(_place(sheet, box)[1::2]))
            kind = "assigned" if box.kind == "assigned" else "flow" if name in box.inputs else "after"
            flow(axes, way, *_LINES[kind], lambda point: (point[0] + corner[0], point[1] + corner[1]))
    for box in panel.boxes.values():
        _draw(axes, box, _place(sheet, box, corner))


def _draw(axes: Axes, box: _Box, place: tuple[float, float, float, float]) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    left, bottom, width, height = place
    top = bottom + height
    colour, border = _LOOKS[box.kind]
    gone = bool(box.mark)
    tone = _MARKS[box.mark.split(" ")[0]] if gone else BLACK
    look: Any = {"facecolor": colour, "edgecolor": tone, "linestyle": border, "linewidth": 1.2}
    if gone:
        look |= {"facecolor": "#f7f7f7", "hatch": "//", "linewidth": 1.8}
    axes.add_patch(PathPatch(_outline(box.kind, place), zorder=3, **look))
    if box.kind in ("variable", "assigned"):
        rim = Path(
            [(left, top - 0.07), (left, top - 0.163), (left + width, top - 0.163), (left + width, top - 0.07)],
            [Path.MOVETO, *[Path.CURVE4] * 3],
        )
        axes.add_patch(PathPatch(rim, zorder=3, facecolor="none", edgecolor=tone, linewidth=1.2))
    if box.doubled:
        inner = (left + 0.05, bottom + 0.05, width - 0.1, height - 0.1)
        axes.add_patch(PathPatch(_outline(box.kind, inner), zorder=3, facecolor="none", edgecolor=BLACK, linewidth=0.9))
    lines = [*box.lines, box.mark] if box.mark else box.lines
    size = 8.5 if box.kind == "constant" and not gone else 10
    lift = {"variable": -0.05, "assigned": -0.05, "result": 0.04}.get(box.kind, 0.0)
    behind = {"facecolor": "#f7f7f7", "edgecolor": "none", "pad": 1} if gone else None
    for place_of_line, line in enumerate(lines):
        y = bottom + height / 2 + lift + _LINE * ((len(lines) - 1) / 2 - place_of_line)
        marked = gone and place_of_line == len(lines) - 1
        weight = "bold" if place_of_line == 0 or marked else "normal"
        colour = tone if marked else BLACK
        middle: Any = {"ha": "center", "va": "center_baseline", "zorder": 4, "bbox": behind}
        axes.text(left + width / 2, y, line, fontsize=size, color=colour, fontweight=weight, **middle)


def _outline(kind: str, place: tuple[float, float, float, float]) -> Any:
    """Return the shape of a box: arguments lean, variables are drums, results point down, ops are round."""
    from matplotlib.patches import FancyBboxPatch
    from matplotlib.path import Path

    left, bottom, width, height = place
    right, top = left + width, bottom + height
    if kind == "argument":
        return Path(
            [(left + 0.14, top), (right, top), (right - 0.14, bottom), (left, bottom), (left, bottom)], closed=True
        )
    if kind == "result":
        low = bottom + 0.1
        corners = [(left, top), (right, top), (right, low), (left + width / 2, bottom), (left, low), (left, top)]
        return Path(corners, closed=True)
    if kind in ("variable", "assigned"):
        bulge, curve = 0.07, [Path.CURVE4] * 3
        vertices = [
            (left, top - bulge), (left, top + bulge / 3), (right, top + bulge / 3), (right, top - bulge),
            (right, bottom + bulge), (right, bottom - bulge / 3), (left, bottom - bulge / 3), (left, bottom + bulge),
            (left, top - bulge),
        ]  # fmt: skip
        return Path(vertices, [Path.MOVETO, *curve, Path.LINETO, *curve, Path.LINETO])
    corner = 0.02 if kind == "constant" else 0.12
    return FancyBboxPatch((left, bottom), width, height, boxstyle=f"round,pad=0,rounding_size={corner}").get_path()
