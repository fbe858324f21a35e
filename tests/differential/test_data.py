"""Datasets have TensorFlow's elements, specs, cardinalities, printed forms and errors.

Each line is run on both sides; a dataset that it gives is compared with all of its elements.
"""

from __future__ import annotations

import collections
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minitf
from tests.differential.agreement import assert_alike, errors_of, leaves

PAIR = collections.namedtuple("PAIR", "x y")  # noqa: PYI024  # printed like any other
MOST = 40  # elements of an endless dataset


def surroundings(tf: Any) -> dict[str, Any]:
    data = tf.data.Dataset
    unknown = data.range(4).filter(lambda i: i != 1)
    return {
        "tf": tf, "np": np, "D": data, "R": data.range, "G": data.from_generator, "S": tf.TensorSpec, "PAIR": PAIR,
        "L": data.range(3).repeat(), "OrderedDict": collections.OrderedDict, "defaultdict": collections.defaultdict,
        "U": unknown, "F": data.range(4).map(lambda i: tf.fill([i], i)),
    }  # fmt: skip


def outcome(tf: Any, line: str) -> Any:
    try:
        result = eval(line, surroundings(tf))
        if isinstance(result, tf.data.Dataset):
            return [repr(result), int(result.cardinality()), listed(result)]
        return result
    except errors_of(tf) as error:
        return error


def listed(dataset: Any) -> list[Any]:
    """Return the elements, and for a dataset among them its elements."""
    return [part(element) for _, element in zip(range(MOST), dataset, strict=False)]


def part(element: Any) -> Any:
    if hasattr(element, "cardinality"):
        return [repr(element), int(element.cardinality()), listed(element)]
    if isinstance(element, tuple) and not hasattr(element, "_fields"):
        return tuple(map(part, element))
    return element


