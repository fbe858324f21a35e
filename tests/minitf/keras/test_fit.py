"""fit and predict where Keras cannot be asked: orders drawn at random, how often Python runs, older spellings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import minitf as tf
from minitf.keras import layers

X = np.random.default_rng(1).normal(size=(50, 3)).astype("float32")
Y = X.sum(1, keepdims=True)


def model(*stack: Any, **how: Any) -> Any:
    """Return a small compiled model of three features."""
    made = tf.keras.Sequential([tf.keras.Input((3,)), *stack, layers.Dense(1)])
    made.compile("sgd", "mse", **how)
    return made


class Rows(tf.keras.layers.Layer):
    """A layer that notes which rows come by, by their first number."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[list[float]] = []

    def call(self, x: Any) -> Any:
        self.batches.append(x[:, 0].numpy().tolist())
        return x


def seen(epochs: int = 1, **how: Any) -> list[list[list[float]]]:
    """Return the rows of the batches of each epoch."""
    rows = Rows()
    made = model(rows, run_eagerly=True)
    rows.batches.clear()  # what went through to find out about shapes
    made.fit(X, Y, batch_size=8, epochs=epochs, verbose=0, **how)
    return [rows.batches[7 * epoch :][:7] for epoch in range(epochs)]


def flat(batches: list[list[float]]) -> list[float]:
    return [row for batch in batches for row in batch]


FIRST = X[:, 0].tolist()


def test_without_shuffle_rows_come_as_they_stand() -> None:
    assert [flat(epoch) for epoch in seen(2, shuffle=False)] == [FIRST, FIRST]


def test_each_epoch_has_every_row_once_in_an_order_of_its_own() -> None:
    first, second = (flat(epoch) for epoch in seen(2))
    assert sorted(first) == sorted(second) == sorted(FIRST)
    assert FIRST != first != second != FIRST


def test_a_seed_decides_the_order() -> None:
    orders = []
    for seed in (7, 7, 8):
        tf.keras.utils.set_random_seed(seed)
        orders.append(seen(2))
    assert orders[0] == orders[1] != orders[2]


def test_batches_can_be_shuffled_whole() -> None:
    (batches,) = seen(shuffle="batch")
    whole = [FIRST[start : start + 8] for start in range(0, 50, 8)]
    assert batches != whole
    assert sorted(batches) == sorted(whole)


def test_rows_labels_and_weights_are_shuffled_together() -> None:
    class Checking(tf.keras.Model):
        def train_step(self, data: Any) -> Any:
            x, y, weights = data
            np.testing.assert_array_equal(y[:, 0], x[:, 0])
            np.testing.assert_array_equal(weights, x[:, 1])
            return {}

    x = tf.keras.Input((3,))
    checking = Checking(x, layers.Dense(1)(x))
    checking.compile("sgd", "mse", run_eagerly=True)
    checking.fit(X, X[:, :1], sample_weight=X[:, 1], verbose=0)


def test_the_last_rows_are_for_validation_before_anything_is_shuffled() -> None:
    rows = Rows()
    made = model(rows, run_eagerly=True)
    rows.batches.clear()
    made.fit(X, Y, batch_size=50, validation_split=0.2, verbose=0)
    train, validation = rows.batches
    assert sorted(train) == sorted(FIRST[:40])
    assert validation == FIRST[40:]


@pytest.mark.parametrize("size", [None, 1, 7, 50, 1000])
def test_a_prediction_does_not_depend_on_the_batch_size(size: int | None) -> None:
    made = model(layers.Dense(4, "relu"), layers.BatchNormalization())
    made.fit(X, Y, verbose=0)
    np.testing.assert_allclose(made.predict(X, batch_size=size, verbose=0), made(X), rtol=1e-5)


def test_a_function_of_whole_batches_is_given_those_of_keras() -> None:
    sizes = tf.keras.Sequential([tf.keras.Input((1,)), layers.Lambda(lambda x: x * 0 + tf.reduce_sum(x))])
    np.testing.assert_array_equal(sizes.predict(np.ones((70, 1)), verbose=0)[:, 0], [32.0] * 64 + [6.0] * 6)


class Counting(tf.keras.layers.Layer):
    """A layer that counts how often its Python runs."""

    def __init__(self) -> None:
        super().__init__()
        self.runs = 0

    def call(self, x: Any) -> Any:
        self.runs += 1
        return x


def test_python_runs_once_for_each_size_of_a_batch_and_not_for_more_epochs_or_a_second_fit() -> None:
    counting = Counting()
    made = model(counting)
    runs = counting.runs
    made.fit(X, Y, batch_size=8, verbose=0)
    assert counting.runs == runs + 2
    made.fit(X, Y, batch_size=8, epochs=5, verbose=0)
    assert counting.runs == runs + 2


def test_python_runs_for_each_batch_when_it_is_asked_to() -> None:
    counting = Counting()
    made = model(counting, run_eagerly=True)
    runs = counting.runs
    made.fit(X, Y, batch_size=10, epochs=2, verbose=0)
    assert counting.runs == runs + 10


def test_a_model_that_decides_by_its_data_trains_as_plain_python() -> None:
    class Deciding(tf.keras.Model):
        def __init__(self, eager: bool) -> None:
            super().__init__()
            self.dense, self.eager = layers.Dense(1, kernel_initializer="ones"), eager

        def call(self, x: Any) -> Any:
            y = self.dense(x)
            return y * 2.0 if float(tf.reduce_sum(y)) > 0 else y

    weights = []
    for eager in (True, False):
        made = Deciding(eager)
        made.compile("sgd", "mse", run_eagerly=eager)
        made.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0)
        weights.append(made.get_weights())
    for first, second in zip(*weights, strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-5)


