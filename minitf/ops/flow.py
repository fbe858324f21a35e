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
from minitf.dtypes import as_dtype
from minitf.errors import InvalidArgumentError, OutOfRangeError
from minitf.op import thread
from minitf.operators import Operators
from minitf.ops.array import stack, unstack
from minitf.ops.making import zeros
from minitf.spec import TensorSpec
from minitf.tensor import Tensor, convert_to_tensor

__all__ = [
    "case", "cond", "control_dependencies", "executing_eagerly", "foldl", "foldr", "get_static_value", "group",
    "init_scope", "map_fn", "no_op", "scan", "switch_case", "vectorized_map", "while_loop",
]  # fmt: skip

Function = Callable[..., Any]


# --- one of several functions ----------------------------------------------------------------------------------------


def cond(pred: object, true_fn: Any = None, false_fn: Any = None, name: str | None = None) -> Any:
    """Call one of two functions; TypeError if one is missing or no function.

    >>> cond(tf.constant(1.0) < 2, lambda: "small", lambda: "large")
    'small'
    """
    _check_functions(true_fn=true_fn, false_fn=false_fn)
    return true_fn() if convert_to_tensor(pred) else false_fn()


def case(
    pred_fn_pairs: Any, default: Any = None, exclusive: bool = False, strict: bool = False, name: str | None = "case"
) -> Any:
    """Call the function of the first tensor that is True, else `default`; InvalidArgumentError if there is none.

    With `exclusive`, at most one may be True. TypeError unless each pair is a boolean tensor and a function.

    >>> case([(tf.constant(False), lambda: 1), (tf.constant(True), lambda: 2)])
    2
    """
    pairs = _pairs(pred_fn_pairs, "pred_fn_pairs")
    if type(pred_fn_pairs) is dict and not exclusive:
        raise ValueError("Unordered dictionaries are not supported for 'pred_fn_pairs' unless exclusive; pass a list.")
    for pred, _ in pairs:
        if not isinstance(pred, Tensor) or not pred.dtype.is_bool:
            raise TypeError(f"pred must be a Tensor of type bool, got: {pred!s}; compare tensors, or use tf.constant.")
    truths = [bool(pred) for pred, _ in pairs]
    if exclusive and sum(truths[: None if default else -1]) > 1:  # as TensorFlow, which lets the last go unchecked
        raise _refused(
            f"exclusive=True: more than 1 conditions evaluated as True: {truths}; let them exclude each other"
        )
    if default is None and not any(truths):
        raise _refused(f"None of conditions evaluated as True: {truths}; pass a default")
    if default is not None and not any(truths[:-1]):
        _check_functions(false_fn=default)
    return (pairs[truths.index(True)][1] if any(truths) else default)()


def _refused(why: str) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, f"Input error: {why}.")


def switch_case(branch_index: Any, branch_fns: Any, default: Any = None, name: str | None = "switch_case") -> Any:
    """Call the function with that number; `default`, or else the last, for a number that has none.

    TypeError unless the index is an integer tensor, ValueError unless the numbers are 0, 1, 2, ...

    >>> switch_case(tf.constant(1), [lambda: "zero", lambda: "one"])
    'one'
    """
    if not isinstance(branch_index, Tensor) or not branch_index.dtype.is_integer:
        raise TypeError(f"'branch_index' must be an integer Tensor, got {branch_index!r}; use tf.constant or tf.cast.")
    functions = dict(_pairs(branch_fns, "branch_fns"))
    for key in functions:
        if not isinstance(key, int):
            raise TypeError(f"key must be a Python `int`, got {type(key)}; number the functions from 0.")
    if sorted(functions) != list(range(len(branch_fns))):
        asked = f"branch indices (keys) must form contiguous range of [0 to {len(branch_fns)})"
        raise ValueError(f"{asked} but found {sorted(functions)}; number the functions from 0.")
    return functions.get(int(branch_index), default or functions[len(functions) - 1])()


def _pairs(given: Any, name: str) -> list[tuple[Any, Function]]:
    """Read a list, tuple or dict of pairs whose second is a function, or of functions, which are numbered."""
    if not isinstance(given, (list, tuple, dict)):
        raise TypeError(f"'{name}' must be a list, tuple, or dict, got {type(given)}.")
    pairs = list(given.items() if isinstance(given, dict) else given)
    if not pairs:
        raise ValueError(f"Must provide at least one item in '{name}'; pass a list of pairs.")
    if all(map(callable, pairs)):
        return list(enumerate(pairs))
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2 or not callable(pair[1]):
            raise TypeError(f"Each entry in '{name}' must be a 2-tuple whose second is callable. Received {pair}.")
    return pairs


def _check_functions(**functions: object) -> None:
    for name, function in functions.items():
        if not callable(function):
            raise TypeError(f"'{name}' must be callable, got {function!r}; pass a function.")


# --- loops -----------------------------------------------------------------------------------------------------------


