"""Strategies: on which devices a model trains, and how functions run on all of them at once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from minitf import nest
from minitf.backends import kernels
from minitf.data.dataset import Dataset
from minitf.distribute.datasets import DistributedDataset, InputContext
from minitf.distribute.replica import ReduceOp, Replica, ReplicaContext, inside, thread_state
from minitf.distribute.replicated import Batchwise, Copies, Replicated
from minitf.distribute.values import PerReplica, of_replica, regrouped
from minitf.functions import Function
from minitf.ops.reduction import reduce_mean, reduce_sum
from minitf.recording import unrepeatable
from minitf.tensor import Tensor, convert_to_tensor

__all__ = [
    "MirroredStrategy", "MultiWorkerMirroredStrategy", "Strategy", "TPUStrategy", "get_replica_context",
    "get_strategy", "has_strategy", "in_cross_replica_context",
]  # fmt: skip

_FUNCTIONS = 64  # so many functions of `run` keep their programs


class Strategy:
    """The strategy of one replica, which `get_strategy` gives where there is no other.

    >>> strategy = tf.distribute.get_strategy()
    >>> strategy.num_replicas_in_sync
    1
    >>> print(strategy.run(lambda x: x + 1, args=(tf.constant(1.0),)))
    tf.Tensor(2.0, shape=(), dtype=float32)
    """

    @property
    def num_replicas_in_sync(self) -> int:
        """How many replicas take a part of each batch, on all workers together."""
        return 1

    @property
    def is_chief(self) -> bool:
        """Whether this process is the one that writes files: the first worker, or the only one."""
        return True

    @contextlib.contextmanager
    def scope(self) -> Iterator[Strategy]:
        """Let models that are compiled in this block train with this strategy."""
        with inside(None, self):
            yield self

    def run(self, fn: Callable[..., Any], args: Any = (), kwargs: Any = None, options: Any = None) -> Any:
        """Call a function in each replica, with its own of `PerReplica` arguments; what differs comes back so.

        On several replicas it is captured as a program, as by `tf.function`.
        """
        _check_callable(fn)
        with inside(Replica(self, convert_to_tensor(0)), self):
            return fn(*args, **(kwargs or {}))

    def reduce(self, reduce_op: Any, value: Any, axis: int | None) -> Any:
        """Return the sum or the mean of a value over all replicas and, unless it is None, over an axis of it."""
        over = reduce_sum if ReduceOp.of(reduce_op) is ReduceOp.SUM else reduce_mean
        return value if axis is None else nest.map_structure(lambda leaf: over(leaf, axis), value)

    def experimental_local_results(self, value: Any) -> tuple[Any, ...]:
        """Return the values that the replicas of this process have."""
        return value.values if isinstance(value, PerReplica) else (value,)

    def experimental_distribute_dataset(self, dataset: Dataset, options: Any = None) -> Any:
        """Return a dataset whose batches come in parts, one for each replica; ValueError for what is no Dataset."""
        return dataset

    def distribute_datasets_from_function(
        self, dataset_fn: Callable[[InputContext], Dataset], options: Any = None
    ) -> Any:
        """Return the dataset that a function makes for this worker: each replica gets a batch after the other."""
        return dataset_fn(InputContext(1, 0, 1))

    def __deepcopy__(self, memo: object) -> Strategy:
        """Return itself: devices are not copied."""
        return self

    def __reduce__(self) -> Any:
        """Pickle as the strategy of whoever unpickles."""
        return get_strategy, ()

    # --- what models ask ---

    workers = 1

    def steps(self, rows: bool) -> Any:
        """Return what makes of a function of a batch one that replicas run; None where there is one replica."""
        return None

    def agreed(self, number: int) -> int:
        """Return a number as the first worker has it, once all workers have come here."""
        return number


_alone = Strategy()


class _OnReplicas(Strategy):
    """A strategy of several replicas, which the backend has."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._replicas = kernels.replicas(type(self).__name__, *args, **options)
        self._copies = Copies(self._replicas)
        self._functions: dict[Any, Replicated] = {}

    @property
    def num_replicas_in_sync(self) -> int:
        """How many replicas take a part of each batch, on all workers together."""
        count: int = self._replicas.count
        return count

    @property
    def is_chief(self) -> bool:
        """Whether this process is the one that writes files: the first worker, or the only one."""
        return bool(self._replicas.worker == 0)

    @property
    def cluster_resolver(self) -> Any:
        """TensorFlow's own resolver, which knows `task_type`, `task_id` and `cluster_spec()`; None on one machine."""
        return self._replicas.strategy.cluster_resolver

    def run(self, fn: Callable[..., Any], args: Any = (), kwargs: Any = None, options: Any = None) -> Any:
        """Call a function in each replica, with its own of `PerReplica` arguments; what differs comes back so.

        On several replicas it is captured as a program, as by `tf.function`.
        """
        _check_callable(fn)
        if thread_state.replica is not None:
            raise RuntimeError("Cannot call `strategy.run` in a replica: it starts the replicas; call it from outside.")
        unrepeatable("strategy.run(...), whose function is a program of its own")
        numbers, given = self._replicas.numbers, (tuple(args), dict(kwargs or {}))
        share = 1 / self.num_replicas_in_sync
        calls = [of_replica(given, number) for number in range(len(numbers))]
        return regrouped(self._replicated(fn)([share] * len(numbers), calls))

    def _replicated(self, fn: Callable[..., Any]) -> Replicated:
        """Return a function for replicas; those that were used lately keep their programs."""
        plain = fn.python_function if isinstance(fn, Function) else fn
        found = self._functions.pop(plain, None) or Replicated(self, plain)
        self._functions[plain] = found
        if len(self._functions) > _FUNCTIONS:
            del self._functions[next(iter(self._functions))]
        return found

    def reduce(self, reduce_op: Any, value: Any, axis: int | None) -> Any:
        """Return the sum or the mean of a value over all replicas and, unless it is None, over an axis of it."""
        how = ReduceOp.of(reduce_op).value
        unrepeatable("strategy.reduce(...)")

        def reduced(leaf: Any) -> Any:
            values = leaf.values if isinstance(leaf, PerReplica) else [leaf] * len(self._replicas.numbers)
            arrays = [kernels.asarray(convert_to_tensor(each).array) for each in values]
            return Tensor(self._replicas.reduced(how, arrays, axis))

        return nest.map_structure(reduced, value)

    def experimental_distribute_dataset(self, dataset: Dataset, options: Any = None) -> DistributedDataset:
        """Return a dataset whose batches come in parts, one for each replica; ValueError for what is no Dataset."""
        if not isinstance(dataset, Dataset):
            raise ValueError(f"A tf.data.Dataset is distributed, but got {dataset!r}; make one of it, in batches.")
        return DistributedDataset(dataset, self.num_replicas_in_sync, self._replicas.numbers)

    def distribute_datasets_from_function(
        self, dataset_fn: Callable[[InputContext], Dataset], options: Any = None
    ) -> Any:
        """Return the dataset that a function makes for this worker: each replica gets a batch after the other."""
        context = InputContext(self._replicas.workers, self._replicas.worker, self.num_replicas_in_sync)
        return DistributedDataset(dataset_fn(context), None, self._replicas.numbers)

    def experimental_distribute_values_from_function(self, value_fn: Callable[[Any], Any]) -> Any:
        """Return what a function gives for each replica, told a context with the replica's number."""
        contexts = [ReplicaContext(Replica(self, number)) for number in self._replicas.numbers]
        return regrouped([value_fn(context) for context in contexts])

    @property
    def workers(self) -> int:  # type: ignore[override]
        """How many processes there are."""
        count: int = self._replicas.workers
        return count

    def steps(self, rows: bool) -> Any:
        """Return what makes of a function of a batch one that replicas run."""
        return lambda function, jit_compile: Batchwise(self, function, rows, jit_compile)

    def agreed(self, number: int) -> int:
        """Return a number as the first worker has it, once all workers have come here."""
        return int(self._replicas.agreed([kernels.asarray(convert_to_tensor(number).array)])[0])


