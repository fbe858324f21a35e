"""`keras.mixed_precision`: the names that policies and loss scaling had first; today they are in `keras.config`."""

from __future__ import annotations

from minitf.keras.optimizers.loss_scale_optimizer import LossScaleOptimizer
from minitf.keras.policy import DTypePolicy, dtype_policy, set_dtype_policy
from minitf.names import nearest

__all__ = [
    "DTypePolicy", "LossScaleOptimizer", "Policy", "dtype_policy", "global_policy", "set_dtype_policy",
    "set_global_policy",
]  # fmt: skip

__getattr__ = nearest("keras.mixed_precision")

Policy = DTypePolicy
global_policy, set_global_policy = dtype_policy, set_dtype_policy
