"""Size: a number that a function knows only as an expression, because it may be another one in a later call.

While a function with unknown sizes is captured, its tensors have made-up sizes. A `Size` is such a size, and every
number computed from one; it knows the expression that computes it in a later call. What it would be with a second set
of made-up sizes tells whether a comparison comes out the same for all sizes.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from minitf.recording import entries, sizes

__all__ = ["Size", "Unknowable", "evaluated", "first", "named", "other", "rewritten", "written"]

# A number; ("size", value, axis); ("entry", value, index), of a vector or, with index None, of a scalar; or
# (operator, a, b).
Expression = Any

_OPERATORS: dict[str, Callable[[int, int], int]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "//": operator.floordiv, "%": operator.mod,
}  # fmt: skip


class Unknowable(Exception):
    """Python asked something of a size that has no one answer for all sizes."""


def _computing(symbol: str) -> tuple[Callable[[Size, Any], Any], Callable[[Size, Any], Any]]:
    function = _OPERATORS[symbol]

    def computed(a: Any, b: Any) -> Any:
        if not (isinstance(a, int) and isinstance(b, int)):
            return NotImplemented
        result = function(int.__int__(a), int.__int__(b))
        return Size(result, function(other(a), other(b)), (symbol, expression(a), expression(b)))

    return computed, lambda self, number: computed(number, self)


def _comparing(function: Callable[[Any, Any], bool]) -> Callable[[Size, object], Any]:
    def compare(self: Size, number: object) -> Any:
        if not isinstance(number, (int, float)):
            return NotImplemented
        answer = function(int.__int__(self), number if isinstance(number, float) else int.__int__(number))
        if answer != function(self.other, other(number)):
            raise Unknowable(f"{function.__name__}({self!r}, {number!r})")
        return answer

    return compare


class Size(int):
    """A made-up number, what it would be with the other made-up sizes, and the expression that computes it.

    >>> batch = Size(12, 24, ("size", 0, 0))
    >>> (2 * batch).expression, batch == 12 * 1.0 / 2
    (('*', 2, ('size', 0, 0)), False)
    >>> batch == 12
    Traceback (most recent call last):
    minitf.size.Unknowable: eq(<12 or 24>, 12)
    """

    other: int
    expression: Expression

    def __new__(cls, value: int, other: int, expression: Expression) -> Any:
        """Make a size; a plain number if it is the same for all sizes."""
        if value == other:
            return value
        size = int.__new__(cls, value)
        size.other = other
        size.expression = expression
        return size

    __add__, __radd__ = _computing("+")
    __sub__, __rsub__ = _computing("-")
    __mul__, __rmul__ = _computing("*")
    __floordiv__, __rfloordiv__ = _computing("//")
    __mod__, __rmod__ = _computing("%")
    __eq__, __ne__ = _comparing(operator.eq), _comparing(operator.ne)
    __lt__, __le__ = _comparing(operator.lt), _comparing(operator.le)
    __gt__, __ge__ = _comparing(operator.gt), _comparing(operator.ge)

    def __hash__(self) -> int:
        """Hash what it is, which no plain number has."""
        return hash(self.expression)

    def __neg__(self) -> Any:
        """Compute 0 minus this."""
        return 0 - self

    def __tf_tensor__(self, dtype: object = None, name: str | None = None) -> Any:
        """Refuse to be a constant."""
        raise Unknowable(f"a tensor made of {self!r}")

    def __repr__(self) -> str:
        """Print both made-up numbers."""
        return f"<{int.__int__(self)} or {self.other}>"


def first(number: Any) -> Any:
    """Return a number, or the numbers in a tuple, as plain ones: what they are with the first made-up sizes."""
    if type(number) is tuple:
        return tuple([first(part) for part in number])
    return int.__int__(number) if type(number) is Size else number


def other(number: Any) -> Any:
    """Return what a number, or the numbers in a tuple, would be with the other made-up sizes."""
    if type(number) is tuple:
        return tuple([other(part) for part in number])
    return number.other if type(number) is Size else number


def expression(number: int) -> Expression:
    """Return the expression that computes a number."""
    return number.expression if type(number) is Size else number


def rewritten(expression: Expression, names: Callable[[int], Any]) -> Expression:
    """Return an expression with other numbers for the values it names."""
    if type(expression) is not tuple:
        return expression
    kind, first, second = expression
    if kind in _OPERATORS:
        return kind, rewritten(first, names), rewritten(second, names)
    return kind, names(first), second


def evaluated(expression: Expression, value: Callable[[int], Any]) -> Any:
    """Compute an expression; `value` gives the tensor of each value that it names."""
    if type(expression) is not tuple:
        return expression
    kind, first, second = expression
    if kind in _OPERATORS:
        return _OPERATORS[kind](evaluated(first, value), evaluated(second, value))
    tensor = value(first)
    if kind == "size":
        return sizes(tensor)[second]
    return entries(tensor) if second is None else entries(tensor)[second]


def written(expression: Expression, name: Callable[[int], str]) -> str:
    """Write an expression as Python; `name` gives the name of the array of each value.

    >>> written(("*", 2, ("size", 7, 0)), lambda value: f"v{value}")
    '(2 * v7.shape[0])'
    """
    if type(expression) is not tuple:
        return str(expression)
    kind, first, second = expression
    if kind in _OPERATORS:
        return f"({written(first, name)} {kind} {written(second, name)})"
    if kind == "size":
        return f"{name(first)}.shape[{second}]"
    return f"int({name(first)})" if second is None else f"int({name(first)}[{second}])"


def named(expression: Expression) -> set[int]:
    """List the values that an expression names."""
    if type(expression) is not tuple:
        return set()
    kind, first, second = expression
    return named(first) | named(second) if kind in _OPERATORS else {first}
