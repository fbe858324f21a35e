"""Places for the labels of a diagram: boxes that keep clear of lines and of one another, worked out without drawing.

Lengths are in the diagram's own units, of which one is 0.85 inches on paper; the width of a text is an estimate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["INCHES", "Box", "Place", "clearest", "label_box"]

Place = tuple[float, float]
Box = tuple[float, float, float, float]  # left, bottom, right, top

INCHES = 0.85  # of one unit
_POINTS = 72 * INCHES  # of one unit
_STEPS = np.linspace(0.0, 1.0, 121)[:, None]  # where a line is looked at


def label_box(text: str, centre: Place, size: float, margin: float = 0.0) -> Box:
    """Say how much room a line of text of `size` points takes around its centre.

    >>> [round(side, 2) for side in label_box("0.5", (1, 0), 11)]
    [0.83, -0.11, 1.17, 0.11]
    """
    half = (0.63 * size * len(text) / _POINTS) / 2 + margin
    tall = (1.2 * size / _POINTS) / 2 + margin
    return centre[0] - half, centre[1] - tall, centre[0] + half, centre[1] + tall


def clearest(
    candidates: Sequence[Box], lines: Iterable[tuple[Place, Place]], boxes: Sequence[Box], enough: float
) -> int:
    """Choose the first of some boxes that keeps `enough` distance from all lines and other boxes, or else the clearest.

    >>> near, far = (0.0, 0.0, 1.0, 1.0), (3.0, 0.0, 4.0, 1.0)
    >>> clearest([near, far], [((-1, 0.5), (2, 0.5))], [], 0.1)
    1
    """
    drawn = [np.asarray(start) + _STEPS * np.subtract(end, start) for start, end in lines]
    points = np.concatenate(drawn) if drawn else np.empty((0, 2))
    best, most = 0, -np.inf
    for position, box in enumerate(candidates):
        gap = min([_to_points(box, points), *(_to_box(box, other) for other in boxes)])
        if gap >= enough:
            return position
        if gap > most + 1e-9:
            best, most = position, gap
    return best


def _to_points(box: Box, points: NDArray[np.float64]) -> float:
    """Distance from a box to the nearest point; inside it, minus the depth."""
    if not len(points):
        return float("inf")
    left, bottom, right, top = box
    x, y = points[:, 0], points[:, 1]
    aside, above = np.maximum(left - x, x - right), np.maximum(bottom - y, y - top)
    outside = np.hypot(np.maximum(aside, 0), np.maximum(above, 0))
    return float(np.min(np.where(outside > 0, outside, np.maximum(aside, above))))


def _to_box(box: Box, other: Box) -> float:
    aside = max(box[0] - other[2], other[0] - box[2])
    above = max(box[1] - other[3], other[1] - box[3])
    return max(aside, above) if max(aside, above) <= 0 else float(np.hypot(max(aside, 0.0), max(above, 0.0)))
