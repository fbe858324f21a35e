"""Kernels that draw random numbers on TensorFlow's runtime: those of NumPy's kernels, bit for bit up to the normals.

Where ops run one by one, TensorFlow's own do it. XLA draws the same bits as they do, but makes other floats of them; so
a program makes its floats of the bits as `minitf.backends.numpy.random` says, which has the reasons. Normals differ
from NumPy's in the last digit now and then.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import DTypeLike

from minitf.backends.numpy import random as of_numpy
from minitf.backends.tensorflow.arrays import NUMBERS, EagerTensor
from minitf.backends.tensorflow.making import HOST, in_programs, kernel, launched, number, numbers

__all__ = [
    "draw_integers", "draw_normal", "draw_shuffle", "draw_truncated_normal", "draw_uniform", "scramble_seed",
    "skip_ahead",
]  # fmt: skip

Shape = tuple[int, ...]
Tensor = Any  # TensorFlow's

_bits = launched("StatelessRandomUniformFullIntV2")
_integers = launched("StatelessRandomUniformIntV2")
_normal = launched("StatelessRandomNormalV2")
_truncated_normal = launched("StatelessTruncatedNormalV2")
_uniform = launched("StatelessRandomUniformV2")
_PHILOX = 1
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)


@functools.cache
def _scrambling_key() -> Tensor:
    return EagerTensor(np.array([0x02461E293EC8F720], np.uint64), HOST, None)


def _source(state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return key, counter and algorithm as TensorFlow's ops take them."""
    if type(state) is EagerTensor:
        words = state.numpy().view(np.uint64)
        return EagerTensor(words[2:], HOST, None), EagerTensor(words[:2], HOST, None), number(_PHILOX)
    words = tf.bitcast(state, tf.uint64)
    return words[2:], words[:2], number(_PHILOX)


# --- in programs ------------------------------------------------------------------------------------------------------


def _philox(state: Tensor, offsets: Tensor) -> Tensor:
    """Return the four words of the counter plus each offset: uint32, shape (offsets, 4)."""
    low, high, key = tf.unstack(tf.bitcast(state, tf.uint64))
    keys = tf.stack([key & _LOW, _upper(key)])[:, None]
    counter = low + offsets
    halves = tf.stack([counter, high + tf.cast(counter < low, tf.uint64)])
    x, y = halves & _LOW, _upper(halves)
    for step in of_numpy._KEY_STEPS:
        product = tf.reverse(x * of_numpy._MULTIPLIERS, [0])
        x, y = _upper(product) ^ y ^ (keys + step & _LOW), product & _LOW
    return tf.cast(tf.transpose(tf.reshape(tf.stack([x, y], 1), [4, -1])), tf.uint32)


def _upper(words: Tensor) -> Tensor:
    return tf.bitwise.right_shift(words, _HALF)


def _fractions(words: Tensor, dtype: tf.DType) -> Tensor:
    """Make floats in [0, 1), as fine as the dtype has digits, from the lowest bits of the words or of each two."""
    if dtype.size == 8:
        words = tf.cast(words, tf.uint64)
        words = tf.bitwise.left_shift(words[:, ::2], _HALF) | words[:, 1::2]
    digits = {"bfloat16": 7, "float16": 10, "float32": 23, "float64": 52}[dtype.name]
    return tf.cast(words & (2**digits - 1), dtype) * tf.constant(2.0**-digits, dtype)


def _normals(words: Tensor, dtype: tf.DType) -> Tensor:
    """Make pairs of normals from pairs of fractions; those of 16 bits are computed in float32."""
    dtype = dtype if dtype.size > 2 else tf.float32
    fractions = _fractions(words, dtype)
    log = tf.cast(tf.math.log(tf.cast(tf.maximum(fractions[:, ::2], 1e-7), tf.float64)), dtype)
    angle = tf.cast(tf.cast(2 * math.pi * tf.cast(fractions[:, 1::2], tf.float64), dtype), tf.float64)
    radius = tf.sqrt(-2 * log)
    pairs = tf.stack([tf.cast(tf.sin(angle), dtype) * radius, tf.cast(tf.cos(angle), dtype) * radius], -1)
    return tf.reshape(pairs, fractions.shape)


def _truncated(state: Tensor, groups: int, dtype: tf.DType) -> Tensor:
    """Fill groups of numbers from their stretches of the stream, round by round, until all are full."""
    size = 2 if dtype.size == 8 else 4
    starts = tf.cast(tf.range(groups), tf.uint64) * (64 * size)
    wide = dtype if dtype.size > 2 else tf.float32

    def draw(round: Tensor, filled: Tensor, result: Tensor) -> Any:
        normals = _normals(_philox(state, starts + tf.cast(round, tf.uint64)), wide)
        good = tf.abs(normals) < 2
        place = filled + tf.cumsum(tf.cast(good, tf.int32), 1) - 1
        chosen = good[:, None] & (place[:, None] == tf.range(size)[:, None])
        drawn = tf.reduce_sum(tf.where(chosen, normals[:, None], tf.zeros([], wide)), -1)
        return round + 1, filled + tf.math.count_nonzero(good, 1, True, tf.int32), result + drawn

    start = (tf.constant(0), tf.zeros([groups, 1], tf.int32), tf.zeros([groups, size], wide))
    return tf.while_loop(lambda _, filled, __: tf.reduce_any(filled < size), draw, start)[2]


