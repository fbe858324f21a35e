"""Rules on graded cells: what nbgrader, repair and the judge rely on to find an exercise and its check."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nbgrader.nbgraderformat import MetadataValidator, ValidationError
from nbgrader.nbgraderformat.common import SchemaMismatchError

from grader.notebooks.form import Cell
from grader.notebooks.rules.page import (
    BEGIN,
    END,
    Finding,
    Page,
    Rule,
    grading,
    is_check,
    is_graded,
    is_manual,
    is_solution,
    marker,
    name_of,
)


def metadata_is_valid(page: Page) -> Iterator[Finding]:
    """The metadata follow nbgrader's schema, version 3."""
    validator = MetadataValidator()
    for cell in page.cells:
        try:
            validator.validate_cell(cell)
        except (ValidationError, SchemaMismatchError, TypeError) as error:
            reason = str(getattr(error, "message", error)).split("\n")[0]
            yield name_of(cell), f"nbgrader refuses this cell's metadata ({reason}): write all keys of schema_version 3"


def grade_id_is_id(page: Page) -> Iterator[Finding]:
    """The grade id is the cell's id, and no other cell's."""
    seen: set[str] = set()
    for cell in page.cells:
        grade_id = grading(cell).get("grade_id")
        if "nbgrader" not in cell.metadata:
            continue
        if grade_id != name_of(cell):
            yield name_of(cell), f"its grade_id is {grade_id!r}: make grade_id and cell id the same"
        elif grade_id in seen:
            yield name_of(cell), "another cell has this grade_id: nbgrader needs each once"
        seen.add(str(grade_id))


def marker_names_exercise(page: Page) -> Iterator[Finding]:
    """Each cell students answer in says which exercise it is, in a comment that survives lost metadata."""
    for cell in page.cells:
        if not is_solution(cell):
            continue
        identity = name_of(cell)
        wanted = f"{page.chapter}/{identity.replace('-', '_')}"
        found = marker(cell)
        if found is None:
            comment = f"# graded: {wanted}" if cell.cell_type == "code" else f"<!-- graded: {wanted} -->"
            yield identity, f"its marker is missing: write the line {comment} outside the solution"
        elif "/".join(found) != wanted:
            yield identity, f"its marker names {'/'.join(found)}: write {wanted}, as chapter and cell id say"


def solution_is_marked(page: Page) -> Iterator[Finding]:
    """Solutions stand between nbgrader's marks, and only in cells where students answer."""
    for cell in page.cells:
        marks = [BEGIN if BEGIN in line else END for line in cell.source.split("\n") if BEGIN in line or END in line]
        if marks and not is_solution(cell):
            yield name_of(cell), "it has solution marks but is no solution cell: remove them or set solution to true"
        elif is_solution(cell) and not marks:
            yield name_of(cell), f"its solution is not marked: put it between ### {BEGIN} and ### {END}"
        elif marks != [BEGIN, END] * (len(marks) // 2):
            yield name_of(cell), f"its solution marks do not pair up: let each {BEGIN} have its own {END}"


def check_follows(page: Page) -> Iterator[Finding]:
    """A solution that is judged is followed at once by its locked check, and each check follows a solution."""
    before: Cell | None = None
    for cell, after in zip(page.cells, [*page.cells[1:], None], strict=True):
        identity = name_of(cell)
        if is_solution(cell) and not is_manual(cell):
            if after is None or not is_check(after) or name_of(after) != f"{identity}-check":
                yield identity, f"its check does not follow: put the graded cell {identity}-check right after it"
        if is_check(cell):
            if before is None or not is_solution(before) or is_manual(before):
                yield identity, "no solution cell stands before this check: put them next to each other"
            if not grading(cell).get("locked"):
                yield identity, "this check is not locked: set locked to true, so that students cannot edit it"
        before = cell


def points_are_positive(page: Page) -> Iterator[Finding]:
    """A graded cell is worth something."""
    for cell in page.cells:
        points = grading(cell).get("points", 0)
        if is_graded(cell) and not (isinstance(points, int | float) and points > 0):
            yield name_of(cell), f"it is graded with {points!r} points: give it more than 0"


def check_calls_exercise(page: Page) -> Iterator[Finding]:
    """A check names the exercise of the solution before it, and passes what that solution defines."""
    for solution, cell in zip(page.cells, page.cells[1:], strict=False):
        if not is_check(cell) or not is_solution(solution) or is_manual(solution):
            continue
        call = _check_call(cell.source)
        named = marker(solution)
        if call is None:
            yield name_of(cell), 'it does not call check with an id and a name: write check("chapter/name", name)'
            continue
        exercise, passed = call
        if named is not None and exercise != "/".join(named):
            yield name_of(cell), f"it checks {exercise}, but the solution before it is {'/'.join(named)}: name that"
        defined = _defined_names(solution.source)
        if defined is not None and passed not in defined:
            yield name_of(cell), f"it passes {passed}, which the solution does not define: pass {' or '.join(defined)}"


def exercises_exist(page: Page) -> Iterator[Finding]:
    """The graded cells and the chapter's exercises are the same, with the same points."""
    if page.exercises is None:
        return
    used = set()
    for cell, after in zip(page.cells, [*page.cells[1:], None], strict=True):
        found = marker(cell)
        if found is None or not is_solution(cell):
            continue
        name = found[1]
        used.add(name)
        known = page.exercises.get(name)
        graded = cell if is_manual(cell) else after
        if known is None:
            if not is_manual(cell):
                yield (
                    name_of(cell),
                    f"grader.exercises has no {name} in {page.chapter}: add the exercise or mend the marker",
                )
        elif graded is not None and is_graded(graded) and grading(graded).get("points") != known:
            points = grading(graded).get("points")
            yield name_of(graded), f"it gives {points!r} points and the exercise {known:g}: make them the same"
    for name in page.exercises:
        if name not in used:
            yield "", f"exercise {name} of {page.chapter} has no cell here: add its cells or remove the exercise"


def _check_call(source: str) -> tuple[str, str] | None:
    """Return the id and the name in ``check("id", name)``, or None where there is no such call."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "check":
            match node.args:
                case [ast.Constant(value=str(exercise)), ast.Name(id=passed), *_]:
                    return exercise, passed
    return None


def _defined_names(source: str) -> list[str] | None:
    """Return the names that a cell defines at its top level, or None where it is broken on purpose."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    names: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names += [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]
    return names


RULES: dict[str, Rule] = {
    "nbgrader-metadata": metadata_is_valid,
    "grade-id": grade_id_is_id,
    "marker": marker_names_exercise,
    "solution-marks": solution_is_marked,
    "check-follows": check_follows,
    "points": points_are_positive,
    "check-call": check_calls_exercise,
    "exercise": exercises_exist,
}
