"""Layers that bring data to a common scale: by given numbers, or by the moments of data that they are shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

import minitf as tf
from minitf.keras import registry
from minitf.keras.backend import epsilon
from minitf.keras.layers.described import SameShape
from minitf.keras.layers.layer import Layer

__all__ = ["Normalization", "Rescaling"]


class Rescaling(SameShape):
    """x * scale + offset, as floats; the shape stays where both broadcast to it.

    >>> print(tf.keras.layers.Rescaling(1 / 255)(tf.constant([255, 0])))
    tf.Tensor([1. 0.], shape=(2,), dtype=float32)
    """

    scale: Any
    offset: Any

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        """Take the numbers, or arrays."""
        super().__init__(**kwargs)
        self._keras_take(locals())

    def call(self, inputs: Any) -> Any:
        """Multiply and add."""
        scale, offset = (tf.constant(each, self.compute_dtype) for each in (self.scale, self.offset))
        return self._keras_floats(inputs) * scale + offset

    def get_config(self) -> dict[str, Any]:
        """Return the numbers."""
        own = {"scale": self.scale, "offset": self.offset}
        return {**super().get_config(), **registry.serialize_keras_object(own)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Make the layer that a config describes."""
        own = {name: registry.deserialize_keras_object(config[name]) for name in ("scale", "offset")}
        return cls(**{**config, **own})


