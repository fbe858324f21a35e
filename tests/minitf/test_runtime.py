"""The backend is chosen before the first tensor, by a setting or a call; whatever cannot be says why in a sentence."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

import minitf as tf

OTHER = {"numpy": "tensorflow", "tensorflow": "numpy"}[tf.get_backend()]


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own, with no backend chosen but by `environment`."""
    given = {name: value for name, value in os.environ.items() if name != "MINITF_BACKEND"} | environment
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=given)


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1, done.stdout
    return done.stderr.rstrip().rpartition("\n")[2]


def test_the_backend_in_use_may_be_chosen_again_at_any_time() -> None:
    tensor = tf.constant(1)
    tf.set_backend(tf.get_backend())
    assert int(tensor + 1) == 2


def test_another_backend_is_too_late_once_there_is_a_tensor() -> None:
    tensor = tf.constant(1)
    told = rf"set_backend\('{OTHER}'\) came too late: .* has made .*tensor.* start Python with MINITF_BACKEND={OTHER}\."
    with pytest.raises(RuntimeError, match=told):
        tf.set_backend(OTHER)
    assert tf.get_backend() != OTHER
    assert int(tensor) == 1


def test_what_was_made_is_counted_and_what_was_thrown_away_is_not() -> None:
    code = (
        "import minitf as tf, minitf.keras\n"
        "cycle = [tf.constant(1)]; cycle.append(cycle); del cycle\n"
        "with tf.GradientTape() as tape: y = tf.Variable(2.0) * 3.0\n"
        "tape.gradient(y, tape.watched_variables()); del tape, y\n"
        "try: tf.set_backend('abacus')\n"
        "except ValueError as error: print(error)\n"
        "v, f = tf.Variable([1, 2]), tf.function(lambda x: x)\n"
        "f.get_concrete_function(tf.TensorSpec([], tf.int32))\n"
        "try: tf.set_backend('tensorflow')\n"
        "except RuntimeError as error: print(error)\n"
    )
    unknown, late = run(code).stdout.splitlines()
    assert unknown == "set_backend asks for 'abacus', which is no backend: choose one of numpy, tensorflow."
    assert "1 variable" in late
    assert re.search(r"\d+ programs? ", late)
    assert not re.search(r"\d+ tensor", late)


def test_a_backend_that_is_not_installed_names_the_line_that_installs_it() -> None:
    without = "import sys; sys.modules['tensorflow'] = None; import minitf as tf; "
    told = "ImportError: {} asks for the backend 'tensorflow', but tensorflow is not installed: "
    told += "pip install 'minitf[tensorflow]'."
    assert last_line(run(without, MINITF_BACKEND="tensorflow")) == told.format("MINITF_BACKEND")
    assert last_line(run(without + "tf.set_backend('tensorflow')")) == told.format("set_backend")


def test_an_unknown_backend_in_the_environment_is_said_without_a_walk_through_the_package() -> None:
    done = run("import minitf", MINITF_BACKEND="abacus")
    assert last_line(done).startswith("ImportError: MINITF_BACKEND asks for 'abacus', which is no backend")
    assert set(re.findall(r'minitf/([\w/]+)\.py"', done.stderr)) == {"__init__", "backends/__init__"}


def test_an_empty_setting_is_none() -> None:
    assert run("import minitf as tf; print(tf.get_backend())", MINITF_BACKEND="").stdout == "numpy\n"


@pytest.mark.backend("tensorflow")
def test_everything_follows_to_the_other_runtime_and_back() -> None:
    """Keras is imported and a model described before; ops, functions and random draws come from where they should."""
    code = """
import numpy as np
import minitf as tf

layer = tf.keras.layers.Dense(1)
step = tf.function(lambda x: tf.reduce_sum(x * x))

def drawn():
    tf.random.set_seed(1)
    return tf.random.normal([2]).numpy().tolist()

numbers = drawn()
tf.set_backend("tensorflow")
x = tf.constant([[3.0, 4.0]])
print(type(x.array).__module__, type(layer(x).array).__module__, float(step(x)), float(step(x)))
print(tf.get_backend(), np.allclose(drawn(), numbers))
model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
model.compile("sgd", "mse")
print(len(model.fit(np.ones([8, 2]), np.ones([8, 1]), verbose=0).history["loss"]))
try:
    tf.set_backend("numpy")
except RuntimeError as error:
    print(str(error)[:35])
del x, layer, step, model
tf.set_backend("numpy")
print(type(tf.constant(1.0).array), drawn() == numbers)
"""
    done = run(code)
    assert done.stdout.splitlines() == [
        "minitf.backends.tensorflow.arrays minitf.backends.tensorflow.arrays 25.0 25.0",
        "tensorflow True",
        "1",
        "set_backend('numpy') came too late:",
        "<class 'numpy.ndarray'> True",
    ], done.stderr
