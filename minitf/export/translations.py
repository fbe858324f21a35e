"""What each op of minitf is in ONNX: the type of one node, or a small function that adds some nodes to a graph.

The functions take the graph, the values of the op's inputs and its attributes (see `graph`), and return the value of
the result, or a tuple of them. They compute what the kernels of the same names compute.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from minitf.backends.numpy.nn import SCALE, SCALE_ALPHA
from minitf.export.arrays import ARRAYS, turned
from minitf.export.graph import Graph, Value
from minitf.size import Size

__all__ = ["LEFT_OUT", "SELDOM", "TRANSLATIONS", "UNTRANSLATED"]

# --- arithmetic -------------------------------------------------------------------------------------------------------


def _expm1(g: Graph, x: Value) -> Any:
    """Near 0, by a formula that loses no digits: 2t / (1 - t), where t is tanh(x / 2)."""
    t = g.Tanh(x * 0.5)
    return g.Where(g.Abs(x) < 1.0, 2.0 * t / (1.0 - t), g.Exp(x) - 1.0)


def _log1p(g: Graph, x: Value) -> Any:
    """Near 0, by a formula that loses no digits (W. Kahan's): what 1 + x loses, the quotient gives back."""
    more = 1.0 + x
    near = g.Where(g.Equal(more, 1.0), x, g.Log(more) * (x / (more - 1.0)))
    return g.Where(g.Abs(x) < 1.0, near, g.Log(more))


def _atan2(g: Graph, y: Value, x: Value) -> Any:
    turned = g.Atan(y / x) + g.Where(x < 0, g.Where(y < 0, g.cast(-math.pi, y.dtype), math.pi), 0)
    return g.Where(g.Equal(x, 0), g.Sign(y) * (math.pi / 2), turned)


def _floordiv(g: Graph, x: Value, y: Value) -> Any:
    if x.is_float:
        return g.Floor(x / y)
    y = _divisor(g, y)
    return (x - x % y) / y


def _floormod(g: Graph, x: Value, y: Value) -> Any:
    if not x.is_float:
        return x % _divisor(g, y)
    rest = g.Mod(x, y, fmod=1)
    return g.Where(~g.Equal(rest, 0) & g.Xor(rest < 0, y < 0), rest + y, rest)


def _divisor(g: Graph, y: Value) -> Any:
    """Put 1 in the place of 0, where minitf refuses to divide, and onnxruntime would end the whole process."""
    return g.Where(g.Equal(y, 0), g.cast(1, y.dtype), y)


def _pow(g: Graph, x: Value, y: Value) -> Any:
    if x.dtype.itemsize < 4 and not x.is_float:
        x, y = g.cast(x, np.int32), g.cast(y, np.int32)
    return g.Pow(x, y)


def _is_finite(g: Graph, x: Value) -> Any:
    return g.Abs(x) < math.inf


# --- reductions -------------------------------------------------------------------------------------------------------


def _reduce(op: str) -> Callable[..., Any]:
    def reduce(g: Graph, x: Value, axis: tuple[int, ...] | None, keepdims: bool) -> Any:
        if axis == ():
            return x
        return g.node(op, x, *([] if axis is None else [axis]), keepdims=int(keepdims))

    return reduce


def _reduce_mean(g: Graph, x: Value, axis: tuple[int, ...] | None, keepdims: bool) -> Any:
    if x.is_float:
        return _reduce("ReduceMean")(g, x, axis, keepdims)
    sizes = g.sizes(x) if axis is None else [g.sizes(x)[i] for i in axis]
    count = g.Max(g.ReduceProd(g.constant(sizes), keepdims=0), 1)
    return _reduce("ReduceSum")(g, x, axis, keepdims) / g.cast(count, x.dtype)


def _reduce_any(g: Graph, x: Value, axis: tuple[int, ...] | None, keepdims: bool) -> Any:
    return _reduce("ReduceSum")(g, g.cast(x, np.int32), axis, keepdims) > 0


def _finite_max(g: Graph, x: Value, axis: tuple[int, ...] | None) -> Any:
    largest = _reduce("ReduceMax")(g, x, axis, True)
    return g.Where(_is_finite(g, largest), largest, 0)


def _arg(op: str) -> Callable[..., Any]:
    return lambda g, x, axis, dtype: g.node(op, x, axis=axis, keepdims=0)


def _sum_to(g: Graph, x: Value, shape: tuple[int, ...]) -> Any:
    """Sum over added axes, and over those of size 1; which sizes are 1, only a call may know."""
    added = list(range(x.rank - len(shape)))
    if added:
        x = g.ReduceSum(x, added, keepdims=0)
    if any(type(n) is Size for n in shape):
        ones = g.Squeeze(g.NonZero(g.Equal(g.constant(shape), 1)), [0])
        return g.ReduceSum(x, ones, keepdims=1, noop_with_empty_axes=1)
    stretched = [i for i, n in enumerate(shape) if n == 1]
    return g.ReduceSum(x, stretched, keepdims=1) if stretched else x


# --- networks ---------------------------------------------------------------------------------------------------------


def _gate(g: Graph, dy: Value, x: Value, high: float | None = None, slope: float = 0.0) -> Any:
    passing = x > 0 if high is None else (x > 0) & (x < high)
    return g.Where(passing, dy, dy * slope) if slope else dy * g.cast(passing, dy.dtype)


def _sparse_cross_entropy(g: Graph, labels: Value, logits: Value, log_p: Value) -> Any:
    own = g.GatherElements(log_p, g.Unsqueeze(g.cast(labels, np.int64), [-1]), axis=-1)
    return -g.Squeeze(own, [-1])


def _sparse_cross_entropy_gradient(g: Graph, dy: Value, labels: Value, log_p: Value) -> Any:
    is_own = g.Equal(g.Unsqueeze(g.cast(labels, np.int64), [-1]), g.count(g.sizes(log_p)[-1]))
    return (g.Exp(log_p) - g.cast(is_own, log_p.dtype)) * g.Unsqueeze(dy, [-1])


# --- the table --------------------------------------------------------------------------------------------------------

TRANSLATIONS: dict[str, str | Callable[..., Any]] = {
    "abs": "Abs", "acos": "Acos", "acosh": "Acosh", "add": "Add", "asin": "Asin", "asinh": "Asinh", "atan": "Atan",
    "atanh": "Atanh", "bitwise_and": "BitwiseAnd", "bitwise_or": "BitwiseOr", "bitwise_xor": "BitwiseXor",
    "ceil": "Ceil", "cos": "Cos", "cosh": "Cosh", "det": "Det", "elu": "Elu", "equal": "Equal", "erf": "Erf",
    "exp": "Exp", "floor": "Floor", "greater": "Greater", "greater_equal": "GreaterOrEqual", "identity": "Identity",
    "invert": "BitwiseNot", "is_inf": "IsInf", "is_nan": "IsNaN", "less": "Less", "less_equal": "LessOrEqual",
    "log": "Log", "log_softmax": "LogSoftmax", "logical_and": "And", "logical_not": "Not", "logical_or": "Or",
    "logical_xor": "Xor", "matmul": "MatMul", "maximum": "Max", "minimum": "Min", "multiply": "Mul", "negative": "Neg",
    "reciprocal": "Reciprocal", "rint": "Round", "round": "Round", "sigmoid": "Sigmoid", "sign": "Sign", "sin": "Sin",
    "sinh": "Sinh", "softmax": "Softmax", "softplus": "Softplus", "softsign": "Softsign", "sqrt": "Sqrt",
    "subtract": "Sub", "tan": "Tan", "tanh": "Tanh",
    "add_n": lambda g, *values: functools.reduce(Value.__add__, values),
    "argmax": _arg("ArgMax"),
    "argmin": _arg("ArgMin"),
    "atan2": _atan2,
    "cast": lambda g, x, dtype: g.cast(x, dtype),
    "check_numerics": lambda g, x, message: x,
    "cross_entropy": lambda g, labels, logits, log_p: -g.ReduceSum(labels * log_p, [-1], keepdims=0),
    "cross_entropy_gradient": lambda g, dy, labels, log_p: (g.Exp(log_p) - labels) * g.Unsqueeze(dy, [-1]),
    "cumsum": lambda g, x, axis, exclusive, reverse: g.CumSum(x, axis, exclusive=int(exclusive), reverse=int(reverse)),
    "divide": lambda g, x, y: x / y if x.is_float else g.cast(x, np.float64) / g.cast(y, np.float64),
    "divide_no_nan": lambda g, x, y: g.Where(g.Equal(y, 0), g.cast(0, x.dtype), x / y),
    "ensure_shape": lambda g, x, shape: x,
    "erfc": lambda g, x: 1.0 - g.Erf(x),
    "expm1": _expm1,
    "finite_max": _finite_max,
    "floordiv": _floordiv,
    "floormod": _floormod,
    "gate": _gate,
    "is_finite": _is_finite,
    "keep_zeros": lambda g, x, of: g.Where(g.Equal(of, 0), g.cast(0, x.dtype), x),
    "l2_loss": lambda g, x: g.ReduceSum(x * x, keepdims=0) * 0.5,
    "leaky_relu": lambda g, x, alpha: g.PRelu(x, alpha),
    "log1p": _log1p,
    "matmul_nt": lambda g, a, b: g.MatMul(a, turned(g, b)),
    "matmul_tn": lambda g, a, b: g.MatMul(turned(g, a), b),
    "not_equal": lambda g, x, y: ~g.Equal(x, y),
    "pow": _pow,
    "reduce_all": lambda g, x, axis, keepdims: ~_reduce_any(g, ~x, axis, keepdims),
    "reduce_any": _reduce_any,
    "reduce_max": _reduce("ReduceMax"),
    "reduce_mean": _reduce_mean,
    "reduce_min": _reduce("ReduceMin"),
    "reduce_prod": _reduce("ReduceProd"),
    "reduce_sum": _reduce("ReduceSum"),
    "relu": lambda g, x: g.Relu(x) if x.is_float else g.Max(x, 0),
    "relu6": lambda g, x: g.Clip(x, 0, 6),
    "rsqrt": lambda g, x: g.Reciprocal(g.Sqrt(x)),
    "selu": lambda g, x: g.Where(x < 0, SCALE_ALPHA * _expm1(g, x), SCALE * x),
    "shares": lambda g, x, count, shape: g.Expand(x / g.constant(count, x.dtype), shape),
    "sigmoid_cross_entropy": lambda g, labels, x: g.Max(x, 0) - x * labels + g.Softplus(-g.Abs(x)),
    "sparse_cross_entropy": _sparse_cross_entropy,
    "sparse_cross_entropy_gradient": _sparse_cross_entropy_gradient,
    "square": lambda g, x: x * x,
    "squared_difference": lambda g, x, y: (x - y) * (x - y),
    "sum_to": _sum_to,
    **ARRAYS,
}  # fmt: skip

# Ops that only print or check; a model is exported without them.
LEFT_OUT = frozenset({"assert_compared", "assert_signed", "assert_true", "print_values"})

# Ops that ONNX does not have, or in a roundabout way only: why, and what to do instead.
_DRAWS = "ONNX draws other random numbers", "draw them outside, and pass them in as an argument"
_INVERSE = "ONNX has no inverse of a matrix", "compute it outside, and pass it in as an argument"
SELDOM = "minitf does not translate this op", "compute it outside, and pass it in as an argument"
_CHANGE = "an ONNX model has no variables that change", "return the new value as a result"
_OWN = "its branches and rounds are programs of their own", "compute both branches, and choose with tf.where"
UNTRANSLATED: dict[str, tuple[str, str]] = {
    "all_reduce": ("an ONNX model runs on one device", "export the function from outside of the strategy"),
    "cond": _OWN, "while_loop": _OWN,
    **dict.fromkeys(
        ("draw_integers", "draw_normal", "draw_shuffle", "draw_truncated_normal", "draw_uniform", "scramble_seed",
         "skip_ahead", "take_stream"), _DRAWS,
    ),
    **dict.fromkeys(("cross", "cumprod", "in_top_k", "repeated_places", "searchsorted", "unique"), SELDOM),
    **dict.fromkeys(("inv", "slogdet", "solve"), _INVERSE),
    **dict.fromkeys(("assigned", "scatter_rows", "strided_slice_assign"), _CHANGE),
}  # fmt: skip
