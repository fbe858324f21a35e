"""Functions of one number, entry by entry: signs, powers, exponentials, angles and rounding.

Each has a gradient rule in the same functions, so that derivatives of any order exist. `name` is taken for TensorFlow's
sake and not used.
"""

from __future__ import annotations

import math

from minitf.dtypes import FLOATS, NUMBERS, SIGNED
from minitf.op import Binary, Unary
from minitf.operators import table
from minitf.tensor import Tensor, convert_to_tensor

__all__ = [
    "abs", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh", "erf", "erfc", "exp", "expm1",
    "floor", "log", "log1p", "negative", "reciprocal", "rint", "round", "rsqrt", "sign", "sin", "sinh", "sqrt",
    "square", "tan", "tanh",
]  # fmt: skip

_keep_zeros = Binary("keep_zeros", "SelectV2", lambda dy, y, x, of: dy, dtypes=FLOATS)  # at an infinite slope, too
_abs = Unary("abs", "Abs", lambda dy, y, x: dy * sign(x), dtypes=SIGNED)
_acos = Unary("acos", "Acos", lambda dy, y, x: -dy * reciprocal(sqrt(1.0 - square(x))), dtypes=FLOATS)
_acosh = Unary("acosh", "Acosh", lambda dy, y, x: dy / sinh(y), dtypes=FLOATS)
_asin = Unary("asin", "Asin", lambda dy, y, x: dy * reciprocal(sqrt(1.0 - square(x))), dtypes=FLOATS)
_asinh = Unary("asinh", "Asinh", lambda dy, y, x: dy / cosh(y), dtypes=FLOATS)
_atan = Unary("atan", "Atan", lambda dy, y, x: dy * reciprocal(1.0 + square(x)), dtypes=FLOATS)
_atanh = Unary("atanh", "Atanh", lambda dy, y, x: dy * reciprocal(1.0 - square(x)), dtypes=FLOATS)
_ceil = Unary("ceil", "Ceil", dtypes=FLOATS)
_cos = Unary("cos", "Cos", lambda dy, y, x: -dy * sin(x), dtypes=FLOATS)
_cosh = Unary("cosh", "Cosh", lambda dy, y, x: dy * sinh(x), dtypes=FLOATS)
_erf = Unary("erf", "Erf", lambda dy, y, x: dy * (2 / math.sqrt(math.pi)) * exp(-square(x)), dtypes=FLOATS)
_erfc = Unary("erfc", "Erfc", lambda dy, y, x: dy * (-2 / math.sqrt(math.pi)) * exp(-square(x)), dtypes=FLOATS)
_exp = Unary("exp", "Exp", lambda dy, y, x: dy * y, dtypes=FLOATS)
_expm1 = Unary("expm1", "Expm1", lambda dy, y, x: dy * exp(x), dtypes=FLOATS)
_floor = Unary("floor", "Floor", dtypes=FLOATS)
_log = Unary("log", "Log", lambda dy, y, x: dy * reciprocal(x), dtypes=FLOATS)
_log1p = Unary("log1p", "Log1p", lambda dy, y, x: dy * reciprocal(1.0 + x), dtypes=FLOATS)
_negative = Unary("negative", "Neg", lambda dy, y, x: -dy, dtypes=SIGNED)
_reciprocal = Unary("reciprocal", "Reciprocal", lambda dy, y, x: _keep_zeros(-y * dy * y, dy), dtypes=FLOATS)
_rint = Unary("rint", "Rint", dtypes=FLOATS)
_round = Unary("round", "Round", dtypes=FLOATS)
_rsqrt = Unary("rsqrt", "Rsqrt", lambda dy, y, x: _keep_zeros(dy * y * -0.5 * (y * y), dy), dtypes=FLOATS)
_sign = Unary("sign", "Sign", lambda dy, y, x: _zeros_like(x), dtypes=SIGNED)
_sin = Unary("sin", "Sin", lambda dy, y, x: dy * cos(x), dtypes=FLOATS)
_sinh = Unary("sinh", "Sinh", lambda dy, y, x: dy * cosh(x), dtypes=FLOATS)
_sqrt = Unary("sqrt", "Sqrt", lambda dy, y, x: _keep_zeros(dy * 0.5 / y, dy), dtypes=FLOATS)
_square = Unary("square", "Square", lambda dy, y, x: dy * (x + x), dtypes=NUMBERS)
_tan = Unary("tan", "Tan", lambda dy, y, x: square(reciprocal(cos(x))) * dy, dtypes=FLOATS)
_tanh = Unary("tanh", "Tanh", lambda dy, y, x: dy * (1.0 - square(y)), dtypes=FLOATS)
_zeros_like: Unary = Unary("zeros_like", "ZerosLike")


