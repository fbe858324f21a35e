"""Tensors are immutable values that behave like TensorFlow's."""

import numpy as np
import pytest

import minitf as tf


def test_a_tensor_refuses_item_assignment() -> None:
    tensor = tf.constant([1, 2])
    with pytest.raises(TypeError, match="does not support item assignment"):
        tensor[0] = 5
    assert tensor.numpy().tolist() == [1, 2]


def test_numpy_returns_a_copy_and_asarray_a_read_only_view() -> None:
    tensor = tf.constant([1, 2])
    tensor.numpy()[0] = 5
    assert tensor.numpy().tolist() == [1, 2]
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(tensor)[0] = 5


def test_in_place_operators_make_a_new_tensor() -> None:
    tensor = first = tf.constant([1, 2])
    tensor += 1
    assert first.numpy().tolist() == [1, 2]
    assert tensor.numpy().tolist() == [2, 3]


def test_a_tensor_is_not_hashable_but_its_reference_is() -> None:
    tensor = tf.constant(1)
    with pytest.raises(TypeError, match=r"Tensor is unhashable. Instead, use tensor.ref\(\) as the key."):
        hash(tensor)
    assert {tensor.ref(): 1}[tensor.ref()] == 1
    assert tensor.ref() != tf.constant(1).ref()


def test_tensors_are_made_by_constant_and_not_by_the_class() -> None:
    with pytest.raises(TypeError, match="takes no arguments"):
        tf.Tensor([1, 2])


@pytest.mark.parametrize(
    ("tensor", "printed", "text"),
    [
        (
            tf.constant(1.5),
            "<tf.Tensor: shape=(), dtype=float32, numpy=1.5>",
            "tf.Tensor(1.5, shape=(), dtype=float32)",
        ),
        (
            tf.constant([1, 2]),
            "<tf.Tensor: shape=(2,), dtype=int32, numpy=array([1, 2], dtype=int32)>",
            "tf.Tensor([1 2], shape=(2,), dtype=int32)",
        ),
        (
            tf.constant([[1.0], [2.0]]),
            "<tf.Tensor: shape=(2, 1), dtype=float32, numpy=\narray([[1.],\n       [2.]], dtype=float32)>",
            "tf.Tensor(\n[[1.]\n [2.]], shape=(2, 1), dtype=float32)",
        ),
    ],
)
def test_a_tensor_prints_as_in_tensorflow(tensor: tf.Tensor, printed: str, text: str) -> None:
    assert repr(tensor) == printed
    assert str(tensor) == text


def test_indices_beyond_the_end_are_an_error() -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match="slice index 3 of dimension 0 out of bounds"):
        tf.constant([1, 2, 3])[3]


@pytest.mark.parametrize("key", [1.0, "a", np.array([0, 1]), tf.constant([0]), slice(0.5, None)])
def test_only_whole_numbers_slices_and_masks_are_indices(key: object) -> None:
    with pytest.raises(TypeError, match="Only integers, slices"):
        tf.constant([1, 2, 3])[key]


def test_a_mask_must_fit_and_have_an_axis() -> None:
    tensor = tf.constant([1, 2, 3])
    assert tensor[tensor > 1].numpy().tolist() == [2, 3]
    with pytest.raises(ValueError, match="incompatible"):
        tensor[tf.constant([True])]
    with pytest.raises(ValueError, match="mask cannot be scalar"):
        tensor[tf.constant(True)]


@pytest.mark.parametrize(("name", "instead"), [("T", "tf.transpose(t)"), ("astype", "tf.cast(t, dtype)")])
def test_numpys_attributes_name_the_op_that_does_the_same(name: str, instead: str) -> None:
    with pytest.raises(AttributeError) as error:
        getattr(tf.constant(1), name)
    assert str(error.value) == f"'Tensor' object has no attribute '{name}'. Use {instead}."


def test_a_scalar_has_no_length_and_no_entries() -> None:
    with pytest.raises(TypeError, match=r"Scalar tensor has no `len\(\)`"):
        len(tf.constant(1))
    with pytest.raises(TypeError, match="Cannot iterate over a scalar tensor"):
        iter(tf.constant(1))


def test_only_scalars_become_python_numbers() -> None:
    assert (int(tf.constant(2.5)), float(tf.constant(2)), complex(tf.constant(1.0))) == (2, 2.0, 1 + 0j)
    assert [10, 20][tf.constant(1)] == 20
    with pytest.raises(TypeError, match="only 0-dimensional arrays"):
        float(tf.constant([1.0]))
    with pytest.raises(TypeError, match="only integer scalar arrays"):
        [10, 20][tf.constant(1.0)]
    with pytest.raises(ValueError, match="more than one element is ambiguous"):
        bool(tf.constant([True, False]))


def test_a_shape_compares_and_prints_as_a_tuple_and_refuses_negative_sizes() -> None:
    shape = tf.zeros([2, 3]).shape
    assert shape == (2, 3) and shape == [2, 3] and shape != (3, 2)
    assert (repr(shape), str(shape)) == ("TensorShape([2, 3])", "(2, 3)")
    assert {shape: 1}[tf.TensorShape((2, 3))] == 1
    assert (1,) + shape == (1, 2, 3)
    with pytest.raises(ValueError, match="must be >= 0"):
        tf.TensorShape([-1])
