"""Models of every kind are put together, called, trained by steps of one's own, described and copied as Keras's are."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

import pytest

import minitf
from tests.differential.keras.lines import assert_line_is_kerass, run, surroundings

MORE = '''
class Net(keras.Model):
    """A subclassed model."""
    def __init__(self, units=4, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.first = L.Dense(units, activation="tanh")
        self.drop = L.Dropout(0.5, seed=1)
        self.last = L.Dense(1)

    def call(self, x, training=False):
        x = self.first(x)
        if training:
            x = self.drop(x, training=training)
        return self.last(x)

class Lists(keras.Model):
    """Layers in lists and dictionaries, and two outputs."""
    def __init__(self):
        super().__init__()
        self.stack = [L.Dense(3, "relu") for _ in range(2)]
        self.heads = {"p": L.Dense(1), "q": L.Dense(2)}

    def call(self, x):
        for layer in self.stack:
            x = layer(x)
        return {name: head(x) for name, head in self.heads.items()}

class Inner(keras.Model):
    """A model inside of a model, and a variable of its own."""
    def __init__(self):
        super().__init__()
        self.net = Net()
        self.scale = self.add_weight(shape=(), initializer="ones", name="scale")

    def call(self, x, training=None):
        return self.net(x, training=training) * self.scale

class Custom(keras.Model):
    """A step of one's own, as guides to Keras write it: loss and metrics of compile."""
    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(y=y, y_pred=y_pred)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}

class Weighted(keras.Model):
    """A step of one's own that takes weights."""
    def train_step(self, data):
        if len(data) == 3:
            x, y, sample_weight = data
        else:
            sample_weight = None
            x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(y=y, y_pred=y_pred, sample_weight=sample_weight)
        trainable_vars = self.trainable_variables
        gradients = tape.gradient(loss, trainable_vars)
        self.optimizer.apply_gradients(zip(gradients, trainable_vars))
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred, sample_weight=sample_weight)
        return {m.name: m.result() for m in self.metrics}

    def test_step(self, data):
        x, y = data[:2]
        y_pred = self(x, training=False)
        loss = self.compute_loss(y=y, y_pred=y_pred)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}

class Own(keras.Model):
    """A step of one's own with its own loss and metrics, without those of compile."""
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.mae_metric = keras.metrics.MeanAbsoluteError(name="mae")
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.loss_fn = keras.losses.MeanSquaredError()

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.loss_fn(y, y_pred)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        self.loss_tracker.update_state(loss)
        self.mae_metric.update_state(y, y_pred)
        return {"loss": self.loss_tracker.result(), "mae": self.mae_metric.result()}

    @property
    def metrics(self):
        return [self.loss_tracker, self.mae_metric]

class TwoFold(keras.Model):
    """Alternating optimizers and a result that is no metric, as models that play against each other have."""
    def compile(self, first, second, loss_fn):
        super().compile()
        self.first_optimizer, self.second_optimizer, self.loss_fn = first, second, loss_fn

    def train_step(self, data):
        x, y = data
        results = {}
        for i, optimizer in enumerate((self.first_optimizer, self.second_optimizer)):
            variables = self.layers[i + 1].trainable_variables
            with tf.GradientTape() as tape:
                loss = self.loss_fn(y, self(x, training=True))
            optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
            results[f"loss_{i}"] = loss
        return results

class Sampling(L.Layer):
    """Draws around a mean, as variational autoencoders do."""
    def __init__(self):
        super().__init__()
        self.seed_generator = keras.random.SeedGenerator(7)

    def call(self, inputs):
        mean, log_variance = inputs
        return mean + tf.exp(0.5 * log_variance) * keras.random.normal(tf.shape(mean), seed=self.seed_generator)

class Autoencoder(keras.Model):
    """Two models inside, and a step that is given x alone."""
    def __init__(self):
        super().__init__()
        x, z = keras.Input((3,)), keras.Input((2,))
        mean, log_variance = L.Dense(2)(x), L.Dense(2)(x)
        self.encoder = keras.Model(x, [mean, log_variance, Sampling()([mean, log_variance])])
        self.decoder = keras.Model(z, L.Dense(3)(z))
        self.total, self.divergence = keras.metrics.Mean(name="total"), keras.metrics.Mean(name="divergence")

    def train_step(self, data):
        with tf.GradientTape() as tape:
            mean, log_variance, z = self.encoder(data)
            divergence = -0.5 * tf.reduce_mean(1 + log_variance - tf.square(mean) - tf.exp(log_variance))
            loss = tf.reduce_mean(keras.losses.MSE(data, self.decoder(z))) + divergence
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights))
        self.total.update_state(loss)
        self.divergence.update_state(divergence)
        return {"total": self.total.result(), "divergence": self.divergence.result()}

    @property
    def metrics(self):
        return [self.total, self.divergence]

