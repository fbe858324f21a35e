"""Fair timing: contenders take turns within one run, and medians of many rounds are compared.

A machine that slows down or is shared for a while does so for all contenders alike.  Knows nothing of what it times.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True)
class Timing:
    """What one contender took in each round, in seconds a call."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle of the rounds.

        >>> Timing((3.0, 1.0, 2.0)).median
        2.0
        """
        return median(self.seconds)

    @property
    def spread(self) -> float:
        """The middle half of the rounds, as a share of the median."""
        if len(self.seconds) < 2:
            return 0.0
        low, _, high = quantiles(self.seconds, n=4)
        return (high - low) / self.median

    def ratio(self, base: Timing) -> float:
        """How many times as long as *base* it took: the median over the rounds, each compared within itself.

        >>> Timing((2.0, 4.0, 40.0)).ratio(Timing((1.0, 2.0, 2.0)))
        2.0
        """
        return median(own / other for own, other in zip(self.seconds, base.seconds, strict=True))


def side_by_side(
    contenders: Mapping[str, Callable[[], object]], rounds: int = 15, least: float = 0.005
) -> dict[str, Timing]:
    """Time the contenders in turns, in alternating order; a turn repeats its call for at least `least` seconds.

    The first call of each is made beforehand and does not count.
    """
    repeats = {name: _repeats(call, least) for name, call in contenders.items()}
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    gc.disable()
    try:
        for turn in range(rounds):
            for name in list(contenders)[:: 1 if turn % 2 == 0 else -1]:
                seconds[name].append(_clocked(contenders[name], repeats[name]) / repeats[name])
            gc.collect()
    finally:
        gc.enable()
    return {name: Timing(tuple(taken)) for name, taken in seconds.items()}


def _clocked(call: Callable[[], object], repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return time.perf_counter() - start


def _repeats(call: Callable[[], object], least: float) -> int:
    call()
    repeats = 1
    while (taken := _clocked(call, repeats)) < least:
        repeats = max(2 * repeats, min(100 * repeats, int(1.2 * repeats * least / max(taken, 1e-9))))
    return repeats
