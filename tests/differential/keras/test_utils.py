"""`keras.utils` gives Keras's results, dtypes, errors and random numbers. Each line is run on both sides."""

from __future__ import annotations

import random
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minitf
from tests.differential.agreement import assert_alike, errors_of


def outcome(tf: Any, line: str) -> Any:
    keras = tf.keras
    names = {"tf": tf, "keras": keras, "U": keras.utils, "np": np, "random": random, "parts": parts}
    try:
        return eval(line, names)
    except errors_of(tf) as error:
        return error


def parts(datasets: Any) -> list[Any]:
    return [(list(part.as_numpy_iterator()), str(part.element_spec), int(part.cardinality())) for part in datasets]


ARRAYS = """
U.to_categorical([0, 1, 2])
U.to_categorical([[0], [2]], 3)
U.to_categorical([[0, 1], [2, 0]])
U.to_categorical([[[1]], [[0]]])
U.to_categorical(2)
U.to_categorical([-1, 0], 3)
U.to_categorical([1.7, True])
U.to_categorical(np.array([0, 3], 'uint8'), num_classes=5)
U.to_categorical([0, 5], 3)
U.to_categorical([])
U.to_categorical([], 3)
U.to_categorical(['a'])
U.to_categorical(tf.constant([[0], [4]]), 3)
U.to_categorical(tf.constant([0.0, 1.0]), 3)
U.normalize(np.array([[3.0, 4.0], [0, 0]]))
U.normalize(np.array([3, 4], 'float32'))
U.normalize(np.ones((2, 3)), axis=1, order=1)
U.normalize(tf.constant([[3.0, 4.0], [0, 0]]))
U.normalize(tf.constant([[3.0, 4.0], [0, 0]]), axis=0)
U.normalize([[3.0, 4.0], [0, 0]], order=1)
U.normalize(tf.constant([1.0, 2.0]), order=3)
U.normalize([1.0], order=0)
U.normalize([1.0], order=1.5)
U.pad_sequences([[1], [2, 3], [4, 5, 6]])
U.pad_sequences([[1], [], [4, 5, 6]], maxlen=2, value=-1)
U.pad_sequences([[1], [4, 5, 6]], maxlen=2, padding='post', truncating='post', dtype='float32')
U.pad_sequences([[[1, 2]], [[3, 4], [5, 6]]])
U.pad_sequences([['a'], ['b', 'c']], dtype=object, value='-').tolist()
U.pad_sequences([['a']], value='-')
U.pad_sequences([[[1, 2]], [[3]]])
U.pad_sequences(3)
U.pad_sequences([1, 2])
U.pad_sequences([[1]], padding='left')
U.pad_sequences([[1]], truncating='left')
U.pad_sequences([])
U.pack_x_y_sample_weight(1)
U.pack_x_y_sample_weight([1])
U.pack_x_y_sample_weight(1, 2)
U.pack_x_y_sample_weight(1, 2, 3)
U.unpack_x_y_sample_weight(1)
U.unpack_x_y_sample_weight([1])
U.unpack_x_y_sample_weight((1, 2))
U.unpack_x_y_sample_weight((1, 2, 3))
U.unpack_x_y_sample_weight((1, 2, 3, 4))
U.unpack_x_y_sample_weight(())
U.is_keras_tensor(keras.Input((1,)))
U.is_keras_tensor(tf.constant(1))
"""

SPLITS = """
parts(U.split_dataset(np.arange(6), left_size=0.5))
parts(U.split_dataset(np.arange(12.0).reshape(6, 2), right_size=0.2))
parts(U.split_dataset(np.arange(6), left_size=2, right_size=3))
parts(U.split_dataset((np.arange(6), np.arange(6.0)), left_size=4, shuffle=True, seed=3))
parts(U.split_dataset([np.arange(6), np.ones((6, 2))], right_size=1))
parts(U.split_dataset(tf.data.Dataset.range(7), left_size=0.6))
parts(U.split_dataset(tf.data.Dataset.from_tensor_slices({'x': np.arange(7)}).batch(2), left_size=4))
parts(U.split_dataset(tf.data.Dataset.from_tensor_slices((np.arange(5), np.eye(5))).batch(3), 3, None, True, 1))
U.set_random_seed(4) or parts(U.split_dataset(np.arange(9), left_size=4, shuffle=True))
U.split_dataset(np.arange(6))
U.split_dataset(np.arange(6), left_size=0)
U.split_dataset(np.arange(6), left_size=6)
U.split_dataset(np.arange(6), right_size=1.5)
U.split_dataset(np.arange(6), left_size='a')
U.split_dataset(np.arange(6), left_size='a', right_size='b')
U.split_dataset(np.arange(6), left_size=0.7, right_size=0.6)
U.split_dataset(np.arange(6), left_size=4, right_size=4)
U.split_dataset(np.arange(6), left_size=0, right_size=0)
U.split_dataset(np.arange(6), right_size=0.01)
U.split_dataset(3, left_size=1)
U.split_dataset([], left_size=1)
U.split_dataset([[1, 2], [3, 4]], left_size=1)
U.split_dataset((np.arange(3), np.arange(4)), left_size=1)
U.split_dataset(np.zeros((0, 2)), left_size=0.5)
"""

SEEDS = """
U.set_random_seed(1.5)
U.set_random_seed(np.int64(1))
[U.set_random_seed(7), random.random(), float(np.random.rand()), tf.random.normal([2])]
[U.set_random_seed(7), keras.initializers.GlorotUniform()((2, 2)), keras.random.uniform((2,)), random.random()]
[U.set_random_seed(7), keras.layers.Dense(3)(np.ones((1, 2), 'float32')), keras.random.normal((2,))]
[U.set_random_seed(7), keras.random.normal((2,)), U.set_random_seed(7), keras.random.normal((2,))]
[U.set_random_seed(7), U.split_dataset(np.arange(9), 4, shuffle=True) and random.random()]
"""


@pytest.mark.parametrize("line", [*ARRAYS.split("\n")[1:-1], *SPLITS.split("\n")[1:-1], *SEEDS.split("\n")[1:-1]])
def test_utils_agree(oracle: ModuleType, line: str) -> None:
    assert_alike(outcome(minitf, line), outcome(oracle, line))


def test_a_pydataset_is_gone_through_as_in_keras(oracle: ModuleType) -> None:
    for keras in (minitf.keras, oracle.keras):

        class Squares(keras.utils.PyDataset):  # type: ignore[misc]
            def __len__(self) -> int:
                return 3

            def __getitem__(self, index: int) -> int:
                return index * index

        data = Squares(max_queue_size=4)
        assert (list(data), data.num_batches, data.workers, data.max_queue_size) == ([0, 1, 4], 3, 1, 4)
        assert keras.utils.Sequence is keras.utils.PyDataset
        with pytest.raises(NotImplementedError, match="You need to implement the `num_batches` property"):
            _ = keras.utils.PyDataset().num_batches
        with pytest.raises(NotImplementedError):
            keras.utils.PyDataset()[0]
