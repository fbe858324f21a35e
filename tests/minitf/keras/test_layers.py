"""What is asked of layers beyond agreement with Keras: short programs, older spellings, and errors that say where."""

from __future__ import annotations

import collections
import copy
import gc
import threading
import traceback
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minitf as tf

layers = tf.keras.layers


def operations(layer: Any, shape: Any, **how: Any) -> list[str]:
    """List the ops of a layer for any size where None stands."""
    layer(tf.ones([2 if size is None else size for size in shape]))
    call = tf.function(lambda x: layer(x, **how), input_signature=[tf.TensorSpec(shape)])
    return [node.op.name for node in call.get_concrete_function().program.nodes]


@pytest.mark.parametrize(
    ("layer", "shape", "wanted"),
    [
        (lambda: layers.Dense(2), (None, 3), "matmul add"),
        (lambda: layers.Dense(2, "relu", use_bias=False), (None, 3), "matmul relu"),
        (lambda: layers.Dense(2), (None, None, 3), "reshape matmul reshape add"),
        (lambda: layers.Dropout(0.5), (None, 3), ""),
        (lambda: layers.Flatten(), (None, 2, None), "reshape"),
        (lambda: layers.Flatten(), (None, 2), ""),
        (lambda: layers.Reshape((-1, 2)), (None, None, 4), "reshape"),
        (lambda: layers.GlobalAveragePooling1D(), (None, None, 4), "reduce_mean"),
        (lambda: layers.Add(), None, "add add"),
        (lambda: layers.Rescaling(2.0, 1.0), (None, 3), "multiply add"),
        (lambda: layers.Normalization(mean=1.0, variance=4.0), (None, 3), "subtract divide"),
        (lambda: layers.Embedding(3, 2), (None,), "cast gather"),
    ],
)
def test_a_layer_takes_no_more_ops_than_it_needs(layer: Any, shape: Any, wanted: str) -> None:
    if shape is None:
        adding = layer()
        assert operations(layers.Lambda(lambda x: adding([x, x, x])), (None, 3)) == wanted.split()
    else:
        assert operations(layer(), shape) == wanted.split()


def test_batch_normalization_moves_both_averages_with_three_ops_each() -> None:
    inference = operations(layers.BatchNormalization(), (None, 3))
    training = operations(layers.BatchNormalization(), (None, 3), training=True)
    moments = ["reduce_mean", "squared_difference", "reduce_mean"]
    assert len(training) == len(inference) + len(moments) + 6


def test_an_activity_penalty_is_per_sample_for_every_size_of_the_batch() -> None:
    layer = layers.Dense(1, kernel_initializer="ones", activity_regularizer=lambda y: tf.reduce_sum(y))

    @tf.function(input_signature=[tf.TensorSpec((None, 2))])
    def penalty(x: Any) -> Any:
        layer(x)
        return layer.losses[0]

    assert [penalty(tf.ones((size, 2))).numpy() for size in (1, 4, 7)] == [2.0, 2.0, 2.0]


def test_a_dropout_draws_anew_in_each_run_of_a_program() -> None:
    layer = layers.Dropout(0.5, seed=1)
    call = tf.function(lambda x: layer(x, training=True))
    draws = {tuple(call(tf.ones((50,))).numpy()) for _ in range(4)}
    assert len(draws) == 4


