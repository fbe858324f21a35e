"""Names are in TensorFlow's places, and a missing one says who has it and what comes nearest."""

import pytest

import minitf as tf


def test_an_op_is_the_same_in_every_namespace() -> None:
    assert tf.math.add is tf.add
    assert tf.linalg.matmul is tf.matmul
    assert tf.nn.sigmoid is tf.sigmoid is tf.math.sigmoid
    assert tf.math.mod is tf.math.floormod


@pytest.mark.parametrize(
    ("namespace", "name", "message"),
    [
        (tf, "log", "Neither minitf nor TensorFlow has tf.log; the nearest name here is tf.math.log."),
        (tf, "sum", "Neither minitf nor TensorFlow has tf.sum; the nearest name here is tf.reduce_sum."),
        (tf, "reshap", "Neither minitf nor TensorFlow has tf.reshap; the nearest name here is tf.reshape."),
        (tf.math, "betainc", "minitf does not have tf.math.betainc, which TensorFlow has; "),
        (tf.math, "matmul", "Neither minitf nor TensorFlow has tf.math.matmul; the nearest name here is tf.matmul."),
        (tf.nn, "rellu", "Neither minitf nor TensorFlow has tf.nn.rellu; the nearest name here is tf.nn.relu."),
        (tf.nn, "conv2d", "minitf does not have tf.nn.conv2d, which TensorFlow has; "),
        (tf.math, "ADD", "Neither minitf nor TensorFlow has tf.math.ADD; the nearest name here is tf.math.add."),
        (tf, "Sequential", "Neither minitf nor TensorFlow has tf.Sequential; the nearest name here is tf.keras."),
        (tf, "layers", "Neither minitf nor TensorFlow has tf.layers; the nearest name here is tf.keras.layers."),
        (tf.losses, "foo", "Neither minitf nor TensorFlow has tf.keras.losses.foo; dir(tf.keras.losses) lists"),
        (tf.optimizers, "Adamm", "Neither minitf nor TensorFlow has tf.keras.optimizers.Adamm; the nearest name here"),
        (tf.keras, "ops", "minitf does not have tf.keras.ops, which TensorFlow has; "),
        (tf.keras.layers, "Conv2D", "minitf does not have tf.keras.layers.Conv2D, which TensorFlow has; "),
        (
            tf.keras.layers,
            "dense_",
            "Neither minitf nor TensorFlow has tf.keras.layers.dense_; the nearest name here is tf.keras.layers.Dense.",
        ),
        (tf.keras.preprocessing.sequence, "pad", "Neither minitf nor TensorFlow has tf.keras.preprocessing.sequence."),
        (tf, "qqqq", "Neither minitf nor TensorFlow has tf.qqqq; dir(tf) lists what is here."),
    ],
)
def test_a_missing_name_is_explained(namespace: object, name: str, message: str) -> None:
    with pytest.raises(AttributeError) as error:
        getattr(namespace, name)
    assert str(error.value).startswith(message)


def test_every_public_name_is_there() -> None:
    for module in (tf, tf.math, tf.nn, tf.linalg):
        assert all(hasattr(module, name) for name in module.__all__)


def test_dir_lists_what_is_there_and_what_is_imported_later() -> None:
    for module in (tf, tf.keras):
        assert {*module.__all__, "__version__"} <= set(dir(module))
        assert all(hasattr(module, name) for name in dir(module))
    assert {"keras", "losses", "metrics", "optimizers", "initializers", "zeros_initializer"} <= set(dir(tf))
