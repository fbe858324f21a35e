"""The process in which a student's code runs while it is graded.

`process.py` is the trusted side (start, limit, talk, kill), `worker.py` the untrusted one, `wire.py` the plain data
that travels between them.  Nothing in this room knows an exercise, a reference solution or a score.
"""

from grader.sandbox.process import Limits, Outcome, Worker

__all__ = ["Limits", "Outcome", "Worker"]
