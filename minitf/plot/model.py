"""A picture of a model: a box for each layer, and arrows along which the data goes.

What a model is stands in its symbolic tensors, each of which knows the layer that it comes from (`_keras_history`), as
in Keras; a model without such, whose `call` alone knows the way, is one box. Boxes stand where `layers` puts them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from minitf.plot.arrows import Point, flow
from minitf.plot.layers import Layers
from minitf.plot.summary import BLACK, BLUE, GREY, Summary, axes_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["model"]

_LETTER, _LINE = 0.1, 0.22  # the width of a letter and the height of a line, in inches
_RIM, _HEADING = 0.2, 0.35  # around what is inside of a model, and above it
# How each kind of box looks: its colour, and the style and width of its border.
_LOOKS = {
    "input": ("#d6ecfa", "dashed", 1.2),
    "weights": ("#fbe6bd", "solid", 1.6),
    "frozen": ("#eeeeee", "solid", 1.6),
    "plain": ("white", "solid", 1.0),
    "model": ("#fafafa", "dashed", 1.2),
}
# Where a point of a drawing from top to bottom, of some width and height, is in other directions.
_TURNS: dict[str, Callable[[Point, float, float], Point]] = {
    "TB": lambda at, width, height: at,
    "BT": lambda at, width, height: (at[0], height - at[1]),
    "LR": lambda at, width, height: (height - at[1], width - at[0]),
    "RL": lambda at, width, height: (at[1], width - at[0]),
}
_WAYS = {"TB": "top to bottom", "BT": "bottom to top", "LR": "left to right", "RL": "right to left"}


class _Shown(NamedTuple):
    """What the boxes tell."""

    shapes: bool
    dtype: bool
    names: bool
    activations: bool
    trainable: bool
    nested: bool
    rankdir: str


class _Box(NamedTuple):
    """A layer in one of its calls: the lines of text, or what is inside of it; and its size before it is turned."""

    kind: str
    lines: tuple[str, ...]
    inside: _Sheet | None
    size: tuple[float, float]


class _Sheet(NamedTuple):
    """A model drawn: its boxes by name, where they stand, and the directions on the sheet."""

    boxes: dict[str, _Box]
    edges: tuple[tuple[str, str], ...]
    layers: Layers
    rankdir: str

    def turn(self, at: Point) -> Point:
        """Return where a point of the layout is drawn."""
        return _TURNS[self.rankdir](at, self.layers.width, self.layers.height)

    @property
    def extent(self) -> tuple[float, float]:
        """Width and height as drawn."""
        return _swapped((self.layers.width, self.layers.height), self.rankdir)


class _Call(NamedTuple):
    """A call of a layer: its name among the boxes, the layer, whose results it gets, and the shapes in and out."""

    name: str
    layer: Any
    sources: tuple[str, ...]
    inputs: tuple[Any, ...]
    outputs: tuple[Any, ...]


def model(
    model: Any, *, show_shapes: bool = True, show_dtype: bool = False, show_layer_names: bool = True,
    show_layer_activations: bool = False, show_trainable: bool = False, expand_nested: bool = False,
    rankdir: str = "TB", title: str | None = None,
) -> Summary:  # fmt: skip
    """Draw a model from top to bottom, or as `rankdir` says: "TB", "BT", "LR" or "RL".

    Each call of a layer is a box, with its name and class and, if wanted, shapes, dtype, activation and whether it
    trains; `expand_nested` draws the layers of models inside. ValueError for a model that is not built yet, and for
    another `rankdir`.
    """
    if rankdir not in _TURNS:
        raise ValueError(f"rankdir must be one of {', '.join(_TURNS)}, got {rankdir!r}.")
    if not model.built:
        do = "Build the model first by calling `build()` or by calling the model on a batch of data."
        raise ValueError(f"This model has not yet been built. {do}")
    shown = _Shown(
        show_shapes, show_dtype, show_layer_names, show_layer_activations, show_trainable, expand_nested, rankdir
    )
    sheet = _sheet(model, shown)
    name = title or f"Model {model.name}"
    sentences = [*_legend(sheet), *_told(model, expand_nested)]
    data = {"boxes": {key: list(box.lines) for key, box in sheet.boxes.items()}, "edges": list(sheet.edges)}
    width, height = sheet.extent

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, name)
        axes.set_axis_off()
        axes.set(xlim=(-0.1, max(width, least) + 0.1), ylim=(-0.1, height + 0.1), aspect="equal")
        _draw(axes, sheet, (0.0, 0.0))

    least = max(2.5, 0.14 * len(name))
    return Summary(name, sentences, data, draw, (max(width, least) + 0.4, height + 0.9))


# --- what is shown ----------------------------------------------------------------------------------------------------


def _calls(model: Any) -> list[_Call]:
    """List the calls of layers between a model's inputs and outputs, those whose results others need first."""
    outputs = list(getattr(model, "outputs", None) or ())
    if not outputs:
        return [_Call(model.name, model, (), (), ())]
    within = {id(tensor) for tensor in model.inputs}
    order: dict[tuple[int, int], tuple[Any, Any]] = {}
    stack = [(tensor, False) for tensor in reversed([*outputs, *model.inputs])]
    while stack:
        tensor, ready = stack.pop()
        layer, number, _ = tensor._keras_history
        node = layer._inbound_nodes[number]
        if (id(layer), number) in order:
            continue
        before = [] if id(tensor) in within else node.input_tensors
        if ready or not before:
            order[id(layer), number] = layer, node
        else:
            stack += [(tensor, True), *((each, False) for each in reversed(before))]
    times = Counter(layer.name for layer, _ in order.values())
    seen: Counter[str] = Counter()
    names = {}
    for key, (layer, _) in order.items():
        seen[layer.name] += 1
        names[key] = layer.name if times[layer.name] == 1 else f"{layer.name}, call {seen[layer.name]}"
    hidden = {id(layer) for layer, _ in order.values() if _class(layer) == "InputLayer"}
    hidden -= {id(layer) for layer in model.layers}  # the input of a Sequential model is no layer of it
    calls = []
    for key, (layer, node) in order.items():
        if id(layer) not in hidden:
            before = [(id(one), number) for one, number, _ in (tensor._keras_history for tensor in node.input_tensors)]
            sources = [names[one] for one in before if one in names and one[0] not in hidden]
            inputs, results = tuple(node.input_tensors), tuple(node.output_tensors)
            calls.append(_Call(names[key], layer, tuple(dict.fromkeys(sources)), inputs, results))
    return calls


