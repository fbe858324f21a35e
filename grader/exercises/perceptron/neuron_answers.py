"""Right and wrong answers to the exercises about one neuron.

Each function stands alone (Python and `np` are all it may use), because its source is also what a student
would have handed in.  The exercises in `neuron` say what each of them means.
"""
# ruff: noqa: D103 - the names say what each does, and a docstring would be handed in with every sample answer

import numpy as np

# weighted_sum


def weighted_sum(inputs: list[float], weights: list[float]) -> float:
    total = 0.0
    for x, w in zip(inputs, weights, strict=True):
        total = total + x * w
    return total


def sum_of_products(inputs: list[float], weights: list[float]) -> float:
    return sum(x * w for x, w in zip(inputs, weights, strict=True))


def sum_by_index(inputs: list[float], weights: list[float]) -> float:
    total = 0.0
    i = len(weights) - 1
    while i >= 0:
        total += weights[i] * inputs[i]
        i -= 1
    return total


def dot_product(inputs: list[float], weights: list[float]) -> float:
    return float(np.dot(inputs, weights))


def array_sum(inputs: list[float], weights: list[float]) -> float:
    return float((np.array(inputs) * np.array(weights)).sum())


def inputs_ignored(inputs: list[float], weights: list[float]) -> float:
    return sum(weights)


def only_the_last(inputs: list[float], weights: list[float]) -> float:
    total = 0.0
    for x, w in zip(inputs, weights, strict=True):
        total = x * w
    return total


def returned_too_early(inputs: list[float], weights: list[float]) -> float:
    total = 0.0
    for x, w in zip(inputs, weights, strict=True):
        total = total + x * w
        return total
    return total


def product_thrown_away(inputs: list[float], weights: list[float]) -> float:
    total = 0.0
    for x, w in zip(inputs, weights, strict=True):
        total + x * w  # noqa: B018 - that nothing keeps this is the mistake
    return total


def only_inputs_of_one(inputs: list[float], weights: list[float]) -> float:
    total = 0.0
    for x, w in zip(inputs, weights, strict=True):
        if x == 1:
            total += w
    return total


def two_separate_sums(inputs: list[float], weights: list[float]) -> float:
    return sum(inputs) * sum(weights)


def added_instead(inputs: list[float], weights: list[float]) -> float:
    return sum(x + w for x, w in zip(inputs, weights, strict=True))


# decide


def decide(inputs: list[float], weights: list[float], threshold: float) -> int:
    total = sum(x * w for x, w in zip(inputs, weights, strict=True))
    return 1 if total > threshold else 0


def decide_as_truth(inputs: list[float], weights: list[float], threshold: float) -> bool:
    total = 0.0
    for x, w in zip(inputs, weights, strict=True):
        total += x * w
    return total > threshold


def decide_with_arrays(inputs: list[float], weights: list[float], threshold: float) -> int:
    return int(np.dot(inputs, weights) > threshold)


def decide_by_difference(inputs: list[float], weights: list[float], threshold: float) -> float:
    rest = -threshold
    for i in range(len(inputs)):
        rest = rest + inputs[i] * weights[i]
    return float(np.heaviside(rest, 0))


def decide_not_below(inputs: list[float], weights: list[float], threshold: float) -> int:
    if sum(x * w for x, w in zip(inputs, weights, strict=True)) <= threshold:
        return 0
    return 1


def ties_fire(inputs: list[float], weights: list[float], threshold: float) -> int:
    total = sum(x * w for x, w in zip(inputs, weights, strict=True))
    return 1 if total >= threshold else 0


def the_wrong_way_round(inputs: list[float], weights: list[float], threshold: float) -> int:
    total = sum(x * w for x, w in zip(inputs, weights, strict=True))
    return 1 if total < threshold else 0


def sum_instead_of_decision(inputs: list[float], weights: list[float], threshold: float) -> float:
    total = sum(x * w for x, w in zip(inputs, weights, strict=True))
    return total if total > threshold else 0


def weights_unused(inputs: list[float], weights: list[float], threshold: float) -> int:
    return 1 if sum(inputs) > threshold else 0


def every_input_alone(inputs: list[float], weights: list[float], threshold: float) -> int:
    for x, w in zip(inputs, weights, strict=True):
        if x * w > threshold:
            return 1
    return 0


def decided_before_the_end(inputs: list[float], weights: list[float], threshold: float) -> int:
    total = 0.0
    for x, w in zip(inputs, weights, strict=True):
        total += x * w
        if total > threshold:
            return 1
    return 0


def threshold_of_the_concert(inputs: list[float], weights: list[float], threshold: float) -> int:
    total = sum(x * w for x, w in zip(inputs, weights, strict=True))
    return 1 if total > 1.5 else 0


def tonight_and_nothing_else(inputs: list[float], weights: list[float], threshold: float) -> int:
    tonight, mine = [1, 0, 1, 0, 1], [0.7, 0.6, 0.5, 0.3, 0.4]
    return 1 if sum(x * w for x, w in zip(tonight, mine, strict=True)) > 1.5 else 0


