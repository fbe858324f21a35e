"""Mutants: small wrong changes to a model solution, to see whether an exercise's check notices them.

After DeMillo, Lipton and Sayward, "Hints on test data selection" (IEEE Computer 11(4), 1978). A mutant differs from its
source in one place. Works on source text alone: nothing is run here.
"""

from __future__ import annotations

import ast
import copy
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

KINDS = {
    "arithmetic": "another operator, + for -",
    "comparison": "the other way round, > for <",
    "boundary": "off by one, >= for >, range(1, n) for range(n)",
    "logic": "and for or, a condition turned round",
    "sign": "a minus too many or too few",
    "constant": "another number, word or truth value",
    "index": "another position, an open slice",
    "axis": "another axis, keepdims turned round",
    "dtype": "another dtype, or none",
    "function": "a neighbour: max for min, sum for mean",
    "missing statement": "a statement left out",
    "in-place": "the argument itself where a copy was made",
}
_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div, ast.Add), ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Div,), ast.Mod: (ast.FloorDiv,), ast.Pow: (ast.Mult,), ast.MatMult: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,), ast.BitOr: (ast.BitAnd,), ast.BitXor: (ast.BitOr,),
    ast.LShift: (ast.RShift,), ast.RShift: (ast.LShift,),
}  # fmt: skip
_BOUNDS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
}  # fmt: skip
_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_PAIRS = (
    ("min", "max"), ("any", "all"), ("argmin", "argmax"), ("minimum", "maximum"), ("mean", "sum"), ("zeros", "ones"),
    ("zeros_like", "ones_like"), ("floor", "ceil"), ("cumsum", "cumprod"), ("sin", "cos"), ("append", "extend"),
    ("reduce_mean", "reduce_sum"), ("reduce_min", "reduce_max"),
)  # fmt: skip
_NEIGHBOURS = dict(_PAIRS) | {b: a for a, b in _PAIRS} | {"exp": "expm1", "log": "log1p", "sorted": "list"}
_DTYPES = {"float32": "float64", "float64": "float32", "int32": "int64", "int64": "int32", "bool": "int32"}
_COPIES = {"array", "copy", "deepcopy", "list"}


@dataclass(frozen=True)
class Mutant:
    """A source with one small wrong change; `kind` is one of KINDS."""

    kind: str
    source: str
    diff: str

    @property
    def change(self) -> str:
        r"""The change in one line, by which exercises name it.

        >>> mutants("def half(x):\n    return x / 2")[0].change
        'return x / 2 → return -(x / 2)'
        """
        lines = self.diff.splitlines()
        sides = ("; ".join(line[2:] for line in lines if line[0] == sign) for sign in "-+")
        return " → ".join(sides)


def mutants(source: str) -> list[Mutant]:
    r"""Return all mutants of a function or an assignment, each once.

    >>> [each.diff for each in mutants("def half(x):\n    return x / 2") if each.kind == "arithmetic"]
    ['- return x / 2\n+ return x * 2']
    """
    tree = _plain(ast.parse(source))
    before = ast.unparse(tree)
    found: dict[str, Mutant] = {}
    for place in range(len(list(ast.walk(tree)))):
        for number in range(len(list(_changes(*_at(tree, place)[1:])))):
            changed, node, parents = _at(tree, place)
            kind, new = list(_changes(node, parents))[number]
            after = ast.unparse(ast.fix_missing_locations(_Swap(node, new).visit(changed)))
            if after != before and after not in found and _parses(after):
                found[after] = Mutant(kind, after, _diff(before, after))
    return list(found.values())


def _plain(tree: ast.Module) -> ast.Module:
    """Take out what nobody runs: annotations and docstrings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            node.annotation = None
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree


Parents = dict[int, ast.AST]


def _at(tree: ast.Module, place: int) -> tuple[ast.Module, ast.AST, Parents]:
    """Return a copy of the tree, the node at a place of it, and what each node stands in."""
    changed = copy.deepcopy(tree)
    nodes = list(ast.walk(changed))
    parents = {id(child): node for node in nodes for child in ast.iter_child_nodes(node)}
    return changed, nodes[place], parents


class _Swap(ast.NodeTransformer):
    """Puts one node in the place of another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> Any:
        """Return the new node for the old one."""
        return self.new if node is self.old else self.generic_visit(node)


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def _diff(before: str, after: str) -> str:
    """Return the lines that differ, with a minus and a plus before them."""
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return "\n".join(f"{line[0]} {line[2:].strip()}" for line in lines if line[0] in "+-")


def _changes(node: ast.AST, parents: Parents) -> Iterator[tuple[str, ast.AST]]:
    """Yield what may stand in the place of a node, and the kind of change."""
    for each in (_operators, _conditions, _constants, _calls, _positions, _statements):
        yield from each(node, parents)


