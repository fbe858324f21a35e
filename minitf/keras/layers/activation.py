"""Activations as layers: the general one, and those with numbers or weights of their own."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from minitf.keras import activations
from minitf.keras.layers.described import SameShape
from minitf.keras.layers.input_spec import InputSpec

__all__ = ["ELU", "Activation", "LeakyReLU", "PReLU", "ReLU", "Softmax"]


class Activation(SameShape):
    """Applies an activation function, given as a name or a function; shape and dtype stay.

    >>> print(tf.keras.layers.Activation("relu")(tf.constant([-1.0, 2.0])))
    tf.Tensor([0. 2.], shape=(2,), dtype=float32)
    """

    activation: Any

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        """Take the function; ValueError for an unknown name."""
        super().__init__(**kwargs)
        self._keras_take(locals(), built=True)

    def call(self, inputs: Any) -> Any:
        """Apply the function."""
        return self.activation(inputs)


class ReLU(SameShape):
    """Keeps entries above the threshold, up to max_value; below it, negative_slope times the distance to it.

    >>> print(tf.keras.layers.ReLU(max_value=1.0)(tf.constant([-1.0, 0.5, 2.0])))
    tf.Tensor([0.  0.5 1. ], shape=(3,), dtype=float32)
    """

    max_value: float | None
    negative_slope: float
    threshold: float

    def __init__(
        self, max_value: float | None = None, negative_slope: float = 0.0, threshold: float = 0.0, **kwargs: Any
    ) -> None:
        """Take the numbers; ValueError for negative ones."""
        super().__init__(**kwargs)
        numbers = {"max_value": max_value, "negative_slope": negative_slope, "threshold": threshold}
        for name, value in numbers.items():
            if (value is None and name != "max_value") or (value is not None and value < 0):
                asked = f"{name} of a ReLU layer cannot be {'' if name == 'max_value' else 'None or '}a negative value."
                raise ValueError(f"{asked} Received: {name}={value}")
        self._keras_take(numbers, built=True)

    def call(self, inputs: Any) -> Any:
        """Apply it."""
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)


class LeakyReLU(SameShape):
    """Keeps positive entries and multiplies the others by negative_slope, after Maas et al., 2013.

    Older programs say `alpha` for the slope.

    >>> print(tf.keras.layers.LeakyReLU(0.5)(tf.constant([-1.0, 2.0])))
    tf.Tensor([-0.5  2. ], shape=(2,), dtype=float32)
    """

    negative_slope: float

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        """Take the slope; ValueError for a negative one."""
        if "alpha" in kwargs:
            negative_slope = kwargs.pop("alpha")
            warnings.warn("Argument `alpha` is deprecated. Use `negative_slope` instead.", stacklevel=2)
        super().__init__(**kwargs)
        if negative_slope is None or negative_slope < 0:
            asked = "The negative_slope value of a Leaky ReLU layer cannot be None or negative value."
            raise ValueError(f"{asked} Expected a float. Received: negative_slope={negative_slope}")
        self._keras_take(locals(), built=True)

    def call(self, inputs: Any) -> Any:
        """Apply it."""
        return activations.leaky_relu(inputs, self.negative_slope)


class ELU(SameShape):
    """Keeps positive entries; alpha * (exp(x) - 1) for the others, after Clevert et al., 2016.

    >>> print(tf.keras.layers.ELU()(tf.constant([-1000.0, 2.0])))
    tf.Tensor([-1.  2.], shape=(2,), dtype=float32)
    """

    alpha: float

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        """Take the factor."""
        super().__init__(**kwargs)
        self._keras_take(locals(), built=True)

    def call(self, inputs: Any) -> Any:
        """Apply it."""
        return activations.elu(inputs, self.alpha)


class PReLU(SameShape):
    """Keeps positive entries and multiplies the others by a weight each, after He et al., 2015.

    The weights have the shape of a sample, with size 1 along the axes that share them.

    >>> print(tf.keras.layers.PReLU("ones")(tf.constant([[-1.0, 2.0]])))
    tf.Tensor([[-1.  2.]], shape=(1, 2), dtype=float32)
    """

    shared_axes: list[int] | None

    def __init__(
        self, alpha_initializer: Any = "Zeros", alpha_regularizer: Any = None, alpha_constraint: Any = None,
        shared_axes: int | Sequence[int] | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        """Take what makes the weights, and the axes, which count from 1, along which they are shared."""
        super().__init__(**kwargs)
        shared_axes = [shared_axes] if isinstance(shared_axes, int) else shared_axes and list(shared_axes)
        self._keras_take(locals())

    def build(self, input_shape: Any) -> None:
        """Make the weights."""
        shared = self.shared_axes or ()
        self.alpha = self._keras_weight(
            "alpha", [1 if i in shared else input_shape[i] for i in range(1, len(input_shape))]
        )
        axes = {i: input_shape[i] for i in range(1, len(input_shape)) if i not in shared} if shared else None
        self.input_spec = InputSpec(ndim=len(input_shape), axes=axes)

    def call(self, inputs: Any) -> Any:
        """Apply it."""
        return activations.relu(inputs) - self.alpha * activations.relu(-inputs)


class Softmax(SameShape):
    """exp(x) over its sum along an axis, or several: probabilities that sum to 1.

    >>> print(tf.keras.layers.Softmax()(tf.constant([[1.0, 1.0]])))
    tf.Tensor([[0.5 0.5]], shape=(1, 2), dtype=float32)
    """

    axis: int | Sequence[int]

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any) -> None:
        """Take the axis."""
        super().__init__(**kwargs)
        self._keras_take(locals(), built=True)

    def call(self, inputs: Any) -> Any:
        """Apply it."""
        return activations.softmax(inputs, self.axis)
