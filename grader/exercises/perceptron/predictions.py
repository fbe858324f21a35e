"""The opening questions and the predictions of the chapter: a guess earns its point whatever it is."""
# ruff: noqa: D103 - the names say what each does, and a docstring would be handed in with every sample answer

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grader.exercise import Exercise, Mistake
from grader.exercises.presence import any_answers, any_of, any_whole_number


def beliefs() -> dict[str, str]:
    return {"learning": "c", "neuron": "a", "limits": "b"}


def other_beliefs() -> dict[str, str]:
    return {"learning": "b", "neuron": "b", "limits": "a"}


def beliefs_in_capitals() -> dict[str, str]:
    return {"learning": "A", "neuron": "B", "limits": "C"}


def beliefs_in_another_order() -> dict[str, str]:
    return {"neuron": " c ", "limits": "a", "learning": "c"}


def only_the_first_belief() -> dict[str, str]:
    return {"learning": "a"}


def a_fourth_letter() -> dict[str, str]:
    return {"learning": "d", "neuron": "d", "limits": "d"}


def nothing_returned() -> None:
    pass


def a_number_in_words() -> str:
    return "about ten"


def a_share() -> float:
    return 0.5


def minus_one() -> int:
    return -1


def true() -> bool:
    return True


def three() -> int:
    return 3


def four() -> int:
    return 4


def two() -> float:
    return 2.0


def eight() -> int:
    return 8


def ten() -> int:
    return 10


def sixteen() -> float:
    return 16.0


def thirty_two() -> int:
    return 32


def a_thousand() -> int:
    return 1000


def yes() -> str:
    return "yes"


def no() -> str:
    return "no"


def loud_yes() -> str:
    return "YES"


def spaced_no() -> str:
    return " No "


def a_sentence() -> str:
    return "I do not know"


opening = Exercise(
    title="What you believe before you start",
    points=1,
    reference=beliefs,
    equal=any_answers({"learning": "abc", "neuron": "abc", "limits": "abc"}),
    examples=[()],
    guess=True,
    mistakes={
        "nothing given back": Mistake(
            nothing_returned,
            "Nothing came back from the function: put `return` before the dict with your three letters.",
        ),
        "one answer": Mistake(
            only_the_first_belief,
            "Only the first question has an answer. A guess is enough, but all three keys need a letter.",
        ),
        "another letter": Mistake(
            a_fourth_letter, "Each question offers a, b and c: choose the one that comes nearest."
        ),
        "no dict": Mistake(
            a_sentence,
            "A sentence came back. Give one letter for each question, in a dict.",
        ),
    },
    variants=[other_beliefs, beliefs_in_capitals, beliefs_in_another_order],
    hints=[
        'The shape is {"learning": "a", "neuron": "a", "limits": "a"}, with the letters that you choose.',
        "Any of the letters counts: this records what you think now.",
    ],
)


def _number_guess(
    title: str, most: int, reference: Any, variants: Sequence[Any], too_many: Mistake, other: dict[str, Mistake]
) -> Exercise:
    """Return a guess at a whole number from 0 to *most*; *too_many* and *other* are the mistakes one can make in it."""
    return Exercise(
        title=title,
        points=1,
        reference=reference,
        equal=any_whole_number(0, most),
        examples=[()],
        guess=True,
        mistakes={
            "nothing given back": Mistake(
                nothing_returned, "Nothing came back from the function: put `return` before your number."
            ),
            "too many": too_many,
            "in words": Mistake(a_number_in_words, "Write the number in digits and without quotation marks."),
            **other,
        },
        variants=variants,
        hints=[f"Any whole number from 0 to {most} counts.", "A function gives its answer back with `return`."],
    )


A_SHARE = {"a share": Mistake(a_share, "A share came back. Count evenings: a whole number from 0 to 32.")}

predict_learning = _number_guess(
    "How much must it see?",
    32,
    sixteen,
    [ten, eight, thirty_two],
    Mistake(a_thousand, "There are 32 different evenings, so the number is at most 32."),
    A_SHARE,
)

predict_evenings = _number_guess(
    "How many evenings are a yes?",
    32,
    ten,
    [eight, sixteen, three],
    Mistake(a_thousand, "Five questions with two answers each make 32 evenings; the number is at most 32."),
    A_SHARE,
)

predict_order = Exercise(
    title="Does the order matter?",
    points=1,
    reference=no,
    equal=any_of(["yes", "no"]),
    examples=[()],
    guess=True,
    mistakes={
        "nothing given back": Mistake(
            nothing_returned, 'Nothing came back from the function: put `return` before "yes" or "no".'
        ),
        "a truth value": Mistake(true, 'Write the word "yes" or "no", with its quotation marks.'),
        "a sentence": Mistake(a_sentence, 'One word is enough: "yes" or "no". Both count.'),
    },
    variants=[yes, loud_yes, spaced_no],
    hints=['Write return "yes" or return "no".', "Both count: this records what you expect."],
)

predict_xor = _number_guess(
    "How near can one neuron come?",
    4,
    three,
    [two, four, three],
    Mistake(ten, "The table has four rows, so the number is at most 4."),
    {"negative": Mistake(minus_one, "A number of rows is never negative: 0 to 4.")},
)
