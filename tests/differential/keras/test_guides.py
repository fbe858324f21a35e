"""Programs with models as in a course or a guide: what they return and print is the same with minitf and with Keras."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tests.differential.keras.lines import assert_same, error, plain
from tests.differential.snippets import both
from tests.differential.test_guides import aloud, assert_reads_alike

PROGRAMS: list[Callable[[Any], Any]] = []


def program(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Add a program to the table."""
    PROGRAMS.append(function)
    return function


def rows(*shape: int, seed: int = 0) -> Any:
    return np.random.RandomState(seed).rand(*shape).astype("float32")


def classes(count: int, n: int = 3) -> Any:
    return np.arange(count) * 7 % 5 % n


# --- first models ----------------------------------------------------------------------------------------------------


@program
def line_through_normalized_data(tf: Any) -> Any:
    x = 50 + 12 * rows(50, 2)
    y = x @ [0.2, -0.4] + 3
    normalize = tf.keras.layers.Normalization(axis=-1)
    normalize.adapt(x)
    model = tf.keras.Sequential([normalize, tf.keras.layers.Dense(units=1)])
    model.compile(optimizer=tf.optimizers.Adam(learning_rate=0.1), loss="mean_absolute_error")
    history = model.fit(x, y, epochs=4, validation_split=0.2, shuffle=False, verbose=0)
    model.summary()
    return normalize.mean, normalize.variance, history.history, model.predict(x[:3], verbose=0), model.get_weights()


@program
def spiral_with_dropout_and_batch_normalization(tf: Any) -> Any:
    from_0_to_1 = np.linspace(0.1, 1, 20)
    arms = [
        np.c_[from_0_to_1 * np.sin(a + 4 * from_0_to_1), from_0_to_1 * np.cos(a + 4 * from_0_to_1)] for a in (0, 2, 4)
    ]
    x, y = np.concatenate(arms).astype("float32"), np.repeat([0, 1, 2], 20)
    model = tf.keras.models.Sequential()
    model.add(tf.keras.Input(shape=(2,)))
    model.add(tf.keras.layers.Dense(16, activation=tf.nn.relu, kernel_initializer="he_normal"))
    model.add(tf.keras.layers.Dropout(0.2))
    model.add(tf.keras.layers.BatchNormalization())
    model.add(tf.keras.layers.Dense(3, activation="softmax", kernel_regularizer=tf.keras.regularizers.l2(0.01)))
    model.compile("rmsprop", tf.keras.losses.SparseCategoricalCrossentropy(), metrics=["accuracy"])
    order = np.random.RandomState(1).permutation(60)
    history = model.fit(x[order], y[order], batch_size=16, epochs=3, validation_split=0.25, shuffle=False, verbose=0)
    model.summary()
    return history.history, np.argmax(model.predict(x, verbose=0), axis=-1)


@program
def autoencoder_and_its_halves(tf: Any) -> Any:
    x = rows(24, 8)
    inputs = tf.keras.Input(shape=(8,))
    code = tf.keras.layers.Dense(3, activation="relu", name="code", activity_regularizer="l1")(inputs)
    model = tf.keras.Model(inputs, tf.keras.layers.Dense(8, activation="sigmoid")(code), name="autoencoder")
    model.compile("adadelta", "binary_crossentropy")
    history = model.fit(x, x, epochs=2, batch_size=8, shuffle=False, validation_data=(x, x), verbose=0)
    encoder = tf.keras.Model(inputs, model.get_layer("code").output)
    short = tf.keras.Input(shape=(3,))
    decoder = tf.keras.Model(short, model.layers[-1](short), name="decoder")
    decoder.summary()
    return history.history, decoder.predict(encoder.predict(x[:2], verbose=0), verbose=0)


