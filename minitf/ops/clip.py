"""Clipping: keeping values or norms within bounds, above all those of gradients.

`name` is taken for TensorFlow's sake and not used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minitf.errors import explain
from minitf.op import bracketed
from minitf.ops.array import cast, stack, where
from minitf.ops.comparison import greater
from minitf.ops.elementary import sqrt
from minitf.ops.making import ones_like
from minitf.ops.math import divide, maximum, minimum, multiply
from minitf.ops.nn import l2_loss
from minitf.ops.reduction import reduce_sum
from minitf.tensor import Tensor, convert_to_tensor

__all__ = ["clip_by_global_norm", "clip_by_norm", "clip_by_value", "global_norm"]


def clip_by_value(t: object, clip_value_min: object, clip_value_max: object, name: str | None = None) -> Tensor:
    """Put the bounds where values are beyond them; ValueError for bounds larger than the tensor.

    >>> print(clip_by_value([-5, 0, 5], -1, 1))
    tf.Tensor([-1  0  1], shape=(3,), dtype=int32)
    """
    x = convert_to_tensor(t)
    below = _same_shape(x, minimum(x, clip_value_max))
    return _same_shape(x, maximum(below, clip_value_min))


def _same_shape(x: Tensor, y: Tensor) -> Tensor:
    if x.array.shape != y.array.shape:
        raise ValueError(
            explain(
                f"Shapes {x.shape} and {y.shape} are incompatible",
                got=f"bounds that make {bracketed(y.shape)} of {bracketed(x.shape)}",
                expected="bounds that are numbers, or broadcast to the shape of the tensor",
                do="reshape the bounds",
            )
        )
    return y


def clip_by_norm(t: object, clip_norm: object, axes: object = None, name: str | None = None) -> Tensor:
    """Scale down to clip_norm if the Euclidean norm, of all entries or along the axes, is larger.

    >>> print(clip_by_norm([3.0, 4.0], 1.0))
    tf.Tensor([0.6 0.8], shape=(2,), dtype=float32)
    """
    x = convert_to_tensor(t)
    most = max(clip_norm, 0) if isinstance(clip_norm, (int, float)) else cast(maximum(clip_norm, 0), x.dtype)
    squares = reduce_sum(x * x, axes, keepdims=True)
    positive = greater(squares, 0)  # the square root of 0 has no gradient, so 0 is kept from it
    size = where(positive, sqrt(where(positive, squares, ones_like(squares))), squares)
    return divide(_same_shape(x, x * most), maximum(size, most))


def global_norm(t_list: Any, name: str | None = None) -> Tensor:
    """Euclidean norm of all entries of all tensors in a list, None left out; TypeError if it is not a list.

    >>> print(global_norm([tf.constant([3.0]), None, tf.constant(4.0)]))
    tf.Tensor(5.0, shape=(), dtype=float32)
    """
    return sqrt(reduce_sum(stack([l2_loss(value) for value in _tensors(t_list) if value is not None])) * 2.0)


def clip_by_global_norm(
    t_list: Any, clip_norm: object, use_norm: object = None, name: str | None = None
) -> tuple[list[Tensor | None], Tensor]:
    """Scale all tensors of a list by one number, so that their global norm is at most clip_norm; return it too.

    If the global norm is not finite, neither are the results. `use_norm` is the global norm, if it is known already.

    >>> clipped, size = clip_by_global_norm([tf.constant([3.0]), None, tf.constant(4.0)], 1.0)
    >>> print(clipped[0], clipped[1], size)
    tf.Tensor([0.6], shape=(1,), dtype=float32) None tf.Tensor(5.0, shape=(), dtype=float32)
    """
    values = _tensors(t_list)
    size = global_norm(values) if use_norm is None else convert_to_tensor(use_norm)
    scale = clip_norm * minimum(1.0 / size, ones_like(size) / clip_norm) + (size - size)
    return [None if value is None else multiply(value, cast(scale, value.dtype)) for value in values], size


def _tensors(t_list: object) -> list[Tensor | None]:
    if not isinstance(t_list, Sequence) or isinstance(t_list, str):
        raise TypeError(f"`t_list` should be a sequence of tensors. Received {type(t_list)}; put it into a list.")
    return [None if value is None else convert_to_tensor(value) for value in t_list]
