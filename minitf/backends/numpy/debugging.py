"""Kernels that look at values and refuse some."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from minitf.errors import invalid_argument

__all__ = ["check_numerics"]


def check_numerics(x: NDArray[Any], *, message: str) -> NDArray[Any]:
    """Return x; InvalidArgumentError if an entry is inf or nan."""
    if not np.isfinite(x).all():
        found = " and ".join(name for name, test in (("Inf", np.isinf), ("NaN", np.isnan)) if test(x).any())
        raise invalid_argument(
            "CheckNumerics",
            f"{message} : Tensor had {found} values",
            got=f"{np.sum(~np.isfinite(x))} such entries of {x.size}",
            expected="finite numbers only",
            do="look for divisions by 0, logs of 0 and steps that are too long",
        )
    return x