@program
def classes_and_samples_of_unlike_weight(tf: Any) -> Any:
    x, y = rows(30, 3), classes(30)
    found = []
    for loss, labels in [("sparse_categorical_crossentropy", y), ("categorical_crossentropy", np.eye(3)[y])]:
        model = tf.keras.Sequential([tf.keras.layers.Dense(3, activation="softmax")])
        model.compile("sgd", loss, metrics=["accuracy"], weighted_metrics=["accuracy"])
        how = {"epochs": 2, "shuffle": False, "verbose": 0}
        found.append(model.fit(x, labels, class_weight={0: 1.0, 1: 2.0, 2: 5.0}, **how).history)
        found.append(model.fit(x, labels, sample_weight=np.linspace(0, 2, 30), **how).history)
        found.append(model.evaluate(x, labels, sample_weight=np.linspace(0, 2, 30), verbose=0, return_dict=True))
    return found


@program
def folds_of_a_cross_validation(tf: Any) -> Any:
    x, y = rows(24, 3), rows(24, seed=1)
    scores = []
    for part in np.split(np.arange(24), 4):
        rest = np.setdiff1d(np.arange(24), part)
        model = tf.keras.Sequential([tf.keras.layers.Dense(6, activation="relu"), tf.keras.layers.Dense(1)])
        model.compile(optimizer="rmsprop", loss="mse", metrics=["mae"])
        how = {"epochs": 2, "batch_size": 6, "shuffle": False, "verbose": 0}
        history = model.fit(x[rest], y[rest], validation_data=(x[part], y[part]), **how)
        scores.append(history.history["val_mae"])
        print(model.name, [layer.name for layer in model.layers])
    return np.mean(scores, axis=0)


# --- graphs of layers ------------------------------------------------------------------------------------------------


@program
def three_inputs_and_two_outputs(tf: Any) -> Any:
    layers = tf.keras.layers
    title, body = (tf.keras.Input(shape=(n,), name=name) for n, name in [(5, "title"), (6, "body")])
    tags = tf.keras.Input(shape=(4,), name="tags")
    words = layers.Embedding(30, 8)
    h = layers.concatenate([layers.GlobalAveragePooling1D()(words(each)) for each in (title, body)] + [tags])
    outputs = {"urgent": layers.Dense(1, name="urgent")(h), "office": layers.Dense(3, name="office")(h)}
    model = tf.keras.Model(inputs=[title, body, tags], outputs=outputs)
    cross = tf.keras.losses.CategoricalCrossentropy(from_logits=True)
    loss = {"urgent": tf.keras.losses.BinaryCrossentropy(from_logits=True), "office": cross}
    model.compile("sgd", loss, loss_weights={"urgent": 1.0, "office": 0.2}, metrics={"office": ["accuracy"]})
    x = {"title": np.arange(60).reshape(12, 5) % 30, "body": np.arange(72).reshape(12, 6) % 29, "tags": rows(12, 4)}
    y = {"urgent": rows(12, 1), "office": tf.keras.utils.to_categorical(classes(12), 3)}
    history = model.fit(x, y, epochs=2, batch_size=4, shuffle=False, verbose=0)
    model.summary()
    return history.history, model.evaluate(x, y, return_dict=True, verbose=0), model.predict(x, verbose=0)


@program
def residuals_by_operators_and_what_is_inside(tf: Any) -> Any:
    inputs = tf.keras.Input(shape=(6,), name="vector")
    x = tf.keras.layers.Dense(8, activation="relu", name="first")(inputs)
    for _ in range(2):
        x = tf.keras.layers.Dense(8, activation="relu")(x) * 0.5 + x
    model = tf.keras.Model(inputs, tf.keras.layers.Dense(2)(x), name="residual")
    model.compile(tf.keras.optimizers.RMSprop(1e-2), loss="mse")
    history = model.fit(rows(16, 6), rows(16, 2), epochs=2, batch_size=8, shuffle=False, verbose=0)
    inside = tf.keras.Model(inputs=model.inputs, outputs=[layer.output for layer in model.layers[1:]])
    headless = tf.keras.Model(model.inputs, model.layers[-2].output)
    model.summary()
    return history.history, inside(model.inputs)[0].shape, inside.predict(rows(2, 6), verbose=0), headless.output_shape


