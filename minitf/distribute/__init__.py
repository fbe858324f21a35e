"""`tf.distribute`: training on several devices and hosts, by TensorFlow's own strategies.

Models that are compiled in `with strategy.scope():` train on all replicas; `strategy.run` is for loops of one's own.
"""

from __future__ import annotations

from minitf.distribute import cluster_resolver
from minitf.distribute.datasets import DistributedDataset, InputContext
from minitf.distribute.replica import ReduceOp, ReplicaContext
from minitf.distribute.strategy import (
    MirroredStrategy,
    MultiWorkerMirroredStrategy,
    Strategy,
    TPUStrategy,
    get_replica_context,
    get_strategy,
    has_strategy,
    in_cross_replica_context,
)  # fmt: skip
from minitf.distribute.values import PerReplica
from minitf.names import nearest

__all__ = [
    "DistributedDataset", "InputContext", "MirroredStrategy", "MultiWorkerMirroredStrategy", "PerReplica", "ReduceOp",
    "ReplicaContext", "Strategy", "TPUStrategy", "cluster_resolver", "get_replica_context", "get_strategy",
    "has_strategy", "in_cross_replica_context",
]  # fmt: skip

__getattr__ = nearest("distribute")
