"""Exercises: their names, and the source a student would have written."""

import pytest

from grader.errors import UnknownChapter
from grader.exercise import Exercise, exercise, exercises, source_of


def recursive(n):
    """Count down."""
    return 0 if n == 0 else recursive(n - 1)


def test_a_renamed_source_still_calls_itself():
    names = {}
    exec(source_of(recursive, "count"), names)
    assert names["count"](3) == 0 and "recursive" not in source_of(recursive, "count")


def test_a_value_becomes_an_assignment_and_a_partial_dict_is_completed():
    quiz = Exercise(1, {"a": 1, "b": 2}, name="quiz")
    assert quiz.solution(quiz.reference) == "quiz = {'a': 1, 'b': 2}"
    assert quiz.solution({"b": 5}) == "quiz = {'a': 1, 'b': 5}"


def test_a_lambda_has_no_name_to_change():
    with pytest.raises(ValueError, match="write it as one"):
        source_of(lambda x: x, "f")


def test_exercises_know_their_chapter_and_name():
    for name, task in exercises("01-perceptron").items():
        assert task.id == f"01-perceptron/{name}" and exercise(task.id) == task


def test_an_unknown_chapter_is_told_with_those_there_are():
    with pytest.raises(UnknownChapter, match="01-perceptron"):
        exercises("99-nothing")
