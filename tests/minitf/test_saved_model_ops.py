"""Every op computes the same in a graph of TensorFlow whose sizes are open, as in a saved model."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import minitf as tf
from minitf import backends
from tests.minitf.test_export_ops import CASES, OPS, dtypes, prepared, single

pytestmark = pytest.mark.backend("tensorflow")

# Ops whose attributes, or number of results or classes, are known only where the size of an axis is.
KNOWN = {"diag", "unstack", "sparse_cross_entropy", "sparse_cross_entropy_gradient"}


def in_a_graph(program: Any, arrays: list[Any]) -> list[Any]:
    """Compute a program in a graph, in which the first sizes of all arguments are open."""
    exporting = backends.load("tensorflow").exporting
    specs = [exporting._spec(program.values[number]) for number in program.arguments]
    run = exporting.tf.function(lambda *given: exporting.computed(program, given, {}), autograph=False)
    return [y.numpy() for y in run.get_concrete_function(*specs)(*map(exporting.tf.constant, arrays))]


@pytest.mark.parametrize("name", CASES)
def test_an_op_gives_the_same_in_a_graph(name: str) -> None:
    kernel = getattr(backends.load("numpy"), name)
    code = dtypes(name)[0]
    for *inputs, attributes in CASES[name]:
        arrays = [prepared(array, code) for array in inputs]
        program = single(OPS[name], arrays, attributes)
        if name not in KNOWN:
            opened = {
                number: tf.TensorSpec([None, *spec.shape.as_list()[1:]] if spec.shape.rank else [], spec.dtype)
                for number, spec in program.values.items()
            }
            program = dataclasses.replace(program, values=opened)
        with np.errstate(all="ignore"):
            results = kernel(*arrays, **attributes)
        results = results if isinstance(results, tuple) else (results,)
        for ours, theirs in zip(map(np.asarray, results), in_a_graph(program, arrays), strict=True):
            assert (theirs.dtype, theirs.shape) == (ours.dtype, ours.shape)
            np.testing.assert_allclose(theirs, ours, rtol=1e-4, atol=1e-5)
