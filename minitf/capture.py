"""Capture: listens while the Python of a function runs once, and writes down a program that does the same again.

It hears every op, and every read and assignment of a variable. A tensor that it has not heard of is a constant of the
program. No variable changes, and nothing is printed or checked: running the program does that.

Sizes that may differ in a later call are made up, and everything that depends on them is computed with a second set of
made-up sizes beside the first (see `size`). Where Python looks at a value, no program can do the same again: the
capture ends there.
"""

from __future__ import annotations

import dataclasses
import itertools
import linecache
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import minitf.branches as branches
from minitf.backends import kernels
from minitf.dtypes import OF_NUMPY
from minitf.op import Op, run
from minitf.program import ASSIGN, Node, Program, has_size
from minitf.recording import thread
from minitf.shape import TensorShape
from minitf.size import Size, Unknowable, other
from minitf.spec import TensorSpec
from minitf.tensor import OutOfScope, Tensor

__all__ = ["Abandoned", "Capture", "Look", "where"]

Array = NDArray[Any]
_HERE = str(Path(__file__).parent)
# What these give has as many entries as the values say, not the shapes.
_COUNTED = {"places", "repeated_places", "unique"}
# Where these give the same for both sets of made-up sizes, they do for all sizes; others, such as the minimum, may not.
_EXACT = {
    "add", "cast", "concat", "expand_dims", "fill", "gather", "identity", "multiply", "negative", "reduce_prod",
    "reduce_sum", "reshape", "reverse", "shape_of", "squeeze", "stack", "strided_slice", "subtract", "unstack",
}  # fmt: skip


# The names that TensorFlow gives to the results of operators.
_SAID = {"AddV2": "add", "FloorDiv": "floordiv", "FloorMod": "mod", "Mul": "mul", "RealDiv": "truediv", "Sub": "sub"}


_programs = itertools.count()


class Look(NamedTuple):
    """Where Python looked at a value: the file, the line, its code, and how it looked."""

    file: str
    line: int
    code: str
    asked: str


class Abandoned(BaseException):
    """Python looked at a value: the function must run again, and nobody listens to it."""

    def __init__(self, look: Look) -> None:
        """Keep where that was."""
        super().__init__(look)
        self.look = look


class _State:
    """A variable inside a program: the value it starts with, and the one it has now; the variable itself waits."""

    def __init__(self, variable: Any, start: int, array: Array) -> None:
        self.variable, self.start, self.now, self.array, self.changed = variable, start, start, array, False


