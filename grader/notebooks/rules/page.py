"""What rules read: a source notebook with its headings, pictures and HTML parsed, and its graded cells named.

Talks to markdown-it; knows nothing of single rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from typing import Any, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.token import Token

from grader.notebooks.form import Cell, Notebook

MARKER = re.compile(r"^(?:#|<!--)[ \t]*graded:[ \t]*(\S+)/(\S+?)[ \t]*(?:-->)?[ \t]*$", re.MULTILINE)
BEGIN, END = "BEGIN SOLUTION", "END SOLUTION"


@dataclass(frozen=True)
class Page:
    """A notebook as rules see it: its *chapter* ("01-perceptron") and the points of that chapter's *exercises*.

    exercises: name → points, or None where the notebook belongs to no chapter.
    """

    notebook: Notebook
    chapter: str
    exercises: Mapping[str, float] | None = None

    @property
    def cells(self) -> list[Cell]:
        """All cells, in order."""
        return list(self.notebook.cells)

    @property
    def code(self) -> list[Cell]:
        """The code cells, in order."""
        return [cell for cell in self.cells if cell.cell_type == "code"]

    @property
    def text(self) -> list[Cell]:
        """The text cells, in order."""
        return [cell for cell in self.cells if cell.cell_type == "markdown"]

    @cached_property
    def markdown(self) -> list[tuple[Cell, list[Token]]]:
        """The text cells with their parsed content."""
        return [(cell, parsed(cell.source)) for cell in self.text]

    @cached_property
    def html(self) -> list[tuple[Cell, str]]:
        """All pieces of HTML: those in texts and those in outputs."""
        written = [
            (cell, token.content)
            for cell, tokens in self.markdown
            for token in flat(tokens)
            if token.type in ("html_block", "html_inline")
        ]
        shown = [
            (cell, output.data[kind])
            for cell in self.code
            for output in cell.outputs
            for kind in ("text/html", "image/svg+xml", "text/markdown")
            if isinstance(output.get("data", {}).get(kind), str)
        ]
        return written + shown


Finding: TypeAlias = tuple[str, str]  # a cell's id ("" for the whole notebook) and one sentence of advice
Rule: TypeAlias = Callable[[Page], Iterator[Finding]]


def name_of(cell: Cell) -> str:
    """Return the cell's id, or "" if it has none."""
    return str(cell.get("id", ""))


def parsed(source: str) -> list[Token]:
    """Return the parts of a Markdown text."""
    return MarkdownIt("commonmark").parse(source)


def flat(tokens: list[Token]) -> Iterator[Token]:
    """Yield parsed Markdown with the parts of each line after the line."""
    for token in tokens:
        yield token
        yield from flat(token.children or [])


def tags(html: str) -> list[tuple[str, dict[str, str]]]:
    """Return the opening tags of a piece of HTML with their attributes.

    >>> tags("<p>See <img src='a.png' alt='a step'>")
    [('p', {}), ('img', {'src': 'a.png', 'alt': 'a step'})]
    """
    found: list[tuple[str, dict[str, str]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, {name: value or "" for name, value in attrs}))

    reader = Reader()
    reader.feed(html)
    reader.close()
    return found


def grading(cell: Cell) -> Mapping[str, Any]:
    """Return a cell's nbgrader metadata; empty where it has none."""
    return dict(cell.metadata.get("nbgrader", {}))


def is_solution(cell: Cell) -> bool:
    """Tell whether students write in this cell."""
    return bool(grading(cell).get("solution"))


def is_graded(cell: Cell) -> bool:
    """Tell whether this cell carries points."""
    return bool(grading(cell).get("grade"))


def is_manual(cell: Cell) -> bool:
    """Tell whether a person gives the points of this cell."""
    return is_solution(cell) and is_graded(cell)


def is_check(cell: Cell) -> bool:
    """Tell whether this cell checks the solution before it."""
    return is_graded(cell) and not is_solution(cell)


def outside_solutions(source: str) -> str:
    """Return what students see of a cell: its source without the parts between the solution marks."""
    seen, hidden = [], False
    for line in source.split("\n"):
        if BEGIN in line:
            hidden = True
        elif END in line:
            hidden = False
        elif not hidden:
            seen.append(line)
    return "\n".join(seen)


def marker(cell: Cell) -> tuple[str, str] | None:
    """Return the chapter and the exercise that the cell's marker names, as far as students see it.

    >>> from nbformat.v4 import new_code_cell
    >>> marker(new_code_cell("# graded: 01-perceptron/decide"))
    ('01-perceptron', 'decide')
    """
    found = MARKER.search(outside_solutions(cell.source))
    return (found.group(1), found.group(2)) if found else None