@program
def twins_that_share_a_tower(tf: Any) -> Any:
    tower = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(3, activation="relu")], name="tower")
    left, right = tf.keras.Input((4,), name="left"), tf.keras.Input((4,), name="right")
    distance = tf.keras.layers.Lambda(lambda pair: tf.reduce_sum(tf.abs(pair[0] - pair[1]), axis=1, keepdims=True))
    answer = tf.keras.layers.Dense(1, activation="sigmoid")(distance([tower(left), tower(right)]))
    model = tf.keras.Model([left, right], answer)
    model.compile("sgd", "binary_crossentropy")
    a, b, y = rows(12, 4), rows(12, 4, seed=1), classes(12, 2)
    history = model.fit([a, b], y, epochs=2, shuffle=False, verbose=0)
    model.summary()
    return history.history, model.predict({"left": a, "right": b}, verbose=0), len(model.weights)


@program
def layers_taken_away_and_put_on(tf: Any) -> Any:
    x, y = rows(16, 4), classes(16, 2)
    model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(4, "relu")])
    model.add(tf.keras.layers.Dense(1, "sigmoid"))
    found = []
    for _ in range(2):
        model.pop()
        for layer in model.layers:
            layer.trainable = False
        model.add(tf.keras.layers.Dense(4, "relu"))
        model.add(tf.keras.layers.Dense(1, "sigmoid"))
        model.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
        found.append((len(model.trainable_weights), model.fit(x, y, epochs=2, shuffle=False, verbose=0).history))
    model.summary(show_trainable=True)
    return found


