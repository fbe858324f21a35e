"""Optimizers that divide the gradient by the root of its sum, or mean, of squares: Adagrad and what came from it."""

from __future__ import annotations

from typing import Any

import minitf as tf
from minitf.keras.optimizers.optimizer import Optimizer

__all__ = ["Adadelta", "Adagrad", "Ftrl", "RMSprop"]


class Adagrad(Optimizer, learning_rate=0.001):
    """Divide by the root of the sum of all squares (Duchi et al., 2011): a += g**2, w -= lr * g / sqrt(a + epsilon).

    >>> w = tf.Variable(1.0)
    >>> count = tf.keras.optimizers.Adagrad(0.1, 0.0).apply_gradients([(tf.constant(4.0), w)])
    >>> print(w.numpy().round(3))
    0.9
    """

    initial_accumulator_value: float = 0.1
    epsilon: float = 1e-7

    def slots(self) -> list[dict[str, float]]:
        return [{"accumulator": self.initial_accumulator_value}]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        (slot,) = self.slots_of(variable)
        total = slot.value() + tf.square(gradient)
        slot.assign(total, read_value=False)
        variable.assign_sub(gradient * learning_rate / tf.sqrt(total + self.epsilon), read_value=False)


class _Fading(Optimizer):
    """What forgets old gradients: running means with the share `rho`."""

    rho: float

    def _moved(self, slot: Any, towards: Any) -> Any:
        """Move a running mean towards a value, and return it."""
        mean = slot.value() * self.rho + towards * (1 - self.rho)
        slot.assign(mean, read_value=False)
        return mean


class RMSprop(_Fading, learning_rate=0.001):
    """Divide by the root of a running mean of squares (Tieleman and Hinton, 2012).

    v = rho * v + (1 - rho) * g**2, w -= learning_rate * g / sqrt(v + epsilon); `centered` subtracts the square of the
    running mean, so that v is a variance; `momentum` adds up the steps.

    >>> w = tf.Variable(1.0)
    >>> count = tf.keras.optimizers.RMSprop(0.1, rho=0.75).apply_gradients([(tf.constant(4.0), w)])
    >>> print(w.numpy().round(3))
    0.8
    """

    rho: float = 0.9
    momentum: float = 0.0
    epsilon: float = 1e-7
    centered: bool = False

    def slots(self) -> list[dict[str, float]]:
        used = {"velocity": True, "momentum": self.momentum > 0, "average_gradient": self.centered}
        return [{name: 0.0} for name, wanted in used.items() if wanted]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        slots = self.slots_of(variable)
        square = self._moved(slots[0], tf.square(gradient))
        if self.centered:
            square = square - tf.square(self._moved(slots[-1], gradient))
        step = gradient * learning_rate / tf.sqrt(square + self.epsilon)
        if self.momentum > 0:
            step = slots[1].value() * self.momentum + step
            slots[1].assign(step, read_value=False)
        variable.assign_sub(step, read_value=False)


class Adadelta(_Fading, learning_rate=0.001):
    """Measure each step by a running mean of the steps before (Zeiler, 2012, https://arxiv.org/abs/1212.5701).

    >>> w = tf.Variable(1.0)
    >>> count = tf.keras.optimizers.Adadelta(1.0, epsilon=0.01).apply_gradients([(tf.constant(1.0), w)])
    >>> print(w.numpy().round(3))
    0.592
    """

    rho: float = 0.95
    epsilon: float = 1e-7

    def slots(self) -> list[dict[str, float]]:
        return [{"accumulated_grad": 0.0, "accumulated_delta_var": 0.0}]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        of_gradients, of_steps = self.slots_of(variable)
        before = tf.sqrt(of_steps.value() + self.epsilon)
        step = before * gradient / tf.sqrt(self._moved(of_gradients, tf.square(gradient)) + self.epsilon)
        self._moved(of_steps, tf.square(step))
        variable.assign_sub(step * learning_rate, read_value=False)


class Ftrl(Optimizer, learning_rate=0.001):
    """Follow the regularized leader, for sparse linear models (McMahan et al., 2013).

    >>> w = tf.Variable([0.0, 0.0])
    >>> optimizer = tf.keras.optimizers.Ftrl(1.0, l1_regularization_strength=1.0)
    >>> count = optimizer.apply_gradients([(tf.constant([0.5, 4.0]), w)])
    >>> print(w.numpy().round(3))
    [ 0.    -0.748]
    """

    learning_rate_power: float = -0.5
    initial_accumulator_value: float = 0.1
    l1_regularization_strength: float = 0.0
    l2_regularization_strength: float = 0.0
    l2_shrinkage_regularization_strength: float = 0.0
    beta: float = 0.0

    def _check(self) -> None:
        super()._check()
        for name in self.hyperparameters[:-1]:
            value = getattr(self, name)
            if value * (-1 if name == "learning_rate_power" else 1) < 0:
                side = "negative" if name == "learning_rate_power" else "positive"
                raise ValueError(f"`{name}` needs to be {side} or zero. Received: {name}={value}.")

    def slots(self) -> list[dict[str, float]]:
        return [{"accumulator": self.initial_accumulator_value, "linear": 0.0}]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        accumulator, slot = self.slots_of(variable)
        power, l1 = -self.learning_rate_power, self.l1_regularization_strength
        value, before = variable.value(), accumulator.value()
        after = before + tf.square(gradient)
        shrunk = gradient + value * (2 * self.l2_shrinkage_regularization_strength)
        linear = slot.value() + (shrunk - (after**power - before**power) / learning_rate * value)
        l2 = self.l2_regularization_strength + self.beta / (2 * learning_rate)
        quadratic = after**power / learning_rate + 2 * l2
        variable.assign((tf.clip_by_value(linear, -l1, l1) - linear) / quadratic, read_value=False)
        slot.assign(linear, read_value=False)
        accumulator.assign(after, read_value=False)