class Normalization(SameShape):
    """(x - mean) / sqrt(variance), along `axis` each its own; `adapt` computes both from data, unless they are given.

    `invert` goes back from normalized data.

    >>> layer = tf.keras.layers.Normalization()
    >>> layer.adapt(np.array([[1.0], [3.0]]))
    >>> print(layer(tf.constant([[5.0]])), layer.mean.numpy())
    tf.Tensor([[3.]], shape=(1, 1), dtype=float32) [[2.]]
    """

    def __init__(
        self, axis: int | Sequence[int] | None = -1, mean: Any = None, variance: Any = None, invert: bool = False,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        """Take the axes that are kept, and both moments or none; ValueError for moments that do not fit."""
        super().__init__(**kwargs)
        self.axis = () if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        self.input_mean, self.input_variance, self.invert = mean, variance, invert
        self._moments: tuple[Any, ...] | None = None  # variables, or what was given
        if (mean is None) != (variance is None):
            asked = "When setting values directly, both `mean` and `variance` must be set."
            raise ValueError(f"{asked} Received: mean={mean} and variance={variance}")
        shapes = f"mean shape {np.shape(mean)} and variance shape {np.shape(variance)}"
        if np.shape(mean) != np.shape(variance):
            asked = "When setting values directly, `mean` and `variance` must have the same shape."
            raise ValueError(f"{asked} Received: {shapes}")
        if np.ndim(mean) > len(self.axis):
            asked = f"The rank of `mean` must be less than or equal to the number of axes ({len(self.axis)})."
            raise ValueError(f"{asked} Received: {shapes} for axis {self.axis}")

    def build(self, input_shape: Any) -> None:
        """Make the weights that `adapt` sets, or take the given moments; ValueError if a kept size is not known."""
        rank = len(input_shape)
        if any(not -rank <= axis < rank for axis in self.axis):
            asked = "All `axis` values must be in the range [-ndim, ndim)."
            raise ValueError(f"{asked} Received inputs with ndim={rank}, while axis={self.axis}")
        self._axes = sorted(axis % rank for axis in self.axis)
        self._shape = [size if i in self._axes else 1 for i, size in enumerate(input_shape)]
        if None in self._shape:
            asked = "All `axis` values to be kept must have a known shape."
            raise ValueError(f"{asked} Received axis={self.axis}, inputs.shape={input_shape}")
        sizes = [input_shape[i] for i in self._axes]
        if self.input_mean is None:
            self.adapt_mean = self.add_weight(sizes, "zeros", trainable=False, name="mean")
            self.adapt_variance = self.add_weight(sizes, "ones", trainable=False, name="variance")
            self.count = self.add_weight((), "zeros", dtype="int64", trainable=False, name="count")
            self._moments = self.adapt_mean, self.adapt_variance
        else:
            given = (np.broadcast_to(each, sizes) for each in (self.input_mean, self.input_variance))
            self._moments = tuple(tf.constant(each, self.compute_dtype) for each in given)

    def adapt(self, data: Any) -> None:
        """Compute mean and variance of an array, a tensor, a dataset or batches; ValueError if none fits.

        Of batches that are tuples, the first part counts. TypeError for what has no shape.
        """
        total, count = None, 0
        for batch in _batches(data):
            if not self.built:
                self.build(tuple(batch.shape))
            if any(batch.shape[i] != self._shape[i] for i in self._axes):
                asked = f"The layer was built with input_shape={self._keras_build_shapes}, but adapt() is being called"
                raise ValueError(f"{asked} with data with an incompatible shape, data.shape={tuple(batch.shape)}")
            others = [i for i in range(batch.ndim) if i not in self._axes]
            size = int(np.prod([batch.shape[i] for i in others]))
            count += size
            total = _merged(total, tf.nn.moments(batch, others), size / count)
        if total is None:
            raise ValueError("adapt() received an empty iterable (no batches); pass at least one batch.")
        for variable, value in zip((self.adapt_mean, self.adapt_variance), total, strict=True):
            variable.assign(tf.cast(value, variable.dtype))

    @property
    def mean(self) -> Any:
        """The mean, in a shape that broadcasts to the data; None before the layer is built."""
        return self._moments and tf.reshape(self._moments[0], self._shape)

    @property
    def variance(self) -> Any:
        """The variance, in a shape that broadcasts to the data; None before the layer is built."""
        return self._moments and tf.reshape(self._moments[1], self._shape)

    def call(self, inputs: Any) -> Any:
        """Normalize, or go back."""
        x = self._keras_floats(inputs)
        last = self._axes == list(range(x.ndim - len(self._axes), x.ndim))  # then they broadcast as they are
        mean, variance = self._moments if self._moments and last else (self.mean, self.variance)
        deviation = tf.maximum(tf.sqrt(variance), epsilon())
        return mean + x * deviation if self.invert else (x - mean) / deviation

    def get_config(self) -> dict[str, Any]:
        """Return the arguments; moments as lists."""
        mean, variance = (np.array(each).tolist() for each in (self.input_mean, self.input_variance))
        own = {"axis": self.axis, "mean": mean, "variance": variance, "invert": self.invert}
        return {**Layer.get_config(self), **own}


def _batches(data: Any) -> Iterator[tf.Tensor]:
    """Go through the tensors of data in batches."""
    if isinstance(data, np.ndarray | tf.Tensor):
        data = [data]
    elif isinstance(data, tf.data.Dataset):
        spec = data.element_spec
        if len((spec[0] if isinstance(spec, tuple) else spec).shape) == 1:
            data = data.batch(128)
    elif not hasattr(data, "__iter__"):
        asked = f"Unsupported data type: {type(data)}. `adapt` supports"
        raise TypeError(f"{asked} `np.ndarray`, tensors, `tf.data.Dataset` and iterables of batches.")
    for batch in data:
        x = batch[0] if isinstance(batch, tuple) else batch
        if not hasattr(x, "shape"):
            asked = "adapt() expects an iterable that yields arrays or tensors with a `.shape` attribute"
            raise TypeError(f"{asked}. Got an element of type {type(x).__name__}; make an array of it.")
        tensor = tf.convert_to_tensor(x)
        yield tensor if tensor.dtype.is_floating else tf.cast(tensor, tf.float64)


def _merged(total: Any, batch: Any, share: float) -> Any:
    """Return mean and variance of all data from those before, and those of a batch that has this share of all."""
    if total is None:
        return batch
    mean = total[0] * (1 - share) + batch[0] * share
    variance = (total[1] + (total[0] - mean) ** 2) * (1 - share) + (batch[1] + (batch[0] - mean) ** 2) * share
    return mean, variance
