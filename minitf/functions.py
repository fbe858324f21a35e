"""tf.function: the Python of a function runs once for each signature, and leaves a program that runs from then on.

What a signature is stands in `signature`, how a program is heard in `capture`, and what is done to it in `passes`.
"""

from __future__ import annotations

import functools
import inspect
import logging
import threading
import traceback
import types
import weakref
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from minitf import nest
from minitf.capture import Abandoned, Capture, Look, where
from minitf.concrete import ConcreteFunction
from minitf.errors import InvalidArgumentError, InvalidWhileTraced, OperatorNotAllowedInGraphError, OpError, explain
from minitf.explanation import Trace, explain_text
from minitf.operators import Operators
from minitf.passes import optimised
from minitf.program_graph import ProgramGraph
from minitf.recording import functions_run_eagerly, thread
from minitf.shape import TensorShape
from minitf.signature import (
    Arguments,
    Pattern,
    arguments,
    bound,
    by_parameter,
    cast_to,
    common,
    late,
    made_up,
    open_sizes,
    patterns,
    without_shapes,
)
from minitf.size import Unknowable
from minitf.spec import TensorSpec
from minitf.tensor import Tensor, convert_to_tensor

__all__ = ["Function", "function"]

_log = logging.getLogger("minitf")
_CALLS, _OFTEN = 10, 5  # a warning is due when of so many calls so many were traced
_LIBRARIES = (str(Path(__file__).parent), str(Path(np.__file__).parent))
_FAST = 256  # so many signatures are found without a look at the parameters


class Ran(NamedTuple):
    """The result of a first call, which became plain Python on the way."""

    result: Any


class NoProgram(Unknowable, ValueError):
    """There is no program for all sizes."""


class Traces:
    """The traces of a function, or of a method of one object."""

    def __init__(self) -> None:
        self.fast: dict[Hashable, ConcreteFunction] = {}  # by the shapes and dtypes of arguments that are all tensors
        self.by_key: dict[Hashable, ConcreteFunction | Look] = {}  # a look says why a signature runs eagerly
        self.opened: dict[Hashable, list[TensorSpec]] = {}  # what reduce_retracing has opened, by the rest of the key
        self.all: list[ConcreteFunction] = []
        self.story: list[Trace] = []
        self.count = 0
        self.calls = 0
        self.traced_at: list[int] = []  # the numbers of the calls that were traced lately
        self.may_create = True
        self.tracing = threading.RLock()


