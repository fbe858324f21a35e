"""`keras.optimizers.schedules`: learning rates that change with the count of steps, computed by ops on that count."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any, Self

import minitf as tf
from minitf import Tensor
from minitf.keras.backend import floatx
from minitf.keras.kinds import Kind
from minitf.names import nearest

__all__ = [
    "CosineDecay", "CosineDecayRestarts", "ExponentialDecay", "InverseTimeDecay", "LearningRateSchedule",
    "PiecewiseConstantDecay", "PolynomialDecay", "deserialize", "serialize",
]  # fmt: skip

__getattr__ = nearest("keras.optimizers.schedules")


class LearningRateSchedule:
    """The base of schedules, and of your own: override `__call__`, and `get_config` to save it with a model.

    >>> class Halving(tf.keras.optimizers.schedules.LearningRateSchedule):
    ...     def __call__(self, step):
    ...         return 0.5 ** tf.cast(step, tf.float32)
    >>> print(tf.keras.optimizers.SGD(Halving()).learning_rate)
    tf.Tensor(1.0, shape=(), dtype=float32)
    """

    def __call__(self, step: Any) -> Any:
        """Return the learning rate at a step."""
        asked = f"Learning rate schedule '{type(self).__name__}' must override"
        raise NotImplementedError(f"{asked} `__call__(self, step)`.")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make a schedule like this one."""
        asked = f"Learning rate schedule '{type(self).__name__}' must override `get_config()`"
        raise NotImplementedError(f"{asked} in order to be serializable.")

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Make a schedule from such arguments."""
        return cls(**config)


class _Described(LearningRateSchedule):
    """A schedule that is a dataclass, whose fields are its config."""

    def get_config(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}  # type: ignore[arg-type]


@dataclasses.dataclass(eq=False)
class _Decay(_Described):
    """A schedule that begins at a learning rate."""

    initial_learning_rate: float

    def __post_init__(self) -> None:
        """Refuse a number of steps that is not positive."""
        for name in ("decay_steps", "first_decay_steps"):
            value = getattr(self, name, 1)
            if value <= 0:
                raise ValueError(f"Argument `{name}` must be > 0. Received: {name}={value}.")

    def _start(self, step: Any) -> tuple[Tensor, Tensor]:
        """Return the first learning rate, and the step in its dtype."""
        rate = tf.convert_to_tensor(self.initial_learning_rate)
        rate = rate if rate.dtype.is_floating else tf.cast(rate, floatx())
        return rate, tf.cast(step, rate.dtype)


@dataclasses.dataclass(eq=False)
class ExponentialDecay(_Decay):
    """Multiply by `decay_rate` every `decay_steps`: smoothly, or at once with `staircase`.

    The learning rate is initial_learning_rate * decay_rate ** (step / decay_steps).

    >>> halved = tf.keras.optimizers.schedules.ExponentialDecay(1.0, decay_steps=10, decay_rate=0.5)
    >>> print(*(f"{halved(step):.3f}" for step in (0, 5, 10)))
    1.000 0.707 0.500
    """

    decay_steps: int
    decay_rate: float
    staircase: bool = False
    name: str = "ExponentialDecay"

    def __call__(self, step: Any) -> Any:
        rate, step = self._start(step)
        return rate * self.decay_rate ** _times(step / self.decay_steps, self.staircase)


@dataclasses.dataclass(eq=False)
class InverseTimeDecay(_Decay):
    """Divide by 1 + decay_rate * step / decay_steps, where `staircase` rounds the quotient down.

    >>> third = tf.keras.optimizers.schedules.InverseTimeDecay(1.0, decay_steps=10, decay_rate=2.0)
    >>> print(*(f"{third(step):.3f}" for step in (0, 5, 10)))
    1.000 0.500 0.333
    """

    decay_steps: int
    decay_rate: float
    staircase: bool = False
    name: str = "InverseTimeDecay"

    def __call__(self, step: Any) -> Any:
        rate, step = self._start(step)
        return rate / (self.decay_rate * _times(step / self.decay_steps, self.staircase) + 1)


@dataclasses.dataclass(eq=False)
class PolynomialDecay(_Decay):
    """Go down to `end_learning_rate` in `decay_steps` along a power of what is left; with `cycle`, again and again.

    The learning rate is (initial - end) * (1 - step / decay_steps) ** power + end. In a cycle, decay_steps is taken
    as many times as the step needs.

    >>> straight = tf.keras.optimizers.schedules.PolynomialDecay(1.0, decay_steps=10, end_learning_rate=0.0)
    >>> print(*(f"{straight(step):.3f}" for step in (0, 5, 10, 15)))
    1.000 0.500 0.000 0.000
    """

    decay_steps: int
    end_learning_rate: float = 0.0001
    power: float = 1.0
    cycle: bool = False
    name: str = "PolynomialDecay"

    def __call__(self, step: Any) -> Any:
        rate, step = self._start(step)
        if self.cycle:
            times = tf.maximum(tf.math.ceil(step / self.decay_steps), 1)
            done = step / (times * self.decay_steps)
        else:
            done = step / self.decay_steps
        left = 1 - tf.minimum(done, 1)  # never below 0, however the quotient is rounded
        return (rate - self.end_learning_rate) * left**self.power + self.end_learning_rate


@dataclasses.dataclass(eq=False)
class CosineDecay(_Decay):
    """Go down along half a wave of the cosine to `alpha` times the start (Loshchilov and Hutter, 2017).

    With a `warmup_target`, the learning rate first goes straight to that in `warmup_steps`, and decays from there.

    >>> wave = tf.keras.optimizers.schedules.CosineDecay(0.0, decay_steps=10, warmup_target=1.0, warmup_steps=10)
    >>> print(*(f"{wave(step):.3f}" for step in (0, 5, 10, 15, 20)))
    0.000 0.500 1.000 0.500 0.000
    """

    decay_steps: int
    alpha: float = 0.0
    name: str = "CosineDecay"
    warmup_target: float | None = None
    warmup_steps: int = 0

    def __call__(self, step: Any) -> Any:
        rate, step = self._start(step)
        if self.warmup_target is None:
            return self._decayed(rate, tf.minimum(step, self.decay_steps))
        step = tf.minimum(step, self.decay_steps + self.warmup_steps)
        warm = (self.warmup_target - rate) * (step / self.warmup_steps) + rate
        return tf.where(step < self.warmup_steps, warm, self._decayed(self.warmup_target, step - self.warmup_steps))

    def _decayed(self, rate: Any, step: Tensor) -> Any:
        wave = 0.5 * (1 + tf.cos(step / self.decay_steps * math.pi))
        return ((1 - self.alpha) * wave + self.alpha) * rate


@dataclasses.dataclass(eq=False)
class CosineDecayRestarts(_Decay):
    """Decay along the cosine, and begin again (Loshchilov and Hutter, 2017).

    Each time takes `t_mul` times as many steps as the one before, and begins at `m_mul` times its height.

    >>> waves = tf.keras.optimizers.schedules.CosineDecayRestarts(1.0, first_decay_steps=10, m_mul=0.5)
    >>> print(*(f"{waves(step):.3f}" for step in (0, 5, 10, 20)))
    1.000 0.500 0.500 0.250
    """

    first_decay_steps: int
    t_mul: float = 2.0
    m_mul: float = 1.0
    alpha: float = 0.0
    name: str = "SGDRDecay"

    def __call__(self, step: Any) -> Any:
        rate, step = self._start(step)
        done = step / self.first_decay_steps
        if self.t_mul == 1:
            restarts = tf.floor(done)
            done = done - restarts
        else:  # before restart n, the sum of a geometric series has gone by
            growth = tf.convert_to_tensor(self.t_mul, rate.dtype)
            restarts = tf.floor(tf.math.log(1 - done * (1 - growth)) / tf.math.log(growth))
            length = growth**restarts
            done = (done - (1 - length) / (1 - growth)) / length
        height = tf.convert_to_tensor(self.m_mul, rate.dtype) ** restarts
        wave = 0.5 * height * (1 + tf.cos(done * math.pi))
        return rate * ((1 - self.alpha) * wave + self.alpha)


@dataclasses.dataclass(eq=False)
class PiecewiseConstantDecay(_Described):
    """Take one value up to and including the first boundary, the next one up to the second, and so on.

    >>> steps = tf.keras.optimizers.schedules.PiecewiseConstantDecay([10, 20], [1.0, 0.5, 0.1])
    >>> print(*(f"{steps(step):.3f}" for step in (10, 11, 21)))
    1.000 0.500 0.100
    """

    boundaries: Sequence[float]
    values: Sequence[float]
    name: str = "PiecewiseConstant"

    def __post_init__(self) -> None:
        """Refuse another number of values than one more than boundaries."""
        boundaries, values = self.boundaries, self.values
        if len(boundaries) != len(values) - 1:
            asked = "The length of boundaries should be 1 less than the length of values"
            got = f"Received: boundaries={boundaries} of length {len(boundaries)}, and values={values} of length"
            raise ValueError(f"{asked}. {got} {len(values)}.")

    def __call__(self, step: Any) -> Any:
        step = tf.convert_to_tensor(step)
        rate = tf.convert_to_tensor(self.values[-1], floatx())
        for boundary, value in zip(reversed(self.boundaries), reversed(self.values[:-1]), strict=True):
            rate = tf.where(step <= tf.cast(boundary, step.dtype), value, rate)
        return rate


def _times(done: Tensor, whole: bool) -> Tensor:
    return tf.floor(done) if whole else done


_kind = Kind("schedule", "keras.optimizers.schedules", [globals()[name] for name in __all__[:-2]])
serialize, deserialize = _kind.serialize, _kind.deserialize
