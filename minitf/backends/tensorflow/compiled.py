"""Programs compiled: the generated function of a program becomes a tf.function, for XLA where that can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from minitf.backends.tensorflow.arrays import Array, wrapped
from minitf.backends.tensorflow.making import NotCompiled

__all__ = ["Compiled", "compiled"]


class Compiled:
    """A program's function, traced by tf.function for each shapes of arrays that it is called with."""

    def __init__(self, function: Callable[..., Any], program: Any) -> None:
        self.function, self.program = function, program
        self.made: dict[Any, Any] = {}

    def __call__(self, *arrays: Array) -> Any:
        """Run it."""
        key = tuple([array.shape for array in arrays])
        run = self.made.get(key)
        if run is None:
            run = self.made[key] = self.make(arrays)
        if run is self.function:
            return run(*arrays)
        return [*map(wrapped, run([array.tensor for array in arrays]))]

    def make(self, arrays: Any) -> Any:
        def traced(*tensors: Any) -> Any:
            return [each.tensor for each in self.function(*map(wrapped, tensors))]

        staged = tf.function(traced, jit_compile=True, autograph=False)
        specs = [tf.TensorSpec(array.shape, tf.as_dtype(array.dtype)) for array in arrays]
        try:
            concrete = staged.get_concrete_function(*specs)
        except NotCompiled:
            return self.function
        flat, captured = concrete._inference_function.call_flat, list(concrete.captured_inputs)
        return lambda tensors: flat(*tensors, *captured)


def compiled(function: Callable[..., Any], program: Any) -> Callable[..., Any]:
    """Return the function that runs a program."""
    return Compiled(function, program)
