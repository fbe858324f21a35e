"""The table that `model.summary()` prints: a row for each layer, and below it how many parameters there are.

Keras draws it with a package for terminals; here some lines do, which break words and lines as that package does. What
is asked of a model is its `layers`, and of a functional one its graph.
"""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from minitf.keras.symbolic import KerasTensor, Node
from minitf.keras.utils.screen import announce

__all__ = ["print_summary", "summary_text"]

_Row = list[str]
# Left, cross and right of the lines above the header, below it, between rows and below all.
_TOP, _HEAD, _BETWEEN, _BOTTOM = ("┏", "━", "┳", "┓"), ("┡", "━", "╇", "┩"), ("├", "─", "┼", "┤"), ("└", "─", "┴", "┘")


def print_summary(
    model: Any, line_length: int | None = None, positions: Sequence[float] | None = None,
    print_fn: Callable[[str], Any] | None = None, expand_nested: bool = False, show_trainable: bool = False,
    layer_range: Sequence[str] | None = None,
) -> None:  # fmt: skip
    """Print the table, or give it to `print_fn`, all lines in one text."""
    text = summary_text(model, line_length, positions, expand_nested, show_trainable, layer_range)
    if print_fn is None:
        announce(text, end="")
    else:
        print_fn(text)


def summary_text(
    model: Any, line_length: int | None = None, positions: Sequence[float] | None = None, expand_nested: bool = False,
    show_trainable: bool = False, layer_range: Sequence[str] | None = None,
) -> str:  # fmt: skip
    """Return the table.

    `line_length` is its width (by default at most 88, or 108 with connections, and what the terminal has); `positions`
    are the shares of it at which columns end. `expand_nested` adds the layers of models inside, `show_trainable` a
    column with Y or N. `layer_range` is two names, or patterns of names, between which layers are shown. ValueError if
    the width is too small, or no layer has such a name.
    """
    branched = _branched(model)
    layers = _operations(model)
    columns = [("Layer (type)", "left"), ("Output Shape", "left"), ("Param #", "right")]
    ends, usual = [0.45, 0.80, 1.0], 88
    if branched is not None:
        columns.append(("Connected to", "left"))
        ends, usual = [0.3, 0.56, 0.74, 1.0], 108
    ends = list(positions or ends)
    if show_trainable:
        columns.append(("Trainable", "center"))
        ends, usual = [*(end * 0.9 for end in ends), 1.0], usual + 12
    length = line_length or min(usual, shutil.get_terminal_size().columns - 4)
    start, stop = _range(layers, layer_range)
    rows = []
    for layer in layers[start:stop]:
        for each, depth in _inside(layer, expand_nested):
            row = [f"{'   ' * depth}{'└ ' * bool(depth)}{each.name} ({_class(each)})", _shape(each), _parameters(each)]
            row += [_connections(each, branched)] if branched is not None else []
            row += [_trainable(each)] if show_trainable else []
            rows.append(row)
    lines = [f'Model: "{model.name}"', *_table(columns, rows, _widths(ends, length)), *_totals(model)]
    return "\n".join(lines) + "\n"


# --- what is told of a layer ------------------------------------------------------------------------------------------


def _graph(model: Any) -> Any:
    """Return the graph of a functional model; None for others, of which a Sequential has a graph for itself."""
    return None if hasattr(model, "_keras_stack") else model._keras_graph


def _operations(model: Any) -> list[Any]:
    """Return the layers, and of a functional model the operators between them."""
    layers: list[Any] = model.layers if _graph(model) is None else model._keras_graph.operations
    return layers


def _branched(model: Any) -> set[int] | None:
    """Return the ids of the nodes of a functional model, if they are more than one after the other; else None."""
    graph = _graph(model)
    if graph is None:
        return None
    nodes: list[Node] = graph.nodes
    depths = {graph.depths[id(node)] for node in nodes}
    operations = {id(node.operation) for node in nodes}
    alone = all(len(node.input_tensors) <= 1 for node in nodes)
    return None if alone and len(depths) == len(operations) == len(nodes) else {id(node) for node in nodes}


def _class(layer: Any) -> str:
    return str(getattr(layer, "class_name", type(layer).__name__))


def _inside(layer: Any, expand: bool, depth: int = 0) -> Iterator[tuple[Any, int]]:
    """Go through a layer and, if wanted, those of the model that it is, with how deep inside they are."""
    yield layer, depth
    if expand:
        for inner in getattr(layer, "layers", ()):
            yield from _inside(inner, expand, depth + 1)


def _shape(layer: Any) -> str:
    if layer._inbound_nodes:
        shapes = [each.shape for each in layer._inbound_nodes[-1].output_tensors]
        return _sizes(shapes[0]) if len(shapes) == 1 else f"[{', '.join(map(_sizes, shapes))}]"
    if not getattr(layer, "_keras_build_shapes", None):
        return "?"
    try:
        shape = layer.compute_output_shape(*layer._keras_build_shapes.values())
    except NotImplementedError:
        return "?"
    return str(_spread(shape)).replace("'", "")


def _spread(shape: Any) -> Any:
    """Write shapes as texts, in the structure in which they come."""
    if isinstance(shape, dict):
        return {name: _spread(each) for name, each in shape.items()}
    if isinstance(shape, list) or (isinstance(shape, tuple) and any(isinstance(each, list | tuple) for each in shape)):
        return type(shape)(map(_spread, shape))
    return _sizes(shape)


def _sizes(shape: Iterable[int | None]) -> str:
    return f"({', '.join(map(str, shape))})"


def _parameters(layer: Any) -> str:
    if not hasattr(layer, "count_params"):
        return "0"
    return f"{layer.count_params():,}" if layer.built else "0 (unbuilt)"


