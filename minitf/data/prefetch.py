"""Prefetching: a thread goes through a stream ahead of whoever consumes it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from typing import Any

__all__ = ["prefetched"]


class _Ahead:
    """What the thread and the consumer share: items that wait, free places, and whether anybody wants them."""

    def __init__(self, size: int) -> None:
        self.waiting: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()
        self.places = threading.Semaphore(size)
        self.wanted = True

    def fill(self, items: Iterator[Any]) -> None:
        """Put items where there is a place, then the exception that ends them: StopIteration, most of the time."""
        try:
            while self.places.acquire() and self.wanted:
                self.waiting.put((next(items), None))
        except BaseException as error:
            self.waiting.put((None, error))


def prefetched(items: Iterator[Any], size: int) -> Generator[Any]:
    """Yield the items, while a thread keeps `size` ahead; it ends when this iterator is closed or dropped.

    >>> list(prefetched(iter("abc"), 2))
    ['a', 'b', 'c']
    """
    ahead = _Ahead(size)
    threading.Thread(target=ahead.fill, args=(items,), name="tf.data.prefetch", daemon=True).start()
    del items  # only the thread holds it, and ends it
    try:
        while True:
            item, error = ahead.waiting.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            ahead.places.release()
            yield item
            del item
    finally:
        ahead.wanted = False
        ahead.places.release()
