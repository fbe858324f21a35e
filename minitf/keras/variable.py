"""The variables of layers, metrics and optimizers: `tf.Variable`s that know where they belong, as Keras prints it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import minitf as tf
from minitf.keras.backend import floatx
from minitf.keras.calling import calls, path_here
from minitf.keras.naming import name_or

__all__ = ["Variable", "inside"]

_kept = tf.Variable.value  # quicker than super()


@contextmanager
def inside(name: Any) -> Iterator[None]:
    """Let variables made in this block have the name, or that of a layer, before theirs in their paths."""
    calls.inside.append(name)
    try:
        yield
    finally:
        calls.inside.pop()


class Variable(tf.Variable):
    """A variable with a short name, a path, a regularizer and a constraint.

    >>> tf.keras.layers.Dense(1, name="dense").add_weight((2,), initializer="ones", name="scale")
    <Variable path=dense/scale, shape=(2,), dtype=float32, value=[1. 1.]>
    """

    __slots__ = ()

    def __init__(
        self, initializer: Any, shape: Any = None, dtype: Any = None, trainable: bool = True, autocast: bool = True,
        aggregation: str | None = "none", synchronization: str | None = "auto", name: str | None = None,
        regularizer: Callable[[Any], Any] | None = None, constraint: Callable[[Any], Any] | None = None,
    ) -> None:  # fmt: skip
        """Take the first value, or a function of shape and dtype that makes it; ValueError without a shape for it."""
        name = name_or(name, "variable")
        if callable(initializer) and not isinstance(initializer, tf.Variable | tf.Tensor):
            if shape is None:
                asked = "When creating a Variable from an initializer, the `shape` argument should be specified."
                raise ValueError(f"{asked} Received: initializer={initializer} and shape={shape}")
            kind = tf.as_dtype(dtype or floatx())
            shape = tuple(shape)
            make = initializer
            initializer = lambda: tf.convert_to_tensor(make(shape, dtype=kind), kind)  # noqa: E731
        elif dtype is None and not hasattr(initializer, "dtype"):
            dtype = floatx()
        super().__init__(initializer, trainable, name=name, dtype=dtype and tf.as_dtype(dtype), constraint=constraint)
        self.path = path_here(name)
        self.aggregation = aggregation or "none"  # type: ignore[assignment]  # a text, as Keras has it
        self.regularizer = regularizer
        self._name = name
        self._may_train, self._autocast = trainable, autocast

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle, or copy deeply: the value, the name and the rest."""
        given = self.numpy(), None, None, self.trainable, True, self.aggregation
        return Variable, (*given, "auto", self.name, None, self.constraint), vars(self)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self._name

    @property
    def dtype(self) -> tf.DType:
        """The type of the entries; inside of a layer that computes with less digits than it keeps, that of these."""
        kept, wanted = super().dtype, calls.autocast
        return wanted if wanted is not None and self._autocast and kept.is_floating else kept

    def value(self) -> tf.Tensor:
        """Return the value as a tensor; inside of a layer that computes with less digits, with these."""
        return _kept(self) if calls.autocast is None else tf.cast(_kept(self), self.dtype)

    def _converted(self, value: object) -> tf.Tensor:
        kept = super().dtype
        return tf.cast(value, kept) if tf.is_tensor(value) else tf.convert_to_tensor(value, kept)

    @property
    def trainable(self) -> bool:
        """Whether training changes it; tapes watch it then. It may be set."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __repr__(self) -> str:
        """Print as Keras does."""
        return f"<Variable path={self.path}, shape={tuple(self.shape)}, dtype={self.dtype.name}, value={self.numpy()}>"
