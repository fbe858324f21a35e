"""What is exported to ONNX gives in onnxruntime what the function gives, for all sizes; the rest is refused."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

import minitf as tf
from minitf.export import translations

Function = Any
MATRIX = tf.TensorSpec([None, 3], name="x")


def spec(*shape: int | None, dtype: Any = tf.float32, name: str | None = None) -> tf.TensorSpec:
    return tf.TensorSpec(list(shape), dtype, name)


def run(path: Path, *arrays: Any) -> list[Any]:
    """Run a model in onnxruntime."""
    session = onnxruntime.InferenceSession(os.fspath(path), providers=["CPUExecutionProvider"])
    names = [given.name for given in session.get_inputs()]
    results: list[Any] = session.run(None, dict(zip(names, arrays, strict=True)))
    return results


def draw(given: tf.TensorSpec, size: int) -> Any:
    shape = [size if n is None else n for n in given.shape.as_list()]
    random = np.random.default_rng(size)
    drawn = random.normal(size=shape) if given.dtype.is_floating else random.integers(0, 3, size=shape)
    return drawn.astype(given.dtype.as_numpy_dtype)


def gradient(function: Function) -> Function:
    """Return the gradient of the sum of a function's squares."""

    def derive(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(tf.square(function(x)))
        return tape.gradient(loss, x)

    return derive


def padded(x: Any) -> Any:
    return tf.pad(x, [[1, 0], [0, 2]])


TABLE = tf.constant(np.arange(12.0, dtype=np.float32).reshape(4, 3))
# Functions of a matrix with any number of rows, whose attributes depend on that number.
OPEN: dict[str, Function] = {
    "a band": lambda x: tf.linalg.band_part(x @ tf.transpose(x), 1, 0),
    "a broadcast column": lambda x: x[:, :1] + tf.reduce_mean(x, axis=0),
    "a diagonal": lambda x: tf.linalg.diag_part(x @ tf.transpose(x)),
    "a diagonal matrix": lambda x: tf.linalg.diag(x[:, 0]),
    "a mean": tf.reduce_mean,
    "a range": lambda x: tf.range(tf.shape(x)[0] * 2 - 1),
    "a reshape": lambda x: tf.reshape(tf.reshape(x, [-1]), [tf.shape(x)[0], 3, 1]),
    "a roll": lambda x: tf.roll(x, 2, 0),
    "a scatter": lambda x: tf.scatter_nd(tf.zeros([1, 1], tf.int32), x[:1], tf.shape(x)),
    "a sort": lambda x: tf.sort(x, axis=0, direction="DESCENDING"),
    "a stack": lambda x: tf.stack([x, 2 * x], 1),
    "a tile": lambda x: tf.tile(x, [2, tf.shape(x)[0]]),
    "everything but the last row": lambda x: x[:-1],
    "half of the rows": lambda x: x[: tf.shape(x)[0] // 2],
    "one-hot rows": lambda x: tf.one_hot(tf.argmax(x, 1), tf.shape(x)[0]),
    "padding": padded,
    "rows by number": lambda x: tf.gather(TABLE, tf.argmax(x, 1)),
    "rows in turn": lambda x: tf.reverse(x, [0]),
    "sums so far": lambda x: tf.cumsum(x, 0, exclusive=True),
    "the gradient of a column of sums": gradient(lambda x: x * tf.reduce_sum(x, 0, keepdims=True)),
    "the gradient of a concatenation": gradient(lambda x: tf.concat([x, x * x], 0)),
    "the gradient of a gather": gradient(lambda x: tf.gather(x, [0, 0])),
    "the gradient of a mean": gradient(tf.reduce_mean),
    "the gradient of a product": gradient(lambda x: x @ tf.transpose(x)),
    "the gradient of a slice": gradient(lambda x: x[1:, ::2]),
    "the gradient of a tile": gradient(lambda x: tf.tile(x, [2, 1])),
    "the gradient of padding": gradient(padded),
    "the gradient of softmax": gradient(tf.nn.softmax),
    "the gradient of the largest": gradient(lambda x: tf.reduce_max(x, 0)),
    "the largest two": lambda x: tf.math.top_k(x, 2)[0],
    "the mean and variance": lambda x: tf.nn.moments(x, [0]),
    "the number of rows": lambda x: tf.cast(tf.shape(x)[0], tf.float32) * x,
    "zeros and ones": lambda x: (tf.zeros_like(x), tf.ones_like(x[:, 0])),
}


@pytest.mark.parametrize("name", OPEN)
def test_a_model_serves_batches_of_any_size(name: str, tmp_path: Path) -> None:
    function = tf.function(OPEN[name])
    path = tf.export.to_onnx(function.get_concrete_function(MATRIX), tmp_path / "f.onnx", verify=False)
    for size in (2, 1, 7):
        x = draw(MATRIX, size)
        for ours, theirs in zip(tf.nest.flatten(OPEN[name](tf.constant(x))), run(path, x), strict=True):
            assert theirs.dtype == ours.numpy().dtype
            np.testing.assert_allclose(theirs, ours.numpy(), rtol=1e-5, atol=1e-5)


class Network(tf.Module):
    """Two layers, a loss and its gradients."""

    def __init__(self) -> None:
        super().__init__()
        random = np.random.default_rng(0)
        self.weights = [
            tf.Variable(random.normal(size=size).astype("f"), name=name)
            for name, size in (("first/kernel", (4, 5)), ("first/bias", 5), ("last/kernel", (5, 3)), ("last/bias", 3))
        ]

    def logits(self, x: Any) -> Any:
        w1, b1, w2, b2 = self.weights
        return tf.nn.relu(x @ w1 + b1) @ w2 + b2

    @tf.function(input_signature=[spec(None, 4, name="pictures")])
    def __call__(self, x: Any) -> Any:
        logits = self.logits(x)
        return {"probabilities": tf.nn.softmax(logits), "classes": tf.argmax(logits, 1)}

    @tf.function(input_signature=[spec(None, 4, name="pictures"), spec(None, dtype=tf.int32, name="labels")])
    def gradients(self, x: Any, labels: Any) -> Any:
        with tf.GradientTape() as tape:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, self.logits(x))
            loss = tf.reduce_mean(losses) + 0.1 * sum(tf.nn.l2_loss(w) for w in self.weights)
        return [loss, *tape.gradient(loss, self.weights)]


def test_a_network_keeps_its_names_its_weights_and_its_open_batch(tmp_path: Path) -> None:
    network = Network()
    model = onnx.load(tf.export.to_onnx(network.__call__, tmp_path / "network.onnx"))
    graph = model.graph
    assert [given.name for given in graph.input] == ["pictures"]
    assert [dim.dim_param or dim.dim_value for dim in graph.input[0].type.tensor_type.shape.dim] == ["batch", 4]
    assert {result.name for result in graph.output} == {"probabilities", "classes"}
    stored = {part.name: onnx.numpy_helper.to_array(part) for part in graph.initializer}
    for weight in network.weights:
        np.testing.assert_array_equal(stored[weight.name.removesuffix(":0")], weight.numpy())
    assert (model.producer_name, model.producer_version) == ("minitf", tf.__version__)
    assert [(each.domain, each.version) for each in model.opset_import] == [("", 18)]
    assert "softmax" in graph.doc_string, "the program's source"


def test_a_training_step_gives_the_same_loss_and_gradients(tmp_path: Path) -> None:
    network = Network()
    path = tf.export.to_onnx(network.gradients, tmp_path / "step.onnx")
    x, labels = draw(spec(None, 4), 6), draw(spec(None, dtype=tf.int32), 6)
    for ours, theirs in zip(network.gradients(x, labels), run(path, x, labels), strict=True):
        np.testing.assert_allclose(theirs, ours.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("opset", [18, 21, 22])
def test_the_opset_is_the_one_asked_for(opset: int, tmp_path: Path) -> None:
    path = tf.export.to_onnx(Network().gradients, tmp_path / "step.onnx", opset=opset)
    assert onnx.load(path).opset_import[0].version == opset


@pytest.mark.parametrize("opset", [17, 999])
def test_an_opset_that_will_not_do_is_refused_with_those_that_do(opset: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"opset must be from 18 to .* got {opset}"):
        tf.export.to_onnx(Network().__call__, tmp_path / "f.onnx", opset=opset)


def test_a_function_that_returns_what_it_takes_and_knows_is_exported(tmp_path: Path) -> None:
    w = tf.Variable([1.0, 2.0], name="x")
    f = tf.function(lambda x, unused: (x, x, w, tf.constant([3])))
    f(tf.constant([5.0]), tf.constant(1))
    path = tf.export.to_onnx(f, tmp_path / "f.onnx")
    results = run(path, np.array([7.0], np.float32), np.array(1, np.int32))
    assert [result.tolist() for result in results] == [[7.0], [7.0], [1.0, 2.0], [3]]
    assert len({part.name for part in (*onnx.load(path).graph.input, *onnx.load(path).graph.initializer)}) == 4


def test_a_function_of_a_saved_model_is_exported(tmp_path: Path) -> None:
    network = Network()
    tf.saved_model.save(network, os.fspath(tmp_path / "saved"))
    loaded = tf.saved_model.load(os.fspath(tmp_path / "saved"))
    path = tf.export.to_onnx(loaded.__call__, tmp_path / "network.onnx")
    x = draw(spec(None, 4), 3)
    probabilities = network(x)["probabilities"].numpy()
    assert any(np.allclose(result, probabilities) for result in run(path, x) if result.shape == (3, 3))


def test_the_gradient_of_a_slice_stores_no_number_for_each_entry(tmp_path: Path) -> None:
    f = tf.function(gradient(lambda x: x[:, ::3])).get_concrete_function(spec(300, 400))
    model = onnx.load(tf.export.to_onnx(f, tmp_path / "f.onnx"))
    places = [part for part in model.graph.initializer if part.data_type == onnx.TensorProto.INT64]
    assert max(onnx.numpy_helper.to_array(part).size for part in places) < 100


def test_dividing_by_0_does_not_end_the_process(tmp_path: Path) -> None:
    given = [tf.constant([7, -7, 7]), tf.constant([2, 2, -2])]
    f = tf.function(lambda x, y: (x // y, x % y)).get_concrete_function(*given)
    path = tf.export.to_onnx(f, tmp_path / "f.onnx", verify=given)
    quotient, rest = run(path, np.array([7, 1, -7], np.int32), np.array([2, 0, 2], np.int32))
    assert (quotient[[0, 2]].tolist(), rest[[0, 2]].tolist()) == ([3, -4], [1, 1])


def test_numbers_of_64_bits_stay_so_where_onnxruntime_has_the_op(tmp_path: Path) -> None:
    f = tf.function(lambda x: tf.exp(x) / 3)
    path = tf.export.to_onnx(f.get_concrete_function(spec(2, dtype=tf.float64)), tmp_path / "f.onnx")
    x = np.array([0.1, 0.2])
    np.testing.assert_allclose(run(path, x)[0], np.exp(x) / 3, rtol=1e-14)


def test_prints_and_assertions_are_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    @tf.function
    def f(x: Any) -> Any:
        tf.print("norm", tf.linalg.norm(tf.linalg.inv(x)))
        tf.debugging.assert_greater(x, 100.0)
        return 2 * x

    path = tf.export.to_onnx(f.get_concrete_function(spec(2, 2)), tmp_path / "f.onnx")
    assert [node.op_type for node in onnx.load(path).graph.node] == ["Mul", "Identity"]
    assert capsys.readouterr() == ("", "")


# --- what is refused --------------------------------------------------------------------------------------------------


def refused(error: type[Exception], function: Any, tmp_path: Path, **options: Any) -> str:
    """Return the message of the error that an export raises; it must leave nothing behind."""
    with pytest.raises(error) as caught:
        tf.export.to_onnx(function, tmp_path / "f.onnx", **options)
    assert list(tmp_path.iterdir()) == []
    return str(caught.value)


def test_an_op_that_onnx_lacks_is_named_with_its_line_and_a_way_out(tmp_path: Path) -> None:
    f = tf.function(lambda x: 2 * tf.linalg.inv(x + 1))
    message = refused(tf.errors.UnimplementedError, f.get_concrete_function(spec(2, 2)), tmp_path)
    assert "ONNX has no inverse of a matrix" in message
    assert "= inv(v1, adjoint=False)`" in message
    assert "pass it in as an argument" in message


def test_random_numbers_are_refused(tmp_path: Path) -> None:
    f = tf.function(lambda x: tf.nn.dropout(x, 0.5))
    message = refused(tf.errors.UnimplementedError, f.get_concrete_function(spec(2)), tmp_path)
    assert "ONNX draws other random numbers" in message


def test_a_function_that_assigns_variables_is_refused_by_their_names(tmp_path: Path) -> None:
    steps = tf.Variable(0, name="steps")
    f = tf.function(lambda x: x + tf.cast(steps.assign_add(1), tf.float32))
    message = refused(ValueError, f.get_concrete_function(spec(2)), tmp_path)
    assert "assignments to steps" in message and "return the new values" in message


def test_what_is_no_captured_function_is_refused(tmp_path: Path) -> None:
    assert "got:      function" in refused(TypeError, lambda x: x, tmp_path)
    twice = tf.function(lambda x: 2 * x)
    assert "was not called yet" in refused(ValueError, twice, tmp_path)
    twice(tf.constant(1.0)), twice(tf.constant(1))
    assert "has 2 traces" in refused(ValueError, twice, tmp_path)


def test_a_function_without_a_program_for_all_values_is_named_by_the_line_that_looks_at_one(tmp_path: Path) -> None:
    def looks(x: Any) -> Any:
        return x if x > 0 else -x

    f = tf.function(looks, input_signature=[spec()])
    assert "return x if x > 0 else -x" in refused(tf.errors.OperatorNotAllowedInGraphError, f, tmp_path)


def test_a_function_that_gives_nothing_is_refused(tmp_path: Path) -> None:
    nothing = tf.function(lambda x: None, input_signature=[spec(2)])
    assert "it returns no tensors" in refused(ValueError, nothing, tmp_path)


def test_another_result_in_onnxruntime_is_found_and_its_first_line_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(translations.TRANSLATIONS, "tanh", "Sin")
    f = tf.function(lambda x: tf.reduce_sum(tf.tanh(x + 1) ** 2, axis=1))
    message = refused(tf.errors.InternalError, f.get_concrete_function(MATRIX), tmp_path)
    assert "= tanh(v1)` in its source" in message
    tf.export.to_onnx(f.get_concrete_function(MATRIX), tmp_path / "f.onnx", verify=False)


def test_a_node_that_onnxruntime_cannot_run_is_named_by_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = lambda g, x: g.Reshape(x, [5])  # noqa: E731
    monkeypatch.setitem(translations.TRANSLATIONS, "tanh", wrong)
    f = tf.function(lambda x: tf.tanh(x + 1)[0])
    message = refused(tf.errors.InternalError, f.get_concrete_function(spec(None)), tmp_path)
    assert "onnxruntime cannot run" in message and "= tanh(v1)` in its source" in message


def test_inputs_that_a_function_refuses_can_be_replaced_by_others(tmp_path: Path) -> None:
    f = tf.function(lambda at: tf.gather([5.0], at)).get_concrete_function(spec(8, dtype=tf.int32))
    message = refused(ValueError, f, tmp_path)
    assert "is not in [0, 1)" in message and "verify=[x, y]" in message
    assert "must list 1 inputs, but got 2" in refused(ValueError, f, tmp_path, verify=[8 * [0], 8 * [0]])
    assert "must list shape (8,)" in refused(ValueError, f, tmp_path, verify=[[0]])
    path = tf.export.to_onnx(f, tmp_path / "f.onnx", verify=[8 * [0]])
    assert run(path, np.zeros(8, np.int32))[0].tolist() == 8 * [5.0]


@pytest.mark.parametrize("package", ["onnx", "onnxruntime"])
def test_a_missing_package_is_named_with_the_command_that_installs_it(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    message = refused(ImportError, Network().__call__, tmp_path)
    assert f"needs {package}," in message and 'pip install "minitf[export]"' in message


def test_a_file_is_replaced_as_a_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tf.export.to_onnx(Network().__call__, tmp_path / "f.onnx")
    before = path.read_bytes()

    def fail(*paths: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patched, pytest.raises(OSError, match="no space"):
        patched.setattr(os, "replace", fail)
        tf.export.to_onnx(Network().gradients, path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["f.onnx"]
