"""Mutants differ from their source in one place, parse, and are of every kind there is."""

from __future__ import annotations

import ast

import pytest

from grader.mutants import KINDS, mutants

SOURCES = {
    "arithmetic": ("def f(x):\n    return x + 1", "return x + 1 → return x - 1"),
    "comparison": ("def f(x):\n    return x > 1", "return x > 1 → return x < 1"),
    "boundary": ("def f(n):\n    return sum(range(n))", "return sum(range(n)) → return sum(range(1, n))"),
    "logic": ("def f(x, y):\n    return x and y", "return x and y → return x or y"),
    "sign": ("def f(x):\n    return -x", "return -x → return x"),
    "constant": ("def f(x):\n    return x + 0.5", "return x + 0.5 → return x + 1.5"),
    "index": ("def f(x):\n    return x[1:]", "return x[1:] → return x[:]"),
    "axis": ("def f(x):\n    return x.sum(axis=-1)", "return x.sum(axis=-1) → return x.sum()"),
    "dtype": ("def f(x):\n    return x.astype(int)", "return x.astype(int) → return x"),
    "function": ("def f(x):\n    return max(x)", "return max(x) → return min(x)"),
    "missing statement": ("def f(x):\n    x = x + 1\n    return x", "x = x + 1 → pass"),
    "in-place": ("def f(x):\n    return list(x)", "return list(x) → return x"),
}


def test_every_kind_has_an_example_here() -> None:
    assert SOURCES.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", SOURCES)
def test_a_mutant_of_each_kind_is_made(kind: str) -> None:
    source, change = SOURCES[kind]
    assert change in {each.change for each in mutants(source) if each.kind == kind}


LONG = '''
def train(points: list[float], rate: float = 0.1) -> float:
    """Do something with 3 points."""
    weights = [0.0, 1] * 2
    for x in points[1:]:
        if not x or (x > 2 and x != 3):
            continue
        weights[0] += rate * -x if x < 1 else np.mean(x, axis=0, keepdims=True, dtype=np.float32)
    while weights[-1]:
        break
    return np.array(weights)
'''


def test_mutants_are_unlike_each_other_and_their_source_and_can_be_parsed() -> None:
    found = mutants(LONG)
    sources = [each.source for each in found]
    assert len(set(sources)) == len(sources) > 40
    for each in found:
        ast.parse(each.source)
        assert each.kind in KINDS
        minus, plus = each.change.split(" → ")
        assert minus != plus
    assert {each.kind for each in found} >= KINDS.keys() - {"function", "dtype"}


def test_what_nobody_runs_is_not_changed() -> None:
    changed = "\n".join(each.change for each in mutants(LONG))
    assert "Do something" not in changed and "list[" not in changed and "def train(points, rate=1.1)" in changed


def test_an_answer_that_is_a_value_has_mutants_too() -> None:
    changes = {each.change for each in mutants("quiz = {'sky': 'a', 'sum': 3}")}
    assert "quiz = {'sky': 'a', 'sum': 3} → quiz = {'sky': 'a_', 'sum': 3}" in changes
    assert "quiz = {'sky': 'a', 'sum': 3} → quiz = {'sky': 'a', 'sum': 4}" in changes
