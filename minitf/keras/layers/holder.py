"""What belongs to a layer: its weights, and the layers, metrics and generators in its attributes.

They are found when they are asked for, by looking through the attributes; so lists and dictionaries are looked through
as well, whenever they were filled.
"""

from __future__ import annotations

import itertools
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

import minitf as tf
from minitf.keras import constraints, initializers, regularizers
from minitf.keras.metrics.metric import Metric
from minitf.keras.random import SeedGenerator
from minitf.keras.variable import Variable, inside
from minitf.saving.trackable import Trackable

__all__ = ["OURS", "PLAIN", "Holder", "once"]

_DULL = {str, int, float, bool, type(None), types.FunctionType}
PLAIN = (str, int, float, bool, type(None))
OURS = "_keras_"  # begins the names of private attributes, which share their room with those of users' classes
_count = itertools.count()


class Holder(Trackable):
    """The weights of a layer, and of the layers in its attributes."""

    # attributes in which nobody looks for weights, beside those of ours
    _keras_untracked = frozenset({"_inbound_nodes", "_trackable_awaited", "input_spec"})
    _keras_layers_first = False  # whether files have `layers` before other attributes
    _keras_own: list[Any]  # the variables that add_weight made
    _keras_order: list[Any]  # the layers in attributes, as they came
    _keras_age: int  # later layers have larger numbers
    _keras_trainable: bool
    built: bool
    name: str
    variable_dtype: str

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Begin without weights."""
        layer = super().__new__(cls)
        vars(layer).update(_keras_own=[], _keras_order=[], _keras_age=next(_count), _keras_trainable=True, built=False)
        return layer

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; layers that come with it are noted in their order."""
        comes = isinstance(value, Holder | list | tuple | set | dict) and not name.startswith(OURS)
        if comes:
            self._keras_ordered(by_age=True)  # those that were put into lists before
        super().__setattr__(name, value)
        if comes:
            self._keras_ordered()

    def _keras_ordered(self, by_age: bool = False) -> list[Any]:
        """Return the layers in the attributes in the order in which they came; new ones perhaps by age."""
        here = {id(each): each for each in self._keras_attributes() if isinstance(each, Holder) and each is not self}
        known = [each for each in self._keras_order if here.pop(id(each), None) is not None]
        new = sorted(here.values(), key=lambda each: each._keras_age) if by_age and here else here.values()
        found = vars(self)["_keras_order"] = [*known, *new]
        return found

    def _keras_attributes(self) -> Iterator[Any]:
        """Go through what stands in the attributes, and in containers there."""
        untracked = self._keras_untracked
        for name, value in list(vars(self).items()):
            if type(value) in _DULL or name in untracked or name.startswith(OURS):
                continue
            if isinstance(value, list | tuple | set | dict):
                yield from _inside(value)
            else:
                yield value

    def _keras_owned(self) -> list[Any]:
        """Return the variables of this layer itself; first those that were made to be trained, frozen or not."""
        plain = [each for each in self._keras_attributes() if isinstance(each, tf.Variable)]
        return sorted(once([*self._keras_own, *plain]), key=lambda each: not _may_train(each))

    @property
    def _layers(self) -> list[Any]:
        """The layers in the attributes, each once."""
        return self._keras_ordered(by_age=True)

    def _flatten_layers(self, include_self: bool = True, recursive: bool = True) -> Iterator[Any]:
        """Go through this layer and those inside, each once."""
        met = {id(self)}
        if include_self:
            yield self
        left = self._layers[::-1]
        while left:
            layer = left.pop()
            if id(layer) not in met:
                met.add(id(layer))
                yield layer
                if recursive:
                    left += layer._layers[::-1]

    @property
    def weights(self) -> list[Any]:
        """The variables of this layer and of those inside it: the trainable ones of each layer come first."""
        return once(each for layer in self._flatten_layers() for each in layer._keras_owned())

    @property
    def variables(self) -> list[Any]:
        """The weights, and the states of generators of random numbers."""
        found = [(layer._keras_owned(), _of_kind(SeedGenerator, layer)) for layer in self._flatten_layers()]
        return once(each for own, seeds in found for each in [*own, *(seed.state for seed in seeds)])

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
        return once(each for layer in self._flatten_layers() for each in _of_kind(Metric, layer))

    @property
    def metrics_variables(self) -> list[Any]:
        """The variables of the metrics."""
        return [variable for metric in self.metrics for variable in metric.variables]

    def add_weight(
        self, *args: Any, shape: Any = None, initializer: Any = None, dtype: Any = None, trainable: bool = True,
        autocast: bool = True, regularizer: Any = None, constraint: Any = None, aggregation: str | None = "none",
        name: str | None = None,
    ) -> Variable:  # fmt: skip
        """Make a variable of this layer.

        Shape, initializer and dtype may stand first; in older programs, name, shape, dtype and initializer. The
        initializer is a name, an object or a function of shape and dtype; without one, floats start as Glorot's uniform
        draws, and others as zeros. TypeError for more arguments by position.
        """
        older = args and isinstance(args[0], str)
        names = ("name", "shape", "dtype", "initializer") if older else ("shape", "initializer", "dtype")
        if len(args) > len(names):
            asked = f"add_weight() takes at most {len(names)} positional arguments but {len(args)} were given"
            raise TypeError(f"{asked}: {args}; name the others.")
        given = {"name": name, "shape": shape, "dtype": dtype, "initializer": initializer}
        given.update(zip(names, args, strict=False))
        kind = tf.as_dtype(given["dtype"] or self.variable_dtype)
        if given["initializer"] is None:
            given["initializer"] = "glorot_uniform" if kind.is_floating else "zeros"
        sizes = () if given["shape"] is None else given["shape"]
        with inside(self):
            variable = Variable(
                initializers.get(given["initializer"]), (sizes,) if isinstance(sizes, int) else tuple(sizes), kind,
                trainable and self._keras_trainable, name=given["name"], regularizer=regularizers.get(regularizer),
                constraint=constraints.get(constraint), autocast=autocast,
            )  # fmt: skip
        variable._may_train = trainable
        self._keras_own.append(variable)
        return variable

    add_variable = add_weight

    def count_params(self) -> int:
        """Return the number of all entries of the weights; ValueError before they are made."""
        if not self.built:
            asked = f"You tried to call `count_params` on layer '{self.name}', but the layer isn't built"
            raise ValueError(f"{asked}. You can build it manually via: `layer.build(input_shape)`.")
        return sum(int(np.prod(each.shape)) for each in self.weights)

    def get_weights(self) -> list[Any]:
        """Return the values of the weights as NumPy arrays, in the order of `weights`."""
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
        for i, variable in enumerate(self._keras_owned()):
            store[str(i)] = variable

    def load_own_variables(self, store: Any) -> None:
        """Take the layer's own variables from a file; ValueError for other shapes, or another number of them."""
        own = self._keras_owned()
        if len(store) != len(own):
            asked = f"Layer '{self.name}' expected {len(own)} variables, but received {len(store)} variables during"
            asked += f" loading. Expected: {[each.name for each in own]}."
            if not own and not self.built:
                asked = f"Layer '{self.name}' was never built and thus it doesn't have any variables."
                asked += f" However the weights file lists {len(store)} variables for this layer"
                asked += "; call it on data, or let build() build it."
            raise ValueError(asked)
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
        return self._keras_trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        for layer in self._flatten_layers():
            vars(layer)["_keras_trainable"] = bool(value)
            for variable in layer._keras_owned():
                variable._may_train = _may_train(variable)
                variable._trainable = bool(value) and variable._may_train

    def _trackable_children(self) -> Mapping[Any, Any]:
        """Return what checkpoints save: what stands in attributes, other own variables, and the layers of a model."""
        others = [name for name in vars(self) if name.startswith(OURS) or name in self._keras_untracked]
        attributes = {name: each for name, each in vars(self).items() if name not in others}
        held = {id(each) for each in attributes.values()}
        named = {each.name: each for each in self._keras_own if id(each) not in held}
        layers = getattr(self, "layers", []) if self._keras_layers_first else []
        return {**{f"layer-{i}": layer for i, layer in enumerate(layers)}, **named, **attributes}


def _may_train(variable: Any) -> bool:
    """Say whether a variable was made to be trained, whatever froze it since."""
    return bool(vars(variable).get("_may_train", variable.trainable))


def _of_kind(kind: type, layer: Holder) -> list[Any]:
    return [each for each in layer._keras_attributes() if isinstance(each, kind)]


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple | set):
        for each in value:
            yield from _inside(each)
    elif isinstance(value, dict):
        yield from _inside(list(value.values()))
    elif not isinstance(value, PLAIN):
        yield value


def once(things: Iterable[Any]) -> list[Any]:
    """Return the things in order, each once."""
    return list({id(each): each for each in things}.values())
