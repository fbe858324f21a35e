"""How many elements there are after each stage: a number, or one of two constants for no number."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "INFINITE_CARDINALITY", "UNKNOWN_CARDINALITY", "chained", "grouped", "repeated", "skipped", "taken", "unknown",
    "zipped",
]  # fmt: skip

INFINITE_CARDINALITY = -1
UNKNOWN_CARDINALITY = -2


def unknown(count: int = 0) -> int:
    """Return that nobody knows.

    >>> unknown(3)
    -2
    """
    return UNKNOWN_CARDINALITY


def taken(count: int, number: int) -> int:
    """Count after taking at most a number, or all if it is negative.

    >>> taken(5, 3), taken(INFINITE_CARDINALITY, 3), taken(UNKNOWN_CARDINALITY, 3)
    (3, 3, -2)
    """
    if number < 0 or count == UNKNOWN_CARDINALITY:
        return count
    return number if count == INFINITE_CARDINALITY else min(count, number)


def skipped(count: int, number: int) -> int:
    """Count after leaving out a number, or all if it is negative.

    >>> skipped(5, 3), skipped(INFINITE_CARDINALITY, 3), skipped(5, -1)
    (2, -1, 0)
    """
    if count < 0:
        return count
    return max(0, count - number) if number >= 0 else 0


def repeated(count: int, times: int) -> int:
    """Count after so many times, or for ever if it is negative.

    >>> repeated(5, 3), repeated(UNKNOWN_CARDINALITY, -1), repeated(0, -1)
    (15, -1, 0)
    """
    if not count or not times:
        return 0
    if times < 0:
        return INFINITE_CARDINALITY
    return count * times if count > 0 else count


def zipped(counts: Sequence[int]) -> int:
    """Count what goes on as long as all do.

    >>> zipped([5, INFINITE_CARDINALITY]), zipped([5, UNKNOWN_CARDINALITY])
    (5, -2)
    """
    if UNKNOWN_CARDINALITY in counts:
        return UNKNOWN_CARDINALITY
    return min((count for count in counts if count >= 0), default=INFINITE_CARDINALITY)


def chained(first: int, second: int) -> int:
    """Count one after the other.

    >>> chained(2, 3), chained(UNKNOWN_CARDINALITY, INFINITE_CARDINALITY)
    (5, -1)
    """
    if INFINITE_CARDINALITY in (first, second):
        return INFINITE_CARDINALITY
    return UNKNOWN_CARDINALITY if UNKNOWN_CARDINALITY in (first, second) else first + second


def grouped(count: int, size: int, shift: int, drop: bool) -> int:
    """Count groups which begin `shift` elements after one another; with `drop` only those of `size` elements.

    >>> grouped(5, 2, 2, False), grouped(5, 2, 2, True), grouped(5, 3, 1, True)
    (3, 2, 3)
    """
    if count < 0:
        return count
    return max(0, (count - size) // shift + 1) if drop else -(-count // shift)
