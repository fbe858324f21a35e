"""minitf: a small, readable TensorFlow on NumPy, with TensorFlow's own names; `import minitf as tf`.

Public names only. What few programs use, such as `tf.data`, is imported when it is first used.
"""

# isort: skip_file

from __future__ import annotations

import importlib
from typing import Any

from minitf import backends  # noqa: F401  # what it cannot do is said at once
from minitf import bitwise, config, debugging, dtypes, errors, linalg, math, nest, nn, random
from minitf.dtypes import (
    DType, as_dtype, bool, double, float16, float32, float64, half, int8, int16, int32, int64, uint8,
)  # fmt: skip
from minitf.names import nearest
from minitf.ops.arranging import argsort, pad, repeat, reverse, roll, sort, tile
from minitf.ops.array import (
    broadcast_static_shape, broadcast_to, cast, concat, ensure_shape, expand_dims, identity,
    rank, reshape, shape, size, split, squeeze, stack, stop_gradient, transpose, unstack, where,
)  # fmt: skip
from minitf.ops.index import (
    boolean_mask, gather, gather_nd, scatter_nd, searchsorted, tensor_scatter_nd_add, tensor_scatter_nd_max,
    tensor_scatter_nd_min, tensor_scatter_nd_sub, tensor_scatter_nd_update, unique, unique_with_counts,
)  # fmt: skip
from minitf.ops.clip import clip_by_global_norm, clip_by_norm, clip_by_value
from minitf.ops.einsum import einsum
from minitf.ops.linalg import matmul, norm, tensordot
from minitf.ops.making import (
    constant, eye, fill, linspace, meshgrid, one_hot, ones, ones_like, range, sequence_mask, zeros, zeros_like,
)  # fmt: skip
from minitf.ops.comparison import (
    equal, greater, greater_equal, less, less_equal, logical_and, logical_not, logical_or, not_equal,
)  # fmt: skip
from minitf.ops.elementary import (
    abs, acos, acosh, asin, asinh, atan, atanh, cos, cosh, exp, floor, negative, round, sign, sin, sinh, sqrt, square,
    tan, tanh,
)  # fmt: skip
from minitf.ops.math import (
    add, add_n, atan2, divide, maximum, minimum, multiply, pow, scalar_mul, subtract, truediv,
)  # fmt: skip
from minitf.ops.reduction import (
    argmax, argmin, cumsum, reduce_all, reduce_any, reduce_logsumexp, reduce_max, reduce_mean, reduce_min, reduce_prod,
    reduce_sum,
)  # fmt: skip
from minitf.ops.nn import sigmoid
from minitf.ops.slicing import slice, strided_slice
from minitf.shape import TensorShape
from minitf.tensor import Tensor, convert_to_tensor, is_tensor
from minitf.scope import name_scope
from minitf.indexed_slices import IndexedSlices
from minitf.variable import Variable, VariableAggregation, VariableSynchronization
from minitf.module import Module
from minitf.tape import GradientTape, UnconnectedGradients
from minitf.custom_gradient import custom_gradient, grad_pass_through, recompute_grad
from minitf.debugging import Assert, assert_equal, assert_greater, assert_less, assert_rank
from minitf.device import device
from minitf.ops.flow import (
    cond, control_dependencies, executing_eagerly, init_scope, map_fn, while_loop,
)  # fmt: skip
from minitf.printing import print
from minitf.spec import TensorSpec

__version__ = "0.1.0"

newaxis = None

