"""Programs as in a course or a tutorial: what they return and print is the same with minitf and with TensorFlow."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tests.differential.agreement import assert_alike
from tests.differential.snippets import SAME, both

GUIDES: list[Callable[[Any], Any]] = []
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*(?:e[-+]\d+)?|inf|nan)")


def guide(program: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Add a program to the table."""
    GUIDES.append(program)
    return program


def aloud(program: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, str]]:
    """Let a program return what it prints, too."""

    def tell(tf: Any) -> tuple[Any, str]:
        with contextlib.redirect_stdout(io.StringIO()) as said:
            result = program(tf)
        return result, said.getvalue()

    return tell


def assert_reads_alike(ours: str, theirs: str) -> None:
    """Compare texts word by word, and the numbers in them by value: the last digits depend on the order of sums."""
    assert NUMBER.sub("#", ours).split() == NUMBER.sub("#", theirs).split()
    mine, its = ([float(number) for number in NUMBER.findall(text)] for text in (ours, theirs))
    np.testing.assert_allclose(mine, its, 1e-5, 1e-6)


# --- Tensors, variables and Python ------------------------------------------------------------------------------------


@guide
def ranks_shapes_and_dtypes(tf: Any) -> Any:
    scalar = tf.constant(7)
    vector = tf.constant([1.5, 2.5, 3.5])
    matrix = tf.constant([[1, 2], [3, 4], [5, 6]], dtype=tf.float16)
    cube = tf.reshape(tf.range(24), [2, 3, 4])
    for t in (scalar, vector, matrix, cube):
        print(t)
        print(t.ndim, t.shape, t.dtype, tf.rank(t).numpy(), tf.size(t).numpy())
    print("first size:", cube.shape[0], "last:", cube.shape[-1], "rest", cube.shape[1:])
    print(repr(cube.shape), cube.shape.as_list(), tf.shape(cube))
    a, b, c = cube.shape
    return a * b * c


@guide
def slices_of_fibonacci(tf: Any) -> Any:
    fib = tf.constant([0, 1, 1, 2, 3, 5, 8, 13, 21, 34])
    print("first", fib[0].numpy(), "last", fib[-1].numpy())
    print(fib[:].numpy(), fib[:4].numpy(), fib[2:7].numpy(), fib[::2].numpy(), fib[::-1].numpy(), fib[7:2:-2].numpy())
    m = tf.reshape(fib, [2, 5])
    print(m[1, 1].numpy(), m[:, -1], m[0], m[..., tf.newaxis].shape, m[tf.newaxis, ..., 2:])
    i = tf.constant(1)
    print(m[i], m[:, i:3], m[i, i])
    return list(m), m[m > 3]


@guide
def reshaping(tf: Any) -> Any:
    x = tf.constant([[1], [2], [3]])
    print(x.shape, x.shape.as_list(), tf.reshape(x, [1, 3]), tf.reshape(x, (-1,)))
    t = tf.reshape(tf.range(30), [3, 2, 5])
    print(tf.reshape(t, [3 * 2, 5]), "\n", tf.reshape(t, [3, -1]))
    print(tf.transpose(t, perm=[2, 0, 1]).shape, tf.transpose(t).shape, tf.expand_dims(x, 0).shape, tf.squeeze(x))
    print(tf.reshape(t, tf.shape(t)[::-1]).shape, tf.reshape(t, [tf.size(t)])[:3])
    return tf.reshape(t, [x.shape[0], -1, 1]).shape


@guide
def broadcasting(tf: Any) -> Any:
    x = tf.constant([1, 2, 3])
    y = tf.constant(2)
    z = tf.constant([2, 2, 2])
    print(tf.multiply(x, 2), x * y, x * z, sep="\n")
    col = tf.reshape(x, [3, 1])
    row = tf.range(1, 5)
    print(col, row, tf.multiply(col, row))
    stretched = tf.stack([tf.reshape(x, [3, 1])[:, 0]] * 4, axis=1)
    print(stretched * row)
    print(tf.broadcast_to(tf.constant([1, 2, 3]), [3, 3]), tf.broadcast_static_shape(col.shape, row.shape))
    return tf.reduce_all(stretched * row == col * row)


