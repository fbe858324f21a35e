"""`check` and `progress` as a student meets them, and what a verdict looks like."""

import subprocess
import sys
import threading
import types
from html.parser import HTMLParser

import pytest

import grader.exercise
from grader import cases, check, progress
from grader.check import NotPassed, forget, withheld_use
from grader.errors import UnknownChapter, UnknownExercise
from grader.exercise import Exercise, Mistake
from grader.verdict import STATUSES, Verdict


def double(x):
    return 2 * x


def squared(x):
    return x * x


@pytest.fixture(autouse=True)
def chapter(monkeypatch):
    """A chapter of two exercises, registered as if it were one of the course's."""
    module = types.ModuleType("test_chapter")
    module.CHAPTER = "00-test"
    module.double = Exercise(
        points=2,
        reference=double,
        cases=cases.grid(-4, 4),
        mistakes={"squares": Mistake(squared, "Twice x is x + x.")},
        hints=["First hint.", "Second hint."],
        title="Twice",
    )
    module.answer = Exercise(points=1, reference="yes")
    monkeypatch.setitem(sys.modules, "test_chapter", module)
    monkeypatch.setattr(grader.exercise, "_modules", lambda: {"00-test": "test_chapter"})
    grader.exercise._exercises.cache_clear()
    forget()
    yield
    grader.exercise._exercises.cache_clear()
    forget()


def test_a_right_function_gets_its_points_by_full_or_short_name():
    assert check("00-test/double", lambda x: x + x).points == 2
    assert check("double", lambda x: x + x).passed


def test_a_known_mistake_hears_its_own_message():
    verdict = check("double", squared)
    assert (verdict.mistake, verdict.message) == ("squares", "Twice x is x + x.")


def test_hints_come_with_the_second_failure_and_one_more_with_each_further():
    hints = [check("double", squared).hint for _ in range(4)]
    assert hints == [None, "First hint.", "First hint. Second hint.", "First hint. Second hint."]


def test_an_unwritten_solution_is_told_kindly_and_uses_up_no_hint():
    def unwritten(x):
        raise NotImplementedError

    for _ in range(3):
        verdict = check("double", unwritten)
    assert verdict.status == "missing" and verdict.message.startswith("Nothing is written yet.")
    assert check("double", squared).hint is None


def test_an_error_shows_the_student_s_own_line():
    def broken(x):
        y = x
        return y[0]

    verdict = check("double", broken)
    assert verdict.status == "error" and "in the line `return y[0]`" in verdict.message


def test_an_unwritten_function_that_the_answer_calls_is_named_here_too():
    def inner(x):
        raise NotImplementedError

    def outer(x):
        return inner(x)

    assert check("double", outer).message.startswith("Your code calls inner, where nothing is written yet.")


@pytest.mark.parametrize("how", ["validate", "autograde"])
def test_under_nbgrader_s_own_execution_what_is_not_passed_is_an_error(monkeypatch, how):
    monkeypatch.setenv("NBGRADER_EXECUTION", how)
    assert check("double", double).passed
    with pytest.raises(NotPassed, match="Twice x is x"):
        check("double", squared)


def test_an_endless_loop_gives_the_notebook_back():
    def endless(x):
        while True:
            try:
                x += 1
            except Exception:
                continue

    assert check("double", endless).status == "timeout"


def test_a_check_in_a_thread_has_no_timer_and_still_judges():
    verdicts = []
    thread = threading.Thread(target=lambda: verdicts.append(check("double", double)))
    thread.start()
    thread.join()
    assert verdicts[0].passed


def test_a_value_and_a_function_are_not_mixed_up():
    assert check("answer", "yes").passed
    assert check("answer", None).status == "missing"
    assert "where a function is expected" in check("double", 4).message


def test_what_grading_withholds_is_refused_in_the_notebook_too():
    namespace = {}
    exec(
        "import minitf as tf\ndef uses(x):\n    return tf.add(x, x)\ndef imports(x):\n    import minitf\n    return x",
        namespace,
    )
    assert withheld_use(namespace["uses"]) == "minitf"
    assert withheld_use(namespace["imports"]) == "minitf"
    assert withheld_use(namespace["uses"], ("minitf",)) is None
    assert withheld_use(double) is None
    assert check("double", namespace["uses"]).status == "forbidden"


def test_unknown_names_say_what_there_is():
    with pytest.raises(UnknownExercise, match="00-test has double, answer"):
        check("00-test/duoble", double)
    with pytest.raises(UnknownChapter, match="the chapters are 00-test"):
        check("07-nowhere/double", double)
    with pytest.raises(UnknownExercise, match="is in none of the chapters"):
        check("duoble", double)


def test_progress_shows_this_session_s_verdicts_in_the_chapter_s_order():
    assert progress("00-test").headline() == "00-test: 0 of 3 points, 0 of 2 exercises done"
    check("double", double)
    check("answer", "no")
    card = progress("00-test")
    assert card.headline() == "00-test: 2 of 3 points, 1 of 2 exercises done"
    assert repr(card).splitlines()[1:] == [
        "  ✓ double                      2 of 2",
        "  ✗ answer                      0 of 1",
    ]


class Text(HTMLParser):
    """Collects the text of a page and checks that its elements close in order."""

    def __init__(self, html):
        super().__init__()
        self.open, self.words = [], []
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


@pytest.mark.parametrize("status", STATUSES)
def test_text_and_html_of_every_status_say_the_same(status):
    verdict = Verdict(
        *("00-test/double", "Twice", 0.5, 2, status, "A <b>message</b> & more."),
        call="double(<1>)",
        expected="2",
        got="'<script>'",
        hint="A hint.",
        notes=("A note.",),
    )
    html = " ".join(Text(verdict.html()).words)
    for part in (
        "double",
        STATUSES[status][1],
        "0.5 of 2 points",
        verdict.message,
        *("double(<1>)", "'<script>'", "A hint.", "A note."),
    ):
        assert part in html and part in verdict.text()
    assert "<script" not in verdict.html()


def test_signs_differ_so_that_colour_is_never_needed():
    assert len({sign for sign, _ in STATUSES.values()}) == len(STATUSES)


def test_importing_the_grader_loads_neither_nbgrader_nor_jupyter_nor_minitf():
    heavy = ("nbgrader", "IPython", "matplotlib", "minitf", "tensorflow")
    code = f"import grader, sys; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_check_leaves_nothing_in_the_student_s_folder(tmp_path):
    code = "from grader import check; print(check('01-perceptron/weighted_sum', lambda inputs, weights: 0).status)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert run.stdout == "wrong\n"
    assert list(tmp_path.iterdir()) == []
