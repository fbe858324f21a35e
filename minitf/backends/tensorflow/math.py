"""Kernels of arithmetic, comparison, logic and functions of one number, entry by entry, on TensorFlow's runtime."""

from __future__ import annotations

from tensorflow.python.ops import gen_math_ops as gen

from minitf.backends.tensorflow.making import native

__all__: list[str] = []

_BINARY = {
    "add": "AddV2", "subtract": "Sub", "multiply": "Mul", "divide": "RealDiv", "maximum": "Maximum",
    "minimum": "Minimum", "atan2": "Atan2", "squared_difference": "SquaredDifference", "floordiv": "FloorDiv",
    "floormod": "FloorMod", "divide_no_nan": "DivNoNan", "pow": "Pow", "less": "Less", "less_equal": "LessEqual",
    "greater": "Greater", "greater_equal": "GreaterEqual", "logical_and": "LogicalAnd", "logical_or": "LogicalOr",
}  # fmt: skip
_UNARY = {
    "negative": "Neg", "abs": "Abs", "sign": "Sign", "square": "Square", "sqrt": "Sqrt", "reciprocal": "Reciprocal",
    "rsqrt": "Rsqrt", "floor": "Floor", "ceil": "Ceil", "rint": "Rint", "round": "Round", "exp": "Exp",
    "expm1": "Expm1", "log": "Log", "log1p": "Log1p", "sin": "Sin", "cos": "Cos", "tan": "Tan", "asin": "Asin",
    "acos": "Acos", "atan": "Atan", "sinh": "Sinh", "cosh": "Cosh", "tanh": "Tanh", "asinh": "Asinh",
    "acosh": "Acosh", "atanh": "Atanh", "is_nan": "IsNan", "is_inf": "IsInf", "is_finite": "IsFinite",
    "logical_not": "LogicalNot", "erf": "Erf", "erfc": "Erfc",
}  # fmt: skip


def _snake(name: str) -> str:
    """Return the name that TensorFlow's Python has for an op: `RealDiv` is `real_div`."""
    return {"AddV2": "add_v2"}.get(name) or "".join(f"_{c.lower()}" if c.isupper() else c for c in name).strip("_")


for _names, _count in ((_BINARY, 2), (_UNARY, 1)):
    for _name, _op in _names.items():
        _slowly = getattr(gen, _snake(_op), None) or getattr(gen, f"_{_snake(_op)}")
        globals()[_name] = native(_op, _slowly, _count)
        globals()[_name].__name__ = _name
        __all__.append(_name)  # noqa: PYI056
