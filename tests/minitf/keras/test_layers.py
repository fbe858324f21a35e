"""What is asked of layers beyond agreement with Keras: short programs, older spellings, and errors that say where."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import minitf as tf

layers = tf.keras.layers


def operations(layer: Any, shape: Any, **how: Any) -> list[str]:
    """List the ops of a layer for any size where None stands."""
    layer(tf.ones([2 if size is None else size for size in shape]))
    call = tf.function(lambda x: layer(x, **how), input_signature=[tf.TensorSpec(shape)])
    return [node.op.name for node in call.get_concrete_function().program.nodes]


@pytest.mark.parametrize(
    ("layer", "shape", "wanted"),
    [
        (lambda: layers.Dense(2), (None, 3), "matmul add"),
        (lambda: layers.Dense(2, "relu", use_bias=False), (None, 3), "matmul relu"),
        (lambda: layers.Dense(2), (None, None, 3), "reshape matmul reshape add"),
        (lambda: layers.Dropout(0.5), (None, 3), ""),
        (lambda: layers.Flatten(), (None, 2, None), "reshape"),
        (lambda: layers.Flatten(), (None, 2), ""),
        (lambda: layers.Reshape((-1, 2)), (None, None, 4), "reshape"),
        (lambda: layers.GlobalAveragePooling1D(), (None, None, 4), "reduce_mean"),
        (lambda: layers.Add(), None, "add add"),
        (lambda: layers.Rescaling(2.0, 1.0), (None, 3), "multiply add"),
        (lambda: layers.Normalization(mean=1.0, variance=4.0), (None, 3), "subtract divide"),
        (lambda: layers.Embedding(3, 2), (None,), "cast gather"),
    ],
)
def test_a_layer_takes_no_more_ops_than_it_needs(layer: Any, shape: Any, wanted: str) -> None:
    if shape is None:
        adding = layer()
        assert operations(layers.Lambda(lambda x: adding([x, x, x])), (None, 3)) == wanted.split()
    else:
        assert operations(layer(), shape) == wanted.split()


def test_batch_normalization_moves_both_averages_with_three_ops_each() -> None:
    inference = operations(layers.BatchNormalization(), (None, 3))
    training = operations(layers.BatchNormalization(), (None, 3), training=True)
    moments = ["reduce_mean", "squared_difference", "reduce_mean"]
    assert len(training) == len(inference) + len(moments) + 6


def test_an_activity_penalty_is_per_sample_for_every_size_of_the_batch() -> None:
    layer = layers.Dense(1, kernel_initializer="ones", activity_regularizer=lambda y: tf.reduce_sum(y))

    @tf.function(input_signature=[tf.TensorSpec((None, 2))])
    def penalty(x: Any) -> Any:
        layer(x)
        return layer.losses[0]

    assert [penalty(tf.ones((size, 2))).numpy() for size in (1, 4, 7)] == [2.0, 2.0, 2.0]


def test_a_dropout_draws_anew_in_each_run_of_a_program() -> None:
    layer = layers.Dropout(0.5, seed=1)
    call = tf.function(lambda x: layer(x, training=True))
    draws = {tuple(call(tf.ones((50,))).numpy()) for _ in range(4)}
    assert len(draws) == 4


def test_plain_variables_in_attributes_are_weights_too() -> None:
    class Scale(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.scale = tf.Variable(2.0)
            self.parts = [tf.Variable(1.0, trainable=False)]

        def call(self, x: Any) -> Any:
            return self.scale * x

    layer = Scale()
    assert layer(np.ones(1)).numpy() == 2.0
    assert [each.numpy() for each in layer.weights] == [2.0, 1.0]
    assert len(layer.trainable_variables) == 1


@pytest.mark.parametrize("captured", [False, True])
def test_weights_and_layers_may_be_made_in_the_first_call(captured: bool) -> None:
    class Late(layers.Layer):
        def call(self, x: Any) -> Any:
            if not hasattr(self, "scale"):
                self.scale = self.add_weight((3,), "ones", name="scale")
                self.inner = [layers.Dense(1, kernel_initializer="ones", name="inner")]
            return self.inner[0](x * self.scale)

    layer = Late(name="late")
    call = tf.function(layer) if captured else layer
    assert [call(tf.ones((1, 3))).numpy().item() for _ in range(2)] == [3.0, 3.0]
    assert [each.path for each in layer.weights] == ["late/scale", "late/inner/kernel", "late/inner/bias"]


def test_the_name_of_a_weight_may_stand_first_as_in_older_programs() -> None:
    weight = layers.Layer(name="old").add_weight("kernel", shape=[2, 1], initializer="ones")
    assert (weight.path, weight.shape) == ("old/kernel", (2, 1))


def test_layers_are_where_older_programs_look_for_them() -> None:
    assert layers.experimental.preprocessing.Normalization is layers.Normalization
    assert layers.experimental.preprocessing.Rescaling is layers.Rescaling
    with pytest.warns(UserWarning, match="Do not pass an `input_shape`"):
        layers.Dense(1, input_shape=(3,))
    with pytest.warns(UserWarning, match="`alpha` is deprecated"):
        assert layers.LeakyReLU(alpha=0.5).negative_slope == 0.5
    with pytest.warns(UserWarning, match="`input_length` is deprecated"):
        layers.Embedding(2, 1, input_length=3)
    with pytest.warns(UserWarning, match="`rms_scaling=True`, which is deprecated"):
        layers.LayerNormalization(rms_scaling=True)


def test_losses_of_a_layer_that_was_not_called_this_time_do_not_count() -> None:
    class Chosen(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.costly = layers.ActivityRegularization(l1=1.0)

        def call(self, x: Any, skip: bool = False) -> Any:
            return x if skip else self.costly(x)

    layer = Chosen()
    layer(np.ones((1, 2)))
    assert [each.numpy() for each in layer.losses] == [2.0]
    layer(np.ones((1, 2)), skip=True)
    assert layer.losses == []


def test_an_error_says_in_which_layer_it_happened() -> None:
    class Broken(layers.Layer):
        def call(self, x: Any) -> Any:
            return tf.matmul(x, x)

    outer = layers.Lambda(Broken(name="broken"))
    with pytest.raises(tf.errors.InvalidArgumentError) as raised:
        outer(np.ones((2, 3)))
    notes = ["This happened in Broken.call() of layer 'broken', on inputs of shape (2, 3)."]
    assert raised.value.__notes__ == notes


def test_after_an_error_the_next_call_is_an_outermost_one_again() -> None:
    class Once(layers.Layer):
        def call(self, x: Any, training: Any = None) -> Any:
            if training:
                raise ZeroDivisionError
            self.add_loss(tf.reduce_sum(x))
            return x

    layer = Once()
    with pytest.raises(ZeroDivisionError):
        layer(np.ones(2), training=True)
    layer(np.ones(2))
    layer(np.ones(2))
    assert len(layer.losses) == 1
    assert layers.Dropout(0.5)(np.ones(9)).numpy().min() == 1.0


def test_a_copy_of_a_layer_has_weights_of_its_own() -> None:
    layer = layers.Dense(1)
    layer(np.ones((1, 2)))
    other = copy.deepcopy(layer)
    other.set_weights([np.zeros((2, 1)), np.ones(1)])
    assert other(np.ones((1, 2))).numpy() == 1.0
    assert np.any(layer.get_weights()[0])


def test_weights_are_found_in_lists_that_are_filled_later() -> None:
    layer = layers.Layer()
    layer.inner = []
    layer.inner.append(layers.Dense(1))
    layer.inner[0].build((None, 2))
    assert len(layer.weights) == 2
    layer.trainable = False
    assert layer.inner[0].trainable_weights == []


def test_batch_renormalization_is_refused() -> None:
    with pytest.raises(NotImplementedError, match="make the layer without `renorm`"):
        layers.BatchNormalization(renorm=True)


def test_frozen_weights_keep_their_place() -> None:
    layer = layers.Layer()
    layer.add_weight((1,), "zeros", trainable=False, name="fixed")
    layer.add_weight((2,), "ones", name="free")
    before = [each.name for each in layer.weights]
    layer.trainable = False
    assert before == [each.name for each in layer.weights] == ["free", "fixed"]
