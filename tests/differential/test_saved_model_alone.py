"""A saved model that the backend on TensorFlow's runtime wrote is one that TensorFlow loads, without minitf.

Another process, in which minitf cannot be imported, does with the models what `without_minitf` says; here the same is
done with what `minitf.saved_model.load` makes of them.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minitf as tf
from tests.differential import without_minitf
from tests.differential.agreement import leaves
from tests.minitf.test_export import OPEN

pytestmark = pytest.mark.backend("tensorflow")
MATRIX = tf.TensorSpec([None, 3], name="x")
SCALAR = tf.TensorSpec([], name="x")


def module(**parts: Any) -> Any:
    made = tf.Module()
    for name, part in parts.items():
        setattr(made, name, part)
    return made


def function(python: Any, *specs: Any) -> Any:
    return tf.function(python, input_signature=specs or (MATRIX,))


# --- the models -------------------------------------------------------------------------------------------------------


def variables() -> Any:
    inner = module(count=tf.Variable(3, trainable=False, name="count"))
    layers = [{"b": tf.Variable([1.0, 2.0], name="b")}, inner]
    w = tf.Variable([[1.5]], name="w")
    return module(w=w, tied=w, layers=layers, pair=(None, tf.Variable(True, trainable=False)))


def open_sizes() -> Any:
    return module(**{f"open {name}": function(python) for name, python in OPEN.items()})


def flow() -> Any:
    def choose(x: Any) -> Any:
        return tf.cond(tf.reduce_sum(x) > 2, lambda: (x * 2, tf.shape(x)[0]), lambda: (x - 1, tf.shape(x)[1]))

    def step(n: Any, steps: Any) -> Any:
        return tf.cond(n % 2 == 0, lambda: n // 2, lambda: 3 * n + 1), steps + 1

    def collatz(n: Any) -> Any:
        return tf.while_loop(lambda n, _: n > 1, step, [n, tf.constant(0)])[1]

    def grow(x: Any) -> Any:
        def more(i: Any, y: Any) -> Any:
            return i + 1, y + tf.gather(x, i) / tf.cast(tf.shape(x)[0], tf.float32)

        return tf.while_loop(lambda i, y: i < tf.shape(x)[0], more, [tf.constant(0), tf.zeros([3])])

    whole = tf.TensorSpec([], tf.int32, name="n")
    return module(choose=function(choose), collatz=function(collatz, whole), grow=function(grow))


def signatures() -> tuple[Any, Any]:
    made = module(w=tf.Variable([1.0, 2.0, 3.0]))
    mean = function(lambda x: tf.reduce_mean(x * made.w, 0), tf.TensorSpec([None, 3], name="rows"))
    both = tf.function(lambda x, y: {"sum": x + y, "product": x * y})
    concrete = both.get_concrete_function(MATRIX, tf.TensorSpec([3], name="y"))
    made.mean = mean
    return made, {"mean": mean, "both": concrete}


def structures() -> Any:
    made: Any = tf.Module()
    made.f = tf.function(lambda parts, scale=2.0: [{"sum": parts["a"] + parts["b"][1]}, parts["b"][0], None, scale])
    made.g = tf.function(lambda first, *rest, more=None, **others: (first + rest[0], more, others))
    x, n = tf.constant([1.0, 2.0]), tf.constant(3)
    for parts, scale in [({"a": x, "b": (n, x)}, 2.0), ({"a": x, "b": (n, x)}, 3.0), ({"a": n, "b": (n, n)}, 2.0)]:
        made.f(parts, scale=scale)
    made.g(x, x, more=[n], other=x)
    return made


def assigned() -> Any:
    made = module(total=tf.Variable(1.0), calls=tf.Variable(0, trainable=False))

    def step(x: Any) -> Any:
        made.calls.assign_add(1)
        before = made.total.read_value()
        made.total.assign(before * x)
        return before, made.total + 1.0

    made.step = function(step, SCALAR)
    made.twice = function(lambda x: [made.step(x)[1], made.step(x + 1.0)[1]], SCALAR)
    return made


def drawn() -> Any:
    made = module(generator=tf.random.Generator.from_seed(7))

    def seeded(x: Any) -> Any:
        rows = tf.shape(x)[0]
        uniform = tf.random.uniform([rows], 0, 100, tf.int32, seed=5), tf.random.uniform([rows, 2], seed=6)
        return uniform, tf.random.normal([3], seed=4), tf.random.shuffle(x, seed=3)

    made.free = function(lambda x: x + tf.random.normal(tf.shape(x)))
    made.seeded = function(seeded)
    made.generated = tf.function(lambda: made.generator.normal([2]), input_signature=[])
    made.stateless = tf.function(lambda: tf.random.stateless_truncated_normal([2, 2], [1, 2]), input_signature=[])
    return made


def differentiated() -> Any:
    class Layer(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w, self.b = tf.Variable([[1.0, 0.5], [-1.0, 2.0], [0.0, 1.0]]), tf.Variable([0.5, -0.5])

        @tf.function(input_signature=[MATRIX])  # type: ignore[untyped-decorator]
        def __call__(self, x: Any) -> Any:
            return tf.nn.softmax(tf.nn.relu(x @ self.w + self.b))

    return Layer()


def refused() -> Any:
    def checked(x: Any) -> Any:
        tf.debugging.assert_positive(x, message="only positive")
        return tf.sqrt(x)

    return module(checked=function(checked, tf.TensorSpec([None])))


def classifier() -> Any:
    tf.keras.utils.set_random_seed(1)
    layers = tf.keras.layers
    return tf.keras.Sequential(
        [tf.keras.Input((3,)), layers.Dense(4, activation="relu"), layers.BatchNormalization(), layers.Dense(2)]
    )


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Save all models, and let the other process use them."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        tf.random.set_seed(3)
        plain = (variables, open_sizes, flow, structures, assigned, drawn, differentiated, refused)
        for make in plain:
            tf.saved_model.save(make(), place / make.__name__)
        made, named = signatures()
        tf.saved_model.save(made, place / "signatures", signatures=named)
        tf.saved_model.save(classifier(), place / "keras")
        classifier().export(place / "exported", verbose=False)
        here = os.fspath(Path(without_minitf.__file__))
        done = subprocess.run([sys.executable, here, name], cwd=name, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        yield place
        tf.random.set_seed(None)


@pytest.mark.parametrize("snippet", without_minitf.SNIPPETS, ids=lambda snippet: snippet.__name__)
def test_tensorflow_alone_gives_what_minitf_gives(snippet: Any, folder: Path) -> None:
    theirs = pickle.loads((folder / "results").read_bytes())[snippet.__name__]
    tf.random.set_seed(3)
    loaded = tf.saved_model.load(folder / snippet.__name__)
    ours = without_minitf.plain(snippet(tf, loaded))
    pairs = list(zip(leaves(ours), leaves(theirs), strict=True))
    assert len(pairs) > 1
    for mine, its in pairs:
        assert type(mine) is type(its)
        if isinstance(its, (np.ndarray, np.generic)):
            assert (mine.dtype, mine.shape) == (its.dtype, its.shape)
            np.testing.assert_allclose(np.asarray(mine), np.asarray(its), rtol=1e-5, atol=1e-6)
        else:
            assert mine == its