def test_plain_variables_in_attributes_are_weights_too() -> None:
    class Scale(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.scale = tf.Variable(2.0)
            self.parts = [tf.Variable(1.0, trainable=False)]

        def call(self, x: Any) -> Any:
            return self.scale * x

    layer = Scale()
    assert layer(np.ones(1)).numpy() == 2.0
    assert [each.numpy() for each in layer.weights] == [2.0, 1.0]
    assert len(layer.trainable_variables) == 1


@pytest.mark.parametrize("captured", [False, True])
def test_weights_and_layers_may_be_made_in_the_first_call(captured: bool) -> None:
    class Late(layers.Layer):
        def call(self, x: Any) -> Any:
            if not hasattr(self, "scale"):
                self.scale = self.add_weight((3,), "ones", name="scale")
                self.inner = [layers.Dense(1, kernel_initializer="ones", name="inner")]
            return self.inner[0](x * self.scale)

    layer = Late(name="late")
    call = tf.function(layer) if captured else layer
    assert [call(tf.ones((1, 3))).numpy().item() for _ in range(2)] == [3.0, 3.0]
    assert [each.path for each in layer.weights] == ["late/scale", "late/inner/kernel", "late/inner/bias"]


def test_the_name_of_a_weight_may_stand_first_as_in_older_programs() -> None:
    weight = layers.Layer(name="old").add_weight("kernel", shape=[2, 1], initializer="ones")
    assert (weight.path, weight.shape) == ("old/kernel", (2, 1))
    weight = layers.Layer(name="old").add_weight("kernel", [2, 1], "float64", "ones")
    assert weight.numpy().tolist() == [[1.0], [1.0]] and weight.dtype == tf.float64


def test_layers_are_where_older_programs_look_for_them() -> None:
    assert layers.experimental.preprocessing.Normalization is layers.Normalization
    assert layers.experimental.preprocessing.Rescaling is layers.Rescaling
    with pytest.warns(UserWarning, match="Do not pass an `input_shape`"):
        layers.Dense(1, input_shape=(3,))
    with pytest.warns(UserWarning, match="`alpha` is deprecated"):
        assert layers.LeakyReLU(alpha=0.5).negative_slope == 0.5
    with pytest.warns(UserWarning, match="`input_length` is deprecated"):
        layers.Embedding(2, 1, input_length=3)
    with pytest.warns(UserWarning, match="`rms_scaling=True`, which is deprecated"):
        layers.LayerNormalization(rms_scaling=True)


def test_losses_of_a_layer_that_was_not_called_this_time_do_not_count() -> None:
    class Chosen(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.costly = layers.ActivityRegularization(l1=1.0)

        def call(self, x: Any, skip: bool = False) -> Any:
            return x if skip else self.costly(x)

    layer = Chosen()
    layer(np.ones((1, 2)))
    assert [each.numpy() for each in layer.losses] == [2.0]
    layer(np.ones((1, 2)), skip=True)
    assert layer.losses == []


def test_an_error_says_in_which_layer_it_happened() -> None:
    class Broken(layers.Layer):
        def call(self, x: Any) -> Any:
            return tf.matmul(x, x)

    outer = layers.Lambda(Broken(name="broken"))
    with pytest.raises(tf.errors.InvalidArgumentError) as raised:
        outer(np.ones((2, 3)))
    notes = ["This happened in Broken.call() of layer 'broken', on inputs of shape (2, 3)."]
    assert raised.value.__notes__ == notes


def test_lines_of_a_folder_whose_name_begins_as_ours_stay_in_tracebacks() -> None:
    path = f"{Path(tf.__file__).parent}_project/model.py"
    scope: dict[str, Any] = {"Layer": layers.Layer}
    code = "class Broken(Layer):\n    def call(self, x):\n        raise ZeroDivisionError\n"
    exec(compile(code, path, "exec"), scope)
    with pytest.raises(ZeroDivisionError) as raised:
        scope["Broken"]()(np.ones(1))
    assert traceback.extract_tb(raised.value.__traceback__)[-1].filename == path


def test_after_an_error_the_next_call_is_an_outermost_one_again() -> None:
    class Once(layers.Layer):
        def call(self, x: Any, training: Any = None) -> Any:
            if training:
                raise ZeroDivisionError
            self.add_loss(tf.reduce_sum(x))
            return x

    layer = Once()
    with pytest.raises(ZeroDivisionError):
        layer(np.ones(2), training=True)
    layer(np.ones(2))
    layer(np.ones(2))
    assert len(layer.losses) == 1
    assert layers.Dropout(0.5)(np.ones(9)).numpy().min() == 1.0


def test_a_build_that_fails_leaves_the_layer_as_it_was() -> None:
    class Scale(layers.Layer):
        broken = True

        def build(self, input_shape: Any) -> None:
            self.scale = self.add_weight((input_shape[-1],), "ones", name="scale")
            if self.broken:
                raise ZeroDivisionError

        def call(self, x: Any) -> Any:
            return x * self.scale

    layer = Scale(name="scale")
    with pytest.raises(ZeroDivisionError):
        layer(np.ones((1, 2)))
    assert not layer.built and layer.weights == [] and layer.get_build_config() is None
    layer.broken = False
    layer(np.ones((1, 3)))
    assert layer.get_build_config() == {"input_shape": (1, 3)}
    assert [(each.path, each.shape) for each in layer.weights] == [("scale/scale", (3,))]


def test_layers_are_found_in_every_container_and_each_once() -> None:
    Pair = collections.namedtuple("Pair", "left right")
    layer, inner = layers.Layer(), [layers.Dense(1, name=name) for name in "abcde"]
    layer.ordered = collections.OrderedDict(a=inner[0])
    layer.pair = Pair(inner[1], inner[2])
    layer.set = {inner[3]}
    layer.lists = collections.defaultdict(list)
    layer.lists["again"] += [inner[4], inner[0]]
    inner[0].outer = layer  # round in a circle
    assert [each.name for each in layer._flatten_layers(include_self=False)] == ["a", "b", "c", "d", "e"]
    for each in inner:
        each.build((None, 2))
    assert len(layer.weights) == 10
    layer.trainable = False
    assert inner[4].trainable_weights == []


def test_a_copy_of_a_layer_in_a_model_does_not_copy_the_model() -> None:
    inner = layers.Dense(2)
    tf.keras.Model(x := tf.keras.Input((3,)), layers.Dense(1)(inner(x)))
    other = copy.deepcopy(inner)
    assert other._inbound_nodes == [] and other(np.ones((1, 3))).shape == (1, 2)


def test_no_tensor_of_a_step_stays_with_a_layer_beyond_the_next_call() -> None:
    class Costly(layers.Layer):
        def call(self, x: Any) -> Any:
            y = x * 1.0
            seen.append(weakref.ref(y.array))
            self.add_loss(tf.reduce_sum(y))
            return y

    seen: list[Any] = []
    model = tf.keras.Sequential([layers.Dense(2, activity_regularizer="l2"), Costly()])
    for _ in range(3):
        with tf.GradientTape() as tape:
            loss = tf.add_n([tf.reduce_sum(model(np.ones((1, 2)), training=True)), *model.losses])
        tape.gradient(loss, model.trainable_variables)
        del tape, loss
    gc.collect()
    assert all(each() is None for each in seen)


def test_threads_may_call_one_layer_in_training_and_in_inference() -> None:
    layer, x, wrong = layers.Lambda(lambda x: inner(x)), np.ones((4, 3)), []
    inner = layers.Lambda(lambda x, training: x if training else -x)

    def run(training: bool) -> None:
        for _ in range(100):
            if (layer(x, training=training).numpy() != (x if training else -x)).any():
                wrong.append(training)

    threads = [threading.Thread(target=run, args=(training,)) for training in (True, False, True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_training_may_be_a_tensor_in_a_program() -> None:
    layer = layers.Dropout(0.5, seed=1)
    call = tf.function(lambda x, training: layer(x, training=training))
    zeros = [float(tf.reduce_sum(tf.cast(call(tf.ones(99), tf.constant(on)) == 0.0, "int32"))) for on in (True, False)]
    assert zeros[0] > 20 and zeros[1] == 0


def test_a_lambda_knows_the_dtype_of_what_comes() -> None:
    symbol = layers.Lambda(lambda x: tf.one_hot(x, 3))(tf.keras.Input((2,), dtype="int32"))
    assert (symbol.shape, symbol.dtype) == ((None, 2, 3), "float32")


def test_a_copy_of_a_layer_has_weights_of_its_own() -> None:
    layer = layers.Dense(1)
    layer(np.ones((1, 2)))
    other = copy.deepcopy(layer)
    other.set_weights([np.zeros((2, 1)), np.ones(1)])
    assert other(np.ones((1, 2))).numpy() == 1.0
    assert np.any(layer.get_weights()[0])


def test_weights_are_found_in_lists_that_are_filled_later() -> None:
    layer = layers.Layer()
    layer.inner = []
    layer.inner.append(layers.Dense(1))
    layer.inner[0].build((None, 2))
    assert len(layer.weights) == 2
    layer.trainable = False
    assert layer.inner[0].trainable_weights == []


def test_batch_renormalization_is_refused() -> None:
    with pytest.raises(NotImplementedError, match="make the layer without `renorm`"):
        layers.BatchNormalization(renorm=True)


def test_frozen_weights_keep_their_place() -> None:
    layer = layers.Layer()
    layer.add_weight((1,), "zeros", trainable=False, name="fixed")
    layer.add_weight((2,), "ones", name="free")
    before = [each.name for each in layer.weights]
    layer.trainable = False
    assert before == [each.name for each in layer.weights] == ["free", "fixed"]


WORDS = (
    "attributes build_for built call compile_metrics converted counts evaluate first floats given graph history "
    "in_order layers_ logs loss_tracker losses metrics name names nodes on_batch own owned parts path penalize rebuild "
    "run seed shapes stack state states step steps symbolic take takes_training track trainable training "
    "training_by_default untracked walk weight weights"
).split()


def refuse(*args: Any, **kwargs: Any) -> None:
    raise AssertionError("this method is the user's own")


@pytest.mark.parametrize("kind", ["functional", "sequential", "subclass"])
def test_private_names_are_free_for_those_who_write_subclasses(kind: str) -> None:
    class Own(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.inner = layers.Dense(1)

        def call(self, x: Any) -> Any:
            return self.inner(x)

    x, y = tf.keras.Input((2,)), layers.Dense(1)
    model = {
        "functional": lambda: tf.keras.Model(x, y(x)),
        "sequential": lambda: tf.keras.Sequential([y]),
        "subclass": Own,
    }
    made: Any = model[kind]()
    made.compile("sgd", "mse", metrics=["mae"])
    made.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
    made.predict(np.ones((4, 2)), verbose=0)
    names = {name for each in (made, *made.layers, layers.Layer()) for name in dir(each)}
    private = {name for name in names if name.startswith("_") and not name.startswith(("__", "_keras_"))}
    assert private == {"_flatten_layers", "_inbound_nodes", "_layers", "_trackable_children"}


@pytest.mark.parametrize("what", ["attributes", "methods"])
def test_a_model_with_private_names_of_its_own_is_fitted_saved_and_loaded(what: str, tmp_path: Path) -> None:
    names = {f"_{word}": 3 if what == "attributes" else refuse for word in WORDS}
    x, y = np.eye(3, dtype="float32"), np.ones((3, 1), "float32")

    class Inner(layers.Dense):
        """A layer with such names."""

    class Outer(tf.keras.Model):
        def __init__(self, **kwargs: Any) -> None:
            if what == "attributes":
                vars(self).update(names)
            super().__init__(**kwargs)
            self.inner = Inner(1)
            for each in (self, self.inner):
                if what == "attributes":
                    vars(each).update(names)
                    each._first_layer = layers.Dense(1)

        def call(self, x: Any) -> Any:
            return self.inner(x) if what == "methods" else self._first_layer(self.inner(x))

    if what == "methods":
        for name in names:
            setattr(Inner, name, refuse)
            setattr(Outer, name, refuse)
    model = Outer()
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(x, y, verbose=0)
    model.train_on_batch(x, y)
    model.summary(print_fn=lambda line: None)
    model.save(tmp_path / "m.keras")
    scope = {"Outer": Outer, "Inner": Inner}
    again = tf.keras.models.load_model(tmp_path / "m.keras", custom_objects=scope)
    # The first call computes op by op, as the model that was fitted did not: XLA may round in another place.
    rounding = {"numpy": 0, "tensorflow": 1e-6}[tf.get_backend()]
    np.testing.assert_allclose(again.predict(x, verbose=0), model.predict(x, verbose=0), rtol=rounding)
    np.testing.assert_allclose(again.evaluate(x, y, verbose=0), model.evaluate(x, y, verbose=0), rtol=rounding)
