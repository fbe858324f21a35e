"""InputSpec: what a layer expects of the shapes of its inputs, and Keras's errors when they are otherwise."""

from __future__ import annotations

from typing import Any

from minitf import Tensor, nest
from minitf.keras.layers.shapes import agree
from minitf.recording import thread

__all__ = ["InputSpec", "check_inputs"]


class InputSpec:
    """What one input of a layer must be: its dtype, its shape, its number of axes, or the sizes of some axes.

    Sizes that are None may be anything; `axes` maps an axis to its size.

    >>> tf.keras.layers.InputSpec(min_ndim=2, axes={-1: 3})
    InputSpec(min_ndim=2, axes={-1: 3})
    """

    def __init__(
        self, dtype: Any = None, shape: Any = None, ndim: int | None = None, max_ndim: int | None = None,
        min_ndim: int | None = None, axes: dict[int, int | None] | None = None,
        allow_last_axis_squeeze: bool = False, name: str | None = None, optional: bool = False,
    ) -> None:  # fmt: skip
        """Take what is expected; None where anything will do."""
        self.dtype = dtype
        self.shape = None if shape is None else tuple(shape)
        self.ndim = ndim if shape is None else len(shape)
        self.max_ndim, self.min_ndim = max_ndim, min_ndim
        self.axes = {int(axis): size for axis, size in (axes or {}).items()}
        self.allow_last_axis_squeeze, self.name, self.optional = allow_last_axis_squeeze, name, optional

    def __repr__(self) -> str:
        """Print what is expected."""
        names = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes")
        told = [f"{name}={value}" for name in names if (value := getattr(self, name))]
        return f"InputSpec({', '.join(told)})"

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this spec."""
        return {**vars(self), "ndim": None if self.shape else self.ndim}


def check_inputs(specs: Any, inputs: Any, layer: str) -> None:
    """Compare inputs with a layer's specs; ValueError that names the layer, what it expects and what came."""
    if type(specs) is InputSpec and type(inputs) is Tensor:
        pairs = [(specs, inputs)]  # the usual case
    else:
        expected, values = nest.flatten(specs), nest.flatten(inputs)
        if len(expected) != len(values):
            asked = f'Layer "{layer}" expects {len(expected)} input(s), but it received {len(values)} input tensors'
            raise ValueError(f"{asked}. Inputs received: {values}")
        pairs = list(zip(expected, values, strict=True))
    for i, (spec, value) in enumerate(pairs):
        if spec is None or (value is None and spec.optional):
            continue
        if type(value) is not Tensor and not hasattr(value, "shape"):
            asked = f"Inputs to a layer should be tensors. Got '{value}' (of type {type(value)}) as input for layer"
            do = "; let the `call` of the layer before return its result" if value is None else ""
            raise ValueError(f"{asked} '{layer}'{do}.")
        problem = _problem(spec, value)
        if problem:
            asked = f"Input {i} with name '{spec.name}' of layer '{layer}' is incompatible with the layer"
            raise ValueError(f"{asked}: {problem}")


def _problem(spec: InputSpec, value: Any) -> str | None:
    eager = thread.capture is None and type(value) is Tensor
    shape = value.array.shape if eager else tuple(value.shape)
    rank = len(shape)
    if spec.ndim is not None and not spec.allow_last_axis_squeeze and rank != spec.ndim:
        return f"expected ndim={spec.ndim}, found ndim={rank}. Full shape received: {shape}"
    if spec.max_ndim is not None and rank > spec.max_ndim:
        return f"expected max_ndim={spec.max_ndim}, found ndim={rank}"
    if spec.min_ndim is not None and rank < spec.min_ndim:
        return f"expected min_ndim={spec.min_ndim}, found ndim={rank}. Full shape received: {shape}"
    if spec.dtype is not None and value.dtype != spec.dtype:
        return f"expected dtype={spec.dtype}, found dtype={value.dtype}"
    for axis, size in spec.axes.items():
        if size is not None and shape[axis] not in (size, None):
            return f"expected axis {axis} of input shape to have value {size}, but received input with shape {shape}"
    if spec.shape is not None and not _fits(spec, shape):
        return f"expected shape={spec.shape}, found shape={shape}"
    return None


def _fits(spec: InputSpec, found: Any) -> bool:
    """Say whether a shape agrees with that of a spec, sizes of 1 at the end apart where they may be."""
    expected: Any = spec.shape
    if spec.allow_last_axis_squeeze:
        expected, found = (each[:-1] if each and each[-1] == 1 else each for each in (expected, found))
    return agree(expected, found)
