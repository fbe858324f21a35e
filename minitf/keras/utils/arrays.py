"""Arrays made ready for a model: classes as one-hot rows, rows of length 1, sequences of equal length.

This happens before training, so NumPy arrays stay NumPy arrays; tensors give tensors.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import minitf as tf
from minitf.keras.backend import epsilon

__all__ = ["normalize", "pad_sequences", "to_categorical"]


def to_categorical(x: Any, num_classes: int | None = None, dtype: Any = None) -> Any:
    """Turn class numbers into rows with a 1 at the class: shape (n,) or (n, 1) becomes (n, classes).

    Without `num_classes` there are as many as the largest number tells. The result is float64, of a tensor a float32
    tensor, unless `dtype`, which older programs give, says otherwise. IndexError for a number that is not below
    `num_classes` (a tensor gets a row of zeros there instead); ValueError without `num_classes` and numbers.

    >>> to_categorical([0, 2])
    array([[1., 0., 0.],
           [0., 0., 1.]])
    """
    if isinstance(x, tf.Tensor | tf.Variable):
        flat = x[..., 0] if len(x.shape) > 1 and x.shape[-1] == 1 else x
        count = int(np.max(flat.numpy())) + 1 if num_classes is None else num_classes
        return tf.one_hot(flat if flat.dtype.is_integer else tf.cast(flat, "int64"), count, dtype=dtype or "float32")
    numbers = np.array(x, "int64")
    shape = numbers.shape[:-1] if numbers.ndim > 1 and numbers.shape[-1] == 1 else numbers.shape
    if not num_classes and not numbers.size:
        asked = "zero-size array to reduction operation maximum which has no identity"
        raise ValueError(f"{asked}: to_categorical got no class numbers; tell it num_classes.")
    count = int(num_classes or numbers.max() + 1)
    beyond = numbers[(numbers >= count) | (numbers < -count)]
    if beyond.size:
        got = f"to_categorical got the class {beyond[0]}, but num_classes={count}"
        asked = f"index {beyond[0]} is out of bounds for axis 1 with size {count}"
        raise IndexError(f"{asked}: {got}; classes count from 0 to num_classes - 1.")
    rows = np.zeros((numbers.size, count), dtype or "float64")
    rows[np.arange(numbers.size), numbers.reshape(-1)] = 1
    return rows.reshape(*shape, count)


def normalize(x: Any, axis: int = -1, order: int = 2) -> Any:
    """Divide rows, or what lies along `axis`, by their norm of this order; rows of zeros stay zeros.

    An array gives an array, of at least two axes, anything else a tensor. ValueError for a tensor's order that is no
    positive integer.

    >>> normalize(np.array([[3.0, 4.0], [0.0, 0.0]]))
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    if isinstance(x, np.ndarray):
        norm = np.linalg.norm(x, order, axis, keepdims=True)
        return np.atleast_2d(x / np.where(norm == 0, 1, norm))
    if not isinstance(order, int) or order < 1:
        raise ValueError(f"Argument `order` must be an int >= 1. Received: order={order}")
    tensor = tf.convert_to_tensor(x)
    if order == 2:
        square = tf.reduce_sum(tf.square(tensor), axis, keepdims=True)
        return tensor * tf.minimum(tf.math.rsqrt(square), 1.0 / epsilon())
    return tensor / tf.maximum(tf.norm(tensor, order, axis, keepdims=True), epsilon())


def pad_sequences(
    sequences: Sequence[Any], maxlen: int | None = None, dtype: Any = "int32", padding: str = "pre",
    truncating: str = "pre", value: Any = 0.0,
) -> NDArray[Any]:  # fmt: skip
    """Put sequences into one array, row by row: fill up the short ones with `value`, cut the long ones to `maxlen`.

    `padding` and `truncating` say at which end, "pre" or "post"; without `maxlen` the longest decides. ValueError for
    other words, for what is no sequence of sequences, and for parts of unequal shapes.

    >>> pad_sequences([[1], [2, 3], [4, 5, 6]], maxlen=2)
    array([[0, 1],
           [2, 3],
           [5, 6]], dtype=int32)
    """
    if not hasattr(sequences, "__len__"):
        raise ValueError("`sequences` must be iterable.")
    for each in sequences:
        if not hasattr(each, "__len__"):
            raise ValueError(f"`sequences` must be a list of iterables. Found non-iterable: {each}")
    for what, word in (("Padding", padding), ("Truncating", truncating)):
        if word not in ("pre", "post"):
            raise ValueError(f"{what} type \"{word}\" not understood; write 'pre' or 'post'.")
    texts = np.issubdtype(dtype, np.str_) or np.issubdtype(dtype, np.bytes_)
    if isinstance(value, str) and dtype is not object and not texts:
        asked = f"`dtype` {dtype} is not compatible with `value`'s type: {type(value)}"
        raise ValueError(f"{asked}\nYou should set `dtype=object` for variable length strings.")
    if maxlen is None:
        maxlen = int(np.max([len(each) for each in sequences]))
    shape = next((np.asarray(each).shape[1:] for each in sequences if len(each)), ())
    padded = np.full((len(sequences), maxlen, *shape), value, dtype)
    for place, sequence in enumerate(sequences):
        kept = np.asarray(sequence[-maxlen:] if truncating == "pre" else sequence[:maxlen], dtype)
        if len(kept) and kept.shape[1:] != shape:
            got = f"Shape of sample {kept.shape[1:]} of sequence at position {place}"
            raise ValueError(f"{got} is different from expected shape {shape}")
        if len(kept):
            padded[place, slice(len(kept)) if padding == "post" else slice(-len(kept), None)] = kept
    return padded
