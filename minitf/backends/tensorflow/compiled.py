"""Programs on TensorFlow's runtime: compiled by XLA, or as a graph that calls back to the host, or op by op.

A program is tried in this order when it first runs, and stays with what works. Variables are arguments and results like
any others. States of random streams are taken on the host before each call, in the order of the program.
"""

from __future__ import annotations

import functools
import itertools
import re
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.python import pywrap_tfe
from tensorflow.python.eager import core

from minitf.backends.tensorflow.arrays import Array, asarray, context_, symbolic, wrapped
from minitf.backends.tensorflow.checks import all_hold, collected, must_hold, on_cpus
from minitf.backends.tensorflow.making import NotCompiled, embedded
from minitf.backends.tensorflow.room import must_be_left
from minitf.errors import InvalidArgumentError, OpError, explain

__all__ = ["Compiled", "compiled", "hlo", "told"]

_FAILED = (core._NotOkStatusException, tf.errors.OpError)
_CHECKS = ("assert_compared", "assert_signed", "assert_true", "check_numerics")
_EMBEDDED = 128  # so many entries of a constant are computed while a program is traced
_OFTEN = 100  # calls until a program is compiled for shapes other than the first; so many cost as much as compiling
_KEPT = 16  # so many errors of the host wait at most for somebody to raise them
_tokens = itertools.count()
_new = object.__new__


