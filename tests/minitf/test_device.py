"""Devices: NumPy has one that cannot be split; TensorFlow's runtime may have several, and tensors lie on them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

import minitf as tf

CPU, GPU = (tf.config.PhysicalDevice(f"/physical_device:{kind}:0", kind) for kind in ("CPU", "GPU"))
on_numpy = pytest.mark.backend("numpy")
on_tensorflow = pytest.mark.backend("tensorflow")


@on_numpy
def test_numpy_says_where_several_devices_are_to_be_had() -> None:
    one, two = ([tf.config.LogicalDeviceConfiguration()] * count for count in (1, 2))
    tf.config.set_logical_device_configuration(CPU, one)
    with pytest.raises(RuntimeError, match=r"Virtual devices cannot be modified .* MINITF_BACKEND=tensorflow"):
        tf.config.set_logical_device_configuration(CPU, two)
    with pytest.raises(ValueError, match="Setting memory limit on CPU virtual devices is currently not supported"):
        tf.config.set_logical_device_configuration(CPU, [tf.config.LogicalDeviceConfiguration(memory_limit=64)])
    with pytest.raises(ValueError, match=r"Unrecognized device: PhysicalDevice\(name='/physical_device:GPU:0'"):
        tf.config.set_visible_devices(GPU, "GPU")
    with pytest.raises(RuntimeError, match="NumPy computes on this machine alone"):
        tf.config.experimental_connect_to_cluster(None)


@on_numpy
def test_numpy_keeps_the_number_of_threads_that_programs_set() -> None:
    threads = tf.config.threading
    for put in (threads.set_inter_op_parallelism_threads, threads.set_intra_op_parallelism_threads):
        put(3)
    try:
        assert threads.get_inter_op_parallelism_threads() == threads.get_intra_op_parallelism_threads() == 3
    finally:
        threads.set_inter_op_parallelism_threads(0)
        threads.set_intra_op_parallelism_threads(0)


@pytest.mark.parametrize("name", ["/device:CPU:*", "/CPU", "/job:localhost/replica:0/task:0/device:CPU:0"])
def test_a_device_may_be_named_in_full_or_by_a_part(name: str) -> None:
    with tf.device(name):
        assert tf.constant(1).device == "/job:localhost/replica:0/task:0/device:CPU:0"


def test_a_listed_device_may_be_used_as_a_name() -> None:
    with tf.device(tf.config.list_logical_devices()[0]):
        assert tf.Variable(1.0).device == "/job:localhost/replica:0/task:0/device:CPU:0"


def test_a_number_of_a_device_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="'x'"), tf.device("/CPU:x"):
        pass


SEVERAL = """
import json
import minitf as tf

def told(action):
    try:
        return action()
    except Exception as error:
        return [type(error).__module__.split(".")[0], type(error).__name__, str(error)]

def at(tensor):
    return tensor.device.rpartition("/device:")[2]

[cpu] = tf.config.list_physical_devices("CPU")
facts = {"card": repr(tf.doctor())}
tf.config.threading.set_inter_op_parallelism_threads(2)
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 4)
facts["configured"] = len(tf.config.get_logical_device_configuration(cpu))
facts["logical"] = [each.name for each in tf.config.list_logical_devices()]
before = tf.constant([3.0])
square = tf.function(lambda t: tf.reduce_sum(t * t))
with tf.device("/CPU:1"):
    x = tf.constant([1.0, 2.0])
    v = tf.Variable([1.0, 2.0])
    made = [x, tf.constant(2), tf.zeros([2]), x + before, v, tf.random.normal([2]), square(x), square(x)]
    facts["in a scope"] = [at(each) for each in made]
    with tf.device("/CPU:3"):
        facts["in an inner scope"] = at(tf.constant(1.0) + x)
facts["afterwards"] = [at(x), at(before), at(tf.constant(1.0))]
with tf.device("/CPU:2"):
    facts["called elsewhere"] = [at(square(x)), float(square(x))]
facts["called outside"] = at(square(x))
with tf.GradientTape() as tape, tf.device("/CPU:2"):
    loss = tf.reduce_sum(v * v)
facts["gradient"] = tape.gradient(loss, v).numpy().tolist()

def missing():
    with tf.device("/CPU:7"):
        return at(tf.constant(1.0) + 1.0)

facts["soft"] = missing()
tf.config.set_soft_device_placement(False)
facts["hard"] = told(missing)
facts["late"] = told(lambda: tf.config.set_logical_device_configuration(cpu, []))
facts["threads"] = tf.config.threading.get_inter_op_parallelism_threads()
facts["started"] = repr(tf.doctor())
print(json.dumps(facts))
"""


@pytest.fixture(scope="module")
def several() -> Any:
    """What a process with four logical devices has seen."""
    environment = {**os.environ, "MINITF_BACKEND": "tensorflow"}
    done = subprocess.run([sys.executable, "-c", SEVERAL], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@on_tensorflow
def test_a_cpu_is_split_before_the_runtime_starts_and_not_after(several: Any) -> None:
    assert several["logical"] == [f"/device:CPU:{number}" for number in range(4)]
    assert (several["configured"], several["threads"]) == (4, 2)
    assert several["late"] == ["builtins", "RuntimeError", "Virtual devices cannot be modified after being initialized"]


@on_tensorflow
def test_what_is_made_in_a_scope_lies_on_its_device_and_stays_there(several: Any) -> None:
    assert several["in a scope"] == ["CPU:1"] * 8
    assert several["in an inner scope"] == "CPU:3"
    assert several["afterwards"] == ["CPU:1", "CPU:0", "CPU:0"]


@on_tensorflow
def test_a_function_runs_on_the_device_of_the_scope_that_calls_it(several: Any) -> None:
    assert several["called elsewhere"] == ["CPU:2", 5.0]
    assert several["called outside"] == "CPU:0"
    assert several["gradient"] == [2.0, 4.0]


@on_tensorflow
def test_a_missing_device_is_replaced_or_refused_in_minitfs_own_class(several: Any) -> None:
    assert several["soft"] == "CPU:0"
    assert several["hard"][:2] == ["minitf", "InvalidArgumentError"]
    assert several["hard"][2].startswith("Could not satisfy device specification '/job:localhost/replica:0/task:0/dev")


@on_tensorflow
def test_the_doctor_lists_the_devices_and_does_not_start_the_runtime(several: Any) -> None:
    assert "device CPU:1" not in several["card"]
    assert "device CPU:3" in several["started"]
