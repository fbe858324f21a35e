"""`tf.nn`: public names only."""

# isort: skip_file

import importlib
from typing import Any

from minitf.names import nearest
from minitf.ops.elementary import tanh
from minitf.ops.layers import (
    batch_normalization, bias_add, dropout, embedding_lookup, in_top_k, moments, top_k,
)  # fmt: skip
from minitf.ops.losses import (
    sigmoid_cross_entropy_with_logits, softmax_cross_entropy_with_logits, sparse_softmax_cross_entropy_with_logits,
)  # fmt: skip
from minitf.ops.nn import (
    elu, gelu, l2_loss, l2_normalize, leaky_relu, log_softmax, relu, relu6, selu, sigmoid, silu, softmax, softplus,
    softsign,
)  # fmt: skip
from minitf.ops.reduction import zero_fraction

swish = silu

__all__ = [
    "batch_normalization", "bias_add", "dropout", "elu", "embedding_lookup", "gelu", "in_top_k",
    "l2_loss", "l2_normalize", "leaky_relu", "log_softmax", "moments", "relu", "relu6", "selu", "sigmoid",
    "sigmoid_cross_entropy_with_logits", "silu", "softmax", "softmax_cross_entropy_with_logits", "softplus",
    "softsign", "sparse_softmax_cross_entropy_with_logits", "swish", "tanh", "top_k",
    "zero_fraction",
]  # fmt: skip

_of_replicas = ("compute_average_loss", "scale_regularization_loss")
_missing = nearest("nn")


def __getattr__(name: str) -> Any:
    """Import what is about several replicas when it is first used; explain every other missing name."""
    if name in _of_replicas:
        return getattr(importlib.import_module("minitf.distribute.averages"), name)
    return _missing(name)
