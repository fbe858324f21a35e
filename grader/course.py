"""What an instructor does with a course: init, release, grade, feedback, report.

The command line and the sample class call these; the work is done in `folder`, `grading`, `gradebook` and `report`.
Nothing here prints.
"""

from __future__ import annotations

from pathlib import Path

from grader import report as pages
from grader.chapters import Chapter
from grader.folder import Course, init_course, is_course, open_course
from grader.gradebook import class_results, enter_names, is_released
from grader.grading import Graded, Submission, Written, feedback, grade, release, submissions
from grader.results import ClassResults

__all__ = [
    "ClassResults",
    "Course",
    "Graded",
    "Submission",
    "Written",
    "class_results",
    "feedback",
    "grade",
    "init_course",
    "is_course",
    "is_released",
    "open_course",
    "release",
    "report",
    "submissions",
]


def report(course: Course, chapter: Chapter) -> Path:
    """Write the class report of *chapter* into `report/` and return its path; raises `GraderError`."""
    enter_names(course)
    return pages.write(class_results(course, chapter), course.root / "report" / f"{chapter.name}.html")
