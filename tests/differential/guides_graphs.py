"""Programs with tf.function, tf.data, checkpoints and saved models."""

from __future__ import annotations

import os
import random
import tempfile
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
def a_crash_and_a_restart(tf: Any) -> Any:
    folder = tempfile.mkdtemp()
    x = tf.reshape(tf.cos(tf.range(20.0)), [10, 2])
    y = x @ tf.constant([[1.0], [-2.0]]) + 0.5

    def experiment(stop_at):
        w, b, step = tf.Variable(tf.zeros([2, 1])), tf.Variable(0.0), tf.Variable(0)
        checkpoint = tf.train.Checkpoint(w=w, b=b, step=step)
        manager = tf.train.CheckpointManager(checkpoint, folder, max_to_keep=2)
        checkpoint.restore(manager.latest_checkpoint)
        where = manager.latest_checkpoint
        print("from", os.path.basename(where) if where else "scratch", "at step", step.numpy())

        @tf.function
        def train():
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((x @ w + b - y) ** 2)
            dw, db = tape.gradient(loss, [w, b])
            w.assign_sub(0.2 * dw)
            b.assign_sub(0.2 * db)
            step.assign_add(1)
            return loss

        while step < 12:
            loss = train()
            if step % 3 == 0:
                manager.save(checkpoint_number=step)
            if stop_at is not None and step == stop_at:
                raise KeyboardInterrupt
        print([os.path.basename(path) for path in manager.checkpoints])
        return loss, w, b

    try:
        experiment(stop_at=7)
    except KeyboardInterrupt:
        print("stopped")
    resumed = experiment(stop_at=None)
    print(sorted(name for name, _ in tf.train.list_variables(folder) if "CHECKPOINTABLE" not in name))
    return resumed


@guide
def a_checkpoint_into_other_objects(tf: Any) -> Any:
    path = os.path.join(tempfile.mkdtemp(), "model")

    class Layer(tf.Module):
        def __init__(self, n):
            super().__init__()
            self.w = tf.Variable(tf.fill([n], float(n)))

    class Stack(tf.Module):
        def __init__(self, *sizes):
            super().__init__()
            self.layers = [Layer(n) for n in sizes]

    written = tf.train.Checkpoint(model=Stack(2, 3)).write(path)
    print(written == path)
    other = Stack(2, 3)
    for layer in other.layers:
        layer.w.assign(tf.zeros_like(layer.w))
    tf.train.Checkpoint(model=other).read(path).assert_consumed()
    wider = Stack(2, 3, 1)
    status = tf.train.Checkpoint(model=wider).read(path)
    status.expect_partial()
    try:
        tf.train.Checkpoint(model=Stack(2, 3, 1)).read(path).assert_consumed()
    except AssertionError:
        print("not all of the model is in the file")
    try:
        tf.train.Checkpoint(model=Stack(2, 4)).read(path)
    except ValueError as error:
        print(type(error).__name__)
    return other.layers[1].w, [layer.w for layer in wider.layers]


@guide
def saved_and_served(tf: Any) -> Any:
    folder = os.path.join(tempfile.mkdtemp(), "line")

    class Scorer(tf.Module):
        def __init__(self):
            super().__init__()
            self.w = tf.Variable([[1.0], [2.0]])
            self.calls = tf.Variable(0, trainable=False)

        @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, name="points")])
        def score(self, points):
            self.calls.assign_add(1)
            return {"score": points @ self.w, "positive": tf.squeeze(points @ self.w, 1) > 0.0}

        @tf.function
        def scaled(self, x, by):
            return x * by

    model = Scorer()
    model.scaled(tf.constant(1.0), 3)
    tf.saved_model.save(model, folder, signatures=model.score)
    loaded = tf.saved_model.load(folder)
    print(list(loaded.signatures), loaded.calls.numpy(), loaded.scaled(tf.constant(2.0), 3))
    served = loaded.signatures["serving_default"](points=tf.constant([[1.0, 1.0], [-1.0, 0.0], [0.0, 0.0]]))
    print({name: value.numpy().tolist() for name, value in sorted(served.items())})
    loaded.w.assign(-loaded.w)
    try:
        loaded.scaled(tf.constant(2.0), 4)
    except ValueError:
        print("this was not traced")
    return loaded.score(tf.constant([[3.0, 1.0]])), loaded.calls, model.calls, model.w


@guide
def fine_tuning_a_saved_model(tf: Any) -> Any:
    folder = tempfile.mkdtemp()
    base = tf.Module()
    base.w = tf.Variable([[0.5, -0.5], [0.25, 1.0]], name="w")
    base.features = tf.function(
        lambda x: tf.nn.relu(x @ base.w), input_signature=[tf.TensorSpec([None, 2], tf.float32)]
    )
    tf.saved_model.save(base, folder)
    loaded = tf.saved_model.load(folder)
    head = tf.Variable([[1.0], [1.0]])
    x = tf.constant([[1.0, 2.0], [3.0, 4.0], [-1.0, 0.5]])

    @tf.function
    def tune():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((loaded.features(x) @ head - 1.0) ** 2)
        gradients = tape.gradient(loss, [head, loaded.w])
        head.assign_sub(0.05 * gradients[0])
        loaded.w.assign_sub(0.01 * gradients[1])
        return loss

    print([f"{tune():.4f}" for _ in range(5)])
    return head, loaded.w, base.w


