"""Saved models need none of the Python that made them, and say what of it is not in them."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import minitf as tf
from minitf.saving import stored
from tests.differential.agreement import assert_alike
from tests.differential.recipes import build
from tests.differential.test_names import TABLE, resolve

SCALAR = [tf.TensorSpec([], tf.float32)]
MAKE = """
import minitf as tf

class Layer(tf.Module):
    def __init__(self, size, name):
        super().__init__(name=name)
        self.w = tf.Variable(tf.random.stateless_uniform([size, 3], [1, 2]), name="w")

    def __call__(self, x):
        return tf.nn.relu(x @ self.w + 0.5)

class Net(tf.Module):
    def __init__(self):
        super().__init__()
        self.layers = [Layer(2, "first"), Layer(3, "second")]
        self.table = tf.constant(list(range(100)), tf.float32)

    @tf.function(input_signature=[tf.TensorSpec([None, 2])])
    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return {"y": x, "sum": tf.reduce_sum(x) + tf.gather(self.table, 42)}

    @tf.function
    def step(self, x, rate=0.1):
        with tf.GradientTape() as tape:
            loss = self(x)["sum"]
        weights = [layer.w for layer in self.layers]
        for w, dw in zip(weights, tape.gradient(loss, weights)):
            w.assign_sub(rate * dw)
        return loss

