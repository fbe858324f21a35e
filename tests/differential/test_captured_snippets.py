"""The other collections of this folder inside tf.function: captured = eager, which those compare with TensorFlow.

What is no tensor in a result stays outside. Snippets that make variables whenever they run cannot be functions.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minitf as tf
import tests.compiling as compiling
from tests.differential import (
    test_custom_gradients,
    test_jacobians,
    test_mistakes,
    test_tape,
    test_tape_gradients,
    test_variables,
)
from tests.differential.agreement import errors_of, leaves
from tests.differential.guide import GUIDES
from tests.differential.test_guides import FILES

LINES = [
    line
    for name in ("ASSIGNED", "ANSWERED", "SLICED", "SCATTERED", "ROWS", "READ", "COMPUTED", "USED", "GRADIENTS")
    for line in getattr(test_variables, name)
    if "tf.Variable(" not in line and "//=" not in line and "%=" not in line  # these give names another meaning
]
SNIPPETS = {
    f"{module.__name__.rpartition('.')[2]}::{name}": inspect.getclosurevars(test).nonlocals["snippet"]
    for module in (test_tape, test_tape_gradients, test_jacobians, test_custom_gradients, test_mistakes)
    for name, test in vars(module).items()
    if name.startswith("test_") and "snippet" in inspect.getclosurevars(test).nonlocals
}
# Programs about functions, files and data are no functions themselves.
COMPUTING = {file.__name__: file for file in FILES if file.__name__.rpartition("_")[2] not in ("data", "graphs")}
SNIPPETS |= {
    f"{guide.__module__.rpartition('.')[2]}::{guide.__name__}": guide
    for guide in GUIDES
    if guide.__module__ in COMPUTING
}


def tensors(result: Any) -> list[Any]:
    return [part for part in leaves(result) if tf.is_tensor(part)]


def outcome(function: Callable[[], Any]) -> Any:
    """Return the values of the tensors that a call gives, or that it raises."""
    with np.errstate(all="ignore"):
        try:
            return [np.array(part.numpy()) for part in function()]
        except errors_of(tf) as error:
            return error


def assert_same(captured: Any, eager: Any) -> None:
    if isinstance(eager, Exception):
        assert isinstance(captured, Exception), f"eager raises {eager!r}"
        assert type(eager).__name__ in [kind.__name__ for kind in type(captured).__mro__]
    else:
        assert not isinstance(captured, Exception), f"captured raises {captured!r}"
        for mine, its in zip(captured, eager, strict=True):
            compiling.assert_same(mine, its)


@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
@pytest.mark.parametrize("line", LINES)
def test_a_line_about_variables_gives_inside_what_it_gives_outside(line: str) -> None:
    """Twice, because the variables go on from where they are."""

    def results(wrap: Callable[..., Any]) -> list[Any]:
        names = test_variables.surroundings(tf)
        function = wrap(lambda: tensors(test_variables.run(line, names)))
        held = [value for value in names.values() if isinstance(value, tf.Variable)]
        found = []
        for _ in range(2):
            found.append(outcome(function))
            found.append(outcome(lambda: [variable.value() for variable in held]))
        return found

    for mine, its in zip(results(tf.function), results(lambda function: function), strict=True):
        assert_same(mine, its)
        if isinstance(its, Exception):
            break  # eagerly, what came before the error has been done


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", SNIPPETS)
def test_a_snippet_gives_inside_what_it_gives_outside(name: str) -> None:
    snippet = SNIPPETS[name]
    captured = tf.function(lambda: tensors(snippet(tf)))
    eager = outcome(lambda: tensors(snippet(tf)))
    first = outcome(captured)
    if isinstance(first, ValueError) and "singleton tf.Variables" in str(first):
        assert any(maker in inspect.getsource(snippet) for maker in ("tf.Variable(", "tf.Module", "Generator"))
        return
    assert_same(first, eager)
    assert_same(outcome(captured), eager)


def test_most_snippets_are_here() -> None:
    assert len(SNIPPETS) > 150
    assert len(LINES) > 400
