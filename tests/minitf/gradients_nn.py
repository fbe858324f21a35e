"""Points at which the gradients of activations, losses, clipping and linear algebra are checked."""

from __future__ import annotations

from typing import Any

import numpy as np

import minitf as tf

V = np.array([0.7, -0.5, 1.4])
M = np.array([[1.5, -0.5, 2.5], [0.25, 1.25, -1.25]])
T = np.cos(np.arange(12.0)).reshape(2, 3, 2) + 0.1
SQUARE = np.array([[4.0, 1.0, -0.5], [0.5, 3.0, 1.0], [-1.0, 0.25, 5.0]])
SQUARES = np.stack([SQUARE, SQUARE.T * 1.5])
SHARES = np.array([[0.2, 0.5, 0.3], [0.7, 0.1, 0.2]])


def squares(x: Any) -> Any:
    """Make the second derivative differ from zero."""
    return x * x


def einsum(equation: str, *arrays: Any) -> Any:
    return (lambda *inputs: squares(tf.einsum(equation, *inputs)), list(arrays))


CHECKS: dict[str, list[Any]] = {
    "batch_normalization": [
        (lambda x, m, v, b, g: tf.nn.batch_normalization(x, m, v, b, g, 0.1), [M, V, V * V, V + 1, V - 2])
    ],
    "bias_add": [
        (lambda x, b: squares(tf.nn.bias_add(x, b)), [M, V]),
        (lambda x, b: squares(tf.nn.bias_add(x, b, "NCW")), [T, V]),
    ],
    "clip_by_global_norm": [(lambda x, y: tf.clip_by_global_norm([x, y], 1.5)[0], [V, M])],
    "clip_by_norm": [
        (lambda x: squares(tf.clip_by_norm(x, 1.5)), [M]),
        (lambda x: squares(tf.clip_by_norm(x, 1.5, axes=1)), [M]),
    ],
    "clip_by_value": [(lambda x: squares(tf.clip_by_value(x, -1.0, 1.0)), [M])],
    "cross": [(lambda a, b: squares(tf.linalg.cross(a, b)), [M, M[::-1] + 1])],
    "einsum": [
        einsum("ij,jk->ik", M, M.T + 1),
        einsum("...ij,jk->...ik", T, M),
        einsum("ij,j->i", M, V),
        einsum("ij->j", M),
        einsum("ii->i", SQUARE),
        einsum("bii,i->b", SQUARES, V),
        einsum("ij,k->i", M, V),
        einsum("i,i,i->", V, V + 1, V - 2),
        einsum("...,...->...", T[:, :1], T[:1]),
    ],
    "det": [(tf.linalg.det, [SQUARE]), (tf.linalg.det, [SQUARES])],
    "diag": [
        (lambda x: squares(tf.linalg.diag(x)), [M]),
        (lambda x: squares(tf.linalg.diag(x, k=-1)), [V]),
    ],
    "diag_part": [
        (lambda x: squares(tf.linalg.diag_part(x)), [T]),
        (lambda x: squares(tf.linalg.diag_part(x, k=1)), [M]),
        (lambda x: squares(tf.linalg.trace(x)), [SQUARES]),
    ],
    "elu": [(lambda x: squares(tf.nn.elu(x)), [M])],
    "embedding_lookup": [(lambda x: squares(tf.nn.embedding_lookup(x, [1, 0, 1], max_norm=1.0)), [M])],
    "gelu": [(tf.nn.gelu, [M]), (lambda x: tf.nn.gelu(x, approximate=True), [M])],
    "inv": [
        (tf.linalg.inv, [SQUARE]),
        (lambda x: tf.linalg.inv(x, adjoint=True), [SQUARES]),
    ],
    "l2_loss": [(tf.nn.l2_loss, [M])],
    "l2_normalize": [(lambda x: tf.nn.l2_normalize(x, 1), [M])],
    "leaky_relu": [(lambda x: squares(tf.nn.leaky_relu(x, 0.25)), [M])],
    "log_sigmoid": [(tf.math.log_sigmoid, [M])],
    "log_softmax": [(tf.nn.log_softmax, [M]), (lambda x: tf.nn.log_softmax(x, axis=0), [M])],
    "matmul": [
        (lambda a, b, t=t, u=u: squares(tf.matmul(a, b, t, u)), [M.T if t else M, M + 1 if u else M.T + 1])
        for t in (False, True)
        for u in (False, True)
    ]
    + [
        (lambda a, b: squares(tf.matmul(a, b)), [T, M]),
        (lambda a, b: squares(tf.matmul(a, b, transpose_b=True)), [T, T[:1]]),
        (lambda a, b: squares(tf.linalg.matvec(a, b)), [T, M[:, :2]]),
        (lambda a, b: squares(tf.tensordot(a, b, [[1, 2], [1, 0]])), [T, M]),
    ],
    "band_part": [(lambda x: squares(tf.linalg.band_part(x, 0, -1)), [SQUARES])],
    "norm": [
        (tf.norm, [M]),
        (lambda x: tf.norm(x, 1, axis=1) ** 2, [M]),
        (lambda x: tf.norm(x, 3), [V]),
        (lambda x: tf.norm(x, np.inf, axis=[0, 1]) ** 2, [M]),
    ],
    "relu": [(lambda x: squares(tf.nn.relu(x)), [M])],
    "relu6": [(lambda x: squares(tf.nn.relu6(x)), [M * 3])],
    "selu": [(lambda x: squares(tf.nn.selu(x)), [M])],
    "sigmoid": [(tf.sigmoid, [M])],
    "sigmoid_cross_entropy_with_logits": [
        (lambda z, x: tf.nn.sigmoid_cross_entropy_with_logits(z, x), [SHARES, M]),
    ],
    "silu": [(tf.nn.silu, [M]), (lambda x: tf.nn.silu(x, 1.5), [M])],
    "slogdet": [(lambda x: tf.linalg.slogdet(x).log_abs_determinant, [SQUARES])],
    "softmax": [(tf.nn.softmax, [M]), (lambda x: tf.nn.softmax(x, axis=0), [M])],
    "softmax_cross_entropy_with_logits": [
        (tf.nn.softmax_cross_entropy_with_logits, [SHARES, M]),
        (lambda z, x: tf.nn.softmax_cross_entropy_with_logits(z, x, axis=0), [SHARES / SHARES.sum(0), M]),
        (lambda z, x: squares(tf.nn.softmax_cross_entropy_with_logits(z, x)), [SHARES[:1], M]),
    ],
    "softplus": [(tf.nn.softplus, [M])],
    "softsign": [(tf.nn.softsign, [M])],
    "solve": [
        (tf.linalg.solve, [SQUARE, M.T]),
        (lambda a, b: tf.linalg.solve(a, b, adjoint=True), [SQUARES, SQUARES[::-1].copy()]),
    ],
    "sparse_softmax_cross_entropy_with_logits": [
        (lambda x: squares(tf.nn.sparse_softmax_cross_entropy_with_logits([2, 0], x)), [M]),
        (lambda x: tf.nn.sparse_softmax_cross_entropy_with_logits([[1, 0, 1], [0, 0, 1]], x), [T]),
    ],
    "top_k": [(lambda x: squares(tf.nn.top_k(x, 2).values), [M])],
}
