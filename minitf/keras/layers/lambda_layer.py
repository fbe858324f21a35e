"""Lambda: any function as a layer."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from minitf import nest
from minitf.keras import code, registry
from minitf.keras.layers.layer import Layer
from minitf.keras.layers.shapes import spread
from minitf.keras.symbolic import KerasTensor, inferred

__all__ = ["Lambda"]


class Lambda(Layer):
    """Applies a function, with further `arguments`, to its inputs; the function should make no weights.

    >>> layer = tf.keras.layers.Lambda(lambda x, n: x**n, arguments={"n": 2})
    >>> print(layer(tf.constant([3.0])))
    tf.Tensor([9.], shape=(1,), dtype=float32)
    """

    def __init__(
        self, function: Any, output_shape: Any = None, mask: Any = None, arguments: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        """Take the function; its result's shape without the batch, or a function for it, is found out if need be."""
        super().__init__(**kwargs)
        self.function, self.mask, self.arguments = function, mask, dict(arguments or {})
        self._output_shape = output_shape
        self._trains = "training" in inspect.signature(function).parameters

    def call(self, inputs: Any, training: Any = None) -> Any:
        """Apply the function; it is told `training` if it asks for it."""
        more = {**self.arguments, "training": training} if self._trains else self.arguments
        return self.function(inputs, **more)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return symbolic tensors: of the shape as given, or like what the function returns; NotImplementedError."""
        if self._output_shape is not None:
            return super().compute_output_spec(*args, **kwargs)
        try:
            return inferred(self.call, args, kwargs)
        except Exception as error:
            asked = "We could not automatically infer the shape of the Lambda's output"
            do = "specify the `output_shape` argument for this Lambda layer"
            raise NotImplementedError(f"{asked}: {error}; {do}.") from error

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape as given; otherwise find it out with floats. NotImplementedError if that fails."""
        given = self._output_shape
        if callable(given):
            return given(input_shape)
        if given is not None:
            first: list[Any] = []
            spread(input_shape, lambda shape: first.append(shape[0]))
            return spread(given, lambda shape: (first[0], *shape))
        found = self.compute_output_spec(spread(input_shape, lambda shape: KerasTensor(shape, self.compute_dtype)))
        return nest.map_structure(lambda each: each.shape, found)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments; functions by their names, lambdas as code."""
        given = {"function": self.function, "output_shape": self._output_shape, "mask": self.mask}
        own = {name: _described(each) for name, each in given.items() if each is not None}
        return {**super().get_config(), **own, "arguments": registry.serialize_keras_object(self.arguments)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """Make the layer that a config describes; ValueError for code, unless whoever calls trusts it."""
        functions = ("function", "output_shape", "mask")
        made = {name: _made(value) if name in functions else value for name, value in config.items()}
        if isinstance(made.get("output_shape"), list):
            made["output_shape"] = spread(made["output_shape"], tuple)
        made["arguments"] = registry.deserialize_keras_object(made.get("arguments"))
        return cls(**made)


def _described(thing: Any) -> Any:
    if code.is_lambda(thing):
        text, defaults, closure = code.dumped(thing)
        return {"class_name": "__lambda__", "config": {"code": text, "defaults": defaults, "closure": closure}}
    return registry.serialize_keras_object(thing) if callable(thing) else thing


def _made(config: Any) -> Any:
    if isinstance(config, dict) and config.get("class_name") == "__lambda__":
        registry.refuse_lambda("a `Lambda` layer whose `function` is a Python lambda")
        return code.loaded(**config["config"])
    return registry.deserialize_keras_object(config)
