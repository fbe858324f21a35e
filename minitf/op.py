"""Op: one primitive, that is a name, the kernel of that name, and one gradient rule per input.

An op converts and checks, calls the kernel, wraps the result and tells whoever listens in this thread: tapes, that is,
and captures. It never looks at values; what depends on shapes or axes is checked by the public functions in `ops`.
"""

from __future__ import annotations

import contextvars
import functools
import itertools
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minitf.backends import bound, kernels
from minitf.dtypes import ALL, DType, here
from minitf.errors import InvalidArgumentError, invalid_argument
from minitf.operators import Operators
from minitf.recording import thread
from minitf.size import Unknowable, first
from minitf.tensor import Tensor, convert_like, convert_to_tensor

__all__ = [
    "Binary", "Each", "Mixed", "Op", "Together", "Unary", "alone", "led_by_first", "matching", "quietly",
    "quietly_here", "registered", "run",
]  # fmt: skip

Rule = Callable[..., Tensor | None]  # rule(dy, y, *inputs, **attributes) -> gradient of one input
Matcher = Callable[[Sequence[object]], Sequence[Tensor]]


# inf and nan are results here, as in TensorFlow, and no warnings. Kernels run in a context of their own in which NumPy
# is silent; that costs nothing, while np.errstate would cost as much as a small kernel.
_context = contextvars.copy_context()
_context.run(np.seterr, all="ignore")
quietly = _context.run  # RuntimeError while another thread is in that context
registered: dict[tuple[str, str], Op] = {}  # every op, by its name and TensorFlow's, for programs that were stored
_new = object.__new__  # bound once, because every op needs it
_Array: Any  # the class of raw arrays, and what makes them
_asarray: Any


class _Quiet(threading.local):
    """A context for this thread alone, in which NumPy is silent."""

    def __init__(self) -> None:
        self.run = _context.copy().run


_quiet = _Quiet()


def quietly_here(function: Callable[..., Any], *arrays: Any) -> Any:
    """Run a compiled program without NumPy's warnings; it must not call anything that runs another one."""
    return _quiet.run(function, *arrays)


def run(kernel: Callable[..., Any], *arrays: Any, **attributes: Any) -> Any:
    """Run a kernel without NumPy's warnings about inf and nan."""
    try:
        return quietly(kernel, *arrays, **attributes)
    except RuntimeError:  # another thread is in that context just now
        return _context.copy().run(kernel, *arrays, **attributes)


@bound
def _bind(kernels: Any) -> None:
    """Take the kernels of the backend."""
    global _Array, _asarray
    _Array, _asarray = kernels.Array, kernels.asarray
    for op in registered.values():
        op.kernel = getattr(kernels, op.name)
        op.dtypes = frozenset(dtype.numpy for dtype in here(op.takes))


def matching(values: Sequence[object]) -> Sequence[Tensor]:
    """Convert all to the dtype of the first tensor, or of the first value if there is no tensor.

    >>> [tensor.dtype for tensor in matching([1, convert_to_tensor(2.5)])]
    [tf.float32, tf.float32]
    """
    dtype = next((value.dtype for value in values if isinstance(value, Operators)), None)
    return _converted(values, lambda value, first: convert_to_tensor(value, dtype or first))


def led_by_first(values: Sequence[object]) -> Sequence[Tensor]:
    """Convert the first by itself, and the others to its dtype where they fit.

    >>> [tensor.dtype for tensor in led_by_first([1, 2.5])]
    [tf.int32, tf.float32]
    """
    return _converted(values, lambda value, first: convert_to_tensor(value, dtype_hint=first))


def _converted(values: Sequence[object], convert: Callable[[object, Any], Tensor]) -> Sequence[Tensor]:
    """Convert what is no tensor, told the dtype of the first result."""
    tensors: list[Tensor] = []
    for value in values:
        if type(value) is Tensor:
            tensors.append(value)
        elif isinstance(value, Operators):
            tensors.append(value.__tf_tensor__())
        else:
            tensors.append(convert(value, tensors[0].dtype if tensors else None))
    return tensors


def alone(values: Sequence[object]) -> Sequence[Tensor]:
    """Convert each by itself.

    >>> [tensor.dtype for tensor in alone([1, 2.5])]
    [tf.int32, tf.float32]
    """
    return [convert_to_tensor(value) for value in values]


class Each:
    """One rule for any number of inputs, which takes the input's position first, made to look like a rule for each."""

    __slots__ = ("rule",)

    def __init__(self, rule: Callable[..., Any]) -> None:
        """Keep the rule."""
        self.rule = rule

    def __iter__(self) -> Iterator[Rule]:
        """Go through the rules without end."""
        return (functools.partial(self.rule, position) for position in itertools.count())


