"""`tf.math`: public names only."""

from minitf.names import nearest
from minitf.ops.math import (
    abs,
    add,
    divide,
    equal,
    exp,
    floordiv,
    floormod,
    greater,
    greater_equal,
    less,
    less_equal,
    log,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    maximum,
    minimum,
    multiply,
    negative,
    not_equal,
    pow,
    reduce_all,
    reduce_any,
    reduce_max,
    reduce_mean,
    reduce_min,
    reduce_sum,
    sign,
    sqrt,
    square,
    subtract,
)  # fmt: skip
from minitf.ops.math import floormod as mod
from minitf.ops.nn import sigmoid

__all__ = [
    "abs", "add", "divide", "equal", "exp", "floordiv", "floormod", "greater", "greater_equal", "less", "less_equal",
    "log", "logical_and", "logical_not", "logical_or", "logical_xor", "maximum", "minimum", "mod", "multiply",
    "negative", "not_equal", "pow", "reduce_all", "reduce_any", "reduce_max", "reduce_mean", "reduce_min", "reduce_sum",
    "sigmoid", "sign", "sqrt", "square", "subtract",
]  # fmt: skip

__getattr__ = nearest("math")
