"""The exercises on the other forms of a neuron: the threshold as a bias, and the step beside the sigmoid.

The answers, right and wrong, and the judge of the pair stand in `activation_answers`.
"""

from __future__ import annotations

from hypothesis import strategies as st

from grader import cases
from grader.exercise import Exercise, Mistake
from grader.exercises.perceptron import activation_answers as answers
from grader.exercises.perceptron import equivalents
from grader.exercises.perceptron.neuron import CONCERT, people

bias_form = Exercise(
    title="The threshold as a weight",
    points=1,
    reference=answers.bias_form,
    cases=people(),
    examples=[([0.5], 0.25), ([0.5, 0.25], 1.0), ([1], -1), (CONCERT, 1.5)],
    mistakes={
        "same sign": Mistake(
            answers.bias_with_the_same_sign,
            "The threshold changed sides and kept its sign. Try it: the whole sum is now compared with 0.",
        ),
        "at the end": Mistake(
            answers.bias_at_the_end,
            "The bias stands last. The extra input, the one that is always 1, comes first here.",
        ),
        "in every weight": Mistake(
            answers.bias_in_every_weight,
            "The threshold is taken off every weight, so it counts once for each yes. It should count once in all.",
        ),
        "always one": Mistake(
            answers.bias_of_one, "The extra input is always 1; it is its weight that does the work of the threshold."
        ),
        "bias alone": Mistake(answers.bias_alone, "Only the bias comes back. The other weights still follow it."),
        "list in a list": Mistake(
            answers.bias_beside_the_list, "This is a list inside a list. Join the two lists with +."
        ),
    },
    variants=[answers.bias_inserted, answers.bias_as_tuple, answers.bias_as_array],
    hints=[
        "sum > threshold says the same as sum - threshold > 0.",
        "The list has one entry more than `weights`, and the new one comes first.",
    ],
)

step_and_sigmoid = Exercise(
    title="A step and a slope",
    points=2,
    reference=answers.step_and_sigmoid,
    equal=answers.judge_pair,
    close=answers.PRECISE,
    cases=st.tuples(st.one_of(cases.grid(-8, 8), cases.grid(-40, -8, 0.5), cases.grid(-10_000, 10_000, 50.0))),
    examples=[(0.0,), (2.0,), (-2.0,), (-30.0,), (1000.0,), (-1000.0,)],
    mistakes={
        "overflows below": Mistake(
            answers.sigmoid_overflows_below,
            "For z far below 0 the exponential outgrows every float. Find a form whose exponent stays small there.",
        ),
        "overflows above": Mistake(
            answers.sigmoid_overflows_above,
            "For z far above 0 the exponential outgrows every float. Find a form whose exponent stays small there.",
        ),
        "step up at zero": Mistake(
            answers.step_up_at_zero, "At z = 0 the step says 1. The neuron of this chapter fires above 0, not at it."
        ),
        "mirrored": Mistake(
            answers.sigmoid_mirrored, "The smooth value falls where it should rise: look at the sign in the exponent."
        ),
        "in the other order": Mistake(answers.sigmoid_first, "The values have changed places: the step comes first."),
        "the step twice": Mistake(
            answers.sigmoid_rounded,
            "The second value jumps like the first. The sigmoid takes every value between 0 and 1.",
        ),
        "mirrored and overflowing": Mistake(
            answers.sigmoid_mirrored_and_overflowing,
            "The sign of the exponent is turned: the first fraction has the minus, e to the power of -z.",
        ),
        "cut off": Mistake(
            answers.sigmoid_cut_off,
            "Far below 0 the sigmoid is cut off to 0. It is tiny there, and still a number that a float can hold.",
        ),
    },
    equivalent=equivalents.step_and_sigmoid,
    variants=[
        answers.sigmoid_by_tanh,
        answers.sigmoid_clipped,
        answers.sigmoid_by_logaddexp,
        answers.sigmoid_with_a_way_out,
    ],
    hints=[
        "exp(1000) is too large for a float; exp(-1000) is simply 0. Which fraction meets which at z = -1000?",
        "An `if` on the sign of z is enough: in each branch the exponent should be negative or 0.",
    ],
)
