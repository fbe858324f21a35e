"""Replica: what a step knows of the replicas that run it side by side, and how it puts their values together.

Layers, losses and optimizers ask here. Outside of replicas everything is given back as it came, and costs nothing.
"""

from __future__ import annotations

import contextlib
import enum
import threading
from collections.abc import Iterator
from typing import Any

from minitf import nest
from minitf.dtypes import NUMBERS, int32
from minitf.op import Op
from minitf.ops.array import cast, stack, where
from minitf.ops.comparison import equal, greater, logical_not
from minitf.ops.making import zeros_like
from minitf.ops.math import add, divide_no_nan, multiply
from minitf.tensor import Tensor, convert_to_tensor

__all__ = [
    "ALL_REDUCE", "ReduceOp", "Replica", "ReplicaContext", "counted", "everywhere", "inside", "own_seed", "share",
    "shared", "summed", "thread_state", "unshared",
]  # fmt: skip


def _summed_again(dy: Tensor, y: Tensor, x: Tensor, how: str) -> Tensor:
    return ALL_REDUCE(dy, how=how)


# Each replica gives a value, and all get their sum or mean. Gradients of what the replicas compute are summed over all
# replicas, so that of a sum is again a sum.
ALL_REDUCE = Op("all_reduce", "CollectiveReduceV2", _summed_again, dtypes=NUMBERS, stateful=True)
_STRIDE = 1_000_003  # between the seeds of replicas, which count modulo a prime


class ReduceOp(enum.Enum):
    """How the values of replicas are put together; texts such as "sum" are taken as well."""

    SUM = "SUM"
    MEAN = "MEAN"

    @classmethod
    def of(cls, given: Any) -> ReduceOp:
        """Read one; ValueError for anything else.

        >>> ReduceOp.of("mean")
        <ReduceOp.MEAN: 'MEAN'>
        """
        if isinstance(given, str) and given.upper() in cls.__members__:
            return cls[given.upper()]
        if isinstance(given, cls):
            return given
        raise ValueError(f"A ReduceOp is SUM or MEAN, but got {given!r}; write tf.distribute.ReduceOp.SUM.")


class Replica:
    """One of the replicas that run a step: its number, how many there are, and its share of the batch.

    The share is 0 for a replica that found no samples left. It computes with a sample of somebody else then, because
    all replicas have to run the same program, and counts for nothing.
    """

    def __init__(self, strategy: Any, number: Any, share: Tensor | None = None) -> None:
        """Take the strategy, the number, and the share if there are several replicas."""
        self.strategy, self.number, self.share = strategy, number, share


class _State(threading.local):
    """Where this thread is: in scopes of strategies, the innermost last, or in a replica."""

    strategies: tuple[Any, ...] = ()
    replica: Replica | None = None


thread_state = _State()


@contextlib.contextmanager
def inside(replica: Replica | None, strategy: Any) -> Iterator[None]:
    """Be in a replica, or in the scope of a strategy, for the time of this block."""
    before = thread_state.strategies, thread_state.replica
    thread_state.strategies, thread_state.replica = (*before[0], strategy), replica
    try:
        yield
    finally:
        thread_state.strategies, thread_state.replica = before


class ReplicaContext:
    """What `tf.distribute.get_replica_context()` gives inside of a function that `strategy.run` calls.

    >>> context = tf.distribute.get_replica_context()
    >>> context.num_replicas_in_sync, int(context.replica_id_in_sync_group)
    (1, 0)
    >>> print(context.all_reduce("sum", tf.constant(2.0)))
    tf.Tensor(2.0, shape=(), dtype=float32)
    """

    def __init__(self, replica: Replica) -> None:
        """Take the replica."""
        self._replica = replica

    @property
    def strategy(self) -> Any:
        """The strategy that runs the replicas."""
        return self._replica.strategy

    @property
    def num_replicas_in_sync(self) -> int:
        """How many replicas there are, on all workers."""
        count: int = self._replica.strategy.num_replicas_in_sync
        return count

    @property
    def replica_id_in_sync_group(self) -> Any:
        """The number of this replica among them, an int32."""
        return self._replica.number

    def all_reduce(self, reduce_op: Any, value: Any, options: Any = None) -> Any:
        """Return the sum or the mean of what all replicas give, which may be a structure of tensors of one shape."""
        how = ReduceOp.of(reduce_op).value.lower()
        return nest.map_structure(lambda leaf: _reduced(convert_to_tensor(leaf), how), value)

    def merge_call(self, merge_fn: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Refuse: a step is one program here, which nobody leaves on the way."""
        raise NotImplementedError("minitf has no merge_call: put values together with all_reduce, inside the replica.")


def _reduced(tensor: Tensor, how: str) -> Tensor:
    if thread_state.replica is None or thread_state.replica.share is None:
        return tensor
    return ALL_REDUCE(tensor, how=how)


# --- what layers, losses and optimizers ask ---------------------------------------------------------------------------


def share() -> Tensor | None:
    """Return this replica's share of the samples of a batch; None outside of replicas."""
    return None if thread_state.replica is None else thread_state.replica.share


def shared(mean: Tensor) -> Tensor:
    """Return what a mean over the samples of this replica adds to the mean over all."""
    own = share()
    return mean if own is None else multiply(mean, cast(own, mean.dtype))


def unshared(part: Tensor) -> Tensor:
    """Return the mean over the samples of this replica again."""
    own = share()
    return part if own is None else divide_no_nan(part, cast(own, part.dtype))


def counted(value: Tensor) -> Tensor:
    """Return a value, or zeros if this replica counts for nothing."""
    own = share()
    return value if own is None else where(greater(own, 0.0), value, zeros_like(value))


def summed(value: Tensor) -> Tensor:
    """Return the sum of a value over all replicas."""
    return _reduced(value, "sum")


def everywhere(condition: Tensor) -> Tensor:
    """Say whether a condition, a scalar tf.bool, holds on all replicas."""
    return condition if share() is None else equal(summed(cast(logical_not(condition), int32)), 0)


def own_seed(seed: Tensor) -> Tensor:
    """Make two integers that are a seed other ones on each replica; the first replica has those of a single one."""
    if share() is None:
        return seed
    number = cast(thread_state.replica.number, seed.dtype)  # type: ignore[union-attr]  # it has a share
    return add(seed, stack([multiply(number, _STRIDE), zeros_like(number)]))