# --- signs and powers -------------------------------------------------------------------------------------------------


def abs(x: object, name: str | None = None) -> Tensor:
    """Absolute value of each entry; its gradient at 0 is 0.

    >>> print(abs([-1.5, 2.0]))
    tf.Tensor([1.5 2. ], shape=(2,), dtype=float32)
    """
    return _abs(x)


def negative(x: object, name: str | None = None) -> Tensor:
    """Each entry with the opposite sign; `-x`.

    >>> print(negative([1, -2]))
    tf.Tensor([-1  2], shape=(2,), dtype=int32)
    """
    return _negative(x)


def sign(x: object, name: str | None = None) -> Tensor:
    """-1, 0 or 1 for each entry.

    >>> print(sign([-3, 0, 2]))
    tf.Tensor([-1  0  1], shape=(3,), dtype=int32)
    """
    return _sign(x)


def square(x: object, name: str | None = None) -> Tensor:
    """Each entry times itself.

    >>> print(square([1, -3]))
    tf.Tensor([1 9], shape=(2,), dtype=int32)
    """
    return _square(x)


def sqrt(x: object, name: str | None = None) -> Tensor:
    """Square root of each entry, floats only; nan below 0.

    >>> print(sqrt([4.0, 9.0]))
    tf.Tensor([2. 3.], shape=(2,), dtype=float32)
    """
    return _sqrt(x)


def rsqrt(x: object, name: str | None = None) -> Tensor:
    """1 / sqrt(x), floats only; inf at 0.

    >>> print(rsqrt([4.0, 0.0]))
    tf.Tensor([0.5 inf], shape=(2,), dtype=float32)
    """
    return _rsqrt(x)


def reciprocal(x: object, name: str | None = None) -> Tensor:
    """1 / x, floats only; inf at 0.

    >>> print(reciprocal([4.0, 0.0]))
    tf.Tensor([0.25  inf], shape=(2,), dtype=float32)
    """
    return _reciprocal(x)


# --- exponentials and logarithms --------------------------------------------------------------------------------------


def exp(x: object, name: str | None = None) -> Tensor:
    """E to the power of each entry, floats only; inf where that is too large.

    >>> print(exp([0.0, 100.0]))
    tf.Tensor([ 1. inf], shape=(2,), dtype=float32)
    """
    return _exp(x)


def expm1(x: object, name: str | None = None) -> Tensor:
    """Exp(x) - 1, floats only; precise near 0.

    >>> print(expm1([0.0, 1e-6]))
    tf.Tensor([0.0000000e+00 1.0000005e-06], shape=(2,), dtype=float32)
    """
    return _expm1(x)


def log(x: object, name: str | None = None) -> Tensor:
    """Natural logarithm of each entry, floats only; -inf at 0 and nan below.

    >>> print(log([1.0, 0.0]))
    tf.Tensor([  0. -inf], shape=(2,), dtype=float32)
    """
    return _log(x)


def log1p(x: object, name: str | None = None) -> Tensor:
    """Log(1 + x), floats only; precise near 0.

    >>> print(log1p([0.0, 1e-6]))
    tf.Tensor([0.000000e+00 9.999995e-07], shape=(2,), dtype=float32)
    """
    return _log1p(x)


def erf(x: object, name: str | None = None) -> Tensor:
    """The error function, 2/sqrt(pi) times the integral of exp(-t*t) from 0 to x; floats only.

    >>> print(erf([0.0, 0.5]))
    tf.Tensor([0.        0.5204999], shape=(2,), dtype=float32)
    """
    return _erf(x)


def erfc(x: object, name: str | None = None) -> Tensor:
    """1 - erf(x), precise also where that is small; floats only.

    >>> print(erfc([-10.0, 0.0]))
    tf.Tensor([2. 1.], shape=(2,), dtype=float32)
    """
    return _erfc(x)


# --- angles, in radians -----------------------------------------------------------------------------------------------


def sin(x: object, name: str | None = None) -> Tensor:
    """Sine, floats only.

    >>> print(sin([0.0, 0.5]))
    tf.Tensor([0.         0.47942555], shape=(2,), dtype=float32)
    """
    return _sin(x)


