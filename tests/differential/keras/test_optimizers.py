"""Optimizers and schedules go the way that Keras's go, with every option, eagerly and in a captured step."""

from __future__ import annotations

import inspect
import itertools
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minitf
from tests.differential.agreement import assert_alike
from tests.differential.snippets import run

STEPS = 20
SHAPES: list[tuple[int, ...]] = [(3, 2), (2,), ()]
START = [np.cos(np.arange(1.0, np.prod(shape) + 1)).reshape(shape).astype("float32") for shape in SHAPES]

OPTIMIZERS: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {}),
    ("SGD", {"momentum": 0.9}),
    ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("RMSprop", {}),
    ("RMSprop", {"rho": 0.7, "momentum": 0.5, "epsilon": 1e-3, "centered": True}),
    ("Adagrad", {"initial_accumulator_value": 0.3}),
    ("Adadelta", {"rho": 0.8, "epsilon": 1e-4}),
    ("Adam", {}),
    ("Adam", {"beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3, "amsgrad": True}),
    ("AdamW", {"weight_decay": 0.1}),
    ("Adamax", {}),
    ("Nadam", {}),
    ("Lion", {}),
    ("Ftrl", {"l1_regularization_strength": 0.1, "l2_regularization_strength": 0.2, "beta": 0.1}),
    ("Ftrl", {"learning_rate_power": -0.4, "l2_shrinkage_regularization_strength": 0.1}),
]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"weight_decay": 0.1},
    {"clipnorm": 0.5},
    {"clipvalue": 0.3},
    {"global_clipnorm": 0.5},
    {"use_ema": True, "ema_momentum": 0.9},
    {"use_ema": True, "ema_overwrite_frequency": 3},
    {"gradient_accumulation_steps": 4},
    {"gradient_accumulation_steps": 3, "use_ema": True, "ema_overwrite_frequency": 2, "clipnorm": 0.5},
    {"loss_scale_factor": 8.0, "weight_decay": 0.01},
]
SCHEDULES: list[tuple[str, dict[str, Any]]] = [
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5}),
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5, "staircase": True}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5, "staircase": True}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 9}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 9, "end_learning_rate": 0.01, "power": 0.5}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 4, "power": 2.0, "cycle": True}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 9}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 9, "alpha": 0.2}),
    (
        "CosineDecay",
        {"initial_learning_rate": 0.01, "decay_steps": 9, "warmup_target": 0.2, "warmup_steps": 5, "alpha": 0.1},
    ),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 5}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 4, "t_mul": 1.0, "m_mul": 0.5}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 3, "t_mul": 1.5, "alpha": 0.1}),
    ("PiecewiseConstantDecay", {"boundaries": [4, 9], "values": [0.1, 0.05, 0.01]}),
    ("PiecewiseConstantDecay", {"boundaries": [8], "values": [0.1, 0.05]}),
]


def named(case: Any) -> str:
    return case if isinstance(case, str) else ", ".join(f"{name}={value}" for name, value in case.items()) or "plain"


def gradients(step: int) -> list[np.ndarray]:
    """Return gradients of all sizes, the same on both sides."""
    sizes = [np.prod(shape, dtype=int) for shape in SHAPES]
    numbers = [np.sin(np.arange(1.0, size + 1) * (1.7 + step) + i) for i, size in enumerate(sizes)]
    return [each.reshape(shape).astype("float32") for each, shape in zip(numbers, SHAPES, strict=True)]


def trajectory(tf: Any, optimizer: Any, captured: bool = False, steps: int = STEPS) -> tuple[list[Any], list[Any]]:
    """Return the variables after each step, and those of the optimizer after the last."""
    variables = [tf.Variable(start) for start in START]
    optimizer.build(variables)

    def step(*grads: Any) -> None:
        optimizer.apply_gradients(zip(grads, variables, strict=True))

    act: Callable[..., Any] = tf.function(step) if captured else step
    places = []
    for number in range(steps):
        act(*map(tf.constant, gradients(number)))
        places.append([variable.numpy() for variable in variables])
    if captured:
        assert "iteration" in act.source()  # it is a program, and not Python run each time
    return places, [variable.numpy() for variable in optimizer.variables]


def assert_same_way(ours: Any, theirs: Any) -> None:
    for mine, its in zip(ours[0], theirs[0], strict=True):
        for one, other in zip(mine, its, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6)
    for one, other in zip(ours[1], theirs[1], strict=True):
        assert (one.shape, one.dtype) == (other.shape, other.dtype)
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("options", OPTIONS, ids=named)
@pytest.mark.parametrize(("name", "arguments"), OPTIMIZERS, ids=named)
def test_goes_the_way_of_keras(name: str, arguments: dict[str, Any], options: dict[str, Any], oracle: Any) -> None:
    given = {"learning_rate": 0.05, **arguments, **options}
    theirs = trajectory(oracle, getattr(oracle.keras.optimizers, name)(**given))
    for captured in (False, True):
        assert_same_way(trajectory(minitf, getattr(minitf.keras.optimizers, name)(**given), captured), theirs)
