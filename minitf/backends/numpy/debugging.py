"""Kernels that look at values and refuse some: the assertions of `tf.debugging`, which give nothing back.

`summarize` says how many entries a message shows: 3 if it is None, all if it is negative.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from minitf.errors import InvalidArgumentError

__all__ = ["assert_compared", "assert_signed", "assert_true", "check_numerics"]

Array = NDArray[Any]


def check_numerics(x: Array, *, message: str) -> Array:
    """Return x; InvalidArgumentError if an entry is inf or nan."""
    if not np.isfinite(x).all():
        found = " and ".join(name for name, test in (("Inf", np.isinf), ("NaN", np.isnan)) if test(x).any())
        do = "Look for divisions by 0, logs of 0 and steps that are too long."
        raise InvalidArgumentError(None, None, f"{message} : Tensor had {found} values [Op:CheckNumerics] {do}")
    return x


def assert_true(
    condition: Array, *data: Array, texts: tuple[str | None, ...], shown: str | None, summarize: int | None
) -> None:
    """InvalidArgumentError unless the condition holds; it shows texts, and data in the place of each None."""
    if not condition:
        arrays = iter(data)
        lines = [", ".join(_first(next(arrays), summarize)) if text is None else text for text in texts]
        condition_shown = shown or f"tf.Tensor({condition}, shape={condition.shape}, dtype={condition.dtype})"
        asked = f"Expected '{condition_shown}' to be true. Summarized data: "
        raise InvalidArgumentError(None, None, asked + "\n".join(lines))


def assert_compared(
    holds: Array, x: Array, y: Array, *, sign: str, message: str | None, summarize: int | None
) -> None:  # fmt: skip
    """InvalidArgumentError unless a comparison of x and y holds everywhere; it shows the first entries that differ."""
    if not holds.all():
        lines = [] if message is None else [message]
        lines += [f"Condition x {sign} y did not hold.", *_differing(x, y, ~holds, summarize)]
        raise InvalidArgumentError(None, None, "\n".join(lines))


def assert_signed(holds: Array, x: Array, *, sign: str, message: str, summarize: int | None) -> None:
    """InvalidArgumentError unless a comparison of x with 0 holds everywhere; it shows the first entries."""
    if not holds.all():
        shown = _first(x, summarize) if x.ndim else x
        asked = f"{message}\nCondition x {sign} 0 did not hold element-wise:"
        raise InvalidArgumentError(None, None, f"{asked}\nx (shape={x.shape} dtype={x.dtype}) = \n{shown}")


def _first(array: Array, summarize: int | None) -> list[str]:
    """Print the first entries one by one."""
    flat = array.reshape(-1)
    count = _count(summarize, flat.size)
    return [*map(str, flat[:count]), *(["..."] if flat.size > count else [])]


def _count(summarize: int | None, size: int) -> int:
    return 3 if summarize is None else size if summarize < 0 else summarize


def _differing(x: Array, y: Array, failed: Array, summarize: int | None) -> list[str]:
    """Show where two arrays fail a comparison, and how they begin."""
    lines: list[object] = []
    count = _count(summarize, max(x.size, y.size))
    if count and x.shape == y.shape and x.ndim:
        places = np.argwhere(failed)[:count]
        lines += [f"Indices of first {len(places)} different values:", places]
        for word, array in (("x", x), ("y", y)):
            lines += [f"Corresponding {word} values:", array[failed][:count]]
    for word, array in (("x", x), ("y", y)) if count else ():
        lines += [f"First {min(array.size, count)} elements of {word}:", array.reshape(-1)[:count]]
    return list(map(str, lines))
