"""Models: what is easier here than in Keras, and what nobody sees when all goes well."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import minitf as tf
from minitf.keras import layers
from minitf.keras.models.functional import Functional

X = np.random.default_rng(1).normal(size=(20, 3)).astype("float32")


class Net(tf.keras.Model):
    """A model that can be written to a config."""

    def __init__(self, units: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.hidden, self.out = layers.Dense(units, "relu"), layers.Dense(1)

    def call(self, x: Any) -> Any:
        return self.out(self.hidden(x))


def ends() -> tuple[Any, Any]:
    x = tf.keras.Input((3,))
    return x, layers.Dense(1)(x)


def test_build_makes_the_weights_of_a_subclassed_model() -> None:
    net = Net()
    net.build((None, 3))
    assert [tuple(weight.shape) for weight in net.weights] == [(3, 2), (2,), (2, 1), (1,)]


def test_the_config_of_a_subclassed_model_has_its_arguments() -> None:
    config = Net(units=5, name="mine").get_config()
    assert (config["units"], config["name"]) == (5, "mine")
    assert Net.from_config(config).units == 5


def test_a_subclass_with_symbolic_ends_is_a_functional_model() -> None:
    class Mine(tf.keras.Model):
        pass

    class Own(Mine):
        def __init__(self, width: int) -> None:
            x = tf.keras.Input((width,))
            super().__init__(x, layers.Dense(1)(x))

    mine, own = Mine(*ends()), Own(3)
    assert isinstance(mine, Functional) and isinstance(own, Functional)
    assert type(Mine.from_config(mine.get_config())) is Mine
    assert issubclass(Net, Functional) is False
    assert own(X).shape == (20, 1)


def test_a_copy_goes_its_own_way() -> None:
    model = tf.keras.Model(*ends())
    model.compile("adam", "mse")
    model.fit(X, X[:, :1], verbose=0)
    twin = copy.deepcopy(model)
    before = twin.get_weights()[0]
    model.fit(X, X[:, :1], verbose=0)
    np.testing.assert_array_equal(twin.get_weights()[0], before)
    assert (int(twin.optimizer.iterations), int(model.optimizer.iterations)) == (1, 2)


def test_layers_are_found_in_lists_that_grow_after_they_were_set() -> None:
    class Growing(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.stack: list[Any] = []
            for _ in range(3):
                self.stack.append(layers.Dense(3))

        def call(self, x: Any) -> Any:
            for layer in self.stack:
                x = layer(x)
            return x

    growing = Growing()
    growing(X)
    assert len(growing.layers) == 3
    assert len(growing.trainable_variables) == 6


def test_a_wrong_input_is_told_the_layer_and_the_shapes() -> None:
    model = tf.keras.Sequential([layers.Dense(4, name="narrow"), layers.Lambda(lambda x: x @ x, name="square")])
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        model(X)
    assert "of layer 'square', on inputs of shape (20, 4)" in "".join(caught.value.__notes__)


def test_a_model_without_losses_or_labels_trains_on_what_its_layers_add() -> None:
    class Shrinking(tf.keras.layers.Layer):
        def call(self, x: Any) -> Any:
            self.add_loss(tf.reduce_mean(x**2))
            return x

    model = tf.keras.Sequential([layers.Dense(2), Shrinking()])
    model.compile("sgd")
    losses = model.fit(X, epochs=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


def test_a_second_input_is_not_taken_for_training() -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    with pytest.raises(TypeError, match="multiple values for argument 'training'"):
        model(tf.ones((2, 3)), tf.ones((2, 3)))
