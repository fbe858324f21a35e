"""The exercise on learning: which line is a task, an experience, a measure of performance.

Letters and whole words, small and large, are all accepted.
"""
# ruff: noqa: D103 - the names say what each does, and a docstring would be handed in with every sample answer

from __future__ import annotations

from grader.exercise import Exercise, Mistake

KINDS = {"t": "T", "task": "T", "e": "E", "experience": "E", "p": "P", "performance": "P"}


def sorted_lines() -> dict[int, str]:
    return {1: "T", 2: "E", 3: "P", 4: "P", 5: "E", 6: "T", 7: "E", 8: "T", 9: "P"}


def lines_in_words() -> dict[int, str]:
    task, experience, performance = "task", "experience", "performance"
    return {
        1: task, 2: experience, 3: performance, 4: performance, 5: experience,
        6: task, 7: experience, 8: task, 9: performance,
    }  # fmt: skip


def lines_in_small_letters() -> dict[int, str]:
    return dict(zip(range(1, 10), "teppetetp", strict=True))


def lines_by_kind() -> dict[int, str]:
    kinds = {"T": [1, 6, 8], "E": [2, 5, 7], "P": [3, 4, 9]}
    return {line: kind for kind, lines in kinds.items() for line in lines}


def experience_as_performance() -> dict[int, str]:
    return {1: "T", 2: "P", 3: "E", 4: "E", 5: "P", 6: "T", 7: "P", 8: "T", 9: "E"}


def performance_as_task() -> dict[int, str]:
    return {1: "P", 2: "E", 3: "T", 4: "T", 5: "E", 6: "P", 7: "E", 8: "P", 9: "T"}


def own_games_are_no_experience() -> dict[int, str]:
    return {1: "T", 2: "E", 3: "P", 4: "P", 5: "E", 6: "T", 7: "T", 8: "T", 9: "P"}


def always_in_one_order() -> dict[int, str]:
    return {1: "T", 2: "E", 3: "P", 4: "T", 5: "E", 6: "P", 7: "T", 8: "E", 9: "P"}


def judge_lines(got: object, args: tuple[object, ...]) -> str | None:
    """Complain about the first line that is of another kind; letters and words, small and large, are all the same."""
    if not isinstance(got, dict):
        return f"Give back a dict with a letter for each of the lines 1 to 9, not {got!r}."
    for line, kind in sorted_lines().items():
        letter = got.get(line, got.get(str(line)))
        if letter is None or letter == "":
            return f"Line {line} has no letter yet."
        said = str(letter).strip().lower()
        if said not in KINDS:
            return f'Line {line} should be "T", "E" or "P", but it is {letter!r}.'
        if KINDS[said] != kind:
            return f"Line {line} is not {KINDS[said]}. Is it something to do, to learn from, or to measure?"
    return None


classify_t_e_p = Exercise(
    title="Task, experience, performance",
    points=2,
    reference=sorted_lines,
    equal=judge_lines,
    examples=[()],
    right="All nine lines are where they belong.",
    mistakes={
        "experience and performance swapped": Mistake(
            experience_as_performance,
            "E and P have changed places. One is what the program is fed; the other is the number you judge it by.",
        ),
        "task and performance swapped": Mistake(
            performance_as_task,
            "T and P have changed places. Doing something and measuring how well it was done are two things.",
        ),
        "own games are no experience": Mistake(
            own_games_are_no_experience,
            "Line 7 is not T: what the program is to do is choose a move (line 8). "
            "The games are behind it, and it becomes better by them, though nobody labelled them.",
        ),
        "always in one order": Mistake(
            always_in_one_order,
            "The lines do not come in the same order for every program: read each line on its own.",
        ),
    },
    variants=[lines_in_words, lines_in_small_letters, lines_by_kind],
    hints=[
        "Ask of each line: is it something to do, something to learn from, or a number that says how well it goes?",
        "Every program has exactly one line of each kind.",
    ],
)