def while_loop(
    cond: Function, body: Function, loop_vars: Any, shape_invariants: Any = None, parallel_iterations: int = 10,
    back_prop: bool = True, swap_memory: bool = False, maximum_iterations: object = None, name: str | None = None,
) -> Any:  # fmt: skip
    """Call `loop_vars = body(*loop_vars)` while `cond(*loop_vars)` holds, and return the last ones as tensors.

    The body returns as many variables, in a list or tuple; ValueError if their structure changes.

    >>> while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, x * 2), (tf.constant(0), tf.constant(1.0)))[1]
    <tf.Tensor: shape=(), dtype=float32, numpy=8.0>
    """
    _check_functions(cond=cond, body=body)
    if parallel_iterations < 1:
        raise TypeError(f"'parallel_iterations' must be a positive integer, got {parallel_iterations}.")
    loop_vars = nest.map_structure(lambda x: convert_to_tensor(x) if isinstance(x, Operators) else x, loop_vars)
    if not loop_vars:
        raise ValueError("'loop_vars' must be provided: pass a list of at least one value.")
    limited = maximum_iterations is not None
    limit = convert_to_tensor(maximum_iterations if limited else math.inf)
    if limit.ndim:
        raise ValueError(f"'maximum_iterations' must be a scalar. Received shape: {limit.shape}")
    left, form = float(limit), loop_vars if limited else list(loop_vars)
    while left > 0 and cond(*loop_vars):
        left, loop_vars = left - 1, body(*loop_vars)
        nest.assert_same_structure(form, loop_vars if limited else list(loop_vars))
    return nest.map_structure(convert_to_tensor, loop_vars)


def foldl(
    fn: Function, elems: Any, initializer: Any = None, parallel_iterations: int = 10, back_prop: bool = True,
    swap_memory: bool = False, name: str | None = None,
) -> Any:  # fmt: skip
    """Combine the entries of the first axis from the first to the last: `a = fn(a, x)`.

    Without `initializer` the first entry is where it starts; OutOfRangeError if there is none.

    >>> foldl(lambda a, x: 10 * a + x, tf.constant([1, 2, 3]))
    <tf.Tensor: shape=(), dtype=int32, numpy=123>
    """
    return nest.map_structure(convert_to_tensor, _accumulated(fn, _rows(elems, IndexError), initializer)[-1])


def foldr(
    fn: Function, elems: Any, initializer: Any = None, parallel_iterations: int = 10, back_prop: bool = True,
    swap_memory: bool = False, name: str | None = None,
) -> Any:  # fmt: skip
    """Combine the entries of the first axis from the last to the first: `a = fn(a, x)`.

    >>> foldr(lambda a, x: 10 * a + x, tf.constant([1, 2, 3]))
    <tf.Tensor: shape=(), dtype=int32, numpy=321>
    """
    return nest.map_structure(convert_to_tensor, _accumulated(fn, _rows(elems, IndexError)[::-1], initializer)[-1])


def scan(
    fn: Function, elems: Any, initializer: Any = None, parallel_iterations: int = 10, back_prop: bool = True,
    swap_memory: bool = False, infer_shape: bool = True, reverse: bool = False, name: str | None = None,
) -> Any:  # fmt: skip
    """Fold, and return every `a = fn(a, x)` on the way, stacked; from the end with `reverse`.

    >>> scan(lambda a, x: a + x, tf.constant([1, 2, 3]))
    <tf.Tensor: shape=(3,), dtype=int32, numpy=array([1, 3, 6], dtype=int32)>
    """
    order = slice(None, None, -1 if reverse else 1)
    start = None if initializer is None else nest.map_structure(convert_to_tensor, initializer)
    steps = _accumulated(fn, _rows(elems, IndexError)[order], start)
    specs = [TensorSpec(x.shape if infer_shape else None, x.dtype) for x in nest.flatten(steps[0])]
    return _stacked(steps[start is not None :][order], elems if start is None else start, specs, infer_shape)


def _accumulated(fn: Function, rows: list[Any], start: Any) -> list[Any]:
    """List where a fold starts and what it gives at each row."""
    _check_functions(fn=fn)
    if start is None and not rows:
        raise OutOfRangeError(None, None, "Tried to read from index 0 but array size is: 0; pass `initializer`.")
    steps = [rows[0] if start is None else start]
    for row in rows[start is None :]:
        steps.append(fn(steps[-1], row))
        nest.assert_same_structure(steps[0], steps[-1])
    return steps


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
    rows = _rows(elems, ValueError)
    signature = dtype if fn_output_signature is None else fn_output_signature
    if signature is None:
        signature = nest.map_structure(lambda elem: convert_to_tensor(elem).dtype, elems)
    specs = [s if isinstance(s, TensorSpec) else TensorSpec(None, as_dtype(s)) for s in nest.flatten(signature)]
    return _stacked([fn(row) for row in rows], signature, specs, infer_shape)


