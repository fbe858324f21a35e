"""Trainings and loops on several logical CPU devices: run as a program, because TensorFlow makes them when it starts.

Writes what each scene found to a file, by the names of scene and strategy.
"""

from __future__ import annotations

import contextlib
import pickle
import sys
from typing import Any

import numpy as np

import minitf as tf

RNG = np.random.default_rng(0)
X, LABELS, WEIGHTS = RNG.normal(size=(50, 6)).astype("f4"), RNG.integers(0, 3, 50), RNG.random(50).astype("f4")
Y = X[:, :2] + 1


def scope(strategy: Any) -> Any:
    tf.keras.utils.set_random_seed(1)
    return contextlib.nullcontext() if strategy is None else strategy.scope()


def classifier() -> Any:
    dense = tf.keras.layers.Dense
    return tf.keras.Sequential([tf.keras.Input((6,)), dense(8, "relu", kernel_regularizer="l2"), dense(3)])


# --- scenes: a function of a strategy, or of None for a single device ------------------------------------------------


def weighted(strategy: Any) -> Any:
    """Train by Adam, with sample weights, a validation, and batches that do not divide; 49 leave one sample over."""
    with scope(strategy):
        model = classifier()
        loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(
            tf.keras.optimizers.Adam(0.01), loss, metrics=["accuracy"], weighted_metrics=["accuracy"], jit_compile=False
        )
    history = model.fit(
        X, LABELS, batch_size=18, epochs=2, verbose=0, sample_weight=WEIGHTS, validation_split=0.2
    ).history
    evaluated = model.evaluate(X, LABELS, verbose=0, batch_size=49, return_dict=True)
    on_batch = model.train_on_batch(X[:5], LABELS[:5], return_dict=True)
    return history, evaluated, on_batch, model.predict(X, verbose=0, batch_size=17), model.get_weights()


def momentum(strategy: Any) -> Any:
    """Train by SGD with momentum and clipping on a dataset, with a loss that divides by weights, and one that sums."""
    found = []
    for reduction in ("mean_with_sample_weight", "sum"):
        with scope(strategy):
            model = classifier()
            loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction=reduction)
            optimizer = tf.keras.optimizers.SGD(0.01, momentum=0.9, nesterov=True, global_clipnorm=1.0)
            model.compile(optimizer, loss, jit_compile=False, steps_per_execution=2)
        batches = tf.data.Dataset.from_tensor_slices((X, LABELS, WEIGHTS)).batch(20)
        found += [model.fit(batches, epochs=2, verbose=0).history, model.get_weights()]
    return found


def several_outputs(strategy: Any) -> Any:
    """Train a model with two outputs, whose losses are logged one by one, as programs that XLA compiles."""
    with scope(strategy):
        inputs = tf.keras.Input((6,))
        outputs = {name: tf.keras.layers.Dense(2, name=name)(inputs) for name in ("a", "b")}
        model = tf.keras.Model(inputs, outputs)
        model.compile("adam", {"a": "mse", "b": "mae"}, loss_weights={"a": 1.0, "b": 0.5})
    return model.fit(X, {"a": Y, "b": -Y}, batch_size=25, epochs=2, verbose=0).history, model.get_weights()


def normalized(strategy: Any, synchronized: bool) -> Any:
    """Train with BatchNormalization; return history, what is trained, and the moving averages."""
    with scope(strategy):
        layer = tf.keras.layers.BatchNormalization(momentum=0.5, synchronized=synchronized)
        model = tf.keras.Sequential(
            [tf.keras.Input((6,)), layer, tf.keras.layers.Dense(2, "relu"), tf.keras.layers.Dense(2)]
        )
        model.compile(tf.keras.optimizers.SGD(0.1), "mse", jit_compile=False)
    history = model.fit(X[:40], Y[:40], batch_size=20, epochs=2, shuffle=False, verbose=0).history
    trained = [each.numpy() for each in model.trainable_variables]
    return history, trained, layer.moving_mean.numpy(), layer.moving_variance.numpy()