__all__ = ["newaxis"]  # and a line for each import above
__all__ += [
    "bitwise", "config", "data", "debugging", "dtypes", "errors", "linalg", "math", "nest", "nn", "random",
    "saved_model", "train",
]  # fmt: skip
__all__ += [
    "DType", "as_dtype", "bool", "double", "float16", "float32", "float64", "half", "int8", "int16", "int32", "int64",
    "uint8",
]  # fmt: skip
__all__ += ["argsort", "pad", "repeat", "reverse", "roll", "sort", "tile"]
__all__ += [
    "broadcast_static_shape", "broadcast_to", "cast", "concat", "ensure_shape",
    "expand_dims", "identity", "rank", "reshape", "shape", "size", "split", "squeeze", "stack", "stop_gradient",
    "transpose", "unstack", "where",
]  # fmt: skip
__all__ += [
    "boolean_mask", "gather", "gather_nd", "scatter_nd", "searchsorted", "tensor_scatter_nd_add",
    "tensor_scatter_nd_max", "tensor_scatter_nd_min", "tensor_scatter_nd_sub", "tensor_scatter_nd_update", "unique",
    "unique_with_counts",
]  # fmt: skip
__all__ += ["slice", "strided_slice"]
__all__ += ["clip_by_global_norm", "clip_by_norm", "clip_by_value"]
__all__ += ["einsum"]
__all__ += ["matmul", "norm", "tensordot"]
__all__ += [
    "constant", "eye", "fill", "linspace", "meshgrid", "one_hot", "ones", "ones_like", "range", "sequence_mask",
    "zeros", "zeros_like",
]  # fmt: skip
__all__ += [
    "equal", "greater", "greater_equal", "less", "less_equal", "logical_and", "logical_not", "logical_or", "not_equal",
]  # fmt: skip
__all__ += [
    "abs", "acos", "acosh", "asin", "asinh", "atan", "atanh", "cos", "cosh", "exp", "floor", "negative", "round",
    "sign", "sin", "sinh", "sqrt", "square", "tan", "tanh",
]  # fmt: skip
__all__ += [
    "add", "add_n", "atan2", "divide", "maximum", "minimum", "multiply", "pow", "scalar_mul", "subtract", "truediv",
]  # fmt: skip
__all__ += [
    "argmax", "argmin", "cumsum", "reduce_all", "reduce_any", "reduce_logsumexp", "reduce_max", "reduce_mean",
    "reduce_min", "reduce_prod", "reduce_sum",
]  # fmt: skip
__all__ += ["sigmoid"]
__all__ += ["TensorShape"]
__all__ += ["Tensor", "convert_to_tensor", "is_tensor"]
__all__ += ["name_scope"]
__all__ += ["IndexedSlices"]
__all__ += ["Variable", "VariableAggregation", "VariableSynchronization"]
__all__ += ["Module"]
__all__ += ["GradientTape", "UnconnectedGradients"]
__all__ += ["custom_gradient", "grad_pass_through", "recompute_grad"]
__all__ += ["Assert", "assert_equal", "assert_greater", "assert_less", "assert_rank"]
__all__ += ["device"]
__all__ += [
    "cond", "control_dependencies", "executing_eagerly", "init_scope", "map_fn", "while_loop",
]  # fmt: skip
__all__ += ["print"]
__all__ += ["TensorSpec"]
__all__ += [
    "constant_initializer", "ones_initializer", "random_normal_initializer", "random_uniform_initializer",
    "zeros_initializer",
]  # fmt: skip

# Where some names live: tf.function, and what TensorFlow does not have.
_OWN = {"doctor": "diagnosis", "function": "functions", "get_backend": "runtime", "set_backend": "runtime"}
_LATER = ("data", "distribute", "export", "keras", "plot", "saved_model", "train")
_IN_KERAS = ("initializers", "losses", "metrics", "optimizers")
_missing = nearest("")


def __getattr__(name: str) -> Any:
    """Import what few programs use when it is first used; explain every other missing name."""
    if name in _OWN or name.endswith("_initializer") and name in __all__:
        home = importlib.import_module(f"minitf.{_OWN.get(name, 'initializer')}")
        globals()[name] = getattr(home, name)
        return globals()[name]
    if name in _LATER:
        return importlib.import_module(f"minitf.{name}")
    if name in _IN_KERAS:
        return importlib.import_module(f"minitf.keras.{name}")
    return dtypes.bfloat16 if name == "bfloat16" else _missing(name)


def __dir__() -> list[str]:
    """List the public names, with those that are imported later."""
    return sorted([*__all__, "__version__", *_OWN, *_LATER, *_IN_KERAS])
