"""Bring a submission back to the shape in which its chapter was released, and say what was changed.

`repair` is a pure function of two notebooks. It finds the cell for each released place by grade id, by cell id, by the
marker comment and by likeness, and restores everything about it but the student's own words. It knows nothing of
files, the gradebook or of what is right; `grader.steps` runs it before nbgrader looks at a submission.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from nbformat import NotebookNode

from grader.extract import MARKER, marker
from grader.shape import give_ids, safe_outputs

_CHECK = re.compile(r"""^[ \t]*check\(\s*["']([\w/-]+)["']""", re.MULTILINE)
_MARKER_LINE = re.compile(r"^[ \t]*(?:#|<!--)[ \t]*graded:.*\n?", re.MULTILINE)
_ALIKE = 0.75  # likeness to the released text from which a cell without any mark is taken for it
_COMPARED = 10_000  # characters: longer cells are too slow to compare
_SAID_SINGLY = 3  # more changes of one kind than this are told in one sentence

_GRADING_KEYS = ("grade", "solution", "locked", "task", "points", "grade_id")
_BY_NAME, _BY_MARKER, _BY_CELL_ID, _BY_GRADE_ID = 1, 2, 3, 4
_EMPTY, _CHANGED, _WORK = 0, 1, 2


@dataclass(frozen=True)
class Repaired:
    """A notebook as nbgrader expects it, and one sentence for each thing that had to be changed."""

    notebook: NotebookNode
    changes: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """A released cell that nbgrader knows: where a student's answer, a test or a provided cell belongs."""

    cell: NotebookNode
    order: int  # among the cells of the released notebook

    @property
    def grade_id(self) -> str:
        """The name nbgrader knows the cell by."""
        return str(self.cell.metadata.nbgrader.grade_id)

    @property
    def answer(self) -> bool:
        """Whether students write here."""
        return bool(self.cell.metadata.nbgrader.get("solution"))

    @property
    def test(self) -> bool:
        """Whether this is a locked test cell."""
        return bool(self.cell.metadata.nbgrader.get("grade")) and not self.answer

    @property
    def mark(self) -> str | None:
        """The exercise id in the marker comment or in the call of `check`."""
        return _mark(self.cell.source, test=self.test)

    @property
    def name(self) -> str:
        """The Python name students write here, or a readable name of the cell."""
        return self.mark.rpartition("/")[2] if self.mark else self.grade_id

    @property
    def called(self) -> str:
        """The cell as sentences name it."""
        if self.test:
            return f"test cell of {self.name}"
        return f"answer cell of {self.name}" if self.answer else f'provided cell "{self.grade_id}"'


@dataclass
class _Log:
    """Collects changes by kind, so that many of one kind become one sentence."""

    by_kind: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def add(self, kind: str, what: str, sentence: str) -> None:
        """Note a *sentence* about *what*; *kind* is the sentence for many, with {n} for their number."""
        self.by_kind.setdefault(kind, []).append((what, sentence))

    def sentences(self) -> tuple[str, ...]:
        """All that was noted, in order of the first of each kind."""
        said: list[str] = []
        for kind, entries in self.by_kind.items():
            if len(entries) > _SAID_SINGLY and "{n}" in kind:
                said.append(kind.format(n=len(entries)))
            else:
                said += [sentence for _, sentence in entries]
        return tuple(said)


def repair(submission: NotebookNode, released: NotebookNode) -> Repaired:
    """Return *submission* (a sound notebook, see `grader.shape`) in the shape of *released*, and what was changed.

    Where a cell is there more than once, the copy that counts is the one with real work: changed from the released
    text, and defining the name asked for; among several such the one with the best mark (grade id, then cell id, then
    marker), and among equals the last. Other copies are dropped; a copy that holds other code stays as an ordinary
    cell. Tests and provided cells get their released text back. Neither argument is changed.
    """
    log = _Log()
    cells = [deepcopy(cell) for cell in submission.cells]
    given = {_bare(cell.source) for cell in released.cells}
    places = [Place(cell, order) for order, cell in enumerate(released.cells) if _grade_id(cell)]
    chosen = _matched(places, cells, given)
    for place in places:
        _drop_copies(place, cells, chosen, log)
    kept = _in_order(places, cells, chosen)
    written = [cell.source for cell in cells if cell is not None and _bare(cell.source) not in given]
    result = []
    for item in kept:
        if isinstance(item, Place):
            index = chosen.get(item.grade_id)
            result.append(_restored(item, None if index is None else cells[index], written, log))
        else:
            result.append(_ordinary(item, log))
    return Repaired(_notebook(submission, released, result, places, log), log.sentences())


def blank(released: NotebookNode) -> NotebookNode:
    """The released notebook as a submission in which nothing was written."""
    return deepcopy(released)


def unmarked(source: str) -> str:
    r"""The source without its marker line.

    >>> unmarked("# graded: 01-perceptron/decide\ndef decide(): ...")
    'def decide(): ...'
    """
    return _MARKER_LINE.sub("", source)


# ---------------------------------------------------------------- which cell belongs where


def _matched(places: Sequence[Place], cells: Sequence[NotebookNode], given: set[str]) -> dict[str, int]:
    """The index of the cell that counts for each place, by grade id; places nobody fills are left out.

    *given* are the released texts: a demonstration that happens to define the name asked for is nobody's answer.
    """
    pairs = []
    for place in places:
        for index, cell in enumerate(cells):
            evidence = _evidence(place, cell)
            if evidence == _BY_NAME and _bare(cell.source) in given:
                continue
            if evidence:
                # a test or provided cell gets its text back anyway: there the first copy stays where it stands
                position = index if place.answer else -index
                pairs.append((_work(place, cell) if place.answer else 0, evidence, position, place.grade_id, index))
    chosen: dict[str, int] = {}
    taken: set[int] = set()
    for _, _, _, grade_id, index in sorted(pairs, reverse=True):
        if grade_id not in chosen and index not in taken:
            chosen[grade_id] = index
            taken.add(index)
    claimed = {index for *_, index in pairs}
    _match_alike([p for p in places if p.grade_id not in chosen], cells, claimed, chosen)
    return chosen


def _match_alike(
    places: Sequence[Place], cells: Sequence[NotebookNode], claimed: set[int], chosen: dict[str, int]
) -> None:
    """Fill places without any marked cell with the cell most like the released one, if it is like it at all."""
    pairs = []
    for place in places:
        for index, cell in enumerate(cells):
            if index not in claimed and cell.cell_type == place.cell.cell_type:
                likeness = _likeness(cell.source, place.cell.source)
                if likeness >= _ALIKE:
                    pairs.append((likeness, -index, place.grade_id))
    for _, negative, grade_id in sorted(pairs, reverse=True):
        if grade_id not in chosen and -negative not in claimed:
            chosen[grade_id] = -negative
            claimed.add(-negative)


def _likeness(one: str, other: str) -> float:
    """How alike two cells are, from 0 to 1: as wholes, or in their first line of a definition."""
    if max(len(one), len(other)) > _COMPARED:
        return 0.0
    whole = SequenceMatcher(None, _bare(one), _bare(other)).ratio()
    head, other_head = _definition_line(one), _definition_line(other)
    return max(whole, SequenceMatcher(None, head, other_head).ratio() if head and other_head else 0.0)


def _definition_line(source: str) -> str:
    return next((line.strip() for line in source.splitlines() if line.startswith(("def ", "class "))), "")


def _evidence(place: Place, cell: NotebookNode) -> int:
    """How strongly *cell* says that it belongs to *place*; 0 for not at all."""
    if _grade_id(cell) == place.grade_id:
        return _BY_GRADE_ID
    if cell.id and cell.id == place.cell.id:
        return _BY_CELL_ID
    if place.mark and _mark(cell.source, test=place.test) == place.mark:
        return _BY_MARKER
    if place.answer and place.mark and cell.cell_type == "code" and _defines(cell.source, place.name):
        return _BY_NAME
    return 0


def _work(place: Place, cell: NotebookNode) -> int:
    """How much of the student's own work *cell* shows for *place*."""
    if not _bare(cell.source) or _bare(cell.source) == _bare(place.cell.source):
        return _EMPTY
    if place.cell.cell_type != "code" or place.mark is None or _defines(cell.source, place.name):
        return _WORK
    return _CHANGED


def _defines(source: str, name: str) -> bool:
    """Whether *source* defines *name* at its top level; also where the rest of it is no Python."""
    bound = rf"^(?:async\s+def|def|class)\s+{re.escape(name)}\b|^{re.escape(name)}\s*(?::[^=\n]+)?=(?!=)"
    return re.search(bound, source, re.MULTILINE) is not None


def _mark(source: str, *, test: bool) -> str | None:
    if not test:
        return marker(source)
    called = _CHECK.search(source)
    return called.group(1) if called else None


def _grade_id(cell: NotebookNode) -> str:
    """The cell's grade id, "" where nbgrader's metadata is missing or of a strange form."""
    metadata = cell.metadata.get("nbgrader")
    grade_id = metadata.get("grade_id") if isinstance(metadata, dict) else None
    return grade_id if isinstance(grade_id, str) else ""


def _bare(source: str) -> str:
    """The source without marker, empty lines and spaces at line ends: what must differ for work to have been done."""
    return "\n".join(line.rstrip() for line in unmarked(source).splitlines() if line.strip())


# ---------------------------------------------------------------- copies, order


def _drop_copies(place: Place, cells: list[Any], chosen: dict[str, int], log: _Log) -> None:
    """Take the copies of a chosen cell out (their slots become None) unless they hold other code."""
    winner = chosen.get(place.grade_id)
    if winner is None:
        return
    others = set(chosen.values())
    copies = [
        index
        for index, cell in enumerate(cells)
        if cell is not None and index not in others and _evidence(place, cell) > _BY_NAME
    ]
    dropped = [index for index in copies if _is_copy(place, cells[index], cells[winner])]
    for index in dropped:
        cells[index] = None
    if dropped and place.answer:
        says = f"The {place.called} was there {_times(len(dropped) + 1)}; the copy with the last real work counts."
        log.add("{n} answer cells were there more than once; the copies with real work count.", place.name, says)
    elif dropped:
        says = f"The {place.called} was there {_times(len(dropped) + 1)}; one has been kept."
        log.add("{n} provided cells were there more than once; one of each has been kept.", place.name, says)


def _is_copy(place: Place, cell: NotebookNode, winner: NotebookNode) -> bool:
    """Whether nothing is lost with *cell*: it is no answer, or empty, or another go at the same answer."""
    if not place.answer or _work(place, cell) == _EMPTY or _bare(cell.source) == _bare(winner.source):
        return True
    return place.cell.cell_type != "code" or _defines(cell.source, place.name)


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"


def _in_order(places: Sequence[Place], cells: Sequence[NotebookNode | None], chosen: dict[str, int]) -> list[Any]:
    """Places and ordinary cells in the submission's order, each missing place after its released predecessor."""
    place_at = {index: place for place in places if (index := chosen.get(place.grade_id)) is not None}
    line: list[Any] = [place_at.get(index, cell) for index, cell in enumerate(cells) if cell is not None]
    before: Place | None = None
    for place in places:
        if place.grade_id not in chosen:
            line.insert(line.index(before) + 1 if before is not None else min(place.order, len(line)), place)
        before = place
    return line


# ---------------------------------------------------------------- what a cell gets back


def _restored(place: Place, cell: NotebookNode | None, written: Sequence[str], log: _Log) -> NotebookNode:
    """The cell for *place*: released metadata, id and type; the student's text if it is theirs to write."""
    fresh = deepcopy(place.cell)
    if fresh.cell_type == "code":
        fresh.outputs, fresh.execution_count = [], None
    if cell is None:
        says = f"The {place.called} was missing; it has been put back."
        if place.answer:
            says = f"The {place.called} was missing; an empty one has been put back."
            says = _taken_from_elsewhere(place, fresh, written) or says
        log.add("{n} cells were missing; they have been put back.", place.name, says)
        return fresh
    _note_metadata(place, cell, log)
    if cell.cell_type != fresh.cell_type:
        kinds = {"code": "a code cell", "markdown": "a text cell", "raw": "a raw cell"}
        says = f"The {place.called} had become {kinds[cell.cell_type]}; it is {kinds[fresh.cell_type]} again."
        log.add("{n} cells had changed their type; they are as released again.", place.name, says)
    if not place.answer:
        if cell.source.rstrip() != fresh.source.rstrip():
            says = f"The {place.called} had been changed; it is as released again."
            log.add("{n} provided cells had been changed; they are as released again.", place.name, says)
        return fresh
    fresh.source = cell.source
    if fresh.cell_type == "code":
        fresh.outputs = safe_outputs(cell.get("outputs"))
    elif cell.get("attachments"):
        fresh.attachments = cell.attachments
    if place.mark and marker(cell.source) != place.mark:
        line = next(text for text in place.cell.source.splitlines() if MARKER.match(text))
        fresh.source = f"{line}\n{unmarked(cell.source)}"
        says = f"The marker comment of {place.name} was missing; it has been put back."
        log.add("The marker comments of {n} cells were missing; they have been put back.", place.name, says)
    if _work(place, cell) == _EMPTY and place.cell.cell_type == "code":
        elsewhere = _taken_from_elsewhere(place, fresh, written)
        if elsewhere:
            log.add("{n} answers were found in other cells.", place.name, elsewhere)
    return fresh


def _taken_from_elsewhere(place: Place, fresh: NotebookNode, written: Sequence[str]) -> str | None:
    """Fill *fresh* with a definition of the name asked for that stands in another cell; None if there is none."""
    if place.mark is None or place.cell.cell_type != "code":
        return None
    for source in reversed(written):
        definition = _definition(source, place.name) if _defines(source, place.name) else None
        if definition and _bare(definition) not in _bare(place.cell.source):
            fresh.source = f"# graded: {place.mark}\n{definition}"
            return f"The {place.called} held no answer, but another cell defines {place.name}; that one counts."
    return None


def _definition(source: str, name: str) -> str | None:
    """The text of the last top-level statement of *source* that defines *name*; None where it is no Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return None
    found = [ast.get_source_segment(source, node, padded=True) for node in tree.body if _binds(node, name)]
    return found[-1] if found else None


def _binds(node: ast.stmt, name: str) -> bool:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name == name
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def _note_metadata(place: Place, cell: NotebookNode, log: _Log) -> None:
    """Say how the cell's nbgrader metadata differs from what was released, if it does."""
    came, released = cell.metadata.get("nbgrader"), place.cell.metadata.nbgrader
    if not isinstance(came, dict) or not came:
        says = f"The grading marks of the {place.called} were lost; they have been put back."
        log.add("The grading marks of {n} cells were lost; they have been put back.", place.name, says)
    elif came.get("schema_version") != released.get("schema_version"):
        version = came.get("schema_version", "none")
        says = f"The grading marks of the {place.called} were of version {version}; they are as released again."
        log.add("The grading marks of {n} cells were of another version; they are as released again.", place.name, says)
    elif any(came.get(key) != released.get(key) for key in _GRADING_KEYS):
        says = f"The grading marks of the {place.called} had been changed; they are as released again."
        log.add("The grading marks of {n} cells had been changed; they are as released again.", place.name, says)


def _ordinary(cell: NotebookNode, log: _Log) -> NotebookNode:
    """A cell of the student's own, or of the chapter's text: without grading marks, its outputs made safe."""
    if "nbgrader" in cell.metadata:
        del cell.metadata["nbgrader"]
        what = cell.source.strip().splitlines()[0][:40] if cell.source.strip() else "an empty cell"
        says = f"A cell carried grading marks that are not its own ({what}); it counts as an ordinary cell."
        log.add("{n} cells carried grading marks that are not their own; they count as ordinary cells.", what, says)
    cell.source = unmarked(cell.source) if marker(cell.source) else cell.source
    if cell.cell_type == "code":
        cell.outputs = safe_outputs(cell.get("outputs"))
        cell.execution_count = None
    return cell


def _notebook(
    submission: NotebookNode, released: NotebookNode, cells: list[NotebookNode], places: Iterable[Place], log: _Log
) -> NotebookNode:
    """The repaired cells in a notebook with the released notebook's metadata."""
    place_ids = {place.cell.id for place in places}
    own = [cell for cell in cells if cell.id not in place_ids or not _grade_id(cell)]
    doubled = give_ids(own, place_ids)
    if doubled:
        says = "A cell had the id of another one; it has got one of its own."
        many = f"{doubled} cells had the ids of others; they have got ids of their own."
        log.add("ids", "ids", says if doubled == 1 else many)
    if "colab" in submission.metadata:
        log.add("colab", "colab", "The file was saved by Colab, which moves cell ids; they have been put back.")
    notebook = deepcopy(released)
    notebook.cells = cells
    return notebook
