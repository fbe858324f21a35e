"""Rules on stored outputs: there, free of errors, the same in each run, and with words for each picture."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.notebooks.form import UNTOUCHED, WIDGET_VIEW, Cell, Notebook
from grader.notebooks.rules.page import Finding, Page, Rule, name_of

PICTURES = ("image/png", "image/jpeg", "image/gif")
BARE_REPR = re.compile(r"<[^<>]*>")
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{8,}\b")
MAY_RAISE = "raises-exception"


def figures_have_text(page: Page) -> Iterator[Finding]:
    """A figure comes with a text that describes it, or with an alt in its metadata."""
    for cell in page.code:
        for output in cell.outputs:
            for kind in PICTURES:
                if kind in output.get("data", {}) and not _describes(output, kind):
                    yield (
                        name_of(cell),
                        "its figure has no words: end the cell with a summary from minitf.plot, or set alt",
                    )


def no_errors(page: Page) -> Iterator[Finding]:
    """A source notebook runs to its end; a cell that shows an error on purpose is tagged."""
    for cell in page.code:
        for output in cell.outputs:
            if output.output_type == "error" and MAY_RAISE not in _tags(cell):
                yield name_of(cell), f"its output is the error {output.ename}: mend the cell, or tag it {MAY_RAISE}"


def outputs_are_stored(page: Page) -> Iterator[Finding]:
    """Every cell with code has run."""
    due = [cell for cell in page.code if cell.source.strip() and UNTOUCHED not in _tags(cell)]
    waiting = [cell for cell in due if cell.get("execution_count") is None]
    if len(waiting) == len(due) > 1:
        yield "", f"none of its {len(due)} code cells has run: run refresh"
        return
    for cell in waiting:
        yield name_of(cell), f"it has not run: run refresh, or tag it {UNTOUCHED} if it cannot run here"


def outputs_are_stable(page: Page) -> Iterator[Finding]:
    """No output shows a memory address."""
    for cell in page.code:
        for output in cell.outputs:
            shown = [output.get("text", ""), *output.get("data", {}).values()]
            found = ADDRESS.search("\n".join(value for value in shown if isinstance(value, str)))
            if found:
                yield (
                    name_of(cell),
                    f"its output shows the address {found.group()}, new in each run: print something else",
                )


def no_live_views(page: Page) -> Iterator[Finding]:
    """A stored output does not point at a widget that lived in some kernel."""
    for cell in page.code:
        if any(WIDGET_VIEW in output.get("data", {}) for output in cell.outputs):
            yield name_of(cell), "its output points at a widget that is gone: run refresh and show a static view below"


def _describes(output: Notebook, kind: str) -> bool:
    metadata = output.get("metadata", {})
    alternatives = (metadata.get("alt"), metadata.get(kind, {}).get("alt"))
    if any(isinstance(text, str) and text.strip() for text in alternatives):
        return True
    text = str(output.data.get("text/plain", "")).strip()
    return bool(text) and not BARE_REPR.fullmatch(text)


def _tags(cell: Cell) -> list[str]:
    return list(cell.metadata.get("tags", []))


RULES: dict[str, Rule] = {
    "output-alt": figures_have_text,
    "error-output": no_errors,
    "outputs-missing": outputs_are_stored,
    "memory-address": outputs_are_stable,
    "widget-view": no_live_views,
}