@guide
def pipelines(tf: Any) -> Any:
    numbers = tf.data.Dataset.range(10)
    odd = numbers.filter(lambda n: n % 2 == 1).map(lambda n: n * n)
    print(list(odd.as_numpy_iterator()), odd.cardinality().numpy() == tf.data.UNKNOWN_CARDINALITY)
    for batch in numbers.batch(4):
        print(batch)
    print(len(numbers.batch(4)), len(numbers.batch(4, drop_remainder=True)), numbers.batch(4).element_spec)
    windows = numbers.window(3, shift=2, drop_remainder=True).flat_map(lambda w: w.batch(3))
    print([w.tolist() for w in windows.as_numpy_iterator()])
    letters = tf.data.Dataset.zip((numbers.take(3), numbers.skip(7)))
    print([tuple(map(int, pair)) for pair in letters], [int(i) for i, _ in letters.enumerate(start=5)])
    print(numbers.repeat().cardinality().numpy() == tf.data.INFINITE_CARDINALITY)
    try:
        len(numbers.repeat())
    except TypeError as error:
        print(str(error).startswith("The dataset is infinite."))
    return numbers.reduce(np.int64(0), lambda total, n: total + n), list(numbers.batch(3).unbatch().take(4))


@guide
def dictionaries_through_a_pipeline(tf: Any) -> Any:
    x, y = blobs(2, 5, 3)
    table = {"x": x, "label": y, "weight": np.linspace(0, 1, 10).astype(np.float32)}
    ds = tf.data.Dataset.from_tensor_slices(table)
    print({name: (spec.shape.as_list(), spec.dtype.name) for name, spec in ds.element_spec.items()})

    def normed(row):
        return {**row, "x": row["x"] / tf.norm(row["x"])}

    @tf.function
    def loss(row):
        squares = tf.reduce_sum(row["x"] ** 2, axis=-1)
        return tf.reduce_sum(row["weight"] * (squares - tf.cast(row["label"], tf.float32)))

    batches = ds.map(normed).batch(4)
    losses = [loss(batch) for batch in batches]
    print([len(batch["label"]) for batch in batches], loss.experimental_get_tracing_count())
    return losses, next(iter(batches))["label"]


@guide
def rows_from_a_generator(tf: Any) -> Any:
    def sentences():
        for n in (2, 4, 1, 3):
            yield np.arange(1, n + 1, dtype=np.int32), n % 2

    spec = (tf.TensorSpec([None], tf.int32), tf.TensorSpec([], tf.int32))
    ds = tf.data.Dataset.from_generator(sentences, output_signature=spec)
    for tokens, label in ds:
        print(tokens.numpy(), label.numpy())
    padded = ds.padded_batch(2)

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.int32)])
    def mean_token(tokens):
        mask = tf.cast(tokens > 0, tf.float32)
        return tf.reduce_sum(tf.cast(tokens, tf.float32) * mask, 1) / tf.reduce_sum(mask, 1)

    means = [mean_token(tokens) for tokens, _ in padded]
    print([tokens.shape.as_list() for tokens, _ in padded], mean_token.experimental_get_tracing_count())
    return means, ds.cardinality()


@guide
def shuffled_and_cached(tf: Any) -> Any:
    reads = []

    def source():
        reads.append(1)
        yield from range(6)

    ds = tf.data.Dataset.from_generator(source, output_signature=tf.TensorSpec([], tf.int32)).cache()
    mixed = ds.shuffle(6, seed=1).batch(4).prefetch(1)
    epochs = [np.concatenate(list(mixed.as_numpy_iterator())) for _ in range(3)]
    print(len(reads), [sorted(epoch.tolist()) == list(range(6)) for epoch in epochs])
    fixed = ds.shuffle(6, seed=1, reshuffle_each_iteration=False)
    print([int(n) for n in fixed] == [int(n) for n in fixed])
    return [len(batch) for batch in mixed]


@guide
def a_dataset_inside_a_training_loop(tf: Any) -> Any:
    x = np.linspace(-1, 1, 11).astype(np.float32)
    ds = tf.data.Dataset.from_tensor_slices((x, 3 * x - 1)).batch(4).repeat()
    w, b = tf.Variable(0.0), tf.Variable(0.0)

    @tf.function
    def train(xs, ys):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((w * xs + b - ys) ** 2)
        for v, g in zip((w, b), tape.gradient(loss, (w, b)), strict=True):
            v.assign_sub(0.3 * g)
        return loss

    batches = iter(ds)
    for step in range(30):
        xs, ys = next(batches)
        loss = train(xs, ys)
        if step % 10 == 9:
            print(f"{step + 1} {loss:.6f} {xs.shape}")
    return w, b, train.experimental_get_tracing_count()


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
