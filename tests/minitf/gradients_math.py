"""Points at which the gradients of arithmetic, functions of one input and reductions are checked."""

from __future__ import annotations

from typing import Any

import numpy as np

import minitf as tf

V = np.array([0.7, -0.5, 1.4])
SMALL = np.array([0.6, -0.5, 0.2])  # between -1 and 1
POSITIVE = np.array([0.7, 1.5, 2.25])
LARGE = np.array([1.7, 2.5, 1.25])  # above 1
M = np.array([[1.5, -0.5, 2.5], [0.25, 1.25, -1.25]])
T = np.cos(np.arange(12.0)).reshape(2, 3, 2) + 0.1


def squares(x: Any) -> Any:
    """Make the second derivative differ from zero."""
    return x * x


def smooth(name: str, *points: Any) -> list[Any]:
    """Check a function at one point for each of its inputs, and broadcast if there are several."""
    function: Any = tf
    for part in name.split("."):
        function = getattr(function, part)
    cases: list[Any] = [(lambda *xs: squares(function(*xs)), list(points))]
    if len(points) > 1:
        cases.append((lambda *xs: squares(function(*xs)), [points[0][:, None], *points[1:]]))
    return cases


def reduced(function: Any) -> list[Any]:
    """Check a reduction over all axes, over one, over two that are not the first, and with the axes kept."""
    return [
        (lambda x: squares(function(x)), [M]),
        (lambda x: squares(function(x, axis=1)), [M]),
        (lambda x: squares(function(x, axis=[-1, 1])), [T]),
        (lambda x: squares(function(x, axis=1, keepdims=True)), [M]),
    ]


def scanned(function: Any) -> list[Any]:
    return [
        (lambda x: squares(function(x, 1)), [M]),
        (lambda x: squares(function(x, -2, exclusive=True)), [T]),
        (lambda x: squares(function(x, 1, reverse=True)), [T]),
        (lambda x: squares(function(x, 1, exclusive=True, reverse=True)), [M]),
    ]


CHECKS: dict[str, list[Any]] = {
    name: smooth(name, *points)
    for name, points in {
        "abs": [V], "acos": [SMALL], "acosh": [LARGE], "add": [V, V], "asin": [SMALL], "asinh": [V], "atan": [V],
        "atan2": [V, V], "atanh": [SMALL], "cos": [V], "cosh": [V], "divide": [V, V], "exp": [V], "math.erf": [V],
        "math.erfc": [V], "math.divide_no_nan": [V, V], "math.expm1": [V], "math.floormod": [3 * V + 0.35, POSITIVE],
        "math.log": [POSITIVE], "math.log1p": [POSITIVE], "math.reciprocal": [V],
        "math.rsqrt": [POSITIVE], "math.squared_difference": [V, 2 * V],
        "maximum": [V, 0.8 * V],
        "minimum": [V, 0.8 * V], "multiply": [V, V], "negative": [V], "pow": [POSITIVE, V], "sin": [V], "sinh": [V],
        "sqrt": [POSITIVE], "square": [V], "subtract": [V, 2 * V], "tan": [V], "tanh": [V],
    }.items()
}  # fmt: skip
CHECKS |= {
    "add_n": [(lambda x, y: squares(tf.add_n([x, y, x])), [V, V])],
    "cumprod": scanned(tf.math.cumprod),
    "cumsum": scanned(tf.cumsum),
    "math.reduce_std": reduced(tf.math.reduce_std),
    "math.reduce_variance": reduced(tf.math.reduce_variance),
    "pow of a number": [(lambda x: tf.pow(x, 3.0), [V]), (lambda x: tf.pow(2.0, x), [V])],
    "reduce_logsumexp": reduced(tf.reduce_logsumexp),
    "reduce_max": reduced(tf.reduce_max),
    "reduce_mean": reduced(tf.reduce_mean),
    "reduce_min": reduced(tf.reduce_min),
    "reduce_prod": reduced(tf.reduce_prod),
    "reduce_sum": reduced(tf.reduce_sum),
    "scalar_mul": [(lambda x, y: squares(tf.scalar_mul(x, y)), [0.5, V])],
    "sign": [(lambda x: squares(x) + tf.sign(x), [V])],
}