def _class(layer: Any) -> str:
    return str(getattr(layer, "class_name", type(layer).__name__))


def _activation(layer: Any) -> str:
    found = getattr(layer, "activation", None)
    return "" if found is None else str(getattr(found, "__name__", getattr(found, "name", found)))


def _shapes(tensors: Sequence[Any]) -> str:
    shapes = ["(" + ", ".join(map(str, tensor.shape)) + ")" for tensor in tensors]
    return shapes[0] if len(shapes) == 1 else ", ".join(shapes) or "?"


def _lines(call: _Call, shown: _Shown) -> Iterator[str]:
    layer, kind = call.layer, _class(call.layer)
    called = call.name.removeprefix(layer.name)
    yield f"{layer.name} ({kind}){called}" if shown.names else f"{kind}{called}"
    if shown.activations and _activation(layer):
        yield f"activation: {_activation(layer)}"
    if shown.shapes and call.outputs:
        if call.inputs:
            yield f"in: {_shapes(call.inputs)}"
        yield f"out: {_shapes(call.outputs)}"
    if shown.dtype:
        yield "dtype: " + (", ".join(dict.fromkeys(str(tensor.dtype) for tensor in call.outputs)) or "?")
    if shown.trainable and getattr(layer, "weights", None):
        yield "trainable" if layer.trainable else "not trainable"


def _legend(sheet: _Sheet) -> Iterator[str]:
    """Say what one sees: boxes, arrows and borders."""
    kinds = [box.kind for box in sheet.boxes.values()]
    if len(kinds) > 1:
        yield f"{len(kinds)} boxes from {_WAYS[sheet.rankdir]}, with arrows along which data goes."
    borders = {
        "input": "dashed boxes are inputs", "weights": "thick boxes have weights",
        "frozen": "hatched boxes have weights that are not trained",
    }  # fmt: skip
    seen = [text for kind, text in borders.items() if kind in kinds]
    if seen:
        yield f"{seen[0][0].upper()}{seen[0][1:]}{''.join(f', {text}' for text in seen[1:])}."


