"""Kernels that draw random numbers: a counter-based generator, and what is made of its bits.

Philox turns a counter and a key into four random words of 32 bits, by ten rounds of multiplying and mixing. There is no
other state: draw number n of a stream is philox(n, key), so that a draw can begin anywhere and fill a whole array at
once (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011). A `state` here is an array
of three int64: low and high half of a 128-bit counter, and the key. The numbers and their order are TensorFlow's.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]

_MULTIPLIERS = np.array([[0xD2511F53], [0xCD9E8D57]], np.uint64)
# The key grows by the fractions of the golden ratio and of the square root of 3 from round to round.
_KEY_STEPS = np.arange(10, dtype=np.uint64)[:, None, None] * np.array([[0x9E3779B9], [0xBB67AE85]], np.uint64)
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)
_BLOCK = 8192  # counters at a time, so that the rounds stay in the cache
_LAST = 2**31 - 1  # seeds are read modulo this


def philox(state: Array, offsets: Array) -> Array:
    """Return the four words of the counter plus each offset: uint32, shape (offsets, 4)."""
    low, high, key = state.astype(np.uint64)
    keys = np.array([[key & _LOW], [key >> _HALF]]) + _KEY_STEPS & _LOW
    words = np.empty((offsets.size, 4), np.uint32)
    for start in range(0, offsets.size, _BLOCK):
        block = slice(start, start + _BLOCK)
        counter = low + offsets[block]
        halves = np.stack([counter, high + (counter < low)])
        x, y = halves & _LOW, halves >> _HALF  # words 0 and 2 of the counters; words 1 and 3
        for round_key in keys:
            product = (x * _MULTIPLIERS)[::-1]
            x, y = (product >> _HALF) ^ y ^ round_key, product & _LOW
        words[block, ::2], words[block, 1::2] = x.T, y.T
    return words


def _drawn(make: Callable[[Array, np.dtype[Any]], Array], state: Array, shape: Shape, dtype: DTypeLike) -> Array:
    """Fill a shape with what `make` makes of each group of four words: four numbers, or two of 64 bits."""
    dtype, count = np.dtype(dtype), int(np.prod(shape))
    groups = -(-count // _per_group(dtype))
    return make(philox(state, np.arange(groups, dtype=np.uint64)), dtype).reshape(-1)[:count].reshape(shape)


def _per_group(dtype: np.dtype[Any]) -> int:
    return 2 if dtype.itemsize == 8 else 4


def _integers(words: Array, dtype: np.dtype[Any]) -> Array:
    """Take the words, or each two of them, as integers with all their bits."""
    if dtype.itemsize == 8:
        words = words.astype(np.uint64)
        words = words[:, ::2] | words[:, 1::2] << _HALF
    return words.view(dtype)


def _fractions(words: Array, dtype: np.dtype[Any]) -> Array:
    """Make floats in [0, 1), as fine as the dtype has digits, from the lowest bits of the words or of each two."""
    if dtype.itemsize == 8:
        words = words.astype(np.uint64)
        words = words[:, ::2] << _HALF | words[:, 1::2]
    digits = np.finfo(dtype).nmant if dtype.kind == "f" else 7  # of bfloat16
    fractions: Array = (words & words.dtype.type(2**digits - 1)).astype(dtype) * dtype.type(2.0**-digits)
    return fractions


def _normals(words: Array, dtype: np.dtype[Any]) -> Array:
    """Make pairs of normals from pairs of fractions (Box and Muller, 1958); float16 is computed in float32.

    Each function is computed in 64 bits and rounded to the dtype, which is what TensorFlow's nearly exact ones give.
    """
    normals = _fractions(words, dtype if dtype.itemsize > 2 else np.dtype(np.float32))
    of = normals.dtype.type
    log = np.log(np.maximum(normals[:, ::2], of(1e-7)), dtype=np.float64).astype(of)
    angle = (2 * np.pi * normals[:, 1::2].astype(np.float64)).astype(of).astype(np.float64)
    radius = np.sqrt(of(-2) * log)
    normals[:, ::2] = np.sin(angle).astype(of) * radius
    normals[:, 1::2] = np.cos(angle).astype(of) * radius
    return normals


def draw_uniform(state: Array, *, shape: Shape, dtype: DTypeLike) -> Array:
    """Floats in [0, 1)."""
    return _drawn(_fractions, state, shape, dtype)


def draw_integers(state: Array, *bounds: Array, shape: Shape, dtype: DTypeLike) -> Array:
    """Integers from the first bound up to but without the second; all the dtype has if there are no bounds.

    ValueError if there is none between the bounds.
    They are remainders, so they are slightly uneven unless the span is a power of two.
    """
    unsigned = np.dtype(f"u{np.dtype(dtype)}")
    drawn = _drawn(_integers, state, shape, unsigned)
    if bounds:
        if drawn.size and not bounds[0] < bounds[1]:
            raise ValueError
        start, stop = (bound.astype(unsigned) for bound in bounds)
        drawn = np.asarray(start + drawn % (stop - start))
    return drawn.view(dtype)


def draw_normal(state: Array, *, shape: Shape, dtype: DTypeLike) -> Array:
    """Floats of mean 0 and standard deviation 1."""
    return _drawn(_normals, state, shape, dtype).astype(dtype, copy=False)


def draw_truncated_normal(state: Array, *, shape: Shape, dtype: DTypeLike) -> Array:
    """Normals without those beyond 2: each group draws from its own stretch of the stream until it is full."""
    dtype, count = np.dtype(dtype), int(np.prod(shape))
    size, rounds = _per_group(dtype), 1
    stretch = 64 * size  # 256 words set aside for each number
    waiting = np.arange(-(-count // size), dtype=np.uint64)
    result = np.empty((waiting.size, size), dtype)
    while waiting.size:
        offsets = waiting[:, None] * np.uint64(stretch) + np.arange(rounds, dtype=np.uint64)
        normals = _normals(philox(state, offsets.reshape(-1)), dtype).reshape(waiting.size, -1)
        good = np.abs(normals) < 2
        full = good.sum(axis=1) >= size
        first = np.argsort(~good, axis=1, kind="stable")[:, :size]
        result[waiting[full]] = np.take_along_axis(normals, first, axis=1)[full]
        waiting, rounds = waiting[~full], 2 * rounds
    return result.reshape(-1)[:count].reshape(shape)


def draw_shuffle(state: Array, value: Array) -> Array:
    """Reorder the first axis: entry i changes places with one of the entries from i on (Fisher and Yates, 1938)."""
    if value.ndim == 0 or len(value) < 2:
        return value
    order, left = list(range(len(value))), np.arange(len(value), 1, -1, dtype=np.uint32)
    for i, step in enumerate((_drawn(_integers, state, left.shape, np.uint32) % left).tolist()):
        order[i], order[i + step] = order[i + step], order[i]
    return value[order]


# --- states ----------------------------------------------------------------------------------------------------------


def scramble_seed(seed: Array) -> Array:
    """Make a state from two integers, by one draw with them as the counter and a fixed key."""
    mixed = philox(np.array([*seed.astype(np.int64), 0x02461E293EC8F720]), np.zeros(1, np.uint64))
    key, counter = _integers(mixed, np.dtype(np.int64))[0]
    return np.array([0, counter, key])


def skip_ahead(state: Array, count: Array, *, each: int) -> Array:
    """Return the state whose counter is larger by `count * each`; a negative number steps back in the low half."""
    low, high, key = state.astype(np.uint64)
    count = np.multiply(count, each, dtype=np.int64)
    moved = low + count.astype(np.uint64)
    return np.array([moved, high + np.uint64(count > 0 and moved < low), key]).astype(np.int64)


class Streams:
    """Where the draws without a state of their own stand: the global seed, and how far each stream has come."""

    def __init__(self, seed: float | None = None) -> None:
        """Begin anew; without a seed, draws differ in every process."""
        self.seed = seed
        self.seeds = Random(seed)
        self.positions: dict[tuple[object, ...], int] = {}

    def take(self, stream: tuple[str, ...], seed: int | None, reserve: int) -> Array:
        """Return the state to draw from: a new one without an op's seed, else where that seed's stream stands."""
        if self.seed is None and seed is None:
            return np.frombuffer(os.urandom(24), np.int64)
        pair = [87654321 if self.seed is None else self.seed, self.seeds.randint(0, _LAST) if seed is None else seed]
        key, half = (int(number % _LAST) for number in pair)
        half = half if key or half else _LAST
        position = 0
        if seed is not None:
            position = self.positions.get((stream, key, half), 0)
            self.positions[stream, key, half] = position + reserve
        return np.array([position, half, key])


_streams = Streams()


def set_seed(seed: float | None) -> None:
    """Set the global seed, and begin all streams anew."""
    global _streams
    _streams = Streams(seed)


def take_stream(*, stream: tuple[str, ...], seed: int | None, reserve: int) -> Array:
    """Return the state from which a draw without a state of its own takes its numbers."""
    return _streams.take(stream, seed, reserve)
