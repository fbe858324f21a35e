"""Histograms of a model: of its weights, and of what its layers put out.

They tell by figures what goes wrong inside: weights that are all equal, units that never fire, outputs at the ends of
their range. A model is whatever has `layers` and `weights`, as Keras has; nothing else of it is known here.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from minitf.plot.summary import BLUE, GREY, VERMILION, Summary, axes_of, number, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["activation_histograms", "weight_histograms"]

_BINS, _ACROSS, _MOST = 30, 3, 24  # of a panel, side by side, and in all
# The ends of the range of activations that have such, and how near to them is saturated.
_ENDS = {"sigmoid": (0.0, 1.0), "hard_sigmoid": (0.0, 1.0), "softmax": (0.0, 1.0), "tanh": (-1.0, 1.0),
         "hard_tanh": (-1.0, 1.0), "softsign": (-1.0, 1.0)}  # fmt: skip
_NEAR = 0.01


def weight_histograms(model: Any, layers: Iterable[Any] | None = None, *, title: str | None = None) -> Summary:
    """Draw a histogram of each weight of a model, or of the chosen `layers`: names, positions or layers.

    Any object with `weights` or `variables` will do. ValueError if there are none, or no such layer.

    >>> class Scale:
    ...     weights = [tf.Variable([[-1.0, 0.5], [0.0, 0.5]], name="kernel"), tf.Variable([0.0, 0.0], name="bias")]
    >>> print(weight_histograms(Scale()))
    Figure: Histograms of the weights.
    2 panels, one for each weight; the height is the number of entries.
    kernel, shape (2, 2): 4 values from -1 to 0.5, mean 0, standard deviation 0.6124.
    bias, shape (2): 2 values, all 0.
    """
    owners = [model] if layers is None else _chosen(model, layers)
    weights = [each for owner in owners for each in getattr(owner, "weights", getattr(owner, "variables", ()))]
    arrays: dict[str, NDArray[Any]] = {}
    for each in weights:
        name = str(getattr(each, "path", each.name)).removesuffix(":0")
        arrays[_unique(name.removeprefix(f"{getattr(model, 'name', '')}/"), arrays)] = np.asarray(each)
    if not arrays:
        asked = f"weight_histograms found no weights in {getattr(model, 'name', model)}"
        raise ValueError(f"{asked}; a model has them when it is built: call it on data, or give it an Input.")
    sentences = [f"{_panels(len(arrays), 'weight')}; the height is the number of entries."]
    sentences += [f"{name}, shape {_shape(array.shape)}: {_values(array)}." for name, array in arrays.items()]
    return _histograms(title or "Histograms of the weights", sentences, arrays, {})


def activation_histograms(
    model: Any, x: Any, layers: Iterable[Any] | None = None, *, title: str | None = None
) -> Summary:
    """Draw a histogram of what each layer puts out when the model is called on `x`, not in training.

    The text says how many outputs are 0, which units are 0 for every row (dead: no gradient reaches their weights), and
    how many outputs are saturated, within 0.01 of an end of the range of a sigmoid, softmax or tanh. `layers` chooses,
    by names, positions or themselves. ValueError if nothing comes out, or there is no such layer.
    """
    chosen = list(_inner(model)) if layers is None else _chosen(model, layers)
    outputs: dict[int, list[NDArray[Any]]] = {}
    with _listening(chosen, outputs):
        model(x, training=False)
    if not outputs:
        asked = f"activation_histograms saw no layer of {getattr(model, 'name', model)} put out numbers"
        raise ValueError(f"{asked}; give a model whose call goes through its layers.")
    layer_of = {id(each): each for each in chosen}
    arrays: dict[str, NDArray[Any]] = {}
    notes: dict[str, str] = {}
    sentences = [f"{_panels(len(outputs), 'layer')}; the height is the number of outputs."]
    for key, parts in outputs.items():
        array = np.concatenate([part.reshape(-1, *part.shape[-1:]) for part in parts])
        layer, activation = layer_of[key], _activation(layer_of[key])
        heading = _unique(f"{layer.name} ({activation})" if activation else layer.name, arrays)
        remarks = _remarks(array, activation)
        arrays[heading], notes[heading] = array, "\n".join(remarks)
        told = "".join(f"; {remark}" for remark in remarks)
        sentences.append(f"{heading}, shape {_shape(parts[0].shape)}: {_values(array)}{told}.")
    return _histograms(title or "Histograms of the layers' outputs", sentences, arrays, notes)


# --- what is looked at ------------------------------------------------------------------------------------------------


def _chosen(model: Any, layers: Any) -> list[Any]:
    """Find layers; one may stand alone."""
    several = isinstance(layers, Iterable) and not isinstance(layers, str)
    return [_layer(model, which) for which in (layers if several else [layers])]


def _layer(model: Any, which: Any) -> Any:
    """Find a layer by its name or position."""
    own = list(_inner(model))
    if isinstance(which, int) and -len(own) <= which < len(own):
        return own[which]
    found = next((each for each in own if which is each or which == each.name), None)
    if found is None:
        raise ValueError(f"There is no layer {which!r} here; the layers are {', '.join(each.name for each in own)}.")
    return found


def _inner(model: Any) -> Iterator[Any]:
    """Go through the layers of a model, and of models in it."""
    for layer in getattr(model, "layers", ()):
        if getattr(layer, "layers", None):
            yield from _inner(layer)
        elif type(layer).__name__ != "InputLayer":
            yield layer


def _unique(name: str, taken: Mapping[str, Any]) -> str:
    """Number what has the same name as another."""
    names = [name, *(f"{name} ({i})" for i in range(2, len(taken) + 2))]
    return next(each for each in names if each not in taken)


@contextmanager
def _listening(layers: Sequence[Any], outputs: dict[int, list[NDArray[Any]]]) -> Iterator[None]:
    """Keep what each layer's `call` returns, in a block."""

    def heard(layer: Any, call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def called(*args: Any, **kwargs: Any) -> Any:
            result = call(*args, **kwargs)
            array = np.asarray(result) if hasattr(result, "dtype") else np.empty(0, object)
            if array.dtype.kind in "fiu" and array.size:
                outputs.setdefault(id(layer), []).append(array)
            return result

        return called

    own = {id(layer): vars(layer).get("call") for layer in layers}
    try:
        for layer in layers:
            object.__setattr__(layer, "call", heard(layer, layer.call))
        yield
    finally:
        for layer in layers:
            object.__delattr__(layer, "call")
            if own[id(layer)] is not None:
                object.__setattr__(layer, "call", own[id(layer)])


def _activation(layer: Any) -> str:
    """Name the activation of a layer; a layer may be one itself."""
    found = getattr(layer, "activation", None)
    own = str(type(layer).__name__).lower()
    name = getattr(found, "__name__", getattr(found, "name", "")) or (own if own in (*_ENDS, "relu") else "")
    return "" if name == "linear" else str(name)


# --- the text ---------------------------------------------------------------------------------------------------------


def _panels(count: int, what: str) -> str:
    if count > _MOST:
        return f"{_MOST} panels, for the first {_MOST} of {count} {what}s"
    return f"{count} panel{'s' * (count != 1)}, one for each {what}"


def _shape(shape: Sequence[int]) -> str:
    return "(" + ", ".join(map(str, shape)) + ")"


def _values(array: NDArray[Any]) -> str:
    finite = array[np.isfinite(array)].astype(np.float64)
    count = f"{array.size:,} value{'s' * (array.size != 1)}"
    broken = int(array.size - finite.size)
    if not finite.size:
        return f"{count}, none of them a finite number"
    if finite.min() == finite.max():
        told = f"{count}, {'all ' * (array.size > 1 and not broken)}{number(finite[0])}"
    else:
        told = f"{count} from {number(finite.min())} to {number(finite.max())}, mean {number(finite.mean())}"
        told += f", standard deviation {number(finite.std())}"
    return told + f", but {broken:,} not a finite number" * (broken > 0)


def _remarks(array: NDArray[Any], activation: str) -> list[str]:
    """Say which share of outputs is 0 or saturated, and how many units are 0 for all rows."""
    remarks = []
    zeros = array == 0
    if zeros.any():
        remarks.append(f"{percent(float(zeros.mean()))} are 0")
        dead = int(zeros.all(axis=0).sum())
        if dead:
            remarks.append(f"{dead} of {array.shape[-1]} units always 0")
    if activation in _ENDS:
        low, high = _ENDS[activation]
        near = (array <= low + _NEAR) | (array >= high - _NEAR)
        remarks.append(f"{percent(float(near.mean()))} saturated")
    return remarks


# --- drawing ----------------------------------------------------------------------------------------------------------


def _histograms(
    title: str, sentences: Sequence[str], arrays: Mapping[str, NDArray[Any]], notes: Mapping[str, str]
) -> Summary:
    shown = dict(list(arrays.items())[:_MOST])
    counts = {name: _counted(array) for name, array in arrays.items()}
    columns = min(_ACROSS, len(shown))
    rows = -(-len(shown) // columns)

    def draw(figure: Figure) -> None:
        figure.suptitle(title, x=0.02, ha="left", fontweight="bold")
        for position, name in enumerate(shown, 1):
            axes = axes_of(figure, "", place=(rows, columns, position))
            axes.set_title(_short(name), fontsize=11, fontweight="normal")
            broken = arrays[name].size - int(counts[name][0].sum())
            _draw(axes, *counts[name], f"{broken:,} not a number" if broken else notes.get(name, ""))

    data = {"counts": {name: (heights.tolist(), edges.tolist()) for name, (heights, edges) in counts.items()}}
    return Summary(title, sentences, data, draw, (max(3.3 * columns, 4.6), 0.6 + 2.2 * rows))


def _counted(array: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Count the entries in bins of equal width; a single value gets one bin around it."""
    finite = array[np.isfinite(array)].astype(np.float64)
    if finite.size and finite.min() < finite.max():
        return np.histogram(finite, bins=int(min(_BINS, max(5, 2 * finite.size**0.5))))
    middle = float(finite[0]) if finite.size else 0.0
    return np.array([finite.size]), np.array([middle - 0.02, middle + 0.02]) * max(1.0, abs(middle))


def _draw(axes: Axes, heights: NDArray[Any], edges: NDArray[Any], note: str) -> None:
    if len(heights) == 1:
        axes.set_xlim(edges.mean() - 20 * np.diff(edges)[0], edges.mean() + 20 * np.diff(edges)[0])
    axes.stairs(heights, edges, fill=True, color=BLUE)
    if edges[0] < 0 < edges[-1]:
        axes.axvline(0, color=GREY, linestyle=":", linewidth=1.2)
    if note:  # above the bars
        axes.set_ylim(0, (1.2 + 0.14 * note.count("\n")) * max(1, heights.max()))
        look: Any = {"color": VERMILION, "fontsize": 10, "ha": "right", "va": "top", "transform": axes.transAxes}
        axes.text(1.0, 1.0, note, **look)
    axes.tick_params(labelsize=9)
    axes.locator_params(axis="x", nbins=4)
    axes.locator_params(axis="y", nbins=4, integer=True)


def _short(name: str) -> str:
    return name if len(name) <= 32 else f"…{name[-31:]}"
