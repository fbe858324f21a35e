"""What `keras.utils` does beyond Keras's own behaviour: pictures in files, whole or not at all; messages that teach."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import minitf as tf
from minitf.keras import layers, utils


def small() -> Any:
    return tf.keras.Sequential([tf.keras.Input((4,)), layers.Dense(3, activation="relu"), layers.Dense(1)])


def test_plot_model_writes_the_picture_that_it_returns(tmp_path: Path) -> None:
    place = tmp_path / "pictures" / "model.png"
    drawn = utils.plot_model(small(), place, show_shapes=True, show_layer_names=True, dpi=100)
    assert place.read_bytes() == drawn.png(100)
    assert "relu): shapes (None, 4) to (None, 3)" in drawn.text
    width, height = Image.open(io.BytesIO(drawn.png(100))).size
    larger = Image.open(io.BytesIO(drawn.png(200)))
    assert larger.size == (pytest.approx(2 * width, abs=2), pytest.approx(2 * height, abs=2))


def test_plot_model_writes_model_png_unless_told_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    utils.plot_model(small(), to_file=None)
    assert list(tmp_path.iterdir()) == []
    assert utils.plot_model(small()).data["boxes"]
    assert [place.name for place in tmp_path.iterdir()] == ["model.png"]


def test_a_picture_that_cannot_be_drawn_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    place = tmp_path / "model.png"
    place.write_bytes(b"before")
    with pytest.raises(ValueError, match="has not yet been built"):
        utils.plot_model(tf.keras.Sequential([layers.Dense(1)]), place)
    with pytest.raises(ValueError, match="Unrecognized keyword arguments"):
        utils.plot_model(small(), place, colour="red")
    with pytest.raises(ValueError, match="`layer_range` is no longer supported"):
        utils.plot_model(small(), place, layer_range=["a", "b"])
    assert place.read_bytes() == b"before"
    with pytest.raises(ValueError, match="writes PNG files, got to_file='model.svg'; let the name end in .png"):
        utils.plot_model(small(), "model.svg")


def test_the_classes_of_a_tensor_are_counted_where_keras_wants_their_number() -> None:
    assert utils.to_categorical(tf.constant([[0], [2]])).shape == (2, 3)


def test_categories_take_the_dtype_that_older_programs_give() -> None:
    assert utils.to_categorical([0, 2], 3, dtype="int32").tolist() == [[1, 0, 0], [0, 0, 1]]
    assert utils.to_categorical([0, 2], dtype="float32").dtype == np.float32
    assert utils.to_categorical(tf.constant([0, 2]), 3, "float64").dtype == tf.float64


def test_a_class_beyond_the_last_is_named() -> None:
    with pytest.raises(IndexError, match="to_categorical got the class 5, but num_classes=3; classes count from 0"):
        utils.to_categorical([0, 5], 3)


def test_columns_are_normalized_as_well_as_rows() -> None:
    found = utils.normalize(np.array([[3.0, 1.0], [4.0, 0.0]]), axis=0)  # Keras divides by the wrong norms here
    np.testing.assert_allclose(found, [[0.6, 1], [0.8, 0]])


def test_what_users_register_stands_in_both_namespaces() -> None:
    assert utils.register_keras_serializable is tf.keras.saving.register_keras_serializable
    with utils.custom_object_scope({"thorny": abs}):
        assert utils.get_registered_object("thorny") is abs
    assert utils.get_registered_object("thorny") is None


def test_clear_session_counts_names_anew() -> None:
    utils.clear_session()
    names = [layers.Dense(1).name, layers.Dense(1).name]
    utils.clear_session()
    assert [*names, layers.Dense(1).name] == ["dense", "dense_1", "dense"]


def test_fit_takes_a_pydataset_and_tells_it_of_epochs() -> None:
    calls: list[str] = []

    class Lines(utils.PyDataset):
        def __len__(self) -> int:
            return 2

        def __getitem__(self, index: int) -> Any:
            x = np.full((4, 1), float(index))
            return x, 2 * x

        def on_epoch_begin(self) -> None:
            calls.append("begin")

        def on_epoch_end(self) -> None:
            calls.append("end")

    model = tf.keras.Sequential([tf.keras.Input((1,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(Lines(), epochs=2, verbose=0)
    assert len(history.history["loss"]) == 2
    assert calls == ["end", *["begin", "end"] * 2]  # Keras, too, begins by ending what went before
