"""Shuffling a stream: TensorFlow's own order for the same seeds.

A buffer holds the items that wait. Which of them comes next is decided by a stream of random words whose two seeds are
drawn anew for each epoch from those of the dataset.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from minitf.backends import kernels

__all__ = ["Seeds", "shuffled"]

_END = object()
_BLOCK = 256  # groups of four words that are drawn at a time


class Seeds:
    """The seeds of one shuffled dataset, from the global seed and its own as for every random op."""

    def __init__(self, seed: Any, anew: bool) -> None:
        """Take the seeds; `anew` says that each epoch has another order."""
        number = None if seed is None else int(seed)
        _, *self.pair = kernels.take_stream(stream=("ShuffleDatasetV3",), seed=number, reserve=0).tolist()
        self.anew = anew
        self.epochs = itertools.count()

    def words(self) -> Iterator[int]:
        """Begin an epoch: return its random words."""
        if not self.anew:
            return _words(*self.pair)
        group, odd = divmod(next(self.epochs), 2)
        first, second = _draw(group, 1, *self.pair)[2 * odd : 2 * odd + 2]
        return _words(second, first)


def _draw(position: int, groups: int, half: int, key: int) -> list[int]:
    state = np.array([position, half, key])
    words: list[int] = kernels.draw_integers(state, shape=(4 * groups,), dtype=np.int32).view(np.uint32).tolist()
    return words


def _words(half: int, key: int) -> Iterator[int]:
    for position in itertools.count(0, _BLOCK):
        yield from _draw(position, _BLOCK, half, key)


def shuffled(items: Iterator[Any], size: int | None, words: Iterator[int]) -> Iterator[Any]:
    """Let `size` items wait, or all if it is None, and yield any; the oldest takes its place, a new one the oldest's.

    >>> sorted(shuffled(iter("abcde"), 2, itertools.repeat(1)))
    ['a', 'b', 'c', 'd', 'e']
    """
    waiting = list(itertools.islice(items, size))
    count = left = len(waiting)
    for oldest in itertools.cycle(range(count)):
        chosen = (oldest + next(words) % left) % count
        yield waiting[chosen]
        waiting[chosen] = waiting[oldest]
        new = next(items, _END)
        if new is _END:
            left -= 1
            if not left:
                return
        else:
            waiting[oldest] = new
