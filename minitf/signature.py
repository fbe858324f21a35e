"""Signatures: what of a call's arguments a function was traced for, and whether another call can use that trace.

Tensors and variables count by shape and dtype, everything else by its value, as in TensorFlow. The sizes that a
signature leaves open may be any, but a trace takes those of one axis for equal in all arguments, as those of a batch
are; a call in which they are not gets a trace of its own.
"""

from __future__ import annotations

import inspect
import math
import weakref
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from minitf import nest
from minitf.operators import Operators
from minitf.recording import thread
from minitf.spec import TensorSpec
from minitf.tensor import Tensor, convert_to_tensor

__all__ = [
    "Arguments",
    "Leaf",
    "arguments",
    "bound",
    "cast_to",
    "common",
    "fitting",
    "late",
    "made_up",
    "matches",
    "open_sizes",
    "patterns",
    "shown",
    "without_shapes",
]

_EARLY = 4  # so many programs of a function are compiled when they first run


class Leaf(NamedTuple):
    """A tensor or a variable among the arguments, and the name of the parameter it came with."""

    value: Any
    name: str

    @property
    def spec(self) -> TensorSpec:
        """Describe a tensor."""
        return TensorSpec(self.value.shape, self.value.dtype, self.name)


class TensorKey(NamedTuple):
    """What counts of a tensor."""

    sizes: tuple[int | None, ...] | None
    dtype: Any


class Slot:
    """Stands for a tensor among arguments, by its place among all tensors."""

    __slots__ = ("place",)

    def __init__(self, place: int) -> None:
        """Keep the place."""
        self.place = place


class Arguments(NamedTuple):
    """The arguments of a call, with slots for tensors, the key of their trace, and the leaves in order."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    key: Hashable
    tensors: list[Leaf]
    variables: list[Leaf]

    @property
    def real(self) -> bool:
        """Whether there are tensors, and no specs that stand for them."""
        return all(type(leaf.value) is Tensor for leaf in self.tensors)

    def filled(self, tensors: Sequence[Any] | None = None) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return positional and keyword arguments with tensors in the slots: those given, or those of the call."""
        values = [leaf.value for leaf in self.tensors] if tensors is None else tensors

        def value(leaf: Any) -> Any:
            return values[leaf.place] if type(leaf) is Slot else leaf

        filled: tuple[tuple[Any, ...], dict[str, Any]] = nest.map_structure(value, (self.args, self.kwargs))
        return filled


def bound(
    signature: inspect.Signature, args: Sequence[Any], kwargs: Mapping[str, Any], typed: str | None = None
) -> inspect.BoundArguments:
    """Match arguments to parameters, with the defaults; TypeError if they do not fit."""
    try:
        matched = signature.bind(*args, **kwargs)
    except TypeError as error:
        asked = f"Binding inputs to tf.function failed due to `{error}`. Received args: {tuple(args)} and kwargs:"
        raise TypeError(f"{asked} {dict(kwargs)} for signature: {typed or _shown(signature)}.") from None
    matched.apply_defaults()
    return matched


def _shown(signature: inspect.Signature) -> str:
    parameters = [
        each.replace(default=each.empty if each.default is each.empty else _CAPTURED, annotation=each.empty)
        for each in signature.parameters.values()
    ]
    return str(signature.replace(parameters=parameters, return_annotation=signature.empty))


class _Captured:
    def __repr__(self) -> str:
        return "<captured_default_value>"


_CAPTURED = _Captured()


