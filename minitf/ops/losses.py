"""Cross-entropies: how far logits are from labels. All take logits, because probabilities would have lost digits.

`name` is taken for TensorFlow's sake and not used.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minitf.dtypes import BFLOAT16, FLOATS, float16, float32, int32, int64
from minitf.errors import InvalidArgumentError, explain
from minitf.op import Binary, Mixed, alone, bracketed
from minitf.ops.array import broadcast_to, cast, expand_dims, transpose
from minitf.ops.axes import axis_of, whole_number
from minitf.ops.elementary import exp
from minitf.ops.making import ones_like
from minitf.ops.nn import log_softmax, sigmoid
from minitf.ops.reduction import reduce_sum
from minitf.ops.refusal import refuse
from minitf.tensor import Tensor, convert_to_tensor

__all__ = [
    "sigmoid_cross_entropy_with_logits", "softmax_cross_entropy_with_logits",
    "sparse_softmax_cross_entropy_with_logits",
]  # fmt: skip


class _Sparse(Mixed):
    """The op whose kernel refuses labels that are no class."""

    __slots__ = ()

    def incompatible(self, inputs: Sequence[Tensor]) -> InvalidArgumentError:
        """Build the error for such labels."""
        return _no_classes(inputs[0], inputs[1])


# The logarithms of the probabilities, computed once, come in beside the logits: no gradient flows through them, the
# logits' rule has it all; but that rule uses them, and they lead second derivatives back to the logits.
_cross_entropy = Mixed(
    "cross_entropy", "SoftmaxCrossEntropyWithLogits",
    lambda dy, y, labels, logits, log_p: -expand_dims(dy, -1) * log_p,
    lambda dy, y, labels, logits, log_p: _gradient(dy, labels, log_p),
)  # fmt: skip
_gradient: Mixed = Mixed(
    "cross_entropy_gradient", "SoftmaxCrossEntropyWithLogitsGrad",
    lambda g, y, dy, labels, log_p: reduce_sum(g * (exp(log_p) - labels), -1),
    lambda g, y, dy, labels, log_p: -g * expand_dims(dy, -1),
    lambda g, y, dy, labels, log_p: g * expand_dims(dy, -1) * exp(log_p),
)  # fmt: skip
_sparse_cross_entropy = _Sparse(
    "sparse_cross_entropy", "SparseSoftmaxCrossEntropyWithLogits",
    None,
    lambda dy, y, labels, logits, log_p: _sparse_gradient(dy, labels, log_p),
)  # fmt: skip
_sparse_gradient: Mixed = Mixed(
    "sparse_cross_entropy_gradient", "SparseSoftmaxCrossEntropyWithLogitsGrad",
    lambda g, y, dy, labels, log_p: reduce_sum(g * _sparse_gradient(ones_like(dy), labels, log_p), -1),
    None,
    lambda g, y, dy, labels, log_p: g * expand_dims(dy, -1) * exp(log_p),
)  # fmt: skip
_sigmoid_cross_entropy = Binary(
    "sigmoid_cross_entropy", "Mul",
    lambda dy, y, labels, x: -dy * x,
    lambda dy, y, labels, x: dy * (sigmoid(x) - labels),
    dtypes=FLOATS, match=alone,
)  # fmt: skip


def softmax_cross_entropy_with_logits(
    labels: object, logits: object, axis: object = -1, name: str | None = None
) -> Tensor:
    """Minus the sum of labels * log(softmax(logits)) along an axis; labels are a probability for each class.

    >>> print(softmax_cross_entropy_with_logits([[0.0, 1.0]], [[1000.0, 1000.0]]).numpy().round(4))
    [0.6931]
    """
    x = convert_to_tensor(logits)
    shares = labels if type(labels) is Tensor and labels.array.dtype is x.array.dtype else cast(labels, x.dtype)
    if axis != -1:
        number = axis_of(whole_number(axis, _cross_entropy.native), x.ndim, _cross_entropy.native)
        order = [*range(number), *range(number + 1, x.ndim), number]
        x, shares = transpose(x, order), transpose(shares, order)
    if shares.array.shape != x.array.shape:
        shares = _broadcast(shares, x)
    return _cross_entropy(shares, x, log_softmax(x))


def _broadcast(labels: Tensor, logits: Tensor) -> Tensor:
    try:
        np.broadcast_to(labels.array, logits.array.shape)
    except ValueError:
        sizes = f"logits_size={bracketed(logits.shape)} labels_size={bracketed(labels.shape)}"
        asked = f"logits and labels must be broadcastable: {sizes}"
        raise refuse(_cross_entropy.native, asked, labels, logits) from None
    return broadcast_to(labels, logits.sizes)


def sparse_softmax_cross_entropy_with_logits(labels: object, logits: object, name: str | None = None) -> Tensor:
    """Minus log(softmax(logits)) at the class that each label numbers; labels have the logits' shape but the last axis.

    InvalidArgumentError for labels that are no class; ValueError for shapes that do not go together.

    >>> print(sparse_softmax_cross_entropy_with_logits([1], [[1000.0, 1000.0]]).numpy().round(4))
    [0.6931]
    """
    at, x = convert_to_tensor(labels), convert_to_tensor(logits)
    if x.array.shape[:-1] != at.array.shape or not x.ndim:
        raise ValueError(_unlike(at, x))
    if x.dtype in (float16, BFLOAT16):
        return cast(sparse_softmax_cross_entropy_with_logits(at, cast(x, float32)), x.dtype)
    log_p = log_softmax(x)
    if at.dtype not in (int32, int64) or not x.array.shape[-1]:
        raise _no_classes(at, x)
    return _sparse_cross_entropy(at, x, log_p)


def _unlike(labels: Tensor, logits: Tensor) -> str:
    asked = f"Received: labels.shape={labels.shape} and logits.shape={logits.shape}"
    if not logits.ndim:
        asked = f"`logits` cannot be a scalar. {asked}"
    elif labels.ndim != logits.ndim - 1:
        asked = f"`labels.shape.rank` must equal `logits.shape.rank - 1`. {asked}"
    else:
        asked = f"`labels.shape` must equal `logits.shape` except for the last dimension. {asked}"
    return explain(
        asked,
        got=f"labels of shape {labels.shape} for logits of shape {logits.shape}",
        expected=f"labels of shape {logits.array.shape[:-1]}, a class number for each row",
        do="take tf.argmax of one-hot labels, or tf.squeeze away an axis of size 1",
    )


def _no_classes(labels: Tensor, logits: Tensor) -> InvalidArgumentError:
    """Build the error for labels that are no class numbers."""
    array, classes = labels.array, logits.array.shape[-1]
    if labels.dtype not in (int32, int64):
        asked = f"Value for attr 'Tlabels' of {labels.dtype.native} is not in the list of allowed values: int32, int64"
    elif not classes:
        asked = f"Must have at least one class, but got logits shape {bracketed(logits.shape)}"
    else:
        wrong = next((label for label in array.reshape(-1).tolist() if not 0 <= label < classes), None)
        asked = f"Received a label value of {wrong} which is outside the valid range of [0, {classes})."
        if wrong is None:
            shapes = f"logits shape {bracketed(logits.array.shape)} and labels shape {bracketed(array.shape)}"
            asked = f"logits and labels must have the same first dimension, got {shapes}"
    return refuse(_sparse_cross_entropy.native, asked, f"labels {array.tolist()} of dtype {labels.dtype.name}")


def sigmoid_cross_entropy_with_logits(labels: object = None, logits: object = None, name: str | None = None) -> Tensor:
    """Minus log(sigmoid(logits)) where a label is 1, minus log(1 - sigmoid(logits)) where it is 0; mixed in between.

    ValueError unless labels and logits have the same shape.

    >>> print(sigmoid_cross_entropy_with_logits([1.0, 0.0], [0.0, 1000.0]).numpy())
    [6.931472e-01 1.000000e+03]
    """
    if labels is None or logits is None:
        raise ValueError(f"Both `labels` and `logits` must be provided. Received: labels={labels} and logits={logits}")
    shares, x = convert_to_tensor(labels), convert_to_tensor(logits)
    if shares.array.shape != x.array.shape:
        raise ValueError(
            explain(
                f"`logits` and `labels` must have the same shape, received ({x.shape} vs {shares.shape}).",
                got=f"labels of shape {shares.shape} for logits of shape {x.shape}",
                expected="a label for each logit",
                do="reshape one of them, for example with tf.expand_dims(labels, -1)",
            )
        )
    return _sigmoid_cross_entropy(shares, x)
