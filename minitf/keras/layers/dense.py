"""Dense: every output depends on every input."""

from __future__ import annotations

from typing import Any

import numpy as np

import minitf as tf
from minitf.keras.layers.described import Described
from minitf.keras.layers.input_spec import InputSpec

__all__ = ["Dense"]


class Dense(Described):
    """`activation(x @ kernel + bias)`, along the last axis: (batch, ..., n) becomes (batch, ..., units).

    Integers are computed with as floats. ValueError for inputs of one axis, and later for another size of the last.

    >>> layer = tf.keras.layers.Dense(3, kernel_initializer="ones")
    >>> layer(tf.constant([[1.0, 2.0]]))
    <tf.Tensor: shape=(1, 3), dtype=float32, numpy=array([[3., 3., 3.]], dtype=float32)>
    """

    units: int
    activation: Any
    use_bias: bool

    def __init__(
        self, units: int, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros", kernel_regularizer: Any = None, bias_regularizer: Any = None,
        activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None,
        quantization_config: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        """Take the number of outputs; ValueError if it is none."""
        if not isinstance(units, int | np.integer) or units <= 0:
            asked = "Received an invalid value for `units`, expected a positive integer."
            do = f"; call the layer on data: {type(self).__name__}(units)(x)" if getattr(units, "shape", ()) else ""
            raise ValueError(f"{asked} Received: units={units}{do}")
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        units = int(units)
        self._keras_take(locals())
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        """Make the kernel and the bias."""
        self.kernel = self._keras_weight("kernel", (input_shape[-1], self.units))
        self.bias = self._keras_weight("bias", (self.units,)) if self.use_bias else None
        self.input_spec = InputSpec(min_ndim=2, axes={-1: input_shape[-1]})

    def call(self, inputs: Any, training: Any = None) -> Any:
        """Multiply, add and activate."""
        x = self._keras_floats(inputs)
        y = tf.matmul(x, self.kernel) if x.ndim == 2 else tf.tensordot(x, self.kernel, 1)
        if self.bias is not None:
            y = y + self.bias
        return self.activation(y)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """Return the shape with `units` in the last place."""
        return (*input_shape[:-1], self.units)
