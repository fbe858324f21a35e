"""Normalization of each sample by itself: LayerNormalization and UnitNormalization."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import minitf as tf
from minitf.keras.layers.described import SameShape

__all__ = ["LayerNormalization", "UnitNormalization"]


class LayerNormalization(SameShape):
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta along axes of each sample, after Ba, Kiros and Hinton, 2016.

    >>> layer = tf.keras.layers.LayerNormalization(epsilon=0.0)
    >>> print(layer(tf.constant([[1.0, 3.0], [5.0, 9.0]])))
    tf.Tensor(
    [[-1.  1.]
     [-1.  1.]], shape=(2, 2), dtype=float32)
    """

    epsilon: float
    center: bool
    scale: bool
    rms_scaling: bool
    _names = (
        "axis", "epsilon", "center", "scale", "rms_scaling", "beta_initializer", "gamma_initializer",
        "beta_regularizer", "gamma_regularizer", "beta_constraint", "gamma_constraint",
    )  # fmt: skip

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
        self.axis = axis if isinstance(axis, int) else list(axis)
        self._take(
            epsilon=epsilon, center=center, scale=scale, rms_scaling=rms_scaling, beta_initializer=beta_initializer,
            gamma_initializer=gamma_initializer, beta_regularizer=beta_regularizer,
            gamma_regularizer=gamma_regularizer, beta_constraint=beta_constraint, gamma_constraint=gamma_constraint,
        )  # fmt: skip

    def build(self, input_shape: Any) -> None:
        """Make gamma and beta, in the shape of the axes."""
        self.axis = [self.axis] if isinstance(self.axis, int) else sorted(self.axis)
        shape, rank = tuple(input_shape[axis] for axis in self.axis), len(input_shape)
        self.gamma = self._weight("gamma", shape) if self.scale or self.rms_scaling else None
        self.beta = self._weight("beta", shape) if self.center and not self.rms_scaling else None
        places = [axis % rank for axis in self.axis]
        last = places == list(range(rank - len(places), rank))
        self._spread = None if last else [input_shape[i] if i in places else 1 for i in range(rank)]

    def call(self, inputs: Any) -> Any:
        """Normalize."""
        x = self._floats(inputs)
        mean, variance = tf.nn.moments(x, self.axis, keepdims=True)
        scale, offset = self._shaped(self.gamma), self._shaped(self.beta)
        if self.rms_scaling:
            return x * tf.math.rsqrt(variance + self.epsilon) * scale
        return tf.nn.batch_normalization(x, mean, variance, offset, scale, self.epsilon)

    def _shaped(self, weight: Any) -> Any:
        """Return a weight in a shape that broadcasts along the axes."""
        return weight if weight is None or self._spread is None else tf.reshape(weight, self._spread)


class UnitNormalization(SameShape):
    """Scales each sample so that its Euclidean norm along axes is 1.

    >>> print(tf.keras.layers.UnitNormalization()(tf.constant([[3.0, 4.0]])).numpy().round(4))
    [[0.6 0.8]]
    """

    _names = ("axis",)

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any) -> None:
        """Take the axes; TypeError if they are no integers."""
        super().__init__(**kwargs)
        if not isinstance(axis, int | list | tuple):
            asked = "Invalid value for `axis` argument: expected an int or a list/tuple of ints."
            raise TypeError(f"{asked} Received: axis={axis}")
        self.axis = axis if isinstance(axis, int) else list(axis)
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Scale."""
        squares = tf.reduce_sum(tf.square(inputs), self.axis, keepdims=True)
        return inputs * tf.minimum(tf.math.rsqrt(squares), 1e12)
