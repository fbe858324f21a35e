"""Take one exercise's solution, and what it needs, out of a notebook's cells.

The cell with the exercise's marker is taken whole; names it uses are looked up in the other cells, and only the
statements that bind them are taken along.  So a plot, a print or an endless try-out elsewhere in the notebook costs
nothing.  Works on source text alone: nothing is run here.
"""

from __future__ import annotations

import ast
import builtins
import re
import symtable
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MARKER = re.compile(r"^[ \t]*(?:#|<!--)[ \t]*graded:[ \t]*([\w-]+/\w+)", re.MULTILINE)
PROVIDED = {"np": "import numpy as np", "numpy": "import numpy", "math": "import math"}
_MAGIC = re.compile(r"^(\s*)([%!?].*|.*\?)$")


@dataclass(frozen=True)
class Extracted:
    """The source to run for one exercise; `problem` says why there is none, `missing` that nothing was written."""

    source: str = ""
    problem: str = ""
    missing: bool = False


def marker(source: str) -> str | None:
    r"""Return the exercise a cell is marked for, or None.

    >>> marker("# graded: 01-perceptron/decide\ndef decide(x): ...")
    '01-perceptron/decide'
    """
    found = MARKER.search(source)
    return found.group(1) if found else None


def extract(sources: Sequence[str], exercise_id: str) -> Extracted:
    """Return what has to run to define the name of *exercise_id*; *sources* are code cells in notebook order."""
    name = exercise_id.rpartition("/")[2]
    cells = [plain_python(source) for source in sources]
    marked = [cell for cell in cells if marker(cell) == exercise_id]
    trees = [(cell, tree) for cell in cells if (tree := _parsed(cell)) is not None]
    own = marked[0] if marked else next((cell for cell, tree in reversed(trees) if name in _bound(tree.body)), None)
    if own is None:
        return Extracted(problem=f"No cell defines {name}.", missing=True)
    try:
        tree = ast.parse(own)
    except SyntaxError as error:
        line = (error.text or "").strip()
        return Extracted(problem=f"The cell of {name} is no Python yet: {error.msg} in its line {error.lineno}: {line}")
    except ValueError as error:
        return Extracted(problem=f"The cell of {name} is no Python yet: {error}.")
    others = [statement for cell, other in trees if cell != own for statement in other.body]
    needed = _needed(own, tree, name, others)
    return Extracted(source="\n".join([*needed, own]))


def plain_python(source: str) -> str:
    r"""Return *source* without IPython's magics, shell lines and trailing question marks, line for line.

    >>> plain_python("%matplotlib inline\nx = 1")
    '# %matplotlib inline\nx = 1'
    """
    if source.lstrip().startswith("%%") and not re.match(r"\s*%%(time|timeit|capture|prun)\b", source):
        return "\n".join(f"# {line}" for line in source.splitlines())
    if _parsed(source) is not None:
        return source
    return "\n".join(_MAGIC.sub(r"\1# \2", line) for line in source.splitlines())


def _parsed(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError):
        return None


def _needed(own: str, tree: ast.Module, name: str, others: Sequence[ast.stmt]) -> list[str]:
    """Return the sources of the statements among *others* that bind names used by *own*, directly or not."""
    bound = _bound(tree.body)
    wanted = _used(own) | ({name} - bound)
    known = bound | set(dir(builtins))
    taken: set[int] = set()
    provided: list[str] = []
    while missing := wanted - known:
        for missed in sorted(missing):
            known.add(missed)
            binding = [i for i, statement in enumerate(others) if missed in _bound([statement])]
            if not binding and missed in PROVIDED:
                provided.append(PROVIDED[missed])
            for i in binding:
                taken.add(i)
                wanted |= _used(ast.unparse(others[i]))
    return provided + [ast.unparse(_only(others[i], wanted)) for i in sorted(taken)]


def _only(statement: ast.stmt, wanted: set[str]) -> ast.stmt:
    """Return an import statement cut down to the *wanted* names, and any other statement as it is."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        names = [alias for alias in statement.names if alias.name == "*" or _import_name(alias) in wanted]
        if isinstance(statement, ast.Import):
            return ast.Import(names)
        return ast.ImportFrom(statement.module, names, statement.level)
    return statement


def _import_name(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _bound(statements: Iterable[ast.stmt]) -> set[str]:
    """Return the names that *statements* bind at the top level, those inside if, for, while, with and try included."""
    names: set[str] = set()
    for statement in statements:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(statement.name)
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            names |= {_import_name(alias) for alias in statement.names}
        else:
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    names.add(node.id)
                elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                    names.add(node.name)
                elif isinstance(node, ast.alias):
                    names.add(_import_name(node))
    return names


def _used(source: str) -> set[str]:
    """Return the names that *source* looks up at module level, from whatever depth."""
    names: set[str] = set()
    tables = [symtable.symtable(source, "<cell>", "exec")]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        top = table.get_type() == "module"
        names |= {s.get_name() for s in table.get_symbols() if s.is_referenced() and (top or s.is_global())}
    return names
