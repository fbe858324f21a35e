"""Mutants of this chapter's model solutions that are right all the same, by exercise, each with the reason.

`grader audit 1` names a mutant as it stands here. One that is noticed after all is reported, so that no reason outlives
its mutant.
"""

from __future__ import annotations

from collections.abc import Mapping

Reasons = Mapping[str, str]


def _each(before: str, afters: Mapping[str, str]) -> dict[str, str]:
    """Return reasons by mutant, for several that change the same line."""
    return {f"{before} → {after}": reason for after, reason in afters.items()}


def _not_strict(line: str) -> dict[str, str]:
    return {f"{line} → {line.replace('strict=True', 'strict=False')}": "both lists have an entry for each input"}


weighted_sum: Reasons = _not_strict("for x, w in zip(inputs, weights, strict=True):")
decide: Reasons = _not_strict("total = sum((x * w for x, w in zip(inputs, weights, strict=True)))")
missing_weight: Reasons = {
    **_not_strict("for x, w in zip(inputs, weights, strict=True):"),
    **_each("gap = 0.0", dict.fromkeys(("pass", "gap = 1.0", "gap = -1.0"), "one weight is always missing")),
}
flip_count: Reasons = _not_strict("return sum((x * w for x, w in zip(row, weights, strict=True))) > threshold")
step_and_sigmoid: Reasons = _each(
    "if z >= 0:",
    dict.fromkeys(
        ("if z > 0:", "if z >= 1:", "if z >= -1:"), "near 0 both fractions are the sigmoid, and neither overflows"
    ),
)

_GATES = "return {'and': ([1, 1], 1.5), 'or': ([1, 1], 0.5), 'nand': ([-1, -1], -1.5)}"
_BETWEEN = "the threshold stays between the sums that say no and those that say yes"
_YES = "a larger weight on an input that is enough by itself changes no answer"
gates: Reasons = _each(
    _GATES,
    {
        _GATES.replace("([1, 1], 1.5)", "([1, 1], 1.65)"): _BETWEEN,
        _GATES.replace("0.5", "0.55"): _BETWEEN,
        _GATES.replace("([1, 1], 0.5)", "([2, 1], 0.5)"): _YES,
        _GATES.replace("([1, 1], 0.5)", "([1, 2], 0.5)"): _YES,
        _GATES.replace("-1.5", "-1.65"): _BETWEEN,
    },
)
xor_needs_two_layers: Reasons = {
    "return None → pass": "a function that ends gives None",
    "for x1 in (0, 1): → for x1 in (1, 0):": "any row where the neuron fails will do",
    "for x2 in (0, 1): → for x2 in (1, 0):": "any row where the neuron fails will do",
}
_XOR = "return {'hidden': [([1, 1], 0.5), ([-1, -1], -1.5)], 'output': ([1, 1], 1.5)}"
xor: Reasons = _each(
    _XOR,
    {
        _XOR.replace("([1, 1], 0.5), ([-1, -1], -1.5)", "([-1, -1], -1.5), ([1, 1], 0.5)"): "AND asks in any order",
        _XOR.replace("([1, 1], 1.5)", "([1, 1], 1.65)"): _BETWEEN,
        _XOR.replace("0.5", "0.55"): _BETWEEN,
        _XOR.replace("([1, 1], 0.5)", "([2, 1], 0.5)"): _YES,
        _XOR.replace("([1, 1], 0.5)", "([1, 2], 0.5)"): _YES,
        _XOR.replace("-1.5", "-1.65"): _BETWEEN,
    },
)
count_yes: Reasons = {
    **_not_strict("for x, w in zip(inputs, weights, strict=True):"),
    "for inputs in product([0, 1], repeat=len(weights)): → for inputs in product([1, 0], repeat=len(weights)):": (
        "all rows are counted, in whatever order"
    ),
}
