"""Optimizers: what Keras has no word for, how short their programs are, and what is restored into them."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minitf as tf
from minitf import keras

SHAPES = [(4, 16), (16,), (16, 3), (3,)]


def weights() -> list[tf.Variable]:
    return [tf.Variable(tf.ones(shape)) for shape in SHAPES]


def ops_of_a_step(optimizer: keras.Optimizer, count: int) -> int:
    """Return how many ops a captured step has for so many variables."""
    variables = weights()[:count]
    gradients = [tf.ones(shape) for shape in SHAPES[:count]]
    step = tf.function(lambda *grads: optimizer.apply(grads, variables))
    step(*gradients)
    return len(re.findall(r"^    v\d+ = ", step.source(), re.MULTILINE))


@pytest.mark.parametrize(
    ("name", "options", "each", "once"),
    [
        ("SGD", {}, 2, 1),
        ("SGD", {"momentum": 0.9}, 4, 1),
        ("SGD", {"momentum": 0.9, "nesterov": True}, 6, 1),
        ("SGD", {"clipnorm": 1.0}, 8, 1),
        ("RMSprop", {}, 9, 1),
        ("Adagrad", {}, 7, 1),
        ("Adadelta", {}, 16, 1),
        ("Adam", {}, 12, 11),
        ("AdamW", {}, 14, 12),
        ("Adamax", {}, 10, 6),
        ("Nadam", {}, 15, 26),
    ],
)
def test_a_captured_step_has_few_ops(name: str, options: dict[str, Any], each: int, once: int) -> None:
    make = getattr(keras.optimizers, name)
    two, four = ops_of_a_step(make(**options), 2), ops_of_a_step(make(**options), 4)
    assert ((four - two) / 2, 2 * two - four) == (each, once)


def test_variables_are_made_in_the_first_call_of_a_function() -> None:
    (w, *_), optimizer = weights(), keras.optimizers.Adam()

    @tf.function
    def step(x: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.square(x @ w))
        optimizer.apply_gradients([(tape.gradient(loss, w), w)])

    for rows in (2, 2, 3):
        step(tf.ones((rows, 4)))
    assert optimizer.iterations.numpy() == 3
    assert len(optimizer.variables) == 4


def test_a_captured_step_takes_the_learning_rate_that_is_set_later() -> None:
    w, optimizer = tf.Variable(0.0), keras.optimizers.SGD(1.0)
    step = tf.function(lambda: optimizer.apply([tf.constant(1.0)], [w]))
    step()
    optimizer.learning_rate = 0.25
    step()
    assert w.numpy() == -1.25


def test_has_the_older_name_of_the_learning_rate() -> None:
    optimizer = keras.optimizers.SGD(0.5)
    optimizer.lr = 0.25
    assert optimizer.lr is optimizer.learning_rate
    assert optimizer.learning_rate.numpy() == 0.25


def test_minimizes_a_function_or_a_loss_with_its_tape() -> None:
    w, optimizer = tf.Variable(3.0), keras.optimizers.SGD(0.25)
    optimizer.minimize(lambda: w * w, lambda: [w])
    with tf.GradientTape() as tape:
        loss = w * w
    optimizer.minimize(loss, [w], tape)
    assert w.numpy() == 0.75
    with pytest.raises(ValueError, match="`tape` is required when a `Tensor` loss is passed"):
        optimizer.minimize(loss, [w])


def test_says_that_pairs_begin_with_the_gradient() -> None:
    w = tf.Variable(3.0)
    with pytest.raises(AttributeError, match=r"got Tensor; pairs are \(gradient, variable\)"):
        keras.optimizers.SGD().apply_gradients([(w, tf.constant(1.0))])


def test_says_what_replaces_an_older_argument() -> None:
    with pytest.raises(ValueError, match="write learning_rate=... for lr"):
        keras.optimizers.SGD(lr=0.1)
    with pytest.raises(ImportError, match="leave `legacy` out: tf.keras.optimizers.Adam."):
        keras.optimizers.legacy.Adam(0.1)


def test_a_function_may_be_the_learning_rate_of_a_config() -> None:
    @keras.saving.register_keras_serializable("tests")
    def eighth() -> float:
        return 0.125

    config = keras.optimizers.serialize(keras.optimizers.SGD(eighth))
    assert keras.optimizers.deserialize(config).learning_rate == 0.125


def test_a_config_of_an_optimizer_is_left_as_it_is() -> None:
    config = keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.5, 10)).get_config()
    rate = config["learning_rate"]
    keras.optimizers.SGD.from_config(config)
    assert config["learning_rate"] is rate


def test_accumulated_gradients_of_a_variable_without_one_stay() -> None:
    v, w = tf.Variable(1.0), tf.Variable(1.0)
    optimizer = keras.optimizers.SGD(1.0, gradient_accumulation_steps=2)
    optimizer.apply([tf.constant(0.5), tf.constant(0.5)], [v, w])
    with pytest.warns(UserWarning, match="Gradients do not exist for variables"):
        optimizer.apply([tf.constant(0.5), None], [v, w])
    assert (v.numpy(), w.numpy()) == (0.5, 1.0)


def test_a_gradient_that_is_not_finite_waits_until_its_step_is_due() -> None:
    w = tf.Variable(1.0)
    optimizer = keras.optimizers.SGD(1.0, gradient_accumulation_steps=2, clipnorm=1.0)
    optimizer.apply([tf.constant(np.inf)], [w])
    assert w.numpy() == 1.0
    optimizer.apply([tf.constant(1.0)], [w])
    assert np.isnan(w.numpy())


@pytest.mark.parametrize("built", [False, True])
def test_a_checkpoint_restores_an_optimizer_before_and_after_it_is_built(built: bool, tmp_path: Path) -> None:
    def made() -> tuple[Any, tf.Variable]:
        return keras.optimizers.Adam(0.25, amsgrad=True), tf.Variable([1.0, 2.0])

    saved, v = made()
    for _ in range(2):
        saved.apply([tf.constant([1.0, -2.0])], [v])
    path = tf.train.Checkpoint(optimizer=saved, v=v).save(str(tmp_path / "state"))
    restored, w = made()
    if built:
        restored.build([w])
    status = tf.train.Checkpoint(optimizer=restored, v=w).restore(path)
    restored.apply([tf.constant([0.5, 1.0])], [w])
    saved.apply([tf.constant([0.5, 1.0])], [v])
    status.assert_consumed()
    np.testing.assert_array_equal(v.numpy(), w.numpy())
    for one, other in zip(saved.variables, restored.variables, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


def test_a_subclass_of_an_optimizer_takes_its_arguments_and_adds_to_them() -> None:
    class Halved(keras.optimizers.Adam):
        def __init__(self, share: float = 0.5, **options: Any) -> None:
            super().__init__(**options)
            self.share = share

        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            super().update_step(gradient, variable, learning_rate * self.share)

    v, w = tf.Variable(1.0), tf.Variable(1.0)
    Halved(learning_rate=0.5, beta_1=0.5).apply([tf.constant(3.0)], [v])
    keras.optimizers.Adam(0.25, 0.5).apply([tf.constant(3.0)], [w])
    assert v.numpy() == w.numpy()


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])
@pytest.mark.parametrize("name", ["SGD", "Adam", "Nadam"])
def test_a_copy_of_an_optimizer_goes_on_from_its_state(name: str, copied: Callable[[Any], Any]) -> None:
    def step(optimizer: Any, variables: list[Any]) -> None:
        optimizer.apply_gradients([(tf.constant([1.0, -2.0]), variables[0]), (tf.constant(3.0), variables[1])])

    w = [tf.Variable([1.0, 2.0]), tf.Variable(3.0)]
    optimizer = getattr(tf.keras.optimizers, name)(0.1, weight_decay=0.5, use_ema=True)
    optimizer.exclude_from_weight_decay(w[1:])
    step(optimizer, w)
    v, twin = copied((w, optimizer))
    step(optimizer, w)
    step(twin, v)
    assert [each.numpy().tolist() for each in v] == [each.numpy().tolist() for each in w]
    assert [each.numpy().tolist() for each in twin.variables] == [each.numpy().tolist() for each in optimizer.variables]
    assert twin.get_config() == optimizer.get_config()
    with pytest.raises(ValueError, match="Unknown variable"):
        step(twin, w)


def test_a_copy_of_an_optimizer_refuses_variables_of_other_shapes() -> None:
    optimizer = tf.keras.optimizers.Adam()
    optimizer.build([tf.Variable([1.0, 2.0])])
    with pytest.raises(ValueError, match=r"goes on for variables of shapes \[\(2,\)\], but got \[\(3,\)\]"):
        copy.deepcopy(optimizer).apply_gradients([(tf.zeros([3]), tf.Variable([1.0, 2.0, 3.0]))])


def test_model_and_optimizer_are_copied_together() -> None:
    model = tf.keras.Sequential([tf.keras.layers.Input((2,)), tf.keras.layers.Dense(1)])
    optimizer = tf.keras.optimizers.SGD(0.1, momentum=0.9)
    gradients = [tf.ones([2, 1]), tf.ones([1])]
    optimizer.apply(gradients, model.trainable_variables)
    other, twin = copy.deepcopy((model, optimizer))
    twin.apply(gradients, other.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    assert other.get_weights()[0].tolist() == model.get_weights()[0].tolist()
