"""Replicas on TensorFlow's runtime: its own `tf.distribute` runs them and puts their values together.

A replica runs the parts of a program, each compiled by XLA, and between them all replicas sum at once. XLA gets no
sums, because what TensorFlow's strategies do for them, with other devices and workers, leaves the function that asks.
On a TPU everything is compiled together.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf
from tensorflow.python.distribute.values import PerReplica

from minitf.backends.tensorflow.arrays import Array, asarray, wrapped
from minitf.backends.tensorflow.compiled import Stage, launcher
from minitf.backends.tensorflow.making import NotCompiled

__all__ = ["all_reduce", "cluster", "replicas"]

_strategies = itertools.count(1)  # after those of TensorFlow itself
_KEYS = 1000  # for groups of devices; a strategy needs a few


def all_reduce(x: Any, *, how: str) -> Any:
    """Put the values of all replicas together: there is one, because several run their programs in parts."""
    return x


class Replicas:
    """The replicas of a strategy of TensorFlow; `numbers` are those of this process."""

    def __init__(self, strategy: Any, xla: bool = True) -> None:
        """Take the strategy; `xla` says whether the parts are for XLA."""
        self.strategy, self.xla = strategy, xla
        self.count = int(strategy.num_replicas_in_sync)
        resolver = strategy.cluster_resolver
        spec = resolver.cluster_spec().as_dict() if resolver is not None and not _is_tpu(strategy) else {}
        self.workers = sum(len(spec.get(job, ())) for job in ("chief", "worker")) or 1
        self.worker = 0
        if self.workers > 1:
            chiefs = len(spec.get("chief", ()))
            self.worker = resolver.task_id + (chiefs if resolver.task_type == "worker" else 0)
        local = self.count // self.workers
        self.numbers = [*range(self.worker * local, (self.worker + 1) * local)]
        self._parts: dict[int, tuple[Any, Any]] = {}  # by the ids of programs, which are kept

    # --- programs ---

    def compiled(self, stages: Sequence[Any]) -> Callable[[Sequence[Sequence[Array]]], list[list[Array]]]:
        """Return what runs the programs of the replicas, all at once: from arrays to arrays, of each replica."""
        made: list[Any] = []

        def run(rows: Sequence[Sequence[Array]]) -> list[list[Array]]:
            columns = [*zip(*rows, strict=True)]
            if not made:
                made.append(self._launcher(stages, columns))
            launch, captured, _ = made[0]
            tensors = launch([array.tensor for column in columns for array in column] + captured)
            count = len(stages)
            return [[wrapped(tensor) for tensor in tensors[i::count]] for i in range(count)]

        return run

    def _launcher(self, stages: Sequence[Any], columns: Sequence[Sequence[Array]]) -> Any:
        count = len(stages)
        by_shapes = {tuple(_form(column[i]) for column in columns): each for i, each in enumerate(stages)}

        def replica(*tensors: Any) -> list[Any]:
            return self._computed(by_shapes[tuple(_form(tensor) for tensor in tensors)], tensors)

        def together(*flat: Any) -> list[Any]:
            arguments = [PerReplica(flat[i : i + count]) for i in range(0, len(flat), count)]
            results = self.strategy.run(replica, args=arguments)
            return [each for result in results for each in self.strategy.experimental_local_results(result)]

        specs = [tf.TensorSpec(*_form(array)) for column in columns for array in column]
        concrete = tf.function(together, autograph=False).get_concrete_function(*specs)
        return launcher(concrete), list(concrete.captured_inputs), concrete  # which lives as long as they do

    def _computed(self, stages: Any, tensors: Sequence[Any]) -> list[Any]:
        """Compute in one replica, while it is traced."""
        context = tf.distribute.get_replica_context()
        values = dict(zip(stages.given, tensors, strict=True))
        values.update((number, asarray(array).tensor) for number, array in stages.constants.items())
        for part, sums in zip(stages.parts, stages.sums, strict=True):
            if part.nodes:
                arrays = [wrapped(values[number]) for number in part.arguments]
                run = self._part(part, arrays)
                values.update(zip(part.results, run(*[array.tensor for array in arrays]), strict=True))
            for kind in dict.fromkeys((how, values[number].dtype) for number, _, how in sums):
                same = [(number, to) for number, to, how in sums if (how, values[number].dtype) == kind]
                added = context.all_reduce(kind[0].upper(), [tf.identity(values[number]) for number, _ in same])
                values.update((to, each) for (_, to), each in zip(same, added, strict=True))
        return [tf.identity(values[number]) for number in stages.results]

    def _part(self, program: Any, arrays: Sequence[Array]) -> Callable[..., Any]:
        """Return the function of a part: for XLA where that can be."""
        if id(program) not in self._parts:
            xla = self.xla and program.jit_compile is not False
            with tf.init_scope():
                specs = [_Spec(array) for array in arrays]
                try:
                    stage = Stage(program, specs, xla)
                except NotCompiled:
                    stage = Stage(program, specs, False)
            self._parts[id(program)] = stage._concrete, program
        made: Callable[..., Any] = self._parts[id(program)][0]
        return made

    # --- values ---

    def reduced(self, how: str, arrays: Sequence[Array], axis: int | None) -> Array:
        """Return the sum or the mean of the values of all replicas, also over one of their axes."""
        value = PerReplica(tuple(array.tensor for array in arrays))
        return wrapped(self.strategy.reduce(how.upper(), value, axis=axis))

    def agreed(self, arrays: Sequence[Array]) -> list[Array]:
        """Return the arrays as the first worker has them."""
        if self.workers == 1 or not arrays:
            return list(arrays)
        first = self.numbers[0] == 0

        def replica(*tensors: Any) -> list[Any]:
            context = tf.distribute.get_replica_context()  # which knows the device of what is made here
            return [context.all_reduce("SUM", tf.identity(tensor)) for tensor in tensors]

        def together(*tensors: Any) -> list[Any]:
            given = [tf.cast(each, tf.int32) if each.dtype == tf.bool else each for each in tensors]
            given = [each if first else tf.zeros_like(each) for each in given]
            none = [[tf.zeros_like(each)] * (len(self.numbers) - 1) for each in given]
            values = [PerReplica((each, *others)) for each, others in zip(given, none, strict=True)]
            results = self.strategy.run(replica, args=values)
            return [self.strategy.experimental_local_results(each)[0] for each in results]

        tensors = [asarray(array).tensor for array in arrays]
        results = tf.function(together, autograph=False)(*tensors)
        return [wrapped(tf.cast(each, tensor.dtype)) for each, tensor in zip(results, tensors, strict=True)]


class _Spec:
    """Shape and dtype of a tensor, as NumPy has them."""

    def __init__(self, array: Array) -> None:
        self.shape, self.dtype = tuple(array.tensor.shape), array.tensor.dtype.as_numpy_dtype


def _form(array: Any) -> tuple[tuple[int, ...], Any]:
    return tuple(array.shape), tf.as_dtype(array.dtype)


def _is_tpu(strategy: Any) -> bool:
    return isinstance(strategy, tf.distribute.TPUStrategy)


def replicas(kind: str, *args: Any, **options: Any) -> Replicas:
    """Make a strategy of TensorFlow by its name; a TPU is found and initialized before."""
    if kind == "TPUStrategy":
        resolver = args[0]
        tf.config.experimental_connect_to_cluster(resolver)
        tf.tpu.experimental.initialize_tpu_system(resolver)
        return Replicas(tf.distribute.TPUStrategy(resolver), xla=False)
    # Sums of several strategies in one process must not meet: each has keys of its own for them.
    kinds = getattr(tf.distribute, kind)
    own = type(kind, (kinds,), {"_collective_key_base": next(_strategies) * _KEYS})
    return Replicas(own(*args, **options))


def cluster(kind: str, *args: Any, **options: Any) -> Any:
    """Make a cluster resolver of TensorFlow by its name."""
    return getattr(tf.distribute.cluster_resolver, kind)(*args, **options)
