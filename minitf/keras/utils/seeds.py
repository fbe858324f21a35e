"""set_random_seed: every draw of a program begun anew."""

from __future__ import annotations

import random

import numpy as np

import minitf as tf
from minitf.keras.random import forget_global_seed_generator

__all__ = ["set_random_seed"]


def set_random_seed(seed: int) -> None:
    """Seed Python's, NumPy's and minitf's random numbers, and those of layers that are made from here on.

    What is drawn then is what Keras draws after the same call. ValueError for what is no integer.

    >>> set_random_seed(1)
    >>> first = tf.keras.initializers.GlorotUniform()((2,)).numpy()
    >>> set_random_seed(1)
    >>> bool((tf.keras.initializers.GlorotUniform()((2,)).numpy() == first).all())
    True
    """
    if not isinstance(seed, int):
        got = f"Received: seed={seed} (of type {type(seed)})"
        raise ValueError(f"Expected `seed` argument to be an integer. {got}; write int(seed).")
    random.seed(seed)
    np.random.seed(seed)
    tf.random.set_seed(seed)
    forget_global_seed_generator()
