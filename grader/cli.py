"""The command `grader`: options, progress and tables around `grader.course`.

An error meant for people becomes one sentence on standard error and exit status 2; a submission or chapter that could
not be done gives status 1. The work is done elsewhere, and imported by the command that runs: nbgrader takes seconds to
load, and nobody wants to wait for --help.
"""

from __future__ import annotations

import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import grader
from grader.chapters import Chapter
from grader.errors import GraderError

if TYPE_CHECKING:
    from grader.course import Course

app = typer.Typer(
    name="grader",
    help="Run a course: make it, release its chapters, grade what comes back, give feedback, see how the class does.",
    epilog="Begin with `grader init mycourse`, then `cd mycourse`. Every command explains itself with --help.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)

CourseOption = Annotated[
    Path | None, typer.Option("--course", metavar="FOLDER", help="The course folder (default: the one you are in).")
]
ChapterArgument = Annotated[
    str | None, typer.Argument(metavar="[CHAPTER]", help="Name or number of a chapter (default: all released ones).")
]
StudentOption = Annotated[str | None, typer.Option("--student", metavar="ID", help="Only this student.")]
JobsOption = Annotated[
    int | None, typer.Option("--jobs", min=1, metavar="N", help="Submissions at a time (default: one per core).")
]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command with *arguments* (default: the command line's) and leave with its exit status."""
    try:
        app(args=list(arguments) if arguments is not None else None, prog_name="grader")
    except GraderError as error:
        print(f"grader: {error}", file=sys.stderr)
        sys.exit(2)


def _version(asked: bool) -> None:
    if asked:
        print(f"grader {grader.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """Options before the command's name."""


@app.command(epilog="Example: `grader init mycourse` makes a course with all chapters in the new folder mycourse.")
def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new or empty folder, or a course.")],
    chapter: Annotated[
        list[str] | None, typer.Option("--chapter", metavar="CHAPTER", help="Take this chapter; may be repeated.")
    ] = None,
) -> None:
    """Make a course folder: configuration, chapters with their solutions, a place for submissions.

    On a course that is there already, what is missing is added and nothing is overwritten.
    """
    from grader import course as courses
    from grader.display import console

    out = console()
    added = courses.init_course(folder, chapter or ())
    for path in added:
        out.print(f"  [green]+[/] {path}")
    if added:
        out.print(f"{folder} is a course now. Next: `cd {folder}`, then `grader release`.", soft_wrap=True)
    else:
        out.print(f"{folder} is a course already, and nothing is missing.", soft_wrap=True)


@app.command(epilog="Example: `grader release perceptron` makes release/01-perceptron/, which you hand out.")
def release(
    chapters: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CHAPTER]...", help="Names or numbers (default: all chapters).", show_default=False),
    ] = None,
    course: CourseOption = None,
) -> None:
    """Make the student versions of chapters and enter their exercises into the gradebook."""
    from grader import course as courses
    from grader.display import console, watched, written_table

    out = console()
    place = courses.open_course(course)
    wanted = [place.chapter(name) for name in chapters] if chapters else list(place.chapters().values())
    if not wanted:
        raise GraderError("a release was asked for, but source/ holds no chapter: run `grader init` on this course")
    written = list(watched(courses.release(place, wanted), len(wanted), "Releasing", out))
    out.print(written_table(written, "chapter"))
    _leave(any(each.problem is not None for each in written))


@app.command(
    epilog="Examples: `grader grade` grades whatever is new. `grader grade 1 --student ada --force` grades one again."
)
def grade(
    chapter: ChapterArgument = None,
    student: StudentOption = None,
    force: Annotated[bool, typer.Option("--force", help="Grade again what is graded and has not changed.")] = False,
    jobs: JobsOption = None,
    sandbox: Annotated[
        str | None,
        typer.Option(
            "--sandbox",
            metavar="KIND",
            help="`bubblewrap` (the default), or `none`: submissions run with your own rights and can read your files.",
            show_default=False,
        ),
    ] = None,
    course: CourseOption = None,
) -> None:
    """Repair and judge submissions and write their scores into the gradebook.

    Submissions that are graded and unchanged are passed over, so the command can be run as often as you like, also
    after it was interrupted. A file with problems is reported and stops nobody else's.
    """
    from grader import course as courses
    from grader.display import console, graded_table, summary, watched
    from grader.sandbox import walls

    out = console()
    place = courses.open_course(course)
    tasks = courses.submissions(place, _released(place, chapter), student)
    if sandbox not in (None, *walls.KINDS):
        raise GraderError(f"--sandbox {sandbox} was asked for, but there are {' and '.join(walls.KINDS)}: choose one")
    if sandbox == walls.NONE:
        out.print(
            "[bold red]No sandbox:[/] these submissions run with your own rights, and can read what you can.",
            soft_wrap=True,
        )
    grading = courses.grade(place, tasks, force=force, jobs=jobs, sandbox=sandbox)
    graded = list(watched(grading, len(tasks), "Grading", out))
    out.print(graded_table(graded))
    out.print(summary(graded))
    _leave(any(each.status == "failed" for each in graded))