def normalized_by_keras(strategy: Any, start: list[Any]) -> Any:
    """Do the same with Keras under TensorFlow's own strategy, from given weights."""
    import keras

    with strategy.scope():
        layers = keras.layers
        model = keras.Sequential(
            [keras.Input((6,)), layers.BatchNormalization(momentum=0.5), layers.Dense(2, "relu"), layers.Dense(2)]
        )
        model.set_weights(start)
        model.compile(keras.optimizers.SGD(0.1), "mse")
    history = model.fit(X[:40], Y[:40], batch_size=20, epochs=2, shuffle=False, verbose=0).history
    return history, [each.numpy() for each in model.trainable_variables]


def loop(strategy: Any) -> Any:
    """Train with a loop of one's own, as TensorFlow's guide to distributed training has it."""
    single = strategy is None
    strategy = strategy or tf.distribute.get_strategy()
    with scope(strategy):
        model = classifier()
        optimizer = tf.keras.optimizers.Adam(0.01)
        loss_object = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")
        accuracy = tf.keras.metrics.SparseCategoricalAccuracy()
    dataset = strategy.experimental_distribute_dataset(tf.data.Dataset.from_tensor_slices((X, LABELS)).batch(20))

    def train_step(inputs: Any) -> Any:
        x, labels = inputs
        with tf.GradientTape() as tape:
            predictions = model(x, training=True)
            loss = tf.nn.compute_average_loss(loss_object(labels, predictions), global_batch_size=20)
            loss += tf.nn.scale_regularization_loss(tf.add_n(model.losses))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        accuracy.update_state(labels, predictions)
        return loss

    @tf.function
    def distributed_train_step(inputs: Any) -> Any:
        losses = strategy.run(train_step, args=(inputs,))
        return strategy.reduce(tf.distribute.ReduceOp.SUM, losses, axis=None)

    found = []
    for _ in range(2):
        accuracy.reset_state()
        losses = [float(distributed_train_step(batch)) for batch in dataset]
        found.append((losses, float(accuracy.result())))
    traced = 0 if single else distributed_train_step.experimental_get_tracing_count()
    return (found, model.get_weights()), traced


def alike(api: Any, strategy: Any) -> Any:
    """Do what minitf and TensorFlow do alike: `api` is one of them."""
    names = ("none", "sum", "mean", "only_first_replica")
    with strategy.scope():
        counters = [
            api.Variable(10.0, aggregation=getattr(api.VariableAggregation, name.upper()), trainable=False)
            for name in names
        ]
        w = api.Variable(2.0, aggregation=api.VariableAggregation.SUM)
        inside = api.distribute.in_cross_replica_context(), api.distribute.get_replica_context()
        same = api.distribute.get_strategy() is strategy

    @api.function
    def step(x: Any) -> Any:
        context = api.distribute.get_replica_context()
        factor = api.cast(context.replica_id_in_sync_group, api.float32) + 1
        for counter in counters:
            counter.assign_add(factor)
        with api.GradientTape() as tape:
            y = factor * context.all_reduce("sum", factor * w)
        gradient = tape.gradient(y, w)
        w.assign(factor * 10)
        return {
            "number": context.replica_id_in_sync_group, "x": x, "gradient": gradient,
            "sum": context.all_reduce("SUM", factor),
            "mean": context.all_reduce(api.distribute.ReduceOp.MEAN, [factor, 2 * factor]),
            "average": api.nn.compute_average_loss([factor, 1.0]),
            "weighted": api.nn.compute_average_loss([factor, 1.0], sample_weight=[1.0, 0.5], global_batch_size=8),
            "regularization": api.nn.scale_regularization_loss(api.constant([1.0, 2.0])),
            "in replica": api.constant(api.distribute.in_cross_replica_context()),
        }  # fmt: skip

    (x,) = strategy.experimental_distribute_dataset(api.data.Dataset.range(5).batch(5))
    found = strategy.run(step, args=(x,))

    def local(value: Any) -> list[Any]:
        return [np.asarray(each).tolist() for each in strategy.experimental_local_results(value)]

    @api.function
    def doubled(x: Any) -> Any:
        return strategy.run(lambda y: y * 2, args=(x,))

    told = strategy.experimental_distribute_values_from_function(lambda context: 2 * context.replica_id_in_sync_group)
    return {
        "per replica": {name: [local(each) for each in api.nest.flatten(value)] for name, value in found.items()},
        "reduced": [strategy.reduce(how, x, axis=0).numpy().tolist() for how in ("SUM", "MEAN")],
        "counters": [float(counter.numpy()) for counter in counters],
        "returned": [local(doubled(x)) for _ in range(2)],
        "assigned": float(w.numpy()), "inside": inside, "same": same, "told": [int(each) for each in told.values],
    }  # fmt: skip


