"""Programs that put models together, fit them, and look at them."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np

from tests.differential.keras.guide import classes, program, rows

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
    model.compile(tf.keras.optimizers.Adam(1e-3), "binary_crossentropy", metrics=["accuracy"])
    return first, untouched, len(model.trainable_weights), model.fit(x, y, shuffle=False, verbose=0).history


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


@program
def one_layer_several_times(tf: Any) -> Any:
    x, y = rows(12, 4), rows(12)
    again = tf.keras.layers.Dense(4, activation="tanh")
    model = tf.keras.Sequential([tf.keras.Input((4,)), again, again, tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(x, y, epochs=2, shuffle=False, verbose=0).history
    inputs = tf.keras.Input((4,))
    graph = tf.keras.Model(inputs, again(again(inputs)), name="graph")
    graph.summary()
    return history, len(model.weights), model.count_params(), graph.predict(x, verbose=0)


@program
def other_work_inside_of_a_fit(tf: Any) -> Any:
    x, y = rows(12, 3), rows(12)

    def network():
        model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1, kernel_initializer="ones")])
        model.compile(tf.keras.optimizers.SGD(0.1), "mse", metrics=["mae"])
        return model

    class Busy(tf.keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            kernel = self.model.layers[0].kernel
            kernel.assign(0.9 * kernel)

        def on_epoch_end(self, epoch, logs=None):
            found.append((self.model.evaluate(x[:5], y[:5], verbose=0), self.model.predict(x[:1], verbose=0)))
            found.append(network().fit(x, y, shuffle=False, verbose=0).history)
            self.model.stop_training = epoch == 1

    found: list[Any] = []
    how = {"epochs": 5, "batch_size": 4, "validation_data": (x, y), "shuffle": False, "verbose": 0}
    return network().fit(x, y, callbacks=[Busy()], **how).history, found
