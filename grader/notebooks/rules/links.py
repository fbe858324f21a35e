"""Rules on pictures, links and embedded pages: a chapter works offline, for everyone, on any machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from grader.notebooks.form import Cell
from grader.notebooks.rules.page import Finding, Page, Rule, flat, name_of, tags

# Names of XML vocabularies look like links and are none.
PLAIN_LINK = re.compile(r"http://(?!www\.w3\.org/)[^\s)\"'<>]+")
FRAME_CODE = re.compile(r"\b(IFrame|YouTubeVideo|VimeoVideo)\s*\(")
SCRIPT_CODE = re.compile(r"<script\b|^%%(javascript|js)\b|\bJavascript\s*\(", re.MULTILINE | re.IGNORECASE)
MACHINE_PATH = re.compile(
    r"(?<![\w./~-])/(?:home|Users|root|tmp|mnt|work|workspace|workspaces|var|opt|usr/lib|usr/local)/[\w.-]+"
    r"|\b[A-Za-z]:\\+(?:Users|Documents|Program)[\w\\]*"
)


def pictures_have_text(page: Page) -> Iterator[Finding]:
    """Every picture says in words what it shows."""
    for cell, tokens in page.markdown:
        for token in flat(tokens):
            if token.type == "image" and not token.content.strip():
                source = token.attrs.get("src")
                yield name_of(cell), f"the picture {source} has no alternative text: write ![what it shows]({source})"
    for cell, html in page.html:
        for tag, attributes in tags(html):
            if tag == "img" and not attributes.get("alt", "").strip():
                yield name_of(cell), "an <img> has no alternative text: add alt with what the picture shows"


def no_frames(page: Page) -> Iterator[Finding]:
    """No foreign page is shown inside the notebook."""
    yield from _with_tag(
        page, ("iframe", "embed", "object"), "it embeds another page: use a figure or a link in its place"
    )
    for cell in page.code:
        if FRAME_CODE.search(cell.source):
            yield name_of(cell), "its code embeds another page: use a figure or a link in its place"


def no_scripts(page: Page) -> Iterator[Finding]:
    """No script stands in texts, code or outputs; widgets go through anywidget."""
    yield from _with_tag(
        page, ("script",), "it holds a script, which many viewers refuse: use a widget with a static view"
    )
    for cell in page.code:
        if SCRIPT_CODE.search(cell.source):
            yield name_of(cell), "its code makes a script, which many viewers refuse: use a widget with a static view"


def links_are_safe(page: Page) -> Iterator[Finding]:
    """Links use https."""
    for cell in page.cells:
        for link in PLAIN_LINK.findall("\n".join(_texts(cell))):
            yield name_of(cell), f"the link {link} is not encrypted: use https"


def no_machine_paths(page: Page) -> Iterator[Finding]:
    """Neither text nor output names a folder or a user of the machine it was made on."""
    home = str(Path.home())
    for cell in page.cells:
        text = "\n".join(_texts(cell))
        found = MACHINE_PATH.search(text)
        if found or (len(home) > 5 and home in text):
            place = found.group() if found else home
            yield name_of(cell), f"it names {place}, a place on one machine: use a path relative to the notebook"


def _with_tag(page: Page, names: tuple[str, ...], advice: str) -> Iterator[Finding]:
    for cell, html in page.html:
        if any(tag in names for tag, _ in tags(html)):
            yield name_of(cell), advice


def _texts(cell: Cell) -> Iterator[str]:
    """Yield all that can be read in a cell: its source and its outputs, pictures aside."""
    yield cell.source
    for output in cell.get("outputs", []):
        yield str(output.get("text", ""))
        yield str(output.get("evalue", ""))
        yield from (line for line in output.get("traceback", []) if isinstance(line, str))
        for kind, value in output.get("data", {}).items():
            if not kind.startswith(("image/png", "image/jpeg", "image/gif", "application/pdf")):
                yield str(value)


RULES: dict[str, Rule] = {
    "image-alt": pictures_have_text,
    "no-iframe": no_frames,
    "no-script": no_scripts,
    "https": links_are_safe,
    "machine-path": no_machine_paths,
}