def _told(model: Any, nested: bool) -> Iterator[str]:
    """Describe each call in a sentence, and the models inside after it."""
    calls = _calls(model)
    if calls[0].layer is model:
        yield "Its layers are not drawn: where data goes among them, only its own call knows."
    for call in calls:
        activation = _activation(call.layer)
        kind = _class(call.layer) + (f", {activation}" if activation not in ("", "linear") else "")
        origin = f" gets {' and '.join(call.sources)}" if call.sources else ""
        if call.inputs:
            shapes = f"{', shapes ' if call.sources else ' shapes '}{_shapes(call.inputs)} to {_shapes(call.outputs)}"
        else:
            shapes = f" shape {_shapes(call.outputs)}" if call.outputs else ""
        yield f"{call.name} ({kind}):{origin}{shapes}.".replace(":.", ".")
    if nested:
        for layer in {id(call.layer): call.layer for call in calls if _opens(call.layer)}.values():
            yield f"Inside of {layer.name}:"
            yield from _told(layer, nested)


def _opens(layer: Any) -> bool:
    """Say whether a layer is a model whose layers can be drawn."""
    return bool(getattr(layer, "outputs", None)) and hasattr(layer, "layers")


# --- where it stands --------------------------------------------------------------------------------------------------


def _swapped(size: tuple[float, float], rankdir: str) -> tuple[float, float]:
    return size if rankdir in ("TB", "BT") else size[::-1]


def _sheet(model: Any, shown: _Shown) -> _Sheet:
    boxes: dict[str, _Box] = {}
    edges = []
    for call in _calls(model):
        boxes[call.name] = _boxed(call, shown)
        edges += [(source, call.name) for source in call.sources]
    layers = Layers({name: box.size for name, box in boxes.items()}, edges, ())
    return _Sheet(boxes, tuple(edges), layers, shown.rankdir)


def _boxed(call: _Call, shown: _Shown) -> _Box:
    lines = tuple(_lines(call, shown))
    widest = max(len(line) * (1.0 if i == 0 else 0.92) for i, line in enumerate(lines)) * _LETTER
    if shown.nested and _opens(call.layer):
        inside = _sheet(call.layer, shown)
        width, height = inside.extent
        size = max(width, widest) + 2 * _RIM, height + 2 * _RIM + _HEADING
        return _Box("model", lines[:1], inside, _swapped(size, shown.rankdir))
    weights = bool(getattr(call.layer, "weights", ()))
    kind = "plain" if not weights else "weights" if call.layer.trainable else "frozen"
    kind = "input" if _class(call.layer) == "InputLayer" else kind
    return _Box(kind, lines, None, _swapped((0.3 + widest, 0.16 + _LINE * len(lines)), shown.rankdir))


# --- drawing ----------------------------------------------------------------------------------------------------------


def _draw(axes: Axes, sheet: _Sheet, corner: Point) -> None:
    """Draw a sheet with its lower left corner at a point."""

    def turn(at: Point) -> Point:
        x, y = sheet.turn(at)
        return corner[0] + x, corner[1] + y

    places = sheet.layers.places
    for start, end in sheet.edges:
        leaves, arrives = places[start][1], places[end][1] + places[end][3]
        flow(axes, sheet.layers.way(start, end, leaves, arrives), BLUE, "solid", turn)
    for name, box in sheet.boxes.items():
        left, bottom, width, height = places[name]
        (x, y), (to_x, to_y) = turn((left, bottom)), turn((left + width, bottom + height))
        _draw_box(axes, box, (min(x, to_x), min(y, to_y), abs(to_x - x), abs(to_y - y)))


def _draw_box(axes: Axes, box: _Box, place: tuple[float, float, float, float]) -> None:
    from matplotlib.patches import FancyBboxPatch

    left, bottom, width, height = place
    colour, border, thick = _LOOKS[box.kind]
    edge = GREY if box.kind == "model" else BLACK
    look: Any = {"facecolor": colour, "edgecolor": edge, "linestyle": border, "linewidth": thick}
    look["zorder"] = 1 if box.kind == "model" else 3  # the arrows inside of a model are above it
    if box.kind == "frozen":
        look |= {"hatch": "//"}
    axes.add_patch(FancyBboxPatch((left, bottom), width, height, boxstyle="round,pad=0,rounding_size=0.1", **look))
    top = bottom + height - (_RIM if box.inside else (height - _LINE * (len(box.lines) - 1)) / 2)
    behind = {"facecolor": colour, "edgecolor": "none", "pad": 1} if box.kind == "frozen" else None
    for i, line in enumerate(box.lines):
        middle: Any = {"ha": "center", "va": "center_baseline", "zorder": 4, "color": BLACK, "bbox": behind}
        weight = "bold" if i == 0 else "normal"
        axes.text(left + width / 2, top - _LINE * i, line, fontsize=10, fontweight=weight, **middle)
    if box.inside:
        inner = left + (width - box.inside.extent[0]) / 2, bottom + _RIM
        _draw(axes, box.inside, inner)
