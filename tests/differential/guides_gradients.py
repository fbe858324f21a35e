"""Programs about gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.differential.guide import guide


@guide
def what_a_tape_watches(tf: Any) -> Any:
    x0 = tf.Variable(3.0, name="x0")
    x1 = tf.Variable(3.0, name="x1", trainable=False)
    x2 = tf.Variable(2.0, name="x2") + 1.0
    x3 = tf.constant(3.0, name="x3")
    with tf.GradientTape() as tape:
        y = (x0**2) + (x1**2) + (x2**2) + x3**2
    grads = tape.gradient(y, [x0, x1, x2, x3])
    for g in grads:
        print(g)
    print([v.name for v in tape.watched_variables()])
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x1)
        tape.watch([x3])
        y = tf.nn.softplus(x0 + x1) * x3
    return grads, tape.gradient(y, [x0, x1, x3])


@guide
def intermediate_results(tf: Any) -> Any:
    x = tf.constant(3.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
        z = y * y
    print(tape.gradient(z, x).numpy(), tape.gradient(y, x).numpy(), tape.gradient(z, y))
    x = tf.Variable(2.0)
    with tf.GradientTape() as t:
        y0 = x**2
        y1 = 1 / x
    r = t.gradient({"y0": y0, "y1": y1}, x).numpy()
    with tf.GradientTape() as t:
        y = x * [3.0, 4.0]
    return r, t.gradient(y, x)


@guide
def python_control_flow(tf: Any) -> Any:
    x = tf.constant(1.0)
    v0 = tf.Variable(2.0)
    v1 = tf.Variable(2.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        if x > 0.0:
            result = v0
        else:
            result = v1**2
    d0, d1 = tape.gradient(result, [v0, v1])
    print(d0, d1, tape.gradient(result, x))
    with tf.GradientTape() as tape:
        total = v0
        for k in range(3):
            total = total * v1 if k % 2 else total + v1
    return tape.gradient(total, [v0, v1]), total


@guide
def four_ways_to_get_no_gradient(tf: Any) -> Any:
    x = tf.Variable(2.0)
    y = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        z = y * y
    print(tape.gradient(z, x))
    for epoch in range(2):
        with tf.GradientTape() as tape:
            y = x + 1
        print(epoch, tape.gradient(y, x))
        x = x + 1 if epoch == 0 else x
    x = tf.Variable([[1.0, 2.0], [3.0, 4.0]], dtype=tf.float32)
    with tf.GradientTape() as tape:
        x2 = x**2
        y = np.mean(x2, axis=0)
        y = tf.reduce_mean(y, axis=0)
    print(tape.gradient(y, x))
    x = tf.constant(10)
    g = tf.GradientTape()
    with g:
        g.watch(tf.constant(1.0))
        y = x * x
    print(g.gradient(y, x))
    x0 = tf.Variable(3.0)
    x1 = tf.Variable(0.0)
    with tf.GradientTape() as tape:
        x1.assign_add(x0)
        y = x1**2
    print(tape.gradient(y, x0))
    x = tf.Variable([2.0, 2.0])
    y = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        z = y**2
    print(tape.gradient(z, x, unconnected_gradients=tf.UnconnectedGradients.ZERO))


@guide
def gradients_of_parts(tf: Any) -> Any:
    x = tf.Variable(tf.reshape(tf.range(12.0), [3, 4]))
    with tf.GradientTape(persistent=True) as t:
        a = x[0] ** 2
        b = tf.reduce_sum(x[:, 1:3]) * x[2, 3]
        c = tf.boolean_mask(x, x > 5)
        d = tf.sort(x, direction="DESCENDING")[0] * [1.0, 2, 3, 4]
        e = tf.reduce_max(x, 1)
        f = tf.concat([x[::-1], x[:, ::-1]], 0)[1:4] * 2
        g = [tf.reduce_sum(r) * float(i) for i, r in enumerate(x)]
        h = tf.math.top_k(x, 2).values
        i = tf.pad(x, [[1, 1], [0, 0]]) * 3
        j = tf.tile(x, [2, 1])
        k = tf.linalg.diag_part(x)
        m = tf.cumsum(x, 1)
    return [t.gradient(y, x) for y in (a, b, c, d, e, f, g, h, i, j, k, m)]


@guide
def slopes_behind_a_mask(tf: Any) -> Any:
    x = tf.constant([0.0, 4.0])
    functions = [tf.sqrt, tf.math.rsqrt, tf.math.reciprocal, tf.math.log, lambda x: 1 / x, lambda x: x**0.5, tf.acos]
    slopes = []
    for f in functions:
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            ys = f(x), tf.where(x > 0, f(x), 0.0), f(x) * 0.0, f(tf.where(x > 0, x, 1.0))
        slopes.append([tape.gradient(y, x) for y in ys])
    return slopes


@guide
def derivatives_of_any_order(tf: Any) -> Any:
    x = tf.Variable(1.0)
    with tf.GradientTape() as t2:
        with tf.GradientTape() as t1:
            y = x * x * x
        dy = t1.gradient(y, x)
    d2 = t2.gradient(dy, x)
    print("dy_dx:", dy.numpy(), "d2y_dx2:", d2.numpy())
    x = tf.constant([0.5, 1.5], tf.float64)

    def nth(n, x):
        if n == 0:
            return tf.sin(x) * tf.exp(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = nth(n - 1, x)
        return tape.gradient(y, x)

    return [nth(k, x) for k in range(5)]


@guide
def gradient_penalty(tf: Any) -> Any:
    x = tf.reshape(tf.range(15.0), [3, 5]) / 10
    w = tf.Variable(tf.cos(tf.reshape(tf.range(50.0), [5, 10])))
    b = tf.Variable(tf.zeros(10))
    with tf.GradientTape() as t2:
        with tf.GradientTape(watch_accessed_variables=False) as t1:
            t1.watch(x)
            out = tf.reduce_sum(tf.nn.elu(x @ w + b) ** 2)
        g1 = t1.gradient(out, x)
        mag = tf.norm(g1)
    g = t2.gradient(mag, [w, b])
    print([v.shape for v in g])
    return mag, g


@guide
def jacobians(tf: Any) -> Any:
    x = tf.linspace(-3.0, 3.0, 7)
    delta = tf.Variable(0.0)
    with tf.GradientTape() as tape:
        y = tf.nn.sigmoid(x + delta)
    j = tape.jacobian(y, delta)
    print(y.shape, j.shape)
    x = tf.cos(tf.reshape(tf.range(35.0), [7, 5]))
    W = tf.Variable(tf.sin(tf.reshape(tf.range(50.0), [5, 10])))
    with tf.GradientTape(persistent=True) as tape:
        y = tf.nn.relu(x @ W)
    J = tape.jacobian(y, W)
    print(y.shape, W.shape, J.shape)
    g = tape.gradient(y, W)
    print("error:", float(tf.reduce_max(tf.abs(tf.reduce_sum(J, axis=[0, 1]) - g))) < 1e-5)
    return j, J, tape.jacobian(y, [W, delta])


@guide
def newton_step_with_the_hessian_of_a_layer(tf: Any) -> Any:
    x = tf.cos(tf.reshape(tf.range(20.0), [4, 5]))
    W = tf.Variable(tf.sin(tf.reshape(tf.range(15.0), [5, 3])))
    with tf.GradientTape() as t2:
        with tf.GradientTape() as t1:
            loss = tf.reduce_mean(tf.nn.gelu(x @ W) ** 2)
        g = t1.gradient(loss, W)
    h = t2.jacobian(g, W)
    n = tf.reduce_prod(W.shape)
    gv = tf.reshape(g, [n, 1])
    hm = tf.reshape(h, [n, n])
    update = tf.linalg.solve(hm + tf.eye(hm.shape[0]) * 1e-1, gv)
    W.assign_sub(tf.reshape(update, W.shape))
    print(h.shape, hm.shape)
    return loss


@guide
def batch_jacobian(tf: Any) -> Any:
    x = tf.cos(tf.reshape(tf.range(20.0), [4, 5]))
    W = tf.sin(tf.reshape(tf.range(30.0), [5, 6]))
    with tf.GradientTape(persistent=True) as t:
        t.watch(x)
        y = tf.nn.tanh(x @ W)
        z = y - tf.reduce_mean(y, axis=0)
    J = t.jacobian(y, x)
    bj = t.batch_jacobian(y, x)
    print(J.shape, bj.shape, tf.reduce_max(tf.abs(tf.einsum("bxby->bxy", J) - bj)) < 1e-6)
    return bj, t.batch_jacobian(z, x), tf.reduce_sum(J, axis=2)


@guide
def forward_mode_by_two_backward_passes(tf: Any) -> Any:
    # directional derivative through two reverse passes
    def f(x):
        return tf.stack([x[0] * x[1], tf.sin(x[0]), x[1] ** 3])

    x = tf.constant([1.0, 2.0])
    u = tf.ones(3)
    v = tf.constant([1.0, -1.0])
    with tf.GradientTape() as outer:
        outer.watch(u)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        g = inner.gradient(y, x, output_gradients=u)
    return outer.gradient(g, u, output_gradients=v)


@guide
def custom_gradients(tf: Any) -> Any:
    @tf.custom_gradient
    def clip(y):
        def backward(dy):
            return tf.clip_by_norm(dy, 0.5)

        return y, backward

    v = tf.Variable(2.0)
    with tf.GradientTape() as t:
        out = clip(v * v)
    print(t.gradient(out, v))

    @tf.custom_gradient
    def log1pexp(x):
        e = tf.exp(x)

        def grad(upstream):
            return upstream * (1 - 1 / (1 + e))

        return tf.math.log(1 + e), grad

    x = tf.constant(100.0)
    with tf.GradientTape() as t:
        t.watch(x)
        y = log1pexp(x)
    print(y, t.gradient(y, x))

    @tf.custom_gradient
    def scaled(x, w):
        def grad(dy):
            return dy * w * 10, dy * x

        return x * w, grad

    a, b = tf.constant(2.0), tf.constant(5.0)
    with tf.GradientTape() as outer:
        outer.watch([a, b])
        with tf.GradientTape() as t:
            t.watch([a, b])
            y = scaled(a, b) ** 2
        g = t.gradient(y, [a, b])
    return g, outer.gradient(g[0], [a, b])


@guide
def central_differences(tf: Any) -> Any:
    def f(x):
        return tf.reduce_sum(tf.sin(x) * x**2)

    x = tf.constant(np.linspace(0.1, 1, 5))
    with tf.GradientTape() as t:
        t.watch(x)
        y = f(x)
    exact = t.gradient(y, x)
    h = 1e-5
    numeric = tf.stack([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in tf.eye(5, dtype=x.dtype)])
    tf.debugging.assert_near(exact, numeric, rtol=1e-6)
    np.testing.assert_allclose(exact, numeric, rtol=1e-6)
    return exact


@guide
def gradients_through_loops(tf: Any) -> Any:
    x = tf.Variable(3.0)
    with tf.GradientTape() as t:
        i, y = tf.while_loop(lambda i, y: i < 4, lambda i, y: (i + 1, y * x), (0, tf.constant(1.0)))
        z = tf.cond(y > 1, lambda: y * 2, lambda: y) + tf.reduce_sum(
            tf.map_fn(lambda e: e * x, tf.constant([1.0, 2.0]))
        )
    return i, y, z, t.gradient(z, x)
