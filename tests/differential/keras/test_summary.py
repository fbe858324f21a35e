"""The table of `model.summary()` is Keras's, character by character: each model here is made on both and described."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minitf

WIDE = "200"  # Keras cuts off what is beyond the terminal; we do not


def classifier(keras: Any) -> Any:
    layers = [keras.Input((784,)), keras.layers.Dense(128, activation="relu"), keras.layers.Dense(10)]
    return keras.Sequential(layers)


def regularised(keras: Any) -> Any:
    names = (keras.layers.BatchNormalization(), keras.layers.Dropout(0.5), keras.layers.Flatten())
    return keras.Sequential([keras.Input((4, 3)), keras.layers.Dense(5), *names, keras.layers.Dense(1)], name="small")


def frozen(keras: Any) -> Any:
    model = classifier(keras)
    model.layers[0].trainable = False
    return model


def unbuilt(keras: Any) -> Any:
    return keras.Sequential([keras.layers.Dense(3), keras.layers.BatchNormalization(), keras.layers.Dropout(0.1)])


def empty(keras: Any) -> Any:
    return keras.Sequential()


def called(keras: Any) -> Any:
    model = keras.Sequential([keras.layers.Dense(3), keras.layers.Dense(1)])
    model(np.zeros((5, 2), "float32"))
    return model


def fitted(optimizer: str) -> Callable[[Any], Any]:
    def make(keras: Any) -> Any:
        model = keras.Sequential([keras.layers.Dense(3), keras.layers.Dense(1)])
        model.compile(optimizer, "mse")
        model.fit(np.zeros((4, 2), "float32"), np.zeros((4, 1), "float32"), verbose=0)
        return model

    return make


def straight(keras: Any) -> Any:
    inputs = keras.Input((3,), name="x")
    hidden = keras.layers.Dense(4, name="hidden")(inputs)
    return keras.Model(inputs, [hidden, keras.layers.Dense(1, name="answer")(hidden)])


def branched(keras: Any) -> Any:
    left, right = keras.Input((8,), name="left"), keras.Input((8,), name="right_hand_side")
    shared = keras.layers.Dense(4, name="a_layer_whose_name_is_longer_than_its_column")
    joined = keras.layers.Concatenate()([shared(left), shared(right)])
    return keras.Model([left, right], keras.layers.Dense(2)(keras.layers.Add()([joined, left])), name="siamese")


def nested(keras: Any) -> Any:
    inputs = keras.Input((3,))
    inner = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="narrow")], name="inner")
    outer = keras.Sequential([keras.Input((3,)), inner, keras.layers.Dense(3, name="wide")], name="outer")
    return keras.Model(inputs, outer(keras.layers.Dense(3)(inputs)), name="nest")


def forked(keras: Any) -> Any:
    model = nested(keras)
    twice = keras.layers.Multiply()([model.output, model.output])
    return keras.Model(model.input, [twice + 1.0, keras.layers.Dense(1, use_bias=False)(model.output)], name="fork")


def subclassed(build: bool) -> Callable[[Any], Any]:
    def make(keras: Any) -> Any:
        class Net(keras.Model):  # type: ignore[misc]
            def __init__(self) -> None:
                super().__init__()
                self.first = keras.layers.Dense(3)
                self.norm = keras.layers.BatchNormalization()
                self.rest = keras.Sequential([keras.layers.Dense(2), keras.layers.Dense(1)], name="rest")

            def call(self, x: Any) -> Any:
                return self.rest(self.norm(self.first(x)))

        model = Net()
        if build:
            model(np.zeros((5, 2), "float32"))
        return model

    return make


def headed(keras: Any) -> Any:
    inputs = keras.Input((4,))
    heads = [keras.layers.Dense(1, name="score")(inputs), keras.layers.Dense(2, name="kind")(inputs)]
    one, two = keras.Model(inputs, heads, name="heads")(inputs)
    return keras.Model(inputs, keras.layers.Concatenate(name="both")([one, two]), name="headed")


def shaped(keras: Any) -> Any:
    layers = [
        keras.Input((6,), dtype="int32"), keras.layers.Embedding(50, 4), keras.layers.Reshape((4, 6)),
        keras.layers.Activation("relu"), keras.layers.LayerNormalization(), keras.layers.Flatten(),
    ]  # fmt: skip
    return keras.Sequential(layers)


def scalar(keras: Any) -> Any:
    class Total(keras.layers.Layer):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            return x + 1.0

    class Weighted(keras.layers.Layer):  # type: ignore[misc]
        def build(self, input_shape: Any) -> None:
            self.factor = self.add_weight(shape=(), initializer="ones", name="factor")
            self.count = self.add_weight(shape=(), initializer="zeros", trainable=False, name="count")

        def call(self, x: Any) -> Any:
            return x * self.factor

    class Net(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.total, self.weighted = Total(), Weighted()

        def call(self, x: Any) -> Any:
            return self.weighted(self.total(x))

    model = Net()
    model(np.zeros((2, 3), "float32"))
    return model


MODELS = {
    "classifier": classifier, "regularised": regularised, "frozen": frozen, "unbuilt": unbuilt, "empty": empty,
    "called": called, "fitted with adam": fitted("adam"), "fitted with sgd": fitted("sgd"), "straight": straight,
    "branched": branched, "nested": nested, "forked": forked, "headed": headed,
    "shaped": shaped, "of own layers": scalar, "subclassed": subclassed(True),
    "subclassed, unbuilt": subclassed(False),
}  # fmt: skip
SETTINGS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "all told": {"expand_nested": True, "show_trainable": True},
    "narrow": {"line_length": 50},
}


def made(keras: Any, make: Callable[[Any], Any]) -> Any:
    keras.utils.clear_session()
    return make(keras)


def told(model: Any, **settings: Any) -> str:
    lines: list[str] = []
    model.summary(print_fn=lines.append, **settings)
    (text,) = lines
    return text


@pytest.mark.parametrize("name", MODELS)
def test_a_summary_is_kerass_table(oracle: ModuleType, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", WIDE)
    ours, theirs = made(minitf.keras, MODELS[name]), made(oracle.keras, MODELS[name])
    for chosen in SETTINGS.values():
        assert told(ours, **chosen) == told(theirs, **chosen)


@pytest.mark.parametrize("columns", ["80", "60", "200"])
def test_a_summary_keeps_within_the_terminal(oracle: ModuleType, columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    for make in (classifier, branched):
        assert told(made(minitf.keras, make)) == told(made(oracle.keras, make))


@pytest.mark.parametrize(
    "settings",
    [
        {"positions": [0.2, 0.5, 1.0]},
        {"line_length": 101, "show_trainable": True},
        {"layer_range": ["dense", "dense"]},
        {"layer_range": ["dense_1", "dense"]},
        {"layer_range": [".*_1", ".*"]},
    ],
)
def test_columns_and_layers_can_be_chosen(
    oracle: ModuleType, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", WIDE)
    ours, theirs = (told(made(keras, classifier), **settings) for keras in (minitf.keras, oracle.keras))
    assert ours == theirs


@pytest.mark.parametrize(
    "settings",
    [
        {"line_length": 12},
        {"layer_range": ["dense"]},
        {"layer_range": [0, 1]},
        {"layer_range": ["dense", "nowhere"]},
    ],
)
def test_what_cannot_be_shown_is_kerass_error(oracle: ModuleType, settings: dict[str, Any]) -> None:
    messages = []
    for keras in (minitf.keras, oracle.keras):
        with pytest.raises(ValueError) as caught:
            told(made(keras, classifier), **settings)
        messages.append(str(caught.value))
    ours, theirs = messages
    assert ours.startswith(theirs.split(". Received")[0])


def test_without_a_function_the_table_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    model = made(minitf.keras, classifier)
    assert model.summary() is None
    assert capsys.readouterr().out == told(model)