@guide
def variables_hold_state(tf: Any) -> Any:
    start = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    v = tf.Variable(start)
    flag = tf.Variable([False, False, True])
    print("Shape:", v.shape, "DType:", v.dtype, "As NumPy:", v.numpy(), sep="\n")
    print("a variable:", v)
    print("flags:", flag)
    print("as tensor:", tf.convert_to_tensor(v))
    print("best:", tf.math.argmax(v))
    print("copied:", tf.reshape(v, [1, 4]))
    a = tf.Variable([2.0, 3.0])
    a.assign([1, 2])
    b = tf.Variable(a)
    a.assign([5, 6])
    print(a.numpy(), b.numpy(), a.assign_add([2, 3]).numpy(), a.assign_sub([7, 9]).numpy())
    step = tf.Variable(1, trainable=False, name="step")
    print(step, step.name, step.trainable, v.name, v[0], v[0, 1], v + 1, v == start)
    v[0].assign([9, 9])
    v[:, 1].assign([0.5, 0.25])
    named = tf.Variable(start, name="Mark")
    print(named == start, named.shape, len(named.shape), isinstance(named, tf.Variable), tf.is_tensor(named))
    return v, repr(named), str(named)


@guide
def tensors_among_python_values(tf: Any) -> Any:
    t = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    print(t.numpy().tolist(), np.array(t).sum(), float(t[0, 0]), int(tf.constant(3)), f"{t[1, 1]:.3f}", f"{t[0]}")
    print(f"loss = {tf.constant(0.12345):.4f}", f"n={int(tf.constant(4)):d}", str(tf.constant("x" == "x")))
    total = 0
    for row in t:
        for x in row:
            total += x
    print(total, sum(t), len(t), np.mean(t), np.dot(t, t), round(float(total), 1), list(map(float, t[0])))
    if tf.reduce_sum(t) > 9:
        print("large")
    while total > 1:
        total /= 3
    print(total, np.square(t) + t, t + np.ones((2, 2)), np.float32(2) * t, 2 * t, (t > 2).numpy().any())
    print(max(t[0], t[1], key=lambda r: float(tf.norm(r))), abs(-t), t**0.5, bool(t[0, 0] == 1), range(5)[int(t[0, 1])])
    return t.numpy().dtype, list(tf.range(3).numpy())


# --- Gradients --------------------------------------------------------------------------------------------------------


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


# --- Modules ----------------------------------------------------------------------------------------------------------


@guide
def dense_layers_from_scratch(tf: Any) -> Any:
    class SimpleModule(tf.Module):
        def __init__(self, name=None):
            super().__init__(name=name)
            self.a = tf.Variable(5.0, name="train_me")
            self.frozen = tf.Variable(5.0, trainable=False, name="do_not_train_me")

        def __call__(self, x):
            return self.a * x + self.frozen

    simple = SimpleModule(name="simple")
    print(simple(tf.constant(5.0)), simple.trainable_variables, simple.variables, simple.name, simple.name_scope.name)

    class Dense(tf.Module):
        def __init__(self, n_in, n_out, name=None):
            super().__init__(name=name)
            self.w = tf.Variable(tf.reshape(tf.cos(tf.range(float(n_in * n_out))), [n_in, n_out]), name="w")
            self.b = tf.Variable(tf.zeros([n_out]), name="b")

        def __call__(self, x):
            return tf.nn.relu(tf.matmul(x, self.w) + self.b)

    class Sequential(tf.Module):
        def __init__(self, name=None):
            super().__init__(name=name)
            self.layers = [Dense(3, 3), Dense(3, 2)]

        def __call__(self, x):
            for layer in self.layers:
                x = layer(x)
            return x

    m = Sequential(name="the_model")
    print("Results:", m(tf.constant([[2.0, 2.0, 2.0]])))
    print("Submodules:", [s.name for s in m.submodules], [type(s).__name__ for s in m.submodules])
    with tf.GradientTape() as t:
        loss = tf.reduce_sum(m(tf.ones([2, 3])))
    return t.gradient(loss, m.trainable_variables), [v.name for v in m.trainable_variables]


