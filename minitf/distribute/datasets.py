"""Datasets whose batches come in parts: each worker goes through all of them, and takes the parts of its replicas."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from minitf import nest
from minitf.distribute.replicated import shares
from minitf.distribute.values import regrouped

__all__ = ["DistributedDataset", "InputContext"]


class InputContext(NamedTuple):
    """For which of how many workers a dataset is made, and for how many replicas in all.

    >>> InputContext(2, 0, 4).get_per_replica_batch_size(64)
    16
    """

    num_input_pipelines: int
    input_pipeline_id: int
    num_replicas_in_sync: int

    def get_per_replica_batch_size(self, global_batch_size: int) -> int:
        """Return how many samples of a batch each replica gets; ValueError if it cannot be divided."""
        if global_batch_size % self.num_replicas_in_sync:
            asked = f"The `global_batch_size` {global_batch_size} is not divisible by `num_replicas_in_sync`"
            raise ValueError(f"{asked} {self.num_replicas_in_sync}; take a multiple of it.")
        return global_batch_size // self.num_replicas_in_sync


class DistributedDataset:
    """The batches of a dataset, with a part for each replica of this process.

    Parts are as equal as can be; where a batch has fewer samples than there are replicas, some are empty.
    """

    def __init__(self, dataset: Any, replicas: int | None, numbers: Sequence[int]) -> None:
        """Take a dataset of batches for so many replicas; None if it has batches for single replicas."""
        self._dataset, self._replicas, self._numbers = dataset, replicas, numbers

    @property
    def element_spec(self) -> Any:
        """What describes the batches before they are divided."""
        return self._dataset.element_spec

    def __len__(self) -> int:
        """Return the number of batches; TypeError if it is not known."""
        count = len(self._dataset)
        return count if self._replicas else count // len(self._numbers)

    def __iter__(self) -> Iterator[Any]:
        """Go through the batches."""
        if self._replicas is None:
            batches = iter(self._dataset)
            while parts := list(itertools.islice(batches, len(self._numbers))):
                yield regrouped(parts + [_none_of(parts[-1])] * (len(self._numbers) - len(parts)))
            return
        for batch in self._dataset:
            yield regrouped([self._part(batch, number) for number in self._numbers])

    def _part(self, batch: Any, number: int) -> Any:
        def part(leaf: Any) -> Any:
            start, stop = shares(leaf.shape[0], self._replicas or 1)[number]
            return leaf[start:stop]

        return nest.map_structure(part, batch)


def _none_of(batch: Any) -> Any:
    """Return a batch without samples."""
    return nest.map_structure(lambda leaf: leaf[:0], batch)
