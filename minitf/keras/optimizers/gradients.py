"""What happens to gradients before they change variables: made dense, cast, unscaled and clipped.

Gradients and their variables come in pairs.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import minitf as tf

__all__ = ["Pairs", "clipped", "dense", "only_if", "prepared", "warn_of_missing"]

Pairs = list[tuple[Any, Any]]


def prepared(gradient: Any, variable: Any, scale: float | None) -> Any:
    """Return a gradient as a tensor of the variable's dtype, with what losses were multiplied by taken back."""
    gradient = dense(gradient, variable)
    if gradient.dtype is not variable.dtype:
        gradient = tf.cast(gradient, variable.dtype)
    return gradient if scale is None else gradient / scale


def dense(gradient: Any, variable: Any) -> Any:
    """Return a gradient as a tensor."""
    if type(gradient) is tf.Tensor:
        return gradient
    if isinstance(gradient, tf.IndexedSlices) and gradient.dense_shape is None:
        gradient = tf.IndexedSlices(gradient.values, gradient.indices, variable.shape.as_list())
    return tf.convert_to_tensor(gradient)


@contextmanager
def only_if(condition: Any, variables: Sequence[Any]) -> Iterator[None]:
    """Take back how the block changes variables where a condition, a tensor, is false: programs have no other way."""
    before = [variable.value() for variable in variables]
    yield
    for variable, value in zip(variables, before, strict=True):
        variable.assign(tf.where(condition, variable.value(), value), read_value=False)


def warn_of_missing(pairs: Sequence[tuple[Any, Any]]) -> None:
    """Say which variables have no gradient; ValueError if none has one."""
    if all(gradient is None for gradient, _ in pairs):
        do = "compute the loss from the variables inside of the tape's block, and not with NumPy"
        raise ValueError(f"No gradients provided for any variable. They are all None, or there are none; {do}.")
    names = [getattr(variable, "path", variable.name) for gradient, variable in pairs if gradient is None]
    do = "If using `model.compile()`, did you forget to provide a `loss` argument?"
    warnings.warn(f"Gradients do not exist for variables {names} when minimizing the loss. {do}", stacklevel=4)


def clipped(pairs: Pairs, norm: float | None, value: float | None, global_norm: float | None) -> Pairs:
    """Clip each gradient to a norm, or entry by entry, or all together to one norm; only one of these is given.

    Norms are Euclidean, and clipping scales (Pascanu et al., 2013).
    """
    if norm and norm > 0:
        return [(_to_norm(gradient, norm), variable) for gradient, variable in pairs]
    if value and value > 0:
        return [(tf.clip_by_value(gradient, -value, value), variable) for gradient, variable in pairs]
    if global_norm and global_norm > 0:
        gradients, _ = tf.clip_by_global_norm([gradient for gradient, _ in pairs], global_norm)
        return [(gradient, variable) for gradient, (_, variable) in zip(gradients, pairs, strict=True)]
    return pairs


def _to_norm(gradient: Any, most: float) -> Any:
    """Do what tf.clip_by_norm does in fewer ops, as nobody asks for a gradient of this."""
    size = tf.sqrt(tf.reduce_sum(tf.square(gradient)))
    return gradient * most / tf.maximum(size, most)
