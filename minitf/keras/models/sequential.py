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

    _keras_layers_first = True  # in files of weights
    _keras_stack: list[Any]

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Begin without layers."""
        model = Layer.__new__(cls, *args, **kwargs)
        vars(model)["_keras_stack"] = []
        return model

    def __init__(self, layers: Any = None, trainable: bool = True, name: str | None = None) -> None:
        """Take layers, or add them later."""
        if isinstance(trainable, Layer):
            asked = f"Expected `trainable` to be a boolean. Received: trainable={trainable} (of type {type(trainable)})"
            raise ValueError(f"{asked}; put all layers into one list.")
        Layer.__init__(self, trainable=trainable, name=name)
        if layers is not None:
            for layer in layers if isinstance(layers, list | tuple) else [layers]:
                self._keras_append(layer)
            self._keras_rebuild()

    @property
    def _keras_casts(self) -> bool:  # type: ignore[override]  # until it knows the dtype of its input
        return self._keras_graph is None

    @property
    def _layers(self) -> list[Any]:
        return self._keras_stack

    def _keras_listed_layers(self) -> list[Any]:
        return [each for each in self._keras_stack if not isinstance(each, InputLayer)]

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Put a layer behind the others; ValueError if it is no layer, or its name is taken."""
        self._keras_append(layer)
        if rebuild:
            self._keras_rebuild()

    def pop(self, rebuild: bool = True) -> Any:
        """Take the last layer away, and return it."""
        layer = self._keras_stack.pop()
        self.built, self._keras_graph = False, None
        vars(self).pop("_keras_steps", None)
        if rebuild:
            self._keras_rebuild()
        return layer

    def _keras_append(self, layer: Any) -> None:
        if isinstance(layer, KerasTensor):
            layer = layer._keras_history[0]
        if not isinstance(layer, Layer):
            asked = "Only instances of `keras.Layer` can be added to a Sequential model"
            raise ValueError(f"{asked}. Received: {layer} (of type {type(layer)})")
        if any(each.name == layer.name and each is not layer for each in self._keras_stack):
            asked = f"All layers added to a Sequential model should have unique names. Name '{layer.name}' is already"
            raise ValueError(f"{asked} the name of a layer in this model. Update the `name` argument.")
        if isinstance(layer, InputLayer) and self._keras_stack and isinstance(self._keras_stack[0], InputLayer):
            asked = f"Sequential model '{self.name}' has already been configured to use input shape"
            raise ValueError(
                f"{asked} {self._keras_stack[0].batch_shape}. You cannot add a different Input layer to it."
            )
        given = getattr(layer, "_keras_input_shape_given", None)
        if given is not None and not self._keras_stack:
            self._keras_stack.append(InputLayer(batch_shape=given, dtype=layer.compute_dtype))
        self._keras_stack.append(layer)
        self._keras_graph = None
        vars(self).pop("_keras_steps", None)  # they were for fewer layers

    def _keras_rebuild(self) -> None:
        self.built, self._keras_graph = False, None
        first = self._keras_stack[0] if self._keras_stack else None
        if isinstance(first, InputLayer) and len(self._keras_stack) > 1:
            self.build(first.batch_shape)
        elif (
            isinstance(first, Model)
            and first.inputs is not None
            and len(first.inputs) == 1
            and len(self._keras_stack) > 1
        ):
            self.build(first.inputs[0].shape)

    def build(self, input_shape: Any = None) -> None:
        """Make the weights for inputs of this shape; ValueError without a layer."""
        if not isinstance(input_shape, list | tuple) or not self._keras_stack:
            return
        if not isinstance(self._keras_stack[0], InputLayer):
            dtype = self._keras_stack[0].compute_dtype
            self._keras_stack.insert(0, InputLayer(batch_shape=tuple(input_shape), dtype=dtype))
        symbol = self._keras_stack[0].output
        for layer in self._keras_stack[1:]:
            try:
                symbol = layer(symbol)
            except NotImplementedError:
                return  # no shape without data; the first call builds the rest
        unique_name("functional")  # Keras makes such a model here; so names of later ones agree
        self._keras_graph = Graph(self._keras_stack[0].output, symbol, self.name)
        self.built = True

    def call(self, inputs: Any, training: Any = None) -> Any:
        """Send the inputs through the layers; ValueError if there are none."""
        if not self._keras_stack:
            asked = f"Sequential model {self.name} cannot be built because it has no layers"
            raise ValueError(f"{asked}. Call `model.add(layer)`.")
        if self._keras_graph is not None:
            (inputs,) = self._keras_graph.fitted(inputs)
        for layer in self._keras_stack:
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
        config["layers"] = [registry.serialize_keras_object(layer) for layer in self._keras_stack]
        if self._keras_graph is not None:
            config["build_input_shape"] = self._keras_graph.inputs[0].shape
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
