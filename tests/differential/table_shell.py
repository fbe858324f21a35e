"""Shapes, specs, structures, control flow, printing, debugging and configuration."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.differential.recipes import call

TABLE: dict[str, Any] = {
    "as_dtype": call(st.sampled_from(["float32", "half", "double", "bool", "int8", "nonsense", float, bool, np.int64])),
}
