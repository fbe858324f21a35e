"""Layer: a computation with weights, which are made when the shape of the first input is known.

What belongs to a layer stands in `holder`. Calling it on symbolic tensors puts it into a model (see `symbolic`).
"""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import minitf as tf
from minitf import Tensor, nest
from minitf.keras import regularizers
from minitf.keras.calling import calls, path_here
from minitf.keras.layers.holder import PLAIN, Holder, once
from minitf.keras.layers.input_spec import check_inputs
from minitf.keras.layers.shapes import as_tuples, has_tensor, shape_of, spread
from minitf.keras.naming import snake_case, unique_name
from minitf.keras.policy import DTypePolicy
from minitf.keras.registry import nearest
from minitf.keras.symbolic import KerasTensor, Node, inferred, symbolic_leaves
from minitf.keras.tracebacks import shorten

__all__ = ["Layer"]


class _Forgotten:
    """Stands for what `__init__` makes, as long as it has not been called."""

    def __get__(self, layer: Any, kind: type) -> Any:
        if layer is None:
            return self
        asked = f"In layer '{kind.__name__}', you forgot to call `super().__init__()` as the first statement in the"
        raise RuntimeError(f"{asked} `__init__()` method. Go add it!")


class Layer(Holder):
    """A computation with weights; made to be subclassed: `build` makes the weights, `call` computes.

    >>> class Scale(tf.keras.layers.Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight(shape=input_shape[-1:], initializer="ones", name="factor")
    ...
    ...     def call(self, x):
    ...         return x * self.factor
    >>> layer = Scale()
    >>> layer(tf.constant([[1.0, 2.0]]))
    <tf.Tensor: shape=(1, 2), dtype=float32, numpy=array([[1., 2.]], dtype=float32)>
    >>> layer
    <Scale name=scale, built=True>
    >>> [(weight.path, weight.shape) for weight in layer.weights]
    [('scale/factor', TensorShape([2]))]
    """

    _given: tuple[tuple[Any, ...], dict[str, Any]]
    _losses: list[Any]
    _run: object  # the outermost call in which the losses were added
    _inbound_nodes: list[Node]
    _build_shapes: dict[str, Any] | None
    _name: str = _Forgotten()  # type: ignore[assignment]  # until __init__ gives one
    dtype_policy: DTypePolicy = _Forgotten()  # type: ignore[assignment]

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Remember the arguments, for `get_config`; and make what every layer keeps."""
        layer = super().__new__(cls)
        vars(layer).update(
            _own=[], _losses=[], _inbound_nodes=[], _built=False, _trainable=True, _build_shapes=None,
            _given=(args, kwargs), _run=None,
        )  # fmt: skip
        return layer

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Let `build` of a new class know the path of its weights, and when it is done."""
        super().__init_subclass__(**kwargs)
        if "build" in vars(cls):
            cls.build = _noted(cls.build)  # type: ignore[method-assign]

    def __init__(
        self, *, activity_regularizer: Any = None, trainable: bool = True, dtype: Any = None, autocast: bool = True,
        name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        """Take what all layers take; ValueError for other keywords."""
        if name is not None and (not isinstance(name, str) or "/" in name):
            asked = "Argument `name` must be a string and cannot contain character `/`."
            raise ValueError(f"{asked} Received: name={name} (of type {type(name)})")
        if not isinstance(trainable, bool):
            asked = "Expected `trainable` to be a boolean."
            raise ValueError(f"{asked} Received: trainable={trainable} (of type {type(trainable)})")
        self._name = unique_name(snake_case(type(self).__name__)) if name is None else name
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.dtype_policy = DTypePolicy(dtype)
        self.autocast = autocast
        self.input_spec: Any = None
        self.supports_masking = False
        self._trainable = trainable
        self._input_shape_given = self._old_input_shape(kwargs)
        if kwargs:
            asked = f"Unrecognized keyword arguments passed to {type(self).__name__}: {kwargs}"
            raise ValueError(f"{asked}{nearest(next(iter(kwargs)), inspect.signature(type(self)).parameters)}")

    def _old_input_shape(self, kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
        """Take the shape that older programs give to the first layer of a Sequential model."""
        size, dim, shape = (kwargs.pop(name, None) for name in ("batch_size", "input_dim", "input_shape"))
        whole = kwargs.pop("batch_input_shape", None)
        if dim is not None:
            shape = (dim,)
        if shape is not None or whole is not None:
            warnings.warn(
                "Do not pass an `input_shape`/`input_dim` argument to a layer. When using Sequential models, prefer "
                "using an `Input(shape)` object as the first layer in the model instead.", stacklevel=_outside(),
            )  # fmt: skip
            return tuple(whole) if whole is not None else (size, *((shape,) if isinstance(shape, int) else shape))
        return None

    # --- what it is ---

    @property
    def name(self) -> str:
        """The name, with a number if there are several of the class's."""
        return self._name

    @name.setter
    def name(self, value: str) -> None:
        self._name = value

    @property
    def path(self) -> str:
        """The name, after those of the layers around it."""
        return str(vars(self).get("_path", self._name))

    @property
    def built(self) -> bool:
        """Whether the weights are made."""
        return self._built

    @built.setter
    def built(self, value: bool) -> None:
        self._built = value

    @property
    def dtype(self) -> str:
        """The dtype of the weights."""
        return self.dtype_policy.variable_dtype

    variable_dtype = dtype

    @property
    def compute_dtype(self) -> str:
        """The dtype in which the layer computes."""
        return self.dtype_policy.compute_dtype

    def __getattr__(self, name: str) -> Any:
        """Explain what is missing because the layer is not built yet; AttributeError."""
        if vars(self).get("_built", True) or not _overridden(self, "build") or hasattr(type(self), name):
            return object.__getattribute__(self, name)
        asked = f"'{type(self).__name__}' object has no attribute '{name}'"
        do = f"You must build the layer before accessing `{name}`, if its `build` makes that: call it on data."
        raise AttributeError(f"{asked}. {do}", name=name, obj=self)

    def __repr__(self) -> str:
        """Print as Keras does."""
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"

    # --- losses ---

    def add_loss(self, loss: Any) -> None:
        """Add a scalar to what training makes small; for use in `call`."""
        for each in nest.flatten(loss):
            if not isinstance(each, Tensor):
                asked = "`add_loss()` can only be called from inside `build()` or `call()`, on a tensor input."
                raise ValueError(f"{asked} Received invalid value: {each}")
            if each.ndim:
                raise ValueError(f"`add_loss` can only be called with scalars, but got shape {each.shape}; sum it up.")
            self._losses.append(each)

    @property
    def losses(self) -> list[Any]:
        """What `add_loss` was given in the last call, here and inside, and the penalties of the regularizers."""
        layers = [layer for layer in once(self._flatten_layers()) if layer._run is self._run]
        penalized = [each for each in self.trainable_weights if getattr(each, "regularizer", None) is not None]
        return [loss for layer in layers for loss in layer._losses] + [each.regularizer(each) for each in penalized]

    # --- building and calling ---

    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of this shape; the default makes none."""

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Make the weights for the shapes that `get_build_config` returned."""
        if config and not self.built:
            shapes = config.get("shapes_dict") or {"input_shape": config["input_shape"]}
            self.build(*(as_tuples(shape) for shape in shapes.values()))

    def get_build_config(self) -> dict[str, Any] | None:
        """Return the shapes that the layer was built for; None before."""
        if self._build_shapes is None:
            return None
        if len(self._build_shapes) == 1:
            return {"input_shape": next(iter(self._build_shapes.values()))}
        return {"shapes_dict": self._build_shapes}

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the result; subclasses write it."""
        raise NotImplementedError(f"Layer {type(self).__name__} does not have a `call` method implemented.")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Convert the inputs, make the weights if this is the first call, and compute.

        ValueError for inputs that do not fit the layer's `input_spec`, and for arguments by position that are no
        tensors or arrays.
        """
        x = args[0] if len(args) == 1 else None
        if type(x) is Tensor and x.array.dtype == self.dtype_policy.kind and (not kwargs or [*kwargs] == ["training"]):
            symbolic = False  # the usual case
        else:
            args, kwargs, symbolic = self._converted(args, kwargs)
        if self.input_spec is not None:
            check_inputs(self.input_spec, x if type(x) is Tensor else self._first(args, kwargs), self.name)
        before, around = calls.training, calls.run
        if around is None:
            calls.run = object()
        if self._run is not calls.run:
            vars(self)["_run"] = calls.run  # faster than an assignment
            self._losses.clear()
        calls.inside.append(self)
        try:
            if not self._built:
                self._build_for(args, kwargs)
            training = self._training(kwargs)
            calls.training = training
            if symbolic:
                return self._symbolic(args, kwargs)
            if training is not None and self._takes_training:
                kwargs["training"] = training
            outputs = self.call(*args, **kwargs)
            if self.activity_regularizer is not None:
                self._penalize(outputs)
            return outputs
        except Exception as error:
            _told(error, self, (args, kwargs))
            if around is None:
                shorten(error)
            raise
        finally:
            calls.inside.pop()
            calls.training, calls.run = before, around

    def _first(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return the first argument."""
        return args[0] if args else kwargs.get(next(iter(inspect.signature(self.call).parameters)))

    def _training(self, kwargs: dict[str, Any]) -> Any:
        """Return what `training` is in this call: as given, as around, or as `call` has it by default."""
        if "training" in kwargs:
            return kwargs["training"] if self._takes_training else kwargs.pop("training")
        return self._training_by_default if calls.training is None else calls.training

    @functools.cached_property
    def _takes_training(self) -> bool:
        return "training" in inspect.signature(self.call).parameters

    @functools.cached_property
    def _training_by_default(self) -> Any:
        return _defaults(type(self).call).get("training")

    def _penalize(self, outputs: Any) -> None:
        """Add the penalty for the outputs, per sample."""
        for output in nest.flatten(outputs):
            penalty = self.activity_regularizer(output)
            if output.ndim:
                penalty = tf.math.divide_no_nan(penalty, tf.cast(tf.shape(output)[0], penalty.dtype))
            self.add_loss(penalty)

    def _converted(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any], bool]:
        """Make tensors of arrays, and floats of the dtype in which the layer computes; say if some are symbolic."""
        kind = self.dtype_policy.kind

        def convert(leaf: Any) -> Any:
            if isinstance(leaf, KerasTensor):
                return leaf
            if isinstance(leaf, tf.Variable):
                leaf = leaf.value()
            elif not isinstance(leaf, Tensor):
                if not hasattr(leaf, "__array__"):
                    return leaf
                leaf = tf.constant(np.asarray(leaf))
            return tf.cast(leaf, kind) if self.autocast and leaf.array.dtype.kind == "f" else leaf

        args, kwargs = nest.map_structure(convert, (tuple(args), kwargs))
        for leaf in nest.flatten(args):
            if leaf is not None and not isinstance(leaf, Tensor | KerasTensor):
                asked = "Only input tensors may be passed as positional arguments. The following argument value should"
                do = "make a tensor or array of it"
                raise ValueError(f"{asked} be passed as a keyword argument: {leaf} (of type {type(leaf)}); or {do}.")
        return args, kwargs, bool(symbolic_leaves((args, kwargs)))

    def _build_for(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Make the weights for these inputs."""
        self.build(**self._shapes_for(self.build, args, kwargs))

    def _shapes_for(self, method: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments of a method that takes shapes: of the first input, or of those that it names."""
        bound = inspect.signature(self.call).bind(*args, **kwargs)
        shapes = {f"{name}_shape": shape_of(each) for name, each in bound.arguments.items() if has_tensor(each)}
        names = [each.name for each in inspect.signature(method).parameters.values() if each.kind not in _STARS]
        if len(names) == 1:
            return {names[0]: next(iter(shapes.values()), None)}
        known = {f"{name}_shape" for name in inspect.signature(self.call).parameters}
        if not known.issuperset(names):
            asked = f"For a `{method.__name__}()` method with more than one argument, all arguments should have a"
            asked += " `_shape` suffix and match an argument from `call()`. E.g. `build(self, foo_shape, bar_shape)`"
            raise ValueError(f"{asked}. For layer '{type(self).__name__}', received {names}.")
        return {name: shapes[name] for name in names if name in shapes}

    def _symbolic(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Make the symbolic tensors of the result, and a node."""
        outputs = self.compute_output_spec(*args, **kwargs)
        Node(self, args, kwargs, outputs)
        return outputs

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return symbolic tensors of the shapes and dtypes of the result."""
        if _overridden(self, "compute_output_shape"):
            shapes = self.compute_output_shape(**self._shapes_for(self.compute_output_shape, args, kwargs))
            return spread(shapes, lambda shape: KerasTensor(shape, self.compute_dtype))
        try:
            return inferred(self.call, args, kwargs)
        except Exception as error:
            raise _not_inferred(error, self) from None

    def compute_output_shape(self, *input_shapes: Any) -> Any:
        """Return the shape of the result for the shape of the input; NotImplementedError if the class has no rule."""
        asked = f"Layer {type(self).__name__} does not have a `compute_output_shape` method implemented"
        raise NotImplementedError(f"{asked}. Should implement `def compute_output_shape(self, input_shape)`.")

    @property
    def input(self) -> Any:
        """The symbolic input of the first call, or a list of them; AttributeError if there was none."""
        inputs = self._node("input").input_tensors
        return inputs[0] if len(inputs) == 1 else inputs

    @property
    def output(self) -> Any:
        """The symbolic result of the first call, or a list of them; AttributeError if there was none."""
        outputs = self._node("output").output_tensors
        return outputs[0] if len(outputs) == 1 else outputs

    def _node(self, what: str) -> Node:
        if not self._inbound_nodes:
            raise AttributeError(f"The layer {self.name} has never been called and thus has no defined {what}.")
        node: Node = self._inbound_nodes[0]
        return node

    # --- configs ---

    def get_config(self) -> dict[str, Any]:
        """Return what describes the layer: its arguments, for `from_config`.

        A class without a `get_config` of its own is described by what it was made with; NotImplementedError if that is
        more than numbers and texts.
        """
        base: dict[str, Any] = {"trainable": self.trainable, "dtype": _policy_config(self.dtype_policy)}
        if self.activity_regularizer is not None:
            base["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        if _overridden(self, "get_config"):
            return {"name": self.name, **base}
        parameters = inspect.signature(type(self).__init__).parameters
        args, kwargs = self._given
        given = inspect.signature(type(self).__init__).bind(self, *args, **kwargs)
        given.apply_defaults()
        values = dict(list(given.arguments.items())[1:])
        for name, parameter in parameters.items():
            if parameter.kind is parameter.VAR_KEYWORD:
                values.update(values.pop(name), name=self.name)
            elif parameter.kind is parameter.VAR_POSITIONAL and not values[name]:
                del values[name]
        if "name" in values:
            values["name"] = self.name
        if not all(isinstance(value, PLAIN) for value in nest.flatten(values)):
            asked = f"Object {type(self).__name__} was created by passing non-serializable argument values"
            do = "give it a `get_config()` that adds its own arguments to `super().get_config()`"
            raise NotImplementedError(f"{asked} in `__init__()`: {values}; {do}.")
        return {**values, **base}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """Make the layer that a config describes; TypeError if the class takes no such arguments."""
        if isinstance(config.get("dtype"), dict):
            config = {**config, "dtype": config["dtype"]["config"]["name"]}
        try:
            return cls(**config)
        except Exception as error:
            asked = f"Error when deserializing class '{cls.__name__}' using config={dict(config)}"
            raise TypeError(f"{asked}: {error}; `__init__` must take what `get_config()` returns.") from error


_STARS = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def _noted(build: Callable[..., Any]) -> Callable[..., Any]:
    """Let a `build` know the path of the weights that it makes, and note the shapes that it was given."""

    @functools.wraps(build)
    def noted(self: Layer, *args: Any, **kwargs: Any) -> None:
        bound = inspect.signature(build).bind(self, *args, **kwargs)
        if self._build_shapes is None:
            self._build_shapes = dict(list(bound.arguments.items())[1:])
        calls.inside.append(self)
        vars(self)["_path"] = path_here()
        try:
            build(self, *args, **kwargs)
        finally:
            calls.inside.pop()
        self._built = True

    return noted


Layer.build = _noted(Layer.build)  # type: ignore[method-assign]


def _overridden(layer: Layer, method: str) -> bool:
    return getattr(type(layer), method) is not getattr(Layer, method)


def _policy_config(policy: DTypePolicy) -> dict[str, Any]:
    return {"module": "keras", "class_name": "DTypePolicy", "config": policy.get_config(), "registered_name": None}


def _defaults(function: Callable[..., Any]) -> dict[str, Any]:
    parameters = inspect.signature(function).parameters.values()
    return {each.name: each.default for each in parameters if each.default is not each.empty}


def _outside() -> int:
    """Return how many frames up the caller of the layer's class is."""
    frame, count = inspect.currentframe(), 0
    while frame is not None and frame.f_globals.get("__name__", "").startswith("minitf."):
        frame, count = frame.f_back, count + 1
    return count


def _not_inferred(error: Exception, layer: Layer) -> Exception:
    """Return an error that says what a layer's call was for when it failed; it happened where the other did."""
    kind = type(error) if type(error).__module__ == "builtins" else ValueError
    name = type(layer).__name__
    asked = f"Could not automatically infer the output shape / dtype of '{layer.name}' (of type {name})"
    do = f"Either the `{name}.call()` method is incorrect, or you need to implement its `compute_output_shape()` method"
    raised: Exception = kind(f"{asked}. {do}. Error encountered: {error}").with_traceback(error.__traceback__)
    raised.__dict__.update(error.__dict__)  # the notes
    return raised


def _told(error: Exception, layer: Layer, given: Any) -> None:
    """Note at an error in which layer it happened, the innermost only."""
    if not hasattr(error, "_layer"):
        error._layer = layer  # type: ignore[attr-defined]  # a mark of ours
        shapes = ", ".join(str(tuple(each.shape)) for each in nest.flatten(given) if hasattr(each, "shape"))
        kind = type(layer).__name__
        where = f"This happened in {kind}.call() of layer {layer.name!r}, on"
        error.add_note(f"{where} {f'inputs of shape {shapes}' if shapes else 'no tensor'}.")
