"""A course is made, released, graded, graded again, killed, moved, and keeps its scores right."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import sysconfig
import time
from contextlib import closing
from pathlib import Path

import pytest

from grader import course as courses
from grader import records
from grader.errors import GraderError, NotACourse, UnknownChapter, UnknownStudent
from grader.results import ClassResults
from grader.sample_class import differences

CHAPTER = "01-perceptron"


def command(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a module of this interpreter, with its own commands on the path."""
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])
    python_path = os.pathsep.join([str(Path(courses.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=cwd,
        env=os.environ | {"PATH": path, "PYTHONPATH": python_path},
        capture_output=True,
        text=True,
        timeout=240,
    )


def scores(sample) -> dict[str, dict[str, float | None]]:
    return {
        student.id: {name: result.points for name, result in student.results.items()}
        for student in sample.results().students
    }


# ---------------------------------------------------------------- init


def test_a_new_course_has_configuration_sources_and_room_for_submissions(tmp_path):
    added = courses.init_course(tmp_path / "course")
    assert {str(path) for path in added} >= {"nbgrader_config.py", "README.md", "students.csv", "submitted"}
    assert (tmp_path / "course" / "source" / CHAPTER / "perceptron.ipynb").is_file()
    assert courses.is_course(tmp_path / "course")


def test_the_configuration_holds_no_path_of_this_machine(tmp_path):
    courses.init_course(tmp_path / "course")
    assert str(tmp_path) not in (tmp_path / "course" / "nbgrader_config.py").read_text(encoding="utf-8")


def test_init_on_a_course_adds_what_is_missing_and_overwrites_nothing(tmp_path):
    courses.init_course(tmp_path)
    notebook, config = tmp_path / "source" / CHAPTER / "perceptron.ipynb", tmp_path / "nbgrader_config.py"
    notebook.write_text("mine", encoding="utf-8")
    config.write_text(config.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    (tmp_path / "README.md").unlink()
    assert courses.init_course(tmp_path) == [Path("README.md")]
    assert notebook.read_text(encoding="utf-8") == "mine"
    assert config.read_text(encoding="utf-8").endswith("# mine\n")


def test_init_refuses_a_folder_with_other_things_in_it_and_writes_nothing(tmp_path):
    (tmp_path / "thesis.txt").write_text("chapter one", encoding="utf-8")
    with pytest.raises(NotACourse, match="other files are in it"):
        courses.init_course(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_init_refuses_a_file_and_an_unknown_chapter(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(NotACourse, match="that is a file"):
        courses.init_course(tmp_path / "file")
    with pytest.raises(UnknownChapter):
        courses.init_course(tmp_path / "course", ["astrology"])
    assert not (tmp_path / "course").exists()


def test_a_course_is_found_from_a_folder_inside_it(tmp_path, monkeypatch):
    courses.init_course(tmp_path)
    monkeypatch.chdir(tmp_path / "submitted")
    assert courses.open_course().root == tmp_path


def test_a_folder_with_somebody_elses_configuration_is_no_course(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n", encoding="utf-8")
    with pytest.raises(NotACourse, match="is no course"):
        courses.open_course(tmp_path)


def test_a_course_id_cannot_break_out_of_the_configuration(tmp_path):
    folder = tmp_path / 'a"b\\c'
    courses.init_course(folder)
    assert courses.open_course(folder).directory.course_id == "abc"


# ---------------------------------------------------------------- release


def test_nothing_can_be_graded_before_it_is_released(tmp_path):
    courses.init_course(tmp_path)
    course = courses.open_course(tmp_path)
    with pytest.raises(GraderError, match="run `grader release` first"):
        courses.submissions(course, [course.chapter("1")])
    assert not (tmp_path / "gradebook.db").exists()


def test_a_released_notebook_holds_no_solution(released):
    text = (released / "release" / CHAPTER / "perceptron.ipynb").read_text(encoding="utf-8")
    assert "BEGIN SOLUTION" not in text and "YOUR CODE HERE" in text


def test_a_release_that_nbgrader_refuses_leaves_the_earlier_one(copy_of, graded):
    sample = copy_of(graded.root)
    source, release = sample.chapter.path, sample.course.released(sample.chapter)
    before = release.read_bytes()
    text = source.read_text(encoding="utf-8")
    source.write_text(text.replace('"grade_id": "choose-weights"', '"grade_id": "choose-better"'), encoding="utf-8")
    (written,) = courses.release(sample.course, [sample.chapter])
    assert "submissions associated with it" in written.problem
    assert release.read_bytes() == before


def test_points_that_differ_from_the_exercise_are_refused(copy_of, released):
    sample = copy_of(released)
    text = sample.chapter.path.read_text(encoding="utf-8")
    sample.chapter.path.write_text(text.replace('"points": 2', '"points": 3'), encoding="utf-8")
    with pytest.raises(GraderError, match="make them equal"):
        list(courses.release(sample.course, [sample.chapter]))


# ---------------------------------------------------------------- grading again


def test_what_is_graded_and_unchanged_is_passed_over_also_in_a_folder_that_moved(copy_of, graded):
    sample = copy_of(graded.root)
    assert {each.status for each in sample.grade().values()} == {"unchanged"}
    assert scores(sample) == scores(graded)


def test_a_resubmission_is_graded_again_and_no_earlier_score_survives(copy_of, graded):
    sample = copy_of(graded.root)
    right, blank = sample.of("everything right"), sample.of("nothing written")
    give_by_hand(sample, right.student, 2.0)
    sample.submitted(right).write_bytes(blank.files["perceptron.ipynb"])
    became = sample.grade()
    assert became.pop(right.student).status == "graded"
    assert {each.status for each in became.values()} == {"unchanged"}
    now, before = scores(sample), scores(graded)
    assert set(now.pop(right.student).values()) == {0.0}
    before.pop(right.student)
    assert now == before


def test_a_resubmission_without_its_test_cells_keeps_nothing_of_the_earlier_score(copy_of, graded):
    sample = copy_of(graded.root)
    right = sample.of("everything right")
    sample.submitted(right).write_text('{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}')
    sample.grade(right.student)
    assert set(scores(sample)[right.student].values()) == {0.0}


def test_a_damaged_resubmission_keeps_nothing_of_the_earlier_score(copy_of, graded):
    sample = copy_of(graded.root)
    right = sample.of("everything right")
    sample.submitted(right).write_bytes(b"\x00\xff garbage")
    sample.grade(right.student)
    assert set(scores(sample)[right.student].values()) == {0.0}


def test_points_given_by_hand_survive_grading_the_same_file_again(copy_of, graded):
    sample = copy_of(graded.root)
    right = sample.of("everything right")
    give_by_hand(sample, right.student, 1.5)
    assert sample.grade(right.student, force=True)[right.student].status == "graded"
    assert scores(sample)[right.student][f"{CHAPTER}/choose_weights"] == 1.5


def test_a_score_that_somebody_changed_in_the_database_is_judged_again(copy_of, graded):
    sample = copy_of(graded.root)
    blank = sample.of("nothing written")
    with closing(sqlite3.connect(sample.root / "gradebook.db")) as database, database:
        database.execute(
            "UPDATE grade SET auto_score = 2 WHERE notebook_id IN (SELECT n.id FROM submitted_notebook n "
            "JOIN submitted_assignment a ON a.id = n.assignment_id WHERE a.student_id = ?)",
            (blank.student,),
        )
    assert sample.grade(blank.student)[blank.student].status == "graded"
    assert set(scores(sample)[blank.student].values()) == {0.0}


def give_by_hand(sample, student: str, points: float) -> None:
    from nbgrader.api import Gradebook

    with Gradebook(sample.course.db_url) as gradebook:
        grade = gradebook.find_grade("choose-weights", "perceptron", CHAPTER, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.db.commit()


def test_results_say_when_a_newer_file_waits(copy_of, graded):
    sample = copy_of(graded.root)
    right = sample.of("everything right")
    sample.submitted(right).write_bytes(right.files["perceptron.ipynb"] + b"\n")
    (student,) = [each for each in sample.results().students if each.id == right.student]
    assert any("run `grader grade`" in problem for problem in student.problems)


def test_results_list_who_has_not_been_graded_and_who_handed_in_nothing(copy_of, released):
    sample = copy_of(released)
    (one,) = sample.keep("everything right")
    (sample.root / "students.csv").write_text("id,first_name,last_name,email\nghost,Gil,Hosta,\n", encoding="utf-8")
    courses.report(sample.course, sample.chapter)
    results = {student.id: student for student in sample.results().students}
    assert results[one.student].problems == ("This submission has not been graded yet: run `grader grade`.",)
    assert {each.status for each in results[one.student].results.values()} == {"ungraded"}
    assert results["ghost"].submitted is None and results["ghost"].name == "Gil Hosta"
    assert {each.status for each in results["ghost"].results.values()} == {"missing"}


def test_class_results_survive_json(graded):
    results = graded.results()
    assert ClassResults.from_dict(results.to_dict()) == results


def test_the_class_report_is_written(copy_of, graded):
    sample = copy_of(graded.root)
    page = courses.report(sample.course, sample.chapter).read_text(encoding="utf-8")
    assert all(f"{each.first_name} {each.last_name}" in page for each in sample.specimens)


# ---------------------------------------------------------------- killed


def test_a_run_killed_in_the_middle_is_completed_by_the_next_and_nothing_is_graded_twice(copy_of, released):
    sample = copy_of(released)
    kept = sample.keep(
        "everything right", "nothing written", "an endless loop", "a damaged file", "an exception", "cells copied"
    )
    run = subprocess.Popen(
        [sys.executable, "-m", "grader", "grade", "--course", str(sample.root), "--jobs", "2"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd=Path(courses.__file__).parents[1],
    )
    paths = [records.path_of(sample.root, CHAPTER, each.student) for each in kept]
    until = time.monotonic() + 120
    while sum(path.exists() for path in paths) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    done = [each for each, path in zip(kept, paths, strict=True) if path.exists()]
    assert 0 < len(done) < len(kept)
    times = {each.student: records.read(sample.course.record_path(sample.chapter, each.student)) for each in done}

    became = sample.grade()
    assert {each.status for each in became.values()} <= {"graded", "unchanged"}
    results = {student.id: student for student in sample.results().students}
    assert [differences(each, results[each.student]) for each in kept] == [[]] * len(kept)
    for student, record in times.items():
        if became[student].status == "unchanged":
            assert records.read(sample.course.record_path(sample.chapter, student)) == record
    assert {each.status for each in sample.grade().values()} == {"unchanged"}
    with closing(sqlite3.connect(sample.root / "gradebook.db")) as database, database:
        (count,) = database.execute("SELECT count(*) FROM submitted_assignment").fetchone()
    assert count == len(kept)


def die_while_grading(sample, student: str, times: int) -> None:
    """Let the process that grades *student* die, so many times, when it reads the course's configuration."""
    config = sample.root / "nbgrader_config.py"
    death = f"""
import os
_died = Path(__file__).parent / "died"
_count = int(_died.read_text()) if _died.exists() else 0
if (Path(__file__).parent / ".grading" / "staged" / {student!r} / {CHAPTER!r}).is_dir() and _count < {times}:
    _died.write_text(str(_count + 1))
    os._exit(7)
"""
    config.write_text(config.read_text(encoding="utf-8") + death, encoding="utf-8")


def test_a_submission_whose_process_dies_is_reported_the_others_are_graded_and_the_next_run_completes(
    copy_of, released
):
    sample = copy_of(released)
    dying, blank = sample.keep("everything right", "nothing written")
    die_while_grading(sample, dying.student, times=1)
    tasks = courses.submissions(sample.course, [sample.chapter])
    became = {each.student: each for each in courses.grade(sample.course, tasks, jobs=1)}
    assert became[dying.student].status == "failed"
    assert became[dying.student].problems == ("This submission could not be graded: its process ended with status 7.",)
    assert became[blank.student].status == "graded"
    became = sample.grade()
    assert (became[dying.student].status, became[blank.student].status) == ("graded", "unchanged")
    assert became[dying.student].score == dying.total


# ---------------------------------------------------------------- parity with nbgrader


def test_plain_nbgrader_autograde_gives_the_same_scores(copy_of, released, graded):
    sample = copy_of(released)
    kept = sample.keep(
        "everything right",
        "known mistake 1 of each exercise",
        "all metadata lost",
        "cells copied",
        "metadata of a later version",
        "a damaged file",
        "right, with warnings",
    )
    done = command("nbgrader", "autograde", CHAPTER, cwd=sample.root)
    assert done.returncode == 0, done.stderr
    ours, theirs = scores(graded), scores(sample)
    assert theirs == {each.student: ours[each.student] for each in kept}
    assert {each.status for each in sample.grade().values()} == {"unchanged"}


def test_plain_nbgrader_feedback_writes_the_same_page(copy_of, graded):
    sample = copy_of(graded.root)
    one = sample.of("an exception")
    page = sample.root / "feedback" / one.student / CHAPTER / "perceptron.html"
    before = page.read_text(encoding="utf-8")
    page.unlink()
    done = command("nbgrader", "generate_feedback", CHAPTER, "--student", one.student, "--force", cwd=sample.root)
    assert done.returncode == 0, done.stderr
    assert page.read_text(encoding="utf-8") == before


# ---------------------------------------------------------------- who is asked for


def test_an_unknown_student_is_told_who_handed_in(graded):
    with pytest.raises(UnknownStudent, match="was handed in by abrandt, .*: name one of those"):
        courses.submissions(graded.course, [graded.chapter], "zoe")


def test_a_chapter_nobody_handed_in_is_told_where_notebooks_belong(copy_of, released):
    sample = copy_of(released)
    sample.keep()
    with pytest.raises(GraderError, match="put notebooks into submitted/STUDENT/CHAPTER/"):
        courses.submissions(sample.course, [sample.chapter])


def test_feedback_on_what_is_not_graded_says_so(copy_of, released):
    sample = copy_of(released)
    sample.keep("nothing written")
    tasks = courses.submissions(sample.course, [sample.chapter])
    (page,) = courses.feedback(sample.course, tasks)
    assert page.problem == "it has not been graded yet; run `grader grade`"


def test_a_student_table_that_is_no_text_is_refused_in_one_sentence(copy_of, released):
    sample = copy_of(released)
    (sample.root / "students.csv").write_bytes(b"id,first_name\n\xff\xfe,x\n")
    with pytest.raises(GraderError, match="save it as UTF-8 CSV"):
        sample.grade()