class Adversaries(keras.Model):
    """Two models that play against each other, on draws made in the step."""
    def __init__(self):
        super().__init__()
        self.judge = keras.Sequential([keras.Input((3,)), L.Dense(4), L.LeakyReLU(negative_slope=0.2), L.Dense(1)])
        self.forger = keras.Sequential([keras.Input((2,)), L.Dense(3)])
        self.seed_generator, self.loss_fn = keras.random.SeedGenerator(7), keras.losses.BinaryCrossentropy(True)

    def compile(self, judge, forger):
        super().compile()
        self.judge_optimizer, self.forger_optimizer = judge, forger
        self.judged, self.forged = keras.metrics.Mean(name="judged"), keras.metrics.Mean(name="forged")

    def improve(self, optimizer, model, truth, x, metric):
        with tf.GradientTape() as tape:
            loss = self.loss_fn(truth, self.judge(x()))
        gradients = tape.gradient(loss, model.trainable_weights)
        optimizer.apply_gradients(zip(gradients, model.trainable_weights))
        metric.update_state(loss)

    def train_step(self, real):
        n = tf.shape(real)[0]
        z = keras.random.normal((n, 2), seed=self.seed_generator)
        both = tf.concat([self.forger(z), real], axis=0)
        truth = tf.concat([tf.ones((n, 1)), tf.zeros((n, 1))], axis=0)
        truth += 0.05 * keras.random.uniform(tf.shape(truth), seed=self.seed_generator)
        self.improve(self.judge_optimizer, self.judge, truth, lambda: both, self.judged)
        self.improve(self.forger_optimizer, self.forger, tf.zeros((n, 1)), lambda: self.forger(z), self.forged)
        return {"judged": self.judged.result(), "forged": self.forged.result()}

    @property
    def metrics(self):
        return [self.judged, self.forged]

class Penalised(keras.Model):
    """A loss of one's own."""
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        loss = super().compute_loss(x, y, y_pred, sample_weight)
        return loss + 0.1 * tf.reduce_mean(tf.square(y_pred))

class Extended(keras.Model):
    """Metrics of one's own."""
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.extra = keras.metrics.Mean(name="extra")

    def compute_metrics(self, x, y, y_pred, sample_weight):
        results = super().compute_metrics(x, y, y_pred, sample_weight)
        self.extra.update_state(tf.reduce_max(y_pred))
        results["extra"] = self.extra.result()
        return results

    def get_metrics_result(self):
        results = super().get_metrics_result()
        results["extra"] = self.extra.result()
        return results

class Predicting(keras.Model):
    """Another answer to predict."""
    def predict_step(self, data):
        return {"twice": 2 * self(data, training=False)}

class Activity(L.Layer):
    """A loss and a metric inside of a layer."""
    def __init__(self, rate=0.1, **kwargs):
        super().__init__(**kwargs)
        self.rate = rate
        self.size = keras.metrics.Mean(name="size")

    def call(self, x):
        self.add_loss(self.rate * tf.reduce_mean(tf.square(x)))
        self.size.update_state(tf.reduce_mean(tf.abs(x)))
        return x

    def get_config(self):
        return {**super().get_config(), "rate": self.rate}

class Deciding(keras.Model):
    """A call with a decision that depends on the data."""
    def __init__(self):
        super().__init__()
        self.dense = L.Dense(1)

    def call(self, x):
        y = self.dense(x)
        return tf.where(tf.reduce_sum(y) > 0, y, -y)

class Counted(L.Layer):
    """A layer with a count of its calls in training."""
    def build(self, input_shape):
        self.count = self.add_weight(shape=(), initializer="zeros", trainable=False, name="count")

    def call(self, x, training=None):
        if training:
            self.count.assign_add(1.0)
        return x

