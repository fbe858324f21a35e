"""Tables in notebooks: of a tensor, with shape and dtype in words and edges only if it is large; and of any listing.

Arrays come in raw; colours are the page's own, so that tables read in light and dark alike.
"""

from __future__ import annotations

import html
import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["listing_html", "tensor_html"]

_EDGE = 4  # so many rows and columns are shown at each end of a longer axis
_SLICES = 3  # so many tables, of the first entries of all axes but the last two

_STYLE = (
    "<style>"
    ".minitf-tensor{margin:.3em 0;overflow-x:auto}"
    ".minitf-tensor table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:.4em 0}"
    ".minitf-tensor caption{caption-side:top;text-align:left;white-space:nowrap;padding:.2em 0}"
    ".minitf-tensor th,.minitf-tensor td{color:inherit;background:none;text-align:right;padding:.15em .6em;"
    "border:1px solid color-mix(in srgb,currentColor 30%,transparent)}"
    ".minitf-tensor table.listing th,.minitf-tensor .listing td{text-align:left}"
    ".minitf-tensor th{font-weight:normal;font-style:italic;opacity:.8}"
    "</style>"
)


def tensor_html(array: NDArray[Any], dtype: Any) -> str:
    """Show an array as tables of two axes, with shape and dtype as captions; a few kilobytes however large it is.

    >>> "Tensor of shape (2,), dtype int32" in tensor_html(np.array([1, 2]), tf.int32)
    True
    """
    title = f"Tensor of shape {array.shape}, dtype {dtype.name}"
    if array.ndim <= 2:
        tables = [_table(array, title)]
        more = ""
    else:
        outer = list(itertools.islice(np.ndindex(*array.shape[:-2]), _SLICES))
        tables = [f"<div>{title}</div>", *(_table(array[i], f"[{', '.join(map(str, i))}]") for i in outer)]
        left = int(np.prod(array.shape[:-2], dtype=np.int64)) - len(outer)
        more = f"<div>… and {left:,} more slices like these</div>" if left else ""
    return f'<div class="minitf-tensor" role="group" aria-label="{title}">{_STYLE}{"".join(tables)}{more}</div>'


def listing_html(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Show lines of text as a table.

    >>> "<td>3 &lt; 4</td>" in listing_html("A list", ["what"], [["3 < 4"]])
    True
    """
    title = html.escape(title)
    head = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in columns)
    lines = ("".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    table = (
        f'<table class="listing"><caption>{title}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    )
    return f'<div class="minitf-tensor" role="group" aria-label="{title}">{_STYLE}{table}</div>'


def _table(array: NDArray[Any], caption: str) -> str:
    """Show an array of at most two axes; a vector is one row."""
    caption = f"<caption>{caption}</caption>"
    if not array.size:
        return f"<table>{caption}<tbody><tr><td>no entries</td></tr></tbody></table>"
    rows, columns = _shown(len(array) if array.ndim == 2 else 1), _shown(array.shape[-1] if array.ndim else 1)
    entries = array.reshape(-1, array.shape[-1] if array.ndim else 1)
    body = "".join(f"<tr>{_row_head(array, row)}{_cells(entries, row, columns)}</tr>" for row in rows)
    head = "".join(f'<th scope="col">{_place(column)}</th>' for column in columns) if array.ndim else ""
    corner = "<td></td>" if array.ndim == 2 else ""
    return f"<table>{caption}{f'<thead><tr>{corner}{head}</tr></thead>' if head else ''}<tbody>{body}</tbody></table>"


def _shown(size: int) -> list[int | None]:
    """List the positions that are shown along an axis; None where some are left out."""
    if size <= 2 * _EDGE + 1:
        return list(range(size))
    return [*range(_EDGE), None, *range(size - _EDGE, size)]


def _place(position: int | None) -> str:
    return "…" if position is None else str(position)


def _row_head(array: NDArray[Any], row: int | None) -> str:
    return f'<th scope="row">{_place(row)}</th>' if array.ndim == 2 else ""


def _cells(entries: NDArray[Any], row: int | None, columns: list[int | None]) -> str:
    texts = ["…" if row is None or column is None else _entry(entries[row, column]) for column in columns]
    return "".join(f"<td>{text}</td>" for text in texts)


def _entry(number: Any) -> str:
    return html.escape(str(number) if number.dtype.kind != "f" else f"{number:.6g}")
