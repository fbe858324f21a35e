"""Op: one primitive, that is a name, the kernel of that name, the dtypes it takes and how its inputs become tensors.

An op converts and checks, calls the kernel and wraps the result. It never looks at values; what depends on shapes or
axes is checked by the public functions in `ops`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from minitf.backends import kernels
from minitf.dtypes import ALL, DType
from minitf.errors import InvalidArgumentError, invalid_argument
from minitf.tensor import Tensor, convert_to_tensor

__all__ = ["Op", "alone", "led_by_first", "matching"]

Matcher = Callable[[Sequence[object]], list[Tensor]]


def matching(values: Sequence[object]) -> list[Tensor]:
    """Convert all to the dtype of the first tensor, or of the first value if there is no tensor.

    >>> [tensor.dtype for tensor in matching([1, convert_to_tensor(2.5)])]
    [tf.float32, tf.float32]
    """
    leader = next((value for value in values if isinstance(value, Tensor)), None)
    dtype = leader.dtype if leader is not None else None
    tensors: list[Tensor] = []
    for value in values:
        tensor = value if isinstance(value, Tensor) else convert_to_tensor(value, dtype=dtype)
        dtype = dtype or tensor.dtype
        tensors.append(tensor)
    return tensors


def led_by_first(values: Sequence[object]) -> list[Tensor]:
    """Convert the first by itself, and the others to its dtype where they fit.

    >>> [tensor.dtype for tensor in led_by_first([1, 2.5])]
    [tf.int32, tf.float32]
    """
    first = convert_to_tensor(values[0])
    return [first, *(convert_to_tensor(value, dtype_hint=first.dtype) for value in values[1:])]


def alone(values: Sequence[object]) -> list[Tensor]:
    """Convert each by itself.

    >>> [tensor.dtype for tensor in alone([1, 2.5])]
    [tf.int32, tf.float32]
    """
    return [convert_to_tensor(value) for value in values]


class Op:
    """One primitive operation.

    `native` is TensorFlow's own name for it, which its messages show.

    >>> from minitf.dtypes import NUMBERS
    >>> Op("multiply", "Mul", NUMBERS)(2, 3)
    <tf.Tensor: shape=(), dtype=int32, numpy=6>
    """

    __slots__ = ("dtypes", "kernel", "match", "name", "native")

    def __init__(self, name: str, native: str, dtypes: Sequence[DType] = ALL, match: Matcher = matching) -> None:
        """Find the kernel of that name in the backend."""
        self.name = name
        self.native = native
        self.dtypes = frozenset(dtype.numpy for dtype in dtypes)
        self.match = match
        self.kernel: Callable[..., np.ndarray[tuple[int, ...], np.dtype[np.generic]]] = getattr(kernels, name)

    def __call__(self, *values: object, **attributes: object) -> Tensor:
        """Convert, check dtypes, compute; InvalidArgumentError for dtypes or shapes that do not go together."""
        inputs = self.match(values)
        self.check(inputs)
        arrays = [tensor.array for tensor in inputs]
        try:
            with np.errstate(all="ignore"):  # inf and nan are results here, as in TensorFlow, not warnings
                return Tensor(self.kernel(*arrays, **attributes))
        except ValueError as error:
            raise self.incompatible(inputs) or error from None

    def check(self, inputs: Sequence[Tensor]) -> None:
        """Refuse inputs of different dtypes, and dtypes that the op does not take."""
        first = inputs[0].array.dtype
        for position, tensor in enumerate(inputs):
            if tensor.array.dtype != first:
                raise self.expected(position, tensor.dtype, inputs[0].dtype)
        if first not in self.dtypes:
            names = ", ".join(sorted(dtype.name for dtype in self.dtypes))
            raise invalid_argument(
                self.native,
                f"Value for attr 'T' of {inputs[0].dtype.native} is not in the list of allowed values: {names}",
                got=f"{self.name} of dtype {inputs[0].dtype.name}",
                expected=names,
                do=_cast_hint(inputs[0].dtype),
            )

    def expected(self, position: int, got: DType, wanted: DType) -> InvalidArgumentError:
        """Build the error for an input whose dtype is not the one of the others."""
        asked = f"cannot compute {self.native} as input #{position}(zero-based) was expected to be "
        return invalid_argument(
            self.native,
            f"{asked}a {wanted.native} tensor but is a {got.native} tensor",
            got=f"{self.name} with input {position} of dtype {got.name}",
            expected=f"dtype {wanted.name}; two tensors never convert by themselves",
            do=f"make the dtypes equal with tf.cast(t, {wanted!r})",
        )

    def incompatible(self, inputs: Sequence[Tensor]) -> InvalidArgumentError | None:
        """Build the error for shapes that do not broadcast; None if they do."""
        shapes = [tensor.array.shape for tensor in inputs]
        if broadcastable(*shapes):
            return None
        return invalid_argument(
            self.native,
            "Incompatible shapes: " + " vs. ".join(bracketed(shape) for shape in shapes),
            got=f"{self.name} of shapes " + " and ".join(str(shape) for shape in shapes),
            expected="sizes that are equal or 1, compared from the last axis backwards",
            do="reshape one of them, for example with tf.expand_dims or tf.reshape",
        )


def _cast_hint(dtype: DType) -> str:
    if dtype.is_bool:
        return "turn booleans into numbers with tf.cast(t, tf.float32)"
    return "convert with tf.cast(t, tf.float32)" if dtype.is_integer else "convert with tf.cast(t, tf.int32)"


def broadcastable(*shapes: tuple[int, ...]) -> bool:
    """Say whether arrays of these shapes can be combined entry by entry.

    >>> broadcastable((2, 1), (3,)), broadcastable((2,), (3,))
    (True, False)
    """
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        return False
    return True


def bracketed(shape: Iterable[int]) -> str:
    """Print a shape as TensorFlow's messages do.

    >>> bracketed((2, 3))
    '[2,3]'
    """
    return "[" + ",".join(str(size) for size in shape) + "]"
