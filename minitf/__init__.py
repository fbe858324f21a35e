"""minitf: a small, readable TensorFlow on NumPy, with TensorFlow's own names; `import minitf as tf`.

Public names only. `tf.plot`, the figures of the course, is imported when it is first used.
"""

from __future__ import annotations

import importlib
from typing import Any

from minitf import dtypes, errors, linalg, math, nn
from minitf.dtypes import (
    DType,
    as_dtype,
    bool,
    double,
    float16,
    float32,
    float64,
    half,
    int8,
    int16,
    int32,
    int64,
    uint8,
)  # fmt: skip
from minitf.names import nearest
from minitf.ops.array import (
    cast,
    concat,
    expand_dims,
    identity,
    rank,
    reshape,
    shape,
    size,
    stack,
    transpose,
    where,
)  # fmt: skip
from minitf.ops.linalg import matmul, tensordot
from minitf.ops.making import constant, fill, linspace, ones, ones_like, range, zeros, zeros_like
from minitf.ops.math import (
    abs,
    add,
    divide,
    equal,
    exp,
    greater,
    greater_equal,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
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
from minitf.ops.nn import sigmoid
from minitf.shape import TensorShape
from minitf.tensor import Tensor, convert_to_tensor, is_tensor

__all__ = [
    "DType", "Tensor", "TensorShape", "abs", "add", "as_dtype", "bool", "cast", "concat", "constant",
    "convert_to_tensor", "divide", "double", "dtypes", "equal", "errors", "exp", "expand_dims", "fill", "float16",
    "float32", "float64", "greater", "greater_equal", "half", "identity", "int8", "int16", "int32", "int64",
    "is_tensor", "less", "less_equal", "linalg", "linspace", "logical_and", "logical_not", "logical_or", "math",
    "matmul", "maximum", "minimum", "multiply", "negative", "newaxis", "nn", "not_equal", "ones", "ones_like", "pow",
    "range", "rank", "reduce_all", "reduce_any", "reduce_max", "reduce_mean", "reduce_min", "reduce_sum", "reshape",
    "shape", "sigmoid", "sign", "size", "sqrt", "square", "stack", "subtract", "tensordot", "transpose", "uint8",
    "where", "zeros", "zeros_like",
]  # fmt: skip

__version__ = "0.1.0"

newaxis = None

_missing = nearest("")


def __getattr__(name: str) -> Any:
    """Import `plot` when it is first used; explain every other missing name."""
    if name == "plot":
        return importlib.import_module("minitf.plot")
    return _missing(name)


def __dir__() -> list[str]:
    """List the public names, with `plot`."""
    return sorted([*__all__, "__version__", "plot"])
