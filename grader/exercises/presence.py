"""Judging answers that cannot be wrong: beliefs and predictions count as soon as they are there.

Chapters use these for their opening questions and PREDICT cells.  Nothing here knows a right answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any


def any_of(choices: Sequence[str]) -> Callable[[Any, tuple[Any, ...]], str | None]:
    """Return a judge that accepts any one of *choices*, in capitals or not.

    >>> judge = any_of(["same", "different"])
    >>> judge("Same", ()) is None
    True
    >>> print(judge("perhaps", ()))
    Your prediction should be one of "same" and "different", but it is 'perhaps'.
    """

    def complaint(got: Any, args: tuple[Any, ...]) -> str | None:
        if isinstance(got, str) and got.strip().lower() in choices:
            return None
        return f"Your prediction should be one of {_listed(choices)}, but it is {got!r}."

    return complaint


def any_whole_number(low: int, high: int) -> Callable[[Any, tuple[Any, ...]], str | None]:
    """Return a judge that accepts any whole number from *low* to *high*.

    >>> any_whole_number(0, 32)(10, ()) is None
    True
    >>> print(any_whole_number(0, 32)(33, ()))
    Your prediction should be a whole number from 0 to 32, but it is 33.
    """

    def complaint(got: Any, args: tuple[Any, ...]) -> str | None:
        try:
            fits = not isinstance(got, str) and float(got) == int(got) and low <= got <= high
        except (TypeError, ValueError, OverflowError):
            fits = False
        return None if fits else f"Your prediction should be a whole number from {low} to {high}, but it is {got!r}."

    return complaint


def any_answers(choices: Mapping[str, Sequence[str]]) -> Callable[[Any, tuple[Any, ...]], str | None]:
    """Return a judge that accepts a dict with one of the choices for each question.

    >>> judge = any_answers({"sky": "ab", "sea": "ab"})
    >>> judge({"sky": "a", "sea": "B"}, ()) is None
    True
    >>> print(judge({"sky": "a"}, ()))
    There is no answer to "sea" yet: one of "a" and "b" goes there.
    """

    def complaint(got: Any, args: tuple[Any, ...]) -> str | None:
        if not isinstance(got, dict):
            return f"The answers should be a dict with the keys {_listed(list(choices))}, but they are {got!r}."
        for question, options in choices.items():
            answer = got.get(question)
            if answer is None or answer == "":
                return f'There is no answer to "{question}" yet: one of {_listed(options)} goes there.'
            if not isinstance(answer, str) or answer.strip().lower() not in options:
                return f'The answer to "{question}" should be one of {_listed(options)}, but it is {answer!r}.'
        return None

    return complaint


def _listed(words: Sequence[str]) -> str:
    quoted = [f'"{word}"' for word in words]
    return ", ".join(quoted[:-1]) + " and " + quoted[-1]
