"""The part of a plane that a figure shows: its span, a grid of cells over it, and how much of each cell has an answer.

The answers come from a function of many points at once; what they mean is for the figures to say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["GRID", "Answers", "Points", "Span", "centres_of", "coverage", "ends_of", "mark_size", "middles", "span_of"]

Span = tuple[tuple[float, float], tuple[float, float]]
Points = NDArray[np.float64]
Answers = NDArray[Any]  # integers, or yes and no

GRID = 100  # cells a side: 10,000 calls of a function of one point


def span_of(places: Points) -> Span:
    """Leave some room around the points: three quarters of a unit for corners of a square, else a twentieth."""
    lows, highs = places.min(axis=0), places.max(axis=0)
    margin = np.where(highs > lows, np.where(highs - lows <= 2, 0.75, (highs - lows) * 0.05), 0.5) * np.ones(2)
    (left, bottom), (right, top) = (lows - margin).tolist(), (highs + margin).tolist()
    return (left, right), (bottom, top)


def ends_of(span: Span) -> tuple[Points, Points]:
    """Return where the cells end along both axes."""
    xs, ys = (np.linspace(low, high, GRID + 1) for low, high in span)
    return xs, ys


def centres_of(span: Span) -> Points:
    """Return the centres of the cells, of shape (rows, columns, 2)."""
    return np.stack(np.meshgrid(*((ends[:-1] + ends[1:]) / 2 for ends in ends_of(span))), axis=-1)


def coverage(answers: Answers, centres: Points, ask: Callable[[Points], Answers], kinds: int) -> Points:
    """Say how much of each cell has each answer, asking 16 times near the boundaries, so that lines are straight.

    The answers at the centres are of shape (rows, columns), the result is of shape (kinds, rows + 2, columns + 2): a
    ring of cells around the grid repeats its rim, so that the boundaries reach the frame.
    """
    rows, columns = answers.shape
    rim = np.pad(answers, 1, mode="edge")
    around = [rim[1 + dy : rows + 1 + dy, 1 + dx : columns + 1 + dx] for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    near = np.any([cells != answers for cells in around], axis=0)
    cover = (answers == np.arange(kinds)[:, None, None]).astype(np.float64)
    if near.any():
        step = centres[1, 1] - centres[0, 0]
        inside = np.stack(np.meshgrid(*[(np.arange(4) - 1.5) / 4] * 2), axis=-1).reshape(-1, 2)
        inside = (inside + [0.013, 0.029]) * step  # off the centre, so that no sample sits on a simple diagonal
        asked = ask((centres[near][:, None] + inside).reshape(-1, 2)).reshape(-1, 16)
        cover[:, near] = (asked == np.arange(kinds)[:, None, None]).mean(axis=-1)
    return np.pad(cover, [(0, 0), (1, 1), (1, 1)], mode="reflect", reflect_type="odd")


def middles(ends: Points) -> Points:
    """Return the centres of the cells, and of one more on each side."""
    step = ends[1] - ends[0]
    return np.array([ends[0] - step / 2, *(ends + step / 2)])


def mark_size(count: int) -> float:
    """Return how large the marks of so many points may be."""
    return 11.0 if count <= 10 else 7.0 if count <= 100 else 4.5
