"""Rules on the shape of a chapter: format, ids, headings, length."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from grader.notebooks.form import complaints, is_readable
from grader.notebooks.rules.page import Finding, Page, Rule, flat, name_of, outside_solutions, parsed

MOST_CELLS = 70
MOST_WORDS = 150
FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$", re.DOTALL)


def format_is_valid(page: Page) -> Iterator[Finding]:
    """The file must be valid nbformat 4.5."""
    for complaint in complaints(page.notebook):
        yield "", f"nbformat 4.5 forbids this notebook, since {complaint}: run normalise, then mend what is left"


def ids_are_readable(page: Page) -> Iterator[Finding]:
    """A cell id is made of lower-case words and hyphens."""
    for number, cell in enumerate(page.cells, 1):
        if not is_readable(name_of(cell)):
            label = name_of(cell) or f"no id in cell {number}"
            yield (
                name_of(cell),
                f"{label!r} says nothing to a reader: give the cell an id of words, such as first-neuron",
            )


def ids_are_unique(page: Page) -> Iterator[Finding]:
    """No two cells share an id."""
    for identity, count in Counter(map(name_of, page.cells)).items():
        if identity and count > 1:
            yield identity, f"{count} cells have this id: rename all but the first"


def one_title(page: Page) -> Iterator[Finding]:
    """The notebook begins with its only heading of level 1."""
    titles = [
        cell for cell, tokens in page.markdown for token in tokens if token.type == "heading_open" and token.tag == "h1"
    ]
    if not titles:
        yield "", "it has no title: begin the first cell with a heading of level 1"
        return
    for cell in titles[1:]:
        yield name_of(cell), "this is a second heading of level 1: make it level 2 or lower"
    first = page.cells[0]
    opening = page.markdown[0][1][0] if page.markdown[0][0] is first else None
    if opening is None or opening.tag != "h1":
        yield name_of(first), "the notebook does not begin with its title: make the heading of level 1 its first line"


def headings_in_order(page: Page) -> Iterator[Finding]:
    """No heading is more than one level below the one before it."""
    level = 0
    for cell, tokens in page.markdown:
        for token in tokens:
            if token.type == "heading_open":
                now = int(token.tag[1])
                if level and now > level + 1:
                    yield (
                        name_of(cell),
                        f"a heading of level {now} follows one of level {level}: make it level {level + 1}",
                    )
                level = now


def few_cells(page: Page) -> Iterator[Finding]:
    """A chapter has at most 70 cells."""
    count = len(page.cells)
    if count > MOST_CELLS:
        yield "", f"it has {count} cells and a chapter may have {MOST_CELLS}: merge or remove {count - MOST_CELLS}"


def short_texts(page: Page) -> Iterator[Finding]:
    """A text cell has at most 150 words, formulas, code and HTML aside."""
    for cell in page.text:
        tokens = parsed(outside_solutions(cell.source))
        prose = " ".join(token.content for token in flat(tokens) if token.type == "text")
        count = len(re.findall(r"\w[\w'’-]*", FORMULA.sub(" ", prose)))
        if count > MOST_WORDS:
            yield (
                name_of(cell),
                f"this text has {count} words: say it in {MOST_WORDS}, or put something to do in between",
            )


RULES: dict[str, Rule] = {
    "format": format_is_valid,
    "cell-id": ids_are_readable,
    "unique-id": ids_are_unique,
    "one-title": one_title,
    "heading-order": headings_in_order,
    "cell-count": few_cells,
    "long-text": short_texts,
}
