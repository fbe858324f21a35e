"""Programs as in a course or a tutorial: what they return and print is the same with minitf and with TensorFlow."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tests.differential import (
    guides_algorithms,
    guides_data,
    guides_gradients,
    guides_graphs,
    guides_models,
    guides_tensors,
    guides_training,
)
from tests.differential.agreement import assert_alike
from tests.differential.guide import GUIDES
from tests.differential.snippets import SAME, both

FILES = (
    guides_tensors,
    guides_gradients,
    guides_models,
    guides_training,
    guides_algorithms,
    guides_graphs,
    guides_data,
)
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*(?:e[-+]\d+)?|inf|nan)")


def aloud(program: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, str]]:
    """Let a program return what it prints, too."""

    def tell(tf: Any) -> tuple[Any, str]:
        with contextlib.redirect_stdout(io.StringIO()) as said:
            result = program(tf)
        return result, said.getvalue()

    return tell


def assert_reads_alike(ours: str, theirs: str) -> None:
    """Compare texts word by word, and the numbers in them by value: the last digits depend on the order of sums."""
    assert NUMBER.sub("#", ours).split() == NUMBER.sub("#", theirs).split()
    mine, its = ([float(number) for number in NUMBER.findall(text)] for text in (ours, theirs))
    np.testing.assert_allclose(mine, its, 1e-5, 1e-6)


@pytest.mark.parametrize("program", GUIDES, ids=lambda program: program.__name__)
def test_guide(program: Callable[[Any], Any], oracle: ModuleType) -> None:
    ours, our_warnings, theirs, their_warnings = both(aloud(program), oracle)
    for outcome in (ours, theirs):
        if isinstance(outcome, Exception):
            raise outcome
    assert_alike(ours[0], theirs[0])
    assert_reads_alike(ours[1], theirs[1])
    assert [text[:SAME] for text in our_warnings] == [text[:SAME] for text in their_warnings]


def test_every_file_of_programs_is_in_the_table() -> None:
    assert {program.__module__ for program in GUIDES} == {file.__name__ for file in FILES}
