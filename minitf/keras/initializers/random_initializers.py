"""The initializers that draw. Their seed makes each call of one give the same values, unless it is a SeedGenerator."""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np

import minitf as tf
from minitf import Tensor
from minitf.keras import random, registry
from minitf.keras.backend import floatx
from minitf.keras.initializers.initializer import Initializer

__all__ = [
    "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform", "Orthogonal",
    "RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling", "compute_fans",
]  # fmt: skip

_WITHIN_TWO = 0.87962566103423978  # standard deviation of a normal draw that is within two deviations


class RandomInitializer(Initializer):
    """An initializer with a seed: a number, a SeedGenerator or its config; ValueError for anything else."""

    def __init__(self, seed: Any = None) -> None:
        """Take the seed; one is drawn if there is none."""
        self._init_seed = seed
        if isinstance(seed, dict):
            seed = registry.deserialize_keras_object(seed)
        elif seed is not None and not isinstance(seed, int | random.SeedGenerator):
            asked = "`seed` argument should be an instance of `keras.random.SeedGenerator()` or an integer."
            raise ValueError(f"{asked} Received: seed={seed}")
        self.seed = random.make_default_seed() if seed is None else seed

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one, with the seed that was given."""
        return {"seed": registry.serialize_keras_object(self._init_seed), **super().get_config()}


class _Normal(RandomInitializer):
    _names = ("mean", "stddev")

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        """Take the mean, the standard deviation and a seed."""
        self.mean, self.stddev = mean, stddev
        super().__init__(seed)


class RandomNormal(_Normal):
    """Draws from the normal distribution.

    >>> print(RandomNormal(seed=1)((2,)).numpy().round(4))
    [ 0.0063 -0.0247]
    """

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Draw a tensor."""
        return random.normal(shape, self.mean, self.stddev, dtype, self.seed)


class TruncatedNormal(_Normal):
    """Draws from the normal distribution, each again until it is within two deviations of the mean."""

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Draw a tensor."""
        return random.truncated_normal(shape, self.mean, self.stddev, dtype, self.seed)


class RandomUniform(RandomInitializer):
    """Draws evenly from minval up to but without maxval."""

    _names = ("minval", "maxval")

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None) -> None:
        """Take the bounds and a seed."""
        self.minval, self.maxval = minval, maxval
        super().__init__(seed)

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Draw a tensor."""
        return random.uniform(shape, self.minval, self.maxval, dtype, self.seed)


# --- variance scaling -------------------------------------------------------------------------------------------------


def compute_fans(shape: Any, input_axes: Any = None, output_axes: Any = None) -> tuple[int, int]:
    """Return how many inputs each output sees, and how many outputs each input: products of sizes of a kernel.

    The last axis counts outputs and the last but one inputs; those before them belong to both.

    >>> compute_fans((3, 3, 8, 16))
    (72, 144)
    """
    sizes = tuple(shape)
    if input_axes is not None and output_axes is not None:
        return math.prod(sizes[axis] for axis in input_axes), math.prod(sizes[axis] for axis in output_axes)
    if len(sizes) < 2:
        return (sizes[0], sizes[0]) if sizes else (1, 1)
    field = math.prod(sizes[:-2])
    return field * sizes[-2], field * sizes[-1]


