"""Neural network ops, losses, clipping and linear algebra."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.differential.recipes import NUMERIC, ONE, call, products

TABLE: dict[str, Any] = {
    "matmul": st.one_of(products(), call(NUMERIC, NUMERIC)),
    "nn.relu": ONE,
    "tensordot": st.one_of(call(NUMERIC, NUMERIC, st.integers(-1, 2)), products().map(lambda c: (c[0], {"axes": 1}))),
}
