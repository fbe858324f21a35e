"""The linter's rules: a rule is a function that reads a `Page` and yields what is wrong and what to do about it.

One module per subject.  Rules know notebooks and the points of exercises, and nothing of files and consoles.
"""

from grader.notebooks.rules import graded, links, outputs, structure
from grader.notebooks.rules.page import Page, Rule

RULES: dict[str, Rule] = {**structure.RULES, **graded.RULES, **links.RULES, **outputs.RULES}
WARNINGS = frozenset({"long-text"})

__all__ = ["RULES", "WARNINGS", "Page", "Rule"]
