"""Optimizers that go a step of a given length down the gradient: SGD, and Lion, which looks at signs alone."""

from __future__ import annotations

from typing import Any

import minitf as tf
from minitf.keras.optimizers.optimizer import Optimizer

__all__ = ["SGD", "Lion"]


class SGD(Optimizer, learning_rate=0.01):
    """Gradient descent: w -= learning_rate * g; with momentum, v = momentum * v - learning_rate * g and w += v.

    `nesterov` takes the gradient as that of the place where the momentum leads (Sutskever et al., 2013).

    >>> w = tf.Variable(1.0)
    >>> optimizer = tf.keras.optimizers.SGD(0.1, momentum=0.9)
    >>> for _ in range(2):
    ...     count = optimizer.apply_gradients([(tf.constant(1.0), w)])
    >>> print(w.numpy().round(3))
    0.71
    """

    momentum: float = 0.0
    nesterov: bool = False

    def _check(self) -> None:
        super()._check()
        if not isinstance(self.momentum, float) or not 0 <= self.momentum <= 1:
            raise ValueError(f"`momentum` must be a float between [0, 1]. Received: momentum={self.momentum!r}.")

    def slots(self) -> list[dict[str, float]]:
        return [{"momentum": 0.0}] if self.momentum else []

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        step = gradient * learning_rate
        if not self.momentum:
            variable.assign_sub(step, read_value=False)
            return
        (slot,) = self.slots_of(variable)
        velocity = slot.value() * self.momentum - step
        slot.assign(velocity, read_value=False)
        variable.assign_add(velocity * self.momentum - step if self.nesterov else velocity, read_value=False)


class Lion(Optimizer, learning_rate=0.001):
    """Go by the sign of a mean of momentum and gradient (Chen et al., 2023, https://arxiv.org/abs/2302.06675).

    >>> w = tf.Variable([1.0, 1.0])
    >>> count = tf.keras.optimizers.Lion(0.1).apply_gradients([(tf.constant([5.0, -0.2]), w)])
    >>> print(w.numpy().round(3))
    [0.9 1.1]
    """

    beta_1: float = 0.9
    beta_2: float = 0.99

    def _check(self) -> None:
        super()._check()
        if not 0 < self.beta_1 <= 1:
            asked = "Argument `beta_1` must be in the [0, 1] range. Otherwise, the optimizer degenerates to SignSGD"
            raise ValueError(f"{asked}. Received: beta_1={self.beta_1}.")

    def slots(self) -> list[dict[str, float]]:
        return [{"momentum": 0.0}]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        (slot,) = self.slots_of(variable)
        momentum = slot.value()
        first, second = (tf.constant(beta, gradient.dtype) for beta in (self.beta_1, self.beta_2))
        step = tf.sign(momentum * first + gradient * (1 - first))
        variable.assign_sub(step * learning_rate, read_value=False)
        slot.assign(momentum * second + gradient * (1 - second), read_value=False)
