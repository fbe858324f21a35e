"""TensorShape and TensorSpec know what is known of a tensor's sizes, and combine it as TensorFlow does."""

import copy
import pickle
from typing import Any

import pytest

import minitf as tf

UNKNOWN = tf.TensorShape(None)
PARTLY = tf.TensorShape([None, 2])
KNOWN = tf.TensorShape([3, 2])


def test_what_is_known_of_a_shape() -> None:
    assert [shape.rank for shape in (UNKNOWN, PARTLY, KNOWN)] == [None, 2, 2]
    assert [shape.num_elements() for shape in (UNKNOWN, PARTLY, KNOWN, tf.TensorShape([]))] == [None, None, 6, 1]
    assert [shape.is_fully_defined() for shape in (UNKNOWN, PARTLY, KNOWN)] == [False, False, True]
    assert [bool(shape) for shape in (UNKNOWN, PARTLY, tf.TensorShape([]))] == [False, True, True]
    assert (UNKNOWN.dims, PARTLY.dims, UNKNOWN.ndims) == (None, [None, 2], None)


def test_a_shape_is_compared_and_hashed_as_its_sizes() -> None:
    assert KNOWN == (3, 2) == KNOWN
    assert KNOWN == [3, 2] and KNOWN != (2, 3) and PARTLY == (None, 2) and UNKNOWN == None  # noqa: E711
    assert KNOWN != "ab" and KNOWN != 2.5
    assert {KNOWN: 1}[tf.TensorShape((3, 2))] == 1
    assert pickle.loads(pickle.dumps(PARTLY)) == PARTLY == copy.deepcopy(PARTLY)


def test_slices_of_shapes_are_shapes() -> None:
    assert (KNOWN[0], KNOWN[-1], KNOWN[:1], PARTLY[::-1]) == (3, 2, [3], [2, None])
    assert UNKNOWN[0] is None
    assert UNKNOWN[1:] == UNKNOWN
    with pytest.raises(IndexError):
        KNOWN[2]


def test_shapes_are_put_behind_one_another() -> None:
    assert KNOWN + [1] == [3, 2, 1] == KNOWN.concatenate([1])
    assert 1 + KNOWN == [1, 3, 2] == (1,) + KNOWN
    assert KNOWN + None == UNKNOWN == UNKNOWN + KNOWN


def test_two_shapes_that_fit_are_merged() -> None:
    assert PARTLY.merge_with([3, None]) == KNOWN
    assert UNKNOWN.merge_with(PARTLY) == PARTLY == PARTLY.merge_with(UNKNOWN)
    assert KNOWN.is_compatible_with([None, 2]) and not KNOWN.is_compatible_with([2]) and KNOWN.is_compatible_with(None)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (lambda: UNKNOWN.as_list(), r"as_list\(\) is not defined on an unknown TensorShape"),
        (lambda: len(UNKNOWN), "Cannot take the length of shape with unknown rank"),
        (lambda: list(UNKNOWN), "Cannot iterate over a shape with unknown rank"),
        (lambda: PARTLY.assert_is_fully_defined(), r"Shape \(None, 2\) is not fully defined"),
        (lambda: KNOWN.assert_is_compatible_with([3, 3]), "are incompatible"),
        (lambda: KNOWN.merge_with([3, 3]), r"Shapes \(3, 2\) and \(3, 3\) are not compatible"),
        (lambda: tf.TensorShape([-1]), "Dimension -1 must be >= 0"),
    ],
)
def test_a_shape_says_what_it_misses(broken: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        broken()


def test_a_shape_that_fits_passes_every_check() -> None:
    KNOWN.assert_is_fully_defined()
    for shape in (UNKNOWN, KNOWN):
        shape.assert_is_compatible_with(PARTLY)


@pytest.mark.parametrize("sizes", [2.5, [2.5], "ab", ["a"], {"a": 1}, object()])
def test_only_whole_numbers_and_none_are_sizes(sizes: Any) -> None:
    with pytest.raises(TypeError, match="Dimension value must be integer or None or have an __index__ method"):
        tf.TensorShape(sizes)


SPEC = tf.TensorSpec([None, 2], tf.float32, "x")


def test_a_spec_describes_the_tensors_that_fit() -> None:
    assert SPEC.is_compatible_with(tf.zeros([3, 2])) and SPEC.is_compatible_with(tf.TensorSpec([3, 2]))
    assert not SPEC.is_compatible_with(tf.zeros([3, 3])) and not SPEC.is_compatible_with(tf.zeros([3, 2], tf.int32))
    assert not SPEC.is_compatible_with(1.0)
    assert tf.TensorSpec.from_tensor(tf.zeros([3, 2]), "y") == tf.TensorSpec([3, 2], name="y")
    with pytest.raises(ValueError, match=r"`tensor` should be a tf.Tensor, but got type"):
        tf.TensorSpec.from_tensor(1.0)  # type: ignore[arg-type]


def test_a_spec_is_a_key_and_cannot_be_changed() -> None:
    assert hash(SPEC) == hash(tf.TensorSpec([None, 2])) and SPEC != tf.TensorSpec([None, 2])
    assert (SPEC.shape, SPEC.dtype, SPEC.name) == ([None, 2], tf.float32, "x")
    assert pickle.loads(pickle.dumps(SPEC)) == SPEC
    with pytest.raises(AttributeError):
        SPEC.shape = [1]
