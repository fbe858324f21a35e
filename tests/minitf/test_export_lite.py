"""What is exported to LiteRT gives in its interpreter what the function gives, for all batches; the rest is refused.

TensorFlow converts and interprets, whichever backend computes here.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minitf as tf
from minitf import backends
from minitf.export import lite, verification

MATRIX = tf.TensorSpec([None, 3], name="x")


def run(path: Path, **given: Any) -> Any:
    """Run a model in LiteRT's interpreter."""
    return backends.load("tensorflow").run_lite(path.read_bytes(), given)


def rows(count: int, columns: int = 3) -> Any:
    return np.random.default_rng(count).normal(size=(count, columns)).astype(np.float32)


def function(python: Any, *specs: Any) -> Any:
    return tf.function(python, input_signature=specs or (MATRIX,))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "model.tflite"


def test_a_model_keeps_names_and_an_open_batch(place: Path) -> None:
    w = tf.Variable(rows(3, 2))
    classify = function(lambda x: {"shares": tf.nn.softmax(x @ w), "best": tf.argmax(x @ w, 1)})
    assert tf.export.to_tflite(classify, place) == place
    for count in (1, 4):
        given = run(place, x=rows(count))
        want = classify(rows(count))
        np.testing.assert_allclose(given["shares"], want["shares"], 1e-5)
        assert (given["best"].dtype, given["best"].tolist()) == (np.int64, want["best"].numpy().tolist())


def test_a_batch_can_be_fixed(place: Path) -> None:
    double = tf.function(lambda x: (2.0 * x, x[0])).get_concrete_function(tf.TensorSpec([2, 3], name="x"))
    tf.export.to_tflite(double, os.fspath(place))
    given = run(place, x=rows(2))
    np.testing.assert_allclose(given["output_0"], 2 * rows(2), 1e-6)
    np.testing.assert_allclose(given["output_1"], rows(2)[0], 1e-6)


def test_sizes_that_only_a_call_knows_are_computed(place: Path) -> None:
    def shaped(x: Any) -> Any:
        doubled = tf.tile(x[: tf.shape(x)[0] // 2], [2, tf.shape(x)[0]])
        return tf.reshape(doubled, [2, -1, 3]) + tf.cast(tf.shape(x)[0], tf.float32), tf.reverse(x, [0])[:-1]

    tf.export.to_tflite(function(shaped), place)
    given = run(place, x=rows(6))
    for ours, theirs in zip(shaped(tf.constant(rows(6))), (given["output_0"], given["output_1"]), strict=True):
        np.testing.assert_allclose(theirs, ours, 1e-6)


def test_branches_are_part_of_a_model(place: Path) -> None:
    choose = function(lambda x: tf.cond(tf.reduce_sum(x) > 0, lambda: 2.0 * x, lambda: x - 1.0))
    tf.export.to_tflite(choose, place)
    for x in (np.abs(rows(2)), -np.abs(rows(2))):
        np.testing.assert_allclose(run(place, x=x)["output_0"], choose(x), 1e-6)


@pytest.mark.parametrize("quantization", ["float16", "dynamic"])
def test_constants_of_fewer_bits_make_a_smaller_model(quantization: str, place: Path, tmp_path: Path) -> None:
    w = tf.Variable(rows(64, 64))
    product = function(lambda x: x @ w, tf.TensorSpec([None, 64], name="x"))
    whole = tf.export.to_tflite(product, tmp_path / "whole.tflite").stat().st_size
    small = tf.export.to_tflite(product, place, quantization=quantization).stat().st_size
    assert small < {"float16": 0.7, "dynamic": 0.5}[quantization] * whole
    x = rows(5, 64)
    given = run(place, x=x)["output_0"]
    assert 0 < np.abs(given - product(x).numpy()).max() < 0.5


def test_a_keras_model_is_exported_with_its_weights(place: Path) -> None:
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [tf.keras.Input((3,), name="points"), layers.Dense(8, "relu"), layers.BatchNormalization(), layers.Dense(2)]
    )
    tf.export.to_tflite(model, place)
    np.testing.assert_allclose(run(place, points=rows(4))["output_0"], model(rows(4)), 1e-4, 1e-5)


def test_prints_and_assertions_are_left_out(place: Path) -> None:
    def checked(x: Any) -> Any:
        tf.debugging.assert_non_negative(tf.square(x))
        tf.print(x)
        return tf.square(x)

    tf.export.to_tflite(function(checked), place, verify=False)
    np.testing.assert_allclose(run(place, x=rows(2))["output_0"], rows(2) ** 2, 1e-6)


def test_names_that_inputs_and_results_share_are_told_apart(place: Path) -> None:
    tf.export.to_tflite(function(lambda x: {"x": x + 1.0}), place)
    np.testing.assert_allclose(run(place, input_0=rows(2))["x"], rows(2) + 1, 1e-6)


# --- what is refused --------------------------------------------------------------------------------------------------


def test_what_a_model_cannot_do_is_refused_and_nothing_written(place: Path) -> None:
    count = tf.Variable(0.0)
    refused = [
        (lambda x: x + count.assign_add(1.0), ValueError, "to LiteRT: it assigns variables"),
        (lambda x: tf.print(x), ValueError, "to LiteRT: it returns no tensors"),
        (lambda x: x + tf.random.normal([3]), tf.errors.UnimplementedError, r"`\w+ = take_stream.*` in its source"),
        (lambda x: tf.math.erfc(x), tf.errors.UnimplementedError, "got:      the op Erfc"),
    ]
    for python, error, words in refused:
        with pytest.raises(error, match=words):
            tf.export.to_tflite(function(python), place)
    with pytest.raises(TypeError, match="Cannot export to LiteRT: it is not clear which program is meant"):
        tf.export.to_tflite(abs, place)
    with pytest.raises(ValueError, match="quantization must be None, 'float16' or 'dynamic', but got 'int8'"):
        tf.export.to_tflite(function(tf.square), place, quantization="int8")
    assert list(place.parent.iterdir()) == []


def test_other_results_are_told_by_the_first_line_that_differs(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = backends.load("tensorflow")
    runs = module.run_lite

    def wrong(model: bytes, given: Any) -> Any:
        found = dict(runs(model, given))
        return {name: y + (name != "value_1") for name, y in found.items()}

    monkeypatch.setattr(module, "run_lite", wrong)
    with pytest.raises(tf.errors.InternalError, match=r"LiteRT model of .*computes something else(.|\n)*tanh"):
        tf.export.to_tflite(function(lambda x: tf.tanh(tf.square(x))), place)
    assert not place.exists()


def test_a_tensorflow_without_the_converter_is_told(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exporting = backends.load("tensorflow").exporting
    monkeypatch.setattr(exporting, "tf", type("Without", (), {"__version__": "9.9"}))
    with pytest.raises(tf.errors.UnimplementedError, match=r"TensorFlow 9.9 has no converter \(tf.lite\); install one"):
        tf.export.to_tflite(function(tf.square), place)


def test_results_of_fewer_bits_are_compared_by_their_form_only() -> None:
    model: Any = lite.Model(b"", (), (), "float16")
    assert verification._agree(np.zeros(2), np.ones(2), model.close)
    assert not verification._agree(np.zeros(2), np.ones(3), model.close)
