"""Metric: a number to watch, gathered batch by batch in variables; what a kind of metric adds is how to update them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import minitf as tf
from minitf.keras import initializers
from minitf.keras.backend import floatx
from minitf.keras.naming import snake_case, unique_name
from minitf.keras.policy import policy_of
from minitf.keras.variable import Variable, inside

__all__ = ["Metric", "columns"]


class Metric:
    """A measure of how well a model does; made to be subclassed.

    A subclass makes its variables in `__init__`, changes them in `update_state`, and says in `result` what follows.

    >>> class Positives(tf.keras.metrics.Metric):
    ...     def __init__(self, **how):
    ...         super().__init__(**how)
    ...         self.total = self.add_weight(name="total", initializer="zeros")
    ...
    ...     def update_state(self, y_true, y_pred, sample_weight=None):
    ...         self.total.assign_add(tf.reduce_sum(tf.cast(y_pred > 0, "float32")))
    ...
    ...     def result(self):
    ...         return self.total / 2
    >>> positives = Positives()
    >>> print(positives(None, tf.constant([-1.0, 2.0, 3.0])))
    tf.Tensor(1.0, shape=(), dtype=float32)
    """

    _direction: str | None = None  # "up" or "down": where better values are, if that is known
    _names: tuple[str, ...] = ()  # the arguments besides name and dtype, which are attributes
    _gathered: Mapping[str, Variable] = {}  # the variables of metrics that have several of one shape

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        """Take the dtype to compute in, `floatx()` unless told otherwise, and a name; ValueError for no dtype."""
        self.name = name or unique_name(snake_case(type(self).__name__))
        self._dtype = policy_of(dtype or floatx()).compute_dtype
        self._variables: list[Variable] = []

    @property
    def dtype(self) -> str:
        """The name of the dtype that the metric computes in."""
        return self._dtype

    def add_variable(
        self, shape: Any = (), initializer: Any = "zeros", dtype: Any = None, aggregation: str = "sum",
        name: str | None = None,
    ) -> Variable:  # fmt: skip
        """Make a variable, of dtype `floatx()` unless told otherwise; RuntimeError before `super().__init__()`."""
        self._check_made()
        with inside(self.name.replace("/", ">")):
            initializer = initializers.get("zeros" if initializer is None else initializer)
            variable = Variable(initializer, shape, dtype, trainable=False, aggregation=aggregation, name=name)
        self._variables.append(variable)
        return variable

    def add_weight(
        self, shape: Any = (), initializer: Any = None, dtype: Any = None, name: str | None = None, **how: Any
    ) -> Variable:
        """Make a variable; a text in the first place is its name, as it was in Keras 2."""
        if isinstance(shape, str):
            shape, name = how.pop("shape", ()), shape
        return self.add_variable(shape, initializer, dtype, name=name)

    @property
    def variables(self) -> list[Variable]:
        """The variables of this metric, then those of the metrics in its attributes."""
        parts = list(_parts(vars(self)))
        own = [part for part in parts if isinstance(part, Variable)]
        others = [variable for part in parts if isinstance(part, Metric) for variable in part.variables]
        return list({id(each): each for each in [*self._variables, *own, *others]}.values())

    def reset_state(self) -> None:
        """Begin anew: all variables become zero."""
        for variable in self.variables:
            variable.assign(tf.zeros_like(variable))

    def reset_states(self) -> None:
        """Begin anew, by the name that it had in Keras 2."""
        self.reset_state()

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Take a batch into account; a subclass says how."""
        raise NotImplementedError(f"{type(self).__name__} has no update_state(); a subclass of Metric defines it.")

    def result(self) -> Any:
        """Return the number, or several in a dictionary; a subclass says which."""
        raise NotImplementedError(f"{type(self).__name__} has no result(); a subclass of Metric defines it.")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Take a batch into account and return the result."""
        self._check_made()
        self.update_state(*args, **kwargs)
        return self.result()

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make such a metric."""
        return {"name": self.name, "dtype": self.dtype, **{name: getattr(self, name) for name in self._names}}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Metric:
        """Make the metric that a config describes."""
        return cls(**config)

    def __repr__(self) -> str:
        """Print as Keras does."""
        return f"<{type(self).__name__} name={self.name}>"

    def _gather(self, names: Iterable[str], shape: tuple[int, ...]) -> None:
        """Make variables of one shape, which become attributes."""
        self._gathered = {name: self.add_variable(shape, name=name) for name in names}
        vars(self).update(self._gathered)

    def _values(self) -> list[tf.Tensor]:
        """Return the values of these variables; AttributeError before the first batch told their shape."""
        if not self._gathered:
            raise AttributeError(f"{self.name} has no attributes to compute from yet; call update_state before result.")
        return [tf.convert_to_tensor(variable) for variable in self._gathered.values()]

    def _check_made(self) -> None:
        if "_variables" not in vars(self):
            asked = "You forgot to call `super().__init__()` in the `__init__()` method"
            raise RuntimeError(f"{asked} of {type(self).__name__}; call it before anything else.")


def _parts(value: Any) -> Iterator[Any]:
    """Go through what stands in lists and dictionaries; their keys may be anything."""
    if isinstance(value, list | tuple | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _parts(each)
    else:
        yield value


def columns(what: str, y_true: tf.Tensor, y_pred: tf.Tensor) -> int:
    """Return how many columns there are; ValueError if the shapes are not (batch, columns)."""
    if len(y_true.shape) != 2 or len(y_pred.shape) != 2:
        asked = f"{what} expects 2D inputs with shape (batch_size, output_dim). Received input shapes:"
        raise ValueError(f"{asked} y_pred.shape={y_pred.shape} and y_true.shape={y_true.shape}.")
    count: int = y_pred.shape[-1]
    return count
