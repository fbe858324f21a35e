"""Operators: what `+`, `[...]`, `<` and the others do, for tensors and variables alike.

The functions behind them are looked up by name in `table`, where the ops enter themselves; so this room knows no op and
imports none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["Operators", "table"]

table: dict[str, Callable[..., Any]] = {}  # the functions behind the operators, by name; filled by the ops


def _operator(name: str) -> Callable[[Any, object], Any]:
    def operator(self: Any, other: object) -> Any:
        return table[name](self, other)

    operator.__doc__ = f"Compute `{name}` with this on the left."
    return operator


def _reflected(name: str) -> Callable[[Any, object], Any]:
    def operator(self: Any, other: object) -> Any:
        return table[name](table["convert_like"](other, self), self)

    operator.__doc__ = f"Compute `{name}` with this on the right; the left side converts to its dtype."
    return operator


def _unary(name: str) -> Callable[[Any], Any]:
    def operator(self: Any) -> Any:
        return table[name](self)

    operator.__doc__ = f"Compute `{name}`."
    return operator


class Operators:
    """What tensors and variables share: each operator calls the op of its name.

    >>> import minitf as tf
    >>> tf.constant(2) ** 3 - 1
    <tf.Tensor: shape=(), dtype=int32, numpy=7>
    """

    __slots__ = ()
    __array_priority__ = 100  # NumPy leaves `array + tensor` to the tensor

    __add__ = _operator("add")
    __radd__ = _reflected("add")
    __sub__ = _operator("subtract")
    __rsub__ = _reflected("subtract")
    __mul__ = _operator("tensor_multiply")
    __rmul__ = _reflected("multiply")
    __truediv__ = _operator("divide")
    __rtruediv__ = _reflected("divide")
    __floordiv__ = _operator("floordiv")
    __rfloordiv__ = _reflected("floordiv")
    __mod__ = _operator("floormod")
    __rmod__ = _reflected("floormod")
    __pow__ = _operator("pow")
    __rpow__ = _reflected("pow")
    __matmul__ = _operator("matmul")
    __rmatmul__ = _reflected("matmul")
    __and__ = _operator("and")
    __rand__ = _reflected("and")
    __or__ = _operator("or")
    __ror__ = _reflected("or")
    __xor__ = _operator("xor")
    __rxor__ = _reflected("xor")
    __lt__ = _operator("less")
    __le__ = _operator("less_equal")
    __gt__ = _operator("greater")
    __ge__ = _operator("greater_equal")
    __getitem__ = _operator("getitem")
    __neg__ = _unary("negative")
    __abs__ = _unary("abs")
    __invert__ = _unary("invert")

    @property
    def dtype(self) -> Any:
        """The type of the entries; each kind says it."""
        raise NotImplementedError

    def __tf_tensor__(self, dtype: object = None, name: str | None = None) -> Any:
        """Return the value as a tensor; each kind says how."""
        raise NotImplementedError

    def __eq__(self, other: object) -> Any:
        """Compare entry by entry; False for None and for shapes that do not fit."""
        return False if other is None else table["tensor_equals"](self, other)

    def __ne__(self, other: object) -> Any:
        """Compare entry by entry; True for None and for shapes that do not fit."""
        return True if other is None else table["tensor_not_equals"](self, other)

    def __delitem__(self, key: object) -> None:
        """Refuse: no entry ever goes away."""
        kind = type(self).__name__
        raise TypeError(
            f"{kind!r} object doesn't support item deletion; keep the rest with a slice or tf.boolean_mask."
        )

    def __hash__(self) -> int:
        """Refuse: equality is a tensor here."""
        kind = type(self).__name__
        raise TypeError(f"{kind} is unhashable. Instead, use {kind.lower()}.ref() as the key.")
