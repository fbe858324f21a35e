"""Summary: a figure that can say what it shows, and the one look that all figures share.

The text comes from the data alone, so that it is the same on every machine; matplotlib is imported when a picture is
really wanted. What is drawn is decided by the rooms next door.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "BLACK", "BLUE", "GREEN", "GREY", "LINES", "LINE_NAMES", "MARKERS", "ORANGE", "PURPLE", "SKY", "VERMILION",
    "Summary", "axes_of", "number", "numbers", "percent",
]  # fmt: skip

# Okabe and Ito's palette, which people with any kind of colour vision can tell apart; colour never stands alone.
BLACK, GREY = "#222222", "#8a8a8a"
BLUE, SKY, GREEN, ORANGE, VERMILION, PURPLE = "#0072B2", "#56B4E9", "#009E73", "#E69F00", "#D55E00", "#CC79A7"
LINES = ((BLUE, "-"), (VERMILION, "--"), (GREEN, "-."), (PURPLE, ":"), (BLACK, (0, (6, 2))), (ORANGE, (0, (1, 1))))
LINE_NAMES = ("solid", "dashed", "dash-dotted", "dotted", "long-dashed", "finely dotted")
MARKERS = ("o", "s", "^", "D", "v", "P")

_DPI, _PIXELS_PER_INCH = 150, 100  # drawn finer than shown, for sharp screens and print
_COLOURS = 96  # of the PNG's palette: enough for smooth letters, and a quarter of the size
_STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 12,
    "axes.titlesize": 14,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.labelsize": 12,
    "axes.edgecolor": GREY,
    "axes.labelcolor": BLACK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": "#e6e6e6",
    "text.color": BLACK,
    "xtick.color": BLACK,
    "ytick.color": BLACK,
    "lines.linewidth": 2.5,
    "lines.markersize": 9,
    "hatch.color": "#a9c4de",
    "hatch.linewidth": 1.2,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}


class Summary:
    """A figure: as text, as data, and, in a notebook, as a picture.

    >>> Summary("Empty", ["Nothing is shown."], {}, lambda figure: None)
    Figure: Empty.
    Nothing is shown.
    """

    def __init__(
        self,
        title: str,
        sentences: Iterable[str],
        data: dict[str, Any],
        draw: Callable[[Figure], None],
        size: tuple[float, float] = (6.6, 3.6),
    ) -> None:
        """Keep the description and the function that draws on an empty figure of `size` inches."""
        self.title = title
        self.text = "\n".join([f"Figure: {title}.", *sentences])
        self.data = data
        self._draw = draw
        self._size = size
        self._png: bytes | None = None

    def png(self, dpi: int = _DPI) -> bytes:
        """Draw the figure, once; ImportError if matplotlib is not installed."""
        if dpi != _DPI:
            return _render(self._draw, self._size, dpi)
        if self._png is None:
            self._png = _render(self._draw, self._size, dpi)
        return self._png

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        width, height = (round(inches * _PIXELS_PER_INCH) for inches in self._size)
        described = {"alt": self.text, "width": width, "height": height}
        return {"image/png": self.png(), "text/plain": self.text}, {"image/png": described}


def _render(draw: Callable[[Figure], None], size: tuple[float, float], dpi: int) -> bytes:
    """Draw without pyplot, in our style alone, so that equal figures have equal bytes."""
    try:
        import matplotlib
    except ImportError as error:
        message = "Drawing a figure needs matplotlib; install it with: pip install 'minitf[notebooks]'."
        raise ImportError(message) from error
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine
    from PIL import Image

    defaults = {key: value for key, value in matplotlib.rcParamsDefault.items() if not key.startswith("backend")}
    style: Any = {**defaults, **_STYLE}
    with matplotlib.rc_context(style):
        engine = ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.1)
        figure = Figure(figsize=size, dpi=dpi, layout=engine)
        canvas: Any = FigureCanvasAgg(figure)
        draw(figure)
        canvas.draw()
        picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    buffer = io.BytesIO()
    picture.quantize(_COLOURS).save(buffer, format="png", optimize=True)
    return buffer.getvalue()


def axes_of(
    figure: Figure, title: str, xlabel: str = "", ylabel: str = "", place: tuple[int, int, int] = (1, 1, 1)
) -> Axes:
    """Put a set of axes on the figure; `place` is the number of rows and columns of such, and which of them it is."""
    axes = figure.add_subplot(*place)
    axes.set_title(title)
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    return axes


def number(value: float) -> str:
    """Print a number with at most four significant digits, without a minus before zero.

    >>> number(1.5999999999999999), number(-0.0), number(10)
    ('1.6', '0', '10')
    """
    text = f"{float(value):.4g}"
    return "0" if text == "-0" else text


def numbers(values: Iterable[float]) -> str:
    """Print numbers as a tuple.

    >>> numbers([1, 0.5])
    '(1, 0.5)'
    """
    return "(" + ", ".join(number(value) for value in values) + ")"


def percent(share: float) -> str:
    """Print a share in percent, without claiming none or all of what is only nearly so.

    >>> percent(0.374), percent(0.0001), percent(0.9999), percent(1.0)
    ('37 %', 'less than 1 %', 'more than 99 %', '100 %')
    """
    if 0 < share < 0.005 or 0.995 <= share < 1:
        return "less than 1 %" if share < 0.5 else "more than 99 %"
    return f"{round(100 * share)} %"
