"""Losses of replicas, scaled so that their gradients, which optimizers sum, are those of the whole batch."""

from __future__ import annotations

from typing import Any

from minitf.distribute.strategy import get_strategy, in_cross_replica_context
from minitf.ops.array import cast
from minitf.ops.math import divide, multiply
from minitf.ops.reduction import reduce_sum
from minitf.tensor import Tensor, convert_to_tensor

__all__ = ["compute_average_loss", "scale_regularization_loss"]


def compute_average_loss(per_example_loss: Any, sample_weight: Any = None, global_batch_size: Any = None) -> Tensor:
    """Return the sum of the losses of a replica's examples, divided by the size of the whole batch.

    That is the number of replicas times that of the examples here, unless it is given. RuntimeError in the scope of a
    strategy, outside of replicas.

    >>> print(tf.nn.compute_average_loss([1.0, 2.0], global_batch_size=4))
    tf.Tensor(0.75, shape=(), dtype=float32)
    """
    _check_in_replica("compute_average_loss")
    losses = convert_to_tensor(per_example_loss)
    if sample_weight is not None:
        losses = multiply(losses, cast(sample_weight, losses.dtype))
    count = global_batch_size
    if count is None:
        count = get_strategy().num_replicas_in_sync * losses.sizes[0]
    return divide(reduce_sum(losses), cast(count, losses.dtype))


def scale_regularization_loss(regularization_loss: Any) -> Tensor:
    """Return the sum of losses that are the same in all replicas, divided by the number of replicas.

    RuntimeError in the scope of a strategy, outside of replicas.

    >>> print(tf.nn.scale_regularization_loss([1.0, 2.0]))
    tf.Tensor(3.0, shape=(), dtype=float32)
    """
    _check_in_replica("scale_regularization_loss")
    return divide(reduce_sum(regularization_loss), float(get_strategy().num_replicas_in_sync))


def _check_in_replica(name: str) -> None:
    if in_cross_replica_context():
        asked = f"You are calling `{name}` in cross replica context, while it was expected to be called in replica"
        raise RuntimeError(f"{asked} context; call it in the function that strategy.run runs.")
