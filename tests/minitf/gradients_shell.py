"""Where gradients of control flow and of checks are compared with differences."""

import numpy as np

import minitf as tf
from minitf.distribute.replica import ALL_REDUCE

X = np.array([0.5, -1.25, 2.0])
M = np.array([[0.5, -1.0], [2.0, 0.75]])


@tf.function
def within(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.cond(x[0] > 0, lambda: x * x * x, lambda: x)
    return tape.gradient(y, x)


@tf.function
def picked(x, i):
    return x[i] * x[-i] * x[:, i]


CHECKS = {
    "all_reduce": [(lambda x: ALL_REDUCE(x * x, how="sum") * x, [X])],
    "check_numerics": [(lambda x: tf.debugging.check_numerics(x, "told") ** 3, [X])],
    "assert_all_finite": [(lambda x: tf.debugging.assert_all_finite(x, "told") ** 3, [X])],
    "cond": [(lambda x: tf.cond(x[0] > 0, lambda: x * x * x, lambda: x), [X])],
    "cond of a function": [
        (tf.function(lambda x, y: tf.cond(x[0] > y, lambda: x * x * y, lambda: tf.sin(x))), [X, np.array(0.25)]),
        (tf.function(lambda x, y: tf.cond(x[0] > y, lambda: x * x * y, lambda: tf.sin(x))), [X, np.array(0.75)]),
        (lambda x: within(x), [X]),
    ],
    "part of a function": [(lambda x: picked(x, tf.constant(1)), [M])],
    "while_loop": [
        (lambda x: tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * x), (tf.constant(0), x))[1], [X])
    ],
    "map_fn": [(lambda x: tf.map_fn(lambda row: row * row * row[0], x), [M])],
}