def cos(x: object, name: str | None = None) -> Tensor:
    """Cosine, floats only.

    >>> print(cos([0.0, 0.5]))
    tf.Tensor([1.         0.87758255], shape=(2,), dtype=float32)
    """
    return _cos(x)


def tan(x: object, name: str | None = None) -> Tensor:
    """Tangent, floats only.

    >>> print(tan([0.0, 0.5]))
    tf.Tensor([0.        0.5463025], shape=(2,), dtype=float32)
    """
    return _tan(x)


def asin(x: object, name: str | None = None) -> Tensor:
    """The angle from -pi/2 to pi/2 with that sine; nan beyond -1 and 1; floats only.

    >>> print(asin([0.5, 2.0]))
    tf.Tensor([0.5235988       nan], shape=(2,), dtype=float32)
    """
    return _asin(x)


def acos(x: object, name: str | None = None) -> Tensor:
    """The angle from 0 to pi with that cosine; nan beyond -1 and 1; floats only.

    >>> print(acos([1.0, 2.0]))
    tf.Tensor([ 0. nan], shape=(2,), dtype=float32)
    """
    return _acos(x)


def atan(x: object, name: str | None = None) -> Tensor:
    """The angle from -pi/2 to pi/2 with that tangent; floats only.

    >>> print(atan([0.0, 0.5]))
    tf.Tensor([0.        0.4636476], shape=(2,), dtype=float32)
    """
    return _atan(x)


def sinh(x: object, name: str | None = None) -> Tensor:
    """(exp(x) - exp(-x)) / 2, floats only.

    >>> print(sinh([0.0, 0.5]))
    tf.Tensor([0.        0.5210953], shape=(2,), dtype=float32)
    """
    return _sinh(x)


def cosh(x: object, name: str | None = None) -> Tensor:
    """(exp(x) + exp(-x)) / 2, floats only.

    >>> print(cosh([0.0, float('inf')]))
    tf.Tensor([ 1. inf], shape=(2,), dtype=float32)
    """
    return _cosh(x)


def tanh(x: object, name: str | None = None) -> Tensor:
    """Sinh(x) / cosh(x), between -1 and 1; floats only.

    >>> print(tanh([0.0, 100.0]))
    tf.Tensor([0. 1.], shape=(2,), dtype=float32)
    """
    return _tanh(x)


def asinh(x: object, name: str | None = None) -> Tensor:
    """The number with that sinh; floats only.

    >>> print(asinh([0.0, float('inf')]))
    tf.Tensor([ 0. inf], shape=(2,), dtype=float32)
    """
    return _asinh(x)


def acosh(x: object, name: str | None = None) -> Tensor:
    """The number, at least 0, with that cosh; nan below 1; floats only.

    >>> print(acosh([1.0, 0.5]))
    tf.Tensor([ 0. nan], shape=(2,), dtype=float32)
    """
    return _acosh(x)


def atanh(x: object, name: str | None = None) -> Tensor:
    """The number with that tanh; nan beyond -1 and 1; floats only.

    >>> print(atanh([0.0, 1.0]))
    tf.Tensor([ 0. inf], shape=(2,), dtype=float32)
    """
    return _atanh(x)


# --- rounding: no gradient flows through it ---------------------------------------------------------------------------


def floor(x: object, name: str | None = None) -> Tensor:
    """The next whole number below; floats only.

    >>> print(floor([1.5, -1.5]))
    tf.Tensor([ 1. -2.], shape=(2,), dtype=float32)
    """
    return _floor(x)


def ceil(x: object, name: str | None = None) -> Tensor:
    """The next whole number above; floats only.

    >>> print(ceil([1.2, -1.2]))
    tf.Tensor([ 2. -1.], shape=(2,), dtype=float32)
    """
    return _ceil(x)


def rint(x: object, name: str | None = None) -> Tensor:
    """The nearest whole number; halves go to the even one; floats only.

    >>> print(rint([0.5, 1.5]))
    tf.Tensor([0. 2.], shape=(2,), dtype=float32)
    """
    return _rint(x)


def round(x: object, name: str | None = None) -> Tensor:
    """The nearest whole number, in the dtype of x; halves go to the even one, and integers stay.

    >>> print(round([0.5, 1.5, -1.7]))
    tf.Tensor([ 0.  2. -2.], shape=(3,), dtype=float32)
    """
    tensor = convert_to_tensor(x)
    return tensor if tensor.dtype.is_integer else _round(tensor)


table.update(abs=abs, negative=negative)