@program
def frozen_first_and_tuned_afterwards(tf: Any) -> Any:
    x, y = rows(20, 4), classes(20, 2)
    hidden = [tf.keras.layers.Dense(6, activation="relu"), tf.keras.layers.BatchNormalization()]
    base = tf.keras.Sequential([tf.keras.Input((4,)), *hidden], name="base")
    base.trainable = False
    inputs = tf.keras.Input((4,))
    model = tf.keras.Model(inputs, tf.keras.layers.Dense(1, activation="sigmoid")(base(inputs, training=False)))
    model.compile(tf.keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    before = base.get_weights()
    first = model.fit(x, y, epochs=2, shuffle=False, verbose=0).history
    untouched = all((a == b).all() for a, b in zip(before, base.get_weights(), strict=True))
    base.trainable = True
    model.compile(tf.keras.optimizers.Adam(1e-3), "binary_crossentropy")
    return first, untouched, len(model.trainable_weights), model.fit(x, y, shuffle=False, verbose=0).history


# --- layers, losses and metrics of one's own -------------------------------------------------------------------------


@program
def layer_with_weights_state_and_loss(tf: Any) -> Any:
    class Counting(tf.keras.layers.Layer):
        def __init__(self, units=4, rate=0.1, **kwargs):
            super().__init__(**kwargs)
            self.units, self.rate = units, rate

        def build(self, input_shape):
            self.w = self.add_weight(shape=(input_shape[-1], self.units), initializer="random_normal", name="w")
            self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False, name="calls")

        def call(self, inputs):
            self.calls.assign_add(1.0)
            self.add_loss(self.rate * tf.reduce_mean(tf.square(inputs)))
            return tf.matmul(inputs, self.w)

        def get_config(self):
            return {**super().get_config(), "units": self.units, "rate": self.rate}

    layer = Counting(3, name="counting")
    layer(tf.ones((2, 5)))
    again = Counting.from_config(layer.get_config())
    model = tf.keras.Sequential([tf.keras.Input((5,)), again, tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    before = float(again.calls)
    history = model.fit(rows(8, 5), rows(8), batch_size=4, epochs=2, shuffle=False, verbose=0)
    print([weight.path for weight in model.weights], len(layer.losses), again.units, again.rate)
    return history.history, float(again.calls) - before


@program
def functions_for_everything(tf: Any) -> Any:
    def softplus(z):
        return tf.math.log(1.0 + tf.exp(z))

    def start(shape, dtype=tf.float32):
        return tf.random.stateless_normal(shape, [1, 2], stddev=(2.0 / sum(shape)) ** 0.5, dtype=dtype)

    def small(weights):
        return tf.reduce_sum(tf.abs(0.01 * weights))

    def positive(weights):
        return tf.where(weights < 0.0, tf.zeros_like(weights), weights)

    def huber(true, predicted):
        off = tf.abs(true - predicted)
        return tf.where(off < 1, off**2 / 2, off - 0.5)

    def largest(true, predicted):
        return tf.reduce_max(tf.abs(true - predicted), axis=-1)

    how = {"kernel_initializer": start, "kernel_regularizer": small, "kernel_constraint": positive}
    model = tf.keras.Sequential([tf.keras.layers.Dense(5, activation=softplus, **how), tf.keras.layers.Dense(1)])
    model.compile("sgd", huber, metrics=[largest, "mae"])
    history = model.fit(rows(16, 3), 3 * rows(16, 1), epochs=3, shuffle=False, verbose=0)
    return history.history, model.layers[0].get_weights()


@program
def classes_of_loss_and_metric(tf: Any) -> Any:
    class Pinball(tf.keras.losses.Loss):
        def __init__(self, quantile=0.5, **kwargs):
            super().__init__(**kwargs)
            self.quantile = quantile

        def call(self, true, predicted):
            off = true - predicted
            return tf.reduce_mean(tf.maximum(self.quantile * off, (self.quantile - 1) * off), axis=-1)

    class Below(tf.keras.metrics.Metric):
        def __init__(self, name="below", **kwargs):
            super().__init__(name=name, **kwargs)
            self.count = self.add_weight(name="count", initializer="zeros")

        def update_state(self, true, predicted, sample_weight=None):
            self.count.assign_add(tf.reduce_sum(tf.cast(true < predicted, tf.float32)))

        def result(self):
            return self.count

    inputs = tf.keras.Input((2,))
    h = tf.keras.layers.Dense(6, "tanh")(inputs)
    quantiles = (0.1, 0.5, 0.9)
    model = tf.keras.Model(inputs, [tf.keras.layers.Dense(1, name=f"q{100 * q:.0f}")(h) for q in quantiles])
    model.compile("adam", [Pinball(q) for q in quantiles], metrics=[[Below()], [Below()], [Below()]])
    y = rows(20, 1)
    return model.fit(rows(20, 2), [y, y, y], epochs=2, batch_size=5, shuffle=False, verbose=0).history


@program
def attention_by_hand(tf: Any) -> Any:
    layers = tf.keras.layers

    class Attention(layers.Layer):
        def __init__(self, size, **kwargs):
            super().__init__(**kwargs)
            self.size = size
            self.query, self.key, self.value = (layers.Dense(size, use_bias=False) for _ in range(3))

        def call(self, x):
            scores = tf.matmul(self.query(x), self.key(x), transpose_b=True) / self.size**0.5
            return tf.matmul(tf.nn.softmax(scores), self.value(x))

    class Placed(layers.Layer):
        def __init__(self, length, words, size):
            super().__init__()
            self.word, self.place = layers.Embedding(words, size), layers.Embedding(length, size)

        def call(self, x):
            return self.word(x) + self.place(tf.range(tf.shape(x)[-1]))

    inputs = tf.keras.Input((6,))
    x = Placed(6, 20, 8)(inputs)
    x = layers.LayerNormalization(epsilon=1e-6)(x + Attention(8)(x))
    x = layers.Dropout(0.1)(layers.GlobalAveragePooling1D()(x))
    model = tf.keras.Model(inputs, layers.Dense(2, activation="softmax")(x))
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.summary()
    return model.fit(np.arange(96).reshape(16, 6) % 20, classes(16, 2), epochs=2, shuffle=False, verbose=0).history


# --- steps and loops of one's own ------------------------------------------------------------------------------------


@program
def loop_with_schedule_clipping_and_metrics(tf: Any) -> Any:
    rate = tf.keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=3, decay_rate=0.5, staircase=True)
    optimizer = tf.keras.optimizers.Adam(learning_rate=rate)
    model = tf.keras.Sequential([tf.keras.layers.Dense(8, activation="relu"), tf.keras.layers.Dense(3)])
    loss_of = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    mean, accuracy = tf.keras.metrics.Mean(), tf.keras.metrics.SparseCategoricalAccuracy()

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            logits = model(x, training=True)
            loss = loss_of(y, logits)
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, model.trainable_variables), 0.5)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        mean(loss)
        accuracy(y, logits)

    data = tf.data.Dataset.from_tensor_slices((rows(20, 4), classes(20))).batch(8)
    for epoch in range(3):
        for x, y in data:
            step(x, y)
        print(f"epoch {epoch}: loss {float(mean.result()):.4f}, accuracy {float(accuracy.result()):.2f}")
        mean.reset_state()
        accuracy.reset_state()
    return optimizer.iterations, optimizer.learning_rate, model.get_weights()


