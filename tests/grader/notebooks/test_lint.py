"""Every rule fires on a notebook with one fault, and is silent on the good one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest

from grader.exercise import Exercise
from grader.notebooks.form import WIDGET_VIEW
from grader.notebooks.lint import Finding, exercise_points, lint, misspellings
from grader.notebooks.rules import RULES

KNOWN = {"double": 2.0}
Damage = Callable[[Any, SimpleNamespace], object]


def _at(page: Any, identity: str) -> Any:
    return next(cell for cell in page.cells if cell.id == identity)


def _source(identity: str, source: str) -> Damage:
    return lambda page, make: _at(page, identity).update(source=source)


def _replace(identity: str, old: str, new: str) -> Damage:
    return lambda page, make: _at(page, identity).update(source=_at(page, identity).source.replace(old, new))


def _grading(identity: str, **changes: Any) -> Damage:
    return lambda page, make: _at(page, identity).metadata.nbgrader.update(changes)


def _outputs(*outputs: Callable[[SimpleNamespace], Any], **metadata: Any) -> Damage:
    def damage(page: Any, make: SimpleNamespace) -> None:
        page.cells.insert(2, make.code("extra", "show()", [each(make) for each in outputs], **metadata))

    return damage


def _add(position: int, part: str, *arguments: Any, **more: Any) -> Damage:
    return lambda page, make: page.cells.insert(position, getattr(make, part)(*arguments, **more))


def _remove(identity: str) -> Damage:
    return lambda page, make: page.cells.remove(_at(page, identity))


def _failed(make: SimpleNamespace) -> Any:
    return nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=["line 1"])


FAULTS: list[tuple[str, str, Damage]] = [
    ("format", "", lambda page, make: page.update(nbformat_minor=4)),
    ("format", "", lambda page, make: _at(page, "setup").metadata.update(tags="one")),
    ("format", "", lambda page, make: _at(page, "setup").update(execution_count="one")),
    ("cell-id", "c5a51f3e", _add(2, "text", "c5a51f3e", "Words")),
    ("unique-id", "setup", _add(3, "text", "setup", "Words")),
    ("one-title", "", _source("title", "Words only")),
    ("one-title", "doubling", _source("doubling", "# Doubling")),
    ("one-title", "opening", _add(0, "text", "opening", "Words before the title")),
    ("one-title", "opening", _add(0, "code", "opening", "1")),
    ("heading-order", "doubling", _source("doubling", "### Doubling")),
    ("cell-count", "", lambda page, make: page.cells.extend(make.text(f"cell-{n}", "Words") for n in range(70))),
    ("long-text", "doubling", _source("doubling", "## Doubling\n\n" + "word " * 150)),
    ("nbgrader-metadata", "double", _grading("double", schema_version=2)),
    ("nbgrader-metadata", "double", _grading("double", schema_version="3")),
    ("nbgrader-metadata", "double", lambda page, make: _at(page, "double").metadata.nbgrader.pop("locked")),
    ("nbgrader-metadata", "choosing", _add(5, "text", "choosing", "Words", nbgrader={"schema_version": 3})),
    ("grade-id", "double", _grading("double", grade_id="twice")),
    ("marker", "double", _replace("double", "# graded: 90-sample/double\n", "")),
    ("marker", "double", _replace("double", "90-sample", "91-other")),
    ("marker", "double", _replace("double", "/double", "/triple")),
    ("marker", "double", _source("double", "### BEGIN SOLUTION\n# graded: 90-sample/double\n### END SOLUTION")),
    ("marker", "choose-one", _replace("choose-one", "<!-- graded: 90-sample/choose_one -->", "Choose.")),
    ("solution-marks", "double", _source("double", "# graded: 90-sample/double\ndef double(x):\n    return 2 * x")),
    ("solution-marks", "double", _replace("double", "    ### END SOLUTION", "")),
    ("solution-marks", "double", _replace("double", "    return", "    ### BEGIN SOLUTION\n    return")),
    ("solution-marks", "setup", _source("setup", "### BEGIN SOLUTION\n### END SOLUTION")),
    ("solution-marks", "choose-one", _source("choose-one", "<!-- graded: 90-sample/choose_one -->")),
    ("check-follows", "double", _add(4, "text", "between", "Words")),
    ("check-follows", "double", _remove("double-check")),
    ("check-follows", "double-check", _remove("double")),
    ("check-follows", "double-check", _grading("double-check", locked=False)),
    ("points", "double-check", _grading("double-check", points=0)),
    ("points", "choose-one", lambda page, make: _at(page, "choose-one").metadata.nbgrader.pop("points")),
    ("check-call", "double-check", _source("double-check", "double(2)")),
    ("check-call", "double-check", _source("double-check", "%time check('90-sample/double', double)")),
    ("check-call", "double-check", _source("double-check", 'check("90-sample/triple", double)')),
    ("check-call", "double-check", _source("double-check", 'check("90-sample/double", twice)')),
    ("exercise", "double", _replace("double", "/double", "/triple")),
    ("exercise", "", _remove("double")),
    ("exercise", "double-check", _grading("double-check", points=3)),
    ("image-alt", "doubling", _source("doubling", "## Doubling\n\n![](step.png)")),
    ("image-alt", "doubling", _source("doubling", '## Doubling\n\n<img src="step.png">')),
    ("image-alt", "extra", _outputs(lambda make: make.shown(text_html="<img src='a.png' alt=' '>"))),
    ("no-iframe", "doubling", _source("doubling", '<iframe src="https://example.org"></iframe>')),
    ("no-iframe", "extra", _outputs(lambda make: make.shown(text_html="<p><iframe></iframe></p>"))),
    ("no-iframe", "setup", _source("setup", 'IFrame("page.html", 300, 200)')),
    ("no-script", "doubling", _source("doubling", "<script>alert(1)</script>")),
    ("no-script", "extra", _outputs(lambda make: make.shown(text_html="<script>alert(1)</script>"))),
    ("no-script", "setup", _source("setup", "%%javascript\nalert(1)")),
    ("https", "doubling", _source("doubling", "See [this](http://example.org/a).")),
    ("https", "setup", _source("setup", 'address = "http://example.org"')),
    ("machine-path", "setup", _source("setup", 'open("/home/ada/data.csv")')),
    ("machine-path", "setup", _source("setup", r'open("C:\Users\ada\data.csv")')),
    ("machine-path", "extra", _outputs(lambda make: make.stream("/tmp/ipykernel_123/1.py: a warning\n", "stderr"))),
    ("output-alt", "extra", _outputs(lambda make: make.shown(image_png="AAAA", text_plain="<Figure size 640x480>"))),
    ("output-alt", "extra", _outputs(lambda make: make.shown(image_png="AAAA"))),
    ("output-alt", "extra", _outputs(lambda make: make.shown({"image/png": {"alt": ""}}, image_png="AAAA"))),
    ("error-output", "extra", _outputs(_failed)),
    ("outputs-missing", "setup", lambda page, make: _at(page, "setup").update(execution_count=None)),
    ("outputs-missing", "", lambda page, make: [cell.update(execution_count=None) for cell in page.cells]),
    ("memory-address", "extra", _outputs(lambda make: make.shown(text_plain="<object at 0x7f0011223344>"))),
    ("memory-address", "extra", _outputs(lambda make: make.stream("<function f at 0x7f0011223344>\n"))),
    ("widget-view", "extra", _outputs(lambda make: make.shown(**{WIDGET_VIEW.replace("/", "_", 1): {}}))),
]

HARMLESS: list[tuple[str, Damage]] = [
    ("heading-order", _add(7, "text", "part", "### A part\n\n#### Of a part\n\n## Another")),
    ("heading-order", _add(2, "text", "listing", "```\n#### no heading\n```")),
    ("one-title", _add(2, "text", "listing", "```\n# no heading\n```")),
    ("long-text", _add(2, "text", "proof", "$" + "x " * 200 + "$\n\n```\n" + "word " * 200 + "\n```")),
    ("long-text", _replace("choose-one", "The first", "word " * 200)),
    ("nbgrader-metadata", _grading("setup", checksum="0" * 32)),
    ("marker", _add(5, "text", "mention", "A marker looks like `# graded: chapter/name`.")),
    ("solution-marks", _replace("double", "    ### END", "    ### END SOLUTION\n    ### BEGIN SOLUTION\n    ### END")),
    ("check-call", _replace("double-check", "check(", "verdict = check(")),
    ("check-call", _replace("double", "def double(x):", "%matplotlib inline\ndef double(x):")),
    ("image-alt", _add(2, "text", "picture", "![a step](step.png) <img src='step.png' alt='a step'>")),
    ("no-script", _add(2, "text", "words", "A `<script>` is refused.")),
    ("no-iframe", _add(2, "text", "words", "An `<iframe>` is refused.")),
    ("https", _add(2, "text", "words", 'See https://example.org. <svg xmlns="http://www.w3.org/2000/svg"></svg>')),
    (
        "machine-path",
        _add(2, "text", "words", "and/or, the square root/mean, notebooks/home/page.md, https://a.org/home/b"),
    ),
    ("output-alt", _outputs(lambda make: make.shown({"image/png": {"alt": "a step"}}, image_png="AAAA"))),
    ("output-alt", _outputs(lambda make: make.shown(image_png="AAAA", text_plain="A step at 1.5, from 0 to 1."))),
    ("error-output", _outputs(_failed, tags=["raises-exception"])),
    ("outputs-missing", _add(2, "code", "later", "import tensorflow", count=None, tags=["nbval-skip"])),
    ("outputs-missing", _add(2, "code", "scratch", "", count=None)),
    ("memory-address", _outputs(lambda make: make.stream("0xff and 0x1p3\n"))),
]


def _found(page: Any, make: SimpleNamespace) -> set[tuple[str, str]]:
    return {(finding.rule, finding.cell) for finding in lint(page, make.chapter, KNOWN)}


def test_a_good_notebook_has_no_findings(make: SimpleNamespace) -> None:
    assert lint(make.good(), make.chapter, KNOWN) == []


@pytest.mark.parametrize(("rule", "cell", "damage"), FAULTS, ids=[f"{rule}-{n}" for n, (rule, *_) in enumerate(FAULTS)])
def test_a_rule_fires_on_its_fault_and_names_the_cell(
    make: SimpleNamespace, rule: str, cell: str, damage: Damage
) -> None:
    page = make.good()
    damage(page, make)
    assert (rule, cell) in _found(page, make)


@pytest.mark.parametrize(("rule", "change"), HARMLESS, ids=[f"{rule}-{n}" for n, (rule, _) in enumerate(HARMLESS)])
def test_a_rule_is_silent_on_what_only_looks_like_its_fault(make: SimpleNamespace, rule: str, change: Damage) -> None:
    page = make.good()
    change(page, make)
    assert rule not in {name for name, _ in _found(page, make)}


def test_every_rule_has_a_fault_that_makes_it_fire() -> None:
    assert {rule for rule, _, _ in FAULTS} == set(RULES)


def test_every_piece_of_advice_is_one_line_that_says_what_to_do(make: SimpleNamespace) -> None:
    for _, _, damage in FAULTS:
        page = make.good()
        damage(page, make)
        for finding in lint(page, make.chapter, KNOWN):
            assert "\n" not in finding.advice and ": " in finding.advice


def test_exercises_are_not_compared_where_none_are_given(make: SimpleNamespace) -> None:
    assert lint(make.good(), make.chapter, None) == []


def test_a_manual_cell_must_agree_with_its_exercise_if_there_is_one(make: SimpleNamespace) -> None:
    assert lint(make.good(), make.chapter, KNOWN | {"choose_one": 1}) == []
    findings = lint(make.good(), make.chapter, KNOWN | {"choose_one": 4})
    assert [(finding.rule, finding.cell) for finding in findings] == [("exercise", "choose-one")]


def test_only_long_texts_are_warnings() -> None:
    assert Finding("a", "long-text", "shorten").is_warning and not Finding("a", "points", "add").is_warning
    assert str(Finding("", "points", "add some")) == "notebook: points: add some"


def test_points_come_from_the_exercises_and_unknown_chapters_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert exercise_points("99-no-such-chapter") == {}
    monkeypatch.setattr("grader.notebooks.lint.exercises", lambda chapter: {"double": Exercise(2, abs)})
    assert exercise_points("90-sample") == {"double": 2}


def test_misspelled_words_are_found_in_their_cell_and_right_ones_are_not(
    make: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # codespell follows the pyproject.toml of the folder it runs in
    assert misspellings(make.good()) == []
    wrong = make.misspelt
    page = make.notebook(
        make.text("first", "Right\n\nwords"), make.code("second", f"# {wrong}\n# sum is {wrong}\nx = 1")
    )
    assert {(each.cell, each.rule, each.advice) for each in misspellings(page)} == {
        ("second", "spelling", f"'{wrong}' is spelled 'the': mend it")
    }
