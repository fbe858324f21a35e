"""TensorSpec: the shape, dtype and name that a tensor is to have, without a value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minitf.dtypes import as_dtype, float32
from minitf.shape import TensorShape
from minitf.tensor import Tensor

__all__ = ["TensorSpec"]


class TensorSpec:
    """Describes tensors: their shape as far as it is known, their dtype, and perhaps a name.

    >>> spec = TensorSpec([None, 2], name="x")
    >>> spec, spec.is_compatible_with(tf.zeros([3, 2]))
    (TensorSpec(shape=(None, 2), dtype=tf.float32, name='x'), True)
    """

    __slots__ = ("_dtype", "_name", "_shape")

    shape = property(lambda self: self._shape, doc="The TensorShape.")
    dtype = property(lambda self: self._dtype, doc="The dtype, such as `tf.float32`.")
    name = property(lambda self: self._name, doc="The name, or None.")
    value_type = Tensor

    def __init__(self, shape: Any, dtype: object = float32, name: str | None = None) -> None:
        """Take a shape, a dtype and a name; TypeError for what is no shape or dtype."""
        self._shape = TensorShape(shape)
        self._dtype = as_dtype(dtype)
        self._name = name

    @classmethod
    def from_tensor(cls, tensor: Tensor, name: str | None = None) -> TensorSpec:
        """Describe a tensor; ValueError for anything else.

        >>> TensorSpec.from_tensor(tf.constant([1, 2]))
        TensorSpec(shape=(2,), dtype=tf.int32, name=None)
        """
        if not isinstance(tensor, Tensor):
            raise ValueError(f"`tensor` should be a tf.Tensor, but got type {type(tensor)}; use tf.constant first.")
        return cls(tensor.shape, tensor.dtype, name)

    @classmethod
    def from_spec(cls, spec: TensorSpec, name: str | None = None) -> TensorSpec:
        """Copy a spec, perhaps with another name.

        >>> TensorSpec.from_spec(TensorSpec([2]), name="w")
        TensorSpec(shape=(2,), dtype=tf.float32, name='w')
        """
        return cls(spec.shape, spec.dtype, name or spec.name)

    def is_compatible_with(self, spec_or_tensor: Any) -> bool:
        """Say whether a tensor, or one that another spec describes, could be described by this."""
        if not isinstance(spec_or_tensor, (TensorSpec, Tensor)):
            return False
        return self._dtype == spec_or_tensor.dtype and self._shape.is_compatible_with(spec_or_tensor.shape)

    def is_subtype_of(self, other: object) -> bool:
        """Say whether the other spec describes every tensor that this one does."""
        if not isinstance(other, TensorSpec) or (self._name and self._name != other._name):
            return False
        return self._dtype == other._dtype and self._shape.is_subtype_of(other._shape)

    def most_specific_common_supertype(self, others: Sequence[object]) -> TensorSpec | None:
        """Describe what all specs describe; None if their dtypes or names differ.

        >>> TensorSpec([2, 3]).most_specific_common_supertype([TensorSpec([2, 4])])
        TensorSpec(shape=(2, None), dtype=tf.float32, name=None)
        """
        shapes = []
        for other in others:
            if not isinstance(other, TensorSpec) or (other._dtype, other._name) != (self._dtype, self._name):
                return None
            shapes.append(other._shape)
        return TensorSpec(self._shape.most_specific_common_supertype(shapes), self._dtype, self._name)

    def most_specific_compatible_type(self, other: object) -> TensorSpec:
        """Describe what both specs describe; ValueError if their dtypes or names differ."""
        common = self.most_specific_common_supertype([other])
        if common is None:
            raise ValueError(f"No TypeSpec is compatible with both {self} and {other}; dtypes and names must be equal.")
        return common

    def __eq__(self, other: object) -> bool:
        """Compare shape, dtype and name."""
        return isinstance(other, TensorSpec) and self._key() == other._key()

    def __hash__(self) -> int:
        """Hash shape and dtype."""
        return hash((self._shape, self._dtype))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle shape, dtype and name."""
        return TensorSpec, (self._shape, self._dtype.name, self._name)

    def __repr__(self) -> str:
        """Print as TensorFlow does."""
        return f"TensorSpec(shape={self._shape}, dtype={self._dtype!r}, name={self._name!r})"

    def _key(self) -> tuple[object, ...]:
        return self._shape, self._dtype, self._name
