"""What kernels are called with on both backends: those of math, nn and reductions, with the values where they go wrong.

A row is the name of a kernel and the calls of it: raw arrays, and attributes as the ops give them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Call(NamedTuple):
    """One call of a kernel. `compiled` is False if XLA cannot know the shape of the result."""

    arrays: tuple[Array, ...]
    attributes: dict[str, Any] = {}  # noqa: RUF012  # nobody changes it
    compiled: bool = True


FLOATS = ("float16", "float32", "float64")
SIGNED = (*FLOATS, "int8", "int16", "int32", "int64")
NUMBERS = (*SIGNED, "uint8")
INTEGERS = ("int8", "int16", "int32", "int64", "uint8")
_EDGES = (0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, -2.5, 3.0, -7.0, 1e-3, 20.0, -20.0, np.inf, -np.inf, np.nan)
_FINITE = tuple(number for number in _EDGES if np.isfinite(number))


def edges(dtype: str, finite: bool = False) -> Array:
    """Return the numbers of a dtype where functions have their edges."""
    kind = np.dtype(dtype)
    if kind.kind == "f":
        return np.array(_FINITE if finite else _EDGES, kind)
    if kind.kind == "b":
        return np.array([True, False])
    limits = np.iinfo(kind)
    return np.array([0, 1, 2, 3, 7, 100, limits.max, limits.min, *([-1, -3, -7] if kind.kind == "i" else [])], kind)


def draws(dtype: str, *shape: int, seed: int = 0) -> Array:
    """Return small numbers of a dtype, the same each time; some are equal."""
    numbers = np.random.default_rng(seed).integers(0 if dtype in ("uint8", "bool") else -5, 6, shape)
    return np.asarray(numbers / 4 if np.dtype(dtype).kind == "f" else numbers).astype(dtype)


def of_one(*dtypes: str, **attributes: Any) -> list[Call]:
    """Return calls with the edges of each dtype, and with a matrix, one number and none of the last."""
    last = dtypes[-1]
    arrays = [*map(edges, dtypes), draws(last, 3, 4), draws(last), np.zeros((2, 0), last)]
    return [Call((x,), attributes) for x in arrays]


def of_two(*dtypes: str, least: int | None = None) -> list[Call]:
    """Return calls with every pair of edges, and with shapes that broadcast; `least` bounds whole second inputs."""
    last = dtypes[-1]
    pairs = [(edges(dtype)[:, None], edges(dtype)) for dtype in dtypes]
    pairs += [(draws(last, 2, 1, 3), draws(last, 4, 1, seed=1)), (draws(last), draws(last, 3, seed=1))]
    pairs += [(np.zeros((2, 0), last), draws(last))]
    if least is not None:
        pairs = [(x, y if y.dtype.kind == "f" else np.maximum(y, np.array(least, y.dtype))) for x, y in pairs]
    return [Call(pair) for pair in pairs]


def reduced(*dtypes: str, keepdims: bool = True) -> list[Call]:
    """Return calls that reduce all axes, some, one and none of them, with edges or without any entry."""
    last = draws(dtypes[-1], 2, 3, 4)
    given: list[tuple[Array, tuple[int, ...] | None]] = [(last, (0,)), (last, (1,)), (last, (0, 2)), (last, ())]
    for dtype in dtypes:
        given += [(draws(dtype, 5, 3), (1,)), (edges(dtype), None), (np.zeros((2, 0), dtype), (1,))]
    calls = [
        (x, axis, {"keepdims": axis == (1,)} if keepdims else {}) for x, axis in [*given, (draws(dtypes[0]), None)]
    ]
    return [Call((x,), {"axis": axis, **how}) for x, axis, how in calls]


def along(*dtypes: str, **attributes: Any) -> list[Call]:
    """Return calls that go along an axis, and along each of the last dtype."""
    axes = [*((dtype, 1) for dtype in dtypes), (dtypes[-1], 0), (dtypes[-1], 2)]
    return [Call((draws(dtype, 2, 5, 3),), {"axis": axis, **attributes}) for dtype, axis in axes]


def scanned(*dtypes: str) -> list[Call]:
    """Return calls of the sums or products so far: with and without the entry itself, from both ends."""
    calls = [
        *along(*dtypes, exclusive=False, reverse=False), *along("float32", exclusive=True, reverse=False),
        *along("int32", exclusive=True, reverse=True), *along("float32", exclusive=False, reverse=True),
    ]  # fmt: skip
    return [*calls, Call((np.zeros((0, 2), np.float32),), {"axis": 0, "exclusive": True, "reverse": True})]


def softmaxes() -> list[Call]:
    rows = np.array([[1e3, 0, 1e3], [-np.inf, 0, 1], [np.inf, 0, 1], [np.nan, 0, 1], [-1e3, 0, 1]])
    calls = [call for dtype in FLOATS for call in along(dtype)]
    calls += [Call((rows.astype(dtype),), {"axis": axis}) for dtype in FLOATS for axis in (-1, 1)]
    return [*calls, Call((np.zeros((0, 3), np.float32),), {"axis": 1}), Call((edges("float32", True),), {"axis": 0})]


def entropies(sparse: bool, gradient: bool) -> list[Call]:
    """Return calls of the cross-entropies, or of their gradients, with matrices and with more axes."""
    calls = []
    for dtype in ("float32", "float64"):
        for shape in ((5, 4), (2, 3, 4), (4,), (0, 3)):
            logits = draws(dtype, *shape)
            log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
            labels = (
                draws("uint8", *shape[:-1], seed=1).astype(np.int64) % 3 if sparse else draws(dtype, *shape, seed=1)
            )
            dy = draws(dtype, *shape[:-1], seed=2)
            calls.append(Call((dy, labels, log_p) if gradient else (labels, logits, log_p)))
    return calls


_ONE_FLOAT = of_one(*FLOATS)
_LOGIC = [Call((np.array([[True], [False]]), np.array([True, False])))]
_GATED = [
    Call((draws(dtype, 13), edges(dtype, True)[:13]), how)
    for dtype in FLOATS
    for how in ({}, {"high": 6.0}, {"slope": 0.25}, {"high": 1.0, "slope": 0.5})
]
_TOP = [
    *(Call((draws(dtype, 3, 6),), {"k": 6, "dtype": np.dtype("int32")}) for dtype in NUMBERS),
    *(Call((draws("float32", 2, 3, 6),), {"k": k, "dtype": np.dtype("int64")}) for k in (0, 1)),
]
_EXTREMES = [
    *along(*NUMBERS, "bool", dtype=np.dtype("int64")),
    *(Call((edges(dtype),), {"axis": 0, "dtype": np.dtype("int32")}) for dtype in NUMBERS),
    Call((np.array([np.nan, np.nan]),), {"axis": 0, "dtype": np.dtype("int64")}),
]

ROWS: dict[str, list[Call]] = {
    **dict.fromkeys(
        ["acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "cosh", "erf", "erfc", "exp", "expm1", "floor"],
        _ONE_FLOAT,
    ),
    **dict.fromkeys(["log", "log1p", "reciprocal", "rint", "round", "rsqrt", "sinh", "sqrt", "tanh"], _ONE_FLOAT),
    **dict.fromkeys(["sin", "cos", "tan", "is_nan", "is_inf", "is_finite"], _ONE_FLOAT),
    **dict.fromkeys(["abs", "negative", "sign"], of_one(*SIGNED)),
    "square": of_one(*NUMBERS),
    "invert": of_one(*INTEGERS),
    "logical_not": of_one("bool"),
    **dict.fromkeys(["add", "subtract", "multiply", "maximum", "minimum"], of_two(*NUMBERS)),
    **dict.fromkeys(["less", "less_equal", "greater", "greater_equal"], of_two(*NUMBERS)),
    **dict.fromkeys(["equal", "not_equal"], of_two(*NUMBERS, "bool")),
    **dict.fromkeys(["divide", "divide_no_nan", "atan2", "keep_zeros"], of_two(*FLOATS)),
    **dict.fromkeys(["floordiv", "floormod"], of_two(*NUMBERS, least=1)),
    **dict.fromkeys(["bitwise_and", "bitwise_or", "bitwise_xor"], of_two(*INTEGERS)),
    **dict.fromkeys(["logical_and", "logical_or", "logical_xor"], _LOGIC),
    "pow": of_two(*FLOATS, "int8", "int64", least=0),
    "squared_difference": of_two(*FLOATS, "int32", "int64"),
    "add_n": [Call((draws(d, 2, 3), draws(d, 2, 3, seed=1), draws(d, 2, 3, seed=2))) for d in NUMBERS],
    **dict.fromkeys(["relu", "relu6"], of_one(*NUMBERS)),
    **dict.fromkeys(["elu", "selu", "sigmoid", "softplus", "softsign"], _ONE_FLOAT),
    "leaky_relu": [*of_one(*FLOATS, alpha=0.25), *of_one(*FLOATS, alpha=1.5)],
    "gate": _GATED,
    "l2_loss": of_one(*FLOATS),
    **dict.fromkeys(["softmax", "log_softmax"], softmaxes()),
    "cross_entropy": entropies(sparse=False, gradient=False),
    "cross_entropy_gradient": entropies(sparse=False, gradient=True),
    "sparse_cross_entropy": entropies(sparse=True, gradient=False),
    "sparse_cross_entropy_gradient": entropies(sparse=True, gradient=True),
    "sigmoid_cross_entropy": of_two(*FLOATS),
    "top_k": _TOP,
    "in_top_k": [
        Call((np.array([1, 0, 2, 7, -1, 0], dtype), scores), {"k": k})
        for dtype in ("int32", "int64")
        for k in (0, 1, 2)
        for scores in (np.array([[1, 2, 2], [3, 3, 1], [0, 0, 0], [1, 2, 3], [1, 2, 3], [1, np.inf, 0]], "float32"),)
    ],
    **dict.fromkeys(["reduce_sum", "reduce_prod", "reduce_mean", "reduce_max", "reduce_min"], reduced(*NUMBERS)),
    **dict.fromkeys(["reduce_any", "reduce_all"], reduced("bool")),
    "finite_max": reduced(*FLOATS, keepdims=False),
    "shares": [
        Call((x,), {"count": count, "shape": shape})
        for dtype in FLOATS
        for x, count, shape in (
            (draws(dtype, 1, 4), 3, (3, 4)), (draws(dtype), 7, (7,)), (draws(dtype), 1, ()), (draws(dtype), 0, (0, 2)),
        )
    ],
    **dict.fromkeys(["argmax", "argmin"], _EXTREMES),
    "cumsum": scanned(*NUMBERS),
    "cumprod": scanned(*NUMBERS),
}  # fmt: skip