@program
def two_optimizers_in_a_step(tf: Any) -> Any:
    class Adversaries(tf.keras.Model):
        def __init__(self, judge, forger):
            super().__init__()
            self.judge, self.forger = judge, forger
            self.seeds = tf.keras.random.SeedGenerator(7)
            self.judged, self.forged = tf.keras.metrics.Mean(name="judge"), tf.keras.metrics.Mean(name="forger")

        def compile(self, optimizers, loss):
            super().compile()
            self.optimizers, self.loss_of = optimizers, loss

        @property
        def metrics(self):
            return [self.judged, self.forged]

        def train_step(self, real):
            n = tf.shape(real)[0]
            noise = tf.keras.random.normal((n, 3), seed=self.seeds)
            both_kinds = tf.concat([self.forger(noise), real], axis=0)
            labels = tf.concat([tf.ones((n, 1)), tf.zeros((n, 1))], axis=0)
            for part, metric, optimizer, data, truth in (
                (self.judge, self.judged, self.optimizers[0], None, labels),
                (self.forger, self.forged, self.optimizers[1], noise, tf.zeros((n, 1))),
            ):
                with tf.GradientTape() as tape:
                    loss = self.loss_of(truth, self.judge(both_kinds if data is None else self.forger(data)))
                variables = part.trainable_weights
                optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
                metric.update_state(loss)
            return {metric.name: metric.result() for metric in self.metrics}

    def net(width, units, name):
        slope = tf.keras.layers.LeakyReLU(negative_slope=0.2)
        body = [tf.keras.Input((width,)), tf.keras.layers.Dense(8), slope, tf.keras.layers.Dense(units)]
        return tf.keras.Sequential(body, name=name)

    model = Adversaries(net(2, 1, "judge"), net(3, 2, "forger"))
    optimizers = [tf.keras.optimizers.Adam(3e-3), tf.keras.optimizers.SGD(3e-3)]
    model.compile(optimizers, tf.keras.losses.BinaryCrossentropy(from_logits=True))
    return model.fit(rows(24, 2), epochs=2, batch_size=8, shuffle=False, verbose=0).history