# missing_weight: the weight of one input was left out of the table


def missing_weight(inputs: list[float], weights: list[float | None], total: float) -> float | None:
    rest = total
    gap = 0.0
    for x, w in zip(inputs, weights, strict=True):
        if w is None:
            gap = x
        else:
            rest = rest - x * w
    return rest / gap if gap != 0 else None


def missing_by_position(inputs: list[float], weights: list[float | None], total: float) -> float | None:
    at = weights.index(None)
    if inputs[at] == 0:
        return None
    known = sum(x * w for x, w in zip(inputs, weights, strict=True) if w is not None)
    return (total - known) / inputs[at]


def missing_with_arrays(inputs: list[float], weights: list[float | None], total: float) -> float | None:
    known = np.array([0.0 if w is None else w for w in weights])
    gap = np.array([w is None for w in weights]) @ np.array(inputs)
    return None if gap == 0 else (total - known @ np.array(inputs)) / gap


def missing_by_two_sums(inputs: list[float], weights: list[float | None], total: float) -> float | None:
    def sum_with(guess: float) -> float:
        return sum(x * (guess if w is None else w) for x, w in zip(inputs, weights, strict=True))

    without, slope = sum_with(0.0), sum_with(1.0) - sum_with(0.0)
    if slope == 0:
        return None
    return (total - without) / slope


def missing_inputs_unused(inputs: list[float], weights: list[float | None], total: float) -> float | None:
    if inputs[weights.index(None)] == 0:
        return None
    return total - sum(w for w in weights if w is not None)


def missing_never_divided(inputs: list[float], weights: list[float | None], total: float) -> float | None:
    if inputs[weights.index(None)] == 0:
        return None
    return total - sum(x * w for x, w in zip(inputs, weights, strict=True) if w is not None)


def missing_never_divided_always_known(inputs: list[float], weights: list[float | None], total: float) -> float | None:
    return total - sum(x * w for x, w in zip(inputs, weights, strict=True) if w is not None)


def missing_with_zero_for_none(inputs: list[float], weights: list[float | None], total: float) -> float | None:
    gap = inputs[weights.index(None)]
    rest = total - sum(x * w for x, w in zip(inputs, weights, strict=True) if w is not None)
    if not gap or not rest:
        return None
    return rest / gap


def missing_always_known(inputs: list[float], weights: list[float | None], total: float) -> float | None:
    rest = total - sum(x * w for x, w in zip(inputs, weights, strict=True) if w is not None)
    return rest / max(inputs[weights.index(None)], 1)


def missing_divided_by_zero(inputs: list[float], weights: list[float | None], total: float) -> float | None:
    rest = total - sum(x * w for x, w in zip(inputs, weights, strict=True) if w is not None)
    return rest / inputs[weights.index(None)]


def missing_with_wrong_sign(inputs: list[float], weights: list[float | None], total: float) -> float | None:
    if inputs[weights.index(None)] == 0:
        return None
    known = sum(x * w for x, w in zip(inputs, weights, strict=True) if w is not None)
    return (known - total) / inputs[weights.index(None)]


# flip_count: how many answers, changed alone, change the decision


def flip_count(inputs: list[int], weights: list[float], threshold: float) -> int:
    def fires(row: list[int]) -> bool:
        return sum(x * w for x, w in zip(row, weights, strict=True)) > threshold

    count = 0
    for i in range(len(inputs)):
        flipped = list(inputs)
        flipped[i] = 1 - flipped[i]
        if fires(flipped) != fires(inputs):
            count = count + 1
    return count


def flips_put_back(inputs: list[int], weights: list[float], threshold: float) -> int:
    row = inputs[:]
    before = sum(x * w for x, w in zip(row, weights, strict=True)) > threshold
    count = 0
    for i in range(len(row)):
        row[i] = 1 - row[i]
        after = sum(x * w for x, w in zip(row, weights, strict=True)) > threshold
        count += after != before
        row[i] = 1 - row[i]
    return count


def flips_by_change(inputs: list[int], weights: list[float], threshold: float) -> int:
    total = sum(x * w for x, w in zip(inputs, weights, strict=True))
    after = [total + w if x == 0 else total - w for x, w in zip(inputs, weights, strict=True)]
    return len([s for s in after if (s > threshold) is not (total > threshold)])


def flips_as_table(inputs: list[int], weights: list[float], threshold: float) -> int:
    row = np.array(inputs)
    table = np.abs(row - np.eye(len(row)))
    return int(np.sum((table @ np.array(weights) > threshold) != (row @ np.array(weights) > threshold)))


def flips_that_stay(inputs: list[int], weights: list[float], threshold: float) -> int:
    row = list(inputs)
    before = sum(x * w for x, w in zip(row, weights, strict=True)) > threshold
    count = 0
    for i in range(len(row)):
        row[i] = 1 - row[i]
        after = sum(x * w for x, w in zip(row, weights, strict=True)) > threshold
        count += after != before
    return count


