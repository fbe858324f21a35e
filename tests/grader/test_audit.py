"""`grader audit` says how good checks are, and chapter 1's are good."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

from grader import audit as audits
from grader.cli import main
from grader.exercise import Exercise, Mistake


def larger(a: int, b: int) -> int:
    return a if a > b else b


def smaller(a: int, b: int) -> int:
    return min(a, b)


def largest(a: int, b: int) -> int:
    return max(a, b)


def first(a: int, b: int) -> int:
    return a


def exercise_with(**changes: Any) -> Exercise:
    settings: dict[str, Any] = {
        "points": 1,
        "reference": larger,
        "cases": st.tuples(st.integers(-9, 9), st.integers(-9, 9)),
        "mistakes": {"smaller": Mistake(smaller, "That is the smaller one.")},
        "variants": [largest],
        "equivalent": {"return a if a > b else b → return a if a >= b else b": "of two equal numbers either will do"},
        "name": "larger",
        "chapter": "99-test",
    }
    return Exercise(**settings | changes)


@pytest.fixture(autouse=True)
def _at_leisure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let checks take their time: how fast this machine is just now is not what is tested."""
    monkeypatch.setattr(audits, "CHECK_SECONDS", 60.0)


@pytest.fixture
def audited(monkeypatch: pytest.MonkeyPatch) -> Any:
    def of(**changes: Any) -> audits.Audited:
        monkeypatch.setattr(audits, "exercise", lambda id: exercise_with(**changes))
        return audits._audited("99-test/larger")

    return of


def test_a_good_check_kills_all_mutants_but_those_that_compute_the_same(audited: Any) -> None:
    found = audited()
    assert (found.complaints, found.survived, found.mistakes, found.variants) == ((), (), (1, 1), (1, 1))
    ((mutant, reason),) = found.equivalent
    assert (mutant.kind, reason) == ("boundary", "of two equal numbers either will do")
    assert found.mutants == found.killed + 1 and found.share == 1 and 0 < found.seconds
    assert audits.good([found])


def test_a_weak_check_lets_mutants_survive(audited: Any) -> None:
    found = audited(cases=None, examples=[(2, 1)], mistakes={}, equivalent={})
    assert {each.change for each in found.survived} >= {
        "return a if a > b else b → return a if a >= b else b",
    }
    assert found.share < 1 and not audits.good([found])


def test_a_mistake_nobody_hears_of_a_refused_variant_and_a_stale_reason_are_told(audited: Any) -> None:
    found = audited(
        mistakes={"smaller": Mistake(first, "That is the first."), "again": Mistake(first, "The first it is.")},
        variants=[first],
        equivalent={"nothing → something": "it is the same"},
    )
    assert found.mistakes == (1, 2) and found.variants == (0, 1)
    one, other, stale = found.complaints
    assert one == "the mistake 'again' hears of 'smaller'"
    assert other.startswith("the variant first is wrong: ")
    assert stale == "no surviving mutant is 'nothing → something': take it out of `equivalent`"
    assert not audits.good([found])


def test_a_slow_check_is_no_good_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audits, "CHECK_SECONDS", 0.5)
    assert audits.good([audits.Audited("quick", seconds=0.4)])
    assert not audits.good([audits.Audited("quick", seconds=0.4), audits.Audited("slow", seconds=0.6)])


def test_a_guess_has_no_mutants(audited: Any) -> None:
    found = audited(reference=3, cases=None, guess=True, mistakes={}, variants=[], equivalent={}, equal=lambda *_: None)
    assert (found.mutants, found.share, found.complaints) == (0, 1.0, ())


def test_chapter_1_s_checks_are_good() -> None:
    found = list(audits.audit("01-perceptron", jobs=2))
    told = [(each.name, each.complaints, [mutant.change for mutant in each.survived]) for each in found]
    killed, survived = sum(each.killed for each in found), sum(len(each.survived) for each in found)
    assert killed >= audits.KILLED * (killed + survived), told
    assert not [each for each in told if each[1]], told
    assert killed > 150


def test_the_command_shows_a_table_and_says_what_survived(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["audit", "1", "--exercise", "flip_count"])
    said = capsys.readouterr().out
    assert "how good are the checks?" in said and "flip_count" in said
    assert left.value.code == 0, said


@pytest.mark.parametrize("arguments", [["audit", "11"], ["audit", "1", "--exercise", "nothing"]])
def test_an_unknown_name_is_one_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2 and capsys.readouterr().err.count("\n") == 1
