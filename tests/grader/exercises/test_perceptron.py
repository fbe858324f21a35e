"""Wrong answers that chapter 1 must not accept, though no list of mistakes names them, and right ones that it must."""

import math

import numpy as np
import pytest

from grader.check import check, forget
from grader.exercise import exercises


@pytest.fixture(autouse=True)
def fresh_session():
    forget()
    yield
    forget()


def verdict_on(name, answer):
    return check(f"01-perceptron/{name}", answer)


def weighted(inputs, weights):
    return sum(x * w for x, w in zip(inputs, weights, strict=True))


def rest(inputs, weights, total):
    return total - weighted(inputs, [w or 0 for w in weights])


def flipped_sums(inputs, weights):
    return [weighted(inputs, weights) + (1 - 2 * x) * w for x, w in zip(inputs, weights, strict=True)]


def count(weights, threshold):
    sums = [0.0]
    for w in weights:
        sums += [s + w for s in sums]
    return sum(s > threshold for s in sums)


WRONG = {
    "weighted_sum": {
        "the first is left out": lambda i, w: weighted(i[1:], w[1:]),
        "the last is left out": lambda i, w: weighted(i[:-1], w[:-1]),
        "only positive products": lambda i, w: sum(max(x * v, 0) for x, v in zip(i, w, strict=True)),
        "absolute weights": lambda i, w: weighted(i, [abs(v) for v in w]),
        "inputs taken for bits": lambda i, w: sum(v for x, v in zip(i, w, strict=True) if x),
        "average": lambda i, w: weighted(i, w) / len(i),
        "rounded": lambda i, w: round(weighted(i, w), 1),
        "whole numbers": lambda i, w: int(weighted(i, w)),
        "five inputs": lambda i, w: sum(i[k] * w[k] for k in range(5)),
        "a list": lambda i, w: [x * v for x, v in zip(i, w, strict=True)],
        "nothing": lambda i, w: None,
    },
    "decide": {
        "threshold 1": lambda i, w, t: int(weighted(i, w) > 1),
        "always no": lambda i, w, t: 0,
        "absolute sum": lambda i, w, t: int(abs(weighted(i, w)) > t),
        "room for rounding": lambda i, w, t: int(weighted(i, w) > t + 0.125),
        "threshold at least 0": lambda i, w, t: int(weighted(i, w) > max(t, 0)),
        "minus one for no": lambda i, w, t: 1 if weighted(i, w) > t else -1,
        "in words": lambda i, w, t: "yes" if weighted(i, w) > t else "no",
    },
    "missing_weight": {
        "hole at the end": lambda i, w, s: s - weighted(i[:-1], w[:-1]),
        "minus one for unknown": lambda i, w, s: -1 if i[w.index(None)] == 0 else rest(i, w, s) / i[w.index(None)],
        "the total": lambda i, w, s: s,
        "half": lambda i, w, s: None if i[w.index(None)] == 0 else rest(i, w, s) / 2,
    },
    "flip_count": {
        "all of them": lambda i, w, t: len(i),
        "none of them": lambda i, w, t: 0,
        "those that are 1": lambda i, w, t: sum(i),
        "one at most": lambda i, w, t: int(any((s > t) != (weighted(i, w) > t) for s in flipped_sums(i, w))),
        "all at once": lambda i, w, t: int((weighted([1 - x for x in i], w) > t) != (weighted(i, w) > t)),
        "counts no only": lambda i, w, t: sum(s <= t for s in flipped_sums(i, w)),
    },
    "bias_form": {
        "absolute": lambda w, t: [-abs(t), *w],
        "nested twice": lambda w, t: [[-t], w],
        "pair": lambda w, t: (w, -t),
        "weights negated": lambda w, t: [t, *(-v for v in w)],
        "scaled to one": lambda w, t: [-1, *(v / t if t else v for v in w)],
    },
    "step_and_sigmoid": {
        "sigmoid alone": lambda x: 1 / (1 + math.exp(-max(x, -700))),
        "tanh": lambda x: (int(x > 0), math.tanh(x)),
        "a ramp": lambda x: (int(x > 0), min(max(0.5 + x / 4, 0), 1)),
        "half at the step": lambda x: (np.heaviside(x, 0.5), 1 / (1 + math.exp(-max(x, -700)))),
        "sign": lambda x: (np.sign(x), 1 / (1 + math.exp(-max(x, -700)))),
        "clipped far too early": lambda x: (int(x > 0), 1 / (1 + math.exp(-min(max(x, -4), 4)))),
        "clipped too early": lambda x: (int(x > 0), 1 / (1 + math.exp(-min(max(x, -25), 25)))),
        "cut off to 0 below -8": lambda x: (int(x > 0), 0 if x < -8 else 1 / (1 + math.exp(-x))),
        "cut off to 0 below -35": lambda x: (int(x > 0), 0 if x < -35 else 1 / (1 + math.exp(-x))),
        "rounded": lambda x: (int(x > 0), round(1 / (1 + math.exp(-max(x, -700))), 6)),
    },
    "count_yes": {
        "share": lambda w, t: count(w, t) / 2 ** len(w),
        "no instead of yes": lambda w, t: 2 ** len(w) - count(w, t),
        "no empty row": lambda w, t: count(w, t) - (0 > t),
        "ten": lambda w, t: 10,
        "without negative weights": lambda w, t: count([max(v, 0) for v in w], t),
    },
    "xor_needs_two_layers": {
        "always (0, 0)": lambda a, b, t: (0, 0),
        "always (0, 1)": lambda a, b, t: (0, 1),
        "nothing": lambda a, b, t: None,
        "true": lambda a, b, t: True,
        "fractions": lambda a, b, t: (0.5, 0.5),
    },
    "gates": {
        "only and": lambda: {"and": ([1, 1], 1.5)},
        "by rounding": lambda: {"and": ([0.1, 0.2], 0.3), "or": ([1, 1], 0.5), "nand": ([-1, -1], -1.5)},
        "three weights": lambda: {"and": ([1, 1, 1], 1.5), "or": ([1, 1], 0.5), "nand": ([-1, -1], -1.5)},
        "flat": lambda: {"and": (1, 1, 1.5), "or": (1, 1, 0.5), "nand": (-1, -1, -1.5)},
        "infinite": lambda: {"and": ([math.inf, 1], 1.5), "or": ([1, 1], 0.5), "nand": ([-1, -1], -1.5)},
        "functions": lambda: {"and": min, "or": max, "nand": sum},
        "texts": lambda: {"and": "1, 1, 1.5", "or": "", "nand": ""},
    },
    "xor": {
        "one layer": lambda: {"hidden": [], "output": ([1, 1], 0.5)},
        "one hidden": lambda: {"hidden": [([1, 1], 0.5)], "output": ([1], 0.5)},
        "equality": lambda: {"hidden": [([1, 1], 1.5), ([-1, -1], -0.5)], "output": ([1, 1], 0.5)},
        "not wired": lambda: {"hidden": [([1, 1], 0.5), ([-1, -1], -1.5)], "output": ([1, 1, 1], 1.5)},
        "a table": lambda: {(0, 0): 0, (0, 1): 1, (1, 0): 1, (1, 1): 0},
    },
    "classify_t_e_p": {
        "a list": lambda: list("TEPPETETP"),
        "one line left out": lambda: dict(zip(range(1, 9), "TEPPETET", strict=True)),
        "another letter": lambda: dict(zip(range(1, 10), "TEPPETETX", strict=True)),
        "all tasks": lambda: dict.fromkeys(range(1, 10), "T"),
    },
}  # fmt: skip

