"""Generator: random draws whose state is a variable, so that it can be kept, copied, split and saved.

A state is a counter of 128 bits and a key: three int64, the key last. A draw moves the counter on by 256 for each
number, which is more than it uses; so draws never overlap.
"""

from __future__ import annotations

import os

import numpy as np

from minitf.dtypes import DType, as_dtype, float32, int64
from minitf.op import Mixed, Op
from minitf.ops import random
from minitf.ops.array import cast, concat, reshape, stack, unstack
from minitf.ops.making import constant, zeros, zeros_like
from minitf.saving.trackable import Trackable
from minitf.tensor import Tensor
from minitf.variable import Variable

__all__ = ["Generator", "get_global_generator", "set_global_generator"]

_SIZE = 3

_skip_ahead = Mixed("skip_ahead", "RngReadAndSkip")


def _state_from(seed: object) -> Tensor:
    """Make a state from an integer or a list of integers."""
    if isinstance(seed, int):
        seed = np.frombuffer((seed % 2 ** (64 * _SIZE)).to_bytes(8 * _SIZE, "little"), np.int64)
    given = reshape(cast(seed, int64), [-1])[:_SIZE]
    return concat([zeros([_SIZE - given.sizes[0]], int64), given], 0)


class Generator(Trackable):
    """A source of random numbers with its own state, made by `from_seed` and its like.

    >>> generator = Generator.from_seed(1)
    >>> print(generator.uniform([2]), generator.state.numpy())
    tf.Tensor([0.78749514 0.3906511 ], shape=(2,), dtype=float32) [513   0   0]
    """

    def __init__(self, copy_from: Generator | None = None, state: object = None, alg: object = None) -> None:
        """Copy a generator, or begin at a state; a variable given as the state is shared, not copied."""
        if copy_from is not None:
            state, alg = copy_from.state.read_value(), copy_from.algorithm
        if state is None or alg is None:
            raise AssertionError("A generator needs a state and an algorithm; use tf.random.Generator.from_seed(seed).")
        self.algorithm: int = random.algorithm_number(alg)
        self.state: Variable = (
            state if isinstance(state, Variable) else Variable(_checked(state), False, name="StateVar")
        )

    @classmethod
    def from_state(cls, state: object, alg: object) -> Generator:
        """Make a generator that begins at a state."""
        return cls(state=state, alg=alg)

    @classmethod
    def from_seed(cls, seed: object, alg: object = None) -> Generator:
        """Make a generator from an integer or a list of integers."""
        return cls(state=_state_from(seed), alg=alg or random.Algorithm.PHILOX)

    @classmethod
    def from_non_deterministic_state(cls, alg: object = None) -> Generator:
        """Make a generator whose numbers nobody can foresee."""
        return cls(state=constant(np.frombuffer(os.urandom(8 * _SIZE), np.int64)), alg=alg or random.Algorithm.PHILOX)

    def _trackable_children(self) -> dict[str, Variable]:
        return {"_state_var": self.state}

    @property
    def key(self) -> Tensor:
        """The part of the state that tells this generator's stream from others."""
        return self.state[-1]

    def reset(self, state: object) -> None:
        """Go to a state."""
        self.state.assign(_checked(state))

    def reset_from_seed(self, seed: object) -> None:
        """Go to where `from_seed` begins."""
        self.state.assign(_state_from(seed))

    def skip(self, delta: object) -> Tensor:
        """Move on as if `delta` numbers were drawn; returns the state before."""
        return self._skip(reshape(cast(delta, int64), []), random.COUNTERS)

    def _skip(self, count: Tensor, each: int) -> Tensor:
        before = self.state.read_value()
        self.state.assign(_skip_ahead(before, count, each=each))
        return before

    def _source(self, op: Op, sizes: Tensor, dtype: DType, counters: int) -> Tensor:
        return self._skip(constant(1, int64), counters)

    def uniform(self, shape: object, minval: object = 0, maxval: object = None, dtype: object = float32,
                name: str | None = None) -> Tensor:  # fmt: skip
        """Draw evenly from minval up to but without maxval; integers may be all there are, without bounds."""
        return random.between(self._source, shape, minval, maxval, as_dtype(dtype))

    def uniform_full_int(self, shape: object, dtype: object = int64, name: str | None = None) -> Tensor:
        """Draw evenly from all integers of the dtype; TensorFlow's default, uint64, is not here."""
        return random.draw(random.INTEGERS, self._source, shape, as_dtype(dtype))

    def normal(self, shape: object, mean: object = 0.0, stddev: object = 1.0, dtype: object = float32,
               name: str | None = None) -> Tensor:  # fmt: skip
        """Draw from the normal distribution."""
        return random.scaled(random.NORMAL, self._source, shape, mean, stddev, dtype)

    def truncated_normal(self, shape: object, mean: object = 0.0, stddev: object = 1.0, dtype: object = float32,
                         name: str | None = None) -> Tensor:  # fmt: skip
        """Draw from the normal distribution without what is more than two deviations from the mean."""
        return random.scaled(random.TRUNCATED, self._source, shape, mean, stddev, dtype)

    def make_seeds(self, count: object = 1) -> Tensor:
        """Draw seeds for the stateless functions, one in each of `count` columns."""
        keys = self.uniform_full_int([count])
        return stack([keys, zeros_like(keys)])

    def split(self, count: object = 1) -> list[Generator]:
        """Make generators with streams of their own."""
        return [Generator(state=[0, 0, key], alg=self.algorithm) for key in unstack(self.uniform_full_int([count]))]


def _checked(value: object) -> Tensor:
    state = cast(value, int64)
    if state.array.shape != (_SIZE,):
        raise ValueError(f"Shapes {state.shape} and [3] are incompatible: a state is three integers, the key last.")
    return state


_global_generator: Generator | None = None


def get_global_generator() -> Generator:
    """Return the generator shared by all who ask here; at first one from an unforeseeable state.

    >>> get_global_generator() is get_global_generator()
    True
    """
    global _global_generator
    _global_generator = _global_generator or Generator.from_non_deterministic_state()
    return _global_generator


def set_global_generator(generator: Generator) -> None:
    """Make a generator the one that `get_global_generator` returns.

    >>> set_global_generator(Generator.from_seed(7))
    >>> get_global_generator().state.numpy()
    array([7, 0, 0])
    """
    global _global_generator
    _global_generator = generator