def ends(units=1, size=3):
    x = keras.Input((size,), name="x")
    h = L.Dense(4, "tanh", name="hidden")(x)
    return x, L.Dense(units, name="answer")(h)

def trained(model, *data, **how):
    how.setdefault("metrics", ["mae"])
    kept = {name: how.pop(name) for name in [*how] if name not in ("metrics", "loss", "optimizer")}
    model.compile(how.get("optimizer", "sgd"), how.get("loss", "mse"), metrics=how["metrics"])
    epoch, history, weights = fit(*(data or (X, Y)), model=model, **kept)
    return epoch, dict(sorted(history.items())), weights

def straight(*layers, size=3):
    x = y = keras.Input((size,), name="x")
    for layer in layers:
        y = layer(y)
    return keras.Model(x, y, name="straight")

def branched():
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    shared = L.Dense(4, "tanh", name="shared")
    left, right = shared(a), shared(L.Dense(3, name="widen")(b))
    joined = L.Concatenate(name="both")([left, right, left * right])
    return keras.Model([a, b], L.Dense(1, name="out")(joined), name="branched")

def keyed():
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    y = L.Dense(1, name="out")(L.Concatenate(name="both")([a, b]))
    return keras.Model({"a": a, "b": b}, {"y": y, "z": y + 1.0}, name="keyed")