@guide
def layers_built_on_first_use_and_saved_by_hand(tf: Any) -> Any:
    class FlexibleDense(tf.Module):
        def __init__(self, out, name=None):
            super().__init__(name=name)
            self.is_built = False
            self.out = out

        @tf.Module.with_name_scope
        def __call__(self, x):
            if not self.is_built:
                self.w = tf.Variable(tf.ones([x.shape[-1], self.out]), name="w")
                self.b = tf.Variable(tf.zeros([self.out]), name="b")
                self.is_built = True
            return tf.nn.relu(x @ self.w + self.b)

    class Model(tf.Module):
        def __init__(self):
            super().__init__()
            self.blocks = {"first": FlexibleDense(3), "second": (FlexibleDense(2, name="tail"),)}

        def __call__(self, x):
            return self.blocks["second"][0](self.blocks["first"](x))

    m = Model()
    print(m(tf.constant([[2.0, 2.0, 2.0]])))
    print([(v.name, v.shape) for v in m.trainable_variables], m.name, len(m.submodules))
    saved = {f"{i}/{v.name}": v.numpy() for i, v in enumerate(m.variables)}
    other = Model()
    other(tf.zeros([1, 3]))
    for v, value in zip(other.variables, saved.values(), strict=True):
        v.assign(value * 2)
    print(sorted(saved), other(tf.ones([1, 3])))
    return list(saved.values()), sum(int(tf.size(v)) for v in m.trainable_variables)


@guide
def batch_normalization_by_hand(tf: Any) -> Any:
    class BatchNorm(tf.Module):
        def __init__(self, n):
            super().__init__()
            self.gamma, self.beta = tf.Variable(tf.ones(n), name="gamma"), tf.Variable(tf.zeros(n), name="beta")
            self.mean, self.var = (
                tf.Variable(tf.zeros(n), trainable=False, name="mean"),
                tf.Variable(tf.ones(n), trainable=False, name="var"),
            )

        def __call__(self, x, training=False):
            if training:
                mean, var = tf.nn.moments(x, [0])
                self.mean.assign(0.9 * self.mean + 0.1 * mean)
                self.var.assign(self.var * 0.9 + var * 0.1)
            else:
                mean, var = self.mean, self.var
            return tf.nn.batch_normalization(x, mean, var, self.beta, self.gamma, 1e-3)

    x = tf.reshape(tf.sin(tf.range(24.0)) * 3 + 1, [8, 3])
    bn = BatchNorm(3)
    with tf.GradientTape(persistent=True) as t:
        t.watch(x)
        y = bn(x, training=True)
        loss = tf.reduce_sum(y**3)
    print([v.name for v in bn.trainable_variables], [v.name for v in bn.non_trainable_variables])
    return y, bn(x), t.gradient(loss, x), t.gradient(loss, bn.trainable_variables), bn.mean


@guide
def parameters_in_nested_dicts(tf: Any) -> Any:
    p = {
        "dense": {"w": tf.Variable([[1.0, 2.0]]), "b": tf.Variable([0.5])},
        "scale": [tf.Variable(2.0), tf.Variable(3.0)],
        "unused": tf.Variable(1.0),
    }
    with tf.GradientTape() as t:
        y = tf.reduce_sum(p["dense"]["w"] * p["scale"][0]) + p["dense"]["b"][0] * p["scale"][1]
    g = t.gradient(y, p)
    print(tf.nest.map_structure(lambda v: v if v is None else v.shape, g), len(tf.nest.flatten(g)))
    new = tf.nest.map_structure(lambda v, d: v if d is None else v - 0.1 * d, p, g)
    return g, new


# --- Training ---------------------------------------------------------------------------------------------------------


@guide
def linear_regression(tf: Any) -> Any:
    x = tf.linspace(-2.0, 2.0, 21)
    noise = tf.sin(37.0 * x) / 10
    y = x * 3.0 + 2.0 + noise

    class Line(tf.Module):
        def __init__(self, **kw):
            super().__init__(**kw)
            self.w = tf.Variable(5.0)
            self.b = tf.Variable(0.0)

        def __call__(self, x):
            return self.w * x + self.b

    model = Line()
    ws, bs = [], []

    def loss(t, p):
        return tf.reduce_mean(tf.square(t - p))

    print("Starting:", f"W = {model.w.numpy():1.2f}, b = {model.b.numpy():1.2f}, loss={loss(y, model(x)):2.5f}")
    for epoch in range(20):
        with tf.GradientTape() as t:
            current = loss(y, model(x))
        dw, db = t.gradient(current, [model.w, model.b])
        model.w.assign_sub(0.1 * dw)
        model.b.assign_sub(0.1 * db)
        ws.append(model.w.numpy())
        bs.append(model.b.numpy())
        if epoch % 5 == 0:
            print(f"Epoch {epoch:2d}: W = {ws[-1]:1.2f}, b = {bs[-1]:1.2f}, loss={current:2.5f}")
    return model.w, model.b, np.array(ws)


