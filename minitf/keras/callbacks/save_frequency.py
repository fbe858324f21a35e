"""SaveFrequency: when callbacks that write files do so, after each epoch or after so many batches."""

from __future__ import annotations

__all__ = ["SaveFrequency"]


class SaveFrequency:
    """Count batches: "epoch" stands for the end of each epoch, a number for so many batches, across epochs.

    >>> frequency = SaveFrequency(3)
    >>> [batch for batch in range(8) if frequency.has_come(batch)]
    [2, 5]
    """

    def __init__(self, save_freq: str | int) -> None:
        self._batches = 0 if isinstance(save_freq, str) else int(save_freq)
        self._counted = 0
        self._last = -1

    def has_come(self, batch: int) -> bool:
        """Say whether it is time to save after this batch of an epoch; batches in between may have been left out."""
        self._counted += batch + 1 if batch <= self._last else batch - self._last
        self._last = batch
        if not self._batches or self._counted < self._batches:
            return False
        self._counted = 0
        return True