MADE = [
    "R(5)", "R(2, 5)", "R(5, 2, -1)", "R(5, output_type=tf.int32)", "R(3, output_type=tf.float32)", "R(0)", "R(5, 2)",
    "R(0, 10, 3)", "R(10, 0, -3)", "R(1, 9, 0)", "R(2.5)", "R()", "R(1, 2, 3, 4)", "R(tf.constant(3))", "R('a')",
    "R(tf.constant(3, tf.int64))", "R(np.int32(3))", "len(R(2**62))", "R(2**40, 2**40 + 3)", "D.from_tensors(5)",
    "D.from_tensors({'a': [1, 2], 'b': 3.})", "D.from_tensors((1, [2, 3], (4., {'q': 5})))",
    "D.from_tensors([[1, 2], [3]])", "D.from_tensors(tf.Variable(3.))", "D.from_tensors(PAIR(1, 2.))",
    "D.from_tensors(np.ones((2, 3)))", "D.from_tensors(OrderedDict(b=1, a=2))", "D.from_tensor_slices([1, 2, 3])",
    "D.from_tensor_slices(([1, 2, 3], [1., 2., 3.]))", "D.from_tensor_slices([])",
    "D.from_tensor_slices({'b': [1, 2], 'a': np.arange(4.).reshape(2, 2)})", "D.from_tensor_slices(([1, 2, 3], [1]))",
    "D.from_tensor_slices((np.ones((2, 2)), np.ones((3, 2)), np.ones((2, 1))))", "D.from_tensor_slices(5)",
    "D.from_tensor_slices({})", "D.from_tensor_slices(())", "D.from_tensor_slices(None)",
    "D.from_tensor_slices([(1, 2), (3, 4)])", "D.from_tensor_slices([np.ones(2), np.zeros(2)])",
    "D.from_tensor_slices([tf.constant(1), tf.constant(2)])", "D.from_tensor_slices(tf.constant(3))",
    "D.from_tensor_slices((np.ones(2), 5))", "D.from_tensor_slices(np.ones((0, 2)))", "D.from_tensor_slices(range(3))",
    "D.from_tensor_slices(tf.Variable([3.]))", "D.from_tensor_slices(np.array([True, False]))",
    "D.from_tensor_slices({'a': [1, 2], 'b': ([3, 4], {'c': [5, 6]})})", "D.from_tensor_slices(np.ones(2, np.float16))",
    "D.from_tensor_slices(PAIR([1, 2], [[1], [2]]))", "D.from_tensor_slices(([1, 2],))",
    "D.from_tensor_slices(np.arange(3, dtype=np.uint8))", "D.from_tensor_slices(x for x in [1, 2])",
    "D.from_tensor_slices(OrderedDict(b=[1], a=[2]))",
]  # fmt: skip
GENERATED = [
    "G(lambda: iter([1, 2]), output_signature=S([], tf.int32))",
    "G(lambda: [1, 2], output_signature=S([], tf.float32))", "G(lambda: [1.5, 2], output_signature=S([], tf.int32))",
    "G(lambda: [], output_signature=S([2], tf.int32))",
    "G(lambda: [np.float64(1.5)], output_signature=S([], tf.int32))",
    "G(lambda: [tf.constant(1.)], output_signature=S([], tf.int32))",
    "G(lambda: [[1, 2]], output_signature=S([], tf.int32))",
    "G(lambda: [[1, 2], [3]], output_signature=S([None], tf.int32))",
    "G(lambda: [(1, 2)], output_signature=(S([], tf.int32), S([], tf.int32)))",
    "G(lambda: [[1, 2]], output_signature=(S([], tf.int32), S([], tf.int32)))",
    "G(lambda: [(1, 2)], output_signature=S([None], tf.int32))",
    "G(lambda: [(1, 2, 3)], output_signature=(S([], tf.int32), S([], tf.int32)))",
    "G(lambda: [1], output_signature=(S([], tf.int32), S([], tf.int32)))",
    "G(lambda: [(1, (2, [3]))], output_signature=(S([]), (S([]), S([None]))))",
    "G(lambda: [{'a': 1, 'b': 2.}], output_signature={'a': S([], tf.int32), 'b': S([], tf.float32)})",
    "G(lambda: [{'a': 1}], output_signature={'a': S([], tf.int32), 'b': S([], tf.float32)})",
    "G(lambda: [1, 'a'], output_signature=S([], tf.int32))", "G(lambda: [None], output_signature=S([], tf.int32))",
    "G(3, output_signature=S([], tf.int32))", "G(lambda: 3, output_signature=S([], tf.int32))", "G(lambda: [3])",
    "G(lambda: [3], output_signature=tf.int32)", "G(lambda: [3], output_signature=[S([], tf.int32)])",
    "G(lambda: [3], output_types=tf.int32)", "G(lambda: [3, [4]], tf.int32)", "G(lambda: [[3]], tf.int32, [None])",
    "G(lambda: [(3, [1, 2])], output_types=(tf.int32, tf.float32), output_shapes=([], [2]))",
    "G(lambda: [3], output_types=tf.int32, output_signature=S([], tf.int32))",
    "G(lambda: [3], output_shapes=[], output_signature=S([], tf.int32))",
    "G(lambda n: range(n), args=(3,), output_signature=S([], tf.int64))",
    "G(lambda n: [type(n).__name__ == 'int32'], args=[3], output_signature=S([], tf.bool))",
    "G(lambda n: iter([n.shape[0]]), args=([3, 2],), output_signature=S([], tf.int32))",
    "G(lambda n: range(n), args=3, output_signature=S([], tf.int64))",
    "G(lambda: (1 // 0 for _ in range(2)), output_signature=S([], tf.int32))",
    "G(lambda: ({}['a'] for _ in range(2)), output_signature=S([], tf.int32))",
    "G(lambda: (int('a') for _ in range(2)), output_signature=S([], tf.int32))",
    "G(lambda: (next(iter([])) for _ in range(2)), output_signature=S([], tf.int32))",
    "G(lambda: [np.ones(3)], output_signature=S([2], tf.float64))",
    "G(lambda: [True], output_signature=S([], tf.int32))",
    "G(lambda: [np.ones((3, 2))], output_signature=S(None, tf.float64))",
    "len(G(lambda: [3], output_signature=S([], tf.int32)))",
    "G(lambda: iter([1, 2, 3]), output_signature=S([], tf.int32)).repeat(2).batch(4)",
]  # fmt: skip
CHOSEN = [
    "R(5).take(2)", "R(5).take(-1)", "R(5).take(0)", "R(5).take(9)", "R(5).take(1.5)", "R(5).take('a')",
    "R(5).take(None)", "R(5).skip(2)", "R(5).skip(-1)", "R(5).skip(9)", "R(5).skip(0)", "L.take(2)", "L.take(-1)",
    "L.skip(2)", "U.take(0)", "U.take(2)", "U.take(-1)", "U.skip(-1)", "U.skip(2)", "R(5).take(R(3))",
    "R(5).filter(lambda x: x > 2)", "R(5).filter(lambda x: True)", "R(5).filter(3)",
    "R(0).filter(lambda x: True)", "L.filter(lambda x: x > 1)", "D.zip((R(5), R(5))).filter(lambda a, b: a > 3)",
    "D.from_tensors({'a': 1}).filter(lambda d: d['a'] > 1)", "R(9).take_while(lambda x: x < 3)",
    "R(9).take_while(lambda x: x % 2 == 0)", "R(3).repeat(2)", "R(3).repeat()", "R(3).repeat(-1)", "R(3).repeat(-3)",
    "R(3).repeat(0)", "R(3).repeat(None)", "R(3).repeat('a')", "R(3).repeat(1.5)", "R(0).repeat()", "R(0).repeat(3)",
    "U.repeat()", "U.repeat(2)", "U.repeat(0)", "R(3).repeat(2).repeat(2)", "R(3).concatenate(R(2))",
    "R(5).concatenate(R(3, output_type=tf.int32))", "R(5).concatenate(D.zip((R(3), R(3))))", "R(5).concatenate(3)",
    "L.concatenate(R(2))", "U.concatenate(R(2))", "R(5).batch(2, True).concatenate(R(6).batch(3, True))",
    "U.concatenate(L)", "R(2).concatenate(R(0)).concatenate(R(1))",
    "D.from_tensors({'a': 1}).concatenate(D.from_tensors({'b': 1}))", "R(3).concatenate(dataset=R(2))",
    "D.from_tensors([1]).concatenate(D.from_tensors([[1]]))",
]  # fmt: skip
MAPPED = [
    "R(5).map(lambda x: x + 1)", "R(5).map(lambda x: x + 1, num_parallel_calls=tf.data.AUTOTUNE)",
    "R(5).map(lambda x: (x, {'a': x * 2}))", "R(5).map(lambda x: [x, x])", "R(5).map(lambda x: 3)",
    "R(5).map(lambda x: np.float64(3))", "R(5).map(lambda x: [[1, 2], [3]])", "R(5).map(lambda x: [x, 1.5])",
    "R(5).map(lambda x: (x, [1., 2.]))", "R(5).map(lambda x: PAIR(x, x))", "R(5).map(lambda x: {'b': x, 'a': x})",
    "R(5).map(3)", "R(5).map(lambda x: x, 2, True)", "R(5).map(lambda x: x, num_parallel_calls=0)", "R(5).map()",
    "R(5).map(lambda x: x, num_parallel_calls=-5)", "F", "R(5).map(lambda x: tf.range(x))",
    "R(5).map(lambda x: tf.reshape(tf.range(4), [-1, 2]))",
    "R(5).map(lambda x: tf.boolean_mask(tf.range(3, dtype=tf.int64), tf.range(3, dtype=tf.int64) > x))",
    "R(5).batch(2).map(lambda x: tf.reduce_sum(x))", "R(5).batch(2).map(lambda x: tf.expand_dims(x, 1))",
    "R(5).batch(2).map(lambda x: tf.reshape(x, [-1, 1]) * tf.ones([1, 3], tf.int64))",
    "R(5).batch(2, True).map(lambda x: tf.concat([x, x], 0))", "R(5).map(lambda x: tf.one_hot(x, 3))",
    "R(5).map(lambda x: tf.gather(tf.range(5), x))",
    "D.from_tensor_slices(([1., 2.], [0, 1])).map(lambda x, y: (x / 10, y))",
    "D.from_tensor_slices({'a': [1, 2], 'b': [3, 4]}).map(lambda d: d['a'] + d['b'])",
    "D.zip((R(2), (R(2), R(2)))).map(lambda a, b: a + b[0])", "D.from_tensors((1,)).map(lambda *a: a)",
    "D.from_tensors(1).map(lambda *a: a)", "D.from_tensors({'a': 1}).map(lambda a: (a,))",
    "D.from_tensors(PAIR(1, 2)).map(lambda p: p.x + p.y)", "R(3).map(lambda x: x == 1)",
    "R(3).flat_map(lambda x: R(x))", "R(3).flat_map(lambda x: D.from_tensors((x, [1.])))", "R(0).flat_map(R)",
    "R(3).flat_map(3)",

    "R(4).enumerate()", "R(4).enumerate(start=5)",
    "R(4).enumerate(2.5)", "R(0).enumerate()", "L.enumerate()", "D.from_tensors((1, 2)).enumerate()",
    "R(5).enumerate().map(lambda i, x: i + x)", "R(5).apply(lambda d: d.batch(2))", "R(5).apply(lambda d: 3)",
    "R(5).with_options(tf.data.Options())",
]  # fmt: skip
GROUPED = [
    "R(5).batch(2)", "R(5).batch(2, drop_remainder=True)", "R(5).batch(9)", "R(5).batch(9, True)", "R(0).batch(2)",
    "R(4).batch(2)", "R(5).batch(0)", "R(5).batch(-1)", "R(5).batch(2.5)", "R(5).batch('a')", "R(5).batch(None)",
    "R(5).batch(tf.constant(2, tf.int64))", "R(5).batch(2, num_parallel_calls=2)", "R(6).batch(2).batch(2)",
    "R(5).batch(2, num_parallel_calls=2, deterministic=True)", "R(5).batch(2, True, name='x')", "L.batch(2)",
    "U.batch(2)", "R(4).batch(3).batch(2)", "D.zip((R(4), R(4).map(lambda x: {'a': x}))).batch(3)",
    "F.take(2).skip(1).batch(3)", "D.from_tensor_slices(([1, 2, 3], [[1.], [2.], [3.]])).batch(2)",
    "D.from_tensor_slices(np.ones((3, 2, 2))).batch(2)",
    "D.from_tensor_slices([1, 2, 3, 4, 5]).skip(1).repeat(2).take(7).batch(3)", "D.from_tensor_slices([]).batch(2)",
    "R(5).repeat(2).batch(3, True)",
    "D.from_tensor_slices({'a': [1, 2, 3]}).cache().batch(2).prefetch(1).map(lambda d: d['a'])",
    "R(5).batch(2).unbatch()", "R(3).batch(3, True).unbatch()", "R(4).batch(2, True).unbatch()", "L.batch(2).unbatch()",
    "D.from_tensor_slices(np.ones((4, 3))).unbatch()", "R(5).unbatch()", "F.unbatch()",
    "D.zip(F.take(2), R(2).map(lambda x: tf.fill([x + 1], x))).unbatch()",
    "D.from_tensors(([1, 2], [[3.], [4.]])).unbatch()", "D.from_tensors({'a': [1, 2]}).unbatch()",
    "D.zip(R(4).batch(2, True), R(4).batch(2)).unbatch()", "D.from_tensor_slices(np.ones((3, 0))).unbatch()",
    "R(5).window(2)", "R(5).window(3, 1, drop_remainder=True)", "R(5).window(3, 2, 2)", "R(9).window(3, 2, 2, True)",
    "R(3).window(3, 2, 2, True)", "R(9).window(2, 3)", "R(5).window(0)", "R(5).window(2, shift=0)",
    "R(5).window(2, stride=0)", "D.zip(R(4), R(4)).window(2)", "L.window(2)", "U.window(2)",
    "R(5).window(2).flat_map(lambda w: w.batch(2))", "R(5).window(2, 1).flat_map(lambda w: w.batch(2, True))",
    "D.zip(R(4), R(4)).window(2).flat_map(lambda a, b: D.zip(a.batch(2), b.batch(2)))",
    "R(5).window(2).map(lambda w: w.reduce(np.int64(0), lambda s, x: s + x))", "R(3).padded_batch(2)",
    "F.padded_batch(2)", "F.padded_batch(2, padded_shapes=5, padding_values=np.int64(-1))",
    "F.padded_batch(2, [5], -1)", "F.padded_batch(2, padded_shapes=[2])", "F.padded_batch(3, drop_remainder=True)",
    "R(3).padded_batch(0)", "D.from_tensors(([1, 2], 3.)).padded_batch(2, padded_shapes=([4], []))",
    "D.from_tensors(([1, 2], 3.)).padded_batch(2, ([None], []), (0, 1.))", "D.from_tensors([1]).padded_batch(2, [-1])",
    "D.from_tensors(([1, 2], 3.)).padded_batch(2, padded_shapes=([4], []), padding_values=(7, 1.))",
    "D.from_tensors([1, 2]).padded_batch(2, padded_shapes=[4, 4])", "D.from_tensors([1, 2]).padded_batch(2, [1])",
    "D.from_tensors([1, 2]).padded_batch(2, tf.TensorShape([None]))",
    "D.from_tensors([1., 2]).padded_batch(2, [4], [1.])",
    "D.from_tensors({'a': [1., 2], 'b': [1]}).padded_batch(2, {'a': [4], 'b': [None]})",
    "D.from_tensors(([1, 2], 3.)).padded_batch(2, padded_shapes=([4],))",
]  # fmt: skip
TOGETHER = [
    "D.zip((R(3), R(4)))", "D.zip(R(3), R(4))", "D.zip({'a': R(3), 'b': R(4)})", "D.zip((R(3), (R(4), R(2))))",
    "R(3).zip(R(4))", "D.zip([R(3), R(4)])", "D.zip((R(3), 3))", "D.zip()", "D.zip(R(3))", "D.zip(R(3), datasets=R(3))",
    "D.zip(datasets=(R(3), R(4)))", "D.zip(L, R(2))", "D.zip(L, L)", "D.zip(L, U)", "D.zip(R(3), U)", "D.zip(3)",
    "D.zip(R(3), {'a': R(2)})",
]  # fmt: skip
PASSED = [
    "R(5).cache()", "R(5).cache('')", "R(5).cache().repeat(2)", "R(5).prefetch(2)", "R(5).prefetch(tf.data.AUTOTUNE)",
    "R(5).prefetch(-2)", "R(5).prefetch(0)", "R(5).prefetch(2).repeat(2).batch(3)", "L.prefetch(2)", "R(0).prefetch(3)",
    "R(5).shuffle(1)", "R(5).shuffle(0)", "R(5).shuffle(-1)", "R(5).shuffle('a')", "R(5).shuffle(None)",
    "R(5).shuffle(3, seed=tf.constant(3))", "R(5).shuffle(3, seed=3.5)", "R(0).shuffle(3)",
]  # fmt: skip
REDUCED = [
    "R(5).reduce(np.int64(0), lambda s, x: s + x)",
    "R(5).reduce((np.int64(0), 0.), lambda s, x: (s[0] + x, s[1] + 1.))",
    "R(5).reduce(tf.constant([], tf.int64), lambda s, x: tf.concat([s, [x]], 0))", "R(0).reduce(7, lambda s, x: s + 1)",
    "R(5).reduce(np.int64(0), lambda x: x)", "R(5).reduce((np.int64(0), 0.), lambda s, x: s[0])", "R(5).reduce(0, 3)",
    "R(5).reduce(np.int64(0), lambda s, x: 1.5)", "R(5).reduce({'s': np.int64(0)}, lambda s, x: {'s': s['s'] + x})",
    "R(5).reduce({'s': np.int64(0)}, lambda s, x: s['s'])", "R(5).reduce((np.int64(1),), lambda s, x: (s[0] + x,))",
    "D.zip((R(3), R(3))).reduce(np.int64(0), lambda s, p: s + p[0] * p[1])",
    "D.zip((R(3), R(3))).reduce(np.int64(0), lambda s, a, b: s + a * b)", "R(5).reduce([1, 2], lambda s, x: s * 2)",
    "R(5).reduce(initial_state=np.int64(0), reduce_func=lambda a, b: a + b)",
]  # fmt: skip
ASKED = [
    "len(R(5))", "len(L)", "len(U)", "bool(R(0)), bool(L)", "R(5).cardinality()", "L.cardinality()", "R(5) == R(5)",
    "tf.data.INFINITE_CARDINALITY, tf.data.UNKNOWN_CARDINALITY, tf.data.AUTOTUNE", "R(5)[1]", "R(5) + R(5)",
    "iter(R(3)).element_spec", "next(iter(R(0)), None)", "iter(R(0)).get_next()", "iter(R(3)).next()",
    "iter(R(3)).get_next()", "R(3).as_numpy_iterator().next()", "list(R(5).batch(2).as_numpy_iterator())",
    "list(D.from_tensors({'a': [1, 2], 'b': 3.}).as_numpy_iterator())", "list(R(3).as_numpy_iterator())",
    "list(D.from_tensors((1, (2, [3]))).as_numpy_iterator())", "list(R(5).window(2).as_numpy_iterator())",
    "R(3).batch(2).as_numpy_iterator().next().flags.writeable", "isinstance(iter(R(3)), tf.data.Iterator)",
    "isinstance(R(3).as_numpy_iterator(), tf.data.NumpyIterator)", "iter(R(3)).__iter__().next()",
    "tf.data.DatasetSpec(S([], tf.int64))", "tf.data.DatasetSpec(S([], tf.int64)).element_spec",
    "D.range(3).element_spec", "R(5).shape", "D()", "list(iter(R(2)))",
]  # fmt: skip


