"""Programs with checkpoints, saved models and tf.data."""

from __future__ import annotations

import os
import tempfile
from typing import Any

import numpy as np

from tests.differential.guide import guide
from tests.differential.guides_graphs import blobs


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