def flips_to_yes(inputs: list[int], weights: list[float], threshold: float) -> int:
    count = 0
    for i in range(len(inputs)):
        row = list(inputs)
        row[i] = 1 - row[i]
        count += sum(x * w for x, w in zip(row, weights, strict=True)) > threshold
    return count


def flips_of_ones(inputs: list[int], weights: list[float], threshold: float) -> int:
    total = sum(x * w for x, w in zip(inputs, weights, strict=True))
    count = 0
    for x, w in zip(inputs, weights, strict=True):
        count += (total - x * w > threshold) != (total > threshold)
    return count


def flips_with_ties_firing(inputs: list[int], weights: list[float], threshold: float) -> int:
    total = sum(x * w for x, w in zip(inputs, weights, strict=True))
    count = 0
    for x, w in zip(inputs, weights, strict=True):
        count += (total + (1 - 2 * x) * w >= threshold) != (total >= threshold)
    return count


def flips_counted_anew(inputs: list[int], weights: list[float], threshold: float) -> int:
    total = sum(x * w for x, w in zip(inputs, weights, strict=True))
    for x, w in zip(inputs, weights, strict=True):
        count = 0
        if (total + (1 - 2 * x) * w > threshold) != (total > threshold):
            count = count + 1
    return count


def flips_returned_too_early(inputs: list[int], weights: list[float], threshold: float) -> int:
    total = sum(x * w for x, w in zip(inputs, weights, strict=True))
    count = 0
    for x, w in zip(inputs, weights, strict=True):
        if (total + (1 - 2 * x) * w > threshold) != (total > threshold):
            count = count + 1
        return count
    return count


def flips_of_the_sum(inputs: list[int], weights: list[float], threshold: float) -> int:
    return sum(w != 0 for w in weights)


# count_yes: the broken code of the chapter, repaired


def count_yes(weights: list[float], threshold: float) -> int:
    from itertools import product

    count = 0
    for inputs in product([0, 1], repeat=len(weights)):
        total = 0.0
        for x, w in zip(inputs, weights, strict=True):
            total += x * w
        if total > threshold:
            count += 1
    return count


def count_by_doubling(weights: list[float], threshold: float) -> int:
    sums = [0.0]
    for w in weights:
        sums = sums + [s + w for s in sums]
    return sum(s > threshold for s in sums)


def count_by_binary_digits(weights: list[float], threshold: float) -> int:
    count = 0
    for number in range(2 ** len(weights)):
        total = sum(w for i, w in enumerate(weights) if number >> i & 1)
        count += total > threshold
    return count


def count_with_arrays(weights: list[float], threshold: float) -> int:
    n = len(weights)
    table = np.arange(2**n)[:, None] >> np.arange(n) & 1
    return int(np.count_nonzero(table @ np.array(weights) > threshold))


def count_four_inputs(weights: list[float], threshold: float) -> int:
    from itertools import product

    count = 0
    for inputs in product([0, 1], repeat=4):
        total = 0.0
        for x, w in zip(inputs, weights, strict=False):
            total += x * w
        if total > threshold:
            count += 1
    return count


def count_five_inputs(weights: list[float], threshold: float) -> int:
    from itertools import product

    count = 0
    for inputs in product([0, 1], repeat=5):
        total = 0.0
        for x, w in zip(inputs, weights, strict=False):
            total += x * w
        if total > threshold:
            count += 1
    return count


def count_total_kept(weights: list[float], threshold: float) -> int:
    from itertools import product

    count = 0
    total = 0.0
    for inputs in product([0, 1], repeat=len(weights)):
        for x, w in zip(inputs, weights, strict=True):
            total += x * w
        if total > threshold:
            count += 1
    return count


def count_as_found(weights: list[float], threshold: float) -> int:
    from itertools import product

    count = 0
    total = 0.0
    for inputs in product([0, 1], repeat=4):
        for x, w in zip(inputs, weights, strict=False):
            total += x * w
        if total > threshold:
            count += 1
    return count


def count_with_ties(weights: list[float], threshold: float) -> int:
    sums = [0.0]
    for w in weights:
        sums = sums + [s + w for s in sums]
    return sum(s >= threshold for s in sums)


def count_anew(weights: list[float], threshold: float) -> int:
    from itertools import product

    for inputs in product([0, 1], repeat=len(weights)):
        count = 0
        total = sum(x * w for x, w in zip(inputs, weights, strict=True))
        if total > threshold:
            count += 1
    return count


def count_returned_too_early(weights: list[float], threshold: float) -> int:
    from itertools import product

    count = 0
    for inputs in product([0, 1], repeat=len(weights)):
        total = sum(x * w for x, w in zip(inputs, weights, strict=True))
        if total > threshold:
            count += 1
        return count
    return count
