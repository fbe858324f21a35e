"""tf.cond and tf.while_loop inside a function whose program has to choose, or to repeat, in each call anew.

Each function becomes a program of its own, whose arguments are the tensors from around it that it uses. Functions that
do more than compute, such as to assign or to print, have no such program: then the function around runs eagerly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import NDArray

from minitf import nest
from minitf.op import Mixed
from minitf.ops.array import identity
from minitf.ops.flow import cond
from minitf.program import Program
from minitf.recording import thread, unrepeatable
from minitf.tape import GradientTape
from minitf.tensor import Tensor, convert_to_tensor

__all__ = ["choose", "repeat"]

Function = Callable[..., Any]


def _slopes(dy: Sequence[Tensor], y: object, pred: Tensor, *inputs: Tensor, branches: tuple[Program, ...]) -> Any:
    """Differentiate the branch that was taken, which is found out when the gradient is computed."""
    own = [identity(x) for x in inputs]  # one tensor may be several inputs, each with a gradient of its own
    floats = [x for x in own if x.dtype.is_floating]

    def slopes(branch: Program) -> Callable[[], list[Tensor]]:
        def compute() -> list[Tensor]:
            with GradientTape() as tape:
                tape.watch(floats)
                results = branch.replay(own, ())
            found: list[Tensor] = tape.gradient(results, floats, list(dy), "zero")
            return found

        return compute

    found = iter(cond(pred, slopes(branches[0]), slopes(branches[1])) if floats else ())
    return [None, *(next(found) if x.dtype.is_floating else None for x in inputs)]


class _Loop(Mixed):
    """A loop; where a tape listens, it runs op by op, so that gradients flow back through all its rounds."""

    __slots__ = ()

    def apply(self, inputs: Sequence[Tensor], arrays: Sequence[NDArray[Any]], attributes: dict[str, Any]) -> Any:
        """Repeat; in a capture only the first values come back, as nobody can look at them."""
        count, condition, body = attributes["count"], attributes["condition"], attributes["body"]
        variables, others = list(inputs[:count]), list(inputs[count:])
        if thread.capture is not None:
            y = tuple(Tensor(x.array) for x in variables)
            for recorder in thread.recorders:
                recorder.record(self, inputs, attributes, y)
            return y
        if not thread.recorders:
            return super().apply(inputs, arrays, attributes)
        while condition.replay([*variables, *others], ())[0]:
            variables = body.replay([*variables, *others], ())
        return tuple(variables)


def _no_slopes(*arguments: object, **attributes: object) -> Any:
    unrepeatable("a gradient through tf.while_loop")


_UNLIKE = "true_fn and false_fn arguments to tf.cond must have the same number, type, and overall structure of"
_choice = Mixed("cond", "If", together=_slopes)
_loop = _Loop("while_loop", "While", together=_no_slopes)


def choose(capture: Any, pred: Tensor, *functions: Function) -> Any:
    """Record both functions of a tf.cond; NotImplemented if they are no plain computations of the same form."""
    children = capture.inside("if_true", "if_false")
    results = [child.heard(function) for child, function in zip(children, functions, strict=True)]
    try:
        nest.assert_same_structure(*results)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{_UNLIKE} return values; {error}") from None
    flat = [[None if leaf is None else convert_to_tensor(leaf) for leaf in nest.flatten(each)] for each in results]
    for one, other in zip(*flat, strict=True):
        if one is not None and other is not None and one.dtype != other.dtype:
            raise TypeError(f"{_UNLIKE} return values; got {one.dtype.name} and {other.dtype.name}: cast one of them.")
    forms = [[None if leaf is None else (leaf.dtype, leaf.array.shape) for leaf in each] for each in flat]
    if forms[0] != forms[1] or not all(child.pure for child in children):
        return NotImplemented
    free, programs = _together(children, [[leaf for leaf in each if leaf is not None] for each in flat])
    y = iter(_choice.several(pred, *free, branches=programs))
    return nest.map_structure(lambda leaf: None if leaf is None else next(y), results[0])


def repeat(capture: Any, condition: Function, body: Function, loop_vars: Any, shape_invariants: Any) -> Any:
    """Record condition and body of a tf.while_loop; NotImplemented if they are no plain computations."""
    before = [convert_to_tensor(value) for value in nest.flatten(loop_vars)]
    children, leaves = capture.inside("condition", "body"), []
    for child, function in zip(children, (condition, body), strict=True):
        own = [child.stand_in(tensor) for tensor in before]
        result = child.heard(function, *nest.pack_sequence_as(loop_vars, own))
        if function is body:
            result = list(result) if nest.is_nested(result) else [result]
            nest.assert_same_structure(list(loop_vars), result)
        leaves.append([convert_to_tensor(leaf) for leaf in nest.flatten(result)])
    forms = [[(leaf.dtype, leaf.array.shape) for leaf in each] for each in (before, leaves[1])]
    _check_forms(before, leaves[1], shape_invariants is not None)
    if forms[0] != forms[1] or not all(child.pure for child in children):
        return NotImplemented
    free, (first, second) = _together(children, leaves)
    y = _loop.several(*before, *free, count=len(before), condition=first, body=second)
    return nest.pack_sequence_as(loop_vars, list(y))


def _check_forms(before: Sequence[Tensor], after: Sequence[Tensor], may_vary: bool) -> None:
    """Refuse a loop whose variables change dtype, or shape where nobody said that they may."""
    for first, then in zip(before, after, strict=True):
        if first.dtype != then.dtype:
            asked = f"Loop var {first} enters the loop with type {first.dtype!r} but has type {then.dtype!r}"
            raise TypeError(f"{asked} after 1 iteration. Cast it in the body with tf.cast.")
        if first.ndim != then.ndim or (first.sizes != then.sizes and not may_vary):
            asked = (
                f"Input tensor {first} enters the loop with shape {first.shape}, but has shape {then.shape} after one"
            )
            do = "To allow the shape to vary across iterations, use the `shape_invariants` argument of tf.while_loop"
            raise ValueError(f"{asked} iteration. {do} to specify a less-specific shape.")


def _together(children: Sequence[Any], leaves: Sequence[Sequence[Tensor]]) -> tuple[list[Tensor], tuple[Program, ...]]:
    """Return the tensors from around that any of the functions uses, and programs that take them all."""
    for child, each in zip(children, leaves, strict=True):
        child.adopt(each)
    free = list({id(tensor): tensor for child in children for tensor in child.free}.values())
    for child in children:
        child.adopt(free)
        child.order(free)
    return free, tuple(child.program(each) for child, each in zip(children, leaves, strict=True))
