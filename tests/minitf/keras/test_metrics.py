"""What metrics promise beyond Keras's results: short programs, spellings of Keras 2, open batch sizes."""

from __future__ import annotations

import copy
import pickle
import threading
from typing import Any

import numpy as np
import pytest

import minitf as tf
from minitf.keras import losses, metrics
from minitf.keras.metrics.choice import for_shapes


def ops(function: Any, *args: Any) -> list[str]:
    """Return the names of the ops of a captured function."""
    captured = tf.function(function)
    captured(*args)
    lines = [line.partition(" = ")[2] for line in captured.source().splitlines() if " = " in line and "#" not in line]
    return [line.partition("(")[0] for line in lines]


LABELS, CLASSES, ROWS = tf.ones([8], tf.int64), tf.ones([8, 3]), tf.ones([8, 1])

PROGRAMS: list[tuple[metrics.Metric, tuple[Any, ...], str]] = [
    (metrics.Mean(), (LABELS,), "cast reduce_sum add add"),
    (metrics.Mean(), (ROWS,), "reduce_sum add add"),
    (metrics.Mean(), (tf.constant(2.0), 8), "multiply add add"),
    (metrics.SparseCategoricalAccuracy(), (LABELS, CLASSES), "argmax equal cast reduce_sum add add"),
    (metrics.CategoricalAccuracy(), (CLASSES, CLASSES + 1), "argmax argmax equal cast reduce_sum add add"),
    (metrics.BinaryAccuracy(), (ROWS, ROWS), "greater cast equal cast reduce_sum add add"),
    (metrics.MeanSquaredError(), (ROWS, ROWS + 1), "subtract square reduce_mean multiply add add"),
    (
        metrics.Precision(),
        (ROWS, ROWS),
        "cast cast greater cast multiply reduce_sum add subtract multiply reduce_sum add",
    ),
]


@pytest.mark.parametrize(("metric", "args", "expected"), PROGRAMS)
def test_an_update_takes_few_ops(metric: metrics.Metric, args: tuple[Any, ...], expected: str) -> None:
    assert sorted(ops(metric.update_state, *args)) == sorted(expected.split())


