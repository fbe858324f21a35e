"""BatchNormalization: by the moments of the batch in training, and by their moving averages in inference."""

from __future__ import annotations

from typing import Any

import minitf as tf
from minitf.keras.layers.described import SameShape
from minitf.keras.layers.input_spec import InputSpec

__all__ = ["BatchNormalization"]


class BatchNormalization(SameShape):
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta for each channel, after Ioffe and Szegedy, 2015.

    In training, mean and variance are those of the batch, and the moving averages go a share of 1 - momentum towards
    them; in inference, or with `trainable = False`, they are the moving averages.

    >>> layer = tf.keras.layers.BatchNormalization(momentum=0.5, epsilon=0.0)
    >>> print(layer(tf.constant([[1.0], [3.0]]), training=True), layer.moving_mean.numpy())
    tf.Tensor(
    [[-1.]
     [ 1.]], shape=(2, 1), dtype=float32) [1.]
    """

    axis: int
    epsilon: float
    momentum: float
    center: bool
    scale: bool
    _names = (
        "axis", "momentum", "epsilon", "center", "scale", "beta_initializer", "gamma_initializer",
        "moving_mean_initializer", "moving_variance_initializer", "beta_regularizer", "gamma_regularizer",
        "beta_constraint", "gamma_constraint", "synchronized", "renorm", "renorm_clipping", "renorm_momentum",
    )  # fmt: skip

    def __init__(
        self, axis: int = -1, momentum: float = 0.99, epsilon: float = 0.001, center: bool = True, scale: bool = True,
        beta_initializer: Any = "zeros", gamma_initializer: Any = "ones", moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones", beta_regularizer: Any = None, gamma_regularizer: Any = None,
        beta_constraint: Any = None, gamma_constraint: Any = None, renorm: bool = False, renorm_clipping: Any = None,
        renorm_momentum: float = 0.99, synchronized: bool = False, **kwargs: Any,
    ) -> None:  # fmt: skip
        """Take the axis of the channels; NotImplementedError for `renorm`."""
        super().__init__(**kwargs)
        if renorm:
            raise NotImplementedError("minitf has no batch renormalization: make the layer without `renorm`.")
        self._take(
            axis=int(axis), momentum=float(momentum), epsilon=float(epsilon), center=center, scale=scale,
            beta_initializer=beta_initializer, gamma_initializer=gamma_initializer,
            moving_mean_initializer=moving_mean_initializer, moving_variance_initializer=moving_variance_initializer,
            beta_regularizer=beta_regularizer, gamma_regularizer=gamma_regularizer, beta_constraint=beta_constraint,
            gamma_constraint=gamma_constraint, renorm=renorm, renorm_clipping=renorm_clipping,
            renorm_momentum=renorm_momentum, synchronized=synchronized,
        )  # fmt: skip

    def build(self, input_shape: Any) -> None:
        """Make gamma and beta, and the moving averages."""
        shape, rank = (input_shape[self.axis],), len(input_shape)
        self.gamma = self._weight("gamma", shape) if self.scale else None
        self.beta = self._weight("beta", shape) if self.center else None
        self.moving_mean = self._weight("moving_mean", shape, trainable=False)
        self.moving_variance = self._weight("moving_variance", shape, trainable=False)
        self.input_spec = InputSpec(ndim=rank, axes={self.axis: shape[0]})
        axis = self.axis % rank
        self._others = tuple(i for i in range(rank) if i != axis)
        self._spread = None if axis == rank - 1 else [-1, *[1] * (rank - 1 - axis)]  # how a vector broadcasts

    def call(self, inputs: Any, training: Any = None) -> Any:
        """Normalize; in training, move the averages."""
        x = self._floats(inputs)
        if training and self.trainable:
            spread = self._spread is not None
            mean = tf.reduce_mean(x, self._others, keepdims=spread)
            squares = tf.math.squared_difference(x, tf.stop_gradient(mean))
            variance = tf.reduce_mean(squares, self._others, keepdims=spread)
            for average, moment in ((self.moving_mean, mean), (self.moving_variance, variance)):
                now = tf.reshape(moment, average.shape) if spread else moment
                average.assign_add((now - average) * (1.0 - self.momentum))
        else:
            mean, variance = self._shaped(self.moving_mean), self._shaped(self.moving_variance)
        scale, offset = self._shaped(self.gamma), self._shaped(self.beta)
        return tf.nn.batch_normalization(x, mean, variance, offset, scale, self.epsilon)

    def _shaped(self, vector: Any) -> Any:
        """Return a vector in a shape that broadcasts along the axis."""
        return vector if vector is None or self._spread is None else tf.reshape(vector, self._spread)
