"""Layers that change only the shape, and the one that changes nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import minitf as tf
from minitf.keras.backend import image_data_format
from minitf.keras.layers.described import Described, SameShape
from minitf.keras.layers.input_spec import InputSpec

__all__ = ["Flatten", "Identity", "Permute", "RepeatVector", "Reshape", "data_format_of"]

Shape = tuple[int | None, ...]


class Flatten(Described):
    """Puts all axes but the first into one: (batch, a, b) becomes (batch, a * b). The dtype stays.

    >>> tf.keras.layers.Flatten()(tf.ones((5, 2, 3))).shape
    TensorShape([5, 6])
    """

    data_format: str
    _keras_keeps_dtype = True

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        """Take where the channels stand; "channels_first" puts them last before it flattens."""
        super().__init__(**kwargs)
        data_format = data_format_of(data_format)
        self._keras_take(locals())
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> Any:
        """Reshape."""
        sizes = inputs.sizes
        if self.data_format == "channels_first" and len(sizes) > 1:
            inputs = tf.transpose(inputs, (0, *range(2, len(sizes)), 1))
        return inputs if len(sizes) == 2 else tf.reshape(inputs, (sizes[0], math.prod(sizes[1:])))

    def compute_output_shape(self, input_shape: Any) -> Shape:
        """Return the shape of the matrix."""
        rest = input_shape[1:]
        return (input_shape[0], None if None in rest else math.prod(rest))


class Reshape(Described):
    """Gives each sample another shape; -1 stands for what is left, once. ValueError if the entries do not fill it.

    >>> tf.keras.layers.Reshape((-1, 2))(tf.ones((5, 6))).shape
    TensorShape([5, 3, 2])
    """

    target_shape: tuple[int, ...]
    _keras_keeps_dtype = True

    def __init__(self, target_shape: Any, **kwargs: Any) -> None:
        """Take the shape of a sample; ValueError for negative sizes."""
        super().__init__(**kwargs)
        target_shape = tuple(target_shape)
        if any(size < -1 for size in target_shape) or target_shape.count(-1) > 1:
            asked = "Each dimension in `target_shape` must be a non-negative integer, or `-1` for a single unknown"
            asked = asked if target_shape.count(-1) < 2 else "There must be at most one unknown dimension (-1)"
            raise ValueError(f"{asked} dimension. Received: target_shape={target_shape}.")
        self._keras_take(locals(), built=True)

    def call(self, inputs: Any) -> Any:
        """Reshape."""
        sizes = inputs.sizes
        return tf.reshape(inputs, (sizes[0], *self._resolved(sizes[1:])))

    def compute_output_shape(self, input_shape: Any) -> Shape:
        """Return the shape with that of the batch; ValueError if the number of entries differs."""
        return (input_shape[0], *self._resolved(input_shape[1:]))

    def _resolved(self, sizes: Any) -> Shape:
        """Return the target with the size that is left in place of -1, or None where that is not known."""
        target = self.target_shape
        if None in sizes:
            return tuple(None if size == -1 else size for size in target)
        whole, known = math.prod(sizes), math.prod(size for size in target if size != -1)
        fits = whole == known if -1 not in target else known and whole % known == 0
        if not fits:
            asked = "The total size of the tensor must be unchanged"
            if -1 in target:
                asked += f", so {known} must divide it"
            raise ValueError(f"{asked}. Received: input_shape={tuple(sizes)}, target_shape={target}")
        return tuple(whole // known if size == -1 else size for size in target)


class Permute(Described):
    """Puts the axes of each sample, which count from 1, into another order.

    >>> tf.keras.layers.Permute((2, 1))(tf.ones((5, 2, 3))).shape
    TensorShape([5, 3, 2])
    """

    dims: tuple[int, ...]
    _keras_keeps_dtype = True

    def __init__(self, dims: Sequence[int], **kwargs: Any) -> None:
        """Take the order; ValueError unless each axis is there once."""
        super().__init__(**kwargs)
        dims = tuple(dims)
        if sorted(dims) != list(range(1, len(dims) + 1)):
            asked = "Invalid permutation argument `dims` for Permute Layer. The set of indices in `dims` must be"
            raise ValueError(f"{asked} consecutive and start from 1. Received dims={dims}")
        self._keras_take(locals())
        self.input_spec = InputSpec(ndim=len(dims) + 1)

    def call(self, inputs: Any) -> Any:
        """Transpose."""
        return tf.transpose(inputs, (0, *self.dims))

    def compute_output_shape(self, input_shape: Any) -> Shape:
        """Return the sizes in the other order."""
        return tuple(input_shape[axis] for axis in (0, *self.dims))


class RepeatVector(Described):
    """Repeats each vector n times.

    >>> tf.keras.layers.RepeatVector(3)(tf.ones((5, 2))).shape
    TensorShape([5, 3, 2])
    """

    n: int

    def __init__(self, n: int, **kwargs: Any) -> None:
        """Take how often; TypeError if that is no integer, ValueError if it is below 1."""
        super().__init__(**kwargs)
        if not isinstance(n, int) or isinstance(n, bool):
            raise TypeError(f"Expected an integer value for `n`, got {type(n)}.")
        if n <= 0:
            raise ValueError(f"Argument `n` should be a positive integer. Received: n={n}")
        self._keras_take(locals())
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Any) -> Any:
        """Repeat."""
        return tf.tile(tf.expand_dims(inputs, 1), (1, self.n, 1))

    def compute_output_shape(self, input_shape: Any) -> Shape:
        """Return the shape with n in the middle."""
        return (input_shape[0], self.n, input_shape[1])


class Identity(SameShape):
    """Returns what it gets.

    >>> print(tf.keras.layers.Identity()(tf.constant([1, 2])))
    tf.Tensor([1 2], shape=(2,), dtype=int32)
    """

    _keras_keeps_dtype = True

    def __init__(self, **kwargs: Any) -> None:
        """Take what all layers take."""
        super().__init__(**kwargs)
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Return the inputs."""
        return inputs


def data_format_of(data_format: str | None) -> str:
    """Return a data format, or the one that is set in `keras.backend` for None; ValueError for others."""
    known = ("channels_first", "channels_last")
    found = image_data_format() if data_format is None else str(data_format).lower()
    if found not in known:
        asked = f"The `data_format` argument must be one of {set(known)}."
        raise ValueError(f"{asked} Received: data_format={data_format}")
    return found
