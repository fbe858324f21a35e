"""`tf.random.experimental`: public names only."""

# ruff: isort: skip_file

from minitf.generator import Generator, create_rng_state, get_global_generator, set_global_generator
from minitf.names import nearest
from minitf.ops.random import Algorithm, fold_in as stateless_fold_in, split as stateless_split, stateless_shuffle

__all__ = [
    "Algorithm", "Generator", "create_rng_state", "get_global_generator", "set_global_generator", "stateless_fold_in",
    "stateless_shuffle", "stateless_split",
]  # fmt: skip

__getattr__ = nearest("random.experimental")