@app.command(epilog="Example: `grader feedback perceptron` writes feedback/STUDENT/01-perceptron/perceptron.html.")
def feedback(
    chapter: ChapterArgument = None,
    student: StudentOption = None,
    jobs: JobsOption = None,
    course: CourseOption = None,
) -> None:
    """Write a page for each student: the points, a verdict under each answer, what was repaired, your comments."""
    from grader import course as courses
    from grader.display import console, watched, written_table

    out = console()
    place = courses.open_course(course)
    tasks = courses.submissions(place, _released(place, chapter), student)
    written = list(watched(courses.feedback(place, tasks, jobs=jobs), len(tasks), "Writing feedback", out))
    out.print(written_table(written, "student"))
    _leave(any(each.problem is not None for each in written))


@app.command(epilog="Example: `grader report 1 --open` writes report/01-perceptron.html and opens it in your browser.")
def report(
    chapter: ChapterArgument = None,
    show: Annotated[bool, typer.Option("--open", help="Open the report in your browser.")] = False,
    course: CourseOption = None,
) -> None:
    """Write a page on the class: scores by student and exercise, what most got wrong and why, problems met."""
    from grader import course as courses
    from grader.display import class_table, console, watched

    out = console()
    place = courses.open_course(course)
    wanted = _released(place, chapter)
    written = (courses.Written(each.name, courses.report(place, each)) for each in wanted)
    for each, page in zip(wanted, list(watched(written, len(wanted), "Writing the report", out)), strict=True):
        out.print(class_table(courses.class_results(place, each)))
        out.print(f"{each.name}: {page.path}", soft_wrap=True)
        if show:
            webbrowser.open(page.path.as_uri())


@app.command(epilog="Example: `grader audit 1 --exercise decide` tries mutants of one model solution on its check.")
def audit(
    chapter: Annotated[str, typer.Argument(metavar="CHAPTER", help="Name or number of a chapter.")],
    names: Annotated[
        list[str] | None, typer.Option("--exercise", metavar="NAME", help="Only this exercise; may be repeated.")
    ] = None,
    jobs: JobsOption = None,
) -> None:
    """Say how good the checks of a chapter are: mutants killed, mistakes named, variants accepted, time a check.

    A mutant is the model solution with one small wrong change. One that survives shows what the check does not look
    at: add a case or an example, or list it in the exercise's `equivalent` with the reason why it computes the same.
    """
    from grader import audit as audits
    from grader.chapters import chapter as chapter_called
    from grader.display import audit_notes, audit_table, console, watched
    from grader.exercise import exercises

    out = console()
    name = chapter_called(chapter).name
    wanted = list(names or exercises(name))
    audited = list(watched(audits.audit(name, names or (), jobs=jobs), len(wanted), "Auditing", out))
    audited.sort(key=lambda each: wanted.index(each.name))
    out.print(audit_table(audited, name))
    for line in audit_notes(audited):
        out.print(line, soft_wrap=True)
    _leave(not audits.good(audited))


def _released(place: Course, name: str | None) -> list[Chapter]:
    """The chapter asked for, or all that have been released; raises `GraderError` when there is none."""
    from grader.course import is_released

    wanted = [place.chapter(name)] if name is not None else list(place.chapters().values())
    ready = [each for each in wanted if is_released(place, each)]
    if not ready:
        which = wanted[0].name if name is not None else "a chapter"
        raise GraderError(f"{which} was asked for, but it has not been released: run `grader release` first")
    return ready


def _leave(failed: bool) -> None:
    if failed:
        raise typer.Exit(1)
