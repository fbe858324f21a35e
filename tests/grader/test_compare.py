"""What counts as the same answer, and the one sentence said of each difference."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.compare import difference, shown
from grader.exercise import Close

SAME = [
    (1, True),
    (1, 1.0),
    (0.3, 0.1 + 0.2),
    (1, np.int64(1)),
    (np.float32(0.5), 0.5),
    (2.0, np.array(2.0)),
    ([1, 2], (1, 2)),
    ([1.0, 2.0], np.array([1.0, 2.0])),
    (np.array([1.0, 2.0]), [1, 2]),
    (np.array([1.0], np.float32), np.array([1.0], np.float64)),
    (np.array([1, 0]), np.array([True, False])),
    (float("nan"), float("nan")),
    (float("inf"), float("inf")),
    ({"a": [1, 2]}, {"a": (1, 2)}),
    ("yes", "yes"),
    (None, None),
    (10**40, 10**40),
]


@pytest.mark.parametrize(("expected", "got"), SAME, ids=repr)
def test_equivalent_spellings_are_the_same_answer(expected, got):
    assert difference(expected, got) is None


DIFFERENT = [
    ({"a": 1}, [1], "The result is a list of 1 entry, expected a dict of 1 entry."),
    ({"a": 1}, {"b": 1}, "The result has no entry 'a'; its keys are ['b']."),
    ({"a": 1}, {"a": 1, "b": 2}, "The result has an entry 'b' that does not belong there."),
    ({"a": [1, 2]}, {"a": [1, 3]}, "The entry 'a', entry 1 is 3, expected 2."),
    ([1, 2], [1, 2, 3], "The result has 3 entries, expected 2."),
    (1, None, "The result is None, expected a number: does the function end in a return?"),
    (1, "1", "The result is text, expected a number."),
    ("yes", "no", "The result is 'no', expected 'yes'."),
    (1.0, 1.1, "The result is 1.1, expected 1.0."),
    (10**40, 10**40 + 1, f"The result is {10**40 + 1}, expected {10**40}."),
    (1.0, float("nan"), "The result is nan, expected 1.0."),
    (np.array([1.0, 2.0]), np.array([1, 2]), "The result has dtype int64, expected float64."),
    (np.zeros((2, 3)), np.zeros((3, 2)), "The result has shape (3, 2), expected (2, 3)."),
    (
        np.array([[1.0, 2.0], [3.0, 4.0]]),
        np.array([[1.0, 2.0], [3.0, 5.0]]),
        "1 of 4 entries differ; entry [1, 1] is 5.0, expected 4.0.",
    ),
    (np.zeros(2), "zeros", "The result is text, expected an array of shape (2,)."),
    (np.zeros(2), [[0], [0, 0]], "The result is a list of 2 entries, expected an array of shape (2,)."),
]


@pytest.mark.parametrize(("expected", "got", "sentence"), DIFFERENT)
def test_each_difference_is_said_in_one_sentence(expected, got, sentence):
    assert difference(expected, got) == sentence


def test_structure_is_looked_at_before_dtype_and_dtype_before_shape_and_shape_before_values():
    expected = np.zeros(3, np.float32)
    assert "text" in difference(expected, "x", Close(dtype="exact"))
    assert "dtype" in difference(expected, np.ones(2), Close(dtype="exact"))
    assert "shape" in difference(expected, np.ones(2, np.float32), Close(dtype="exact"))
    assert "entries differ" in difference(expected, np.ones(3, np.float32), Close(dtype="exact"))


def test_the_tolerance_is_the_stated_one():
    assert difference(100.0, 100.9, Close(rtol=0.01, atol=0)) is None
    assert difference(100.0, 101.1, Close(rtol=0.01, atol=0)) is not None


def test_any_dtype_means_that_only_numbers_count():
    assert difference(np.array([1.0, 2.0]), np.array([1, 2]), Close(dtype="any")) is None


def test_an_unknown_strictness_is_refused_where_it_is_written():
    with pytest.raises(ValueError, match='"any", "kind" or "exact"'):
        Close(dtype="loose")


plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.complex_numbers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(plain_values)
def test_every_plain_value_equals_itself(value):
    assert difference(value, value) is None


@given(plain_values, plain_values)
def test_comparing_any_two_plain_values_gives_none_or_a_sentence(expected, got):
    said = difference(expected, got)
    assert said is None or said.endswith((".", "?"))


def test_a_long_value_keeps_its_beginning_and_its_end():
    text = shown(list(range(1000)))
    assert len(text) < 170
    assert text.startswith("[0, 1, 2") and text.endswith("999]") and "…" in text
