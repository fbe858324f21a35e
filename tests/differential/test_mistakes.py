"""Mistakes that beginners make raise TensorFlow's class of error, with the words that one would search for."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

import minitf
from tests.differential.agreement import assert_alike
from tests.differential.snippets import raises, run

MISTAKES = [
    ("tf.constant([1, 2]) * 1.5", "Cannot convert 1.5 to EagerTensor of dtype int32"),
    ("tf.constant([1, 2]) + tf.constant([1.0, 2.0])", "cannot compute AddV2 as input #1(zero-based) was"),
    ("tf.constant(1.0) + tf.constant(1.0, tf.float64)", "cannot compute AddV2 as input #1(zero-based) was"),
    ("tf.constant([1, 2, 3]) + tf.constant([1, 2])", "Incompatible shapes: [3] vs. [2]"),
    ("tf.ones([2, 3]) @ tf.ones([2, 3])", "Matrix size-incompatible: In[0]: [2,3], In[1]: [2,3]"),
    ("tf.matmul(tf.ones(3), tf.ones(3))", "In[0] and In[1] ndims must be == 2: 1"),
    ("tf.matmul(tf.ones([2, 3]), tf.ones([3]))", "In[0] and In[1] has different ndims: [2,3] vs. [3]"),
    ("tf.matmul(tf.ones([2, 2]), tf.ones([2, 2], tf.int32))", "cannot compute MatMul as input #1(zero-based) was"),
    ("tf.reshape(tf.range(6), [4, 2])", "Input to reshape is a tensor with 6 values, but the"),
    ("tf.reshape(tf.range(6), [-1, 4])", "Input to reshape is a tensor with 6 values, but the"),
    ("tf.concat(1, [[1], [2]])", "Shape (2, 1) must have rank 0"),
    ("tf.concat([tf.ones([2, 3]), tf.ones([3, 2])], axis=0)", "ConcatOp : Dimension 1 in both shapes must be equal:"),
    ("tf.concat([tf.ones([2, 3]), tf.ones([2, 3])], axis=2)", "ConcatOp : Expected concatenating dimensions in the"),
    ("tf.stack([tf.ones(2), tf.ones(3)])", "Shapes of all inputs must match: values[0].shape = [2]"),
    ("tf.split(tf.range(10), 3)", "Number of ways to split should evenly divide the split"),
    ("tf.constant([1, 2, 3])[5]", "slice index 5 of dimension 0 out of bounds."),
    ("tf.ones([2, 3])[0, 0, 0]", "Index out of range using input dim 2; input has only 2"),
    ("tf.constant([1, 2, 3])[[0, 1]]", "Index out of range using input dim 1; input has only 1"),
    ("tf.constant([1, 2, 3])[1.0]", "Only integers, slices (`:`), ellipsis (`...`),"),
    ("tf.reduce_sum(tf.ones([2, 3]), axis=2)", "Invalid reduction dimension (2 for input with 2"),
    ("tf.expand_dims(tf.ones([2]), 5)", "Tried to expand dim index 5 for tensor with 1"),
    ("tf.squeeze(tf.ones([2, 3]), axis=0)", "Can not squeeze dim[0], expected a dimension of 1, got"),
    ("tf.transpose(tf.ones([2, 3]), [0, 1, 2])", "transpose expects a vector of size 2. But input(1) is"),
    ("tf.constant([[1, 2], [3]])", "Can't convert non-rectangular Python sequence to Tensor."),
    ("tf.constant([1, None])", "Can't convert Python sequence with mixed types to Tensor."),
    ("tf.constant([1, 2, 3], shape=[2, 2])", "Eager execution of tf.constant with unsupported shape. Tensor"),
    ("tf.constant(1.5, dtype=tf.int32)", "Cannot convert 1.5 to EagerTensor of dtype int32"),
    ("tf.convert_to_tensor(tf.constant(1), tf.float32)", "Tensor conversion requested dtype float32 for Tensor"),
    ("bool(tf.constant([True, False]))", "The truth value of an array with more than one element"),
    ("0 < tf.constant([1, 2]) < 3", "The truth value of an array with more than one element"),
    ("not tf.constant([1, 2])", "The truth value of an array with more than one element"),
    ("tf.constant([1, 2]) in [tf.constant([2, 3])]", "The truth value of an array with more than one element"),
    ("{tf.constant(1): 2}", "Tensor is unhashable. Instead, use tensor.ref() as the key."),
    ("hash(tf.Variable(1))", "Variable is unhashable. Instead, use variable.ref() as the key."),
    ("int(tf.constant([1, 2]))", "only 0-dimensional arrays can be converted to Python scalars"),
    ("len(tf.constant(3))", "Scalar tensor has no `len()`"),
    ("list(tf.constant(3))", "Cannot iterate over a scalar tensor"),
    ("tf.ones(3).assign(2)", "object has no attribute 'assign'"),
    ("tf.ones(3).reshape([3, 1])", "object has no attribute 'reshape'"),
    ("tf.ones(3).sum()", "object has no attribute 'sum'"),
    ("tf.Variable([1.0, 2.0]).assign([1.0, 2.0, 3.0])", "Cannot assign value to variable ' Variable:0': Shape"),
    ("tf.Variable([1.0, 2.0]).assign(tf.constant([1, 2]))", "Tensor conversion requested dtype float32 for Tensor"),
    ("tf.Variable(1).assign_add(1.5)", "Cannot convert 1.5 to EagerTensor of dtype int32"),
    ("tf.Variable([1.0, 2.0]).assign_add([1.0])", "Cannot update variable with shape [2] using a Tensor"),
    ("tf.Variable()", "The `initial_value` arg to `tf.Variable` must be specified"),
    ("tf.sqrt(4)", "Value for attr 'T' of int32 is not in the list of allowed values:"),
    ("tf.nn.softmax([1, 2])", "Value for attr 'T' of int32 is not in the list of allowed values:"),
    ("tf.nn.dropout([1.0, 2.0], 1.5)", "`rate` must be a scalar tensor or a float in the range"),
    ("tf.gather([1, 2, 3], 5)", "indices = 5 is not in [0, 3)"),
    ("tf.gather_nd([[1, 2], [3, 4]], [[2, 0]])", "indices[0] = [2, 0] does not index into param shape [2,2]"),
    ("tf.scatter_nd([[5]], [1], [4])", "indices[0] = [5] does not index into shape [4]"),
    ("tf.boolean_mask([1, 2, 3], [True, False])", "Shapes (3,) and (2,) are incompatible"),
    ("tf.where([True, False, True], [1, 2], [3, 4])", "condition [3], then [2], and else [2] must be"),
    (
        "tf.nn.sparse_softmax_cross_entropy_with_logits([0, 3], tf.ones([2, 3]))",
        "Received a label value of 3 which is outside the valid",
    ),
    (
        "tf.nn.sparse_softmax_cross_entropy_with_logits([[0], [1]], tf.ones([2, 3]))",
        "`labels.shape.rank` must equal `logits.shape.rank -",
    ),
    (
        "tf.nn.softmax_cross_entropy_with_logits(tf.ones([2, 3]), tf.ones([2, 4]))",
        "logits and labels must be broadcastable:",
    ),
    (
        "tf.nn.sigmoid_cross_entropy_with_logits(tf.ones([2]), tf.ones([3]))",
        "`logits` and `labels` must have the same shape,",
    ),
    ("tf.nn.bias_add(tf.ones([2, 3]), tf.ones([2]))", "Must provide as many biases as the last dimension of"),
    ('tf.einsum("ij,jk->ik", tf.ones([2, 3]), tf.ones([2, 3]))', "Expected dimension 3 at axis 0 of the input shaped"),
    ("tf.linalg.inv([[1.0, 2.0], [2.0, 4.0]])", "Input is not invertible."),
    ("tf.linalg.inv(tf.ones([2, 3]))", "Input matrix must be square."),
    ("tf.linalg.solve(tf.eye(2), tf.ones([2]))", "All input tensors must have the same rank."),
    ("tf.range(0, 1, 0)", "Requires delta != 0: 0"),
    ("tf.zeros([2, -1])", "Dimension -1 must be >= 0"),
    ("tf.pad([1, 2], [1, 1])", "paddings must be a matrix with 2 columns: [2]"),
    ("tf.tile([[1, 2]], [2])", "Expected multiples argument to be a vector of length 2"),
    ("tf.broadcast_to([1, 2, 3], [2])", "Incompatible shapes: [3] vs. [2]"),
    ("tf.add_n([tf.ones(2), tf.ones(3)])", "Inputs to operation AddN of type AddN must have the"),
    ("tf.maximum(1, 2.5)", "Cannot convert 2.5 to EagerTensor of dtype int32"),
    ("2 ** tf.constant([1, -1])", "Integers to negative integer powers are not allowed"),
    ("tf.constant(1) // 0", "Integer division by zero"),
    ("tf.logical_and(1, 0)", "Cannot convert 1 to EagerTensor of dtype bool"),
    ('tf.debugging.assert_equal(tf.constant([1, 2]), [1, 3], message="unequal")', "unequal"),
    ("tf.debugging.assert_near([1.0], [1.1])", "x and y not equal to tolerance rtol ="),
    ('tf.debugging.assert_shapes([(tf.ones([2, 3]), ("n", 2))])', "Tensor shape=(2, 3) dtype=float32 dimension 1 must"),
    ('tf.debugging.check_numerics(tf.math.log(0.0), "log")', "log : Tensor had Inf values"),
    ("tf.ensure_shape(tf.ones([2, 3]), [2, 2])", "Shape of tensor input [2,3] is not compatible with expected shape"),
    ("tf.random.uniform([2], dtype=tf.int32)", "Must specify maxval for integer dtype tf.int32"),
    ("tf.map_fn(lambda x: x / 2, tf.range(3))", "TensorArray dtype is int32 but Op is trying to write dtype float64"),
    ("tf.reduce_mean([1, 2], dim=0)", "unexpected keyword argument 'dim'"),
    ("tf.Tensor([1, 2])", "Tensor() takes no arguments"),
    ("tf.one_hot([1], -3)", "depth must be non-negative, got: -3"),
]


@raises("does not support item assignment")
def test_setting_an_entry_of_a_tensor(tf: Any) -> None:
    tf.zeros([3])[0] = 1.0


@raises("does not support item assignment")
def test_setting_an_entry_of_a_variable(tf: Any) -> None:
    tf.Variable(tf.zeros([3]))[0] = 1.0


@raises("is not supported. Use `variable.assign_add(value)`")
def test_adding_to_a_variable_in_place(tf: Any) -> None:
    step = tf.Variable(0)
    step += 1


@raises("A non-persistent GradientTape can only be used to compute one set of gradients")
def test_asking_a_tape_twice(tf: Any) -> None:
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = x * x
    tape.gradient(y, x)
    tape.jacobian(y, x)


@raises("unsupported operand type(s) for *: 'float' and 'NoneType'")
def test_a_step_along_a_gradient_that_is_none(tf: Any) -> None:
    used, forgotten = tf.Variable(1.0), tf.Variable(2.0)
    with tf.GradientTape() as tape:
        loss = used * used
    for v, slope in zip([used, forgotten], tape.gradient(loss, [used, forgotten]), strict=True):
        v.assign_sub(0.1 * slope)


@raises("to match")
def test_a_batch_jacobian_of_unlike_batches(tf: Any) -> None:
    x = tf.ones([3, 2])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x[:2]
    tape.batch_jacobian(y, x)


@raises("")
def test_a_custom_gradient_with_too_few_slopes(tf: Any) -> None:
    @tf.custom_gradient
    def product(x: Any, y: Any) -> Any:
        return x * y, lambda dy: dy

    x = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        y = product(x, x * 2.0)
    tape.gradient(y, x)


@raises("")
def test_a_module_that_forgot_its_base(tf: Any) -> None:
    class Layer(tf.Module):
        def __init__(self) -> None:
            self.w = tf.Variable(1.0)

        @tf.Module.with_name_scope
        def __call__(self, x: Any) -> Any:
            return self.w * x

    Layer()(1.0)


@raises("is not callable")
def test_calling_a_module_that_cannot_be_called(tf: Any) -> None:
    tf.Module()(1.0)


@pytest.mark.parametrize(("code", "words"), MISTAKES, ids=[code for code, words in MISTAKES])
def test_mistake(code: str, words: str, oracle: ModuleType) -> None:
    ours, theirs = (run(tf, lambda tf: eval(code, {"tf": tf})) for tf in (minitf, oracle))
    assert isinstance(theirs, Exception), f"TensorFlow gives {theirs!r}"
    assert_alike(ours, theirs)
    assert words in str(theirs)
    assert words in str(ours)