def test_a_new_learning_rate_or_new_weights_hold_for_a_step_that_was_captured() -> None:
    made = model()
    made.fit(X, Y, verbose=0)
    made.optimizer.learning_rate = 0.0
    before = made.get_weights()
    made.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(made.get_weights()[0], before[0])


def test_freezing_a_layer_takes_effect_with_compile() -> None:
    made = model(layers.Dense(3))
    made.fit(X, Y, verbose=0)
    made.layers[0].trainable = False
    made.compile("sgd", "mse")
    before = made.get_weights()
    made.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(made.get_weights()[0], before[0])
    assert (made.get_weights()[2] != before[2]).all()


# --- spellings of older books -----------------------------------------------------------------------------------------


class Old(tf.keras.Model):
    """A step as the guides to TensorFlow 2.0 to 2.8 have it."""

    def train_step(self, data: Any) -> Any:
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compiled_loss(y, y_pred, regularization_losses=self.losses)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
        self.compiled_metrics.update_state(y, y_pred)
        return {metric.name: metric.result() for metric in self.metrics}


def test_a_step_with_compiled_loss_and_compiled_metrics_does_what_the_built_in_one_does() -> None:
    histories = []
    for kind in (tf.keras.Model, Old):
        x = tf.keras.Input((3,))
        made = kind(x, layers.Dense(1, kernel_initializer="ones", kernel_regularizer="l2")(x))
        made.compile("sgd", "mse", metrics=["mae"])
        histories.append(made.fit(X, Y, epochs=3, shuffle=False, verbose=0).history)
    built_in, old = histories
    assert sorted(old) == sorted(built_in)
    for name, values in built_in.items():
        np.testing.assert_allclose(old[name], values, rtol=1e-5)


def test_a_step_may_return_the_loss_alone() -> None:
    class Bare(tf.keras.Model):
        def train_step(self, data: Any) -> Any:
            return {"loss": tf.constant(3.0), "more": {"a": tf.constant(1.0)}}

    x = tf.keras.Input((3,))
    made = Bare(x, layers.Dense(1)(x))
    made.compile("sgd", "mse")
    assert made.fit(X, Y, verbose=0).history["a"] == [1.0]


# --- data that Keras refuses ------------------------------------------------------------------------------------------


def halves() -> Iterator[Any]:
    yield [X[:25], Y[:25]]
    yield [X[25:], Y[25:]]


@pytest.mark.parametrize("data", [halves, lambda: iter([(X, Y)]), lambda: iter(tf.data.Dataset.from_tensors((X, Y)))])
def test_batches_may_be_lists_and_come_from_any_iterator(data: Any) -> None:
    assert len(model().fit(data(), verbose=0).history["loss"]) == 1


def test_class_weights_count_in_batches_of_a_generator() -> None:
    weighted, doubled = (tf.keras.Sequential([layers.Dense(1, "sigmoid", kernel_initializer="ones")]) for _ in "ab")
    labels = (Y > 0).astype("float32")
    weighted.compile("sgd", "binary_crossentropy")
    doubled.compile("sgd", "binary_crossentropy")
    weighted.fit(((X, labels) for _ in range(1)), class_weight={0: 1.0, 1: 2.0}, verbose=0)
    doubled.fit(((X, labels, 1.0 + labels[:, 0]) for _ in range(1)), verbose=0)
    np.testing.assert_allclose(weighted.get_weights()[0], doubled.get_weights()[0], rtol=1e-6)


def test_a_generator_that_has_nothing_left_is_warned_of() -> None:
    with pytest.warns(UserWarning, match="Your input ran out of data"):
        history = model().fit(((X, Y) for _ in range(2)), epochs=2, verbose=0).history
    assert len(history["loss"]) == 1


# --- what is printed --------------------------------------------------------------------------------------------------


def test_verbose_0_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    made = model()
    made.fit(X, Y, verbose=0)
    made.evaluate(X, Y, verbose=0)
    made.predict(X, verbose=0)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("verbose", [1, 2, "auto"])
def test_a_fit_prints_its_epochs_and_their_results(verbose: Any, capsys: pytest.CaptureFixture[str]) -> None:
    history = model(metrics=["mae"]).fit(X, Y, epochs=2, verbose=verbose, validation_data=(X, Y)).history
    said = capsys.readouterr().out
    assert "Epoch 1/2" in said and "Epoch 2/2" in said
    assert "2/2" in said and f"val_mae: {history['val_mae'][-1]:.4f}" in said
    assert ("\x08" in said or "\r" in said or "━" in said) == (verbose != 2)


def test_fits_on_data_of_many_sizes_share_a_program_after_some(caplog: pytest.LogCaptureFixture) -> None:
    model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    weights = model.get_weights()
    for size in range(20, 32):
        x = np.random.default_rng(size).normal(size=(size, 3)).astype("float32")
        model.set_weights(weights)
        found = model.fit(x, x[:, :1], batch_size=64, verbose=0).history["loss"][0]
        assert found == pytest.approx(np.mean((x @ weights[0] - x[:, :1]) ** 2), rel=1e-5)
    assert "retracing" not in caplog.text