@guide
def logistic_regression(tf: Any) -> Any:
    x = tf.stack([tf.cos(tf.range(60.0) * 1.7), tf.sin(tf.range(60.0) * 0.9)], axis=1)
    y = tf.cast(x[:, 0] + 2 * x[:, 1] > 0.1, tf.float32)[:, tf.newaxis]
    mean, var = tf.nn.moments(x, axes=0)
    x = (x - mean) / tf.sqrt(var)
    w, b = tf.Variable(tf.zeros([2, 1])), tf.Variable(0.0)
    for _ in range(40):
        with tf.GradientTape() as tape:
            logits = tf.matmul(x, w) + b
            loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=logits))
        for v, g in zip([w, b], tape.gradient(loss, [w, b]), strict=True):
            v.assign_sub(0.5 * g)
    predicted = tf.cast(tf.sigmoid(logits) > 0.5, tf.float32)
    accuracy = tf.reduce_mean(tf.cast(predicted == y, tf.float32))
    tp = tf.math.count_nonzero(predicted * y)
    print(f"loss {loss:.3f} accuracy {accuracy:.2f} {tp}")
    return w, b, accuracy, tp


@guide
def spirals_with_momentum_and_clipping(tf: Any) -> Any:
    t = tf.linspace(0.25, 3.0, 30)
    arm = tf.stack([t * tf.cos(2 * t), t * tf.sin(2 * t)], axis=1)
    x = tf.concat([arm, -arm], axis=0)
    labels = tf.repeat([0, 1], 30)
    rng = np.random.RandomState(0)
    params = [tf.Variable(rng.randn(a, b).astype("float32") * a**-0.5) for a, b in [(2, 16), (16, 16), (16, 2)]]
    biases = [tf.Variable(tf.zeros(n)) for n in (16, 16, 2)]
    moments = [tf.zeros_like(v) for v in params + biases]
    for _ in range(40):
        with tf.GradientTape() as tape:
            h = x
            for i, (w, b) in enumerate(zip(params, biases, strict=True)):
                h = h @ w + b
                if i < 2:
                    h = tf.nn.tanh(h)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=h))
        grads, norm = tf.clip_by_global_norm(tape.gradient(loss, params + biases), 1.0)
        for i, (v, g) in enumerate(zip(params + biases, grads, strict=True)):
            moments[i] = 0.9 * moments[i] + g
            v.assign_sub(0.1 * moments[i])
    print(f"{loss:.2f}", tf.argmax(h, axis=1)[:5])
    return loss, norm


@guide
def adam_by_hand(tf: Any) -> Any:
    def rosenbrock(x):
        return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2

    x = tf.Variable([-1.0, 1.5])

    class Adam:
        def __init__(self, lr=0.05):
            self.lr, self.t, self.slots = lr, tf.Variable(0), {}

        def apply(self, pairs):
            self.t.assign_add(1)
            t = tf.cast(self.t, tf.float32)
            for g, v in pairs:
                m, s = self.slots.setdefault(v.ref(), (tf.Variable(tf.zeros(v.shape)), tf.Variable(tf.zeros(v.shape))))
                m.assign(0.9 * m + 0.1 * g)
                s.assign(0.999 * s + 0.001 * tf.square(g))
                v.assign_sub(self.lr * m / (1 - 0.9**t) / (tf.sqrt(s / (1 - tf.pow(0.999, t))) + 1e-7))

    opt = Adam()
    for _ in range(20):
        with tf.GradientTape() as tape:
            loss = rosenbrock(x)
        opt.apply(zip(tape.gradient(loss, [x]), [x], strict=True))
    return x, opt.t, [s[0] for s in opt.slots.values()]


