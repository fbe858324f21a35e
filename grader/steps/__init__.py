"""The steps this project adds to nbgrader: read anything, repair, judge, record, and write feedback.

They are named in a course's `nbgrader_config.py`, so `nbgrader autograde`, the formgrader and `grader grade` all run
the same ones. They know the judge and nbgrader; they know nothing of folders of classes or of the command line.
"""

from grader.steps.feedback import FeedbackExporter
from grader.steps.judge import Judge
from grader.steps.record import KeepRecord
from grader.steps.repair import Repair
from grader.steps.submission import SubmissionExporter

__all__ = ["FeedbackExporter", "Judge", "KeepRecord", "Repair", "SubmissionExporter"]