class Stage:
    """A program as a tf.function, for arrays of given shapes; `xla` says whether XLA compiles it."""

    def __init__(self, program: Any, arrays: Sequence[Any], xla: bool) -> None:
        """Trace it; NotCompiled where that cannot be, with the reason, or where there is no room."""
        if xla:
            must_be_left()
        self.program, self.xla = program, xla
        self.left_out: list[str] = []  # assertions, if XLA has to do without
        self.draws: list[Callable[[], Array]] = []  # what takes the states of streams, in the order of the program
        self._errors: dict[int, Exception] = {}
        self.streams = [node.outputs[0] for node in program.nodes if node.op.name == "take_stream"]

        def traced(*tensors: Any) -> list[Any]:
            return [array.tensor for array in self.body(*map(wrapped, tensors))]

        self.function = tf.function(traced, jit_compile=xla, autograph=False)
        self.specs = self.inputs(arrays)
        concrete = self.function.get_concrete_function(*self.specs)
        self._concrete, self._captured = concrete, list(concrete.captured_inputs)
        self._launch = launcher(concrete)

    def inputs(self, arrays: Sequence[Any]) -> list[Any]:
        """Return the specs of all inputs: states, then the arrays."""
        specs = [tf.TensorSpec([3], tf.int64)] * len(self.streams)
        return specs + [tf.TensorSpec(array.shape, tf.as_dtype(array.dtype)) for array in arrays]

    def body(self, *arrays: Array) -> list[Array]:
        """Compute the results from states and arrays, all symbols."""
        return self.computed(dict(zip((*self.streams, *given(self.program)), arrays, strict=True)))

    def states(self) -> list[Array]:
        """Take the states from which the program draws."""
        return [draw() for draw in self.draws]

    def __call__(self, *arrays: Array) -> list[Array]:
        """Run it."""
        return self.launched(self.states() if self.draws else (), arrays)

    def launched(self, states: Sequence[Array], arrays: Sequence[Array]) -> list[Array]:
        """Run it with states; the errors of kernels on the host come out as they are, others as ValueErrors."""
        tensors = [array.tensor for array in (*states, *arrays)] if states else [array.tensor for array in arrays]
        try:
            tensors = self._launch(tensors + self._captured)
        except _FAILED as error:
            message = getattr(error, "message", None) or str(error)
            found = re.search(r"minitf's error (\d+)", message)
            own = self._errors.pop(int(found[1]), None) if found else None
            if own is not None:
                raise own from None
            raise ValueError(message) from error
        results = []
        for tensor in tensors:
            array = _new(Array)
            array.tensor = tensor
            results.append(array)
        return results

    def hlo(self, stage: str) -> Any:
        """Return what XLA makes of it, in its language."""
        return self.function.experimental_get_compiler_ir(*self.specs)(stage=stage)

    # --- tracing ---

    def computed(self, values: dict[int, Array]) -> list[Array]:
        """Compute the results of the program from the values of its states, arguments and variables."""
        self.draws, self.left_out = [], []
        return self._computed(self.program, values)

    def _computed(self, program: Any, values: dict[int, Array]) -> list[Array]:
        values.update((number, asarray(array)) for number, array in program.constants.items())
        for node in program.nodes:
            inputs = [values[number] for number in node.inputs]
            try:
                attributes = program.attributes(node, values)
            except TypeError:  # a number in a tensor, which is not known yet
                raise NotCompiled(f"the result of {node.op.name} has as many entries as values say") from None
            if node.op.name == "take_stream":
                self.draws.append(functools.partial(node.op.kernel, **attributes))
                continue
            if self.xla and self.program.jit_compile and node.op.name in _CHECKS:
                self.left_out.append(node.op.name)
                values.update((number, inputs[0]) for number in node.outputs)
                continue
            try:
                large = any((program.values[n].shape.num_elements() or 0) > _EMBEDDED for n in node.outputs)
                if large:  # not to be computed beforehand, which XLA does better along the way
                    inputs = [wrapped(embedded(each.tensor)) for each in inputs]
                results = self._applied(node, inputs, attributes)
            except NotCompiled as error:
                if self.xla:
                    raise NotCompiled(str(error) if ":" in str(error) else _why(program, node)) from None
                results = self._on_host(program, node, inputs, attributes)
            values.update(zip(node.outputs, results, strict=True))
        return [values[number] for number in returned(program)]

    def _applied(self, node: Any, inputs: Sequence[Array], attributes: dict[str, Any]) -> tuple[Array, ...]:
        if node.op.stateful:
            raise NotCompiled(node.op.name)
        must_hold(node.op.name, inputs, attributes)
        if not symbolic(*inputs):  # sizes, and what hangs on them: known while the program is compiled
            with tf.init_scope():
                results = node.op.kernel(*inputs, **attributes)
        else:
            try:
                kernel = node.op.kernel if self.xla else getattr(node.op.kernel, "in_graphs", node.op.kernel)
                results = kernel(*inputs, **{name: self._inside(each) for name, each in attributes.items()})
            except (NotCompiled, OpError):
                raise
            except Exception as error:
                raise NotCompiled(f"{node.op.name}: {error}") from error
        return results if type(results) is tuple else (results,)

    def _inside(self, value: Any) -> Any:
        """Return a program inside this one as a function of symbols, wherever it is in an attribute."""
        if type(value) is tuple:
            return tuple(map(self._inside, value))
        if not hasattr(value, "nodes"):
            return value
        return lambda *arrays: tuple(self._computed(value, dict(zip(value.arguments, arrays, strict=True))))

    def _on_host(
        self, program: Any, node: Any, inputs: Sequence[Array], attributes: dict[str, Any]
    ) -> tuple[Array, ...]:
        """Call a kernel in its place when the program runs; NotCompiled if the shapes of its results are not known."""
        specs = [program.values[number] for number in node.outputs]
        if not all(spec.shape.is_fully_defined() for spec in specs):
            raise NotCompiled(_why(program, node))

        def compute(*arrays: Any) -> list[Any]:
            try:
                with np.errstate(all="ignore"):
                    results = node.op.kernel(*map(asarray, arrays), **attributes)
            except Exception as error:
                raise RuntimeError(self._kept(error)) from None
            results = results if type(results) is tuple else (results,) if specs else ()
            pairs = zip(results, specs, strict=True)
            return [np.asarray(asarray(array).host, spec.dtype.numpy) for array, spec in pairs]

        dtypes = [tf.as_dtype(spec.dtype.numpy) for spec in specs]
        tensors = [array.tensor for array in inputs]
        results = tf.numpy_function(compute, tensors, dtypes, stateful=node.op.stateful)
        results = results if isinstance(results, list) else [results] if specs else []
        for tensor, spec in zip(results, specs, strict=True):
            tensor.set_shape(spec.shape.as_list())
        return tuple(map(wrapped, results))

    def _kept(self, error: Exception) -> str:
        """Keep an error until the call that caused it comes back, and return how TensorFlow shall name it."""
        token = next(_tokens)
        self._errors[token] = error
        while len(self._errors) > _KEPT:
            self._errors.pop(next(iter(self._errors)), None)
        return f"minitf's error {token}"


class Refused(ValueError):
    """A kernel would have refused a value."""


