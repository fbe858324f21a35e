"""Programs compiled: the ops of a program become a tf.function, for XLA where that can be."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from minitf.backends.tensorflow.arrays import Array, asarray, symbolic, wrapped
from minitf.backends.tensorflow.making import NotCompiled

__all__ = ["Compiled", "compiled"]

_LARGE = 2**12  # constants of more bytes than this are inputs of what is compiled, and no part of it


class Compiled:
    """A program, traced by tf.function: once, or for each shapes of arrays where these may differ."""

    def __init__(self, function: Callable[..., Any], program: Any) -> None:
        self.function, self.program = function, program
        given = (*program.arguments, *(number for _, number in program.variables))
        self.exact = all(program.values[number].shape.is_fully_defined() for number in given)
        self.made: dict[Any, Any] = {}
        self.tracing = threading.RLock()

    def __call__(self, *arrays: Array) -> Any:
        """Run it."""
        key = None if self.exact else tuple([array.shape for array in arrays])
        run = self.made.get(key)
        if run is None:
            with self.tracing:
                run = self.made.get(key)
                if run is None:
                    run = self.made[key] = self.make(arrays)
        return run(*arrays)

    def make(self, arrays: Any) -> Any:
        draws: list[Callable[[], Array]] = []
        streams = [node for node in self.program.nodes if node.op.name == "take_stream"]
        large = {number: array for number, array in self.program.constants.items() if array.nbytes > _LARGE}
        held = [asarray(array).tensor for array in large.values()]
        hoisted = (*(node.outputs[0] for node in streams), *large)

        def traced(*tensors: Any) -> Any:
            draws.clear()
            values = dict(zip(hoisted, map(wrapped, tensors), strict=False))
            return [each.tensor for each in self.computed(values, tensors[len(hoisted) :], draws)]

        staged = tf.function(traced, jit_compile=True, autograph=False)
        specs = [tf.TensorSpec([3], tf.int64)] * len(streams) + [tf.TensorSpec(each.shape, each.dtype) for each in held]
        specs += [tf.TensorSpec(array.shape, tf.as_dtype(array.dtype)) for array in arrays]
        try:
            concrete = staged.get_concrete_function(*specs)
        except NotCompiled:
            return self.function
        flat, captured = concrete._inference_function.call_flat, list(concrete.captured_inputs)

        def run(*arrays: Array) -> Any:
            states = [draw().tensor for draw in draws]
            return [*map(wrapped, flat(*states, *held, *[array.tensor for array in arrays], *captured) or ())]

        return run

    def computed(self, values: dict[int, Array], tensors: Any, draws: list[Callable[[], Array]]) -> list[Array]:
        """Compute the program with symbols; draws collects what takes the states of streams before each call."""
        program = self.program
        given = (*program.arguments, *(number for _, number in program.variables))
        values.update(zip(given, map(wrapped, tensors), strict=True))
        values.update((number, asarray(array)) for number, array in program.constants.items() if number not in values)
        for node in program.nodes:
            inputs = [values[number] for number in node.inputs]
            attributes = program.attributes(node, values)
            if node.op.name == "take_stream":
                draws.append(lambda kernel=node.op.kernel, attributes=attributes: kernel(**attributes))
                continue
            if node.op.stateful:
                raise NotCompiled(node.op.name)
            if symbolic(*inputs):
                results = node.op.kernel(*inputs, **attributes)
            else:  # sizes, and what depends on them: known while the program is compiled
                with tf.init_scope():
                    results = node.op.kernel(*inputs, **attributes)
            values.update(zip(node.outputs, results if type(results) is tuple else (results,), strict=True))
        return [values[number] for number in (*program.results, *(number for _, number in program.assigned))]


def compiled(function: Callable[..., Any], program: Any) -> Callable[..., Any]:
    """Return the function that runs a program."""
    return Compiled(function, program)
