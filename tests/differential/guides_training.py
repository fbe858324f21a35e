"""Programs that train something."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.differential.guide import guide


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


@guide
def two_players_with_a_tape_each(tf: Any) -> Any:
    g, d = tf.Variable([0.5, -0.2]), tf.Variable([0.3, 0.1])
    z = tf.linspace(-1.0, 1.0, 5)
    real = tf.linspace(1.0, 3.0, 5)

    def bce(y, logits):
        return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(tf.fill(logits.shape, y), logits))

    for _ in range(3):
        with tf.GradientTape() as gt, tf.GradientTape() as dt:
            fake = g[0] * z + g[1]
            rl, fl = d[0] * real + d[1], d[0] * fake + d[1]
            gl = bce(1.0, fl)
            dl = bce(1.0, rl) + bce(0.0, fl)
        gg, dg = gt.gradient(gl, g), dt.gradient(dl, d)
        g.assign_sub(0.1 * gg)
        d.assign_sub(0.1 * dg)
        print(f"{gl:.3f} {dl:.3f}")
    return g, d


@guide
def policy_gradient(tf: Any) -> Any:
    logits = tf.Variable([0.0, 0.5, -0.5])
    actions = tf.constant([0, 2, 1, 2])
    rewards = tf.constant([1.0, 2, 0, 1])
    with tf.GradientTape() as t:
        lp = tf.nn.log_softmax(logits)
        chosen = tf.gather(lp, actions)
        loss = -tf.reduce_mean(chosen * (rewards - tf.reduce_mean(rewards)))
        ent = -tf.reduce_sum(tf.exp(lp) * lp)
        total = loss - 0.01 * ent
    returns = tf.reverse(tf.cumsum(tf.reverse(rewards, [0])), axis=[0])
    return t.gradient(total, logits), returns, tf.math.cumsum(rewards, reverse=True)


@guide
def q_learning(tf: Any) -> Any:
    q = tf.Variable(tf.zeros([4, 2]))
    rng = np.random.RandomState(0)
    s = 0
    for _ in range(50):
        a = int(tf.argmax(q[s])) if rng.rand() > 0.3 else rng.randint(2)
        n = max(0, min(3, s + (1 if a else -1)))
        r = float(n == 3)
        target = r + 0.9 * tf.reduce_max(q[n]) * (n != 3)
        q[s, a].assign(q[s, a] + 0.5 * (target - q[s, a]))
        s = 0 if n == 3 else n
    print(q.numpy().round(2), tf.argmax(q, axis=1))
    return q
