from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from grader import report
from grader.errors import GraderError
from grader.results import ClassResults, ExerciseColumn, ExerciseResult, StudentResult

DECIDE = ExerciseColumn("01-perceptron/decide", "Shall I go?", 2)
XOR = ExerciseColumn("01-perceptron/xor", "XOR from three neurons", 3)
CHOOSE = ExerciseColumn("01-perceptron/choose_weights", "Choose weights for a goal", 3, manual=True)
COLUMNS = (DECIDE, XOR, CHOOSE)
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


def result(column: ExerciseColumn, status: str = "passed", **details: object) -> ExerciseResult:
    points = {"passed": column.max_points, "manual": None}.get(status, 0.0)
    return ExerciseResult(column.id, **{"points": points, "max_points": column.max_points, "status": status} | details)


def mistaken(column: ExerciseColumn, mistake: str, call: str, message: str = "", **details: object) -> ExerciseResult:
    return result(
        column,
        "wrong",
        mistake=mistake,
        message=message or f"About {mistake}.",
        call=call,
        **{"expected": "True", "got": "False"} | details,
    )


def student(name: str, *results: ExerciseResult, handed_in: bool = True, **details: object) -> StudentResult:
    """Return a student whose answers not named here are right, or missing if nothing was handed in."""
    rest = "passed" if handed_in else "missing"
    answers = {column.id: result(column, "manual" if handed_in and column.manual else rest) for column in COLUMNS}
    answers |= {answer.exercise: answer for answer in results}
    when = datetime(2026, 11, 19, 20, 0) if handed_in else None
    return StudentResult(name.lower().replace(" ", "."), name, answers, **{"submitted": when} | details)


def class_of(*students: StudentResult, title: str = "Perceptron") -> ClassResults:
    return ClassResults("01-perceptron", title, datetime(2026, 11, 20, 12, 6), COLUMNS, students)


@pytest.fixture(scope="module")
def small_class() -> ClassResults:
    """Seven students who show every status there is."""
    strict = "strictly greater"
    return class_of(
        student("Ada Byron", result(CHOOSE, "manual", points=3.0), seconds=1.0),
        student("Grace Hopper", mistaken(DECIDE, strict, "decide((1, 1), (0.5, 0.5), 1.0)"), seconds=2.0),
        student(
            "Emmy Noether", mistaken(DECIDE, strict, "decide((1,), (0.5,), 0.5)"), result(XOR, "crashed"), seconds=3.0
        ),
        student(
            "Kofi Mensah",
            mistaken(XOR, "one neuron", "xor(1, 1)", points=1.0),
            seconds=30.0,
            problems=("The check of xor was deleted; it was put back.",),
        ),
        student(
            "Yuki Tanaka",
            result(DECIDE, "error", message="decide stopped with NameError."),
            result(XOR, "timeout", message="xor was still running after 2 seconds."),
            seconds=64.0,
            problems=("xor was stopped after 2 seconds.", "The file came from Colab."),
        ),
        student("Noah Weber", result(DECIDE, "forbidden"), result(XOR, "missing")),
        student("Absent Friend", handed_in=False),
    )


@pytest.fixture(scope="module")
def page(small_class: ClassResults) -> str:
    return report.render(small_class)


