"""Embedding: a table with a vector for each number."""

from __future__ import annotations

import warnings
from typing import Any

import minitf as tf
from minitf.keras.layers.described import Described

__all__ = ["Embedding"]


class Embedding(Described):
    """Rows of a table of `input_dim` vectors, in place of the integers that number them.

    A shape (batch, ...) becomes (batch, ..., output_dim). Floats are cut off to integers. InvalidArgumentError for
    numbers outside the table. `mask_zero` is only noted.

    >>> layer = tf.keras.layers.Embedding(3, 2, weights=tf.constant([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]))
    >>> print(layer(tf.constant([2, 0])))
    tf.Tensor(
    [[4. 5.]
     [0. 1.]], shape=(2, 2), dtype=float32)
    """

    input_dim: int
    output_dim: int

    def __init__(
        self, input_dim: int, output_dim: int, embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None, embeddings_constraint: Any = None, mask_zero: bool = False,
        weights: Any = None, quantization_config: None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        """Take the sizes of the table; ValueError if they are no positive integers."""
        for name, value in (("input_dim", input_dim), ("output_dim", output_dim)):
            if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
                asked = f"`{name}` must be a positive integer."
                raise ValueError(f"{asked} Received: {name}={value} (of type {type(value).__name__}).")
        if kwargs.pop("input_length", None) is not None:
            warnings.warn("Argument `input_length` is deprecated. Just remove it.", stacklevel=2)
        super().__init__(**kwargs)
        self._keras_take(locals())
        self.autocast = False
        if weights is not None:
            self.build()
            self.set_weights(weights if isinstance(weights, list) and len(weights) == 1 else [weights])

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {"activity_regularizer": None, **super().get_config()}

    def build(self, input_shape: Any = None) -> None:
        """Make the table."""
        if not self.built:
            self.embeddings = self._keras_weight("embeddings", (self.input_dim, self.output_dim), autocast=False)

    def call(self, inputs: Any) -> Any:
        """Look the vectors up."""
        rows = inputs if inputs.dtype in (tf.int32, tf.int64) else tf.cast(inputs, tf.int32)
        return tf.cast(tf.gather(self.embeddings, rows), self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """Return the shape with `output_dim` behind it."""
        return (*input_shape, self.output_dim)
