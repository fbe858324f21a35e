"""Neural network ops, losses, clipping and linear algebra: what no comparison says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minitf as tf


def message(function: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises((ValueError, tf.errors.InvalidArgumentError)) as caught:
        function(*args, **kwargs)
    return str(caught.value)


def test_a_product_of_shapes_that_do_not_fit_says_both_shapes_and_what_to_do() -> None:
    text = message(tf.matmul, tf.ones([2, 3]), tf.ones([2, 3]))
    assert text.splitlines() == [
        "Matrix size-incompatible: In[0]: [2,3], In[1]: [2,3] [Op:MatMul]",
        "  got:      a tensor of shape (2, 3), a tensor of shape (2, 3)",
        "  expected: (..., n, k) @ (..., k, m)",
        "  try:      transpose or reshape one; tf.linalg.matvec and tf.tensordot take vectors",
    ]


def test_the_inverse_of_a_singular_matrix_is_refused() -> None:
    assert "not invertible" in message(tf.linalg.inv, tf.ones([2, 2]))
    assert "not invertible" in message(tf.linalg.solve, tf.zeros([2, 2]), tf.ones([2, 1]))


def test_one_singular_matrix_of_a_batch_is_enough() -> None:
    assert "not invertible" in message(tf.linalg.inv, tf.stack([tf.eye(2), tf.ones([2, 2])]))


def test_a_matrix_with_an_entry_that_is_not_finite_has_no_inverse() -> None:
    assert "not invertible" in message(tf.linalg.inv, [[float("nan"), 1.0], [1.0, 2.0]])


def test_a_label_beyond_the_classes_is_named() -> None:
    text = message(tf.nn.sparse_softmax_cross_entropy_with_logits, [0, -1], tf.zeros([2, 3]))
    assert "Received a label value of -1 which is outside the valid range of [0, 3)" in text
    text = message(tf.nn.sparse_softmax_cross_entropy_with_logits, np.array([0, 3], np.int64), tf.zeros([2, 3]))
    assert "Received a label value of 3 which is outside the valid range of [0, 3)" in text


def test_labels_that_are_one_hot_are_told_from_class_numbers() -> None:
    assert "tf.argmax" in message(tf.nn.sparse_softmax_cross_entropy_with_logits, [[0, 1]], tf.zeros([1, 2]))


def test_cross_entropies_of_large_logits_are_exact() -> None:
    logits = tf.constant([[1000.0, 0.0, -1000.0]])
    losses = [
        tf.nn.softmax_cross_entropy_with_logits([[0.0, 0.0, 1.0]], logits),
        tf.nn.sparse_softmax_cross_entropy_with_logits([2], logits),
        tf.nn.sigmoid_cross_entropy_with_logits(tf.constant([1.0]), tf.constant([-2000.0])),
    ]
    assert [loss.numpy().tolist() for loss in losses] == [[2000.0]] * 3


def test_sigmoid_has_all_its_digits_far_from_zero() -> None:
    x = np.array([-700.0, -30.0, -1e-3, 0.0, 1e-3, 30.0, 700.0])
    small = np.exp(-np.abs(x))
    np.testing.assert_allclose(tf.sigmoid(x).numpy(), np.where(x < 0, small, 1) / (1 + small), rtol=1e-15)


def test_labels_that_stand_for_many_rows_get_the_sum_of_their_gradients() -> None:
    labels, logits = tf.constant([[0.25, 0.75]]), tf.constant([[1.0, 2.0], [3.0, 3.0]])
    with tf.GradientTape() as tape:
        tape.watch(labels)
        loss = tf.nn.softmax_cross_entropy_with_logits(labels, logits)
    expected = -tf.nn.log_softmax(logits).numpy().sum(0, keepdims=True)
    np.testing.assert_allclose(tape.gradient(loss, labels).numpy(), expected, rtol=1e-6)


@pytest.mark.parametrize("labels", [[2, 0], [[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]]])
def test_the_gradient_of_a_cross_entropy_is_one_op(labels: Any) -> None:
    sparse = isinstance(labels[0], int)
    loss_of = tf.nn.sparse_softmax_cross_entropy_with_logits if sparse else tf.nn.softmax_cross_entropy_with_logits
    x = tf.constant([[1.0, 2.0, 3.0], [0.0, 0.0, 4.0]])
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            loss = loss_of(labels, x)
        before = len(outer._records)
        inner.gradient(loss, x, output_gradients=tf.ones([2]))
        assert len(outer._records) == before + 1


def test_the_rules_of_a_product_of_matrices_are_one_product_each() -> None:
    for a, b in ((False, False), (True, False), (False, True)):
        x, y = tf.ones([3, 2] if a else [2, 3]), tf.ones([4, 3] if b else [3, 4])
        with tf.GradientTape() as outer:
            outer.watch([x, y])
            with tf.GradientTape() as inner:
                inner.watch([x, y])
                z = tf.matmul(x, y, a, b)
            before = len(outer._records)
            inner.gradient(z, [x, y])
            assert len(outer._records) == before + 2


def test_einsum_writes_the_whole_equation_into_its_record() -> None:
    x = tf.ones([2, 3, 4])
    with tf.GradientTape() as tape:
        tape.watch(x)
        tf.einsum("...ij->...ji", x)
    assert tape._records[0][2] == {"equation": "aij->aji"}


def test_dropout_keeps_the_expected_sum_and_follows_the_seed() -> None:
    x = tf.ones([1000])
    tf.random.set_seed(3)
    first = tf.nn.dropout(x, 0.25).numpy()
    tf.random.set_seed(3)
    np.testing.assert_array_equal(tf.nn.dropout(x, 0.25).numpy(), first)
    assert set(first.tolist()) == {0.0, np.float32(1 / 0.75).item()}
    assert 0.9 < first.mean() < 1.1


def test_dropout_of_whole_rows_draws_once_for_each() -> None:
    kept = tf.nn.dropout(tf.ones([50, 4]), 0.5, noise_shape=[None, 1]).numpy()
    assert (kept == kept[:, :1]).all()
    assert 0 < kept[:, 0].sum() < 100


def test_variables_go_wherever_tensors_go() -> None:
    v = tf.Variable([[2.0, 0.0], [0.0, 4.0]])
    assert tf.matmul(v, v).numpy().tolist() == [[4.0, 0.0], [0.0, 16.0]]
    assert tf.linalg.det(v).numpy() == 8.0
    assert tf.nn.relu(v).numpy().tolist() == v.numpy().tolist()
    assert tf.clip_by_norm(v, 1.0).shape == (2, 2)
    assert tf.nn.embedding_lookup(v, [1]).numpy().tolist() == [[0.0, 4.0]]
    assert tf.einsum("ii->", v).numpy() == 6.0


def test_keras_is_there_when_it_is_first_used() -> None:
    assert "keras" in dir(tf)
    assert tf.keras.backend.sum(tf.ones([2, 2])).numpy() == 4.0
