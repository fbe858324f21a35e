"""An auto-graded exercise kit built on nbgrader.

``from grader import check, progress`` is what a notebook needs; it imports neither nbgrader nor Jupyter.
Instructors use the command ``grader`` (see ``grader --help``).
"""

from importlib.util import find_spec

for _needed in ("hypothesis", "msgpack"):
    if find_spec(_needed) is None:
        raise ImportError(
            f"`import grader` needs the package {_needed}, which is not installed: "
            "run `pip install 'minitf[notebooks]'`"
        )

from grader.check import check  # noqa: E402
from grader.progress import progress  # noqa: E402
from grader.verdict import Verdict  # noqa: E402

__all__ = ["Verdict", "check", "progress"]
__version__ = "0.1.0"
