"""Small is a feature: so many lines of code, no long file, and imports that only lead downwards."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

import minitf

pytestmark = pytest.mark.backend("numpy")  # The files are the same on each backend.


ROOT = Path(minitf.__file__).parent
FILES = {
    ".".join(("minitf", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in sorted(ROOT.rglob("*.py"))
    if "plot" not in path.parts
}
NO_CODE = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER,
}  # fmt: skip


def code_lines(text: str) -> int:
    """Count the lines that are not blank, comments or docstrings."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            lines.difference_update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return len(lines)


def test_code_is_counted_without_docstrings_comments_and_blank_lines() -> None:
    text = (
        '"""Doc."""\n\nx = [\n    1,\n]  # one\n# two\n\ndef f():\n    """Doc\n    more."""\n    return """a\n\nb"""\n'
    )
    assert code_lines(text) == 7


# The parts of minitf by their rooms, and how many lines of code each may have; all other rooms are the first part.
PARTS = {
    "tensors and tape": (set(), 6600),
    "functions": (
        {"branches", "capture", "concrete", "explanation", "functions", "passes", "program", "program_graph",
         "recording", "signature", "size", "source"},
        2100,
    ),
    "saving": ({"saved_model", "saving", "train"}, 1170),
    "data": ({"data"}, 850),
    "export": ({"export"}, 840),
    "keras": ({"keras"}, 8450),
    "runtime and devices": ({"__main__", "backends.numpy.devices", "config", "device", "diagnosis", "runtime"}, 480),
    "TensorFlow's runtime": ({"backends.tensorflow"}, 2500),
    "distribution": ({"distribute"}, 1000),
}  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
def test_minitf_stays_small(part: str) -> None:
    """Names are added for a chapter that needs them; whoever adds one looks first for what could go."""
    elsewhere = {name for rooms, _ in PARTS.values() for name in rooms}
    rooms, most = PARTS[part]
    lines = [
        code_lines(path.read_text("utf-8"))
        for name, path in FILES.items()
        if (not rooms.isdisjoint(rooms_of(name)) if rooms else elsewhere.isdisjoint(rooms_of(name)))
    ]
    assert 0 < sum(lines) <= most


def test_no_file_has_more_than_500_lines() -> None:
    assert {name: n for name, path in FILES.items() if (n := len(path.read_text("utf-8").splitlines())) > 500} == {}


def imports(name: str) -> Iterator[tuple[str, bool]]:
    """Yield the modules of minitf that a module imports, and whether it does so at its top level."""
    tree = ast.parse(FILES[name].read_text("utf-8"))
    top = set(tree.body) | {part for node in tree.body if isinstance(node, ast.If | ast.Try) for part in node.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name in FILES:
                    yield alias.name, node in top
        elif isinstance(node, ast.ImportFrom) and node.module in FILES:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield (whole if whole in FILES else node.module), node in top


def test_no_module_imports_inside_a_function() -> None:
    assert [name for name in FILES if not all(top for _, top in imports(name))] == []


def test_imports_go_round_in_no_circle() -> None:
    below = {name: {other for other, _ in imports(name)} - {name} for name in FILES}
    while free := {name for name, others in below.items() if not others & below.keys()}:
        below = {name: others for name, others in below.items() if name not in free}
    assert below == {}


# The rooms, from the bottom to the top. A module imports from lower floors and from its own room.
FLOORS = [
    {"names", "recording"},
    {"errors", "size"},
    {"backends", "dtypes", "html", "nest", "operators", "scope", "shape"},
    {"device", "source", "tensor"},
    {"op", "spec"},
    {"ops"},
    {"backward", "jacobian", "tape_graph"},
    {"program", "tape"},
    {"branches"},
    {"capture", "custom_gradient", "indexed_slices", "passes", "program_graph", "signature"},
    {"concrete", "explanation"},
    {"functions", "variable"},
    {"saving"},
    {"generator", "module", "printing"},
    {"bitwise", "config", "data", "debugging", "diagnosis", "initializer", "linalg", "math", "nn", "random", "runtime",
     "saved_model", "train"},
    {"minitf"},
    {"distribute"},
    {"__main__", "export", "keras"},
]  # fmt: skip


def rooms_of(name: str) -> set[str]:
    """Return the room of a module, and the rooms inside of that one: those of minitf.data.x are data and data.x."""
    parts = name.split(".")[1:]
    return {".".join(parts[:depth]) for depth in (1, 2, 3)}


def room(name: str) -> str:
    return name.split(".")[1] if "." in name else name


def test_every_room_has_its_floor() -> None:
    rooms = {room(name) for name in FILES}
    assert rooms - {name for floor in FLOORS for name in floor} == set()


def test_a_lower_room_never_imports_an_upper_one() -> None:
    height = {name: i for i, floor in enumerate(FLOORS) for name in floor}
    upwards = [
        f"{name} imports {other}"
        for name in FILES
        for other, _ in imports(name)
        if room(other) != room(name) and height[room(other)] >= height[room(name)]
    ]
    assert upwards == []


def test_kernels_know_arrays_only() -> None:
    known = {other for name in FILES if room(name) == "backends" for other, _ in imports(name)}
    assert {room(name) for name in known} <= {"backends", "errors"}
