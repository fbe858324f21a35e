"""IndexedSlices: some rows of a larger tensor, and which rows they are; what the scatter methods of variables take."""

from __future__ import annotations

from typing import Any

from minitf.dtypes import as_dtype
from minitf.ops.array import expand_dims
from minitf.ops.axes import sizes_of
from minitf.ops.index import scatter_nd
from minitf.shape import TensorShape
from minitf.size import Size
from minitf.tensor import Tensor

__all__ = ["IndexedSlices"]


class IndexedSlices:
    """Values for the rows that `indices` name, of a tensor of shape `dense_shape`, if that is known.

    >>> rows = tf.IndexedSlices(tf.constant([5.0, 7.0]), tf.constant([2, 0]), tf.constant([4]))
    >>> print(tf.convert_to_tensor(rows))
    tf.Tensor([7. 0. 5. 0.], shape=(4,), dtype=float32)
    """

    def __init__(self, values: Any, indices: Any, dense_shape: Any = None) -> None:
        """Keep the three as they are."""
        self.values = values
        self.indices = indices
        self.dense_shape = dense_shape

    @property
    def dtype(self) -> Any:
        """The type of the values."""
        return self.values.dtype

    @property
    def shape(self) -> TensorShape:
        """The shape of the whole tensor, as far as it is known."""
        if self.dense_shape is None:
            return TensorShape(None)
        sizes = sizes_of(self.dense_shape, "ScatterNd")
        return TensorShape([None if type(size) is Size else size for size in sizes])

    def __neg__(self) -> IndexedSlices:
        """Negate the values."""
        return IndexedSlices(-self.values, self.indices, self.dense_shape)

    def __str__(self) -> str:
        """Print as TensorFlow does."""
        shape = "" if self.dense_shape is None else f", dense_shape={self.dense_shape!s}"
        return f"IndexedSlices(indices={self.indices!s}, values={self.values!s}{shape})"

    def __tf_tensor__(self, dtype: object = None, name: str | None = None) -> Tensor:
        """Make the whole tensor, with zeros in the other rows; ValueError without its shape, or for another dtype."""
        if self.dense_shape is None:
            asked = f"Tensor conversion requested for IndexedSlices without dense_shape: {self}"
            raise ValueError(f"{asked}; give the shape as the third argument of tf.IndexedSlices.")
        if dtype is not None and self.dtype != dtype:
            asked = f"Incompatible tensor conversion requested to `dtype` {as_dtype(dtype).name} for IndexedSlices"
            raise ValueError(f"{asked} ({self}); convert the values with tf.cast.")
        return scatter_nd(expand_dims(self.indices, -1), self.values, self.dense_shape)
