"""Decision regions: which class a model gives to each part of the plane, and the points it is right or wrong about."""

# ruff: isort: skip_file

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minitf.plot.plane import Answers, Points, Span, centres_of, coverage, ends_of, mark_size, middles, span_of
from minitf.plot.summary import (
    BLACK, BLUE, GREEN, MARKERS, ORANGE, PURPLE, SKY, VERMILION, Summary, axes_of, number, percent,
)  # fmt: skip

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["decision_regions"]

_BATCH = 16384  # points in one call
_NOTHING = -1  # the answer about a point of which something is not a number
# The name and colour of each class's marks, the tint, the hatch and its name of its region; a seventh begins anew.
_LOOKS = (
    ("blue", BLUE, "#e3eef8", "//", "hatched"),
    ("red", VERMILION, "#fbe9df", "", "plain"),
    ("green", GREEN, "#e0f2ec", "..", "dotted"),
    ("purple", PURPLE, "#f8e8f0", "\\\\", "hatched backwards"),
    ("orange", ORANGE, "#fcf1da", "||", "upright lines"),
    ("light blue", SKY, "#e8f5fc", "--", "level lines"),
)
_SHAPES = ("circles", "squares", "triangles", "diamonds", "turned triangles", "crosses")


def decision_regions(
    model: Callable[[NDArray[Any]], Any], points: ArrayLike, labels: ArrayLike, *, threshold: float = 0.5,
    span: Span | None = None, names: tuple[str, str] = ("x1", "x2"), classes: Sequence[str] | None = None,
    title: str | None = None,
) -> Summary:  # fmt: skip
    """Draw the region of each class, and labelled points on it.

    `model`, or any function, takes points of shape (n, 2), many at a time, and answers with a class for each: numbers
    or logits or probabilities of shape (n, classes), of which the largest counts; or a column, of class numbers
    (integers) or of what is class 1 above `threshold` (use 0 for logits). `points` has shape (n, 2), `labels` are
    class numbers from 0, or one-hot rows. ValueError if they do not fit.

    >>> corners = [(0, 0), (0, 1), (1, 0), (1, 1)]
    >>> print(decision_regions(lambda p: p[:, 0] + p[:, 1] > 1.5, corners, [0, 1, 1, 1]))
    Figure: Decision regions.
    The horizontal axis is x1 from -0.75 to 1.75; the vertical axis is x2 from -0.75 to 1.75.
    4 points of 2 classes: 1 of class 0 (blue circles) and 3 of class 1 (red squares).
    2 of 4 lie on the wrong side (marked with a cross): 2 of class 1 in the region of class 0.
    Shares of the area: class 0 (hatched) 68 %, class 1 (plain) 32 %.
    """
    __tracebackhide__ = True  # in a notebook, an error in a student's function shows the student's lines alone
    given = _floats(points)
    truth = _numbers(labels)
    if given.ndim != 2 or given.shape[1] != 2 or truth.shape != given.shape[:1] or not len(given):
        asked = "decision_regions needs points of shape (n, 2) and n labels"
        got = f"got points of shape {given.shape} and labels of shape {truth.shape}"
        raise ValueError(f"{asked}, {got}; give every point two coordinates and one class number.")
    if not np.isfinite(given).all():
        (wrong, *_) = given[~np.isfinite(given).all(axis=1)].tolist()
        raise ValueError(f"decision_regions needs points of finite numbers, got {wrong}; leave such points out.")
    model(given[:1])  # once from here, so that its own error comes up directly
    told, columns = _answers(model, given, threshold)
    count = max(columns, int(truth.max()) + 1, len(classes or ()))
    kinds = [str(label) for label in classes or ()] + [str(kind) for kind in range(len(classes or ()), count)]
    places = given.astype(np.float64)
    shown = span or span_of(places)
    name = title or "Decision regions"

    def ask(many: Points) -> Answers:
        return _answers(model, many.astype(given.dtype), threshold)[0]

    centres = centres_of(shown)
    region = ask(centres.reshape(-1, 2)).reshape(centres.shape[:2])
    covers = coverage(region, centres, ask, count)
    shares = covers[:, 1:-1, 1:-1].mean(axis=(1, 2)).tolist()
    wrong = told != truth
    sentences = [
        *_spans(shown, names), _counted(truth, kinds), _judged(truth, told, kinds), *_shares(shares, kinds)
    ]  # fmt: skip
    data = {
        "points": places.tolist(), "labels": truth.tolist(), "answers": told.tolist(), "span": shown, "shares": shares,
        "wrong": np.flatnonzero(wrong).tolist(),
    }  # fmt: skip

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, name, *names)
        lines = [middles(ends) for ends in ends_of(shown)]
        for kind, cover in enumerate(covers):
            others = np.delete(covers, kind, axis=0)
            lead = cover - others.max(axis=0) if len(others) else cover
            _, _, tint, hatch, _ = _LOOKS[kind % len(_LOOKS)]
            if (region == kind).any():
                axes.contourf(*lines, lead, levels=[0, 2], colors=[tint], hatches=[hatch])
                if not (region == kind).all():
                    axes.contour(*lines, lead, levels=[0], colors=[BLACK], linewidths=1.2)
        size = mark_size(len(places))
        for kind in np.unique(truth):
            colour, marker = _LOOKS[kind % len(_LOOKS)][1], MARKERS[_mark(kind)]
            axes.plot(*places[truth == kind].T, marker, color=colour, markeredgecolor="white", markersize=size,
                      label=kinds[kind], linestyle="none", clip_on=False, zorder=3)  # fmt: skip
        if wrong.any():
            axes.plot(*places[wrong].T, "x", color=BLACK, markersize=size + 2, markeredgewidth=1 + size / 12,
                      label="wrong side", clip_on=False, zorder=4)  # fmt: skip
        axes.set(xlim=shown[0], ylim=shown[1])
        axes.locator_params(nbins=6)
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), markerscale=9 / size, handletextpad=0.3)

    return Summary(name, sentences, data, draw, (6.6, 4.6))


