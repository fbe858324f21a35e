"""Losses: what no comparison with Keras says, such as how short their programs are."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import minitf as tf
from minitf.keras import activations, losses

DENSE, CLASSES = np.eye(3, dtype="float32")[[0, 2]], np.array([0, 2])
PREDICTED = np.array([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]], "float32")


def after(activation: Any, loss: Any) -> Any:
    return lambda y_true, y_pred: loss(y_true, activation(y_pred))


def wrapped(name: str) -> Any:
    """Make the loss of a model that is compiled with a name."""
    return losses.LossFunctionWrapper(losses.get(name))


@pytest.mark.parametrize(
    ("loss", "labels", "most"),
    [
        (losses.MeanSquaredError(), DENSE, 5),
        (wrapped("mse"), DENSE, 5),
        (losses.MeanAbsoluteError(), DENSE, 5),
        (losses.BinaryCrossentropy(from_logits=True), DENSE, 5),
        (after(activations.sigmoid, wrapped("binary_crossentropy")), DENSE, 5),
        (losses.CategoricalCrossentropy(from_logits=True), DENSE, 4),
        (after(activations.softmax, wrapped("categorical_crossentropy")), DENSE, 4),
        (losses.SparseCategoricalCrossentropy(from_logits=True), CLASSES, 4),
        (after(activations.softmax, wrapped("sparse_categorical_crossentropy")), CLASSES, 4),
        (losses.SparseCategoricalCrossentropy(), CLASSES, 13),
        (losses.BinaryCrossentropy(), DENSE, 22),
        (losses.CategoricalCrossentropy(), DENSE, 24),
    ],
)
def test_a_loss_and_its_gradient_take_few_ops(loss: Any, labels: Any, most: int) -> None:
    @tf.function
    def step(y_true: Any, y_pred: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(y_pred)
            value = loss(y_true, y_pred)
        return value, tape.gradient(value, y_pred)

    step(tf.constant(labels), tf.constant(PREDICTED))
    assert len(re.findall(r"^ +v\d+ = ", step.source(), re.MULTILINE)) <= most


def test_the_reduction_that_old_texts_call_auto_is_the_mean_over_the_batch() -> None:
    assert losses.Huber(reduction=losses.Reduction.AUTO).reduction == "sum_over_batch_size"


@pytest.mark.parametrize("loss", [losses.Huber(delta=2.0), losses.CosineSimilarity(axis=0)])
def test_settings_that_keras_forgets_survive_in_a_config(loss: Any) -> None:
    again = losses.deserialize(losses.serialize(loss))
    y_true, y_pred = tf.zeros([2, 3]) + 0.5, 5 * PREDICTED
    assert again(y_true, y_pred) == loss(y_true, y_pred) != type(loss)()(y_true, y_pred)


def test_a_vector_of_zeros_has_a_direction_of_no_slope() -> None:
    x = tf.zeros([1, 3])
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = losses.cosine_similarity([[1.0, 0.0, 0.0]], x)
    assert np.isfinite(tape.gradient(loss, x)).all()


def test_lists_as_labels_go_with_arrays_as_predictions() -> None:
    assert losses.MeanSquaredError()([[1.0], [3.0]], np.zeros((2, 1))) == 5.0


@pytest.mark.parametrize(("error", "curvature"), [(0.5, 1.0), (3.0, 0.0)])
def test_huber_curves_near_the_truth_only(error: float, curvature: float) -> None:
    x = tf.constant([error])
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = losses.huber([0.0], x)
        slope = tape.gradient(loss, x)
    assert outer.gradient(slope, x).numpy().tolist() == [curvature]


def test_a_name_with_a_slip_is_answered_with_the_right_one() -> None:
    with pytest.raises(ValueError, match="Did you mean 'mean_squared_error'"):
        losses.get("mean_square_error")


def test_labels_of_the_wrong_shape_are_told_what_to_be() -> None:
    with pytest.raises(ValueError, match="class numbers as labels: tf.argmax"):
        losses.SparseCategoricalCrossentropy()(DENSE, PREDICTED)


def test_a_loss_without_call_says_so() -> None:
    with pytest.raises(NotImplementedError, match="without a method call"):
        losses.Loss()(DENSE, PREDICTED)
