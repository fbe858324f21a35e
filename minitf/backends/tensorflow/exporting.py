"""Programs as graphs of TensorFlow, which other programs run: saved models, and models of LiteRT.

The ops of a program are computed with symbols by the kernels that compute with arrays. Sizes that only a call knows are
computed in the graph; kernels that need numbers for them have a counterpart here.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import itertools
import operator
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.python.saved_model.nested_structure_coder import can_encode

from minitf.backends.numpy import random
from minitf.backends.tensorflow.arrays import Array, asarray, context_, symbolic, wrapped
from minitf.backends.tensorflow.making import NotCompiled
from minitf.errors import UnimplementedError, explain

__all__ = ["Parts", "computed", "lite_model", "load_model", "run_lite", "write_model"]

Program = Any  # those of `minitf.program`, and what else is described above this room
Tensor = Any  # TensorFlow's
Trace = tuple[Any, Sequence[Any]]  # a concrete function of ours, and what stands for its variables
Streams = dict[Any, Any]  # where the seeded streams of random numbers stand, as variables
_kernels = importlib.import_module("minitf.backends.tensorflow")
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "//": operator.floordiv, "%": operator.mod,
}  # fmt: skip


# --- programs ---------------------------------------------------------------------------------------------------------


def computed(program: Program, given: Sequence[Tensor], streams: Streams) -> list[Tensor]:
    """Compute a program in the graph that is being made: its results, and then the values that variables end with.

    UnimplementedError for an op that is no part of a graph.
    """
    context_.ensure_initialized()  # kernels make constants of their own
    numbers = (*program.arguments, *(number for _, number in program.variables))
    values = {number: asarray(array) for number, array in program.constants.items()}
    values.update(zip(numbers, map(wrapped, given), strict=True))
    for node in program.nodes:
        inputs = [values[number] for number in node.inputs]
        attributes = {name: _settled(value, values) for name, value in node.attributes.items()}
        try:
            results = _computed(node, inputs, attributes, streams)
        except NotCompiled:
            asked = f"Cannot write {program.name!r} as a graph of TensorFlow: {node.op.name} is computed by NumPy."
            do = "compute it outside of the function, and pass it in"
            message = explain(asked, got=node.op.name, expected="ops that TensorFlow has", do=do)
            raise UnimplementedError(None, None, message) from None
        for number, result in zip(node.outputs, results if type(results) is tuple else (results,), strict=True):
            values[number] = asarray(result)
            shape = program.values[number].shape
            if symbolic(values[number]) and shape.rank is not None:
                values[number].tensor.set_shape(shape.as_list())
    return [values[number].tensor for number in (*program.results, *(number for _, number in program.assigned))]


def _computed(node: Any, inputs: list[Array], attributes: dict[str, Any], streams: Streams) -> Any:
    name = node.op.name
    if name == "take_stream":
        return _state(streams, **attributes)
    if not symbolic(*inputs) and not any(map(_is_open, attributes.values())) and not node.op.stateful:
        with tf.init_scope():  # it is the same in every call
            return getattr(_kernels, name)(*inputs, **attributes)
    is_open = any(None in array.shape for array in inputs) or any(map(_is_open, attributes.values()))
    own = _OWN.get(name) or (_OPEN.get(name) if is_open else None)
    if own is not None:
        results = own(*[array.tensor for array in inputs], **attributes)
        return tuple(map(asarray, results)) if isinstance(results, (list, tuple)) else results
    kernel = getattr(_kernels, name)
    return getattr(kernel, "in_graphs", kernel)(*inputs, **attributes)


def _is_open(value: Any) -> bool:
    return any(map(_is_open, value)) if type(value) is tuple else isinstance(value, tf.Tensor)


def _settled(value: Any, values: Mapping[int, Array]) -> Any:
    """Put what computes them for the sizes in an attribute."""
    if type(value) is tuple:
        return tuple([_settled(part, values) for part in value])
    return _size(value.expression, values) if hasattr(value, "expression") else value


def _size(expression: Any, values: Mapping[int, Array]) -> Any:
    """Compute the expression of a size: a number where it is known, otherwise a tensor of int32."""
    if type(expression) is not tuple:
        return expression
    kind, first, second = expression
    if kind in _OPERATORS:
        return _OPERATORS[kind](_size(first, values), _size(second, values))
    array = values[first]
    if kind == "size":
        known = array.shape[second]
        return tf.shape(array.tensor)[second] if known is None else known
    if not symbolic(array):
        return int(array.host if second is None else array.host[second])
    entries = tf.cast(array.tensor, tf.int32)
    return entries if second is None else entries[second]


# --- what takes the place of kernels in graphs ------------------------------------------------------------------------


def _cond(pred: Tensor, *given: Tensor, branches: tuple[Program, Program]) -> Any:
    first, second = [lambda branch=branch: tuple(computed(branch, given, {})) for branch in branches]
    return tf.cond(tf.reshape(pred, []), first, second)


def _while_loop(*given: Tensor, count: int, condition: Program, body: Program) -> Any:
    others = given[count:]
    return tf.while_loop(
        lambda *now: tf.reshape(computed(condition, (*now, *others), {})[0], []),
        lambda *now: tuple(computed(body, (*now, *others), {})),
        given[:count],
        tuple([tf.TensorShape(body.values[number].shape.as_list()) for number in body.arguments[:count]]),
    )


def _print_values(*given: Tensor, pieces: tuple[str, ...], summarize: int, stream: str) -> tuple[()]:
    text = "".join(pieces)
    place = next(mark for n in itertools.count(1) if (mark := "{" * n + "}" * n) not in text)
    written = tf.raw_ops.StringFormat(inputs=given, template=place.join(pieces), placeholder=place, summarize=summarize)
    tf.raw_ops.PrintV2(input=written, output_stream=stream, end="")
    return ()


def _assert(holds: Tensor, data: Sequence[Any], summarize: int | None) -> tuple[()]:
    tf.debugging.Assert(
        tf.reduce_all(tf.cast(holds, tf.bool)), list(data) or [""], 3 if summarize is None else summarize
    )
    return ()


def _assert_true(condition: Tensor, *data: Tensor, texts: Any, shown: Any, summarize: int | None) -> tuple[()]:
    arrays = iter(data)
    return _assert(condition, [next(arrays) if text is None else text for text in texts], summarize)


def _assert_compared(
    holds: Tensor, x: Tensor, y: Tensor, *, sign: str, message: str | None, summarize: int | None
) -> tuple[()]:
    return _assert(holds, [message or "", f"Condition x {sign} y did not hold.", "x = ", x, "y = ", y], summarize)


def _assert_signed(holds: Tensor, x: Tensor, *, sign: str, message: str, summarize: int | None) -> tuple[()]:
    return _assert(holds, [message, f"Condition x {sign} 0 did not hold element-wise:", "x = ", x], summarize)


def _strided_slice(x: Tensor, *, index: Any) -> Tensor:
    kinds: dict[type, Callable[[Any], Any]] = {tuple: lambda part: slice(*part), str: lambda part: ...}
    return x[tuple([kinds.get(type(part), lambda part: part)(part) for part in index])]


def _reverse(x: Tensor, *, axis: Any) -> Tensor:
    return tf.reverse(x, axis) if axis else x  # without an axis, LiteRT's interpreter would end the process


def _split(x: Tensor, *, sizes: Any, axis: int) -> Any:
    return tf.split(x, sizes, axis)


def _batched_rows(indices: Tensor, *, batch: int) -> Tensor:
    sizes = tf.shape(indices)
    own = tf.stack(tf.meshgrid(*[tf.range(sizes[axis]) for axis in range(batch)], indexing="ij"), -1)
    own = tf.reshape(own, tf.concat([sizes[:batch], [1] * (indices.shape.rank - 1 - batch), [batch]], 0))
    own = tf.broadcast_to(own, tf.concat([sizes[:-1], [batch]], 0))
    return tf.concat([tf.cast(own, indices.dtype), indices], -1)


def _sum_to(x: Tensor, *, shape: Any) -> Tensor:
    axes = tf.raw_ops.BroadcastGradientArgs(s0=_vector(shape), s1=tf.shape(x)).r0
    return tf.reshape(tf.reduce_sum(x, axes), _vector(shape))


def _vector(sizes: Sequence[Any]) -> Tensor:
    return tf.stack(sizes) if sizes else tf.zeros([0], tf.int32)


def _slice_grad(dy: Tensor, *, index: Any, shape: Any) -> Tensor:
    zeros = tf.zeros(_vector(shape), dy.dtype)
    return tf.gradients(_strided_slice(zeros, index=index), zeros, dy)[0]


def _drawn(op: Callable[..., Any]) -> Callable[..., Tensor]:
    def draw(state: Tensor, *, shape: Any, dtype: Any) -> Tensor:
        words = tf.bitcast(state, tf.uint64)
        return op(shape=_vector(shape), key=words[2:], counter=words[:2], alg=1, dtype=tf.as_dtype(dtype))

    return draw


# What graphs have, and XLA has not; and what does more than compute.
_OWN: dict[str, Callable[..., Any]] = {
    "assert_compared": _assert_compared, "assert_signed": _assert_signed, "assert_true": _assert_true,
    "check_numerics": tf.debugging.check_numerics, "cond": _cond, "det": tf.linalg.det,
    "draw_normal": _drawn(tf.raw_ops.StatelessRandomNormalV2),
    "draw_truncated_normal": _drawn(tf.raw_ops.StatelessTruncatedNormalV2),
    "draw_uniform": _drawn(tf.raw_ops.StatelessRandomUniformV2),
    "ensure_shape": tf.ensure_shape, "print_values": _print_values, "reverse": _reverse,
    "slogdet": lambda x: tuple(tf.linalg.slogdet(x)), "while_loop": _while_loop,
}  # fmt: skip
# Kernels that need numbers for sizes, and their counterparts without.
_OPEN: dict[str, Callable[..., Any]] = {
    "batched_rows": _batched_rows, "einsum": lambda *terms, equation: tf.einsum(equation, *terms), "split": _split,
    "strided_slice": _strided_slice, "strided_slice_grad": _slice_grad, "sum_to": _sum_to,
}  # fmt: skip


def _state(streams: Streams, *, stream: Any, seed: int | None, reserve: Any) -> Tensor:
    """Return the state to draw from: an unforeseeable one without an op's seed, else where that seed's stream stands.

    As in a program of TensorFlow, the stream begins anew wherever the graph is loaded.
    """
    if seed is None:
        return tf.random.uniform([3], tf.int64.min, tf.int64.max, tf.int64)
    if (stream, seed) not in streams:
        with tf.init_scope():
            begin = random.Streams(random._streams.seed).take(stream, seed, 0)
            streams[stream, seed] = tf.Variable(begin, trainable=False, name="stream")
    state = streams[stream, seed].read_value()
    streams[stream, seed].assign_add(tf.stack([tf.cast(reserve, tf.int64), 0, 0]))
    return state


# --- saved models -----------------------------------------------------------------------------------------------------


class Parts:
    """Makes the objects that TensorFlow saves: its counterparts of ours."""

    def __init__(self) -> None:
        self.streams: Streams = {}

    def variable(self, array: Any, node: Mapping[str, Any]) -> Any:
        """Make the variable that a node of a saved model describes."""
        name = node["name"].removesuffix(":0")
        return tf.Variable(np.asarray(array), node["trainable"], name=name, shape=tf.TensorShape(node["shape"]))

    def empty(self) -> Any:
        """Make an object without parts."""
        return tf.__internal__.tracking.AutoTrackable()

    def concrete(self, trace: Trace) -> Any:
        """Make a function of one trace."""
        return self._traced(trace[0].name, trace[0].signature, [trace])[1]

    def function(self, node: Mapping[str, Any], parameters: inspect.Signature, traces: Sequence[Trace]) -> Any:
        """Make a function of several traces."""
        return self._traced(node["name"], parameters, traces)[0]

    def _traced(self, name: str, parameters: inspect.Signature, traces: Sequence[Trace]) -> tuple[Any, Any]:
        """Make a function, and return it with its last trace."""
        known: list[Any] = []

        def run(*args: Any, **kwargs: Any) -> Any:
            return next(compute for fits, compute in known if fits((args, kwargs)))(tf.nest.flatten((args, kwargs)))

        run.__name__ = run.__qualname__ = name
        run.__signature__ = parameters.replace(  # type: ignore[attr-defined]  # inspect looks for it
            parameters=[each.replace(default=_plain(each.default)) for each in parameters.parameters.values()]
        )
        made, last = tf.function(run, autograph=False), None
        for trace in traces:
            args, kwargs, compute = self._arguments(*trace)
            known.append((functools.partial(_same, (args, kwargs)), compute))
            last = made.get_concrete_function(*args, **kwargs)
        return made, last

    def _arguments(self, concrete: Any, variables: Sequence[Any]) -> tuple[Any, Any, Callable[[list[Any]], Any]]:
        """Return the arguments of a trace, and what computes its results from a flat list of them."""
        concrete = concrete.renamed([None] * len(concrete.specs))  # each spec is an object of its own now
        places = {id(spec): place for place, spec in enumerate(concrete.specs)}
        flat = tf.nest.flatten(concrete.structured_input_signature)
        order = [places.get(id(leaf)) for leaf in flat]
        leaves = [_plain(leaf) if place is None else _spec(leaf) for leaf, place in zip(flat, order, strict=True)]
        args, kwargs = tf.nest.pack_sequence_as(concrete.structured_input_signature, leaves)

        def compute(given: list[Any]) -> Any:
            tensors = {place: leaf for leaf, place in zip(given, order, strict=True) if place is not None}
            results = iter(self.run(concrete.captured, [tensors[i] for i in range(len(tensors))], variables))
            structure = concrete.structured_outputs
            return tf.nest.map_structure(lambda leaf: None if leaf is None else next(results), structure)

        return args, kwargs, compute

    def run(self, program: Program, tensors: Sequence[Tensor], variables: Sequence[Any]) -> list[Tensor]:
        """Compute a program with variables, and assign what it assigns."""
        values = computed(program, [*tensors, *(variable.read_value() for variable in variables)], self.streams)
        end = len(program.results)
        for (position, _), value in zip(program.assigned, values[end:], strict=True):
            variables[position].assign(value)
        return values[:end]

    def signature(self, trace: Trace, inputs: Sequence[str], outputs: Sequence[str]) -> Any:
        """Make a function that takes and gives tensors by name."""
        concrete, variables = trace

        def serve(**given: Any) -> Any:
            return dict(zip(outputs, self.run(concrete.captured, [given[x] for x in inputs], variables), strict=True))

        specs = {name: _spec(spec, name) for name, spec in zip(inputs, concrete.specs, strict=True)}
        return tf.function(serve, autograph=False).get_concrete_function(**specs)


def _spec(spec: Any, name: str | None = None) -> Any:
    shape = None if spec.shape.rank is None else spec.shape.as_list()
    return tf.TensorSpec(shape, spec.dtype.name, name)


def _same(specs: Any, arguments: Any) -> bool:
    """Say whether arguments are those of a trace."""
    try:
        tf.nest.assert_same_structure(specs, arguments)
    except (TypeError, ValueError):
        return False
    return all(
        isinstance(given, tf.Tensor) and (spec.dtype, str(spec.shape)) == (given.dtype, str(given.shape))
        if isinstance(spec, tf.TensorSpec)
        else type(spec) is type(given) and spec == given
        for spec, given in zip(tf.nest.flatten(specs), tf.nest.flatten(arguments), strict=True)
    )


def _plain(value: Any) -> Any:
    """Return a Python value as TensorFlow stores it; as text if it cannot, which no argument equals."""
    if hasattr(value, "as_numpy_dtype"):
        return tf.as_dtype(value.name)
    return value if value is inspect.Parameter.empty or can_encode(value) else repr(value)


def write_model(folder: Any, assemble: Callable[[Parts], tuple[Any, Mapping[str, Any]]]) -> None:
    """Write a saved model of TensorFlow into a folder; `assemble` makes the object and its signatures of parts."""
    parts = Parts()
    root, signatures = assemble(parts)
    if parts.streams:
        root._random_streams = list(parts.streams.values())
    tf.saved_model.save(root, str(folder), signatures)


def load_model(folder: str) -> Any:
    """Load a saved model of TensorFlow as TensorFlow does."""
    return tf.saved_model.load(folder)


# --- LiteRT -----------------------------------------------------------------------------------------------------------


def lite_model(program: Program, inputs: Sequence[str], results: Sequence[str], optimized: str | None) -> bytes:
    """Return a program as a model of LiteRT, with its variables as constants.

    UnimplementedError for an op that LiteRT does not have, or for a TensorFlow without the converter.
    """
    variables = [np.asarray(variable.value().array) for variable, _ in program.variables]
    lite = _lite()

    def serve(**given: Any) -> Any:
        values = [*(given[name] for name in inputs), *map(tf.constant, variables)]
        return dict(zip(results, map(tf.identity, computed(program, values, {})), strict=True))

    specs = {name: _spec(program.values[n], name) for name, n in zip(inputs, program.arguments, strict=True)}
    concrete = tf.function(serve, autograph=False).get_concrete_function(**specs)
    converter = lite.TFLiteConverter.from_concrete_functions([concrete], trackable_obj=tf.Module())
    converter.optimizations = [lite.Optimize.DEFAULT] if optimized else []
    converter.target_spec.supported_types = [tf.float16] if optimized == "float16" else []
    try:
        made: bytes = converter.convert()
    except Exception as error:  # the converter's own class, whose place moves from release to release
        found = sorted(set(re.findall(r"'?tf\.(\w+)'? op is neither a custom op", str(error))))
        asked = f"Cannot convert {program.name!r} to LiteRT: its converter refuses it."
        got = f"the op{'s' * (len(found) > 1)} {', '.join(found)}" if found else str(error).strip().splitlines()[0]
        do = "compute with other ops or in float32, or compute it outside of the function, and pass it in"
        message = explain(asked, got=got, expected="ops and dtypes that LiteRT has", do=do)
        raise UnimplementedError(None, None, message) from None
    return made


def run_lite(model: bytes, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Run a model of LiteRT on NumPy arrays in its interpreter."""
    results: Mapping[str, Any] = _interpreter(model).get_signature_runner()(**given)
    return results


def _interpreter(model: bytes) -> Any:
    with warnings.catch_warnings():  # it says of itself that it will move to a package of its own
        warnings.filterwarnings("ignore", r"\s*Warning: tf.lite.Interpreter is deprecated", UserWarning)
        return _lite().Interpreter(model_content=model, num_threads=1)


def _lite() -> Any:
    if not hasattr(tf, "lite"):
        asked = f"Cannot convert to LiteRT: TensorFlow {tf.__version__} has no converter (tf.lite)"
        raise UnimplementedError(None, None, f"{asked}; install one that has, such as tensorflow==2.21.0.")
    return tf.lite
