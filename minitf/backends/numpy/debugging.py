"""Kernels that look at values and refuse some."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from minitf.errors import InvalidArgumentError

__all__ = ["check_numerics"]


def check_numerics(x: NDArray[Any], *, message: str) -> NDArray[Any]:
    """Return x; InvalidArgumentError if an entry is inf or nan."""
    if not np.isfinite(x).all():
        found = " and ".join(name for name, test in (("Inf", np.isinf), ("NaN", np.isnan)) if test(x).any())
        do = "Look for divisions by 0, logs of 0 and steps that are too long."
        raise InvalidArgumentError(None, None, f"{message} : Tensor had {found} values [Op:CheckNumerics] {do}")
    return x
