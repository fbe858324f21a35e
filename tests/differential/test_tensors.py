"""Operators, indexing, conversions to Python and printed forms of tensors are TensorFlow's.

Each line is evaluated on both sides; results, printed text and error classes must be equal.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minitf

OPERATORS = [
    f"{left} {operator} {right}"
    for operator in ("+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=")
    for left, right in (
        ("f", "f"), ("f", "i"), ("i", "f"), ("f", "2"), ("2", "f"), ("f", "2.5"), ("i", "2.5"), ("2.5", "i"),
        ("i", "3"),
        ("3", "i"), ("i", "True"), ("f", "np.array([2.0, 4.0])"), ("np.array([2.0, 4.0])", "f"),
        ("i", "np.float64(2.5)"),
        ("np.float64(2.5)", "i"), ("f", "[1, 2]"), ("[1, 2]", "f"), ("b", "b"), ("b", "1"), ("f", "f3"), ("d", "f"),
        ("f", "None"),
    )
]  # fmt: skip
PRODUCTS = ["m @ m", "f @ f", "m @ f", "m @ np.ones((2, 1))", "np.ones((1, 2)) @ m", "m @ i", "f3 @ m"]
LOGIC = ["b & b", "b | True", "True ^ b", "~b", "b & 3", "3 & b", "b & i", "-f", "-b", "abs(-i)", "abs(b)", "+f"]
INDICES = [
    f"m[{index}]"
    for index in (
        "0", "-1", "2", "-3", "0, 1", "0, -1", "0, 0, 0", "...", "..., 0", "None", "tf.newaxis, 0", ":, None", "1:",
        ":1", "::-1", "::0", "5:", "-5:", "0:2:2, ::-1", "1.0", "'a'", "True", "[0, 1]", "(0, 1)", "()", "i[0]",
        "i[0]:",
        "f[0]", "np.int64(1)", "np.array(1)", "np.array([0, 1])", "m > 2", "m[0] > 1", "np.array([True, False])",
        "..., ...", "1.5:", "2**40", "None, ..., None", "f3 > 0",
    )
]  # fmt: skip
PYTHON = [
    "bool(f)", "bool(f[0])", "bool(f[:1])", "bool(tf.zeros([0]))", "int(f[0])", "int(f)", "int(f[:1])", "float(i[0])",
    "float(m)", "[1, 2, 3][i[0]]", "list(range(i[1]))", "len(m)", "len(f[0])", "list(m)", "list(f[0])", "m.numpy()",
    "f[0].numpy()", "type(f[0].numpy())", "m.shape", "f[0].shape", "m.dtype", "str(m.dtype)", "m.ndim", "m.get_shape()",
    "np.array(m)", "np.asarray(m).flags.writeable", "np.array(m, dtype=float)", "np.add(f, 1)", "np.sum(f)",
    "hash(f)", "{f: 1}", "f.ref() == f.ref()", "f.T", "f.astype", "f.nothing", "3.0 in f", "f == None",
    "f != None", "sum(f)", "sum([f, f])", "max(f)", "sorted(i)", "f == 'a'", "i == [1.5, 2]", "i == object()",
    "f'{f[0]}'", "f'{f}'", "f'{f[0]:.2f}'", "f'{f:.2f}'", "'%.1f' % f[0]", "tf.is_tensor(f)", "f.ref().deref() is f",
]  # fmt: skip
PRINTED = [
    "tf.constant(1.5)", "tf.constant(1)", "tf.constant(True)", "tf.constant(0.1)", "tf.constant(float('nan'))",
    "tf.constant(-float('inf'))", "tf.constant(1e10)", "tf.constant(1e-10)", "tf.constant(123456789)",
    "tf.constant(2**40)", "tf.constant([1, 2])", "tf.constant([1.5, 2])", "tf.constant([[1, 2], [3, 4]])",
    "tf.constant([[1, 2]])", "tf.constant([True, False])", "tf.constant([])", "tf.constant([[]])", "tf.zeros([0, 3])",
    "tf.zeros([2, 2, 2])", "tf.zeros([100, 100])", "tf.range(100)", "tf.range(2000)", "tf.linspace(0., 1., 30)",
    "tf.constant(np.float16(1.1))", "tf.constant(np.float64(0.1))", "tf.constant(np.int8(3))",
    "tf.constant(np.uint8(3))",
    "tf.constant([0.1, 1e10])", "tf.constant([1e-10, 1.0])", "tf.constant([[float('nan'), 1.]])", "tf.ones([3, 1])",
    "tf.cast([1.7, -1.7], tf.int32)", "tf.float32", "tf.int8", "tf.bool", "tf.half", "tf.float64.as_numpy_dtype",
    "tf.TensorShape([2, 3])", "tf.TensorShape([])", "tf.TensorShape([2, 3])[0]", "tf.TensorShape([2, 3])[1:]",
    "tf.TensorShape([2, 3]) + [4]", "tf.TensorShape([2]) == (2,)", "tf.TensorShape([2]) == [3]", "tf.TensorShape(3)",
    "tf.TensorShape([2])[3]", "tf.TensorShape([2, 3]).num_elements()", "tf.TensorShape([2, 3]).as_list()",
    "tf.float32 == 'float32'", "tf.float32 == np.float32", "tf.float32 == tf.int32", "tf.float32 == 'no'",
    "tf.float32.is_floating", "tf.int32.is_integer", "tf.bool.is_integer", "tf.float32.max", "tf.int8.min",
    "tf.float64.size", "f.ref()", "tf.newaxis", "tf.half is tf.float16", "tf.TensorShape([-1])",
]  # fmt: skip
VALUES = [
    "tf.constant([1, True])", "tf.constant([True, 1])", "tf.constant([[1], [2, 3]])", "tf.constant([1, [2]])",
    "tf.constant([np.float64(1), 2.0])", "tf.constant([2.0, np.float64(1)])", "tf.constant([np.int64(1), 2])",
    "tf.constant([1, 2**40])", "tf.constant(2**70)", "tf.constant(2**70, tf.float32)", "tf.constant(1e40)",
    "tf.constant(1e40, tf.float32)", "tf.constant(3.5, tf.int32)", "tf.constant(1, tf.bool)",
    "tf.constant(300, tf.uint8)",
    "tf.constant(None)", "tf.constant([1, None])", "tf.constant({})", "tf.constant([1, 'a'])",
    "tf.constant(i, tf.float32)",
    "tf.constant([f, f])", "tf.constant([1, 2, 3], shape=(2, 2))", "tf.constant(7, shape=(2, 2))",
    "tf.constant(range(3))",
    "tf.convert_to_tensor([f, f])", "tf.convert_to_tensor([f[0], 2])", "tf.convert_to_tensor([i[0], 2.5])",
    "tf.convert_to_tensor([f, i])", "tf.convert_to_tensor([f, f3])", "tf.convert_to_tensor(f, tf.int32)",
    "tf.convert_to_tensor([[f[0]], [1]])", "tf.zeros(i)", "tf.zeros(2.5)", "tf.zeros([2.0])", "tf.zeros([[2]])",
    "tf.ones([2, i[0]])", "tf.zeros(tf.TensorShape([2]))", "tf.zeros(np.array([2, 1]))", "tf.zeros(None)",
    "tf.reshape(f, [2.0])", "tf.reshape(f, [[2, 1]])", "tf.reshape(f, i)", "tf.reshape(tf.zeros([0, 2]), [0, -1])",
    "tf.transpose(m, [0.0, 1.0])", "tf.transpose(m, 1)", "tf.expand_dims(f, [0])", "tf.expand_dims(f, [0, 1])",
    "tf.expand_dims(f, 1.0)", "tf.stack([1, 2.5])", "tf.stack([[1, 2], [3]])", "tf.stack([True, 1])", "tf.stack([])",
    "tf.stack([f, f], axis=3)", "tf.stack(3)", "tf.concat([1, 2], 0)", "tf.concat([f, [1]], 0)", "tf.concat([f, i], 0)",
    "tf.concat([f, f], [0])", "tf.concat([f, f], 1.0)", "tf.concat([[[1]], [2]], 0)", "tf.where(b, f)",
    "tf.where(True)",
    "tf.where([1, 0], 1, 2)", "tf.where(i, 1, 2)", "tf.where(b, f, i)", "tf.where(b, [1, 2, 3], 0)",
    "tf.reduce_sum(f, axis=1.0)", "tf.reduce_sum(m, axis=i[0])", "tf.reduce_any(i)", "tf.reduce_any([1, 0])",
    "tf.shape(m, tf.int64)", "tf.shape(m, tf.float32)", "tf.matmul(m, f)", "tf.matmul(f, m)", "tf.matmul(b, b)",
    "tf.matmul(tf.ones([2, 1, 2]), tf.ones([3, 2, 1]))", "tf.matmul(tf.ones([2, 1, 2]), f)",
    "tf.tensordot(m, m, [[0], [1]])", "tf.tensordot(m, m, [0, 1])", "tf.tensordot(m, m, [[5], [0]])",
    "tf.tensordot(m, m, [0, 1, 2])", "tf.tensordot(m, m, [[0], [0, 1]])", "tf.range(0, 5, 0)", "tf.range(5, 0)",
    "tf.range(5, dtype=tf.float64)", "tf.range(5.0, dtype=tf.int32)", "tf.range([1, 2])", "tf.range(np.int64(3))",
    "tf.range(2**40, 2**40 + 2)", "tf.range(float('nan'))", "tf.range(0.0, float('inf'))", "tf.linspace(0.0, 1.0, 2.5)",
    "tf.linspace([0.0, 1.0], [1.0, 2.0], 3, axis=-1)", "tf.linspace(0.0, [1.0, 2.0], 3)", "tf.linspace(0.0, 1.0, i[0])",
    "tf.cast(1.5, int)", "tf.cast(1.5, float)", "tf.cast(float('nan'), tf.bool)", "tf.as_dtype(int)",
    "tf.add(1, f)", "tf.add(1.5, i)", "tf.multiply(1.5, i)", "tf.divide(1, f)", "tf.divide(1.5, i)",
    "tf.add(x=1, y=2, name='sum')", "tf.sigmoid([-1000.0, 1000.0])", "tf.Tensor(3)", "tf.log(1.0)", "tf.math.nothing",
]  # fmt: skip


def evaluate(tf: Any, line: str) -> tuple[str, str]:
    """The printed result, or the name of the error's class."""
    names = {
        "tf": tf, "np": np, "f": tf.constant([1.0, -2.0]), "f3": tf.constant([1.0, 2.0, 3.0]), "i": tf.constant([1, 2]),
        "b": tf.constant([True, False]), "m": tf.constant([[1.0, 2.0], [3.0, 4.0]]),
        "d": tf.constant(np.array([1.0, 2.0])),
    }  # fmt: skip
    try:
        result = eval(line, names)
    except (ArithmeticError, AttributeError, IndexError, TypeError, ValueError, tf.errors.OpError) as error:
        return "raises", type(error).__name__
    return repr(result), str(result)


@pytest.mark.parametrize("line", [*OPERATORS, *PRODUCTS, *LOGIC, *INDICES, *PYTHON, *PRINTED, *VALUES])
def test_a_line_gives_what_tensorflow_gives(line: str, oracle: ModuleType) -> None:
    assert evaluate(minitf, line) == evaluate(oracle, line)