@program
def variational_autoencoder(tf: Any) -> Any:
    class Sampled(tf.keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.seeds = tf.keras.random.SeedGenerator(7)

        def call(self, mean, log_variance):
            return mean + tf.exp(0.5 * log_variance) * tf.keras.random.normal(tf.shape(mean), seed=self.seeds)

    class Variational(tf.keras.Model):
        def __init__(self, encoder, decoder):
            super().__init__()
            self.encoder, self.decoder = encoder, decoder
            self.means = {name: tf.keras.metrics.Mean(name=name) for name in ("total", "fit", "divergence")}

        @property
        def metrics(self):
            return list(self.means.values())

        def train_step(self, x):
            with tf.GradientTape() as tape:
                mean, log_variance, z = self.encoder(x)
                fit = tf.reduce_mean(6 * tf.keras.losses.binary_crossentropy(x, self.decoder(z)))
                off = -0.5 * (1 + log_variance - tf.square(mean) - tf.exp(log_variance))
                divergence = tf.reduce_mean(tf.reduce_sum(off, axis=1))
                total = fit + divergence
            gradients = tape.gradient(total, self.trainable_weights)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
            for metric, value in zip(self.metrics, (total, fit, divergence), strict=True):
                metric.update_state(value)
            return {metric.name: metric.result() for metric in self.metrics}

    x = tf.keras.Input((6,))
    h = tf.keras.layers.Dense(5, activation="relu")(x)
    mean, log_variance = tf.keras.layers.Dense(2, name="mean")(h), tf.keras.layers.Dense(2, name="log_variance")(h)
    encoder = tf.keras.Model(x, [mean, log_variance, Sampled()(mean, log_variance)], name="encoder")
    z = tf.keras.Input((2,))
    model = Variational(encoder, tf.keras.Model(z, tf.keras.layers.Dense(6, activation="sigmoid")(z), name="decoder"))
    model.compile("adam")
    history = model.fit(rows(24, 6), epochs=2, batch_size=8, shuffle=False, verbose=0)
    return history.history, model.decoder.predict(np.array([[0.1, 0.2]]), verbose=0)


@program
def student_of_a_teacher(tf: Any) -> Any:
    class Distiller(tf.keras.Model):
        def __init__(self, student, teacher):
            super().__init__()
            self.student, self.teacher = student, teacher

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
            soft = tf.nn.softmax(self.teacher(x, training=False) / 3.0)
            near = tf.keras.losses.KLDivergence()(soft, tf.nn.softmax(y_pred / 3.0))
            hard = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)(y, y_pred)
            return 0.1 * hard + 0.9 * 9.0 * near

        def call(self, x):
            return self.student(x)

    teacher, student = (tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(3)]) for _ in range(2))
    model = Distiller(student, teacher)
    model.compile("adam", metrics=[tf.keras.metrics.SparseCategoricalAccuracy()])
    x, y = rows(20, 4), classes(20)
    before = teacher.get_weights()
    history = model.fit(x, y, epochs=2, shuffle=False, verbose=0)
    return (
        history.history,
        model.evaluate(x, y, verbose=0),
        [a - b for a, b in zip(before, teacher.get_weights(), strict=True)],
    )


@program
def derivatives_of_a_network(tf: Any) -> Any:
    layers = tf.keras.layers
    model = tf.keras.Sequential([tf.keras.Input((2,)), layers.Dense(6, activation="tanh"), layers.Dense(1)])
    x = tf.constant(rows(4, 2))
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = model(x)
        slopes = inner.gradient(y, x)
        penalty = tf.reduce_mean((tf.norm(slopes, axis=1) - 1.0) ** 2)
    curvature = outer.batch_jacobian(slopes, x)
    of_weights = outer.gradient(penalty, model.trainable_variables)
    with tf.GradientTape() as tape:
        y = model(x)
    jacobians = tape.jacobian(y, model.trainable_variables)
    return slopes, curvature, of_weights[:2], [each.shape.as_list() for each in jacobians]


