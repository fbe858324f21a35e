"""Refusing arguments of ops: what each op expects, and what to try instead.

The first line of each message is TensorFlow's and comes from the function that refuses.
"""

from __future__ import annotations

from minitf.errors import InvalidArgumentError, invalid_argument
from minitf.tensor import Tensor

__all__ = ["refuse"]

_EXPECTED = {  # by TensorFlow's names of ops: what they expect, and what to do
    "AddN": ("one shape for all", "add them with +, which broadcasts"),
    "ArgMax ArgMin": ("one axis, with entries to choose from", "count axes from 0, or from -1 backwards"),
    "BiasAdd": ("(n, ..., channels), and a bias for each channel", "use tf.add for other shapes"),
    "BroadcastArgs BroadcastTo SelectV2": ("sizes that are equal or 1 from the last axis on", "insert axes of size 1"),
    "ConcatV2": ("equal sizes on every other axis", "reshape or transpose them, or make a new axis with tf.stack"),
    "Cross": ("two tensors of one shape (..., 3)", "broadcast one to the shape of the other"),
    "Einsum": ("a label for each axis, of one size wherever it is", "compare the labels with the shapes, or write ..."),
    "Fill": ("sizes of at least 0, one for each axis", "give every axis its size, for example [2, 3]"),
    "FloorDiv FloorMod": ("no 0 in an integer divisor", "cast to float first, or replace the 0 with tf.where"),
    "GatherNd": ("rows of indices for the first axes, none negative", "compare the indices with the shape"),
    "GatherV2": ("indices for an axis that is there, none negative", "compare the indices with the shape"),
    "InTopKV2": ("targets (n,) and predictions (n, classes)", "reshape them"),
    "LowerBound": ("a row of values for each row of sorted numbers", "give both the same number of rows"),
    "MatMul": ("(..., n, k) @ (..., k, m)", "transpose or reshape one; tf.linalg.matvec and tf.tensordot take vectors"),
    "MatrixDiagV3 MatrixDiagPartV3 MatrixBandPart": ("matrices, and diagonals that they have", "compare with t.shape"),
    "MatrixInverse MatrixSolve MatrixDeterminant LogMatrixDeterminant": (
        "square matrices (..., n, n) of full rank, a right side (..., n, k)", "add a multiple of tf.eye(n) if singular"
    ),
    "MirrorPad": ("two numbers for each axis, which the mirror can fill", "pad less, or with mode CONSTANT"),
    "OneHot": ("whole indices, a whole depth, scalars, an axis of the result", "call tf.one_hot(indices, depth)"),
    "Pack": ("one shape for all", "reshape them first, or put them behind one another with tf.concat"),
    "Pad PadV2": ("two numbers for each axis", "write a pair for each axis: [[1, 1], [0, 2]]"),
    "Pow": ("powers of at least 0 for integers", "cast the base to float first: tf.cast(x, tf.float32)"),
    "RandomUniform RandomUniformInt RandomStandardNormal TruncatedNormal": (
        "a list of sizes, a dtype to draw, minval < maxval",
        "write sizes as a list, for example [2, 3]; raise maxval, which itself is never drawn",
    ),
    "Range": ("three numbers, with steps that lead to the limit", "swap start and limit, or change the sign of delta"),
    "Reshape": ("sizes whose product is the number of entries, at most one -1", "compare the two products"),
    "ScatterNd TensorScatterAdd TensorScatterSub TensorScatterMin TensorScatterMax TensorScatterUpdate": (
        "updates of shape indices.shape[:-1] + shape[indices.shape[-1]:]", "give each update a row of indices"
    ),
    "Slice": ("one number of each for each axis, which stay inside", "compare with t.shape, or write t[begin:end]"),
    "Softmax LogSoftmax": ("at least one axis", "put the logits of all classes into one tensor"),
    "SoftmaxCrossEntropyWithLogits": ("a label for each logit", "use tf.one_hot, or the sparse_ function"),
    "SparseSoftmaxCrossEntropyWithLogits": (
        "integer class numbers from 0 on, as many classes as logits in a row",
        "give the last layer a unit for each class, or take tf.argmax of one-hot labels",
    ),
    "Split SplitV": ("a number that divides the size, or sizes that add up to it", "give one size as -1"),
    "Squeeze": ("axes of size 1", "reduce the axis, for example with tf.reduce_sum, or use tf.reshape"),
    "StatelessRandomGetKeyCounter": ("two integers", "write for example seed=[1, 2]"),
    "StridedSlice": ("at most one index for each axis, from -size to size - 1", "compare the index with t.shape"),
    "TopKV2": ("at most as many as the last axis has", "ask for fewer"),
    "Transpose": ("the number of each axis once, in the new order", "leave out perm to reverse the axes"),
    "Unique": ("one axis", "flatten it with tf.reshape(t, [-1])"),
    "Where": ("a condition with at least one axis", "ask bool(condition), or give x and y to choose from"),
}  # fmt: skip
_STEPS = {name: steps for names, steps in _EXPECTED.items() for name in names.split()}
_AXES = ("axes from -rank to rank - 1, each once", "count axes from 0, or from -1 backwards; compare with t.shape")


def refuse(native: str, asked: str, *given: object) -> InvalidArgumentError:
    """Build the error of an op, TensorFlow's words first, then what was given and what the op expects.

    >>> print(refuse("Unique", "unique expects a 1D vector.", tf.eye(2)))
    unique expects a 1D vector. [Op:Unique]
      got:      a tensor of shape (2, 2)
      expected: one axis
      try:      flatten it with tf.reshape(t, [-1])
    """
    got = ", ".join(f"a tensor of shape {part.shape}" if isinstance(part, Tensor) else str(part) for part in given)
    expected, do = _STEPS.get(native, _AXES)
    return invalid_argument(native, asked, got=got, expected=expected, do=do)