class Checked(Stage):
    """A stage for XLA that refuses what kernels refuse."""

    checks = False

    def body(self, *arrays: Array) -> list[Array]:
        """Compute the results, and at last whether all values are such as kernels allow, unless nothing hangs on it."""
        with collected(self.xla and on_cpus()) as found:
            results = super().body(*arrays)
        self.checks = bool(found)
        return [*results, wrapped(all_hold(found))] if found else results

    def launched(self, states: Sequence[Array], arrays: Sequence[Array]) -> list[Array]:
        """Run it."""
        results = super().launched(states, arrays)
        if self.checks and not results.pop().tensor._numpy():
            raise Refused("a value that a kernel refuses")
        return results


class Compiled:
    """A program that finds out how it can run: once, or for each shapes of arrays where these may differ."""

    stage: type[Stage] = Checked

    def __init__(self, function: Callable[..., Any], program: Any) -> None:
        """Take the generated function, which runs op by op, and its program."""
        self.function, self.program = function, program
        self.exact = all(program.values[number].shape.is_fully_defined() for number in given(program))
        self.made: dict[Any, Callable[..., Any]] = {}
        self.came: dict[Any, int] = {}  # how often shapes came that are not compiled
        self.told: str | None = None
        self._trying = threading.RLock()

    def __call__(self, *arrays: Array) -> Any:
        """Run it."""
        key = None if self.exact else tuple([array.shape for array in arrays])
        run = self.made.get(key)
        if run is not None:
            return run(*arrays)
        with self._trying:
            run = self.made.get(key)
            if run is None and self._seldom(key):
                run = self.function
            elif run is None:
                self.made[key], results = self._tried(arrays)
                return results
        return run(*arrays)

    def _seldom(self, key: Any) -> bool:
        """Say whether shapes come too seldom to be worth what compiling costs, and note that they came."""
        early = not self.program.late if self.exact else not self.made
        if early or self.program.jit_compile:
            return False
        self.came[key] = self.came.get(key, 0) + 1
        if self.came[key] < _OFTEN:
            return True
        del self.came[key]
        return False

    def _tried(self, arrays: Sequence[Array]) -> tuple[Callable[..., Any], Any]:
        """Run the program in the quickest way that works; return what runs it from now on, and the results."""
        demanded, reason = self.program.jit_compile, "jit_compile=False"
        states: list[Array] | None = None
        if demanded:
            self._refuse_effects()
        for xla in (True, False) if demanded is not False else (False,):
            try:
                stage = self.stage(self.program, arrays, xla)
                states = stage.states() if states is None else states
                results = stage.launched(states, arrays)
            except Refused:
                raise
            except (NotCompiled, ValueError) as error:  # ValueErrors come from TensorFlow, when it compiles or runs
                said = str(error) if isinstance(error, NotCompiled) else f"{_short(error)}"
                reason = said if xla or not reason or demanded is False else reason
                if demanded and xla and not isinstance(error, NotCompiled):
                    raise InvalidArgumentError(None, None, str(error)) from error
                failed = said
                continue
            if not xla:
                self.told = f"It runs without XLA: {reason}."
            elif stage.left_out:
                names = " and ".join(dict.fromkeys(stage.left_out))
                self.told = f"It is compiled by XLA, which leaves out {names}, as jit_compile=True does in TensorFlow."
            else:
                self.told = "It is compiled by XLA."
            return stage, results
        results = self.function(*arrays) if states is None else self._by_hand(states, arrays)
        self.told = f"It runs op by op: {failed}."
        return self.function, results

    def _by_hand(self, states: Sequence[Array], arrays: Sequence[Array]) -> list[Array]:
        """Compute op by op with states that have been taken."""
        program, left = self.program, iter(states)
        values: dict[int, Any] = dict(zip(given(program), arrays, strict=True))
        values.update((number, asarray(array)) for number, array in program.constants.items())
        for node in program.nodes:
            if node.op.name == "take_stream":
                values[node.outputs[0]] = next(left)
                continue
            attributes = program.attributes(node, values)
            results = node.op.kernel(*[values[number] for number in node.inputs], **attributes)
            values.update(zip(node.outputs, results if type(results) is tuple else (results,), strict=False))
        return [values[number] for number in returned(program)]

    def _refuse_effects(self) -> None:
        """Refuse what XLA has no op for, as TensorFlow does where XLA was demanded."""
        names = [node.op.name for node in self.program.nodes if node.op.stateful and not node.outputs]
        names = [name for name in names if name not in _CHECKS]
        if names:
            raise InvalidArgumentError(
                None, None,
                explain(
                    f"Detected unsupported operations when trying to compile {self.program.name}: {', '.join(names)}",
                    got=f"jit_compile=True and {names[0]}, which {_WHY.get(names[0], 'runs on the host')}",
                    expected="ops that XLA knows",
                    do="leave jit_compile out, so that the function runs without XLA where it has to",
                ),
            )  # fmt: skip

    def hlo(self, shapes: Sequence[Sequence[int]], stage: str) -> Any:
        """Return the XLA program for arguments of these shapes; ValueError if XLA does not compile it."""
        program = self.program
        specs = [
            tf.TensorSpec(shape, program.values[n].dtype.numpy)
            for n, shape in zip(program.arguments, shapes, strict=True)
        ]
        arrays = [*specs, *(variable._array for variable, _ in program.variables)]
        try:
            if program.jit_compile is False:
                raise NotCompiled("jit_compile=False")
            made = self.made.get(None if self.exact else tuple([tuple(array.shape) for array in arrays]))
            if made is not None and not (isinstance(made, Stage) and made.xla):
                raise NotCompiled(self.told)
            return (made or Stage(program, [_Spec(array) for array in arrays], True)).hlo(stage)
        except NotCompiled as error:
            asked = "Compiler IR can only be returned for functions that XLA compiles"
            raise ValueError(f"{asked}, and {program.name} is none: {str(error).rstrip('.')}.") from None


