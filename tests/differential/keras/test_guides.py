"""Programs with models as in a course or a guide: what they return and print is the same with minitf and with Keras."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

import minitf
from tests.differential.keras import guides_models, guides_steps
from tests.differential.keras.guide import PROGRAMS
from tests.differential.keras.lines import assert_same, error, plain
from tests.differential.snippets import both
from tests.differential.test_guides import aloud, assert_reads_alike

FILES = (guides_models, guides_steps)
# TensorFlow's own __array__ is behind NumPy's times.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_guide(program: Callable[[Any], Any], oracle: ModuleType) -> None:
    def afresh(tf: Any) -> Any:
        tf.keras.utils.clear_session(free_memory=False)
        tf.keras.utils.set_random_seed(2)
        result, said = aloud(program)(tf)
        return plain(result), said

    ours, _, theirs, _ = both(afresh, oracle)
    for outcome in (ours, theirs):
        if isinstance(outcome, Exception):
            raise outcome
    assert_same(ours[0], theirs[0])
    assert_reads_alike(ours[1], theirs[1])


MISTAKES = [
    ("mlp(loss='sparse_categorical_crossentropy', units=3).fit(X, H, verbose=0)", "tf.argmax(labels, -1)"),
    ("mlp(loss='categorical_crossentropy', units=3).fit(X, C, verbose=0)", "whose name begins with sparse"),
    ("mlp()(X[0])", "give x[tf.newaxis] for one sample"),
    ("L.Dense(3, activations='relu')", "Did you mean 'activation'?"),
    ("L.Dense(3).kernel", "You must build the layer before accessing `kernel`"),
    ("mlp(tf.keras.optimizers.Adam)", "make one: Adam()"),
    ("mlp(loss=lambda true, predicted: None).fit(X, Y, verbose=0)", "let it return a tensor"),
    ("mlp(loss=lambda true, predicted: np.mean(np.abs(X))).fit(X, Y, verbose=0)", "and not with NumPy"),
    ("mlp().fit(X, Y, callbacks=[keras.callbacks.EarlyStopping])", "give an object, EarlyStopping(...)"),
    ("mlp().fit(X, Y, callbacks=[lambda epoch, logs: None])", "LambdaCallback makes one of functions"),
    ("mlp().fit(X, Y, epochs=[2])", "`epochs` must be a whole number, but got [2]"),
    ("mlp().fit(tf.data.Dataset.from_tensor_slices((X, Y)))", "or dataset.batch(32)"),
    ("keras.Sequential(L.Dense(2), L.Dense(1))", "put all layers into one list"),
    ("L.Dense(keras.Input((3,)), 2)", "call the layer on data: Dense(units)(x)"),
    ("Mute().fit_on(X, Y)", "the model's `call` returned None; let it return its outputs"),
    ("keras.Sequential([keras.Input((3,)), Mute(), L.Dense(1)])", "let the `call` of the layer before return"),
]
MUTE = """
class Mute(keras.Model):
    def call(self, x):
        x * 2

    def fit_on(self, x, y):
        self.compile("sgd", "mse")
        self.fit(x, y, verbose=0)
"""


@pytest.mark.parametrize(("line", "hint"), MISTAKES)
def test_a_mistake_gets_kerass_class_of_error_and_a_hint(line: str, hint: str, oracle: ModuleType) -> None:

    ours, theirs = error(minitf, line, MUTE), error(oracle, line, MUTE)
    assert type(ours).__name__ == type(theirs).__name__
    assert hint in str(ours)


def test_every_file_of_programs_is_in_the_table() -> None:
    assert {program.__module__ for program in PROGRAMS} == {file.__name__ for file in FILES}
