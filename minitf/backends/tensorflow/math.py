"""Kernels of arithmetic, comparison, logic and functions of one number, entry by entry, on TensorFlow's runtime.

Nearly all are one op there, of the same meaning; the tables say which.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from minitf.backends.tensorflow.arrays import EagerTensor
from minitf.backends.tensorflow.making import constant, kernel, launched, native

__all__ = ["add_n", "erf", "keep_zeros"]

Tensor = Any  # TensorFlow's

_BINARY = {
    "add": "AddV2", "subtract": "Sub", "multiply": "Mul", "divide": "RealDiv", "maximum": "Maximum",
    "minimum": "Minimum", "atan2": "Atan2", "squared_difference": "SquaredDifference", "floordiv": "FloorDiv",
    "floormod": "FloorMod", "divide_no_nan": "DivNoNan", "bitwise_and": "BitwiseAnd", "bitwise_or": "BitwiseOr",
    "bitwise_xor": "BitwiseXor", "pow": "Pow",
}  # fmt: skip
_COMPARISONS = {
    "equal": "Equal", "not_equal": "NotEqual", "less": "Less", "less_equal": "LessEqual", "greater": "Greater",
    "greater_equal": "GreaterEqual", "logical_and": "LogicalAnd", "logical_or": "LogicalOr", "logical_xor": "NotEqual",
}  # fmt: skip
_UNARY = {
    "negative": "Neg", "abs": "Abs", "sign": "Sign", "square": "Square", "sqrt": "Sqrt", "reciprocal": "Reciprocal",
    "rsqrt": "Rsqrt", "floor": "Floor", "ceil": "Ceil", "rint": "Rint", "round": "Round", "exp": "Exp",
    "expm1": "Expm1", "log": "Log", "log1p": "Log1p", "sin": "Sin", "cos": "Cos", "tan": "Tan", "asin": "Asin",
    "acos": "Acos", "atan": "Atan", "sinh": "Sinh", "cosh": "Cosh", "tanh": "Tanh", "asinh": "Asinh",
    "acosh": "Acosh", "atanh": "Atanh", "erfc": "Erfc", "invert": "Invert",
}  # fmt: skip
_QUESTIONS = {"is_nan": "IsNan", "is_inf": "IsInf", "is_finite": "IsFinite", "logical_not": "LogicalNot"}

_add_n = launched("AddN")
_bits_of_both = launched("BitwiseAnd")
_equal = launched("Equal")
_erf = launched("Erf")
_is_inf = launched("IsInf")
_is_nan = launched("IsNan")
_multiply = launched("Mul")
_power = launched("Pow")
_right_shift = launched("RightShift")
_select = launched("SelectV2")
_sign = launched("Sign")


def _extreme(op: str) -> Callable[[Tensor, Tensor], Tensor]:
    """Return the larger or smaller of two symbols, nan if one is, which XLA forgets on a CPU."""
    extreme = launched(op)
    return lambda x, y: _select(_is_nan(y), y, extreme(x, y)) if x.dtype.is_floating else extreme(x, y)


def _pow(x: Tensor, y: Tensor) -> Tensor:
    """Raise symbols to a power; whole ones by the bits of the power, of which XLA reads six."""
    if x.dtype.is_floating or type(x) is EagerTensor is type(y):
        return _power(x, y)
    result = one = constant(1, x)
    bits = 8 * x.dtype.size - 1
    if type(y) is EagerTensor:
        bits = min(bits, int(y.numpy().max(initial=0)).bit_length())
    for bit in range(bits):
        odd = _equal(_bits_of_both(_right_shift(y, constant(bit, y)), one), one)
        result, x = _select(odd, _multiply(result, x), result), _multiply(x, x)
    return result


_OTHERWISE = {"maximum": _extreme("Maximum"), "minimum": _extreme("Minimum"), "pow": _pow}
_BOOL = np.dtype(bool)
for _table, _inputs, _dtype in (
    (_BINARY, 2, None), (_COMPARISONS, 2, _BOOL), (_UNARY, 1, None), (_QUESTIONS, 1, _BOOL),
):  # fmt: skip
    for _name, _op in _table.items():
        globals()[_name] = native(_op, _inputs, _name, _dtype, _OTHERWISE.get(_name))
        __all__.append(_name)  # noqa: PYI056


@kernel
def erf(x: Tensor) -> Tensor:
    """The error function; TensorFlow's has no value at an infinite number of 64 bits."""
    return _select(_is_inf(x), _sign(x), _erf(x)) if x.dtype == tf.float64 else _erf(x)


@kernel
def add_n(*tensors: Tensor) -> Tensor:
    """Add all, from left to right."""
    return _add_n(list(tensors))


@kernel
def keep_zeros(x: Tensor, of: Tensor) -> Tensor:
    """x, with 0 where `of` is 0, even if x is nan there."""
    zero = constant(0, x)
    return _select(_equal(of, zero), zero, x)
