"""Random draws: with the same seeds the numbers are TensorFlow's too. What draws go on from is in test_random.py."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.differential.recipes import (
    ANY,
    DTYPES,
    FLOATS,
    INTEGERS,
    SIZES,
    Code,
    Dtype,
    call,
    tensors,
)

ALGORITHMS = st.sampled_from(["philox", "Auto-Select", 1, 3, 7, "sha"])
FLOATING = st.sampled_from(["float16", *FLOATS]).map(Dtype)
WHOLE = st.sampled_from(INTEGERS).map(Dtype)
PAIRS = st.one_of(st.tuples(st.integers(-9, 9), st.integers(0, 2**31 - 1)), tensors(INTEGERS, st.just((2,))))
SEEDS = st.one_of(PAIRS, PAIRS, st.lists(st.integers(0, 9)))
SHAPES = st.one_of(SIZES, SIZES, st.sampled_from([3, [[1]], [2.0], (), (5,)]))
BOUNDS = st.one_of(st.integers(-9, 9), st.none(), st.sampled_from([0, 1, 0.5, -2.0]))
SCALES = st.one_of(st.sampled_from([0, 2, -1.5]), tensors(FLOATS, st.sampled_from([(), (1,), (3,)])))


def seeded(recipe: Any) -> Any:
    """Recipes of shapes that set the global seed when they are made, so that both sides draw the same."""
    return st.tuples(recipe, st.sampled_from([0, 1, -5, 2**31, 3.5])).map(
        lambda drawn: Code(f"tf.random.set_seed({drawn[1]}) or {drawn[0]!r}")
    )


def distributed(shape: Any, *seed: Any, **kwargs: Any) -> Any:
    """Calls with a mean and a deviation, of the dtype drawn or not."""
    return st.one_of(
        call(shape, *seed, **kwargs),
        call(shape, *seed, dtype=FLOATING, **kwargs),
        call(shape, *seed, dtype=DTYPES, mean=st.just(0), stddev=st.just(1), **kwargs),
        call(shape, *seed, mean=SCALES, stddev=SCALES, **kwargs),
    )


def even(shape: Any, *seed: Any, **kwargs: Any) -> Any:
    """Calls with bounds."""
    return st.one_of(
        call(shape, *seed, **kwargs),
        call(shape, *seed, dtype=DTYPES, **kwargs),
        call(shape, *seed, BOUNDS, BOUNDS, **kwargs),
        call(shape, *seed, st.integers(-9, 0), st.integers(0, 2**31 - 1), WHOLE, **kwargs),
        call(shape, *seed, BOUNDS, BOUNDS, WHOLE, **kwargs),
        call(shape, *seed, minval=SCALES, maxval=SCALES, **kwargs),
    )


OP_SEED = st.one_of(st.none(), st.integers(-3, 3))

TABLE: dict[str, Any] = {
    "random.fold_in": st.one_of(call(SEEDS, st.integers(0, 9)), call(SEEDS, ANY)),
    "random.normal": distributed(seeded(SHAPES), seed=OP_SEED),
    "random.set_seed": call(st.one_of(st.none(), st.integers(), st.floats(0, 9), tensors(INTEGERS, st.just(())))),
    "random.shuffle": call(seeded(st.lists(st.integers(0, 9), max_size=9)), seed=OP_SEED),
    "random.split": call(SEEDS, st.integers(-1, 4)),
    "random.stateless_normal": st.one_of(distributed(SHAPES, SEEDS), call(SIZES, PAIRS, alg=ALGORITHMS)),
    "random.stateless_truncated_normal": distributed(SHAPES, SEEDS),
    "random.stateless_uniform": st.one_of(even(SHAPES, SEEDS), call(SIZES, PAIRS, alg=ALGORITHMS)),
    "random.truncated_normal": distributed(seeded(SHAPES), seed=OP_SEED),
    "random.uniform": even(seeded(SHAPES), seed=OP_SEED),
}