class _Reader:
    """Goes through arguments: collects tensors and variables, and makes the key."""

    def __init__(self) -> None:
        self.tensors: list[Leaf] = []
        self.variables: list[Leaf] = []
        self.places: dict[int, int] = {}

    def read(self, value: Any, name: str) -> tuple[Any, Hashable]:
        """Return the value as the function gets it, arrays as tensors, and the key."""
        kind = type(value)
        if kind is Tensor or isinstance(value, (np.ndarray, np.generic)):
            tensor = value if kind is Tensor else convert_to_tensor(value)
            self.tensors.append(Leaf(tensor, name))
            return Slot(len(self.tensors) - 1), TensorKey(_sizes(tensor), tensor.array.dtype)
        if isinstance(value, TensorSpec):
            self.tensors.append(Leaf(value, value.name or name))
            sizes = None if value.shape.rank is None else tuple(value.shape.as_list())
            return Slot(len(self.tensors) - 1), TensorKey(sizes, value.dtype.numpy)
        if isinstance(value, Operators):
            place = self.places.setdefault(value.key, len(self.places))  # type: ignore[attr-defined]
            if place == len(self.variables):
                self.variables.append(Leaf(value, name))
            return value, ("variable", place, str(value.shape), value.dtype, value.trainable)  # type: ignore[attr-defined]
        if isinstance(value, Mapping):
            parts = {key: self.read(value[key], f"{name}_{key}") for key in sorted(value)}
            made = _like(value, {key: part for key, (part, _) in parts.items()})
            return made, ("mapping", kind, tuple((key, part) for key, (_, part) in parts.items()))
        if nest.is_nested(value):
            pairs = [self.read(part, f"{name}_{i}") for i, part in enumerate(value)]
            values = [part for part, _ in pairs]
            return _like(value, values), (kind, tuple(key for _, key in pairs))
        return value, _by_value(value)


def _sizes(tensor: Tensor) -> tuple[int | None, ...]:
    """Return the sizes of a tensor; None for those that the function around this call does not know."""
    return tuple(tensor.shape.as_list()) if thread.capture is not None else tensor.array.shape


def late(key: Any, programs: Sequence[Any]) -> bool:
    """Say whether to compile a program only if it runs often: there is one for other shapes, or there are many."""
    own = without_shapes(key)
    return len(programs) >= _EARLY or any(without_shapes(program.key) == own for program in programs)


def without_shapes(key: Any) -> Any:
    """Leave the shapes of tensors out of a key."""
    if type(key) is TensorKey:
        return key._replace(sizes=None)
    return tuple(map(without_shapes, key)) if type(key) is tuple else key


def _like(value: Any, parts: Any) -> Any:
    """Put parts into a container like the given one."""
    if isinstance(value, Mapping):
        own = (value.default_factory,) if isinstance(value, defaultdict) else ()
        return type(value)(*own, ((key, parts[key]) for key in value))  # type: ignore[call-arg]
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*parts)
    return list(parts) if not isinstance(value, (list, tuple)) else type(value)(parts)


def _by_value(value: Any) -> Hashable:
    """Make a key of what is no tensor: by value, or for objects that compare by identity by a weak reference."""
    try:
        hash(value)
    except TypeError:
        asked = f"Could not generate a generic TraceType for {value!r}. Please verify that it is immutable/hashable."
        raise TypeError(f"{asked} Pass tensors, numbers, or lists and dictionaries of them.") from None
    equals: Any = type(value).__eq__
    if equals is object.__eq__ and not isinstance(value, type):
        try:
            return weakref.ref(value)
        except TypeError:
            pass
    hashable: Hashable = math.nan if type(value) is float and value != value else value  # one nan is as another
    return hashable


def arguments(parameters: inspect.BoundArguments) -> Arguments:
    """Read matched arguments."""
    reader = _Reader()
    keys: list[Hashable] = []
    kinds = parameters.signature.parameters
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for name, value in parameters.arguments.items():
        kind = kinds[name].kind
        if kind is inspect.Parameter.VAR_POSITIONAL:
            parts = [reader.read(part, f"{name}_{i}") for i, part in enumerate(value)]
            args += [part for part, _ in parts]
            keys.append((name, tuple(key for _, key in parts)))
        elif kind is inspect.Parameter.VAR_KEYWORD:
            named = {each: reader.read(part, each) for each, part in sorted(value.items())}
            kwargs.update((each, part) for each, (part, _) in named.items())
            keys.append((name, tuple((each, key) for each, (_, key) in named.items())))
        else:
            part, key = reader.read(value, name)
            keys.append((name, key))
            if kind is inspect.Parameter.KEYWORD_ONLY:
                kwargs[name] = part
            else:
                args.append(part)
    return Arguments(tuple(args), kwargs, tuple(keys), reader.tensors, reader.variables)


