"""Kernels of arithmetic, comparison, logic and functions of one number, entry by entry; most are NumPy's own.

Arguments are checked when they arrive here; a kernel only computes on raw arrays and returns an array (or NumPy scalar)
of the dtype TensorFlow would give.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

add, subtract, multiply, divide = np.add, np.subtract, np.multiply, np.divide
negative, abs, sign, square, sqrt, reciprocal = np.negative, np.abs, np.sign, np.square, np.sqrt, np.reciprocal
floor, ceil, rint, round = np.floor, np.ceil, np.rint, np.rint
exp, expm1, log, log1p = np.exp, np.expm1, np.log, np.log1p
sin, cos, tan, asin, acos, atan, atan2 = np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan, np.arctan2
sinh, cosh, tanh, asinh, acosh, atanh = np.sinh, np.cosh, np.tanh, np.arcsinh, np.arccosh, np.arctanh
maximum, minimum = np.maximum, np.minimum
equal, not_equal, less, less_equal = np.equal, np.not_equal, np.less, np.less_equal
greater, greater_equal, is_nan, is_inf, is_finite = np.greater, np.greater_equal, np.isnan, np.isinf, np.isfinite
logical_and, logical_or, logical_xor, logical_not = np.logical_and, np.logical_or, np.logical_xor, np.logical_not
bitwise_and, bitwise_or, bitwise_xor, invert = np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert


def add_n(*arrays: Array) -> Array:
    """Add all, from left to right."""
    return functools.reduce(np.add, arrays)


def rsqrt(x: Array) -> Any:
    """1 / sqrt(x)."""
    return np.reciprocal(np.sqrt(x))


def keep_zeros(x: Array, of: Array) -> Array:
    """x, with 0 where `of` is 0, even if x is nan there."""
    return np.where(of == 0, x.dtype.type(0), x)


def pow(x: Array, y: Array) -> Array:
    """Raise to a power; for small whole ones by multiplying, which is many times faster.

    ValueError for whole numbers with a negative power.
    """
    power = 0 if y.ndim else y.item()
    if power in (1, 2, 3):
        return x if power == 1 else np.asarray(np.square(x) if power == 2 else np.square(x) * x)
    return np.asarray(np.power(x, y))


def squared_difference(x: Array, y: Array) -> Any:
    """(x - y) squared."""
    return np.square(np.subtract(x, y))


def floordiv(x: Array, y: Array) -> Any:
    """Divide and round down; for floats that is the floor of the quotient, unlike Python's `//`."""
    return np.floor(np.divide(x, y)) if x.dtype.kind == "f" else np.floor_divide(x, _divisor(x, y))


def floormod(x: Array, y: Array) -> Array:
    """Remainder with the sign of y; a remainder of zero keeps the sign of x, unlike Python's `%`."""
    if x.dtype.kind != "f":
        return np.asarray(np.remainder(x, _divisor(x, y)))
    rest: Array = np.fmod(x, y)
    return np.where((rest != 0) & ((rest < 0) != (y < 0)), rest + y, rest)


def _divisor(x: Array, y: Array) -> Array:
    if x.size and not y.all():
        raise ValueError("Integer division by zero")
    return y


def divide_no_nan(x: Array, y: Array) -> Array:
    """Divide; 0 where y is 0."""
    quotient: Array = np.divide(x, y)
    return quotient if y.all() else np.where(y == 0, y.dtype.type(0), quotient)


# --- the error function ----------------------------------------------------------------------------------------------
# Polynomials, highest power first: in 64 bits those of S. Moshier's Cephes library (ndtr.c), in 32 bits Eigen's, on
# which TensorFlow builds, and for the complement that of Numerical Recipes (erfcc), right to 1.2e-7 everywhere.

_SINGLE = (
    (-2.72614225801306e-10, 2.77068142495902e-08, -2.10102402082508e-06, -5.69250639462346e-05,
     -7.34990630326855e-04, -2.95459980854025e-03, -1.60960333262415e-02),
    (-1.45660718464996e-05, -2.13374055278905e-04, -1.68282697438203e-03, -7.37332916720468e-03, -1.42647390514189e-02),
)  # fmt: skip
_SINGLE_COMPLEMENT = (
    0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368,
    -1.26551223,
)  # fmt: skip
_NEAR = (
    (9.60497373987051638749, 9.00260197203842689217e1, 2.23200534594684319226e3, 7.00332514112805075473e3,
     5.55923013010394962768e4),
    (1.0, 3.35617141647503099647e1, 5.21357949780152679795e2, 4.59432382970980127987e3, 2.26290000613890934246e4,
     4.92673942608635921086e4),
)  # fmt: skip
_MIDDLE = (
    (2.46196981473530512524e-10, 5.64189564831068821977e-1, 7.46321056442269912687, 4.86371970985681366614e1,
     1.96520832956077098242e2, 5.26445194995477358631e2, 9.34528527171957607540e2, 1.02755188689515710272e3,
     5.57535335369399327526e2),
    (1.0, 1.32281951154744992508e1, 8.67072140885989742329e1, 3.54937778887819891062e2, 9.75708501743205489753e2,
     1.82390916687909736289e3, 2.24633760818710981792e3, 1.65666309194161350182e3, 5.57535340817727675546e2),
)  # fmt: skip
_FAR = (
    (5.64189583547755073984e-1, 1.27536670759978104416, 5.01905042251180477414, 6.16021097993053585195,
     7.40974269950448939160, 2.97886665372100240670),
    (1.0, 2.26052863220117276590, 9.39603524938001434673, 1.20489539808096656605e1, 1.70814450747565897222e1,
     9.60896809063285878198, 3.36907645100081516050),
)  # fmt: skip
_Quotient = tuple[tuple[float, ...], tuple[float, ...]]


def _quotient(coefficients: _Quotient, x: Array) -> Array:
    above, below = (_polynomial(part, x) for part in coefficients)
    above /= below
    return above


def _polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    result = np.full(x.shape, coefficients[0], x.dtype)
    for coefficient in coefficients[1:]:
        result *= x
        result += x.dtype.type(coefficient)
    return result


def _erfc_beyond_1(x: Array) -> Array:
    """The complement where x is at least 1; 0 where that is too small for 64 bits."""
    far = np.minimum(x, 30.0)
    return np.asarray(np.exp(-far * far) * np.where(x < 8, _quotient(_MIDDLE, far), _quotient(_FAR, far)))


def erf(x: Array) -> Array:
    """The error function."""
    if x.dtype.itemsize < 8:
        small = np.clip(x, -4, 4, dtype=np.float32)
        return np.asarray(small * _quotient(_SINGLE, small * small)).astype(x.dtype, copy=False)
    distance = np.abs(x)
    near = x * _quotient(_NEAR, np.minimum(distance * distance, 1))
    return np.where(distance < 1, near, np.sign(x) * (1 - _erfc_beyond_1(np.maximum(distance, 1))))


def erfc(x: Array) -> Array:
    """1 - erf(x), precise also where that is small."""
    distance = np.abs(x, dtype=np.promote_types(x.dtype, np.float32))
    if x.dtype.itemsize < 8:
        t = np.reciprocal(1 + distance * np.float32(0.5))
        tail = np.asarray(t * np.exp(_polynomial(_SINGLE_COMPLEMENT, t) - distance * distance))
    else:
        tail = np.where(distance < 1, 1 - erf(np.minimum(distance, 1)), _erfc_beyond_1(np.maximum(distance, 1)))
    return np.where(x < 0, 2 - tail, tail).astype(x.dtype, copy=False)
