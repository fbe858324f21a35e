"""Random draws: TensorFlow's own numbers for the same seeds, from the counter-based generator in the backend.

Every draw is a function of a state (counter and key), which comes from a `Source`: from the seed given to a stateless
draw, from a `Generator`, or from the stream that the global seed and an op's seed name. The last is the one op here
with a memory. No gradient flows to states; it does to means, deviations and bounds.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minitf.backends import kernels
from minitf.dtypes import FLOATS, DType, as_dtype, float32, int32, int64
from minitf.errors import InvalidArgumentError
from minitf.op import Mixed, Op, bracketed
from minitf.ops.array import stack, varies
from minitf.ops.axes import integers, sizes_of
from minitf.ops.math import add, multiply, subtract
from minitf.ops.refusal import refuse
from minitf.recording import entries, thread
from minitf.tensor import Tensor, convert_to_tensor

__all__ = [
    "Algorithm", "fold_in", "normal", "set_seed", "shuffle", "split", "stateless_normal", "stateless_truncated_normal",
    "stateless_uniform", "truncated_normal", "uniform",
]  # fmt: skip

Source = Callable[[Op, Tensor, DType, int], Tensor]  # source(op, sizes, dtype, counters to set aside) -> state

COUNTERS = 256  # set aside for each number of a draw, used or not
_WHOLE = (int32, int64)


class _Stream(Mixed):
    """The op that takes the next state of a stream; while a function is captured it takes none: its program will."""

    __slots__ = ()

    def apply(self, inputs: Sequence[Tensor], arrays: Sequence[Any], attributes: dict[str, Any]) -> Any:
        """Take the state, and tell the recorders."""
        if thread.capture is None:
            return super().apply(inputs, arrays, attributes)
        state = Tensor(np.zeros(3, np.int64))
        for recorder in thread.recorders:
            recorder.record(self, inputs, attributes, state)
        return state


_take_stream = _Stream("take_stream", "RandomStream", stateful=True)
_scramble_seed = Mixed("scramble_seed", "StatelessRandomGetKeyCounter")
_shuffle = Mixed("draw_shuffle", "RandomShuffle")
UNIFORM = Mixed("draw_uniform", "RandomUniform", dtypes=FLOATS)
NORMAL = Mixed("draw_normal", "RandomStandardNormal", dtypes=FLOATS)
TRUNCATED = Mixed("draw_truncated_normal", "TruncatedNormal", dtypes=FLOATS)


class _Bounded(Mixed):
    """The op whose kernel refuses bounds with nothing between them."""

    __slots__ = ()

    def incompatible(self, inputs: Sequence[Tensor]) -> InvalidArgumentError:
        """Build the error for such bounds."""
        low, high = inputs[1].array, inputs[2].array
        return refuse(self.native, f"Need minval < maxval, got {low} >= {high}", "an empty range")


INTEGERS = _Bounded("draw_integers", "RandomUniformInt", dtypes=_WHOLE)


class Algorithm(enum.Enum):
    """The algorithms TensorFlow names; on a CPU both it and minitf draw with Philox only.

    >>> Algorithm.PHILOX
    <Algorithm.PHILOX: 1>
    """

    PHILOX = 1
    THREEFRY = 2
    AUTO_SELECT = 3


def algorithm_number(alg: object) -> int:
    """Read an algorithm: a name, a number or an `Algorithm`; ValueError for all but Philox and the automatic choice.

    >>> algorithm_number("auto_select"), algorithm_number(Algorithm.PHILOX)
    (3, 1)
    """
    for known in (Algorithm.PHILOX, Algorithm.AUTO_SELECT):
        if alg in (known, known.value) or str(alg).upper().replace("-", "_") == known.name:
            return int(known.value)
    raise ValueError(f"Argument `alg` got unsupported value {alg!r}; use 'philox', or leave it out.")


# --- where states come from ------------------------------------------------------------------------------------------


def set_seed(seed: object) -> None:
    """Set the global seed, from which the draws without a seed of their own follow from here on; None unsets it.

    >>> set_seed(1)
    >>> print(uniform([2]))
    tf.Tensor([0.16513085 0.9014813 ], shape=(2,), dtype=float32)
    """
    plain = seed is None or isinstance(seed, (int, float))
    kernels.set_seed(seed if plain else int(convert_to_tensor(seed)))


def _streams(seed: Any) -> Source:
    """Take states from the streams of the global seed: from a new one, or with an op's seed from the one so far."""
    if isinstance(seed, str):
        raise TypeError(f"A seed is an integer, but got {seed!r}; write for example seed=0.")
    number = None if seed is None else int(seed)

    def state(op: Op, sizes: Tensor, dtype: DType, counters: int) -> Tensor:
        # TensorFlow keeps a stream for each kernel, that is for each op with its dtypes and seeds.
        return _take_stream(stream=(op.native, sizes.dtype.name, dtype.name), seed=number, reserve=max(counters, 0))

    return state


