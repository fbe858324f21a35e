"""What belongs to a layer: its weights, and the layers, metrics and generators in its attributes.

They are found when they are asked for, by looking through the attributes; so lists and dictionaries are looked through
as well, whenever they were filled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

import minitf as tf
from minitf.keras import constraints, initializers, regularizers
from minitf.keras.calling import calls
from minitf.keras.metrics.metric import Metric
from minitf.keras.random import SeedGenerator
from minitf.keras.variable import Variable
from minitf.saving.trackable import Trackable

__all__ = ["PLAIN", "Holder", "once"]

PLAIN = (str, int, float, bool, type(None))
_BY_POSITION = ("shape", "initializer", "dtype")
_STATE = frozenset(
    {
        "_awaited",
        "_build_shapes",
        "_given",
        "_inbound_nodes",
        "_losses",
        "_own",
        "_run",
        "dtype_policy",
        "input_spec",
    }  # fmt: skip
)


class Holder(Trackable):
    """The weights of a layer, and of the layers in its attributes."""

    _untracked: frozenset[str] = frozenset()  # attributes in which nobody looks for weights
    _own: list[Variable]  # the variables that add_weight made
    _trainable: bool
    _built: bool
    name: str
    variable_dtype: str

    def _attributes(self) -> Iterator[Any]:
        """Go through what stands in the attributes, and in containers there."""
        for name, value in list(vars(self).items()):
            kind = type(value)
            if kind in PLAIN or name in _STATE or name in self._untracked:
                continue
            if kind in (list, tuple, dict):
                yield from _inside(value)
            else:
                yield value

    @property
    def _layers(self) -> list[Any]:
        """The layers in the attributes, each once."""
        return once(each for each in self._attributes() if isinstance(each, Holder) and each is not self)

    def _flatten_layers(self, include_self: bool = True, recursive: bool = True) -> Iterator[Any]:
        if include_self:
            yield self
        for layer in self._layers:
            yield layer
            if recursive:
                yield from layer._flatten_layers(include_self=False)

    def _owned(self) -> list[Any]:
        """Return the variables of this layer itself; first those that were made to be trained, frozen or not."""
        plain = [each for each in self._attributes() if isinstance(each, tf.Variable)]
        own = once([*self._own, *plain])
        return sorted(own, key=lambda each: not vars(each).get("_may_train", each.trainable))

    @property
    def weights(self) -> list[Any]:
        """The variables of this layer and of those inside it: the trainable ones of each layer come first."""
        return once(self._walk(lambda layer: layer._owned()))

    @property
    def variables(self) -> list[Any]:
        """The weights, and the states of generators of random numbers."""
        return once(self._walk(lambda layer: [*layer._owned(), *layer._states()]))

    def _states(self) -> list[Any]:
        return [each.state for each in self._attributes() if isinstance(each, SeedGenerator)]

    def _walk(self, of: Callable[[Any], list[Any]]) -> Iterator[Any]:
        yield from of(self)
        for layer in self._layers:
            yield from layer._walk(of)

    @property
    def trainable_variables(self) -> list[Any]:
        """The weights that training changes."""
        return [each for each in self.weights if each.trainable] if self.trainable else []

    @property
    def non_trainable_variables(self) -> list[Any]:
        """The other weights, and the states of generators."""
        return [each for each in self.variables if not each.trainable] if self.trainable else self.variables

    trainable_weights = trainable_variables

    @property
    def non_trainable_weights(self) -> list[Any]:
        """The weights that training does not change."""
        return [each for each in self.weights if not each.trainable] if self.trainable else self.weights

    @property
    def metrics(self) -> list[Any]:
        """The metrics in the attributes, and those of the layers inside."""
        return once(self._walk(lambda layer: [each for each in layer._attributes() if isinstance(each, Metric)]))

    @property
    def metrics_variables(self) -> list[Any]:
        """The variables of the metrics."""
        return [variable for metric in self.metrics for variable in metric.variables]

    def add_weight(
        self, *args: Any, shape: Any = None, initializer: Any = None, dtype: Any = None, trainable: bool = True,
        autocast: bool = True, regularizer: Any = None, constraint: Any = None, aggregation: str | None = "none",
        name: str | None = None,
    ) -> Variable:  # fmt: skip
        """Make a variable of this layer; `shape` may stand first, or, in older programs, the name.

        `initializer` is a name, an object or a function of shape and dtype; without one, floats start as Glorot's
        uniform draws, and others as zeros.
        """
        names = ("name", "shape", "initializer") if args and isinstance(args[0], str) else _BY_POSITION
        given = dict(zip(names, args, strict=False))
        name, shape = given.get("name", name), given.get("shape", shape)
        initializer, dtype = given.get("initializer", initializer), given.get("dtype", dtype)
        if len(args) > len(names):
            asked = f"add_weight() takes at most 3 positional arguments but {len(args)} were given"
            raise TypeError(f"{asked}: {args}; name the others.")
        kind = tf.as_dtype(dtype or self.variable_dtype)
        if initializer is None:
            initializer = "glorot_uniform" if kind.is_floating else "zeros"
        calls.inside.append(self)
        try:
            variable = Variable(
                initializers.get(initializer), shape=() if shape is None else _sizes(shape), dtype=kind,
                trainable=trainable and self._trainable, name=name,
            )  # fmt: skip
        finally:
            calls.inside.pop()
        variable._may_train = trainable
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        self._own.append(variable)
        return variable

    add_variable = add_weight

    def count_params(self) -> int:
        """Return the number of all entries of the weights; ValueError before they are made."""
        if not self._built:
            asked = f"You tried to call `count_params` on layer '{self.name}', but the layer isn't built"
            raise ValueError(f"{asked}. You can build it manually via: `layer.build(input_shape)`.")
        return sum(int(np.prod(each.shape)) for each in self.weights)

    def get_weights(self) -> list[Any]:
        """Return the values of the weights as NumPy arrays."""
        return [each.numpy() for each in self.weights]

    def set_weights(self, weights: Any) -> None:
        """Set the weights to arrays of the same shapes, in the order of `weights`; ValueError if they do not fit."""
        own = self.weights
        if len(own) != len(weights):
            asked = f"You called `set_weights(weights)` on layer '{self.name}' with a weight list of length"
            raise ValueError(f"{asked} {len(weights)}, but the layer was expecting {len(own)} weights.")
        for variable, value in zip(own, weights, strict=True):
            if tuple(variable.shape) != np.shape(value):
                asked = f"Layer {self.name} weight shape {tuple(variable.shape)} is not compatible with provided"
                raise ValueError(f"{asked} weight shape {np.shape(value)}.")
        for variable, value in zip(own, weights, strict=True):
            variable.assign(value)

    def save_own_variables(self, store: Any) -> None:
        """Put the layer's own variables into what a file has for it, a dictionary of "0", "1", ..."""
        for i, variable in enumerate(self._owned()):
            store[str(i)] = variable

    def load_own_variables(self, store: Any) -> None:
        """Take the layer's own variables from a file; ValueError for other shapes, or another number of them."""
        own = self._owned()
        if len(store) != len(own):
            asked = (
                f"Layer '{self.name}' expected {len(own)} variables, but received {len(store)} variables during loading"
            )
            if not own and not self._built:
                asked = (
                    f"Layer '{self.name}' was never built and thus it doesn't have any variables. However the weights"
                )
                asked += f" file lists {len(store)} variables for this layer; call it on data, or let build() build it"
            raise ValueError(f"{asked}. Expected: {[each.name for each in own]}.")
        for i, variable in enumerate(own):
            value = store[str(i)]
            if tuple(variable.shape) != np.shape(value):
                asked = "The shape of the target variable and the shape of the target value in `variable.assign(value)`"
                got = f"variable.shape={tuple(variable.shape)}, Received: value.shape={np.shape(value)}"
                raise ValueError(f"{asked} must match. {got}. Target variable: {variable!r}.")
            variable.assign(value)

    @property
    def trainable(self) -> bool:
        """Whether training changes the weights; setting it sets it for all that is inside."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for variable in self._own:
            variable._trainable = bool(value) and vars(variable).get("_may_train", True)
        for layer in self._layers:
            layer.trainable = value

    def _parts(self) -> Mapping[Any, Any]:
        """Return what checkpoints save: what stands in attributes, other own variables, and the layers of a model."""
        attributes = {name: each for name, each in vars(self).items() if name not in _STATE | self._untracked}
        held = {id(each) for each in attributes.values()}
        named = {each.name: each for each in self._own if id(each) not in held}
        layers = getattr(self, "layers", []) if getattr(self, "_layers_first", False) else []
        return {**{f"layer-{i}": layer for i, layer in enumerate(layers)}, **named, **attributes}


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for each in value:
            yield from _inside(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _inside(each)
    elif not isinstance(value, PLAIN):
        yield value


def once(things: Iterable[Any]) -> list[Any]:
    """Return the things in order, each once."""
    return list({id(each): each for each in things}.values())


def _sizes(shape: Any) -> tuple[int, ...]:
    return (shape,) if isinstance(shape, int) else tuple(shape)