def vectorized_map(fn: Function, elems: Any, fallback_to_while_loop: bool = True, warn: bool = True) -> Any:
    """Apply a function to each entry of the first axis, and stack what it returns, whatever its structure.

    Tensors of size 1 on that axis serve all entries. (TensorFlow vectorizes; this loops, with the same results.)

    >>> vectorized_map(lambda x: tf.reduce_sum(x), tf.ones([2, 3]))
    <tf.Tensor: shape=(2,), dtype=float32, numpy=array([3., 3.], dtype=float32)>
    """
    _check_functions(fn=fn)
    rows = _rows(elems, IndexError, broadcast=True)
    # What fn returns for no rows is found out with an entry of zeros.
    examples = rows or [nest.map_structure(lambda x: zeros(x.shape[1:], x.dtype), _tensors(elems))]
    results = [_tensors(fn(row)) for row in examples]
    columns = zip(*map(nest.flatten, results), strict=True)
    stacks = [ys[0] if ys[0] is None else stack(ys) if rows else stack(ys)[:0] for ys in columns]
    return nest.pack_sequence_as(results[0], stacks)


def _tensors(structure: Any) -> Any:
    return nest.map_structure(lambda y: None if y is None else convert_to_tensor(y), structure)


def _rows(elems: Any, scalar_error: type[Exception], broadcast: bool = False) -> list[Any]:
    """List the entries of the first axis, each in the structure of `elems`."""
    tensors = [convert_to_tensor(elem) for elem in nest.flatten(elems)]
    if not tensors:
        raise ValueError(f"elems must be a Tensor or (possibly nested) sequence of Tensors. Got {elems}.")
    if not all(tensor.ndim for tensor in tensors):
        asked = "Elements in elems must be 1+ dimensional Tensors, not scalars"
        raise scalar_error(f"{asked}; put a list of numbers into one tensor with tf.constant.")
    sizes = [len(tensor) for tensor in tensors]
    count = next((size for size in sizes if size != 1), 1) if broadcast else sizes[0]
    for size in sizes:
        if size != count and not (broadcast and size == 1):
            asked = f"Dimensions {count} and {size} are not compatible; give all tensors the same first size."
            raise InvalidArgumentError(None, None, asked) if broadcast else ValueError(asked)
    columns = [unstack(tensor) * (count if len(tensor) != count else 1) for tensor in tensors]
    return [nest.pack_sequence_as(elems, row) for row in zip(*columns, strict=True)]


def _stacked(results: list[Any], form: Any, specs: Sequence[TensorSpec], infer_shape: bool) -> Any:
    """Stack structures of one form along a new first axis; each leaf must fit its spec."""
    for result in results:
        nest.assert_same_structure(form, result)
    columns: Iterable[Any] = zip(*map(nest.flatten, results), strict=True) if results else [()] * len(specs)
    pairs = zip(columns, specs, strict=True)
    return nest.pack_sequence_as(form, [_column(leaves, spec, infer_shape) for leaves, spec in pairs])


def _column(leaves: Sequence[object], spec: TensorSpec, infer_shape: bool) -> Tensor:
    dtype, shape, tensors = spec.dtype, spec.shape, []
    for leaf in leaves:
        tensor = convert_to_tensor(leaf, dtype_hint=dtype)
        if tensor.dtype != dtype:
            asked = f"TensorArray dtype is {dtype.name} but Op is trying to write dtype {tensor.dtype.name}"
            raise InvalidArgumentError(None, None, f"{asked}; name the dtypes in fn_output_signature.")
        if not shape.is_compatible_with(tensor.shape):
            asked = f"Incompatible shape for value ({tensor.shape}), expected ({shape})"
            raise ValueError(f"{asked}; the function must return one shape for all entries.")
        shape = tensor.shape if infer_shape else shape
        tensors.append(tensor)
    return stack(tensors) if tensors else zeros([0, *(shape if shape.is_fully_defined() else ())], dtype)


# --- order, which Python keeps anyway --------------------------------------------------------------------------------


def no_op(name: str | None = None) -> None:
    """Do nothing."""


def group(*inputs: object, **kwargs: object) -> None:
    """Do nothing: what is passed has been computed."""


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
    """Run the block outside of every tape."""
    recorders, thread.recorders = thread.recorders, ()
    try:
        yield
    finally:
        thread.recorders = recorders


def executing_eagerly() -> bool:
    """Say that ops run at once, which they always do here.

    >>> executing_eagerly()
    True
    """
    return True


def get_static_value(tensor: Any, partial: bool = False) -> Any:
    """Return the value of a tensor as a NumPy array; None for a variable, whose value may change.

    Anything else comes back as it is.

    >>> get_static_value(tf.constant([1, 2]))
    array([1, 2], dtype=int32)
    """
    if isinstance(tensor, Operators):
        return tensor.numpy() if isinstance(tensor, Tensor) else None
    return tensor