'''
CALLED = [
    "straight(L.Dense(2))(X)", "m = branched(); m([X, Z]), m((X, Z)), m({'a': X, 'b': Z})", "keyed()({'a': X, 'b': Z})",
    "keyed()({'b': Z, 'a': X})", "branched().predict([X, Z], verbose=0)", "keyed().predict({'b': Z, 'a': X}, 7, 0)",
    "branched().predict({'a': X, 'b': Z}, verbose=0)", "Net()(X), Net()(tf.constant(X), training=True)",
    "Net().predict(X, 7, 0)", "Lists()(X)", "Lists().predict(X, 9, 0)", "Inner()(X)", "Inner().predict(X, verbose=0)",
    "m = straight(L.Dense(1)); m(X[:, :, None])", "m = straight(L.Dense(2), size=1); m(X[:, 0])",
    "m = straight(L.Rescaling(0.5, 1.0), L.Flatten(), L.Dense(2)); m.predict(X, 6, 0)",
    "x = keras.Input((3,)); m = keras.Model(x, [x, x * 2, 3 - x, x / 2, -x, x[:, 0], x ** 2, abs(x)]); m(X)",
    "x = keras.Input((3,)); m = keras.Model(x, {'s': x + x, 't': [x * x]}); m(X)",
    "m = straight(L.BatchNormalization(), L.Dropout(0.5, seed=3)); m(X), m(X, training=True), m(X, training=False)",
    "m = keras.Sequential([keras.Sequential([L.Dense(2)]), L.Dense(1)]); m(X), len(m.weights)",
    "m = keras.Sequential([straight(L.Dense(2)), L.Dense(1)]); m(X), [w.path for w in m.weights]",
    "m = keras.Sequential([L.Embedding(6, 2), L.Flatten(), L.Dense(1)]); m(I), m.predict(I, 5, 0)",
    "m = straight(straight(L.Dense(2)), L.Dense(1)); m(X), [w.path for w in m.weights], [l.name for l in m.layers]",
    "s = keras.Sequential(); s.add(keras.Input((3,))); s.add(L.Dense(2)); s.add(L.Dense(1)); s(X), s.pop().name, s(X)",
    "m = keras.Model(*ends()); inner = keras.Model(m.input, m.get_layer('hidden').output); "
    "inner(X), inner.predict(X[:2], verbose=0)",
    "m = keras.Sequential([keras.Input((3,)), L.Dense(4), L.Dense(1)]); keras.Model(m.inputs, m.layers[0].output)(X)",
    "m = keras.Sequential([keras.Input((3,)), L.Dense(4), L.Dense(1)]); "
    "keras.Model(m.inputs, [l.output for l in m.layers])(X)",
    "m = keras.Model(*ends()); tail = keras.Model(m.get_layer('hidden').output, m.output); tail(np.ones((2, 4), 'f'))",
    "m = keras.Model(*ends(), name='n'); m.name, m(X)", "m = mlp(); keras.models.clone_model(m)(X)",
]  # fmt: skip
ASKED = [
    "m = keras.Model(*ends()); m.count_params(), [l.name for l in m.layers], m.get_layer('hidden').name, "
    "m.get_layer(index=2).name",
    "m = keras.Model(*ends()); m.input_shape, m.output_shape, m.output_names, m.name",
    "m = keras.Model(*ends()); m.input.name, tuple(m.output.shape), [i.name for i in m.inputs], len(m.outputs), "
    "m.built",
    "m = branched(); m.input_shape, m.output_shape, [l.name for l in m.layers], m.count_params(), len(m.weights)",
    "m = keyed(); [l.name for l in m.layers], m.count_params(), m.output_names, sorted(m.input)",
    "m = mlp(); m.input_shape, m.output_shape, [l.name for l in m.layers], [w.path for w in m.weights], m.name, "
    "m.built",
    "m = keras.Sequential([L.Dense(2)], name='s'); m.built, len(m.weights), [l.built for l in m.layers], m.name",
    "m = Net(); m(X); m.count_params(), [l.name for l in m.layers], [w.path for w in m.weights], m.name, m.built",
    "m = Inner(); m(X); [w.path for w in m.weights], len(m.trainable_weights), [l.name for l in m.layers], "
    "m.count_params()",
    "m = Lists(); m(X); [w.path for w in m.weights], [l.name for l in m.layers], m.count_params()",
    "m = Net(); m.built, len(m.weights)",
    "m = keras.Sequential([L.Dense(2)]); m.build((None, 3)); m.built, m.count_params(), m.input_shape",
    "m = straight(L.BatchNormalization(), L.Dense(1)); "
    "[len(w) for w in (m.weights, m.trainable_weights, m.non_trainable_weights)]",
    "m = straight(L.BatchNormalization(), L.Dense(1)); m.trainable = False; "
    "len(m.trainable_weights), len(m.non_trainable_weights)",
    "m = straight(L.Dense(2), L.Dense(1)); m.layers[1].trainable = False; [w.path for w in m.trainable_weights]",
    "m = straight(L.Dense(2, kernel_regularizer='l2'), Activity()); m(X); m.losses, [x.name for x in m.metrics]",
    "m = mlp(); m.get_weights(), m.set_weights([w + 1 for w in m.get_weights()]), m(X)",
    "m = mlp(); [type(l).__name__ for l in m.layers], m.layers[0].input.shape, m.layers[0].output.shape, "
    "m.stop_training",
    "keras.Model(*ends()).compute_output_shape((5, 3)), mlp().compute_output_shape((5, 3)), "
    "mlp().compute_output_shape((None, 3))",
    "m = keras.Sequential([keras.Input((3,)), L.Dense(2, name='d')]); m.add(L.Dense(1, name='e')); "
    "m.output_shape, m.count_params()",
    "m = mlp(); m.pop(); m.output_shape, m.count_params(), len(m.layers)",
    "keras.Sequential().layers, keras.Sequential().built",
    "[keras.Sequential().name for _ in range(3)], Net().name, Net().name, Net(name='other').name, "
    "[L.Dense(1).name for _ in '12']",
]  # fmt: skip
TRAINED = [
    "m = Autoencoder(); m.compile('adam'); fit(X, model=m)[1]",
    "m = Adversaries(); m.compile(*(keras.optimizers.Adam() for _ in 'ab')); fit(X, model=m)[1]",
    "trained(keras.Model(*ends()), epochs=5)", "trained(branched(), [X, Z], Y)",
    "trained(branched(), {'a': X, 'b': Z}, Y)",
    "trained(branched(), tf.data.Dataset.from_tensor_slices(((X, Z), Y)).batch(6))",
    "trained(branched(), tf.data.Dataset.from_tensor_slices(({'a': X, 'b': Z}, Y)).batch(6))",
    "trained(branched(), ((x, y) for x, y in [((X, Z), Y), ((X, Z), Y)]), steps_per_epoch=2, epochs=1)",
    "trained(keyed(), {'a': X, 'b': Z}, {'y': Y, 'z': Y}, metrics=None, loss={'y': 'mse', 'z': 'mae'})",
    "trained(keyed(), {'a': X, 'b': Z}, {'y': Y, 'z': Y}, metrics=None, validation_split=0.3)",
    "trained(branched(), [X, Z], Y, validation_split=0.3, sample_weight=W)",
    "trained(Net(), epochs=5, validation_data=(V, U))", "trained(Inner(), epochs=3)",
    "trained(Lists(), X, {'p': Y, 'q': Z}, metrics=None)",
    "trained(Lists(), X, {'p': Y, 'q': Z}, metrics={'p': ['mae'], 'q': ['mse']}, loss={'p': 'mse', 'q': 'mae'})",
    "trained(Custom(*ends()))", "trained(Custom(*ends()), metrics=None)", "trained(Weighted(*ends()), sample_weight=W)",
    "trained(Weighted(*ends()), validation_data=(V, U))",
    "m = Custom(*ends()); trained(m), m.metrics_names, m.evaluate(X, Y, verbose=0)",
    "m = Own(*ends()); m.compile('adam'); fit(X, Y, model=m), m.metrics_names, fit(X, Y, model=m)[1]",
    "m = TwoFold(*ends()); m.compile(keras.optimizers.SGD(0.1), keras.optimizers.Adam(0.1), "
    "keras.losses.MeanSquaredError()); fit(X[:16], Y[:16], model=m)",
    "trained(Penalised(*ends()), validation_data=(V, U))", "trained(Extended(*ends()), validation_data=(V, U))",
    "m = Predicting(*ends()); m.predict(X, 7, 0)",
    "trained(straight(L.Dense(3), Activity(), L.Dense(1)), validation_data=(V, U))",
    "trained(straight(L.Dense(3), Activity()), X, X, loss=None, metrics=None)", "trained(Deciding())",
    "m = straight(Counted(), L.Dense(1)); trained(m), m.layers[1].count",
    "trained(straight(L.Dense(4, 'relu', kernel_regularizer='l2', bias_regularizer='l1', "
    "activity_regularizer='l2'), L.Dense(1)))",
    "trained(straight(L.Dense(4, kernel_constraint='max_norm', bias_constraint='non_neg'), L.Dense(1)), "
    "optimizer='adam')",
    "trained(straight(L.Dropout(0.5, seed=3), L.Dense(1)), epochs=3)",
    "trained(straight(L.BatchNormalization(), L.Dense(1)), epochs=3)",
    "trained(straight(L.LayerNormalization(), L.Dense(1)))",
    "trained(keras.Sequential([L.Embedding(6, 2), L.Flatten(), L.Dense(1)]), I, Y)",
    "n = L.Normalization(); n.adapt(X); trained(keras.Sequential([n, L.Dense(1)]))",
    "trained(straight(L.Lambda(lambda x: x * 2), L.Dense(1)))",
    "m = straight(straight(L.Dense(2), L.BatchNormalization()), L.Dense(1)); trained(m, epochs=3)",
    "a = L.Dense(3); m, n = straight(a, L.Dense(1)), straight(a, L.Dense(1)); trained(m), trained(n), trained(m)",
    "m = keras.Model(*ends()); h = keras.Model(m.input, m.get_layer('hidden').output); "
    "trained(m), h.predict(X, verbose=0)",
    "m = keras.Model(*ends()); m.get_layer('hidden').trainable = False; trained(m)",
    "b = straight(L.Dense(3, 'tanh'), L.BatchNormalization()); b.trainable = False; m = straight(b, L.Dense(1)); "
    "trained(m), len(m.trainable_weights)",
    "m = keras.Model(*ends()); m.trainable = False; m.compile('sgd', 'mse'); m.evaluate(X, Y, verbose=0)",
    "m = keras.Sequential([keras.Input((3,)), L.Dense(1, dtype='float64')]); m.compile('sgd', 'mse'); "
    "m.evaluate(X, Y, verbose=0)",
]  # fmt: skip
COPIED = [
    "m = mlp(); n = keras.Sequential.from_config(m.get_config()); n.set_weights(m.get_weights()); n(X), n.name",
    "m = branched(); n = keras.Model.from_config(m.get_config()); n.set_weights(m.get_weights()); "
    "n([X, Z]), n.name, m([X, Z])",
    "m = keyed(); n = keras.models.model_from_json(m.to_json()); n.set_weights(m.get_weights()); n({'a': X, 'b': Z})",
    "m = mlp(); n = copy.deepcopy(m); fit(X, Y, model=m); n(X), m(X)",
    "m = mlp(); n = pickle.loads(pickle.dumps(m)); n(X)",
    "m = mlp('adam'); fit(X, Y, model=m); n = pickle.loads(pickle.dumps(m)); "
    "n(X), n.optimizer.iterations, fit(X, Y, model=n)",
    "m = mlp('adam'); fit(X, Y, model=m); n = copy.deepcopy(m); n(X), fit(X, Y, model=n)",
    "m = branched(); n = copy.deepcopy(m); n([X, Z])",
    "class My(keras.Model):\n  def __init__(self, size=3, **kw):\n    x, y = ends(size=size)\n"
    "    super().__init__(inputs=x, outputs=y, **kw)\nm = My(); "
    "trained(m), m.count_params(), [l.name for l in m.layers]",
    "class My(keras.Model):\n  def __init__(self):\n    x = keras.Input((3,))\n"
    "    super().__init__(x, L.Dense(1, name='d')(x), name='mine')\nm = My(); "
    "trained(m), m.name, [l.name for l in m.layers]",
]  # fmt: skip
DESCRIBED = {  # whose configs are Keras's own, and understood by both sides
    "sequential":
        "keras.Sequential([keras.Input((3,)), L.Dense(4, 'relu'), L.Dropout(0.1, seed=2), L.Dense(1)], name='s')",
    "not built": "keras.Sequential([L.Dense(4, 'relu'), L.Dense(1)], name='s')",
    "built": "m = keras.Sequential([L.Dense(4, 'relu'), L.Dense(1)], name='s'); m(X); m",
    "functional": "keras.Model(*ends(), name='f')",
    "branched": "branched()",
    "keyed": "keyed()",
    "compiled": "m = branched(); m.compile(keras.optimizers.Adam(0.1), 'mse', metrics=['mae']); m",
    "nested": "straight(keras.Sequential([L.Dense(2)], name='i'), L.Dense(1, name='o'))",
    "operators": "x = keras.Input((3,), name='x'); keras.Model(x, [1.0 - x[:, :2], x / 2 + x], name='ops')",
    "shared":
        "x = keras.Input((3,), name='x'); d = L.Dense(3, name='d'); keras.Model(x, [d(d(x)), d(x)], name='twice')",
    "settings": (
        "straight(L.Dense(2, kernel_regularizer=keras.regularizers.L2(0.1), bias_constraint='non_neg', "
        "name='d'), L.BatchNormalization(momentum=0.5, name='b'), L.Reshape((1, 2), name='r'), "
        "L.Flatten(name='f'), L.Rescaling(2.0, name='z'))"
    ),
    "unused input": (
        "x, y = keras.Input((3,), name='x'), keras.Input((2,), name='y'); "
        "keras.Model([x, y], L.Dense(1, name='d')(x), name='u')"
    ),
    "integers":
        "i = keras.Input((4,), dtype='int32', name='i'); keras.Model(i, L.Embedding(6, 2, name='e')(i), name='m')",
}  # fmt: skip


@pytest.mark.parametrize("line", [*CALLED, *ASKED, *TRAINED, *COPIED])
def test_a_line_gives_what_keras_gives(line: str, oracle: ModuleType) -> None:
    assert_line_is_kerass(line, oracle, MORE)


def unmasked(config: Any) -> Any:
    """Leave out the masks that Keras notes at calls, None throughout."""
    if isinstance(config, dict):
        return {name: unmasked(each) for name, each in config.items() if (name, each) != ("mask", None)}
    return [unmasked(each) for each in config] if isinstance(config, list) else config


@pytest.mark.parametrize("name", DESCRIBED)
def test_the_config_of_a_model_is_kerass_and_goes_both_ways(name: str, oracle: ModuleType) -> None:
    def made(tf: Any) -> Any:
        return run(DESCRIBED[name], surroundings(tf, MORE))

    ours, theirs = made(minitf), made(oracle)
    mine, its = json.loads(ours.to_json()), json.loads(theirs.to_json())
    assert unmasked(mine) == unmasked(its)
    ours_again = minitf.keras.models.model_from_json(json.dumps(its))
    theirs_again = oracle.keras.models.model_from_json(json.dumps(mine))
    assert unmasked(json.loads(ours_again.to_json())) == unmasked(json.loads(theirs_again.to_json()))
    assert [tuple(w.shape) for w in ours_again.weights] == [tuple(w.shape) for w in theirs_again.weights]
