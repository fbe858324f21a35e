"""A generated class: one submission for each way in which submissions go right or wrong, and what each deserves.

Right answers come from the chapter's source notebook, wrong ones from the mistakes that its exercises know, so the
class grows with the chapter. Everything is the same on every run. Nothing here writes files or grades.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from itertools import cycle

from nbformat import NotebookNode

from grader.exercise import Exercise
from grader.extract import marker
from grader.repair import unmarked
from grader.results import MANUAL
from grader.steps.judge import is_test

_SPOKEN_OF = (
    "decide"  # the exercise that structural accidents happen to; the first one where a chapter has no such name
)

_AGAIN = "hand it in again, every exercise counts 0."

_PEOPLE = (
    ("abrandt", "Anna", "Brandt"),
    ("bokafor", "Ben", "Okafor"),
    ("clindqvist", "Clara", "Lindqvist"),
    ("dmoreau", "David", "Moreau"),
    ("eyilmaz", "Elif", "Yılmaz"),
    ("frossi", "Franco", "Rossi"),
    ("gnowak", "Greta", "Nowak"),
    ("hsato", "Hana", "Satō"),
    ("ipetrov", "Ivan", "Petrov"),
    ("jmendes", "Joana", "Mendes"),
    ("kadeyemi", "Kemi", "Adeyemi"),
    ("lvogel", "Lukas", "Vogel"),
    ("mnguyen", "Mai", "Nguyễn"),
    ("nhansen", "Nils", "Hansen"),
    ("odimitriou", "Olga", "Dimitriou"),
    ("pkumar", "Priya", "Kumar"),
    ("qfarouk", "Qasim", "Farouk"),
    ("rdubois", "Rosa", "Dubois"),
    ("skowalski", "Stefan", "Kowalski"),
    ("thakimi", "Tara", "Hakimi"),
    ("uweber", "Udo", "Weber"),
    ("vgarcia", "Vera", "García"),
    ("wjansen", "Wim", "Jansen"),
    ("xliu", "Xin", "Liu"),
    ("ymaeda", "Yui", "Maeda"),
    ("znovakova", "Zuzana", "Nováková"),
    ("acohen", "Ari", "Cohen"),
    ("bsilva", "Bruna", "Silva"),
    ("cmurphy", "Conor", "Murphy"),
    ("dkeita", "Djeneba", "Keita"),
)


@dataclass(frozen=True)
class Expected:
    """What one exercise deserves: points (None: waits for the instructor), status, mistake, a part of the message."""

    points: float | None
    status: str
    mistake: str | None = None
    message: str = ""


@dataclass(frozen=True)
class Specimen:
    """One student of the generated class.

    `files` are what the student handed in, by name; `expected` is by exercise id; `problems` are sentences that must be
    reported about the submission, and no others may be.
    """

    student: str
    first_name: str
    last_name: str
    why: str
    files: Mapping[str, bytes]
    expected: Mapping[str, Expected]
    problems: tuple[str, ...] = ()

    @property
    def total(self) -> float:
        """Points the submission deserves before the instructor has added any."""
        return sum(each.points or 0.0 for each in self.expected.values())


@dataclass(frozen=True)
class Work:
    """A submission in the making: the notebook, what each exercise deserves, what will be said about it."""

    notebook: NotebookNode
    expected: dict[str, Expected]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Material:
    """What a class is made from: the released notebook, the model answers, the chapter's exercises by id."""

    released: NotebookNode
    answers: Mapping[str, str]  # exercise id → source, manual ones included
    exercises: Mapping[str, Exercise]
    points: Mapping[str, float]  # exercise id → points, manual ones included
    file: str = "perceptron.ipynb"
    manual: frozenset[str] = field(default_factory=frozenset)

    @property
    def spoken_of(self) -> str:
        """The exercise that structural accidents happen to: a function with inputs that no other answer calls."""
        for name, each in self.exercises.items():
            calls = rf"\b{re.escape(each.name)}\("
            others = [source for other, source in self.answers.items() if other != name]
            if each.cases is not None and not any(re.search(calls, source) for source in others):
                return name
        return next(iter(self.exercises))