net = Net()
x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
losses = [float(net.step(x)) for _ in range(2)]
tf.saved_model.save(net, FOLDER, signatures=net.__call__)
expected = [net(x)["y"].numpy().tolist(), float(net.step(x)), float(net.step(x))]
"""
USE = '''
import json
import minitf as tf

net = tf.saved_model.load(FOLDER)
x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
served = net.signatures["serving_default"](x=x)
got = [net(x)["y"].numpy().tolist(), float(net.step(x)), float(net.step(x))]
with tf.GradientTape() as tape:
    loss = net(x[:1])["sum"]
slope = tape.gradient(loss, net.layers[1].w)
print(json.dumps([got, sorted(served), [v.name for v in (net.layers[0].w, net.layers[1].w)], slope.shape.as_list()]))
'''  # fmt: skip


def reloaded(saved: tf.Module, folder: Path, **how: Any) -> Any:
    tf.saved_model.save(saved, folder, **how)
    return tf.saved_model.load(folder)


def test_a_process_without_the_classes_computes_and_trains_the_same(tmp_path: Path) -> None:
    made: dict[str, Any] = {"FOLDER": tmp_path}
    exec(MAKE, made)
    command = [sys.executable, "-c", f"FOLDER = {str(tmp_path)!r}\n{USE}"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert not done.returncode, done.stderr
    got, outputs, names, slope = json.loads(done.stdout)
    assert got == made["expected"]
    assert (outputs, names, slope) == (["sum", "y"], ["w:0", "w:0"], [3, 3])


def test_constants_stand_among_the_arrays_and_not_in_the_text(tmp_path: Path) -> None:
    table = np.arange(10000.0)
    module = tf.Module()
    module.f = tf.function(lambda i: tf.gather(table, i), input_signature=[tf.TensorSpec([], tf.int32)])
    assert reloaded(module, tmp_path).f(1234).numpy() == 1234.0
    with zipfile.ZipFile(tmp_path / "saved_model.npz") as archive:
        text = archive.read("_CHECKPOINTABLE_OBJECT_GRAPH")
    with np.load(tmp_path / "saved_model.npz", allow_pickle=False) as arrays:
        (constant,) = [arrays[name] for name in arrays.files if name.startswith("traces/0/constants/")]
    assert len(text) < 3000
    assert constant.tolist() == table.tolist()


def test_a_variable_in_two_places_is_one_variable(tmp_path: Path) -> None:
    module = tf.Module()
    module.a = module.b = [tf.Variable(1.0)]
    module.c = (module.a[0], [module.a[0]], ())
    loaded = reloaded(module, tmp_path)
    assert loaded.a is loaded.b
    assert loaded.c[0] is loaded.c[1][0] is loaded.a[0]
    assert loaded.c[2] == ()


def test_what_runs_as_plain_python_is_not_saved_and_said_so(tmp_path: Path) -> None:
    module = tf.Module()
    module.f = tf.function(lambda x: x if x > 0 else -x)
    module.f(tf.constant(1.0))
    with pytest.warns(UserWarning, match=r"runs as plain Python, because of bool.* in line \d+ of .*test_saved_model"):
        loaded = reloaded(module, tmp_path)
    with pytest.raises(ValueError, match="Found zero restored functions for caller function"):
        loaded.f(tf.constant(1.0))


def test_traces_for_known_sizes_are_saved_where_there_is_none_for_all(tmp_path: Path) -> None:
    module = tf.Module()
    module.f = tf.function(lambda x: tf.map_fn(lambda row: 2.0 * row, x), input_signature=[tf.TensorSpec([None, 2])])
    module.f(tf.ones([3, 2]))
    loaded = reloaded(module, tmp_path)
    assert loaded.f(tf.ones([3, 2])).numpy().tolist() == [[2.0, 2.0]] * 3
    with pytest.raises(ValueError, match="Could not find matching concrete function"):
        loaded.f(tf.ones([4, 2]))


def test_arguments_that_cannot_be_stored_are_said(tmp_path: Path) -> None:
    module = tf.Module()
    module.v = tf.Variable(1.0)
    module.f = tf.function(lambda x, other=None: x)
    module.f(tf.constant(1.0), object())
    module.f(module.v)
    module.f(tf.constant(1.0))
    with pytest.warns(UserWarning, match="A trace of <lambda> is not saved, because it belongs to") as warned:
        loaded = reloaded(module, tmp_path)
    assert ["<object object at" in str(w.message) or "a variable as an argument" in str(w.message) for w in warned] == [
        True,
        True,
    ]
    assert loaded.f(tf.constant(2.0)).numpy() == 2.0


def test_a_function_of_an_object_cannot_be_a_signature(tmp_path: Path) -> None:
    concrete = tf.function(lambda x, other: x).get_concrete_function(tf.TensorSpec([]), object())
    with pytest.warns(UserWarning, match="is not saved"), pytest.raises(ValueError, match="cannot be a signature"):
        tf.saved_model.save(tf.Module(), tmp_path, signatures=concrete)


def test_a_default_that_cannot_be_stored_is_printed_and_fits_nothing(tmp_path: Path) -> None:
    module = tf.Module()
    module.f = tf.function(lambda x, other=print: x)
    module.f(tf.constant(1.0), 3)
    loaded = reloaded(module, tmp_path / "one")
    assert loaded.f(tf.constant(2.0), 3).numpy() == 2.0
    with pytest.raises(ValueError, match="<built-in function print>"):
        loaded.f(tf.constant(2.0))
    assert reloaded(loaded, tmp_path / "two").f(tf.constant(2.0), 3).numpy() == 2.0


def test_a_gradient_that_python_computes_is_refused_after_loading(tmp_path: Path) -> None:
    @tf.custom_gradient
    def doubled(x: Any) -> Any:
        return 2.0 * x, lambda dy: 7.0 * dy

    module = tf.Module()
    module.f = tf.function(doubled, input_signature=SCALAR)
    loaded = reloaded(module, tmp_path)
    assert loaded.f(3.0).numpy() == 6.0
    with tf.GradientTape(), pytest.raises(NotImplementedError, match="computed by Python, with tf.custom_gradient"):
        loaded.f(3.0)


def test_a_loaded_function_can_be_looked_into(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    module = tf.Module()
    module.double = tf.function(lambda x: 2.0 * x, input_signature=SCALAR)
    loaded = reloaded(module, tmp_path).double
    assert loaded.source() == module.double.source()
    assert str(loaded.graph()) == str(module.double.graph())
    loaded.explain()
    assert capsys.readouterr().out.startswith("<lambda> was traced once.")


def test_batches_of_any_size_fit(tmp_path: Path) -> None:
    rows = tf.TensorSpec([None, 3])
    module = tf.Module()
    module.f = tf.function(lambda x, y: tf.reduce_mean(x * y, 1), input_signature=[rows, rows])
    loaded = reloaded(module, tmp_path)
    for size in (1, 2, 7):
        x = tf.random.stateless_uniform([size, 3], [size, 1])
        assert loaded.f(x, 2 * x).numpy().tolist() == module.f(x, 2 * x).numpy().tolist()


def test_many_results_keep_their_order(tmp_path: Path) -> None:
    module = tf.Module()
    module.f = tf.function(lambda x: [x + float(i) for i in range(12)], input_signature=SCALAR)
    served = reloaded(module, tmp_path).signatures["serving_default"](x=tf.constant(0.0))
    assert {name: float(y) for name, y in served.items()} == {f"output_{i}": float(i) for i in range(12)}


def test_a_printing_function_prints_after_loading(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    module = tf.Module()
    module.f = tf.function(lambda x: tf.print("x is", x), input_signature=SCALAR)
    loaded = reloaded(module, tmp_path)
    capsys.readouterr()
    loaded.f(3.0)
    assert capsys.readouterr().err == "x is 3\n"


def test_a_damaged_model_is_called_damaged(tmp_path: Path) -> None:
    module = tf.Module()
    module.v = tf.Variable([1.0, 2.0])
    module.f = tf.function(lambda x: x * module.v, input_signature=SCALAR)
    reloaded(module, tmp_path)
    path = tmp_path / "saved_model.npz"
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(tf.errors.DataLossError, match="the file is damaged, or not minitf's"):
            tf.saved_model.load(tmp_path)
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :])
        try:
            assert tf.saved_model.load(tmp_path).f(2.0).numpy().tolist() == [2.0, 4.0]
        except tf.errors.DataLossError:
            continue


def test_other_files_in_the_folder_stay(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    reloaded(tf.Module(), tmp_path)
    reloaded(tf.Module(), tmp_path)
    of_tensorflow = {"numpy": set(), "tensorflow": {"assets", "fingerprint.pb", "saved_model.pb", "variables"}}
    expected = {"notes.txt", "saved_model.npz"} | of_tensorflow[tf.get_backend()]
    assert {file.name for file in tmp_path.iterdir()} == expected
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_what_is_missing_is_told_with_what_is_there(tmp_path: Path) -> None:
    module = tf.Module()
    module.v, module.size = tf.Variable(1.0), 3
    loaded = reloaded(module, tmp_path)
    with pytest.raises(AttributeError, match=r"no attribute 'size': it has v, signatures; a saved model has variables"):
        _ = loaded.size
    with pytest.raises(TypeError, match="decorate its __call__ with @tf.function, call it once, and save it again"):
        loaded(1.0)


DRAWN = ("random.uniform", "random.normal", "random.shuffle", "random.truncated_normal")


@pytest.mark.parametrize("name", sorted(set(TABLE) - set(DRAWN)))
def test_the_program_of_a_public_name_comes_back(name: str, tmp_path: Path) -> None:
    function = resolve(tf, name)

    @settings(max_examples=3, suppress_health_check=list(HealthCheck))
    @given(TABLE[name])
    def comes_back(example: Any) -> None:
        args, kwargs = build(tf, list(example[0]), [], False), build(tf, example[1], [], False)
        module = tf.Module()
        module.f = tf.function(lambda: function(*args, **kwargs), input_signature=[])
        try:
            expected = module.f()
        except Exception:  # what is refused is tested elsewhere
            return
        assert_alike(reloaded(module, tmp_path).f(), expected)

    comes_back()


leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.just(tf.TensorSpec([None, 2]))
)
structures = st.recursive(
    leaves | st.sampled_from([tf.float32, tf.int64]),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text() | st.integers(), inner),
)


@given(structures)
def test_structures_of_arguments_come_back_as_they_were(structure: Any) -> None:
    text = json.dumps(stored.structure(structure))
    assert stored.read_structure(json.loads(text)) == structure
    assert repr(stored.read_structure(json.loads(text))) == repr(structure)
