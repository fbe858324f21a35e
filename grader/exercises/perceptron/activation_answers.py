"""Right and wrong answers to the exercises on bias and activation, and the judge that names the half that is wrong.

Each answer stands alone (Python, `math` and `np` are all it may use), because its source is also what a student would
have handed in.  The exercises in `activation` say what each of them means.
"""
# ruff: noqa: D103 - the names say what each does, and a docstring would be handed in with every sample answer

from __future__ import annotations

import math
from typing import Any

import numpy as np

from grader.compare import difference, shown
from grader.exercise import Close

PRECISE = Close(rtol=1e-6, atol=2e-16)  # small values count too, down to what a float can tell from 0 beside 1

# bias_form: the threshold as a weight on an input that is always 1


def bias_form(weights: list[float], threshold: float) -> list[float]:
    return [-threshold, *weights]


def bias_inserted(weights: list[float], threshold: float) -> list[float]:
    result = list(weights)
    result.insert(0, -threshold)
    return result


def bias_as_tuple(weights: list[float], threshold: float) -> tuple[float, ...]:
    return (0 - threshold,) + tuple(weights)


def bias_as_array(weights: list[float], threshold: float) -> object:
    return np.concatenate([[-threshold], weights])


def bias_with_the_same_sign(weights: list[float], threshold: float) -> list[float]:
    return [threshold] + list(weights)


def bias_at_the_end(weights: list[float], threshold: float) -> list[float]:
    return list(weights) + [-threshold]


def bias_in_every_weight(weights: list[float], threshold: float) -> list[float]:
    return [w - threshold for w in weights]


def bias_of_one(weights: list[float], threshold: float) -> list[float]:
    return [1.0] + list(weights)


def bias_beside_the_list(weights: list[float], threshold: float) -> list[object]:
    return [-threshold, weights]


def bias_alone(weights: list[float], threshold: float) -> float:
    return -threshold


# step_and_sigmoid


def step_and_sigmoid(z: float) -> tuple[int, float]:
    step = 1 if z > 0 else 0
    if z >= 0:
        return step, 1 / (1 + math.exp(-z))
    small = math.exp(z)
    return step, small / (1 + small)


def sigmoid_by_tanh(z: float) -> tuple[bool, float]:
    return z > 0, 0.5 * (1 + math.tanh(z / 2))


def sigmoid_clipped(z: float) -> list[float]:
    return [float(z > 0), float(1 / (1 + np.exp(-np.clip(z, -500, 500))))]


def sigmoid_by_logaddexp(z: float) -> tuple[int, float]:
    return int(z > 0), np.exp(-np.logaddexp(0, -z))


def sigmoid_with_a_way_out(z: float) -> tuple[int, float]:
    try:
        smooth = 1 / (1 + math.exp(-z))
    except OverflowError:
        smooth = 0.0
    return (1 if z > 0 else 0), smooth


def sigmoid_overflows_below(z: float) -> tuple[int, float]:
    return (1 if z > 0 else 0), 1 / (1 + math.exp(-z))


def sigmoid_overflows_above(z: float) -> tuple[int, float]:
    return (1 if z > 0 else 0), math.exp(z) / (1 + math.exp(z))


def step_up_at_zero(z: float) -> tuple[int, float]:
    small = math.exp(-abs(z))
    return (1 if z >= 0 else 0), (1 / (1 + small) if z >= 0 else small / (1 + small))


def sigmoid_mirrored(z: float) -> tuple[int, float]:
    small = math.exp(-abs(z))
    return (1 if z > 0 else 0), (small / (1 + small) if z >= 0 else 1 / (1 + small))


def sigmoid_first(z: float) -> tuple[float, int]:
    small = math.exp(-abs(z))
    return (1 / (1 + small) if z >= 0 else small / (1 + small)), (1 if z > 0 else 0)


def sigmoid_rounded(z: float) -> tuple[int, int]:
    step = 1 if z > 0 else 0
    return step, step


def sigmoid_mirrored_and_overflowing(z: float) -> tuple[int, float]:
    return (1 if z > 0 else 0), 1 / (1 + math.exp(z))


def sigmoid_cut_off(z: float) -> tuple[int, float]:
    if z < -20:
        return 0, 0.0
    return (1 if z > 0 else 0), 1 / (1 + math.exp(-z))


def judge_pair(got: Any, args: tuple[Any, ...]) -> str | None:
    """Complain about the step or the sigmoid of *args*, by name; *got* should be the pair of them."""
    pair = got.tolist() if isinstance(got, np.ndarray) else got
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        return f"Give back a pair, (step, sigmoid), not {shown(got)}."
    for name, wanted, came in zip(("step (first", "sigmoid (second"), step_and_sigmoid(*args), pair, strict=True):
        if complaint := difference(wanted, came, PRECISE):
            return complaint.replace("The result", f"The {name} value)", 1)
    return None