@program
def values_of_actions(tf: Any) -> Any:
    model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(8, "elu"), tf.keras.layers.Dense(2)])
    target = tf.keras.models.clone_model(model)
    target.set_weights(model.get_weights())
    optimizer, mean_square = tf.keras.optimizers.Nadam(1e-2), tf.keras.losses.MeanSquaredError()
    losses = []
    for i in range(4):
        here, there, action, reward = rows(8, 3, seed=i), rows(8, 3, seed=9 + i), classes(8, 2), rows(8, seed=i)
        wanted = (reward + 0.95 * target.predict(there, verbose=0).max(axis=1)).reshape(-1, 1)
        with tf.GradientTape() as tape:
            value = tf.reduce_sum(model(here) * tf.one_hot(action, 2), axis=1, keepdims=True)
            loss = tf.reduce_mean(mean_square(wanted, value))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        losses.append(float(loss))
        for old, new in zip(target.variables, model.variables, strict=True):
            old.assign(0.9 * old + 0.1 * new)
    return losses, target.get_weights()


# --- data, callbacks, copies -----------------------------------------------------------------------------------------


@program
def pipelines_of_every_kind(tf: Any) -> Any:
    data = tf.data.Dataset.from_tensor_slices((rows(40, 3), classes(40, 2)))
    train = data.take(32).map(lambda x, y: (2.0 * x - 1.0, tf.cast(y, tf.float32))).cache().batch(8).prefetch(1)
    held = data.skip(32).batch(5)
    weighted = tf.data.Dataset.from_tensor_slices((rows(20, 3), classes(20, 2), rows(20))).batch(8)
    model = tf.keras.Sequential([tf.keras.layers.Dense(4, "relu"), tf.keras.layers.Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy", metrics=["accuracy", tf.keras.metrics.AUC(name="auc")])
    found = [model.fit(train, validation_data=held, epochs=2, verbose=0, shuffle=False).history]
    how = {"steps_per_epoch": 3, "validation_steps": 1, "shuffle": False, "verbose": 0}
    found.append(model.fit(train.repeat(), epochs=2, validation_data=held, **how).history)
    found.append(model.fit(weighted, verbose=0, shuffle=False).history)
    return found, model.evaluate(held, verbose=0, steps=1), model.predict(held.map(lambda x, y: x), verbose=0)


@program
def callback_that_finds_a_learning_rate(tf: Any) -> Any:
    class Finder(tf.keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.rates, self.losses = [], []

        def on_train_batch_end(self, batch, logs=None):
            rate = float(self.model.optimizer.learning_rate)
            self.rates.append(rate)
            self.losses.append(logs["loss"])
            self.model.optimizer.learning_rate = 1.5 * rate

        def on_epoch_end(self, epoch, logs=None):
            print(f"epoch {epoch}: {sorted(logs)}")
            logs["rate"] = self.rates[-1]

    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile(tf.keras.optimizers.SGD(1e-3), "mse", metrics=["mae"])
    finder = Finder()
    how = {"batch_size": 4, "epochs": 2, "shuffle": False, "verbose": 0}
    return model.fit(rows(24, 3), rows(24), callbacks=[finder], **how).history, finder.rates, finder.losses


@program
def stopped_in_time(tf: Any) -> Any:
    callbacks = tf.keras.callbacks
    model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(4, "relu"), tf.keras.layers.Dense(1)])
    model.compile(tf.keras.optimizers.SGD(0.6), "mse")
    watching = [
        callbacks.EarlyStopping(monitor="val_loss", patience=2, restore_best_weights=True, verbose=1),
        callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=1, verbose=1),
        callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, sorted(logs))),
    ]
    x, y = rows(30, 3), rows(30)
    history = model.fit(x, y, epochs=15, validation_split=0.3, shuffle=False, verbose=0, callbacks=watching)
    return history.epoch, history.history, model.evaluate(x, y, verbose=0)


@program
def averages_of_models(tf: Any) -> Any:
    x, y = rows(16, 4), rows(16, 1)
    models = []
    for seed in range(3):
        tf.keras.utils.set_random_seed(seed)
        model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(1)], name=f"member_{seed}")
        model.compile(tf.keras.optimizers.Adam(0.1), "mse")
        model.fit(x, y, epochs=2, shuffle=False, verbose=0)
        models.append(model)
    inputs = tf.keras.Input((4,))
    together = tf.keras.Model(inputs, tf.keras.layers.average([model(inputs) for model in models]), name="together")
    soup = tf.keras.models.clone_model(models[0])
    soup.set_weights(
        [np.mean(weights, axis=0) for weights in zip(*(model.get_weights() for model in models), strict=True)]
    )
    together.summary(expand_nested=True)
    return together.predict(x, verbose=0), soup.predict(x, verbose=0)