def _seeded(seed: object, alg: object = None) -> Source:
    """Take the state from the two integers given to a stateless draw."""

    def state(op: Op, *_: object) -> Tensor:
        algorithm_number(alg or Algorithm.AUTO_SELECT)
        pair = integers(convert_to_tensor(seed, dtype_hint=int64), op.native, "the seed")
        if pair.array.shape != (2,):
            asked = f"seed must have shape [2], not {bracketed(pair.shape)}"
            raise refuse(_scramble_seed.native, asked, pair.array.tolist())
        return _scramble_seed(pair)

    return state


# --- what is drawn ---------------------------------------------------------------------------------------------------


def draw(op: Op, source: Source, shape: object, dtype: DType, *bounds: Tensor) -> Tensor:
    """Draw a tensor; InvalidArgumentError for shapes and dtypes that cannot be drawn, and for an empty range."""
    sizes = integers(shape, op.native, "the shape")
    given = list(shape) if isinstance(shape, (list, tuple)) and varies(shape) else entries(sizes)
    count = math.prod(given) if sizes.ndim == 1 else int(np.prod(sizes.array))
    state = source(op, sizes, dtype, COUNTERS * count)
    if sizes.ndim != 1:
        asked = f"shape must be a vector of {{int32,int64}}, got shape {bracketed(sizes.shape)}"
        raise refuse(op.native, asked, f"the shape {sizes.array}")
    if dtype.numpy not in op.dtypes:
        names = ", ".join(sorted(known.name for known in op.dtypes))
        asked = f"Value for attr 'dtype' of {dtype.native} is not in the list of allowed values: {names}"
        raise refuse(op.native, asked, dtype.name)
    wanted = sizes_of(given, op.native)
    if any(bound.ndim for bound in bounds):
        raise refuse(op.native, "minval and maxval must be 0-D", *bounds)
    return op(state, *bounds, shape=wanted, dtype=dtype.numpy)


def scaled(op: Op, source: Source, shape: object, mean: object, stddev: object, dtype: object) -> Tensor:
    """Draw with op, and scale what is drawn to a mean and a standard deviation."""
    kind = as_dtype(dtype)
    center, width = convert_to_tensor(mean, dtype=kind), convert_to_tensor(stddev, dtype=kind)
    return add(multiply(draw(op, source, shape, kind), width), center)


def between(source: Source, shape: object, minval: object, maxval: object, kind: DType) -> Tensor:
    """Draw evenly between bounds: for integers both may be None, for all there are; for floats None is 1."""
    if kind.is_integer:
        if minval is None and maxval is None:
            return draw(INTEGERS, source, shape, kind)
        if minval is None or maxval is None:
            asked = f"For integer dtype {kind}, minval and maxval must be both `None` or both non-`None`"
            raise ValueError(f"{asked}; got minval={minval} and maxval={maxval}.")
        bounds = [convert_to_tensor(bound, dtype=kind) for bound in (minval, maxval)]
        return draw(INTEGERS, source, shape, kind, *bounds)
    unit = maxval is None or (isinstance(maxval, int) and maxval == 1)
    if unit and isinstance(minval, int) and minval == 0 and kind.is_floating:
        return draw(UNIFORM, source, shape, kind)
    low, high = convert_to_tensor(minval, dtype=kind), convert_to_tensor(1 if unit else maxval, dtype=kind)
    return add(multiply(draw(UNIFORM, source, shape, kind), subtract(high, low)), low)


def _accepted(dtype: object, known: tuple[DType, ...]) -> DType:
    kind = as_dtype(dtype)
    if kind not in known:
        raise ValueError(f"Argument `dtype` got invalid value {kind}. Accepted dtypes are {known}.")
    return kind


