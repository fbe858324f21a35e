"""Control flow as functions, and functions applied along the first axis of tensors.

Everything runs at once, as Python does; so gradients flow through whatever ran. Arguments that steer TensorFlow's
graphs (`shape_invariants`, `parallel_iterations`, `back_prop`, `swap_memory`, `name`) are taken and not used.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from minitf import nest
from minitf.errors import InvalidArgumentError
from minitf.operators import Operators
from minitf.ops.array import stack, unstack
from minitf.ops.making import zeros
from minitf.recording import seen, thread, unheard
from minitf.spec import TensorSpec
from minitf.tensor import Tensor, convert_to_tensor

__all__ = ["cond", "control_dependencies", "executing_eagerly", "init_scope", "map_fn", "while_loop"]

Function = Callable[..., Any]


# --- one of several functions ----------------------------------------------------------------------------------------


def cond(pred: object, true_fn: Any = None, false_fn: Any = None, name: str | None = None) -> Any:
    """Call one of two functions; TypeError if one is missing or no function.

    >>> cond(tf.constant(1.0) < 2, lambda: "small", lambda: "large")
    'small'
    """
    _check_functions(true_fn=true_fn, false_fn=false_fn)
    chosen = convert_to_tensor(pred)
    if thread.capture is not None and thread.capture.symbol(chosen):
        answer = thread.capture.choose(chosen, true_fn, false_fn)
        if answer is not NotImplemented:
            return answer
    seen(chosen, "tf.cond(pred, ...), whose functions do more than compute results of one form")
    return true_fn() if chosen else false_fn()


def _check_functions(**functions: object) -> None:
    for name, function in functions.items():
        if not callable(function):
            raise TypeError(f"'{name}' must be callable, got {function!r}; pass a function.")


# --- loops -----------------------------------------------------------------------------------------------------------


def while_loop(
    cond: Function, body: Function, loop_vars: Any, shape_invariants: Any = None, parallel_iterations: int = 10,
    back_prop: bool = True, swap_memory: bool = False, maximum_iterations: Any = None, name: str | None = None,
) -> Any:  # fmt: skip
    """Call `loop_vars = body(*loop_vars)` while `cond(*loop_vars)` holds, and return the last ones as tensors.

    The body returns as many variables, in a list or tuple; ValueError if their structure changes.

    >>> while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, x * 2), (tf.constant(0), tf.constant(1.0)))[1]
    <tf.Tensor: shape=(), dtype=float32, numpy=8.0>
    """
    _check_functions(cond=cond, body=body)
    if not loop_vars:
        raise ValueError("'loop_vars' must be provided: pass a list of at least one value.")
    loop_vars = nest.map_structure(lambda x: convert_to_tensor(x) if isinstance(x, Operators) else x, loop_vars)
    form, left = list(loop_vars), math.inf if maximum_iterations is None else int(maximum_iterations)
    while left > 0:
        going_on = cond(*loop_vars)
        if thread.capture is not None and left == math.inf and thread.capture.symbol(going_on):
            answer = thread.capture.repeat(
                cond, body, loop_vars, shape_invariants
            )  # as many rounds as a call will need
            if answer is not NotImplemented:
                return answer
        seen(going_on, "tf.while_loop(cond, body, ...), whose functions do more than compute")
        if not going_on:
            break
        left, result = left - 1, body(*loop_vars)
        loop_vars = result if nest.is_nested(result) or len(form) > 1 else [result]
        nest.assert_same_structure(form, list(loop_vars))
    return nest.map_structure(convert_to_tensor, loop_vars)


# --- the same for every entry ----------------------------------------------------------------------------------------


def map_fn(
    fn: Function, elems: Any, dtype: Any = None, parallel_iterations: int | None = None, back_prop: bool = True,
    swap_memory: bool = False, infer_shape: bool = True, name: str | None = None, fn_output_signature: Any = None,
) -> Any:  # fmt: skip
    """Apply a function to each entry of the first axis, and stack what it returns.

    `elems` may be a structure of tensors. Say with `fn_output_signature`, a structure of dtypes or TensorSpecs, what
    `fn` returns unless it has the structure and dtypes of `elems`.

    >>> map_fn(lambda x: x * x, tf.constant([1, 2, 3]))
    <tf.Tensor: shape=(3,), dtype=int32, numpy=array([1, 4, 9], dtype=int32)>
    """
    _check_functions(fn=fn)
    tensors = [convert_to_tensor(elem) for elem in nest.flatten(elems)]
    if not tensors:
        raise ValueError(f"elems must be a Tensor or (possibly nested) sequence of Tensors. Got {elems}.")
    if not all(tensor.ndim for tensor in tensors):
        asked = "Elements in elems must be 1+ dimensional Tensors, not scalars"
        raise ValueError(f"{asked}; put a list of numbers into one tensor with tf.constant.")
    if any(tensor.sizes[0] != tensors[0].sizes[0] for tensor in tensors):
        sizes = {len(tensor.array) for tensor in tensors}
        raise ValueError(f"Dimensions {sizes} are not compatible; give all tensors the same first size.")
    form = dtype if fn_output_signature is None else fn_output_signature
    if form is None:
        form = nest.pack_sequence_as(elems, [tensor.dtype for tensor in tensors])
    rows = zip(*map(unstack, tensors), strict=True)
    results = [fn(nest.pack_sequence_as(elems, row)) for row in rows]
    for result in results:
        nest.assert_same_structure(form, result)
    specs = [spec if isinstance(spec, TensorSpec) else TensorSpec(None, spec) for spec in nest.flatten(form)]
    columns = list(zip(*map(nest.flatten, results), strict=True)) or [()] * len(specs)
    return nest.pack_sequence_as(form, list(map(_stacked, columns, specs)))


def _stacked(leaves: Sequence[object], spec: TensorSpec) -> Tensor:
    """Stack what the function returned; it must fit the spec, and be of one shape."""
    dtype, shape = spec.dtype, spec.shape
    if not leaves:
        return zeros([0, *(shape if shape.is_fully_defined() else ())], dtype)
    tensors = [convert_to_tensor(leaf, dtype_hint=dtype) for leaf in leaves]
    for tensor in tensors:
        if tensor.dtype != dtype:
            asked = f"TensorArray dtype is {dtype.name} but Op is trying to write dtype {tensor.dtype.name}"
            raise InvalidArgumentError(None, None, f"{asked}; name the dtypes in fn_output_signature.")
        if not shape.is_compatible_with(tensor.shape):
            asked = f"Incompatible shape for value ({tensor.shape}), expected ({shape})"
            raise ValueError(f"{asked}; the function must return one shape for all entries.")
        shape = tensor.shape
    return stack(tensors)


# --- order, which Python keeps anyway --------------------------------------------------------------------------------


@contextlib.contextmanager
def control_dependencies(control_inputs: Iterable[Any] | None) -> Iterator[None]:
    """Run the block; functions among the inputs are called first, everything else has been computed.

    >>> with control_dependencies([lambda: print("first")]):
    ...     print("then")
    first
    then
    """
    for value in control_inputs or ():
        if callable(value):
            value()
    yield


@contextlib.contextmanager
def init_scope() -> Iterator[None]:
    """Run the block outside of every tape and function."""
    with unheard():
        yield


def executing_eagerly() -> bool:
    """Say whether ops run for their values, and not only to be captured by a `tf.function`.

    >>> executing_eagerly()
    True
    """
    return thread.capture is None
