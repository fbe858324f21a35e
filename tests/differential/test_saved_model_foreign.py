"""Saved models that go from one side to the other: TensorFlow's are loaded by minitf, and NumPy's on its runtime."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minitf as tf

pytestmark = pytest.mark.backend("tensorflow")
X = [[1.0, 2.0, 3.0], [0.5, -1.0, 4.0]]


@pytest.fixture
def theirs(oracle: Any, tmp_path: Path) -> tuple[Any, Any]:
    """A module that TensorFlow saved, and what minitf loads."""

    class Layer(oracle.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.w = oracle.Variable(oracle.ones([3, 2]))
            self.parts = [oracle.Variable(1.0)]

        @oracle.function(input_signature=[oracle.TensorSpec([None, 3], name="rows")])  # type: ignore[untyped-decorator]
        def __call__(self, x: Any) -> Any:
            return {"sums": x @ self.w, "count": oracle.shape(x)[0]}

        @oracle.function(input_signature=[oracle.TensorSpec([])])  # type: ignore[untyped-decorator]
        def scale(self, factor: Any) -> Any:
            return self.w.assign(self.w * factor), (factor,)

    oracle.saved_model.save(Layer(), str(tmp_path))
    assert tf.saved_model.contains_saved_model(tmp_path)
    return oracle.saved_model.load(str(tmp_path)), tf.saved_model.load(tmp_path)


def test_signatures_of_tensorflow_take_and_give_tensors(theirs: Any) -> None:
    expected, loaded = theirs
    ours = loaded.signatures["serving_default"](rows=tf.constant(X))
    want = expected.signatures["serving_default"](rows=X)
    assert {name: type(y) for name, y in ours.items()} == {"sums": tf.Tensor, "count": tf.Tensor}
    assert {name: (y.dtype.name, y.numpy().tolist()) for name, y in ours.items()} == {
        name: (y.dtype.name, y.numpy().tolist()) for name, y in want.items()
    }
    assert list(loaded.signatures) == ["serving_default"]


def test_functions_of_tensorflow_change_its_variables(theirs: Any) -> None:
    _, loaded = theirs
    now, (factor,) = loaded.scale(tf.Variable(3.0))
    assert (now.numpy().tolist(), float(factor)) == ([[3.0, 3.0]] * 3, 3.0)
    assert isinstance(loaded.w, tf.Tensor)
    assert loaded.w.numpy().tolist() == now.numpy().tolist()
    assert loaded(tf.constant(X))["sums"].numpy().tolist() == [[18.0, 18.0], [10.5, 10.5]]
    assert [float(each) for each in loaded.parts] == [1.0]


def test_no_gradient_flows_into_what_tensorflow_runs(theirs: Any) -> None:
    _, loaded = theirs
    head = tf.Variable([[1.0], [2.0]])
    x = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = loaded(x)["sums"] @ head
    by_x, by_head = tape.gradient(y, [x, head])
    assert by_x is None
    assert by_head.numpy().tolist() == [[9.5], [9.5]]


def test_a_function_that_calls_what_tensorflow_loaded_runs_as_plain_python(
    theirs: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    _, loaded = theirs
    double = tf.function(lambda x: 2.0 * loaded(x)["sums"])
    assert double(tf.constant(X)).numpy().tolist() == [[12.0, 12.0], [7.0, 7.0]]
    double.explain()
    assert "a function of a saved model of TensorFlow's" in capsys.readouterr().out


def test_a_model_that_keras_exported_serves(oracle: Any, tmp_path: Path) -> None:
    keras = oracle.keras
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, activation="tanh"), keras.layers.Dense(2)])
    model.export(str(tmp_path / "model"), verbose=False)
    loaded = tf.saved_model.load(tmp_path / "model")
    np.testing.assert_allclose(loaded.serve(tf.constant(X)).numpy(), model(np.array(X)).numpy(), 1e-6)


def test_a_module_without_functions_cannot_be_called(oracle: Any, tmp_path: Path) -> None:
    oracle.saved_model.save(oracle.Module(), str(tmp_path))
    loaded = tf.saved_model.load(tmp_path)
    assert dict(loaded.signatures) == {}
    with pytest.raises(TypeError, match="not callable"):
        loaded(1.0)
    with pytest.raises(AttributeError, match="nothing"):
        _ = loaded.nothing


# --- minitf's, from one backend to the other --------------------------------------------------------------------------

ELSEWHERE = """
import json, sys
import minitf as tf
given, made = sys.argv[1:]
assert "tensorflow" not in sys.modules
loaded = tf.saved_model.load(given)
tf.random.set_seed(1)
results = [loaded.step([1.0, 2.0, 3.0]).numpy().tolist(), loaded.w.numpy().tolist()]
tf.saved_model.save(loaded, made)
print(json.dumps(results))
"""


def test_a_model_goes_from_one_backend_to_the_other_and_back(tmp_path: Path) -> None:
    module: Any = tf.Module()
    module.w = tf.Variable([1.0])

    def step(x: Any) -> Any:
        module.w.assign_add([tf.reduce_sum(x)])
        return module.w * x + tf.random.uniform(tf.shape(x), seed=2)

    module.step = tf.function(step, input_signature=[tf.TensorSpec([None])])
    tf.saved_model.save(module, tmp_path / "here")
    environment = {**os.environ, "MINITF_BACKEND": "numpy"}
    command = [sys.executable, "-c", ELSEWHERE, *map(os.fspath, (tmp_path / "here", tmp_path / "there"))]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    y, w = json.loads(done.stdout)
    tf.random.set_seed(1)
    np.testing.assert_allclose(module.step([1.0, 2.0, 3.0]).numpy(), y, 1e-6)
    assert w == module.w.numpy().tolist() == [7.0]
    back = tf.saved_model.load(tmp_path / "there")
    assert sorted(file.name for file in (tmp_path / "there").iterdir()) == ["saved_model.npz"]
    assert back.w.numpy().tolist() == [7.0]
    np.testing.assert_allclose(back.step([1.0]).numpy(), [8.5], atol=0.5)


def test_saving_on_numpy_leaves_no_older_model_of_tensorflow(tmp_path: Path) -> None:
    """TensorFlow would load that one."""
    module: Any = tf.Module()
    module.w = tf.Variable(1.0)
    module.step = tf.function(lambda x: x * module.w, input_signature=[tf.TensorSpec([None])])
    tf.saved_model.save(module, tmp_path / "here")
    assert (tmp_path / "here/saved_model.pb").exists()
    command = [sys.executable, "-c", ELSEWHERE, *[os.fspath(tmp_path / "here")] * 2]
    subprocess.run(command, env={**os.environ, "MINITF_BACKEND": "numpy"}, capture_output=True, check=True)
    assert [file.name for file in (tmp_path / "here").iterdir()] == ["saved_model.npz"]