@pytest.mark.parametrize("line", [*MADE, *GENERATED, *CHOSEN, *MAPPED, *GROUPED, *TOGETHER, *PASSED, *REDUCED, *ASKED])
def test_a_line_gives_what_tensorflow_gives(line: str, oracle: ModuleType) -> None:
    assert_alike(outcome(minitf, line), outcome(oracle, line))


PHRASES = {
    "R(1, 9, 0)": "step must be a non-zero integer",
    "R()": "The length of `args` should be between 1 and 3 but was 0",
    "D.from_tensor_slices(5)": "Unbatching a tensor is only supported for rank >= 1",
    "D.from_tensor_slices(([1, 2, 3], [1, 2]))": "Dimensions 3 and 2 are not compatible",
    "D.from_tensor_slices({})": "`element` should not be empty",
    "G(lambda: [[1, 2]], output_signature=S([], tf.int32))": (
        "TypeError: `generator` yielded an element of shape (2,) where an element of shape () was expected"
    ),
    "G(lambda: [1], output_signature=(S([], tf.int32), S([], tf.int32)))": (
        "did not match the expected structure. The expected structure was (tf.int32, tf.int32), but the yielded "
        "element was 1"
    ),
    "G(lambda: ['a'], output_signature=S([], tf.int32))": (
        "could not be converted to the expected type. The expected type was int32, but the yielded element was a"
    ),
    "G(lambda: (int('a') for _ in range(2)), output_signature=S([], tf.int32))": "ValueError: invalid literal",
    "G(lambda: ({}['a'] for _ in range(2)), output_signature=S([], tf.int32))": "KeyError: 'a'",
    "G(lambda: [3])": "you need to provide either the `output_signature` argument or the",
    "G(3, output_signature=S([]))": "`generator` must be a Python callable",
    "R(5).batch(0)": "Batch size must be greater than zero",
    "R(4).batch(3).batch(2)": (
        "Cannot batch tensors with different shapes in component 0. First element had shape [3] and element 1 had "
        "shape [1]."
    ),
    "D.zip(F.take(2), R(2).map(lambda x: tf.fill([x + 1], x))).unbatch()": (
        "Input element must have the same batch size in each component. Component 0 had size 0 but component 1 had "
        "size, 1"
    ),
    "R(5).unbatch()": "Cannot unbatch an input with scalar components",
    "R(5).shuffle(0)": "buffer_size must be greater than zero or UNKNOWN_CARDINALITY",
    "R(5).prefetch(-2)": "buffer_size must be >= 0 or set buffer_size to be -1 for auto-tuning",
    "R(5).map(3)": "Argument `func` must be a callable. Received func=3 (of type <class 'int'>)",
    "R(5).map(lambda x, y: x)": "missing 1 required positional argument: 'y'",
    "D.zip((R(3), R(3))).map(lambda x: x)": "takes 1 positional argument but 2 were given",
    "R(5).map(lambda x: x, num_parallel_calls=0)": "num_parallel_calls must be greater than zero",
    "R(5).filter(lambda x: x)": (
        "Invalid `predicate`. `predicate` must return a `tf.bool` scalar tensor, but its return type is "
        "TensorSpec(shape=(), dtype=tf.int64, name=None)"
    ),
    "R(5).concatenate(R(3, output_type=tf.int32))": "Incompatible dataset elements:\n  TensorSpec(shape=()",
    "R(5).reduce(np.int64(0), lambda s, x: 1.5)": (
        "The element types for the new state must match the initial state. Expected <dtype: 'int64'> but got "
        "<dtype: 'float32'>"
    ),
    "R(5).reduce((np.int64(0), 0.), lambda s, x: s[0])": "(initial_state=2, output=1)",
    "R(5).window(2, stride=0)": "Window stride must be greater than zero",
    "F.padded_batch(2, padded_shapes=[2])": "Attempted to pad to a smaller size than the input element",
    "D.from_tensors([1, 2]).padded_batch(2, [1])": "The padded shape (1,) is not compatible with the shape (2,)",
    "D.zip([R(3), R(4)])": "Python `list` is not supported and you should use `tuple` instead",
    "D.zip()": "Must pass at least one dataset to `zip`",
    "len(L)": "The dataset is infinite.",
    "len(U)": "The dataset length is unknown.",
    "iter(R(0)).get_next()": "End of sequence",
    "R(5).apply(lambda d: 3)": "`transformation_func` must return a `tf.data.Dataset` object. Got <class 'int'>.",
}


