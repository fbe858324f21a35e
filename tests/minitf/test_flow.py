"""Structures, control flow, devices: what the comparison with TensorFlow cannot say."""

import collections
from typing import Any

import numpy as np
import pytest

import minitf as tf

P = collections.namedtuple("P", "x y")  # noqa: PYI024


def test_structures_keep_their_types() -> None:
    structure = {"b": [1, P(2, (3,))], "a": collections.OrderedDict(z=4, y=None)}
    doubled = tf.nest.map_structure(lambda x: x and 2 * x, structure)
    assert doubled == {"b": [2, P(4, (6,))], "a": {"z": 8, "y": None}}
    assert list(doubled) == ["b", "a"] and type(doubled["a"]) is collections.OrderedDict
    assert tf.nest.flatten(structure) == [None, 4, 1, 2, 3]
    counts = collections.defaultdict(list, a=1)
    assert tf.nest.pack_sequence_as(counts, [5]).default_factory is list


@pytest.mark.parametrize(
    ("first", "second", "kind", "message"),
    [
        ([1, 2], [1], ValueError, "don't have the same number of elements"),
        ([1], (1,), TypeError, "has type list, while second structure"),
        ([1], 1, ValueError, "is a sequence, while substructure"),
        ({"a": 1}, {"b": 1}, ValueError, "don't have the same set of keys"),
        (P(1, 2), (1, 2), TypeError, "don't have the same sequence type"),
    ],
)
def test_structures_that_differ_are_explained(first: Any, second: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match="don't have the same nested structure") as error:
        tf.nest.assert_same_structure(first, second)
    assert message in str(error.value) and "try:" in str(error.value)


def test_the_other_branch_is_not_run() -> None:
    assert tf.cond(tf.constant(True), lambda: 1, lambda: 1 / 0) == 1


def test_gradients_flow_through_loops_and_maps() -> None:
    x = tf.constant([1.0, 2.0, 3.0])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        power = tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * x), (tf.constant(0), tf.ones_like(x)))[1]
        mapped = tf.map_fn(lambda row: row * row, x)
    assert tape.gradient(power, x).numpy().tolist() == [3.0, 12.0, 27.0]
    assert tape.gradient(mapped, x).numpy().tolist() == [2.0, 4.0, 6.0]


def test_init_scope_stands_outside_of_tapes() -> None:
    x = tf.constant(3.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        with tf.init_scope():
            outside = x * x
        inside = x * x
    assert tape.gradient(outside, x) is None
    assert tape.gradient(inside, x).numpy() == 6.0


def test_a_failed_assertion_shows_the_values() -> None:
    with pytest.raises(tf.errors.InvalidArgumentError) as error:
        tf.debugging.assert_equal([1, 2, 3], [1, 2, 4], message="counted")
    assert str(error.value) == (
        "counted\nCondition x == y did not hold.\nIndices of first 1 different values:\n[[2]]\n"
        "Corresponding x values:\n[3]\nCorresponding y values:\n[4]\n"
        "First 3 elements of x:\n[1 2 3]\nFirst 3 elements of y:\n[1 2 4]"
    )


def test_check_numerics_looks_at_the_gradient_too() -> None:
    x = tf.constant([0.0, 4.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.sqrt(tf.debugging.check_numerics(x, "root"))
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"detected in gradient. root : Tensor had Inf values"):
        tape.gradient(y, x)


@pytest.mark.parametrize(
    "name", ["cpu", "CPU:0", "/cpu:0", "/device:CPU:0", "/GPU:0", "/job:localhost/task:0", None, ""]
)
def test_the_cpu_computes_on_every_device(name: str | None) -> None:
    with tf.device(name):
        assert (tf.constant(1) + 1).device == "/job:localhost/replica:0/task:0/device:CPU:0"


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("nonsense", ValueError, "Unknown attribute 'nonsense' is encountered while parsing the device spec"),
        (3, ValueError, "Expecting a string device name. Got"),
        (
            "/job:worker/task:1",
            tf.errors.InvalidArgumentError,
            "/job:worker/replica:0/task:1/device:CPU:0 unknown device",
        ),
    ],
)
def test_what_is_no_device_is_refused(name: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message), tf.device(name):
        pass


def test_a_missing_device_is_an_error_without_soft_placement() -> None:
    tf.config.set_soft_device_placement(False)
    try:
        with pytest.raises(tf.errors.InvalidArgumentError, match="Could not satisfy device"), tf.device("/GPU:0"):
            pass
        with tf.device("/CPU:0"):
            pass
    finally:
        tf.config.set_soft_device_placement(True)
    assert tf.config.get_soft_device_placement()


def test_functions_among_control_inputs_are_called_first() -> None:
    order: list[str] = []
    with tf.control_dependencies([lambda: order.append("first"), tf.constant(1), None]):
        order.append("then")
    with tf.control_dependencies(None):
        assert order == ["first", "then"]


# --- in notebooks ----------------------------------------------------------------------------------------------------


def test_a_tensor_is_a_table_in_notebooks() -> None:
    html = tf.constant([[1, 2], [3, 4]])._repr_html_()
    assert "<caption>Tensor of shape (2, 2), dtype int32</caption>" in html
    assert html.count('scope="col"') == html.count('scope="row"') == 2
    assert "<td>3</td><td>4</td>" in html


@pytest.mark.parametrize(
    "shape", [(), (0,), (3,), (2, 0), (10**6,), (2000, 1000), (7, 6, 5, 400), (0, 2, 2), (2, 0, 0)]
)
def test_the_table_stays_small_and_says_shape_and_dtype(shape: tuple[int, ...]) -> None:
    html = tf.zeros(shape)._repr_html_() if shape else tf.constant(1.5)._repr_html_()
    assert f"Tensor of shape {shape}, dtype float32" in html
    assert len(html) < 8000
    assert np.prod(shape) < 100 or "…" in html
