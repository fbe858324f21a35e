"""Control flow as functions, and functions applied along the first axis of tensors.

Everything runs at once, as Python does; so gradients flow through whatever ran. Arguments that steer TensorFlow's
graphs (`shape_invariants`, `parallel_iterations`, `back_prop`, `swap_memory`, `name`) are taken and not used.
"""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from minitf import nest
from minitf.dtypes import as_dtype
from minitf.errors import InvalidArgumentError, OutOfRangeError, explain
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


def cond(
    pred: object, true_fn: Function | None = None, false_fn: Function | None = None, name: str | None = None
) -> Any:
    """Call one of two functions; TypeError if one is missing or no function.

    >>> cond(tf.constant(1.0) < 2, lambda: "small", lambda: "large")
    'small'
    """
    for word, function in (("true_fn", true_fn), ("false_fn", false_fn)):
        if not callable(function):
            asked = f"cond(): '{word}' argument required" if function is None else f"'{word}' must be callable."
            raise TypeError(f"{asked} Pass a function without arguments, for example `lambda: x`.")
    chosen: Any = true_fn if convert_to_tensor(pred) else false_fn
    return chosen()


def case(
    pred_fn_pairs: Any, default: Any = None, exclusive: bool = False, strict: bool = False, name: str | None = "case"
) -> Any:
    """Call the function of the first tensor that is True, else `default`; InvalidArgumentError if there is none.

    With `exclusive`, at most one may be True. TypeError unless each pair is a boolean tensor and a function.

    >>> case([(tf.constant(False), lambda: 1), (tf.constant(True), lambda: 2)])
    2
    """
    if not isinstance(pred_fn_pairs, (list, tuple, dict)):
        raise TypeError(f"'pred_fn_pairs' must be a list, tuple, or dict. Received: {type(pred_fn_pairs)}")
    if isinstance(pred_fn_pairs, dict) and not isinstance(pred_fn_pairs, OrderedDict) and not exclusive:
        asked = "Unordered dictionaries are not supported for the 'pred_fn_pairs' argument when `exclusive=False`"
        raise ValueError(f"{asked}; pass a list of pairs.")
    pairs = list(pred_fn_pairs.items() if isinstance(pred_fn_pairs, dict) else pred_fn_pairs)
    if not pairs:
        raise ValueError("case() needs at least one pair of a predicate and a function.")
    for pair in pairs:
        _check_pair(pair, "pred_fn_pairs")
        if not isinstance(pair[0], Tensor):
            raise TypeError(f"pred must be a Tensor, got: {pair[0]!s}; compare tensors, or use tf.constant.")
        if not pair[0].dtype.is_bool:
            raise TypeError(f"pred must be Tensor of type bool: {pair[0]!s}; compare it with a number.")
    truths = [bool(pred) for pred, _ in pairs]
    checked = truths if default is not None else truths[:-1]
    if exclusive and sum(checked) > 1:
        raise _refused("exclusive=True: more than 1 conditions evaluated as True", truths, "at most one True")
    if default is None and not any(truths):
        raise _refused("None of conditions evaluated as True", truths, "one True, or a default")
    if not (default is None or callable(default) or any(truths[:-1])):
        raise TypeError(f"'false_fn' must be callable, got: {default}; pass a function as `default`.")
    chosen: Any = pairs[truths.index(True)][1] if any(truths) else default
    return chosen()


def _refused(asked: str, truths: list[bool], expected: str) -> InvalidArgumentError:
    do = "compare the predicates with the values you expect"
    return InvalidArgumentError(
        None, None, explain(f"Input error: {asked}:", got=f"predicates {truths}", expected=expected, do=do)
    )


def _check_pair(pair: Any, name: str) -> None:
    if not isinstance(pair, tuple) or len(pair) != 2:
        raise TypeError(f"Each entry in '{name}' must be a 2-tuple. Received {pair}.")
    if not callable(pair[1]):
        raise TypeError(f"fn for {pair[0]} must be callable; pass a function without arguments.")