class Capture:
    """A listener that turns what it hears into a program."""

    def __init__(self, name: str, may_create: bool = True, outer: Capture | None = None, around: Any = None) -> None:
        """Begin; `may_create` says that variables may be made.

        `outer` is the capture of which this is a part, and `around` that of another function, which calls this one.
        """
        self.name, self.may_create, self.outer, self._caller = name, may_create, outer, around
        self._around: tuple[Any, ...] = ()  # who listens to the function around, the outer capture first
        self.free: list[Tensor] = []  # tensors of the outer capture, which are arguments here
        self.made_up: bool = any(
            each is not None and each.made_up for each in (outer, around)
        )  # the arguments are no real ones
        self.may_leave = False  # whether the function may go on without being heard
        self.look: Look | None = None  # where it did
        self._program = next(_programs)
        self._inside: Iterator[int] = itertools.count(1) if outer is None else outer._inside
        self._named: dict[str, Program] = {}  # those inside, by name
        self.created: list[Any] = []
        self.custom = False  # a function of the user computes gradients
        self._numbers: dict[int, int] = {}  # of each tensor, by id
        self._tensors: list[Any] = []  # by number; kept, so that ids stay theirs
        self._reads: list[Any] = []  # what variables gave, kept for the same reason
        self._specs: dict[int, TensorSpec] = {}
        self._arguments: list[int] = []
        self._states: dict[int, _State] = {}
        self._constants: dict[int, Array] = {}
        self._nodes: list[Node] = []
        self._others: dict[int, Array] = {}  # what depends on made-up sizes, computed with the second set of them
        self._fixed: set[int] = set()  # constants, and what depends on them alone
        self._shaped: set[int] = set()  # what depends on constants and sizes alone
        self._guessed: set[int] = set()  # those of them that may be the same for both sets of sizes by chance

    # --- numbers of values ---

    def _new(self, tensor: Tensor, other_array: Array | None = None, name: str | None = None) -> int:
        number = len(self._specs)
        self._numbers[id(tensor)] = number
        self._tensors.append(tensor)
        array = tensor.array
        shape: Sequence[int | None] = array.shape
        if other_array is not None:
            self._others[number] = other_array
            if other_array.ndim != array.ndim:
                raise Unknowable(f"a tensor of {array.ndim} or {other_array.ndim} axes")
            shape = [n if n == m else None for n, m in zip(array.shape, other_array.shape, strict=True)]
        self._specs[number] = TensorSpec(TensorShape(shape), OF_NUMPY[array.dtype], name)
        return number

    def _find(self, tensor: Any) -> int | None:
        """Return the number of a tensor; None for one that has not been heard of."""
        number = self._numbers.get(id(tensor))
        if number is None and self.outer is not None and self.outer.symbol(tensor):
            theirs = self.outer._find(tensor)
            assert theirs is not None
            number = self._new(tensor, self.outer._others.get(theirs), self.outer._specs[theirs].name)
            self._arguments.append(number)
            self.free.append(tensor)
            for own, outer in ((self._shaped, self.outer._shaped), (self._guessed, self.outer._guessed)):
                own.update({number} if theirs in outer else ())
        if number is None and self._caller is not None and self._caller.symbol(tensor):
            self.abandon("using it in another tf.function")  # which is run there as a part of this one's caller
        return number

    def _number(self, tensor: Any) -> int:
        number = self._find(tensor)
        if number is None:
            number = self._new(tensor)
            self._constants[number] = tensor.array
            self._fixed.add(number)
        return number

    def argument(self, tensor: Tensor, name: str | None, other_array: Array | None = None) -> None:
        """Make a tensor the next argument of the program."""
        self._arguments.append(self._new(tensor, other_array, name))

    # --- what is heard ---

    def record(self, op: Op, inputs: Sequence[Any], attributes: dict[str, Any], y: Any) -> None:
        """Write down an op."""
        numbers = tuple([self._number(x) for x in inputs])
        outputs: tuple[Any, ...] = y if type(y) is tuple else (y,)
        if op.custom:
            self.custom = True
            return
        others = self._other_results(op, numbers, attributes, outputs)
        made = tuple(map(self._new, outputs, others))
        attributes = {name: self._with_name_of_its_own(value) for name, value in attributes.items()}
        if op.name == "take_stream":  # in a function, each op that draws has a stream of its own
            attributes = attributes | {"stream": (*attributes["stream"], f"{self._program}.{len(self._nodes)}")}
        self._nodes.append(Node(op, numbers, attributes, made))
        if not op.stateful:
            if not any(array is not None for array in others) and self._fixed.issuperset(numbers):
                self._fixed.update(made)
            if op.name == "shape_of" or all(n in self._fixed or n in self._shaped for n in numbers):
                self._shaped.update(made)
                if op.name not in _EXACT or not self._guessed.isdisjoint(numbers):
                    self._guessed.update(made)

    def _with_name_of_its_own(self, value: Any) -> Any:
        """Give another name to a program inside that has the name of another one, as those of other functions may."""
        if type(value) is tuple:
            return tuple([self._with_name_of_its_own(part) for part in value])
        if not isinstance(value, Program):
            return value
        while self._named.setdefault(value.name, value) is not value:
            value = dataclasses.replace(value, name=f"{value.name.rstrip('_0123456789')}_{next(self._inside)}")
        return value

    def _other_results(
        self, op: Op, numbers: tuple[int, ...], attributes: dict[str, Any], outputs: tuple[Any, ...]
    ) -> Sequence[Array | None]:
        """Compute an op with the second set of made-up sizes; None for what does not depend on them."""
        if op.name in _COUNTED and not self._fixed.issuperset(numbers):
            one = [y.array[:1] if len(y.array) else np.zeros((1, *y.array.shape[1:]), y.array.dtype) for y in outputs]
            longer = [np.concatenate([y.array, more]) for y, more in zip(outputs, one, strict=True)]
            return [outputs[1].array if i == 1 else array for i, array in enumerate(longer)]  # of unique, the places
        if op.stateful and not numbers:  # the state of a stream, which must not move on
            return [None] * len(outputs)
        if self._others.keys().isdisjoint(numbers) and not any(map(has_size, attributes.values())) or not outputs:
            return [None] * len(outputs)
        arrays = [
            kernels.asarray(self._others.get(n, x.array)) for n, x in zip(numbers, self._of(numbers), strict=True)
        ]
        try:
            result = run(op.kernel, *arrays, **{key: other(value) for key, value in attributes.items()})
        except Exception as error:
            raise Unknowable(f"{op.name}: {error}") from error
        return list(map(np.asarray, result)) if type(result) is tuple else [np.asarray(result)]

    def _of(self, numbers: Sequence[int]) -> Iterator[Tensor]:
        return (self._tensors[n] for n in numbers)

    def _state(self, variable: Any) -> _State:
        state = self._states.get(variable.key)
        if state is None:
            value = Tensor(variable._array)
            if self.outer is None:
                start = self._new(value, _longer(value.array, variable.shape), variable.name.removesuffix(":0"))
            else:
                for recorder in self._around:
                    recorder.read(variable, value)
                start = self._number(value)
            state = self._states[variable.key] = _State(variable, start, value.array)
        return state

    def read(self, variable: Any, value: Tensor) -> None:
        """Take note that a variable was read and gave this tensor."""
        state = self._state(variable)
        value.array = state.array
        self._numbers[id(value)] = state.now
        self._reads.append(value)

    hold = read

    def put(self, variable: Any, value: Tensor) -> None:
        """Take note that a variable has this tensor as its value now."""
        state = self._state(variable)
        number = self._number(value)
        state.array, state.changed = value.array, True
        read = Tensor(value.array)  # a value of its own: no gradient flows through an assignment
        state.now = self._new(read, self._others.get(number))
        place = {"variable": list(self._states).index(variable.key)}
        self._nodes.append(Node(ASSIGN, (number,), place, (state.now,)))

    def start(self, tensor: Any) -> None:
        """Let a variable start with the value of a tensor, unless it is made up."""
        if self.made_up and self.symbol(tensor):
            raise Unknowable("the value that a variable starts with")

    def create(self, variable: Any) -> None:
        """Take note that a variable was made; ValueError unless this is the first trace of all."""
        if self.outer is not None:
            self.outer.create(variable)
        elif not self.may_create:
            raise ValueError(
                "tf.function only supports singleton tf.Variables created on the first call. Make sure the tf.Variable "
                "is only created once or created outside tf.function."
            )
        self.created.append(variable)

    # --- functions inside ---

    def choose(self, pred: Tensor, *functions: Callable[[], Any]) -> Any:
        """Record a tf.cond; NotImplemented if its functions do more than compute."""
        return branches.choose(self, pred, *functions)

    def repeat(self, condition: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, shapes: Any) -> Any:
        """Record a tf.while_loop; NotImplemented if its functions do more than compute."""
        return branches.repeat(self, condition, body, loop_vars, shapes)

    def inside(self, *names: str) -> list[Capture]:
        """Return captures for functions inside this one's."""
        number = next(self._inside)
        return [Capture(f"{name}_{number}", outer=self) for name in names]

    def heard(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call a function and hear it."""
        before = thread.recorders, thread.capture
        self._around = thread.recorders
        thread.recorders, thread.capture = (self,), self
        try:
            return function(*args)
        finally:
            thread.recorders, thread.capture = before

    def stand_in(self, tensor: Tensor) -> Tensor:
        """Return a tensor like one of the outer capture, as the next argument."""
        assert self.outer is not None
        number = self.outer._find(tensor)
        own = Tensor(tensor.array)
        self.argument(own, None, None if number is None else self.outer._others.get(number))
        return own

    def adopt(self, tensors: Sequence[Tensor]) -> None:
        """Take note of tensors that are used, or will be."""
        for tensor in tensors:
            self._number(tensor)

    def order(self, free: Sequence[Tensor]) -> None:
        """Make these tensors of the outer capture the last arguments, in this order."""
        own = [self._numbers[id(tensor)] for tensor in free]
        self._arguments = [number for number in self._arguments if number not in own] + own

    @property
    def pure(self) -> bool:
        """Whether nothing happened but computing."""
        assigned = any(state.changed for state in self._states.values())
        return not (self.custom or self.created or assigned or any(node.op.stateful for node in self._nodes))

    # --- values and sizes ---

    def sizes(self, tensor: Any) -> tuple[int, ...]:
        """Return the sizes of a tensor's axes; `Size`s for those that may differ in a later call."""
        shape: tuple[int, ...] = tensor.array.shape
        number = self._find(tensor)
        array = None if number is None else self._others.get(number)
        if array is None:
            return shape
        return tuple([Size(n, m, ("size", number, i)) for i, (n, m) in enumerate(zip(shape, array.shape, strict=True))])

    def entries(self, tensor: Any) -> Any:
        """Return the whole numbers in a tensor as `tolist` does, for attributes; `Size`s for what depends on sizes."""
        number = self._find(tensor)
        if number is None or number in self._fixed or number not in self._shaped or number not in self._others:
            self.seen(tensor, "a shape, an axis or a number of entries")
            return tensor.array.tolist()
        values, others = tensor.array.tolist(), self._others[number].tolist()
        if number in self._guessed and np.equal(tensor.array, self._others[number]).any():
            raise Unknowable("a number that depends on sizes in a way of its own")
        if not isinstance(values, list):
            return Size(values, others, ("entry", number, None))
        if tensor.array.ndim > 1 or len(values) != len(others):
            raise Unknowable("whole numbers that depend on sizes")
        return [Size(n, m, ("entry", number, i)) for i, (n, m) in enumerate(zip(values, others, strict=True))]

    def symbol(self, tensor: Any) -> tuple[str, TensorSpec] | None:
        """Return name and spec of a tensor that may have another value in each call; None for other tensors."""
        number = self._find(tensor)
        if number is None or number in self._fixed:
            return None
        spec = self._specs[number]
        natives: list[str] = []
        for node in self._nodes:
            if number in node.outputs:
                before, native = natives.count(node.op.native), _SAID.get(node.op.native, node.op.native)
                return f"{native}{f'_{before}' * bool(before)}:{node.outputs.index(number)}", spec
            natives.append(node.op.native)
        return f"{spec.name}:0", spec

    def origin(self, tensor: Any) -> tuple[str, Sequence[Any], dict[str, Any]] | None:
        """Return TensorFlow's name of the op that gave a tensor, its inputs and attributes; None for other tensors."""
        number = self._numbers.get(id(tensor))
        node = next((node for node in reversed(self._nodes) if number in node.outputs), None)
        if node is None:
            return None
        reads = {self._numbers[id(value)]: value for value in self._reads}  # as tapes have heard of them
        return node.op.native, [reads.get(n, self._tensors[n]) for n in node.inputs], node.attributes

    def seen(self, tensor: Any, asked: str) -> None:
        """End the capture, unless the value is the same in all calls."""
        number = self._find(tensor)
        if number is None or number in self._fixed:
            return
        if number in self._shaped:
            raise Unknowable(asked)
        self.abandon(asked)

    def abandon(self, asked: str) -> None:
        """End the capture, because Python does something that a program cannot do.

        A first call goes on as plain Python, after what was only written down has been done; others run again.
        """
        look = where(asked)
        made_up = any((node.op.stateful and node.outputs) or node.op.name == "while_loop" for node in self._nodes)
        if not self.may_leave or made_up:  # draws and loops have not really run
            raise Abandoned(look)
        self.look = look
        thread.recorders = tuple(each for each in thread.recorders if each is not self)
        thread.capture = None
        for state in self._states.values():
            if state.changed:
                state.variable._array = state.array
        for node in self._nodes:
            if node.op.stateful:
                run(node.op.kernel, *[self._tensors[number].array for number in node.inputs], **node.attributes)

    # --- the end ---

    def close(self) -> None:
        """Let nobody use the tensors of the trace afterwards: their values were those of the trace."""
        for number, tensor in enumerate(self._tensors):
            if number not in self._fixed and not any(tensor is each for each in self.free):
                tensor.__class__ = OutOfScope
        for tensor in self._reads:
            tensor.__class__ = OutOfScope

    def outside(self) -> dict[int, Tensor]:
        """Return the tensors that come from outside, which are constants of the program."""
        return {number: self._tensors[number] for number in self._constants}

    def program(self, results: Sequence[Any]) -> Program:
        """Return the program; `results` are its results as tensors."""
        numbers = tuple([self._number(result) for result in results])
        states = list(self._states.values()) if self.outer is None else []
        assigned = [(i, state.now) for i, state in enumerate(states) if state.changed]
        return Program(
            self.name, dict(self._specs), tuple(self._arguments),
            tuple([(state.variable, state.start) for state in states]),
            dict(self._constants), tuple(self._nodes), numbers, tuple(assigned),
        )  # fmt: skip


def _longer(array: Array, shape: TensorShape) -> Array | None:
    """Return an array with the second set of sizes, where the shape of a variable leaves them open; else None."""
    if shape.rank is None:
        raise Unknowable("the shape of a variable")
    if shape.is_fully_defined():
        return None
    for axis, size in enumerate(shape.as_list()):
        if size is None:
            array = np.concatenate([array, array], axis)
    return array


def where(asked: str, error: BaseException | None = None) -> Look:
    """Find the line of the user's code that runs now, or the one from which an error came.

    >>> where("bool(t)").asked
    'bool(t)'
    """
    frames = [(frame, frame.f_lineno) for frame, _ in traceback.walk_stack(sys._getframe(1))]
    if error is not None:
        frames = [*traceback.walk_tb(error.__traceback__)][::-1]
    frame, line = next((each for each in frames if not each[0].f_code.co_filename.startswith(_HERE)), frames[-1])
    file = frame.f_code.co_filename
    return Look(file, line, linecache.getline(file, line, frame.f_globals).strip(), asked)
