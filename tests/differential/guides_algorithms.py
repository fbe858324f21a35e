"""Programs that compute something, as an exercise would."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.differential.guide import guide


@guide
def k_means(tf: Any) -> Any:
    x = tf.concat(
        [tf.reshape(tf.sin(tf.range(20.0)), [10, 2]) * 0.3 + c for c in ([0.0, 0.0], [3.0, 1.0], [-2.0, 2.0])], 0
    )
    centres = tf.gather(x, [0, 10, 20]) + 0.5
    for _ in range(5):
        d = tf.reduce_sum((x[:, None] - centres[None]) ** 2, axis=-1)
        nearest = tf.argmin(d, axis=1)
        centres = tf.stack([tf.reduce_mean(tf.boolean_mask(x, nearest == k), axis=0) for k in range(3)])
    print(tf.unique_with_counts(nearest).count, nearest[:3], nearest.dtype)
    return centres, tf.reduce_sum(tf.reduce_min(d, 1))


@guide
def first_principal_component(tf: Any) -> Any:
    x = tf.reshape(tf.cos(tf.range(40.0) ** 1.3), [10, 4])
    x -= tf.reduce_mean(x, 0)
    cov = tf.matmul(x, x, transpose_a=True) / tf.cast(tf.shape(x)[0] - 1, tf.float32)
    v = tf.ones([4, 1])
    for _ in range(100):
        v = cov @ v
        v /= tf.norm(v)
    value = tf.squeeze(tf.transpose(v) @ cov @ v)
    residue = cov - value * (v @ tf.transpose(v))
    print(f"{value:.4f}", tf.linalg.trace(cov) - value - tf.linalg.trace(residue) < 1e-4)
    return tf.abs(v), value, tf.linalg.diag_part(cov)


@guide
def game_of_life(tf: Any) -> Any:
    board = tf.scatter_nd([[1, 2], [2, 3], [3, 1], [3, 2], [3, 3]], tf.ones(5, tf.int32), [8, 8])

    def neighbours(b):
        around = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0)]
        return tf.add_n([tf.roll(b, shift=s, axis=(0, 1)) for s in around])

    for _ in range(4):
        n = neighbours(board)
        board = tf.cast((n == 3) | ((n == 2) & (board == 1)), tf.int32)
    for row in board.numpy():
        print("".join(".#"[c] for c in row))
    padded = tf.pad(board, [[1, 1], [1, 1]])
    flat = sum(padded[i : i + 8, j : j + 8] for i in range(3) for j in range(3)) - board
    print(tf.where(board))
    tf.debugging.assert_equal(tf.reduce_sum(board), 5)
    return (
        board,
        flat,
        tf.pad([[1, 2], [3, 4]], [[1, 1], [1, 1]], "REFLECT"),
        tf.pad([1, 2], [[1, 1]], mode="SYMMETRIC"),
    )


@guide
def markov_chain(tf: Any) -> Any:
    p = tf.constant([[0.9, 0.1, 0.0], [0.4, 0.4, 0.2], [0.1, 0.3, 0.6]], tf.float64)
    tf.debugging.assert_near(tf.reduce_sum(p, axis=1), tf.ones(3, tf.float64))
    state = tf.constant([[1.0, 0, 0]], dtype=tf.float64)
    for _ in range(200):
        state = state @ p
    n = tf.constant(p)
    for _ in range(8):
        n = n @ n
    a = tf.concat([tf.transpose(p) - tf.eye(3, dtype=p.dtype), tf.ones([1, 3], p.dtype)], 0)
    pi = tf.linalg.solve(tf.transpose(a) @ a, tf.transpose(a) @ tf.constant([[0.0], [0], [0], [1]], tf.float64))
    print(tf.squeeze(state), n[0])
    i, steps = 0, []
    cumulative = tf.cumsum(p, axis=1)
    for u in np.random.RandomState(3).rand(8):
        i = int(tf.searchsorted(cumulative[i], [u])[0])
        steps.append(i)
    print(steps)
    return state, pi, tf.math.cumsum([1.0, 2.0], reverse=True)


@guide
def mandelbrot(tf: Any) -> Any:
    x, y = tf.meshgrid(tf.linspace(-2.0, 0.6, 27), tf.linspace(-1.1, 1.1, 12))
    zr, zi, counts = tf.zeros_like(x), tf.zeros_like(x), tf.zeros_like(x, dtype=tf.int32)
    for _ in range(20):
        zr, zi = zr * zr - zi * zi + x, 2 * zr * zi + y
        inside = zr**2 + zi**2 < 4.0
        counts += tf.cast(inside, tf.int32)
        zr, zi = tf.clip_by_value(zr, -4, 4), tf.clip_by_value(zi, -4.0, 4.0)
    for row in counts.numpy():
        print("".join(" .:-=+*#%@"[min(9, c // 2)] for c in row))
    return counts


@guide
def loops_and_branches(tf: Any) -> Any:
    i, total = tf.while_loop(lambda i, t: i < 10, lambda i, t: (i + 1, t + i * i), [tf.constant(0), tf.constant(0)])
    print(i, total)
    a, b = tf.constant(48), tf.constant(36)
    while b > 0:
        a, b = b, a % b
    print("gcd", a, tf.cond(a > 10, lambda: tf.constant(1), lambda: tf.constant(2)))
    squares = tf.map_fn(lambda x: x * x, tf.range(5))
    pair = tf.map_fn(
        lambda p: p[0] * p[1], (tf.constant([1.0, 2.0]), tf.constant([3.0, 4.0])), fn_output_signature=tf.float32
    )
    print(squares, pair)
    for n in tf.range(1, 16):
        if n % 15 == 0:
            print("FizzBuzz", end=" ")
        elif n % 3 == 0:
            print("Fizz", end=" ")
        else:
            print(n.numpy(), end=" ")
    f = [tf.constant(0), tf.constant(1)]
    for _ in range(8):
        f.append(f[-1] + f[-2])
    print(tf.stack(f))
    return tf.stack(f), pair


@guide
def heat_flows_by_sliced_assignment(tf: Any) -> Any:
    u = tf.Variable(tf.zeros([9, 9]))
    u[4, 4].assign(100.0)
    u[0].assign(tf.ones(9))
    for _ in range(10):
        c = u[1:-1, 1:-1]
        lap = u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:] - 4 * c
        u[1:-1, 1:-1].assign(c + 0.2 * lap)
    print(tf.math.round(u[4] * 100) / 100)
    u.scatter_nd_update([[0, 0]], [5.0])
    u.scatter_update(tf.IndexedSlices(tf.zeros([1, 9]), [8]))
    return u, tf.reduce_sum(u)


@guide
def runge_kutta(tf: Any) -> Any:
    def f(t, s):
        x, v = tf.unstack(s)
        return tf.stack([v, -x - 0.1 * v])

    s = tf.constant([1.0, 0.0], dtype=tf.float64)
    h = 0.1
    track = [s]
    for _ in range(30):
        k1 = f(0, s)
        k2 = f(0, s + h / 2 * k1)
        k3 = f(0, s + h / 2 * k2)
        k4 = f(0, s + h * k3)
        s = s + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        track.append(s)
    track = tf.stack(track)
    print(track.shape, track[::10])
    return tf.reduce_min(track, 0), tf.argmax(tf.abs(track[1:] - track[:-1]), axis=0)


@guide
def dropout_with_seeds(tf: Any) -> Any:
    tf.random.set_seed(7)
    x = tf.ones([3, 4])
    y = tf.nn.dropout(x, rate=0.5)
    z = tf.nn.dropout(x, 0.5, seed=1)
    tf.random.set_seed(7)
    again = tf.nn.dropout(x, rate=0.5)
    print(tf.reduce_all(y == again).numpy())
    print(y)
    print(z)
    with tf.GradientTape() as t:
        t.watch(x)
        w = tf.nn.dropout(x * 2, 0.25, seed=3)
    s = tf.random.stateless_uniform([2, 2], seed=[1, 2])
    return y, z, w, t.gradient(w, x), s, tf.nn.dropout(x, 0.0)


@guide
def random_walks(tf: Any) -> Any:
    g = tf.random.Generator.from_seed(42)
    steps = 2 * g.uniform([3, 10], 0, 2, dtype=tf.int32) - 1
    path = tf.cumsum(steps, axis=1)
    print(path)
    h = tf.random.Generator.from_seed(42)
    h2 = h.split(2)
    print(tf.reduce_max(path, axis=1), h2[0].normal([2]).shape, g.state.shape)
    tf.random.set_seed(1)
    print(
        tf.random.shuffle(tf.range(6)),
        tf.random.uniform([2], seed=5),
        tf.random.uniform([3], maxval=10, dtype=tf.int32),
    )
    tf.random.set_seed(5)
    a = tf.random.uniform([1])
    b = tf.random.uniform([1])
    print(a, b)
    return steps, a, b, tf.random.truncated_normal([500]).shape
