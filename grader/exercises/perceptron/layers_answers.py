"""Right and wrong answers to the exercises about gates and layers, and the judges of those open questions.

A neuron is written (weights, threshold) and says yes when its weighted sum is greater than the threshold.  Any weights
that do the work are right, so the judges look at what a neuron does, never at its numbers.
"""
# ruff: noqa: D103 - the names say what each does, and a docstring would be handed in with every sample answer

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np

ROWS = ((0, 0), (0, 1), (1, 0), (1, 1))
GATES = {"and": (0, 0, 0, 1), "or": (0, 1, 1, 1), "nand": (1, 1, 1, 0)}
XOR = (0, 1, 1, 0)
TOO_NEAR = 1e-9  # a sum that misses the threshold by less does so by rounding alone


# gates


def gates() -> dict[str, tuple[list[float], float]]:
    return {"and": ([1, 1], 1.5), "or": ([1, 1], 0.5), "nand": ([-1, -1], -1.5)}


def gates_in_tenths() -> dict[str, tuple[list[float], float]]:
    return {"and": ([0.6, 0.6], 1.0), "or": ([0.6, 0.7], 0.5), "nand": ([-0.6, -0.6], -1.0)}


def gates_as_lists() -> dict[str, list[object]]:
    return {"and": [(2, 3), 4], "or": [(2, 3), 0], "nand": [(-2, -3), -5]}


def gates_with_arrays() -> dict[str, tuple[object, float]]:
    ones = np.ones(2)
    return {"and": (ones, 1.0), "or": (ones, 0.0), "nand": (-ones, -2.0)}


def gates_on_the_threshold() -> dict[str, tuple[list[float], float]]:
    return {"and": ([1, 1], 2), "or": ([1, 1], 1), "nand": ([-1, -1], -1)}


def gates_nand_keeps_its_threshold() -> dict[str, tuple[list[float], float]]:
    return {"and": ([1, 1], 1.5), "or": ([1, 1], 0.5), "nand": ([-1, -1], 1.5)}


def gates_nand_like_and() -> dict[str, tuple[list[float], float]]:
    return {"and": ([1, 1], 1.5), "or": ([1, 1], 0.5), "nand": ([1, 1], 1.5)}


def gates_mixed_up() -> dict[str, tuple[list[float], float]]:
    return {"and": ([1, 1], 0.5), "or": ([1, 1], 1.5), "nand": ([-1, -1], -1.5)}


def judge_gates(got: Any, args: tuple[Any, ...]) -> str | None:
    """Complain about the first gate and row on which a dict of neurons goes wrong."""
    if not isinstance(got, dict):
        return f'Give back a dict with the keys "and", "or" and "nand", not {got!r}.'
    for gate, wanted in GATES.items():
        if gate not in got:
            return f'There is no neuron for "{gate}" in the dict.'
        neuron = _neuron(got[gate], 2)
        if isinstance(neuron, str):
            return f'"{gate}" {neuron}'
        for row, right in zip(ROWS, wanted, strict=True):
            if complaint := _wrong_row(neuron, row, right):
                return f'"{gate}" {complaint}'
    return None


# xor_needs_two_layers: a row that the given neuron gets wrong


def xor_needs_two_layers(w1: float, w2: float, threshold: float) -> tuple[int, int] | None:
    for x1 in (0, 1):
        for x2 in (0, 1):
            fires = w1 * x1 + w2 * x2 > threshold
            if fires != (x1 != x2):
                return x1, x2
    return None


def witness_from_the_end(w1: float, w2: float, threshold: float) -> list[int]:
    rows = [[1, 1], [1, 0], [0, 1], [0, 0]]
    return [row for row in rows if (np.dot(row, [w1, w2]) > threshold) != (sum(row) == 1)][0]


def witness_by_cases(w1: float, w2: float, threshold: float) -> tuple[int, int]:
    if threshold < 0:
        return 0, 0
    if w1 <= threshold:
        return 1, 0
    if w2 <= threshold:
        return 0, 1
    return 1, 1


def witness_as_array(w1: float, w2: float, threshold: float) -> object:
    rows = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    wrong = (rows @ np.array([w1, w2]) > threshold) != (rows.sum(axis=1) == 1)
    return rows[np.argmax(wrong)]


def witness_always_both(w1: float, w2: float, threshold: float) -> tuple[int, int]:
    return 1, 1


def witness_row_that_is_right(w1: float, w2: float, threshold: float) -> tuple[int, int] | None:
    for x1 in (0, 1):
        for x2 in (0, 1):
            fires = w1 * x1 + w2 * x2 > threshold
            if fires == (x1 != x2):
                return x1, x2
    return None


def witness_against_or(w1: float, w2: float, threshold: float) -> tuple[int, int] | None:
    for x1 in (0, 1):
        for x2 in (0, 1):
            fires = w1 * x1 + w2 * x2 > threshold
            if fires != (x1 + x2 > 0):
                return x1, x2
    return None


def witness_ties_fire(w1: float, w2: float, threshold: float) -> tuple[int, int] | None:
    for x1 in (0, 1):
        for x2 in (0, 1):
            fires = w1 * x1 + w2 * x2 >= threshold
            if fires != (x1 != x2):
                return x1, x2
    return None


