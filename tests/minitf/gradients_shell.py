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
    "vectorized_map": [(lambda x, y: tf.vectorized_map(lambda rows: rows[0] * rows[1] ** 2, (x, y)), [M, X[:2]])],
    "scan": [
        (lambda x: tf.scan(lambda a, b: a * b, x), [X]),
        (lambda x: tf.scan(lambda a, b: a * b, x, reverse=True), [M]),
    ],
    "foldl": [(lambda x: tf.foldl(lambda a, b: a * b + b, x), [X])],
    "foldr": [(lambda x, y: tf.foldr(lambda a, b: a * b, x, initializer=y), [M, X[:2]])],
}
