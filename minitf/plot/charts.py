"""Charts of numbers: step functions and activations, sums against thresholds, counts, truth tables.

Each function checks its arguments, works out the sentences and leaves the drawing to a function of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from minitf.plot.summary import (
    BLACK,
    BLUE,
    GREY,
    LINE_NAMES,
    LINES,
    MARKERS,
    ORANGE,
    SKY,
    VERMILION,
    Summary,
    axes_of,
    number,
    numbers,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["activations", "bars", "compare", "step_function", "truth_table", "weighted_sum"]

Span = tuple[float, float]


def fires(total: float, threshold: float, inclusive: bool) -> bool:
    """Say whether a weighted sum reaches (inclusive) or passes the threshold.

    >>> fires(1.5, 1.5, inclusive=True), fires(1.5, 1.5, inclusive=False)
    (True, False)
    """
    return total >= threshold if inclusive else total > threshold


# --- functions of one number -----------------------------------------------------------------------------------------


def step_function(
    threshold: float,
    *,
    inclusive: bool = True,
    span: Span | None = None,
    xlabel: str = "weighted sum",
    ylabel: str = "output",
    title: str | None = None,
) -> Summary:
    """Draw the step from 0 to 1 at `threshold`; `inclusive` says whether the threshold itself gives 1.

    >>> print(step_function(1.5))
    Figure: Step function with threshold 1.5.
    The horizontal axis is the weighted sum from 0 to 3; the vertical axis is the output, 0 or 1.
    The output jumps from 0 to 1 at 1.5.
    At the threshold itself the output is 1 (filled dot at 1, open dot at 0).
    """
    threshold = float(threshold)
    low, high = span or _around(threshold)
    if not low < high:
        raise ValueError(f"span must go from a smaller to a larger number, got ({low}, {high}); swap the two.")
    name = title or f"Step function with threshold {number(threshold)}"
    on, off = (1, 0) if inclusive else (0, 1)
    sentences = [
        f"The horizontal axis is the {xlabel} from {number(low)} to {number(high)}; "
        f"the vertical axis is the {ylabel}, 0 or 1.",
        f"The {ylabel} jumps from 0 to 1 at {number(threshold)}."
        if low < threshold < high
        else f"The {ylabel} is {int(threshold <= low)} everywhere: the threshold {number(threshold)} is outside.",
        f"At the threshold itself the {ylabel} is {on} (filled dot at {on}, open dot at {off}).",
    ]
    data = {"threshold": threshold, "inclusive": inclusive, "span": (low, high)}

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, name, xlabel, ylabel)
        axes.axvline(threshold, color=GREY, linestyle=":", linewidth=1.5)
        for height, ends in ((0, (low, min(threshold, high))), (1, (max(threshold, low), high))):
            if ends[0] < ends[1]:
                axes.plot(ends, [height, height], color=BLUE, linewidth=3.5, solid_capstyle="butt")
        axes.plot([threshold], [off], "o", color=BLUE, markerfacecolor="white", markeredgewidth=2.5, clip_on=False)
        axes.plot([threshold], [on], "o", color=BLUE, markeredgewidth=2.5, clip_on=False)
        side = "left" if threshold < (low + high) / 2 else "right"
        gap = (high - low) * (0.02 if side == "left" else -0.02)
        axes.text(threshold + gap, 0.5, f"threshold {number(threshold)}", ha=side, va="center")
        axes.set(xlim=(low, high), ylim=(-0.15, 1.15), yticks=[0, 1])

    return Summary(name, sentences, data, draw, (6.6, 3.0))


def _around(threshold: float) -> Span:
    return (0.0, 2 * threshold) if threshold > 0 else (threshold - 1.5, threshold + 1.5)


def activations(
    functions: Mapping[str, Callable[[float], Any]],
    span: Span = (-6.0, 6.0),
    *,
    marks: Sequence[float] = (0.0,),
    xlabel: str = "weighted sum",
    ylabel: str = "output",
    title: str | None = None,
) -> Summary:
    """Draw functions of one number side by side; `marks` are inputs whose outputs are marked, and given in the text.

    At a jump a filled dot shows the function's own value there, and an open dot each end that it does not take.

    >>> print(activations({"relu": lambda z: max(z, 0.0)}, (-2, 2)))
    Figure: Activation functions.
    The horizontal axis is the weighted sum from -2 to 2; the vertical axis is the output from 0 to 2.
    relu (solid line): 0 at -2, 0 at 0, 2 at 2.
    """
    __tracebackhide__ = True  # in a notebook, an error in a student's function shows the student's lines alone
    low, high = float(span[0]), float(span[1])
    if not functions or not low < high:
        raise ValueError(f"activations needs a function and a growing span, got {list(functions)} on ({low}, {high}).")
    for function in functions.values():
        function(low)  # once from here, so that a function that raises is near the top of the traceback
    name = title or "Activation functions"
    count = 400
    inputs = [low + (high - low) * i / count for i in range(count + 1)]
    curves = {label: [float(function(z)) for z in inputs] for label, function in functions.items()}
    bottom, top = min(map(min, curves.values())), max(map(max, curves.values()))
    jumps = {label: _jumps(functions[label], inputs, curve, top - bottom) for label, curve in curves.items()}
    sentences = [
        f"The horizontal axis is the {xlabel} from {number(low)} to {number(high)}; "
        f"the vertical axis is the {ylabel} from {number(bottom)} to {number(top)}."
    ]
    marked = sorted({float(mark) for mark in marks if low <= mark <= high})
    told = sorted({low, high, *marked})
    values = {label: {z: float(function(z)) for z in told} for label, function in functions.items()}
    for position, label in enumerate(functions):
        listed = ", ".join(f"{number(y)} at {number(z)}" for z, y in values[label].items())
        leaps = "".join(
            f"; it jumps from {number(before)} to {number(after)} at {number(z)}"
            + ("" if z in told else f", where it is {number(here)}")
            for z, before, here, after in jumps[label]
        )
        sentences.append(f"{label} ({LINE_NAMES[position % len(LINES)]} line): {listed}{leaps}.")
    data = {"span": (low, high), "inputs": inputs, "outputs": curves, "jumps": jumps}

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, name, xlabel, ylabel)
        axes.grid(True)
        for position, (label, curve) in enumerate(curves.items()):
            colour, style = LINES[position % len(LINES)]
            leaps = [place for place, _, _, _ in jumps[label]]
            points = [(z, y) for z, y in zip(inputs, curve, strict=True) if z not in leaps]
            for place, before, here, after in jumps[label]:
                at = sum(z < place for z, _ in points)
                points[at:at] = [(place, before), (place, float("nan")), (place, after)]
                _dots(axes, place, sorted({before, after} - {here}), colour, "white")
                _dots(axes, place, [here], colour, colour)
            axes.plot(*zip(*points, strict=True), color=colour, linestyle=style, label=label)
            spots = [(z, y) for z, y in values[label].items() if z in marked and z not in leaps]
            if spots:
                marker = MARKERS[position % len(MARKERS)]
                axes.plot(*zip(*spots, strict=True), marker, color=colour, markersize=8, markeredgecolor="white",
                          clip_on=False, zorder=3)  # fmt: skip
        axes.set_xlim(low, high)
        axes.legend(loc="best")

    return Summary(name, sentences, data, draw)


def _dots(axes: Axes, place: float, heights: Sequence[float], colour: str, face: str) -> None:
    axes.plot([place] * len(heights), heights, "o", color=colour, markerfacecolor=face, markeredgewidth=2.2,
              clip_on=False, zorder=4)  # fmt: skip


def _jumps(
    function: Callable[[float], Any], inputs: Sequence[float], outputs: Sequence[float], height: float
) -> list[tuple[float, float, float, float]]:
    """Find where the function leaps, and its values before, at and after it.

    Each steep interval is halved until it is tiny; a leap is where it is still steep.
    """
    found: list[tuple[float, float, float, float]] = []
    for (a, b), (at_a, at_b) in zip(itertools.pairwise(inputs), itertools.pairwise(outputs), strict=True):
        if abs(at_b - at_a) <= 0.05 * height:
            continue
        for _ in range(60):
            middle = (a + b) / 2
            at_middle = float(function(middle))
            if abs(at_middle - at_a) > abs(at_b - at_middle):
                b, at_b = middle, at_middle
            else:
                a, at_a = middle, at_middle
        if abs(at_b - at_a) <= 0.05 * height:
            continue
        place = round(b, 6)
        if abs(place - b) > 1e-9:  # no round number: of the two ends, the one that is written shorter
            place = min(a, b, key=lambda z: len(repr(z)))
        here = float(function(place))
        if found and found[-1][0] == place:  # up to its own value at this place, and on from it: one leap
            found[-1] = (place, found[-1][1], here, at_b)
        else:
            found.append((place, at_a, here, at_b))
    return found


# --- sums against thresholds -----------------------------------------------------------------------------------------


def weighted_sum(
    inputs: Sequence[float],
    weights: Sequence[float],
    threshold: float | None = None,
    *,
    names: Sequence[str] | None = None,
    inclusive: bool = True,
    title: str | None = None,
) -> Summary:
    """Draw what each input adds to the weighted sum, one bar behind the other, against the threshold.

    >>> print(weighted_sum([1, 0], [0.7, 0.6], 1.5, names=["friend", "music"]))
    Figure: Weighted sum.
    friend adds 1 × 0.7 = 0.7; music adds 0 × 0.6 = 0.
    The weighted sum is 0.7, which is below the threshold 1.5, so the output is 0 (no).
    The rule: yes when the sum is at least the threshold.
    """
    xs, ws = [float(x) for x in inputs], [float(w) for w in weights]
    labels = list(names) if names is not None else [f"x{i + 1}" for i in range(len(xs))]
    if not len(xs) == len(ws) == len(labels) or not xs:
        raise ValueError(
            f"weighted_sum needs one weight and one name for each input, got {len(xs)} inputs, {len(ws)} weights "
            f"and {len(labels)} names; make the lists equally long."
        )
    contributions = [x * w for x, w in zip(xs, ws, strict=True)]
    totals = list(itertools.accumulate(contributions, initial=0.0))
    total = totals[-1]
    decision = None if threshold is None else fires(total, float(threshold), inclusive)
    name = title or "Weighted sum"
    terms = zip(labels, xs, ws, contributions, strict=True)
    sentences = [
        "; ".join(f"{label} adds {number(x)} × {number(w)} = {number(c)}" for label, x, w, c in terms) + ".",
        f"The weighted sum is {number(total)}{_against(total, threshold, inclusive)}.",
    ]
    if threshold is not None:
        sentences.append(f"The rule: yes when the sum is {_rule(inclusive)} the threshold.")
    data = {
        "contributions": contributions, "sum": total, "decision": decision,
        "threshold": None if threshold is None else float(threshold),
    }  # fmt: skip

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, name, "running total")
        axes.grid(True, axis="x")
        rows = len(labels)
        for row, (start, part) in enumerate(zip(totals, contributions, strict=False)):
            colour, hatch = (SKY, "") if part >= 0 else (ORANGE, "//")
            axes.barh(row, part, left=start, height=0.62, color=colour, edgecolor=BLACK, hatch=hatch, linewidth=1)
            axes.plot([start + part] * 2, [row - 0.31, row + 1.31], color=GREY, linewidth=1)
        axes.barh(rows, total, height=0.62, color=BLUE, edgecolor=BLACK, linewidth=1)
        ticks = [f"{label}: {number(x)} × {number(w)}" for label, x, w in zip(labels, xs, ws, strict=True)]
        axes.set_yticks(range(rows + 1), [*ticks, "sum"])
        axes.get_yticklabels()[-1].set_fontweight("bold")
        axes.set_ylim(rows + 0.6, -0.95 if threshold is not None else -0.6)
        axes.axvline(0, color=BLACK, linewidth=1)
        if threshold is not None:
            axes.axvline(threshold, color=VERMILION, linestyle="--")
            axes.text(threshold, -0.55, f" threshold {number(threshold)} ", color=VERMILION, va="center",
                      ha="left" if threshold < max(totals) * 0.75 else "right")  # fmt: skip
        word = "" if decision is None else "  → yes" if decision else "  → no"
        reach = max(*totals, threshold or 0.0, 0.0) - min(*totals, threshold or 0.0, 0.0) or 1.0
        inside = total > 0.4 * reach and not decision
        axes.annotate(f"{number(total)}{word}", (total if inside else max(total, 0.0, threshold or 0.0), rows),
                      (-6 if inside else 6, 0), textcoords="offset points", va="center", fontweight="bold",
                      ha="right" if inside else "left", color="white" if inside else BLACK)  # fmt: skip
        axes.set_xlim(min(*totals, threshold or 0.0, 0.0) - 0.02 * reach, max(*totals, threshold or 0.0) + 0.3 * reach)

    return Summary(name, sentences, data, draw, (6.6, 1.6 + 0.42 * len(labels)))


def _rule(inclusive: bool) -> str:
    return "at least" if inclusive else "more than"


def _against(total: float, threshold: float | None, inclusive: bool) -> str:
    if threshold is None:
        return ""
    side = "exactly at" if total == threshold else "above" if total > threshold else "below"
    if side != "exactly at" and number(total) == number(threshold):
        side = f"a rounding error of {abs(total - threshold):.1g} {side}"
    yes = fires(total, threshold, inclusive)
    return f", which is {side} the threshold {number(threshold)}, so the output is {'1 (yes)' if yes else '0 (no)'}"


def compare(
    sums: Mapping[str, float],
    thresholds: Mapping[str, float] | float,
    *,
    inclusive: bool = True,
    title: str | None = None,
) -> Summary:
    """Draw the weighted sums of several people, each against the person's own threshold.

    >>> print(compare({"Ada": 1.6, "Bo": 0.9}, {"Ada": 1.5, "Bo": 1.0}))
    Figure: Weighted sums against thresholds.
    Ada: sum 1.6, threshold 1.5, yes.
    Bo: sum 0.9, threshold 1, no.
    1 of 2 say yes.
    The rule: yes when the sum is at least the threshold.
    """
    limits = dict(thresholds) if isinstance(thresholds, Mapping) else dict.fromkeys(sums, thresholds)
    if set(limits) != set(sums) or not sums:
        raise ValueError(
            f"compare needs a threshold for each of {list(sums)}, got {list(limits)}; name the same people."
        )
    name = title or "Weighted sums against thresholds"
    rows = [(person, float(total), float(limits[person])) for person, total in sums.items()]
    answers = {person: fires(total, limit, inclusive) for person, total, limit in rows}
    sentences = [
        f"{person}: sum {number(total)}, threshold {number(limit)}, {'yes' if answers[person] else 'no'}."
        for person, total, limit in rows
    ]
    sentences.append(f"{sum(answers.values())} of {len(rows)} say yes.")
    sentences.append(f"The rule: yes when the sum is {_rule(inclusive)} the threshold.")
    data = {"sums": dict(sums), "thresholds": limits, "decisions": answers}

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, name, "weighted sum")
        axes.grid(True, axis="x")
        reach = max(0.0, *(max(total, limit) for _, total, limit in rows)) or 1.0
        for row, (person, total, limit) in enumerate(rows):
            yes = answers[person]
            axes.barh(row, total, height=0.55, color=BLUE if yes else "white", edgecolor=BLUE, linewidth=1.8,
                      hatch="" if yes else "//")  # fmt: skip
            axes.plot([limit] * 2, [row - 0.4, row + 0.4], color=VERMILION, linewidth=3.5)
            text = f"{number(total)} → {'yes' if yes else 'no'}"
            axes.annotate(text, (max(total, limit, 0.0), row), (8, 0), textcoords="offset points", va="center")
        axes.plot([], [], color=VERMILION, linewidth=3.5, label="threshold")
        axes.set_yticks(range(len(rows)), [person for person, _, _ in rows])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(min(0.0, *(min(total, limit) for _, total, limit in rows)) * 1.05, reach * 1.3)
        axes.axvline(0, color=BLACK, linewidth=1)
        axes.legend(loc="upper left", bbox_to_anchor=(0.8, 1.2))

    return Summary(name, sentences, data, draw, (6.6, 1.5 + 0.45 * len(rows)))


# --- counts and cases ------------------------------------------------------------------------------------------------


def bars(
    counts: Mapping[str, float],
    *,
    of: Mapping[str, float] | float | None = None,
    xlabel: str = "",
    ylabel: str = "count",
    title: str | None = None,
) -> Summary:
    """Draw a bar for each count; `of` is the total that each is part of, one number or one for each name.

    A total is drawn as a dotted bar, and a legend says so; `ylabel` says what is counted, `xlabel` what the names are.

    >>> print(bars({"4 inputs": 3, "5 inputs": 10}, of={"4 inputs": 16, "5 inputs": 32}))
    Figure: Counts.
    4 inputs: 3 of 16 (19 %).
    5 inputs: 10 of 32 (31 %).
    """
    wholes = dict(of) if isinstance(of, Mapping) else {} if of is None else dict.fromkeys(counts, of)
    if not counts or not set(wholes) <= set(counts):
        raise ValueError(f"bars needs counts with the names of the totals, got {list(counts)} and {list(wholes)}.")
    name = title or "Counts"
    texts = {label: _part(count, wholes.get(label)) for label, count in counts.items()}
    sentences = [f"{label}: {texts[label]}." for label in counts]
    data = {"counts": dict(counts), "of": wholes}

    def draw(figure: Figure) -> None:
        from matplotlib.patches import Patch

        part: dict[str, Any] = {"facecolor": BLUE, "edgecolor": BLACK, "linewidth": 1}
        total: dict[str, Any] = {"facecolor": "white", "edgecolor": GREY, "hatch": "..", "linewidth": 1}
        axes = axes_of(figure, name, "" if wholes else ylabel, xlabel)
        axes.grid(True, axis="x")
        for row, (label, count) in enumerate(counts.items()):
            whole = wholes.get(label)
            if whole is not None:
                axes.barh(row, whole, height=0.6, **total)
            axes.barh(row, count, height=0.6, **part)
            axes.annotate(texts[label], (max(count, whole or 0), row), (6, 0), textcoords="offset points", va="center")
        axes.set_yticks(range(len(counts)), list(counts))
        axes.set_ylim(len(counts) - 0.4, -0.6)
        axes.set_xlim(0, (max(*counts.values(), *wholes.values(), 0) or 1) * 1.01)
        if wholes:
            patches = [Patch(label=ylabel, **part), Patch(label="total", **total)]
            figure.legend(handles=patches, loc="outside lower center", ncols=2)

    return Summary(name, sentences, data, draw, (6.6, 1.4 + 0.35 * bool(wholes) + 0.45 * len(counts)))


def _part(count: float, whole: float | None) -> str:
    return number(count) if not whole else f"{number(count)} of {number(whole)} ({round(100 * count / whole)} %)"


def truth_table(
    functions: Mapping[str, Callable[[tuple[int, ...]], Any]],
    names: Sequence[str] = ("a", "b"),
    *,
    title: str | None = None,
) -> Summary:
    """Draw what functions of some zeros and ones answer in every case; each is called with one tuple.

    >>> print(truth_table({"AND": all, "OR": any}))
    Figure: Truth table.
    All 4 cases of the inputs a, b are shown, one a row.
    AND: yes in 1 of 4 cases: (1, 1).
    OR: yes in 3 of 4 cases: (0, 1), (1, 0), (1, 1).
    """
    __tracebackhide__ = True  # in a notebook, an error in a student's function shows the student's lines alone
    if not 1 <= len(names) <= 6 or not functions:
        raise ValueError(f"truth_table draws 1 to 6 inputs and at least one function, got {len(names)} inputs.")
    name = title or "Truth table"
    cases = list(itertools.product((0, 1), repeat=len(names)))
    for function in functions.values():
        function(cases[0])  # once from here, so that a function that raises is near the top of the traceback
    answers = {label: [int(float(function(case)) > 0.5) for case in cases] for label, function in functions.items()}
    sentences = [f"All {len(cases)} cases of the inputs {', '.join(names)} are shown, one a row."]
    for label, column in answers.items():
        chosen = [numbers(case) for case, answer in zip(cases, column, strict=True) if answer]
        listed = ": " + ", ".join(chosen) if 0 < len(chosen) <= 10 else ""
        sentences.append(f"{label}: yes in {len(chosen)} of {len(cases)} cases{listed}.")
    data = {"cases": cases, "answers": answers, "counts": {label: sum(column) for label, column in answers.items()}}
    blocks = 1 if len(cases) <= 8 else len(cases) // 8
    rows = len(cases) // blocks
    width = len(names) + len(functions) + 0.3

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, name)
        for position, case in enumerate(cases):
            left, row = (position // rows) * (width + 0.8), position % rows
            outputs = [column[position] for column in answers.values()]
            for column, value in enumerate((*case, *outputs)):
                is_output = column >= len(names)
                colour = (SKY if is_output else "#dddddd") if value else "white"
                x = left + column + (0.3 if is_output else 0)
                axes.barh(row, 1, left=x, height=1, color=colour, edgecolor=GREY, linewidth=0.8)
                axes.text(x + 0.5, row, str(value), ha="center", va="center", fontweight="bold" if value else "normal")
        for block, (column, label) in itertools.product(range(blocks), enumerate((*names, *functions))):
            x = block * (width + 0.8) + column + (0.3 if column >= len(names) else 0) + 0.5
            weight = "bold" if column >= len(names) else "normal"
            axes.text(x, -0.75, label, ha="center", va="center", fontweight=weight, fontsize=11)
        axes.set(xlim=(-0.1, blocks * (width + 0.8) - 0.7), ylim=(rows - 0.4, -1.3))
        axes.axis("off")

    return Summary(
        name, sentences, data, draw, (min(9.0, 0.8 + 0.62 * blocks * (width + 0.8)), 1.1 + 0.33 * (rows + 1))
    )
