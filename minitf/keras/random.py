"""`keras.random`: draws that are Keras's own for the same seed, which is a number or a `SeedGenerator`.

A number gives the same draw each time. A SeedGenerator holds a state in a variable, which each draw moves on; so a
captured training step draws anew in each run.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import minitf as tf
from minitf import Tensor
from minitf.distribute.replica import own_seed
from minitf.keras import registry, variable
from minitf.keras.backend import floatx
from minitf.keras.naming import unique_name
from minitf.names import nearest
from minitf.ops.layers import stateless_dropout

__all__ = ["SeedGenerator", "dropout", "normal", "randint", "shuffle", "truncated_normal", "uniform"]

__getattr__ = nearest("keras.random")

_LARGEST = 2**31 - 2  # seeds count modulo this number, and then fit int32, which Keras draws with


def make_default_seed() -> int:
    """Draw a seed from Python's generator, which `keras.utils.set_random_seed` seeds too."""
    return random.randint(1, int(1e9))


class SeedGenerator:
    """Makes a row of seeds from one; ValueError if that is no integer.

    `state` is the variable behind it: the first seed, and how many were taken.

    >>> seeds = SeedGenerator(7)
    >>> print(seeds.next().numpy(), seeds.next().numpy())
    [7 0] [7 1]
    """

    def __init__(self, seed: int | None = None, name: str | None = None, **kwargs: Any) -> None:
        """Take the first seed, which is drawn if there is none."""
        kwargs.pop("backend", None)
        if kwargs:
            raise ValueError(f"Unrecognized keyword arguments: {kwargs}; a SeedGenerator takes a seed and a name.")
        self.name = unique_name("seed_generator") if name is None else name
        self._initial_seed = seed
        first = make_default_seed() if seed is None else seed
        if not isinstance(first, int):
            raise ValueError(f"Argument `seed` must be an integer. Received: seed={seed}")
        with variable.inside(self.name):
            self.state = variable.Variable([first, 0], dtype="int64", trainable=False, name="seed_generator_state")

    def next(self, ordered: bool = True) -> Tensor:
        """Return the state, and count one further; not `ordered` goes to another first seed instead."""
        now = self.state.value()
        if ordered:
            self.state.assign_add([0, 1])
        else:
            self.state.assign((now + 1) * 5387 % 933199)
        return own_seed(now)

    def get_config(self) -> dict[str, Any]:
        """Return the seed and the name."""
        return {"seed": self._initial_seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        """Make one from its config."""
        return cls(**config)


registry.export("keras.random", SeedGenerator)
_everyones: list[SeedGenerator] = []


def global_seed_generator() -> SeedGenerator:
    """Return the generator for draws without a seed; made at the first of them.

    >>> global_seed_generator() is global_seed_generator()
    True
    """
    if not _everyones:
        _everyones.append(SeedGenerator())
    return _everyones[0]


def forget_global_seed_generator() -> None:
    """Let the next draw without a seed begin with another default seed, as `keras.utils.set_random_seed` wants it."""
    _everyones.clear()


def draw_seed(seed: int | SeedGenerator | None) -> Tensor:
    """Return the two integers for a stateless draw; ValueError for what is no seed.

    >>> print(draw_seed(5).numpy())
    [5 0]
    """
    if isinstance(seed, int):
        return tf.constant([seed % _LARGEST, 0], "int64")
    if seed is None:
        return global_seed_generator().next(ordered=False)
    if isinstance(seed, SeedGenerator):
        return tf.math.floormod(seed.next(), _LARGEST)
    kinds = "Argument `seed` must be either an integer or an instance of `SeedGenerator`."
    raise ValueError(f"{kinds} Received: seed={seed} (of type {type(seed)})")


# --- draws ------------------------------------------------------------------------------------------------------------


def normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None) -> Tensor:
    """Draw floats from the normal distribution.

    >>> print(normal((2,), seed=1).numpy().round(4))
    [ 0.1267 -0.493 ]
    """
    return tf.random.stateless_normal(shape, draw_seed(seed), mean, stddev, dtype or floatx())


def truncated_normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None) -> Tensor:
    """Draw floats from the normal distribution, each again until it is within two deviations of the mean."""
    return tf.random.stateless_truncated_normal(shape, draw_seed(seed), mean, stddev, dtype or floatx())


def uniform(shape: Any, minval: Any = 0.0, maxval: Any = 1.0, dtype: Any = None, seed: Any = None) -> Tensor:
    """Draw floats evenly from minval up to but without maxval; ValueError for a dtype of integers.

    >>> bool((uniform((100,), seed=1) < 1).numpy().all())
    True
    """
    if dtype and not tf.as_dtype(dtype).is_floating:
        raise ValueError(f"`keras.random.uniform` requires a floating point `dtype`. Received: dtype={dtype}")
    kind = tf.as_dtype(dtype or floatx())
    low, high = tf.cast(minval, kind), tf.cast(maxval, kind)
    return tf.random.stateless_uniform(shape, draw_seed(seed), low, high, kind)


def randint(shape: Any, minval: Any, maxval: Any, dtype: Any = "int32", seed: Any = None) -> Tensor:
    """Draw integers from minval up to but without maxval; ValueError for a dtype of floats."""
    kind = tf.as_dtype(dtype)
    if not kind.is_integer:
        raise ValueError(f"`keras.random.randint` requires an integer `dtype`. Received: dtype={dtype}")
    drawn = kind if kind in (tf.int32, tf.int64) else tf.int64
    return tf.cast(tf.random.stateless_uniform(shape, draw_seed(seed), minval, maxval, drawn), kind)


def dropout(inputs: Any, rate: float, noise_shape: Sequence[int | None] | None = None, seed: Any = None) -> Tensor:
    """Set entries to 0 with probability `rate`, and scale the others up so that the expected sum stays.

    One draw decides for each entry of `noise_shape`, which broadcasts to x; None in it stands for the size in x. After
    Srivastava et al., 2014.

    >>> print(dropout(tf.ones((6,)), 0.5, seed=1))
    tf.Tensor([2. 0. 2. 0. 0. 0.], shape=(6,), dtype=float32)
    """
    if rate == 1.0:
        return tf.zeros_like(inputs)
    if rate == 0.0:
        return tf.convert_to_tensor(inputs)
    return stateless_dropout(inputs, rate, draw_seed(seed), noise_shape)


def shuffle(x: Any, axis: int = 0, seed: Any = None) -> Tensor:
    """Put the entries along an axis into a random order."""
    value = tf.convert_to_tensor(x)
    keys = tf.random.stateless_uniform([value.sizes[axis]], draw_seed(seed))
    return tf.gather(value, tf.argsort(keys), axis=axis)