def test_a_metric_shares_what_the_loss_computes() -> None:
    loss, metric = losses.MeanSquaredError(), metrics.MeanSquaredError()

    def step(y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        metric.update_state(y_true, y_pred)
        return loss(y_true, y_pred)

    assert ops(step, CLASSES, CLASSES + 1).count("reduce_mean") == 1


@pytest.mark.parametrize("name", ["SparseCategoricalAccuracy", "SparseCategoricalCrossentropy"])
def test_the_number_of_samples_may_be_unknown_when_a_step_is_captured(name: str) -> None:
    metric, eager = (getattr(metrics, name)() for _ in range(2))
    signature = [tf.TensorSpec([None], tf.int32), tf.TensorSpec([None, 3])]
    update = tf.function(lambda y_true, y_pred: metric.update_state(y_true, y_pred), input_signature=signature)
    for n in (2, 5, 3):
        y_true, y_pred = tf.range(n) % 3, tf.nn.softmax(tf.reshape(tf.sin(tf.range(3.0 * n)), [n, 3]))
        update(y_true, y_pred)
        eager.update_state(y_true, y_pred)
    np.testing.assert_allclose(metric.result(), eager.result(), 1e-6)
    assert metric.count.numpy() == 10


def test_a_mean_of_errors_counts_samples_when_their_number_is_unknown() -> None:
    metric = metrics.MeanSquaredError()
    update = tf.function(
        lambda y_true, y_pred: metric.update_state(y_true, y_pred), input_signature=[tf.TensorSpec([None, 2])] * 2
    )
    update(tf.zeros([3, 2]), tf.ones([3, 2]))
    update(tf.zeros([1, 2]), 3 * tf.ones([1, 2]))
    assert (metric.result().numpy(), metric.count.numpy()) == (3.0, 4.0)


# --- metrics that users write -----------------------------------------------------------------------------------------


class OldSpelling(metrics.Metric):
    """A metric as books on TensorFlow 2 have it."""

    def __init__(self, threshold: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.threshold = threshold
        self.total = self.add_weight("total", initializer="zeros")
        self.count = self.add_weight(name="count", shape=(2,), initializer="ones")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.total.assign_add(tf.reduce_sum(tf.abs(y_true - y_pred)) * self.threshold)

    def result(self) -> Any:
        return self.total / 2


def test_weights_may_be_made_and_reset_as_in_keras_2() -> None:
    metric = OldSpelling(2.0)
    assert [(each.path, each.numpy().tolist()) for each in metric.variables] == [
        ("old_spelling/total", 0.0),
        ("old_spelling/count", [1.0, 1.0]),
    ]
    assert metric(tf.constant([1.0]), tf.constant([3.0])).numpy() == 2.0
    metric.reset_states()
    assert [each.numpy().tolist() for each in metric.variables] == [0.0, [0.0, 0.0]]


class Pair(metrics.Metric):
    """A metric of metrics."""

    def __init__(self) -> None:
        super().__init__(name="pair")
        self.parts = {"sum": metrics.Sum(), "more": [metrics.Mean()]}
        self.own = self.add_weight(name="own")

    def update_state(self, values: Any) -> None:
        self.parts["sum"].update_state(values)  # type: ignore[attr-defined]
        self.parts["more"][0].update_state(values)  # type: ignore[index]


def test_a_metric_has_the_variables_of_the_metrics_in_it_and_resets_them() -> None:
    metric = Pair()
    metric.update_state([1.0, 2.0])
    assert [each.path for each in metric.variables] == ["pair/own", "sum/total", "mean/total", "mean/count"]
    metric.reset_state()
    assert [each.numpy() for each in metric.variables] == [0.0] * 4


def test_the_variables_of_metrics_are_none_to_train() -> None:
    metric = metrics.Mean()
    with tf.GradientTape() as tape:
        result = metric.result()
    assert tape.watched_variables() == ()
    assert tape.gradient(result, metric.total) is None


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["crossentropy", "ce"])
def test_cross_entropy_is_chosen_by_the_shapes_as_in_keras_2(word: str) -> None:
    chosen = [for_shapes(word, np.zeros(true), np.zeros(predicted)) for true, predicted in [
        ((4, 1), (4, 1)), ((4,), (4, 3)), ((4, 1), (4, 3)), ((4, 3), (4, 3)),
    ]]  # fmt: skip
    assert [type(each).__name__.removesuffix("Crossentropy") for each in chosen] == [
        "Binary", "SparseCategorical", "SparseCategorical", "Categorical",
    ]  # fmt: skip
    assert {each.name for each in chosen} == {word}


def test_functions_losses_and_metrics_can_be_given_to_compile() -> None:
    def near_miss(y_true: Any, y_pred: Any) -> Any:
        return tf.abs(y_true - y_pred)

    data = tf.zeros([2]), tf.ones([2])
    given = [
        near_miss,
        losses.MeanSquaredError(),
        metrics.Mean(name="mine"),
        metrics.MeanAbsoluteError,
        "kld",
        "logcosh",
    ]
    chosen = [for_shapes(each, *data) for each in given]
    names = ["near_miss", "mean_squared_error", "mine", "mean_absolute_error", "kld", "logcosh"]
    assert [each.name for each in chosen] == names
    assert chosen[0](*data).numpy() == 1.0
    assert chosen[1](*data).numpy() == 1.0


def test_no_metric_at_all_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="Expected metric, received `None`"):
        for_shapes(None, np.zeros(1), np.zeros(1))


# --- numbers that are none --------------------------------------------------------------------------------------------


def test_predictions_that_are_not_a_number_do_not_stop_training() -> None:
    metric = metrics.AUC()
    metric.update_state([0, 1], [np.nan, 0.7])
    assert np.isfinite(metric.result())
    metric = metrics.FalseNegatives()
    assert metric([1.0, 1.0], [np.nan, 0.7]).numpy() == 1.0


def test_a_metric_may_keep_anything_in_its_attributes() -> None:
    metric = tf.keras.metrics.Mean()
    metric.names, metric.inner = {1: "one", "two": 2}, {None: [tf.keras.metrics.Sum()]}
    metric.update_state([1.0, 3.0])
    metric.reset_state()
    assert len(metric.variables) == 3


@pytest.mark.parametrize("name", ["F1Score", "R2Score"])
def test_a_metric_without_a_batch_says_what_it_needs(name: str) -> None:
    with pytest.raises(AttributeError, match="call update_state before result"):
        getattr(tf.keras.metrics, name)().result()


def test_metrics_are_copied_and_pickled_with_what_they_gathered() -> None:
    metric = tf.keras.metrics.AUC(num_thresholds=5)
    metric.update_state([0, 1, 1], [0.2, 0.1, 0.9])
    for twin in (copy.deepcopy(metric), pickle.loads(pickle.dumps(metric))):
        assert twin.result() == metric.result()
        twin.update_state([0, 1], [0.9, 0.1])
        assert twin.result() < metric.result()


@pytest.mark.usefixtures("hasty_threads")
def test_several_threads_may_update_one_metric() -> None:
    metric = tf.keras.metrics.Mean()
    threads = [threading.Thread(target=lambda: [metric.update_state([1.0, 3.0]) for _ in range(200)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [float(each) for each in metric.variables] == [3200.0, 1600.0]


def test_predictions_may_be_integers() -> None:
    assert float(metrics.BinaryAccuracy()([1, 0], [1, 1])) == 0.5
