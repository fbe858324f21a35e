"""Chapter 1 as a student meets it: JupyterLab, the released copy, a wrong answer, a right one, the sliders."""

from __future__ import annotations

import pytest

CHAPTER = "01-perceptron/perceptron.ipynb"
WRONG = "def decide(inputs, weights, threshold):\n    return int(weighted_sum(inputs, weights) >= threshold)"
RIGHT = "def decide(inputs, weights, threshold):\n    return int(weighted_sum(inputs, weights) > threshold)"
SUM = "def weighted_sum(inputs, weights):\n    return sum(x * w for x, w in zip(inputs, weights))"


@pytest.mark.parametrize("chapter", [CHAPTER], indirect=True)
def test_a_student_opens_the_chapter_answers_wrong_then_right_and_moves_the_sliders(chapter) -> None:
    chapter.run_all()
    outputs = dict(chapter.outputs())
    errors = {o["ename"] for cell in outputs.values() for o in cell if o["output_type"] == "error"}
    assert errors <= {"NotImplementedError"}
    checks = [str(outputs[cell]) for cell in outputs if cell.endswith("-check")]
    assert checks and all("Nothing is written yet" in said for said in checks)
    chapter.show("decide-check")
    chapter.picture("1-nothing-written-yet")

    chapter.write("weighted-sum", SUM)
    chapter.write("decide", WRONG)
    chapter.run("decide-check")
    section = chapter.active.locator("section[aria-label='Verdict on decide']")
    section.wait_for()
    said = section.inner_text()
    assert "0 of 2 points" in said and "call" in said and "expected" in said and "got" in said
    assert "has to be greater" in said
    chapter.picture("2-wrong-answer")

    chapter.write("decide", RIGHT)
    chapter.run("decide-check")
    section.get_by_text("2 of 2 points").wait_for()
    chapter.picture("3-right-answer")

    chapter.run("sliders")
    chapter.show("sliders")
    sliders = chapter.active.locator("input[type=range]")
    sliders.first.wait_for()
    answer = chapter.active.get_by_role("status").filter(has_text="threshold")
    assert answer.inner_text().startswith("✓ Yes: the sum 0.70 + 0.50 + 0.40 = 1.60 is greater")
    chapter.picture("4-sliders")
    sliders.last.focus()
    for _ in range(4):
        chapter.page.keyboard.press("ArrowRight")
    answer.get_by_text("✗ No: the sum 0.70 + 0.50 + 0.40 = 1.60 is not greater than the threshold 1.70.").wait_for()
    chapter.picture("5-sliders-moved-by-keyboard")

    chapter.active.get_by_role("checkbox").nth(1).click()
    answer.get_by_text("✓ Yes: the sum 0.70 + 0.60 + 0.50 + 0.40 = 2.20 is greater").wait_for()
    chapter.picture("6-sliders-moved-by-mouse")
