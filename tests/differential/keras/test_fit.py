"""fit, evaluate and predict give what Keras's give, on every kind of data and with every option.

Each line runs on both sides, with the same initial weights and the same order of the batches.
"""

from __future__ import annotations

from types import ModuleType

import pytest

import minitf
from tests.differential.keras.lines import assert_line_is_kerass, assert_same, outcome

DATA = [
    "fit(X, Y, epochs=5)", "fit(X, Y, epochs=5, batch_size=None)", "fit(X, Y, batch_size=1)",
    "fit(X, Y, batch_size=100)", "fit(X.astype('float64'), Y.astype('float64'))", "fit(X, C)",
    "fit((10 * X).astype('int32'), C)", "fit(tf.constant(X), tf.constant(Y))", "fit(X, tf.constant(Y))",
    "fit(X, Y[:, 0])", "fit(X > 0, Y > 0)", "fit(X.astype('float16'), Y)", "fit(X.astype('uint8'), Y)",
    "fit(tf.Variable(X), Y)", "fit([X], [Y])", "fit((X,), (Y,))", "fit([X], Y)", "fit(X, [Y])",
    "fit(X[:, ::-1], Y[::-1])", "fit(np.asfortranarray(X), Y)", "fit(dataset(X, Y), epochs=5)", "fit(dataset(X, Y, W))",
    "fit(tf.data.Dataset.from_tensor_slices((X, Y)).shuffle(20, seed=4).batch(6), epochs=5)",
    "fit(tf.data.Dataset.from_tensor_slices((X, Y)).shuffle(20, seed=4, reshuffle_each_iteration=False).batch(6))",
    "fit(dataset(X, Y).repeat(), steps_per_epoch=4, epochs=3)", "fit(dataset(X, Y).repeat(2))",
    "fit(dataset(X.astype('float64'), Y))", "fit(dataset(X, Y).map(lambda x, y: (x * 2, y + 1)))",
    "fit(dataset(X, Y).prefetch(2))", "fit(dataset(X, Y), epochs=2, steps_per_epoch=2)",
    "fit(dataset(X, Y), epochs=3, steps_per_epoch=1)", "fit(endless(X, Y), steps_per_epoch=4, epochs=3)",
    "fit(endless(X, Y), steps_per_epoch=1, epochs=3)", "fit(Numbered(X, Y))", "fit(Numbered(X, Y, W), epochs=3)",
    "d = Numbered(X, Y); fit(d, epochs=3), d.ended", "fit(Numbered(X, Y), steps_per_epoch=2)",
    "fit(Numbered(X, Y, workers=2, use_multiprocessing=False))", "fit(X, Y, steps_per_epoch=2)",
    "fit(X, Y, steps_per_epoch=3)", "fit(X, Y, steps_per_epoch=1, epochs=4)", "fit(X, Y, epochs=5, initial_epoch=3)",
    "fit(X, Y, epochs=2, initial_epoch=2)", "fit(X, Y, epochs=0)",
    "fit(X, Y, steps_per_epoch=2, batch_size=None, epochs=3)", "fit(X, Y, steps_per_epoch=3, batch_size=None)",
    "fit(X, Y, steps_per_epoch=5, epochs=3)", "fit(dataset(X, Y), steps_per_epoch=5, epochs=3)",
    "fit(Numbered(X, Y, size=3), shuffle=True, epochs=5)",
    "fit(tf.data.Dataset.from_generator(lambda: batches(X, Y), output_signature=(tf.TensorSpec([None, 3]), "
    "tf.TensorSpec([None, 1]))), steps_per_epoch=2, epochs=2)",
    "fit(x=X, y=Y)",
]  # fmt: skip
VALIDATED = [
    "fit(X, Y, validation_data=(V, U))", "fit(X, Y, validation_data=[V, U])",
    "fit(X, Y, validation_data=(V, U, W[:7]))", "fit(X, Y, validation_data=dataset(V, U, size=3))",
    "fit(dataset(X, Y), validation_data=dataset(V, U, size=3))", "fit(dataset(X, Y), validation_data=(V, U))",
    "fit(X, Y, validation_data=(V, U), validation_batch_size=2)",
    "fit(X, Y, validation_data=(V, U), validation_batch_size=2, validation_steps=2)",
    "fit(X, Y, validation_data=dataset(V, U, size=2).repeat(), validation_steps=5)",
    "fit(X, Y, validation_data=dataset(V, U, size=2), validation_steps=2)",
    "fit(X, Y, validation_data=Numbered(V, U, size=2))", "fit(X, Y, validation_data=(tf.constant(V), U))",
    "fit(X, Y, validation_data=(V, U), validation_freq=2, epochs=5)",
    "fit(X, Y, validation_data=(V, U), validation_freq=[1, 4], epochs=5)",
    "fit(X, Y, validation_data=(V, U), validation_freq=3, epochs=2)", "fit(X, Y, validation_split=0.25)",
    "fit(X, Y, validation_split=0.3, epochs=4)", "fit(X, Y, validation_split=0.25, sample_weight=W)",
    "fit(tf.constant(X), tf.constant(Y), validation_split=0.5)", "fit([X], Y, validation_split=0.1)",
    "fit(X, Y, validation_split=0.5, validation_data=(V, U))", "fit(X, Y, validation_data=(V, U), validation_split=0.)",
]  # fmt: skip
MORE = '''
def sorter():
    """Return a compiled classifier of three classes."""
    return mlp("adam", "sparse_categorical_crossentropy", 3, "softmax", metrics=["accuracy"])

def blobs(rows, features, classes):
    """Return rows that stand around one point for each class, and their classes."""
    draws = np.random.default_rng(1)
    labels = draws.integers(0, classes, rows)
    return (draws.normal(size=(classes, features))[labels] + draws.normal(size=(rows, features))).astype("f"), labels

def learned(shape, optimizer, loss, *layers, **how):
    """Return the history of five epochs and the predictions after them."""
    x, y = blobs(*shape)
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers])
    model.compile(optimizer, loss, metrics=["accuracy"])
    return fit(x, y, model=model, epochs=5, **how)[1], model.predict(x[:5], verbose=0)
'''
LEARNED = [  # what courses begin with, for five epochs
    "learned((100, 2, 2), 'sgd', 'binary_crossentropy', L.Dense(1, 'sigmoid'))",
    "learned((150, 4, 3), 'adam', 'sparse_categorical_crossentropy', L.Dense(16, 'relu'), L.Dense(3, 'softmax'), "
    "batch_size=32, validation_split=0.2)",
    "learned((150, 4, 3), keras.optimizers.RMSprop(0.01), "
    "keras.losses.SparseCategoricalCrossentropy(from_logits=True), L.BatchNormalization(), L.Dense(8, 'relu'), "
    "L.Dropout(0.3, seed=2), L.Dense(3), batch_size=16)",
    "learned((256, 784, 10), keras.optimizers.SGD(0.01, momentum=0.9), 'sparse_categorical_crossentropy', "
    "L.Dense(128, 'relu'), L.Dense(10, 'softmax'), batch_size=64)",
]  # fmt: skip
WEIGHTED = [
    "fit(X, Y, sample_weight=W)", "fit(X, Y, sample_weight=W[:, None])", "fit(X, Y, sample_weight=W.astype('float64'))",
    "fit(X, Y, sample_weight=np.arange(20))", "fit(X, Y, sample_weight=tf.constant(W))",
    "fit(X, Y, sample_weight=W, model=mlp(weighted_metrics=['mae', 'mse']))",
    "fit(X, Y, sample_weight=W, model=mlp(metrics=['mae'], weighted_metrics=['mae']), validation_data=(V, U, W[:7]))",
    "fit(X, Y, sample_weight=W, model=mlp(metrics=['mae'], weighted_metrics=[]))",
    "fit(X, Y, model=mlp(weighted_metrics=['mae']))", "fit(X, C, model=sorter(), class_weight={0: 1., 1: 2., 2: 0.5})",
    "fit(X, C, model=sorter(), class_weight={1: 3})",
    "fit(X, C[:, None], model=sorter(), class_weight={0: 1., 1: 2., 2: 0.5})",
    "fit(X, C.astype('float32'), model=sorter(), class_weight={0: 1., 1: 2., 2: 0.5}, validation_data=(X, C))",
    "fit(X, H, model=mlp(loss='categorical_crossentropy', units=3, last='softmax'), class_weight={0: 1., 1: 2., "
    "2: 5})",
    "fit(dataset(X, C), model=sorter(), class_weight={0: 1., 1: 2., 2: 0.5})",
    "fit(Numbered(X, C), model=sorter(), class_weight={0: 1., 1: 2., 2: 0.5}, epochs=1)",
    "fit(X, B, model=mlp('sgd', 'binary_crossentropy', last='sigmoid'), class_weight={0: 1., 1: 4.})",
    "fit(X, C, model=sorter(), sample_weight=W, validation_split=0.2)",
]  # fmt: skip
TOLD = [
    "h = Heard(); fit(X, Y, callbacks=[h]), h.told", "h = Heard(); fit(X, Y, callbacks=h), h.told",
    "h = Heard(values=True); fit(X, Y, callbacks=[h], validation_data=(V, U)), h.told",
    "h = Heard(stop=('train batch end', 1)); fit(X, Y, callbacks=[h], epochs=3), h.told",
    "h = Heard(stop=('epoch end', 1)); fit(X, Y, callbacks=[h], epochs=5), h.told",
    "h = Heard(stop=('epoch begin', 1)); fit(X, Y, callbacks=[h], epochs=5), h.told",
    "h = Heard(stop=('test batch end', 1)); fit(X, Y, callbacks=[h], validation_data=(V, U), epochs=3), h.told",
    "h = Heard(); fit(X, Y, callbacks=[h], epochs=4, initial_epoch=2), h.params, h.told",
    "h = Heard(); fit(dataset(X, Y), callbacks=[h]), h.params", "h = Heard(); fit(X, Y, callbacks=[h]), h.params",
    "h = Heard(); fit(endless(X, Y), callbacks=[h], steps_per_epoch=2), h.params",
    "h = Heard(); m = mlp(); m.fit(X, Y, 8, 2, 0, [h], 0.0, None, False), h.params",
    "h = Heard(values=True); mlp().evaluate(X, Y, 8, 0, callbacks=[h]), h.params, h.told",
    "h = Heard(); mlp().predict(X, 8, 0, callbacks=[h]), h.params, h.told",
    "h = Heard(); fit(X, Y, callbacks=[h], model=mlp(steps_per_execution=2)), h.told",
    "h = Heard(); fit(dataset(X, Y), callbacks=[h], model=mlp(steps_per_execution=3)), h.told",
    "h = Heard(values=True); fit(X, Y, batch_size=3, callbacks=[h], model=mlp(steps_per_execution=3)), h.told",
    "h = Heard(values=True); fit(endless(X, Y), callbacks=[h], steps_per_epoch=4, model=mlp(steps_per_execution=3)), "
    "h.told",
    "h = Heard(values=True); fit(X, Y, batch_size=4, callbacks=[h], model=mlp(steps_per_execution=9)), h.told",
    "h = Heard(stop=('train batch end', 3)); fit(X, Y, batch_size=4, callbacks=[h], epochs=3, "
    "model=mlp(steps_per_execution=2)), h.told",
    "h = Heard(values=True); mlp(steps_per_execution=2).evaluate(X, Y, 6, 0, callbacks=[h]), h.told",
    "h = Heard(); mlp(steps_per_execution=3).predict(X, 4, 0, callbacks=[h]), h.told",
    "m = mlp(); fit(X, Y, model=m), m.history, fit(X, Y, model=m, epochs=1), m.history",
    "m = mlp(); m.stop_training = True; fit(X, Y, model=m), m.stop_training",
    "h = Heard(); fit(X, Y, callbacks=(h,), epochs=1), h.told",
]  # fmt: skip
EVALUATED = [
    "mlp().evaluate(X, Y, verbose=0)", "mlp(metrics=['mae', 'mse']).evaluate(X, Y, verbose=0)",
    "mlp(metrics=['mse', 'mae']).evaluate(X, Y, verbose=0, return_dict=True)",
    "mlp(metrics=['mse', 'mae'], weighted_metrics=['mae']).evaluate(X, Y, sample_weight=W, verbose=0)",
    "mlp(metrics=['mse', 'mae']).evaluate(X, Y, 6, 0)", "mlp(metrics=['mse']).evaluate(dataset(X, Y), verbose=0)",
    "mlp(metrics=['mse']).evaluate(dataset(X, Y), verbose=0, steps=2)",
    "mlp(metrics=['mse']).evaluate(X, Y, verbose=0, batch_size=4, steps=3)",
    "mlp(metrics=['mse']).evaluate(Numbered(X, Y), verbose=0)",
    "mlp(metrics=['mse']).evaluate(endless(X, Y), verbose=0, steps=4)", "mlp().evaluate(x=X, y=Y, verbose=0)",
    "two(metrics=[['mae'], ['mse']]).evaluate(X, [Y, Z], verbose=0)",
    "two(metrics=[['mae'], ['mse']]).evaluate(X, [Y, Z], verbose=0, return_dict=True)",
    "m = two(metrics=[['mae'], ['mse']]); m.evaluate(X, [Y, Z], verbose=0), m.metrics_names",
    "m = mlp(metrics=['mae']); m.evaluate(X, Y, verbose=0), m.metrics_names, [x.name for x in m.metrics]",
    "m = mlp(metrics=['mae']); m.metrics_names",
    "m = mlp(metrics=['mae']); m.evaluate(X, Y, verbose=0), m.get_metrics_result()",
    "m = mlp(metrics=['mae']); m.evaluate(X, Y, verbose=0), m.reset_metrics(), m.get_metrics_result()",
]  # fmt: skip
PREDICTED = [
    "mlp().predict(X, verbose=0)", "mlp().predict(X, 3, 0)", "mlp().predict(X, 100, 0)",
    "mlp().predict(X[:1], verbose=0)", "mlp().predict(tf.constant(X), verbose=0)",
    "mlp().predict(dataset(X), verbose=0)", "mlp().predict(dataset(X, Y), verbose=0)",
    "mlp().predict(dataset(X), verbose=0, steps=2)", "mlp().predict(X, verbose=0, steps=2)",
    "mlp().predict(X, verbose=0, steps=1, batch_size=4)", "mlp().predict(Numbered(X), verbose=0)",
    "mlp().predict(Numbered(X, Y), verbose=0)", "mlp().predict(X.astype('float64'), verbose=0)",
    "two().predict(X, 7, 0)", "named('mse').predict(X, 7, 0)", "two().predict([X], verbose=0)",
    "keras.Sequential([L.Dense(2)]).predict(X, verbose=0)", "mlp().predict_on_batch(X)", "two().predict_on_batch(X)",
    "named('mse').predict_on_batch(X[:2])", "mlp()(X, training=False)", "tuple(mlp()(tf.constant(X)).shape)",
    "m = mlp(run_eagerly=True); m.predict(X, 7, 0)", "mlp().predict(x=X, verbose=0)",
]  # fmt: skip
BY_BATCH = [
    "m = mlp(); [m.train_on_batch(X, Y) for _ in range(3)], m.get_weights()",
    "m = mlp(metrics=['mae']); [m.train_on_batch(X, Y) for _ in range(3)], m.get_weights()",
    "m = mlp(metrics=['mae']); [m.train_on_batch(X, Y, return_dict=True) for _ in range(3)]",
    "m = mlp(metrics=['mae']); m.train_on_batch(X, Y, W), m.train_on_batch(X, Y, sample_weight=W)",
    "m = mlp(metrics=['mae']); m.train_on_batch(X, Y), m.reset_metrics(), m.train_on_batch(X, Y)",
    "m = mlp(metrics=['mae']); m.test_on_batch(X, Y), m.test_on_batch(V, U), m.test_on_batch(V, U, return_dict=True)",
    "m = mlp(metrics=['mae']); m.test_on_batch(X, Y, W), m.train_on_batch(V, U), m.test_on_batch(V, U)",
    "m = mlp(metrics=['mae']); m.test_on_batch(tf.constant(X), tf.constant(Y))",
    "m = mlp('sgd', 'sparse_categorical_crossentropy', 3, 'softmax'); "
    "m.train_on_batch(X, C, class_weight={0: 2., 1: 1., 2: 1.})",
    "m = two(metrics=[['mae'], ['mse']]); m.train_on_batch(X, [Y, Z]), m.test_on_batch(X, [Y, Z])",
    "m = named({'p': 'mse', 'q': 'mae'}); m.train_on_batch(X, {'p': Y, 'q': Z}, return_dict=True)",
    "m = mlp(); [(m.train_on_batch(*b), m.test_on_batch(V, U)) for b in batches(X, Y)], m.get_weights()",
]  # fmt: skip
AGAIN = [
    "m = mlp('adam'); fit(X, Y, model=m), fit(X, Y, model=m), fit(V, U, model=m)",
    "m = mlp('adam', metrics=['mae']); fit(X, Y, model=m), fit(X, Y, model=m, sample_weight=W), fit(X, Y, model=m)",
    "m = mlp('adam'); fit(X, Y, model=m), m.compile('sgd', 'mae'), fit(X, Y, model=m)",
    "m = mlp(); m.layers[0].trainable = False; m.compile('sgd', 'mse'); fit(X, Y, model=m), len(m.trainable_weights)",
    "m = mlp(); fit(X, Y, model=m); m.layers[0].trainable = False; m.compile('sgd', 'mse'); fit(X, Y, model=m)",
    "m = mlp(); m.trainable = False; m.trainable = True; fit(X, Y, model=m)",
    "m = mlp('adam'); fit(X, Y, model=m); m.optimizer.learning_rate = 0.5; fit(X, Y, model=m)",
    "m = mlp('adam'); fit(X, Y, model=m); m.optimizer.learning_rate.assign(0.5); fit(X, Y, model=m)",
    "m = mlp('adam'); fit(X, Y, model=m); m.layers[0].kernel.assign(m.layers[0].kernel * 2.); fit(X, Y, model=m)",
    "m = mlp('adam'); fit(X, Y, model=m); m.set_weights([w * 2 for w in m.get_weights()]); fit(X, Y, model=m)",
    "m = mlp('adam'); fit(X, Y, model=m); m.pop(); m.add(L.Dense(2)); m.compile('sgd', 'mse'); fit(X, Z, model=m)",
    "m = mlp('adam'); fit(X, Y, model=m); m.add(L.Dense(2)); m.compile('sgd', 'mse'); fit(X, Z, model=m)",
    "a, o = mlp(), keras.optimizers.Adam(); a.compile(o, 'mse'); fit(X, Y, model=a); o.iterations",
    "m = mlp(run_eagerly=True); fit(X, Y, model=m), m.run_eagerly",
    "m = mlp(); m.run_eagerly = True; fit(X, Y, model=m)", "fit(X, Y, model=mlp(steps_per_execution=2))",
    "fit(X, Y, model=mlp(steps_per_execution=3), epochs=5)", "fit(dataset(X, Y), model=mlp(steps_per_execution=2))",
    "m = mlp(steps_per_execution=5); m.evaluate(X, Y, 3, 0)", "m = mlp(steps_per_execution=2); m.predict(X, 3, 0)",
    "fit(X, Y, model=mlp(jit_compile=False))",
    "m = mlp(); fit(X, Y, model=m); m.evaluate(X, Y, verbose=0), m.predict(X, verbose=0), m.optimizer.iterations",
    "shared = L.Dense(3); a, b = (keras.Sequential([keras.Input((3,)), shared, L.Dense(1)]) for _ in 'ab'); "
    "[m.compile('sgd', 'mse') for m in (a, b)]; fit(X, Y, model=a), fit(X, Y, model=b), fit(X, Y, model=a)",
    "m = keras.Sequential([L.Dense(2), L.Dense(1)]); m.compile('adam', 'mse'); fit(X, Y, model=m)",
    "m = keras.Sequential([L.Dense(2), L.Dense(1)]); m.compile('adam', 'mse'); m.evaluate(X, Y, verbose=0); "
    "fit(X, Y, model=m)",
]  # fmt: skip
QUIET = [  # Keras warns of data that ran out, or of another structure, though nothing is wrong
    "fit(batches(X, Y), epochs=1)", "fit(batches(X, Y, W), epochs=1)", "mlp().evaluate(batches(X, Y), verbose=0)",
    "fit(((b[0], b[1], None) for b in batches(X, Y)), epochs=1)", "mlp().predict(((x,) for x in [X, V]), verbose=0)",
    "fit(((tf.constant(b[0]), b[1]) for b in batches(X, Y)), epochs=1)", "two().predict({'x': X}, verbose=0)",
    "h = Heard(); fit(batches(X, Y), callbacks=[h], epochs=1), h.params", "named('mse').predict({'x': X}, 9, 0)",
    "fit(dataset(X, Y).filter(lambda x, y: tf.shape(x)[0] == 8), epochs=3)",
]  # fmt: skip


@pytest.mark.parametrize(
    "line", [*LEARNED, *DATA, *VALIDATED, *WEIGHTED, *TOLD, *EVALUATED, *PREDICTED, *BY_BATCH, *AGAIN]
)  # fmt: skip
def test_a_line_gives_what_keras_gives(line: str, oracle: ModuleType) -> None:
    assert_line_is_kerass(line, oracle, MORE)


@pytest.mark.parametrize("line", QUIET)
def test_a_line_gives_what_keras_gives_without_its_warning(line: str, oracle: ModuleType) -> None:
    ours, theirs = outcome(minitf, line), outcome(oracle, line)
    assert_same(ours[0], theirs[0])
    assert (ours[1], len(theirs[1])) == ([], 1)