def cast_to(specs: Sequence[Any], matched: inspect.BoundArguments) -> None:
    """Convert matched arguments to the specs of an input signature, in place; TypeError for those that do not fit."""
    given = f"{tuple(matched.arguments.values())}"
    for name, spec in by_parameter(specs, matched.signature).items():
        try:
            matched.arguments[name] = _fitted(spec, matched.arguments[name])
        except TypeError as error:
            asked = f"Binding inputs to tf.function failed due to `{error}`. Received args: {given} and kwargs: {{}}"
            raise TypeError(f"{asked} for signature: {_shown(matched.signature)}.") from None


def by_parameter(specs: Sequence[Any], signature: inspect.Signature) -> dict[str, Any]:
    """Find the parameters that specs are for, those left over for `*args`; TypeError if there are more or less."""
    found: dict[str, Any] = {}
    left = list(specs)
    for each in signature.parameters.values():
        if each.kind is each.VAR_POSITIONAL:
            found[each.name], left = tuple(left), []
        elif left and each.kind is not each.VAR_KEYWORD:
            found[each.name] = left.pop(0)
        elif each.default is each.empty and each.kind is not each.VAR_KEYWORD:
            raise TypeError(f"input_signature missing type constraint for {each.name}; give a TensorSpec for each.")
    if left:
        raise TypeError(f"input_signature contains {len(left)} extra type constraints.")
    return found


def _fitted(spec: Any, value: Any) -> Any:
    """Convert a structure of values to one of specs; a list where the spec is a TensorSpec becomes a tensor."""
    if not nest.is_nested(spec):
        return fitting(spec, value)
    if isinstance(spec, Mapping) and isinstance(value, Mapping) and spec.keys() == value.keys():
        return _like(value, {key: _fitted(spec[key], value[key]) for key in value})
    if not isinstance(spec, Mapping) and nest.is_nested(value) and len(spec) == len(value):
        return _like(value, [_fitted(*pair) for pair in zip(spec, value, strict=True)])
    raise TypeError(f"Can not cast {value!r} to {shown(spec)}")


def fitting(spec: Any, value: Any) -> Any:
    """Convert a value to a spec, or to what the function was traced with; TypeError if it does not fit."""
    if not isinstance(spec, TensorSpec):
        if not isinstance(spec, Operators) and not (type(value) is type(spec) and value == spec):
            raise TypeError(f"Can not cast {value!r} to {shown(spec)}")
        return value
    if isinstance(value, TensorSpec):
        tensor: Any = value
    elif isinstance(value, Operators):
        tensor = convert_to_tensor(value)
    else:
        try:
            tensor = convert_to_tensor(value, dtype=spec.dtype)
        except (TypeError, ValueError) as error:
            raise TypeError(str(error)) from None
    if not (spec.dtype == tensor.dtype and spec.shape.is_compatible_with(tensor.shape)):
        raise TypeError(f"Can not cast {TensorSpec(tensor.shape, tensor.dtype)!r} to {spec!r}")
    return tensor


def shown(value: Any) -> str:
    """Print the type of an argument or result, as TensorFlow does.

    >>> shown({"x": TensorSpec([2]), "n": (3, None)})
    "Dict[['n', Tuple[Literal[3], Literal[None]]], ['x', TensorSpec(shape=(2,), dtype=tf.float32, name=None)]]"
    """
    if isinstance(value, TensorSpec):
        return repr(TensorSpec(value.shape, value.dtype))
    if isinstance(value, Operators):
        return f"VariableSpec(shape={value.shape}, dtype={value.dtype!r}, trainable={value.trainable})"  # type: ignore[attr-defined]
    if isinstance(value, Mapping):
        return f"Dict[{', '.join(f'[{key!r}, {shown(value[key])}]' for key in sorted(value))}]"
    if nest.is_nested(value):
        kind = "List" if isinstance(value, list) else "Tuple"
        return f"{kind}[{', '.join(map(shown, value))}]"
    return f"Literal[{value!r}]"


