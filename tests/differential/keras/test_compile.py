"""compile takes losses, metrics and optimizers in every form that Keras takes, for one output and for several.

Each line runs on both sides; what it gives is a fit of two epochs.
"""

from __future__ import annotations

from types import ModuleType

import pytest

from tests.differential.keras.lines import assert_line_is_kerass

MORE = '''
def absolute(y_true, y_pred):
    """Return a loss for each sample."""
    return tf.reduce_mean(tf.abs(y_true - y_pred), axis=-1)

def total(y_true, y_pred):
    """Return one loss for the batch."""
    return tf.reduce_sum(tf.square(y_true - y_pred))

def largest(y_true, y_pred):
    """Return a metric of the batch."""
    return tf.reduce_max(tf.abs(y_true - y_pred))

class Cubic(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return tf.abs(y_true - y_pred) ** 3

class Largest(keras.metrics.Metric):
    def __init__(self, name="largest", **kwargs):
        super().__init__(name=name, **kwargs)
        self.value = self.add_weight(name="value", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.value.assign(tf.maximum(self.value, tf.reduce_max(tf.abs(tf.cast(y_true, tf.float32) - y_pred))))

    def result(self):
        return self.value

class Pair(keras.metrics.Mean):
    """A metric of two results."""
    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(tf.abs(y_true - y_pred))

    def result(self):
        return {"one": super().result(), "half": super().result() / 2}

def trained(model, *data, **how):
    return fit(*(data or (X, Y)), model=model, **how)[1], model.metrics_names

def heads(**how):
    """Return a history of two outputs and the order of what evaluate gives."""
    m = two(**how)
    return fit(X, [Y, Z], model=m)[1], m.evaluate(X, [Y, Z], verbose=0), m.metrics_names

def keyed(loss, data=None, **how):
    m = named(loss, **how)
    data = data or {"p": Y, "q": Z}
    return fit(X, data, model=m)[1], m.evaluate(X, data, verbose=0), m.metrics_names

def sorter(loss="sparse_categorical_crossentropy", last="softmax", **how):
    return mlp("adam", loss, 3, last, **how)
'''  # fmt: skip