CASES = [(name, wrong) for name, answers in WRONG.items() for wrong in answers]


@pytest.mark.parametrize(("name", "wrong"), CASES, ids=lambda value: value.replace(" ", "-"))
def test_a_wrong_answer_that_no_list_names_is_not_accepted(name, wrong):
    verdict = verdict_on(name, WRONG[name][wrong])

    assert verdict.status in ("wrong", "error") and verdict.points == 0, verdict.text()
    assert verdict.mistake is None, "the wrong mistake is named"


@pytest.mark.parametrize("order", ["forwards", "backwards", "threshold first", "in float32", "in pairs"])
def test_no_honest_order_of_summation_is_punished(order):
    def honest(inputs, weights, threshold):
        products = [x * w for x, w in zip(inputs, weights, strict=True)]
        if order == "backwards":
            products.reverse()
        if order == "threshold first":
            return sum(products, -threshold) > 0
        if order == "in float32":
            return np.dot(np.float32(inputs), np.float32(weights)) > np.float32(threshold)
        if order == "in pairs":
            return sum(products[::2]) + sum(products[1::2]) > threshold
        return sum(products) > threshold

    assert verdict_on("decide", honest).passed


def test_a_tie_is_among_the_first_inputs_tried():
    verdict = verdict_on("decide", lambda i, w, t: int(weighted(i, w) >= t))

    assert (verdict.call, verdict.expected, verdict.got) == ("decide([0], [0.0], 0.0)", "0", "1")