@pytest.mark.parametrize(("line", "phrase"), PHRASES.items())
def test_an_error_is_tensorflows_and_has_its_words(line: str, phrase: str, oracle: ModuleType) -> None:
    ours, theirs = outcome(minitf, line), outcome(oracle, line)
    assert_alike(ours, theirs)
    for error in (ours, theirs):
        assert phrase in str(error)


@pytest.mark.parametrize("seed", [None, 0, 7, -3])
@pytest.mark.parametrize("reshuffle", [True, False])
@pytest.mark.parametrize("size", [1, 3, 9, 40, -2])
def test_a_seeded_shuffle_has_tensorflows_order_in_each_epoch(
    size: int, reshuffle: bool, seed: int | None, oracle: ModuleType
) -> None:
    def orders(tf: Any) -> list[Any]:
        tf.random.set_seed(5)
        drawn = tf.random.uniform([2]).numpy().tolist()
        dataset = tf.data.Dataset.range(9).shuffle(size, seed=seed, reshuffle_each_iteration=reshuffle)
        after = tf.random.uniform([2]).numpy().tolist()
        epochs = [[int(x) for x in dataset] for _ in range(3)]
        return [drawn, after, epochs, [int(x) for x in dataset.repeat(3)], [int(x) for x in dataset.batch(4).unbatch()]]

    assert orders(minitf) == orders(oracle)


