"""Run one of nbgrader's converters over one course folder, in this process, and hear what it had to say.

The converter is configured by the course's own `nbgrader_config.py`, so it does what the nbgrader command would do.
It changes the working directory while it runs: callers use a process of their own (see `grader.crew`).
"""

from __future__ import annotations

import glob
import logging
import os
import sysconfig
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

CONFIG = "nbgrader_config.py"
_CONVERTERS = {"autograde": Autograde, "generate_assignment": GenerateAssignment, "generate_feedback": GenerateFeedback}


def load_config(root: Path) -> Config:
    """The course's nbgrader configuration."""
    config: Config = PyFileConfigLoader(CONFIG, path=str(root)).load_config()
    return config


def course_directory(root: Path, config: Config | None = None) -> CourseDirectory:
    """The course folder as nbgrader sees it: names of its parts, address of its gradebook."""
    return CourseDirectory(config=load_config(root) if config is None else config, root=str(root.resolve()))


def convert(name: str, root: Path, chapter: str, student: str = ".", overrides: Config | None = None) -> str | None:
    """Run the converter *name* ("autograde", ...) on one submission, overwriting; return what went wrong, if anything.

    *overrides* are laid over the course's configuration.
    """
    config = load_config(root)
    if overrides is not None:
        config.merge(overrides)
    directory = course_directory(root, config)
    directory.assignment_id = glob.escape(chapter)
    directory.student_id = glob.escape(student)
    converter = _CONVERTERS[name](coursedir=directory, config=config)
    converter.force = True
    with _log_of(converter.log) as complaints, own_commands(), warnings.catch_warnings():
        # nbgrader builds a submission out of objects that are not in its session yet; SQLAlchemy warns, nothing is lost
        warnings.filterwarnings("ignore", r"Object of type <Submitted\w+> not in session", SAWarning)
        try:
            converter.start()
        except NbGraderException as error:
            return _reason(complaints) or str(error)
    return None


@contextmanager
def own_commands() -> Iterator[None]:
    """Let this interpreter's own commands be found: nbgrader calls `alembic` by name when it makes a gradebook."""
    before = os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before


class _Complaints(logging.Handler):
    """Keeps the messages of errors."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@contextmanager
def _log_of(log: logging.Logger) -> Iterator[list[str]]:
    """Collect the errors logged meanwhile instead of printing them."""
    handler = _Complaints()
    propagates, log.propagate = log.propagate, False
    others, log.handlers = log.handlers, [handler]
    try:
        yield handler.messages
    finally:
        log.propagate, log.handlers = propagates, others


def _reason(complaints: list[str]) -> str | None:
    """The message of the first exception that was logged: the last line of its traceback, without its class."""
    traces = [text.strip().splitlines() for text in complaints if text.lstrip().startswith("Traceback")]
    if not traces:
        return complaints[0] if complaints else None
    kind, _, message = traces[0][-1].partition(": ")
    return message if kind.startswith("grader.errors.") else traces[0][-1]