def switch_case(
    branch_index: Any, branch_fns: Any, default: Function | None = None, name: str | None = "switch_case"
) -> Any:
    """Call the function with that number; `default`, or else the last, for a number that has none.

    TypeError unless the index is an integer tensor, ValueError unless the numbers are 0, 1, 2, ...

    >>> switch_case(tf.constant(1), [lambda: "zero", lambda: "one"])
    'one'
    """
    if not isinstance(branch_index, Tensor):
        raise TypeError(f"'branch_index' must be a Tensor, got {type(branch_index)}; use tf.constant.")
    if not branch_index.dtype.is_integer:
        raise TypeError(f"'branch_index' must be an integer Tensor, got {branch_index.dtype}; use tf.cast.")
    if not branch_fns:
        raise ValueError("Must provide at least one item in 'branch_fns'; pass a list of functions.")
    if not isinstance(branch_fns, (list, tuple, dict)):
        raise TypeError(f"'branch_fns' must be a list, tuple, or dict, got {type(branch_fns)}.")
    pairs = list(branch_fns.items() if isinstance(branch_fns, dict) else branch_fns)
    if all(callable(function) for function in pairs):
        pairs = list(enumerate(pairs))
    for pair in pairs:
        _check_pair(pair, "branch_fns")
        if not isinstance(pair[0], int):
            raise TypeError(f"key must be a Python `int`, got {type(pair[0])}.")
    functions = dict(pairs)
    if set(functions) != set(range(len(pairs))):
        found = ",".join(str(key) for key, _ in sorted(pairs, key=lambda pair: pair[0]))
        asked = f"branch indices (keys) must form contiguous range of [0 to {len(pairs)})"
        raise ValueError(f"{asked} but found {{{found}}}; number the functions from 0.")
    chosen: Any = functions.get(int(branch_index), functions[len(pairs) - 1] if default is None else default)
    return chosen()


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
    for word, function in (("cond", cond), ("body", body)):
        if not callable(function):
            raise TypeError(f"'{word}' must be callable, got {function!r}; pass a function of the loop variables.")
    if parallel_iterations < 1:
        raise TypeError(f"'parallel_iterations' must be a positive integer, got {parallel_iterations}.")
    loop_vars = _read(loop_vars)
    if not loop_vars:
        raise ValueError("'loop_vars' must be provided: pass a list of at least one value.")
    limit = None if maximum_iterations is None else convert_to_tensor(maximum_iterations)
    if limit is not None and limit.ndim:
        raise ValueError(f"'maximum_iterations' must be a scalar. Received shape: {limit.shape}")
    left = float("inf") if limit is None else int(limit)
    form = list(loop_vars) if limit is None else loop_vars
    while left > 0 and cond(*loop_vars):
        left -= 1
        loop_vars = body(*loop_vars)
        nest.assert_same_structure(form, list(loop_vars) if limit is None else loop_vars)
    return nest.map_structure(convert_to_tensor, loop_vars)


def _read(structure: Any) -> Any:
    """Replace variables by their values."""
    return nest.map_structure(lambda x: convert_to_tensor(x) if isinstance(x, Operators) else x, structure)


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
    rows = _rows(elems, IndexError)
    start = initializer if initializer is None else nest.map_structure(convert_to_tensor, initializer)
    steps = _accumulated(fn, rows[::-1] if reverse else rows, start)
    specs = [TensorSpec(x.shape if infer_shape else None, x.dtype) for x in nest.flatten(steps[0])]
    if initializer is not None:
        steps = steps[1:]
    return _stacked(
        steps[::-1] if reverse else steps, elems if initializer is None else initializer, specs, infer_shape
    )


def _accumulated(fn: Function, rows: list[Any], start: Any) -> list[Any]:
    """List where a fold starts and what it gives at each row."""
    _check_function(fn)
    if start is None:
        if not rows:
            raise OutOfRangeError(
                None, None, "Tried to read from index 0 but array size is: 0; pass `initializer` for empty tensors."
            )
        start, rows = rows[0], rows[1:]
    steps = [start]
    for row in rows:
        steps.append(fn(steps[-1], row))
        nest.assert_same_structure(start, steps[-1])
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
    _check_function(fn)
    if not nest.flatten(elems):
        asked = "elems must be a Tensor or (possibly nested) sequence of Tensors."
        raise ValueError(f"{asked} Got {elems}, which does not contain any Tensors.")
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
    _check_function(fn)
    rows = _rows(elems, IndexError, broadcast=True)
    if not rows:  # what fn returns is found out with an entry of zeros
        empty = nest.map_structure(lambda x: zeros(x.shape[1:], x.dtype), nest.map_structure(convert_to_tensor, elems))
        return nest.map_structure(lambda y: None if y is None else zeros([0, *y.shape], y.dtype), _tensors(fn(empty)))
    results = [_tensors(fn(row)) for row in rows]
    columns = zip(*map(nest.flatten, results), strict=True)
    return nest.pack_sequence_as(results[0], [None if ys[0] is None else stack(ys) for ys in columns])


def _tensors(structure: Any) -> Any:
    return nest.map_structure(lambda y: None if y is None else convert_to_tensor(y), structure)


def _check_function(fn: object) -> None:
    if not callable(fn):
        raise TypeError(f"fn must be callable, got {fn!r}; pass the function first.")


def _rows(elems: Any, scalar_error: type[Exception], broadcast: bool = False) -> list[Any]:
    """List the entries of the first axis, each in the structure of `elems`."""
    tensors = [convert_to_tensor(elem) for elem in nest.flatten(elems)]
    if not all(tensor.ndim for tensor in tensors):
        asked = "Elements in elems must be 1+ dimensional Tensors, not scalars: list index out of range"
        raise scalar_error(f"{asked}; put a list of numbers into one tensor with tf.constant.")
    sizes = [len(tensor) for tensor in tensors]
    count = next((size for size in sizes if size != 1), 1) if broadcast else sizes[0]
    for size in sizes:
        if size != count and not (broadcast and size == 1):
            asked, do = f"Dimensions {count} and {size} are not compatible", "give all tensors the same first size"
            if broadcast:
                raise InvalidArgumentError(None, None, f"{asked}: indices[{size}] is not in range; {do}.")
            raise ValueError(f"{asked}; {do}.")
    columns = [unstack(tensor) * (count if broadcast and len(tensor) == 1 else 1) for tensor in tensors]
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
        shape = shape.merge_with(tensor.shape) if infer_shape else shape
        tensors.append(tensor)
    return stack(tensors) if tensors else zeros([0, *(shape if shape.is_fully_defined() else ())], dtype)


# --- order, which Python keeps anyway ---------------------------------------------------------------------------------


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
