"""Elements from a Python generator, checked against the signature that they were announced with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from minitf import nest
from minitf.data.structure import along
from minitf.errors import InvalidArgumentError, OpError, ResourceExhaustedError, UnimplementedError, UnknownError
from minitf.spec import TensorSpec
from minitf.tensor import Tensor

__all__ = ["generated", "signature"]

_CLASSES: dict[type[Exception], Callable[..., OpError]] = {
    TypeError: InvalidArgumentError, ValueError: InvalidArgumentError, MemoryError: ResourceExhaustedError,
    NotImplementedError: UnimplementedError,
}  # fmt: skip


def signature(types: Any, shapes: Any, spec: Any) -> Any:
    """Read what describes the elements: a structure of specs, or one of dtypes and one of shapes; TypeError if not."""
    if spec is None:
        if types is None:
            asked = "To specify the output signature you need to provide either the `output_signature` argument or the"
            raise TypeError(f"{asked} `output_types` argument; write output_signature=tf.TensorSpec(shape, dtype).")
        dtypes = list(along(types, types))
        parts = [None] * len(dtypes) if shapes is None else along(types, shapes)
        return nest.pack_sequence_as(types, [TensorSpec(*pair) for pair in zip(parts, dtypes, strict=True)])
    for name, given in (("output_types", types), ("output_shapes", shapes)):
        if given is not None:
            asked = f"The `{name}` argument can not be used together with the `output_signature` argument"
            raise TypeError(f"{asked}; leave it out.")
    for leaf in along(spec, spec):
        if not isinstance(leaf, TensorSpec):
            asked = "`output_signature` must contain objects that are subclass of `tf.TypeSpec` but found"
            raise TypeError(f"{asked} {type(leaf)} which is not; write tf.TensorSpec(shape, dtype).")
    return spec


def generated(generator: Callable[..., Any], arguments: Sequence[Any], spec: Any) -> Iterator[Any]:
    """Yield what the generator yields, as elements; what it raises, and what does not fit, as TensorFlow's errors."""
    try:
        for value in iter(generator(*arguments)):
            yield _fitted(value, spec)
    except Exception as error:
        kind = next((ours for theirs, ours in _CLASSES.items() if isinstance(error, theirs)), UnknownError)
        raise kind(None, None, f"{type(error).__name__}: {error}") from error


def _fitted(value: Any, spec: Any) -> Any:
    try:
        parts = list(along(spec, value))
    except ValueError:
        asked = "`generator` yielded an element that did not match the expected structure. The expected structure was"
        form = nest.map_structure(lambda leaf: leaf.dtype, spec)
        raise TypeError(f"{asked} {form}, but the yielded element was {value}; yield elements of that form.") from None
    return nest.pack_sequence_as(spec, [_leaf(*pair) for pair in zip(parts, nest.flatten(spec), strict=True)])


def _leaf(value: Any, spec: TensorSpec) -> Tensor:
    try:
        tensor = Tensor(np.array(value, dtype=spec.dtype.numpy))
    except (TypeError, ValueError):
        asked = "`generator` yielded an element that could not be converted to the expected type. The expected type was"
        raise TypeError(f"{asked} {spec.dtype.name}, but the yielded element was {value}; yield numbers.") from None
    if not spec.shape.is_compatible_with(tensor.shape):
        asked = f"`generator` yielded an element of shape {tensor.shape} where an element of shape {spec.shape} was"
        raise TypeError(f"{asked} expected; write None in output_signature for sizes that differ.")
    return tensor
