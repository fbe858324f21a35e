"""Step: what `fit`, `evaluate` and `predict` do with a batch, as a function of its tensors that is captured."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import minitf as tf
from minitf import Tensor, nest
from minitf.keras.utils.batches import pack_x_y_sample_weight

__all__ = ["Step"]

_SIZES = 4  # so many sizes of batches have programs of their own


class Step:
    """A training step, or another one, as a function of the flat list of tensors of a batch."""

    def __init__(
        self, plain: Callable[[Any], Any], structure: Any, eagerly: bool, jit_compile: bool | None, on_replicas: Any
    ) -> None:
        """Take what computes with data of this structure, which has numbers for tensors.

        `on_replicas` makes of the function one that several replicas run, or is None.
        """
        self.structure = structure
        self.form: Any = None  # the results, when it ran last as Python
        self.names: list[str] | None = None  # of the results, one after the other, if they are logs
        self.together: dict[Any, Any] = {}  # what runs several batches of one shape, None for what has no program

        def step(*tensors: Tensor) -> list[Tensor]:
            self.form = plain(pack_x_y_sample_weight(*self.given(tensors)))
            if self.form is None:
                asked = f"None values not supported: `{getattr(plain, '__name__', plain)}` returned None"
                raise ValueError(f"{asked}; let it, and the model's `call`, return what they compute.")
            flat = isinstance(self.form, dict) and not any(map(nest.is_nested, self.form.values()))
            known = flat and all(each is not None for each in self.form.values())
            self.names = sorted(self.form) if known else None
            return [leaf for leaf in nest.flatten(self.form) if leaf is not None]

        self.function: Any = step if eagerly else tf.function(step, jit_compile=jit_compile)
        if on_replicas is not None and not eagerly:
            self.function = on_replicas(step, jit_compile)
        self.opened = self.eagerly = eagerly or on_replicas is not None
        self.jit_compile = jit_compile

    def open_up(self) -> None:
        """Let one program serve all sizes, once there were batches of several."""
        if not self.opened and self.function.experimental_get_tracing_count() >= _SIZES:
            self.opened = True
            step = self.function.python_function
            self.function = tf.function(step, reduce_retracing=True, jit_compile=self.jit_compile)

    def __call__(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """Compute, and return the results as a flat list."""
        results: list[Tensor] = self.function(*tensors)
        return results

    def over(self, batches: Sequence[Sequence[Tensor]], several: int) -> list[Tensor]:
        """Compute for batches, one after the other, and return the results for the last one.

        As many as there are in an execution are one program, if they have one shape.
        """
        if several > 1 and len(batches) == several and not self.eagerly:
            first, *others = [tuple([(each.array.shape, each.array.dtype) for each in tensors]) for tensors in batches]
            if all(form == first for form in others):
                if first not in self.together:
                    self.together[first] = None
                    with contextlib.suppress(tf.errors.OperatorNotAllowedInGraphError):  # Python looks at values
                        self.together[first] = self.function.get_concrete_function(*batches[0])
                if self.together[first] is not None:
                    tensors = [each for tensors in batches for each in tensors]
                    results: list[Tensor] = self.together[first].run(tensors, times=several)
                    return results
        return [self(tensors) for tensors in batches][-1]

    def given(self, tensors: Sequence[Tensor]) -> Any:
        """Return x, y and weights of a batch."""
        return nest.map_structure(lambda number: None if number is None else tensors[number], self.structure)

    def packed(self, leaves: Sequence[Any]) -> Any:
        """Put results, one after the other, into their structure."""
        return nest.pack_sequence_as(self.form, list(leaves)) if nest.is_nested(self.form) else leaves[0]
