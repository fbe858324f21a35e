"""A kernel on TensorFlow's runtime gives what NumPy's of the same name gives, at once and compiled by XLA.

Both get the same raw arrays; the tables have rows for every kernel that an op calls.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
from numpy.typing import NDArray

import minitf  # noqa: F401  # it registers the ops
from minitf.backends import load
from minitf.op import registered

from .agreement import ATOL, RTOL
from .table_kernels import ROWS as MATH
from .table_kernels import Call
from .table_kernels_array import ROWS as ARRAY

pytestmark = pytest.mark.backend("tensorflow")

ROWS = {**MATH, **ARRAY}
EXACT = {"draw_uniform"}  # bit by bit, as all whole numbers
OURS, THEIRS = load("numpy"), load("tensorflow")


def several(result: Any) -> list[Any]:
    return list(result) if type(result) is tuple else [] if result is None else [result]


def by_numpy(name: str, call: Call) -> list[NDArray[Any]]:
    with np.errstate(all="ignore"):
        result = getattr(OURS, name)(*[x.copy() for x in call.arrays], **call.attributes)
    return [np.asarray(part) for part in several(result)]


def assert_same(name: str, call: Call, results: list[Any]) -> None:
    said = f"{name}({', '.join(f'{x.dtype} {x.tolist()}' for x in call.arrays)}, {call.attributes})"
    for ours, theirs in zip(by_numpy(name, call), results, strict=True):
        assert (theirs.dtype, theirs.shape) == (ours.dtype, ours.shape), said
        kind = "" if name in EXACT else ours.dtype.name
        np.testing.assert_allclose(np.asarray(theirs), ours, RTOL.get(kind, 0), ATOL.get(kind, 0), err_msg=said)


def test_every_kernel_that_an_op_calls_has_a_row() -> None:
    others = {"all_reduce", "cond", "while_loop"}  # they need replicas, or call programs, and have tests of their own
    assert {name for name, _ in registered} - ROWS.keys() - others == set()
    assert {name for name in ROWS if not callable(getattr(THEIRS, name, None))} == set()


@pytest.mark.parametrize("name", ROWS)
def test_a_kernel_gives_at_once_what_numpys_gives(name: str) -> None:
    for call in ROWS[name]:
        with np.errstate(all="ignore"):
            result = getattr(THEIRS, name)(*map(THEIRS.asarray, call.arrays), **call.attributes)
        assert_same(name, call, several(result))


@pytest.mark.parametrize("name", [name for name, calls in ROWS.items() if any(call.compiled for call in calls)])
def test_a_kernel_compiled_gives_what_numpys_gives(name: str) -> None:
    calls = [call for call in ROWS[name] if call.compiled]
    wrapped = THEIRS.asarray

    @tensorflow.function(jit_compile=True, autograph=False)
    def program(*inputs: Any) -> Any:
        return [
            [part.tensor for part in several(getattr(THEIRS, name)(*map(wrapped, tensors), **call.attributes))]
            for call, tensors in zip(calls, inputs, strict=True)
        ]

    results = program(*[[tensorflow.constant(x) for x in call.arrays] for call in calls])
    for call, parts in zip(calls, results, strict=True):
        assert_same(name, call, [wrapped(part) for part in parts])