def test_a_gate_that_is_wrong_is_told_on_which_row_and_by_which_sum():
    verdict = verdict_on("gates", lambda: {"and": ([1, 1], 1.5), "or": ([1, 0], 0.5), "nand": ([-1, -1], -1.5)})

    assert verdict.message == ('"or" says no on the inputs (0, 1) (sum 0, threshold 0.5), where a yes is wanted.')


def test_a_network_that_is_wrong_is_told_what_its_hidden_neurons_say():
    verdict = verdict_on("xor", lambda: {"hidden": [([1, 0], 0.5), ([0, 1], 0.5)], "output": ([1, 1], 0.5)})

    assert verdict.message == (
        "For the inputs (1, 1) the hidden neurons say (1, 1). The output neuron says yes on the inputs (1, 1) "
        "(sum 2, threshold 0.5), where a no is wanted."
    )


def test_a_row_on_which_a_neuron_is_right_is_no_failure_of_it():
    verdict = verdict_on("xor_needs_two_layers", lambda a, b, t: (0, 0))

    assert verdict.message.startswith("On (0, 0) this neuron gives 0, and so does XOR:")


def test_the_row_that_always_comes_back_is_explained_for_the_call_that_is_shown():
    verdict = verdict_on("xor_needs_two_layers", lambda a, b, t: (1, 1))

    assert verdict.call == "xor_needs_two_layers(0, 0, 0)"
    assert verdict.message.startswith("On (1, 1) this neuron gives 0, and so does XOR:")


def test_of_a_pair_the_half_that_is_wrong_is_named():
    def steps(z):
        return np.sign(z), 1 / (1 + math.exp(-max(z, -700)))

    def slopes(z):
        return int(z > 0), 0.5

    assert verdict_on("step_and_sigmoid", steps).message == "The step (first value) is -1.0, expected 0."
    assert verdict_on("step_and_sigmoid", slopes).message.startswith("The sigmoid (second value) is 0.5, expected 0.")


def test_a_line_without_a_letter_is_told_by_its_number():
    verdict = verdict_on("classify_t_e_p", lambda: {1: "T", 2: "E", 4: "P"})

    assert verdict.message == "Line 3 has no letter yet."


@pytest.mark.parametrize("guess", [0, 7, 32])
def test_a_guess_earns_its_point_whatever_it_is(guess):
    verdict = verdict_on("predict_evenings", lambda: guess)

    assert (verdict.points, verdict.in_words) == (1, "noted")
    assert f"Your guess: {guess}." in verdict.message


@pytest.mark.parametrize("name", ["flip_count", "xor_needs_two_layers"])
def test_a_tie_that_fires_in_an_exercise_built_on_decide_points_at_decide(name):
    mistakes = exercises("01-perceptron")[name].mistakes

    assert mistakes["ties fire"].message.endswith("(look in your decide).")


def test_an_overflow_to_infinity_that_still_gives_the_right_sigmoid_is_accepted():
    def naive(x):
        with np.errstate(over="ignore"):
            return int(x > 0), 1 / (1 + np.exp(-x))

    assert verdict_on("step_and_sigmoid", naive).passed


def test_a_solution_may_change_the_lists_it_is_given():
    def careless(weights, threshold):
        weights.insert(0, -threshold)
        return weights

    assert verdict_on("bias_form", careless).passed
