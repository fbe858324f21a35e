"""Pipelines drawn at random have TensorFlow's elements, specs and cardinalities.

A pipeline is a line of Python: a source and five to eight stages, which fit any elements. Most of the drawn ones are
not what anybody would write; that is their use.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import minitf
from tests.differential.agreement import assert_alike
from tests.differential.test_data import outcome

COUNTS = st.sampled_from([-1, 1, 2, 3, 5, 20])
SIZES = st.integers(1, 5)
FLAGS = st.booleans()
SOURCES = [  # none without entries, as TensorFlow crashes when it takes such a batch apart
    "R(0)", "R(1)", "R(7)", "R(2, 20, 3)", "R(9, output_type=tf.float32)", "D.from_tensors(np.arange(6))",
    "D.from_tensor_slices(np.arange(12.).reshape(6, 2))", "D.from_tensor_slices({'b': [1, 2, 3], 'a': [[.5]] * 3})",
    "D.from_tensor_slices(([1, 2, 3, 4], {'x': np.ones((4, 2, 2), np.float32)}))", "D.zip(R(5), R(4).repeat())",
    "R(4).map(lambda i: (i, tf.one_hot(i, 3)))", "R(5).repeat()", "D.from_tensor_slices(np.zeros((5, 1), np.float32))",
    "G(lambda: range(5), output_signature=S([], tf.int32))",
    "G(lambda: [([1] * n, n) for n in range(4)], output_signature=(S([None], tf.int64), S([], tf.int64)))",
]  # fmt: skip

# Functions of any element: FIRST is one of its tensors as a float, EVERY gives the tensors of an element.
FIRST = "(lambda *e: tf.reduce_sum(tf.cast(tf.nest.flatten(e)[0], tf.float32)))"


def calls(form: str, *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[str]:
    return st.tuples(*arguments).map(lambda drawn: form.format(*drawn))


STAGES = st.one_of(
    calls(".take({})", COUNTS),
    calls(".skip({})", COUNTS),
    calls(".repeat({})", st.sampled_from([1, 2, 3])),  # TensorFlow refuses 0 after a shuffle
    calls(".batch({}, {})", SIZES, FLAGS),
    calls(".padded_batch({}, drop_remainder={})", SIZES, FLAGS),
    calls(".batch({}, {}).unbatch()", SIZES, FLAGS),
    st.just(".unbatch()"),
    st.just(".cache()"),
    calls(".prefetch({})", st.integers(-1, 3)),
    st.just(".enumerate()"),
    calls(".shuffle({}, seed={})", SIZES, st.integers(0, 3)),
    calls(".shuffle({}, seed=1, reshuffle_each_iteration=False)", SIZES),
    calls(".filter(lambda *e: " + FIRST + "(*e) > {})", st.integers(-1, 4)),
    calls(".take_while(lambda *e: " + FIRST + "(*e) < {})", st.integers(2, 9)),
    st.just(".map(lambda *e: e)"),
    st.just(".map(lambda *e: {'s': " + FIRST + "(*e), 'e': e})"),
    st.just(".map(lambda *e: (tf.stack([" + FIRST + "(*e)] * 2), tf.nest.flatten(e)[-1]))"),
    st.just(".map(lambda *e: tf.expand_dims(tf.nest.flatten(e)[0], 0))"),
    calls(".flat_map(lambda *e: D.from_tensors(e).repeat({}))", st.integers(0, 2)),
    calls(".window({}, {}, {}, {}).flat_map(lambda *w: tf.nest.flatten(w)[0].batch(9))", *[SIZES] * 3, FLAGS),
)


@settings(max_examples=80, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(SOURCES), st.lists(STAGES, min_size=5, max_size=8))
def test_a_random_pipeline_gives_what_tensorflow_gives(oracle: ModuleType, source: str, stages: list[str]) -> None:
    line = f"{source}.take(40)" + "".join(stages)  # without an end, a filter might search for ever
    minitf.random.set_seed(8)
    oracle.random.set_seed(8)
    ours, theirs = outcome(minitf, line), outcome(oracle, line)
    if ".window(" in line and isinstance(ours, minitf.errors.InvalidArgumentError):
        return  # TensorFlow's windows may swallow an error of an element that they leave out
    assert_alike(ours, theirs)