@guide
def newtons_method(tf: Any) -> Any:
    x = tf.Variable(2.0, dtype=tf.float64)
    for i in range(6):
        with tf.GradientTape() as t:
            f = x**3 - 2 * x - 5
        step = f / t.gradient(f, x)
        x.assign_sub(step)
        print(i, f"{x.numpy():.6f}", tf.abs(step) < 1e-6)
    p = tf.Variable([[1.5], [2.5]], dtype=tf.float64)

    def f(p):
        return tf.reduce_sum(tf.exp(p) - 2 * p) + tf.reduce_sum(p) ** 2

    for _ in range(5):
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                y = f(p)
            g = inner.gradient(y, p)
        h = tf.reshape(outer.jacobian(g, p), [2, 2])
        p.assign_sub(tf.linalg.inv(h) @ g)
    return x, p, h, tf.linalg.det(h), tf.linalg.trace(h)


@guide
def bfgs_with_line_search(tf: Any) -> Any:
    A = tf.constant([[3.0, 0.5], [0.5, 1.0]])
    c = tf.constant([1.0, -2.0])

    def f(x):
        return 0.5 * tf.tensordot(x, tf.linalg.matvec(A, x), axes=1) - tf.reduce_sum(c * x)

    def value_and_grad(x):
        with tf.GradientTape() as t:
            t.watch(x)
            y = f(x)
        return y, t.gradient(y, x)

    x = tf.zeros(2)
    y, g = value_and_grad(x)
    H = tf.eye(2)
    for _ in range(6):
        p = -tf.linalg.matvec(H, g)
        a = 1.0
        while f(x + a * p) > y + 1e-4 * a * tf.tensordot(g, p, 1):
            a /= 2
        s = a * p
        x = x + s
        y, new = value_and_grad(x)
        d = new - g
        g = new
        if tf.norm(g) < 1e-4:
            break
        r = 1.0 / tf.reduce_sum(d * s)
        left = tf.eye(2) - r * tf.tensordot(s, d, axes=0)
        H = left @ H @ tf.transpose(left) + r * s[:, None] * s[None, :]
    print(tf.round(x * 100) / 100)
    return x, tf.linalg.solve(A, c[:, tf.newaxis])


@guide
def recurrent_network_with_a_mask(tf: Any) -> Any:
    rng = np.random.RandomState(1)
    seq = tf.constant(rng.randn(4, 7, 3), tf.float32)
    W = tf.Variable(rng.randn(3, 5).astype(np.float32) * 0.3)
    U = tf.Variable(rng.randn(5, 5).astype(np.float32) * 0.3)
    b = tf.Variable(tf.zeros((5,)))
    mask = tf.sequence_mask([7, 3, 5, 1], maxlen=7)
    with tf.GradientTape() as tape:
        h = tf.zeros([4, 5])
        states = []
        for t, x in enumerate(tf.unstack(seq, axis=1)):
            new = tf.tanh(x @ W + h @ U + b)
            h = tf.where(mask[:, t, tf.newaxis], new, h)
            states.append(h)
        out = tf.stack(states, axis=1)
        loss = tf.reduce_mean(tf.reduce_sum(tf.square(out), -1))
    grads = tape.gradient(loss, [W, U, b])
    return out.shape, h, grads, [tf.norm(g) for g in grads]


@guide
def causal_attention(tf: Any) -> Any:
    rng = np.random.RandomState(2)
    x = tf.constant(rng.randn(2, 5, 8).astype(np.float32))
    wq, wk, wv = (tf.Variable(rng.randn(8, 2, 4).astype(np.float32) / 3, name=n) for n in "qkv")
    with tf.GradientTape() as tape:
        q, k, v = (tf.einsum("btd,dhe->bhte", x, w) for w in (wq, wk, wv))
        scores = tf.einsum("bhqe,bhke->bhqk", q, k) / tf.math.sqrt(4.0)
        causal = tf.linalg.band_part(tf.ones((5, 5)), -1, 0)
        scores += (1.0 - causal) * -1e9
        weights = tf.nn.softmax(scores, axis=-1)
        out = tf.reshape(tf.transpose(tf.matmul(weights, v), [0, 2, 1, 3]), (2, 5, -1))
        loss = tf.reduce_mean(out**2)
    print(weights[0, 0].numpy().round(3), out.shape)
    return tf.reduce_sum(weights, -1), tape.gradient(loss, [wq, wk, wv])


