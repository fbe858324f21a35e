"""Layers of ours: attributes have the names of arguments, so that the config follows from a list of names."""

from __future__ import annotations

from typing import Any

import minitf as tf
from minitf.keras import activations, constraints, initializers, regularizers
from minitf.keras.layers.layer import Layer
from minitf.keras.symbolic import KerasTensor

__all__ = ["Described", "SameShape"]

_KINDS: dict[str, Any] = {
    "activation": activations, "constraint": constraints, "initializer": initializers, "regularizer": regularizers,
}  # fmt: skip


class Described(Layer):
    """A layer whose config has the attributes in `_names`.

    What a name ends with says how its value is found and described: a `kernel_initializer` is an initializer.
    """

    _names: tuple[str, ...] = ()
    _keeps_dtype = False  # whether symbolic results have the dtype of what came, and not the one of the layer

    def _take(self, **arguments: Any) -> None:
        """Keep arguments as attributes; names of initializers and the like become what they stand for."""
        for name, value in arguments.items():
            kind = _KINDS.get(name.rpartition("_")[2])
            setattr(self, name, value if kind is None else kind.get(value))

    def get_config(self) -> dict[str, Any]:
        """Return what describes the layer: what all layers have, and its own arguments."""
        own = {}
        for name in self._names:
            kind = _KINDS.get(name.rpartition("_")[2])
            own[name] = getattr(self, name) if kind is None else kind.serialize(getattr(self, name))
        return {**super().get_config(), **own}

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return symbolic tensors of the shapes and dtypes of the result."""
        found = super().compute_output_spec(*args, **kwargs)
        return KerasTensor(found.shape, args[0].dtype) if self._keeps_dtype else found

    def _weight(self, name: str, shape: Any, trainable: bool = True) -> Any:
        """Make a weight with the initializer, regularizer and constraint that stand in the attributes for it."""
        kinds = ("initializer", "regularizer", "constraint")
        how: dict[str, Any] = {kind: getattr(self, f"{name}_{kind}", None) for kind in kinds}
        return self.add_weight(shape=shape, name=name, trainable=trainable, **how)

    def _floats(self, x: tf.Tensor) -> tf.Tensor:
        """Return floats: the tensor itself, or integers in the dtype in which the layer computes."""
        return x if x.array.dtype.kind == "f" else tf.cast(x, self.compute_dtype)


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