class Together(Each):
    """One rule that gives the gradients of all inputs at once; it is called when the first of them is wanted."""

    __slots__ = ()

    def __iter__(self) -> Iterator[Rule]:
        """Go through the rules without end."""
        found: list[Sequence[Tensor | None]] = []

        def rule(position: int, *arguments: Any, **attributes: Any) -> Tensor | None:
            if not found:
                found.append(self.rule(*arguments, **attributes))
            return found[0][position]

        return (functools.partial(rule, position) for position in itertools.count())


class Op:
    """One primitive operation: calling it computes, and its rules say how a gradient flows back through it.

    `native` is TensorFlow's own name for it, which its messages show. `rules` has one rule per input, or None where
    none flows. For any number of inputs, `each` is one rule that takes the input's position first, and `together` one
    that returns all gradients at once. An op that is `stateful` may give another result the next time, or does more
    than compute: a captured program runs it in its place, and always.

    >>> from minitf.dtypes import NUMBERS
    >>> Op("multiply", "Mul", lambda dy, y, a, b: dy * b, lambda dy, y, a, b: dy * a, dtypes=NUMBERS)(2, 3)
    <tf.Tensor: shape=(), dtype=int32, numpy=6>
    """

    __slots__ = ("dtypes", "kernel", "match", "name", "native", "rules", "stateful", "takes")
    custom = False  # whether its rules are a function of the user

    def __init__(
        self,
        name: str,
        native: str,
        *rules: Rule | None,
        each: Rule | None = None,
        together: Callable[..., Sequence[Tensor | None]] | None = None,
        dtypes: Sequence[DType] = ALL,
        match: Matcher = matching,
        stateful: bool = False,
    ) -> None:
        """Find the kernel of that name in the backend."""
        self.name = name
        self.native = native
        self.rules: tuple[Rule | None, ...] | Each = rules
        if each is not None:
            self.rules = Each(each)
        elif together is not None:
            self.rules = Together(together)
        self.takes = dtypes
        self.dtypes = frozenset(dtype.numpy for dtype in here(dtypes))
        self.match = match
        self.stateful = stateful
        registered[name, native] = self
        self.kernel: Callable[..., Any] = getattr(kernels, name)

    def __repr__(self) -> str:
        """Print as `<op multiply>`."""
        return f"<op {self.name}>"

    def __call__(self, *inputs: Any, **attributes: Any) -> Tensor:
        """Convert, check dtypes, compute; InvalidArgumentError for dtypes or shapes that do not go together."""
        for x in inputs:
            if type(x) is not Tensor:
                inputs = tuple(self.match(inputs))
                break
        arrays = [x.array for x in inputs]
        first = arrays[0].dtype
        for array in arrays:
            if array.dtype is not first:
                self.check(inputs)
        if first not in self.dtypes:
            self.check(inputs)
        y: Tensor = self.apply(inputs, arrays, attributes)
        return y

    def several(self, *inputs: Any, **attributes: Any) -> tuple[Tensor, ...]:
        """Call an op whose kernel returns a tuple."""
        y: Any = self(*inputs, **attributes)
        return tuple(y)

    def apply(self, inputs: Sequence[Tensor], arrays: Sequence[NDArray[Any]], attributes: dict[str, Any]) -> Any:
        """Compute on arrays that were checked, and tell the recorders."""
        try:
            result = quietly(self.kernel, *arrays, **attributes)
        except RuntimeError:
            result = run(self.kernel, *arrays, **attributes)
        except Unknowable:  # the kernel looks at made-up sizes; what it gives is found out for two sets of them
            result = run(self.kernel, *arrays, **{name: first(value) for name, value in attributes.items()})
        except ValueError as error:
            raise self.incompatible(inputs) or error from None
        y: Any
        if type(result) is tuple:
            y = tuple(map(Tensor, result))
        else:
            y = _new(Tensor)
            y.array = result if type(result) is _Array else _asarray(result)
        for recorder in thread.recorders:
            recorder.record(self, inputs, attributes, y)
        return y

    def check(self, inputs: Sequence[Tensor]) -> None:
        """Refuse inputs of different dtypes, and dtypes that the op does not take."""
        first = inputs[0].array.dtype
        for position, tensor in enumerate(inputs):
            if tensor.array.dtype != first:
                raise self.expected(position, tensor.dtype, inputs[0].dtype)
        if first not in self.dtypes:
            names = ", ".join(sorted(dtype.name for dtype in self.dtypes))
            raise invalid_argument(
                self.native,
                f"Value for attr 'T' of {inputs[0].dtype.native} is not in the list of allowed values: {names}",
                got=f"{self.name} of dtype {inputs[0].dtype.name}",
                expected=names,
                do=_cast_hint(inputs[0].dtype),
            )

    def expected(self, position: int, got: DType, wanted: DType) -> InvalidArgumentError:
        """Build the error for an input whose dtype is not the one of the others."""
        asked = f"cannot compute {self.native} as input #{position}(zero-based) was expected to be "
        return invalid_argument(
            self.native,
            f"{asked}a {wanted.native} tensor but is a {got.native} tensor",
            got=f"{self.name} with input {position} of dtype {got.name}",
            expected=f"dtype {wanted.name}; two tensors never convert by themselves",
            do=f"make the dtypes equal with tf.cast(t, {wanted!r})",
        )

    def incompatible(self, inputs: Sequence[Tensor]) -> InvalidArgumentError | None:
        """Build the error for shapes that do not broadcast; None if they do."""
        shapes = [tensor.array.shape for tensor in inputs]
        if broadcastable(*shapes):
            return None
        return invalid_argument(
            self.native,
            "Incompatible shapes: " + " vs. ".join(bracketed(shape) for shape in shapes),
            got=f"{self.name} of shapes " + " and ".join(str(shape) for shape in shapes),
            expected="sizes that are equal or 1, compared from the last axis backwards",
            do="reshape one of them, for example with tf.expand_dims or tf.reshape",
        )


