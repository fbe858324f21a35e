"""Arithmetic, functions of one input, comparison, logic and reductions."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.differential.recipes import ONE, REDUCED, call, pairs, values

TABLE: dict[str, Any] = {
    "abs": ONE,
    "add": pairs(),
    "divide": pairs(),
    "equal": pairs(),
    "exp": ONE,
    "greater": pairs(),
    "greater_equal": pairs(),
    "less": pairs(),
    "less_equal": pairs(),
    "logical_and": pairs(["bool"]),
    "logical_not": ONE,
    "logical_or": pairs(["bool"]),
    "math.floordiv": pairs(),
    "math.floormod": pairs(),
    "math.log": ONE,
    "math.logical_xor": pairs(["bool"]),
    "maximum": pairs(),
    "minimum": pairs(),
    "multiply": pairs(),
    "negative": ONE,
    "not_equal": pairs(),
    "pow": call(values(["int32", "float64"], st.sampled_from([(), (2,)])), st.one_of(st.integers(-2, 3), st.just(2.0))),
    "reduce_all": REDUCED,
    "reduce_any": REDUCED,
    "reduce_max": REDUCED,
    "reduce_mean": REDUCED,
    "reduce_min": REDUCED,
    "reduce_sum": REDUCED,
    "sigmoid": ONE,
    "sign": ONE,
    "sqrt": ONE,
    "square": ONE,
    "subtract": pairs(),
}
