"""Every public name inside tf.function: captured = eager, which test_names compares with TensorFlow.

The tensors that the tables draw become arguments, and gradients of both orders are computed inside, too. Traced once, a
function runs on the values drawn and on others; and once more, traced with no size known, where that can be.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import minitf as tf
import tests.compiling as compiling
from tests.compiling import examples
from tests.differential.agreement import errors_of, is_float, leaves
from tests.differential.recipes import Given, build
from tests.differential.test_names import DRAWN, TABLE, resolve

# Of what is drawn with a state, only dtypes and shapes are compared: a function counts its draws by itself.
STATEFUL = DRAWN | {name for name in TABLE if name.startswith("random.") and "stateless" not in name}

# Names whose Python looks at values now and then, so that the function around them runs eagerly.
LOOKING = {
    "cond": "branches of unlike shapes are chosen by Python",
    "TensorShape": "sizes are Python's",
    "TensorSpec": "sizes are Python's",
    "eye": "its size",
    "random.set_seed": "the seed is Python's",
    "sequence_mask": "its size is the largest length",
    "while_loop": "its gradient needs every step",
}

# Names that ask for more inside a function than outside, as TensorFlow's do.
STRICTER = {
    "constant": "a shape must fit whatever the sizes are",
    "cond": "both branches must give the same structure",
    "while_loop": "the body must give the structure that it takes, even if it never runs",
}


def given_in(recipe: Any) -> Iterator[np.ndarray[Any, Any]]:
    """Yield the arrays of a recipe that become tensors, in order."""
    if isinstance(recipe, Given):
        yield recipe.array
    elif isinstance(recipe, dict):
        for part in recipe.values():
            yield from given_in(part)
    elif isinstance(recipe, list | tuple):
        for part in recipe:
            yield from given_in(part)


def filled(recipe: Any, tensors: Iterator[Any]) -> Any:
    """Put tensors in the place of what becomes tensors, in order."""
    if isinstance(recipe, Given):
        return next(tensors)
    if isinstance(recipe, dict):
        return {key: filled(part, tensors) for key, part in recipe.items()}
    if isinstance(recipe, tuple) and hasattr(recipe, "_fields"):
        return type(recipe)(*(filled(part, tensors) for part in recipe))
    if isinstance(recipe, list | tuple):
        return type(recipe)(filled(part, tensors) for part in recipe)
    return recipe


class Call:
    """A call of a name as a function of the tensors in it: it gives the tensors of the result, and gradients."""

    def __init__(self, name: str, args: Any, kwargs: Any) -> None:
        self.function = resolve(tf, name)
        self.derive = name not in DRAWN
        self.recipe = (list(args), kwargs)

    def __call__(self, *tensors: Any) -> Any:
        args, kwargs = filled(self.recipe, iter(tensors))
        args, kwargs = build(tf, args, []), build(tf, kwargs, [])
        inputs = [x for x in tensors if is_float(x)]
        if not (self.derive and inputs):
            return values(self.function(*args, **kwargs))
        with tf.GradientTape() as outer:
            outer.watch(inputs)
            with tf.GradientTape() as inner:
                inner.watch(inputs)
                result = self.function(*args, **kwargs)
            outputs = [part for part in leaves(result) if is_float(part)]
            firsts = inner.gradient(outputs, inputs, [weights(y, i) for i, y in enumerate(outputs)])
            firsts = [tf.convert_to_tensor(g) for g in firsts if g is not None]
        seconds = outer.gradient(firsts, inputs, [weights(g, 9) for g in firsts])
        return values([result, firsts, seconds])


def values(result: Any) -> list[Any]:
    """Return the tensors and numbers of a result as tensors."""
    return [tf.convert_to_tensor(x) for x in leaves(result) if tf.is_tensor(x) or type(x) in (int, float)]


def weights(y: Any, seed: int) -> Any:
    """Return fixed weights for any number of entries."""
    entries = tf.range(1, tf.size(y) + 1)
    return tf.reshape(tf.cast(tf.cos(tf.cast(entries, tf.float64) * (1.0 + seed) + seed), y.dtype), tf.shape(y))


def outcome(function: Any, tensors: Any) -> Any:
    with np.errstate(all="ignore"):
        try:
            return function(*tensors)
        except errors_of(tf) as error:
            return error


def assert_same(name: str, captured: Any, eager: Any) -> None:
    """Compare a result with the eager one: both are errors, or all parts are the same."""
    if name in STRICTER and isinstance(captured, Exception):
        return
    if isinstance(eager, Exception):
        assert isinstance(captured, Exception), f"eager raises {eager!r}, captured gives {captured!r}"
        return
    assert not isinstance(captured, Exception), f"captured raises {captured!r}, eager gives {eager!r}"
    for mine, its in zip(captured, eager, strict=True):
        assert (mine.dtype, mine.shape) == (its.dtype, its.shape)
        if name not in STATEFUL:
            compiling.assert_same(mine.numpy(), its.numpy(), signs=False)


def others(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return an array of the same shape, with the same entries in another order."""
    return np.roll(array.ravel(), 1).reshape(array.shape)


def resized(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the rows of an array twice."""
    return np.concatenate([array, array]) if array.ndim else array


def opened(arrays: list[np.ndarray[Any, Any]]) -> list[Any]:
    """Return specs without the sizes of vectors and matrices; of larger or many tensors the first size is unknown."""
    most = 2 if len(arrays) < 3 else 1
    return [tf.TensorSpec([None] * a.ndim if a.ndim <= most else [None, *a.shape[1:]], a.dtype) for a in arrays]


@pytest.mark.parametrize("name", TABLE)
def test_a_name_does_inside_a_function_what_it_does_outside(name: str) -> None:
    @settings(max_examples=examples(25), suppress_health_check=list(HealthCheck))
    @given(TABLE[name])
    def agrees(example: Any) -> None:
        call = Call(name, *example)
        arrays = list(given_in(call.recipe))
        exact = tf.function(lambda tensors: call(*tensors))
        general = tf.function(lambda tensors: call(*tensors), input_signature=[opened(arrays)])
        for given_values in (arrays, list(map(resized, arrays)), list(map(others, arrays)), arrays):
            tensors = [tf.constant(array) for array in given_values]
            eager = outcome(call, tensors)
            assert_same(name, outcome(exact, [tensors]), eager)
            assert_same(name, outcome(general, [tensors]), eager)
        whole = all(array.size for array in arrays) and name not in LOOKING
        if whole and not any(isinstance(result, Exception) for result in (outcome(exact, [tensors]), eager)):
            exact.get_concrete_function(tensors)  # raises if there is none because the function runs eagerly

    agrees()
