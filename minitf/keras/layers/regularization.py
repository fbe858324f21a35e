"""Layers against overfitting, which change nothing in inference: zeros and noise at random, and penalties."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from minitf.keras import random, regularizers
from minitf.keras.layers.described import SameShape
from minitf.keras.layers.input_spec import InputSpec

__all__ = ["ActivityRegularization", "Dropout", "GaussianDropout", "GaussianNoise", "SpatialDropout1D"]


class _Random(SameShape):
    """A layer that draws in training; the first of its arguments is how much, from 0 to 1."""

    seed_generator: random.SeedGenerator

    def _keras_take(self, arguments: Mapping[str, Any], built: bool = True) -> None:
        """Keep the arguments; ValueError for an amount outside [0, 1]."""
        super()._keras_take(arguments, built)
        name = self._keras_arguments[0]
        self._amount = arguments[name]
        if not 0 <= self._amount <= 1:
            asked = f"Invalid value received for argument `{name}`. Expected a float value between 0 and 1."
            raise ValueError(f"{asked} Received: {name}={self._amount}")
        if self._amount > 0:
            self.seed_generator = random.SeedGenerator(arguments["seed"])

    def call(self, inputs: Any, training: Any = False) -> Any:
        """Draw in training; return the inputs otherwise."""
        return self._drawn(inputs) if training and self._amount else inputs

    def _drawn(self, x: Any) -> Any:
        raise NotImplementedError

    def _normal(self, x: Any, mean: float, stddev: float) -> Any:
        return random.normal(x.sizes, mean, stddev, self.compute_dtype, self.seed_generator)


class Dropout(_Random):
    """Sets entries to 0 with probability `rate` in training, after Srivastava et al., 2014.

    The others are divided by 1 - rate, so that the expected sum stays. One draw decides for each entry of
    `noise_shape`, which broadcasts to the inputs; None in it is the size there. It draws what Keras draws from the same
    seed.

    >>> layer = tf.keras.layers.Dropout(0.5, seed=1)
    >>> print(layer(tf.ones((4,)), training=True), layer(tf.ones((4,))))
    tf.Tensor([2. 0. 2. 0.], shape=(4,), dtype=float32) tf.Tensor([1. 1. 1. 1.], shape=(4,), dtype=float32)
    """

    rate: float
    noise_shape: tuple[int | None, ...] | None

    def __init__(self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any) -> None:
        """Take the probability, and the shape of the draws; ValueError for other rates and shapes."""
        super().__init__(**kwargs)
        noise_shape = None if noise_shape is None else _noise_shape(noise_shape)
        self._keras_take(locals())

    def _drawn(self, x: Any) -> Any:
        return random.dropout(x, self.rate, self.noise_shape, self.seed_generator)


class SpatialDropout1D(Dropout):
    """Sets whole channels of (batch, steps, channels) to 0 with probability `rate` in training; Tompson et al., 2015.

    >>> layer = tf.keras.layers.SpatialDropout1D(0.5, seed=1)
    >>> print(layer(tf.ones((1, 2, 4)), training=True))
    tf.Tensor(
    [[[2. 0. 2. 0.]
      [2. 0. 2. 0.]]], shape=(1, 2, 4), dtype=float32)
    """

    def __init__(self, rate: float, seed: int | None = None, name: str | None = None, dtype: Any = None) -> None:
        """Take the probability."""
        super().__init__(rate, seed=seed, name=name, dtype=dtype)
        self.noise_shape = (None, 1, None)
        self.input_spec = InputSpec(ndim=3)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {"rate": self.rate, "seed": self.seed, "name": self.name, "dtype": self.dtype}


class GaussianDropout(_Random):
    """Multiplies by draws around 1 in training, with variance rate / (1 - rate), after Srivastava et al., 2014.

    That is as strong as Dropout of this rate.

    >>> layer = tf.keras.layers.GaussianDropout(0.5, seed=1)
    >>> print(layer(tf.ones((2,)), training=True).numpy().round(4))
    [1.1267 0.507 ]
    """

    rate: float

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        """Take the rate; ValueError outside [0, 1]."""
        super().__init__(**kwargs)
        self._keras_take(locals())

    def _drawn(self, x: Any) -> Any:
        return x * self._normal(x, 1.0, math.sqrt(self.rate / (1.0 - self.rate)))


class GaussianNoise(_Random):
    """Adds draws from the normal distribution around 0 in training.

    >>> layer = tf.keras.layers.GaussianNoise(0.5, seed=1)
    >>> print(layer(tf.ones((2,)), training=True).numpy().round(4))
    [1.0633 0.7535]
    """

    stddev: float

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any) -> None:
        """Take the standard deviation; ValueError outside [0, 1]."""
        super().__init__(**kwargs)
        self._keras_take(locals())

    def _drawn(self, x: Any) -> Any:
        return x + self._normal(x, 0.0, self.stddev)


class ActivityRegularization(SameShape):
    """Returns its inputs, and adds l1 times the sum of |x| and l2 times the sum of x², per sample, to the losses.

    >>> layer = tf.keras.layers.ActivityRegularization(l1=0.5)
    >>> print(layer(tf.constant([[1.0, -2.0]])), layer.losses[0].numpy())
    tf.Tensor([[ 1. -2.]], shape=(1, 2), dtype=float32) 1.5
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        """Take the two factors; ValueError for negative ones."""
        super().__init__(activity_regularizer=regularizers.L1L2(l1, l2), **kwargs)
        self._keras_take(locals(), built=True)

    def call(self, inputs: Any) -> Any:
        """Return the inputs."""
        return inputs

    def get_config(self) -> dict[str, Any]:
        """Return the two factors."""
        return {name: each for name, each in super().get_config().items() if name != "activity_regularizer"}


def _noise_shape(shape: Any) -> tuple[int | None, ...]:
    asked = "Invalid value received for argument `noise_shape`. Expected"
    if not isinstance(shape, Sequence) or isinstance(shape, str):
        raise ValueError(f"{asked} a tuple or list of integers. Received: noise_shape={shape}")
    for i, size in enumerate(shape):
        if size is not None and (not isinstance(size, int) or size <= 0):
            what = "all elements to be integers or None" if not isinstance(size, int) else "positive integers or None"
            raise ValueError(f"{asked} {what}. Received at index {i}: {size}")
    return tuple(shape)