def material(source: NotebookNode, released: NotebookNode, exercises: Mapping[str, Exercise], file: str) -> Material:
    """Collect the model answers of a *source* notebook and pair them with what was *released*."""
    answers, points, manual = {}, {}, set()
    previous: str | None = None
    for cell in source.cells:
        grading = cell.metadata.get("nbgrader", {})
        if grading.get("solution"):
            previous = marker(cell.source)
            if previous is not None:
                answers[previous] = _without_solution_marks(cell.source)
                if grading.get("grade"):
                    manual.add(previous)
                    points[previous] = float(grading.points)
        elif is_test(cell) and previous is not None:
            points[previous] = float(grading.points)
    by_id = {each.id: each for each in exercises.values()}
    return Material(released, answers, by_id, points, file, frozenset(manual))


def _without_solution_marks(source: str) -> str:
    marks = ("### BEGIN SOLUTION", "### END SOLUTION")
    return "\n".join(line for line in source.splitlines() if line.strip() not in marks)


def specimens(given: Material) -> list[Specimen]:
    """The whole class, the same every time."""
    people = cycle(_PEOPLE)
    made = []
    for number, (why, files, work) in enumerate(_submissions(given)):
        student, first_name, last_name = next(people)
        student += "" if number < len(_PEOPLE) else str(number // len(_PEOPLE) + 1)
        made.append(Specimen(student, first_name, last_name, why, files, work.expected, work.problems))
    return made


def _submissions(given: Material) -> Iterable[tuple[str, dict[str, bytes], Work]]:
    """Every submission of the class: why it is there, its files, what it deserves."""
    for why, make in _AS_NOTEBOOKS.items():
        work = make(given)
        yield why, {given.file: _bytes(work.notebook)}, work
    for number in range(2):
        work = _variants(given, number)
        yield f"accepted variant {number + 1} of each exercise", {given.file: _bytes(work.notebook)}, work
    for number in range(max((len(each.mistakes) for each in given.exercises.values()), default=0)):
        work = _mistaken(given, number)
        yield f"known mistake {number + 1} of each exercise", {given.file: _bytes(work.notebook)}, work
    usual = _usual(given, 6)
    renamed = f'The notebook was handed in as "Copy of {given.file}"; it has been taken for "{given.file}".'
    yield (
        "a file of another name",
        {f"Copy of {given.file}": _bytes(usual.notebook)},
        replace(usual, problems=(renamed,)),
    )
    nothing = Work(given.released, {name: _nothing() for name in given.points})
    cut = _bytes(usual.notebook)[:2000]
    said = f"The file is no notebook: its JSON is damaged in line {_last_line(cut)}; {_AGAIN}"
    yield "a damaged file", {given.file: cut}, replace(nothing, problems=(said,))
    said = f'No notebook was handed in: the folder has no "{given.file}"; every exercise counts 0.'
    yield (
        "no notebook in the folder",
        {"notes.txt": b"I could not upload my notebook.\n"},
        replace(nothing, problems=(said,)),
    )


def _last_line(text: bytes) -> int:
    try:
        json.loads(text.decode("utf-8", "ignore"))
    except json.JSONDecodeError as error:
        return error.lineno
    raise AssertionError("a notebook cut short parsed as JSON")


def _bytes(notebook: NotebookNode) -> bytes:
    return (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


# ---------------------------------------------------------------- honest work, right and wrong


def _nothing() -> Expected:
    return Expected(0.0, "missing")


def _right(given: Material, name: str) -> Expected:
    if name in given.manual:
        return Expected(None, MANUAL)
    return Expected(given.points[name], "passed")


def _written(given: Material, sources: Mapping[str, str]) -> NotebookNode:
    """The released notebook with *sources* in the answer cells, by exercise id; other cells stay as released."""
    notebook = deepcopy(given.released)
    for cell in notebook.cells:
        name = marker(cell.source) if cell.metadata.get("nbgrader", {}).get("solution") else None
        if name is not None and name in sources:
            line = next(text for text in cell.source.splitlines() if marker(text))
            cell.source = f"{line}\n{unmarked(sources[name])}"
    return notebook


def _perfect(given: Material) -> Work:
    return Work(_written(given, given.answers), {name: _right(given, name) for name in given.points})


def _blank(given: Material) -> Work:
    return Work(deepcopy(given.released), {name: _nothing() for name in given.points})


def _partly(given: Material) -> Work:
    """Every second exercise is done, the others are untouched."""
    done = list(given.points)[::2]
    sources = {name: given.answers[name] for name in done}
    expected = {name: _right(given, name) if name in done else _nothing() for name in given.points}
    return Work(_written(given, sources), expected)


def _standing_alone(given: Material) -> dict[str, str]:
    """Right answers of which none calls another one."""
    variants = {name: each.solution(each.variants[0]) for name, each in given.exercises.items() if each.variants}
    return dict(given.answers) | variants


def _variants(given: Material, number: int) -> Work:
    """An accepted variant for each exercise; the exercises with fewer begin again from their first."""
    sources = dict(given.answers)
    for name, each in given.exercises.items():
        if each.variants:
            sources[name] = each.solution(each.variants[number % len(each.variants)])
    return Work(_written(given, sources), {name: _right(given, name) for name in given.points})


def _mistaken(given: Material, number: int) -> Work:
    """Known mistake *number* in each exercise that knows so many; the others are right and need no other answer."""
    work = _perfect(given)
    sources = _standing_alone(given)
    for name, each in given.exercises.items():
        if number < len(each.mistakes):
            kind, mistake = list(each.mistakes.items())[number]
            sources[name] = each.solution(mistake.wrong)
            work.expected[name] = Expected(0.0, "wrong", kind, mistake.message)
    return Work(_written(given, sources), work.expected)


def _usual(given: Material, number: int) -> Work:
    """Right but for the mistakes that many make: the first one always, two others now and then, by *number*."""
    work = _perfect(given)
    sources = _standing_alone(given)
    asked = [each for name, each in given.exercises.items() if each.cases is not None and name != given.spoken_of]
    for each, every in zip(asked, (1, 2, 3), strict=False):
        if each.mistakes and number % every == 0:
            kind, mistake = next(iter(each.mistakes.items()))
            sources[each.id] = each.solution(mistake.wrong)
            work.expected[each.id] = Expected(0.0, "wrong", kind, mistake.message)
    return Work(_written(given, sources), work.expected)


def _with(source: str, *first: str) -> str:
    """A solution with lines put in front of it, below its marker."""
    return "\n".join([*first, unmarked(source)])


def _one_broken(given: Material, source: Callable[[str, str], str], expected: Expected) -> Work:
    """All right but one exercise, whose source is made from its name and the right answer."""
    work, name = _perfect(given), given.spoken_of
    broken = source(name.rpartition("/")[2], given.answers[name])
    work.expected[name] = expected
    return Work(_written(given, dict(given.answers) | {name: broken}), work.expected)


def _syntax_error(given: Material) -> Work:
    expected = Expected(0.0, "error", message="is no Python yet")
    return _one_broken(given, lambda name, _: f"def {name}(*inputs:\n    return 1", expected)


def _endless(given: Material) -> Work:
    expected = Expected(0.0, "timeout", message="did not come to an end")
    return _one_broken(given, lambda name, _: f"def {name}(*inputs):\n    while True:\n        pass", expected)


def _exits(given: Material) -> Work:
    expected = Expected(0.0, "crashed", message="ended the whole process")
    return _one_broken(given, lambda name, _: f"import os\n\n\ndef {name}(*inputs):\n    os._exit(0)", expected)


def _segfaults(given: Material) -> Work:
    expected = Expected(0.0, "crashed", message="ended the whole process")
    return _one_broken(
        given, lambda name, _: f"import ctypes\n\n\ndef {name}(*inputs):\n    return ctypes.string_at(0)", expected
    )


def _raises(given: Material) -> Work:
    expected = Expected(0.0, "error", message="ZeroDivisionError")
    return _one_broken(given, lambda name, _: f"def {name}(*inputs):\n    return 1 / 0", expected)


def _warns(given: Material) -> Work:
    """Right answers that warn and write on stderr, while they are defined and each time they are called."""
    noise = ("import sys", "import warnings", 'warnings.warn("this cell is slow")', 'print("working", file=sys.stderr)')
    sources = {
        name: source if name in given.manual else _with(source, *noise) for name, source in given.answers.items()
    }
    return Work(_written(given, sources), {name: _right(given, name) for name in given.points})


# ---------------------------------------------------------------- accidents to the file


def _test_deleted(given: Material) -> Work:
    work, name = _usual(given, 1), given.spoken_of
    short = name.rpartition("/")[2]
    work.notebook.cells = [cell for cell in work.notebook.cells if not _checks(cell, name)]
    return replace(work, problems=(f"The test cell of {short} was missing; it has been put back.",))


def _copied(given: Material) -> Work:
    """Test cell and answer cell stand twice; the first answer is right, the copy below is still empty."""
    work, name = _usual(given, 2), given.spoken_of
    short = name.rpartition("/")[2]
    stub = next(cell for cell in given.released.cells if marker(cell.source) == name)
    cells = []
    for cell in work.notebook.cells:
        cells.append(cell)
        if _checks(cell, name):
            cells += [deepcopy(stub), deepcopy(cell)]
    work.notebook.cells = cells
    said = (
        f"The answer cell of {short} was there twice; the copy with the last real work counts.",
        f"The test cell of {short} was there twice; one has been kept.",
    )
    return replace(work, problems=said)


def _metadata_lost(given: Material) -> Work:
    """What a converter leaves: no metadata anywhere, no cell ids."""
    work = _usual(given, 3)
    count = sum("nbgrader" in cell.metadata for cell in given.released.cells)
    notebook = deepcopy(work.notebook)
    notebook.metadata, notebook.nbformat_minor = {}, 4
    for cell in notebook.cells:
        cell.metadata = {}
        del cell["id"]
    said = f"The grading marks of {count} cells were lost; they have been put back."
    return replace(work, notebook=notebook, problems=(said,))


def _from_colab(given: Material) -> Work:
    """What Colab saves: format 4.0, ids in the metadata, a kernelspec without language."""
    work = _usual(given, 4)
    notebook = deepcopy(work.notebook)
    notebook.nbformat_minor = 0
    notebook.metadata = {
        "colab": {"provenance": [], "toc_visible": True},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata["id"] = cell.pop("id")
        if cell.cell_type == "code":
            cell.metadata["colab"] = {"base_uri": "https://localhost:8080/"}
    said = "The file was saved by Colab, which moves cell ids; they have been put back."
    return replace(work, notebook=notebook, problems=(said,))


def _future_schema(given: Material) -> Work:
    work, name = _usual(given, 5), given.spoken_of
    short = name.rpartition("/")[2]
    for cell in work.notebook.cells:
        if _checks(cell, name):
            cell.metadata.nbgrader.schema_version = 99
    said = f"The grading marks of the test cell of {short} were of version 99; they are as released again."
    return replace(work, problems=(said,))


def _test_rewritten(given: Material) -> Work:
    """The test cell says "full marks" and counts 100 points: neither helps a wrong answer."""
    work = _raises(given)
    name = given.spoken_of
    short = name.rpartition("/")[2]
    for cell in work.notebook.cells:
        if _checks(cell, name):
            cell.source, cell.metadata.nbgrader.points = "100", 100
    said = (
        f"The grading marks of the test cell of {short} had been changed; they are as released again.",
        f"The test cell of {short} had been changed; it is as released again.",
    )
    return replace(work, problems=said)


def _checks(cell: NotebookNode, name: str) -> bool:
    return is_test(cell) and f'"{name}"' in cell.source


_AS_NOTEBOOKS: Mapping[str, Callable[[Material], Work]] = {
    "everything right": _perfect,
    "every second exercise": _partly,
    "nothing written": _blank,
    "a syntax error": _syntax_error,
    "an endless loop": _endless,
    "a cell that ends the process": _exits,
    "a cell that crashes the interpreter": _segfaults,
    "an exception": _raises,
    "right, with warnings": _warns,
    "a test cell deleted": _test_deleted,
    "cells copied": _copied,
    "all metadata lost": _metadata_lost,
    "saved by Colab": _from_colab,
    "metadata of a later version": _future_schema,
    "a test cell rewritten": _test_rewritten,
}