def uniform(shape: object, minval: object = 0, maxval: object = None, dtype: object = float32, seed: object = None,
            name: str | None = None) -> Tensor:  # fmt: skip
    """Draw evenly from minval up to but without maxval, which for floats is 1 if not given; floats, int32 or int64.

    ValueError for other dtypes, and for integers without maxval.

    >>> set_seed(1)
    >>> print(uniform([2], 0, 10, tf.int32, seed=5), uniform([2], 0, 10, tf.int32, seed=5))
    tf.Tensor([6 9], shape=(2,), dtype=int32) tf.Tensor([9 1], shape=(2,), dtype=int32)
    """
    kind = _accepted(dtype, FLOATS + _WHOLE)
    if kind.is_integer and maxval is None:
        raise ValueError(f"Must specify maxval for integer dtype {kind!r}; maxval itself is never drawn.")
    return between(_streams(seed), shape, convert_to_tensor(minval) if minval is None else minval, maxval, kind)


def normal(shape: object, mean: object = 0.0, stddev: object = 1.0, dtype: object = float32, seed: object = None,
           name: str | None = None) -> Tensor:  # fmt: skip
    """Draw floats from the normal distribution.

    >>> set_seed(1)
    >>> print(normal([2]).numpy().round(4))
    [-1.1012  1.5458]
    """
    return scaled(NORMAL, _streams(seed), shape, mean, stddev, dtype)


def truncated_normal(shape: object, mean: object = 0.0, stddev: object = 1.0, dtype: object = float32,
                     seed: object = None, name: str | None = None) -> Tensor:  # fmt: skip
    """Draw floats from the normal distribution, each again until it is within two deviations of the mean.

    >>> set_seed(1)
    >>> print(truncated_normal([2]).numpy().round(4))
    [-1.1012  1.5458]
    """
    return scaled(TRUNCATED, _streams(seed), shape, mean, stddev, dtype)


def shuffle(value: object, seed: object = None, name: str | None = None) -> Tensor:
    """Put the entries along the first axis into a random order.

    >>> set_seed(3)
    >>> print(shuffle(tf.range(9)))
    tf.Tensor([7 2 4 0 8 6 5 3 1], shape=(9,), dtype=int32)
    """
    tensor = convert_to_tensor(value)
    counters = (tensor.sizes[0] + 2) // 4 if tensor.ndim and tensor.array.size else 0
    return _shuffle(_streams(seed)(_shuffle, tensor, tensor.dtype, counters), tensor)


def stateless_uniform(shape: object, seed: object, minval: object = 0, maxval: object = None, dtype: object = float32,
                      name: str | None = None, alg: object = "auto_select") -> Tensor:  # fmt: skip
    """Draw as `uniform` does, from nothing but two integers as the seed; integers may be all there are, without bounds.

    >>> print(stateless_uniform([2], seed=[1, 2]))
    tf.Tensor([0.8440604  0.19204533], shape=(2,), dtype=float32)
    """
    return between(_seeded(seed, alg), shape, minval, maxval, _accepted(dtype, FLOATS + _WHOLE))


def stateless_normal(shape: object, seed: object, mean: object = 0.0, stddev: object = 1.0, dtype: object = float32,
                     name: str | None = None, alg: object = "auto_select") -> Tensor:  # fmt: skip
    """Draw as `normal` does, from nothing but two integers as the seed.

    >>> print(stateless_normal([2], seed=[1, 2]).numpy().round(4))
    [0.5441 0.2074]
    """
    return scaled(NORMAL, _seeded(seed, alg), shape, mean, stddev, dtype)


def stateless_truncated_normal(shape: object, seed: object, mean: object = 0.0, stddev: object = 1.0,
                               dtype: object = float32, name: str | None = None,
                               alg: object = "auto_select") -> Tensor:  # fmt: skip
    """Draw as `truncated_normal` does, from nothing but two integers as the seed.

    >>> print(stateless_truncated_normal([2], seed=[1, 2]).numpy().round(4))
    [0.5441 0.2074]
    """
    return scaled(TRUNCATED, _seeded(seed, alg), shape, mean, stddev, dtype)


def split(seed: object, num: object = 2, alg: object = "auto_select") -> Tensor:
    """Make `num` new seeds from one.

    >>> print(split([1, 2]))
    tf.Tensor(
    [[1105988140 1738052849]
     [-335576002  370444179]], shape=(2, 2), dtype=int32)
    """
    pair = convert_to_tensor(seed)
    return stateless_uniform([num, 2], pair, None, None, pair.dtype, alg=alg)


def fold_in(seed: object, data: object, alg: object = "auto_select") -> Tensor:
    """Make a new seed from a seed and a number, such as that of a step.

    >>> print(fold_in([1, 2], 3))
    tf.Tensor([1105988140          3], shape=(2,), dtype=int32)
    """
    number = convert_to_tensor(data)
    return stack([stateless_uniform([], seed, None, None, number.dtype, alg=alg), number])