class _Spec:
    """Shape and dtype of an array, as NumPy has them."""

    def __init__(self, array: Any) -> None:
        self.shape = tuple(array.shape)
        self.dtype = array.dtype.as_numpy_dtype if isinstance(array, tf.TensorSpec) else array.dtype


def given(program: Any) -> tuple[int, ...]:
    """Return the numbers of what the function of a program takes: arguments, and what variables start with."""
    return (*program.arguments, *(number for _, number in program.variables))


def returned(program: Any) -> tuple[int, ...]:
    """Return the numbers of what it gives: results, and what variables end with."""
    return (*program.results, *(number for _, number in program.assigned))


def launcher(concrete: Any) -> Callable[[list[Any]], Any]:
    """Return what runs a traced function on tensors, captured ones included, as directly as this TensorFlow allows."""
    try:
        inner = concrete._inference_function
        name, count = inner.name.decode(), len(inner.function_type.flat_outputs)
        options = context_.function_call_options.as_attrs()
        attributes, handle = tuple(itertools.chain(*options.items())), context_._handle
        execute = pywrap_tfe.TFE_Py_Execute
    except AttributeError:  # other releases name these in other ways
        captured = len(concrete.captured_inputs)
        return lambda tensors: tf.nest.flatten(concrete(*tensors[: len(tensors) - captured]))
    return lambda tensors: execute(handle, context_.device_name, name, tensors, attributes, count)


_WHY = {"print_values": "writes to the terminal"} | dict.fromkeys(_CHECKS, "looks at values, and may refuse them")


def _why(program: Any, node: Any) -> str:
    """Say why XLA cannot have an op."""
    name = node.op.name
    if name in _WHY:
        return f"{name} {_WHY[name]}"
    if not all(program.values[number].shape.is_fully_defined() for number in node.outputs):
        return f"the result of {name} has as many entries as values say"
    return f"{name} is computed on the host, by NumPy"


def _short(error: Exception) -> str:
    """Return the first line of a message."""
    line = str(error).partition("\n")[0]
    return line if len(line) <= 200 else f"{line[:199]}…"


# --- what programs ask of a backend -----------------------------------------------------------------------------------


def compiled(function: Callable[..., Any], program: Any) -> Callable[..., Any]:
    """Return the function that runs a program."""
    return Compiled(function, program)


def told(running: Any) -> str:
    """Say in a sentence how the function that `compiled` gave runs."""
    later = f"It runs op by op, and is compiled when it has been called {_OFTEN} times."
    return running.told or (later if running.came else "It is compiled when it first runs.")


def hlo(running: Any, shapes: Sequence[Sequence[int]], stage: str) -> Any:
    """Return what XLA makes of that function for arguments of these shapes: "hlo" as given, or "optimized_hlo"."""
    return running.hlo(shapes, stage)
