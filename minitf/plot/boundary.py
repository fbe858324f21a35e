"""The decision boundary: which part of the plane a function says yes to, and the points it is right or wrong about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minitf.plot.plane import GRID, Answers, Points, Span, centres_of, coverage, ends_of, mark_size, middles, span_of
from minitf.plot.summary import BLACK, BLUE, GREY, VERMILION, Summary, axes_of, number, numbers

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["decision_boundary"]


def decision_boundary(
    decide: Callable[[NDArray[Any]], Any],
    points: ArrayLike,
    labels: ArrayLike,
    *,
    batch: bool = False,
    span: Span | None = None,
    names: tuple[str, str] = ("x1", "x2"),
    classes: tuple[str, str] = ("no", "yes"),
    point_names: Sequence[str] | None = None,
    title: str | None = None,
) -> Summary:
    """Draw the region where `decide` says yes, and labelled points on it.

    `decide` takes a point, an array of shape (2,), or with `batch=True` many, of shape (n, 2), and answers 0 or 1
    (yes is more than 0.5). `points` has shape (n, 2), `labels` has n zeros and ones. ValueError if they do not fit.

    >>> corners = [(0, 0), (0, 1), (1, 0), (1, 1)]
    >>> print(decision_boundary(lambda p: p[0] + p[1] > 1.5, corners, [0, 0, 0, 1]))
    Figure: Decision boundary.
    The horizontal axis is x1 from -0.75 to 1.75; the vertical axis is x2 from -0.75 to 1.75.
    4 points: 3 of class no (squares) and 1 of class yes (circles).
    All points lie on the right side.
    The hatched region, where the answer is yes, covers 32 % of the area.
    Along x2 = 0 the answer changes at x1 = 1.5; along x1 = 0 the answer changes at x2 = 1.5.
    """
    __tracebackhide__ = True  # in a notebook, an error in a student's function shows the student's lines alone
    places = np.asarray(points, dtype=np.float64)
    truth = np.asarray(labels, dtype=np.float64).reshape(-1) > 0.5
    if places.ndim != 2 or places.shape[1] != 2 or len(places) != len(truth) or not len(places):
        raise ValueError(
            f"decision_boundary needs points of shape (n, 2) and n labels, got points of shape {places.shape} "
            f"and {len(truth)} labels; give every point two coordinates and one label."
        )
    if decide(places[:1] if batch else places[0]) is None:  # once from here, so that its own error comes up directly
        raise ValueError(
            f"decide was asked about the point {numbers(places[0])} and gave None; return 0 or 1 for every point."
        )
    shown = (left, right), (bottom, top) = span or span_of(places)
    name = title or "Decision boundary"

    def ask(many: Points) -> Answers:
        return _answers(decide, many, batch)

    xs, ys = ends_of(shown)
    centres = centres_of(shown)
    region = ask(centres.reshape(-1, 2)).reshape(GRID, GRID)
    field = coverage(region, centres, ask, 2)[1]
    fraction = float(field[1:-1, 1:-1].mean())
    wrong = ask(places) != truth
    row, column = (0.0 if low <= 0 <= high else low for low, high in ((bottom, top), (left, right)))
    crossings = (
        _crossings(lambda x: ask(np.array([[x, row]])), xs, ask(np.stack([xs, np.full_like(xs, row)], -1))),
        _crossings(lambda y: ask(np.array([[column, y]])), ys, ask(np.stack([np.full_like(ys, column), ys], -1))),
    )
    sentences = [
        f"The horizontal axis is {names[0]} from {number(left)} to {number(right)}; "
        f"the vertical axis is {names[1]} from {number(bottom)} to {number(top)}.",
        f"{len(places)} points: {int((~truth).sum())} of class {classes[0]} (squares) "
        f"and {int(truth.sum())} of class {classes[1]} (circles).",
        _judged(wrong, places, point_names),
        f"The hatched region, where the answer is {classes[1]}, covers {round(100 * fraction)} % of the area.",
        f"Along {names[1]} = {number(row)} {_changes(names[0], crossings[0])}; "
        f"along {names[0]} = {number(column)} {_changes(names[1], crossings[1])}.",
    ]
    data = {
        "points": places.tolist(), "labels": truth.astype(int).tolist(), "wrong": np.flatnonzero(wrong).tolist(),
        "yes_fraction": fraction, "span": ((left, right), (bottom, top)), "crossings": crossings,
    }  # fmt: skip

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, name, *names)
        centre_lines = [middles(ends) for ends in (xs, ys)]
        axes.contourf(*centre_lines, field, levels=[-1, 0.5, 2], colors=["#fdf3e7", "#e3eef8"], hatches=["", "//"])
        if region.any() and not region.all():
            axes.contour(*centre_lines, field, levels=[0.5], colors=[BLACK], linewidths=1.8)
        for answer, marker, colour in ((False, "s", VERMILION), (True, "o", BLUE)):
            chosen = places[truth == answer]
            axes.plot(*chosen.T, marker, color=colour, markeredgecolor="white", markersize=mark_size(len(places)),
                      label=classes[int(answer)], linestyle="none", clip_on=False, zorder=3)  # fmt: skip
        if wrong.any():
            axes.plot(*places[wrong].T, "x", color=BLACK, markersize=mark_size(len(places)) + 3, markeredgewidth=2,
                      label="wrong side", clip_on=False, zorder=4)  # fmt: skip
        for text, place in zip(point_names or (), places, strict=False):
            axes.annotate(text, tuple(place), (9, 7), textcoords="offset points", zorder=5,
                          bbox={"facecolor": "white", "edgecolor": GREY, "pad": 2, "linewidth": 0.5})  # fmt: skip
        axes.set(xlim=(left, right), ylim=(bottom, top))
        axes.locator_params(nbins=6)
        scale = 9 / mark_size(len(places))
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), markerscale=scale, handletextpad=0.3)

    return Summary(name, sentences, data, draw, (6.6, 4.6))


def _answers(decide: Callable[[NDArray[Any]], Any], many: Points, batch: bool) -> Answers:
    if not batch:
        return np.array([float(decide(point)) > 0.5 for point in many])
    answers = np.asarray(decide(many), dtype=np.float64).reshape(-1)
    if len(answers) != len(many):
        raise ValueError(
            f"decide was given {len(many)} points and returned {len(answers)} answers; "
            "return one answer for each point, or leave out batch=True to be called with one point at a time."
        )
    return answers > 0.5


def _crossings(ask: Callable[[float], Answers], along: Points, answers: Answers) -> list[float]:
    """Find where the answer changes along a line, by halving each interval at whose ends it differs."""
    found = []
    for i in np.flatnonzero(answers[1:] != answers[:-1]):
        low, high = float(along[i]), float(along[i + 1])
        for _ in range(40):
            middle = (low + high) / 2
            if ask(middle)[0] == answers[i]:
                low = middle
            else:
                high = middle
        found.append(round(high, 6))
    return found


def _changes(name: str, crossings: Sequence[float]) -> str:
    if not crossings:
        return "the answer never changes"
    if len(crossings) > 4:
        return f"the answer changes {len(crossings)} times"
    return f"the answer changes at {name} = " + " and ".join(number(place) for place in crossings)


def _judged(wrong: Answers, places: Points, point_names: Sequence[str] | None) -> str:
    if not wrong.any():
        return "All points lie on the right side."
    which = np.flatnonzero(wrong)
    labels = [point_names[i] if point_names else f"({number(places[i, 0])}, {number(places[i, 1])})" for i in which[:4]]
    listed = f": {', '.join(labels)}" if len(which) <= 4 else ""
    verb = "lies" if len(which) == 1 else "lie"
    return f"{len(which)} of {len(places)} {verb} on the wrong side (marked with a cross){listed}."
