"""Arrows of a drawing in layers: along the ways that `layers` finds, with a smooth bend between two layers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Point", "flow"]

Point = tuple[float, float]


def flow(axes: Axes, points: Sequence[Point], colour: str, style: Any, turn: Callable[[Point], Point]) -> None:
    """Draw an arrow that goes down: straight within layers, and bent between two; it always arrives from above.

    `turn` says where on the axes a point is, so that a drawing may be shifted, or lie on its side.
    """
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    tip_x, tip_y = points[-1]
    vertices, codes = [points[0]], [Path.MOVETO]
    for i, ((x, y), (to_x, to_y)) in enumerate(itertools.pairwise(points)):
        if i % 2 == 0:
            vertices.append((to_x, to_y))
            codes.append(Path.LINETO)
        else:
            half = (y + to_y) / 2
            vertices += [(x, half), (to_x, half), (to_x, to_y)]
            codes += [Path.CURVE4] * 3
    line: Any = {"facecolor": "none", "edgecolor": colour, "linestyle": style, "linewidth": 1.3, "zorder": 2}
    axes.add_patch(PathPatch(Path([turn(point) for point in vertices], codes), **line))
    head = [(tip_x - 0.045, tip_y + 0.1), (tip_x + 0.045, tip_y + 0.1), (tip_x, tip_y), (tip_x, tip_y)]
    tip = Path([turn(point) for point in head], closed=True)
    axes.add_patch(PathPatch(tip, facecolor=colour, edgecolor="none", zorder=2))
