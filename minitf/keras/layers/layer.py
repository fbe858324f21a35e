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
from minitf.keras.symbolic import KerasTensor, Node, inferred, symbolic_leaves

__all__ = ["Layer"]


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

    _given: dict[str, Any]
    _losses: list[Any]
    _inbound_nodes: list[Node]
    _build_shapes: dict[str, Any] | None
    _name: str

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Remember the arguments, for `get_config`; and make what every layer keeps."""
        layer = super().__new__(cls)
        state = vars(layer)
        state.update(_own=[], _losses=[], _inbound_nodes=[], _built=False, _trainable=True, _build_shapes=None)
        try:
            bound = inspect.signature(cls.__init__).bind(None, *args, **kwargs)
        except TypeError:
            return layer  # __init__ complains itself
        given = dict(list(bound.arguments.items())[1:])
        given.update(given.pop("kwargs", {}))
        state["_given"] = given
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
        self._name = unique_name(snake_case(type(self).__name__)) if name is None else str(name)
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.dtype_policy = DTypePolicy(dtype)
        self.autocast = autocast
        self.input_spec: Any = None
        self.supports_masking = False
        self._trainable = bool(trainable)
        self._input_shape_given = self._old_input_shape(kwargs)
        if kwargs:
            raise ValueError(f"Unrecognized keyword arguments passed to {type(self).__name__}: {kwargs}")

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

    def __repr__(self) -> str:
        """Print as Keras does."""
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"

    # --- losses ---

    def add_loss(self, loss: Any) -> None:
        """Add a scalar to what training makes small; for use in `call`."""
        for each in nest.flatten(loss):
            if isinstance(each, Tensor) and each.ndim:
                raise ValueError(f"`add_loss` can only be called with scalars, but got shape {each.shape}; sum it up.")
            self._losses.append(each)

    @property
    def losses(self) -> list[Any]:
        """What `add_loss` was given in the last call, here and inside, and the penalties of the regularizers."""
        added = [loss for layer in once(self._flatten_layers()) for loss in layer._losses]
        return added + [
            each.regularizer(each) for each in self.trainable_weights if getattr(each, "regularizer", None) is not None
        ]

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
        """Convert the inputs, make the weights if this is the first call, and compute."""
        if len(args) == 1 and type(args[0]) is Tensor and args[0].array.dtype.name == self.compute_dtype:
            tensors: list[Any] = [args[0]]  # the usual case
            symbolic = False
        else:
            args, kwargs, tensors = self._converted(args, kwargs)
            symbolic = bool(symbolic_leaves(tensors))
        if self.input_spec is not None:
            check_inputs(self.input_spec, args[0] if args else next(iter(kwargs.values()), None), self.name)
        before, outermost = calls.training, not calls.entered
        calls.inside.append(self)
        calls.entered = True
        if outermost:
            for layer in self._flatten_layers():
                layer._losses.clear()
        try:
            if not self._built:
                self._build_for(args, kwargs)
            calls.training = self._training(args, kwargs)
            if symbolic:
                outputs = self._symbolic(args, kwargs)
            else:
                if calls.training is not None and "training" not in kwargs and self._takes["training"]:
                    kwargs = {**kwargs, "training": calls.training}
                outputs = self.call(*args, **kwargs)
                if self.activity_regularizer is not None:
                    for output in nest.flatten(outputs):
                        self.add_loss(self.activity_regularizer(output) / float(output.sizes[0] if output.ndim else 1))
            return outputs
        except Exception as error:
            _told(error, self, tensors)
            raise
        finally:
            calls.inside.pop()
            calls.training, calls.entered = before, not outermost

    def _training(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return what `training` is in this call: as given, as around, or as `call` has it by default."""
        if self._takes["training"]:
            given = kwargs.get("training")
            at = self._takes["names"].index("training")
            if given is None and len(args) > at:
                given = args[at]
            if given is not None:
                return given
            return calls.training if calls.training is not None else self._takes["default"]
        return kwargs.pop("training", None) if "training" in kwargs else calls.training

    @functools.cached_property
    def _takes(self) -> dict[str, Any]:
        parameters = inspect.signature(self.call).parameters
        training = parameters.get("training")
        default = None if training is None or training.default is training.empty else training.default
        return {"training": training is not None, "default": default, "names": list(parameters)}

    def _converted(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any], list[Any]]:
        """Make tensors of arrays, and floats of the dtype in which the layer computes."""
        kind = tf.as_dtype(self.compute_dtype)
        tensors: list[Any] = []

        def convert(leaf: Any) -> Any:
            if isinstance(leaf, np.ndarray | np.generic):
                leaf = Tensor(leaf if leaf.dtype.kind != "f" or not self.autocast else leaf.astype(kind.as_numpy_dtype))
            elif isinstance(leaf, tf.Variable):
                leaf = leaf.value()
            if isinstance(leaf, Tensor | KerasTensor):
                if isinstance(leaf, Tensor) and self.autocast and leaf.dtype.is_floating and leaf.dtype != kind:
                    leaf = tf.cast(leaf, kind)
                tensors.append(leaf)
            return leaf

        args, kwargs = nest.map_structure(convert, (tuple(args), kwargs))
        for leaf in nest.flatten(args):
            if leaf is not None and not isinstance(leaf, Tensor | KerasTensor):
                asked = "Only input tensors may be passed as positional arguments. The following argument value should"
                do = "make a tensor or array of it"
                raise ValueError(f"{asked} be passed as a keyword argument: {leaf} (of type {type(leaf)}); or {do}.")
        return args, kwargs, tensors

    def _build_for(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Make the weights for these inputs."""
        if type(self).build is Layer.build:
            self._built = True
            return
        names = [name for name in inspect.signature(self.build).parameters if name not in ("args", "kwargs")]
        bound = inspect.signature(self.call).bind(*args, **kwargs)
        shapes = {f"{name}_shape": shape_of(each) for name, each in bound.arguments.items() if has_tensor(each)}
        if len(names) == 1:
            self.build(next(iter(shapes.values()), None))
        else:
            self.build(**{name: shapes.get(name) for name in names})
        self._built = True

    def _symbolic(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Make the symbolic tensors of the result, and a node."""
        outputs = self.compute_output_spec(*args, **kwargs)
        Node(self, args, kwargs, outputs)
        return outputs

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return symbolic tensors of the shapes and dtypes of the result."""
        if _overridden(self, "compute_output_shape"):
            shapes = self.compute_output_shape(*(shape_of(each) for each in args))
            return spread(shapes, lambda shape: KerasTensor(shape, self.compute_dtype))
        return inferred(self.call, args, kwargs)

    def compute_output_shape(self, *input_shapes: Any) -> Any:
        """Return the shape of the result for the shape of the input; NotImplementedError if the class has no rule."""
        asked = f"Layer {type(self).__name__} does not have a `compute_output_shape` method implemented"
        raise NotImplementedError(f"{asked}. Should implement `def compute_output_shape(self, input_shape)`.")

    @property
    def input(self) -> Any:
        """The symbolic input of the first call; AttributeError if there was none."""
        node = self._node("input")
        return node.args[0] if len(node.args) == 1 and not node.kwargs else node.input_tensors

    @property
    def output(self) -> Any:
        """The symbolic result of the first call; AttributeError if there was none."""
        return self._node("output").outputs

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
        given = {**_defaults(type(self)), **self._given}
        if not all(isinstance(value, PLAIN) for value in given.values()):
            asked = f"Layer {type(self).__name__} was created by passing non-serializable argument values"
            raise NotImplementedError(f"{asked} in `__init__()`, and therefore must override `get_config()`: {given}")
        return {**given, **base, **({"name": self.name} if "name" in given else {})}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """Make the layer that a config describes; TypeError if the class takes no such arguments."""
        try:
            return cls(**config)
        except TypeError as error:
            asked = f"Error when deserializing class '{cls.__name__}' using config={dict(config)}"
            raise TypeError(f"{asked}: {error}; let __init__ take **kwargs and pass them on.") from error


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


def _overridden(layer: Layer, method: str) -> bool:
    return getattr(type(layer), method) is not getattr(Layer, method)


def _policy_config(policy: DTypePolicy) -> dict[str, Any]:
    return {"module": "keras", "class_name": "DTypePolicy", "config": policy.get_config(), "registered_name": None}


def _defaults(cls: type) -> dict[str, Any]:
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]  # type: ignore[misc]
    return {each.name: each.default for each in parameters if each.default is not each.empty}


def _outside() -> int:
    """Return how many frames up the caller of the layer's class is."""
    frame, count = inspect.currentframe(), 0
    while frame is not None and frame.f_globals.get("__name__", "").startswith("minitf."):
        frame, count = frame.f_back, count + 1
    return count


def _told(error: Exception, layer: Layer, tensors: list[Any]) -> None:
    """Note at an error in which layer it happened, the innermost only."""
    if not hasattr(error, "_layer"):
        error._layer = layer  # type: ignore[attr-defined]  # a mark of ours
        shapes = ", ".join(str(tuple(each.shape)) for each in tensors) or "no tensor"
        kind = type(layer).__name__
        error.add_note(f"This happened in {kind}.call() of layer {layer.name!r}, on inputs of shape {shapes}.")
