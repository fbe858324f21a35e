"""The graph of a functional model: the nodes between its inputs and outputs, in the order in which they run."""

from __future__ import annotations

import warnings
from typing import Any

import minitf as tf
from minitf import Tensor, nest
from minitf.keras.calling import calls
from minitf.keras.layers.shapes import agree
from minitf.keras.symbolic import KerasTensor, Node, made_by, symbolic_leaves

__all__ = ["Graph"]


class Graph:
    """What stands between symbolic inputs and outputs.

    `nodes` are sorted so that each comes after those it needs: by their distance from the outputs, as in Keras, whose
    order of layers depends on it.
    """

    def __init__(self, inputs: Any, outputs: Any, name: str) -> None:
        """Walk from the outputs to the inputs; ValueError if an output does not come from them."""
        self.inputs_structure, self.outputs_structure, self.name = inputs, outputs, name
        self.inputs, self.outputs = symbolic_leaves(inputs), symbolic_leaves(outputs)
        for kind, structure, found in (("inputs", inputs, self.inputs), ("outputs", outputs, self.outputs)):
            if not found or len(found) != len(nest.flatten(structure)):
                asked = f"All `{kind}` values must be KerasTensors. Received: {kind}={structure}"
                raise ValueError(f"{asked}; make them with tf.keras.Input and by calling layers on it.")
        self._sources = {id(tensor) for tensor in self.inputs}
        self._check_connected()
        order, entered = self._walked()
        self.depths = _depths(order)
        operations = [node.operation for node in order]
        depth_of: dict[int, int] = {}
        for operation, node in zip(operations, order, strict=True):
            depth_of[id(operation)] = max(depth_of.get(id(operation), 0), self.depths[id(node)])
        unique = {id(operation): operation for operation in operations}.values()
        self.operations = sorted(unique, key=lambda each: (-depth_of[id(each)], entered[id(each)]))
        rank = {id(operation): i for i, operation in enumerate(self.operations)}
        self.nodes = sorted(order, key=lambda node: (-self.depths[id(node)], rank[id(node.operation)]))

    def _walked(self) -> tuple[list[Node], dict[int, int]]:
        """Return the nodes, those that others need first, and when each operation was first met."""
        order: list[Node] = []
        done: set[int] = set()
        entered: dict[int, int] = {}
        stack: list[tuple[Node, bool]] = []
        for tensor in self.outputs:
            stack.append((made_by(tensor), False))
            while stack:
                node, ready = stack.pop()
                if id(node) in done:
                    continue
                if ready:
                    done.add(id(node))
                    order.append(node)
                    continue
                entered.setdefault(id(node.operation), len(entered))
                stack.append((node, True))
                if not self._is_source(node):
                    stack.extend((made_by(each), False) for each in reversed(node.input_tensors))
        for tensor in self.inputs:  # inputs that nothing uses
            node = made_by(tensor)
            if id(node) not in done:
                done.add(id(node))
                entered.setdefault(id(node.operation), -1)  # Keras has them before what has the same depth
                order.append(node)
        return order, entered

    def _is_source(self, node: Node) -> bool:
        return all(id(tensor) in self._sources for tensor in node.output_tensors)

    def _check_connected(self) -> None:
        stack, met = [*self.outputs], set()
        while stack:
            tensor = stack.pop()
            if id(tensor) in self._sources or id(tensor) in met:
                continue
            met.add(id(tensor))
            node = made_by(tensor)
            if node.is_input:
                asked = f"Output is not connected to `inputs`: {tensor.name} is none of them"
                raise ValueError(f"{asked}; give all that the outputs are computed from, or cut nothing off.")
            stack.extend(node.input_tensors)

    @property
    def input_names(self) -> list[str]:
        """The names of the inputs."""
        return [made_by(tensor).operation.name for tensor in self.inputs]

    @property
    def output_names(self) -> list[str]:
        """The names of the layers that the outputs come from."""
        return [made_by(tensor).operation.name for tensor in self.outputs]

    def run(self, inputs: Any) -> Any:
        """Compute the outputs from inputs, structured as those of the graph."""
        values = {id(symbol): value for symbol, value in zip(self.inputs, self.fitted(inputs), strict=True)}
        for node in self.nodes:
            if self._is_source(node) or node.is_input:
                continue
            args, kwargs = node.filled(values)
            if (
                "training" in kwargs and calls.training is not None
            ):  # noted in the node, it holds where nobody else says
                kwargs = {**kwargs, "training": calls.training}
            results = node.operation(*args, **kwargs)
            flat = [results] if len(node.output_tensors) == 1 and isinstance(results, Tensor) else nest.flatten(results)
            for symbol, result in zip(node.output_tensors, flat, strict=True):
                values[id(symbol)] = result
        if isinstance(self.outputs_structure, KerasTensor):
            return values[id(self.outputs_structure)]
        return nest.map_structure(lambda symbol: values[id(symbol)], self.outputs_structure)

    def fitted(self, inputs: Any) -> list[Any]:
        """Return inputs in the order of the graph's; ValueError for missing ones and for shapes that do not fit."""
        names = self.input_names
        if isinstance(inputs, dict):
            known = [*self.inputs_structure] if isinstance(self.inputs_structure, dict) else names
            missing = [name for name in known if name not in inputs]
            if missing:
                asked = f'Missing data for input "{missing[0]}". You passed a data dictionary with keys'
                raise ValueError(f"{asked} {[*inputs]}. Expected the following keys: {known}")
            if isinstance(self.inputs_structure, dict):
                flat = nest.flatten({name: inputs[name] for name in known})
            else:
                flat = [inputs[name] for name in known]
        else:
            flat = [inputs] if isinstance(inputs, Tensor | KerasTensor) else nest.flatten(inputs)
        if len(flat) != len(names):
            asked = f'Layer "{self.name}" expects {len(names)} named input(s) with keys {names}, but it received'
            raise ValueError(f"{asked} {len(flat)} input tensors; give one for each, in a list or a dictionary.")
        alike = isinstance(inputs, dict) or nest.is_nested(inputs) == nest.is_nested(self.inputs_structure)
        given = tf.executing_eagerly() or nest.is_nested(inputs)  # by a user; the steps of `fit` may give one for [one]
        if not alike and given and len(calls.inside) == 1 and not symbolic_leaves(inputs):
            expected = nest.map_structure(lambda symbol: symbol.name, self.inputs_structure)
            told = "The structure of `inputs` doesn't match the expected structure"
            warnings.warn(f"{told}. Expected: {expected}. Received: {_told(inputs)}", stacklevel=2)
        return [self._fit(symbol, name, each) for symbol, name, each in zip(self.inputs, names, flat, strict=True)]

    def _fit(self, symbol: KerasTensor, name: str, value: Any) -> Any:
        """Return a value with the axes that an input has: an axis of size 1 at the end may come or go."""
        expected, shape = (None, *symbol.shape[1:]) if symbol.shape else (), tuple(value.shape)
        if agree(expected, shape):
            return (
                value if value.dtype == symbol.dtype or isinstance(value, KerasTensor) else tf.cast(value, symbol.dtype)
            )
        if not isinstance(value, KerasTensor):
            if len(shape) == len(expected) - 1 and expected[-1] == 1:
                return self._fit(symbol, name, tf.expand_dims(value, -1))
            if len(shape) == len(expected) + 1 and shape[-1] == 1:
                return self._fit(symbol, name, tf.squeeze(value, -1))
        asked = f"Input with name '{name}' of layer '{self.name}' is incompatible with the layer"
        if len(shape) != len(expected):
            asked = f"Invalid input shape for input with name '{name}' of layer '{self.name}'"
        one = len(shape) == len(expected) - 1 and agree(expected[1:], shape)
        do = (
            "; a batch has its samples along the first axis, so give x[tf.newaxis] for one sample, or dataset.batch(32)"
            if one
            else ""
        )
        raise ValueError(f"{asked}: expected shape={expected}, found shape={shape}{do}")


def _told(inputs: Any) -> Any:
    return nest.map_structure(lambda each: f"Tensor(shape={tuple(each.shape)})", inputs)


def _depths(order: list[Node]) -> dict[int, int]:
    """Return how far from the outputs each node is; all nodes of an operation count as the farthest."""
    depths: dict[int, int] = {}
    farthest: dict[int, int] = {}
    for node in reversed(order):
        depth = max(depths.get(id(node), 0), farthest.get(id(node.operation), 0))
        depths[id(node)] = farthest[id(node.operation)] = depth
        for parent in node.parent_nodes:
            depths[id(parent)] = max(depths.get(id(parent), 0), depth + 1)
    return depths
