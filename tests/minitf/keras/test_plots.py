"""The figures of training tell, in their text, what one sees: where it was best, what is wrong, dead or saturated."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import minitf as tf
from minitf import plot
from minitf.keras import layers

draw = np.random.default_rng(3)


# --- learning curves --------------------------------------------------------------------------------------------------


def test_curves_tell_the_first_last_and_best_values_and_mark_the_best_epoch_of_the_validation() -> None:
    history = {"loss": [0.9, 0.5, 0.3], "accuracy": [0.5, 0.75, 1.0], "val_loss": [0.8, 0.6, 0.7]}
    figure = plot.learning_curves(history)
    assert "2 panels, loss, accuracy. The horizontal axis is the epoch from 1 to 3." in figure.text
    assert "loss in training (solid line, circles): from 0.9 to 0.3; best (lowest) 0.3 in epoch 3." in figure.text
    assert "from 0.8 to 0.7; best (lowest) 0.6 in epoch 2, marked with a star." in figure.text
    assert (
        "accuracy in training (solid line, circles): from 0.5 to 1; best (highest) 1 in epoch 3, marked" in figure.text
    )
    assert figure.data["best"] == {"loss": {"training": 3, "validation": 2}, "accuracy": {"training": 3}}


def test_curves_take_what_fit_returns_and_go_on_where_it_began() -> None:
    model = tf.keras.Sequential([tf.keras.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    x, y = draw.normal(size=(8, 2)), draw.normal(size=(8, 1))
    history = model.fit(x, y, epochs=5, initial_epoch=2, validation_data=(x, y), verbose=0)
    figure = plot.learning_curves(history)
    assert "2 panels, loss, mae. The horizontal axis is the epoch from 3 to 5." in figure.text
    assert set(figure.data["best"]) == {"loss", "mae"}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("auc", "best (highest) 3 in epoch 2"), ("top_k_categorical_accuracy", "best (highest) 3 in epoch 2"),
        ("kind_loss", "best (lowest) 1 in epoch 1"), ("root_mean_squared_error", "best (lowest) 1 in epoch 1"),
        ("true_positives", "best (highest) 3 in epoch 2"), ("false_positives", "best (lowest) 1 in epoch 1"),
        ("learning_rate", "lowest 1, highest 3"),
    ],
)  # fmt: skip
def test_what_is_best_depends_on_the_metric(name: str, told: str) -> None:
    assert told in plot.learning_curves({name: [1, 3, 2]}).text


def test_what_is_not_a_number_is_told_and_drawn_at_the_foot() -> None:
    broken = plot.learning_curves({"loss": [1.0, math.nan, math.inf], "val_loss": [math.nan] * 3})
    assert "loss in training (solid line, circles): from 1 to inf; best (lowest) 1 in epoch 1; not" in broken.text
    assert "not a finite number in 2 epochs, the first of them 2 (crosses at the foot)." in broken.text
    assert "from nan to nan; not a finite number in 3 epochs" in broken.text
    assert broken.png() != plot.learning_curves({"loss": [1.0, 1.0, 1.0], "val_loss": [math.nan] * 3}).png()


def test_validation_that_skips_epochs_stands_at_those_it_was_made_in() -> None:
    figure = plot.learning_curves({"loss": [4, 3, 2, 1], "val_loss": [2, 3]})
    assert (
        "loss in validation every 2 epochs (dashed line, squares): from 2 to 3; best (lowest) 2 in epoch 2"
        in figure.text
    )


def test_what_is_not_one_number_an_epoch_is_left_out_and_named() -> None:
    figure = plot.learning_curves({"loss": [2, 1], "f1_score": [[0.1, 0.2], [0.3, 0.4]]})
    assert figure.text.endswith("Not drawn, as they are not one number an epoch: f1_score.")


@pytest.mark.parametrize(
    ("history", "error", "message"),
    [
        ({}, ValueError, "call fit before"),
        ({"loss": []}, ValueError, "call fit"),
        ([1, 2], TypeError, "got list"),
        ({"loss": 0.5}, TypeError, "dictionary of lists"),
        ({"loss": ["low", None]}, ValueError, "no numbers"),
    ],
)
def test_there_must_be_something_to_draw(history: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        plot.learning_curves(history)


# --- decision regions -------------------------------------------------------------------------------------------------

THREE = np.array([(0, 0), (3, 0), (0, 3)], "float32")


def nearest(points: Any) -> Any:
    return -((points[:, None] - THREE) ** 2).sum(-1)


def test_regions_count_points_mistakes_and_shares() -> None:
    points = np.array([(0, 0), (3, 0), (0, 3), (0.1, 0.2)], "float32")
    figure = plot.decision_regions(nearest, points, [0, 1, 2, 1], classes=["a", "b", "c"])
    assert (
        "4 points of 3 classes: 1 of class a (blue circles), 2 of class b (red squares) and 1 of class c (green"
        in figure.text
    )
    assert "1 of 4 lies on the wrong side (marked with a cross): 1 of class b in the region of class a." in figure.text
    assert figure.data["wrong"] == [3]
    assert sum(figure.data["shares"]) == pytest.approx(1)
    assert figure.data["shares"][1] == pytest.approx(figure.data["shares"][2], abs=0.01)


@pytest.mark.parametrize("labels", [[0, 1, 2], [[0], [1], [2]], np.eye(3), tf.constant([0, 1, 2])])
def test_labels_are_numbers_columns_or_one_hot_rows(labels: Any) -> None:
    assert "All points lie on the right side." in plot.decision_regions(nearest, THREE, labels).text


@pytest.mark.parametrize(
    ("decide", "threshold"),
    [
        (lambda p: (p[:, 0] > 1).astype("int64"), 0.5),
        (lambda p: p[:, 0] > 1, 0.5),
        (lambda p: 1 / (1 + np.exp(1 - p[:, :1])), 0.5),
        (lambda p: p[:, :1] - 1, 0.0),
        (lambda p: np.stack([1 - p[:, 0], p[:, 0] - 1], 1), 0.5),
        (lambda p: tf.sigmoid(tf.constant(p) @ tf.constant([[1.0], [0.0]]) - 1.0), 0.5),
    ],
)
def test_answers_may_be_classes_probabilities_or_logits(decide: Any, threshold: float) -> None:
    figure = plot.decision_regions(decide, [(0.0, 0.0), (2.0, 0.0)], [0, 1], threshold=threshold, span=((0, 2), (0, 1)))
    assert figure.data["answers"] == [0, 1]
    assert figure.data["shares"] == [pytest.approx(0.5, abs=0.01)] * 2


def test_a_model_is_asked_about_many_points_at_once() -> None:
    asked: list[int] = []

    def counting(points: Any) -> Any:
        asked.append(len(points))
        return points[:, 0] > 0

    plot.decision_regions(counting, [(-1, 0), (1, 0)], [0, 1])
    assert sum(asked) > 10_000
    assert len(asked) < 10


def test_points_reach_the_model_as_float32_unless_they_are_floats_of_another_kind() -> None:
    seen: list[Any] = []

    def noting(points: Any) -> Any:
        seen.append(points.dtype)
        return points[:, 0] > 0

    plot.decision_regions(noting, [(-1, 0), (1, 0)], [0, 1])
    assert set(seen) == {np.dtype("float32")}
    seen.clear()
    plot.decision_regions(noting, np.array([(-1.0, 0), (1, 0)]), [0, 1])
    assert set(seen) == {np.dtype("float64")}


def test_where_the_answer_is_not_a_number_there_is_no_region() -> None:
    figure = plot.decision_regions(
        lambda p: np.where(p[:, 0] < 0, np.nan, p[:, 0]), [(1.0, 0.0), (-1.0, 0.0)], [1, 0], span=((-1, 1), (0, 1))
    )
    assert "no class, as the answer is not a number, 50 %." in figure.text
    assert "1 of class 0 without one" in figure.text


def test_a_class_that_is_never_the_answer_is_named() -> None:
    figure = plot.decision_regions(lambda p: np.zeros((len(p), 3)), THREE, [0, 1, 2])
    assert "Shares of the area: class 0 (hatched) 100 %." in figure.text
    assert "Nowhere is the answer class 1 or 2." in figure.text


@pytest.mark.parametrize(
    ("decide", "points", "labels", "message"),
    [
        (nearest, [[1, 2, 3]], [0], "points of shape"),
        (nearest, THREE, [0, 1], "and labels of shape"),
        (nearest, THREE, [-1, 0, 1], "class numbers 0, 1, 2"),
        (nearest, [[0, math.nan], [1, 2]], [0, 1], r"finite numbers, got \[0.0, nan\]"),
        (lambda p: ["left"] * len(p), THREE, [0, 1, 2], "and dtype <U4"),
        (lambda p: None, THREE, [0, 1, 2], "answers of shape"),
        (lambda p: p[:1, 0], THREE, [0, 1, 2], "asked about 3 points and got answers of shape"),
    ],
)
def test_points_labels_and_answers_must_fit(decide: Any, points: Any, labels: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plot.decision_regions(decide, points, labels)


# --- histograms -------------------------------------------------------------------------------------------------------


def watched() -> Any:
    model = tf.keras.Sequential(
        [
            tf.keras.Input((2,)), layers.Dense(4, activation="relu", name="hidden"),
            layers.Dense(3, activation="sigmoid", name="gates"), layers.Dense(1, name="out"),
        ]
    )  # fmt: skip
    kernel = np.array([[1, -1, 0, 0], [0, 0, 1, -1]], "float32")
    model.layers[0].set_weights([kernel, np.array([0, -100, 0, 0], "float32")])
    model.layers[1].set_weights([np.zeros((4, 3), "float32"), np.array([-50, 0, 50], "float32")])
    return model


def test_histograms_of_weights_tell_their_shapes_and_values() -> None:
    text = plot.weight_histograms(watched()).text
    assert "6 panels, one for each weight; the height is the number of entries." in text
    assert "hidden/kernel, shape (2, 4): 8 values from -1 to 1, mean 0, standard deviation 0.7071." in text
    assert "gates/kernel, shape (4, 3): 12 values, all 0." in text


@pytest.mark.parametrize("which", ["gates", 1, -2])
def test_layers_of_histograms_can_be_chosen_by_name_or_position(which: Any) -> None:
    model = watched()
    assert set(plot.weight_histograms(model, [which]).data["counts"]) == {"gates/kernel", "gates/bias"}
    assert plot.weight_histograms(model, which).text == plot.weight_histograms(model, [which]).text
    assert plot.weight_histograms(model, [model.layers[1]]).text == plot.weight_histograms(model, [which]).text
    figure = plot.activation_histograms(model, np.ones((2, 2), "float32"), [which])
    assert list(figure.data["counts"]) == ["gates (sigmoid)"]


def test_weights_that_are_not_numbers_are_told() -> None:
    model = watched()
    model.layers[2].set_weights([np.array([[1.0], [math.nan], [2.0]]), [math.inf]])
    text = plot.weight_histograms(model, ["out"]).text
    assert "3 values from 1 to 2, mean 1.5, standard deviation 0.5, but 1 not a finite number." in text
    assert "1 value, none of them a finite number" in text


def test_histograms_of_outputs_tell_what_is_dead_and_what_is_saturated() -> None:
    text = plot.activation_histograms(watched(), np.abs(draw.normal(size=(50, 2)))).text
    assert "3 panels, one for each layer; the height is the number of outputs." in text
    assert "hidden (relu), shape (50, 4): 200 values from 0 to" in text
    assert "; 50 % are 0; 2 of 4 units always 0." in text
    assert "gates (sigmoid), shape (50, 3): 150 values from" in text
    assert "; 67 % saturated." in text


def test_histograms_of_outputs_look_into_models_inside_and_leave_the_layers_as_they_were() -> None:
    class Net(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.inner = watched()
            self.last = layers.Dense(2, activation="tanh", name="last")

        def call(self, x: Any) -> Any:
            return self.last(self.inner(x))

    model, x = Net(), np.ones((3, 2), "float32")
    before = model(x).numpy()
    figure = plot.activation_histograms(model, x)
    assert list(figure.data["counts"]) == ["hidden (relu)", "gates (sigmoid)", "out", "last (tanh)"]
    assert all("call" not in vars(layer) for layer in [model.last, *model.inner.layers])
    assert (model(x).numpy() == before).all()


def test_a_model_without_weights_or_with_other_layers_is_told_so() -> None:
    with pytest.raises(ValueError, match="found no weights"):
        plot.weight_histograms(tf.keras.Sequential([layers.Dense(3)]))
    with pytest.raises(ValueError, match="no layer 'middle' here; the layers are hidden, gates, out"):
        plot.weight_histograms(watched(), ["middle"])


# --- models -----------------------------------------------------------------------------------------------------------


def siamese() -> Any:
    left, right = tf.keras.Input((8,), name="left"), tf.keras.Input((8,), name="right")
    inner = [tf.keras.Input((8,)), layers.Dense(4, activation="tanh", name="a"), layers.Dense(2, name="b")]
    encoder = tf.keras.Sequential(inner, name="encoder")
    joined = layers.Concatenate(name="both")([encoder(left), encoder(right)])
    return tf.keras.Model([left, right], [layers.Dense(1, name="same")(joined), -joined], name="siamese")


def test_a_model_is_boxes_and_arrows_with_the_shapes_of_what_flows() -> None:
    figure = plot.model(watched())
    assert figure.data["edges"] == [("hidden", "gates"), ("gates", "out")]
    assert figure.data["boxes"]["hidden"] == ["hidden (Dense)", "in: (None, 2)", "out: (None, 4)"]
    assert "3 boxes from top to bottom, with arrows along which data goes." in figure.text
    assert "gates (Dense, sigmoid): gets hidden, shapes (None, 4) to (None, 3)." in figure.text


def test_each_call_of_a_shared_layer_is_a_box() -> None:
    figure = plot.model(siamese())
    assert ("left", "encoder, call 1") in figure.data["edges"]
    assert ("encoder, call 2", "both") in figure.data["edges"]
    assert "both (Concatenate): gets encoder, call 1 and encoder, call 2, shapes (None, 2), (None, 2) to" in figure.text


def test_a_layer_that_gets_its_own_result_is_drawn_twice() -> None:
    inputs, again = tf.keras.Input((3,)), layers.Dense(3, name="again")
    figure = plot.model(tf.keras.Model(inputs, again(again(inputs))))
    assert figure.data["edges"][1:] == [("again, call 1", "again, call 2")]
    assert len(figure.png()) > 1000


def test_models_inside_are_one_box_or_their_layers() -> None:
    closed, opened = plot.model(siamese()), plot.model(siamese(), expand_nested=True)
    assert "Inside of encoder:\na (Dense, tanh): shapes (None, 8) to (None, 4)." in opened.text
    assert "Inside" not in closed.text
    assert opened.png() != closed.png()


def test_the_lines_of_a_box_can_be_chosen() -> None:
    model = watched()
    model.layers[0].trainable = False
    told: Any = {"show_shapes": False, "show_layer_names": False, "show_layer_activations": True}
    figure = plot.model(model, show_dtype=True, show_trainable=True, **told)
    assert figure.data["boxes"]["hidden"] == ["Dense", "activation: relu", "dtype: float32", "not trainable"]
    assert "hatched boxes have weights that are not trained" in figure.text


@pytest.mark.parametrize(
    ("rankdir", "way"), [("LR", "left to right"), ("BT", "bottom to top"), ("RL", "right to left")]
)
def test_a_model_can_be_drawn_in_four_directions(rankdir: str, way: str) -> None:
    usual, turned = plot.model(watched()), plot.model(watched(), rankdir=rankdir)
    assert f"3 boxes from {way}" in turned.text
    assert turned.png() != usual.png()


def test_a_model_whose_call_alone_knows_the_way_is_one_box() -> None:
    class Net(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__(name="net")
            self.only = layers.Dense(3)

        def call(self, x: Any) -> Any:
            return self.only(x)

    model = Net()
    model(np.ones((2, 2), "float32"))
    assert plot.model(model).text.endswith("only its own call knows.\nnet (Net).")


def test_a_model_must_be_built_and_have_a_known_direction() -> None:
    with pytest.raises(ValueError, match="This model has not yet been built"):
        plot.model(tf.keras.Sequential([layers.Dense(3)]))
    with pytest.raises(ValueError, match="rankdir must be one of TB, BT, LR, RL, got 'UP'"):
        plot.model(watched(), rankdir="UP")
