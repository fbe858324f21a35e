"""Replicated: a Python function as a program that all replicas run side by side, each on arguments of its own.

What variables hold is equal on all replicas before and after; between steps, each replica keeps its own copy.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minitf import nest
from minitf.backends import kernels
from minitf.distribute.agreement import Agreement
from minitf.distribute.replica import Replica, inside
from minitf.distribute.stages import Stages, cut
from minitf.errors import OperatorNotAllowedInGraphError
from minitf.functions import Function, function
from minitf.recording import assigning, thread
from minitf.tensor import Tensor

__all__ = ["Batchwise", "Copies", "Replicated", "shares"]


class Copies:
    """The copies of variables that replicas keep."""

    def __init__(self, replicas: Any) -> None:
        """Take the replicas."""
        self._replicas = replicas
        self._kept: dict[int, Sequence[Any]] = {}  # by the key of a variable: the first is what the variable holds

    def of(self, variables: Sequence[Any], together: bool) -> list[Sequence[Any]]:
        """Return the arrays of each variable, one for each replica.

        A variable that replicas run `together` with for the first time starts as it is on the first worker.
        """
        new = [each for each in variables if each.key not in self._kept] if together else []
        if new:
            for variable, array in zip(new, self._replicas.agreed([each._array for each in new]), strict=True):
                variable._array = array
                self._kept[variable.key] = (array,)
                weakref.finalize(variable, self._kept.pop, variable.key, None)
        return [self._of(variable) for variable in variables]

    def _of(self, variable: Any) -> Sequence[Any]:
        count = len(self._replicas.numbers)
        copies = self._kept.get(variable.key, ())
        if len(copies) == count and copies[0] is variable._array:
            return copies
        return [variable._array] * count  # somebody assigned it

    def put(self, variable: Any, arrays: Sequence[Any]) -> None:
        """Keep what the replicas have computed."""
        variable._array = arrays[0]
        self._kept[variable.key] = arrays


class Replicated:
    """A function that replicas run; `means` asks for results that are equal on all of them."""

    def __init__(
        self, strategy: Any, python_function: Callable[..., Any], means: bool = False, jit_compile: bool | None = None
    ) -> None:
        """Wrap a Python function."""
        self.strategy = strategy

        def step(share: Tensor, number: Tensor, *args: Any, **kwargs: Any) -> Any:
            replica = Replica(strategy, number, share)
            own = [leaf for leaf in nest.flatten((number, args, kwargs)) if type(leaf) is Tensor]
            assert thread.capture is not None
            agreement = Agreement(thread.capture, replica, [share, *own])
            with inside(replica, strategy), agreement.listening():
                result = python_function(*args, **kwargs)
                return agreement.means(result) if means else result

        step.__name__ = getattr(python_function, "__name__", type(python_function).__name__)
        self.function: Function = function(step, jit_compile=jit_compile)
        self._stages: dict[Any, Stages] = {}
        self._running: dict[Any, Any] = {}

    def __call__(self, shares: Sequence[float], calls: Sequence[tuple[Any, Any]]) -> list[Any]:
        """Run it for each replica of this process, with its share of the samples and its arguments."""
        replicas, copies = self.strategy._replicas, self.strategy._copies
        if thread.recorders:
            raise NotImplementedError(
                "A GradientTape does not see what replicas compute; open it inside of the function that they run."
            )
        found, rows, variables = [], [], []
        for share, number, (args, kwargs) in zip(shares, replicas.numbers, calls, strict=True):
            given = self.function._read((np.float32(share), np.int32(number), *args), kwargs)
            concrete = self._traced(given)
            found.append(concrete)
            rows.append([kernels.asarray(leaf.value.array) for leaf in given.tensors])
            variables.append(concrete._filled(self._stages[concrete].program, [leaf.value for leaf in given.variables]))
        if any([each.key for each in row] != [each.key for each in variables[0]] for row in variables):
            raise ValueError(f"The replicas of {self.function.name} use other variables each; let them use the same.")
        stages = [self._stages[concrete] for concrete in found]
        with assigning:
            held = copies.of(variables[0], any(each.together for each in stages))
            inputs = [
                [*row, *(arrays[i] for arrays in held), *states]
                for i, (row, states) in enumerate(zip(rows, self._drawn(stages), strict=True))
            ]
            results = self._runner(stages)(inputs)
            ends = [len(each.program.results) for each in stages]
            for place, (position, _) in enumerate(stages[0].program.assigned):
                ending = [row[end + place] for row, end in zip(results, ends, strict=True)]
                copies.put(variables[0][position], ending)
        return [
            concrete._pack([Tensor(array) for array in row[:end]])
            for concrete, row, end in zip(found, results, ends, strict=True)
        ]

    def _traced(self, given: Any) -> Any:
        """Return the trace for arguments; OperatorNotAllowedInGraphError where Python looks at values."""
        found = self.function._found(given)
        if found not in self._stages:
            if not hasattr(found, "captured"):
                asked = f"{self.function.name} cannot run on replicas, which run programs: {found.asked}"
                at = f"in {found.code!r} ({found.file}, line {found.line}) looks at a value"
                raise OperatorNotAllowedInGraphError(f"{asked} {at}; use ops such as tf.where or tf.cond.")
            self._stages[found] = cut(found.captured)
        return found

    def _drawn(self, stages: Sequence[Stages]) -> list[list[Any]]:
        """Take a state for each replica and each draw; those of other workers too, so that all go on alike."""
        numbers = self.strategy._replicas.numbers
        states: list[list[Any]] = [[] for _ in numbers]
        for place in range(len(stages[0].draws)):
            for number in range(self.strategy.num_replicas_in_sync):
                own = numbers.index(number) if number in numbers else 0
                node = stages[own].draws[place]
                state = node.op.kernel(**node.attributes)
                if number in numbers:
                    states[own].append(state)
        return states

    def _runner(self, stages: Sequence[Stages]) -> Callable[[Sequence[Sequence[Any]]], Any]:
        """Return what runs the programs of the replicas; made once for these."""
        key = tuple(stages)
        if key not in self._running:
            self._running[key] = self.strategy._replicas.compiled(stages)
        runner: Callable[[Sequence[Sequence[Any]]], Any] = self._running[key]
        return runner


class Batchwise:
    """A step of `fit`, `evaluate` or `predict`: a function of the tensors of a batch, which replicas take apart.

    Results are those of the whole batch: means over the replicas where these differ or, for `rows`, the rows of all
    replicas, one after the other. Workers do not share rows out; each computes all of them.
    """

    def __init__(self, strategy: Any, python_function: Callable[..., Any], rows: bool, jit_compile: Any = None) -> None:
        """Take the function."""
        self.strategy, self.rows = strategy, rows
        self.replicated = Replicated(strategy, python_function, means=not rows, jit_compile=jit_compile)

    def __call__(self, *tensors: Tensor) -> list[Tensor]:
        """Compute the results for a batch."""
        numbers = self.strategy._replicas.numbers
        samples = len(tensors[0].array) if tensors[0].array.ndim else 0
        count = len(numbers) if self.rows else self.strategy.num_replicas_in_sync
        parts = [*shares(samples, count)]
        own = parts if self.rows else [parts[number] for number in numbers]
        calls: list[tuple[Any, Any]] = [([_taken(tensor, samples, *part) for tensor in tensors], {}) for part in own]
        results = self.replicated([(stop - start) / max(samples, 1) for start, stop in own], calls)
        if not self.rows:
            found: list[Tensor] = results[0]
            return found
        return [_joined(column, own) for column in zip(*results, strict=True)]


def shares(samples: int, replicas: int) -> list[tuple[int, int]]:
    """Return where the samples of each replica begin and end; the first ones get one more where they do not divide.

    >>> shares(7, 3), shares(1, 2)
    ([(0, 3), (3, 5), (5, 7)], [(0, 1), (1, 1)])
    """
    each, more = divmod(samples, replicas)
    starts = [number * each + min(number, more) for number in range(replicas + 1)]
    return list(zip(starts[:-1], starts[1:], strict=True))


def _taken(tensor: Tensor, samples: int, start: int, stop: int) -> Tensor:
    """Return the samples of a replica; one that has none computes with the first of the batch, and does not count."""
    array = tensor.array
    if not array.ndim or len(array) != samples or stop - start == samples:
        return tensor
    return Tensor(kernels.asarray(array[start:stop] if stop > start else array[:1]))


def _joined(column: Sequence[Tensor], own: Sequence[tuple[int, int]]) -> Tensor:
    """Put the rows of replicas together."""
    if not column[0].array.ndim:
        return column[0]
    rows = [np.asarray(each.array) for each, (start, stop) in zip(column, own, strict=True) if stop > start]
    return Tensor(kernels.asarray(np.concatenate(rows) if len(rows) > 1 else rows[0]))
