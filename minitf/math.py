"""`tf.math`: public names only."""

# isort: skip_file

from minitf.names import nearest
from minitf.ops.comparison import (
    equal, greater, greater_equal, is_finite, is_inf, is_nan, less, less_equal, logical_and, logical_not, logical_or,
    logical_xor, not_equal,
)  # fmt: skip
from minitf.ops.elementary import (
    abs, acos, acosh, asin, asinh, atan, atanh, ceil, cos, cosh, erf, erfc, exp, expm1, floor, log, log1p, negative,
    reciprocal, rint, round, rsqrt, sign, sin, sinh, sqrt, square, tan, tanh,
)  # fmt: skip
from minitf.ops.layers import in_top_k, top_k
from minitf.ops.math import (
    add, add_n, atan2, divide, divide_no_nan, floordiv, floormod, maximum, minimum, multiply, pow, scalar_mul,
    squared_difference, subtract, truediv,
)  # fmt: skip
from minitf.ops.math import floormod as mod
from minitf.ops.nn import l2_normalize, log_sigmoid, log_softmax, sigmoid, softmax, softplus, softsign
from minitf.ops.reduction import (
    argmax, argmin, count_nonzero, cumprod, cumsum, reduce_all, reduce_any, reduce_logsumexp, reduce_max, reduce_mean,
    reduce_min, reduce_prod, reduce_std, reduce_sum, reduce_variance, zero_fraction,
)  # fmt: skip

__all__ = [
    "abs", "acos", "acosh", "add", "add_n", "argmax", "argmin", "asin", "asinh", "atan", "atan2", "atanh", "ceil",
    "cos", "cosh", "count_nonzero", "cumprod", "cumsum", "divide", "divide_no_nan", "equal", "erf", "erfc", "exp",
    "expm1", "floor", "floordiv", "floormod", "greater", "greater_equal", "in_top_k", "is_finite", "is_inf", "is_nan",
    "l2_normalize", "less", "less_equal", "log", "log1p", "log_sigmoid", "log_softmax", "logical_and", "logical_not",
    "logical_or", "logical_xor", "maximum", "minimum", "mod", "multiply", "negative", "not_equal", "pow", "reciprocal",
    "reduce_all", "reduce_any", "reduce_logsumexp", "reduce_max", "reduce_mean", "reduce_min", "reduce_prod",
    "reduce_std", "reduce_sum", "reduce_variance", "rint", "round", "rsqrt", "scalar_mul", "sigmoid", "sign", "sin",
    "sinh", "softmax", "softplus", "softsign", "sqrt", "square", "squared_difference", "subtract", "tan", "tanh",
    "top_k", "truediv", "zero_fraction",
]  # fmt: skip

__getattr__ = nearest("math")
