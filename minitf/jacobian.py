"""The jacobians of a tape: one gradient for each entry of the target, put together.

Also the word for what an unconnected gradient is. The tape itself knows how to compute a gradient.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from minitf import nest
from minitf.errors import explain
from minitf.ops.array import broadcast_to, reshape, stack
from minitf.ops.axes import certain
from minitf.ops.making import zeros
from minitf.tensor import Tensor

__all__ = ["Jacobians", "UnconnectedGradients", "unconnected"]


class UnconnectedGradients(enum.Enum):
    """What the gradient is when the target does not depend on the source."""

    NONE = "none"
    ZERO = "zero"


def unconnected(how: UnconnectedGradients | str) -> UnconnectedGradients:
    """Read what is asked for unconnected gradients; ValueError for anything but 'none' and 'zero'.

    >>> unconnected("zero")
    <UnconnectedGradients.ZERO: 'zero'>
    """
    try:
        return how if type(how) is UnconnectedGradients else UnconnectedGradients(how)
    except ValueError:
        raise ValueError(
            explain(
                f"Unknown value for unconnected_gradients: {how!r}",
                got=repr(how),
                expected="'none' or 'zero'",
                do="leave it out, or use tf.UnconnectedGradients.ZERO",
            )
        ) from None


class Jacobians:
    """What a tape can say about targets with several entries."""

    __slots__ = ()

    def _gradients_under(
        self, asked: str, target: Any, sources: Sequence[Any], weights: Iterable[Tensor], parallel: bool
    ) -> list[list[Tensor | None]]:
        """Return the gradients of the sources under each of the weights; the tape says how."""
        raise NotImplementedError

    def jacobian(
        self,
        target: Any,
        sources: object,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """Return the derivative of each entry of the target by each entry of each source.

        The shape is the target's followed by the source's; the last two arguments change nothing here.

        >>> x = tf.constant([1.0, 2.0])
        >>> with tf.GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = x * x
        >>> tape.jacobian(y, x).numpy().tolist()
        [[2.0, 0.0], [0.0, 4.0]]
        """
        how, flat = unconnected(unconnected_gradients), nest.flatten(sources)
        shape = _sizes(target)
        count = certain(math.prod(shape), "how many entries the target of tape.jacobian has")
        weights = (_basis(target, i, shape) for i in range(max(1, count)))
        rows = self._gradients_under("jacobian", target, flat, weights, experimental_use_pfor)
        jacobians: list[Tensor | None] = []
        for row, source in zip(zip(*rows, strict=True), flat, strict=True):
            full = (*shape, *_sizes(source))
            if row[0] is not None:
                jacobians.append(reshape(stack(row) if count else row[0][:0], full))
            else:
                jacobians.append(None if how is UnconnectedGradients.NONE else zeros(full, source.dtype))
        return nest.pack_sequence_as(sources, jacobians)

    def batch_jacobian(
        self,
        target: Any,
        source: Any,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """Return the jacobian of each example: target[i] by source[i], which must not depend on other examples.

        Shapes [b, y...] and [b, x...] give [b, y..., x...].

        >>> x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
        >>> with tf.GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = x * x
        >>> tape.batch_jacobian(y, x).numpy().tolist()
        [[[2.0, 0.0], [0.0, 4.0]], [[6.0, 0.0], [0.0, 8.0]]]
        """
        shape, of = _sizes(target), _sizes(source)
        if shape[:1] != of[:1]:
            raise ValueError(
                explain(
                    f"Need first dimension of target shape ({shape}) and source shape ({of}) to match.",
                    got=f"batch_jacobian of shapes {shape} and {of}",
                    expected="two tensors of at least two axes, the first of which counts the examples",
                    do="use tape.jacobian, or give both a first axis for the examples",
                )
            )
        for each in (shape, of):
            if len(each) < 2:
                raise ValueError(
                    f"Shape {each} must have rank at least 2: its first axis counts the examples; use tape.jacobian."
                )
        unconnected(unconnected_gradients)
        count = certain(math.prod(shape[1:]), "how many entries an example in tape.batch_jacobian has")
        weights = (_basis(target, i, (1, *shape[1:])) for i in range(max(1, count)))
        rows = self._gradients_under("batch_jacobian", target, [source], weights, experimental_use_pfor)
        columns = [row[0] for row in rows]
        if columns[0] is None:  # TensorFlow gives zeros here, whatever was asked for unconnected gradients
            return zeros((*shape, *of[1:]), target.dtype)
        return reshape(stack(columns, axis=1), (*shape, *of[1:]))


def _sizes(value: Any) -> tuple[int, ...]:
    return value.sizes if isinstance(value, Tensor) else tuple(value.shape)


def _basis(target: Any, entry: int, shape: tuple[int, ...]) -> Tensor:
    """Weights of that shape that are 1 for one entry and 0 for the others, repeated for all examples of the target."""
    weights = np.zeros(shape, target.dtype.numpy)
    if weights.size:
        weights.reshape(-1)[entry] = 1
    return broadcast_to(weights, _sizes(target))