def test_without_a_global_seed_a_shuffle_follows_its_own(oracle: ModuleType) -> None:
    from tensorflow.python.eager import context

    def order(tf: Any) -> list[list[int]]:
        dataset = tf.data.Dataset.from_tensor_slices(np.arange(30)).shuffle(10, seed=3).batch(7)
        return [batch.tolist() for batch in dataset.repeat(2).as_numpy_iterator()]

    minitf.random.set_seed(None)
    context.context()._seed = None
    assert order(minitf) == order(oracle)


def test_shuffles_of_shuffles_have_tensorflows_order(oracle: ModuleType) -> None:
    def order(tf: Any) -> Any:
        tf.random.set_seed(1)
        dataset = tf.data.Dataset.range(20).shuffle(5).batch(3).shuffle(4, seed=2).prefetch(1).repeat(2)
        return [batch.tolist() for batch in dataset.as_numpy_iterator()]

    assert order(minitf) == order(oracle)


@pytest.mark.parametrize("line", ["U.repeat(2)", "R(6).shuffle(3).cache()", "D.zip((R(3), R(5))).batch(2)"])
def test_no_gradient_flows_to_what_elements_were_made_of(line: str, oracle: ModuleType) -> None:
    def gradient(tf: Any) -> Any:
        v = tf.Variable(2.0)
        with tf.GradientTape() as tape:
            dataset = eval(line, surroundings(tf)).map(lambda *x: v * 3.0)
            total = v * sum(iter(dataset))
        return total, tape.gradient(total, v)

    assert_alike(gradient(minitf), gradient(oracle))


def test_elements_are_tensors_of_their_own_and_parts_are_compared() -> None:
    assert [type(leaf) for leaf in leaves(outcome(minitf, "D.from_tensors((1, {'a': 2}))")[2])] == [minitf.Tensor] * 2
