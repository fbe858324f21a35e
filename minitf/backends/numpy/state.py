"""Kernels that give a variable its next value where no op on tensors does.

Arguments are checked when they arrive here, all but positions, which are values: they are checked by each kernel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minitf.backends.numpy.index import _inside, _selection, _stray
from minitf.errors import invalid_argument

Array = NDArray[Any]

_COMBINED = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "min": np.minimum, "max": np.maximum,
}  # fmt: skip


def assigned(x: Array, *, variable: int) -> Array:
    """Give what a variable, named by its place in a program, has been assigned."""
    return x


def cond(pred: Array, *arrays: Array, branches: tuple[Callable[..., Any], ...]) -> Any:
    """Compute one of two functions."""
    return branches[0 if _holds("If", pred) else 1](*arrays)


def while_loop(*arrays: Array, count: int, condition: Callable[..., Any], body: Callable[..., Any]) -> Any:
    """Compute the first arrays anew, as many as `count`, while a condition holds; the others are for the functions."""
    now, others = arrays[:count], arrays[count:]
    while _holds("While", *condition(*now, *others)):
        now = body(*now, *others)
    return tuple(now)


def _holds(native: str, pred: Array) -> bool:
    if pred.size != 1:
        asked = f"The second input must be a scalar, but it has shape {list(pred.shape)}"
        raise invalid_argument(
            native, asked, got="several booleans", expected="one", do="use tf.reduce_all or tf.where"
        )
    return bool(pred)


def strided_slice_assign(x: Array, value: Array, *, index: tuple[Any, ...]) -> Array:
    """Put a value, which may broadcast, where `strided_slice` would take entries."""
    z = x.copy()
    part = z[_selection(index)]
    if part.size:
        part[...] = value
    return z


def scatter_rows(x: Array, indices: Array, updates: Array, *, how: str) -> Array:
    """Combine the rows that the indices name with updates, one after the other, or replace them (`how="update"`)."""
    if not indices.size:
        return x
    native, size = f"ResourceScatter{how.title()}", len(x)
    if not _inside(indices, size):
        place = np.argwhere((indices < 0) | (indices >= size))[0].tolist()
        raise _stray(native, indices[tuple(place)].item(), place, f"is not in [0, {size})")
    if how == "update":
        z = x.copy()
        z[indices] = updates
        return z
    whole = how == "div" and x.dtype.kind in "iu"
    if whole and not updates.all():
        raise invalid_argument(native, "updates must not contain 0", got="a 0", expected="none", do="leave the row out")
    z = x.astype(np.float64) if whole else x.copy()  # the quotient of whole numbers is cut off, once for all divisors
    _COMBINED[how].at(z, indices, updates)
    return z.astype(x.dtype, copy=False)