class Binary(Op):
    """An op of two inputs of one dtype: the same, written out, because these are most of the ops in a training step."""

    __slots__ = ()

    def __call__(self, x: Any, y: Any, **attributes: Any) -> Tensor:
        """Convert, check dtypes, compute; InvalidArgumentError for dtypes or shapes that do not go together."""
        if type(y) is not Tensor or type(x) is not Tensor:
            if type(x) is Tensor and isinstance(y, Operators):
                y = y.__tf_tensor__()
            elif type(x) is Tensor and type(y) is float and x.array.dtype.kind == "f":
                y = convert_like(y, x)
            else:
                x, y = self.match((x, y))
        a, b = x.array, y.array
        dtype = a.dtype
        if dtype is not b.dtype or dtype not in self.dtypes:
            self.check((x, y))
        try:
            array = quietly(self.kernel, a, b, **attributes) if attributes else quietly(self.kernel, a, b)
        except (RuntimeError, ValueError):
            result: Tensor = self.apply((x, y), (a, b), attributes)
            return result
        result = _new(Tensor)
        result.array = array if type(array) is _Array else _asarray(array)
        for recorder in thread.recorders:
            recorder.record(self, (x, y), attributes, result)
        return result


class Unary(Op):
    """An op of one input, written out for the same reason."""

    __slots__ = ()

    def __call__(self, x: Any, **attributes: Any) -> Tensor:
        """Convert, check the dtype, compute; InvalidArgumentError for a dtype the op does not take."""
        if type(x) is not Tensor:
            (x,) = self.match((x,))
        a = x.array
        if a.dtype not in self.dtypes:
            self.check((x,))
        try:
            array = quietly(self.kernel, a, **attributes) if attributes else quietly(self.kernel, a)
        except (RuntimeError, Unknowable):
            result: Tensor = self.apply((x,), (a,), attributes)
            return result
        result = _new(Tensor)
        result.array = array if type(array) is _Array else _asarray(array)
        for recorder in thread.recorders:
            recorder.record(self, (x,), attributes, result)
        return result


class Mixed(Op):
    """An op whose inputs have unlike dtypes, such as indices; the public function that calls it has checked them."""

    __slots__ = ()

    def __call__(self, *inputs: Any, **attributes: Any) -> Tensor:
        """Compute; the inputs are tensors or variables."""
        for x in inputs:
            if type(x) is not Tensor:
                inputs = tuple(map(convert_to_tensor, inputs))
                break
        y: Tensor = self.apply(inputs, [x.array for x in inputs], attributes)
        return y


def _cast_hint(dtype: DType) -> str:
    if dtype.is_bool:
        return "turn booleans into numbers with tf.cast(t, tf.float32)"
    return "convert with tf.cast(t, tf.float32)" if dtype.is_integer else "convert with tf.cast(t, tf.int32)"


def broadcastable(*shapes: tuple[int, ...]) -> bool:
    """Say whether arrays of these shapes can be combined entry by entry.

    >>> broadcastable((2, 1), (3,)), broadcastable((2,), (3,))
    (True, False)
    """
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        return False
    return True


def bracketed(shape: Iterable[int]) -> str:
    """Print a shape as TensorFlow's messages do.

    >>> bracketed((2, 3))
    '[2,3]'
    """
    return "[" + ",".join(str(size) for size in shape) + "]"