class MirroredStrategy(_OnReplicas):
    """Replicas on the devices of this machine: all of them, or those whose names are given.

    NotImplementedError on NumPy, which has one device.
    """

    def __init__(self, devices: Sequence[str] | None = None, cross_device_ops: Any = None) -> None:
        """Take names such as "/GPU:0"; without any, all GPUs or else the CPU."""
        super().__init__(devices, cross_device_ops)


class MultiWorkerMirroredStrategy(_OnReplicas):
    """Replicas on the devices of several processes, on one machine or more, which run the same program.

    The environment variable TF_CONFIG says where they are; `python -m minitf.distribute` sets it. Make the strategy
    before anything else is computed. NotImplementedError on NumPy.
    """

    def __init__(self, cluster_resolver: Any = None, communication_options: Any = None) -> None:
        """Take what tells where the workers are, TF_CONFIG unless told otherwise."""
        super().__init__(cluster_resolver, communication_options)


class TPUStrategy(_OnReplicas):
    """Replicas on the cores of a TPU, which is initialized here. NotImplementedError on NumPy."""

    def __init__(self, tpu_cluster_resolver: Any = None) -> None:
        """Take a `tf.distribute.cluster_resolver.TPUClusterResolver`."""
        super().__init__(tpu_cluster_resolver)


def _check_callable(fn: Any) -> None:
    if not callable(fn):
        raise TypeError(f"'{type(fn).__name__}' object is not callable: strategy.run takes a function, but got {fn!r}.")


# --- where am I -------------------------------------------------------------------------------------------------------


def get_strategy() -> Strategy:
    """Return the strategy of the scope around this call, or the one with one replica.

    >>> tf.distribute.get_strategy().num_replicas_in_sync
    1
    """
    strategy: Strategy = thread_state.strategies[-1] if thread_state.strategies else _alone
    return strategy


def has_strategy() -> bool:
    """Say whether this call is in the scope of a strategy.

    >>> tf.distribute.has_strategy()
    False
    """
    return get_strategy() is not _alone


def in_cross_replica_context() -> bool:
    """Say whether this call is in the scope of a strategy, and in no replica.

    >>> tf.distribute.in_cross_replica_context()
    False
    """
    return has_strategy() and thread_state.replica is None


def get_replica_context() -> ReplicaContext | None:
    """Return what a replica knows of the others; None in the scope of a strategy, outside of replicas."""
    if thread_state.replica is not None:
        return ReplicaContext(thread_state.replica)
    return None if has_strategy() else ReplicaContext(Replica(_alone, convert_to_tensor(0)))
