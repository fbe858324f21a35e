"""Mistakes with models raise the error that Keras raises, with its key phrase, and a sentence that says what to do."""

from __future__ import annotations

from types import ModuleType

import pytest

import minitf
from tests.differential.keras.lines import error

MORE = '''
class Net(keras.Model):
    def __init__(self, units=2, **kwargs):
        super().__init__(**kwargs)
        self.dense = L.Dense(units)

    def call(self, x):
        return self.dense(x)

class Silent(keras.Model):
    """A model that cannot be called."""

class Broken(L.Layer):
    def call(self, x):
        return x + self.nothing

class Wide(L.Layer):
    def call(self, x):
        return x @ x

class Stepping(keras.Model):
    def train_step(self, data):
        return {"loss": self.nothing}

class Failing(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        raise KeyError("mine")

def plain():
    return keras.Sequential([keras.Input((3,)), L.Dense(1)])

def ends():
    x = keras.Input((3,), name="x")
    return x, L.Dense(1)(x)

def branched(keyed=False):
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    return keras.Model({"a": a, "b": b} if keyed else [a, b], L.Concatenate()([a, b]), name="branched")

def classes(loss, units=3, last=None):
    return mlp(loss=loss, units=units, last=last)
'''

SHAPES = {
    "mlp().fit(X[:, :2], Y)": "incompatible with the layer",
    "mlp().predict(X[:, :2])": "incompatible with the layer",
    "mlp().evaluate(X[:, :2], Y)": "incompatible with the layer",
    "mlp()(X[:, :2])": "incompatible with the layer",
    "Net().fit(X, Y)": "You must call `compile()` before using the model",
    "mlp().fit(X[None], Y[None])": "Invalid input shape for input",
    "mlp().fit(tf.data.Dataset.from_tensor_slices((X, Y)))": "Invalid input shape for input",
    "d = L.Dense(2, name='d'); d(X); d(X[:, :2])": "expected axis -1 of input shape to have value 3",
    "n = Net(); n(X); n(X[:, :2])": "expected axis -1 of input shape to have value 3",
    "mlp().fit(X[0], Y[0])": "Data cardinality is ambiguous",
    "mlp().fit(X, Y[:5])": "Data cardinality is ambiguous",
    "mlp().fit(X, Y, sample_weight=W[:3])": "'sample_weight' sizes: 3",
    "mlp().fit(X, Y, validation_data=(V, X))": "Data cardinality is ambiguous",
    "mlp()([1., 2., 3.])": "Only input tensors may be passed as positional arguments",
    "L.Dense(1)('a')": "Only input tensors may be passed as positional arguments",
    "L.Dense(1)(None)": "Inputs to a layer should be tensors",
    "L.Add()([X, Z])": "Inputs have incompatible shapes",
    "L.Add()(X)": "A merge layer should be called on a list of inputs",
    "L.Concatenate()([X, Z[:3]])": "requires inputs with matching shapes",
    "L.Reshape((2, 2))(X)": "The total size of the tensor must be unchanged",
    "L.Embedding(3, 2)(I)": "is not in [0, 3)",
    "Wide()(X)": "Matrix size-incompatible",
    "branched()(X)": "but it received 1 input tensors",
    "branched().predict([X])": "Layer \"branched\" expects 2 named input(s) with keys",
    "branched()([X, Z, Z])": "but it received 3 input tensors",
    "branched().predict([Z, X])": "expected shape=(None, 3), found shape=(20, 2)",
    "branched().predict({'a': X})": "Missing data for input \"b\"",
    "keras.Model(*ends())({'y': X})": "Missing data for input \"x\"",
}  # fmt: skip
LABELS = {
    "classes('categorical_crossentropy').fit(X, C)": "must have the same rank (ndim)",
    "classes('categorical_crossentropy').fit(X, Z)": "must have the same shape",
    "classes('binary_crossentropy').fit(X, C)": "must have the same rank (ndim)",
    "classes('sparse_categorical_crossentropy').fit(X, H)": "Argument `output` must have rank (ndim) `target.ndim - 1`",
    "classes('sparse_categorical_crossentropy', last='softmax').fit(X, C + 1)": "outside the valid range of [0, 3)",
    "classes('mse').fit(X, Z)": "",
    "mlp().fit(X)": "None values not supported",
    "mlp().fit(X, Y, validation_data=(V,))": "None values not supported",
    "two().fit(X, Y)": "y_true and y_pred have different structures",
    "two().fit(X, [Y])": "y_true and y_pred have different structures",
    "two().fit(X, [Y, Z, Z])": "y_true and y_pred have different structures",
    "named('mse').fit(X, {'p': Y})": "",
    "two().fit(X, [Y, Z], class_weight={0: 1.})": "`class_weight` is only supported for Models with a single output",
    "mlp().fit(X, Y, class_weight={0: 1.}, sample_weight=W)": "`sample_weight` at the same time",
    "mlp().fit(dataset(X, Y, W), class_weight={0: 1.})": "`sample_weight` at the same time",
    "mlp().train_on_batch(X, Y, class_weight={0: 1.}, sample_weight=W)": "at the same time",
}  # fmt: skip
COMPILED = {
    "plain().fit(X, Y)": "You must call `compile()` before using the model",
    "plain().evaluate(X, Y)": "You must call `compile()` before using the model",
    "plain().train_on_batch(X, Y)": "You must call `compile()` before using the model",
    "plain().test_on_batch(X, Y)": "You must call `compile()` before using the model",
    "m = plain(); m.compile('sgd'); m.fit(X, Y)": "No loss to compute. Provide a `loss` argument in `compile()`",
    "mlp('adamm')": "Could not interpret optimizer identifier: adamm",
    "mlp(3)": "Could not interpret optimizer identifier: 3",
    "mlp(loss='msee').fit(X, Y)": "Could not interpret loss identifier: msee",
    "mlp(metrics=['accuracyy']).fit(X, Y)": "Could not interpret metric identifier: accuracyy",
    "mlp(metrics=[3]).fit(X, Y)": "Could not interpret metric identifier: 3",
    "mlp(metrics='accuracy')": "Expected `metrics` argument to be a list, tuple, or dict",
    "mlp(weighted_metrics='accuracy')": "Expected `weighted_metrics` argument to be a list, tuple, or dict",
    "mlp().compile('sgd', 'mse', losses='mse')": "compile() got an unexpected keyword argument 'losses'",
    "two({'a': 'mse', 'c': 'mse'}).fit(X, [Y, Z])": "",
    "two(loss_weights=[1.]).fit(X, [Y, Z])": "`loss_weights` must match the number of",
    "two(loss_weights='a').fit(X, [Y, Z])": "",
    "two(metrics=['mae']).fit(X, [Y, Z])": "`metrics`",
    "two(metrics={'c': 'mae'}).fit(X, [Y, Z])": "`metrics`",
    "two(metrics=[['mae'], ['mae'], ['mae']]).fit(X, [Y, Z])": "`metrics`",
    "L.Dense(2, activation='reluu')": "Could not interpret activation function identifier: reluu",
    "L.Dense(2, kernel_initializer='glorott')": "Could not interpret initializer identifier: glorott",
    "L.Dense(2, kernel_regularizer='l3')": "Could not interpret regularizer identifier: l3",
    "L.Dense(2, kernel_constraint='max')": "Could not interpret constraint identifier: max",
    "L.Dense(-1)": "expected a positive integer. Received: units=-1",
    "L.Dense(2, uunits=3)": "Unrecognized keyword arguments passed to Dense: {'uunits': 3}",
    "L.Dense()": "missing 1 required positional argument: 'units'",
    "L.Dropout(1.5)": "Invalid value received for argument `rate`",
}  # fmt: skip
DATA = {
    "mlp().fit(None, Y)": "None",
    "mlp().fit('data', Y)": "Unrecognized data type: ",
    "mlp().fit(X.tolist(), Y)": "Unrecognized data type: ",
    "mlp().fit(X, Y.tolist())": "Unrecognized data type: ",
    "mlp().fit(X, Y, validation_data=3)": "Unrecognized data type: ",
    "mlp().fit(np.array([['a', 'b', 'c']] * 20), Y)": "",
    "mlp().fit(X, Y, batch_size=-1)": "",
    "mlp().fit(X, Y, steps_per_epoch=-1)": "",
    "mlp().fit(X, Y, validation_split=0.99)": "not sufficient to split it into a validation and training set",
    "mlp().fit(dataset(X, Y), validation_split=0.5)": (
        "`validation_split` is only supported for tensors or NumPy arrays"
    ),
    "mlp().fit(dataset(X, Y), Y)": "When providing `x` as a tf.data.Dataset, `y` should not be passed",
    "mlp().fit(dataset(X, Y), sample_weight=W)": "should not be passed. Instead, ",
    "mlp().fit(endless(X, Y), Y, steps_per_epoch=1)": "When providing `x` as a generator, `y` should not be passed",
    "mlp().fit(Numbered(X, Y), Y)": "When providing `x` as a PyDataset, `y` should not be passed",
    "mlp().fit((b for b in []))": "must yield at least one batch",
    "mlp().fit(Numbered(X[:0], Y[:0]))": "",
    "mlp().fit(((X, Y, W, W) for _ in 'a'))": "Data is expected to be in format `x`, `(x,)`, `(x, y)`, or",
    "mlp().fit(X, Y, validation_data=(V, U, W, W))": "Data is expected to be in format `x`, `(x,)`, `(x, y)`, or",
    "mlp().fit(X, Y, validation_freq='a', validation_data=(V, U))": "Expected `validation_freq` to be a list or int",
    "mlp().fit(X, Y, epoch=1)": "fit() got an unexpected keyword argument 'epoch'",
    "mlp().fit(X, Y, epochs='3')": "'str' object cannot be interpreted as an integer",
    "mlp().evaluate(X, Y, unknown=1)": "Arguments not recognized: {'unknown': 1}",
    "mlp().fit(X, Y, callbacks=[Failing()])": "mine",
    "m = Stepping(*ends()); m.compile('sgd', 'mse'); m.fit(X, Y)": "has no attribute 'nothing'",
}  # fmt: skip
MODELS = {
    "keras.Model(keras.Input((3,)), keras.Input((3,)))": "is not connected to `inputs`",
    "keras.Model(inputs=keras.Input((3,)), outputs=3)": "All `outputs` values must be KerasTensors",
    "keras.Model(X, Y)": "",
    "keras.Model([L.Dense(1)])": "",
    "Silent()(X)": "does not have a `call()` method implemented",
    "Broken()(X)": "has no attribute 'nothing'",
    "keras.layers.Layer()(X)": "Layer Layer does not have a `call` method implemented.",
    "s = keras.Sequential(); s.add(3)": "Only instances of `keras.Layer` can be added to a Sequential model",
    "keras.Sequential([L.Dense(1, name='a'), L.Dense(1, name='a')])": "should have unique names",
    "s = plain(); s.add(keras.Input((3,)))": "has already been configured to use input shape (None, 3)",
    "keras.Sequential()(X)": "cannot be built because it has no layers",
    "keras.Sequential().predict(X)": "cannot be built because it has no layers",
    "keras.Sequential([L.Dense(1)]).count_params()": "isn't built",
    "keras.Sequential([L.Dense(1)]).output": "has never been called and thus has no defined output",
    "Net().count_params()": "isn't built",
    "mlp().get_layer('x')": "No such layer: x. Existing layers are: ['dense', 'dense_1']",
    "mlp().get_layer(index=9)": "Was asked to retrieve layer at index 9 but model only has 2 layers",
    "mlp().get_layer()": "Provide either a layer name or",
    "mlp().get_layer('x', 1)": "a layer name or a layer index",
    "mlp().set_weights([X])": "with a weight list of length 1, but the layer was expecting 4 weights",
    "mlp().set_weights([w[:1] for w in mlp().get_weights()])": "is not compatible with provided weight shape (1, 4)",
    "mlp().layers = []": "attribute is reserved and should not be used",
    "mlp().nothing": "'Sequential' object has no attribute 'nothing'",
    "Net.from_config({'size': 3})": "Unrecognized keyword arguments passed to Net: {'size': 3}",
    "keras.models.model_from_json('no json')": "Expecting value",
    "keras.Input()": "You must pass a `shape` argument",
    "keras.Input(shape=3)": "Cannot convert '3' to a shape",
    "keras.Input((3,), batch_shape=(1, 3))": "You cannot pass both `shape` and `batch_shape` at the same time",
    "bool(keras.Input((3,)) > 1)": "A symbolic KerasTensor cannot be used as a boolean",
    "np.sin(keras.Input((3,)))": "A KerasTensor is symbolic: it's a placeholder for a shape",
    "float(keras.Input((3,)))": "A KerasTensor is symbolic: it's a placeholder for a shape",
    "list(keras.Input((3,)))": "Iterating over a symbolic KerasTensor is not supported",
    "tf.sin(keras.Input((3,)))": "A KerasTensor cannot be used as input to a TensorFlow function",
    "keras.Input((3,)).numpy()": "'KerasTensor' object has no attribute 'numpy'",
}  # fmt: skip
NEAR = {  # to which a message of ours names the nearest
    "mlp('adamm')": "'adam'",
    "mlp(loss='msee').fit(X, Y)": "'mse'",
    "mlp(metrics=['accuracyy']).fit(X, Y)": "'accuracy'",
    "L.Dense(2, activation='reluu')": "'relu'",
}  # fmt: skip
EMPTY = ["mlp().predict(X[:0])", "mlp().predict(dataset(X).take(0))", "mlp().fit()", "mlp().predict(None)"]


