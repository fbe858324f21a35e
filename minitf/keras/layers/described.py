"""Layers of ours: what `__init__` takes stands in attributes of the same names, from which the config follows."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import minitf as tf
from minitf.keras import activations, constraints, initializers, regularizers
from minitf.keras.layers.layer import Layer
from minitf.keras.symbolic import KerasTensor

__all__ = ["Described", "SameShape"]

_KINDS: dict[str, Any] = {
    "activation": activations, "constraint": constraints, "initializer": initializers, "regularizer": regularizers,
}  # fmt: skip
_OTHERS = {"self", "kwargs", "activity_regularizer", "dtype", "name", "weights"}  # what is kept elsewhere, or not


class Described(Layer):
    """A layer whose config has the arguments of `__init__`.

    What a name ends with says how its value is found and described: a `kernel_initializer` is an initializer.
    """

    _keras_arguments: tuple[str, ...] = ()
    _keras_keeps_dtype = False  # whether symbolic results have the dtype of what came, and not the one of the layer

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Note the arguments of a layer of ours; a user's subclass describes what it adds."""
        super().__init_subclass__(**kwargs)
        if "__init__" in vars(cls) and cls.__module__.startswith("minitf."):
            parameters = inspect.signature(cls.__init__).parameters
            cls._keras_arguments = tuple(name for name in parameters if name not in _OTHERS)

    def _keras_take(self, arguments: Mapping[str, Any], built: bool = False) -> None:
        """Keep the `locals()` of `__init__`; names of initializers and the like become what they stand for."""
        for name in self._keras_arguments:
            kind = _KINDS.get(name.rpartition("_")[2])
            setattr(self, name, arguments[name] if kind is None else kind.get(arguments[name]))
        self.built = built

    def get_config(self) -> dict[str, Any]:
        """Return what describes the layer: what all layers have, and its own arguments."""
        config = super().get_config()
        for name in self._keras_arguments:
            kind = _KINDS.get(name.rpartition("_")[2])
            config[name] = getattr(self, name) if kind is None else kind.serialize(getattr(self, name))
        return config

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return symbolic tensors of the shapes and dtypes of the result."""
        found = super().compute_output_spec(*args, **kwargs)
        return KerasTensor(found.shape, args[0].dtype) if self._keras_keeps_dtype else found

    def _keras_weight(self, name: str, shape: Any, trainable: bool = True, autocast: bool = True) -> Any:
        """Make a weight with the initializer, regularizer and constraint that stand in the attributes for it."""
        kinds = ("initializer", "regularizer", "constraint")
        how: dict[str, Any] = {kind: getattr(self, f"{name}_{kind}", None) for kind in kinds}
        return self.add_weight(shape=shape, name=name, trainable=trainable, autocast=autocast, **how)

    def _keras_floats(self, x: tf.Tensor) -> tf.Tensor:
        """Return floats: the tensor itself, or integers in the dtype in which the layer computes."""
        return x if x.array.dtype.kind == "f" or x.dtype.is_floating else tf.cast(x, self.compute_dtype)


class SameShape(Described):
    """A layer whose result has the shape of what came."""

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape itself; ValueError if it lacks the axis of the layer."""
        axes = getattr(self, "axis", ())
        for axis in (axes,) if isinstance(axes, int) else axes:
            if not -len(input_shape) <= axis < len(input_shape):
                asked = f"Axis {axis} is out of bounds for input shape {input_shape}."
                raise ValueError(f"{asked} Received: axis={axes}")
        return input_shape
