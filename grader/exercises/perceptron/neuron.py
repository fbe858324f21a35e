"""The exercises on one neuron: sum, decision, missing weight, sensitivity, and a broken count.

Inputs are lists of zeros and ones or of eighths, whose sums are exact in any order: a sum can meet the threshold
exactly, and no honest order of summation is punished.  The answers, right and wrong, stand in `neuron_answers`.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from grader import cases
from grader.exercise import Exercise, Mistake
from grader.exercises.perceptron import equivalents
from grader.exercises.perceptron import neuron_answers as answers

CONCERT = [0.7, 0.6, 0.5, 0.3, 0.4]

weight = cases.grid(-2, 2)
bit = st.sampled_from([0, 1])


@st.composite
def decisions(draw: DrawFn, inputs: Any = bit) -> tuple[list[float], list[float], float]:
    """Inputs, weights and a threshold that is met exactly, nearly, or not at all."""
    rows = draw(st.lists(st.tuples(inputs, weight), min_size=1, max_size=6))
    total = sum(x * w for x, w in rows)
    threshold = draw(st.one_of(st.sampled_from([total, total - 0.125, total + 0.125]), weight))
    return [x for x, _ in rows], [w for _, w in rows], threshold


@st.composite
def gaps(draw: DrawFn) -> tuple[list[int], list[float | None], float]:
    """Inputs, weights of which one is None, and the sum with that weight in its place."""
    inputs, weights, _ = draw(decisions(st.sampled_from([0, 1, 2])))
    total = sum(x * w for x, w in zip(inputs, weights, strict=True))
    hidden = draw(st.integers(0, len(weights) - 1))
    return [int(x) for x in inputs], [None if i == hidden else w for i, w in enumerate(weights)], total


@st.composite
def people(draw: DrawFn) -> tuple[list[float], float]:
    """Weights of one to six questions and a threshold that some row of answers may meet exactly."""
    _, weights, threshold = draw(decisions())
    return weights, threshold


weighted_sum = Exercise(
    title="The weighted sum",
    points=1,
    reference=answers.weighted_sum,
    cases=cases.pairs_of_vectors(weight, weight).map(lambda pair: (list(pair[0]), list(pair[1]))),
    examples=[
        ([1], [0.5]),
        ([1, 1], [0.5, 0.25]),
        ([1, 0], [0.5, 0.25]),
        ([2, 3], [0.5, -1]),
        ([1, 0, 1, 0, 1], CONCERT),
    ],
    mistakes={
        "inputs ignored": Mistake(
            answers.inputs_ignored,
            "All weights are added, whatever the inputs. An input of 0 should silence its weight.",
        ),
        "only the last": Mistake(
            answers.only_the_last,
            "Each turn of the loop overwrites what the turns before it found, so only the last product is left.",
        ),
        "returns too early": Mistake(
            answers.returned_too_early,
            "The function comes back after the first input. Look at how far the line with `return` is indented.",
        ),
        "two separate sums": Mistake(
            answers.two_separate_sums,
            "Inputs and weights are added up separately. Each weight belongs to its own input: go pair by pair.",
        ),
        "added instead of multiplied": Mistake(
            answers.added_instead,
            "Input and weight are added. A weight says how much its input counts: it scales it.",
        ),
        "thrown away": Mistake(
            answers.product_thrown_away,
            "The product is worked out and thrown away: `total` never changes. Give it its new value with `=`.",
        ),
        "only inputs of 1": Mistake(
            answers.only_inputs_of_one,
            "Only inputs of 1 count here. Inputs need not be 0 or 1: an input of 0.5 lets half its weight in.",
        ),
    },
    equivalent=equivalents.weighted_sum,
    variants=[answers.sum_of_products, answers.sum_by_index, answers.dot_product, answers.array_sum],
    hints=[
        "Do it by hand for inputs [1, 0] and weights [0.5, 0.25]. What does each pair contribute?",
        "`total` has to keep what it has and grow by one product in each turn.",
    ],
)

decide = Exercise(
    title="Shall I go?",
    points=2,
    reference=answers.decide,
    cases=decisions(),
    examples=[
        ([1], [0.5], 0.25),
        ([1], [0.5], 0.5),
        ([0], [0.5], 0.25),
        ([1, 1], [0.5, 0.5], 0.75),
        ([1, 1], [1, -0.5], 0.75),
        ([1, 0, 1, 0, 1], CONCERT, 1.5),
        ([1, 0, 0, 0, 1], CONCERT, 1.5),
    ],
    mistakes={
        "ties fire": Mistake(
            answers.ties_fire,
            "A sum that is exactly the threshold gets a yes here. In this chapter the sum has to be greater.",
        ),
        "the wrong way round": Mistake(
            answers.the_wrong_way_round,
            "Large sums get a no and small ones a yes: which side of the comparison is which?",
        ),
        "sum instead of decision": Mistake(
            answers.sum_instead_of_decision, "The sum itself comes back. A decision is one of two values, 1 or 0."
        ),
        "weights unused": Mistake(
            answers.weights_unused,
            "This counts yes answers, so all questions matter alike. The weights are never used.",
        ),
        "every input alone": Mistake(
            answers.every_input_alone,
            "Each product meets the threshold on its own. First the inputs add up; then they are judged together.",
        ),
        "decided before the end": Mistake(
            answers.decided_before_the_end,
            "The answer comes as soon as the sum passes the threshold. A negative weight later on can pull it back.",
        ),
        "threshold of the concert": Mistake(
            answers.threshold_of_the_concert,
            "The decision does not depend on `threshold`; compare with that name in brackets, not with 1.5.",
        ),
        "tonight alone": Mistake(
            answers.tonight_and_nothing_else,
            "The answer does not depend on the arguments. Use the names in brackets, not the ones in capitals.",
        ),
    },
    equivalent=equivalents.decide,
    variants=[
        answers.decide_as_truth,
        answers.decide_with_arrays,
        answers.decide_by_difference,
        answers.decide_not_below,
    ],
    hints=[
        "Two steps: first one number out of all the inputs, then one comparison.",
        "You have written the first step already: `weighted_sum(inputs, weights)`.",
    ],
)

missing_weight = Exercise(
    title="The weight that is not in the table",
    points=2,
    reference=answers.missing_weight,
    cases=gaps(),
    examples=[
        ([1], [None], 0.5),
        ([1, 1], [0.25, None], 0.75),
        ([0, 1], [0.5, None], 0.25),
        ([2], [None], 0.5),
        ([1, 0], [0.5, None], 0.5),
        ([1, 0, 1, 0, 1], [0.7, 0.6, 0.5, 0.3, None], 1.6),
    ],
    mistakes={
        "inputs unused": Mistake(
            answers.missing_inputs_unused,
            "All known weights are taken off the total, also those whose input was 0 and which never were in it.",
        ),
        "never divided": Mistake(
            answers.missing_never_divided,
            "What is left over is weight times input. With an input of 2 that is not yet the weight.",
        ),
        "always known": Mistake(
            answers.missing_always_known,
            "Where the input at the gap is 0, any weight would give the same total: say None instead of a number.",
        ),
        "divided by zero": Mistake(
            answers.missing_divided_by_zero,
            "An input of 0 at the gap ends in a division by zero. What can the total tell about such a weight?",
        ),
        "wrong sign": Mistake(
            answers.missing_with_wrong_sign, "The sign is the wrong way round: the known part is taken off the total."
        ),
        "never divided, always known": Mistake(
            answers.missing_never_divided_always_known,
            "What is left over is weight times input: divide by the input at the gap. Where that input is 0, say None.",
        ),
        "zero for none": Mistake(
            answers.missing_with_zero_for_none,
            "0.0 is a number, and a fine weight: only an input of 0 leaves it open.",
        ),
    },
    equivalent=equivalents.missing_weight,
    variants=[answers.missing_by_position, answers.missing_with_arrays, answers.missing_by_two_sums],
    hints=[
        "Add up what the known weights contribute. How much of the total is left for the one that is missing?",
        "What is left equals input times weight. There is one input for which that equation has no single answer.",
    ],
)

flip_count = Exercise(
    title="Answers that tip the scales",
    points=2,
    reference=answers.flip_count,
    cases=decisions(),
    examples=[
        ([1], [0.5], 0.25),
        ([0], [0.5], 0.25),
        ([1, 1], [0.5, 0.5], 0.75),
        ([0, 0], [0.5, 0.25], 0.375),
        ([1, 0], [0.5, -0.25], 0.25),
        ([1, 0, 1, 0, 1], CONCERT, 1.45),
    ],
    mistakes={
        "flips that stay": Mistake(
            answers.flips_that_stay,
            "Every flip is kept when the next one is made. Change each answer alone, the others being as they were.",
        ),
        "counts yes only": Mistake(
            answers.flips_to_yes,
            "This counts how often the answer after a flip is yes. Count how often it differs from the answer before.",
        ),
        "flips ones only": Mistake(
            answers.flips_of_ones,
            "Only answers that are 1 are flipped. A no that becomes a yes can tip the scales too.",
        ),
        "ties fire": Mistake(
            answers.flips_with_ties_firing,
            "A sum that is exactly the threshold passes for a yes; it has to be greater (look in your decide).",
        ),
        "counts changes of the sum": Mistake(
            answers.flips_of_the_sum, "Almost every flip changes the sum. Count those that change the decision."
        ),
        "counted anew": Mistake(
            answers.flips_counted_anew,
            "`count` is set back to 0 in every turn of the loop, so only the last flip counts. Set it before the loop.",
        ),
        "returns too early": Mistake(
            answers.flips_returned_too_early,
            "The function comes back after the first flip. Look at how far the line with `return` is indented.",
        ),
    },
    equivalent=equivalents.flip_count,
    variants=[answers.flips_put_back, answers.flips_by_change, answers.flips_as_table],
    hints=[
        "Write down the decision before anything is flipped; every other decision is compared with that one.",
        "`flipped = list(inputs)` makes a fresh copy: in which line of the loop does it belong?",
    ],
)

count_yes = Exercise(
    title="Broken code: counting the evenings",
    points=2,
    reference=answers.count_yes,
    cases=people(),
    examples=[
        ([0.5], 0.25),
        ([0.5, 0.5], 0.75),
        ([1, 1, 1, 1], 2),
        ([1, 1, 1, 1, 1], 2.5),
        ([1, -1, 1, 1], 1),
        (CONCERT, 1.5),
    ],
    mistakes={
        "nothing repaired": Mistake(
            answers.count_as_found,
            "This still counts as the broken version does. Print `total` in every turn of the outer loop and watch it.",
        ),
        "four inputs": Mistake(
            answers.count_four_inputs,
            "It always goes through rows of 4 answers. zip stops at the shorter list in silence, and weight 5 is lost.",
        ),
        "five inputs": Mistake(
            answers.count_five_inputs,
            "Five is right for the concert only. The number of answers can be read off the arguments.",
        ),
        "total kept": Mistake(
            answers.count_total_kept,
            "Every row starts from the sums of the rows before it: when should `total` be 0 again?",
        ),
        "ties count": Mistake(
            answers.count_with_ties, "A sum that is exactly the threshold counts here; it has to be greater."
        ),
        "counted anew": Mistake(
            answers.count_anew,
            "`count` is set back to 0 in every turn of the outer loop, so only the last row counts.",
        ),
        "returns too early": Mistake(
            answers.count_returned_too_early,
            "The function comes back after the first row. Look at how far the line with `return` is indented.",
        ),
    },
    equivalent=equivalents.count_yes,
    variants=[answers.count_by_doubling, answers.count_by_binary_digits, answers.count_with_arrays],
    hints=[
        "There are two faults. One shows with a single weight, the other with five weights.",
        "`print(inputs, total)` inside the outer loop shows both of them.",
    ],
)
