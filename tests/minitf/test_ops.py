"""Known values of each op, and what its errors say."""

import numpy as np
import pytest

import minitf as tf

INF, NAN = float("inf"), float("nan")
KNOWN = [
    (tf.abs([-1.5, 2.0]), [1.5, 2.0]), (tf.add([1, 2], 3), [4, 5]), (tf.subtract(3, [1, 2]), [2, 1]),
    (tf.multiply([1, 2], [3, 4]), [3, 8]), (tf.divide(1, 4), 0.25), (tf.divide(1.0, [0.0, -0.0]), [INF, -INF]),
    (tf.math.floordiv(-7, 2), -4), (tf.math.floormod(-7, 3), 2), (tf.pow(2, 3), 8), (tf.negative([1, -2]), [-1, 2]),
    (tf.sign([-2.0, 0.0, NAN]), [-1.0, 0.0, NAN]), (tf.square(-3), 9), (tf.sqrt([4.0, -1.0]), [2.0, NAN]),
    (tf.exp([0.0, 1000.0]), [1.0, INF]), (tf.math.log([1.0, 0.0]), [0.0, -INF]), (tf.maximum([1, 5], 3), [3, 5]),
    (tf.minimum([1.0, NAN], 3.0), [1.0, NAN]), (tf.equal([1, 2], 2), [False, True]),
    (tf.less([1, 2], 2), [True, False]),
    (tf.not_equal([1, 2], 2), [True, False]), (tf.less_equal([1, 2, 3], 2), [True, True, False]),
    (tf.greater([1, 2, 3], 2), [False, False, True]), (tf.greater_equal([1, 2, 3], 2), [False, True, True]),
    (tf.logical_and([True, False], True), [True, False]), (tf.logical_or([True, False], False), [True, False]),
    (tf.logical_not([True, False]), [False, True]), (tf.math.logical_xor(True, True), False),
    (tf.reduce_sum([[1, 2], [3, 4]]), 10), (tf.reduce_sum([[1, 2], [3, 4]], axis=-1, keepdims=True), [[3], [7]]),
    (tf.reduce_sum([[1, 2], [3, 4]], axis=[]), [[1, 2], [3, 4]]), (tf.reduce_mean([1.0, 2.0]), 1.5),
    (tf.reduce_max(tf.zeros([0])), -INF), (tf.reduce_min([[3, 1], [2, 4]], axis=0), [2, 1]),
    (tf.reduce_any([False, True]), True), (tf.reduce_all([False, True]), False),
    (tf.reduce_all(tf.zeros(0, bool)), True),
    (tf.nn.relu([-1.0, 2.0]), [0.0, 2.0]), (tf.sigmoid([-1000.0, 0.0, 1000.0]), [0.0, 0.5, 1.0]),
    (tf.matmul([[1, 2]], [[3], [4]]), [[11]]), (tf.matmul([[1, 2]], [[3, 4]], transpose_b=True), [[11]]),
    (tf.tensordot([1, 2], [3, 4], 1), 11), (tf.tensordot([1, 2], [3, 4], 0), [[3, 4], [6, 8]]),
    (tf.cast([1.7, -1.7], tf.int32), [1, -1]), (tf.zeros([2]), [0.0, 0.0]), (tf.ones([1, 2]), [[1.0, 1.0]]),
    (tf.fill([2], 7), [7, 7]), (tf.range(1, 6, 2), [1, 3, 5]), (tf.range(3, 0, -1), [3, 2, 1]),
    (tf.linspace(0.0, 1.0, 3), [0.0, 0.5, 1.0]), (tf.linspace(0.0, 1.0, 0), []),
    (tf.reshape([1, 2], [-1, 1]), [[1], [2]]),
    (tf.transpose([[1, 2]]), [[1], [2]]), (tf.expand_dims([1], 0), [[1]]), (tf.stack([[1], [2]], axis=1), [[1, 2]]),
    (tf.concat([[1], [2, 3]], 0), [1, 2, 3]), (tf.where([True, False], 1, 2), [1, 2]), (tf.where([0, 3]), [[1]]),
    (tf.shape([[1, 2]]), [1, 2]), (tf.size([[1, 2]]), 2), (tf.rank([[1, 2]]), 2), (tf.ones_like([5, 6]), [1, 1]),
    (tf.convert_to_tensor([tf.constant(1), 2]), [1, 2]), (tf.identity(3), 3), (tf.zeros_like(2.5), 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("tensor", "value"), KNOWN)
def test_an_op_gives_the_known_value(tensor: tf.Tensor, value: object) -> None:
    np.testing.assert_array_equal(tensor.numpy(), value)


ERRORS = [
    (lambda: tf.add([1, 2], [1, 2, 3]), r"Incompatible shapes: \[2\] vs. \[3\] \[Op:AddV2\]"),
    (lambda: tf.matmul([1, 2], [3, 4]), r"ndims must be == 2: 1"),
    (lambda: tf.matmul([[1, 2]], [[3, 4]]), r"Matrix size-incompatible: In\[0\]: \[1,2\], In\[1\]: \[1,2\]"),
    (lambda: tf.sqrt(4), "Value for attr 'T' of int32 is not in the list of allowed values"),
    (lambda: tf.reshape([1, 2, 3], [2, 2]), "a tensor with 3 values, but the requested shape has 4"),
    (lambda: tf.reshape([1, 2, 3], [2, -1]), "requires a multiple of 2"),
    (lambda: tf.reduce_sum([1], axis=1), r"Invalid reduction dimension \(1 for input with 1 dimension"),
    (lambda: tf.reduce_sum([[1]], axis=[0, 0]), "contains duplicate dimension: 0"),
    (lambda: tf.expand_dims([1], 3), "Tried to expand dim index 3 for tensor with 1 dimensions"),
    (lambda: tf.transpose([[1]], [0, 0]), r"1 is missing from \{0,0\}"),
    (lambda: tf.stack([tf.zeros(1), tf.zeros(2)]), "Shapes of all inputs must match"),
    (lambda: tf.concat([[1], [[2]]], 0), "Ranks of all input tensors should match"),
    (lambda: tf.concat([1, 2], 0), "Can't concatenate scalars"),
    (lambda: tf.range(5, 0), "Requires start <= limit when delta > 0: 5/0"),
    (lambda: tf.range(0, 5, 0), "Requires delta != 0"),
    (lambda: tf.zeros([-1]), "Dimension -1 must be >= 0"),
    (lambda: tf.fill([2], [1, 2]), "value must represent a scalar"),
    (lambda: tf.constant(1) // 0, "Integer division by zero"),
    (lambda: tf.pow(2, -1), "Integers to negative integer powers are not allowed"),
    (lambda: tf.where([True, False], [1, 2, 3], 0), "must be broadcastable"),
    (lambda: tf.where(True), "Unhandled input dimensions: 0"),
    (lambda: tf.logical_and(tf.constant(1), True), "was expected to be a bool tensor but is a int32 tensor"),
]


@pytest.mark.parametrize(("wrong", "phrase"), ERRORS)
def test_an_error_has_tensorflows_phrase_and_says_what_came_what_was_expected_and_what_to_do(
    wrong: object, phrase: str
) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match=phrase) as error:
        wrong()  # type: ignore[operator]
    assert [line.split(":")[0].strip() for line in error.value.message.splitlines()[1:]] == ["got", "expected", "try"]


def test_shapes_broadcast_from_the_last_axis() -> None:
    assert tf.add(tf.zeros([2, 1]), tf.zeros([3])).shape == (2, 3)
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.add(tf.zeros([2, 3]), tf.zeros([2]))


def test_equality_of_shapes_that_do_not_fit_is_a_plain_false() -> None:
    assert not tf.constant([1, 2]) == tf.constant([1, 2, 3])
    assert tf.constant([1, 2]) != tf.constant([1, 2, 3])
    assert (tf.constant(1) == None) is False  # noqa: E711


def test_results_of_infinity_and_nan_come_without_warnings() -> None:
    tensor = tf.constant([3e38]) * 10.0 - tf.divide(0.0, 0.0)
    assert np.isnan(tensor.numpy()).all()
