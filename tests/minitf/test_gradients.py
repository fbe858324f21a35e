"""Gradients of first and second order agree with central differences, for every op that has gradient rules.

The files gradients_*.py beside this one list `CHECKS`: by name, functions of float64 tensors and the points to check
them at, which lie away from kinks and ties (what happens there is TensorFlow's to say: tests/differential). Random
directions take the place of whole jacobians, after check_grads of HIPS autograd.
"""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minitf as tf
from minitf.op import Op

Array = np.ndarray[Any, np.dtype[np.float64]]
Function = Callable[..., Any]

FILES = [import_module(f"tests.minitf.{file.stem}") for file in sorted(Path(__file__).parent.glob("gradients_*.py"))]
CASES: dict[str, tuple[Function, Sequence[Any]]] = {
    f"{file.__name__.rpartition('_')[2]}-{name}-{i}": case
    for file in FILES
    for name, cases in file.CHECKS.items()
    for i, case in enumerate(cases)
}

# Differences of step h err by about h^2 (third derivatives, here below 100) and 1e-16/h (rounding): 1e-8 and 1e-11.
STEP = 1e-5
TOLERANCE = 1e-6


def floats(result: Any) -> list[Any]:
    """Return the tensors of a result through which gradients can flow, in order."""
    return [part for part in tf.nest.flatten(result) if tf.is_tensor(part) and part.dtype.is_floating]


def gradients(function: Function, arrays: Sequence[Array], weights: Sequence[Any]) -> list[Any]:
    """Return the gradients of the weighted sum of a function's outputs, zeros where none flows."""
    tensors = [tf.constant(array) for array in arrays]
    return gradients_at(function, tensors, weights)


def gradients_at(function: Function, tensors: Sequence[Any], weights: Sequence[Any]) -> list[Any]:
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        outputs = floats(function(*tensors))
    return tape.gradient(outputs, tensors, weights, unconnected_gradients="zero")


def difference(
    function: Function, arrays: Sequence[Array], directions: Sequence[Array], weights: Sequence[Any]
) -> float:
    """Return how fast the weighted sum of the outputs grows in a direction, by central differences."""

    def at(step: float) -> list[Any]:
        moved = [tf.constant(array + step * way) for array, way in zip(arrays, directions, strict=True)]
        return [output.numpy() for output in floats(function(*moved))]

    pairs = zip(at(STEP), at(-STEP), weights, strict=True)
    return float(sum(np.sum(weight * ((high - low) / (2 * STEP))) for high, low, weight in pairs))


def check(function: Function, arrays: Sequence[Any], order: int) -> None:
    """Check the gradients of a function at a point; AssertionError where they are wrong."""
    arrays = [np.asarray(array, np.float64) for array in arrays]
    random = np.random.default_rng(len(arrays))
    weights = [random.normal(size=output.shape.as_list()) for output in floats(function(*map(tf.constant, arrays)))]
    assert weights, "the function gives no floats"
    directions = [random.normal(size=array.shape) for array in arrays]
    found = gradients(function, arrays, weights)
    for gradient, array in zip(found, arrays, strict=True):
        assert gradient.shape == array.shape
    analytic = float(sum(np.sum(g.numpy() * way) for g, way in zip(found, directions, strict=True)))
    numeric = difference(function, arrays, directions, weights)
    np.testing.assert_allclose(analytic, numeric, rtol=TOLERANCE, atol=TOLERANCE)
    if order > 1:
        check(gradient_function(function, len(arrays)), [*arrays, *weights], order - 1)


def gradient_function(function: Function, count: int) -> Function:
    """Return the gradient of a function of `count` tensors, as a function of these and of the outputs' weights."""
    return lambda *tensors: gradients_at(function, tensors[:count], tensors[count:])


@pytest.mark.parametrize("name", CASES)
def test_first_and_second_derivatives_agree_with_differences(name: str) -> None:
    check(*CASES[name], order=2)


def listen(monkeypatch: pytest.MonkeyPatch, op: Op, heard: set[tuple[int, int]]) -> list[tuple[int, int]]:
    """Note in `heard` which rules of an op are called; return all it has: the op's id, and the input's position."""

    def heeding(position: int, rule: Function) -> Function:
        def heard_rule(*args: Any, **attributes: Any) -> Any:
            heard.add((id(op), position))
            return rule(*args, **attributes)

        return heard_rule

    rules = op.rules
    if isinstance(rules, tuple):
        heeded = tuple(rule and heeding(position, rule) for position, rule in enumerate(rules))
        monkeypatch.setattr(op, "rules", heeded)
        return [(id(op), position) for position, rule in enumerate(rules) if rule]

    class Heeded:
        def __iter__(self) -> Iterator[Function]:
            return (heeding(-1, rule) for rule in rules)

    monkeypatch.setattr(op, "rules", Heeded())
    return [(id(op), -1)]


def ops() -> dict[int, Op]:
    """Return the ops that minitf defines."""
    for module in pkgutil.walk_packages(tf.__path__, "minitf."):
        if not module.name.startswith(("minitf.plot", "minitf.backends")):
            import_module(module.name)
    modules = [module for name, module in sys.modules.items() if name.partition(".")[0] == "minitf"]
    held = [value for module in modules for value in vars(module).values()]
    held += [part for value in held if isinstance(value, dict) for part in value.values()]
    return {id(value): value for value in held if isinstance(value, Op)}


def test_every_gradient_rule_is_checked_to_second_order(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: set[tuple[int, int]] = set()
    rules = {
        rule: f"{op.name} ({op.native}), input {rule[1]}"
        for op in ops().values()
        for rule in listen(monkeypatch, op, heard)
    }
    for function, arrays in CASES.values():
        tensors = [tf.constant(np.asarray(array, np.float64)) for array in arrays]
        weights = [tf.ones_like(output) for output in floats(function(*tensors))]
        gradients_at(function, tensors, weights)
    refused = {"while_loop (While), input -1"}  # a program has no gradient through a loop: the function runs eagerly
    assert {name for rule, name in rules.items() if rule not in heard} == refused


@tf.custom_gradient
def wrong_first(x: Any) -> Any:
    return x * x, lambda dy: dy * x * 2.001


@tf.custom_gradient
def wrong_second(x: Any) -> Any:
    return x * x, lambda dy: 2.0 * dy * tf.stop_gradient(x)


def test_a_wrong_gradient_is_found() -> None:
    with pytest.raises(AssertionError):
        check(wrong_first, [np.array([1.0, -2.0])], order=1)


def test_a_gradient_right_in_value_but_wrong_to_differentiate_is_found() -> None:
    check(wrong_second, [np.array([1.0, -2.0])], order=1)
    with pytest.raises(AssertionError):
        check(wrong_second, [np.array([1.0, -2.0])], order=2)
