"""What Python and NumPy values become, alone and next to a tensor."""

import numpy as np
import pytest

import minitf as tf


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (1.5, tf.float32), (1, tf.int32), (True, tf.bool), (2**40, tf.int64), ([1, 2.5], tf.float32), ([], tf.float32),
        (np.array([1.0]), tf.float64), (np.array([1]), tf.int64), (np.float16(1), tf.float16), (np.uint8(1), tf.uint8),
        ([np.float64(1), 2.0], tf.float64),
    ],
)  # fmt: skip
def test_a_value_that_stands_alone_gets_tensorflows_dtype(value: object, dtype: tf.DType) -> None:
    assert tf.constant(value).dtype == dtype


@pytest.mark.parametrize("value", [2, 2.0, True, [1, 2], np.array([1.0, 2.0]), np.array([1, 2]), np.float64(2.5)])
def test_python_and_numpy_values_convert_to_the_dtype_of_the_tensor(value: object) -> None:
    tensor = tf.constant([1.0, 2.0])
    assert (tensor + value).dtype == tf.float32
    assert (value + tensor).dtype == tf.float32


def test_two_tensors_never_convert() -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match="was expected to be a float tensor but is a int32 tensor"):
        tf.constant(1.0) + tf.constant(1)
    with pytest.raises(
        tf.errors.InvalidArgumentError, match="was expected to be a float tensor but is a double tensor"
    ):
        tf.constant(1.0) * tf.constant(1.0, tf.float64)


def test_a_float_does_not_become_an_integer() -> None:
    with pytest.raises(TypeError, match=r"Cannot convert 1\.5 to EagerTensor of dtype int32"):
        tf.constant(2) * 1.5
    with pytest.raises(TypeError, match="Cannot convert 1.0"):
        tf.constant(1) == 1.0  # noqa: B015


def test_integers_divide_to_float64() -> None:
    assert (tf.constant(1) / 2).dtype == tf.float64


def test_the_mean_of_integers_is_an_integer() -> None:
    assert tf.reduce_mean([1, 2]).numpy() == 1
    assert tf.reduce_mean([-1, -2]).numpy() == -1


def test_a_tensor_does_not_share_memory_with_the_array_it_was_made_from() -> None:
    array = np.array([1.0, 2.0])
    tensor = tf.constant(array)
    array[0] = 9.0
    assert tensor.numpy().tolist() == [1.0, 2.0]


def test_dtypes_print_as_tensorflows() -> None:
    assert str(tf.float32) == "<dtype: 'float32'>"
    assert repr(tf.int64) == "tf.int64"
    assert tf.float32.as_numpy_dtype is np.float32


def test_bool_has_no_largest_value() -> None:
    with pytest.raises(TypeError, match="no smallest or largest"):
        tf.bool.max  # noqa: B018


@pytest.mark.parametrize("value", ["a", None, {}, object(), [1, None], [[1], [2, 3]], np.array(["a"]), 1e40, 2**70])
def test_what_is_no_number_is_refused_with_a_way_out(value: object) -> None:
    with pytest.raises((TypeError, ValueError)) as error:
        tf.constant(value)
    assert [line.split(":")[0].strip() for line in str(error.value).splitlines()[-3:]] == ["got", "expected", "try"]
