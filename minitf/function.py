"""tf.function: the Python of a function runs once for each signature, and leaves a program that runs from then on.

What a signature is stands in `signature`, how a program is heard in `capture`, and what is done to it in `passes`.
"""

from __future__ import annotations

import functools
import inspect
import threading
import types
import weakref
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from minitf import nest
from minitf.capture import Abandoned, Capture, Look, where
from minitf.concrete import ConcreteFunction
from minitf.operators import Operators
from minitf.passes import optimised
from minitf.recording import thread
from minitf.signature import Arguments, arguments, bound, cast_to, made_up, open_sizes, tied
from minitf.size import Unknowable
from minitf.spec import TensorSpec
from minitf.tensor import Tensor, convert_to_tensor

__all__ = ["Function", "function", "functions_run_eagerly", "run_functions_eagerly"]

_tracing = threading.RLock()  # one function at a time is traced
_eagerly = False
_FAST = 256  # so many signatures are found without a look at the parameters


def run_functions_eagerly(run_eagerly: bool) -> None:
    """Let all functions run as plain Python, to look into them; False goes back to programs.

    >>> tf.config.run_functions_eagerly(True)
    >>> tf.config.functions_run_eagerly()
    True
    >>> tf.config.run_functions_eagerly(False)
    """
    global _eagerly
    _eagerly = bool(run_eagerly)


def functions_run_eagerly() -> bool:
    """Say whether functions run as plain Python."""
    return _eagerly


class Traces:
    """The traces of a function, or of a method of one object."""

    def __init__(self) -> None:
        self.fast: dict[Hashable, ConcreteFunction] = {}
        self.by_key: dict[Hashable, ConcreteFunction] = {}
        self.general: dict[Hashable, list[TensorSpec]] = {}  # what reduce_retracing has opened, by the rest of a key
        self.all: list[ConcreteFunction] = []
        self.count = 0
        self.may_create = True
        self.look: Look | None = None  # why the function runs eagerly


