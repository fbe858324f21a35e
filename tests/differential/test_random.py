"""Draws go on from one another as TensorFlow's do: by the global seed, by an op's seed, and in a Generator.

Each script runs line by line on both sides. Integers and evenly drawn floats are equal to the bit; normals nearly so,
because their logarithm, sine and cosine are another library's.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import minitf

SCRIPTS = {
    "without op seeds each draw is new": """
        set_seed(7); uniform([3]); uniform([3]); normal([2, 2]); shuffle(tf.range(9)); uniform([], 0, 100, tf.int64)""",
    "the global seed starts everything anew": """
        set_seed(7); uniform([3]); uniform([3], seed=1); set_seed(7); uniform([3]); uniform([3], seed=1);
        uniform([3])""",
    "an op seed is a stream that goes on": """
        set_seed(0); uniform([2], seed=4); uniform([2], seed=4); uniform([5], seed=4); uniform([0], seed=4);
        uniform([2, 2], seed=4); uniform([2], seed=5); uniform([2], seed=4)""",
    "each kernel has its own stream": """
        set_seed(0); uniform([2], seed=4); normal([2], seed=4); truncated_normal([2], seed=4); uniform([2], seed=4);
        uniform([2], 0, 9, tf.int32, seed=4); uniform([2], 0, 5, tf.int32, seed=4);
        uniform([2], 0, 9, tf.int64, seed=4); uniform([2], dtype=tf.float64, seed=4);
        uniform(tf.constant([2], tf.int64), seed=4); uniform([2], seed=4)""",
    "shuffles take as many numbers as they need": """
        set_seed(1); shuffle(tf.range(9), seed=3); shuffle(tf.range(9), seed=3); shuffle(tf.range(100), seed=3);
        shuffle(tf.range(1), seed=3); shuffle(tf.zeros([4, 0], tf.int32), seed=3); shuffle(tf.range(4), seed=3);
        shuffle(tf.reshape(tf.range(12), [6, 2]), seed=3); shuffle(tf.range(9.0), seed=3); shuffle(5, seed=3)""",
    "seeds of zero are no lack of seeds": """
        set_seed(0); uniform([2], seed=0); uniform([2], seed=2**31 - 1); set_seed(2**31 - 1); uniform([2], seed=0)""",
    "without a global seed an op seed is enough": """
        set_seed(None); uniform([2], seed=3); uniform([2], seed=3); normal([2], seed=-1); uniform([2], seed=0)""",
    "seeds are read modulo 2**31 - 1": """
        set_seed(2**40 + 7); uniform([2]); set_seed(-1); uniform([2]); uniform([2], seed=-3); set_seed(2**80);
        uniform([2]); set_seed(1.5); uniform([2]); set_seed(True); uniform([2], seed=2.7); set_seed(np.int64(3));
        uniform([2]); set_seed(tf.constant(3)); uniform([2], seed=tf.constant(5)); uniform([2], seed=np.int64(5));
        uniform([2], seed=5)""",
    "a failed draw uses up a seed": """
        set_seed(3); uniform([2], 5, 3, tf.int32); uniform([2]); normal([-1]); uniform([2]); uniform(3);
        uniform([2])""",
    "bad seeds": "set_seed([1, 2]); uniform([2], seed='a'); set_seed(1); uniform([2], seed=None)",
    "large draws": """
        set_seed(5); uniform([70000]); normal([70000]); truncated_normal([70000]);
        uniform([70001], -5, 5, tf.int64); normal([70001], dtype=tf.float64);
        truncated_normal([70001], dtype=tf.float64); normal([70001], dtype=tf.half);
        uniform([3, 5, 7], dtype=tf.half); truncated_normal([7001], dtype=tf.half); shuffle(tf.range(70000))""",
    "stateless draws have no state": """
        set_seed(1); stateless_uniform([3], [1, 2]); uniform([3]); stateless_uniform([3], [1, 2]); uniform([3])""",
    "new seeds from old": """
        split([1, 2], 3); split(tf.constant([1, 2], tf.int64)); fold_in([1, 2], 3);
        fold_in([1, 2], tf.constant(3, tf.int64))""",
    "a generator draws": """
        g = Generator.from_seed(1); g.uniform([2, 3]); g.normal([3]); g.state; g.truncated_normal([5], 1.0, 2.0);
        g.state; g.uniform([2], dtype=tf.float64); g.uniform([3], 5, 9, tf.int32);
        g.uniform([3], -5, 9, dtype=tf.int64); g.state; g.uniform([3], None, None, tf.int32);
        g.uniform_full_int([3], tf.int64); g.uniform_full_int([3], tf.int32); g.normal([], dtype=tf.half);
        g.normal([0]); g.state; g.key; g.algorithm""",
    "a generator skips": """
        g = Generator.from_state([-3, -1, 7], 'philox'); g.state; g.skip(-5); g.state; g.skip(1);
        g.state; g.normal([2, 3]); g.state; g.skip(0); g.skip(2.9); g.skip(tf.constant(3, tf.int8)); g.state;
        g.skip(2**40); g.state; g.uniform([2])""",
    "a generator splits": """
        g = Generator.from_seed([1, 2]); g.make_seeds(); g.make_seeds(3); [h.state for h in g.split(2)]; g.state;
        [h.normal([2]) for h in g.split(3)]; g.split(0); g.normal([2]);
        stateless_uniform([2], g.make_seeds(2)[:, 1])""",
    "a generator is reset": """
        g = Generator.from_seed(2**70 + 5); g.state; g.normal([2]); g.reset_from_seed(3); g.state;
        g.reset([1, 2, 3]); g.state; g.reset([1, 2]); g.reset_from_seed([4]); g.state; h = Generator(copy_from=g);
        g.normal([2]); h.normal([2]); g.state; h.state""",
    "generators share a variable": """
        v = tf.Variable([1, 2, 3], dtype=tf.int64); g = Generator.from_state(v, 'philox'); g.state is v;
        g.uniform([2]); v""",
    "generators fail": """
        Generator(); Generator(alg=1); Generator.from_seed(1, alg='sha'); Generator.from_state([1, 2], 'philox');
        g = Generator.from_seed(1); g.uniform([2], dtype=tf.int32); g.state; g.uniform([2], 5, 3, tf.int32);
        g.state; g.uniform([-2]); g.state; g.uniform(2); g.normal([2], dtype=tf.int32);
        g.uniform([2], dtype=tf.int8, maxval=3); g.uniform([2], minval=None); g.uniform_full_int([2], tf.float32);
        g.make_seeds([2]); g.split(-1); g.skip([5, 6]); g.normal(None); g.nothing; g.uniform([2], dtype=tf.bool)""",
    "the global generator": """
        set_global_generator(Generator.from_seed(7)); get_global_generator().normal([2]);
        get_global_generator().state; get_global_generator() is get_global_generator()""",
    "algorithms": "list(Algorithm); Algorithm('x'); Algorithm.PHILOX.value",
}  # fmt: skip


def run(tf: Any, script: str) -> list[Any]:
    """What each line gives: a value, or the error."""
    scope: dict[str, Any] = {"tf": tf, "np": np, **{name: getattr(tf.random, name) for name in minitf.random.__all__}}
    results: list[Any] = []
    for line in " ".join(script.split()).split("; "):
        name, equals, value = line.partition(" = ")
        try:
            result = eval(value if equals and name.isidentifier() else line, scope)
        except (ArithmeticError, AssertionError, AttributeError, TypeError, ValueError, tf.errors.OpError) as error:
            result = error
        if equals and name.isidentifier():
            scope[name] = result
        else:
            results.append([plain(part) for part in result] if isinstance(result, list) else plain(result))
    return results


def plain(result: Any) -> Any:
    return result.numpy() if hasattr(result, "numpy") else result


def assert_equal(ours: Any, theirs: Any, line: int, exact: bool = False) -> None:
    where = f"line {line}: {ours!r} is not {theirs!r}"
    if isinstance(theirs, Exception):
        assert type(ours).__name__ == type(theirs).__name__, where
    elif isinstance(theirs, list):
        assert len(ours) == len(theirs), where
        for mine, its in zip(ours, theirs, strict=True):
            assert_equal(mine, its, line)
    elif isinstance(theirs, np.ndarray | np.generic):
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape), where
        if exact or theirs.dtype.kind != "f":
            np.testing.assert_array_equal(ours, theirs, where)
        else:
            digits = np.finfo(theirs.dtype).eps
            np.testing.assert_allclose(ours, theirs, 4 * digits, 4 * digits, err_msg=where)
    else:
        assert repr(ours) == repr(theirs), where


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_gives_what_tensorflow_gives(name: str, oracle: ModuleType) -> None:
    script = SCRIPTS[name]
    ours, theirs = run(minitf, script), run(oracle, script)
    assert len(ours) == len(theirs) > 0
    for line, (mine, its) in enumerate(zip(ours, theirs, strict=True)):
        assert_equal(mine, its, line)


SHAPES = st.lists(st.integers(0, 5), max_size=3)
FLOATS = st.sampled_from(["tf.float16", "tf.float32", "tf.float64"])
SEEDS = st.one_of(st.none(), st.integers(0, 2))
EVEN = st.one_of(
    st.builds("uniform({}, dtype={}, seed={})".format, SHAPES, FLOATS, SEEDS),
    st.builds("uniform({}, -3, 1000, tf.{}, seed={})".format, SHAPES, st.sampled_from(["int32", "int64"]), SEEDS),
    st.builds("shuffle(tf.range({}), seed={})".format, st.integers(0, 40), SEEDS),
    st.builds("set_seed({})".format, st.integers(0, 3)),
)
NORMAL = st.builds(
    "{}({}, dtype={}, seed={})".format, st.sampled_from(["normal", "truncated_normal"]), SHAPES, FLOATS, SEEDS
)


@settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.one_of(EVEN, EVEN, NORMAL), max_size=12))
def test_any_mixture_of_draws_gives_what_tensorflow_gives(oracle: ModuleType, lines: list[str]) -> None:
    script = "; ".join(["set_seed(9)", *lines])
    for line, mine, its in zip(["", *lines], run(minitf, script), run(oracle, script), strict=True):
        assert_equal(mine, its, 0, exact="normal" not in line)
