"""The older `.h5` files of whole models and of weights, which Keras 2 wrote and Keras 3 still reads and writes.

The configs stand in attributes of the file, without modules. The weights of each layer of the model stand in a group of
the layer's name, those of layers inside it among them: first the trainable ones, then the others.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from minitf import nest
from minitf.keras import __version__, losses, metrics, optimizers, registry
from minitf.keras.saving.h5 import dataset, reading, subgroup, writing
from minitf.saving.archive import replacing

__all__ = ["load_model", "load_weights", "save_model", "save_weights"]

_log = logging.getLogger("minitf")
_LIMIT = 64512  # bytes of an attribute
_MODULES = ("keras.layers", "keras", "keras.src.models.functional")
_TOP = "top_level_model_weights"
_NO_MORE = ("decay", "jit_compile", "is_legacy_optimizer")  # arguments of optimizers that nobody takes any more


# --- writing ----------------------------------------------------------------------------------------------------------


def save_model(model: Any, path: str, include_optimizer: bool) -> None:
    """Save a model, its weights, how it was compiled, and the state of its optimizer; says that the format is old."""
    asked = (
        "You are saving your model as an HDF5 file via `model.save()` or `keras.saving.save_model(model)`. This file"
    )
    _log.warning("%s format is considered legacy. We recommend using instead the native Keras format, `.keras`.", asked)
    described = registry.serialize_keras_object(model)
    compiled = described.get("compile_config") if include_optimizer else None
    with writing() as (file, content):
        file.attrs["keras_version"], file.attrs["backend"] = __version__, "tensorflow"
        file.attrs["model_config"] = json.dumps(_older(described)).encode()
        if compiled:
            optimizer = compiled.pop("optimizer")
            training = {**_bare(compiled), "optimizer_config": _bare(optimizer)}
            file.attrs["training_config"] = json.dumps(training).encode()
        _write_weights(file.create_group("model_weights"), model)
        if compiled and model.optimizer.variables:
            _put(file.create_group("optimizer_weights"), model.optimizer.variables)
    with replacing(path) as target:
        target.write(content.getvalue())


def save_weights(model: Any, path: str) -> None:
    """Save the weights of a model."""
    with writing() as (file, content):
        _write_weights(file, model)
    with replacing(path) as target:
        target.write(content.getvalue())


def _write_weights(group: Any, model: Any) -> None:
    group.attrs["keras_version"], group.attrs["backend"] = __version__, "tensorflow"
    _set_names(group, "layer_names", [layer.name for layer in model.layers])
    for layer in model.layers:
        _put(group.create_group(layer.name), _weights_of(layer))
    _put(group.create_group(_TOP), model._keras_owned())


def _older(described: dict[str, Any]) -> dict[str, Any]:
    """Leave what older files have of a layer's config: no module, no shapes that it was built for."""
    kept: dict[str, Any] = {name: described[name] for name in ("name", "inbound_nodes") if name in described}
    config = described["config"]
    if "layers" in config:
        config = {**config, "layers": [_older(layer) for layer in config["layers"]]}
    return {"class_name": described["registered_name"] or described["class_name"], "config": config, **kept}


def _bare(config: Any) -> Any:
    """Leave class and config of each object, and the name of each function."""
    if isinstance(config, dict) and "class_name" in config:
        if config["class_name"] == "function":
            return config["config"]
        return {"class_name": config["registered_name"] or config["class_name"], "config": config["config"]}
    if isinstance(config, dict):
        return {name: _bare(each) for name, each in config.items()}
    return [_bare(each) for each in config] if isinstance(config, list | tuple) else config


def _weights_of(layer: Any) -> list[Any]:
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def _put(group: Any, variables: list[Any]) -> None:
    _set_names(group, "weight_names", [variable.path for variable in variables])
    for variable in variables:
        group[variable.path] = variable.numpy()


def _set_names(group: Any, attribute: str, names: list[str]) -> None:
    """Write texts as an attribute, or as several where they take more than an attribute can."""
    values = [name.encode() for name in names]
    count = 1 + sum(map(len, values)) // (_LIMIT // 2)
    while any(part.nbytes > _LIMIT for part in np.array_split(np.array(values), count)):
        count += 1
    if count == 1:
        group.attrs[attribute] = values
    else:
        for i, part in enumerate(np.array_split(np.array(values), count)):
            group.attrs[f"{attribute}{i}"] = part


# --- reading ----------------------------------------------------------------------------------------------------------


def load_model(path: str, custom_objects: Mapping[str, Any] | None, compile: bool, safe_mode: bool) -> Any:
    """Load a model; ValueError for a file without one."""
    with reading(path) as file:
        described = file.attrs.get("model_config")
        if described is None:
            raise ValueError(f"No model config found in the file at {path}; it may have weights: see load_weights.")
        config = _newer(json.loads(described))
        model = registry.deserialize_keras_object(config, custom_objects, safe_mode)
        _load(subgroup(file, "model_weights"), model, skip_mismatch=False, by_name=False)
        training = file.attrs.get("training_config")
        if compile and training is None:
            _log.warning("No training configuration found in the save file, so the model was *not* compiled.")
        elif compile:
            with registry.CustomObjectScope(custom_objects):
                model.compile(**_compiled(json.loads(training)))
            model.optimizer.build(model.trainable_variables)
            _load_optimizer(subgroup(file, "optimizer_weights"), model.optimizer)
    return model


