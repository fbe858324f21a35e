"""What a module promises beyond TensorFlow's results: trained as it is found, freed when it is dropped."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

import minitf as tf


class Dense(tf.Module):
    def __init__(self, outputs: int, name: str | None = None) -> None:
        super().__init__(name=name)
        self.outputs = outputs
        self.w: Any = None

    @tf.Module.with_name_scope
    def __call__(self, x: Any) -> Any:
        if self.w is None:
            self.w = tf.Variable(tf.ones([x.shape[1], self.outputs]), name="w")
            self.b = tf.Variable(tf.zeros([self.outputs]), name="b")
        return x @ self.w + self.b


class Network(tf.Module):
    def __init__(self) -> None:
        super().__init__()
        with self.name_scope:
            self.layers = [Dense(3, "first"), Dense(1, "second")]

    @tf.Module.with_name_scope
    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x


def test_variables_made_at_the_first_call_are_named_by_the_modules_around_them() -> None:
    network = Network()
    network(tf.ones([2, 2]))
    names = ["network/first/b:0", "network/first/w:0", "network/second/b:0", "network/second/w:0"]
    assert [v.name for v in network.variables] == names


def test_a_module_trains_through_its_trainable_variables() -> None:
    network, x, target = Network(), tf.constant([[1.0, 2.0], [3.0, 4.0]]), tf.constant([[1.0], [0.0]])
    losses = []
    for _ in range(20):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(network(x) - target))
        variables = network.trainable_variables
        for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
            variable.assign_sub(0.005 * gradient)
        losses.append(float(loss))
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0] / 20


def test_a_method_that_fails_leaves_the_name_scope() -> None:
    class Broken(tf.Module):
        @tf.Module.with_name_scope
        def build(self) -> None:
            raise KeyError

    with pytest.raises(KeyError):
        Broken().build()
    assert tf.Variable(1.0).name == "Variable:0"


def test_a_module_is_freed_with_its_last_name() -> None:
    gc.disable()
    try:
        network = Network()
        network(tf.ones([2, 2]))
        assert len(network.variables) + len(network.submodules) == 6
        alive = weakref.ref(network)
        del network
        assert alive() is None
    finally:
        gc.enable()


def test_an_attribute_that_cannot_be_searched_is_named() -> None:
    module = tf.Module()
    module.table = {1: tf.Variable(1.0), "a": 2}
    with pytest.raises(ValueError, match="Error processing property 'table'.*keys can be sorted"):
        module.variables  # noqa: B018
