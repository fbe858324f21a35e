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
from minitf.keras import registry, regularizers
from minitf.keras.calling import calls, path_here, runs
from minitf.keras.layers.holder import PLAIN, Holder
from minitf.keras.layers.input_spec import check_inputs
from minitf.keras.layers.shapes import as_tuples, has_tensor, shape_of, spread
from minitf.keras.naming import name_or, snake_case
from minitf.keras.policy import DTypePolicy, policy_of
from minitf.keras.symbolic import KerasTensor, Node, inferred, replaced, symbolic_leaves
from minitf.keras.tracebacks import shorten

__all__ = ["Layer"]


class Layer(Holder):
    """A computation with weights; made to be subclassed: `build` makes the weights, `call` computes.

    >>> class Scale(tf.keras.layers.Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight(shape=input_shape[-1:], initializer="ones", name="factor")
    ...
    ...     def call(self, x):
    ...         return x * self.factor
    >>> layer = Scale(name="scale")
    >>> layer(tf.constant([[1.0, 2.0]]))
    <tf.Tensor: shape=(1, 2), dtype=float32, numpy=array([[1., 2.]], dtype=float32)>
    >>> layer
    <Scale name=scale, built=True>
    >>> [(weight.path, weight.shape) for weight in layer.weights]
    [('scale/factor', TensorShape([2]))]
    """

    _keras_given: tuple[tuple[Any, ...], dict[str, Any]]
    _keras_losses: list[Any]
    _keras_run: int  # the outermost call in which the losses were added
    _keras_build_shapes: dict[str, Any] | None
    _inbound_nodes: list[Node]
    dtype_policy: DTypePolicy
    _keras_casts = True  # whether it converts its inputs, and not only the layers inside of it

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Remember the arguments, for `get_config`; and make what every layer keeps."""
        layer = super().__new__(cls)
        vars(layer).update(_keras_given=(args, kwargs), _keras_build_shapes=None, _inbound_nodes=[])
        vars(layer).update(_keras_losses=[], _keras_run=0)
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
        if not isinstance(trainable, bool):
            asked = "Expected `trainable` to be a boolean."
            raise ValueError(f"{asked} Received: trainable={trainable} (of type {type(trainable)})")
        self.name = name_or(name, snake_case(type(self).__name__))
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.dtype_policy = policy_of(dtype)
        self.autocast = autocast
        self.input_spec: Any = None
        self.supports_masking = False
        self._keras_trainable = trainable
        self._keras_input_shape_given = _old_input_shape(kwargs)
        if kwargs:
            asked = f"Unrecognized keyword arguments passed to {type(self).__name__}: {kwargs}"
            raise ValueError(f"{asked}{registry.nearest(next(iter(kwargs)), inspect.signature(type(self)).parameters)}")

    # --- what it is ---

    @property
    def path(self) -> str:
        """The name, after those of the layers around it."""
        return str(vars(self).get("_keras_path", self.name))

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
        """Explain what is missing because `__init__` or `build` did not run yet; RuntimeError and AttributeError."""
        kind = type(self).__name__
        if name in ("autocast", "dtype_policy", "name"):
            asked = f"In layer '{kind}', you forgot to call `super().__init__()` as the first statement in the"
            raise RuntimeError(f"{asked} `__init__()` method. Go add it!")
        if vars(self).get("built", True) or not _overridden(self, "build") or hasattr(type(self), name):
            return object.__getattribute__(self, name)
        do = f"You must build the layer before accessing `{name}`, if its `build` makes that: call it on data."
        raise AttributeError(f"'{kind}' object has no attribute '{name}'. {do}", name=name, obj=self)

    def __repr__(self) -> str:
        """Print as Keras does."""
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"

    def __getstate__(self) -> dict[str, Any]:
        """Pickle, or copy deeply: without the losses of the last call, and the models in which the layer stands."""
        inputs = [node for node in self._inbound_nodes if node.is_input]
        return {**vars(self), "_inbound_nodes": inputs, "_keras_losses": [], "_keras_run": 0}

    # --- losses ---

    def add_loss(self, loss: Any) -> None:
        """Add a scalar to what training makes small; for use in `call`."""
        for each in nest.flatten(loss):
            if not isinstance(each, Tensor):
                asked = "`add_loss()` can only be called from inside `build()` or `call()`, on a tensor input."
                raise ValueError(f"{asked} Received invalid value: {each}")
            if each.ndim:
                raise ValueError(f"`add_loss` can only be called with scalars, but got shape {each.shape}; sum it up.")
            if not calls.inferring:
                self._keras_losses.append(each)

    @property
    def losses(self) -> list[Any]:
        """What `add_loss` was given in the last call, here and inside, and the penalties of the regularizers."""
        layers = [layer for layer in self._flatten_layers() if layer._keras_run >= self._keras_run]
        penalized = [each for each in self.trainable_weights if getattr(each, "regularizer", None) is not None]
        added = [loss for layer in layers for loss in layer._keras_losses]
        return added + [each.regularizer(each) for each in penalized]

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
        if self._keras_build_shapes is None:
            return None
        if len(self._keras_build_shapes) == 1:
            return {"input_shape": next(iter(self._keras_build_shapes.values()))}
        return {"shapes_dict": self._keras_build_shapes}

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
            args, kwargs, symbolic = _converted(self, args, kwargs)
        if self.input_spec is not None:
            given = args[0] if args else kwargs.get(next(iter(inspect.signature(self.call).parameters)))
            check_inputs(self.input_spec, given, self.name)
        before, around, scope, fresh = calls.training, calls.run, calls.autocast, not self.built
        if not around:
            calls.run = next(runs)
        if self._keras_run != calls.run:
            vars(self)["_keras_run"] = calls.run  # faster than an assignment
            self._keras_losses.clear()
        calls.inside.append(self)
        try:
            if fresh:
                self._keras_build_for(args, kwargs)
            takes, training = self._keras_takes_training, self._keras_training_by_default
            if "training" in kwargs:  # as given; otherwise as around, or as `call` has it by default
                training = kwargs["training"] if takes else kwargs.pop("training")
            elif before is not None:
                training = before
            calls.training = training
            if scope is not None or self.dtype_policy.mixed:
                calls.autocast = self._keras_reads_as(scope is not None)
            if symbolic:
                known, named = _as_computed(self, (args, kwargs))
                outputs = self.compute_output_spec(*known, **named)
                Node(self, args, kwargs, outputs)
                return outputs
            if takes and (training is not None or len(args) > 1):  # a second input is not taken for `training`
                kwargs["training"] = training
            outputs = self.call(*args, **kwargs)
            if self.activity_regularizer is not None:
                _penalize(self, outputs)
            return outputs
        except Exception as error:
            if fresh and not self._keras_own:  # nothing was made for these shapes
                self.built, self._keras_build_shapes = False, None
            _told(error, self, (args, kwargs))
            if not around:
                shorten(error)
            raise
        finally:
            calls.inside.pop()
            calls.training, calls.run, calls.autocast = before, around, scope

    @functools.cached_property
    def _keras_takes_training(self) -> bool:
        return "training" in inspect.signature(self.call).parameters

    @functools.cached_property
    def _keras_training_by_default(self) -> Any:
        parameter = inspect.signature(self.call).parameters.get("training")
        return None if parameter is None or parameter.default is parameter.empty else parameter.default

    def _keras_reads_as(self, inside: bool) -> Any:
        """Return the dtype as which variables are read while this layer computes; None if they stay as they are."""
        policy = self.dtype_policy
        return None if inside and not (self.autocast and policy.computes.is_floating) else policy.computes

    def _keras_build_for(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Make the weights for these inputs."""
        self.build(**_shapes_for(self, self.build, args, kwargs))

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return symbolic tensors of the shapes and dtypes of the result."""
        if _overridden(self, "compute_output_shape"):
            shapes = self.compute_output_shape(**_shapes_for(self, self.compute_output_shape, args, kwargs))
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
        return _first_call(self, "input")

    @property
    def output(self) -> Any:
        """The symbolic result of the first call, or a list of them; AttributeError if there was none."""
        return _first_call(self, "output")

    # --- configs ---

    def get_config(self) -> dict[str, Any]:
        """Return what describes the layer: its arguments, for `from_config`.

        A class without a `get_config` of its own is described by what it was made with; NotImplementedError if that is
        more than numbers and texts.
        """
        base: dict[str, Any] = {
            "trainable": self.trainable,
            "dtype": registry.serialize_keras_object(self.dtype_policy),
        }
        if self.activity_regularizer is not None:
            base["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        if _overridden(self, "get_config"):
            return {"name": self.name, **base}
        parameters = inspect.signature(type(self).__init__).parameters
        args, kwargs = self._keras_given
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


def _old_input_shape(kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    """Take the shape that older programs give to the first layer of a Sequential model."""
    names = ("batch_size", "input_dim", "input_shape", "batch_input_shape")
    size, dim, shape, whole = (kwargs.pop(name, None) for name in names)
    shape = shape if dim is None else (dim,)
    if shape is None and whole is None:
        return None
    warnings.warn(
        "Do not pass an `input_shape`/`input_dim` argument to a layer. When using Sequential models, prefer "
        "using an `Input(shape)` object as the first layer in the model instead.", stacklevel=_outside(),
    )  # fmt: skip
    return tuple(whole) if whole is not None else (size, *((shape,) if isinstance(shape, int) else shape))


def _noted(build: Callable[..., Any]) -> Callable[..., Any]:
    """Let a `build` know the path of its weights, and note its shapes; if it fails, the layer is as it was before."""
    signature = inspect.signature(build)

    @functools.wraps(build)
    def noted(self: Layer, *args: Any, **kwargs: Any) -> None:
        bound = signature.bind(self, *args, **kwargs)
        before, own = dict(vars(self)), list(self._keras_own)
        if self._keras_build_shapes is None:
            self._keras_build_shapes = dict(list(bound.arguments.items())[1:])
        calls.inside.append(self)
        vars(self)["_keras_path"] = path_here()
        try:
            build(self, *args, **kwargs)
            if before["built"] and len(self._keras_own) > len(own):
                asked = "You cannot add new elements of state (variables or sub-layers) to a layer that is already"
                do = f"The weights of {self.name!r} are there; make a new layer for other shapes."
                raise ValueError(f"{asked} built. {do}")
        except BaseException:
            vars(self).clear()
            vars(self).update(before)
            self._keras_own[:] = own
            raise
        finally:
            calls.inside.pop()
        self.built = True

    return noted


Layer.build = _noted(Layer.build)  # type: ignore[method-assign]


def _converted(layer: Layer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any, bool]:
    """Make tensors of arrays, and floats of the dtype in which a layer computes; say if some are symbolic."""
    kind = layer.dtype_policy.kind if layer.autocast and layer._keras_casts else None

    def convert(leaf: Any) -> Any:
        if isinstance(leaf, KerasTensor):
            return leaf
        if isinstance(leaf, tf.Variable):
            leaf = leaf.value()
        elif not isinstance(leaf, Tensor):
            if not hasattr(leaf, "__array__"):
                return leaf
            leaf = tf.constant(np.asarray(leaf))
        return leaf if kind is None or leaf.dtype.kind != "f" else tf.cast(leaf, kind)

    args, kwargs = nest.map_structure(convert, (tuple(args), kwargs))
    for leaf in nest.flatten(args):
        if leaf is not None and not isinstance(leaf, Tensor | KerasTensor):
            asked = "Only input tensors may be passed as positional arguments. The following argument value should"
            do = "make a tensor or array of it"
            raise ValueError(f"{asked} be passed as a keyword argument: {leaf} (of type {type(leaf)}); or {do}.")
    return args, kwargs, bool(symbolic_leaves((args, kwargs)))


def _as_computed(layer: Layer, given: Any) -> Any:
    """Return symbolic tensors as those that the layer computes with; those of the data around stay as they are."""
    dtype = layer.dtype_policy.computes

    def cast(leaf: KerasTensor) -> KerasTensor:
        return KerasTensor(leaf.shape, dtype) if tf.as_dtype(leaf.dtype).is_floating and leaf.dtype != dtype else leaf

    return replaced(given, cast) if layer.autocast and layer._keras_casts else given


def _shapes_for(
    layer: Layer, method: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any]:
    """Return the arguments of a method that takes shapes: of the first input, or of those that it names."""
    bound = inspect.signature(layer.call).bind(*args, **kwargs)
    shapes = {f"{name}_shape": shape_of(each) for name, each in bound.arguments.items() if has_tensor(each)}
    names = [each.name for each in inspect.signature(method).parameters.values() if each.kind not in _STARS]
    if len(names) == 1:
        return {names[0]: next(iter(shapes.values()), None)}
    known = {f"{name}_shape" for name in inspect.signature(layer.call).parameters}
    if not known.issuperset(names):
        asked = f"For a `{method.__name__}()` method with more than one argument, all arguments should have a"
        asked += " `_shape` suffix and match an argument from `call()`. E.g. `build(self, foo_shape, bar_shape)`"
        raise ValueError(f"{asked}. For layer '{type(layer).__name__}', received {names}.")
    return {name: shapes[name] for name in names if name in shapes}


def _penalize(layer: Layer, outputs: Any) -> None:
    """Add the penalty for the outputs, per sample."""
    for output in nest.flatten(outputs):
        if isinstance(output, Tensor):
            penalty = layer.activity_regularizer(output)
            if output.ndim:
                penalty = tf.math.divide_no_nan(penalty, tf.cast(tf.shape(output)[0], penalty.dtype))
            layer.add_loss(penalty)


def _first_call(layer: Layer, what: str) -> Any:
    if not layer._inbound_nodes:
        raise AttributeError(f"The layer {layer.name} has never been called and thus has no defined {what}.")
    tensors = getattr(layer._inbound_nodes[0], f"{what}_tensors")
    return tensors[0] if len(tensors) == 1 else tensors


def _overridden(layer: Layer, method: str) -> bool:
    return getattr(type(layer), method) is not getattr(Layer, method)


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
