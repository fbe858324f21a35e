"""The exercises on gates and layers: three gates, a row that one neuron must get wrong, and XOR from two layers.

The answers, right and wrong, and the judges of these open questions stand in `layers_answers`.
"""

from __future__ import annotations

from hypothesis import strategies as st

from grader import cases
from grader.exercise import Exercise, Mistake
from grader.exercises.perceptron import equivalents
from grader.exercises.perceptron import layers_answers as answers

weight = cases.grid(-2, 2)

gates = Exercise(
    title="Three gates",
    points=2,
    reference=answers.gates,
    equal=answers.judge_gates,
    examples=[()],
    right="Each gate is right on all four rows.",
    mistakes={
        "on the threshold": Mistake(
            answers.gates_on_the_threshold,
            "Where a yes is wanted, the sums are exactly the threshold, and that is a no. Leave room on both sides.",
        ),
        "nand keeps the threshold of and": Mistake(
            answers.gates_nand_keeps_its_threshold,
            "In your NAND the weights turned negative and the threshold did not, so no sum can ever reach it.",
        ),
        "nand like and": Mistake(
            answers.gates_nand_like_and,
            "Your NAND is an AND. Every yes must become a no: what turns a comparison around?",
        ),
        "mixed up": Mistake(
            answers.gates_mixed_up, "AND and OR have changed places: which of them should be the harder to please?"
        ),
    },
    equivalent=equivalents.gates,
    variants=[answers.gates_in_tenths, answers.gates_as_lists, answers.gates_with_arrays],
    hints=[
        "Write down the sums of the four rows. The threshold goes between those with a no and those with a yes.",
        "For NAND start from AND and change the sign of everything, the threshold included.",
    ],
)

xor_needs_two_layers = Exercise(
    title="Where does this neuron fail?",
    points=2,
    reference=answers.xor_needs_two_layers,
    equal=answers.judge_witness,
    cases=st.tuples(weight, weight, weight),
    examples=[(1, 1, 0.5), (1, 1, 1.5), (-1, -1, -1.5), (1, -1, 0.5), (-1, 1, 0.5), (0, 0, 0), (1, 1, -0.5), (1, 1, 1)],
    mistakes={
        "always both": Mistake(
            answers.witness_always_both,
            "On (1, 1) this neuron gives 0, and so does XOR: no difference there. "
            "Which row fails depends on the neuron you are given.",
        ),
        "a row that is right": Mistake(
            answers.witness_row_that_is_right,
            "The neuron agrees with XOR on this row. A row where it fails is wanted: which comparison has to turn?",
        ),
        "compares with or": Mistake(
            answers.witness_against_or, "The neuron is compared with OR. XOR is 1 when exactly one of the inputs is 1."
        ),
        "ties fire": Mistake(
            answers.witness_ties_fire,
            "A sum that is exactly the threshold passes for a yes; it has to be greater (look in your decide).",
        ),
    },
    equivalent=equivalents.xor_needs_two_layers,
    variants=[answers.witness_from_the_end, answers.witness_by_cases, answers.witness_as_array],
    hints=[
        "There are only four rows: try them all.",
        "For each row work out two values, the neuron's and XOR's, and give back the row as soon as they differ.",
    ],
)

xor = Exercise(
    title="XOR in two layers",
    points=2,
    reference=answers.xor,
    equal=answers.judge_xor,
    examples=[()],
    right="Your two layers are right on all four rows.",
    mistakes={
        "or at the end": Mistake(
            answers.xor_with_an_or_at_the_end,
            "The output says yes when either hidden neuron does, and one of them always does. Should one be enough?",
        ),
        "or with and": Mistake(
            answers.xor_from_or_and_and,
            "With OR and AND below, the output fires only when AND does. A yes of AND should count against the output.",
        ),
        "on the threshold": Mistake(
            answers.xor_output_on_the_threshold,
            "When both hidden neurons say yes, the output's sum is exactly its threshold, and that is a no.",
        ),
        "one neuron twice": Mistake(
            answers.xor_one_neuron_twice,
            "Both hidden neurons say the same, so the second layer learns nothing that one neuron did not know.",
        ),
    },
    equivalent=equivalents.xor,
    variants=[answers.xor_or_without_and, answers.xor_one_but_not_the_other, answers.xor_with_three_hidden],
    hints=[
        "Say it in words first: at least one of the two, but not both.",
        "Each half of that sentence is a gate you have built; the word between them is the third.",
    ],
)
