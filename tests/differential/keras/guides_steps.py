"""Programs with layers, losses, steps and loops of one's own."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.differential.keras.guide import classes, program, rows

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


@program
def layers_in_lists_that_grow(tf: Any) -> Any:
    class Growing(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.blocks, self.heads = [], {"a": tf.keras.layers.Dense(1)}
            self.last = tf.keras.layers.Dense(2)
            for units in (3, 4):
                self.blocks.append(tf.keras.layers.Dense(units, activation="relu"))
            self.heads["b"] = tf.keras.layers.Dense(5)

        def call(self, x):
            for block in self.blocks:
                x = block(x)
            return tf.concat([head(self.last(x)) for head in self.heads.values()], axis=-1)

    model = Growing()
    model(rows(2, 6))
    return [layer.name for layer in model.layers], model.get_weights()


@program
def eager_steps_to_look_into(tf: Any) -> Any:
    class Telling(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = tf.keras.layers.Dense(1)

        def call(self, x):
            return self.dense(x)

        def train_step(self, data):
            x, y = data
            print(f"{x.numpy().sum():.3f} {y.numpy().mean():.3f}")
            return super().train_step(data)

    model = Telling()
    model.compile("sgd", "mse", run_eagerly=True)
    return model.fit(rows(10, 2), rows(10, 1), batch_size=4, epochs=2, shuffle=False, verbose=0).history
