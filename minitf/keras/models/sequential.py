"""Sequential: a model whose layers stand one after the other."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from minitf.keras import registry
from minitf.keras.layers.input_layer import InputLayer
from minitf.keras.layers.layer import Layer
from minitf.keras.models.graph import Graph
from minitf.keras.models.model import Model
from minitf.keras.naming import unique_name
from minitf.keras.symbolic import KerasTensor

__all__ = ["Sequential"]


class Sequential(Model):
    """Layers one after the other; with an `Input` first, the weights are made at once, otherwise by the first data.

    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(4, activation="relu"), tf.keras.layers.Dense(1)])
    >>> model(tf.ones((2, 3))).shape
    TensorShape([2, 1])
    >>> [weight.shape.as_list() for weight in model.weights]
    [[3, 4], [4], [4, 1], [1]]
    """

    _untracked = Model._untracked | {"_stack"}
    _layers_first = True  # in files of weights
    _stack: list[Any]

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Begin without layers."""
        model = Layer.__new__(cls, *args, **kwargs)
        vars(model)["_stack"] = []
        return model

    def __init__(self, layers: Any = None, trainable: bool = True, name: str | None = None) -> None:
        """Take layers, or add them later."""
        if isinstance(trainable, Layer):
            asked = f"Expected `trainable` to be a boolean. Received: trainable={trainable} (of type {type(trainable)})"
            raise ValueError(f"{asked}; put all layers into one list.")
        Layer.__init__(self, trainable=trainable, name=name)
        if layers is not None:
            for layer in layers if isinstance(layers, list | tuple) else [layers]:
                self._append(layer)
            self._rebuild()

    @property
    def _layers(self) -> list[Any]:
        return self._stack

    def _listed_layers(self) -> list[Any]:
        return [each for each in self._stack if not isinstance(each, InputLayer)]

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Put a layer behind the others; ValueError if it is no layer, or its name is taken."""
        self._append(layer)
        if rebuild:
            self._rebuild()

    def pop(self, rebuild: bool = True) -> Any:
        """Take the last layer away, and return it."""
        layer = self._stack.pop()
        self._built, self._graph = False, None
        vars(self).pop("_steps", None)
        if rebuild:
            self._rebuild()
        return layer

    def _append(self, layer: Any) -> None:
        if isinstance(layer, KerasTensor):
            layer = layer._keras_history[0]
        if not isinstance(layer, Layer):
            asked = "Only instances of `keras.Layer` can be added to a Sequential model"
            raise ValueError(f"{asked}. Received: {layer} (of type {type(layer)})")
        if any(each.name == layer.name and each is not layer for each in self._stack):
            asked = f"All layers added to a Sequential model should have unique names. Name '{layer.name}' is already"
            raise ValueError(f"{asked} the name of a layer in this model. Update the `name` argument.")
        if isinstance(layer, InputLayer) and self._stack and isinstance(self._stack[0], InputLayer):
            asked = f"Sequential model '{self.name}' has already been configured to use input shape"
            raise ValueError(f"{asked} {self._stack[0].batch_shape}. You cannot add a different Input layer to it.")
        given = getattr(layer, "_input_shape_given", None)
        if given is not None and not self._stack:
            self._stack.append(InputLayer(batch_shape=given, dtype=layer.compute_dtype))
        self._stack.append(layer)
        self._graph = None
        vars(self).pop("_steps", None)  # they were for fewer layers

    def _rebuild(self) -> None:
        self._built, self._graph = False, None
        first = self._stack[0] if self._stack else None
        if isinstance(first, InputLayer) and len(self._stack) > 1:
            self.build(first.batch_shape)
        elif isinstance(first, Model) and first.inputs is not None and len(first.inputs) == 1 and len(self._stack) > 1:
            self.build(first.inputs[0].shape)

    def build(self, input_shape: Any = None) -> None:
        """Make the weights for inputs of this shape; ValueError without a layer."""
        if not isinstance(input_shape, list | tuple) or not self._stack:
            return
        if not isinstance(self._stack[0], InputLayer):
            dtype = self._stack[0].compute_dtype
            self._stack.insert(0, InputLayer(batch_shape=tuple(input_shape), dtype=dtype))
        symbol = self._stack[0].output
        for layer in self._stack[1:]:
            try:
                symbol = layer(symbol)
            except NotImplementedError:
                return  # no shape without data; the first call builds the rest
        unique_name("functional")  # Keras makes such a model here; so names of later ones agree
        self._graph = Graph(self._stack[0].output, symbol, self.name)
        self._built = True

    def call(self, inputs: Any, training: Any = None) -> Any:
        """Send the inputs through the layers; ValueError if there are none."""
        if not self._stack:
            asked = f"Sequential model {self.name} cannot be built because it has no layers"
            raise ValueError(f"{asked}. Call `model.add(layer)`.")
        if self._graph is not None:
            (inputs,) = self._graph.fitted(inputs)
        for layer in self._stack:
            if not isinstance(layer, InputLayer):
                inputs = layer(inputs)
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the output for this shape of the input."""
        for layer in self.layers:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return the configs of the layers."""
        config = {name: each for name, each in Layer.get_config(self).items() if name in ("name", "trainable", "dtype")}
        config["layers"] = [registry.serialize_keras_object(layer) for layer in self._stack]
        if self._graph is not None:
            config["build_input_shape"] = self._graph.inputs[0].shape
        return copy.copy(config)

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Make the layers, and the model of them."""
        if "layers" not in config:
            return cls(**config)
        with registry.CustomObjectScope(custom_objects or {}):
            layers = [registry.deserialize_keras_object(layer) for layer in config["layers"]]
        model = cls(layers, trainable=config.get("trainable", True), name=config.get("name"))
        shape = config.get("build_input_shape")
        if not model.built and shape:
            model.build(tuple(shape))
        return model


registry.export("keras", Sequential)