def _operators(node: ast.AST, parents: Parents) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.BinOp | ast.AugAssign):
        for other in _OPERATORS.get(type(node.op), ()):
            yield "arithmetic", _with(node, op=other())
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "sign", node.operand
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Name | ast.BinOp | ast.Call):
        yield "sign", _with(node, value=ast.UnaryOp(ast.USub(), node.value))


def _conditions(node: ast.AST, parents: Parents) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.Compare):
        for kind, table in (("boundary", _BOUNDS), ("comparison", _TURNED)):
            for place, operator in enumerate(node.ops):
                if type(operator) in table:
                    yield kind, _with(node, ops=[*node.ops[:place], table[type(operator)](), *node.ops[place + 1 :]])
    if isinstance(node, ast.BoolOp):
        yield "logic", _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "logic", node.operand
    if isinstance(node, ast.If | ast.IfExp | ast.While) and not isinstance(node.test, ast.Compare | ast.Constant):
        yield "logic", _with(node, test=ast.UnaryOp(ast.Not(), node.test))


def _constants(node: ast.AST, parents: Parents) -> Iterator[tuple[str, ast.AST]]:
    if not isinstance(node, ast.Constant):
        return
    around = parents.get(id(node))
    kind = "constant"
    if isinstance(around, ast.keyword) and around.arg in ("axis", "keepdims", "axes"):
        kind = "axis"
    elif isinstance(around, ast.Subscript | ast.Slice):
        kind = "index"
    value = node.value
    if isinstance(value, bool):
        yield kind, ast.Constant(not value)
    elif isinstance(value, int):
        for other in (value + 1, value - 1):
            yield kind, ast.Constant(other)
    elif isinstance(value, float):
        for larger in (value + 1, round(value * 1.1, 12) if value else -1.0):
            yield kind, ast.Constant(larger)
    elif isinstance(value, str) and not isinstance(around, ast.Expr | ast.JoinedStr):
        yield kind, ast.Constant(f"{value}_")
    elif value is None and kind == "axis":
        yield kind, ast.Constant(0)


def _calls(node: ast.AST, parents: Parents) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.Name | ast.Attribute):
        name = node.id if isinstance(node, ast.Name) else node.attr
        field = "id" if isinstance(node, ast.Name) else "attr"
        around = parents.get(id(node))
        if name in _NEIGHBOURS and isinstance(around, ast.Call) and around.func is node:
            yield "function", _with(node, **{field: _NEIGHBOURS[name]})
        if name in _DTYPES and isinstance(node, ast.Attribute):
            yield "dtype", _with(node, attr=_DTYPES[name])
    if not isinstance(node, ast.Call):
        return
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if any(keyword.arg == "dtype" for keyword in node.keywords):
        yield "dtype", _with(node, keywords=[keyword for keyword in node.keywords if keyword.arg != "dtype"])
    if any(keyword.arg == "axis" for keyword in node.keywords):
        yield "axis", _with(node, keywords=[keyword for keyword in node.keywords if keyword.arg != "axis"])
    if name == "astype" and isinstance(node.func, ast.Attribute):
        yield "dtype", node.func.value
    if name in _COPIES and len(node.args) == 1 and not node.keywords:
        yield "in-place", node.args[0]
    if name == "copy" and isinstance(node.func, ast.Attribute) and not node.args:
        yield "in-place", node.func.value
    if name == "range" and len(node.args) == 1:
        yield "boundary", _with(node, args=[ast.BinOp(node.args[0], ast.Sub(), ast.Constant(1))])
        yield "boundary", _with(node, args=[ast.Constant(1), node.args[0]])


def _positions(node: ast.AST, parents: Parents) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.Slice):
        for side in ("lower", "upper", "step"):
            if getattr(node, side) is not None:
                yield "index", _with(node, **{side: None})
    if isinstance(node, ast.IfExp):
        yield "logic", _with(node, body=node.orelse, orelse=node.body)
    if isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Load) and len(node.elts) == 2:
        yield "index", _with(node, elts=node.elts[::-1])


def _statements(node: ast.AST, parents: Parents) -> Iterator[tuple[str, ast.AST]]:
    left = ast.Assign | ast.AugAssign | ast.Return | ast.Expr | ast.If | ast.For | ast.While | ast.Raise | ast.Assert
    if isinstance(node, left) and not isinstance(parents.get(id(node)), ast.Module):
        yield "missing statement", ast.Pass()
    if isinstance(node, ast.Break | ast.Continue):
        yield "missing statement", ast.Pass()


def _with(node: ast.AST, **fields: Any) -> ast.AST:
    """Return a copy of a node with other fields; what it holds is shared."""
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new
