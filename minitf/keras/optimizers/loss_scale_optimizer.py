"""LossScaleOptimizer: keeps gradients in float16 from vanishing, by a factor that adapts itself."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import minitf as tf
from minitf.distribute.replica import everywhere
from minitf.keras.optimizers.gradients import dense, only_if, warn_of_missing
from minitf.keras.optimizers.optimizer import Optimizer
from minitf.keras.registry import deserialize_keras_object, serialize_keras_object
from minitf.keras.variable import inside

__all__ = ["LossScaleOptimizer"]

_OPTIONS = inspect.signature(Optimizer.__init__).parameters.values()
_USUAL = {option.name: option.default for option in _OPTIONS if option.default is not option.empty}  # of others


class LossScaleOptimizer(Optimizer):
    """An optimizer around another one: losses are multiplied by a large scale, gradients divided by it again.

    float16 has no numbers between 0 and 6e-8, where small gradients would be lost (Micikevicius et al., 2018). A step
    whose gradients are not all finite changes nothing but the scale, which is halved; after `dynamic_growth_steps`
    steps with finite gradients it is doubled. Everything is computed without a look at a value, and taken back where
    it does not count, so that a step can be compiled.

    ValueError for arguments that belong to the other optimizer.

    >>> w = tf.Variable(1.0)
    >>> optimizer = tf.keras.mixed_precision.LossScaleOptimizer(tf.keras.optimizers.SGD(0.5), initial_scale=8.0)
    >>> count = optimizer.apply_gradients([(tf.constant(float("inf")), w)])
    >>> print(w.numpy(), optimizer.dynamic_scale.numpy())
    1.0 4.0
    """

    def __init__(
        self, inner_optimizer: Any, initial_scale: float = 2.0**15, dynamic_growth_steps: int = 2000,
        name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        if not kwargs.pop("dynamic", True):
            asked = "LossScaleOptimizer no longer supports `dynamic=False`. Instead, simply set `loss_scale_factor`"
            raise ValueError(f"{asked} directly on the `inner_optimizer`.")
        for known in [name for name in kwargs if name in _USUAL]:
            if kwargs.pop(known) != _USUAL[known]:
                asked = f"LossScaleOptimizer does not support `{known}`"
                raise ValueError(f"{asked}. Instead, set `{known}` on the `inner_optimizer`.")
        if kwargs:
            raise ValueError(f"LossScaleOptimizer does not support arguments: `{'`, `'.join(kwargs)}`; leave them out.")
        super().__init__(learning_rate=0.0, name=name)
        self.inner_optimizer = inner_optimizer
        self.initial_scale, self.dynamic_growth_steps = initial_scale, dynamic_growth_steps
        inner_optimizer.loss_scale_factor = None  # or gradients would be divided twice

    @property
    def variables(self) -> list[Any]:
        """The variables of both: first the scale and what belongs to it."""
        return [*self._variables, *self.inner_optimizer.variables]

    @property
    def iterations(self) -> Any:
        """How often the variables have been changed; skipped steps do not count."""
        return self.inner_optimizer.iterations

    @property
    def learning_rate(self) -> Any:
        """The learning rate of the other optimizer."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate: Any) -> None:
        self.inner_optimizer.learning_rate = learning_rate

    lr = learning_rate

    def build(self, var_list: Iterable[Any]) -> None:
        """Make the scale, and the slots of the other optimizer; the second time, nothing happens."""
        variables = list(var_list)
        if not self.built:
            self.step_counter = self._tracked(0, name="step_counter", dtype=tf.int64)
            self.dynamic_scale = self._tracked(self.initial_scale, name="dynamic_scale", dtype=tf.float32)
        with inside(self.name):
            self.inner_optimizer.build(variables)
        super().build(variables)

    def apply(self, grads: Sequence[Any], trainable_variables: Iterable[Any] | None = None) -> None:
        """Change variables by gradients of a scaled loss; if one of these is inf or nan, only the scale changes."""
        if not len(grads):
            return
        variables = self._known(grads, trainable_variables)
        given = [None if grad is None else dense(grad, each) for grad, each in zip(grads, variables, strict=False)]
        present = [each for each in given if each is not None]
        if not present:
            warn_of_missing(list(zip(given, variables, strict=False)))
        finite = everywhere(self.check_finite(present))
        scale, count = self.dynamic_scale.value(), self.step_counter.value()
        with only_if(finite, [*variables, *self.inner_optimizer.variables]):
            self.inner_optimizer.apply([None if each is None else _divided(each, scale) for each in given], variables)
        long = tf.equal(count, self.dynamic_growth_steps - 1)
        self.dynamic_scale.assign(scale * tf.where(finite, tf.where(long, 2.0, 1.0), 0.5), read_value=False)
        going = tf.logical_and(finite, tf.logical_not(long))
        self.step_counter.assign(tf.where(going, count + 1, tf.zeros_like(count)), read_value=False)

    def check_finite(self, grads: Iterable[Any]) -> Any:
        """Say whether all entries of the gradients are numbers; those that are None do not count."""
        return tf.reduce_all(tf.stack([tf.reduce_all(tf.math.is_finite(each)) for each in grads if each is not None]))

    def scale_loss(self, loss: Any) -> Any:
        """Multiply a loss by the scale."""
        scale = self.dynamic_scale.value() if self.built else tf.constant(self.initial_scale)
        return loss * tf.cast(scale, loss.dtype)

    def finalize_variable_values(self, var_list: Sequence[Any]) -> None:
        """Let the other optimizer put its moving averages in place of the variables."""
        self.inner_optimizer.finalize_variable_values(var_list)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, with the other optimizer as a config."""
        inner = serialize_keras_object(self.inner_optimizer)
        scaling = {"initial_scale": self.initial_scale, "dynamic_growth_steps": self.dynamic_growth_steps}
        return {"name": self.name, "inner_optimizer": inner, **scaling}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Self:
        """Make both optimizers from such arguments."""
        inner = deserialize_keras_object(config["inner_optimizer"], custom_objects)
        return cls(**{**config, "inner_optimizer": inner})


def _divided(gradient: Any, scale: Any) -> Any:
    """Divide a gradient by the scale in float32 at least, where what is left of it is not lost."""
    wide = gradient if gradient.dtype in (tf.float32, tf.float64) else tf.cast(gradient, tf.float32)
    return wide / tf.cast(scale, wide.dtype)
