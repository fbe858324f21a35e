"""Programs that run several times in one call, as a loop that XLA compiles with them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from minitf.backends.numpy import results
from minitf.backends.tensorflow.arrays import Array, asarray, wrapped
from minitf.backends.tensorflow.compiled import Compiled, Stage
from minitf.backends.tensorflow.making import NotCompiled

__all__ = ["repeated"]


class Loop(Stage):
    """A loop around a program: it takes the arguments of each time, and what variables start with."""

    def __init__(self, program: Any, arrays: Sequence[Any], xla: bool, times: int) -> None:
        """Trace it; NotCompiled where that cannot be, with the reason."""
        self.times = times
        super().__init__(program, arrays, xla)

    def inputs(self, arrays: Sequence[Any]) -> list[Any]:
        """Return the specs of all inputs: of each stream the states of all times, then the arrays."""
        count = len(self.streams)
        return [tf.TensorSpec([self.times, 3], tf.int64)] * count + super().inputs(arrays)[count:]

    def states(self) -> list[Array]:
        """Take the states from which the program draws, those of the first time first."""
        taken = [super(Loop, self).states() for _ in range(self.times)]
        return [asarray(np.stack([state.host for state in of_one])) for of_one in zip(*taken, strict=True)]

    def body(self, *arrays: Array) -> list[Array]:
        """Compute the results of the last time, and what variables end with."""
        program, times, streams = self.program, self.times, len(self.streams)
        inputs, ends = len(program.arguments), len(program.results)
        of_times = [each.tensor for each in arrays[streams : streams + inputs * times]]
        rows = [each.tensor for each in arrays[:streams]]
        rows += [tf.stack(of_times[place::inputs]) for place in range(inputs)]
        specs = [program.values[number] for number in program.results]
        if not all(spec.shape.is_fully_defined() for spec in specs):
            raise NotCompiled("the sizes of its results are not known")
        found = [tf.zeros(spec.shape.as_list(), tf.as_dtype(spec.dtype.numpy)) for spec in specs]
        variables = [each.tensor for each in arrays[streams + inputs * times :]]

        def once(time: Any, *carried: Any) -> Any:
            now = list(carried[ends:])
            given = [*(row[time] for row in rows), *now]
            after = [each.tensor for each in super(Loop, self).body(*map(wrapped, given))]
            for (position, _), value in zip(program.assigned, after[ends:], strict=True):
                now[position] = value
            return time + 1, *after[:ends], *now

        start = (tf.constant(0), *found, *variables)
        _, *carried = tf.while_loop(lambda time, *_: time < times, once, start, maximum_iterations=times)
        now = carried[ends:]
        return [*map(wrapped, [*carried[:ends], *(now[position] for position, _ in program.assigned)])]


class Repeated(Compiled):
    """A loop that finds out how it can run; where it cannot, `function` runs the program time after time."""

    def __init__(self, function: Callable[..., Any], program: Any, times: int) -> None:
        """Take what runs it op by op, and the program."""
        super().__init__(function, program)
        self.times = times
        self.stage = functools.partial(Loop, times=times)  # type: ignore[assignment]  # which makes stages

    def _by_hand(self, states: Sequence[Array], arrays: Sequence[Array]) -> list[Array]:
        by_time = iter([[asarray(state.host[i]) for state in states] for i in range(self.times)])
        once = super()._by_hand
        run = results.repeated(lambda *arrays: once(next(by_time), arrays), self.program, self.times)
        return list(run(*arrays))


def repeated(running: Callable[..., Any], program: Any, times: int) -> Callable[..., Any]:
    """Return what runs a program so many times, as NumPy's does, in one call of the runtime where that can be."""
    return Repeated(results.repeated(running, program, times), program, times)
