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
    """What one contender took in each round, in seconds a call, and how many processors it kept busy meanwhile."""

    seconds: tuple[float, ...]
    busy: tuple[float, ...] = ()

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

    @property
    def cores(self) -> float:
        """Processor time over time on the clock, of all threads of the process together: the middle of the rounds.

        >>> Timing((1.0, 1.0, 1.0), busy=(1.5, 1.0, 2.0)).cores
        1.5
        """
        return median(self.busy)

    def ratio(self, base: Timing) -> float:
        """How many times as long as *base* it took: the median over the rounds, each compared within itself.

        >>> Timing((2.0, 4.0, 40.0)).ratio(Timing((1.0, 2.0, 2.0)))
        2.0
        """
        return median(own / other for own, other in zip(self.seconds, base.seconds, strict=True))


def side_by_side(
    contenders: Mapping[str, Callable[[], object]], rounds: int = 15, least: float = 0.005, rest: float = 0.0
) -> dict[str, Timing]:
    """Time the contenders in turns, in alternating order; a turn repeats its call for at least `least` seconds.

    The first call of each is made beforehand and does not count.  Before each turn all rest for `rest` seconds, so that
    threads which spin in wait of more work fall asleep and take nothing from the next contender.
    """
    repeats = {name: _repeats(call, least) for name, call in contenders.items()}
    turns: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    gc.disable()
    try:
        for turn in range(rounds):
            for name in list(contenders)[:: 1 if turn % 2 == 0 else -1]:
                time.sleep(rest)
                turns[name].append(_clocked(contenders[name], repeats[name]))
            gc.collect()
    finally:
        gc.enable()
    return {
        name: Timing(
            tuple(taken / repeats[name] for taken, _ in clocked), tuple(worked / taken for taken, worked in clocked)
        )
        for name, clocked in turns.items()
    }


def first_calls(makers: Mapping[str, Callable[[], Callable[[], object]]], rounds: int = 15) -> dict[str, Timing]:
    """Time the first call of what each maker makes, in turns; the making itself is not timed.

    The first of each maker does not count: it loads what a library loads on its first use.
    """
    seconds: dict[str, list[float]] = {name: [] for name in makers}
    for turn in range(rounds + 1):
        for name in list(makers)[:: 1 if turn % 2 == 0 else -1]:
            call = makers[name]()
            gc.collect()
            seconds[name].append(_clocked(call, 1)[0])
    return {name: Timing(tuple(taken[1:])) for name, taken in seconds.items()}


def _clocked(call: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Seconds on the clock, and seconds that processors worked for this process."""
    worked, start = time.process_time(), time.perf_counter()
    for _ in range(repeats):
        call()
    taken = time.perf_counter() - start
    return taken, time.process_time() - worked


def _repeats(call: Callable[[], object], least: float) -> int:
    call()
    repeats = 1
    while (taken := _clocked(call, repeats)[0]) < least:
        repeats = max(2 * repeats, min(100 * repeats, int(1.2 * repeats * least / max(taken, 1e-9))))
    return repeats
