"""The main job: make a course, hand in a generated class, grade it, and see that everybody got what they deserve.

`python -m grader.sample_class --folder course --run` does it all and shows it; `write_class` and `differences` are what
tests use. The submissions themselves come from `grader.specimens`.
"""

from __future__ import annotations

import argparse
import csv
import io
import shutil
import sys
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader import course as courses
from grader.chapters import Chapter, chapters
from grader.display import console, graded_table, summary, watched
from grader.errors import GraderError
from grader.exercise import exercises
from grader.folder import STUDENTS
from grader.notebooks.files import write_whole
from grader.notebooks.form import read_notebook
from grader.results import ClassResults, StudentResult
from grader.sandbox import walls
from grader.specimens import Specimen, material, specimens

_MARK = ".sample-class"
FIRST_HANDED_IN = datetime(2026, 10, 12, 9, 14)


def class_of(course: courses.Course, chapter: Chapter) -> list[Specimen]:
    """The generated class for a released *chapter* of *course*."""
    source, released = read_notebook(chapter.path), read_notebook(course.released(chapter))
    return specimens(material(source, released, exercises(chapter.name), chapter.path.name))


def write_class(course: courses.Course, chapter: Chapter, specimens: Sequence[Specimen]) -> None:
    """Hand in the work of *specimens* and enter their names into `students.csv`."""
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(["id", "first_name", "last_name", "email"])
    for number, each in enumerate(specimens):
        folder = course.folder("submitted", chapter.name, each.student)
        for name, content in each.files.items():
            write_whole(folder / name, content)
        handed_in = FIRST_HANDED_IN + timedelta(minutes=37 * number)
        write_whole(folder / "timestamp.txt", f"{handed_in:%Y-%m-%d %H:%M:%S} UTC\n".encode())
        rows.writerow([each.student, each.first_name, each.last_name, f"{each.student}@example.org"])
    write_whole(course.root / STUDENTS, table.getvalue().encode("utf-8"))


def differences(specimen: Specimen, came: StudentResult | None) -> list[str]:
    """How a student's results differ from what the submission deserves; empty when they do not."""
    if came is None:
        return ["is not in the gradebook"]
    found = []
    for name, expected in specimen.expected.items():
        result = came.results[name]
        wanted = (expected.points, expected.status, expected.mistake)
        got = (result.points, result.status, result.mistake)
        if got != wanted:
            found.append(f"{name}: {got} where {wanted} was expected ({result.message})")
        elif expected.message not in result.message:
            found.append(f"{name}: the message {result.message!r} does not hold {expected.message!r}")
    if came.problems != specimen.problems:
        found.append(f"reported {list(came.problems)} where {list(specimen.problems)} was expected")
    return found


def run(folder: Path, out: Console) -> bool:
    """Do the whole job in *folder* and say whether every submission got the score it deserves."""
    began = time.monotonic()
    course = _own_course(folder, out)
    sandbox, good = walls.BUBBLEWRAP, True
    if (reason := walls.problem()) is not None:
        sandbox = walls.NONE
        out.print(
            f"[bold]No sandbox:[/] {escape(reason)}. This class is generated and harmless, so it is graded in plain "
            "processes with limits; real submissions are not, unless you say so.",
            soft_wrap=True,
        )
    for chapter in course.chapters().values():
        for written in watched(courses.release(course, [chapter]), 1, f"Releasing {chapter.name}", out):
            if written.problem is not None:
                raise GraderError(
                    f"{chapter.name} was to be released, but nbgrader refused ({written.problem}): mend it"
                )
        people = class_of(course, chapter)
        write_class(course, chapter, people)
        out.print(f"{len(people)} generated submissions of [bold]{chapter.name}[/] lie in {folder / 'submitted'}.")
        tasks = courses.submissions(course, [chapter])
        graded = list(watched(courses.grade(course, tasks, sandbox=sandbox), len(tasks), "Grading", out))
        out.print(graded_table(graded))
        out.print(summary(graded))
        pages = list(watched(courses.feedback(course, tasks), len(tasks), "Writing feedback", out))
        good = not any(page.problem for page in pages) and good
        report = courses.report(course, chapter)
        good = _compared(people, courses.class_results(course, chapter), out) and good
        out.print(f"Class report:  {report}", soft_wrap=True)
        out.print(f"Feedback:      {pages[0].path} and {len(pages) - 1} more", soft_wrap=True)
    out.print(f"Took {time.monotonic() - began:.0f} s.")
    return good


def _own_course(folder: Path, out: Console) -> courses.Course:
    """The sample course in *folder*, made anew where its chapters are no longer the ones installed.

    Raises `GraderError` for a course that is somebody's own: a generated class has no business there.
    """
    mark = folder / _MARK
    if courses.is_course(folder) and not mark.is_file():
        raise GraderError(
            f'the sample class was to be made in "{folder}", which is a course already: name a new folder'
        )
    if mark.is_file() and any(_differs(folder, chapter) for chapter in chapters().values()):
        out.print(f"The chapters have changed since {folder} was made: it is made anew.")
        shutil.rmtree(folder)
    courses.init_course(folder)
    write_whole(mark, b"Made by grader.sample_class, which may make this folder anew at any time.\n")
    return courses.open_course(folder)


def _differs(folder: Path, chapter: Chapter) -> bool:
    copy = folder / "source" / chapter.name / chapter.path.name
    return not copy.is_file() or copy.read_bytes() != chapter.path.read_bytes()


def _compared(people: Sequence[Specimen], results: ClassResults, out: Console) -> bool:
    """Show who got what they deserve; say whether all did."""
    came = {student.id: student for student in results.students}
    complaints = {each.student: differences(each, came.get(each.student)) for each in people}
    table = Table(title="Does everybody get what they deserve?", title_justify="left")
    for heading in ("student", "handed in", "deserves", "got", ""):
        table.add_column(heading, justify="right" if heading in ("deserves", "got") else "left")
    for each in people:
        got = came[each.student].total if each.student in came else 0.0
        sign = "[bold red]no[/]" if complaints[each.student] else "[green]yes[/]"
        table.add_row(each.student, each.why, f"{each.total:g}", f"{got:g}", sign)
    out.print(table)
    for student, found in complaints.items():
        for complaint in found:
            out.print(f"  [red]{student}[/]: {escape(complaint)}")
    right = sum(not found for found in complaints.values())
    out.print(f"[bold]{right} of {len(people)} submissions got the score they deserve.[/]")
    return right == len(people)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; return the exit status: 0, 1 when somebody got something else, 2 for bad input."""
    parser = argparse.ArgumentParser(prog="python -m grader.sample_class", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("course"), help="course folder to make or continue")
    parser.add_argument("--run", action="store_true", help="release, grade, feedback and report too (the whole job)")
    options = parser.parse_args(arguments)
    out = console()
    try:
        if options.run:
            return 0 if run(options.folder, out) else 1
        course = courses.open_course(options.folder)
        for chapter in course.chapters().values():
            people = class_of(course, chapter)
            write_class(course, chapter, people)
            out.print(f"{len(people)} submissions of {chapter.name} lie in {options.folder / 'submitted'}.")
        return 0
    except GraderError as error:
        print(f"sample class: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
