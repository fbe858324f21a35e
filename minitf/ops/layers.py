"""What layers of a network do besides products and activations: bias, lookup, dropout, moments, the largest entries.

`name` is taken for TensorFlow's sake and not used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from minitf.dtypes import NUMBERS, as_dtype, float16, float32, int32
from minitf.op import Binary, Mixed, Unary, bracketed
from minitf.ops.array import cast, concat, reshape, squeeze, stop_gradient, where
from minitf.ops.axes import integers, whole_number
from minitf.ops.clip import clip_by_norm
from minitf.ops.comparison import greater_equal
from minitf.ops.elementary import rsqrt
from minitf.ops.index import gather
from minitf.ops.math import add, squared_difference
from minitf.ops.nn import floating
from minitf.ops.random import stateless_uniform, uniform
from minitf.ops.reduction import reduce_mean
from minitf.ops.refusal import refuse
from minitf.tensor import Tensor, convert_to_tensor

__all__ = [
    "batch_normalization", "bias_add", "dropout", "embedding_lookup", "in_top_k", "moments", "stateless_dropout",
    "top_k",
]  # fmt: skip

_bias_add = Binary("add", "BiasAdd", lambda dy, y, x, b: dy, lambda dy, y, x, b: dy, dtypes=NUMBERS)
_in_top_k = Mixed("in_top_k", "InTopKV2")
_top_k = Unary("top_k", "TopKV2", dtypes=NUMBERS)


# --- bias and lookup --------------------------------------------------------------------------------------------------


def bias_add(value: object, bias: object, data_format: str | None = None, name: str | None = None) -> Tensor:
    """Add a vector along the last axis, or along axis 1 if data_format starts with `NC`.

    >>> print(bias_add([[1, 2], [3, 4]], [10, 20]))
    tf.Tensor(
    [[11 22]
     [13 24]], shape=(2, 2), dtype=int32)
    """
    first = data_format is not None and data_format.startswith("NC")
    if data_format is not None and not first and not (data_format.startswith("N") and data_format.endswith("C")):
        raise ValueError(f"`data_format` must be of the form `N...C` or `NC...`. Received: data_format={data_format}")
    x, b = _bias_add.match((value, bias))
    _bias_add.check((x, b))
    if x.ndim < 2:
        asked = f"Input tensor must be at least 2D: {bracketed(x.shape)}"
    elif b.ndim != 1:
        asked = f"Biases must be 1D: {bracketed(b.shape)}"
    elif b.array.shape[0] != x.array.shape[1 if first else -1]:
        asked = "Must provide as many biases as the last dimension of the input tensor"
    else:
        return _bias_add(x, reshape(b, [-1] + [1] * (x.ndim - 2)) if first else b)
    raise refuse("BiasAdd", asked, x, b)


def embedding_lookup(params: Any, ids: object, max_norm: object = None, name: str | None = None) -> Tensor:
    """Take the rows that ids number from a table, scaled down to max_norm if one is given.

    A list of tables stands for one long table. ValueError without any.

    >>> print(embedding_lookup(tf.constant([[1.0, 2.0], [3.0, 4.0]]), [1]))
    tf.Tensor([[3. 4.]], shape=(1, 2), dtype=float32)
    """
    if params is None or (isinstance(params, (list, tuple)) and not params):
        asked = (
            "params must be specified"
            if params is None
            else "Length of params is currently 0. Need at least one param."
        )
        raise ValueError(f"{asked} Give a tensor with a row for each id.")
    table = concat(params, 0) if isinstance(params, (list, tuple)) else params
    rows, at = gather(table, ids), convert_to_tensor(ids)
    return rows if max_norm is None else clip_by_norm(rows, max_norm, list(range(at.ndim, rows.ndim)))


# --- dropout ----------------------------------------------------------------------------------------------------------


def dropout(x: object, rate: object, noise_shape: Any = None, seed: object = None, name: str | None = None) -> Tensor:
    """Set entries to 0 with probability `rate`, and scale the others up so that the expected sum stays.

    One draw decides for each entry of `noise_shape`, which broadcasts to x; None in it stands for the size in x.
    ValueError for a rate outside [0, 1) and for integers.

    >>> tf.random.set_seed(1)
    >>> print(dropout(tf.ones([6]), 0.5))
    tf.Tensor([0. 2. 2. 0. 0. 2.], shape=(6,), dtype=float32)
    """
    value = _droppable(x, rate)
    if isinstance(rate, (int, float)) and rate == 0:
        if seed is None:
            uniform([])  # later draws do not depend on the rate
        return value
    return _dropped(value, rate, uniform(_noise(value, noise_shape), dtype=value.dtype, seed=seed))


def stateless_dropout(x: object, rate: object, seed: object, noise_shape: Any = None) -> Tensor:
    """Do as `dropout`, but draw from nothing but two integers as the seed.

    >>> print(stateless_dropout(tf.ones([6]), 0.5, seed=[1, 2]))
    tf.Tensor([2. 0. 2. 0. 0. 2.], shape=(6,), dtype=float32)
    """
    value = _droppable(x, rate)
    return _dropped(value, rate, stateless_uniform(_noise(value, noise_shape), seed, dtype=value.dtype))


def _droppable(x: object, rate: object) -> Tensor:
    if isinstance(rate, (int, float)) and not 0 <= rate < 1:
        raise ValueError(f"`rate` must be a scalar tensor or a float in the range [0, 1). Received: rate={rate}")
    asked = "`x.dtype` must be a floating point tensor as `x` will be scaled. Received: x_dtype="
    return floating(x, "dropout", asked)


def _noise(x: Tensor, noise_shape: Any) -> Any:
    """Return the shape to draw for: that of x, or the one given with the sizes of x for None."""
    if noise_shape is None:
        return list(x.sizes)
    if isinstance(noise_shape, Sequence) and len(noise_shape) == x.ndim:
        return [size if given is None else given for given, size in zip(noise_shape, x.sizes, strict=True)]
    return noise_shape


def _dropped(x: Tensor, rate: object, noise: Tensor) -> Tensor:
    if isinstance(rate, (int, float)):
        scaled = x * (1 / (1 - rate))
    else:
        share = convert_to_tensor(rate)
        if share.ndim or share.dtype != x.dtype:
            raise ValueError(
                f"`rate` must be a scalar of the dtype of x. Received: {share!r} for x of dtype {x.dtype.name}"
            )
        scaled = x / (1.0 - share)
    return where(greater_equal(noise, rate), scaled, 0.0)


# --- moments ----------------------------------------------------------------------------------------------------------


def moments(
    x: object, axes: object, shift: object = None, keepdims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """Mean and variance over axes; `shift` changes nothing. float16 is computed in float32.

    >>> mean, variance = moments(tf.constant([1.0, 3.0]), 0)
    >>> print(mean.numpy(), variance.numpy())
    2.0 1.0
    """
    value = convert_to_tensor(x)
    wide = cast(value, float32) if value.dtype == float16 else value
    mean = reduce_mean(wide, axes, keepdims=True)
    variance = reduce_mean(squared_difference(wide, stop_gradient(mean)), axes, keepdims=True)
    return _as_given(mean, value, axes, keepdims), _as_given(variance, value, axes, keepdims)


def _as_given(moment: Tensor, x: Tensor, axes: object, keepdims: bool) -> Tensor:
    return cast(moment if keepdims else squeeze(moment, axes), x.dtype)


def batch_normalization(
    x: object, mean: object, variance: object, offset: object, scale: object, variance_epsilon: float,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """(x - mean) / sqrt(variance + variance_epsilon) * scale + offset; scale and offset may be None.

    >>> print(batch_normalization([1.0, 3.0], 2.0, 4.0, offset=1.0, scale=None, variance_epsilon=0.0))
    tf.Tensor([0.5 1.5], shape=(2,), dtype=float32)
    """
    value, center = convert_to_tensor(x), convert_to_tensor(mean)
    factor = rsqrt(convert_to_tensor(variance) + variance_epsilon)
    if scale is not None:
        factor = factor * scale
    shift = -center * factor if offset is None else offset - center * factor
    return add(value * cast(factor, value.dtype), cast(shift, value.dtype))


# --- the largest ------------------------------------------------------------------------------------------------------


class TopKV2(NamedTuple):
    """The largest entries and their positions."""

    values: Tensor
    indices: Tensor


def top_k(
    input: object, k: object = 1, sorted: bool = True, index_type: object = int32, name: str | None = None
) -> TopKV2:
    """The k largest entries along the last axis and where they are, from the largest on; of equal ones the first.

    They are sorted even if `sorted` is False.

    >>> print(top_k([3, 1, 2], k=2).values, top_k([3, 1, 2], k=2).indices)
    tf.Tensor([3 2], shape=(2,), dtype=int32) tf.Tensor([0 2], shape=(2,), dtype=int32)
    """
    x, count = convert_to_tensor(input), whole_number(k, _top_k.native)
    _top_k.check((x,))
    if not x.ndim:
        asked = "input must be >= 1-D, got shape []"
    elif count < 0:
        asked = f"Need k >= 0, got {count}"
    elif count > x.sizes[-1]:
        asked = f"input must have at least k columns. Had {x.array.shape[-1]}, needed {count}"
    else:
        at = _top_k(x, k=count, dtype=as_dtype(index_type).numpy)
        return TopKV2(gather(x, at, axis=-1, batch_dims=x.ndim - 1), at)
    raise refuse("TopKV2", asked, x, f"k={count}")


def in_top_k(targets: object, predictions: object, k: object, name: str | None = None) -> Tensor:
    """Say for each row of predictions whether the target's is among the k largest; ties count, inf and nan do not.

    >>> print(in_top_k([1, 0], [[0.1, 0.9], [0.1, 0.9]], k=1))
    tf.Tensor([ True False], shape=(2,), dtype=bool)
    """
    scores, at = convert_to_tensor(predictions, dtype=float32), integers(targets, _in_top_k.native, "the targets")
    if scores.ndim != 2:
        asked = "predictions must be 2-dimensional"
    elif at.ndim != 1:
        asked = "targets must be 1-dimensional"
    elif len(scores.array) != len(at.array):
        asked = f"First dimension of predictions {len(scores.array)} must match length of targets {len(at.array)}"
    else:
        return _in_top_k(at, scores, k=whole_number(k, _in_top_k.native))
    raise refuse("InTopKV2", asked, at, scores)
