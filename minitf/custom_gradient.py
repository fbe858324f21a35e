"""Gradients that a function defines for itself: custom_gradient, and what is built on it.

The function runs as always; a record of its own, put on the tapes behind those of its inside, says the gradient.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from minitf import nest
from minitf.errors import explain
from minitf.op import Op, Together
from minitf.ops.array import identity
from minitf.recording import thread
from minitf.tape import GradientTape, UnconnectedGradients
from minitf.tensor import Tensor, convert_to_tensor

__all__ = ["custom_gradient", "grad_pass_through", "recompute_grad"]


class _Custom(Op):
    """The op of a record whose gradients are computed by a function of a user."""

    __slots__ = ()
    custom = True

    def __init__(self, name: str, function: Callable[..., Sequence[Any]]) -> None:
        """Name the user's function; there is no kernel, because it has run already."""
        self.name = self.native = name
        self.rules = Together(
            lambda dy, y, *inputs: [None if dx is None else convert_to_tensor(dx) for dx in function(*dy)]
        )


class _Reads:
    """A recorder that collects the trainable variables that are read."""

    def __init__(self) -> None:
        self.variables: dict[int, Any] = {}

    def record(self, op: Op, inputs: Sequence[Tensor], attributes: dict[str, Any], y: Any) -> None:
        """Take no note of ops."""

    def read(self, variable: Any, value: Tensor) -> None:
        """Keep a trainable variable."""
        if variable.trainable:
            self.variables[id(variable)] = variable


def custom_gradient(f: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """Let a function say its own gradient: it returns its result, and a function from dy to its inputs' gradients.

    That function takes one dy per result, and returns one gradient per input; if the body reads variables, it must
    take the keyword `variables` and return (gradients of the inputs, gradients of the variables).

    >>> @tf.custom_gradient
    ... def half_way_back(x):
    ...     return x * 1.0, lambda dy: dy * 0.5
    >>> x = tf.constant(3.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = half_way_back(x)
    >>> print(tape.gradient(y, x))
    tf.Tensor(0.5, shape=(), dtype=float32)
    """
    if f is None:
        return custom_gradient
    function = f

    @functools.wraps(function)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        reads = _Reads()
        listening = thread.recorders
        thread.recorders = (*listening, reads)
        try:
            result, gradient_function = function(*args, **kwargs)
        finally:
            thread.recorders = listening
        inputs = nest.flatten(args)
        given = [id(value) for value in (*inputs, *nest.flatten(kwargs))]
        variables = sorted(
            (variable for variable in reads.variables.values() if id(variable) not in given),
            key=lambda variable: variable.number,
        )
        if variables and not _takes_variables(gradient_function):
            raise TypeError(
                explain(
                    "@tf.custom_gradient grad_fn must accept keyword argument 'variables', since function uses "
                    f"variables: {[variable.name for variable in variables]}",
                    got=f"a gradient function {inspect.signature(gradient_function)}",
                    expected="def grad(*dys, variables=None), returning gradients of inputs and of variables",
                    do="take the variables as arguments of the function, or add that keyword",
                )
            )
        outputs = tuple(identity(value) for value in nest.flatten(result))
        record = _Custom(function.__name__, _checked(gradient_function, len(inputs), variables))
        tensors = [convert_to_tensor(value) for value in (*inputs, *variables)]
        for recorder in thread.recorders:
            recorder.record(record, tensors, {}, outputs)
        return nest.pack_sequence_as(result, list(outputs))

    return decorated


def _takes_variables(function: Callable[..., Any]) -> bool:
    parameters = inspect.signature(function).parameters.values()
    return any(each.name == "variables" or each.kind is each.VAR_KEYWORD for each in parameters)


def _checked(function: Callable[..., Any], inputs: int, variables: Sequence[Any]) -> Callable[..., list[Any]]:
    """Make a function from the flat dys to the flat gradients of inputs and variables, as many as there must be."""

    def gradients(*dys: Tensor) -> list[Any]:
        of_inputs, of_variables = function(*dys, variables=variables) if variables else (function(*dys), [])
        if len(of_variables) != len(variables):
            raise ValueError(
                f"Must return gradient for each variable from @custom_gradient grad_fn. Expected {len(variables)}, got "
                f"{len(of_variables)}."
            )
        flat = nest.flatten(of_inputs)
        if len(flat) != inputs:
            raise ValueError(
                f"custom_gradient function expected to return {inputs} gradients, but returned {len(flat)} instead."
            )
        return [*flat, *of_variables]

    return gradients


def grad_pass_through(f: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function whose value is f's, and whose gradient is the identity's.

    >>> x = tf.constant(1.7)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = tf.grad_pass_through(tf.floor)(x)
    >>> y.numpy().item(), tape.gradient(y, x).numpy().item()
    (1.0, 1.0)
    """

    @custom_gradient
    def passed(*args: Any, **kwargs: Any) -> Any:
        def gradient(*dys: Any, variables: Sequence[Any] | None = None) -> Any:
            return dys if variables is None else (dys, [None] * len(variables))

        return f(*args, **kwargs), gradient

    return functools.wraps(f)(passed)


def recompute_grad(f: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function that keeps nothing of f's inside on the tape, and runs f again when a gradient is asked for.

    Only first derivatives: NotImplementedError for higher ones.

    >>> x = tf.constant(3.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = tf.recompute_grad(lambda x: x * x)(x)
    >>> print(tape.gradient(y, x))
    tf.Tensor(6.0, shape=(), dtype=float32)
    """

    @custom_gradient
    def inner(*args: Any, **kwargs: Any) -> Any:
        listening = thread.recorders  # no tape keeps a record, but the variables are noticed
        thread.recorders = tuple(each for each in listening if isinstance(each, _Reads) or each is thread.capture)
        try:
            result = f(*args, **kwargs)
        finally:
            thread.recorders = listening

        def gradient(*dresult: Any, variables: Sequence[Any] | None = None) -> Any:
            @custom_gradient
            def recomputed(*dresult: Any) -> Any:
                with GradientTape() as tape:
                    again = nest.map_structure(identity, args)
                    tape.watch(again)
                    if variables is not None:
                        tape.watch(variables)
                    value = f(*again, **kwargs)
                sources = [*again, *(variables or ())]
                gradients = tape.gradient(value, sources, dresult, UnconnectedGradients.ZERO)

                def transpose(*dys: Any, variables: Sequence[Any] | None = None) -> Any:
                    raise NotImplementedError(
                        f"recompute_grad tried to transpose grad of {f.__name__}. Consider not using recompute_grad "
                        "where second derivatives are asked for."
                    )

                return (gradients[: len(again)], gradients[len(again) :]), transpose

            of_inputs, of_variables = recomputed(*dresult)
            return of_inputs if variables is None else (of_inputs, of_variables)

        return result, gradient

    return functools.wraps(f)(inner)
