"""`tf.random`: public names only."""

# ruff: isort: skip_file

from minitf.generator import Generator, create_rng_state, get_global_generator, set_global_generator
from minitf.names import nearest
from minitf.ops.random import (
    Algorithm, categorical, fold_in, normal, set_seed, shuffle, split, stateless_categorical, stateless_normal,
    stateless_truncated_normal, stateless_uniform, truncated_normal, uniform,
)  # fmt: skip
from minitf.random import experimental

__all__ = [
    "Algorithm", "Generator", "categorical", "create_rng_state", "experimental", "fold_in", "get_global_generator",
    "normal", "set_global_generator", "set_seed", "shuffle", "split", "stateless_categorical", "stateless_normal",
    "stateless_truncated_normal", "stateless_uniform", "truncated_normal", "uniform",
]  # fmt: skip

__getattr__ = nearest("random")
