"""What a variable promises beyond TensorFlow's results: identity, values that stay, no cycles, errors that teach."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minitf as tf

CHANGES: dict[str, Callable[[tf.Variable], Any]] = {
    "assign": lambda v: v.assign([9.0, 9.0]),
    "assign_add": lambda v: v.assign_add([1.0, 1.0]),
    "assign_sub": lambda v: v.assign_sub([1.0, 1.0]),
    "part": lambda v: v[1:].assign([9.0]),
    "scatter_add": lambda v: v.scatter_add(tf.IndexedSlices([1.0], [1])),
    "scatter_update": lambda v: v.scatter_update(tf.IndexedSlices([9.0], [1])),
    "batch_scatter_update": lambda v: v.batch_scatter_update(tf.IndexedSlices([9.0], [1])),
    "scatter_nd_add": lambda v: v.scatter_nd_add([[1]], [1.0]),
    "scatter_nd_update": lambda v: v.scatter_nd_update([[1]], [9.0]),
}
changes = pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)


@changes
def test_a_change_keeps_the_variable_and_changes_its_value(change: Callable[[tf.Variable], Any]) -> None:
    v = tf.Variable([1.0, 2.0], name="v")
    table = {v.ref(): "found"}
    result = change(v)
    assert table[v.ref()] == "found"
    assert v.name == "v:0"
    assert v.numpy().tolist() != [1.0, 2.0]
    assert result.numpy().tolist() == v.numpy().tolist()


@changes
def test_what_was_read_before_a_change_keeps_its_value(change: Callable[[tf.Variable], Any]) -> None:
    given = tf.constant([1.0, 2.0])
    v = tf.Variable(given)
    other = tf.Variable(v)
    read = [given, other, tf.convert_to_tensor(v), v.value(), v.read_value(), v[:], np.asarray(v), v.numpy()]
    change(v)
    assert [np.asarray(each).tolist() for each in read] == [[1.0, 2.0]] * len(read)


@changes
def test_a_change_is_an_end_for_gradients(change: Callable[[tf.Variable], Any]) -> None:
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        change(v)
        y = tf.reduce_sum(v * v)
    assert tape.gradient(y, v).numpy().tolist() == (2 * v.numpy()).tolist()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda v: v.assign([1.0]),
        lambda v: v.assign_add(1.0),
        lambda v: v.assign(tf.constant([1, 2])),
        lambda v: v[0].assign([1.0, 2.0]),
        lambda v: v.scatter_add(tf.IndexedSlices([1.0, 1.0], [0, 2])),
        lambda v: v.scatter_nd_update([[0], [2]], [1.0, 1.0]),
    ],
)
def test_a_change_that_fails_changes_nothing(wrong: Callable[[tf.Variable], Any]) -> None:
    v = tf.Variable([1.0, 2.0])
    with pytest.raises((ValueError, tf.errors.InvalidArgumentError)) as caught:
        wrong(v)
    assert "\n  try:      " in str(caught.value)
    assert v.numpy().tolist() == [1.0, 2.0]


def test_a_variable_is_freed_with_its_last_name_although_it_was_changed_and_sliced() -> None:
    gc.disable()
    try:
        v = tf.Variable(tf.ones([1000]))
        part, answer = v[1:], v.assign_add(tf.ones([1000]))
        part.assign(0.0)
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(v * answer)
        tape.gradient(y, v)
        alive = weakref.ref(v)
        del v, part, answer, tape, y
        assert alive() is None
    finally:
        gc.enable()


def test_an_assigned_array_may_change_afterwards() -> None:
    array = np.array([1.0, 2.0], np.float32)
    v = tf.Variable([0.0, 0.0])
    v.assign(array)
    v.assign_add(array)
    array[:] = 7.0
    assert v.numpy().tolist() == [2.0, 4.0]


def test_the_gradient_by_what_an_assignment_returned_is_the_one_by_the_variable() -> None:
    v = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        answer = v.assign(3.0)
        y = answer * v
    assert tape.gradient(y, [answer, v])[0].numpy() == 6.0


def test_a_variable_that_is_not_trainable_answers_with_one_that_is_not() -> None:
    v = tf.Variable(2.0, trainable=False)
    with tf.GradientTape() as tape:
        y = v.assign(3.0) * 2.0
    assert tape.gradient(y, v) is None
    assert tape.watched_variables() == ()


def test_a_part_of_a_tensor_says_that_only_variables_can_be_assigned() -> None:
    with pytest.raises(AttributeError, match=r"tensors never change \(tf.Variable does\)"):
        tf.constant([1.0])[0].assign(2.0)


def test_a_change_says_nothing_about_inf_and_nan() -> None:
    v = tf.Variable([3e38, 0.0])
    v.assign_add([3e38, float("nan")])
    v.scatter_div(tf.IndexedSlices([0.0], [1]))
    assert not np.isfinite(v.numpy()).any()


def test_the_old_value_is_freed_when_nobody_has_it() -> None:
    v = tf.Variable(tf.zeros([10]))
    old = weakref.ref(v.value().array)
    v.assign_add(tf.ones([10]))
    assert old() is None