def _floats(points: Any) -> NDArray[Any]:
    """Return the points as floats: arrays and tensors of floats keep their dtype, else they are float32."""
    array = np.asarray(points)
    return array if hasattr(points, "dtype") and array.dtype.kind == "f" else array.astype(np.float32)


def _numbers(labels: Any) -> Answers:
    array = np.asarray(labels)
    if array.ndim == 2 and array.shape[1] > 1:
        return np.asarray(array.argmax(axis=1))
    flat = array.reshape(-1)
    if not np.all((flat == np.floor(flat)) & (flat >= 0)):
        wrong = flat[(flat != np.floor(flat)) | (flat < 0)][0]
        asked = "decision_regions needs labels that are class numbers 0, 1, 2 ..."
        raise ValueError(f"{asked}, got {wrong}; number the classes from 0.")
    return flat.astype(np.int64)


def _answers(model: Callable[[Any], Any], many: NDArray[Any], threshold: float) -> tuple[Answers, int]:
    """Ask about many points, some thousands at a time; return their classes and how many classes there are."""
    parts = [np.asarray(model(many[start : start + _BATCH])) for start in range(0, len(many), _BATCH)]
    numbers = all(part.ndim in (1, 2) and part.dtype.kind in "biuf" for part in parts)
    if not numbers or sum(map(len, parts)) != len(many):
        got = ", ".join(f"{part.shape} and dtype {part.dtype}" for part in parts)
        asked = f"decision_regions asked about {len(many)} points and got answers of shape {got}"
        raise ValueError(f"{asked}; return one row or one number for each point.")
    answers = np.concatenate(parts)
    columns = answers.shape[1] if answers.ndim == 2 else 1
    if columns > 1:
        return np.where(np.isfinite(answers).all(axis=1), answers.argmax(axis=1), _NOTHING), columns
    column = answers.reshape(-1)
    if column.dtype.kind in "iu":
        return column.astype(np.int64), int(column.max(initial=0)) + 1
    return np.where(np.isnan(column), _NOTHING, column > threshold), 2


def _mark(kind: int) -> int:
    """Turn to the next marker when the colours begin anew."""
    return (kind + kind // len(_LOOKS)) % len(MARKERS)


# --- the text ---------------------------------------------------------------------------------------------------------


def _listed(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]


def _spans(shown: Span, names: tuple[str, str]) -> list[str]:
    (left, right), (bottom, top) = shown
    return [
        f"The horizontal axis is {names[0]} from {number(left)} to {number(right)}; "
        f"the vertical axis is {names[1]} from {number(bottom)} to {number(top)}."
    ]


def _counted(truth: Answers, kinds: Sequence[str]) -> str:
    parts = [
        f"{(truth == kind).sum()} of class {name} ({_LOOKS[kind % len(_LOOKS)][0]} {_SHAPES[_mark(kind)]})"
        for kind, name in enumerate(kinds)
    ]
    points, classes = f"point{'s' * (len(truth) != 1)}", f"class{'es' * (len(kinds) != 1)}"
    return f"{len(truth)} {points} of {len(kinds)} {classes}: {_listed(parts)}."


def _judged(truth: Answers, told: Answers, kinds: Sequence[str]) -> str:
    pairs = zip(truth.tolist(), told.tolist(), strict=True)
    mistakes = Counter((its, answer) for its, answer in pairs if its != answer)
    if not mistakes:
        return "All points lie on the right side."
    count = mistakes.total()
    parts = [
        f"{times} of class {kinds[its]} {f'in the region of class {kinds[answer]}' if answer >= 0 else 'without one'}"
        for (its, answer), times in mistakes.most_common(6)
    ]
    rest = count - sum(times for _, times in mistakes.most_common(6))
    parts += [f"{rest} others"] * (rest > 0)
    verb = "lies" if count == 1 else "lie"
    return f"{count} of {len(truth)} {verb} on the wrong side (marked with a cross): {_listed(parts)}."


def _shares(shares: Sequence[float], kinds: Sequence[str]) -> list[str]:
    parts = [
        f"class {kinds[kind]} ({_LOOKS[kind % len(_LOOKS)][4]}) {percent(share)}"
        for kind, share in sorted(enumerate(shares), key=lambda one: -one[1])
        if share
    ]
    nothing = 1 - sum(shares)
    parts += [f"no class, as the answer is not a number, {percent(nothing)}"] * (nothing > 1e-9)
    nowhere = [kinds[kind] for kind, share in enumerate(shares) if not share]
    last = [f"Nowhere is the answer class {' or '.join(nowhere)}."] if nowhere else []
    return [f"Shares of the area: {', '.join(parts)}.", *last]
