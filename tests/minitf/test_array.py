"""Shaping, joining, slicing and indexing: what errors say, and what values alone do not show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minitf as tf

V = tf.constant([1.0, 2.0, 3.0])
M = tf.constant([[1.0, 2.0], [3.0, 4.0]])

ERRORS: list[tuple[Callable[[], Any], str]] = [
    (lambda: tf.squeeze([[1, 2]], 1), r"Can not squeeze dim\[1\], expected a dimension of 1, got 2"),
    (lambda: tf.split(V, 2), "Number of ways to split should evenly divide the split dimension"),
    (lambda: tf.split(V, [1, 1]), "Determined shape must either match input shape"),
    (lambda: tf.unstack(V, num=2), r"Input shape axis 0 must equal 2, got shape \[3\]"),
    (lambda: tf.broadcast_to(V, [2, 2]), r"Incompatible shapes: \[3\] vs. \[2,2\]"),
    (lambda: tf.broadcast_to(M, [2]), r"Rank of input \(2\) must be no greater than rank of output shape \(1\)"),
    (lambda: tf.ensure_shape(V, [2]), r"Shape of tensor input \[3\] is not compatible with expected shape"),
    (lambda: tf.tile(V, [2, 2]), "Expected multiples argument to be a vector of length 1 but got length 2"),
    (lambda: tf.pad(V, [[3, 0]], "REFLECT"), "paddings must be less than the dimension size: 3, 0 not less than 3"),
    (lambda: tf.reverse(M, [0, 0]), "axis 0 specified more than once"),
    (lambda: tf.roll(V, [1, 2], 0), "shift and axis must have the same size"),
    (lambda: tf.gather(V, [0, 5]), r"indices\[1\] = 5 is not in \[0, 3\)"),
    (lambda: tf.gather(V, -1), r"indices = -1 is not in \[0, 3\)"),
    (lambda: tf.gather_nd(M, [[0, 2]]), r"indices\[0\] = \[0, 2\] does not index into param shape \[2,2\]"),
    (lambda: tf.scatter_nd([[3]], [1.0], [3]), r"indices\[0\] = \[3\] does not index into shape \[3\]"),
    (lambda: tf.tensor_scatter_nd_add(V, [[0]], [1.0, 2.0]), "Outer dimensions of indices and update must match"),
    (lambda: tf.tensor_scatter_nd_add(M, [[0]], [1.0]), "Inner dimensions of output shape must match inner dimensions"),
    (lambda: tf.slice(V, [1], [3]), r"Expected size\[0\] in \[0, 2\], but got 3"),
    (lambda: V[0, 0], "Index out of range using input dim 1; input has only 1 dims"),
    (lambda: M[2], "slice index 2 of dimension 0 out of bounds"),
    (lambda: V[::0], r"strides\[0\] must be non-zero"),
    (lambda: V[..., ...], "Multiple ellipses in slice spec not allowed"),
    (lambda: tf.constant(1)[0], "Attempting to slice scalar input"),
    (lambda: tf.one_hot([0], -1), "depth must be"),
    (lambda: tf.unique(M), "unique expects a 1D vector"),
]


@pytest.mark.parametrize(("wrong", "phrase"), ERRORS)
def test_an_error_has_tensorflows_phrase_and_says_what_to_do(wrong: Callable[[], Any], phrase: str) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match=phrase) as error:
        wrong()
    assert [line.split(":")[0].strip() for line in error.value.message.splitlines()[1:]] == ["got", "expected", "try"]


def test_what_was_asked_of_an_index_is_shown_as_it_was_written() -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"got: +t\[1:, tf.newaxis, 5\], a tensor of shape"):
        M[1:, tf.newaxis, 5]


def test_identity_is_a_tensor_of_its_own() -> None:
    assert tf.identity(V) is not V
    with tf.GradientTape() as tape:
        tape.watch(V)
        same = tf.identity(V)
    assert tape.gradient(same, V).numpy().tolist() == [1.0, 1.0, 1.0]


def test_a_cast_to_the_same_dtype_is_the_tensor_itself() -> None:
    assert tf.cast(V, tf.float32) is V


def test_no_gradient_flows_through_integers() -> None:
    with tf.GradientTape() as tape:
        tape.watch(V)
        y = tf.cast(tf.cast(V, tf.int32), tf.float32)
    assert tape.gradient(y, V) is None


def test_the_rows_that_a_loop_reads_get_their_gradients() -> None:
    with tf.GradientTape() as tape:
        tape.watch(M)
        first, second = M
        y = first[0] * second[1]
    assert tape.gradient(y, M).numpy().tolist() == [[4.0, 0.0], [0.0, 1.0]]


def test_an_entry_named_twice_gets_both_gradients() -> None:
    with tf.GradientTape() as tape:
        tape.watch(V)
        y = tf.gather(V, [0, 2, 0])
    assert tape.gradient(y, V, tf.constant([1.0, 10.0, 100.0])).numpy().tolist() == [101.0, 0.0, 10.0]


def test_of_updates_to_one_entry_the_last_stays() -> None:
    assert tf.tensor_scatter_nd_update(V, [[1], [1]], [7.0, 8.0]).numpy().tolist() == [1.0, 8.0, 3.0]


def test_a_constant_does_not_change_with_the_array_it_was_made_of() -> None:
    array = np.zeros(2)
    tensor = tf.constant(array)
    part = tensor[0]
    array[0] = 5.0
    assert (tensor.numpy().tolist(), float(part)) == ([0.0, 0.0], 0.0)


def test_variables_are_taken_where_tensors_are() -> None:
    variable = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        y = variable[0, 1] + tf.gather(variable, 0)[0] + tf.reshape(variable, [4])[3] + tf.stack([variable, M])[0, 1, 0]
    assert tape.gradient(y, variable).numpy().tolist() == [[1.0, 1.0], [1.0, 1.0]]
    assert variable[tf.constant([True, False])].shape == (1, 2)


def test_an_index_beyond_the_end_is_an_error_where_it_is_used_and_not_clipped() -> None:
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.gather_nd(M, [[0], [1]], batch_dims=1)[2]
    assert V[1:10].shape == (2,)