class Function:
    """What `tf.function` makes of a Python function; see there."""

    __slots__ = ("__dict__", "__weakref__", "_of", "_options", "_traces", "python_function")

    def __init__(self, python_function: Callable[..., Any], options: dict[str, Any], traces: Traces | None = None) -> None:
        """Wrap a Python function."""
        self.python_function = python_function
        self._options = options
        self._traces = Traces() if traces is None else traces
        self._of: dict[int, tuple[Any, Traces]] = {}
        if traces is None:
            functools.update_wrapper(self, python_function)

    def __get__(self, instance: Any, owner: type | None = None) -> Function:
        """Bind to an object; each has traces of its own."""
        if instance is None:
            return self
        key = id(instance)
        entry = self._of.get(key)
        if entry is None:
            entry = self._of[key] = (weakref.ref(instance, lambda _: self._of.pop(key, None)), Traces())
        return Function(types.MethodType(self.python_function, instance), self._options, entry[1])

    @property
    def input_signature(self) -> Any:
        """The specs that were given for the arguments, or None."""
        return self._options["input_signature"]

    # --- calling ---

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the program for these arguments; the first time, the Python runs to find it."""
        if not (kwargs or _eagerly):
            try:
                concrete = self._traces.fast[tuple([(each.array.shape, each.array.dtype) for each in args])]
            except (KeyError, AttributeError):
                pass
            else:
                return concrete.run(args, concrete.variables)
        return self._call(args, kwargs)

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        traces = self._traces
        if _eagerly or (traces.look is not None and not traces.all):
            return self.python_function(*args, **kwargs)
        given = self._read(args, kwargs)
        tensors = [leaf.value for leaf in given.tensors]
        specs, key = self._specs(given)
        concrete = traces.by_key.get(key)
        if concrete is None:
            with _tracing:
                concrete = traces.by_key.get(key)
                if concrete is None:
                    concrete, result = self._traced(given, specs, key, tensors)
                    if concrete is None:
                        return result
        if concrete.custom and thread.recorders:
            return self.python_function(*given.args, **given.kwargs)
        if not (kwargs or given.variables) and all(type(each) is Tensor for each in args) and len(traces.fast) < _FAST:
            traces.fast.setdefault(tuple([(each.array.shape, each.array.dtype) for each in args]), concrete)
        return concrete.run(tensors, concrete.filled([leaf.value for leaf in given.variables]))

    @functools.cached_property
    def _signature(self) -> inspect.Signature:
        signature = inspect.signature(self.python_function)
        specs = self.input_signature
        if specs is None:
            return signature
        parameters = list(signature.parameters.values())
        if any(each.kind is each.VAR_POSITIONAL for each in parameters):
            return signature
        return signature

    def _read(self, args: Sequence[Any], kwargs: dict[str, Any]) -> Arguments:
        matched = bound(self._signature, args, kwargs)
        specs = self.input_signature
        if specs is not None:
            names = list(matched.arguments)[: len(specs)]
            values = [matched.arguments[name] for name in names]
            matched.arguments.update(zip(names, cast_to(specs, values, names, str(self._signature)), strict=True))
        return arguments(matched)

    def _specs(self, given: Arguments) -> tuple[list[TensorSpec], Hashable]:
        """Return the specs of the tensors, as open as they may be, and the key of their trace."""
        own = [_spec(leaf.value, leaf.name) for leaf in given.tensors]
        if self.input_signature is not None:
            named = [leaf for leaf in nest.flatten(self.input_signature) if isinstance(leaf, TensorSpec)]
            own = [TensorSpec(*_open(spec, mine), mine.name if spec.name is None else spec.name)
                   for spec, mine in zip(named, own, strict=False)] + own[len(named):]
        if not any(None in (spec.shape.as_list() if spec.shape.rank is not None else [None]) for spec in own):
            return own, given.key
        shapes = [leaf.value.array.shape for leaf in given.tensors if type(leaf.value) is Tensor]
        pattern = tied(open_sizes(own, shapes)) if len(shapes) == len(own) else ()
        return own, (tuple((spec.shape._sizes, spec.dtype.numpy) for spec in own), _without_shapes(given.key), pattern)

    # --- tracing ---

    def _traced(
        self, given: Arguments, specs: Sequence[TensorSpec], key: Hashable, tensors: Sequence[Any]
    ) -> tuple[ConcreteFunction | None, Any]:
        """Trace for a new signature; where that cannot be, return None and the result of running eagerly."""
        traces = self._traces
        opened = any(not spec.shape.is_fully_defined() for spec in specs)
        real = all(type(tensor) is Tensor for tensor in tensors)
        try:
            if opened or not real:
                concrete, _ = self._capture(given, specs, made=True)
            else:
                concrete, result = self._capture(given, specs, made=False)
                if concrete is None:
                    return None, result
        except Abandoned:
            return None, self.python_function(*given.args, **given.kwargs) if real else None
        traces.by_key[key] = concrete
        traces.all.append(concrete)
        return concrete, None

    def _capture(self, given: Arguments, specs: Sequence[TensorSpec], made: bool) -> tuple[Any, Any]:
        traces, outer = self._traces, (thread.recorders, thread.capture)
        while True:
            capture = Capture(self.__name__, made or bool(outer[0]), traces.may_create)
            pairs = [made_up(spec) for spec in specs] if made else [(Tensor(x.value.array), None) for x in given.tensors]
            for (tensor, second), spec in zip(pairs, specs, strict=True):
                capture.argument(tensor, spec.name, second)
            stand_in = {id(leaf.value): pair[0] for leaf, pair in zip(given.tensors, pairs, strict=True)}
            args, kwargs = nest.map_structure(lambda leaf: stand_in.get(id(leaf), leaf), (given.args, given.kwargs))
            traces.count += 1
            thread.recorders, thread.capture = (capture,), capture
            try:
                result = self.python_function(*args, **kwargs)
                flat = [_result(leaf, self.__name__) for leaf in nest.flatten(result)]
            finally:
                thread.recorders, thread.capture = outer
                if capture.look is not None:
                    traces.look = capture.look
            if capture.look is not None:
                return None, result
            if not capture.created:
                break
            traces.may_create = False
        captured = capture.program([leaf for leaf in flat if leaf is not None])
        return ConcreteFunction(
            self._signature, given, specs, captured, optimised(captured), result, flat, capture.custom
        ), None

    # --- looking inside ---

    def get_concrete_function(self, *args: Any, **kwargs: Any) -> ConcreteFunction:
        """Return the trace for these arguments; TensorSpecs stand for tensors."""
        if self.input_signature is not None and not args and not kwargs:
            args = tuple(self.input_signature)
        given = self._read(args, kwargs)
        specs, key = self._specs(given)
        concrete = self._traces.by_key.get(key)
        if concrete is None:
            with _tracing:
                concrete, _ = self._traced(given, specs, key, [leaf.value for leaf in given.tensors])
        if concrete is None:
            raise TypeError("cannot be captured")
        return concrete

    def experimental_get_tracing_count(self) -> int:
        """Return how often the Python ran in order to be captured."""
        return self._traces.count

    def _one(self, args: Sequence[Any], kwargs: dict[str, Any]) -> ConcreteFunction:
        if not args and not kwargs and len(self._traces.all) == 1:
            return self._traces.all[0]
        return self.get_concrete_function(*args, **kwargs)

    def source(self, *args: Any, **kwargs: Any) -> str:
        """Return the program as Python; arguments choose the trace where there are several."""
        return self._one(args, kwargs).program.source()


def _open(spec: TensorSpec, own: TensorSpec) -> tuple[Any, Any]:
    if spec.shape.rank is None:
        return (None if own.shape.rank is None else [None] * own.shape.rank), spec.dtype
    return spec.shape, spec.dtype


def _without_shapes(key: Any) -> Hashable:
    if type(key) is tuple:
        return "tensor" if key[:1] == ("tensor",) else tuple(map(_without_shapes, key))
    return key  # type: ignore[no-any-return]


def _spec(value: Any, name: str) -> TensorSpec:
    return TensorSpec(value.shape, value.dtype, name)


def _result(leaf: Any, name: str) -> Tensor | None:
    if leaf is None:
        return None
    if isinstance(leaf, Operators):
        return convert_to_tensor(leaf)
    try:
        return convert_to_tensor(leaf)
    except (TypeError, ValueError):
        raise TypeError(
            f"To be compatible with tf.function, Python functions must return zero or more Tensors or values that "
            f"convert to them; in compilation of {name}, found return value of type {type(leaf).__name__}, which is not "
            "a Tensor."
        ) from None


def function(
    func: Callable[..., Any] | None = None, input_signature: Any = None, autograph: bool = True,
    jit_compile: bool | None = None, reduce_retracing: bool = False, experimental_implements: str | None = None,
    experimental_autograph_options: object = None, experimental_attributes: object = None,
    experimental_relax_shapes: bool | None = None, experimental_compile: bool | None = None,
    experimental_follow_type_hints: bool | None = None,
) -> Any:  # fmt: skip
    """Make a function that is captured as a program when it is first called, and runs that program from then on.

    >>> @tf.function
    ... def double(x):
    ...     print("tracing")
    ...     return 2 * x
    >>> print(double(tf.constant(1.0)), double(tf.constant(2.0)))
    tracing
    tf.Tensor(2.0, shape=(), dtype=float32) tf.Tensor(4.0, shape=(), dtype=float32)
    """
    options = {"input_signature": input_signature, "reduce_retracing": reduce_retracing or bool(experimental_relax_shapes)}
    if input_signature is not None:
        options["input_signature"] = tuple(input_signature)
    if func is None:
        return lambda func: Function(func, options)
    return Function(func, options)
