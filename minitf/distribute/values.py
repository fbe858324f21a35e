"""PerReplica: a value of its own for each replica of this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from minitf import nest
from minitf.recording import unrepeatable
from minitf.spec import TensorSpec
from minitf.tensor import Tensor

__all__ = ["PerReplica", "of_replica", "regrouped"]


class PerReplica:
    """The values that the replicas have, or shall get: `strategy.run` gives each replica its own.

    To a `tf.function`, two of them are alike if their values have the same shapes and dtypes.
    """

    def __init__(self, values: Sequence[Any]) -> None:
        """Take a value for each replica of this process, in their order."""
        self._values = tuple(values)

    @property
    def values(self) -> tuple[Any, ...]:
        """The values, in the order of the replicas."""
        unrepeatable("the values of replicas")
        return self._values

    def _returned(self) -> PerReplica:
        """Be what a `tf.function` returns, which then runs as plain Python."""
        unrepeatable("the values of replicas")
        return self

    def _form(self) -> tuple[Any, ...]:
        return tuple(TensorSpec.from_tensor(x) if type(x) is Tensor else type(x) for x in self._values)

    def __eq__(self, other: object) -> bool:
        """Say whether another one is alike, in number, shapes and dtypes."""
        return isinstance(other, PerReplica) and self._form() == other._form()

    def __hash__(self) -> int:
        """Return a number that is the same for those that are alike."""
        return hash(tuple(map(repr, self._form())))

    def __repr__(self) -> str:
        """Print as TensorFlow does: one value a line, after its number."""
        lines = ",\n".join(f"  {i}: {value!r}" for i, value in enumerate(self._values))
        return f"PerReplica:{{\n{lines}\n}}"


def of_replica(structure: Any, number: int) -> Any:
    """Return a structure with the value of one replica in the place of those of all."""
    return nest.map_structure(lambda leaf: leaf._values[number] if isinstance(leaf, PerReplica) else leaf, structure)


def regrouped(structures: Sequence[Any], made: Callable[[Sequence[Any]], Any] = PerReplica) -> Any:
    """Put the structures of all replicas into one, with the values of all replicas for each leaf."""
    if len(structures) == 1:
        return structures[0]
    if not nest.is_nested(structures[0]):
        return None if structures[0] is None else made(structures)
    columns = zip(*map(nest.flatten, structures), strict=True)
    leaves = [None if column[0] is None else made(column) for column in columns]
    return nest.pack_sequence_as(structures[0], leaves)
