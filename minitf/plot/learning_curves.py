"""Learning curves: how the loss and each metric went from epoch to epoch, in training and in validation.

It takes what `fit` returns, or a dictionary of the same form; it knows nothing else of models.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from minitf.plot.summary import BLACK, BLUE, VERMILION, Summary, axes_of, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["learning_curves"]

_MARKED = 40  # a curve of more epochs is drawn without a mark on each
_ACROSS = 2  # panels side by side
# By the words in its name one knows whether a metric should rise or fall; of others both ends are told.
_RISING = (
    "acc", "auc", "precision", "recall", "f1", "fbeta", "iou", "r2", "true_", "cosine", "sensitivity", "specificity",
)  # fmt: skip
_FALLING = ("loss", "error", "entropy", "mse", "mae", "mape", "msle", "false_", "divergence", "hinge", "poisson")
_LOOKS = {"training": (BLUE, "-", "o"), "validation": (VERMILION, "--", "s")}
_WORDS = {"training": "solid line, circles", "validation": "dashed line, squares"}


class _Curve(NamedTuple):
    epochs: list[int]
    values: list[float]
    best: int | None  # the place of the best value; None if it is not known what is better, or nothing is a number

    @property
    def broken(self) -> list[int]:
        """The epochs whose value is not a finite number."""
        return [epoch for epoch, value in zip(self.epochs, self.values, strict=True) if not math.isfinite(value)]


def learning_curves(history: Any, *, title: str | None = None) -> Summary:
    """Draw what `fit` returned, or a dictionary of lists: a panel for the loss and one for each metric.

    A name that begins with `val_` is drawn into the panel of the name behind it. Epochs count from 1, as in the
    progress bar. The best epoch is marked: of the validation if there was one, else of the training. ValueError if
    there is nothing to draw, TypeError for anything else than lists by name.

    >>> print(learning_curves({"loss": [0.9, 0.5, 0.3], "val_loss": [0.8, 0.6, 0.7]}))
    Figure: Learning curves.
    The horizontal axis is the epoch from 1 to 3.
    loss in training (solid line, circles): from 0.9 to 0.3; best (lowest) 0.3 in epoch 3.
    loss in validation (dashed line, squares): from 0.8 to 0.7; best (lowest) 0.6 in epoch 2, marked with a star.
    """
    logs = getattr(history, "history", history)
    if not isinstance(logs, Mapping) or not all(hasattr(values, "__len__") for values in logs.values()):
        asked = "learning_curves needs what fit returned, or a dictionary of lists"
        got = f"{type(history).__name__}{' of something else' * isinstance(logs, Mapping)}"
        raise TypeError(f"{asked}, got {got}; write history = model.fit(...) and give it that.")
    first = int((list(getattr(history, "epoch", None) or [0]))[0]) + 1
    series = {name: numbers for name, values in logs.items() if (numbers := _numbers(values))}
    if not series:
        raise ValueError("learning_curves needs at least one epoch, got no numbers in the history; call fit before.")
    length = max(map(len, series.values()))
    panels: dict[str, dict[str, _Curve]] = {}
    for name, values in series.items():
        panel, kind = (name[4:], "validation") if name.startswith("val_") else (name, "training")
        panels.setdefault(panel, {})[kind] = _curve(panel, values, first, length)
    ordered = dict(sorted(panels.items(), key=lambda item: (item[0] != "loss", list(panels).index(item[0]))))
    name = title or "Learning curves"
    span = first, first + length - 1
    sentences = [f"The horizontal axis is the epoch from {span[0]} to {span[1]}."]
    if len(ordered) > 1:
        sentences[0] = f"{len(ordered)} panels, {', '.join(ordered)}. {sentences[0]}"
    for panel, curves in ordered.items():
        sentences += [_told(panel, kind, curve, curve is _marked(curves), length) for kind, curve in curves.items()]
    left_out = [name for name in logs if name not in series and len(logs[name])]
    if left_out:
        sentences.append(f"Not drawn, as they are not one number an epoch: {', '.join(left_out)}.")
    best = {
        panel: {kind: curve.epochs[curve.best] for kind, curve in curves.items() if curve.best is not None}
        for panel, curves in ordered.items()
    }
    rows, columns = -(-len(ordered) // _ACROSS), min(_ACROSS, len(ordered))

    def draw(figure: Figure) -> None:
        if len(ordered) > 1:
            figure.suptitle(name, x=0.02, ha="left", fontweight="bold")
        handles: dict[str, Any] = {}
        for position, (panel, curves) in enumerate(ordered.items(), 1):
            heading, ylabel = (panel, "") if len(ordered) > 1 else (name, panel)
            axes = axes_of(figure, heading, "epoch", ylabel, (rows, columns, position))
            _draw(axes, curves, span, handles)
        figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=4)

    data = {"history": series, "epochs": span, "best": best}
    return Summary(name, sentences, data, draw, (6.6, 4.0) if len(ordered) == 1 else (9.6, 0.9 + 3.1 * rows))


def _numbers(values: Sequence[Any]) -> list[float]:
    """Return the values as floats; nothing if they are not one number each."""
    arrays = [np.asarray(value) for value in values]
    numbers = all(array.size == 1 and array.dtype.kind in "biuf" for array in arrays)
    return [float(array.item()) for array in arrays] if numbers else []


def _curve(name: str, values: list[float], first: int, length: int) -> _Curve:
    """Find the epochs, of which validation may leave out some, and the best of them."""
    every = length // len(values)
    epochs = [first + every * (place + 1) - 1 for place in range(len(values))]
    finite = [place for place, value in enumerate(values) if math.isfinite(value)]
    if not finite or _better(name) is None:
        return _Curve(epochs, values, None)
    choose = max if _better(name) == "highest" else min
    return _Curve(epochs, values, choose(finite, key=values.__getitem__))


def _better(name: str) -> str | None:
    words = name.lower()
    falls = any(word in words for word in _FALLING)
    return "lowest" if falls else "highest" if any(word in words for word in _RISING) else None


def _marked(curves: Mapping[str, _Curve]) -> _Curve | None:
    """Return the curve whose best epoch has the star."""
    chosen = curves.get("validation") or curves["training"]
    return chosen if chosen.best is not None else None


def _told(panel: str, kind: str, curve: _Curve, marked: bool, length: int) -> str:
    epochs, values, best = curve
    every = epochs[1] - epochs[0] if len(epochs) > 1 else length
    sparse = f" every {every} epochs" if every > 1 and len(values) < length else ""
    way = f"from {number(values[0])} to {number(values[-1])}" if len(values) > 1 else number(values[0])
    sentence = f"{panel} in {kind}{sparse} ({_WORDS[kind]}): {way}"
    finite = [value for value in values if math.isfinite(value)]
    if best is not None:
        sentence += f"; best ({_better(panel)}) {number(values[best])} in epoch {epochs[best]}"
        sentence += ", marked with a star" * marked
    elif finite and len(values) > 1:
        sentence += f"; lowest {number(min(finite))}, highest {number(max(finite))}"
    broken = curve.broken
    if broken:
        where = f"epoch {broken[0]}" if len(broken) == 1 else f"{len(broken)} epochs, the first of them {broken[0]}"
        sentence += f"; not a finite number in {where} (crosses at the foot)"
    return f"{sentence}."


def _draw(axes: Axes, curves: Mapping[str, _Curve], span: tuple[int, int], handles: dict[str, Any]) -> None:
    axes.grid(True)
    for kind, (epochs, values, _) in curves.items():
        colour, style, marker = _LOOKS[kind]
        drawn = [value if math.isfinite(value) else math.nan for value in values]
        look: Any = {"color": colour, "linestyle": style, "marker": marker if len(values) <= _MARKED else ""}
        (handles[kind],) = axes.plot(epochs, drawn, markersize=5, **look)
    star = _marked(curves)
    if star is not None and star.best is not None:
        place = star.epochs[star.best], star.values[star.best]
        look = {"color": BLACK, "markeredgecolor": "white", "linestyle": "none", "zorder": 4, "clip_on": False}
        (handles["best"],) = axes.plot(*place, "*", markersize=15, **look)
    broken = sorted({epoch for curve in curves.values() for epoch in curve.broken})
    if broken:  # at the foot of the panel
        look = {"color": BLACK, "linestyle": "none", "transform": axes.get_xaxis_transform(), "clip_on": False}
        (handles["not a number"],) = axes.plot(broken, [0.04] * len(broken), "x", markersize=7, **look)
    first, last = span
    room = 0.03 * (last - first) or 0.5
    axes.set_xlim(first - room, last + room)
    axes.locator_params(axis="x", integer=True, min_n_ticks=1)