def _shaped(groups: Tensor, shape: Shape, dtype: tf.DType) -> Tensor:
    """Take the numbers of groups one after the other."""
    return tf.cast(tf.reshape(tf.reshape(groups, [-1])[: math.prod(shape)], shape), dtype)


def _groups(shape: Shape, dtype: tf.DType) -> int:
    """Return how many groups of four words, that is four numbers, or two of 64 bits, fill a shape."""
    return -(-math.prod(shape) // (2 if dtype.size == 8 else 4))


def _words(state: Tensor, groups: int) -> Tensor:
    key, counter, algorithm = _source(state)
    return tf.reshape(_bits(numbers(4 * groups), key, counter, algorithm, dtype=tf.uint32), [groups, 4])


# --- draws ------------------------------------------------------------------------------------------------------------


@kernel
def draw_uniform(state: Tensor, *, shape: Shape, dtype: DTypeLike) -> Tensor:
    """Floats in [0, 1)."""
    if type(state) is EagerTensor:
        return _uniform(numbers(*shape), *_source(state), dtype=NUMBERS[np.dtype(dtype)])
    kind = tf.as_dtype(dtype)
    return _shaped(_fractions(_words(state, _groups(shape, kind)), kind), shape, kind)


@kernel
def draw_integers(state: Tensor, *bounds: Tensor, shape: Shape, dtype: DTypeLike) -> Tensor:
    """Integers from the first bound up to but without the second; all the dtype has if there are no bounds."""
    if bounds:
        return _integers(numbers(*shape), *_source(state), *bounds)
    return _bits(numbers(*shape), *_source(state), dtype=NUMBERS[np.dtype(dtype)])


@kernel
def draw_normal(state: Tensor, *, shape: Shape, dtype: DTypeLike) -> Tensor:
    """Floats of mean 0 and standard deviation 1."""
    if type(state) is EagerTensor:
        return _normal(numbers(*shape), *_source(state), dtype=NUMBERS[np.dtype(dtype)])
    kind = tf.as_dtype(dtype)
    return _shaped(_normals(_words(state, _groups(shape, kind)), kind), shape, kind)


@kernel
def draw_truncated_normal(state: Tensor, *, shape: Shape, dtype: DTypeLike) -> Tensor:
    """Normals without those beyond 2: each group draws from its own stretch of the stream until it is full."""
    if type(state) is EagerTensor:
        return _truncated_normal(numbers(*shape), *_source(state), dtype=NUMBERS[np.dtype(dtype)])
    kind = tf.as_dtype(dtype)
    return _shaped(_truncated(state, _groups(shape, kind), kind), shape, kind)


@in_programs
def draw_shuffle(state: Tensor, value: Tensor) -> Tensor:
    """Reorder the first axis: entry i changes places with one of the entries from i on (Fisher and Yates, 1938)."""
    if not value.shape.rank or value.shape[0] in (0, 1):
        return value
    count = tf.shape(value, tf.int64)[0] if value.shape[0] is None else value.shape[0]
    left = tf.range(count, 1, -1, tf.int64)
    drawn = tf.reshape(_words(state, -(-(count - 1) // 4)), [-1])[: count - 1]
    others = tf.range(count - 1, dtype=tf.int64) + tf.cast(drawn, tf.int64) % left

    def swap(i: Tensor, order: Tensor) -> Any:
        pair = tf.stack([i, others[i]])
        return i + 1, tf.tensor_scatter_nd_update(order, pair[:, None], tf.gather(order, pair[::-1]))

    start = (tf.constant(0, tf.int64), tf.range(count, dtype=tf.int64))
    return tf.gather(value, tf.while_loop(lambda i, _: i < count - 1, swap, start)[1])


# --- states -----------------------------------------------------------------------------------------------------------


@kernel
def scramble_seed(seed: Tensor) -> Tensor:
    """Make a state from two integers, by one draw with them as the counter and a fixed key."""
    if type(seed) is EagerTensor:
        counter = EagerTensor(seed.numpy().astype(np.int64).view(np.uint64), HOST, None)
        mixed = _bits(
            numbers(2), _scrambling_key(), counter, number(_PHILOX), dtype=NUMBERS[np.dtype(np.int64)]
        ).numpy()
        return EagerTensor(np.array([0, *mixed[::-1]]), HOST, None)
    counter = tf.bitcast(tf.cast(seed, tf.int64), tf.uint64)
    mixed = _bits(numbers(2), _scrambling_key(), counter, number(_PHILOX), dtype=tf.int64)
    return tf.concat([[0], mixed[::-1]], 0)


@in_programs
def skip_ahead(state: Tensor, count: Tensor, *, each: int) -> Tensor:
    """Return the state whose counter is larger by `count * each`; a negative number steps back in the low half."""
    low, high, key = tf.unstack(tf.bitcast(state, tf.uint64))
    count = tf.cast(count, tf.int64) * each
    moved = low + tf.bitcast(count, tf.uint64)
    carried = high + tf.cast((count > 0) & (moved < low), tf.uint64)
    return tf.bitcast(tf.stack([moved, carried, key]), tf.int64)