@pytest.mark.parametrize(("line", "phrase"), {**SHAPES, **LABELS, **COMPILED, **DATA, **MODELS}.items())
def test_a_mistake_is_kerass_error(line: str, phrase: str, oracle: ModuleType) -> None:
    ours, theirs = error(minitf, line, MORE), error(oracle, line, MORE)
    assert theirs is not None, "Keras has nothing against it"
    assert ours is not None, f"Keras raises {theirs!r}, we do not"
    kinds = {kind.__name__ for kind in type(ours).__mro__}  # what is raised in a trace is of two classes
    assert type(theirs).__name__ in kinds, f"Keras raises {theirs!r}, we {ours!r}"
    assert phrase in str(theirs)
    assert phrase in str(ours)


@pytest.mark.parametrize(("line", "name"), NEAR.items())
def test_an_unknown_name_is_told_the_nearest(line: str, name: str) -> None:
    assert f"Did you mean {name}?" in str(error(minitf, line, MORE))


@pytest.mark.parametrize("line", EMPTY)
def test_what_breaks_keras_is_an_error_that_can_be_read(line: str, oracle: ModuleType) -> None:
    assert type(error(oracle, line, MORE)) in (KeyError, UnboundLocalError)
    assert type(error(minitf, line, MORE)) is ValueError
