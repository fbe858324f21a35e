"""TensorFlow's own initializers, such as `tf.zeros_initializer`: they make the first values of variables.

`tf.initializers` are those of Keras; layers take either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from minitf.dtypes import as_dtype, float32
from minitf.ops import random
from minitf.ops.making import constant, ones, zeros
from minitf.tensor import Tensor

__all__ = [
    "constant_initializer", "ones_initializer", "random_normal_initializer", "random_uniform_initializer",
    "zeros_initializer",
]  # fmt: skip


class Initializer:
    """Called with a shape and a dtype, it returns a tensor."""

    def __call__(self, shape: Any, dtype: Any = float32) -> Tensor:
        """Make the tensor."""
        raise NotImplementedError(f"{type(self).__name__} has no __call__(shape, dtype); a subclass defines it.")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return dict(vars(self))

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Make one from its arguments; a dtype among them does not count."""
        return cls(**{name: value for name, value in config.items() if name != "dtype"})


class Zeros(Initializer):
    """Zeros.

    >>> tf.zeros_initializer()((3,)).numpy()
    array([0., 0., 0.], dtype=float32)
    """

    def __call__(self, shape: Any, dtype: Any = float32) -> Tensor:
        """Make zeros."""
        return zeros(shape, dtype)


class Ones(Initializer):
    """Ones.

    >>> tf.ones_initializer()((2,), tf.int32).numpy()
    array([1, 1], dtype=int32)
    """

    def __call__(self, shape: Any, dtype: Any = float32) -> Tensor:
        """Make ones."""
        return ones(shape, dtype)


class Constant(Initializer):
    """One number everywhere, or an array; TypeError for other values, and for an array that does not fill the shape.

    >>> tf.constant_initializer([1, 2, 3, 4])((2, 2), "float32").numpy()
    array([[1., 2.],
           [3., 4.]], dtype=float32)
    """

    def __init__(self, value: Any = 0, support_partition: bool = False) -> None:
        """Take the value; there are no partitions."""
        if not (np.isscalar(value) or isinstance(value, list | tuple | np.ndarray)):
            asked = f"Invalid type for initial value: {type(value).__name__}"
            raise TypeError(f"{asked}. Expected Python scalar, list or tuple of values, or numpy.ndarray.")
        self.value = value

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Fill the shape; the dtype is the value's unless told otherwise."""
        return constant(self.value, dtype, shape)


class RandomNormal(Initializer):
    """Normally distributed numbers; with a seed the same in each call.

    >>> draw = tf.random_normal_initializer(stddev=0.1, seed=1)
    >>> bool(tf.reduce_all(draw((2, 3)) == draw((2, 3))))
    True
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        """Take mean, standard deviation and seed."""
        self.mean, self.stddev, self.seed = mean, stddev, seed

    def __call__(self, shape: Any, dtype: Any = float32) -> Tensor:
        """Draw the numbers; ValueError if the dtype is none of floats."""
        dtype = as_dtype(dtype)
        if not dtype.is_floating:
            raise ValueError(f"Argument `dtype` is expected to be floating point. Received: {dtype}.")
        if self.seed is None:
            return random.normal(shape, self.mean, self.stddev, dtype)
        return random.stateless_normal(shape, [self.seed, 0], self.mean, self.stddev, dtype)


class RandomUniform(Initializer):
    """Uniformly distributed numbers; with a seed the same in each call.

    >>> numbers = tf.random_uniform_initializer(-1.0, 1.0)((1000,)).numpy()
    >>> bool(-1 <= numbers.min() < -0.9 and 0.9 < numbers.max() < 1)
    True
    """

    def __init__(self, minval: Any = -0.05, maxval: Any = 0.05, seed: int | None = None) -> None:
        """Take the bounds, of which the upper one is left out, and the seed."""
        self.minval, self.maxval, self.seed = minval, maxval, seed

    def __call__(self, shape: Any, dtype: Any = float32) -> Tensor:
        """Draw the numbers; ValueError if the dtype is none of numbers."""
        dtype = as_dtype(dtype)
        if not (dtype.is_floating or dtype.is_integer):
            raise ValueError(f"Argument `dtype` is expected to be numeric or boolean. Received: {dtype}.")
        if self.seed is None:
            return random.uniform(shape, self.minval, self.maxval, dtype)
        return random.stateless_uniform(shape, [self.seed, 0], self.minval, self.maxval, dtype)


zeros_initializer, ones_initializer, constant_initializer = Zeros, Ones, Constant
random_normal_initializer, random_uniform_initializer = RandomNormal, RandomUniform
