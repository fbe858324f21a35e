"""Points at which the gradients of shaping, joining, slicing and indexing are checked."""

from __future__ import annotations

from typing import Any

import numpy as np

import minitf as tf

V = np.array([1.5, -0.5, 2.5])
M = np.array([[1.5, -0.5, 2.5], [0.25, 3.5, -1.25]])
T = np.arange(12.0).reshape(2, 2, 3) / 7 - 0.8
ROWS = [[0], [2], [0]]


def squares(x: Any) -> Any:
    """Make the second derivative differ from zero."""
    return x * x


CHECKS: dict[str, list[Any]] = {
    "boolean_mask": [(lambda x: squares(tf.boolean_mask(x, [True, False, True])), [V])],
    "broadcast_to": [(lambda x: squares(tf.broadcast_to(x, [2, 3])), [V])],
    # Narrow floats are too coarse for differences; what flows through a cast is compared with TensorFlow.
    "cast": [(lambda x: squares(x) + 0.0 * tf.cast(tf.cast(x, tf.float32), tf.float64), [V])],
    "concat": [(lambda x, y: squares(tf.concat([x, y, x], 1)), [M, M[:, :1]])],
    "ensure_shape": [(lambda x: squares(tf.ensure_shape(x, [3])), [V])],
    "expand_dims": [(lambda x: squares(tf.expand_dims(x, 1)), [M])],
    "fill": [(lambda x: squares(tf.fill([2, 2], x)), [1.5])],
    "gather": [
        (lambda x: squares(tf.gather(x, [[1, 0], [1, 1]])), [M]),
        (lambda x: squares(tf.gather(x, [2, 0, 2], axis=1)), [M]),
        (lambda x: squares(tf.gather(x, [[2, 0], [1, 1]], axis=2, batch_dims=1)), [T]),
    ],
    "gather_nd": [
        (lambda x: squares(tf.gather_nd(x, [[0, 1], [1, 2], [0, 1]])), [M]),
        (lambda x: squares(tf.gather_nd(x, [[[0], [1]], [[1], [1]]], batch_dims=1)), [T]),
    ],
    "identity": [(lambda x: squares(tf.identity(x)), [V])],
    "linspace": [(lambda x, y: squares(tf.linspace(x, y, 4, axis=-1)), [V, V[::-1]])],
    "meshgrid": [(lambda x, y: [squares(grid) for grid in tf.meshgrid(x, y)], [V, V[:2]])],
    "pad": [
        (lambda x: squares(tf.pad(x, [[1, 0], [0, 2]], constant_values=3.0)), [M]),
        (lambda x: squares(tf.pad(x, [[1, 0], [2, 1]], "REFLECT")), [M]),
        (lambda x: squares(tf.pad(x, [[2, 0], [0, 3]], "SYMMETRIC")), [M]),
    ],
    "repeat": [(lambda x: squares(tf.repeat(x, [2, 0, 1], axis=1)), [M]), (lambda x: squares(tf.repeat(x, 2)), [M])],
    "reshape": [(lambda x: squares(tf.reshape(x, [3, -1])), [M])],
    "reverse": [(lambda x: squares(tf.reverse(x, [1])) * x, [M])],
    "roll": [(lambda x: squares(tf.roll(x, [1, -1], [0, 1])) * x, [M])],
    "scatter_nd": [(lambda x: squares(tf.scatter_nd(ROWS, x, [4])), [V])],
    "slice": [(lambda x: squares(tf.slice(x, [0, 1], [2, 2])), [M])],
    "sort": [(lambda x: squares(tf.sort(x)) * x, [M]), (lambda x: squares(tf.sort(x, 0, "DESCENDING")) * x, [M])],
    "split": [
        (lambda x: [squares(part) for part in tf.split(x, [1, 2], axis=1)], [M]),
        (lambda x: squares(tf.split(x, 3, axis=1)[1]), [M]),
    ],
    "squeeze": [(lambda x: squares(tf.squeeze(x, 1)), [M[:, None]])],
    "stack": [(lambda x, y: squares(tf.stack([x, y, x], axis=1)), [V, V[::-1]])],
    "strided_slice": [
        (lambda x: squares(x[1]), [M]),
        (lambda x: squares(x[::-1, tf.newaxis, ..., 1::2]), [M]),
        (lambda x: squares(tf.strided_slice(x, [0, 2], [2, 0], [1, -1])), [M]),
    ],
    "sum_to": [(lambda x, y: squares(x) * y, [M, V]), (lambda x, y: squares(x) * y, [M[:, :1], V])],
    "tensor_scatter_nd_add": [(lambda x, y: squares(tf.tensor_scatter_nd_add(x, ROWS, y)), [V, V[::-1]])],
    "tensor_scatter_nd_max": [(lambda x, y: squares(tf.tensor_scatter_nd_max(x, ROWS, y)), [V, V[::-1] + 0.25])],
    "tensor_scatter_nd_min": [(lambda x, y: squares(tf.tensor_scatter_nd_min(x, ROWS, y)), [V, V[::-1] + 0.25])],
    "tensor_scatter_nd_sub": [(lambda x, y: squares(tf.tensor_scatter_nd_sub(x, ROWS, y)), [V, V[::-1]])],
    "tensor_scatter_nd_update": [(lambda x, y: squares(tf.tensor_scatter_nd_update(x, [[2], [0]], y)), [V, V[:2] * 2])],
    "tile": [(lambda x: squares(tf.tile(x, [2, 3])), [M])],
    "transpose": [(lambda x: squares(tf.transpose(x, [2, 0, 1])) * tf.transpose(x, [2, 1, 0]), [T])],
    "unstack": [(lambda x: squares(tf.unstack(x, axis=1)[0]), [M]), (lambda x: [squares(row) for row in x], [M])],
    "where": [(lambda x, y: squares(tf.where([True, False, True], x, y)), [V, V[::-1]])],
}