class VarianceScaling(RandomInitializer):
    """Draws whose variance is `scale` over the number of inputs, of outputs, or their mean; ValueError for other words.

    >>> draws = VarianceScaling(2.0, "fan_in", "untruncated_normal", seed=1)((100, 50))
    >>> print(f"{tf.math.reduce_variance(draws):.2f}")
    0.02
    """

    _names: tuple[str, ...] = ("scale", "mode", "distribution", "input_axes", "output_axes")

    def __init__(
        self, scale: float = 1.0, mode: str = "fan_in", distribution: str = "truncated_normal", seed: Any = None,
        input_axes: Any = None, output_axes: Any = None,
    ) -> None:  # fmt: skip
        """Take the scale, what it is divided by, the distribution, a seed, and the axes of inputs and outputs."""
        if scale <= 0.0:
            raise ValueError(f"Argument `scale` must be positive float. Received: scale={scale}")
        distribution = {"normal": "truncated_normal"}.get(distribution.lower(), distribution.lower())
        _known("mode", mode, "fan_in", "fan_out", "fan_avg")
        _known("distribution", distribution, "uniform", "truncated_normal", "untruncated_normal")
        self.scale, self.mode, self.distribution = scale, mode, distribution
        self.input_axes, self.output_axes = input_axes, output_axes
        super().__init__(seed)

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Draw a tensor."""
        fan_in, fan_out = compute_fans(shape, self.input_axes, self.output_axes)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2.0}[self.mode]
        variance = self.scale / max(1.0, fan)
        if self.distribution == "uniform":
            limit = math.sqrt(3.0 * variance)
            return random.uniform(shape, -limit, limit, dtype, self.seed)
        if self.distribution == "truncated_normal":
            return random.truncated_normal(shape, 0.0, math.sqrt(variance) / _WITHIN_TWO, dtype, self.seed)
        return random.normal(shape, 0.0, math.sqrt(variance), dtype, self.seed)


def _known(what: str, given: str, *known: str) -> None:
    if given not in known:
        raise ValueError(f"Invalid `{what}` argument: {given}. Please use one of {known}")


def _scaling(name: str, whose: str, scale: float, mode: str, distribution: str) -> type[VarianceScaling]:
    """Make the class of a variance scaling that has a name."""

    def init(self: VarianceScaling, seed: Any = None, input_axes: Any = None, output_axes: Any = None) -> None:
        VarianceScaling.__init__(self, scale, mode, distribution, seed, input_axes, output_axes)

    init.__name__, init.__qualname__ = "__init__", f"{name}.__init__"
    init.__doc__ = "Take a seed, and the axes of inputs and outputs."
    document = f"Draws of the distribution {distribution} with variance {scale} / {mode}, after {whose}."
    members = {"__init__": init, "__doc__": document, "__module__": __name__, "_names": ("input_axes", "output_axes")}
    return cast("type[VarianceScaling]", type(name, (VarianceScaling,), members))


GlorotUniform = _scaling("GlorotUniform", "Glorot and Bengio, 2010", 1.0, "fan_avg", "uniform")
GlorotNormal = _scaling("GlorotNormal", "Glorot and Bengio, 2010", 1.0, "fan_avg", "truncated_normal")
HeUniform = _scaling("HeUniform", "He et al., 2015", 2.0, "fan_in", "uniform")
HeNormal = _scaling("HeNormal", "He et al., 2015", 2.0, "fan_in", "truncated_normal")
LecunUniform = _scaling("LecunUniform", "LeCun et al., 1998", 1.0, "fan_in", "uniform")
LecunNormal = _scaling("LecunNormal", "LeCun et al., 1998", 1.0, "fan_in", "truncated_normal")


# --- orthogonal -------------------------------------------------------------------------------------------------------


class Orthogonal(RandomInitializer):
    """A random matrix with orthonormal columns, or rows if these are fewer, times a gain, after Saxe et al., 2014.

    The axes before the last count as rows together. ValueError for shapes with fewer than two axes.

    >>> q = Orthogonal(seed=1)((3, 2))
    >>> print((tf.transpose(q) @ q).numpy().round(4) + 0)
    [[1. 0.]
     [0. 1.]]
    """

    _names = ("gain",)

    def __init__(self, gain: float = 1.0, seed: Any = None) -> None:
        """Take the factor and a seed."""
        self.gain = gain
        super().__init__(seed)

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Draw a matrix and make it orthogonal."""
        if len(shape) < 2:
            asked = "The tensor to initialize must be at least two-dimensional."
            raise ValueError(f"{asked} Received: shape={shape} of rank {len(shape)}.")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        drawn = random.normal((max(rows, columns), min(rows, columns)), dtype=dtype, seed=self.seed)
        wide = np.promote_types(drawn.dtype.as_numpy_dtype, np.float32)
        q, r = np.linalg.qr(drawn.numpy().astype(wide))  # first values are no part of what is recorded
        q = q * np.sign(np.diag(r))  # of the signs that fit, those that make r's diagonal positive
        q = self.gain * (q.T if rows < columns else q)
        return tf.constant(q, dtype or floatx(), shape)