def draws(strategy: Any) -> Any:
    """Let each replica draw."""
    dropout = tf.keras.layers.Dropout(0.5, seed=1)
    found = strategy.run(lambda: (dropout(tf.ones(64), training=True), tf.random.uniform([4])))
    return [[np.asarray(each) for each in strategy.experimental_local_results(drawn)] for drawn in found]


def batches_from_function(strategy: Any) -> Any:
    """Let a function make the dataset of a worker."""
    contexts = []

    def made(context: Any) -> Any:
        contexts.append(tuple(context))
        return tf.data.Dataset.range(3).batch(1)

    batches = strategy.distribute_datasets_from_function(made)
    return contexts, [
        [part.numpy().tolist() for part in strategy.experimental_local_results(batch)] for batch in batches
    ]


def mistakes(strategy: Any) -> Any:
    """Collect the sentences that wrong uses get."""

    def looks(x: Any) -> Any:
        return x if x > 0 else -x

    def taped() -> Any:
        with tf.GradientTape():
            strategy.run(lambda: tf.constant(1.0))

    def averaged_outside() -> Any:
        with strategy.scope():
            tf.nn.compute_average_loss([1.0])

    context = tf.distribute.get_replica_context()
    x = strategy.experimental_distribute_values_from_function(lambda context: tf.constant(1.0))
    wrong = {
        "no function": lambda: strategy.run(3),
        "looks at a value": lambda: strategy.run(looks, args=(x,)),
        "nested": lambda: strategy.run(lambda: strategy.run(lambda: tf.constant(1.0))),
        "taped": taped,
        "no dataset": lambda: strategy.experimental_distribute_dataset([1, 2]),
        "no reduction": lambda: strategy.reduce("max", x, axis=None),
        "merged": lambda: context.merge_call(print),
        "averaged outside": averaged_outside,
    }
    found = {}
    for name, do in wrong.items():
        try:
            do()
        except Exception as error:
            found[name] = type(error).__name__, str(error)
    return found


def main(file: str) -> None:
    import tensorflow

    cpu = tensorflow.config.list_physical_devices("CPU")[0]
    tensorflow.config.set_logical_device_configuration(cpu, [tensorflow.config.LogicalDeviceConfiguration()] * 4)
    two, four = (tf.distribute.MirroredStrategy([f"CPU:{i}" for i in range(n)]) for n in (2, 4))
    found: dict[Any, Any] = {"replicas": (two.num_replicas_in_sync, four.num_replicas_in_sync)}
    for name, strategy in (("one", None), ("two", two), ("four", four)):
        found["weighted", name] = weighted(strategy)
    for name, strategy in (("one", None), ("two", two)):
        found["momentum", name] = momentum(strategy)
        found["several outputs", name] = several_outputs(strategy)
        found["loop", name] = loop(strategy)
        found["synchronized", name] = normalized(strategy, True)
    found["normalized", "two"] = normalized(two, False)
    with scope(None):
        layer = tf.keras.layers.BatchNormalization()
        start = tf.keras.Sequential([tf.keras.Input((6,)), layer, tf.keras.layers.Dense(2), tf.keras.layers.Dense(2)])
    keras_strategy = tensorflow.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    found["normalized", "keras"] = normalized_by_keras(keras_strategy, start.get_weights())
    found["alike", "minitf"], found["alike", "TensorFlow"] = alike(tf, two), alike(tensorflow, keras_strategy)
    found["draws"], found["from function"] = draws(two), batches_from_function(two)
    found["mistakes"] = mistakes(two)
    with open(file, "wb") as output:
        pickle.dump(found, output)


if __name__ == "__main__":
    main(sys.argv[1])