def _connections(layer: Any, nodes: set[int]) -> str:
    tensors = [each for node in layer._inbound_nodes if id(node) in nodes for each in node.input_tensors]
    return ", ".join(map(_connection, tensors)) or "-"


def _connection(tensor: KerasTensor) -> str:
    operation, node, output = tensor._keras_history
    return f"{operation.name}[{node}][{output}]"


def _trainable(layer: Any) -> str:
    return "-" if not getattr(layer, "weights", ()) else "Y" if layer.trainable else "N"


def _range(layers: Sequence[Any], bounds: Sequence[str] | None) -> tuple[int, int]:
    """Return where the layers between two names, or patterns, begin and end."""
    if bounds is None:
        return 0, len(layers)
    if len(bounds) != 2:
        raise ValueError(
            "layer_range must be a list or tuple of length 2. Received: "
            f"layer_range = {bounds} of length {len(bounds)}; give the names of the first and the last layer."
        )
    if not all(isinstance(bound, str) for bound in bounds):
        raise ValueError(f"layer_range should contain string type only. Received: {bounds}")
    first, last = ([i for i, layer in enumerate(layers) if re.match(bound, layer.name)] for bound in bounds)
    if not first or not last:
        names = ", ".join(layer.name for layer in layers)
        asked = "Passed layer_names do not match the layer names in the model"
        raise ValueError(f"{asked}. Received: {bounds}; the names are {names}.")
    return (first[0], last[-1] + 1) if first[0] <= last[-1] else (last[0], first[-1] + 1)


# --- below the table --------------------------------------------------------------------------------------------------


def _totals(model: Any) -> list[str]:
    """Count the parameters; those of the optimizer when it has some."""
    groups = {"Trainable": model.trainable_weights, "Non-trainable": model.non_trainable_weights}
    optimizer = getattr(model, "optimizer", None)
    if optimizer is not None and optimizer.built:
        groups["Optimizer"] = optimizer.variables
    counts = {name: sum(math.prod(each.shape) for each in group) for name, group in groups.items()}
    sizes = {name: sum(math.prod(each.shape) * each.dtype.size for each in group) for name, group in groups.items()}
    lines = [f" Total params: {sum(counts.values()):,} ({_memory(sum(sizes.values()))})"]
    return lines + [f" {name} params: {counts[name]:,} ({_memory(sizes[name])})" for name in groups]


def _memory(size: float) -> str:
    """Write a number of bytes with its unit.

    >>> _memory(68), _memory(407080)
    ('68.00 B', '397.54 KB')
    """
    units = ["B", "KB", "MB", "GB", "TB", "PB"]
    power = min(int(math.log(size, 1024)) if size else 0, len(units) - 1)
    return f"{size / 1024**power:.2f} {units[power]}"


# --- the lines of a table ---------------------------------------------------------------------------------------------


def _widths(ends: Sequence[float], length: int) -> list[int]:
    """Return the widths of the columns, with a space on both sides, so that the table has this length."""
    stops = [int(end * length) for end in ends]
    widths = [stop - start for start, stop in zip([0, *stops], stops, strict=False)]
    if min(widths) < 4:
        raise ValueError(
            f"Insufficient console width to print summary. The narrowest of {len(widths)} columns would have "
            f"{min(widths)} characters; give a larger line_length."
        )
    excess = sum(widths) + 3 * len(widths) + 1 - length
    for i, width in enumerate(widths):  # Keras forgets the frame; what it takes is taken off all columns
        less = round(excess / (len(widths) - i))
        widths[i], excess = width + 2 - less, excess - less
    return widths


def _table(columns: Sequence[tuple[str, str]], rows: Sequence[_Row], widths: Sequence[int]) -> Iterator[str]:
    justify = [how for _, how in columns]
    yield _line(_TOP, widths)
    yield from _cells([name for name, _ in columns], widths, justify, "┃", at_bottom=True)
    yield _line(_HEAD, widths)
    for i, row in enumerate(rows):
        if i:
            yield _line(_BETWEEN, widths)
        yield from _cells(row, widths, justify, "│")
    yield _line(_BOTTOM, widths)


def _line(corners: Sequence[str], widths: Sequence[int]) -> str:
    left, bar, cross, right = corners
    return left + cross.join(bar * width for width in widths) + right


def _cells(
    row: _Row, widths: Sequence[int], justify: Sequence[str], bar: str, at_bottom: bool = False
) -> Iterator[str]:
    """Write a row, in as many lines as its longest cell needs; shorter ones are filled up below, or above."""
    cells = [_wrapped(text, width - 2) for text, width in zip(row, widths, strict=True)]
    height = max(map(len, cells))
    for i in range(height):
        at = [i - (height - len(lines)) * at_bottom for lines in cells]
        texts = [lines[line] if 0 <= line < len(lines) else "" for lines, line in zip(cells, at, strict=True)]
        parts = [_justified(text, width - 2, how) for text, width, how in zip(texts, widths, justify, strict=True)]
        yield f"{bar} {f' {bar} '.join(parts)} {bar}"


def _wrapped(text: str, width: int) -> list[str]:
    """Break a text between its words; a word that is too long for a line is cut.

    >>> _wrapped("a_very_long_name (Dense)", 12)
    ['a_very_long…', '(Dense)']
    """
    lines = [""]
    for word in re.findall(r"\s*\S+\s*", text):
        if len(lines[-1]) + len(word.rstrip()) > width and lines[-1]:
            lines.append("")
        lines[-1] += word
    lines = [line.rstrip() for line in lines]
    return [line if len(line) <= width else line[: width - 1] + "…" for line in lines]


def _justified(text: str, width: int, how: str) -> str:
    if how == "center":
        return (" " * ((width - len(text)) // 2) + text).ljust(width)
    return text.rjust(width) if how == "right" else text.ljust(width)