def judge_witness(got: Any, args: tuple[Any, ...]) -> str | None:
    """Complain unless *got* is a row on which the neuron of *args* differs from XOR."""
    row = _plain(got)
    if not isinstance(row, list) or len(row) != 2 or any(x not in (0, 1) for x in row):
        return f"Give back one row of the table, two numbers that are 0 or 1, not {got!r}."
    w1, w2, threshold = args
    x1, x2 = (int(x) for x in row)
    total = w1 * x1 + w2 * x2
    fires = int(total > threshold)
    if fires == int(x1 != x2):
        return f"On ({x1}, {x2}) this neuron gives {fires}, and so does XOR: look for a row where they differ."
    return None


# xor: a network of two layers


def xor() -> dict[str, object]:
    return {"hidden": [([1, 1], 0.5), ([-1, -1], -1.5)], "output": ([1, 1], 1.5)}


def xor_or_without_and() -> dict[str, object]:
    return {"hidden": [([1, 1], 0.5), ([1, 1], 1.5)], "output": ([1, -1], 0.5)}


def xor_one_but_not_the_other() -> dict[str, object]:
    return {"hidden": [([1, -1], 0.5), ([-1, 1], 0.5)], "output": ([1, 1], 0.5)}


def xor_with_three_hidden() -> dict[str, object]:
    hidden = [(np.array([1, -1]), 0), (np.array([-1, 1]), 0), (np.array([1, 1]), 1)]
    return {"hidden": hidden, "output": (np.array([1, 1, 0]), 0)}


def xor_with_an_or_at_the_end() -> dict[str, object]:
    return {"hidden": [([1, 1], 0.5), ([-1, -1], -1.5)], "output": ([1, 1], 0.5)}


def xor_from_or_and_and() -> dict[str, object]:
    return {"hidden": [([1, 1], 0.5), ([1, 1], 1.5)], "output": ([1, 1], 1.5)}


def xor_output_on_the_threshold() -> dict[str, object]:
    return {"hidden": [([1, 1], 0.5), ([-1, -1], -1.5)], "output": ([1, 1], 2)}


def xor_one_neuron_twice() -> dict[str, object]:
    return {"hidden": [([1, 1], 0.5), ([1, 1], 0.5)], "output": ([1, 1], 1.5)}


def judge_xor(got: Any, args: tuple[Any, ...]) -> str | None:
    """Complain unless *got* describes two layers of neurons that compute XOR."""
    if not isinstance(got, dict) or not {"hidden", "output"} <= got.keys():
        return 'Give back a dict with the keys "hidden" (a list of neurons) and "output" (one neuron).'
    if not isinstance(got["hidden"], list | tuple) or len(got["hidden"]) < 2:
        return '"hidden" should be a list of at least two neurons: one neuron alone cannot help the output.'
    hidden = []
    for place, written in enumerate(got["hidden"], start=1):
        neuron = _neuron(written, 2)
        if isinstance(neuron, str):
            return f"Hidden neuron {place} {neuron}"
        hidden.append(neuron)
    output = _neuron(got["output"], len(hidden))
    if isinstance(output, str):
        return f"The output neuron {output}"
    for row, right in zip(ROWS, XOR, strict=True):
        said = tuple(int(_total(neuron, row) > neuron[1]) for neuron in hidden)
        if complaint := _wrong_row(output, said, right):
            return f"For the inputs {row} the hidden neurons say {said}. The output neuron {complaint}"
    return None


def _neuron(written: Any, inputs: int) -> tuple[list[float], float] | str:
    """Return (weights, threshold), or what is wrong with how it is *written*, to follow the neuron's name."""
    shape_is = f"should be written (weights, threshold), as in ([0.5, 0.5], 0.25), not {written!r}."
    if not isinstance(written, list | tuple) or len(written) != 2:
        return shape_is
    weights, threshold = (_plain(part) for part in written)
    if not isinstance(weights, list) or not all(map(_is_real, weights)) or not _is_real(threshold):
        return shape_is
    if len(weights) != inputs:
        return f"has {len(weights)} weights for {inputs} inputs: each input needs one."
    return [float(w) for w in weights], float(threshold)


def _wrong_row(neuron: tuple[list[float], float], row: Sequence[int], right: int) -> str | None:
    weights, threshold = neuron
    total = _total(neuron, row)
    if 0 < abs(total - threshold) < TOO_NEAR:
        return f"misses its threshold {threshold:g} on the inputs {tuple(row)} by rounding alone: leave more room."
    if int(total > threshold) == right:
        return None
    if total == threshold:
        return (
            f"has the sum {total:g} on the inputs {tuple(row)}, exactly its threshold: a yes is wanted here, "
            "and a neuron says yes only above it."
        )
    said, wanted = ("no", "yes") if right else ("yes", "no")
    return (
        f"says {said} on the inputs {tuple(row)} (sum {total:g}, threshold {threshold:g}), where a {wanted} is wanted."
    )


def _total(neuron: tuple[list[float], float], row: Sequence[int]) -> float:
    return sum(x * w for x, w in zip(row, neuron[0], strict=True))


def _plain(value: Any) -> Any:
    value = value.tolist() if isinstance(value, np.ndarray | np.generic) else value
    return list(value) if isinstance(value, tuple) else value


def _is_real(value: Any) -> bool:
    return isinstance(value, Real) and bool(np.isfinite(float(value)))