class Function:
    """What `tf.function` makes of a Python function; see there."""

    __slots__ = ("__dict__", "__weakref__", "_of", "_options", "python_function", "traces")

    def __init__(
        self, python_function: Callable[..., Any], options: dict[str, Any], traces: Traces | None = None
    ) -> None:
        """Wrap a Python function; `traces` are those of an object whose method it is."""
        self.python_function = python_function
        self._options = options
        self.traces = Traces() if traces is None else traces
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

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy or pickle: the Python function, which is traced anew."""
        return Function, (self.python_function, self._options)

    def __repr__(self) -> str:
        """Print the name of the Python function."""
        return f"<tf.function {self.name}, traced {self.traces.count} times>"

    @property
    def input_signature(self) -> Any:
        """The specs that were given for the arguments, or None."""
        return self._options["input_signature"]

    @property
    def name(self) -> str:
        """The name of the Python function."""
        return getattr(self.python_function, "__name__", type(self.python_function).__name__)

    # --- calling ---

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the program for these arguments; the first time, the Python runs to find it."""
        if not kwargs:
            try:
                concrete = self.traces.fast[tuple([(each.array.shape, each.array.dtype) for each in args])]
            except (KeyError, AttributeError):
                pass
            else:
                if not (thread.recorders or functions_run_eagerly()):
                    self.traces.calls += 1
                    return concrete.run(args)
        if functions_run_eagerly():
            return self.python_function(*args, **kwargs)
        given = self._read(args, kwargs)
        before = self.traces.count
        found = self._found(given, running=True)
        self._count_call(self.traces.count > before)
        if isinstance(found, (Look, Ran)) or (found.custom and thread.recorders):
            result = found.result if isinstance(found, Ran) else self._run_eagerly(given)
            leaves = [self._result(leaf) for leaf in nest.flatten(result)]  # tensors, as from a program
            return nest.pack_sequence_as(result, leaves) if nest.is_nested(result) else leaves[0]
        tensors = [leaf.value for leaf in given.tensors]
        fast = self.traces.fast
        if len(fast) < _FAST and not (kwargs or given.variables) and all(type(each) is Tensor for each in args):
            fast[tuple([(each.array.shape, each.array.dtype) for each in args])] = found
        return found.run(tensors, [leaf.value for leaf in given.variables])

    def _run_eagerly(self, given: Arguments) -> Any:
        args, kwargs = given.filled()
        return self.python_function(*args, **kwargs)

    def _count_call(self, traced: bool) -> None:
        """Count a call; warn if many of the last ones were traced, because that takes long."""
        traces = self.traces
        traces.calls += 1
        if not traced:
            return
        traces.traced_at = [call for call in traces.traced_at if call > traces.calls - _CALLS] + [traces.calls]
        if len(traces.traced_at) in (_OFTEN, _OFTEN + 1):
            first = traces.traced_at[0]
            _log.warning(
                "%d out of the last %d calls to %s triggered tf.function retracing, which takes long. It is traced for "
                "each shape and dtype of tensors and each Python value: pass numbers that change as tensors, give an "
                "input_signature with None for sizes that change (or reduce_retracing=True), and make the tf.function "
                "once, outside of loops.", len(traces.traced_at), traces.calls - first + 1, self.name,
            )  # fmt: skip

    @functools.cached_property
    def _signature(self) -> inspect.Signature:
        return inspect.signature(self.python_function)

    def _read(self, args: Sequence[Any], kwargs: dict[str, Any]) -> Arguments:
        matched = bound(self._signature, args, kwargs)
        if self.input_signature is not None:
            cast_to(self.input_signature, matched)
        return arguments(matched)

    def _specs(self, given: Arguments) -> list[TensorSpec]:
        """Return the specs of the tensors, as open as they may be."""
        own = [leaf.spec for leaf in given.tensors]
        if self.input_signature is not None:
            specs = [spec for spec in nest.flatten(self.input_signature) if isinstance(spec, TensorSpec)]
            return [*map(_opened, specs, own), *own[len(specs) :]]
        return self._opening(own, without_shapes(given.key)) if self._options["reduce_retracing"] else own

    def _opening(self, own: list[TensorSpec], key: Hashable) -> list[TensorSpec]:
        """Open the sizes in which this call is unlike those before."""
        before = self.traces.opened.get(key, own)
        specs = [TensorSpec(common(a.shape, b.shape), b.dtype, b.name) for a, b in zip(before, own, strict=True)]
        self.traces.opened[key] = specs
        return specs

    # --- tracing ---

    def _found(self, given: Arguments, running: bool = False) -> Any:
        """Find or make the trace for arguments; a look if they must run eagerly."""
        traces = self.traces
        found = traces.by_key.get(given.key) or self._general(given)
        if found is not None:
            return found
        with traces.tracing:
            specs = self._specs(given)
            found = traces.by_key.get(given.key) or self._general(given)
            return found or self._opened(given, specs) or self._exactly(given, specs, running)

    def _general(self, given: Arguments) -> ConcreteFunction | None:
        """Find a trace with open sizes that fits."""
        general = [each for each in self.traces.all if not each.exact]
        if not general:
            return None
        key, leaves = without_shapes(given.key), [leaf.value for leaf in given.tensors]
        return next((each for each in general if without_shapes(each.key) == key and each.fits(leaves)), None)

    def _opened(self, given: Arguments, specs: Sequence[TensorSpec]) -> Any:
        """Trace with open sizes, if there are any; None where the sizes of this call have to be known."""
        sizes = open_sizes(specs, [leaf.value.shape.as_list() for leaf in given.tensors])
        if not sizes:
            return None
        for pattern in patterns(sizes):
            try:
                return self._supposed(given, specs, pattern)
            except (Unknowable, OpError, ValueError) as error:
                if not _within(error):
                    raise
                failed = error
        if given.real and all(leaf.value.shape.is_fully_defined() for leaf in given.tensors):
            return None
        reason = str(failed).splitlines()[0]
        asked = f"{self.name} has no program for all sizes that are None: it depends on {reason}"
        do = "give these sizes, or compute what differs with ops, such as tf.shape(t)"
        raise NoProgram(f"{asked}; {do}.").with_traceback(failed.__traceback__) from None

    def _supposed(self, given: Arguments, specs: Sequence[TensorSpec], pattern: Pattern) -> Any:
        """Trace on made-up tensors: with ones for integers, which divide, or else with zeros, which are indices."""
        try:
            return self._traced(given, specs, pattern, whole=1)
        except (Unknowable, OpError, ValueError) as error:
            if not _within(error) or not any(spec.dtype.is_integer for spec in specs):
                raise
            return self._traced(given, specs, pattern, whole=0)

    def _exactly(self, given: Arguments, specs: Sequence[TensorSpec], running: bool) -> Any:
        """Trace with all sizes known."""
        exact = [leaf.spec for leaf in given.tensors]
        try:
            if not given.real:
                return self._supposed(given, exact, ())
            return self._traced(given, exact, (), running=running)
        except InvalidWhileTraced as error:
            if exact == specs:
                raise
            later = InvalidArgumentError(None, None, error.message)  # TensorFlow finds it out when it runs
            raise later.with_traceback(error.__traceback__) from None

    def _traced(
        self, given: Arguments, specs: Sequence[TensorSpec], alike: Pattern, whole: int | None = None,
        running: bool = False,
    ) -> Any:  # fmt: skip
        """Run the Python under a capture and keep what comes of it; on made-up tensors if `whole` is given."""
        traces, outer = self.traces, (thread.recorders, thread.capture)
        while True:
            capture = Capture(self.name, traces.may_create, around=outer[1])
            capture.made_up |= whole is not None
            capture.may_leave = running and not outer[0]
            if whole is None:
                pairs = [(Tensor(leaf.value.array), None) for leaf in given.tensors]
            else:
                pairs = made_up(specs, alike, [leaf.value.shape.rank for leaf in given.tensors], whole)
            for (tensor, second), spec in zip(pairs, specs, strict=True):
                capture.argument(tensor, spec.name, second)
            args, kwargs = given.filled([tensor for tensor, _ in pairs])
            thread.recorders, thread.capture = (capture,), capture
            try:
                result = self.python_function(*args, **kwargs)
                leaves = [self._result(leaf) for leaf in nest.flatten(result)]
                traces.count += 1
                if capture.look is not None:
                    traces.may_create = False
                    self._looked(given, specs, capture.look)
                    return Ran(result)
            except Abandoned as reason:
                traces.count += 1
                return self._looked(given, specs, reason.look)
            except Unknowable as reason:
                if whole is not None:
                    raise
                return self._looked(given, specs, where(str(reason), reason))  # a size depends on values
            finally:
                thread.recorders, thread.capture = outer
                if capture.look is None:
                    capture.close()
            if not capture.created:
                break
            traces.may_create = False
        traces.may_create = False
        captured = capture.program([leaf for leaf in leaves if leaf is not None])
        captured = replace(captured, jit_compile=self._options.get("jit_compile"), late=late(given.key, traces.all))
        numbers = iter(captured.results)
        described = [None if leaf is None else _nameless(captured.values[next(numbers)]) for leaf in leaves]
        structure = nest.pack_sequence_as(result, described) if nest.is_nested(result) else described[0]
        concrete = ConcreteFunction(
            self._signature, given, specs, alike, (("captured", captured), *optimised(captured)), structure,
            capture.outside(), capture.custom,
        )  # fmt: skip
        if concrete.exact:
            traces.by_key[given.key] = concrete
        else:
            concrete.again = self._found
        traces.all.append(concrete)
        traces.story.append(Trace(concrete.parameters, concrete.stages))
        return concrete

    def _looked(self, given: Arguments, specs: Sequence[TensorSpec], look: Look) -> Look:
        """Let calls like this one run eagerly from now on."""
        args, kwargs = given.filled(specs)
        self.traces.by_key[given.key] = look
        self.traces.story.append(Trace(dict(self._signature.bind(*args, **kwargs).arguments), look=look))
        return look

    def _result(self, leaf: Any) -> Any:
        """Return a leaf of the result as a tensor; None stays None, TypeError for what is no number."""
        if leaf is None or hasattr(leaf, "_returned"):
            return leaf and leaf._returned()  # the values of replicas
        try:
            return convert_to_tensor(leaf)
        except (TypeError, ValueError):
            asked = "To be compatible with tf.function, Python functions must return zero or more Tensors or "
            asked += f"ExtensionTypes or None values; in compilation of {self.name}, found return value of type"
            raise TypeError(f"{asked} {type(leaf).__name__}, which is not a Tensor or ExtensionType.") from None

    # --- looking inside ---

    def get_concrete_function(self, *args: Any, **kwargs: Any) -> ConcreteFunction:
        """Return the trace for these arguments; TensorSpecs stand for tensors."""
        if self.input_signature is not None and not args and not kwargs:
            args = self.input_signature
        given = self._read(args, kwargs)
        found: ConcreteFunction | Look = self._found(given)
        if isinstance(found, Look):
            raise OperatorNotAllowedInGraphError(
                explain(
                    f"Using a symbolic `tf.Tensor` as a Python value is not allowed: {found.asked}",
                    got=f"{found.code!r} in line {found.line} of {found.file}",
                    expected="ops on tensors only, so that there is a program for all values",
                    do="choose with tf.where or tf.cond, or call the function itself, which then runs eagerly",
                )
            )
        names = [leaf.value.name if isinstance(leaf.value, TensorSpec) else None for leaf in given.tensors]
        return found.renamed(names) if any(names) else found

    def experimental_get_tracing_count(self) -> int:
        """Return how often the Python ran in order to be captured."""
        return self.traces.count

    def pretty_printed_concrete_signatures(self, verbose: bool = True) -> str:
        """Return the signatures that have been traced."""
        return "\n\n".join(concrete.pretty_printed() for concrete in self.traces.all)

    def one(self, args: Sequence[Any], kwargs: dict[str, Any]) -> ConcreteFunction:
        """Return the trace for arguments; none are needed where there is one only, ValueError if they are."""
        if args or kwargs or self.input_signature is not None or not self._signature.parameters:
            return self.get_concrete_function(*args, **kwargs)
        if len(self.traces.all) == 1:
            return self.traces.all[0]
        if self.traces.all:
            specs = ", ".join(str(concrete.specs) for concrete in self.traces.all)
            raise ValueError(
                f"{self.name} has {len(self.traces.all)} traces, for {specs}; pass arguments that choose one."
            )
        looks = [trace.look for trace in self.traces.story if trace.look is not None]
        if looks:
            file, line, code, asked = looks[-1]
            where_it_is = f"line {line} of {file}: {code}"
            raise ValueError(
                f"{self.name} has no program but runs as plain Python, because of {asked} in {where_it_is}"
            )
        do = "call it first, or say for which arguments, for example with tf.TensorSpec([None, 2])"
        raise ValueError(f"{self.name} was not called yet, so that it has no program; {do}.")

    def explain(self) -> None:
        """Print the traces: why there is each, what the passes did to its program, or why there is none.

        >>> double = tf.function(lambda x: 2 * x, input_signature=[tf.TensorSpec([])])
        >>> double.explain()
        <lambda> was not called yet; its first call traces it.
        """
        print(explain_text(self.name, self.traces.story))

    def graph(self, *args: Any, **kwargs: Any) -> ProgramGraph:
        """Return the program's nodes, to print or to draw with `tf.plot.program`; arguments choose the trace.

        >>> print(tf.function(lambda x: 2 * x).graph(tf.TensorSpec([])))
        <lambda> is a program of 1 op, after 5 passes.
        name  from             shape  dtype    role
        x     argument         ()     float32
        c1    constant 2       ()     float32
        v1    multiply(c1, x)  ()     float32  result
        """
        return ProgramGraph(self.one(args, kwargs).stages)

    def hlo(self, *args: Any, stage: str = "optimized_hlo", **kwargs: Any) -> Any:
        """Return the program as XLA compiles it, before (`stage="hlo"`) or after it has optimised it; see `source`.

        ValueError on NumPy, or if the program runs without XLA.
        """
        given = self._read(args, kwargs).tensors if args or kwargs else []
        return self.one(args, kwargs).hlo(stage, [leaf.value.shape.as_list() for leaf in given] or None)

    def source(self, *args: Any, **kwargs: Any) -> str:
        """Return the program as Python; arguments choose the trace where there are several.

        >>> twice = tf.function(lambda x: x + x)
        >>> print(twice.source(tf.constant(1.0)))
        def _lambda_(x):
            v1 = add(x, x)
            return (v1,)
        """
        return self.one(args, kwargs).program.source()


