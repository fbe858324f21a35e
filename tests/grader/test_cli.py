"""The command `grader`: what it says, with which status it leaves, and that bad input writes nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import grader
from grader.cli import main
from grader.sandbox import walls

COMMANDS = ["init", "release", "grade", "feedback", "report"]


@pytest.fixture
def run(capsys, monkeypatch):
    """Runs the command in this process and gives its status, output and error output."""
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main([str(each) for each in arguments])
        captured = capsys.readouterr()
        return int(left.value.code or 0), captured.out, captured.err

    return call


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_the_version_is_told(run):
    assert run("--version") == (0, f"grader {grader.__version__}\n", "")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(run, command):
    status, said, _ = run(command, "--help")
    assert status == 0
    assert "Example" in said and f"grader {command}" in said


def test_without_a_command_the_help_lists_them_all(run):
    _, said, told = run()
    assert all(command in said + told for command in COMMANDS)


def test_python_m_grader_is_the_same_command():
    root = Path(grader.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-m", "grader", "--version"], cwd=root, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout) == (0, f"grader {grader.__version__}\n")


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize("command", COMMANDS[1:])
def test_a_folder_that_is_no_course_is_refused_in_one_sentence(run, tmp_path, command):
    (tmp_path / "thesis.txt").touch()
    status, said, told = run(command, "--course", tmp_path)
    assert (status, said) == (2, "")
    assert (
        told
        == f'grader: the course "{tmp_path}" was asked for, which is no course: make one with `grader init FOLDER`\n'
    )
    assert files(tmp_path) == {"thesis.txt"}


def test_outside_any_course_it_says_what_to_do(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, _, told = run("grade")
    assert status == 2 and "give --course FOLDER or run `grader init`" in told
    assert files(tmp_path) == set()


@pytest.mark.parametrize("command", COMMANDS[1:])
def test_an_unknown_chapter_is_refused_and_the_known_ones_named(run, graded, command):
    before = files(graded.root)
    status, _, told = run(command, "astrology", "--course", graded.root)
    assert status == 2
    assert told == "grader: chapter 'astrology' was asked for, but the chapters are 01-perceptron: name one of those\n"
    assert files(graded.root) == before


@pytest.mark.parametrize("command", ["grade", "feedback"])
def test_an_unknown_student_is_refused(run, graded, command):
    before = files(graded.root)
    status, _, told = run(command, "1", "--student", "zoe", "--course", graded.root)
    assert status == 2
    assert told.startswith("grader: student 'zoe' was asked for, but 01-perceptron was handed in by abrandt, ")
    assert len(told.splitlines()) == 1
    assert files(graded.root) == before


@pytest.mark.parametrize("command", ["grade", "feedback", "report"])
def test_before_the_release_nothing_is_done_or_written(run, tmp_path, command):
    run("init", tmp_path / "course")
    before = files(tmp_path)
    status, _, told = run(command, "--course", tmp_path / "course")
    assert status == 2 and "run `grader release` first" in told
    assert files(tmp_path) == before


def test_a_damaged_source_notebook_is_refused_in_one_sentence(run, tmp_path):
    run("init", tmp_path / "course")
    (tmp_path / "course" / "source" / "01-perceptron" / "perceptron.ipynb").write_text("{", encoding="utf-8")
    before = files(tmp_path)
    status, _, told = run("release", "1", "--course", tmp_path / "course")
    assert status == 2
    assert told.startswith("grader: ") and len(told.splitlines()) == 1
    assert files(tmp_path) == before


def test_a_negative_number_of_jobs_is_refused(run, graded):
    assert run("grade", "--jobs", "0", "--course", graded.root)[0] == 2


# ---------------------------------------------------------------- good input


def test_an_unknown_sandbox_is_refused(run, graded):
    status, _, error = run("grade", "--sandbox", "glass", "--course", str(graded.root))
    assert status == 2
    assert error == "grader: --sandbox glass was asked for, but there are bubblewrap and none: choose one\n"


def test_grading_stops_where_there_is_no_sandbox_unless_that_is_chosen(run, copy_of, released, monkeypatch):
    sample = copy_of(released)
    (right,) = sample.keep("everything right")
    monkeypatch.setattr(walls, "problem", lambda: "bubblewrap is not installed; `apt-get install bubblewrap` gets it")
    status, out, error = run("grade", "--course", str(sample.root))
    assert status == 2 and out == ""
    assert error.startswith(
        "grader: submissions were to be run in a sandbox, but bubblewrap is not installed; `apt-get"
    )
    assert error.count("\n") == 1 and not (sample.root / "autograded").exists()
    status, out, _ = run("grade", "--sandbox", "none", "--course", str(sample.root))
    assert status == 0 and out.startswith("No sandbox: these submissions run with your own rights")
    assert right.student in out


def test_init_says_what_it_added_and_what_comes_next(run, tmp_path):
    status, said, _ = run("init", tmp_path / "course")
    assert status == 0
    assert "+ source/01-perceptron/perceptron.ipynb" in said and "grader release" in said
    assert "nothing is missing" in run("init", tmp_path / "course")[1]


def test_grade_shows_a_table_with_scores_problems_and_what_waits(run, copy_of, released):
    sample = copy_of(released)
    right, damaged = sample.keep("everything right", "a damaged file")
    status, said, told = run("grade", "--course", sample.root)
    assert (status, told) == (0, "")
    assert f"{right.student}" in said and f"{right.total:g} of" in said and "graded, 1 by hand" in said
    assert "The file is no notebook" in said
    assert "2 graded, 0 unchanged" in said
    assert "0 graded, 2 unchanged" in run("grade", "1", "--course", sample.root)[1]
    assert "1 graded, 0 unchanged" in run("grade", "--student", damaged.student, "--force", "--course", sample.root)[1]


def test_feedback_and_report_say_where_the_pages_are(run, copy_of, graded, monkeypatch):
    sample = copy_of(graded.root)
    student = sample.of("an exception").student
    status, said, _ = run("feedback", "1", "--student", student, "--course", sample.root)
    assert status == 0 and student in said and "perceptron.html" in said.replace("\n", "")
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    status, said, _ = run("report", "--open", "--course", sample.root)
    page = sample.root / "report" / "01-perceptron.html"
    assert status == 0 and str(page) in said
    rows = {line.split("│")[1].strip(): line for line in said.splitlines() if line.count("│") == 4}
    passed = sum(each.results["01-perceptron/decide"].status == "passed" for each in graded.results().students)
    assert f"{passed} of {len(graded.specimens)}" in rows["Shall I go?"] and "ties fire" in rows["Shall I go?"]
    assert "by hand" in rows["Choose weights"]
    assert opened == [page.as_uri()]


def test_a_submission_that_cannot_be_graded_gives_status_1(run, copy_of, released):
    sample = copy_of(released)
    sample.keep("nothing written")
    config = sample.root / "nbgrader_config.py"
    death = '\nif (Path(__file__).parent / ".grading" / "staged").is_dir():\n    __import__("os")._exit(7)\n'
    config.write_text(config.read_text(encoding="utf-8") + death, encoding="utf-8")
    status, said, _ = run("grade", "--course", sample.root)
    assert status == 1
    assert "This submission could not be graded: its process ended with status 7." in said
    assert "1 failed" in said
