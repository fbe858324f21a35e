"""Where gradients of control flow and of checks are compared with differences."""

import numpy as np

import minitf as tf

X = np.array([0.5, -1.25, 2.0])
M = np.array([[0.5, -1.0], [2.0, 0.75]])

CHECKS = {
    "check_numerics": [(lambda x: tf.debugging.check_numerics(x, "told") ** 3, [X])],
    "assert_all_finite": [(lambda x: tf.debugging.assert_all_finite(x, "told") ** 3, [X])],
    "cond": [(lambda x: tf.cond(x[0] > 0, lambda: x * x * x, lambda: x), [X])],
    "while_loop": [
        (lambda x: tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * x), (tf.constant(0), x))[1], [X])
    ],
    "map_fn": [(lambda x: tf.map_fn(lambda row: row * row * row[0], x), [M])],
}
