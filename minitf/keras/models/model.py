"""Model: a layer that can be compiled, fitted, asked for predictions, summarised and saved."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from minitf import nest
from minitf.keras import registry, saving
from minitf.keras.layers.holder import once
from minitf.keras.layers.layer import Layer
from minitf.keras.layers.shapes import shape_of, spread
from minitf.keras.models.graph import Graph
from minitf.keras.models.summary import print_summary
from minitf.keras.models.trainer import Trainer
from minitf.keras.symbolic import KerasTensor, inferred, symbolic_leaves

__all__ = ["Model"]


class Model(Trainer, Layer):
    """A model: `Model(inputs, outputs)` of symbolic tensors, or a subclass with layers and a `call`.

    >>> inputs = tf.keras.Input(shape=(3,))
    >>> model = tf.keras.Model(inputs, tf.keras.layers.Dense(2, name="answer")(inputs))
    >>> model.compile(optimizer="sgd", loss="mse")
    >>> history = model.fit(tf.eye(3), tf.ones((3, 2)), epochs=20, verbose=0)
    >>> history.history["loss"][-1] < history.history["loss"][0]
    True
    >>> model.predict(tf.eye(3), verbose=0).shape
    (3, 2)
    """

    _keras_graph: Any = None  # of a functional model

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Make a functional model where inputs and outputs are given."""
        if cls is Model and _functional(args, kwargs):
            cls = registry.ours("keras.src.models.functional", "Functional")
        return super().__new__(cls, *args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take symbolic inputs and outputs, and a name; or, in a subclass, what all layers take."""
        if _functional(args, kwargs):
            given = dict(zip(("inputs", "outputs", "name"), args, strict=False))
            inputs, outputs = (kwargs.pop(name, given.get(name)) for name in ("inputs", "outputs"))
            _let_be_functional(type(self))
            kwargs.setdefault("name", given.get("name"))
            super().__init__(**kwargs)
            self._keras_graph = Graph(inputs, outputs, self.name)
            self.built, self._keras_build_shapes = True, {"input_shape": None}
        elif args:
            asked = f"Model.__init__() takes inputs and outputs made from tf.keras.Input, but got {args}"
            kind = ValueError if len(args) > 1 else TypeError
            raise kind(f"{asked}; a list of layers belongs in tf.keras.Sequential.")
        else:
            super().__init__(**kwargs)

    def call(self, inputs: Any, training: Any = None) -> Any:
        """Compute the outputs."""
        if self._keras_graph is None:
            asked = f"Model {type(self).__name__} does not have a `call()` method implemented"
            raise NotImplementedError(f"{asked}; write `def call(self, inputs)`.")
        return self._keras_graph.run(inputs)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return symbolic tensors like the outputs."""
        if self._keras_graph is not None and args:
            self._keras_graph.fitted(args[0])
            return nest.map_structure(
                lambda each: KerasTensor(each.shape, each.dtype), self._keras_graph.outputs_structure
            )
        if type(self).compute_output_shape is Model.compute_output_shape:
            return inferred(self.call, args, kwargs)
        return super().compute_output_spec(*args, **kwargs)

    def compute_output_shape(self, *input_shapes: Any) -> Any:
        """Return the shape of the output."""
        symbols = (spread(shape, lambda sizes: KerasTensor(sizes, self.compute_dtype)) for shape in input_shapes)
        return nest.map_structure(lambda each: each.shape, inferred(self.call, tuple(symbols), {}))

    # --- what is inside ---

    @property
    def _layers(self) -> list[Any]:
        inside = super()._layers
        return inside if self._keras_graph is None else once([*self._keras_graph_layers(), *inside])

    def _keras_graph_layers(self) -> list[Any]:
        return [each for each in self._keras_graph.operations if isinstance(each, Layer)]

    @property
    def operations(self) -> list[Any]:
        """The layers of a functional model, and the operators between them."""
        return [] if self._keras_graph is None else list(self._keras_graph.operations)

    @property
    def layers(self) -> list[Any]:
        """The layers, in the order in which data goes through them."""
        return self._keras_listed_layers()

    @layers.setter
    def layers(self, _: Any) -> None:
        asked = "`Model.layers` attribute is reserved and should not be used"
        raise AttributeError(f"{asked}; please use another name.")

    def _keras_listed_layers(self) -> list[Any]:
        return list(self._layers)

    @property
    def inputs(self) -> Any:
        """The symbolic inputs of a functional model; None for others."""
        return None if self._keras_graph is None else self._keras_graph.inputs

    @property
    def outputs(self) -> Any:
        """The symbolic outputs of a functional model; None for others."""
        return None if self._keras_graph is None else self._keras_graph.outputs

    @property
    def input(self) -> Any:
        """The symbolic inputs, structured as they were given."""
        return super().input if self._keras_graph is None else self._keras_graph.inputs_structure

    @property
    def output(self) -> Any:
        """The symbolic outputs, structured as they were given."""
        return super().output if self._keras_graph is None else self._keras_graph.outputs_structure

    @property
    def input_shape(self) -> Any:
        """The shape of the input, or of several inputs."""
        return nest.map_structure(lambda each: each.shape, self.input)

    @property
    def output_shape(self) -> Any:
        """The shape of the output, or of several outputs."""
        return nest.map_structure(lambda each: each.shape, self.output)

    @property
    def input_names(self) -> list[str]:
        """The names of the inputs of a functional model."""
        return [] if self._keras_graph is None else self._keras_graph.input_names

    @property
    def output_names(self) -> list[str]:
        """The names of the layers that the outputs of a functional model come from."""
        return [] if self._keras_graph is None else self._keras_graph.output_names

    def get_layer(self, name: str | None = None, index: int | None = None) -> Any:
        """Return a layer by its name or its number; ValueError if there is none."""
        if (name is None) == (index is None):
            raise ValueError(f"Provide either a layer name or a layer index, and not both: {name=}, {index=}.")
        if index is not None:
            if len(self.layers) <= index:
                asked = f"Was asked to retrieve layer at index {index} but model only has {len(self.layers)} layers"
                raise ValueError(f"{asked}.")
            return self.layers[index]
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise ValueError(f"No such layer: {name}. Existing layers are: {[layer.name for layer in self.layers]}.")

    def summary(
        self, line_length: int | None = None, positions: Any = None, print_fn: Any = None, expand_nested: bool = False,
        show_trainable: bool = False, layer_range: Any = None,
    ) -> None:  # fmt: skip
        """Print a table of the layers, the shapes of their outputs and their numbers of parameters."""
        print_summary(self, line_length, positions, print_fn, expand_nested, show_trainable, layer_range)

    # --- saving ---

    def save(self, filepath: Any, overwrite: bool = True, zipped: bool | None = None, **kwargs: Any) -> None:
        """Save all of the model in a `.keras` file; `tf.keras.models.load_model` makes it again."""
        saving.save_model(self, filepath, overwrite=overwrite, zipped=zipped, **kwargs)

    def save_weights(self, filepath: Any, overwrite: bool = True, max_shard_size: Any = None, **kwargs: Any) -> None:
        """Save the weights in a `.weights.h5` file; ValueError for a size of shards, which there are not."""
        saving.save_weights(self, filepath, overwrite, max_shard_size, **kwargs)

    def load_weights(self, filepath: Any, skip_mismatch: bool = False, **kwargs: Any) -> Any:
        """Set the weights to those in a file, which a model of the same layers wrote."""
        return saving.load_weights(self, filepath, skip_mismatch=skip_mismatch, **kwargs)

    def export(
        self, filepath: Any, format: str = "tf_saved_model", verbose: bool | None = None, input_signature: Any = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        """Save a program that computes the outputs, without what training needs."""
        saving.export_model(self, filepath, format, verbose, input_signature, **kwargs)

    def _keras_exported(self) -> Any:
        """Return what `tf.saved_model.save` saves for this model."""
        return saving.Exported(self)

    def to_json(self, **kwargs: Any) -> str:
        """Return the config as JSON; `tf.keras.models.model_from_json` makes a model of it, with new weights."""
        return json.dumps(registry.serialize_keras_object(self), **kwargs)

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Make the model that a config describes; TypeError if the class takes no such arguments."""
        with registry.CustomObjectScope(custom_objects or {}):
            if cls is Model and "input_layers" in config:
                return registry.ours("keras.src.models.functional", "Functional").from_config(config)
            try:
                return cls(**config)
            except TypeError as error:
                asked = f"Unable to revive model from config: {cls.__name__} was called with {dict(config)}"
                raise TypeError(f"{asked}: {error}; `__init__` must take what `get_config()` returns.") from error

    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of this shape, by calling the model on symbolic ones."""
        if not self.built:
            shapes = input_shape if _several(input_shape) else [input_shape]
            symbols = [KerasTensor(shape, self.compute_dtype) for shape in shapes]
            self.compute_output_spec(symbols if _several(input_shape) else symbols[0])

    def _keras_build_for(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if type(self).build is not Model.build:
            super()._keras_build_for(args, kwargs)
        elif args:  # the layers inside make their weights when they are called
            self._keras_build_shapes = {"input_shape": shape_of(args[0])}
        self.built = True

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle, or copy deeply: config, weights, and the state of the optimizer."""
        state = [] if self.optimizer is None else [each.numpy() for each in self.optimizer.variables]
        return _remade, (registry.serialize_keras_object(self), self.get_weights(), state)


def _remade(config: dict[str, Any], weights: list[Any], state: list[Any]) -> Any:
    model = registry.deserialize_keras_object(config)
    model.set_weights(weights)
    for variable, value in zip(model.optimizer.variables if state else (), state, strict=False):
        variable.assign(value)
    return model


def _functional(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    return (len(args) >= 2 and bool(symbolic_leaves(args[:2]))) or (
        len(args) == 1 and "outputs" in kwargs or "inputs" in kwargs and "outputs" in kwargs
    )


def _let_be_functional(cls: type) -> None:
    """Put `Functional` in the place of `Model` above a class whose models have symbolic inputs and outputs."""
    functional = registry.ours("keras.src.models.functional", "Functional")
    if not issubclass(cls, functional):
        for base in cls.__bases__:
            if base is not Model and issubclass(base, Model):
                _let_be_functional(base)
        cls.__bases__ = tuple(functional if base is Model else base for base in cls.__bases__)


def _several(shape: Iterable[Any]) -> bool:
    return isinstance(shape, list | tuple) and any(isinstance(each, list | tuple) for each in shape)


registry.export("keras", Model)
