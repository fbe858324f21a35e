"""Pooling over time: one vector from a row of them."""

from __future__ import annotations

from typing import Any

import minitf as tf
from minitf.keras.layers.described import Described
from minitf.keras.layers.input_spec import InputSpec
from minitf.keras.layers.shaping import data_format_of

__all__ = ["GlobalAveragePooling1D", "GlobalMaxPooling1D"]


class _GlobalPooling1D(Described):
    keepdims: bool

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        """Take where the channels stand, and whether an axis of size 1 stays for the steps."""
        super().__init__(**kwargs)
        data_format = data_format_of(data_format)
        self._keras_take(locals(), built=True)
        self.input_spec = InputSpec(ndim=3)
        self._axis = 1 if data_format == "channels_last" else 2

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """Return the shape without the steps."""
        kept = (1,) if self.keepdims else ()
        return (*input_shape[: self._axis], *kept, *input_shape[self._axis + 1 :])


class GlobalAveragePooling1D(_GlobalPooling1D):
    """Mean over the steps of (batch, steps, channels).

    >>> print(tf.keras.layers.GlobalAveragePooling1D()(tf.constant([[[1.0], [3.0]]])))
    tf.Tensor([[2.]], shape=(1, 1), dtype=float32)
    """

    def call(self, inputs: Any) -> Any:
        """Return the mean."""
        return tf.reduce_mean(inputs, self._axis, self.keepdims)


class GlobalMaxPooling1D(_GlobalPooling1D):
    """Largest entry over the steps of (batch, steps, channels).

    >>> print(tf.keras.layers.GlobalMaxPooling1D()(tf.constant([[[1.0], [3.0]]])))
    tf.Tensor([[3.]], shape=(1, 1), dtype=float32)
    """

    def call(self, inputs: Any) -> Any:
        """Return the largest entry."""
        return tf.reduce_max(inputs, self._axis, self.keepdims)