OPTIMIZERS = [
    *(f"trained(mlp('{name}'))" for name in ("SGD", "RMSprop", "Adam", "adamw", "Nadam", "adagrad")),
    "trained(mlp(keras.optimizers.SGD(0.5, 0.9, nesterov=True)))", "trained(mlp(keras.optimizers.Adam(0.5)))",
    "trained(mlp(keras.optimizers.Adam(learning_rate=0.5, clipnorm=0.1)))",
    "trained(mlp(keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.5, 1, 0.5))), epochs=3)",
    "trained(mlp({'class_name': 'SGD', 'config': {'learning_rate': 0.5}}))", "trained(mlp(tf.optimizers.SGD(0.5)))",
    "trained(mlp(keras.optimizers.SGD(0.1, gradient_accumulation_steps=2)), epochs=3)",
    "trained(mlp(keras.optimizers.Adam(0.1, use_ema=True, ema_momentum=0.5)), epochs=3)",
    "m = keras.Sequential([keras.Input((3,)), L.Dense(1)]); m.compile(loss='mse'); trained(m)",
]  # fmt: skip
LOSSES = [
    *(f"trained(mlp(loss='{name}'))" for name in ("MSE", "mae", "mean_squared_error", "huber", "log_cosh", "hinge")),
    "trained(mlp(loss=keras.losses.MeanSquaredError()))", "trained(mlp(loss=tf.losses.MeanSquaredError()))",
    "trained(mlp(loss=keras.losses.Huber(0.1)))", "trained(mlp(loss=keras.losses.MeanSquaredError(reduction='sum')))",
    "trained(mlp(loss=absolute))", "trained(mlp(loss=total))", "trained(mlp(loss=Cubic()))",
    "trained(mlp(loss=lambda y, p: tf.square(y - p)))", "trained(mlp(loss=[keras.losses.MeanSquaredError()]))",
    "trained(mlp(loss=['mse']))", "trained(mlp(loss='mse', loss_weights=2.0))",
    "trained(mlp(loss='mse', loss_weights=[2.0]))", "trained(mlp(loss=absolute), sample_weight=W)",
    "trained(mlp(loss=total), sample_weight=W)", "trained(sorter(), X, C)", "trained(sorter(), X, C[:, None])",
    "trained(sorter('categorical_crossentropy'), X, H)",
    "trained(sorter(keras.losses.SparseCategoricalCrossentropy(from_logits=True), None), X, C)",
    "trained(sorter(keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1), None), X, H)",
    "trained(sorter('kl_divergence'), X, H)", "trained(mlp(loss='binary_crossentropy', last='sigmoid'), X, B)",
    "trained(mlp(loss=keras.losses.BinaryCrossentropy(from_logits=True)), X, B)", "trained(mlp(loss='mape'))",
    "trained(mlp(loss='squared_hinge'))",
]  # fmt: skip
METRICS = [
    "trained(mlp(metrics=['mse', 'mae', 'mape']))", "trained(mlp(metrics=[keras.metrics.MeanSquaredError()]))",
    "trained(mlp(metrics=[keras.metrics.MeanAbsoluteError(name='off'), 'mae']))", "trained(mlp(metrics=[largest]))",
    "trained(mlp(metrics=[tf.metrics.MeanAbsoluteError()]))", "trained(mlp(metrics=[Largest()]))",
    "sorted(trained(mlp(metrics=[Pair()]))[0].items())", "mlp(metrics=[Pair()]).evaluate(X, Y, verbose=0)",
    "trained(mlp(metrics=[lambda y, p: tf.reduce_mean(y - p)]))", "trained(mlp(metrics=[['mae', 'mse']]))",
    "trained(mlp(metrics=('mae',)))", "trained(mlp(metrics=[]))", "trained(mlp(metrics=['mae', 'mae']))",
    "trained(sorter(metrics=['accuracy']), X, C)",
    "trained(sorter(metrics=['acc', 'sparse_categorical_accuracy']), X, C)",
    "trained(sorter('categorical_crossentropy', metrics=['accuracy', 'categorical_crossentropy']), X, H)",
    "trained(sorter(metrics=['sparse_categorical_crossentropy', "
    "keras.metrics.SparseTopKCategoricalAccuracy(2)]), X, C)",
    "trained(mlp(loss='binary_crossentropy', last='sigmoid', metrics=['accuracy', 'AUC', 'Precision', "
    "'Recall']), X, B)",
    "trained(mlp(loss='binary_crossentropy', last='sigmoid', "
    "metrics=[keras.metrics.BinaryAccuracy(threshold=0.7)]), X, B)",
    "trained(mlp(metrics=['RootMeanSquaredError', 'mean_squared_error', keras.metrics.R2Score()]))",
    "trained(mlp(metrics=['cosine_similarity']))",
    "m = mlp(metrics=['mae', Largest()]); fit(X, Y, model=m); [x.name for x in m.metrics], m.metrics_names",
    "m = mlp(weighted_metrics=['mae']); fit(X, Y, model=m, sample_weight=W)[1]",
    "m = mlp(metrics=['mae'], weighted_metrics=[absolute, 'mse']); fit(X, Y, model=m, sample_weight=W)[1]",
]  # fmt: skip
OUTPUTS = [
    "heads()", "heads(loss='mse')", "heads(loss=['mse', 'mae'])", "heads(loss={'a': 'mse', 'b': 'mae'})",
    "heads(loss=[None, 'mse'])", "heads(loss=['mse', None], metrics=[None, ['mae']])", "heads(loss_weights=[1.0, 0.2])",
    "heads(loss_weights={'a': 2.0, 'b': 0.5}, loss={'a': 'mse', 'b': 'mae'})",
    "heads(loss=[keras.losses.Huber(), absolute])", "heads(metrics=[['mae'], ['mse', 'mae']])",
    "heads(metrics=['mae', 'mse'])", "heads(metrics={'a': 'mae', 'b': ['mse', 'mae']})",
    "heads(metrics={'b': ['mse']})", "heads(metrics=[[], [largest]])",
    "heads(metrics=[['mae'], None], weighted_metrics=[None, ['mae']])", "fit(X, (Y, Z), model=two())",
    "fit(dataset(X, (Y, Z)).map(lambda x, y: (x, y)), model=two())",
    "fit(tf.data.Dataset.from_tensor_slices((X, (Y, Z))).batch(7), model=two())",
    "fit(X, [Y, Z], sample_weight=[W, W * 2], model=two())", "fit(X, [Y, Z], sample_weight=W, model=two())",
    "fit(X, [Y, Z], model=two(), validation_data=(X, [Y, Z]))", "fit(X, [Y, Z], model=two(), validation_split=0.3)",
    "fit(X, {'a': Y, 'b': Z}, model=two({'a': 'mse', 'b': 'mae'}))", "fit(X, {'b': Z, 'a': Y}, model=two())",
    "keyed({'p': 'mse', 'q': 'mae'})", "keyed('mse')",
    "keyed({'p': 'mse', 'q': 'mae'}, loss_weights={'p': 1., 'q': 3.})",
    "keyed({'p': 'mse', 'q': 'mse'}, metrics={'p': ['mae'], 'q': ['mse', largest]})", "keyed({'q': 'mse', 'p': 'mse'})",
    "keyed({'q': 'mse'})", "fit(X, {'p': Y, 'q': Z}, model=named('mse'), sample_weight={'p': W, 'q': W * 2})",
    "fit(tf.data.Dataset.from_tensor_slices((X, {'q': Z, 'p': Y})).batch(7), model=named('mse'))",
    "fit(endless(X, Y, size=4), steps_per_epoch=3, model=mlp())", "m = two(); m.output_names, m.metrics_names",
    "m = named('mse'); m.output_names, [tuple(o.shape) for o in m.outputs]",
]  # fmt: skip
KEPT = [
    "m = mlp(); m.loss, m.optimizer.name, m.run_eagerly, m.steps_per_execution, m.compiled, "
    "m.jit_compile in (True, False)",
    "m = keras.Sequential([L.Dense(1)]); m.compiled, m.loss if hasattr(m, 'loss') and not callable(m.loss) else None",
    "m = mlp(loss=keras.losses.Huber()); type(m.loss).__name__",
    "json.dumps(mlp().get_compile_config(), sort_keys=True)",
    "json.dumps(mlp(keras.optimizers.Adam(0.1), metrics=['mae'], loss_weights=[2.0]).get_compile_config(), "
    "sort_keys=True)",
    "m = mlp(loss=keras.losses.Huber(), metrics=[keras.metrics.Precision()]); "
    "json.dumps(m.get_compile_config(), sort_keys=True)",
    "m = mlp(); m.compile_from_config(mlp('adam', 'mae', metrics=['mse']).get_compile_config()); trained(m)",
    "m = mlp(); fit(X, Y, model=m); o = m.optimizer; [v.path for v in o.variables], o.iterations",
    "m = mlp(); m.compile(optimizer='sgd', loss='mae', metrics=None); trained(m)",
]  # fmt: skip


@pytest.mark.parametrize("line", [*OPTIMIZERS, *LOSSES, *METRICS, *OUTPUTS, *KEPT])
def test_a_line_gives_what_keras_gives(line: str, oracle: ModuleType) -> None:
    assert_line_is_kerass(line, oracle, MORE)