# --- sizes that are not known ----------------------------------------------------------------------------------------

# Made-up sizes: with many divisors, unlike sizes that people choose; small ones where there are many. The second set
# has twice as many.
_MADE_UP = (36, 44, 52, 68, 76, 92, 116, 124, 148, 164, 172, 188)
_SMALL = (6, 10, 14, 18, 22, 26, 34, 38, 42, 46, 54, 58)
_FEW = 3
# For each open size a number, the same for those that are taken for equal; None for a 1; ~n for one known as n.
Pattern = tuple[int | None, ...]


def open_sizes(specs: Sequence[TensorSpec], shapes: Sequence[Sequence[int | None]]) -> list[tuple[int, int | None]]:
    """List axis and size of each size that specs leave open."""
    return [
        (axis, shape[axis])
        for spec, shape in zip(specs, shapes, strict=True)
        for axis in range(len(shape))
        if spec.shape.rank is None or spec.shape[axis] is None
    ]


def patterns(sizes: Sequence[tuple[int, int | None]]) -> list[Pattern]:
    """List the patterns that sizes match, in the order in which they should be tried.

    Alike are those of one axis, as in batches; or none; or all; or those of the first axis, the others being known; or
    just those that are.

    >>> patterns([(0, 5), (0, 5)]), patterns([(0, 5), (0, 1)])
    ([(0, 0), (0, 1)], [(0, 1), (0, None)])
    """
    numbers: dict[int | None, int] = {}
    exactly = tuple(None if size == 1 else numbers.setdefault(size, len(numbers)) for _, size in sizes)
    batch = tuple(axis if axis == 0 or size is None else ~size for axis, size in sizes)
    wanted = [tuple(axis for axis, _ in sizes), tuple(range(len(sizes))), (0,) * len(sizes), batch, exactly]
    return [pattern for pattern in dict.fromkeys(wanted) if matches(pattern, sizes)]


def matches(pattern: Pattern, sizes: Sequence[tuple[int, int | None]]) -> bool:
    """Say whether sizes are alike where a pattern takes them for alike."""
    first: dict[int | None, int | None] = {number: ~number for number in pattern if number is not None and number < 0}
    first[None] = 1
    return all(first.setdefault(number, size) == size for number, (_, size) in zip(pattern, sizes, strict=True))


def made_up(
    specs: Sequence[TensorSpec], pattern: Pattern, ranks: Sequence[int], whole: int
) -> list[tuple[Tensor, Any]]:
    """Make tensors that fit specs, each with its array for the second set of made-up sizes (None if all are known).

    Integers have one value, `whole`.
    """
    numbers = iter(pattern)
    sizes = _MADE_UP if len(pattern) <= _FEW else _SMALL
    pairs = []
    for spec, rank in zip(specs, ranks, strict=True):
        first: list[int] = []
        second: list[int] = []
        for axis in range(rank):
            size = None if spec.shape.rank is None else spec.shape[axis]
            number = next(numbers) if size is None else None
            known = 1 if size is None else size
            if number is not None and number < 0:
                known, number = ~number, None
            made = known if number is None else sizes[number % len(sizes)] * (1 + number // len(sizes))
            first.append(made)
            second.append(made if number is None else 2 * made)
        array = _filled(first, spec.dtype.numpy, whole)
        pairs.append((Tensor(array), None if first == second else _filled(second, spec.dtype.numpy, whole)))
    return pairs


def common(first: Any, second: Any) -> Any:
    """Return what two shapes have in common; None in the place of all else."""
    if first.rank != second.rank:
        return [None] * second.rank
    return [n if n == m else None for n, m in zip(first.as_list(), second.as_list(), strict=True)]


def _filled(shape: Sequence[int], dtype: Any, whole: int) -> Any:
    """Fill a shape with numbers that most functions can take: unlike floats around 1, True, or integers."""
    if np.dtype(dtype).kind in "iub":
        return np.full(shape, whole or np.dtype(dtype).kind == "b", dtype)
    return (0.5 + np.random.default_rng(0).random(shape)).astype(dtype)