def _newer(described: dict[str, Any]) -> dict[str, Any]:
    """Add to an older config of a layer what configs have now."""
    name, config = described["class_name"], dict(described["config"])
    name = "Functional" if name == "Model" else name
    given = config.pop("batch_input_shape", None)
    if given is not None and name == "InputLayer":
        config["batch_shape"] = given
    if isinstance(config.get("axis"), list) and len(config["axis"]) == 1 and name != "Normalization":
        config["axis"] = config["axis"][0]
    if "layers" in config:
        if any(isinstance(call, list) for layer in config["layers"] for call in layer.get("inbound_nodes", ())):
            for ends in ("input_layers", "output_layers"):  # of Keras 2, which listed one tensor like several
                config[ends] = config[ends][0] if len(config[ends]) == 1 else config[ends]
        config["layers"] = [_newer(layer) for layer in config["layers"]]
    newer = {"class_name": name, "registered_name": name, **described, "config": config}
    if "module" not in described:
        newer["module"] = next((module for module in _MODULES if registry.ours(module, name)), None)
    if "inbound_nodes" in described:
        newer["inbound_nodes"] = [_call(node) for node in described["inbound_nodes"]]
    return newer


def _call(node: Any) -> Any:
    """Describe a call of a layer: older files list (layer, node, output, arguments) of each tensor."""
    if isinstance(node, dict):
        return node
    tensors = [{"class_name": "__keras_tensor__", "config": {"keras_history": each[:3]}} for each in node]
    kwargs = {name: value for each in node for name, value in (each[3] if len(each) > 3 else {}).items()}
    return {"args": [tensors[0] if len(tensors) == 1 else tensors], "kwargs": kwargs}


def _compiled(training: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of `compile` that a file names."""
    described = training["optimizer_config"]
    config = {name: value for name, value in described["config"].items() if name not in _NO_MORE}
    compiled = {"optimizer": optimizers.deserialize({**described, "config": config})}
    for name, deserialize in (("loss", _loss), ("metrics", _metric), ("weighted_metrics", _metric)):
        compiled[name] = _each(training.get(name), deserialize)
    return {**compiled, "loss_weights": training.get("loss_weights")}


def _each(config: Any, deserialize: Any) -> Any:
    if isinstance(config, dict) and "class_name" not in config:
        return {name: _each(value, deserialize) for name, value in config.items()}
    return [_each(value, deserialize) for value in config] if isinstance(config, list) else deserialize(config)


def _loss(config: Any) -> Any:
    return config if config is None or isinstance(config, str) else losses.deserialize(config)


def _metric(config: Any) -> Any:
    if isinstance(config, dict) and config["class_name"] == "MeanMetricWrapper":
        return config["config"]["name"]  # what Keras 2 made of a name
    return config if config is None or isinstance(config, str) else metrics.deserialize(config)


def _load_optimizer(group: Any, optimizer: Any) -> None:
    values = [] if group is None else _values(group)
    own = optimizer.variables
    if [np.shape(value) for value in values] == [tuple(variable.shape) for variable in own]:
        for variable, value in zip(own, values, strict=True):
            variable.assign(value)
    elif values:
        asked = "Error in loading the saved optimizer state. As a result, your model is starting with a freshly"
        _log.warning("%s initialized optimizer.", asked)


def load_weights(model: Any, path: str, skip_mismatch: bool, by_name: bool) -> None:
    """Load weights into the layers in their order, or into those with the names in the file.

    ValueError for another number of layers or weights, or other shapes.
    """
    with reading(path) as file:
        whole = "layer_names" not in file.attrs and "model_weights" in file
        _load(subgroup(file, "model_weights") if whole else file, model, skip_mismatch, by_name)


def _load(group: Any, model: Any, skip_mismatch: bool, by_name: bool) -> None:
    saved = {name: values for name in _names(group, "layer_names") if (values := _values(subgroup(group, name)))}
    layers = [layer for layer in model.layers if _weights_of(layer)]
    if by_name:
        pairs = [(layer, saved[layer.name]) for layer in layers if layer.name in saved]
    elif len(layers) != len(saved):
        asked = "Layer count mismatch when loading weights from file"
        raise ValueError(f"{asked}. Model expected {len(layers)} layers, found {len(saved)} saved layers.")
    else:
        pairs = list(zip(layers, saved.values(), strict=True))
    for i, (layer, values) in enumerate(pairs):
        _assign(_weights_of(layer), values, f"layer #{i} (named {layer.name})", skip_mismatch)
    if _TOP in group:
        _assign(model._keras_owned(), _values(subgroup(group, _TOP)), "top-level weights", skip_mismatch)


def _assign(variables: list[Any], values: list[Any], what: str, skip_mismatch: bool) -> None:
    wanted, found = [tuple(each.shape) for each in variables], [each.shape for each in values]
    if wanted == found:
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        return
    kind = "Shape" if len(wanted) == len(found) else "Weight count"
    message = f"{kind} mismatch in {what}: the model expects weights of shapes {wanted}, the file has {found}."
    if not skip_mismatch:
        raise ValueError(message)
    warnings.warn(f"Skipping loading of weights for {what} due to mismatch. {message}", stacklevel=6)


def _values(group: Any) -> list[Any]:
    return [dataset(group, name) for name in _names(group, "weight_names")]


def _names(group: Any, attribute: str) -> list[str]:
    """Read texts from an attribute, or from several."""
    if attribute in group.attrs:
        parts = [group.attrs[attribute]]
    else:
        parts = [group.attrs[f"{attribute}{i}"] for i in range(len(group.attrs)) if f"{attribute}{i}" in group.attrs]
    return [
        each.decode() if isinstance(each, bytes) else str(each) for part in parts for each in nest.flatten(list(part))
    ]
