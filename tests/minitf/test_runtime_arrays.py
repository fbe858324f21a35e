"""The raw arrays of TensorFlow's runtime: what NumPy code sees of them, and that nobody can change them."""

from __future__ import annotations

import copy
import operator
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import tensorflow

import minitf as tf
from minitf.backends import load

pytestmark = pytest.mark.backend("tensorflow")

asarray = load("tensorflow").asarray
DTYPES = ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool")


def on_device(values: Any) -> Any:
    """Return an array of which there is nothing on the host."""
    return asarray(tensorflow.constant(values))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (3,), (2, 3)])
def test_an_array_has_dtype_shape_and_values_wherever_it_lies(dtype: str, shape: tuple[int, ...]) -> None:
    values = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    there = asarray(values).tensor
    for array in (asarray(values), asarray(there), asarray(asarray(there).host)):
        assert (array.dtype, array.shape, array.ndim) == (values.dtype, shape, len(shape))
        assert (array.size, array.nbytes, array.tolist()) == (values.size, values.nbytes, values.tolist())
        assert array.tensor.numpy().tolist() == values.tolist()
    assert asarray(there).dtype is values.dtype


def test_what_numpy_sees_of_a_result_cannot_be_written_to() -> None:
    array = on_device([1.0, 2.0])
    for view in (array.host, np.asarray(array), array.view(), array[:1], array.reshape(2, 1), array.T):
        with pytest.raises(ValueError, match="read-only"):
            view[...] = 5.0
        with pytest.raises(ValueError, match="WRITEABLE"):
            view.flags.writeable = True
    assert array.tensor.numpy().tolist() == [1.0, 2.0]


def test_an_array_does_not_change_in_place() -> None:
    array = on_device([1.0, 2.0])
    with pytest.raises(TypeError):
        operator.iadd(array, 1)
    with pytest.raises(TypeError):
        array[0] = 5.0
    with pytest.raises(TypeError):
        np.add(np.ones(2), 1, out=array)
    assert array.tolist() == [1.0, 2.0]


def test_a_tensor_keeps_its_value_whatever_becomes_of_the_array_it_was_made_of() -> None:
    for count in (1, 10, 100_000):
        given = np.ones(count, np.float32)
        made, later = tf.constant(given), tf.convert_to_tensor(given)
        doubled = made * 2.0
        given[...] = 7.0
        assert np.all((made + later).numpy() == 2.0)
        assert np.all(made.numpy() == 1.0)
        taken = doubled.numpy()
        taken[...] = 7.0
        assert np.all(doubled.numpy() == 2.0)
        assert np.all((doubled + 0.0).numpy() == 2.0)


@pytest.mark.parametrize("values", [3.5, [1.0, 2.0], np.zeros((0, 2), np.int8), [True]])
def test_an_array_survives_pickling_and_copying(values: Any) -> None:
    array = on_device(values)
    for other in (pickle.loads(pickle.dumps(array)), copy.copy(array), copy.deepcopy(array)):
        assert (other.dtype, other.shape, other.tolist()) == (array.dtype, array.shape, array.tolist())


def test_numbers_of_an_array_convert_and_print_as_numpys_do() -> None:
    array = on_device(7)
    assert (int(array), float(array), bool(array), operator.index(array)) == (7, 7.0, True, 7)
    assert [10, 20][on_device(1)] == 20
    assert (repr(on_device([1.5])), f"{on_device(1.5):.2f}") == (repr(np.array([1.5], np.float32)), "1.50")
    with pytest.raises(TypeError, match="len"):
        len(array)
    assert len(on_device([1, 2, 3])) == 3
    assert not hasattr(array, "nothing")


def test_numpy_computes_with_arrays() -> None:
    array = on_device([1.0, 2.0])
    assert (array + 1).tolist() == [2.0, 3.0]
    assert (1 - array).tolist() == [0.0, -1.0]
    assert np.add.reduce(array) == 3.0
    assert np.concatenate([array, [3.0]]).tolist() == [1.0, 2.0, 3.0]
    assert np.array(array, np.int32).dtype == np.int32


def test_threads_that_ask_at_once_see_one_value() -> None:
    def look(array: Any) -> Any:
        return array.dtype, array.shape, array.tolist(), array.tensor.numpy().tolist()

    with ThreadPoolExecutor(8) as pool:
        for number in range(200):
            expected = (np.dtype(np.float32), (2,), [float(number), 1.0], [float(number), 1.0])
            host = asarray(np.array([number, 1.0], np.float32))
            for array in (host, on_device([float(number), 1.0])):
                assert set(map(repr, pool.map(look, [array] * 8))) == {repr(expected)}


def test_an_array_is_made_on_the_device_of_the_moment() -> None:
    with tensorflow.device("CPU:0"):
        assert asarray(np.ones(2)).tensor.device.endswith("CPU:0")
    assert asarray(np.ones(2)).tensor.device == tensorflow.constant(1.0).device


def test_a_symbol_has_dtype_and_shape_and_no_value() -> None:
    seen: list[Any] = []

    @tensorflow.function(autograph=False)
    def traced(x: Any) -> Any:
        array = asarray(x)
        seen.append((array.dtype, array.shape, array.ndim))
        with pytest.raises(TypeError, match="symbol"):
            array.tolist()
        return x

    traced(tensorflow.ones([2, 3]))
    assert seen == [(np.dtype(np.float32), (2, 3), 2)]
