"""Reading numbers among the arguments of datasets; TypeError or ValueError for what is no whole number."""

from __future__ import annotations

from typing import Any

from minitf.dtypes import int64
from minitf.errors import InvalidArgumentError, invalid_argument
from minitf.tensor import convert_to_tensor

__all__ = ["AUTOTUNE", "integer", "parallel", "positive", "refused"]

AUTOTUNE = -1


def integer(value: Any) -> int:
    """Read a whole number, which may be an int64 tensor.

    >>> integer(tf.constant(3, tf.int64))
    3
    """
    return int(convert_to_tensor(value, int64))


def positive(value: Any, native: str, what: str) -> int:
    """Read a number of at least 1; InvalidArgumentError for others.

    >>> positive(0, "BatchDatasetV2", "Batch size").message.splitlines()[0]
    Traceback (most recent call last):
    minitf.errors.InvalidArgumentError: Batch size must be greater than zero. [Op:BatchDatasetV2]
    ...
    """
    number = integer(value)
    if number < 1:
        raise refused(native, f"{what} must be greater than zero.", f"{number}", "1 or more")
    return number


def parallel(kind: str, calls: Any) -> str:
    """Name a stage that takes a number of parallel calls; InvalidArgumentError for one that cannot be.

    >>> parallel("Map", None), parallel("Map", AUTOTUNE)
    ('Map', 'ParallelMap')
    """
    if calls is None:
        return kind
    if calls != AUTOTUNE:
        positive(calls, f"Parallel{kind}Dataset", "num_parallel_calls")
    return f"Parallel{kind}"


def refused(native: str, asked: str, got: str, expected: str) -> InvalidArgumentError:
    """Build the error for a number that cannot be."""
    return invalid_argument(native, asked, got=got, expected=expected, do="write such a number")
