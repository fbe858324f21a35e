"""GradientTape: a flat list of the ops that ran, walked backwards to get gradients (reverse-mode differentiation).

A tape listens to the ops of its thread and keeps a record of those that depend on something watched. How gradients flow
back through the records stands in `backward`.
"""

from __future__ import annotations

import contextlib
import functools
import warnings
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from minitf import nest
from minitf.backward import Record, backward, dependents
from minitf.dtypes import DType
from minitf.errors import explain
from minitf.jacobian import Jacobians, UnconnectedGradients, unconnected
from minitf.op import Op
from minitf.operators import Operators
from minitf.ops.making import ones_like, zeros
from minitf.ops.math import add
from minitf.recording import thread
from minitf.tape_graph import TapeGraph
from minitf.tensor import Tensor, convert_to_tensor

__all__ = ["GradientTape", "UnconnectedGradients"]


class GradientTape(Jacobians):
    """Records ops that depend on watched tensors and trainable variables, for computing gradients.

    A tape answers one question unless it is `persistent`. With `watch_accessed_variables`, each trainable variable that
    is read is watched.

    >>> x = tf.constant(3.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = x * x
    >>> print(tape.gradient(y, x))
    tf.Tensor(6.0, shape=(), dtype=float32)
    """

    __slots__ = (
        "__weakref__", "_blank", "_live", "_persistent", "_reads", "_recording", "_records", "_variables",
        "_watch_accessed_variables", "_watched",
    )  # fmt: skip

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        """Make a tape; it records inside `with`."""
        self._persistent = persistent
        self._watch_accessed_variables = watch_accessed_variables
        self._recording = False
        self._blank = True  # nothing has been recorded yet, or everything was dropped
        self._clear()

    def _clear(self) -> None:
        self._records: list[Record] = []
        self._live: set[int] = set()  # the ids of all tensors through which a gradient flows
        self._watched: dict[int, Tensor] = {}  # those that were not computed; kept, so that ids stay theirs
        self._variables: dict[int, Any] = {}
        self._reads: dict[int, list[int]] = defaultdict(list)  # the ids of what each variable gave, by its key

    # --- recording ---

    def __enter__(self) -> GradientTape:
        """Start recording; ValueError if the tape records already."""
        self._push()
        return self

    def __exit__(self, *exception: object) -> None:
        """Stop recording."""
        if self._recording:
            self._pop()

    def _push(self) -> None:
        if self._recording:
            raise ValueError(
                explain(
                    "Tape is still recording, This can happen if you try to re-enter an already-active tape.",
                    got="`with tape:` inside `with tape:`",
                    expected="a tape that is not recording",
                    do="leave the first `with` block, or make a second GradientTape",
                )
            )
        if self._blank:
            self._variables = {}  # a dropped tape has kept them
            self._blank = False
        thread.recorders += (self,)
        self._recording = True

    def _pop(self) -> None:
        if not self._recording:
            raise ValueError("Tape is not recording; use it inside its `with` block.")
        listening = thread.recorders
        if listening[-1] is self:
            thread.recorders = listening[:-1]
        else:
            thread.recorders = tuple(recorder for recorder in listening if recorder is not self)
        self._recording = False

    def record(self, op: Op, inputs: Sequence[Tensor], attributes: dict[str, Any], y: Any) -> None:
        """Keep a record of an op that ran, if a gradient can flow through it; called by the ops."""
        live = self._live
        for x in inputs:
            if id(x) in live:
                if op.rules:
                    self._records.append((op, inputs, attributes, y))
                    if type(y) is Tensor:
                        live.add(id(y))
                    else:
                        live.update(map(id, y))
                return

    def read(self, variable: Any, value: Tensor) -> None:
        """Take note of a variable's value when it is read, if the variable is watched; called by the variables."""
        key = variable.key
        if key not in self._variables:
            if not (self._watch_accessed_variables and variable.trainable):
                return
            self._variables[key] = variable
        read = id(value)
        self._live.add(read)
        self._watched[read] = value
        self._reads[key].append(read)

    def watch(self, tensor: object) -> None:
        """Record what happens to a tensor, a variable or all of a structure; ValueError for anything else."""
        self._check_used("watch")
        for value in nest.flatten(tensor):
            if not isinstance(value, Operators):
                raise ValueError(
                    explain(
                        f"Passed in object {value!r} of type {type(value).__name__!r}, not tf.Tensor or tf.Variable",
                        got=f"tape.watch of {value!r}",
                        expected="a tensor, a variable, or a list of them",
                        do="make it a tensor first, with tf.constant",
                    )
                )
            if not value.dtype.is_floating:
                warnings.warn(
                    f"The dtype of the watched tensor must be floating (e.g. tf.float32), got {value.dtype!r}: "
                    "its gradient will be None.",
                    stacklevel=2,
                )
            elif isinstance(value, Tensor):
                self._live.add(id(value))
                self._watched[id(value)] = value
            else:
                variable: Any = value
                self._variables[variable.key] = variable

    @contextlib.contextmanager
    def stop_recording(self) -> Iterator[None]:
        """Record nothing inside this `with` block; RuntimeError if the tape has not been used yet."""
        if self._blank:
            raise RuntimeError(
                "Trying to stop recording a tape which is not recording; call it inside the tape's `with` block."
            )
        self._pop()
        try:
            yield
        finally:
            self._push()

    def reset(self) -> None:
        """Forget everything recorded and watched so far, and go on recording."""
        self._pop()
        self._drop()
        self._push()

    def watched_variables(self) -> tuple[Any, ...]:
        """Return the variables that this tape watches, in the order in which they were made."""
        return tuple(sorted(self._variables.values(), key=lambda variable: variable.number))

    # --- gradients ---

    def gradient(
        self,
        target: object,
        sources: Any,
        output_gradients: object = None,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
    ) -> Any:
        """Return the gradient of the target (of their sum, if there are several) by each source, in their structure.

        `output_gradients` weighs each target's entries. Where the target does not depend on a source, the gradient is
        None, or zeros if `unconnected_gradients` says so. RuntimeError when a tape that is not persistent is asked
        twice.

        >>> x = tf.constant([1.0, 2.0])
        >>> with tf.GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = x * x
        >>> print(tape.gradient(y, {"x": x})["x"])
        tf.Tensor([2. 4.], shape=(2,), dtype=float32)
        """
        if self._blank:
            self._check_used("gradient")
        if self._recording:
            self._leave()
        if target is None:
            raise TypeError(
                explain(
                    "Argument `target` should be a list or nested structure of Tensors or Variables to be "
                    "differentiated, but received None.",
                    got="tape.gradient(None, ...)",
                    expected="what was computed inside the tape's `with` block",
                    do="check that the function which computes the target returns it",
                )
            )
        how = unconnected(unconnected_gradients)
        targets = [target] if type(target) is Tensor else nest.flatten(target)
        plain = type(sources) is list and not any(map(nest.is_nested, sources))
        flat = sources if plain else nest.flatten(sources)
        weights = (
            [] if output_gradients is None else [convert_to_tensor(each) for each in nest.flatten(output_gradients)]
        )
        gradients = self._gradients(targets, flat, weights)
        if not self._persistent:
            self._drop()
        filled = gradients if how is UnconnectedGradients.NONE else _filled(gradients, flat)
        return filled if plain else nest.pack_sequence_as(sources, filled)

    def _leave(self) -> None:
        if not self._persistent:
            self._pop()
            return
        warnings.warn(
            "Calling GradientTape.gradient on a persistent tape inside its context is significantly less efficient "
            "than calling it outside: the gradient's own ops are recorded too. Do it only for higher derivatives.",
            stacklevel=3,
        )

    def _gradients(self, targets: Sequence[Any], sources: Sequence[Any], weights: Sequence[Any]) -> list[Tensor | None]:
        """Return one gradient per source, None where nothing connects them."""
        start: dict[int, Tensor] = {}
        for position, target in enumerate(targets):
            # As in TensorFlow, targets beyond the weights count once, and weights beyond the targets not at all.
            weight = weights[position] if position < len(weights) else None
            if type(target) is not Tensor:
                _check_tensor(target, "target")
            if target.dtype.is_floating:
                seed = _ones(target) if weight is None else weight
                key = id(target) if type(target) is Tensor else target.key
                start[key] = add(start[key], seed) if key in start else seed
        ids: list[list[int]] = []
        wanted: set[int] = set()
        for source in sources:
            keys = self._ids_of(source, start)
            ids.append(keys)
            wanted.update(keys)
        between = self._live if self._watched.keys() <= wanted else dependents(self._records, wanted)
        found = backward(self._records, start, between, wanted)
        return [found.get(keys[0]) if len(keys) == 1 else _total(found, keys) for keys in ids]

    def _ids_of(self, source: Any, targets: Container[int] = ()) -> list[int]:
        """List the ids by which gradients of a source are known: of a variable, those of its reads."""
        if type(source) is Tensor:
            return [id(source)]
        key = getattr(source, "key", None)
        if key is None:
            _check_tensor(source, "source")
            return [id(source)]  # part of a variable, which is a tensor
        ids = self._reads.get(key, [])
        return [key, *ids] if key in targets else ids

    def _gradients_under(
        self, asked: str, target: Any, sources: Sequence[Any], weights: Iterable[Tensor], parallel: bool
    ) -> list[list[Tensor | None]]:
        self._check_used(asked)
        if not (parallel or self._persistent):
            raise RuntimeError(
                f"GradientTape must be created with persistent=True to compute the {asked} with eager execution "
                "enabled and with experimental_use_pfor set to False."
            )
        if self._recording:
            self._leave()
        gradients = [self._gradients([target], sources, [weight]) for weight in weights]
        if not self._persistent:
            self._drop()
        return gradients

    def _drop(self) -> None:
        """Forget everything but which variables were watched."""
        variables = self._variables
        self._clear()
        self._variables = variables
        self._blank = True

    def _check_used(self, asked: str) -> None:
        if self._blank and asked == "watch":
            raise AttributeError("This tape is not recording; call tape.watch inside its `with` block.")
        if self._blank:
            raise RuntimeError(
                explain(
                    "A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians)",
                    got=f"tape.{asked} on a tape that recorded nothing or was asked before",
                    expected="one call after the `with` block: without persistent=True it can only be called once",
                    do="use tf.GradientTape(persistent=True), or ask for all gradients in one call",
                )
            )

    def graph(self, target: Tensor | None = None, **names: Any) -> TapeGraph:
        """Return what the tape holds, with the gradients of the target: to print, or to draw with `tf.plot.tape`.

        The target is the last result unless told otherwise. Keywords name tensors: `tape.graph(loss, x=x, loss=loss)`.
        Ask before `gradient`, or make the tape persistent; this does not use the tape up.

        >>> x = tf.constant([1.0, 2.0])
        >>> with tf.GradientTape() as tape:
        ...     tape.watch(x)
        ...     loss = tf.reduce_sum(x)
        >>> print(tape.graph(x=x, loss=loss))
        A tape with 1 record; gradients are those of loss.
        name  from           shape  value  gradient
        x     watched        (2,)   [1 2]  [1 1]
        loss  reduce_sum(x)  ()     3      1
        """
        self._check_used("graph")
        if target is None and self._records:
            last = self._records[-1][3]
            target = last if type(last) is Tensor else last[0]
        gradients: dict[int, Tensor] = {}
        if target is not None:
            with self._quiet():
                every = self._live | {id(x) for _, inputs, _, _ in self._records for x in inputs}
                gradients = backward(self._records, {id(target): _ones(target)}, every, every)
        labels = {key: name for name, value in names.items() for key in self._ids_of(value)}
        variables = [
            (self._variables[key].name, [self._watched[read] for read in reads]) for key, reads in self._reads.items()
        ]
        return TapeGraph(self._records, self._watched, variables, gradients, labels, target)

    @contextlib.contextmanager
    def _quiet(self) -> Iterator[None]:
        """Keep the ops of this block off every tape."""
        listening, thread.recorders = thread.recorders, ()
        try:
            yield
        finally:
            thread.recorders = listening


