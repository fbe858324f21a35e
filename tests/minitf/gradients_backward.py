"""Points at which the gradients of ops are checked that only gradients use, so that these can be differentiated."""

from __future__ import annotations

from typing import Any

import numpy as np

import minitf as tf
from minitf.op import Op
from minitf.ops import array, elementary, index, losses, nn, reduction, slicing

M = np.array([[1.5, -0.5, 2.5], [0.25, 1.25, -1.25]])
T = np.cos(np.arange(12.0)).reshape(2, 3, 2) + 0.1
LABELS = np.array([[0.2, 0.5, 0.3], [0.7, 0.1, 0.2]])


def op(room: Any, name: str) -> Op:
    """Find an op that no public function calls."""
    return next(value for value in vars(room).values() if isinstance(value, Op) and value.name == name)


def squared(name: str, room: Any, *constants: Any, **attributes: Any) -> Any:
    """Square the result, so that the second derivative differs from zero."""
    return lambda *inputs: tf.square(op(room, name)(*inputs, *map(tf.constant, constants), **attributes))


CHECKS: dict[str, list[Any]] = {
    "cross_entropy_gradient": [
        (squared("cross_entropy_gradient", losses), [M[:, 0], LABELS, np.log(LABELS)]),
    ],
    "gate": [
        (squared("gate", nn), [M + 1, M]),
        (squared("gate", nn, high=2.0, slope=0.3), [M + 1, M]),
    ],
    "gather_grad": [
        (squared("gather_grad", index, [1, 1, 0], axis=1, size=4), [T]),
    ],
    "keep_zeros": [
        (squared("keep_zeros", elementary, M), [M]),
    ],
    "shares": [
        (squared("shares", reduction, count=4, shape=(4, 3)), [M[0]]),
    ],
    "sparse_cross_entropy_gradient": [
        (lambda dy, log_p: squared("sparse_cross_entropy_gradient", losses)(dy, tf.constant([2, 0]), log_p),
         [M[:, 0], np.log(LABELS)]),
    ],
    "strided_slice_grad": [
        (squared("strided_slice_grad", slicing, index=(1, (None, None, -1)), shape=(2, 3)), [M[0]]),
    ],
    "sum_to": [
        (squared("sum_to", array, shape=shape), [T]) for shape in [(2, 1, 2), (3, 1), (), (2,), (1, 1, 1)]
    ],
}  # fmt: skip