class Page(HTMLParser):
    """Reads a page: complains about tags that do not match, and collects what the tests ask for."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[int] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> closes <{self.open[-1:]}> at {self.getpos()}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open) and data.strip():
            self.texts.append(" ".join(data.split()))

    @property
    def text(self) -> str:
        return " ".join(self.texts)

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def crowd(count: int) -> ClassResults:
    return class_of(
        *(
            student(f"Student {n:03d}", *([mistaken(DECIDE, "strictly greater", "decide(0)")] if n % 3 else []))
            for n in range(count)
        )
    )


# --- what it says -------------------------------------------------------------------------------------------------


def test_every_student_and_every_exercise_is_in_the_table(page: str, small_class: ClassResults) -> None:
    text = Page(page).text
    for person in small_class.students:
        assert person.name in text
    for column in COLUMNS:
        assert column.title in text


def test_header_tells_chapter_date_submissions_and_median(page: str) -> None:
    # Totals of those who handed in are 8, 3, 0, 3, 0, 0: the absent friend's 0 is no score.
    text = Page(page).text
    for said in ["01-perceptron", "20 November 2026, 12:06", "submissions, 1 missing", "median 1.5"]:
        assert said in text
    assert "6" in Page(page).texts


def test_time_of_the_report_names_its_zone_where_it_has_one(small_class: ClassResults) -> None:
    page = report.render(replace(small_class, generated=datetime(2026, 11, 20, 12, 6, tzinfo=UTC)))
    assert "20 November 2026, 12:06 UTC" in Page(page).texts


def test_table_is_sorted_by_score_with_absent_students_last(small_class: ClassResults) -> None:
    names = [row.student.name for row in report.rows(small_class)]
    assert names == [
        "Ada Byron", "Grace Hopper", "Kofi Mensah", "Emmy Noether", "Noah Weber", "Yuki Tanaka", "Absent Friend",
    ]  # fmt: skip


def test_each_status_has_its_own_sign_and_word(page: str) -> None:
    shown = Page(page)
    icons = {attributes["href"] for attributes in shown.attributes("use")}
    for look in ("passed", "partial", "error", "timeout", "crashed", "forbidden", "missing", "graded", "waiting"):
        assert f"#i-{look}" in icons
        assert report.LOOKS[look] in shown.text


def test_counts_of_an_exercise_leave_out_those_who_handed_in_nothing(small_class: ClassResults) -> None:
    decide, xor, choose = report.summaries(small_class)
    assert decide.looks == {"passed": 2, "wrong": 2, "error": 1, "forbidden": 1}
    assert xor.looks == {"passed": 2, "partial": 1, "timeout": 1, "crashed": 1, "missing": 1}
    assert choose.looks == {"graded": 1, "waiting": 5}
    assert (decide.passed, xor.passed) == (2, 2)


def test_bars_of_an_exercise_fill_the_whole_width(small_class: ClassResults) -> None:
    for exercise in report.summaries(small_class):
        segments = exercise.segments
        ends = [left + width for _, left, width in segments]
        assert [left for _, left, _ in segments] == pytest.approx([0, *ends[:-1]])
        assert ends[-1] == pytest.approx(100)


def test_known_mistakes_come_first_with_count_message_and_smallest_example(small_class: ClassResults) -> None:
    first, *others = report.summaries(small_class)[0].reasons
    assert (first.name, first.count, first.message) == ("strictly greater", 2, "About strictly greater.")
    assert first.example == report.Example("decide((1,), (0.5,), 0.5)", "True", "False")
    assert [reason.name for reason in others] == ["Stopped by an error", "Used what is not allowed here"]


def test_mistakes_are_ranked_by_how_many_made_them() -> None:
    rare, common = (("rare", "decide(1)"), ("common", "decide(22)"))
    results = class_of(*(student(f"S{n}", mistaken(DECIDE, *(rare if n == 0 else common))) for n in range(4)))
    assert [reason.name for reason in report.summaries(results)[0].reasons] == ["common", "rare"]


def test_message_of_an_unknown_mistake_belongs_to_its_example() -> None:
    long = result(DECIDE, "error", message="about the long one", call="decide((1, 2, 3))")
    short = result(DECIDE, "error", message="about the short one", call="decide(())")
    results = class_of(student("A", long), student("B", long), student("C", short))
    (reason,) = report.summaries(results)[0].reasons
    assert (reason.count, reason.message) == (3, "about the short one")
    assert reason.example is not None and reason.example.call == "decide(())"


def test_next_lecture_gets_the_three_most_frequent_known_mistakes() -> None:
    def answers(n: int) -> list[ExerciseResult]:
        decide = mistaken(DECIDE, "a" if n < 2 else "b" if n < 5 else "c", f"decide({n})")
        xor = mistaken(XOR, "d", f"xor({n})") if n < 4 else result(XOR, "error", message="stopped")
        return [decide, xor]

    exercises = report.summaries(class_of(*(student(f"S{n}", *answers(n)) for n in range(12))))
    assert [(topic.name, topic.count) for topic in report.topics(exercises)] == [("c", 7), ("d", 4), ("b", 3)]


def test_examples_name_no_student(page: str, small_class: ClassResults) -> None:
    start, end = page.index('id="why"'), page.index('id="manual"')
    for person in small_class.students:
        assert person.name not in page[start:end]
        assert person.id not in page[start:end]


def test_problems_are_listed_as_sentences_for_each_student(page: str) -> None:
    text = Page(page).text
    start = text.index("Problems met")
    kofi, yuki = text.index("Kofi Mensah", start), text.index("Yuki Tanaka", start)
    assert kofi < text.index("The check of xor was deleted; it was put back.", start) < yuki
    assert yuki < text.index("The file came from Colab.", start)


def test_every_note_in_the_table_leads_to_an_entry(page: str) -> None:
    shown = Page(page)
    ids = [attributes["id"] for _, attributes in shown.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in shown.tags:
        if attributes.get("href"):
            assert str(attributes["href"]).removeprefix("#") in ids
        assert set((attributes.get("aria-labelledby") or "").split()) <= set(ids)


def test_answers_to_grade_by_hand_are_counted_and_named(page: str) -> None:
    text = Page(page).text
    waiting = text[text.index("Waiting for you") : text.index("Problems met")]
    assert "Choose weights for a goal" in waiting and "5 answers" in waiting
    assert "Grace Hopper" in waiting and "Ada Byron" not in waiting and "Absent Friend" not in waiting


def test_time_taken_is_told_in_all_and_for_the_slowest(page: str) -> None:
    text = Page(page).text
    times = text[text.index("Time taken") :]
    assert "1 min 40 s in all" in times
    assert times.index("Yuki Tanaka") < times.index("Kofi Mensah") < times.index("Emmy Noether")


def test_work_without_a_date_still_counts_as_handed_in() -> None:
    assert report.handed_in(student("No Date", submitted=None))
    assert not report.handed_in(student("Nothing", handed_in=False))


def test_work_that_is_not_graded_yet_is_shown_and_counts_nowhere() -> None:
    later = student("Later", *(result(column, "ungraded", points=None) for column in COLUMNS))
    zero = student("Zero", result(DECIDE, "wrong"), result(XOR, "wrong"))
    results = class_of(later, zero, student("Ada Byron"), student("Absent", handed_in=False))
    assert [row.student.name for row in report.rows(results)] == ["Ada Byron", "Zero", "Later", "Absent"]
    right_and_wrong = {"passed": 1, "wrong": 1}
    assert [each.looks for each in report.summaries(results)] == [right_and_wrong, right_and_wrong, {"waiting": 2}]
    text = Page(report.render(results)).text
    assert "submissions, 1 missing, 1 not graded yet" in text
    assert "2 answers Ada Byron , Zero Time taken" in text
    assert "Nothing has been graded yet" in Page(report.render(class_of(later))).text


def test_full_marks_given_by_the_instructor_overrule_the_judge() -> None:
    mended = mistaken(DECIDE, "strictly greater", "decide(1)", points=2.0)
    decide = report.summaries(class_of(student("Ada Byron", mended)))[0]
    assert decide.looks == {"graded": 1} and decide.reasons == ()


def test_a_class_without_mistakes_is_told_so() -> None:
    assert "Nothing went wrong" in Page(report.render(class_of(student("Ada Byron")))).text


# --- scores -------------------------------------------------------------------------------------------------------


def test_histogram_holds_every_student_once_within_the_picture() -> None:
    for count in (1, 7, 59, 500):
        results = crowd(count)
        drawn = report.histogram(results.students, results.max_points)
        assert drawn is not None
        assert sum(len(bin.students) for bin in drawn.bins) == count
        assert all(0 < bin.x < 100 for bin in drawn.bins)
        assert 0 < drawn.median_x < 100


@pytest.mark.parametrize("max_points", [0.5, 1, 7.5, 15.75, 26, 100, 137])
def test_histogram_puts_full_marks_in_the_last_bin_and_zero_in_the_first(max_points: float) -> None:
    both = [
        StudentResult(str(p), "", {"c/e": ExerciseResult("c/e", p, max_points, "passed")}) for p in (0.0, max_points)
    ]
    drawn = report.histogram(both, max_points)
    assert drawn is not None
    assert drawn.bins[0].x == pytest.approx(drawn.width / 2)
    assert drawn.bins[-1].x == pytest.approx(100 - drawn.width / 2)
    assert all(x < 100.01 for _, x in drawn.ticks)
    best = report.histogram(both[1:], max_points)
    assert best is not None and best.median_x < 100


def test_no_histogram_without_students_or_points(small_class: ClassResults) -> None:
    assert report.histogram((), 8) is None
    assert report.histogram(small_class.students, 0) is None


# --- the page -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 16, 59, 60, 500])
def test_page_is_well_formed_for_a_class_of(count: int) -> None:
    shown = Page(report.render(crowd(count)))
    assert shown.headings[0] == 1 and shown.headings.count(1) == 1
    assert all(below - above <= 1 for above, below in zip(shown.headings, shown.headings[1:], strict=False))
    assert sum(name.startswith("Student 0") for name in shown.texts) >= min(count, 100)


def test_page_without_exercises_is_well_formed() -> None:
    lonely = StudentResult("ada", "Ada", {}, submitted=datetime(2026, 11, 1))
    Page(report.render(ClassResults("01-perceptron", "Perceptron", datetime(2026, 11, 2), (), (lonely,))))


def test_page_is_no_larger_than_a_large_class_needs() -> None:
    assert len(report.render(crowd(500)).encode()) < 1_500_000


def test_nothing_is_loaded_from_elsewhere(page: str) -> None:
    assert not re.search(r"https?:|//[a-z]|@import|url\((?!#)", page)
    shown = Page(page)
    assert not shown.attributes("script") and not shown.attributes("link") and not shown.attributes("img")
    for _, attributes in shown.tags:
        assert "src" not in attributes
        assert str(attributes.get("href", "#")).startswith("#")
        assert not any(name.startswith("on") for name in attributes)


def test_tables_have_captions_and_scopes_and_pictures_have_titles(page: str) -> None:
    shown = Page(page)
    assert len(shown.attributes("table")) == len(shown.attributes("caption")) > 0
    assert all(attributes.get("scope") in ("row", "col") for attributes in shown.attributes("th"))
    pictures = re.findall(r"<svg[^>]*role=\"img\".*?</svg>", page, re.DOTALL)
    assert len(pictures) > len(COLUMNS)
    assert all(re.search(r"<title[^>]*>[^<]+</title>", picture) for picture in pictures)


def test_markup_in_any_text_of_students_is_shown_not_obeyed() -> None:
    evil = '<script>alert("1")</script><img src=x onerror=alert(1)>\'"&'
    answer = mistaken(DECIDE, evil, evil, message=evil, expected=evil, got=evil, hint=evil)
    html = report.render(class_of(student(evil, answer, problems=(evil,)), title=evil))
    shown = Page(html)
    assert not shown.attributes("script") and not shown.attributes("img")
    assert shown.texts.count(evil) >= 6


def test_names_of_any_script_and_length_keep_their_direction_and_letters() -> None:
    names = ["نورا الفارسي", "דוד לוי", "Ólafur Þór", "X" * 300, "小林", "\N{WAVING HAND SIGN}"]
    shown = Page(report.render(class_of(*(student(name) for name in names))))
    assert all(name in shown.texts for name in names)
    assert len([attributes for attributes in shown.attributes("bdi") if attributes["dir"] == "auto"]) >= len(names)


def test_student_without_a_name_is_called_by_id() -> None:
    nameless = StudentResult("s0042", "", student("x").results, submitted=datetime(2026, 11, 1))
    assert "s0042" in Page(report.render(class_of(nameless))).texts


def test_endless_values_are_cut() -> None:
    html = report.render(class_of(student("A", mistaken(DECIDE, "m", "decide(" + "9" * 100_000 + ")"))))
    assert "9" * 300 in html and "9" * 1000 not in html


def test_page_is_the_same_every_time(small_class: ClassResults, page: str) -> None:
    assert report.render(ClassResults.from_dict(small_class.to_dict())) == page


# --- the file -----------------------------------------------------------------------------------------------------


def test_write_makes_the_folder_and_replaces_an_older_report(
    tmp_path: Path, small_class: ClassResults, page: str
) -> None:
    path = tmp_path / "reports" / "class.html"
    assert report.write(small_class, path) == path
    path.write_text("old")
    report.write(small_class, str(path))
    assert path.read_text(encoding="utf-8") == page
    assert os.listdir(path.parent) == ["class.html"]


def test_failed_write_is_one_sentence_and_leaves_the_old_report(
    tmp_path: Path, small_class: ClassResults, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "class.html"
    path.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(GraderError, match=r"report was to be written to .*class\.html, but No space left on device: "):
        report.write(small_class, path)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["class.html"]


def test_writing_where_a_file_is_a_folder_is_one_sentence(tmp_path: Path, small_class: ClassResults) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(GraderError, match="name a file in a folder you can write to"):
        report.write(small_class, tmp_path / "file" / "class.html")
