"""Adam and its kin: each entry has its own step, from running means of the gradient and of its square.

The means start at 0; `rate_of_step` makes up for that, once a step for all variables.
"""

from __future__ import annotations

from typing import Any

import minitf as tf
from minitf.keras.optimizers.gradients import Pairs
from minitf.keras.optimizers.optimizer import Optimizer

__all__ = ["Adam", "AdamW", "Adamax", "Nadam"]


class _Adaptive(Optimizer):
    """What they share: two means, their shares and the count of steps."""

    beta_1: float
    beta_2: float

    def slots(self) -> list[dict[str, float]]:
        return [{"momentum": 0.0, "velocity": 0.0}]

    def _power(self, base: float, like: Any, later: int = 1) -> Any:
        """Raise a number to the number of this step, from 1, and round once: 1 - 0.999**t would magnify errors."""
        count = tf.cast(self.iterations + later, tf.float64)
        return tf.cast(tf.cast(tf.constant(base), tf.float64) ** count, like.dtype)  # Keras, too, has it in 32 bits

    def _moved(self, slot: Any, towards: Any, share: Any) -> Any:
        """Move a running mean towards a value by this share of the way, and return it."""
        mean = slot.value()
        mean = mean + (towards - mean) * share
        slot.assign(mean, read_value=False)
        return mean


class Adam(_Adaptive, learning_rate=0.001):
    """Adaptive moments (Kingma and Ba, 2015, https://arxiv.org/abs/1412.6980).

    m = beta_1 * m + (1 - beta_1) * g, v = beta_2 * v + (1 - beta_2) * g**2, and in step t
    w -= learning_rate * sqrt(1 - beta_2**t) / (1 - beta_1**t) * m / (sqrt(v) + epsilon). With `amsgrad`, v never falls
    (Reddi et al., 2018).

    >>> w = tf.Variable([1.0, 1.0])
    >>> count = tf.keras.optimizers.Adam(0.1).apply_gradients([(tf.constant([5.0, -0.2]), w)])
    >>> print(w.numpy().round(3))
    [0.9 1.1]
    """

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7
    amsgrad: bool = False

    def slots(self) -> list[dict[str, float]]:
        return [*super().slots(), *([{"velocity_hat": 0.0}] if self.amsgrad else [])]

    def rate_of_step(self, learning_rate: Any) -> Any:
        first, second = (1 - self._power(beta, learning_rate) for beta in (self.beta_1, self.beta_2))
        return learning_rate * tf.sqrt(second) / first

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        slots = self.slots_of(variable)
        momentum = self._moved(slots[0], gradient, 1 - self.beta_1)
        velocity = self._moved(slots[1], tf.square(gradient), 1 - self.beta_2)
        if self.amsgrad:
            velocity = tf.maximum(slots[2].value(), velocity)
            slots[2].assign(velocity, read_value=False)
        variable.assign_sub(momentum * learning_rate / (tf.sqrt(velocity) + self.epsilon), read_value=False)


class AdamW(Adam, learning_rate=0.001):
    """Adam with weight decay apart from the gradient (Loshchilov and Hutter, 2019, https://arxiv.org/abs/1711.05101).

    >>> w = tf.Variable(1.0)
    >>> count = tf.keras.optimizers.AdamW(0.1, weight_decay=0.5).apply_gradients([(tf.constant(1.0), w)])
    >>> print(w.numpy().round(3))
    0.85
    """

    weight_decay: float | None = 0.004

    def _check(self) -> None:
        super()._check()
        if self.weight_decay is None:
            raise ValueError("Argument `weight_decay` must be a float. Received: weight_decay=None; take Adam without.")


class Adamax(_Adaptive, learning_rate=0.001):
    """Adam with the largest gradient of late in place of the mean square (Kingma and Ba, 2015, section 7).

    >>> w = tf.Variable(1.0)
    >>> count = tf.keras.optimizers.Adamax(0.1).apply_gradients([(tf.constant(4.0), w)])
    >>> print(w.numpy().round(3))
    0.9
    """

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7

    def slots(self) -> list[dict[str, float]]:
        return [{"momentum": 0.0, "norm": 0.0}]

    def rate_of_step(self, learning_rate: Any) -> Any:
        return learning_rate / (1 - self._power(self.beta_1, learning_rate))

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        first, second = self.slots_of(variable)
        momentum = self._moved(first, gradient, 1 - self.beta_1)
        norm = tf.maximum(second.value() * self.beta_2, tf.abs(gradient))
        second.assign(norm, read_value=False)
        variable.assign_sub(momentum * learning_rate / (norm + self.epsilon), read_value=False)


class Nadam(_Adaptive, learning_rate=0.001):
    """Adam with Nesterov's momentum, whose share grows with the steps (Dozat, 2016).

    >>> w = tf.Variable(1.0)
    >>> count = tf.keras.optimizers.Nadam(0.1).apply_gradients([(tf.constant(4.0), w)])
    >>> print(w.numpy().round(3))
    0.894
    """

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7
    _product: Any

    def build(self, var_list: Any) -> None:
        if not self.built:
            super().build(var_list)
            first = self._trainable_variables[:1]
            self._product = self.add_variable((), "ones", *[variable.dtype for variable in first])

    def _share(self, like: Any, later: int = 1) -> Any:
        """Return the share of the momentum in this step, or a later one."""
        return self.beta_1 * (1 - 0.5 * self._power(0.96, like, later))

    def _update(self, pairs: Pairs) -> None:
        product = self._product.value()
        self._product.assign(product * self._share(product), read_value=False)
        super()._update(pairs)

    def rate_of_step(self, learning_rate: Any) -> Any:
        """Return what momentum and gradient are multiplied by, and velocity is divided by."""
        now, then = self._share(learning_rate), self._share(learning_rate, 2)
        product = tf.cast(self._product.value(), learning_rate.dtype)
        of_momentum = learning_rate * then / (1 - product * then)
        return of_momentum, learning_rate * (1 - now) / (1 - product), 1 - self._power(self.beta_2, learning_rate)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        of_momentum, of_gradient, of_velocity = learning_rate
        first, second = self.slots_of(variable)
        shares = (1 - tf.constant(beta, gradient.dtype) for beta in (self.beta_1, self.beta_2))  # rounded as in Keras
        momentum = self._moved(first, gradient, next(shares))
        velocity = self._moved(second, tf.square(gradient), next(shares))
        step = momentum * of_momentum + gradient * of_gradient
        variable.assign_sub(step / (tf.sqrt(velocity / of_velocity) + self.epsilon), read_value=False)