def _check_tensor(value: object, what: str) -> None:
    if not isinstance(value, Operators):
        kind = TypeError if value is None or isinstance(value, str) else AttributeError
        kind_of = type(value).__name__
        raise kind(
            explain(
                f"{kind_of!r} object has no attribute 'dtype': argument `{what}` of a gradient should hold Tensors and "
                f"Variables, but received {value!r}.",
                got=f"{value!r} of type {kind_of!r}",
                expected="tensors that the tape watched, variables, and what was computed from them",
                do="convert numbers to tensors before the tape watches them, with tf.constant",
            )
        )


@functools.cache
def one(dtype: DType) -> Tensor:
    """Return the gradient of a scalar target by itself; it is made once for each dtype."""
    return Tensor(np.array(1, dtype.numpy))


def _ones(target: Any) -> Tensor:
    if type(target) is Tensor and not target.array.ndim:
        return one(target.dtype)
    if thread.capture is not None:
        return ones_like(target)
    ones = np.empty(target.array.shape if type(target) is Tensor else tuple(target.shape), target.dtype.numpy)
    ones[...] = 1
    return Tensor(ones)


def _total(gradients: dict[int, Tensor], keys: Iterable[int]) -> Tensor | None:
    """Add up the gradients that there are."""
    total = None
    for key in keys:
        if key in gradients:
            total = gradients[key] if total is None else add(total, gradients[key])
    return total


def _filled(gradients: list[Tensor | None], sources: Sequence[Any]) -> list[Any]:
    """Put zeros where nothing connects target and source."""
    return [
        zeros(source.sizes if type(source) is Tensor else source.shape, source.dtype) if gradient is None else gradient
        for gradient, source in zip(gradients, sources, strict=True)
    ]
