"""TensorSpec: the shape, dtype and name that a tensor is to have, without a value."""

from __future__ import annotations

import dataclasses
from typing import Any

from minitf.dtypes import as_dtype, float32
from minitf.shape import TensorShape
from minitf.tensor import Tensor

__all__ = ["TensorSpec"]


@dataclasses.dataclass(frozen=True)
class TensorSpec:
    """Describes tensors: their shape as far as it is known, their dtype, and perhaps a name.

    >>> spec = TensorSpec([None, 2], name="x")
    >>> spec, spec.is_compatible_with(tf.zeros([3, 2]))
    (TensorSpec(shape=(None, 2), dtype=tf.float32, name='x'), True)
    """

    shape: Any
    dtype: Any = float32
    name: str | None = dataclasses.field(default=None, hash=False)

    def __post_init__(self) -> None:
        """Read shape and dtype; TypeError for what is none."""
        object.__setattr__(self, "shape", TensorShape(self.shape))
        object.__setattr__(self, "dtype", as_dtype(self.dtype))

    @classmethod
    def from_tensor(cls, tensor: Tensor, name: str | None = None) -> TensorSpec:
        """Describe a tensor; ValueError for anything else.

        >>> TensorSpec.from_tensor(tf.constant([1, 2]))
        TensorSpec(shape=(2,), dtype=tf.int32, name=None)
        """
        if not isinstance(tensor, Tensor):
            raise ValueError(f"`tensor` should be a tf.Tensor, but got type {type(tensor)}; use tf.constant first.")
        return cls(tensor.shape, tensor.dtype, name)

    def is_compatible_with(self, spec_or_tensor: Any) -> bool:
        """Say whether a tensor, or one that another spec describes, could be described by this."""
        if not isinstance(spec_or_tensor, (TensorSpec, Tensor)):
            return False
        return bool(self.dtype == spec_or_tensor.dtype and self.shape.is_compatible_with(spec_or_tensor.shape))

    def __repr__(self) -> str:
        """Print as TensorFlow does."""
        return f"TensorSpec(shape={self.shape}, dtype={self.dtype!r}, name={self.name!r})"
