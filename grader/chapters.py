"""The chapters of the course: what they are called and where their source notebooks stand.

In a checkout they are the folders of `notebooks/`; an installed package brings its own copy.  Only the standard library
is used here, so that asking for a chapter costs nothing; what a notebook means is the business of `grader.notebooks`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from grader.errors import DamagedNotebook, GraderError, UnknownChapter

PACKAGED = Path(__file__).parent / "notebook_sources"


@dataclass(frozen=True)
class Chapter:
    """One chapter: its *name* ("01-perceptron") and the *path* of its source notebook."""

    name: str
    path: Path

    @property
    def title(self) -> str:
        """The first heading of the notebook, or the chapter's name where there is none; raises `DamagedNotebook`."""
        try:
            cells = json.loads(self.path.read_text(encoding="utf-8"))["cells"]
            text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise DamagedNotebook(
                f"the title of {self.path} was asked for, but it cannot be read as a notebook ({error}): "
                "restore the file"
            ) from error
        heading = re.search(r"^#+\s+(.+?)\s*#*$", text, re.MULTILINE)
        return heading.group(1) if heading else self.name


def checkout() -> Path | None:
    """Return the root of the checkout this package runs from, or None when it is installed."""
    root = Path(__file__).parents[1]
    return root if (root / "notebooks").is_dir() and (root / "pyproject.toml").is_file() else None


def sources() -> Path:
    """Return the folder that holds the source notebooks, one folder per chapter."""
    root = checkout()
    return root / "notebooks" if root else PACKAGED


def chapters(folder: Path | None = None) -> dict[str, Chapter]:
    """Return the chapters in *folder* (default: the course's own) by name, in the order of the course.

    A chapter is a folder with one notebook in it.  Raises `GraderError` where there are two.
    """
    folder = sources() if folder is None else folder
    found: dict[str, Chapter] = {}
    for path in sorted(folder.glob("[!._]*/[!.]*.ipynb")):
        if path.parent.name in found:
            other = found[path.parent.name].path.name
            raise GraderError(f"{path.parent} holds {other} and {path.name}, but a chapter is one notebook: keep one")
        found[path.parent.name] = Chapter(path.parent.name, path)
    return found


def chapter(name: str, folder: Path | None = None) -> Chapter:
    """Return one chapter by its full name, its name without the number, or its number alone.

    "01-perceptron", "perceptron" and "1" are the same chapter.  Raises `UnknownChapter`, naming those that exist.
    """
    known = chapters(folder)
    asked = name.strip().strip("/").lower().replace("_", "-")
    for each in known.values():
        number, _, rest = each.name.partition("-")
        if asked in (each.name, rest) or (asked.isdecimal() and number.isdecimal() and int(asked) == int(number)):
            return each
    exist = ", ".join(known) or "none"
    raise UnknownChapter(f"chapter {name!r} was asked for, but the chapters are {exist}: name one of those")
