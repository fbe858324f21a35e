"""InputLayer and Input: where a model takes its data."""

from __future__ import annotations

import warnings
from typing import Any

from minitf.keras.backend import floatx
from minitf.keras.layers.layer import Layer
from minitf.keras.symbolic import KerasTensor, Node

__all__ = ["Input", "InputLayer"]


class InputLayer(Layer):
    """Stands for the data in a model; see `Input`."""

    def __init__(
        self, shape: Any = None, batch_size: int | None = None, dtype: Any = None, sparse: bool | None = None,
        ragged: bool | None = None, batch_shape: Any = None, input_tensor: Any = None, optional: bool = False,
        name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        """Take the shape without that of the batch, or all of it, or a symbolic tensor.

        ValueError for both shapes, none, and for what is no shape or does not fit the tensor.
        """
        super().__init__(name=name)
        if "input_shape" in kwargs:
            warnings.warn("Argument `input_shape` is deprecated. Use `shape` instead.", stacklevel=2)
            shape = kwargs.pop("input_shape")
        batch_shape = kwargs.pop("batch_input_shape", batch_shape)
        if sparse or ragged:
            raise ValueError("minitf has no sparse or ragged tensors: make the input without `sparse` and `ragged`.")
        if input_tensor is None:
            whole = _whole(shape, batch_size, batch_shape)
            input_tensor = KerasTensor(whole, dtype or floatx(), name)
        elif not isinstance(input_tensor, KerasTensor):
            asked = "Argument `input_tensor` must be a KerasTensor."
            got = f"input_tensor={input_tensor} (of type {type(input_tensor)})"
            raise ValueError(f"{asked} Received invalid type: {got}; `tf.keras.Input` returns one.")
        given = {
            "batch_size": batch_size in (None, *input_tensor.shape[:1]),
            "shape": shape is None or _sizes(shape) == input_tensor.shape[1:],
            "batch_shape": batch_shape is None or _sizes(batch_shape) == input_tensor.shape,
            "dtype": dtype is None or dtype == input_tensor.dtype,
        }
        for argument, fits in given.items():
            if not fits:
                asked = "When providing the `input_tensor` argument, you cannot provide an incompatible"
                raise ValueError(f"{asked} `{argument}` argument; leave it out.")
        self._keras_symbol: KerasTensor = input_tensor
        self.optional = optional
        self.built = True
        Node(self, (), {}, input_tensor)

    @property
    def batch_shape(self) -> tuple[int | None, ...]:
        """The shape with that of the batch."""
        return self._keras_symbol.shape

    @property
    def dtype(self) -> str:
        """The dtype of the data."""
        return self._keras_symbol.dtype

    def call(self) -> None:
        """Do nothing: the model fills in the data."""

    def get_config(self) -> dict[str, Any]:
        """Return shape, dtype and name."""
        config = {"batch_shape": self.batch_shape, "dtype": self.dtype, "sparse": False, "ragged": False}
        return {**config, "name": self.name, "optional": self.optional}


def Input(  # noqa: N802  # Keras's name
    shape: Any = None, batch_size: int | None = None, dtype: Any = None, sparse: bool | None = None,
    ragged: bool | None = None, batch_shape: Any = None, name: str | None = None, tensor: Any = None,
    optional: bool = False,
) -> Any:  # fmt: skip
    """Return a symbolic tensor that stands for the data of a model: for batches of samples of this shape.

    ValueError for what is no shape. `optional` inputs may be None.

    >>> tf.keras.Input((2,), name="x")
    <KerasTensor shape=(None, 2), dtype=float32, sparse=False, ragged=False, name=x>
    """
    return InputLayer(shape, batch_size, dtype, sparse, ragged, batch_shape, tensor, optional, name).output


def _whole(shape: Any, batch_size: int | None, batch_shape: Any) -> tuple[int | None, ...]:
    """Return the shape with that of the batch."""
    for name, value in (("shape", shape), ("batch_size", batch_size)):
        if value is not None and batch_shape is not None:
            raise ValueError(f"You cannot pass both `{name}` and `batch_shape` at the same time; leave one out.")
    if shape is None and batch_shape is None:
        raise ValueError("You must pass a `shape` argument; for one number per sample it is (1,).")
    return _sizes(batch_shape) if shape is None else (batch_size, *_sizes(shape))


def _sizes(shape: Any) -> tuple[int | None, ...]:
    if not hasattr(shape, "__iter__") or isinstance(shape, str):
        raise ValueError(f"Cannot convert '{shape}' to a shape; a shape is a tuple, such as (3,).")
    for size in shape:
        if size is not None and (not hasattr(size, "__index__") or size < 0):
            asked = f"Cannot convert '{shape}' to a shape. Found invalid dimension '{size}'"
            raise ValueError(f"{asked}; sizes are integers from 0 on, or None.")
    return tuple(size if size is None else int(size) for size in shape)
