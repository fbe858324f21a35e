"""What an exercise is: a reference, the inputs to try it on, and the ways people go wrong.

`grader.exercises` holds one module per chapter; each module-level `Exercise` there is found by its name.  This room
talks to nobody: judging, notebooks and courses are built on top of it.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pkgutil import iter_modules
from typing import Any

import grader.exercises
from grader.errors import UnknownChapter, UnknownExercise


@dataclass(frozen=True)
class Close:
    """How near a result must be: ``|got - expected| <= atol + rtol * |expected|``, and how strict its dtype is.

    dtype "any": only the numbers count.  "kind" (the default): bool, integer or float must agree where that is visible
    in arrays; Python's own numbers are free (True for 1, 2 for 2.0).  "exact": the dtype itself, e.g. float32.
    """

    rtol: float = 1e-6
    atol: float = 1e-9
    dtype: str = "kind"

    def __post_init__(self) -> None:
        if self.dtype not in ("any", "kind", "exact"):
            raise ValueError(f'Close(dtype=...) takes "any", "kind" or "exact", not {self.dtype!r}: choose one of them')


@dataclass(frozen=True)
class Mistake:
    """A known wrong answer and what the student who gives it should hear.

    wrong: a function that makes the mistake, or for an exercise on a value, the wrong value; a dict there may hold just
    the entries that are wrong.
    """

    wrong: Any
    message: str


@dataclass(frozen=True)
class Exercise:
    """One graded task.

    points: full marks.  reference: a function, or the right value.  cases: a Hypothesis strategy of argument tuples.
    examples: argument tuples tried first.  close: tolerances.  mistakes: name → Mistake.  equivalent: mutants of the
    reference that compute the same, as `grader audit` names them → the reason.  variants: other right answers.  hints:
    shown one more with each further failure.  allows: modules a solution may import beside NumPy and the standard
    library.  equal: for open answers, ``equal(got, args) -> complaint or None`` decides instead of the reference.
    right: what the verdict says of a right answer.  guess: whether this asks for a prediction or a belief, which earns
    its points by being there.
    """

    points: float
    reference: Any
    cases: Any = None
    examples: Sequence[tuple[Any, ...]] = ()
    close: Close = field(default_factory=Close)
    mistakes: Mapping[str, Mistake] = field(default_factory=dict)
    equivalent: Mapping[str, str] = field(default_factory=dict)
    variants: Sequence[Any] = ()
    hints: Sequence[str] = ()
    allows: Sequence[str] = ()
    title: str = ""
    equal: Callable[[Any, tuple[Any, ...]], str | None] | None = None
    right: str = ""
    guess: bool = False
    name: str = ""
    chapter: str = ""

    @property
    def id(self) -> str:
        """Chapter and name: "01-perceptron/decide"."""
        return f"{self.chapter}/{self.name}"

    @property
    def is_function(self) -> bool:
        """Whether students write a function (or class), rather than give a value."""
        return callable(self.reference)

    def solution(self, answer: Any) -> str:
        """Return the source a student would have written who gives *answer*: a function, a class or a value.

        >>> print(Exercise(1, {"a": 1, "b": 2}, name="quiz").solution({"b": 3}))
        quiz = {'a': 1, 'b': 3}
        """
        if callable(answer):
            return source_of(answer, self.name)
        if isinstance(answer, dict) and isinstance(self.reference, dict):
            answer = self.reference | answer
        return f"{self.name} = {answer!r}"


def source_of(function: Callable[..., Any], name: str | None = None) -> str:
    """Return the source of *function*, dedented, under the *name* given."""
    source = textwrap.dedent(inspect.getsource(function))
    if name is None or name == function.__name__:
        return source
    tree = ast.parse(source).body[0]
    if not isinstance(tree, ast.FunctionDef | ast.ClassDef):
        raise ValueError(f"{function.__name__} was to be renamed {name}, but it is no def or class: write it as one")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == function.__name__:
            node.id = name
    tree.name = name
    return ast.unparse(tree)


@cache
def _modules() -> dict[str, str]:
    """Return the chapters there are, and the module of each."""
    found = {}
    for entry in iter_modules(grader.exercises.__path__):
        module = f"grader.exercises.{entry.name}"
        chapter = getattr(importlib.import_module(module), "CHAPTER", None)
        if chapter is not None:
            found[str(chapter)] = module
    return dict(sorted(found.items()))


@cache
def _exercises(chapter: str) -> dict[str, Exercise]:
    module = importlib.import_module(_modules()[chapter])
    return {
        name: replace(value, name=name, chapter=chapter, title=value.title or name.replace("_", " "))
        for name, value in vars(module).items()
        if isinstance(value, Exercise)
    }


def exercises(chapter: str) -> dict[str, Exercise]:
    """Return the exercises of *chapter* by name, in the order in which they are defined there.

    Raises `UnknownChapter`.
    """
    if chapter not in _modules():
        known = ", ".join(_modules()) or "none"
        raise UnknownChapter(f"exercises of chapter {chapter!r} were asked for, but the chapters are {known}: name one")
    return dict(_exercises(chapter))


def exercise(name: str) -> Exercise:
    """Return one exercise by its id "chapter/name", or by its name alone where only one chapter has it.

    Raises `UnknownChapter` and `UnknownExercise`.
    """
    chapter, slash, short = name.rpartition("/")
    if slash:
        found = exercises(chapter)
        if short not in found:
            raise UnknownExercise(
                f"exercise {short!r} was asked for, but chapter {chapter} has {', '.join(found)}: name one of those"
            )
        return found[short]
    owners = [chapter for chapter in _modules() if short in exercises(chapter)]
    if len(owners) != 1:
        what = "is in none of the chapters" if not owners else f"is in {' and '.join(owners)}"
        raise UnknownExercise(f"exercise {name!r} was asked for, which {what}: write it as 'chapter/name'")
    return exercises(owners[0])[short]
