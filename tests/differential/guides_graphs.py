"""Programs with tf.function: tracing, choices and loops, training."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from tests.differential.guide import guide


def blobs(classes: int = 3, each: int = 20, size: int = 4) -> tuple[Any, Any]:
    """Return points around one centre for each class, and their classes; the same ones each time."""
    rng = np.random.default_rng(7)
    centres = 2.0 * rng.normal(size=[classes, 1, size])
    points = centres + rng.normal(size=[classes, each, size])
    order = rng.permutation(classes * each)
    labels = np.repeat(np.arange(classes), each)
    return points.reshape(-1, size)[order].astype(np.float32), labels[order].astype(np.int32)


@guide
def first_function(tf: Any) -> Any:
    @tf.function
    def area(width, height):
        print("Python runs: width is", width.dtype.name, width.shape)
        return width * height

    print(area(tf.constant(2.0), tf.constant(3.0)))
    print(area(tf.constant(4.0), tf.constant(5.0)))
    print(area(tf.constant([1, 2]), tf.constant(7)))
    print(area(tf.constant([3, 4]), tf.constant(8)), area.experimental_get_tracing_count())
    return area(tf.ones([2, 1]), tf.ones([3]))


@guide
def what_makes_a_new_trace(tf: Any) -> Any:
    counts = []

    @tf.function
    def scaled(x, by=2, *, name=None):
        print("trace", x.shape, by if not tf.is_tensor(by) else "a tensor", name)
        return x * tf.cast(by, x.dtype)

    x = tf.constant([1.0, 2.0])
    calls = [
        lambda: scaled(x),
        lambda: scaled(x, 2),
        lambda: scaled(x, by=2),
        lambda: scaled(x, 3),
        lambda: scaled(x, tf.constant(3)),
        lambda: scaled(x, tf.constant(4)),
        lambda: scaled(x, name="second"),
        lambda: scaled(x[:1]),
        lambda: scaled(tf.cast(x, tf.float64)),
        lambda: scaled(x, True),
        lambda: scaled(x, 2.0),
        lambda: scaled(np.array([1.0, 2.0], np.float32)),
    ]
    results = []
    for call in calls:
        results.append(call())
        counts.append(scaled.experimental_get_tracing_count())
    print(counts)
    return results


@guide
def one_trace_for_all_lengths(tf: Any) -> Any:
    @tf.function(input_signature=[tf.TensorSpec([None, 2]), tf.TensorSpec([2])])
    def distances(points, origin):
        print("shape while tracing:", points.shape)
        n = tf.shape(points)[0]
        d = tf.norm(points - origin, axis=1)
        return tf.reduce_sum(d) / tf.cast(n, tf.float32), tf.reshape(d, [n, 1])

    for n in (1, 2, 5):
        mean, column = distances(tf.reshape(tf.range(2.0 * n), [n, 2]), tf.constant([1.0, 1.0]))
        print(n, mean, column.shape)

    @tf.function(reduce_retracing=True)
    def total(x):
        return tf.reduce_sum(x**2)

    sums = [total(tf.ones([n])) for n in range(1, 6)]
    print(total.experimental_get_tracing_count())
    return sums, distances.experimental_get_tracing_count()


@guide
def variables_are_made_once(tf: Any) -> Any:
    class Counter(tf.Module):
        def __init__(self):
            super().__init__()
            self.total = None

        @tf.function
        def add(self, x):
            if self.total is None:
                print("making the variable")
                self.total = tf.Variable(tf.zeros_like(x), name="total")
            self.total.assign_add(x)
            return self.total.read_value()

    a, b = Counter(), Counter()
    print(a.add(tf.constant([1.0, 2.0])), a.add(tf.constant([1.0, 2.0])))
    print(b.add(tf.constant(5)))

    @tf.function
    def careless(x):
        return tf.Variable(1.0) + x

    try:
        careless(tf.constant(1.0))
    except ValueError as error:
        print("singleton tf.Variables created on the first call" in str(error))
    return a.total, b.total, len(a.trainable_variables)


@guide
def side_effects_and_tracing(tf: Any) -> Any:
    heard, steps = [], tf.Variable(0)

    @tf.function
    def step(x):
        heard.append(tf.is_tensor(x))
        print("once for each trace")
        steps.assign_add(1)
        return x + tf.cast(steps, tf.float32)

    values = [step(tf.constant(0.0)) for _ in range(4)]
    print(len(heard), steps.numpy(), values[-1].numpy())
    tf.config.run_functions_eagerly(True)
    try:
        for _ in range(2):
            step(tf.constant(0.0))
    finally:
        tf.config.run_functions_eagerly(False)
    print(len(heard), steps.numpy(), tf.config.functions_run_eagerly())
    step(tf.constant(0.0))
    return len(heard), steps


@guide
def python_state_is_frozen(tf: Any) -> Any:
    settings = {"rate": 0.5}
    random.seed(3)

    @tf.function
    def decayed(x):
        return x * settings["rate"]

    @tf.function
    def noisy(x):
        return x + random.random() + np.random.default_rng(0).random()

    first = decayed(tf.constant(8.0))
    settings["rate"] = 0.25
    second, other = decayed(tf.constant(8.0)), decayed(tf.constant([8.0]))
    print(first, second, other)
    print(noisy(tf.constant(0.0)) == noisy(tf.constant(0.0)))
    return first, second, other


@guide
def choices_and_loops(tf: Any) -> Any:
    @tf.function
    def collatz(n):
        def go_on(n, _):
            return n > 1

        def step(n, steps):
            return tf.cond(n % 2 == 0, lambda: n // 2, lambda: 3 * n + 1), steps + 1

        return tf.while_loop(go_on, step, [n, 0])[1]

    @tf.function
    def root(x, tolerance=1e-6):
        def far(guess):
            return tf.abs(guess * guess - x) > tolerance * x

        return tf.while_loop(far, lambda guess: [(guess + x / guess) / 2], [x], maximum_iterations=50)[0]

    @tf.function
    def huber(error, delta):
        small = tf.abs(error) <= delta
        return tf.where(small, 0.5 * error**2, delta * (tf.abs(error) - 0.5 * delta))

    print([int(collatz(tf.constant(n))) for n in (1, 6, 7, 27)])
    print(root(tf.constant(2.0)), root(tf.constant(9.0)))
    return huber(tf.constant([-3.0, -0.5, 0.0, 2.0]), tf.constant(1.0)), collatz.experimental_get_tracing_count()


@guide
def gradients_through_choices_and_loops(tf: Any) -> Any:
    @tf.function
    def power(x, n):
        return tf.while_loop(lambda i, _: i < n, lambda i, p: (i + 1, p * x), (0, tf.ones_like(x)))[1]

    @tf.function
    def slope(x, n):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.cond(tf.reduce_sum(x) > 0.0, lambda: power(x, n), lambda: -x)
        return y, tape.gradient(y, x)

    for n in (1, 2, 5):
        print(n, *slope(tf.constant([1.0, 2.0]), tf.constant(n)))
    print(*slope(tf.constant([-1.0, -2.0]), tf.constant(3)))
    return slope.experimental_get_tracing_count(), power.experimental_get_tracing_count() > 0


@guide
def fibonacci_in_a_loop(tf: Any) -> Any:
    @tf.function(input_signature=[tf.TensorSpec([], tf.int32)])
    def fibonacci(n):
        first = tf.zeros([12], tf.int64)

        def body(i, a, b, seen):
            return i + 1, b, a + b, tf.tensor_scatter_nd_update(seen, [[i]], [a])

        start = (0, tf.constant(0, tf.int64), tf.constant(1, tf.int64), first)
        return tf.while_loop(lambda i, *_: i < n, body, start)[1:]

    a, _, seen = fibonacci(tf.constant(12))
    print(seen)
    print(fibonacci(3)[2])
    return a, fibonacci.experimental_get_tracing_count()


@guide
def classifier_on_a_pipeline(tf: Any) -> Any:
    x, y = blobs(3, 30, 4)
    train = tf.data.Dataset.from_tensor_slices((x[:70], y[:70])).batch(16).prefetch(2)
    test = tf.data.Dataset.from_tensor_slices((x[70:], y[70:])).batch(8)

    class Dense(tf.Module):
        def __init__(self, size_in, size_out, name=None):
            super().__init__(name=name)
            start = np.random.default_rng(size_in).normal(0, 0.4, [size_in, size_out])
            self.w = tf.Variable(start.astype(np.float32), name="w")
            self.b = tf.Variable(tf.zeros([size_out]), name="b")

        def __call__(self, x):
            return x @ self.w + self.b

    class Net(tf.Module):
        def __init__(self):
            super().__init__()
            self.hidden, self.out = Dense(4, 8, "hidden"), Dense(8, 3, "out")

        def __call__(self, x):
            return self.out(tf.nn.relu(self.hidden(x)))

        @tf.function
        def train_step(self, x, y, rate):
            with tf.GradientTape() as tape:
                each = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=self(x))
                loss = tf.reduce_mean(each)
            gradients = tape.gradient(loss, self.trainable_variables)
            for v, g in zip(self.trainable_variables, gradients, strict=True):
                v.assign_sub(rate * g)
            return tf.reduce_sum(each)

        @tf.function(input_signature=[tf.TensorSpec([None, 4])])
        def predict(self, x):
            return tf.argmax(self(x), axis=-1, output_type=tf.int32)

    net = Net()
    for epoch in range(6):
        total, seen = 0.0, 0
        for xs, ys in train:
            total += net.train_step(xs, ys, tf.constant(0.2))
            seen += len(ys)
        right = sum(int(tf.reduce_sum(tf.cast(net.predict(xs) == ys, tf.int32))) for xs, ys in test)
        print(f"epoch {epoch}: loss {total / seen:.4f}, {right} of 20 right")
    print([(v.name, v.shape) for v in net.variables])
    return net.train_step.experimental_get_tracing_count(), net.predict(x[:7]), net.out.b


@guide
def sums_of_gradients(tf: Any) -> Any:
    x, y = blobs(2, 16, 3)
    y = y.astype(np.float32)[:, None]
    w, b = tf.Variable(tf.zeros([3, 1])), tf.Variable([0.0])
    sums = [tf.Variable(tf.zeros_like(v), trainable=False) for v in (w, b)]

    @tf.function
    def gather(xs, ys):
        with tf.GradientTape() as tape:
            logits = xs @ w + b
            loss = tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(ys, logits))
        for total, gradient in zip(sums, tape.gradient(loss, [w, b]), strict=True):
            total.assign_add(gradient)
        return loss

    @tf.function
    def apply(rate):
        for v, total in zip([w, b], sums, strict=True):
            v.assign_sub(rate * total)
            total.assign(tf.zeros_like(total))

    for _ in range(5):
        parts = [gather(xs, ys) for xs, ys in tf.data.Dataset.from_tensor_slices((x, y)).batch(8)]
        apply(tf.constant(1 / 32))
        print(f"{tf.add_n(parts) / 32:.5f}")
    print(apply(tf.constant(0.1)))
    return w, b, sums


@guide
def momentum_schedule_and_average(tf: Any) -> Any:
    w = tf.Variable([4.0, -3.0])
    speed, average = tf.Variable(tf.zeros(2), trainable=False), tf.Variable(w, trainable=False)
    step = tf.Variable(0, trainable=False, dtype=tf.int64)
    scales = tf.constant([1.0, 10.0])

    def rate(at):
        at = tf.cast(at, tf.float32)
        warm = tf.minimum(1.0, (at + 1) / 5.0)
        return 0.05 * warm * 0.5 * (1.0 + tf.cos(np.pi * tf.minimum(at, 30.0) / 30.0))

    @tf.function
    def train():
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(scales * w**2) / 2.0
        speed.assign(0.9 * speed - rate(step) * tape.gradient(loss, w))
        w.assign_add(speed)
        decay = tf.minimum(0.9, (1.0 + tf.cast(step, tf.float32)) / (10.0 + tf.cast(step, tf.float32)))
        average.assign(decay * average + (1.0 - decay) * w)
        step.assign_add(1)
        return loss, rate(step - 1)

    for i in range(30):
        loss, used = train()
        if i % 6 == 0:
            tf.print("step", step)
            print(f"{i:2d} {loss:.5f} {used:.5f} {tf.norm(average):.5f}")
    return w, average, step, train.experimental_get_tracing_count()


@guide
def early_stopping(tf: Any) -> Any:
    rng = np.random.default_rng(2)
    x = rng.normal(size=[24, 10]).astype(np.float32)
    y = (x[:, :1] + rng.normal(size=[24, 1])).astype(np.float32)
    w = tf.Variable(tf.zeros([10, 1]))

    @tf.function
    def evaluate(xs, ys):
        return tf.reduce_mean((xs @ w - ys) ** 2)

    @tf.function
    def fit(xs, ys):
        with tf.GradientTape() as tape:
            loss = evaluate(xs, ys)
        w.assign_sub(0.1 * tape.gradient(loss, w))
        return loss

    best, best_w, patience = np.inf, None, 0
    for epoch in range(200):
        fit(x[:12], y[:12])
        held_out = float(evaluate(x[12:], y[12:]))
        if held_out < best - 1e-6:
            best, best_w, patience = held_out, w.numpy().copy(), 0
        else:
            patience += 1
        if patience == 3:
            print(f"stopped after epoch {epoch}, best {best:.5f}")
            break
    w.assign(best_w)
    return evaluate(x[12:], y[12:]), evaluate.experimental_get_tracing_count()


@guide
def several_functions_of_one_module(tf: Any) -> Any:
    class Autoencoder(tf.Module):
        def __init__(self):
            super().__init__(name="autoencoder")
            start = np.random.default_rng(5).normal(0, 0.5, [6, 2]).astype(np.float32)
            self.down, self.up = tf.Variable(start, name="down"), tf.Variable(start.T, name="up")

        @tf.function
        def encode(self, x):
            return tf.tanh(x @ self.down)

        @tf.function
        def decode(self, code):
            return code @ self.up

        @tf.function
        def loss(self, x):
            return tf.reduce_mean((self.decode(self.encode(x)) - x) ** 2)

        @tf.function
        def train(self, x, rate=0.5):
            with tf.GradientTape() as tape:
                loss = self.loss(x)
            for v, g in zip(self.trainable_variables, tape.gradient(loss, self.trainable_variables), strict=True):
                v.assign_sub(rate * g)
            return {"loss": loss, "norm": tf.norm(self.up)}

    model = Autoencoder()
    x = tf.reshape(tf.sin(tf.range(48.0)), [8, 6])
    logs = [model.train(x) for _ in range(10)]
    print({key: f"{value:.4f}" for key, value in logs[-1].items()})
    print(sorted(logs[0]), model.encode(x).shape, model.train.experimental_get_tracing_count())
    return logs, model.decode(tf.zeros([1, 2]))


@guide
def concrete_functions(tf: Any) -> Any:
    @tf.function
    def mix(a, b, share=0.5):
        return {"mix": share * a + (1.0 - share) * b, "sides": (a, b)}

    concrete = mix.get_concrete_function(tf.TensorSpec([None], name="left"), tf.TensorSpec([None], name="right"))
    print(concrete.structured_input_signature)
    print(concrete.structured_outputs["mix"].shape)
    a, b = tf.constant([1.0, 2.0]), tf.constant([3.0, 6.0])
    try:
        concrete(a, tf.constant([1, 2]))
    except (TypeError, tf.errors.InvalidArgumentError):
        print("another dtype does not fit")
    return concrete(a, b), mix(a, b, 0.25), mix(a, b, tf.constant(1.0))


@guide
def per_example_gradients_by_map(tf: Any) -> Any:
    w = tf.Variable([1.0, -1.0])
    x = tf.constant([[1.0, 2.0], [0.0, 1.0], [3.0, 0.0]])

    @tf.function
    def gradients(rows):
        def one(row):
            with tf.GradientTape() as tape:
                loss = tf.tanh(tf.reduce_sum(row * w)) ** 2
            return tape.gradient(loss, w)

        return tf.map_fn(one, rows)

    each = gradients(x)
    with tf.GradientTape() as tape:
        losses = tf.tanh(tf.linalg.matvec(x, w)) ** 2
    print(tf.reduce_max(tf.abs(each - tape.jacobian(losses, w))) < 1e-6)
    return each, tf.norm(each, axis=1)


@guide
def assertions_and_errors(tf: Any) -> Any:
    @tf.function
    def safe_log(x):
        tf.debugging.assert_positive(x, message="logarithms need positive numbers")
        return tf.math.log(x)

    print(safe_log(tf.constant([1.0, 2.0])))
    for bad in ([0.0, 1.0], [-1.0, 2.0]):
        try:
            safe_log(tf.constant(bad))
        except tf.errors.InvalidArgumentError as error:
            print("refused:", "logarithms need positive numbers" in str(error))

    @tf.function
    def product(a, b):
        return a @ b

    try:
        product(tf.ones([2, 3]), tf.ones([2, 3]))
    except ValueError as error:
        print("these do not fit", len(str(error)) > 0)
    return product(tf.ones([2, 3]), tf.ones([3, 1])), safe_log.experimental_get_tracing_count()


@guide
def adam_by_hand(tf: Any) -> Any:
    class Adam(tf.Module):
        def __init__(self, variables, rate=0.1):
            super().__init__(name="adam")
            self.rate, self.t = rate, tf.Variable(0.0, trainable=False)
            self.m = [tf.Variable(tf.zeros_like(v), trainable=False) for v in variables]
            self.v = [tf.Variable(tf.zeros_like(v), trainable=False) for v in variables]

        def apply(self, gradients, variables):
            self.t.assign_add(1.0)
            for g, m, v, w in zip(gradients, self.m, self.v, variables, strict=True):
                m.assign(0.9 * m + 0.1 * g)
                v.assign(0.999 * v + 0.001 * g**2)
                m_hat, v_hat = m / (1 - 0.9**self.t), v / (1 - 0.999**self.t)
                w.assign_sub(self.rate * m_hat / (tf.sqrt(v_hat) + 1e-7))

    w = tf.Variable([2.0, -1.0])
    adam = Adam([w])

    @tf.function
    def train():
        with tf.GradientTape() as tape:
            loss = (1.0 - w[0]) ** 2 + 10.0 * (w[1] - w[0] ** 2) ** 2
        gradients, norm = tf.clip_by_global_norm(tape.gradient(loss, [w]), 5.0)
        adam.apply(gradients, [w])
        return loss, norm

    for i in range(40):
        loss, norm = train()
        if i % 10 == 0:
            print(f"{i} {loss:.4f} {norm:.4f}")
    return w, adam.t, [v.shape for v in adam.variables]


@guide
def an_update_every_third_step(tf: Any) -> Any:
    w, total = tf.Variable([1.0, 2.0]), tf.Variable(tf.zeros(2), trainable=False)
    count = tf.Variable(0, trainable=False)

    def update():
        w.assign_sub(0.01 * total / 3.0)
        total.assign(tf.zeros_like(total))
        return count.assign(0)

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum((w * x) ** 2)
        total.assign_add(tape.gradient(loss, w))
        count.assign_add(1)
        tf.cond(count == 3, update, count.read_value)
        return loss

    for i in range(7):
        print(f"{i} {step(tf.constant(float(i))):.3f} {count.numpy()}")
    return w, total, step.experimental_get_tracing_count()


@guide
def decisions_after_effects(tf: Any) -> Any:
    w, draws, numbers = tf.Variable(1.0), tf.random.Generator.from_seed(1), iter(tf.data.Dataset.range(5))

    @tf.function
    def step(x):
        w.assign_add(x)
        noise = draws.uniform([])
        number = next(numbers)
        if w > 2.0:
            w.assign(0.0)
        return w.read_value(), noise, number

    return [step(tf.constant(1.0)) for _ in range(4)]
