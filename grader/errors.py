"""Errors meant for people: students, instructors and CI logs.

Each message is one sentence that says what was asked, what came and what to do.  The command line prints that
sentence and leaves with status 2; nothing here knows about the command line, nbgrader or notebooks.
"""

from __future__ import annotations


class GraderError(Exception):
    """Anything the user can put right; ``str(error)`` is one sentence.

    >>> str(GraderError("chapter '9' was asked for, but there are only 1 to 8: name one of those"))
    "chapter '9' was asked for, but there are only 1 to 8: name one of those"
    """


class UnknownChapter(GraderError):
    """A chapter was named that is not part of this course."""


class UnknownExercise(GraderError):
    """An exercise was named that its chapter does not have."""


class UnknownStudent(GraderError):
    """A student was named who has handed in nothing in this course."""


class NotACourse(GraderError):
    """A folder was given as a course that ``grader init`` has not made."""


class DamagedNotebook(GraderError):
    """A notebook file is missing, unreadable or not a notebook."""


class NoSandbox(GraderError):
    """The sandbox that submissions run in cannot be had on this machine, or did not start."""
