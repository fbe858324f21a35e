"""Functional models: those that are given by their symbolic inputs and outputs; and their configs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minitf import nest
from minitf.keras import registry
from minitf.keras.models.graph import Graph
from minitf.keras.models.model import Model
from minitf.keras.symbolic import KerasTensor

__all__ = ["Functional"]


class Functional(Model):
    """What `Model(inputs, outputs)` makes."""

    _keras_layers_first = True  # in files of weights
    _keras_casts = False

    def get_config(self) -> dict[str, Any]:
        """Return the layers, with what each was called on, and which tensors are inputs and outputs."""
        if type(self).__init__ is not Functional.__init__:
            return super().get_config()
        graph = self._keras_graph
        kept = _kept_nodes(graph)
        layers = []
        for operation in graph.operations:
            described = registry.serialize_keras_object(operation)
            described["name"] = operation.name
            described["inbound_nodes"] = [
                {"args": _told(list(node.args), kept), "kwargs": _told(node.kwargs, kept)}
                for i, node in enumerate(operation._inbound_nodes)
                if (id(operation), i) in kept and not node.is_input
            ]
            layers.append(described)
        ends = {
            "input_layers": nest.map_structure(lambda each: _end(each, kept), _as_lists(graph.inputs_structure)),
            "output_layers": nest.map_structure(lambda each: _end(each, kept), _as_lists(graph.outputs_structure)),
        }
        return {"name": self.name, "trainable": self.trainable, "layers": layers, **_unwrapped(ends)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Make the layers and call them again on symbolic tensors."""
        if "layers" not in config:
            return super().from_config(config)
        with registry.CustomObjectScope(custom_objects or {}):
            made = _rebuilt(config["layers"])
        tensor_at = {
            (name, i, j): tensor
            for name, operation in made.items()
            for i, node in enumerate(operation._inbound_nodes, _before(operation))
            for j, tensor in enumerate(node.output_tensors)
        }
        inputs = _found(config["input_layers"], tensor_at)
        outputs = _found(config["output_layers"], tensor_at)
        return cls(inputs, outputs, name=config.get("name"), trainable=config.get("trainable", True))


def _kept_nodes(graph: Graph) -> dict[tuple[int, int], int]:
    """Number the nodes of each operation that belong to this graph; others may belong to other models."""
    own = {id(node) for node in graph.nodes}
    kept: dict[tuple[int, int], int] = {}
    for operation in graph.operations:
        numbers = [i for i, node in enumerate(operation._inbound_nodes) if id(node) in own]
        kept.update({(id(operation), i): new for new, i in enumerate(numbers)})
    return kept


def _place(tensor: KerasTensor, kept: dict[tuple[int, int], int]) -> Any:
    operation, node, output = tensor._keras_history
    return _Place([operation.name, kept[id(operation), node], output])


def _end(tensor: KerasTensor, kept: dict[tuple[int, int], int]) -> Any:
    """Return the place of an input or output."""
    place = _place(tensor, kept)
    place.path[1] += _before(tensor._keras_history[0])
    return place


def _before(operation: Any) -> int:
    """Count the nodes that a config counts before the first: functional models have one of their own in Keras."""
    return int(isinstance(operation, Functional))


class _Place:
    """A leaf for structures, which holds a list."""

    def __init__(self, path: list[Any]) -> None:
        self.path = path


def _unwrapped(structure: Any) -> Any:
    if isinstance(structure, _Place):
        return structure.path
    if isinstance(structure, dict):
        return {name: _unwrapped(each) for name, each in structure.items()}
    return [_unwrapped(each) for each in structure]


def _as_lists(structure: Any) -> Any:
    return list(structure) if isinstance(structure, tuple) else structure


def _told(arguments: Any, kept: dict[tuple[int, int], int]) -> Any:
    """Describe arguments, with symbolic tensors in them."""
    if isinstance(arguments, KerasTensor):
        config = {"shape": arguments.shape, "dtype": arguments.dtype, "keras_history": _place(arguments, kept).path}
        return {"class_name": "__keras_tensor__", "config": config}
    if isinstance(arguments, dict):
        return {name: _told(each, kept) for name, each in arguments.items()}
    if isinstance(arguments, list | tuple):
        return type(arguments)([_told(each, kept) for each in arguments])
    return registry.serialize_keras_object(arguments)


def _rebuilt(described: list[dict[str, Any]]) -> dict[str, Any]:
    """Make the operations and call them as often as the config says, each as soon as its inputs are there."""
    made: dict[str, Any] = {}
    waiting: list[tuple[str, dict[str, Any]]] = []
    for each in described:
        name = each.get("name") or each["config"]["name"]
        plain = {key: value for key, value in each.items() if key not in ("inbound_nodes", "name")}
        made[name] = registry.deserialize_keras_object(plain)
        waiting += [(name, call) for call in each.get("inbound_nodes", ())]
    while waiting:
        left: list[tuple[str, dict[str, Any]]] = []
        for name, call in waiting:
            if any(n == name for n, _ in left):
                left.append((name, call))  # the calls of one layer keep their order
                continue
            try:
                args, kwargs = _given(call["args"], made), _given(call["kwargs"], made)
                if all(each is None for each in nest.flatten(kwargs.get("mask"))):
                    kwargs.pop("mask", None)  # Keras writes it for models inside
            except LookupError:
                left.append((name, call))
                continue
            made[name](*args, **kwargs)
        if len(left) == len(waiting):
            raise ValueError(f"The config calls {left[0][0]!r} on tensors that no layer makes; it is damaged.")
        waiting = left
    return made


def _given(described: Any, made: dict[str, Any]) -> Any:
    """Return arguments from their description; LookupError if a tensor is not made yet."""
    if isinstance(described, dict):
        kind, config = described.get("class_name"), described.get("config")
        if kind == "__keras_tensor__" and config is not None:
            name, node, output = config["keras_history"]
            operation = made[name]
            return operation._inbound_nodes[node].output_tensors[output]
        if kind is not None:
            return registry.deserialize_keras_object(described)
        return {name: _given(each, made) for name, each in described.items()}
    if isinstance(described, list | tuple):
        return type(described)([_given(each, made) for each in described])
    return described


def _found(places: Any, tensor_at: dict[tuple[str, int, int], KerasTensor]) -> Any:
    """Return the symbolic tensors at the places that a config names."""
    if isinstance(places, dict):
        return {name: _found(each, tensor_at) for name, each in places.items()}
    if len(places) == 3 and isinstance(places[0], str) and isinstance(places[1], int):
        return tensor_at[places[0], places[1], places[2]]
    return [_found(each, tensor_at) for each in places]


registry.export("keras.src.models.functional", Functional)
