"""What the stages of a pipeline do to a stream of elements, whatever the elements are.

Most are generators that take an iterator; where a stage begins its source again and again, it takes a function that
begins it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["batches", "repeated", "windows"]

Source = Callable[[], Iterator[Any]]


def batches(items: Iterator[Any], size: int, drop: bool, join: Callable[[list[Any]], Any]) -> Iterator[Any]:
    """Join every `size` items; the last, smaller group too, unless `drop`.

    >>> list(batches(iter("abcde"), 2, False, "".join))
    ['ab', 'cd', 'e']
    """
    while len(group := list(itertools.islice(items, size))) == size or (group and not drop):
        yield join(group)


def repeated(source: Source, items: Iterator[Any], count: int) -> Iterator[Any]:
    """Go through the items and then again from the source, `count` times in all; for ever if it is negative.

    >>> "".join(repeated(lambda: iter("ab"), iter("ab"), 3))
    'ababab'
    """
    while True:
        empty = True
        for item in items:
            empty = False
            yield item
        count -= 1
        if count == 0 or (count < 0 and empty):
            return
        items = source()


def windows(items: Iterator[Any], size: int, shift: int, stride: int, drop: bool) -> Iterator[list[Any]]:
    """Yield lists of `size` items, every `stride`th, which begin `shift` items after one another.

    >>> ["".join(window) for window in windows(iter("abcdef"), 3, 2, 1, False)]
    ['abc', 'cde', 'ef']
    """
    span = (size - 1) * stride + 1
    ahead: list[Any] = []
    while True:
        ahead += itertools.islice(items, span - len(ahead))
        if not ahead or (drop and len(ahead) < span):
            return
        yield ahead[:span:stride]
        beyond = shift - len(ahead)
        ahead = ahead[shift:]
        for _ in itertools.islice(items, max(beyond, 0)):
            pass