def _opened(spec: Any, own: TensorSpec) -> TensorSpec:
    """Return the spec of an input signature, with as many axes as the tensor has."""
    if not isinstance(spec, TensorSpec):
        return own
    rank = own.shape.rank
    shape = spec.shape if spec.shape.rank is not None else TensorShape(rank if rank is None else [None] * rank)
    return TensorSpec(shape, spec.dtype, own.name if spec.name is None else spec.name)


def _within(error: Exception) -> bool:
    """Say whether an error comes from minitf or NumPy; made-up tensors may be the reason then, and not the user."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    return frame.f_code.co_filename.startswith(_LIBRARIES)


def _nameless(spec: TensorSpec) -> TensorSpec:
    return TensorSpec(spec.shape, spec.dtype)


def function(
    func: Callable[..., Any] | None = None, input_signature: Sequence[Any] | None = None, autograph: bool = True,
    jit_compile: bool | None = None, reduce_retracing: bool = False, experimental_implements: str | None = None,
    experimental_autograph_options: object = None, experimental_attributes: object = None,
    experimental_relax_shapes: bool | None = None, experimental_compile: bool | None = None,
    experimental_follow_type_hints: bool | None = None,
) -> Any:  # fmt: skip
    """Make a function that is captured as a program when it is first called, and runs that program from then on.

    A program belongs to the shapes and dtypes of tensors and to the values of everything else; `input_signature`
    (TensorSpecs, whose sizes may be None) makes one for all, and `reduce_retracing` opens the sizes that change. Where
    Python looks at the value of a tensor, calls run as plain Python; `explain()` says in which line. On TensorFlow's
    runtime XLA compiles where it can: with `jit_compile=True` it must (InvalidArgumentError), with False it may not.

    >>> @tf.function
    ... def double(x):
    ...     print("tracing")
    ...     return 2 * x
    >>> print(double(tf.constant(1.0)), double(tf.constant(2.0)))
    tracing
    tf.Tensor(2.0, shape=(), dtype=float32) tf.Tensor(4.0, shape=(), dtype=float32)
    """
    options = {
        "input_signature": tuple(input_signature) if isinstance(input_signature, list) else input_signature,
        "jit_compile": experimental_compile if jit_compile is None else jit_compile,
        "reduce_retracing": bool(reduce_retracing or experimental_relax_shapes),
    }
    if input_signature is not None:
        _check_signature(input_signature)
    return (lambda func: _made(func, options)) if func is None else _made(func, options)


def _check_signature(specs: object) -> None:
    if not isinstance(specs, (tuple, list)):
        raise TypeError(
            f"input_signature must be either a tuple or a list, but got {type(specs).__name__}; put specs into a list."
        )
    if not all(isinstance(spec, (TensorSpec, Operators)) for spec in nest.flatten(specs)):
        raise TypeError(f"input_signature must be a possibly nested sequence of TensorSpec objects, got {specs}.")


def _made(func: Any, options: dict[str, Any]) -> Function:
    if not callable(func):
        raise TypeError(f"{func!r} is not a callable object; tf.function takes a function.")
    made = Function(func, options)
    if options["input_signature"] is not None and not inspect.ismethod(func):
        signature = inspect.signature(func)
        names = list(signature.parameters)
        if names[:1] == ["self"]:  # a method, whose first argument has no spec
            signature = signature.replace(parameters=list(signature.parameters.values())[1:])
        by_parameter(options["input_signature"], signature)
    return made
