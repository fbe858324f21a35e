"""BatchNormalization: by the moments of the batch in training, and by their moving averages in inference."""

from __future__ import annotations

from typing import Any

import minitf as tf
from minitf.distribute.replica import shared, summed
from minitf.keras.layers.described import SameShape
from minitf.keras.layers.input_spec import InputSpec

__all__ = ["BatchNormalization", "Normalizing"]


class Normalizing(SameShape):
    """A layer that brings its inputs to mean beta and deviation gamma, and computes in 32 bits at least."""

    epsilon: float
    gamma: Any
    beta: Any
    _spread: Any = None  # the shape in which a weight broadcasts; None if it does as it is

    def _normalized(self, x: Any, mean: Any, variance: Any) -> Any:
        offset, scale = self._shaped(self.beta), self._shaped(self.gamma)
        y = tf.nn.batch_normalization(x, mean, variance, offset, scale, self.epsilon)
        return tf.cast(y, self.compute_dtype)

    def _shaped(self, weight: Any) -> Any:
        if weight is None:
            return None
        wide = _wide(weight)
        return wide if self._spread is None else tf.reshape(wide, self._spread)

    def _wide_floats(self, x: Any) -> Any:
        return _wide(self._keras_floats(x))


def _wide(x: Any) -> Any:
    return tf.cast(x, tf.float32) if x.dtype.size < 4 else tf.convert_to_tensor(x)


class BatchNormalization(Normalizing):
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta for each channel, after Ioffe and Szegedy, 2015.

    The channels are those of `axis`; shape and dtype of floats stay. In training, mean and variance are those of the
    batch, and the moving averages go a share of 1 - momentum towards them. In inference, or with `trainable = False`,
    they are the moving averages. On several replicas, the batch is that of each replica, or with `synchronized` that
    of all; the moving averages are means over the replicas.

    >>> layer = tf.keras.layers.BatchNormalization(momentum=0.5, epsilon=0.0)
    >>> print(layer(tf.constant([[1.0], [3.0]]), training=True), layer.moving_mean.numpy())
    tf.Tensor(
    [[-1.]
     [ 1.]], shape=(2, 1), dtype=float32) [1.]
    """

    axis: int
    momentum: float
    center: bool
    scale: bool
    synchronized: bool

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
        axis, momentum, epsilon = int(axis), float(momentum), float(epsilon)
        self._keras_take(locals())

    def build(self, input_shape: Any) -> None:
        """Make gamma and beta, and the moving averages."""
        shape, rank = (input_shape[self.axis],), len(input_shape)
        self.gamma = self._keras_weight("gamma", shape, autocast=False) if self.scale else None
        self.beta = self._keras_weight("beta", shape, autocast=False) if self.center else None
        self.moving_mean = self._keras_weight("moving_mean", shape, trainable=False, autocast=False)
        self.moving_variance = self._keras_weight("moving_variance", shape, trainable=False, autocast=False)
        self.input_spec = InputSpec(ndim=rank, axes={self.axis: shape[0]})
        axis = self.axis % rank
        self._others = tuple(i for i in range(rank) if i != axis)
        self._spread = None if axis == rank - 1 else [-1, *[1] * (rank - 1 - axis)]

    def call(self, inputs: Any, training: Any = None) -> Any:
        """Normalize; in training, move the averages."""
        x = self._wide_floats(inputs)
        if training and self.trainable:
            spread = self._spread is not None
            mean = self._of_all(tf.reduce_mean(x, self._others, keepdims=spread))
            squares = tf.math.squared_difference(x, tf.stop_gradient(mean))
            variance = self._of_all(tf.reduce_mean(squares, self._others, keepdims=spread))
            for average, moment in ((self.moving_mean, mean), (self.moving_variance, variance)):
                now = tf.reshape(moment, average.shape) if spread else moment
                average.assign_add((now - _wide(average)) * (1.0 - self.momentum))
        else:
            mean, variance = self._shaped(self.moving_mean), self._shaped(self.moving_variance)
        return self._normalized(x, mean, variance)

    def _of_all(self, mean: Any) -> Any:
        """Return the mean over all replicas, if it is to be theirs."""
        return summed(shared(mean)) if self.synchronized else mean
