"""Arithmetic, functions of one input, comparison, logic, bits and reductions."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.differential.recipes import (
    ANY,
    AXIS,
    DTYPES,
    EVERY,
    FLOATS,
    INTEGERS,
    NUMBERS,
    NUMERIC,
    ONE,
    ONE_AXIS,
    REDUCED,
    SMALL,
    Dtype,
    call,
    pairs,
    several,
    shapes,
    tensors,
    values,
)

SIMILAR = st.one_of(
    several((1, 3), shapes=st.sampled_from([(), (2,), (2, 2)])),
    st.lists(NUMERIC, max_size=2),
    tensors(shapes=shapes(2, 3, 2)),
)
FLAGS = st.booleans()
SCANNED = st.one_of(
    call(tensors(NUMBERS), axis=ONE_AXIS, exclusive=FLAGS, reverse=FLAGS), call(NUMERIC, st.one_of(ONE_AXIS, AXIS))
)
LOCATED = st.one_of(
    call(tensors(EVERY), ONE_AXIS), call(ANY, axis=ONE_AXIS, output_type=st.sampled_from(["int32", "int64"]).map(Dtype))
)
WHOLE = ["uint8", "int8", "int16", *INTEGERS]
POWERS = st.one_of(
    pairs(),
    pairs(["int32", "int64"]),
    call(values(["int32", "float64"], st.sampled_from([(), (2,)])), st.one_of(st.integers(-2, 3), st.just(2.0))),
)

TABLE: dict[str, Any] = {
    "abs": ONE,
    "acos": ONE,
    "acosh": ONE,
    "add": pairs(),
    "add_n": call(SIMILAR),
    "argmax": LOCATED,
    "argmin": LOCATED,
    "asin": ONE,
    "asinh": ONE,
    "atan": ONE,
    "atan2": pairs(FLOATS),
    "atanh": ONE,
    "bitwise.bitwise_and": pairs(WHOLE),
    "bitwise.bitwise_or": pairs(WHOLE),
    "bitwise.bitwise_xor": pairs(WHOLE),
    "bitwise.invert": call(values(WHOLE)),
    "cos": ONE,
    "cosh": ONE,
    "cumsum": SCANNED,
    "divide": pairs(),
    "equal": pairs(),
    "exp": ONE,
    "floor": ONE,
    "greater": pairs(),
    "greater_equal": pairs(),
    "less": pairs(),
    "less_equal": pairs(),
    "logical_and": pairs(["bool"]),
    "logical_not": ONE,
    "logical_or": pairs(["bool"]),
    "math.ceil": ONE,
    "math.count_nonzero": call(ANY, axis=AXIS, keepdims=st.sampled_from([None, True]), dtype=DTYPES),
    "math.cumprod": SCANNED,
    "math.divide_no_nan": pairs(),
    "math.erf": st.one_of(call(values([*SMALL, "float32", "int32"])), call(tensors(["float64"], finite=True))),
    "math.erfc": ONE,
    "math.expm1": ONE,
    "math.floordiv": pairs(),
    "math.floormod": pairs(),
    "math.is_finite": ONE,
    "math.is_inf": ONE,
    "math.is_nan": ONE,
    "math.log": ONE,
    "math.log1p": ONE,
    "math.logical_xor": pairs(["bool"]),
    "math.reciprocal": call(tensors([*FLOATS, "float16", "uint8", "bool"])),
    "math.reduce_std": REDUCED,
    "math.reduce_variance": REDUCED,
    "math.rint": call(values([*FLOATS, "int32", "bool"])),
    "math.rsqrt": ONE,
    "math.squared_difference": pairs(),
    "math.zero_fraction": ONE,
    "maximum": pairs(),
    "minimum": pairs(),
    "multiply": pairs(),
    "negative": ONE,
    "not_equal": pairs(),
    "pow": POWERS,
    "reduce_all": REDUCED,
    "reduce_any": REDUCED,
    "reduce_logsumexp": REDUCED,
    "reduce_max": REDUCED,
    "reduce_mean": REDUCED,
    "reduce_min": REDUCED,
    "reduce_prod": REDUCED,
    "reduce_sum": REDUCED,
    "round": ONE,
    "scalar_mul": st.one_of(call(st.one_of(st.integers(-3, 3), st.just(0.5)), tensors()), call(NUMERIC, tensors())),
    "sign": ONE,
    "sin": ONE,
    "sinh": ONE,
    "sqrt": ONE,
    "square": ONE,
    "subtract": pairs(),
    "tan": ONE,
    "tanh": ONE,
    "truediv": pairs(),
}
