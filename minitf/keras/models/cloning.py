"""Copies of models: of the same layers with new weights, or of other layers in their place; and models from JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from minitf import nest
from minitf.keras import registry
from minitf.keras.layers.input_layer import Input, InputLayer
from minitf.keras.models.functional import Functional
from minitf.keras.models.sequential import Sequential
from minitf.keras.symbolic import KerasTensor

__all__ = ["clone_model", "model_from_json"]


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Make the model that `model.to_json()` described, with new weights.

    >>> model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2, name="answer")])
    >>> model_from_json(model.to_json()).get_layer("answer").units
    2
    """
    return registry.deserialize_keras_object(json.loads(json_string), custom_objects)


def clone_model(
    model: Any, input_tensors: Any = None, clone_function: Callable[[Any], Any] | None = None,
    call_function: Callable[..., Any] | None = None, recursive: bool = False, **kwargs: Any,
) -> Any:  # fmt: skip
    """Make a model like another, with new layers and new weights, compiled as the other is.

    `clone_function` makes a layer from a layer, by default from its config; in models inside too if `recursive`.
    `call_function(layer, *args, **kwargs)` calls the new layers of a functional model, on `input_tensors` if given.
    ValueError for arguments that do not go with the kind of model.

    >>> model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
    >>> copy = clone_model(model)
    >>> copy.set_weights(model.get_weights())
    """
    cache: dict[int, Any] = kwargs.pop("cache", {})
    if kwargs:
        raise ValueError(f"Unexpected keyword argument(s): {tuple(kwargs)}.")
    kind = f"Received model of type '{type(model).__name__}'"
    if not isinstance(model, Sequential | Functional):
        if clone_function or input_tensors or call_function:
            asked = (
                "Arguments `clone_function` and `input_tensors` are only supported for Sequential models or Functional"
            )
            raise ValueError(f"{asked} models, and `call_function` only for the latter. {kind}.")
        config = registry.serialize_keras_object(model)
        return registry.deserialize_keras_object(config, {type(model).__name__: type(model)})

    def cloned(layer: Any) -> Any:
        if id(layer) not in cache:
            if recursive and isinstance(layer, Sequential | Functional):
                call = call_function if isinstance(layer, Functional) else None
                cache[id(layer)] = clone_model(layer, None, clone_function, call, recursive=True, cache=cache)
            else:
                cache[id(layer)] = (clone_function or _again)(layer)
        return cache[id(layer)]

    if isinstance(model, Functional):
        copy = _functional(model, cloned, input_tensors, call_function)
    elif call_function is not None:
        raise ValueError(f"`call_function` argument is not supported with Sequential models. {kind}.")
    else:
        copy = _sequential(model, cloned, input_tensors)
    if model.compiled:
        copy.compile_from_config(model.get_compile_config())
    return copy


def _again(layer: Any) -> Any:
    return type(layer).from_config(layer.get_config())


def _sequential(model: Any, cloned: Callable[[Any], Any], input_tensors: Any) -> Any:
    layers = [cloned(layer) for layer in model.layers]
    first = model._layers[0] if model._layers else None
    if input_tensors is not None:
        several = nest.flatten(input_tensors)
        if len(several) != 1 or not isinstance(several[0], KerasTensor):
            raise ValueError(
                f"Argument `input_tensors` must contain a single tensor, a KerasTensor, not {input_tensors}."
            )
        layers.insert(0, several[0])
    elif isinstance(first, InputLayer):
        layers.insert(0, _again(first))
    return Sequential(layers, name=model.name, trainable=model.trainable)


def _functional(
    model: Any, cloned: Callable[[Any], Any], input_tensors: Any, call_function: Callable[..., Any] | None
) -> Any:
    graph = model._keras_graph
    if input_tensors is None:
        input_tensors = nest.map_structure(_input_like, graph.inputs_structure)
    given = nest.flatten(input_tensors)
    if len(given) != len(graph.inputs) or not all(isinstance(each, KerasTensor) for each in given):
        asked = f"All entries in `input_tensors` must be KerasTensors, with the structure of {model.input}"
        raise ValueError(f"{asked}. Received invalid values: inputs_tensors={input_tensors}.")
    values = {id(symbol): each for symbol, each in zip(graph.inputs, given, strict=True)}
    for node in graph.nodes:
        if not all(id(symbol) in values for symbol in node.output_tensors):
            args, kwargs = node.filled(values)
            layer = cloned(node.operation)
            results = layer(*args, **kwargs) if call_function is None else call_function(layer, *args, **kwargs)
            values.update(zip(map(id, node.output_tensors), nest.flatten(results), strict=True))
    outputs = nest.map_structure(lambda symbol: values[id(symbol)], graph.outputs_structure)
    return type(model)(input_tensors, outputs, name=model.name)


def _input_like(symbol: KerasTensor) -> Any:
    return Input(batch_shape=symbol.shape, dtype=symbol.dtype, name=symbol._keras_history[0].name)
