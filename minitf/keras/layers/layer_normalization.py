"""Normalization of each sample by itself: LayerNormalization and UnitNormalization."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import minitf as tf
from minitf.keras.layers.batch_normalization import Normalizing
from minitf.keras.layers.described import SameShape

__all__ = ["LayerNormalization", "UnitNormalization"]


class LayerNormalization(Normalizing):
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta along axes of each sample, after Ba, Kiros and Hinton, 2016.

    The moments are those along the axes, in training and in inference. Gamma and beta have the shape of the axes.

    >>> layer = tf.keras.layers.LayerNormalization(epsilon=0.0)
    >>> print(layer(tf.constant([[1.0, 3.0], [5.0, 9.0]])))
    tf.Tensor(
    [[-1.  1.]
     [-1.  1.]], shape=(2, 2), dtype=float32)
    """

    axis: Any
    center: bool
    scale: bool
    rms_scaling: bool

    def __init__(
        self, axis: int | Sequence[int] = -1, epsilon: float = 0.001, center: bool = True, scale: bool = True,
        beta_initializer: Any = "zeros", gamma_initializer: Any = "ones", beta_regularizer: Any = None,
        gamma_regularizer: Any = None, beta_constraint: Any = None, gamma_constraint: Any = None,
        rms_scaling: bool = False, **kwargs: Any,
    ) -> None:  # fmt: skip
        """Take the axes; TypeError if they are no integers. `rms_scaling` only divides by the deviation."""
        if rms_scaling:
            asked = "You passed `rms_scaling=True`, which is deprecated. This argument incorrectly scales the input by"
            warnings.warn(f"{asked} the variance, not the root mean square.", stacklevel=2)
        super().__init__(**kwargs)
        if not isinstance(axis, int | list | tuple):
            asked = "Expected an int or a list/tuple of ints for the argument 'axis'"
            raise TypeError(f"{asked}, but received: {axis!r}")
        axis = axis if isinstance(axis, int) else list(axis)
        self._keras_take(locals())
        self.autocast = False

    def build(self, input_shape: Any) -> None:
        """Make gamma and beta, in the shape of the axes."""
        self.axis = [self.axis] if isinstance(self.axis, int) else sorted(self.axis)
        shape, rank = tuple(input_shape[axis] for axis in self.axis), len(input_shape)
        self.gamma = self._keras_weight("gamma", shape, autocast=False) if self.scale or self.rms_scaling else None
        self.beta = self._keras_weight("beta", shape, autocast=False) if self.center and not self.rms_scaling else None
        places = [axis % rank for axis in self.axis]
        last = places == list(range(rank - len(places), rank))
        self._spread = None if last else [input_shape[i] if i in places else 1 for i in range(rank)]

    def call(self, inputs: Any) -> Any:
        """Normalize."""
        x = self._wide_floats(inputs)
        mean, variance = tf.nn.moments(x, self.axis, keepdims=True)
        if self.rms_scaling:
            y = x * tf.math.rsqrt(variance + self.epsilon) * self._shaped(self.gamma)
            return tf.cast(y, self.compute_dtype)
        return self._normalized(x, mean, variance)


class UnitNormalization(SameShape):
    """Scales each sample so that its Euclidean norm along axes is 1.

    >>> print(tf.keras.layers.UnitNormalization()(tf.constant([[3.0, 4.0]])).numpy().round(4))
    [[0.6 0.8]]
    """

    axis: Any

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any) -> None:
        """Take the axes; TypeError if they are no integers."""
        super().__init__(**kwargs)
        if not isinstance(axis, int | list | tuple):
            asked = "Invalid value for `axis` argument: expected an int or a list/tuple of ints."
            raise TypeError(f"{asked} Received: axis={axis}")
        axis = axis if isinstance(axis, int) else list(axis)
        self._keras_take(locals(), built=True)

    def call(self, inputs: Any) -> Any:
        """Scale."""
        squares = tf.reduce_sum(tf.square(inputs), self.axis, keepdims=True)
        return inputs * tf.minimum(tf.math.rsqrt(squares), 1e12)