@guide
def embeddings(tf: Any) -> Any:
    pairs = tf.constant([[0, 1], [1, 2], [2, 3], [3, 4], [4, 0]])
    table = tf.Variable(tf.reshape(tf.sin(tf.range(15.0)), [5, 3]))
    out = tf.Variable(tf.reshape(tf.cos(tf.range(15.0)), [3, 5]))
    for _ in range(10):
        with tf.GradientTape() as tape:
            logits = tf.nn.embedding_lookup(table, pairs[:, 0]) @ out
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(pairs[:, 1], logits))
        ga, gb = tape.gradient(loss, [table, out])
        table.assign_sub(0.5 * tf.convert_to_tensor(ga))
        out.assign_sub(0.5 * gb)
    return loss, table, tf.math.top_k(logits, 2).indices


@guide
def softmax_regression_by_gathering(tf: Any) -> Any:
    x = tf.reshape(tf.sin(tf.range(24.0)), [8, 3])
    y = tf.constant([0, 1, 2, 1, 0, 2, 2, 1])
    W = tf.Variable(tf.zeros([3, 3]))
    b = tf.Variable(tf.zeros([3]))
    rows = tf.range(tf.size(y))
    for _ in range(15):
        with tf.GradientTape() as t:
            z = x @ W + b
            logp = z - tf.reduce_logsumexp(z, axis=1, keepdims=True)
            picked = tf.gather_nd(logp, tf.stack([rows, y], axis=1))
            loss = -tf.reduce_mean(picked)
        for p, g in zip((W, b), t.gradient(loss, (W, b)), strict=True):
            p.assign(p - 0.3 * g)
    counts = tf.scatter_nd(y[:, None], tf.ones_like(y), [3])
    print(counts, tf.one_hot(y, 3)[:2], tf.gather(tf.nn.softmax(z), y, axis=1, batch_dims=1).shape)
    return loss, W, tf.nn.log_softmax(z) - logp < 1e-5, tf.equal(tf.argmax(z, 1, output_type=tf.int32), y)


@guide
def maximum_likelihood(tf: Any) -> Any:
    data = tf.constant([1.2, 0.7, 2.3, 1.9, 0.4])
    mu, s = tf.Variable(0.0, name="mu"), tf.Variable(0.0, name="log_sigma")
    for _ in range(30):
        with tf.GradientTape() as t:
            nll = tf.reduce_mean(0.5 * ((data - mu) / tf.exp(s)) ** 2 + s + 0.5 * tf.math.log(2 * np.pi))
        grads = t.gradient(nll, t.watched_variables())
        for v, g in zip(t.watched_variables(), grads, strict=True):
            v.assign_sub(0.2 * g)
    return mu, s, nll


@guide
def shuffled_batches(tf: Any) -> Any:
    x, y = tf.range(10), tf.range(10) ** 2
    tf.random.set_seed(3)
    order = tf.random.shuffle(tf.range(10))
    x, y = tf.gather(x, order), tf.gather(y, order)
    for i in range(0, len(x), 4):
        xb, yb = x[i : i + 4], y[i : i + 4]
        print(xb.shape, tf.reduce_all(xb * xb == yb).numpy(), xb)
    train, test = tf.split(x, [7, 3])
    n = x.shape[0]
    print(len(train), test.shape[0] / n, n * 0.7, f"{tf.constant(2) / tf.constant(3):.3f}")
    return tf.reshape(x, [5, 2]), tf.sort(order)


# --- Algorithms -------------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("program", GUIDES, ids=lambda program: program.__name__)
def test_guide(program: Callable[[Any], Any], oracle: ModuleType) -> None:
    ours, our_warnings, theirs, their_warnings = both(aloud(program), oracle)
    for outcome in (ours, theirs):
        if isinstance(outcome, Exception):
            raise outcome
    assert_alike(ours[0], theirs[0])
    assert_reads_alike(ours[1], theirs[1])
    assert [text[:SAME] for text in our_warnings] == [text[:SAME] for text in their_warnings]