@program
def copies_and_pickles(tf: Any) -> Any:
    x, y = rows(12, 3), rows(12)
    model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(4, "relu"), tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    model.fit(x, y, shuffle=False, verbose=0)
    found = []
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        found.append((twin.evaluate(x, y, verbose=0), twin.fit(x, y, shuffle=False, verbose=0).history))
    return found, model.evaluate(x, y, verbose=0)


@program
def chances_from_a_seed(tf: Any) -> Any:
    tf.keras.utils.set_random_seed(1)
    starts = ["glorot_uniform", "he_normal", "lecun_uniform", "orthogonal", "truncated_normal", "variance_scaling"]
    kernels = []
    for start in starts:
        layer = tf.keras.layers.Dense(3, kernel_initializer=start)
        layer.build((None, 4))
        kernels.append(layer.kernel)
    model = tf.keras.Sequential([tf.keras.Input((8,)), tf.keras.layers.Dropout(0.5), tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(rows(16, 8), rows(16), batch_size=4, epochs=2, shuffle=False, verbose=0).history
    guesses = [model(rows(2, 8), training=True) for _ in range(3)]
    return kernels, history, guesses, tf.random.normal((2,)), np.random.rand()


@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_guide(program: Callable[[Any], Any], oracle: ModuleType) -> None:
    def afresh(tf: Any) -> Any:
        tf.keras.utils.clear_session(free_memory=False)
        tf.keras.utils.set_random_seed(2)
        result, said = aloud(program)(tf)
        return plain(result), said

    ours, _, theirs, _ = both(afresh, oracle)
    for outcome in (ours, theirs):
        if isinstance(outcome, Exception):
            raise outcome
    assert_same(ours[0], theirs[0])
    assert_reads_alike(ours[1], theirs[1])


MISTAKES = [
    ("mlp(loss='sparse_categorical_crossentropy', units=3).fit(X, H, verbose=0)", "tf.argmax(labels, -1)"),
    ("mlp(loss='categorical_crossentropy', units=3).fit(X, C, verbose=0)", "whose name begins with sparse"),
    ("mlp()(X[0])", "give x[tf.newaxis] for one sample"),
    ("L.Dense(3, activations='relu')", "Did you mean 'activation'?"),
    ("L.Dense(3).kernel", "You must build the layer before accessing `kernel`"),
    ("mlp(tf.keras.optimizers.Adam)", "make one: Adam()"),
    ("mlp(loss=lambda true, predicted: None).fit(X, Y, verbose=0)", "let it return a tensor"),
    ("mlp(loss=lambda true, predicted: np.mean(np.abs(X))).fit(X, Y, verbose=0)", "and not with NumPy"),
    ("Mute().fit_on(X, Y)", "the model's `call` returned None; let it return its outputs"),
    ("keras.Sequential([keras.Input((3,)), Mute(), L.Dense(1)])", "let the `call` of the layer before return"),
]
MUTE = """
class Mute(keras.Model):
    def call(self, x):
        x * 2

    def fit_on(self, x, y):
        self.compile("sgd", "mse")
        self.fit(x, y, verbose=0)
"""


@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
@pytest.mark.parametrize(("line", "hint"), MISTAKES)
def test_a_mistake_gets_kerass_class_of_error_and_a_hint(line: str, hint: str, oracle: ModuleType) -> None:
    import minitf

    ours, theirs = error(minitf, line, MUTE), error(oracle, line, MUTE)
    assert type(ours).__name__ == type(theirs).__name__
    assert hint in str(ours)
