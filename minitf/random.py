"""`tf.random`: public names only."""

# ruff: isort: skip_file

from minitf.generator import Generator, get_global_generator, set_global_generator
from minitf.names import nearest
from minitf.ops.random import (
    Algorithm, fold_in, normal, set_seed, shuffle, split, stateless_normal, stateless_truncated_normal,
    stateless_uniform, truncated_normal, uniform,
)  # fmt: skip

__all__ = [
    "Algorithm", "Generator", "fold_in", "get_global_generator", "normal", "set_global_generator", "set_seed",
    "shuffle", "split", "stateless_normal", "stateless_truncated_normal", "stateless_uniform", "truncated_normal",
    "uniform",
]  # fmt: skip

__getattr__ = nearest("random")
