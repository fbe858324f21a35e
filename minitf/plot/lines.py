"""Charts of many numbers: curves over a range, and sums strewn along an axis.

Each function checks its arguments, works out the sentences and leaves the drawing to a function of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from minitf.plot.summary import BLACK, BLUE, GREY, LINE_NAMES, LINES, MARKERS, VERMILION, Summary, axes_of, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["curves", "sums"]

_MARKED = 40  # a curve of more points is drawn without a mark on each
_NEAR = 1e-6  # sums as near as this to one another, or to the threshold, count as equal


def curves(
    series: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    *,
    xlabel: str = "",
    ylabel: str = "",
    span: tuple[float, float] | None = None,
    level: tuple[str, float] | None = None,
    steps: bool = False,
    title: str | None = None,
) -> Summary:
    """Draw one curve for each entry, name → (xs, ys); `level` is a named height to compare them with.

    `span` bounds the vertical axis; `steps=True` holds each value until the next x instead of joining the points by
    slanted lines.  ValueError if a curve has no points, or more of one coordinate than of the other.

    >>> print(curves({"loss": ([0, 1, 2], [4, 1, 0.5])}, xlabel="step", level=("aim", 0.6)))
    Figure: Curves.
    The horizontal axis is the step from 0 to 2; the vertical axis goes from 0.5 to 4.
    loss (solid line, 3 points): from 4 at 0 to 0.5 at 2; lowest 0.5, highest 4.
    A thin horizontal line marks aim at 0.6.
    """
    points = {label: ([float(x) for x in xs], [float(y) for y in ys]) for label, (xs, ys) in series.items()}
    for label, (xs, ys) in points.items():
        if not xs or len(xs) != len(ys):
            raise ValueError(
                f"curves needs as many x as y values and at least one, got {len(xs)} and {len(ys)} for {label!r}."
            )
    if not points:
        raise ValueError("curves needs at least one curve, got none; give {name: (xs, ys)}.")
    name = title or "Curves"
    left, right = min(min(xs) for xs, _ in points.values()), max(max(xs) for xs, _ in points.values())
    bottom, top = min(min(ys) for _, ys in points.values()), max(max(ys) for _, ys in points.values())
    vertical = f"is the {ylabel}" if ylabel else "goes"
    sentences = [
        f"The horizontal axis {f'is the {xlabel}' if xlabel else 'goes'} from {number(left)} to {number(right)}; "
        f"the vertical axis {vertical} from {number(bottom)} to {number(top)}."
    ]
    for position, (label, (xs, ys)) in enumerate(points.items()):
        sentences.append(
            f"{label} ({LINE_NAMES[position % len(LINES)]} line, {len(xs)} points): from {number(ys[0])} at "
            f"{number(xs[0])} to {number(ys[-1])} at {number(xs[-1])}; lowest {number(min(ys))}, "
            f"highest {number(max(ys))}."
        )
    if steps:
        sentences.append("Every line goes in horizontal steps: each value is held until the next point.")
    if level is not None:
        sentences.append(f"A thin horizontal line marks {level[0]} at {number(level[1])}.")
    data: dict[str, Any] = {"series": points, "level": level, "steps": steps}

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, name, xlabel, ylabel)
        axes.grid(True)
        if level is not None:
            axes.axhline(level[1], color=GREY, linewidth=1.5, label=level[0])
        for position, (label, (xs, ys)) in enumerate(points.items()):
            colour, style = LINES[position % len(LINES)]
            marker = MARKERS[position % len(MARKERS)] if len(xs) <= _MARKED else ""
            marks = axes.plot(xs, ys, color=colour, linestyle=style, marker=marker, markersize=5, label=label)
            marks[0].set_drawstyle("steps-post" if steps else "default")
        if span is not None:
            axes.set_ylim(*span)
        axes.margins(x=0.02)
        if len(points) > 1 or level is not None:  # below, where no curve can run through it
            figure.legend(loc="outside lower center", ncols=3)

    return Summary(name, sentences, data, draw, (6.6, 4.0))


def sums(
    values: Sequence[float],
    threshold: float,
    *,
    inclusive: bool = False,
    xlabel: str = "weighted sum",
    title: str | None = None,
) -> Summary:
    """Draw each sum as a mark above its place, equal ones on top of one another, and the threshold between them.

    `inclusive` says whether a sum that is exactly the threshold counts as a yes.  ValueError without values.

    >>> print(sums([0.0, 0.5, 1.0, 1.0, 1.5], 1.0))
    Figure: Sums and their threshold.
    The horizontal axis is the weighted sum; equal sums stand on top of one another, at most 2.
    5 sums from 0 to 1.5: 1 above the threshold 1 (filled squares, yes), 2 exactly at it (diamonds, no), 2 below (open
    circles, no).
    """
    places = [round(float(value) / _NEAR) * _NEAR for value in values]
    if not places:
        raise ValueError("sums needs at least one value, got none; give a list of numbers.")
    limit = float(threshold)
    kinds = [0 if abs(place - limit) <= _NEAR else 1 if place > limit else -1 for place in places]
    counts = Counter(kinds)
    heights = Counter(places)
    name = title or "Sums and their threshold"
    tie = "yes" if inclusive else "no"
    sentences = [
        f"The horizontal axis is the {xlabel}; equal sums stand on top of one another, at most "
        f"{max(heights.values())}.",
        f"{len(places)} sums from {number(min(places))} to {number(max(places))}: {counts[1]} above the threshold "
        f"{number(limit)} (filled squares, yes), {counts[0]} exactly at it (diamonds, {tie}), {counts[-1]} below "
        "(open circles, no).",
    ]
    data = {"threshold": limit, "above": counts[1], "at": counts[0], "below": counts[-1], "values": places}

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, name, xlabel)
        axes.axvline(limit, color=BLACK, linestyle="--", linewidth=1.5)
        looks = {
            1: ("s", BLUE, BLUE, "above: yes"),
            0: ("D", VERMILION, VERMILION, f"exactly at it: {tie}"),
            -1: ("o", BLUE, "white", "below: no"),
        }
        for kind, (marker, edge, face, label) in looks.items():
            seen: Counter[float] = Counter()
            xs, ys = [], []
            for place, its in zip(places, kinds, strict=True):
                if its == kind:
                    seen[place] += 1
                    xs.append(place)
                    ys.append(seen[place])
            if xs:
                marks = axes.plot(xs, ys, marker, color=edge, markerfacecolor=face, markeredgewidth=1.8, label=label)
                marks[0].set_markersize(8)
        top = max(heights.values())
        axes.annotate(
            f"threshold {number(limit)}", (limit, top + 0.95), xytext=(-6, 0), textcoords="offset points", ha="right"
        )
        axes.set(ylim=(0.3, top + 1.4), yticks=[])
        axes.spines["left"].set_visible(False)
        axes.legend(loc="upper right", fontsize=10)

    return Summary(name, sentences, data, draw, (6.6, 2.6))
